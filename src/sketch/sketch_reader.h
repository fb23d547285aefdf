/*-------------------------------------------------------------------------
 *
 * sketch_reader.h
 *	  The rows of a sketch, one by one, from its bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SKETCH_READER_H
#define IFOREST_SKETCH_READER_H

#include "iforest.h"

#include "core/format/forest_sketch.h"

/* A sketch that is being read; all lives in the context it was opened in. */
typedef struct SketchReader
{
	MemoryContext context;
	Datum		datum;
	bytea	   *head_bytes;
	ForestSketch head;			/* a view into these */
	ForestString *strings;		/* in this database's encoding; bytes is NULL
								 * as long as nobody asked */
	uint32	   *first_category; /* string of each feature's first one */

	/* the blocks that are here */
	bytea	   *chunk;
	uint32		first_block;
	uint32		end_block;

	uint32		block;			/* the one that is being read */
	uint32		row;			/* the next one in it */
	ForestSketchKey last;		/* of the blocks up to here */
	ForestSketchKey key;		/* of the row that was read */
	double	   *values;			/* of the same: n_features, NaN if missing */
} SketchReader;

extern SketchReader *sketch_open(Datum sketch);
extern bool sketch_next(SketchReader *reader);
extern void sketch_close(SketchReader *reader);
extern ForestString sketch_name(SketchReader *reader, uint32 feature);
extern ForestString sketch_category(SketchReader *reader, uint32 feature,
									double code);

#endif							/* IFOREST_SKETCH_READER_H */
