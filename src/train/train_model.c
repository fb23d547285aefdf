/*-------------------------------------------------------------------------
 *
 * train_model.c
 *	  From a training state to a model: categories in order, trees grown,
 *	  bytes written.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/base/forest_math.h"
#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/grow/forest_grow.h"
#include "core/grow/forest_sample.h"
#include "model/model_parts.h"
#include "model/model_text.h"
#include "sketch/document_sample.h"
#include "sketch/row_sample.h"
#include "train/train_calibrate.h"
#include "train/train_model.h"
#include "train/train_profile.h"

/* A category and the code it has in the state. */
typedef struct SortedCategory
{
	ForestString bytes;
	uint32		code;
} SortedCategory;

/* Everything on the way from a state to a model. */
typedef struct Training
{
	const RowSample *state;
	double	   *rows;			/* ordered, with codes ordered as categories */
	uint64	   *keys;			/* of these */
	ForestFeature *features;
	ForestString *strings;
	uint32	   *n_categories;
	uint32		max_categories; /* the greatest of these */
	ModelParts	model;
} Training;

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

/*
 * Copies a state's rows in an order that does not depend on how they came
 * into it: the model is to depend on which rows were kept alone.
 */
static void
order_rows(Training *t)
{
	const RowSample *state = t->state;
	Size		size = state->n_features * sizeof(double);
	uint32	   *order = row_sample_order(state);

	t->rows = palloc(state->sample.n * size);
	t->keys = palloc(state->sample.n * sizeof(uint64));
	for (uint32 i = 0; i < state->sample.n; i++)
	{
		forest_pause_at(i);
		memcpy(t->rows + (Size) i * state->n_features,
			   state->rows + (Size) order[i] * state->n_features, size);
		t->keys[i] = state->sample.keys[order[i]];
	}
	pfree(order);
}

/* Fills strings, n_categories and rows. */
static void
prepare_rows(Training *t)
{
	const RowSample *state = t->state;
	uint32		d = state->n_features;
	uint32		n_strings = d;

	for (uint32 f = 0; f < d; f++)
		n_strings += state->features[f].n_used;
	t->strings = palloc(n_strings * sizeof(ForestString));
	t->n_categories = palloc0(d * sizeof(uint32));
	order_rows(t);
	t->model.parts.n_strings = d;
	for (uint32 f = 0; f < d; f++)
	{
		const SampleFeature *feature = &state->features[f];
		double	   *new_codes;

		t->strings[f].bytes = feature->name;
		t->strings[f].len = (uint32) strlen(feature->name);
		t->strings[f] = model_string(t->strings[f]);
		if (!forest_type_is_category(feature->type))
			continue;
		new_codes = palloc(Max(feature->n_codes, 1) * sizeof(double));
		t->n_categories[f] = sort_categories(feature,
											 t->strings + t->model.parts.n_strings,
											 new_codes);
		t->model.parts.n_strings += t->n_categories[f];
		t->max_categories = Max(t->max_categories, t->n_categories[f]);
		recode(t->rows, state->sample.n, d, f, new_codes);
		pfree(new_codes);
	}
	check_lengths(t->strings, t->model.parts.n_strings);
}

/* Fills what the model tells about each feature. */
static void
describe_features(Training *t)
{
	uint32		d = t->state->n_features;

	t->features = palloc(d * sizeof(ForestFeature));
	for (uint32 f = 0; f < d; f++)
	{
		ForestFeature *feature = &t->features[f];

		feature->type = t->state->features[f].type;
		feature->n_categories = t->n_categories[f];
		feature->n_missing = 0;
		feature->minimum = feature->maximum = NAN;
	}
	for (uint32 i = 0; i < t->state->sample.n; i++)
	{
		const double *row = t->rows + (size_t) i * d;

		if (i % 64 == 0)
			CHECK_FOR_INTERRUPTS();
		for (uint32 f = 0; f < d; f++)
		{
			ForestFeature *feature = &t->features[f];

			if (isnan(row[f]))
				feature->n_missing++;
			else if (!forest_type_is_category(feature->type))
			{
				if (!(row[f] >= feature->minimum))
					feature->minimum = row[f];
				if (!(row[f] <= feature->maximum))
					feature->maximum = row[f];
			}
		}
	}
}

/*
 * Grows one tree of the rows that scratch->index lists and appends it to the
 * model.  Categorical splits take as much room as they turn out to need:
 * what does not fit grows again, from the same generator and rows.
 */
