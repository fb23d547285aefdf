/*-------------------------------------------------------------------------
 *
 * forest_near.c
 *	  Values near those of a given row: inside its boxes, or by noise.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_rng.h"
#include "core/density/forest_box.h"
#include "core/density/forest_curve.h"
#include "core/density/forest_density.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_grid.h"
#include "core/density/forest_near.h"
#include "core/score/forest_walk.h"

/* Two pi. */
#define TURN	6.283185307179586

/* Widths of a normal distribution's middle 68 and 95 %, in deviations. */
#define MIDDLE_WIDTH	2.0
#define WIDE_WIDTH		4.0
/* Deviations in the range of a uniform distribution. */
#define RANGE_WIDTH		3.4641016151377544

/*
 * Narrows the box, which begins as that of everything (forest_box_reset), to
 * what it has in common with the row's leaf in a tree.  box->slots are the
 * row's (forest_walk_slots), and features that come up are visited.
 */
void
forest_near_tree(ForestBox *box, uint32_t tree)
{
	const ForestWalk *walk = box->density->walk;
	uint32_t	i = walk->roots[tree];

	while (!forest_walk_is_leaf(walk, i))
	{
		const ForestWalkNode *node = &walk->nodes[i];
		bool		right = forest_walk_goes_right(walk, node, box->slots);

		(void) forest_box_visit(box, forest_density_feature(box->density, i));
		forest_box_enter(box, i, right);
		i = node->child + right;
	}
	box->depth = 0;				/* there is no way back */
}

/*
 * Brings a value between the finite ones seen, or that of the row; on the grid.
 */
static double
keep_seen(const ForestCells *cells, double value, double row_value)
{
	value = forest_grid_round(cells, value);
	value = fmax(value, fmin(cells->least, row_value));
	return fmin(value, fmax(cells->greatest, row_value));
}

/* Draws a category of the box by its share; the row's if it has none. */
static double
draw_category(const ForestBox *box, uint32_t feature, double row_value,
			  ForestRng *rng)
{
	const ForestCells *cells = &box->density->features[feature];
	const double *share = box->density->share + cells->first;
	const uint32_t *codes = box->codes + cells->first;
	double		total = 0.0;
	double		place;

	for (uint32_t i = box->lo[feature]; i < box->hi[feature]; i++)
		total += share[codes[i]];
	place = forest_rng_double(rng) * total;
	for (uint32_t i = box->lo[feature]; i < box->hi[feature]; i++)
	{
		place -= share[codes[i]];
		if (place < 0.0)
			return codes[i];
	}
	return row_value;
}

/*
 * Draws a value of a feature inside the box, every value as likely, or a
 * category by its share.  A feature that no tree looked at keeps the row's
 * value, and so does one that is missing or infinite.
 */
double
forest_draw_near(const ForestBox *box, uint32_t feature, double row_value,
				 ForestRng *rng)
{
	const ForestDensity *density = box->density;
	const ForestCells *cells = &density->features[feature];
	double		u = forest_rng_double(rng);
	uint32_t	lo = box->lo[feature];
	uint32_t	hi = box->hi[feature];
	double		lower;
	double		upper;
	double		value;

	if (box->stamp[feature] != box->mark || !isfinite(row_value) || lo >= hi)
		return row_value;
	if (cells->is_category)
		return draw_category(box, feature, row_value, rng);
	lower = fmin(lo == 0 ? cells->least :
				 fmax(forest_cell_lower(density, feature, lo), cells->least),
				 row_value);
	upper = fmax(hi == cells->n_values ? cells->greatest :
				 fmin(density->upper[cells->first + hi - 1], cells->greatest),
				 row_value);
	value = keep_seen(cells, forest_between(upper, lower, u), row_value);
	/* what is as low as the box's lower end is outside of it */
	if (lo > 0 && value <= lower)
		return row_value;
	return value;
}

/*
 * The distance between two shares of the finite values, in units of "width";
 * of a width that is not below 2, it cannot overflow.
 */
static double
distance(const ForestCells *cells, const ForestCurve *curve, double low,
		 double high, double width)
{
	double		finite = cells->high - cells->low;
	double		a = forest_curve_value(curve, cells->low + low * finite);
	double		b = forest_curve_value(curve, cells->low + high * finite);

	a = fmin(fmax(a, cells->least), cells->greatest);
	b = fmin(fmax(b, cells->least), cells->greatest);
	return b / width - a / width;
}

/* How far a feature's finite values usually are from their middle. */
static double
spread(const ForestDensity *density, uint32_t feature)
{
	const ForestCells *cells = &density->features[feature];
	const ForestCurve *curve = &density->curves[feature];
	double		spread;

	if (isnan(cells->least))
		return 0.0;
	spread = distance(cells, curve, 0.1587, 0.8413, MIDDLE_WIDTH);
	if (!(spread > 0.0))
		spread = distance(cells, curve, 0.0228, 0.9772, WIDE_WIDTH);
	if (!(spread > 0.0))
		spread = cells->greatest / RANGE_WIDTH - cells->least / RANGE_WIDTH;
	return spread > 0.0 ? spread : 0.0;
}

/* A normally distributed number, mean 0, deviation 1 (Box, Muller 1958). */
static double
draw_normal(ForestRng *rng)
{
	double		radius = sqrt(-2.0 * log(1.0 - forest_rng_double(rng)));

	return radius * cos(TURN * forest_rng_double(rng));
}

/*
 * Draws a value around the row's: normally, with "noise" times the spread of
 * the training rows as its deviation, within the range seen.  A category, or
 * a number of two values at most, is drawn anew, by the shares of the
 * training rows, with probability "noise".  The box is that of everything.
 */
double
forest_draw_noise(const ForestBox *box, uint32_t feature, double row_value,
				  double noise, ForestRng *rng)
{
	const ForestDensity *density = box->density;
	const ForestCells *cells = &density->features[feature];
	bool		anew = forest_rng_double(rng) < noise;

	if (!isfinite(row_value))
		return row_value;
	if (cells->is_category)
		return anew ? draw_category(box, feature, row_value, rng) : row_value;
	if (cells->step > 0.0 &&
		cells->maximum - cells->minimum <= 1.01 * cells->step / cells->per_unit)
	{
		double		value;

		if (!anew)
			return row_value;
		value = forest_curve_value(&density->curves[feature],
								   forest_rng_double(rng));
		return forest_grid_round(cells, value);
	}
	if (isnan(cells->minimum))
		return row_value;
	return keep_seen(cells, row_value + noise * spread(density, feature) *
					 draw_normal(rng), row_value);
}

/*
 * The value half way from the row's to another one; the row's own if it is a
 * category or if there is none between.
 */
double
forest_draw_back(const ForestDensity *density, uint32_t feature,
				 double row_value, double value)
{
	const ForestCells *cells = &density->features[feature];
	double		half;

	if (cells->is_category || !isfinite(row_value) || value == row_value)
		return row_value;
	half = keep_seen(cells, forest_between(row_value, value, 0.5), row_value);
	return half == value ? row_value : half;
}
