/*-------------------------------------------------------------------------
 *
 * row_sample.c
 *	  A uniform sample of rows, which forests are trained from: the state of
 *	  the aggregates that take rows to train on.
 *
 * A state keeps n_trees x sample_size rows at most, as doubles, and the
 * categories that occur in them.  Everything is palloc'd in the aggregate's
 * context, so that hash aggregation can account for it, and grows by
 * doubling from a few rows, so that a small group takes little.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/names.h"
#include "base/options_state.h"
#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/grow/forest_sample.h"
#include "row/arguments.h"
#include "row/categories.h"
#include "row/types.h"
#include "sketch/number_map.h"
#include "sketch/row_sample.h"
#include "sketch/row_weights.h"
#include "sketch/train_options.h"

#define FIRST_ROWS			8
#define FIRST_CATEGORIES	8

/* A seed nobody asked for; not negative, so that it reads well. */
static int64
draw_seed(void)
{
	return (int64) (pg_prng_uint64(&pg_global_prng_state) >> 1);
}

/*
 * Creates an empty state in "context".  A partial state, to be merged with
 * others, draws its keys from a seed of its own: with equal streams the
 * rows of two workers would be kept or dropped together.
 */
RowSample *
row_sample_create(MemoryContext context, const TrainOptions *options,
				  bool partial)
{
	RowSample *state = MemoryContextAllocZero(context, sizeof(*state));
	uint64		capacity;

	state->context = context;
	options_copy(&train_option_table, options, context, &state->options);
	if (!options->seed_given)
		state->options.seed = draw_seed();

	capacity = (uint64) options->n_trees * (uint64) options->sample_size;
	state->stream = partial ? pg_prng_uint64(&pg_global_prng_state) :
		(uint64) state->options.seed;
	forest_sample_init(&state->sample,
					   (uint32) Min(capacity, FOREST_SKETCH_MAX_ROWS),
					   state->stream, FOREST_FOR_SAMPLE, 0);
	if (options->weight != NULL)
		row_sample_weigh(state);
	return state;
}

/* Whether a column has a name of its own, and this is it. */
static bool
is_column_name(const ArgumentColumn *columns, uint32 n, const char *name)
{
	for (uint32 i = 0; i < n; i++)
	{
		if (columns[i].name != NULL && strcmp(columns[i].name, name) == 0)
			return true;
	}
	return false;
}

/*
 * Name of feature i: the option's, else the column's, else f<i>, with
 * underscores behind it if one of the "n" columns is really called so.
 */
static char *
feature_name(const RowSample *state, const ArgumentColumn *columns, uint32 n,
			 uint32 i)
{
	char	   *name;

	if (state->options.feature_names.n > 0)
		return state->options.feature_names.names[i];
	if (columns[i].name != NULL)
		return MemoryContextStrdup(state->context, columns[i].name);
	name = psprintf("f%u", i + 1);
	while (is_column_name(columns, n, name))
		name = psprintf("%s_", name);
	return MemoryContextStrdup(state->context, name);
}

/* Two features of one name could not be told apart. */
static void
check_names(const RowSample *state)
{
	char	  **names = palloc(state->n_features * sizeof(char *));
	const char *repeated;

	for (uint32 i = 0; i < state->n_features; i++)
		names[i] = state->features[i].name;
	repeated = repeated_name(names, state->n_features);
	if (repeated != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_COLUMN),
				 errmsg("two columns are named \"%s\"", repeated),
				 errhint("Name the features with iforest_options(feature_names => ..).")));
	pfree(names);
}

/* How many of the columns there are up to the last one that has a name. */
static uint32
count_to_last_name(const ArgumentColumn *columns, uint32 n)
{
	while (n > 0 && columns[n - 1].name == NULL)
		n--;
	return n;
}

/*
 * Fixes the features of a state that has none yet; columns are n_features
 * of a supported type each.
 */
void
row_sample_define(RowSample *state, uint32 n_features,
				  const ArgumentColumn *columns)
{
	uint32		n_named = count_to_last_name(columns, n_features);
	int			n_names = state->options.feature_names.n;
	bool		some_category = false;

	if (n_names > 0 && (uint32) n_names != n_features)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"feature_names\" names %d, but there are %u columns",
						n_names, n_features)));

	state->features = MemoryContextAllocZero(state->context,
											 n_features * sizeof(SampleFeature));
	state->n_features = n_features;
	for (uint32 i = 0; i < n_features; i++)
	{
		CHECK_FOR_INTERRUPTS();
		state->features[i].name = feature_name(state, columns, n_named, i);
		state->features[i].type = columns[i].type;
		some_category |= forest_type_is_category(columns[i].type);
	}
	check_names(state);
	if (some_category)
		state->categories = categories_create(state->context, n_features);
}

