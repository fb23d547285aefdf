/*-------------------------------------------------------------------------
 *
 * forest_evaluate.h
 *	  How well scores tell outliers from normal rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_EVALUATE_H
#define FOREST_EVALUATE_H

#include <stddef.h>

/* Scores of rows that somebody has labelled, each kind in ascending order. */
typedef struct ForestJudged
{
	const double *outliers;
	size_t		n_outliers;
	const double *normal;
	size_t		n_normal;
} ForestJudged;

extern double forest_roc_auc(const ForestJudged *judged);
extern double forest_average_precision(const ForestJudged *judged);

#endif							/* FOREST_EVALUATE_H */
