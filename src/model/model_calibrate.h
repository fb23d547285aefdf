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

extern void read_calibration(const ForestView *view,
							 ForestCalibration *calibration);
extern bytea *calibrate_model(const ForestView *view, const bytea *bytes,
							  ForestPair *masses, uint32 n, double spread);

#endif							/* IFOREST_MODEL_CALIBRATE_H */
