/*-------------------------------------------------------------------------
 *
 * forest_curve.c
 *	  One number's distribution as the knots of its profile tell it: shares
 *	  and values.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/density/forest_curve.h"
#include "core/density/forest_density.h"

/*
 * The value a part, 0 .. 1, of the way from a to b; near one of them if either
 * is infinite.  Neither the way nor the result overflows.
 */
double
forest_between(double a, double b, double part)
{
	double		way = b - a;
	double		value;

	if (!isfinite(a) || !isfinite(b))
		return part < 0.5 ? a : b;
	if (part == 1.0)
		return b;
	value = isfinite(way) ? a + part * way : a * (1.0 - part) + b * part;
	return fmin(fmax(value, fmin(a, b)), fmax(a, b));
}

/* Which part of the way from a to b a value between them is at. */
static double
part_of_way(double a, double b, double value)
{
	if (!isfinite(a) || !isfinite(b))
		return 0.5;
	if (isfinite(b - a))
		return (value - a) / (b - a);
	return (value / 2 - a / 2) / (b / 2 - a / 2);
}

/* The first knot above a value; n if there is none. */
static uint32_t
first_above(const ForestCurve *curve, double value)
{
	uint32_t	lo = 0;
	uint32_t	hi = curve->n;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (curve->values[middle] > value)
			hi = middle;
		else
			lo = middle + 1;
	}
	return lo;
}

/* The share of the rows, 0 .. 1, with values up to "value". */
double
forest_curve_share(const ForestCurve *curve, double value)
{
	uint32_t	i = first_above(curve, value);

	if (i == 0)
		return 0.0;
	if (value == curve->values[i - 1] || i == curve->n)
		return curve->right[i - 1];
	return forest_between(curve->right[i - 1], curve->left[i],
						  part_of_way(curve->values[i - 1], curve->values[i],
									  value));
}

/* The inverse: the value that a share of the rows, 0 .. 1, does not exceed. */
double
forest_curve_value(const ForestCurve *curve, double share)
{
	uint32_t	lo = 0;
	uint32_t	hi = curve->n - 1;

	/* the first knot that this many rows are not above */
	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (curve->right[middle] >= share)
			hi = middle;
		else
			lo = middle + 1;
	}
	if (lo == 0 || share >= curve->left[lo])
		return curve->values[lo];
	return forest_between(curve->values[lo - 1], curve->values[lo],
						  (share - curve->right[lo - 1]) /
						  (curve->left[lo] - curve->right[lo - 1]));
}

/* The knot within "slack" of a value, or the value if there is none. */
double
forest_curve_snap(const ForestCurve *curve, double value, double slack)
{
	uint32_t	i = first_above(curve, value);

	if (i > 0 && value - curve->values[i - 1] <= slack)
		return curve->values[i - 1];
	if (i < curve->n && curve->values[i] - value <= slack)
		return curve->values[i];
	return value;
}
