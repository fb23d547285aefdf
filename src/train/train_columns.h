/*-------------------------------------------------------------------------
 *
 * train_columns.h
 *	  Which columns of a row become features.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_COLUMNS_H
#define IFOREST_TRAIN_COLUMNS_H

#include "iforest.h"

#include "row/arguments.h"
#include "sketch/row_sample.h"

extern void train_define_columns(RowSample *state, const Arguments *arguments);
extern double train_row_weight(const RowSample *state,
							   const Arguments *arguments);
pg_noreturn extern void train_refuse_exclude(ArgumentShape shape);

#endif							/* IFOREST_TRAIN_COLUMNS_H */
