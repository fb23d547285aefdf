/*-------------------------------------------------------------------------
 *
 * row_weights.h
 *	  Weights of rows: samples that go by them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ROW_WEIGHTS_H
#define IFOREST_ROW_WEIGHTS_H

#include "iforest.h"

#include "sketch/row_sample.h"

extern double check_weight(double weight, const char *column);
extern void row_sample_weigh(RowSample *state);
extern const RowSample *row_sample_expand(const RowSample *state);

#endif							/* IFOREST_ROW_WEIGHTS_H */
