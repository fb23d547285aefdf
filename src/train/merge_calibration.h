/*-------------------------------------------------------------------------
 *
 * merge_calibration.h
 *	  The calibration of a merged model, from those of its parts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MERGE_CALIBRATION_H
#define IFOREST_MERGE_CALIBRATION_H

#include "iforest.h"

#include "core/format/forest_view.h"

extern bytea *merge_calibrations(const ForestView *const *views, int n_views,
							  uint32 n_repeated, bytea *bytes);

#endif							/* IFOREST_MERGE_CALIBRATION_H */
