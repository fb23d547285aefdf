/*-------------------------------------------------------------------------
 *
 * forest_evaluate.c
 *	  How well scores tell outliers from normal rows.
 *
 * Both figures depend on the order of the scores alone, and equal scores are
 * one place in it: rows there are neither above nor below each other.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_pause.h"
#include "core/stats/forest_evaluate.h"

/* The index behind the values, in ascending order, that equal values[i]. */
static size_t
end_of_ties(const double *values, size_t n, size_t i)
{
	double		value = values[i];

	while (i < n && values[i] == value)
		forest_pause_at(i++);
	return i;
}

/*
 * The area under the receiver operating characteristic: the chance that an
 * outlier, drawn at random, scores above a normal row, where equal scores
 * count as half.  NaN unless there are rows of both kinds.
 */
double
forest_roc_auc(const ForestJudged *judged)
{
	const double *normal = judged->normal;
	size_t		n = judged->n_normal;
	size_t		below = 0;		/* normal rows below the current place */
	size_t		end;
	double		twice = 0;

	if (judged->n_outliers == 0 || n == 0)
		return NAN;
	for (size_t i = 0; i < judged->n_outliers; i = end)
	{
		double		score = judged->outliers[i];
		size_t		equal;

		end = end_of_ties(judged->outliers, judged->n_outliers, i);
		while (below < n && normal[below] < score)
			forest_pause_at(below++);
		equal = below < n && normal[below] == score ?
			end_of_ties(normal, n, below) - below : 0;
		twice += (double) (end - i) * (2.0 * (double) below + (double) equal);
		below += equal;
	}
	return twice / 2 / ((double) judged->n_outliers * (double) n);
}

/*
 * The average precision: the mean, over the outliers, of the share of outliers
 * among the rows that score no lower.  NaN if there are no outliers.
 */
double
forest_average_precision(const ForestJudged *judged)
{
	const double *normal = judged->normal;
	size_t		n = judged->n_outliers;
	size_t		above = 0;		/* normal rows at the current place or above */
	size_t		begin;
	double		sum = 0;

	if (n == 0)
		return NAN;
	for (size_t i = n; i > 0; i = begin)
	{
		double		score = judged->outliers[i - 1];

		begin = i;
		while (begin > 0 && judged->outliers[begin - 1] == score)
			forest_pause_at(begin--);
		while (above < judged->n_normal &&
			   normal[judged->n_normal - above - 1] >= score)
			forest_pause_at(above++);
		sum += (double) (i - begin) * (double) (n - begin) /
			(double) (n - begin + above);
	}
	return sum / (double) n;
}
