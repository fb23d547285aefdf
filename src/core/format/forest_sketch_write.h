/*-------------------------------------------------------------------------
 *
 * forest_sketch_write.h
 *	  From native arrays to the bytes of a sketch (doc/SKETCH.md).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_SKETCH_WRITE_H
#define FOREST_SKETCH_WRITE_H

#include "core/format/forest_sketch.h"

extern uint64_t forest_sketch_size(const ForestSketchParts *parts);
extern void forest_sketch_write(const ForestSketchParts *parts,
								uint8_t *bytes);

#endif							/* FOREST_SKETCH_WRITE_H */
