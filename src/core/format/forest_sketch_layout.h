/*-------------------------------------------------------------------------
 *
 * forest_sketch_layout.h
 *	  Offsets and sizes of a sketch's bytes; doc/SKETCH.md tells what they
 *	  hold.  For the writer and the reader only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_SKETCH_LAYOUT_H
#define FOREST_SKETCH_LAYOUT_H

#include "core/forest.h"

#define FOREST_SKETCH_FORMAT		1

/* Header. */
#define FOREST_SKETCH_AT_DIGEST		8	/* 32 bytes, of the head behind it */
#define FOREST_SKETCH_AT_DIGESTED	40
#define FOREST_SKETCH_AT_FORMAT		40	/* u32 */
#define FOREST_SKETCH_AT_FEATURES	44	/* u32 */
#define FOREST_SKETCH_AT_TOTAL		48	/* u64 */
#define FOREST_SKETCH_AT_HEAD		56	/* u64 */
#define FOREST_SKETCH_AT_CAPACITY	64	/* u32 */
#define FOREST_SKETCH_AT_ROWS		68	/* u32 */
#define FOREST_SKETCH_AT_STREAMS	72	/* u32 */
#define FOREST_SKETCH_AT_STRINGS	76	/* u32 */
#define FOREST_SKETCH_AT_BYTES		80	/* u64, of strings */
#define FOREST_SKETCH_AT_FLAGS		88	/* u64 */

/* Flags. */
#define FOREST_SKETCH_WEIGHTED		1	/* rows have weights */

/* The parts of the head behind it, one behind the other. */
#define FOREST_SKETCH_STREAM_SIZE	16	/* u64 id, u64 rows */
#define FOREST_SKETCH_FEATURE_SIZE	8	/* u32 type, u32 categories */
#define FOREST_SKETCH_END_SIZE		4	/* u32, of a string */

/* Rows: a key, perhaps a weight, for each feature a number or a code. */
#define FOREST_SKETCH_KEY_SIZE		8
#define FOREST_SKETCH_WEIGHT_SIZE	8
#define FOREST_SKETCH_NUMBER_SIZE	8
#define FOREST_SKETCH_CODE_SIZE		2
#define FOREST_SKETCH_NO_CODE		0xFFFF	/* missing */
#define FOREST_SKETCH_BLOCK_SIZE	32768	/* at least one row, though */

/* Where the values of a row begin. */
static inline size_t
forest_sketch_values_at(bool weighted)
{
	return FOREST_SKETCH_KEY_SIZE +
		(weighted ? FOREST_SKETCH_WEIGHT_SIZE : 0);
}

/* Bytes of a value of a type. */
static inline size_t
forest_sketch_value_size(uint32_t type)
{
	return forest_type_is_category(type) ? FOREST_SKETCH_CODE_SIZE :
		FOREST_SKETCH_NUMBER_SIZE;
}

/* Whole rows of a size that a block has. */
static inline uint32_t
forest_sketch_rows_a_block(size_t row_size)
{
	return row_size < FOREST_SKETCH_BLOCK_SIZE ?
		(uint32_t) (FOREST_SKETCH_BLOCK_SIZE / row_size) : 1;
}

/* Blocks of so many rows. */
static inline uint32_t
forest_sketch_blocks_of(uint32_t n_rows, uint32_t block_rows)
{
	return n_rows / block_rows + (n_rows % block_rows > 0);
}

/* Where the digests of blocks begin: strings are padded with zeros. */
static inline uint64_t
forest_sketch_digests_at(uint64_t n_streams, uint64_t n_features,
						 uint64_t n_strings, uint64_t string_bytes)
{
	uint64_t	end = FOREST_SKETCH_HEADER_SIZE +
		n_streams * FOREST_SKETCH_STREAM_SIZE +
		n_features * FOREST_SKETCH_FEATURE_SIZE +
		n_strings * FOREST_SKETCH_END_SIZE + string_bytes;

	return (end + 7) / 8 * 8;
}

#endif							/* FOREST_SKETCH_LAYOUT_H */
