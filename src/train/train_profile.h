/*-------------------------------------------------------------------------
 *
 * train_profile.h
 *	  What a model tells about its training rows besides its trees:
 *	  quantiles of numbers, shares of categories.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_PROFILE_H
#define IFOREST_TRAIN_PROFILE_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "sketch/row_sample.h"

extern void train_curves(const RowSample *state, const double *rows,
						 const ForestFeature *features, ForestParts *parts);
extern uint32 *train_category_rows(const RowSample *state,
								   const double *rows,
								   const uint32 *n_categories);

#endif							/* IFOREST_TRAIN_PROFILE_H */
