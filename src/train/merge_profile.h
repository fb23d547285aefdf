/*-------------------------------------------------------------------------
 *
 * merge_profile.h
 *	  The profile of a merged model, from those of its parts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MERGE_PROFILE_H
#define IFOREST_MERGE_PROFILE_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "core/format/forest_view.h"

extern bool merge_curves(const ForestView *const *views, int n_views,
						 ForestParts *parts);

#endif							/* IFOREST_MERGE_PROFILE_H */
