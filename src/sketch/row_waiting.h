/*-------------------------------------------------------------------------
 *
 * row_waiting.h
 *	  Rows on their way into a full sample.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ROW_WAITING_H
#define IFOREST_ROW_WAITING_H

#include "sketch/row_sample.h"

extern double *row_sample_room(RowSample *state);
extern void row_sample_wait(RowSample *state, RowKey key);
extern void row_sample_settle(RowSample *state);

#endif							/* IFOREST_ROW_WAITING_H */
