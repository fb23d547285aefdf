/*-------------------------------------------------------------------------
 *
 * forest_cut.c
 *	  Where a node cuts a column of numbers: at random, or guided.
 *
 * A random cut is uniform between the least and the greatest value (Liu, Ting,
 * Zhou 2008).  A guided one is that of the best pooled gain of standard
 * deviation (Cortes, "Revisiting randomized choices in isolation forests",
 * arXiv:2110.13402, 2021).  Of n values with deviation s, a cut that leaves
 * l values with deviation s_l below it and r with deviation s_r above gains
 *
 *		1 - (l s_l + r s_r) / (n s)
 *
 * Deviations are summed by Welford's recurrence, upwards from the least value
 * and downwards from the greatest, so that nothing cancels.  Sums go in
 * ascending and descending order of the values, in + - * / and square roots
 * alone, all of which IEEE 754 rounds correctly: the same values have the
 * same cut on every machine.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>

#include "core/base/forest_pause.h"
#include "core/grow/forest_cut.h"

/* How far some values spread. */
typedef struct Spread
{
	double		n;
	double		mean;
	double		squares;		/* of the differences from the mean */
} Spread;

/* lo + u * (hi - lo) for finite lo <= hi, also where hi - lo overflows. */
static double
interpolate(double lo, double hi, double u)
{
	double		width = hi - lo;

	if (isfinite(width))
		return lo + u * width;
	return lo * (1.0 - u) + hi * u;
}

/*
 * Finds the finite ends of a range: infinite ones are replaced by finite ones
 * as far from the finite values as these are wide.  False if the range has
 * nothing but infinities.
 */
static bool
finite_ends(const ForestRange *range, double *lo, double *hi)
{
	double		width = 1.0;

	*lo = range->finite_min;
	*hi = range->finite_max;
	if (*lo > *hi)
		return false;
	if (*lo < *hi)
		width = *hi - *lo;
	if (isinf(range->min))
		*lo = fmax(*lo - width, -DBL_MAX);
	if (isinf(range->max))
		*hi = fmin(*hi + width, DBL_MAX);
	return true;
}

/* Draws a cut from [min, max), which is not empty, uniformly. */
double
forest_cut_random(const ForestRange *range, ForestRng *rng)
{
	double		u = forest_rng_double(rng);
	double		lo;
	double		hi;
	double		cut;

	if (!finite_ends(range, &lo, &hi))
		return 0.0;
	cut = interpolate(lo, hi, u);

	/*
	 * Rounding may reach the upper end, which is no cut: everything would go
	 * left.
	 */
	if (cut >= range->max)
		cut = range->finite_min < range->max ? range->finite_min :
			nextafter(range->max, -INFINITY);
	return cut;
}

/* Adds a value. */
static inline void
spread_add(Spread *spread, double x)
{
	double		before = x - spread->mean;

	spread->n += 1.0;
	spread->mean += before / spread->n;
	spread->squares += before * (x - spread->mean);
}

/* The number of values times their standard deviation. */
static inline double
spread_weight(const Spread *spread)
{
	return sqrt(spread->n * spread->squares);
}

/* v, or the end of [lo, hi] that is nearest to it. */
static inline double
within(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* Where v lies in [lo, hi]: 0 to 1. */
static inline double
place_in(double v, double lo, double hi)
{
	double		width = hi - lo;

	v = within(v, lo, hi);
	if (isfinite(width))
		return (v - lo) / width;
	return (0.5 * v - 0.5 * lo) / (0.5 * hi - 0.5 * lo);
}

/*
 * The cut between a < b: their middle, an infinity being taken for the end of
 * [lo, hi]; a itself where no number lies between.
 */
static double
cut_between(double a, double b, double lo, double hi)
{
	double		low = within(a, lo, hi);
	double		high = within(b, lo, hi);
	double		cut = interpolate(low, high, 0.5);

	return cut < b ? cut : a;
}

/*
 * Finds the cut of the best gain of n values of a range with min < max, whose
 * sort keys are those of guide->values, which it sorts.  Of equally good ones
 * it is the lowest.  False where the values' spread has no measure: between
 * infinities, and between the greatest number and one of them.
 */
bool
forest_cut_guided(const ForestRange *range, ForestGuide *guide, size_t n,
				  double *cut)
{
	const ForestPair *values = guide->values;
	Spread		below = {0.0, 0.0, 0.0};
	Spread		above = {0.0, 0.0, 0.0};
	double		least = INFINITY;
	size_t		best = 0;
	double		lo;
	double		hi;

	if (!finite_ends(range, &lo, &hi) || !(lo < hi))
		return false;
	forest_sort(guide->values, guide->temporary, n);
	for (size_t i = n - 1; i > 0; i--)
	{
		forest_pause_at(i);
		spread_add(&above, place_in(forest_sort_value(values[i].key), lo, hi));
		guide->above[i] = spread_weight(&above);
	}
	for (size_t i = 0; i + 1 < n; i++)
	{
		double		v = forest_sort_value(values[i].key);
		double		weight;

		forest_pause_at(i);
		spread_add(&below, place_in(v, lo, hi));
		weight = spread_weight(&below) + guide->above[i + 1];
		if (weight < least && v < forest_sort_value(values[i + 1].key))
		{
			least = weight;
			best = i;
		}
	}
	*cut = cut_between(forest_sort_value(values[best].key),
					   forest_sort_value(values[best + 1].key), lo, hi);
	return true;
}
