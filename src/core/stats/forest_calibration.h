/*-------------------------------------------------------------------------
 *
 * forest_calibration.h
 *	  The distribution of the training rows' scores, in few points.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_CALIBRATION_H
#define FOREST_CALIBRATION_H

#include "core/base/forest_sort.h"
#include "core/forest.h"
#include "core/format/forest_model.h"

extern void forest_calibrate(ForestPair *masses, ForestPair *temporary,
							 uint32_t n, ForestPoint *points,
							 ForestCalibration *calibration);
extern double forest_rows_at_least(const ForestCalibration *calibration,
								   double length);
extern double forest_threshold(const ForestCalibration *calibration,
							   double contamination);
extern double forest_outlier_share(const ForestCalibration *calibration,
								   double contamination);

#endif							/* FOREST_CALIBRATION_H */
