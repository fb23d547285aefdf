/*-------------------------------------------------------------------------
 *
 * statistics.h
 *	  Goodness of fit, for claims about random choices.
 *
 * Each check prints its seed, its statistic and the threshold.  A threshold
 * is what a true claim exceeds for one seed in 15000 or fewer; the seeds are
 * fixed, so that a test passes always or never.
 *
 *-------------------------------------------------------------------------
 */
#ifndef STATISTICS_H
#define STATISTICS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "unit.h"

/* Standard deviations that a normal variable seldom goes from its mean. */
#define NORMAL_THRESHOLD	4.0

/* Kolmogorov's D * sqrt(n): 2 exp(-2 x^2) is one in 30000. */
#define KOLMOGOROV_THRESHOLD	2.36

/* The chi-square of one in 30000 (Wilson and Hilferty 1931). */
static inline double
chi_square_threshold(int degrees)
{
	double		v = 2.0 / (9.0 * degrees);
	double		root = 1.0 - v + NORMAL_THRESHOLD * sqrt(v);

	return degrees * root * root * root;
}

/* Prints a statistic beside its threshold; true if it is below. */
static inline bool
is_below(const char *what, uint64_t seed, double statistic, double threshold)
{
	printf("# %s: seed %llu, statistic %.2f, threshold %.2f\n", what,
		   (unsigned long long) seed, statistic, threshold);
	return statistic < threshold;
}

/*
 * Whether counts of n independent draws fit probabilities.  Outcomes of
 * probability 0 must not occur.
 */
static inline bool
fits(const char *what, uint64_t seed, const uint32_t *counts,
	 const double *probabilities, int n_outcomes)
{
	double		total = 0.0;
	double		sum = 0.0;
	int			degrees = -1;

	for (int i = 0; i < n_outcomes; i++)
		total += counts[i];
	for (int i = 0; i < n_outcomes; i++)
	{
		double		expected = total * probabilities[i];

		if (expected == 0.0)
		{
			if (counts[i] != 0)
				return false;
			continue;
		}
		sum += (counts[i] - expected) * (counts[i] - expected) / expected;
		degrees++;
	}
	return is_below(what, seed, sum, chi_square_threshold(degrees));
}

/* Whether counts of n independent draws fit equally likely outcomes. */
static inline bool
is_uniform(const char *what, uint64_t seed, const uint32_t *counts,
		   int n_outcomes)
{
	double		total = 0.0;
	double		sum = 0.0;

	for (int i = 0; i < n_outcomes; i++)
		total += counts[i];
	total /= n_outcomes;
	for (int i = 0; i < n_outcomes; i++)
		sum += (counts[i] - total) * (counts[i] - total) / total;
	return is_below(what, seed, sum, chi_square_threshold(n_outcomes - 1));
}

/* Whether n_right of n coins are what a fair coin gives. */
static inline bool
is_fair(const char *what, uint64_t seed, uint32_t n_right, uint32_t n)
{
	return is_below(what, seed, fabs(n_right - 0.5 * n) / sqrt(0.25 * n),
					NORMAL_THRESHOLD);
}

static inline int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/* Whether n values, which it sorts, are uniform in [0, 1). */
static inline bool
is_uniform_in_unit(const char *what, uint64_t seed, double *values, int n)
{
	double		distance = 0.0;

	qsort(values, (size_t) n, sizeof(*values), compare_doubles);
	if (!(values[0] >= 0.0 && values[n - 1] < 1.0))
		return false;
	for (int i = 0; i < n; i++)
	{
		distance = fmax(distance, values[i] - (double) i / n);
		distance = fmax(distance, (double) (i + 1) / n - values[i]);
	}
	return is_below(what, seed, distance * sqrt(n), KOLMOGOROV_THRESHOLD);
}

#endif							/* STATISTICS_H */
