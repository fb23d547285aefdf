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

/* Where rows ended in the trees that grew from them. */
typedef struct GrownRows
{
	uint32	   *rows;			/* of each tree sample_size, leaf by leaf */
	const uint32 *leaf_rows;	/* how many each leaf has, in preorder */
} GrownRows;

extern bytea *train_calibrate(bytea *bytes, const double *values,
							  const uint64 *keys, uint32 n,
							  const GrownRows *grown,
							  const ForestGroup *group);

#endif							/* IFOREST_TRAIN_CALIBRATE_H */
