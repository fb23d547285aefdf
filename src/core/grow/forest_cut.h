/*-------------------------------------------------------------------------
 *
 * forest_cut.h
 *	  Where a node cuts a column of numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_CUT_H
#define FOREST_CUT_H

#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/forest.h"

/* The range of some numbers. */
typedef struct ForestRange
{
	double		min;
	double		max;
	double		finite_min;		/* of the finite ones, if <= finite_max */
	double		finite_max;
} ForestRange;

/* Working memory of forest_cut_guided. */
typedef struct ForestGuide
{
	ForestPair *values;			/* room for as many as a node has rows */
	ForestPair *temporary;		/* likewise */
	double	   *above;			/* likewise */
} ForestGuide;

extern double forest_cut_random(const ForestRange *range, ForestRng *rng);
extern bool forest_cut_guided(const ForestRange *range, ForestGuide *guide,
							  size_t n, double *cut);

#endif							/* FOREST_CUT_H */
