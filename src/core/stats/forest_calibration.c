/*-------------------------------------------------------------------------
 *
 * forest_calibration.c
 *	  The distribution of the training rows' scores, in few points.
 *
 * Kept as normalised path lengths, from which scores follow; short is
 * unusual.  The lengths of the shortest hundredth are points of their own, up
 * to some TAIL_POINTS, beyond which they thin out: that is where cuts lie.  Of
 * the others so many are points that at most GAP of the rows, and GAP_SHARE of
 * those through the first, lie strictly between two neighbours; a length in
 * between is taken to be in the middle, so that its rank is wrong by less than
 * 1e-3.  Rows of equal length are never torn apart: a point tells the rows
 * below it and the rows through it.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/stats/forest_calibration.h"

#define TAIL			0.01
#define TAIL_POINTS		1024
#define GAP				0.00196
#define GAP_SHARE		0.02

/* Rows that may lie between two points, the first of which has rank "rank". */
static double
allowed_gap(double rank, double n_rows)
{
	if (rank < TAIL * n_rows)
		return TAIL * n_rows / TAIL_POINTS - 1.0;
	/* wider and wider, so that no threshold beyond the tail is far off */
	return fmin(GAP * n_rows, GAP_SHARE * rank);
}

/*
 * Makes a summary of n (>= 1) masses: so many rows (value, >= 1) of one
 * length (key, as forest_sort_key has it).  They are sorted in place;
 * "temporary" has room for n, "points" for FOREST_MAX_POINTS, and the summary
 * refers to it; its spread is 0, for the caller to set.  The rows of all
 * masses fit 32 bits.
 */
void
forest_calibrate(ForestPair *masses, ForestPair *temporary, uint32_t n,
				 ForestPoint *points, ForestCalibration *calibration)
{
	uint32_t	n_points = 0;
	uint64_t	n_rows = 0;
	uint64_t	seen = 0;		/* rows of shorter lengths */
	uint64_t	through = 0;	/* rows through the last point */

	for (uint32_t i = 0; i < n; i++)
	{
		forest_pause_at(i);
		n_rows += masses[i].value;
	}
	forest_sort(masses, temporary, n);
	for (uint32_t i = 0; i < n;)
	{
		uint64_t	key = masses[i].key;
		uint64_t	after = seen;

		for (; i < n && masses[i].key == key; i++)
		{
			after += masses[i].value;
			forest_pause_at(i);
		}
		if (n_points == 0 || i == n ||
			(double) (after - through) >
			allowed_gap((double) through, (double) n_rows))
		{
			points[n_points++] = (ForestPoint)
			{
				forest_sort_value(key), (uint32_t) seen, (uint32_t) after
			};
			through = after;
		}
		seen = after;
	}
	calibration->n_rows = (uint32_t) n_rows;
	calibration->n_points = n_points;
	calibration->points = points;
	calibration->spread = 0.0;
}

/* The first point whose length is at least "length"; n_points if none is. */
static uint32_t
find_point(const ForestCalibration *calibration, double length)
{
	uint32_t	lo = 0;
	uint32_t	hi = calibration->n_points;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (calibration->points[middle].length < length)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

/*
 * How many of the summary's rows score at least as high as a row of that
 * length: 0 .. n_rows, exact at a point and in the tail, and otherwise within
 * 1e-3 of n_rows, perhaps with a half.
 */
double
forest_rows_at_least(const ForestCalibration *calibration, double length)
{
	const ForestPoint *points = calibration->points;
	uint32_t	i = find_point(calibration, length);

	if (i == calibration->n_points)
		return calibration->n_rows;
	if (points[i].length == length)
		return points[i].through;
	if (i == 0)
		return 0.0;
	return 0.5 * ((double) points[i - 1].through + (double) points[i].below);
}

/*
 * The length at the threshold for a share of outliers, 0 .. 0.5: at most that
 * share of the calibration's rows is shorter, and as many as the points allow.
 */
double
forest_threshold(const ForestCalibration *calibration, double contamination)
{
	/* the share is decimal: 0.29 of 100 rows are 29 */
	double		rows = floor(contamination * calibration->n_rows + 1e-6);
	uint32_t	lo = 0;
	uint32_t	hi = calibration->n_points;

	/* the last point with no more rows below it; the first has none */
	while (hi - lo > 1)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (calibration->points[middle].below <= rows)
			lo = middle;
		else
			hi = middle;
	}
	return calibration->points[lo].length;
}

/*
 * The share of the calibration's rows that the threshold for a share of
 * outliers leaves above it: "contamination" or less, where rows have equal
 * lengths.  0 without a calibration.
 */
double
forest_outlier_share(const ForestCalibration *calibration,
					 double contamination)
{
	uint32_t	i;

	if (calibration->n_rows == 0)
		return 0.0;
	i = find_point(calibration, forest_threshold(calibration, contamination));
	return calibration->points[i].below / (double) calibration->n_rows;
}
