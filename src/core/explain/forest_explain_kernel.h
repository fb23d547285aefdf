/*-------------------------------------------------------------------------
 *
 * forest_explain_kernel.h
 *	  What the kernels that explain share, and their doors.  See
 *	  forest_explain.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_EXPLAIN_KERNEL_H
#define FOREST_EXPLAIN_KERNEL_H

#include "core/explain/forest_explain.h"
#include "core/forest.h"
#include "core/score/forest_walk.h"

/*
 * What the splits above say about a split's feature.  The row went along
 * with the path at all of them, and then the state depends on the splits
 * alone; or it did not, which is state 0 of every tree.
 */
typedef struct ForestExplainState
{
	ForestLanes unknown;		/* B */
	ForestLanes slope;			/* - dB / dt */
} ForestExplainState;

/* What explaining a row needs; all but sums and slots are one tree's. */
typedef struct ForestExplainScratch
{
	ForestLanes *sums;			/* per feature: the integral so far */
	ForestLanes *reached;		/* per place: p */
	ForestLanes *lengths;		/* per place: G */
	ForestExplainState *states;
	double	   *slots;			/* the row, for the walk */
	uint32_t   *follows;		/* per place: all ones if the row went along
								 * at all splits above on the feature of the
								 * edge that ends here, else 0 */
	uint8_t    *rights;			/* per split and fork: does the row go right */
} ForestExplainScratch;

/* A kernel takes one tree into account: adds to the sums of the scratch. */
extern void forest_explain_portable(const ForestExplain *explain,
									const ForestWalk *walk, uint32_t tree,
									const ForestExplainScratch *scratch);

#if defined(__x86_64__)
extern void forest_explain_avx2(const ForestExplain *explain,
								const ForestWalk *walk, uint32_t tree,
								const ForestExplainScratch *scratch);
#endif

#endif							/* FOREST_EXPLAIN_KERNEL_H */
