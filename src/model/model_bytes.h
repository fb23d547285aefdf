/*-------------------------------------------------------------------------
 *
 * model_bytes.h
 *	  Opening a model's bytes where a function needs them once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_BYTES_H
#define IFOREST_MODEL_BYTES_H

#include "iforest.h"

#include "core/format/forest_view.h"
#include "model/model.h"

extern bytea *model_open(Datum datum, ForestView *view);
extern bytea *model_open_again(Datum datum, const Model *model,
							   ForestView *view);

#endif							/* IFOREST_MODEL_BYTES_H */
