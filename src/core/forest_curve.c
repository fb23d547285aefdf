/*-------------------------------------------------------------------------
 *
 * forest_curve.c
 *	  One feature's distribution as its quantiles tell it: shares and values,
 *	  and the grid that its values lie on.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_density.h"

#include <math.h>

#define STEPS	(FOREST_QUANTILES - 1)

/* Equal distances that a range may have to count as a grid .. */
#define MAX_MARKS		2500
/* .. and how far off they may be, as a share of the range. */
#define MARK_TOLERANCE	1e-6

/* The first quantile above a value; FOREST_QUANTILES if there is none. */
static uint32_t
first_above(const double *quantiles, double value)
{
	uint32_t	lo = 0;
	uint32_t	hi = FOREST_QUANTILES;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (quantiles[middle] > value)
			hi = middle;
		else
			lo = middle + 1;
	}
	return lo;
}

/*
 * The share of the training rows with values up to "value", 0 .. 1, of which
 * FOREST_QUANTILES are known, ascending and not NaN; straight lines between
 * them.
 */
double
forest_curve_share(const double *quantiles, double value)
{
	uint32_t	lo = first_above(quantiles, value);
	double		width;

	if (lo == 0)
		return 0.0;
	if (lo == FOREST_QUANTILES)
		return 1.0;
	width = quantiles[lo] - quantiles[lo - 1];
	if (!(width < INFINITY))
		return (lo - 0.5) / STEPS;
	return (lo - 1 + (value - quantiles[lo - 1]) / width) / STEPS;
}

/* The inverse: the value that a share of the rows, 0 .. 1, does not exceed. */
double
forest_curve_value(const double *quantiles, double share)
{
	double		place = share * STEPS;
	uint32_t	i = place >= STEPS ? STEPS - 1 : (uint32_t) place;
	double		part = place - i;
	double		width = quantiles[i + 1] - quantiles[i];

	if (!(width > 0.0))
		return quantiles[i + 1];
	if (!(width < INFINITY))
		return part < 0.5 ? quantiles[i] : quantiles[i + 1];
	return quantiles[i] + part * width;
}

/* The quantile within "slack" of a value, or the value if there is none. */
double
forest_curve_snap(const double *quantiles, double value, double slack)
{
	uint32_t	i = first_above(quantiles, value);

	if (i > 0 && value - quantiles[i - 1] <= slack)
		return quantiles[i - 1];
	if (i < FOREST_QUANTILES && quantiles[i] - value <= slack)
		return quantiles[i];
	return value;
}

/* Rounds to the feature's grid. */
static double
to_grid(const ForestCells *cells, double value, double (*round) (double))
{
	if (cells->step == 0.0 || !isfinite(value))
		return value;
	return cells->origin + round((value - cells->origin) * cells->per_unit /
								 cells->step) * cells->step / cells->per_unit;
}

/* Whether the feature's grid has all of its quantiles. */
static bool
is_grid(uint32_t type, const double *quantiles, const ForestCells *cells)
{
	for (uint32_t i = 0; i < FOREST_QUANTILES; i++)
	{
		double		near = to_grid(cells, quantiles[i], rint);

		if (near != quantiles[i] && type == FOREST_FLOAT4)
			near = (double) (float) near;
		if (near != quantiles[i])
			return false;
	}
	return true;
}

/*
 * The greatest number that all distances between the quantiles are multiples
 * of, but for rounding, by Euclid's algorithm; 0 if there is none of at least
 * 1 / MAX_MARKS of their range.
 */
static double
common_distance(const double *quantiles)
{
	double		range = quantiles[STEPS] - quantiles[0];
	double		common = 0.0;

	if (!(range > 0.0 && range < INFINITY))
		return 0.0;
	for (uint32_t i = 0; i < STEPS; i++)
	{
		double		rest = quantiles[i + 1] - quantiles[i];

		while (rest > range * MARK_TOLERANCE)
		{
			double		last = rest;

			rest = fabs(common - rint(common / last) * last);
			common = last;
		}
	}
	return common * MAX_MARKS >= range ? range / rint(range / common) : 0.0;
}

/*
 * Finds the coarsest grid that a feature's values lie on, as far as its
 * quantiles tell: of times days, hours, minutes, seconds, milliseconds or
 * microseconds; of other numbers whole ones, up to six decimals, or, as of
 * counts that were standardised, equal distances.
 */
void
forest_grid_find(uint32_t type, const double *quantiles, ForestCells *cells)
{
	static const double times[] = {86400e6, 3600e6, 60e6, 1e6, 1e3, 1.0};
	static const double decimals[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	bool		is_time = type >= FOREST_TIME && type <= FOREST_INTERVAL;

	cells->origin = 0.0;
	cells->per_unit = 1.0;
	cells->step = 1.0;
	if (type <= FOREST_INT8 || type == FOREST_DATE)
		return;
	for (int i = 0; is_time && i < 6; i++)
	{
		cells->step = times[i];
		if (is_grid(type, quantiles, cells))
			return;
	}
	if (is_time)
		return;
	for (int i = 0; i < 7; i++)
	{
		cells->per_unit = decimals[i];
		if (is_grid(type, quantiles, cells))
			return;
	}
	cells->per_unit = 1.0;
	cells->step = common_distance(quantiles);
	cells->origin = cells->step > 0.0 ? quantiles[0] : 0.0;
}

/* How far from a mark of the feature's grid still counts as on it. */
double
forest_grid_slack(const ForestCells *cells)
{
	return cells->origin == 0.0 ? 0.0 : cells->step * 0.01;
}

/* The greatest value of the feature's grid that is not above "value". */
double
forest_grid_floor(const ForestCells *cells, double value)
{
	double		near = to_grid(cells, value, rint);

	return near <= value + forest_grid_slack(cells) ? near :
		to_grid(cells, value, floor);
}

/* The least value of the feature's grid that is not below "value". */
double
forest_grid_ceil(const ForestCells *cells, double value)
{
	double		near = to_grid(cells, value, rint);

	return near >= value - forest_grid_slack(cells) ? near :
		to_grid(cells, value, ceil);
}

/* The value of the feature's grid nearest to "value". */
double
forest_grid_round(const ForestCells *cells, double value)
{
	return to_grid(cells, value, rint);
}
