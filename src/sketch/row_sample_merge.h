/*-------------------------------------------------------------------------
 *
 * row_sample_merge.h
 *	  Samples of rows united: a sample with another, or with sketches.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ROW_SAMPLE_MERGE_H
#define IFOREST_ROW_SAMPLE_MERGE_H

#include "iforest.h"

#include "sketch/row_sample.h"

extern void union_options(TrainOptions *options);
extern RowSample *row_sample_begin_union(MemoryContext context);
extern void row_sample_merge(RowSample *state, const RowSample *other);
extern void row_sample_unite(RowSample *state, Datum sketch, double factor);

#endif							/* IFOREST_ROW_SAMPLE_MERGE_H */
