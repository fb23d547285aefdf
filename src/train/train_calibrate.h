/*-------------------------------------------------------------------------
 *
 * train_calibrate.h
 *	  The calibration of a new model, from the rows it was trained on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_CALIBRATE_H
#define IFOREST_TRAIN_CALIBRATE_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "sketch/row_sample.h"

extern bytea *train_calibrate(bytea *bytes, const double *values,
							  const uint64 *keys,
							  const RowSample *state,
							  const ForestGroup *group);

#endif							/* IFOREST_TRAIN_CALIBRATE_H */
