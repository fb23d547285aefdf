/*-------------------------------------------------------------------------
 *
 * model_load.h
 *	  From an opened model to one that is ready for scoring.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_LOAD_H
#define IFOREST_MODEL_LOAD_H

#include "iforest.h"

#include "core/format/forest_view.h"
#include "model/model.h"

extern Model *model_load(const ForestView *view);

#endif							/* IFOREST_MODEL_LOAD_H */