/*
 * Returns a free code of a feature, enlarging its list if need be.  Rows leave
 * the sample as others come, and a long scan meets far more categories than
 * the sample has at a time.  So codes are given again, and max_categories
 * limits those in use, not those met.
 */
static uint32
free_code(RowSample *state, SampleFeature *feature)
{
	if (feature->n_used < feature->n_codes)
	{
		uint32		code = feature->first_free;

		while (feature->codes[code].bytes.bytes != NULL)
			code++;
		feature->first_free = code + 1;
		return code;
	}
	if (feature->n_codes == feature->max_codes)
	{
		uint32		more = Max(feature->max_codes * 2, FIRST_CATEGORIES);

		if (feature->codes == NULL)
			feature->codes = MemoryContextAlloc(state->context,
												more * sizeof(SampleCategory));
		else
			feature->codes = repalloc(feature->codes,
									  more * sizeof(SampleCategory));
		feature->max_codes = more;
	}
	feature->codes[feature->n_codes].bytes.bytes = NULL;
	feature->codes[feature->n_codes].rows = 0;
	return feature->n_codes++;
}

/* Too many categories: most likely a column that identifies rows. */
static void
report_too_many_categories(const RowSample *state,
						   const SampleFeature *feature)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("column \"%s\" has more than " INT64_FORMAT " different values",
					feature->name, state->options.max_categories),
			 errdetail("It may be an identifier, which tells nothing about how unusual a row is."),
			 errhint("Leave the column out, or group its values, or raise max_categories (at most %d).",
					 FOREST_MAX_CATEGORIES)));
}

/*
 * Refuses a text that is longer than a category can be, and categories that
 * are too long all together: most likely texts that people wrote.
 */
static void
check_category_bytes(const RowSample *state, const SampleFeature *feature,
					 uint32 len)
{
	if (len > FOREST_MAX_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("column \"%s\" has a value of %u bytes, but a category can have at most %d",
						feature->name, len, FOREST_MAX_STRING),
				 errdetail("It may be a free text, which tells nothing about how unusual a row is."),
				 errhint("Leave the column out, or group its values, or train on something short of them, such as length(..) or left(.., 20).")));
	if (state->category_bytes + len > FOREST_MAX_STRINGS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("categories have more than %u MB in all, the last one in column \"%s\"",
						FOREST_MAX_STRINGS >> 20, feature->name),
				 errhint("Leave columns of long values out, or group these.")));
}

/*
 * Returns the code of a category, a new one if the state does not know it.
 * A new code stays in use only if a row with it is placed before the next
 * call for the same feature.
 */
double
row_sample_code(RowSample *state, uint32 feature_number, ForestString bytes)
{
	SampleFeature *feature = &state->features[feature_number];
	int32		found =
		categories_find(state->categories, feature_number, bytes);
	uint32		code;
	char	   *copy;

	if (found >= 0)
		return found;
	if (feature->n_used >= state->options.max_categories)
		report_too_many_categories(state, feature);
	check_category_bytes(state, feature, bytes.len);
	code = free_code(state, feature);
	copy = MemoryContextAlloc(state->context, bytes.len + 1);
	memcpy(copy, bytes.bytes, bytes.len);
	copy[bytes.len] = '\0';
	feature->codes[code].bytes.bytes = copy;
	feature->codes[code].bytes.len = bytes.len;
	feature->n_used++;
	state->category_bytes += bytes.len;
	categories_add(state->categories, feature_number,
				   feature->codes[code].bytes, code);
	return code;
}

/* Adds "change" (1 or -1) to the rows that have each category of a row. */
static void
count_categories(RowSample *state, const double *row, int change)
{
	if (state->categories == NULL)
		return;
	for (uint32 i = 0; i < state->n_features; i++)
	{
		SampleFeature *feature = &state->features[i];
		SampleCategory *category;

		if (!forest_type_is_category(feature->type) || isnan(row[i]))
			continue;
		category = &feature->codes[(uint32) row[i]];
		category->rows += change;
		if (category->rows > 0)
			continue;
		categories_remove(state->categories, i, category->bytes);
		state->category_bytes -= category->bytes.len;
		feature->first_free = Min(feature->first_free,
								  (uint32) (category - feature->codes));
		pfree(unconstify(char *, category->bytes.bytes));
		category->bytes.bytes = NULL;
		feature->n_used--;
	}
}

