/*-------------------------------------------------------------------------
 *
 * forest_sketch_write.c
 *	  From native arrays to the bytes of a sketch (doc/SKETCH.md).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_sketch.h"
#include "core/format/forest_sketch_layout.h"
#include "core/format/forest_sketch_write.h"

/* Where the parts of a sketch go. */
typedef struct Places
{
	uint64_t	string_bytes;
	uint64_t	digests;
	uint64_t	rows;
	uint64_t	total;
	size_t		row_size;
	uint32_t	block_rows;
	uint32_t	n_blocks;
} Places;

/*
 * Returns where the parts of a sketch go, in bytes from its start, and how
 * many bytes it takes.
 */
static Places
find_places(const ForestSketchParts *parts)
{
	Places		at = {
		.row_size = forest_sketch_values_at(parts->weights != NULL)
	};

	for (uint32_t i = 0; i < parts->n_strings; i++)
	{
		forest_pause_at(i);
		at.string_bytes += parts->strings[i].len;
	}
	for (uint32_t f = 0; f < parts->n_features; f++)
		at.row_size += forest_sketch_value_size(parts->features[f].type);
	at.block_rows = forest_sketch_rows_a_block(at.row_size);
	at.n_blocks = forest_sketch_blocks_of(parts->n_rows, at.block_rows);
	at.digests = forest_sketch_digests_at(parts->n_streams, parts->n_features,
										  parts->n_strings, at.string_bytes);
	at.rows = at.digests + (uint64_t) at.n_blocks * FOREST_DIGEST_SIZE;
	at.total = at.rows + (uint64_t) parts->n_rows * at.row_size;
	return at;
}

/* Returns how many bytes a sketch takes. */
uint64_t
forest_sketch_size(const ForestSketchParts *parts)
{
	return find_places(parts).total;
}

/* Writes the header, FOREST_SKETCH_HEADER_SIZE bytes, its digest left zero. */
static void
write_header(const ForestSketchParts *parts, const Places *at, uint8_t *bytes)
{
	memset(bytes, 0, FOREST_SKETCH_HEADER_SIZE);
	memcpy(bytes, FOREST_SKETCH_MAGIC, sizeof(FOREST_SKETCH_MAGIC));
	forest_put32(bytes + FOREST_SKETCH_AT_FORMAT, FOREST_SKETCH_FORMAT);
	forest_put32(bytes + FOREST_SKETCH_AT_FEATURES, parts->n_features);
	forest_put64(bytes + FOREST_SKETCH_AT_TOTAL, at->total);
	forest_put64(bytes + FOREST_SKETCH_AT_HEAD, at->rows);
	forest_put32(bytes + FOREST_SKETCH_AT_CAPACITY, parts->capacity);
	forest_put32(bytes + FOREST_SKETCH_AT_ROWS, parts->n_rows);
	forest_put32(bytes + FOREST_SKETCH_AT_STREAMS, parts->n_streams);
	forest_put32(bytes + FOREST_SKETCH_AT_STRINGS, parts->n_strings);
	forest_put64(bytes + FOREST_SKETCH_AT_BYTES, at->string_bytes);
	if (parts->weights != NULL)
		forest_put64(bytes + FOREST_SKETCH_AT_FLAGS, FOREST_SKETCH_WEIGHTED);
}

/* Writes streams, features and strings, zeros behind them. */
static void
write_lists(const ForestSketchParts *parts, const Places *at, uint8_t *bytes)
{
	uint8_t    *p = bytes + FOREST_SKETCH_HEADER_SIZE;
	uint8_t    *text;
	uint32_t	end = 0;

	for (uint32_t i = 0; i < parts->n_streams; i++)
	{
		forest_pause_at(i);
		forest_put64(p, parts->streams[i].id);
		forest_put64(p + 8, parts->streams[i].rows);
		p += FOREST_SKETCH_STREAM_SIZE;
	}
	for (uint32_t f = 0; f < parts->n_features; f++)
	{
		forest_pause_at(f);
		forest_put32(p, parts->features[f].type);
		forest_put32(p + 4, parts->features[f].n_categories);
		p += FOREST_SKETCH_FEATURE_SIZE;
	}
	text = p + (size_t) parts->n_strings * FOREST_SKETCH_END_SIZE;
	for (uint32_t i = 0; i < parts->n_strings; i++)
	{
		const ForestString *string = &parts->strings[i];

		forest_pause_at(i);
		end += string->len;
		forest_put32(p, end);
		p += FOREST_SKETCH_END_SIZE;
		if (string->len > 0)
			memcpy(text, string->bytes, string->len);
		text += string->len;
	}
	memset(text, 0, (size_t) (bytes + at->digests - text));
}

/* Writes one row; returns where the next one goes. */
static uint8_t *
write_row(const ForestSketchParts *parts, uint32_t row, uint8_t *p)
{
	const double *values = parts->rows + (size_t) row * parts->n_features;

	forest_put64(p, parts->keys[row]);
	p += FOREST_SKETCH_KEY_SIZE;
	if (parts->weights != NULL)
	{
		forest_put_double(p, parts->weights[row]);
		p += FOREST_SKETCH_WEIGHT_SIZE;
	}
	for (uint32_t f = 0; f < parts->n_features; f++)
	{
		if (forest_type_is_category(parts->features[f].type))
			forest_put16(p, isnan(values[f]) ? FOREST_SKETCH_NO_CODE :
						 (uint16_t) values[f]);
		else
			forest_put_double(p, values[f]);
		p += forest_sketch_value_size(parts->features[f].type);
	}
	return p;
}

/*
 * Writes a sketch into forest_sketch_size(parts) bytes.  The parts are those
 * of a sketch: what they have is not checked.
 */
void
forest_sketch_write(const ForestSketchParts *parts, uint8_t *bytes)
{
	Places		at = find_places(parts);
	uint8_t    *p = bytes + at.rows;

	write_header(parts, &at, bytes);
	write_lists(parts, &at, bytes);
	for (uint32_t i = 0; i < parts->n_rows; i++)
	{
		p = write_row(parts, i, p);
		forest_pause();			/* rows are as wide as they like */
	}
	for (uint32_t block = 0; block < at.n_blocks; block++)
	{
		uint64_t	first = (uint64_t) block * at.block_rows;
		uint64_t	rows = parts->n_rows - first;

		if (rows > at.block_rows)
			rows = at.block_rows;
		forest_digest(bytes + at.rows + first * at.row_size,
					  (size_t) (rows * at.row_size),
					  bytes + at.digests + (size_t) block * FOREST_DIGEST_SIZE);
	}
	forest_digest(bytes + FOREST_SKETCH_AT_DIGESTED,
				  (size_t) (at.rows - FOREST_SKETCH_AT_DIGESTED),
				  bytes + FOREST_SKETCH_AT_DIGEST);
}
