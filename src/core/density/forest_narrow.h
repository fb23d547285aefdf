/*-------------------------------------------------------------------------
 *
 * forest_narrow.h
 *	  A forest as rows meet it that differ in some features only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_NARROW_H
#define FOREST_NARROW_H

#include "core/density/forest_density.h"
#include "core/forest.h"
#include "core/score/forest_walk.h"

/*
 * A density whose trees have the splits of some features only.  The caller
 * provides the arrays: "roots" of an entry a tree, the others an entry a node,
 * with room for one more tree whenever it adds one.
 */
typedef struct ForestNarrow
{
	ForestDensity density;
	ForestWalk	walk;
	uint32_t   *roots;
	ForestWalkNode *nodes;
	double	   *gain;
	uint32_t   *rank;
} ForestNarrow;

extern void forest_narrow_tree(const ForestDensity *whole, uint32_t tree,
							   const bool *fixed, const double *slots,
							   ForestNarrow *narrow);
extern void forest_narrow_finish(const ForestDensity *whole,
								 ForestNarrow *narrow);

#endif							/* FOREST_NARROW_H */
