/*-------------------------------------------------------------------------
 *
 * forest_draw.h
 *	  Rows drawn from the density of a forest.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_DRAW_H
#define FOREST_DRAW_H

#include "core/base/forest_rng.h"
#include "core/density/forest_density.h"
#include "core/forest.h"

extern double forest_cell_lower(const ForestDensity *density, uint32_t feature,
								uint32_t cell);
extern double forest_cell_draw(const ForestDensity *density, uint32_t feature,
							   uint32_t cell, ForestRng *rng);
extern void forest_draw_leaf(ForestBox *box, uint32_t tree,
							 const bool *fixed, double *row, ForestRng *rng);
extern double forest_draw_feature(ForestBox *box, uint32_t feature,
								  double *row, ForestRng *rng);

/*
 * What a number is expected to be: how likely it is to be infinite, either
 * way, or finite, in any unit, and its mean if it is finite.
 */
typedef struct ForestExpectation
{
	double		low;
	double		high;
	double		finite;
	double		mean;
} ForestExpectation;

#endif							/* FOREST_DRAW_H */