/* Adds "change" (1 or -1) to the rows that have a value of each key. */
static void
count_values(RowSample *state, const double *row, int change)
{
	if (!state->by_key)
		return;
	for (uint32 i = 0; i < state->n_features; i++)
	{
		if (!isnan(row[i]))
			state->features[i].n_values += change;
	}
}

/* Makes room for at least one more row. */
static void
reserve_row(RowSample *state)
{
	ForestSample *sample = &state->sample;
	uint64		rows = Min(Max((uint64) sample->allocated * 2, FIRST_ROWS),
						   sample->capacity);
	uint64		bytes = rows * state->n_features * sizeof(double);

	if (bytes > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("training sample of " UINT64_FORMAT " rows of %u columns does not fit in 1 GB",
						rows, state->n_features),
				 errhint("Lower n_trees (" INT64_FORMAT ") or sample_size (" INT64_FORMAT "), or train on fewer columns.",
						 state->options.n_trees, state->options.sample_size)));
	if (sample->weighted)
		state->weighed = state->weighed == NULL ?
			MemoryContextAlloc(state->context, rows * sizeof(RowKey)) :
			repalloc(state->weighed, rows * sizeof(RowKey));
	if (sample->allocated == 0)
	{
		state->rows = MemoryContextAlloc(state->context, bytes);
		sample->keys =
			MemoryContextAlloc(state->context, rows * sizeof(uint64));
		sample->links = MemoryContextAlloc(state->context,
										   rows * FOREST_LINK_BYTES);
	}
	else
	{
		state->rows = repalloc(state->rows, bytes);
		sample->keys = repalloc(sample->keys, rows * sizeof(uint64));
		sample->links = repalloc(sample->links, rows * FOREST_LINK_BYTES);
	}
	sample->allocated = (uint32) rows;
}

/*
 * Takes in a row (n_features values, categories as codes of this state)
 * whose key the sample wants.
 */
void
row_sample_place(RowSample *state, RowKey key, const double *row)
{
	ForestSample *sample = &state->sample;
	bool		full = sample->n == sample->capacity;
	uint64		greatest = sample->limit;
	uint32		slot;

	if (!full && sample->n == sample->allocated)
		reserve_row(state);
	slot = forest_sample_place(sample, row_sample_rank(state, key));
	if (state->slots != NULL && full)
		number_map_remove(state->slots, sample->weighted ?
						  state->weighed[slot].key : greatest);
	if (state->slots != NULL)
		number_map_put(state->slots, key.key, slot);
	if (sample->weighted)
		state->weighed[slot] = key;
	if (full)
		row_sample_replace(state, slot, row);
	else
	{
		count_categories(state, row, 1);
		count_values(state, row, 1);
		memcpy(state->rows + (Size) slot * state->n_features, row,
			   state->n_features * sizeof(double));
	}
}

/* Puts a row into a slot that has one. */
void
row_sample_replace(RowSample *state, uint32 slot, const double *row)
{
	double	   *place = state->rows + (Size) slot * state->n_features;

	/* count the new row first: a category that stays must not be dropped */
	count_categories(state, row, 1);
	count_values(state, row, 1);
	count_categories(state, place, -1);
	count_values(state, place, -1);
	memcpy(place, row, state->n_features * sizeof(double));
}

/* Returns the slots of the rows in an order, palloc'd. */
uint32 *
row_sample_order(const RowSample *state, RowOrder order)
{
	uint32		n = state->sample.n;
	uint32	   *slots = palloc(Max(n, 1) * sizeof(uint32));
	ForestPair *pairs = palloc_extended(2 * (Size) Max(n, 1) *
										sizeof(ForestPair), MCXT_ALLOC_HUGE);

	for (uint32 i = 0; i < n; i++)
	{
		uint64		key = row_sample_key(state, i).key;

		forest_pause_at(i);
		pairs[i].key = order == ORDER_BY_KEY ? key :
			forest_splitmix64_turn(key);
		pairs[i].value = i;
	}
	forest_sort(pairs, pairs + n, n);
	if (order == ORDER_BY_KEY && state->sample.weighted)
	{
		/* stable: rows that their weights make equal go by their own keys */
		for (uint32 i = 0; i < n; i++)
			pairs[i].key = state->sample.keys[pairs[i].value];
		forest_sort(pairs, pairs + n, n);
	}
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		slots[i] = (uint32) pairs[i].value;
	}
	pfree(pairs);
	return slots;
}

