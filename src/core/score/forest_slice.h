/*-------------------------------------------------------------------------
 *
 * forest_slice.h
 *	  The sums of all rows of a grid, in which two features vary, of a forest
 *	  that has no projections.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_SLICE_H
#define FOREST_SLICE_H

#include "core/forest.h"
#include "core/score/forest_walk.h"

/* One of the two features, and the values that it takes; NaN is missing. */
typedef struct ForestAxis
{
	uint32_t	feature;
	uint32_t	n;
	const double *values;
} ForestAxis;

extern size_t forest_slice_scratch_size(uint32_t nx, uint32_t ny);
extern void forest_slice_sums(const ForestWalk *walk, const double *row,
							  const ForestAxis *x, const ForestAxis *y,
							  int64_t *sums, void *scratch);

#endif							/* FOREST_SLICE_H */
