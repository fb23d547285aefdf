/*-------------------------------------------------------------------------
 *
 * train_calibrate.c
 *	  The calibration of a new model, from the rows it was trained on.
 *
 * A tree that saw a row while it grew places it differently from one that did
 * not.  So a row has two scores: over all trees, which is what it gets when it
 * is scored again, and over the trees that did not see it, which is what a new
 * row like it would get (out of bag, as Breiman: Random Forests, 2001, has
 * it). The calibration takes the higher one: then no more of the training rows
 * than asked lie above a threshold, and new rows like them are flagged no more
 * often either.
 *
 * Of very many kept rows a sample is enough, as it is for iforest_calibrate.
 *
 * Where fewer than half of the trees did not see a row, their mean would
 * scatter more than a score does, and the score over all trees stands alone.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/score/forest_block.h"
#include "core/score/forest_learn.h"
#include "core/score/forest_walk.h"
#include "model/model.h"
#include "model/model_bytes.h"
#include "model/model_calibrate.h"
#include "model/model_load.h"
#include "model/model_score.h"
#include "train/train_calibrate.h"

/* Rows that tell how a row's length scatters from tree to tree. */
#define SPREAD_ROWS 4096

/* The kept rows, and which of them the calibration is made of. */
typedef struct CalibrationRows
{
	const double *values;		/* n * features */
	const uint64 *keys;
	uint64		greatest_key;	/* of those in the calibration */
	uint32		n;
} CalibrationRows;

/* Sums of the kept rows over the trees that count for each. */
typedef struct RowSums
{
	int64	   *sums;
	uint32	   *n_trees;
} RowSums;

/*
 * The greatest key of the rows that the calibration is made of.  Rows were kept
 * for the smallest random keys, so those with still smaller ones are a
 * uniform sample of them.
 */
static uint64
calibration_key(const uint64 *keys, uint32 n)
{
	ForestPair *pairs;
	uint64		key;

	if (n <= MODEL_CALIBRATION_ROWS)
		return PG_UINT64_MAX;
	pairs = palloc_extended(2 * (Size) n * sizeof(ForestPair),
							MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		pairs[i] = (ForestPair) {keys[i], i};
	}
	forest_sort(pairs, pairs + n, n);
	key = pairs[MODEL_CALIBRATION_ROWS - 1].key;
	pfree(pairs);
	return key;
}

/* Whether row i is one of those that the calibration is made of. */
static inline bool
is_calibrating(const CalibrationRows *rows, uint32 i)
{
	return rows->keys[i] <= rows->greatest_key;
}

/* Puts a row where scoring finds it. */
static void
set_row(const Model *model, const CalibrationRows *rows, uint32 i)
{
	uint32		d = model->summary.n_features;

	memcpy(model->row, rows->values + (size_t) i * d, d * sizeof(double));
}

/* Adds up every row of the calibration over all trees. */
static void
sum_all_trees(const Model *model, const CalibrationRows *rows, RowSums *totals)
{
	Size		d = model->summary.n_features;
	void	   *scratch;

	model_expect_rows(model, rows->n);
	scratch = palloc(model_sums_size(model));
	for (uint32 i = 0; i < rows->n;)
	{
		uint32		n = 0;

		/* as many as lie behind one another in the calibration */
		while (n < FOREST_BATCH_ROWS && i + n < rows->n &&
			   is_calibrating(rows, i + n))
			totals->n_trees[i + n++] = model->walk.n_trees;
		if (n > 0)
			model_sums(model, rows->values + i * d, n, totals->sums + i,
					   scratch);
		i += Max(n, 1);
		CHECK_FOR_INTERRUPTS();
	}
	pfree(scratch);
}

/*
 * The variance of a row's length from tree to tree, mean over rows: of some
 * rows, strewn over all, one tree each.
 */
static double
mean_spread(const Model *model, const CalibrationRows *rows, const RowSums *all)
{
	uint32		step = (rows->n - 1) / SPREAD_ROWS + 1;
	uint32		n = 0;
	uint64		sum = 0;

	for (uint32 i = 0; i < rows->n; i += step)
	{
		/* the next one that is in the calibration */
		uint32		row = i;

		CHECK_FOR_INTERRUPTS();
		while (row < rows->n && !is_calibrating(rows, row))
			row++;
		if (row == rows->n)
			break;
		set_row(model, rows, row);
		sum += model_deviation(model, all->sums[row]);
		n++;
	}
	return model_spread(sum, n);
}

/* The values of the leaves as they are stored, in preorder; palloc'd. */
static int64 *
leaf_values(const ForestWalk *walk)
{
	uint32	   *numbers = palloc_extended(walk->n_nodes * sizeof(uint32),
										  MCXT_ALLOC_HUGE);
	int64	   *values = palloc_extended(walk->n_nodes * sizeof(int64),
										 MCXT_ALLOC_HUGE);

	forest_number_leaves(walk, numbers);
	for (uint32 node = 0; node < walk->n_nodes; node++)
	{
		forest_pause_at(node);
		if (forest_walk_is_leaf(walk, node))
			values[numbers[node]] = walk->values[node];
	}
	pfree(numbers);
	return values;
}

/*
 * Takes the trees that saw a row out of its sum, each once (with bootstrap a
 * tree may have a row twice): marks[i] is the last one that had row i.
 */
static void
drop_seen(const Model *model, const CalibrationRows *rows,
		  const GrownRows *grown, const ForestGroup *group, RowSums *out)
{
	int64	   *values = leaf_values(&model->walk);
	uint32	   *marks = palloc(rows->n * sizeof(uint32));
	const uint32 *row = grown->rows;
	uint32		leaf = 0;

	forest_clear(marks, rows->n * sizeof(uint32));
	for (uint32 tree = 1; tree <= group->n_trees; tree++)
	{
		const uint32 *end = grown->rows + (Size) tree * group->sample_size;

		for (; row < end; leaf++)
		{
			CHECK_FOR_INTERRUPTS();
			for (uint32 i = 0; i < grown->leaf_rows[leaf]; i++, row++)
			{
				forest_pause_at(i);
				if (marks[*row] == tree)
					continue;
				marks[*row] = tree;
				out->sums[*row] -= values[leaf];
				out->n_trees[*row]--;
			}
		}
	}
	pfree(marks);
	pfree(values);
}

/* The length that stands for row i in the calibration; see above. */
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
 * Returns a new model (whose trees are one group) with the calibration of
 * its training rows, palloc'd in the current context.  "values" are the n
 * rows, ordered and with the model's codes, "keys" are theirs.
 */
bytea *
train_calibrate(bytea *bytes, const double *values, const uint64 *keys,
				uint32 n, const GrownRows *grown, const ForestGroup *group)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest calibration",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CalibrationRows rows = {values, keys, calibration_key(keys, n), n};
	ForestPair *masses = palloc_extended(n * sizeof(ForestPair),
										 MCXT_ALLOC_HUGE);
	uint32		n_masses = 0;
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
	sum_all_trees(model, &rows, &all);
	forest_copy(unseen.sums, all.sums, n * sizeof(int64));
	forest_copy(unseen.n_trees, all.n_trees, n * sizeof(uint32));
	drop_seen(model, &rows, grown, group, &unseen);
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		if (!is_calibrating(&rows, i))
			continue;
		masses[n_masses].key = forest_sort_key(row_length(model, &all, &unseen,
														  i));
		masses[n_masses++].value = 1;
	}

	MemoryContextSwitchTo(old);
	result = calibrate_model(&view, bytes, masses, n_masses,
							 mean_spread(model, &rows, &all));
	MemoryContextDelete(context);
	return result;
}
