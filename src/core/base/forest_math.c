/*-------------------------------------------------------------------------
 *
 * forest_math.c
 *	  Path length of an unsuccessful search, the logarithm it needs, and
 *	  what labels make of it.
 *
 * The logarithm is our own because what training computes with it goes into
 * the model, and libm's last bit differs between machines.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_math.h"

/* Of forest_learned_length; chosen on public tables, where they are flat. */
#define OWN_WEIGHT		0.2
#define OUTLIER_WEIGHT	2.0
#define NORMAL_LENGTH	1.2

/* Learned lengths are multiples of 1 / LENGTH_STEPS. */
#define LENGTH_STEPS	64.0

/*
 * Natural logarithm of a finite x >= 1, to within two units in the last
 * place, from + - * / alone: the same bits on every IEEE 754 machine.
 */
double
forest_ln(double x)
{
	static const double ln2_high = 0x1.62e42fefa38p-1;	/* 41 bits, so that e *
														 * ln2_high is exact */
	static const double ln2_low = 0x1.ef35793c7673p-45;
	int			e = 0;
	double		s;
	double		z;
	double		sum = 0.0;

	/* x = m * 2^e with m in [sqrt(1/2), sqrt(2)); halving is exact */
	while (x >= 0x1.6a09e667f3bcdp+0)
	{
		x *= 0.5;
		e++;
	}

	/* ln(m) = 2 atanh(s) = 2 (s + s^3/3 + s^5/5 + ..), |s| < 0.172 */
	s = (x - 1.0) / (x + 1.0);
	z = s * s;
	for (int k = 23; k >= 3; k -= 2)
		sum = z * (1.0 / k + sum);
	return e * ln2_high + (2.0 * (s + s * sum) + e * ln2_low);
}

/*
 * c(n): the average path length of an unsuccessful search in a binary
 * search tree of n keys (Liu et al. 2008, equation 1; scikit-learn's
 * _average_path_length).  0 for n <= 1, 1 for n = 2.
 */
double
forest_average_path(uint64_t n)
{
	double		m = (double) n;

	if (n <= 1)
		return 0.0;
	if (n == 2)
		return 1.0;
	return 2.0 * (forest_ln(m - 1.0) + 0.57721566490153286061) -
		2.0 * (m - 1.0) / m;
}

/*
 * The normalised path length of a leaf of so many rows, by the mean length of
 * a search among the sample's; 1 in a tree of one row, which says nothing:
 * score 1/2, as scikit-learn.
 */
double
forest_leaf_length(uint32_t depth, uint32_t rows, uint32_t sample_size)
{
	double		c = forest_average_path(sample_size);

	return c > 0.0 ? (depth + forest_average_path(rows)) / c : 1.0;
}

/*
 * A leaf's normalised path length, "own", as people's labels of rows in it
 * have it: the weighted mean of its own, and of 0 for each outlier and
 * NORMAL_LENGTH, or its own if that is longer, for each normal row.  A normal
 * row weighs 1, an outlier OUTLIER_WEIGHT, its own OWN_WEIGHT * sqrt(rows),
 * rows (>= 1) being those that it was trained on.
 *
 * It is rounded to a multiple of 1 / LENGTH_STEPS, and at least one: a forest
 * of few different lengths is scored by the fast kernels, and one of any is
 * not (core/score/forest_blocks_values.c), while a mean of many trees shows
 * nothing of it.  Without labels it is "own" as it is.
 */
double
forest_learned_length(double own, uint32_t rows, uint32_t outliers,
					  uint32_t normal)
{
	double		weight = OWN_WEIGHT * sqrt(rows);
	double		usual = own > NORMAL_LENGTH ? own : NORMAL_LENGTH;
	double		mean = (weight * own + normal * usual) /
		(weight + OUTLIER_WEIGHT * outliers + normal);
	double		steps = floor(mean * LENGTH_STEPS + 0.5);

	if (outliers == 0 && normal == 0)
		return own;
	return (steps < 1.0 ? 1.0 : steps) / LENGTH_STEPS;
}

/*
 * The paper's depth limit, ceil(log2(sample_size)); 0 for one row, which no
 * split could part.
 */
uint32_t
forest_default_depth(uint32_t sample_size)
{
	uint32_t	depth = 0;

	while (depth < 32 && (UINT64_C(1) << depth) < sample_size)
		depth++;
	return depth;
}
