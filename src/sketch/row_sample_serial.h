/*-------------------------------------------------------------------------
 *
 * row_sample_serial.h
 *	  A sample of rows as bytes, on its way from a worker to the leader.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ROW_SAMPLE_SERIAL_H
#define IFOREST_ROW_SAMPLE_SERIAL_H

#include "iforest.h"

#include "sketch/row_sample.h"

extern bytea *row_sample_serialize(const RowSample *state);
extern RowSample *row_sample_deserialize(bytea *bytes,
										 MemoryContext context);

#endif							/* IFOREST_ROW_SAMPLE_SERIAL_H */
