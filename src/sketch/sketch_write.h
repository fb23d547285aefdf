/*-------------------------------------------------------------------------
 *
 * sketch_write.h
 *	  From a sample of rows to the bytes of a sketch.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SKETCH_WRITE_H
#define IFOREST_SKETCH_WRITE_H

#include "iforest.h"

#include "sketch/row_sample.h"

extern bytea *sketch_write(const RowSample *state);

#endif							/* IFOREST_SKETCH_WRITE_H */
