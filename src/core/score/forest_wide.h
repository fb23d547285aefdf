/*-------------------------------------------------------------------------
 *
 * forest_wide.h
 *	  The fast form of forests that have no blocks: many trees side by side.
 *
 * Where a row has hundreds of columns, finding their ranks takes longer than
 * walking: each tree asks for eight of them or so.  So this is the walk of
 * forest_walk.c, node by node, for more trees at once, with nothing in its
 * loop that the forest or the row does not have.
 *
 * Rows of real, and of integers that are not large, are numbers of 32 bits.
 * Such a number is above a cut exactly if it is above the greatest number of
 * 32 bits that is not above the cut.  So a forest without categories has
 * nodes of eight bytes for them, half of the walk's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_WIDE_H
#define FOREST_WIDE_H

#include "core/forest.h"
#include "core/score/forest_walk.h"

/* A node of the walk for numbers of 32 bits. */
typedef struct ForestWideNode
{
	float		cut;			/* rounded down */
	uint16_t	feature;
	uint16_t	child;			/* nodes from here to the left one; 0: a leaf */
} ForestWideNode;

typedef struct ForestWide
{
	const ForestWalk *walk;
	const ForestWideNode *nodes;	/* as the walk's; NULL: none fit */
} ForestWide;

extern uint64_t forest_wide_size(const ForestWalk *walk);
extern size_t forest_wide_scratch_size(const ForestWalk *walk);
extern void forest_wide_build(const ForestWalk *walk, void *memory,
							  ForestWide *wide);
extern int64_t forest_wide_sum(const ForestWide *wide, const double *row,
							   void *scratch);

#endif							/* FOREST_WIDE_H */
