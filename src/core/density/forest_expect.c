/*-------------------------------------------------------------------------
 *
 * forest_expect.c
 *	  What a feature is expected to be.
 *
 * A category is expected to be the likeliest.  The mean of a number would be
 * wherever a few far values draw it, and infinite for one infinite value in a
 * million.  So infinities are weighed on their own, and of the rest the mean
 * is that of the middle 95 %, with the median of each cell for what lies in
 * it (the interquantile mean of robust statistics).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_pause.h"
#include "core/density/forest_conditional.h"
#include "core/density/forest_curve.h"
#include "core/density/forest_density.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_expect.h"

/* The share of finite values that is left out on either side. */
#define TRIM			0.025

/* The part of a cell's weight that is of finite values. */
static double
finite_part(const ForestCells *cells, double below, double through)
{
	double		finite = fmin(through, cells->high) - fmax(below, cells->low);

	return through > below ? fmin(fmax(finite / (through - below), 0.0), 1.0) :
		0.0;
}

/* The shares of a number's values that a cell begins and ends at. */
static void
cell_shares(const ForestDensity *density, const ForestCells *cells,
			uint32_t cell, double *below, double *through)
{
	const double *sum = density->sum + cells->first;
	double		values = sum[cells->n_values];

	*below = sum[cell] / values;
	*through = cell + 1 == cells->n_values ? 1.0 : sum[cell + 1] / values;
}

/*
 * Leaves only the finite part of the weights of a number's cells; the rest is
 * divided between the infinities of each.
 */
static void
take_infinite(ForestBox *box, const ForestCells *cells, ForestExpectation *e)
{
	for (uint32_t i = 0; i < cells->n_values; i++)
	{
		double		weight = box->weight[i];
		double		below;
		double		through;
		double		low;
		double		high;

		forest_pause_at(i);
		if (!(weight > 0.0))
			continue;
		cell_shares(box->density, cells, i, &below, &through);
		box->weight[i] = weight * finite_part(cells, below, through);
		weight -= box->weight[i];
		e->finite += box->weight[i];
		low = fmax(fmin(through, cells->low) - below, 0.0);
		high = fmax(through - fmax(below, cells->high), 0.0);
		if (low + high <= 0.0)
			continue;
		e->low += weight * low / (low + high);
		e->high += weight * high / (low + high);
	}
}

/*
 * The mean of n > 0 ascending values by their weights, "all" in sum, which is
 * above 0, but for the least and the greatest of these.  Halves of
 * differences do not overflow, and their sum keeps what digits values far
 * from 0 have.
 */
static double
trimmed_mean(const double *values, const double *weights, uint32_t n,
			 double all)
{
	double		least = TRIM * all;
	double		most = all - least;
	double		taken = least;
	double		seen = 0.0;
	double		mean = 0.0;
	double		first;
	uint32_t	i = 0;

	for (; i < n - 1 && seen + weights[i] <= least; i++)
	{
		forest_pause_at(i);
		seen += weights[i];
	}
	first = values[i];
	for (;; i++)
	{
		double		upto;

		forest_pause_at(i);
		seen += weights[i];
		upto = seen < most ? seen : most;
		mean += (upto - taken) / (most - least) *
			(0.5 * values[i] - 0.5 * first);
		taken = upto;
		if (i == n - 1 || seen >= most)
			break;
	}
	return fmin(fmax(first + 2.0 * mean, first), values[i]);
}

/*
 * What to expect of a number under the weights that forest_conditional left,
 * of which only those of finite values are left then.  Where it has no weight
 * at all, all is 0.
 */
ForestExpectation
forest_expect(ForestBox *box, uint32_t feature)
{
	const ForestCells *cells = &box->density->features[feature];
	ForestExpectation e = {0.0, 0.0, 0.0, 0.0};

	if (cells->low > 0.0 || cells->high < 1.0)
		take_infinite(box, cells, &e);
	else
		e.finite = box->values;
	if (e.finite > 0.0)
		e.mean = trimmed_mean(box->density->middle + cells->first,
							  box->weight, cells->n_values, e.finite);
	return e;
}

/* Takes one expectation into the mean of all, each as heavy as any other. */
void
forest_expect_also(ForestExpectation *all, const ForestExpectation *one)
{
	double		total = one->low + one->finite + one->high;
	double		finite;

	if (!(total > 0.0 && total < INFINITY))
		return;
	finite = one->finite / total;
	all->low += one->low / total;
	all->high += one->high / total;
	all->finite += finite;
	if (finite > 0.0)
		all->mean = all->finite == finite ? one->mean :
			forest_between(all->mean, one->mean, finite / all->finite);
}

/*
 * The mean if the number is as likely to be finite as it is to be either of
 * the infinities; else the likelier infinity; NaN if nothing is expected.
 */
double
forest_expected_value(const ForestExpectation *e)
{
	if (!(e->low + e->finite + e->high > 0.0))
		return NAN;
	if (e->finite >= e->low && e->finite >= e->high)
		return e->mean;
	return e->low > e->high ? -INFINITY : INFINITY;
}

/* The first of those that weigh most; n if none weighs anything. */
uint32_t
forest_heaviest(const double *weights, uint32_t n)
{
	double		most = 0.0;
	uint32_t	heaviest = n;

	for (uint32_t i = 0; i < n; i++)
	{
		forest_pause_at(i);
		if (weights[i] <= most)
			continue;
		most = weights[i];
		heaviest = i;
	}
	return heaviest;
}

/*
 * What is expected of a feature given all others of the row, whatever its own
 * value is: of a number forest_expected_value, of a category the likeliest;
 * NaN where no value of it is known.  Others that are missing count as that.
 */
double
forest_expect_given(ForestBox *box, uint32_t feature, const double *row)
{
	const ForestCells *cells = &box->density->features[feature];
	ForestExpectation one;
	ForestExpectation all = {0.0, 0.0, 0.0, 0.0};
	uint32_t	code;

	box->values_only = true;
	(void) forest_conditional(box, feature, row);
	if (cells->is_category)
	{
		code = forest_heaviest(box->weight, cells->n_values);
		return code < cells->n_values ? (double) code : (double) NAN;
	}
	one = forest_expect(box, feature);
	forest_expect_also(&all, &one);
	return forest_expected_value(&all);
}
