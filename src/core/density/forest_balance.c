/*-------------------------------------------------------------------------
 *
 * forest_balance.c
 *	  Keeps each feature's distribution what it was in the training rows.
 *
 * A product of experts favours what many of them find likely: rare values
 * become rarer than they were.  Factors on the cells make up for it, found by
 * drawing rows and comparing (iterative proportional fitting: Deming,
 * Stephan, Annals of Mathematical Statistics 11, 1940).  A row counts not
 * with the value it drew, but with all that it could have drawn there, so few
 * rows are enough (Gelfand, Smith: Sampling-Based Approaches to Calculating
 * Marginal Densities, JASA 85, 1990).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/density/forest_balance.h"
#include "core/density/forest_density.h"

/*
 * Ranges of a number that have one factor, of as many rows each; but the
 * outermost ones are halved again and again, up to so many times.
 */
#define RANGES			16
#define TAIL_RANGES		12
/*
 * What shares are taken to be more, so that few rows do not say too much; at
 * most the share itself.
 */
#define PRIOR			0.01
/* Rounds whose corrections are made in full. */
#define FULL_ROUNDS		3
/* Most and, inverted, least that a factor comes to be. */
#define MOST_FACTOR		100.0

/*
 * Adds what a feature could have been, by the weights that drawing it left and
 * their sum, to "seen": shares of all cells.
 */
void
forest_balance_add(const ForestBox *box, uint32_t feature, double total,
				   double *seen)
{
	const ForestCells *cells = &box->density->features[feature];

	for (uint32_t i = 0; i <= cells->n_values && total > 0.0; i++)
	{
		forest_pause_at(i);
		seen[cells->first + i] += box->weight[i] / total;
	}
}

/* Multiplies the factors of cells lo .. hi - 1 of a feature. */
static void
adjust(ForestDensity *density, const ForestCells *cells, uint32_t lo,
	   uint32_t hi, const double *seen, double n_rows, double gain)
{
	double		change;
	double		wanted = 0.0;
	double		found = 0.0;
	double		prior;

	for (uint32_t i = lo; i < hi; i++)
	{
		forest_pause_at(cells->first + i);
		wanted += density->share[cells->first + i];
		found += seen[cells->first + i] / n_rows;
	}
	if (wanted <= 0.0)
		return;
	prior = fmin(wanted, PRIOR);
	change = pow((wanted + prior) / (found + prior), gain);
	for (uint32_t i = lo; i < hi; i++)
	{
		double	   *factor = &density->factor[cells->first + i];

		forest_pause_at(cells->first + i);
		*factor = fmin(fmax(*factor * change, 1.0 / MOST_FACTOR), MOST_FACTOR);
	}
}

/* The range that begins at a share of the values, 0 .. 1; ascending. */
static int
range_at(double share)
{
	double		tail = fmin(share, 1.0 - share) * RANGES;
	int			halved = 0;

	if (tail >= 1.0)
		return (int) (share * RANGES);
	while (halved < TAIL_RANGES && tail < 1.0)
	{
		tail *= 2.0;
		halved++;
	}
	return share < 0.5 ? -halved : RANGES - 1 + halved;
}

/*
 * Whether the cells from lo through i of a number are a range.  In the tails a
 * gap without rows ends one, so that what is far away is on its own.
 */
static bool
ends_range(const ForestDensity *density, const ForestCells *cells, uint32_t lo,
		   uint32_t i)
{
	const double *sum = density->sum + cells->first;
	const double *share = density->share + cells->first;
	double		values = sum[cells->n_values];
	int			next;

	if (i + 1 == cells->n_values)
		return true;
	if (!(values > 0.0))
		return false;
	next = range_at(sum[i + 1] / values);
	if (next > range_at(sum[lo] / values))
		return true;
	return (next < 0 || next >= RANGES) && share[i] == 0.0 &&
		share[i + 1] > 0.0;
}

/*
 * Corrects the factors by what n_rows rows could have been.  The first rounds
 * (from 0) go all the way; then the factors are near to what they have to be,
 * and what is left is chance, which later rounds average (Robbins, Monro,
 * Annals of Mathematical Statistics 22, 1951).
 */
void
forest_balance(ForestDensity *density, const double *seen, uint32_t n_rows,
			   uint32_t round)
{
	double		gain = round < FULL_ROUNDS ? 1.0 :
		1.0 / (round - FULL_ROUNDS + 2.0);

	for (uint32_t f = 0; f < density->walk->n_features; f++)
	{
		const ForestCells *cells = &density->features[f];
		uint32_t	lo = 0;

		for (uint32_t i = 0; i < cells->n_values; i++)
		{
			if (cells->is_category || ends_range(density, cells, lo, i))
			{
				adjust(density, cells, lo, i + 1, seen, n_rows, gain);
				lo = i + 1;
			}
		}
		adjust(density, cells, cells->n_values, cells->n_values + 1, seen,
			   n_rows, gain);
	}
}
