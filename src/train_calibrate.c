/*-------------------------------------------------------------------------
 *
 * train_calibrate.c
 *	  The score summary of a new model, from the rows it was trained on.
 *
 * A tree that saw a row while it grew places it differently from one that
 * did not.  So a row has two scores: over all trees, which is what it gets
 * when it is scored again, and over the trees that did not see it, which is
 * what a new row like it would get.  The summary takes the higher one: then
 * no more of the training rows than asked lie above a cut, and new rows like
 * them are flagged no more often either.
 *
 * Where fewer than half of the trees did not see a row, their mean would
 * scatter more than a score does, and the score over all trees stands alone.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* Rows that tell how a row's length scatters from tree to tree. */
#define SPREAD_ROWS 4096

/* Sums of the kept rows over the trees that count for each. */
typedef struct RowSums
{
	int64	   *sums;
	uint32	   *n_trees;
} RowSums;

/* Adds up every row over all trees. */
static void
sum_all_trees(const Model *model, const double *rows, uint32 n_rows,
			  RowSums *totals)
{
	uint32		d = model->summary.n_features;

	for (uint32 i = 0; i < n_rows; i++)
	{
		if (i % 256 == 0)
			CHECK_FOR_INTERRUPTS();
		memcpy(model->row, rows + (size_t) i * d, d * sizeof(double));
		totals->sums[i] = model_sum(model);
		totals->n_trees[i] = model->walk.n_trees;
	}
}

/*
 * The variance of a row's length from tree to tree, mean over rows: of some
 * rows, strewn over all, one tree each.
 */
static double
mean_spread(const Model *model, const double *rows, uint32 n_rows,
			const RowSums *all)
{
	uint32		d = model->summary.n_features;
	uint32		step = (n_rows - 1) / SPREAD_ROWS + 1;
	uint32		n = 0;
	uint64		sum = 0;

	for (uint32 i = 0; i < n_rows; i += step, n++)
	{
		memcpy(model->row, rows + (size_t) i * d, d * sizeof(double));
		sum += model_deviation(model, all->sums[i]);
	}
	return model_spread(sum, n);
}

/*
 * Takes the trees that saw a row out of its sum.  The rows are dealt again,
 * as they were when the trees grew.
 */
static void
drop_seen(const Model *model, const double *rows, const TrainState *state,
		  const ForestGroup *group, RowSums *out)
{
	uint32		n = state->sample.n;
	uint32		d = state->n_features;
	uint32	   *deck = palloc(n * sizeof(uint32));
	uint32	   *index = palloc(group->sample_size * sizeof(uint32));
	uint32	   *last_tree = palloc0(n * sizeof(uint32));	/* tree + 1 */
	double	   *slots = palloc(2 * d * sizeof(double));
	ForestDealer dealer;

	forest_dealer_init(&dealer, deck, n, state->sample.seen,
					   (uint64) state->options.seed);
	for (uint32 tree = 0; tree < group->n_trees; tree++)
	{
		CHECK_FOR_INTERRUPTS();
		forest_deal(&dealer, index, group->sample_size,
					state->options.bootstrap);
		for (uint32 i = 0; i < group->sample_size; i++)
		{
			uint32		row = index[i];

			forest_pause_at(i);
			/* with bootstrap a tree may have a row twice */
			if (last_tree[row] == tree + 1)
				continue;
			last_tree[row] = tree + 1;
			forest_walk_slots(&model->walk, rows + (size_t) row * d, slots);
			out->sums[row] -=
				model->walk.values[forest_walk_leaf(&model->walk, tree, slots)];
			out->n_trees[row]--;
		}
	}
	pfree(slots);
	pfree(last_tree);
	pfree(index);
	pfree(deck);
}

/* The length that stands for row i in the summary; see above. */
static double
row_length(const Model *model, const RowSums *all, const RowSums *unseen,
		   uint32 i)
{
	double		length = forest_mean_length(all->sums[i], model->walk.scale,
											all->n_trees[i]);

	if (2 * (uint64) unseen->n_trees[i] < all->n_trees[i])
		return length;
	return Min(length, forest_mean_length(unseen->sums[i], model->walk.scale,
										  unseen->n_trees[i]));
}

/*
 * Returns a new model (whose trees are one group) with the score summary of
 * its training rows, palloc'd in the current context.  "rows" are the
 * state's, with the model's codes.
 */
bytea *
train_calibrate(bytea *bytes, const double *rows, const TrainState *state,
				const ForestGroup *group)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest calibration",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	uint32		n = state->sample.n;
	ForestPair *masses = palloc_extended(n * sizeof(ForestPair),
										 MCXT_ALLOC_HUGE);
	RowSums		all;
	RowSums		unseen;
	ForestView	view;
	Model	   *model;
	bytea	   *result;

	(void) model_open(PointerGetDatum(bytes), &view);
	model = model_load(&view);
	all.sums = palloc_extended(n * sizeof(int64), MCXT_ALLOC_HUGE);
	all.n_trees = palloc(n * sizeof(uint32));
	unseen.sums = palloc_extended(n * sizeof(int64), MCXT_ALLOC_HUGE);
	unseen.n_trees = palloc(n * sizeof(uint32));
	sum_all_trees(model, rows, n, &all);
	memcpy(unseen.sums, all.sums, n * sizeof(int64));
	memcpy(unseen.n_trees, all.n_trees, n * sizeof(uint32));
	drop_seen(model, rows, state, group, &unseen);
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		masses[i].key = forest_sort_key(row_length(model, &all, &unseen, i));
		masses[i].value = 1;
	}

	MemoryContextSwitchTo(old);
	result = calibrate_model(&view, bytes, masses, n,
							 mean_spread(model, rows, n, &all));
	MemoryContextDelete(context);
	return result;
}
