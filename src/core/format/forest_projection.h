/*-------------------------------------------------------------------------
 *
 * forest_projection.h
 *	  Projections: weighted sums of columns of numbers, which trees split as
 *	  if they were columns.
 *
 * A forest has one dictionary of them for all its trees, so that a row is
 * projected once, whatever the number of trees.  The sum goes over the terms
 * in their order, without fused multiply-add: a projection has the same bits
 * everywhere.
 *
 * A value is taken as less than FOREST_MAX_PROJECTED away from 0, infinities
 * as well, so that no sum is infinite: opposite infinities cancel.  A missing
 * value counts as the centre, which adds nothing; where all values are
 * missing, so is the sum.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_PROJECTION_H
#define FOREST_PROJECTION_H

#include <math.h>

#include "core/forest.h"

/*
 * What values, centres and coefficients are at most; a coefficient is at least
 * its inverse.
 */
#define FOREST_MAX_PROJECTED	1e150

/* Columns that training puts into a projection, at most. */
#define FOREST_MAX_SPLIT_COLUMNS	8

/* One summand: coefficient * (value of the feature - centre). */
typedef struct ForestTerm
{
	uint32_t	feature;
	double		centre;
	double		coefficient;
} ForestTerm;

/* The dictionary: terms of all projections, one behind the other. */
typedef struct ForestProjections
{
	uint32_t	n;
	const uint32_t *ends;		/* of each projection's terms */
	const ForestTerm *terms;
} ForestProjections;

/* A value as terms take it; NaN stays. */
static inline double
forest_projected(double value)
{
	value = value > FOREST_MAX_PROJECTED ? FOREST_MAX_PROJECTED : value;
	return value < -FOREST_MAX_PROJECTED ? -FOREST_MAX_PROJECTED : value;
}

/* What a term adds to its projection of a row; 0 for a missing value. */
static inline double
forest_term_value(const ForestTerm *term, const double *row)
{
	double		value = row[term->feature];
	double		part = (forest_projected(value) - term->centre) *
		term->coefficient;

	return isnan(value) ? 0.0 : part;
}

/* First term of projection i. */
static inline uint32_t
forest_first_term(const ForestProjections *all, uint32_t i)
{
	return i > 0 ? all->ends[i - 1] : 0;
}

/* Projection i of a row of features; NaN where all its values are missing. */
static inline double
forest_project(const ForestProjections *all, uint32_t i, const double *row)
{
	double		sum = 0.0;
	bool		some = false;

	for (uint32_t k = forest_first_term(all, i); k < all->ends[i]; k++)
	{
		const ForestTerm *term = &all->terms[k];

		sum += forest_term_value(term, row);
		some |= !isnan(row[term->feature]);
	}
	return some ? sum : NAN;
}

#endif							/* FOREST_PROJECTION_H */
