/*-------------------------------------------------------------------------
 *
 * merge_projections.h
 *	  The projections of models that are merged.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MERGE_PROJECTIONS_H
#define IFOREST_MERGE_PROJECTIONS_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "core/format/forest_view.h"

extern uint32 *merge_projections(const ForestView *const *views, int n_views,
								 ForestParts *parts);

#endif							/* IFOREST_MERGE_PROJECTIONS_H */
