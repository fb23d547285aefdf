/*-------------------------------------------------------------------------
 *
 * forest_density.h
 *	  What a forest says about how its training rows are distributed, and
 *	  rows drawn from that.
 *
 * The cuts of the whole forest divide each feature's range into cells; a
 * category is a cell, and "missing" is one.  A tree divides the space into
 * boxes, one a leaf, and knows the rows of each.  How many times denser than
 * independent features would make it a box is, is its gain:
 *
 *		rows of the leaf / rows of the tree / product of the features' shares
 *
 * where a feature's share is that of the training rows whose value of this
 * feature lies in the box.  The density of a row is the product of its
 * features' own densities and of the gains of its leaves, each to the power
 * of "sharpness" / number of trees: a product of experts (Hinton: Training
 * Products of Experts by Minimizing Contrastive Divergence, Neural
 * Computation 14, 2002).  Given all other features, the density of one is
 * constant in each of its cells but for its own curve, so it can be drawn
 * exactly: Gibbs sampling (Geman, Geman: Stochastic Relaxation, Gibbs
 * Distributions, and the Bayesian Restoration of Images, PAMI 6, 1984).
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_DENSITY_H
#define FOREST_DENSITY_H

#include "core/density/forest_codes.h"
#include "core/forest.h"
#include "core/score/forest_walk.h"

/*
 * The sharpness of a forest of n features.  A tree of the usual depth looks at
 * a few features only, so the more there are the fewer trees know of what two
 * of them have to do with each other, and the more their word has to count.
 */
static inline double
forest_sharpness(uint32_t n_features)
{
	return n_features < 8 ? n_features : 8;
}

/* Times that every feature of a row is drawn anew given the others. */
#define FOREST_SWEEPS	2

/*
 * One number's distribution: a knot's value, and the share of the rows up to
 * which they are below it, and from which they are above it.  What is between
 * two knots is spread evenly.
 */
typedef struct ForestCurve
{
	const double *values;		/* ascending strictly */
	const double *left;
	const double *right;
	uint32_t	n;				/* 0: no value is known */
} ForestCurve;

/* One feature's cells. */
typedef struct ForestCells
{
	uint64_t	first;			/* of its cells, in the arrays */
	uint32_t	n_values;		/* cells of values; one for missing follows */
	bool		is_category;
	double		minimum;		/* of the training rows; NaN for a category */
	double		maximum;
	double		least;			/* the same of those that are finite */
	double		greatest;
	double		low;			/* shares of the values: at -Infinity .. */
	double		high;			/* .. and up to those at Infinity */
	double		origin;			/* values are this and multiples of step /
								 * per_unit, one of which is 1; step 0: any */
	double		step;
	double		per_unit;
} ForestCells;

/*
 * The density of a model.  The arrays "upper", "middle", "share", "sum" and
 * "factor" have an entry a cell; "rank", "rows" and "gain" one a node of the walk.
 */
typedef struct ForestDensity
{
	const ForestWalk *walk;
	const ForestCells *features;
	const ForestCurve *curves;	/* one a feature */
	const double *upper;		/* greatest value of a numeric cell */
	const double *middle;		/* median of its finite values, or any one */
	const double *share;		/* of the training rows in the cell */
	const double *sum;			/* of the shares of the feature's cells before
								 * it; the last entry: of all values */
	const uint32_t *rank;		/* of a numeric split: cells left of its cut */
	const uint32_t *rows;		/* of the node */
	double	   *gain;			/* of a leaf: to its power */
	double	   *factor;			/* on the cell's share, see forest_balance.c */
	uint64_t	n_cells;
	uint32_t	max_depth;		/* of any tree */
	uint32_t	max_values;		/* cells of values of any feature .. */
	uint32_t	max_codes;		/* .. and of any that is a category */
} ForestDensity;

/* A split on the way to the leaf that a box belongs to. */
typedef struct ForestStep
{
	uint32_t	node;
	uint32_t	lo;				/* the box before the split, in its feature */
	uint32_t	hi;
	uint32_t	middle;			/* of categories: where those that go right
								 * begin */
	bool		missing;
	bool		right;
} ForestStep;

/*
 * A box, and the way down a tree to it.  In each feature it is the cells lo
 * .. hi - 1 (of "codes" for a category), and missing or not.
 */
typedef struct ForestBox
{
	const ForestDensity *density;
	uint32_t   *lo;
	uint32_t   *hi;
	bool	   *missing;
	bool	   *parted;			/* the feature's codes are out of order */
	uint32_t   *codes;			/* permutation of each feature's categories */
	uint32_t   *stamp;			/* of the features of the path: mark */
	uint32_t	mark;
	uint32_t	leaf;			/* node of the walk */
	uint32_t	depth;
	bool		values_only;	/* nothing is to be drawn missing */
	ForestStep *steps;			/* max_depth + 1 */
	struct ForestPart *parts;	/* for forest_conditional, as is "order" */
	ForestCodes order;			/* of up to max_codes codes */
	double	   *weight;			/* max_values + 2: of cells */
	double		values;			/* sum of those of values */
	double	   *slots;			/* 2 * n_features */
} ForestBox;

/*
 * The feature that split i of the walk looks at: what a box is narrowed in.
 * The density takes every split to be of one.
 */
static inline uint32_t
forest_density_feature(const ForestDensity *density, uint32_t i)
{
	return forest_walk_feature(&density->walk->nodes[i]);
}

#endif							/* FOREST_DENSITY_H */
