/*-------------------------------------------------------------------------
 *
 * model_calibrate.c
 *	  A model with its calibration remade.
 *
 * A calibration is the distribution of the scores of rows that stand for the
 * usual: for thresholds at any share, ranks and conformal p-values at scoring
 * time.  It has a bounded number of points whatever the number of rows; see
 * forest_calibration.c for what it promises.  Training makes one of its own
 * rows, iforest_calibrate and iforest_merge make others, all by
 * calibrate_model.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/format/forest_write.h"
#include "core/stats/forest_calibration.h"
#include "model/model_bytes.h"
#include "model/model_calibrate.h"

/*
 * Reads the calibration of an opened model, with points in the current
 * context; there are none if the model has no calibration.
 */
void
read_calibration(const ForestView *view, ForestCalibration *calibration)
{
	ForestPoint *points = palloc(Max(view->n_points, 1) * sizeof(ForestPoint));

	for (uint32 i = 0; i < view->n_points; i++)
		points[i] = forest_view_point(view, i);
	calibration->n_rows = view->calibration_rows;
	calibration->n_points = view->n_points;
	calibration->points = points;
	calibration->spread = view->spread;
}

/*
 * Whether a calibration of so many rows is the training's: one of as many as
 * that makes it of is taken to be.
 */
bool
is_calibrated_by_training(const ForestSummary *summary, uint32 calibration_rows)
{
	return calibration_rows == Min(summary->rows_kept, MODEL_CALIBRATION_ROWS);
}

/*
 * How many rows each row of a calibration is to be taken for where chance is
 * judged (forest_summary_evidence).
 */
double
calibration_evidence(const ForestSummary *summary, uint32 calibration_rows)
{
	return is_calibrated_by_training(summary, calibration_rows) ?
		forest_summary_evidence(summary) : 1.0;
}

/*
 * Returns a copy of an opened model, palloc'd, with a calibration made of n
 * masses (see forest_calibrate) and of the spread that their lengths have from
 * tree to tree (see ForestCalibration).
 */
bytea *
calibrate_model(const ForestView *view, const bytea *bytes,
				ForestPair *masses, uint32 n, double spread)
{
	ForestPair *temporary = palloc_extended(n * sizeof(ForestPair),
											MCXT_ALLOC_HUGE);
	ForestPoint *points = palloc(FOREST_MAX_POINTS * sizeof(ForestPoint));
	const uint8 *model = (const uint8 *) VARDATA_ANY(bytes);
	ForestCalibration calibration;
	uint64		size;
	bytea	   *result;

	forest_calibrate(masses, temporary, n, points, &calibration);
	pfree(temporary);
	calibration.spread = spread;
	size = forest_calibrated_size(model, calibration.n_points);
	result = model_allocate(size, view->summary.n_trees);
	forest_calibrated_write(model, &calibration, (uint8 *) VARDATA(result));
	pfree(points);
	return result;
}
