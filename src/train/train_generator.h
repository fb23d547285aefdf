/*-------------------------------------------------------------------------
 *
 * train_generator.h
 *	  Training a model's generator of rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_GENERATOR_H
#define IFOREST_TRAIN_GENERATOR_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "sketch/row_sample.h"
#include "sketch/train_options.h"

extern void train_check_generator(const TrainOptions *options);
extern void train_generator(const RowSample *state, const double *rows,
							const uint32 *n_categories, ForestParts *parts);

#endif							/* IFOREST_TRAIN_GENERATOR_H */
