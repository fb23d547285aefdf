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
#include "sketch/document_sample.h"
#include "sketch/ordered_rows.h"
#include "sketch/row_sample.h"
#include "sketch/row_weights.h"
#include "sketch/train_options.h"
#include "train/train_calibrate.h"
#include "train/train_generator.h"
#include "train/train_model.h"
#include "train/train_profile.h"
#include "train/train_projections.h"

/* Everything on the way from a state to a model. */
typedef struct Training
{
	const RowSample *state;		/* rows as often as they are worth */
	uint64		rows_seen;
	bool		weighted;
	OrderedRows ordered;
	ForestFeature *features;
	ModelParts	model;
	Candidates	candidates;		/* of splits, where there are projections */
	double	   *columns;		/* of a tree's rows, likewise */
	uint32	   *n_categories;	/* of these columns */
	GrownRows	grown;
} Training;

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
		feature->n_categories = t->ordered.n_categories[f];
		feature->n_missing = 0;
		feature->minimum = feature->maximum = NAN;
	}
	for (uint32 i = 0; i < t->state->sample.n; i++)
	{
		const double *row = t->ordered.rows + (size_t) i * d;

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
 * The rows that a tree of the n_rows rows in index[] grows from: all kept ones,
 * or, where trees look at projections, these rows' columns.
 */
static ForestRows
tree_rows(Training *t, const uint32 *index, uint32 n_rows)
{
	const ForestProjections *all = &t->model.parts.projections;
	uint32		d = t->state->n_features;
	Size		width = d + (Size) all->n;

	if (all->n == 0)
		return (ForestRows) {t->ordered.rows, d, t->ordered.n_categories};
	for (uint32 i = 0; i < n_rows; i++)
	{
		const double *row = t->ordered.rows + (Size) index[i] * d;
		double	   *columns = t->columns + i * width;

		forest_pause_at(i);
		memcpy(columns, row, d * sizeof(double));
		for (uint32 k = 0; k < all->n; k++)
			columns[d + k] = forest_project(all, k, row);
	}
	return (ForestRows) {t->columns, (uint32) width, t->n_categories};
}

/*
 * Makes room for the columns of a tree's rows, where the forest has
 * projections, and lists what its trees choose among.
 */
static void
prepare_columns(Training *t, uint32 n_rows)
{
	uint32		d = t->state->n_features;
	uint32		width = d + t->model.parts.projections.n;

	if (t->model.parts.projections.n == 0)
		return;
	t->candidates = train_candidates(&t->model.parts);
	t->columns = palloc_extended((Size) n_rows * width * sizeof(double),
								 MCXT_ALLOC_HUGE);
	t->n_categories = palloc0(width * sizeof(uint32));
	memcpy(t->n_categories, t->ordered.n_categories, d * sizeof(uint32));
}

/*
 * Fills "numbers" with those that the rows listed by index[] have among what
 * tree_rows has returned.
 */
static void
number_rows(const Training *t, const uint32 *index, uint32 n_rows,
			uint32 *numbers)
{
	bool		numbered = t->model.parts.projections.n > 0;

	for (uint32 i = 0; i < n_rows; i++)
	{
		forest_pause_at(i);
		numbers[i] = numbered ? i : index[i];
	}
}

/*
 * Notes the rows of a tree as growing has left them, leaf by leaf.  Where
 * trees look at projections, these are numbers of the tree's rows, which
 * index[] lists.
 */
static void
note_grown(Training *t, uint32 tree, uint32 n_rows, const uint32 *grown,
		   const uint32 *index)
{
	uint32	   *rows = t->grown.rows + (Size) tree * n_rows;
	bool		numbered = t->model.parts.projections.n > 0;

	for (uint32 i = 0; i < n_rows; i++)
	{
		forest_pause_at(i);
		rows[i] = numbered ? index[grown[i]] : grown[i];
	}
}

/*
 * Grows one tree of the rows that index[] lists and appends it to the
 * model.  Categorical splits take as much room as they turn out to need:
 * what does not fit grows again, from the same generator and rows.
 */
static void
append_tree(Training *t, uint32 tree_number, uint32 n_rows,
			const ForestGrowth *growth, ForestGrowScratch *scratch,
			const uint32 *index)
{
	ForestRows	rows = tree_rows(t, index, n_rows);
	ForestParts *parts = &t->model.parts;
	uint64		n_sets =
		t->ordered.max_categories > 0 ? 8 * (uint64) n_rows : 0;
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
		number_rows(t, index, n_rows, scratch->index);
		forest_rng_start(&rng, (uint64) t->state->options.seed,
						 FOREST_FOR_TREE, tree_number);
		if (forest_grow_tree(&rows, n_rows, growth, &rng, scratch,
							 &tree) == FOREST_OK)
			break;
		n_sets = 2 * Max(n_sets, tree.max_sets);
		CHECK_FOR_INTERRUPTS();
	}
	t->model.tree_nodes[parts->summary.n_trees++] = tree.n_nodes;
	parts->n_nodes += tree.n_nodes;
	parts->n_cuts += tree.n_cuts;
	parts->n_leaves += tree.n_leaves;
	parts->n_sets += tree.n_sets;
	note_grown(t, tree_number, n_rows, scratch->index, index);
}

