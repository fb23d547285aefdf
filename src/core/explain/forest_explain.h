/*-------------------------------------------------------------------------
 *
 * forest_explain.h
 *	  Which feature makes a row's paths short or long: the decoded form of a
 *	  forest that answers it.
 *
 * A row's mean normalised path length is the forest's expected one plus a
 * contribution of each feature, its exact Shapley value; forest_explain.c
 * says what that is and how it is computed, forest_explain_build.c how the
 * form below comes about.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_EXPLAIN_H
#define FOREST_EXPLAIN_H

#include "core/forest.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_walk.h"

/*
 * Four doubles, one for each of four quadrature points.  Pairs of them are
 * what every processor worth the name computes at once.
 */
#define FOREST_LANES	4

typedef struct ForestLanes
{
	double		lanes[FOREST_LANES];
} ForestLanes;

/* The quadrature: where the integrand is evaluated, and what it counts. */
typedef struct ForestQuadrature
{
	ForestLanes t;				/* in (0, 1) */
	ForestLanes weight;
} ForestQuadrature;

/*
 * A split of which a child is a split.  Places number the ends of a tree's
 * edges, except leaves below a ForestFork: the root is 0, the children of
 * split j of the tree are 2j + 1 and 2j + 2.  Parents come before children.
 */
typedef struct ForestSplit
{
	uint32_t	feature;
	uint32_t	place;
	uint32_t	above;			/* where the last edge above that tests the
								 * feature ends; 0: there is none */
	uint32_t	state;			/* of the feature, if the row went along with
								 * the path at all splits above that test it */
	double		other[2];		/* share of the rows on the other side, of a
								 * row that goes left, right */
} ForestSplit;

/* A split of which both children are leaves. */
typedef struct ForestFork
{
	uint32_t	feature;
	uint32_t	place;
	uint32_t	above;
	uint32_t	state;
	double		value[2];		/* of the left leaf, the right one */
	double		loss[2];		/* other share * (other value - value), of a
								 * row that goes left, right */
} ForestFork;

/* A leaf whose sibling is a split. */
typedef struct ForestTip
{
	uint64_t	place;
	double		value;
} ForestTip;

/* Where the parts of a tree are in the arrays of the forest. */
typedef struct ForestExplainTree
{
	uint64_t	first_split;
	uint64_t	first_fork;
	uint64_t	first_tip;
	uint64_t	first_state;
	uint32_t	n_splits;
	uint32_t	n_forks;
	uint32_t	n_tips;
	uint32_t	n_states;
} ForestExplainTree;

/* What a forest's explanation form consists of, and what it takes. */
typedef struct ForestExplainPlan
{
	uint64_t	n_splits;
	uint64_t	n_forks;
	uint64_t	n_tips;
	uint64_t	n_states;
	uint32_t	most_splits;	/* of any tree */
	uint32_t	most_forks;
	uint32_t	most_states;
	uint32_t	most_features;	/* different ones on a path */
	uint32_t	n_blocks;		/* of FOREST_LANES quadrature points */
	uint64_t	size;			/* bytes that forest_explain_build needs */
} ForestExplainPlan;

typedef struct ForestExplain
{
	ForestExplainPlan plan;
	uint32_t	n_columns;		/* features, then projections */
	uint32_t	n_trees;
	double		expected;
	const ForestQuadrature *points; /* n_blocks */
	const ForestExplainTree *trees;
	const ForestSplit *splits;
	const ForestFork *forks;
	const ForestTip *tips;
	const double *ratios;		/* per state: share of the rows that went
								 * along at all splits above on the feature */
	const ForestWalkNode *tests;	/* of a tree's splits, then of its forks */
} ForestExplain;

/* Blocks of lanes begin with a cache line. */
#define FOREST_EXPLAIN_ALIGNMENT	64

/* The first place in "memory", 8-byte aligned, where lanes may begin. */
static inline void *
forest_explain_align(void *memory)
{
	uintptr_t	skip = -(uintptr_t) memory % FOREST_EXPLAIN_ALIGNMENT;

	return (uint8_t *) memory + skip;
}

extern uint64_t forest_explain_scratch_size(const ForestExplain *explain);
extern void forest_explain_begin(const ForestExplain *explain,
								 const ForestWalk *walk, const double *row,
								 void *scratch);
extern void forest_explain_tree(const ForestExplain *explain,
								ForestKernel kernel, const ForestWalk *walk,
								uint32_t tree, void *scratch);
extern void forest_explain_end(const ForestExplain *explain,
							   const ForestWalk *walk, const double *row,
							   double *phi, void *scratch);
extern void forest_explain(const ForestExplain *explain, ForestKernel kernel,
						   const ForestWalk *walk, const double *row,
						   double *phi, void *scratch);
extern double forest_explain_expected(const ForestExplain *explain);
extern void forest_explain_to_score(double *phi, uint32_t n_features,
									double expected, double length);

#endif							/* FOREST_EXPLAIN_H */
