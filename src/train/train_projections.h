/*-------------------------------------------------------------------------
 *
 * train_projections.h
 *	  The projections of a forest whose trees split several columns at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_PROJECTIONS_H
#define IFOREST_TRAIN_PROJECTIONS_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "sketch/row_sample.h"

/* The columns that trees choose among, as often as each counts. */
typedef struct Candidates
{
	uint32	   *columns;
	uint32		n;
} Candidates;

extern void train_projections(const RowSample *state, const double *rows,
							  ForestParts *parts);
extern Candidates train_candidates(const ForestParts *parts);

#endif							/* IFOREST_TRAIN_PROJECTIONS_H */
