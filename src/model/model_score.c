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
#include "core/score/forest_slice.h"
#include "core/score/forest_walk.h"
#include "core/score/forest_wide.h"
#include "core/stats/forest_calibration.h"
#include "model/model.h"
#include "model/model_cache.h"
#include "model/model_score.h"

/*
 * How a model's rows are scored.  A fast form takes as long to build as the
 * walk takes for some rows, so it is built when about as many have come: a
 * session that scores a few rows never waits for it, and no other waits for
 * much more than it would have anyway.
 */
typedef struct ModelKernel
{
	uint32		walked;			/* rows that were scored before */
	bool		built;			/* else there is only the walk */
	bool		has_blocks;		/* else it is "wide" that is built */
	ForestBlocks blocks;
	ForestWide	wide;
	void	   *scratch;		/* of the fast form */
} ModelKernel;

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

/* The kernel that scores with a model now: the walk until others can. */
static ForestKernel
kernel_in_use(const Model *model)
{
	return model->kernel->built ? kernel_chosen() : FOREST_KERNEL_WALK;
}

/* Builds a model's blocks in the current context; false if it has none. */
static bool
build_blocks(const Model *model, ForestBlocks *blocks)
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
							temporary, blocks);
	pfree(temporary);
	pfree(n_categories);
	return possible;
}

/*
 * Builds a model's fast form.  Its memory becomes the model's only when it is
 * whole: an error on the way leaves it to the current context, and the model
 * without it.
 */
static void
build_kernel(const Model *model)
{
	ModelKernel *kernel = model->kernel;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest kernel",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	bool		has_blocks = build_blocks(model, &kernel->blocks);

	if (!has_blocks)
		forest_wide_build(&model->walk,
						  palloc_extended(forest_wide_size(&model->walk),
										  MCXT_ALLOC_HUGE), &kernel->wide);
	kernel->scratch = palloc0(has_blocks ?
							  forest_blocks_scratch_size(&kernel->blocks) :
							  forest_wide_scratch_size(&model->walk));
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, model->context);
	kernel->has_blocks = has_blocks;
	kernel->built = true;
	model_cache_resize(model);
}

/* Whether the fast form of a model is blocks; it is built to know. */
bool
model_has_blocks(const Model *model)
{
	if (!model->kernel->built)
		build_kernel(model);
	return model->kernel->has_blocks;
}

/* Readies a model, whose walk is there, for scoring, in the current context. */
void
model_begin_scoring(Model *model)
{
	model->scratch =
		palloc0(model->walk.n_columns * 2 * sizeof(double));
	model->kernel = palloc0(sizeof(ModelKernel));
}

/*
 * Tells that n rows more are to be scored.  By then the fast form is worth its
 * time when the rows are as many as a tree has nodes; who asks for a kernel by
 * its name wants to see that one.
 */
void
model_expect_rows(const Model *model, uint32 n)
{
	ModelKernel *kernel = model->kernel;

	if (likely(kernel->built) || kernel_setting == FOREST_KERNEL_WALK)
		return;
	if (kernel_setting == FOREST_KERNEL_AUTO &&
		(uint64) kernel->walked + n <
		model->walk.n_nodes / model->walk.n_trees)
		kernel->walked += n;
	else
		build_kernel(model);
}

/*
 * The sum of normalised path lengths of a row over all trees, by a kernel;
 * "scratch" is as large as row_scratch's.
 */
static int64
row_sum(const Model *model, ForestKernel kernel, const double *row,
		void *scratch)
{
	if (kernel == FOREST_KERNEL_WALK)
	{
		forest_walk_slots(&model->walk, row, scratch);
		return forest_walk_sum(&model->walk, scratch);
	}
	return model->kernel->has_blocks ?
		forest_blocks_sum(&model->kernel->blocks, kernel, row, scratch) :
		forest_wide_sum(&model->kernel->wide, row, scratch);
}

/* The model's own working memory for a kernel. */
static inline void *
row_scratch(const Model *model, ForestKernel kernel)
{
	return kernel == FOREST_KERNEL_WALK ? model->scratch :
		model->kernel->scratch;
}

/* Whether a kernel, which is in use, compares the blocks of a model. */
static inline bool
uses_blocks(const Model *model, ForestKernel kernel)
{
	return kernel != FOREST_KERNEL_WALK && model->kernel->has_blocks;
}

/*
 * The sum of normalised path lengths of model->row over all trees, in units of
 * the walk's scale.
 */
int64
model_sum(const Model *model)
{
	ForestKernel kernel;

	model_expect_rows(model, 1);
	kernel = kernel_in_use(model);
	return row_sum(model, kernel, model->row, row_scratch(model, kernel));
}

/*
 * Bytes of working memory that model_sums takes, as long as no other function
 * scores a row or expects some.
 */
Size
model_sums_size(const Model *model)
{
	Size		walk = 2 * model->walk.n_columns * sizeof(double);
	Size		fast = model->kernel->has_blocks ?
		forest_blocks_batch_size(&model->kernel->blocks) :
		forest_wide_scratch_size(&model->walk);

	/* the setting may ask for the walk where the fast form is there */
	return Max(walk, fast);
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
	ForestKernel kernel = kernel_in_use(model);
	uint32		d = model->summary.n_features;

	if (uses_blocks(model, kernel))
	{
		forest_blocks_sums(&model->kernel->blocks, kernel, rows, n, sums,
						   scratch);
		return;
	}
	for (uint32 i = 0; i < n; i++)
		sums[i] = row_sum(model, kernel, rows + (Size) i * d, scratch);
}

/* The score of model->row. */
double
model_score(const Model *model)
{
	return forest_score(model_sum(model), model->walk.scale,
						model->walk.n_trees);
}

/*
 * Fills the sums of a grid of rows as forest_slice_sums does, which knows
 * splits of one column only: row by row.
 */
static void
slice_rows(const Model *model, const double *row, const ForestAxis *x,
		   const ForestAxis *y, int64 *sums)
{
	Size		size = model->summary.n_features * sizeof(double);
	double	   *one = palloc(size);

	memcpy(one, row, size);
	for (uint32 j = 0; j < y->n; j++)
	{
		one[y->feature] = y->values[j];
		for (uint32 i = 0; i < x->n; i++)
		{
			one[x->feature] = x->values[i];
			*sums++ = row_sum(model, FOREST_KERNEL_WALK, one, model->scratch);
		}
	}
	pfree(one);
}

/*
 * Fills the scores of a grid of rows, line by line: a row with each value of y,
 * and in it each of x.  Neither axis is empty.
 */
void
model_slice_scores(const Model *model, const double *row, const ForestAxis *x,
				   const ForestAxis *y, double *scores)
{
	const ForestWalk *walk = &model->walk;
	Size		n = (Size) x->n * y->n;
	int64	   *sums = palloc(n * sizeof(int64));
	void	   *scratch = palloc(forest_slice_scratch_size(x->n, y->n));

	if (walk->projections.n > 0)
		slice_rows(model, row, x, y, sums);
	else
		forest_slice_sums(walk, row, x, y, sums, scratch);
	for (Size i = 0; i < n; i++)
		scores[i] = forest_score(sums[i], walk->scale, walk->n_trees);
	pfree(scratch);
	pfree(sums);
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
	ForestKernel kernel;

	model_expect_rows(model, 1);
	kernel = kernel_in_use(model);
	if (uses_blocks(model, kernel))
		return forest_blocks_below(&model->kernel->blocks, kernel, model->row,
								   limit, model->kernel->scratch);
	return row_sum(model, kernel, model->row,
				   row_scratch(model, kernel)) < limit;
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
