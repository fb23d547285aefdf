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
#include "forest_density.h"

#include <math.h>
#include <string.h>

/* Ranges of a number, of as many rows each, that have one factor. */
#define RANGES			16
/* What shares are taken to be more, so that few rows do not say too much. */
#define PRIOR			0.01
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
	   uint32_t hi, const double *seen, double n_rows)
{
	double		wanted = PRIOR;
	double		found = PRIOR;

	for (uint32_t i = lo; i < hi; i++)
	{
		forest_pause_at(cells->first + i);
		wanted += density->share[cells->first + i];
		found += seen[cells->first + i] / n_rows;
	}
	for (uint32_t i = lo; i < hi; i++)
	{
		double	   *factor = &density->factor[cells->first + i];

		forest_pause_at(cells->first + i);
		*factor = fmin(fmax(*factor * wanted / found, 1.0 / MOST_FACTOR),
					   MOST_FACTOR);
	}
}

/* Corrects the factors by what n_rows rows could have been. */
void
forest_balance(ForestDensity *density, const double *seen, uint32_t n_rows)
{
	for (uint32_t f = 0; f < density->walk->n_features; f++)
	{
		const ForestCells *cells = &density->features[f];
		const double *sum = density->sum + cells->first;
		uint32_t	lo = 0;

		for (uint32_t i = 0; i < cells->n_values; i++)
		{
			if (cells->is_category ||
				floor(sum[i + 1] * RANGES) > floor(sum[lo] * RANGES) ||
				i + 1 == cells->n_values)
			{
				adjust(density, cells, lo, i + 1, seen, n_rows);
				lo = i + 1;
			}
		}
		adjust(density, cells, cells->n_values, cells->n_values + 1, seen,
			   n_rows);
	}
}
