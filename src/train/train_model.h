/*-------------------------------------------------------------------------
 *
 * train_model.h
 *	  From a training state to a model: categories in order, trees grown,
 *	  bytes written.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_MODEL_H
#define IFOREST_TRAIN_MODEL_H

#include "iforest.h"

#include "sketch/row_sample.h"

extern bytea *train_model(const RowSample *state);

#endif							/* IFOREST_TRAIN_MODEL_H */
