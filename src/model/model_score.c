/*-------------------------------------------------------------------------
 *
 * model_score.c
 *	  Scoring a row with a decoded model, by the kernel in use.
 *
 * A score is the paper's: 2 to the power of minus the mean path length, by the
 * mean length of a search in a binary tree (Liu, Ting, Zhou: Isolation Forest,
 * 2008). Lengths are integers in units of the model's "scale", so that their
 * sum is the same in every order and kernel; doubles come in at the very end.
 *
 * A sum below a limit is a score above one: most questions are answered by
 * comparing integers.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "core/score/forest_blocks.h"
#include "core/score/forest_blocks_plan.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_walk.h"
#include "core/score/forest_wide.h"
#include "core/stats/forest_calibration.h"
#include "model/model.h"
#include "model/model_score.h"

/* So many squares of the greatest length add up without overflow. */
#define DEVIATION_BITS	16
#define MAX_DEVIATION	4294967296.0

int			kernel_setting = FOREST_KERNEL_AUTO;

/*
 * The kernel that the setting asks for, one that is available: "auto" is the
 * fastest of this processor, found out once a session.
 */
ForestKernel
kernel_chosen(void)
{
	static ForestKernel best = FOREST_KERNEL_AUTO;

	if (kernel_setting != FOREST_KERNEL_AUTO)
		return (ForestKernel) kernel_setting;
	if (best == FOREST_KERNEL_AUTO)
		best = forest_kernel_best();
	return best;
}


/*
 * Builds the blocks of a model, in the current context; false if it has none.
 */
static bool
build_blocks(Model *model)
{
	uint32	   *n_categories =
		palloc(model->summary.n_features * sizeof(uint32));
	uint64		size;
	void	   *temporary;
	ForestBlocksPlan plan;
	bool		possible;

	for (uint32 f = 0; f < model->summary.n_features; f++)
		n_categories[f] = model->features[f].n_categories;
	size = forest_blocks_temporary_size(&model->walk);
	if (size > MaxAllocHugeSize)
		return false;
	temporary = palloc_extended(size, MCXT_ALLOC_HUGE);
	forest_blocks_plan(&model->walk, n_categories, temporary, &plan);
	possible = plan.possible && plan.size <= MaxAllocHugeSize;
	if (possible)
		forest_blocks_build(&model->walk, n_categories, &plan,
							palloc_extended(plan.size, MCXT_ALLOC_HUGE),
							temporary, &model->blocks);
	pfree(temporary);
	pfree(n_categories);
	return possible;
}

/*
 * Completes a model, whose walk and features are there, with all that
 * scoring takes, in the current context.
 */
void
model_build_kernel(Model *model)
{
	Size		size = model->summary.n_features * 2 * sizeof(double);

	model->has_blocks = build_blocks(model);
	if (model->has_blocks)
		size = Max(size, forest_blocks_scratch_size(&model->blocks));
	else
		forest_wide_build(&model->walk,
						  palloc_extended(forest_wide_size(&model->walk),
										  MCXT_ALLOC_HUGE), &model->wide);
	model->scratch = palloc0(size);
}

/*
 * The sum of normalised path lengths of a row over all trees, by the kernel in
 * use; "scratch" is as large as model->scratch.
 */
static int64
row_sum(const Model *model, const double *row, void *scratch)
{
	ForestKernel kernel = kernel_chosen();

	if (kernel == FOREST_KERNEL_WALK)
	{
		forest_walk_slots(&model->walk, row, scratch);
		return forest_walk_sum(&model->walk, scratch);
	}
	return model->has_blocks ?
		forest_blocks_sum(&model->blocks, kernel, row, scratch) :
		forest_wide_sum(&model->wide, row, scratch);
}

/*
 * The sum of normalised path lengths of model->row over all trees, in units of
 * the walk's scale.  Uses model->scratch.
 */
int64
model_sum(const Model *model)
{
	return row_sum(model, model->row, model->scratch);
}

/* Bytes of working memory that model_sums takes. */
Size
model_sums_size(const Model *model)
{
	return model->has_blocks ? forest_blocks_batch_size(&model->blocks) :
		2 * model->summary.n_features * sizeof(double);
}

/*
 * Fills the sums of n rows of features, one behind the other, at most
 * FOREST_BATCH_ROWS; each is what model_sum says of it.  "scratch" is
 * model_sums_size bytes.
 */
void
model_sums(const Model *model, const double *rows, uint32 n, int64 *sums,
		   void *scratch)
{
	ForestKernel kernel = kernel_chosen();
	uint32		d = model->summary.n_features;

	if (model->has_blocks && kernel != FOREST_KERNEL_WALK)
	{
		forest_blocks_sums(&model->blocks, kernel, rows, n, sums, scratch);
		return;
	}
	for (uint32 i = 0; i < n; i++)
		sums[i] = row_sum(model, rows + (Size) i * d, scratch);
}

/* The score of model->row. */
double
model_score(const Model *model)
{
	return forest_score(model_sum(model), model->walk.scale,
						model->walk.n_trees);
}

/* The mean normalised path length of model->row. */
double
model_length(const Model *model)
{
	return forest_mean_length(model_sum(model), model->walk.scale,
							  model->walk.n_trees);
}

/*
 * The squared difference of model->row's normalised path length in one tree
 * from its mean, "sum" of them all: over many rows its mean is the variance
 * from tree to tree.  A multiple of 2^-DEVIATION_BITS, so that sums of them
 * do not depend on their order.  The tree is one that the row itself chooses.
 */
uint64
model_deviation(const Model *model, int64 sum)
{
	const ForestWalk *walk = &model->walk;
	double		length = forest_mean_length(sum, walk->scale, walk->n_trees);
	double		difference;
	uint32		leaf;

	if (walk->n_trees < 2)
		return 0;
	forest_walk_slots(walk, model->row, model->scratch);
	leaf = forest_walk_leaf(walk, (uint32) (sum % walk->n_trees),
							model->scratch);
	difference =
		forest_mean_length(walk->values[leaf], walk->scale, 1) - length;
	difference *= difference * walk->n_trees / (walk->n_trees - 1.0);
	difference = ldexp(difference, DEVIATION_BITS);
	return (uint64) Min(difference, MAX_DEVIATION);
}

/* The mean of n such numbers. */
double
model_spread(uint64 deviations, uint64 n)
{
	return ldexp((double) deviations, -DEVIATION_BITS) / n;
}

/*
 * Whether the sum of model->row is below a limit: what model_sum() would say,
 * but trees behind the one that settles it are not looked at.
 */
bool
model_sum_below(const Model *model, int64 limit)
{
	ForestKernel kernel = kernel_chosen();

	if (model->has_blocks && kernel != FOREST_KERNEL_WALK)
		return forest_blocks_below(&model->blocks, kernel, model->row, limit,
								   model->scratch);
	return model_sum(model) < limit;
}

/*
 * The score that at most such a share of the calibration's rows exceeds.  The
 * model has a calibration; see check_calibrated.
 */
double
model_threshold(const Model *model, double contamination)
{
	return forest_length_score(forest_threshold(&model->calibration,
												contamination));
}

/*
 * Reports a model that cannot rank scores (55000): one of another library, or
 * one that has learned, whose scores are no longer those it was calibrated by.
 */
void
check_calibrated(const Model *model)
{
	if (model->calibration.n_rows > 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 model->learned ?
			 errmsg("model has no calibration since it has learned from labels") :
			 errmsg("model has no calibration: the scores of its training rows are not known"),
			 errhint("Make one with iforest_calibrate(model, ..) over rows that stand for the usual.")));
}
