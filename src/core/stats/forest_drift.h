/*-------------------------------------------------------------------------
 *
 * forest_drift.h
 *	  How far fresh rows are from those that a model was trained on.
 *
 * Training leaves 41 quantiles of a number and the rows of each category.
 * Fresh rows are counted into the cells between and at these quantiles, or by
 * category, so that the counts of parts of the rows just add up.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_DRIFT_H
#define FOREST_DRIFT_H

#include "core/forest.h"
#include "core/format/forest_model.h"

/* Cells of a number: below, at and between the quantiles, and above them. */
#define FOREST_DRIFT_CELLS		(2 * FOREST_QUANTILES + 1)

/* A population stability index from here on is called moderate, large. */
#define FOREST_DRIFT_MODERATE	0.1
#define FOREST_DRIFT_LARGE		0.25

/* In the order of how much it matters. */
typedef enum ForestDriftVerdict
{
	FOREST_DRIFT_STABLE,
	FOREST_DRIFT_TOO_FEW_ROWS,	/* to tell drift from chance */
	FOREST_DRIFT_IS_MODERATE,
	FOREST_DRIFT_IS_LARGE
} ForestDriftVerdict;

/* NaN stands for what there are no rows to tell of. */
typedef struct ForestDrift
{
	double		psi;			/* less what chance alone gives, at least 0 */
	double		chance;			/* what chance alone gives on the average */
	double		ks;				/* Kolmogorov-Smirnov distance, 0 .. 1 */
	int			direction;		/* fresh values are 1: higher, -1: lower */
	bool		small_sample;	/* chance may give more than MODERATE */
	ForestDriftVerdict verdict;
} ForestDrift;

/* A number, or a category, in the training rows. */
typedef struct ForestDriftBase
{
	double		rows;			/* behind the quantiles or counts, with .. */
	double		missing;		/* .. so many without a value */
	double		evidence;		/* rows that each row of a count stands for */
	const double *quantiles;	/* of a number: FOREST_QUANTILES */
	const uint32_t *category_rows;	/* of a category: n_categories */
	uint32_t	n_categories;
} ForestDriftBase;

extern void forest_drift_score_quantiles(const ForestCalibration *calibration,
										 double *quantiles);
extern uint32_t forest_drift_cell(const double *quantiles, double value);
extern void forest_drift_number(const ForestDriftBase *base,
								const uint64_t *cells, uint64_t missing,
								ForestDrift *drift);
extern void forest_drift_category(const ForestDriftBase *base,
								  const uint64_t *rows, uint64_t missing,
								  ForestDrift *drift);
extern double forest_drift_unseen(const ForestDriftBase *base);

#endif							/* FOREST_DRIFT_H */
