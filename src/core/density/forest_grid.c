/*-------------------------------------------------------------------------
 *
 * forest_grid.c
 *	  The grid that a number's values lie on, as far as its curve tells.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/density/forest_density.h"
#include "core/density/forest_grid.h"

/* Equal distances that a range may have to count as a grid .. */
#define MAX_MARKS		2500
/* .. and how far off they may be, as a share of the range. */
#define MARK_TOLERANCE	1e-6
/* How far from a mark a value is on it, as a share of the step. */
#define MARK_SLACK		0.01

/* Rounds to the feature's grid. */
static double
to_grid(const ForestCells *cells, double value, double (*round) (double))
{
	double		near;

	if (cells->step == 0.0 || !isfinite(value))
		return value;
	near = cells->origin + round((value - cells->origin) * cells->per_unit /
								 cells->step) * cells->step / cells->per_unit;
	/* beyond all decimals */
	return isfinite(near) ? near : value;
}

/* Whether the feature's grid has all of its knots. */
static bool
is_grid(uint32_t type, const ForestCurve *curve, const ForestCells *cells)
{
	for (uint32_t i = 0; i < curve->n; i++)
	{
		double		near = to_grid(cells, curve->values[i], rint);

		if (near != curve->values[i] && type == FOREST_FLOAT4)
			near = (double) (float) near;
		if (near != curve->values[i])
			return false;
	}
	return true;
}

/*
 * Whether every finite knot is at a mark of its own, of marks a step apart:
 * distances far below the step are none of the grid.
 */
static bool
has_marks(const ForestCurve *curve, double origin, double step)
{
	double		before = -1.0;

	for (uint32_t i = 0; i < curve->n; i++)
	{
		double		place = (curve->values[i] - origin) / step;

		if (!isfinite(place))
			continue;
		if (rint(place) == before || fabs(place - rint(place)) > MARK_SLACK)
			return false;
		before = rint(place);
	}
	return true;
}

/*
 * The greatest number that all distances between the finite knots are multiples
 * of, but for rounding, by Euclid's algorithm; 0 if there is none of at least
 * 1 / MAX_MARKS of their range.
 */
static double
common_distance(const ForestCurve *curve, const ForestCells *cells)
{
	double		range = cells->greatest - cells->least;
	double		common = 0.0;

	if (!(range > 0.0 && range < INFINITY))
		return 0.0;
	for (uint32_t i = 1; i < curve->n; i++)
	{
		double		rest = curve->values[i] - curve->values[i - 1];

		if (!isfinite(rest))
			continue;

		while (rest > range * MARK_TOLERANCE)
		{
			double		last = rest;

			rest = fabs(common - rint(common / last) * last);
			common = last;
		}
	}
	if (common * MAX_MARKS < range)
		return 0.0;
	common = range / rint(range / common);
	return has_marks(curve, cells->least, common) ? common : 0.0;
}

/*
 * Finds the coarsest grid that a feature's values lie on, as far as its
 * knots tell: of times days, hours, minutes, seconds, milliseconds or
 * microseconds; of other numbers whole ones, up to six decimals, or, as of
 * counts that were standardised, equal distances.
 */
void
forest_grid_find(uint32_t type, const ForestCurve *curve, ForestCells *cells)
{
	static const double times[] = {86400e6, 3600e6, 60e6, 1e6, 1e3, 1.0};
	static const double decimals[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	bool		is_time = forest_type_is(type, FOREST_TRAIT_MICROSECONDS);

	cells->origin = 0.0;
	cells->per_unit = 1.0;
	cells->step = 1.0;
	if (!is_time && forest_type_is(type, FOREST_TRAIT_WHOLE))
		return;
	for (int i = 0; is_time && i < 6; i++)
	{
		cells->step = times[i];
		if (is_grid(type, curve, cells))
			return;
	}
	if (is_time)
		return;
	for (int i = 0; i < 7; i++)
	{
		cells->per_unit = decimals[i];
		if (is_grid(type, curve, cells))
			return;
	}
	cells->per_unit = 1.0;
	cells->step = common_distance(curve, cells);
	cells->origin = cells->step > 0.0 ? cells->least : 0.0;
}

/* How far from a mark of the feature's grid still counts as on it. */
double
forest_grid_slack(const ForestCells *cells)
{
	return cells->origin == 0.0 ? 0.0 : cells->step * MARK_SLACK;
}

/* The greatest value of the feature's grid that is not above "value". */
double
forest_grid_floor(const ForestCells *cells, double value)
{
	double		near = to_grid(cells, value, rint);

	return near <= value + forest_grid_slack(cells) ? near :
		to_grid(cells, value, floor);
}

/*
 * Where a cell with a greatest value ends: half way to the next value of the
 * grid, for what is spread between two of them goes to the nearer one.
 */
double
forest_grid_edge(const ForestCells *cells, double upper)
{
	return upper + 0.5 * cells->step / cells->per_unit;
}

/* The value of the feature's grid nearest to "value". */
double
forest_grid_round(const ForestCells *cells, double value)
{
	return to_grid(cells, value, rint);
}