/*
 * Moves the rows of the n slots with the smallest keys to the front.  Of rows
 * whose ranks are equal at the limit none stays, for which of them did would
 * depend on their slots, and so on the order of the rows.
 */
static void
keep_smallest(RowSample *state, uint32 n)
{
	ForestSample *sample = &state->sample;
	uint32	   *slots = row_sample_order(state, ORDER_BY_KEY);
	uint64		limit = sample->keys[slots[n]];
	uint32		to = 0;

	for (uint32 slot = 0; slot < sample->n; slot++)
	{
		double	   *row = state->rows + (Size) slot * state->n_features;

		CHECK_FOR_INTERRUPTS();
		if (sample->keys[slot] >= limit)
		{
			count_categories(state, row, -1);
			count_values(state, row, -1);
			continue;
		}
		sample->keys[to] = sample->keys[slot];
		if (sample->weighted)
			state->weighed[to] = state->weighed[slot];
		memmove(state->rows + (Size) to * state->n_features, row,
				state->n_features * sizeof(double));
		to++;
	}
	pfree(slots);
	sample->n = to;
}

/*
 * Has a sample keep at most "capacity" (>= 1) rows, fewer than so far or not.
 * Of parts that keep different numbers of rows the union keeps the least: what
 * the smaller one has dropped is gone, and beyond its greatest key the rows of
 * the other would stand for both.
 */
void
row_sample_reduce(RowSample *state, uint32 capacity)
{
	ForestSample *sample = &state->sample;

	if (capacity >= sample->capacity)
		return;
	if (sample->n > capacity)
		keep_smallest(state, capacity);
	sample->capacity = capacity;
	sample->allocated = Min(sample->allocated, capacity);
	(void) forest_sample_restore(sample);
	if (state->slots != NULL)
	{
		number_map_free(state->slots);
		state->slots = NULL;
		row_sample_index(state);
	}
}

/*
 * Prepares for rows that may come twice: from now on row_sample_place notes
 * which slot has which key.  The rows of a scan come once and do without.
 */
void
row_sample_index(RowSample *state)
{
	if (state->slots != NULL)
		return;
	state->slots = number_map_create(state->context,
									 Max(state->sample.n, FIRST_ROWS));
	for (uint32 slot = 0; slot < state->sample.n; slot++)
		number_map_put(state->slots, row_sample_key(state, slot).key, slot);
}

/*
 * Notes that a sample is of rows of a stream, which may be known already with
 * as many rows, or with fewer or more of the same.  Returns whether it is.
 */
bool
row_sample_add_stream(RowSample *state, uint64 id, uint64 rows)
{
	uint64	   *known;
	uint64		more;

	if (state->streams == NULL)
		state->streams = number_map_create(state->context, FIRST_ROWS);
	known = number_map_find(state->streams, id);
	more = known == NULL ? rows : rows - Min(rows, *known);
	if (more > PG_INT64_MAX - state->sample.drawn)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("sketches are of more rows than can be counted")));
	state->merged_seen += more;
	state->sample.drawn += more;
	if (known == NULL)
		number_map_put(state->streams, id, rows);
	else
		*known += more;
	return known != NULL;
}

/* Returns the streams of a sample by ascending ids, palloc'd. */
ForestStream *
row_sample_streams(const RowSample *state, uint32 *n)
{
	uint32		n_others = state->streams == NULL ? 0 :
		number_map_size(state->streams);
	uint64	   *ids = n_others > 0 ? number_map_keys(state->streams) : NULL;
	uint64		seen = forest_sample_seen(&state->sample);
	ForestPair *pairs = palloc_extended(2 * ((Size) n_others + 1) *
										sizeof(ForestPair), MCXT_ALLOC_HUGE);
	ForestStream *streams;

	for (uint32 i = 0; i < n_others; i++)
	{
		pairs[i].key = ids[i];
		pairs[i].value = *number_map_find(state->streams, ids[i]);
	}
	*n = n_others;
	if (seen > state->merged_seen)
		pairs[(*n)++] = (ForestPair) {state->stream, seen -
			state->merged_seen};
	forest_sort(pairs, pairs + n_others + 1, *n);
	streams = palloc(Max(*n, 1) * sizeof(ForestStream));
	for (uint32 i = 0; i < *n; i++)
	{
		forest_pause_at(i);
		streams[i] = (ForestStream) {pairs[i].key, pairs[i].value};
	}
	pfree(pairs);
	return streams;
}
