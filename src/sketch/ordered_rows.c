/*-------------------------------------------------------------------------
 *
 * ordered_rows.c
 *	  The rows of a sample in an order of their own, and its categories in
 *	  theirs: what models and sketches are written from.
 *
 * So the bytes depend on which rows were kept alone, and not on how they came
 * to be.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model_text.h"
#include "sketch/ordered_rows.h"
#include "sketch/row_sample.h"

/* A category and the code it has in the state. */
typedef struct SortedCategory
{
	ForestString bytes;
	uint32		code;
} SortedCategory;

/* Orders categories by their bytes, and so their codes. */
static int
compare_categories(const void *a, const void *b, void *arg)
{
	return forest_string_compare(((const SortedCategory *) a)->bytes,
								 ((const SortedCategory *) b)->bytes);
}

/* Converting to UTF-8 may have made strings longer than a model's may be. */
static void
check_lengths(const ForestString *strings, uint32 n)
{
	uint64		bytes = 0;

	for (uint32 i = 0; i < n; i++)
	{
		bytes += strings[i].len;
		if (strings[i].len > FOREST_MAX_STRING || bytes > FOREST_MAX_STRINGS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("names and categories are too long in UTF8, which models hold them in"),
					 errdetail("At most %d bytes each and %u MB in all are supported.",
							   FOREST_MAX_STRING, FOREST_MAX_STRINGS >> 20),
					 errhint("Leave columns of long values out, or group these.")));
	}
}

/* Few encodings have two ways to write what is one character in a model. */
static void
check_different(const SampleFeature *feature, const SortedCategory *sorted,
				uint32 n)
{
	for (uint32 i = 1; i < n; i++)
	{
		if (compare_categories(&sorted[i - 1], &sorted[i], NULL) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
					 errmsg("two values of column \"%s\" are the same text in UTF8",
							feature->name),
					 errhint("Replace one by the other.")));
	}
}

/*
 * Lists the categories of a feature in bytewise order, so that a model does
 * not depend on the order in which they were met; fills their strings and
 * new_codes, from the state's codes to the model's.
 */
static uint32
sort_categories(const SampleFeature *feature, ForestString *strings,
				double *new_codes)
{
	SortedCategory *sorted =
		palloc(Max(feature->n_used, 1) * sizeof(SortedCategory));
	uint32		n = 0;

	for (uint32 code = 0; code < feature->n_codes; code++)
	{
		if (feature->codes[code].rows == 0)
			continue;
		sorted[n].bytes = model_string(feature->codes[code].bytes);
		sorted[n++].code = code;
	}
	qsort_interruptible(sorted, n, sizeof(SortedCategory), compare_categories,
						NULL);
	check_different(feature, sorted, n);
	for (uint32 i = 0; i < n; i++)
	{
		strings[i] = sorted[i].bytes;
		new_codes[sorted[i].code] = i;
	}
	pfree(sorted);
	return n;
}

/* Replaces a feature's codes in the rows. */
static void
recode(double *rows, uint32 n_rows, uint32 n_features, uint32 f,
	   const double *new_codes)
{
	forest_pause();
	for (uint32 i = 0; i < n_rows; i++)
	{
		double	   *v = &rows[(size_t) i * n_features + f];

		forest_pause_at(i);
		if (!isnan(*v))
			*v = new_codes[(uint32) *v];
	}
}

/* Copies the weights of a state's rows, if they are not all 1. */
static void
copy_weights(const RowSample *state, const uint32 *slots,
			 OrderedRows *ordered)
{
	bool		some = false;

	ordered->weights = NULL;
	if (!state->sample.weighted)
		return;
	ordered->weights = palloc(state->sample.n * sizeof(double));
	for (uint32 i = 0; i < state->sample.n; i++)
	{
		forest_pause_at(i);
		ordered->weights[i] = state->weighed[slots[i]].weight;
		some |= ordered->weights[i] != 1.0;
	}
	if (!some)
		ordered->weights = NULL;
}

/* Copies a state's rows in an order. */
static void
copy_rows(const RowSample *state, RowOrder order, OrderedRows *ordered)
{
	Size		size = state->n_features * sizeof(double);
	uint32	   *slots = row_sample_order(state, order);

	ordered->rows = palloc(state->sample.n * size);
	ordered->keys = palloc(state->sample.n * sizeof(uint64));
	for (uint32 i = 0; i < state->sample.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		memcpy(ordered->rows + (Size) i * state->n_features,
			   state->rows + (Size) slots[i] * state->n_features, size);
		ordered->keys[i] = row_sample_key(state, slots[i]).key;
	}
	copy_weights(state, slots, ordered);
	pfree(slots);
}

/* Lists the categories of a feature, and has the rows go by the list. */
static void
order_categories(const RowSample *state, uint32 f, OrderedRows *ordered)
{
	const SampleFeature *feature = &state->features[f];
	double	   *new_codes =
		palloc(Max(feature->n_codes, 1) * sizeof(double));

	ordered->n_categories[f] =
		sort_categories(feature, ordered->strings + ordered->n_strings,
						new_codes);
	ordered->n_strings += ordered->n_categories[f];
	ordered->max_categories = Max(ordered->max_categories,
								  ordered->n_categories[f]);
	recode(ordered->rows, state->sample.n, state->n_features, f, new_codes);
	pfree(new_codes);
}

/*
 * Fills "ordered" from a state that has rows, and is left as it is; all is
 * palloc'd.
 */
void
order_rows(const RowSample *state, RowOrder order, OrderedRows *ordered)
{
	uint32		d = state->n_features;
	uint32		n_strings = d;

	for (uint32 f = 0; f < d; f++)
		n_strings += state->features[f].n_used;
	ordered->strings = palloc(n_strings * sizeof(ForestString));
	ordered->n_strings = d;
	ordered->n_categories = palloc0(d * sizeof(uint32));
	ordered->max_categories = 0;
	copy_rows(state, order, ordered);
	for (uint32 f = 0; f < d; f++)
	{
		ForestString name = {state->features[f].name,
		(uint32) strlen(state->features[f].name)};

		ordered->strings[f] = model_string(name);
		if (forest_type_is_category(state->features[f].type))
			order_categories(state, f, ordered);
	}
	check_lengths(ordered->strings, ordered->n_strings);
}
