/*-------------------------------------------------------------------------
 *
 * model_features.h
 *	  A model's features by name, and the usual row of its training rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_FEATURES_H
#define IFOREST_MODEL_FEATURES_H

#include "iforest.h"

#include "core/format/forest_view.h"
#include "model/model.h"

extern char *list_features(const Model *model);
extern int	hint_features(const Model *model);
extern uint32 find_feature(const Model *model, const char *name, size_t len);
extern void grid_usual_row(const ForestView *view, double *row);
extern uint32 *model_first_categories(const ForestView *view);

#endif							/* IFOREST_MODEL_FEATURES_H */