static void
append_tree(Training *t, uint32 tree_number, uint32 n_rows, uint32 max_depth,
			uint32 n_columns, ForestGrowScratch *scratch, uint32 *index)
{
	ForestRows	rows = {t->rows, t->state->n_features, t->n_categories};
	ForestParts *parts = &t->model.parts;
	uint64		n_sets = t->max_categories > 0 ? 8 * (uint64) n_rows : 0;
	ForestTree	tree;
	ForestRng	rng;

	for (;;)
	{
		model_parts_reserve(&t->model, (ModelRoom)
							{
								.trees = 1,
								.nodes = 2 * (uint64) n_rows,
								.cuts = n_rows,
								.leaves = n_rows,
								.sets = n_sets
							});
		tree.nodes = t->model.nodes + parts->n_nodes;
		tree.cuts = t->model.cuts + parts->n_cuts;
		tree.leaves = t->model.leaves + parts->n_leaves;
		tree.sets = t->model.sets + parts->n_sets;
		tree.max_sets = t->model.max_sets - parts->n_sets;
		forest_copy(scratch->index, index, n_rows * sizeof(uint32));
		forest_rng_start(&rng, (uint64) t->state->options.seed,
						 FOREST_FOR_TREE, tree_number);
		if (forest_grow_tree(&rows, n_rows, max_depth, n_columns, &rng,
							 scratch, &tree) == FOREST_OK)
			break;
		n_sets = 2 * Max(n_sets, tree.max_sets);
		CHECK_FOR_INTERRUPTS();
	}
	t->model.tree_nodes[parts->summary.n_trees++] = tree.n_nodes;
	parts->n_nodes += tree.n_nodes;
	parts->n_cuts += tree.n_cuts;
	parts->n_leaves += tree.n_leaves;
	parts->n_sets += tree.n_sets;
}

/* Grows all trees; "group" says how. */
static void
grow_trees(Training *t, const ForestGroup *group)
{
	const TrainOptions *options = &t->state->options;
	uint32		n = t->state->sample.n;
	uint32		d = t->state->n_features;
	uint32		n_rows = group->sample_size;
	/* the share is decimal: 0.29 of 100 columns are 29 */
	uint32		n_columns = Max(1, (uint32) (options->max_features * d + 1e-6));
	uint32	   *index = palloc(n_rows * sizeof(uint32));
	uint32	   *deck = palloc(n * sizeof(uint32));
	ForestDealer dealer;
	ForestGrowScratch scratch;
	void	   *memory;

	memory = palloc_extended(forest_grow_scratch_size(n_rows, d,
													  t->max_categories),
							 MCXT_ALLOC_HUGE);
	forest_grow_scratch_init(&scratch, memory, n_rows, d, t->max_categories);
	forest_dealer_init(&dealer, deck, n, t->state->sample.seen,
					   (uint64) options->seed);
	for (uint32 i = 0; i < group->n_trees; i++)
	{
		CHECK_FOR_INTERRUPTS();
		forest_deal(&dealer, index, n_rows, options->bootstrap);
		append_tree(t, i, n_rows, group->depth_limit, n_columns, &scratch,
					index);
	}
	pfree(memory);
	pfree(deck);
	pfree(index);
}

/* Fills the summary, but for n_trees, which counts as trees are added. */
static void
summarise(Training *t)
{
	const TrainOptions *options = &t->state->options;
	ForestSummary *sum = &t->model.parts.summary;

	sum->n_features = t->state->n_features;
	sum->n_groups = 1;
	sum->flags = (options->bootstrap ? FOREST_FLAG_BOOTSTRAP : 0) |
		(options->seed_given ? 0 : FOREST_FLAG_SEED_DRAWN);
	sum->rows_seen = t->state->sample.seen;
	sum->rows_kept = t->state->sample.n;
	sum->seed = (uint64) options->seed;
	sum->sample_size = (uint32) options->sample_size;
	sum->max_depth = options->max_depth < 0 ? FOREST_DEPTH_DEFAULT :
		(uint32) options->max_depth;
	sum->max_categories = (uint32) options->max_categories;
	sum->max_features = options->max_features;
	sum->contamination = options->contamination;
}

/* How the trees of a state are grown. */
static ForestGroup
describe_group(const RowSample *state)
{
	ForestGroup group;

	group.n_trees = (uint32) state->options.n_trees;
	group.sample_size = (uint32) Min(state->options.sample_size,
									 state->sample.n);
	if (state->options.max_depth < 0)
		group.depth_limit = Max(1, forest_default_depth(group.sample_size));
	else
		group.depth_limit = (uint32) state->options.max_depth;
	return group;
}

/*
 * Returns the model of a state that has rows, palloc'd in the current
 * context.  The state is left as it is.
 */
bytea *
train_model(const RowSample *state)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest training",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Training	t = {0};
	ForestGroup group = describe_group(state);
	bytea	   *bytes;

	state = document_sample_settle(state, true);
	t.state = state;
	prepare_rows(&t);
	describe_features(&t);
	train_curves(state, t.rows, t.features, &t.model.parts);
	t.model.parts.category_rows = train_category_rows(state, t.rows,
													  t.n_categories);
	summarise(&t);
	grow_trees(&t, &group);
	t.model.parts.features = t.features;
	t.model.parts.strings = t.strings;
	t.model.parts.groups = &group;

	bytes = model_parts_write(&t.model);
	MemoryContextSwitchTo(old);
	bytes = train_calibrate(bytes, t.rows, t.keys, state, &group);
	MemoryContextDelete(context);
	return bytes;
}
