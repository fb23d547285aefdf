/*-------------------------------------------------------------------------
 *
 * forest_sketch.h
 *	  The bytes of a sketch: a uniform sample of rows that can be united with
 *	  others (doc/SKETCH.md).
 *
 * A head tells all but the rows, which follow in the order of their keys.  So
 * whoever looks for the smallest keys of many sketches reads of each only as
 * far as it goes: the rows come in blocks, each with a digest of its own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_SKETCH_H
#define FOREST_SKETCH_H

#include "core/base/forest_bytes.h"
#include "core/base/forest_digest.h"
#include "core/forest.h"
#include "core/format/forest_model.h"

#define FOREST_SKETCH_MAGIC			"isketch"	/* with its zero */
#define FOREST_SKETCH_HEADER_SIZE	96
#define FOREST_SKETCH_MAX_ROWS		INT32_MAX

/* Rows that a sketch is of: those that one numbered stream had. */
typedef struct ForestStream
{
	uint64_t	id;
	uint64_t	rows;			/* offered, whether kept or not */
} ForestStream;

typedef struct ForestSketchFeature
{
	uint32_t	type;			/* ForestType */
	uint32_t	n_categories;
} ForestSketchFeature;

/* What rows are ordered by. */
typedef struct ForestSketchKey
{
	uint64_t	order;			/* the key itself, or as its weight has it */
	uint64_t	key;
	double		weight;			/* 1 without weights */
} ForestSketchKey;

/* A sketch's head, checked: a view into its bytes. */
typedef struct ForestSketch
{
	uint32_t	n_features;
	uint32_t	capacity;		/* rows that it may have */
	uint32_t	n_rows;
	uint32_t	n_streams;
	uint32_t	n_strings;		/* names of features, then categories */
	bool		weighted;		/* rows have weights; else all are 1 */
	uint64_t	head_size;		/* where rows begin */
	uint64_t	total;
	uint64_t	rows_seen;		/* of all streams */
	size_t		row_size;
	uint32_t	block_rows;		/* rows of each block but the last */
	uint32_t	n_blocks;
	const uint8_t *digest;
	const uint8_t *streams;
	const uint8_t *features;
	const uint8_t *string_ends;
	const uint8_t *string_bytes;
	const uint8_t *block_digests;
} ForestSketch;

/* What a sketch consists of, in native arrays; input to the writer. */
typedef struct ForestSketchParts
{
	uint32_t	n_features;
	uint32_t	capacity;
	uint32_t	n_rows;
	uint32_t	n_streams;
	uint32_t	n_strings;
	const ForestSketchFeature *features;
	const ForestStream *streams;	/* by ascending id */
	const ForestString *strings;	/* as in ForestParts */
	const uint64_t *keys;		/* as forest_sketch_key orders them */
	const double *weights;		/* NULL if all are 1 */
	const double *rows;			/* n_features each; codes of categories */
} ForestSketchParts;

extern ForestStatus forest_sketch_peek(const uint8_t *bytes, size_t len,
									   uint64_t *head_size, uint64_t *total);
extern ForestStatus forest_sketch_open(const uint8_t *bytes, size_t len,
									   ForestSketch *sketch,
									   ForestFault *fault);
extern ForestStatus forest_sketch_block(const ForestSketch *sketch,
										uint32_t block, const uint8_t *bytes,
										ForestSketchKey *last,
										ForestFault *fault);
extern ForestSketchKey forest_sketch_key(const ForestSketch *sketch,
										 const uint8_t *row);
extern void forest_sketch_row(const ForestSketch *sketch, const uint8_t *row,
							  double *values);
extern ForestStream forest_sketch_stream(const ForestSketch *sketch,
										 uint32_t i);
extern ForestSketchFeature forest_sketch_feature(const ForestSketch *sketch,
												 uint32_t i);
extern ForestString forest_sketch_string(const ForestSketch *sketch,
										 uint32_t i);

/* Rows of a block. */
static inline uint32_t
forest_sketch_block_rows(const ForestSketch *sketch, uint32_t block)
{
	return block + 1 < sketch->n_blocks ? sketch->block_rows :
		sketch->n_rows - block * sketch->block_rows;
}

#endif							/* FOREST_SKETCH_H */
