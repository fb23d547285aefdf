/*-------------------------------------------------------------------------
 *
 * model_calibrate.h
 *	  A model's calibration: read from its bytes, or remade.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_CALIBRATE_H
#define IFOREST_MODEL_CALIBRATE_H

#include "iforest.h"

#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"

/* Rows that training makes the calibration of, at most. */
#define MODEL_CALIBRATION_ROWS	(UINT32_C(1) << 18)

extern void read_calibration(const ForestView *view,
							 ForestCalibration *calibration);
extern bool is_calibrated_by_training(const ForestSummary *summary,
									  uint32 calibration_rows);
extern double calibration_evidence(const ForestSummary *summary,
								   uint32 calibration_rows);
extern bytea *calibrate_model(const ForestView *view, const bytea *bytes,
							  ForestPair *masses, uint32 n, double spread);

#endif							/* IFOREST_MODEL_CALIBRATE_H */