/* Grows all trees; "group" says how. */
static void
grow_trees(Training *t, const ForestGroup *group)
{
	const TrainOptions *options = &t->state->options;
	uint32		n = t->state->sample.n;
	uint32		d = t->candidates.n > 0 ? t->candidates.n :
		t->state->n_features;
	uint32		n_rows = group->sample_size;
	ForestGrowth growth = {
		.max_depth = group->depth_limit,
		/* the share is decimal: 0.29 of 100 columns are 29 */
		.n_columns = Max(1, (uint32) (options->max_features * d + 1e-6)),
		.guided = train_guided(options),
		.candidates = t->candidates.columns,
		.n_candidates = t->candidates.n,
		.projections = &t->model.parts.projections
	};
	bool		guided = growth.guided > 0;
	uint32	   *index = palloc(n_rows * sizeof(uint32));
	uint32	   *deck = palloc(n * sizeof(uint32));
	ForestDealer dealer;
	ForestGrowScratch scratch;
	void	   *memory;

	memory = palloc_extended(forest_grow_scratch_size(n_rows, d,
													  t->ordered.max_categories,
													  guided),
							 MCXT_ALLOC_HUGE);
	forest_grow_scratch_init(&scratch, memory, n_rows, d,
							 t->ordered.max_categories, guided);
	t->grown.rows = palloc_extended((Size) group->n_trees * n_rows *
									sizeof(uint32), MCXT_ALLOC_HUGE);
	forest_dealer_init(&dealer, deck, n,
					   forest_sample_seen(&t->state->sample),
					   (uint64) options->seed);
	for (uint32 i = 0; i < group->n_trees; i++)
	{
		CHECK_FOR_INTERRUPTS();
		forest_deal(&dealer, index, n_rows, options->bootstrap);
		append_tree(t, i, n_rows, &growth, &scratch, index);
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
		(options->seed_given ? 0 : FOREST_FLAG_SEED_DRAWN) |
		(t->weighted ? FOREST_FLAG_WEIGHTED : 0);
	sum->rows_seen = t->rows_seen;
	sum->rows_kept = t->state->sample.n;
	sum->rows_effective = t->state->effective;
	sum->seed = (uint64) options->seed;
	sum->sample_size = (uint32) options->sample_size;
	sum->max_depth = options->max_depth < 0 ? FOREST_DEPTH_DEFAULT :
		(uint32) options->max_depth;
	sum->max_categories = (uint32) options->max_categories;
	sum->max_features = options->max_features;
	sum->guided = train_guided(options);
	if (train_columns_per_split(options) > 1)
		sum->columns_per_split = train_columns_per_split(options);
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
	ForestGroup group;
	bytea	   *bytes;

	Assert(state->n_waiting == 0);
	t.rows_seen = forest_sample_seen(&state->sample);
	t.weighted = state->sample.weighted;
	state = row_sample_expand(document_sample_settle(state, true));
	t.state = state;
	group = describe_group(state);
	order_rows(state, ORDER_BY_TURN, &t.ordered);
	t.model.parts.n_strings = t.ordered.n_strings;
	describe_features(&t);
	train_curves(state, t.ordered.rows, t.features, &t.model.parts);
	t.model.parts.category_rows = train_category_rows(state, t.ordered.rows,
													  t.ordered.n_categories);
	summarise(&t);
	t.model.parts.features = t.features;
	train_projections(state, t.ordered.rows, &t.model.parts);
	prepare_columns(&t, group.sample_size);
	grow_trees(&t, &group);
	train_generator(state, t.ordered.rows, t.ordered.n_categories,
					&t.model.parts);
	t.model.parts.strings = t.ordered.strings;
	t.model.parts.groups = &group;

	bytes = model_parts_write(&t.model);
	MemoryContextSwitchTo(old);
	t.grown.leaf_rows = t.model.leaves;
	bytes = train_calibrate(bytes, t.ordered.rows, t.ordered.keys,
							state->sample.n, &t.grown, &group);
	MemoryContextDelete(context);
	return bytes;
}
