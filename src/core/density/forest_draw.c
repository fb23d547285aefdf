/*-------------------------------------------------------------------------
 *
 * forest_draw.c
 *	  Rows drawn from the density of a forest.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/density/forest_box.h"
#include "core/density/forest_conditional.h"
#include "core/density/forest_curve.h"
#include "core/density/forest_density.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_grid.h"
#include "core/score/forest_walk.h"

/* The value that all values of a numeric cell but the first's are above. */
double
forest_cell_lower(const ForestDensity *density, uint32_t feature,
				  uint32_t cell)
{
	const ForestCells *cells = &density->features[feature];

	return cell == 0 ? cells->minimum :
		fmax(density->upper[cells->first + cell - 1], cells->minimum);
}

/* Brings a value of a numeric cell into it, and on the feature's grid. */
static double
forest_cell_fit(const ForestDensity *density, uint32_t feature, uint32_t cell,
				double value)
{
	const ForestCells *cells = &density->features[feature];
	double		lower = forest_cell_lower(density, feature, cell);
	double		unit = cells->step / cells->per_unit;

	value = forest_grid_round(cells, value);
	if (cell > 0 && value <= lower + 0.5 * unit)
		value = forest_grid_round(cells, lower + unit);
	if (cell > 0 && value <= lower)
		value = nextafter(lower, INFINITY);
	return fmax(fmin(value, density->upper[cells->first + cell]),
				cells->minimum);
}

/* Draws a value of a cell, NaN for that of missing ones. */
double
forest_cell_draw(const ForestDensity *density, uint32_t feature, uint32_t cell,
				 ForestRng *rng)
{
	const ForestCells *cells = &density->features[feature];
	const ForestCurve *curve = &density->curves[feature];
	const double *upper = density->upper + cells->first;
	double		u = forest_rng_double(rng);
	double		below;
	double		through;
	double		value;

	if (cell >= cells->n_values)
		return NAN;
	if (cells->is_category)
		return cell;
	if (curve->n == 0)
		return upper[cell];
	below = cell == 0 ? 0.0 :
		forest_curve_share(curve, forest_grid_edge(cells, upper[cell - 1]));
	through = cell + 1 == cells->n_values ? 1.0 :
		forest_curve_share(curve, forest_grid_edge(cells, upper[cell]));
	value = forest_cell_fit(density, feature, cell,
							forest_curve_value(curve, below + u * (through - below)));
	return forest_curve_snap(curve, value, forest_grid_slack(cells));
}

/* The cell of values lo .. hi - 1 that a share of their sum falls into. */
static uint32_t
find_cell(const double *sum, uint32_t lo, uint32_t hi, double place)
{
	/* the last cell whose sum before it is not above the place */
	while (hi - lo > 1)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (sum[middle] <= place)
			lo = middle;
		else
			hi = middle;
	}
	return lo;
}

/* Draws a category from its shares in the box, which is not empty. */
static uint32_t
draw_code(const ForestBox *box, uint32_t feature, double place)
{
	const ForestCells *cells = &box->density->features[feature];
	const uint32_t *codes = box->codes + cells->first;
	uint32_t	last = box->lo[feature];

	for (uint32_t i = last; i < box->hi[feature]; i++)
	{
		double		share = box->density->share[cells->first + codes[i]];

		if (share <= 0.0)
			continue;
		last = i;
		place -= share;
		if (place < 0.0)
			break;
	}
	return codes[last];
}

/* Draws a value of a feature from its shares in the box. */
static double
draw_in_box(const ForestBox *box, uint32_t feature, ForestRng *rng)
{
	const ForestDensity *density = box->density;
	const ForestCells *cells = &density->features[feature];
	const double *sum = density->sum + cells->first;
	double		missing = !box->missing[feature] || box->values_only ? 0.0 :
		density->share[cells->first + cells->n_values];
	uint32_t	lo = box->lo[feature];
	uint32_t	hi = box->hi[feature];
	double		values = forest_box_share(box, feature) -
		(box->missing[feature] ?
		 density->share[cells->first + cells->n_values] : 0.0);
	double		place = forest_rng_double(rng) * (values + missing);

	if (place < missing || lo >= hi)
		return NAN;
	place -= missing;
	if (cells->is_category)
		return draw_code(box, feature, place);
	if (values <= 0.0 && isnan(cells->minimum))
		return NAN;
	return forest_cell_draw(density, feature,
							find_cell(sum, lo, hi, sum[lo] + place), rng);
}

/*
 * Draws a leaf of a tree by its rows, and a row in its box: every feature by
 * its own shares.  Features that are fixed stay as they are in the row, and
 * only leaves where they can be are drawn.
 */
void
forest_draw_leaf(ForestBox *box, uint32_t tree, const bool *fixed, double *row,
				 ForestRng *rng)
{
	const ForestDensity *density = box->density;
	const ForestWalk *walk = density->walk;
	uint32_t	i = walk->roots[tree];

	forest_box_reset(box);
	forest_walk_slots(walk, row, box->slots);
	while (!forest_walk_is_leaf(walk, i))
	{
		const ForestWalkNode *node = &walk->nodes[i];
		bool		right;

		if (fixed != NULL && fixed[forest_density_feature(density, i)])
			right = forest_walk_goes_right(walk, node, box->slots);
		else
			right = forest_rng_below(rng, density->rows[i]) >=
				density->rows[node->child];
		forest_box_enter(box, i, right);
		i = node->child + right;
	}
	for (uint32_t f = 0; f < walk->n_features; f++)
	{
		forest_pause();
		if (fixed == NULL || !fixed[f])
			row[f] = draw_in_box(box, f, rng);
	}
}

/*
 * Draws a feature of the row given all others; leaves weights, and returns
 * their sum, as forest_conditional does.
 */
double
forest_draw_feature(ForestBox *box, uint32_t feature, double *row,
					ForestRng *rng)
{
	const ForestCells *cells = &box->density->features[feature];
	double		total = forest_conditional(box, feature, row);
	double		place = forest_rng_double(rng) * total;
	uint32_t	last = 0;

	for (uint32_t i = 0; i <= cells->n_values; i++)
	{
		forest_pause_at(i);
		if (box->weight[i] <= 0.0)
			continue;
		last = i;
		place -= box->weight[i];
		if (place < 0.0)
			break;
	}
	row[feature] = forest_cell_draw(box->density, feature, last, rng);
	return total;
}
