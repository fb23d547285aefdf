/*-------------------------------------------------------------------------
 *
 * forest_sketch.c
 *	  From bytes of unknown origin to a sketch that can be trusted.
 *
 * forest_sketch_open checks every rule of doc/SKETCH.md about the head,
 * forest_sketch_block every one about a block of rows; what they accept needs
 * no further check by any reader.  Both are linear in what they read.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"
#include "core/base/forest_weight.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_sketch.h"
#include "core/format/forest_sketch_layout.h"
#include "core/format/forest_strings.h"

/* All strings: the names of the features, then each feature's categories. */
static ForestStrings
sketch_strings(const ForestSketch *sketch)
{
	return (ForestStrings)
	{
		sketch->n_strings, sketch->string_ends, sketch->string_bytes
	};
}

/*
 * Looks at the first FOREST_SKETCH_HEADER_SIZE bytes, or fewer, of what may
 * be a sketch: tells the length of its head and of all of it.  Says nothing
 * about the rest.
 */
ForestStatus
forest_sketch_peek(const uint8_t *bytes, size_t len, uint64_t *head_size,
				   uint64_t *total)
{
	size_t		n = len < sizeof(FOREST_SKETCH_MAGIC) ? len :
		sizeof(FOREST_SKETCH_MAGIC);

	if (n == FOREST_MAGIC_SIZE && memcmp(bytes, FOREST_MAGIC, n) == 0)
		return FOREST_A_MODEL;
	if (n == 0 || memcmp(bytes, FOREST_SKETCH_MAGIC, n) != 0)
		return FOREST_NOT_A_SKETCH;
	if (len < FOREST_SKETCH_HEADER_SIZE)
		return FOREST_TRUNCATED;
	if (forest_get32(bytes + FOREST_SKETCH_AT_FORMAT) > FOREST_SKETCH_FORMAT)
		return FOREST_NEWER_FORMAT;
	*head_size = forest_get64(bytes + FOREST_SKETCH_AT_HEAD);
	*total = forest_get64(bytes + FOREST_SKETCH_AT_TOTAL);
	if (*head_size < FOREST_SKETCH_HEADER_SIZE || *head_size > *total)
		return FOREST_TRUNCATED;
	return FOREST_OK;
}

/* Reads the header's numbers, and checks those that lengths depend on. */
static ForestStatus
open_header(const uint8_t *bytes, ForestSketch *sketch, ForestFault *fault)
{
	if (forest_get32(bytes + FOREST_SKETCH_AT_FORMAT) != FOREST_SKETCH_FORMAT)
		return forest_broken(fault, "format number", 0);
	if (forest_get64(bytes + FOREST_SKETCH_AT_FLAGS) > FOREST_SKETCH_WEIGHTED)
		return FOREST_NEWER_FORMAT;
	sketch->weighted = forest_get64(bytes + FOREST_SKETCH_AT_FLAGS) != 0;
	sketch->n_features = forest_get32(bytes + FOREST_SKETCH_AT_FEATURES);
	sketch->capacity = forest_get32(bytes + FOREST_SKETCH_AT_CAPACITY);
	sketch->n_rows = forest_get32(bytes + FOREST_SKETCH_AT_ROWS);
	sketch->n_streams = forest_get32(bytes + FOREST_SKETCH_AT_STREAMS);
	sketch->n_strings = forest_get32(bytes + FOREST_SKETCH_AT_STRINGS);
	if (sketch->n_features < 1 || sketch->n_features > FOREST_MAX_FEATURES)
		return forest_broken(fault, "number of features", sketch->n_features);
	if (sketch->capacity < 1 || sketch->capacity > FOREST_SKETCH_MAX_ROWS)
		return forest_broken(fault, "most rows", sketch->capacity);
	if (sketch->n_rows < 1 || sketch->n_rows > sketch->capacity)
		return forest_broken(fault, "number of rows", sketch->n_rows);
	if (sketch->n_streams < 1)
		return forest_broken(fault, "number of streams", 0);
	if (sketch->n_strings < sketch->n_features)
		return forest_broken(fault, "number of strings", sketch->n_strings);
	if (forest_get64(bytes + FOREST_SKETCH_AT_BYTES) > FOREST_MAX_STRINGS)
		return forest_broken(fault, "length of strings", 0);
	return FOREST_OK;
}

/* Sets where the lists begin; false if the head has not their length. */
static bool
find_lists(const uint8_t *bytes, ForestSketch *sketch)
{
	uint64_t	string_bytes = forest_get64(bytes + FOREST_SKETCH_AT_BYTES);
	uint64_t	digests = forest_sketch_digests_at(sketch->n_streams,
												   sketch->n_features,
												   sketch->n_strings,
												   string_bytes);

	if (digests > sketch->head_size)
		return false;
	sketch->streams = bytes + FOREST_SKETCH_HEADER_SIZE;
	sketch->features = sketch->streams +
		(size_t) sketch->n_streams * FOREST_SKETCH_STREAM_SIZE;
	sketch->string_ends = sketch->features +
		(size_t) sketch->n_features * FOREST_SKETCH_FEATURE_SIZE;
	sketch->string_bytes = sketch->string_ends +
		(size_t) sketch->n_strings * FOREST_SKETCH_END_SIZE;
	sketch->block_digests = bytes + digests;
	for (const uint8_t *p = sketch->string_bytes + string_bytes;
		 p < sketch->block_digests; p++)
	{
		if (*p != 0)
			return false;
	}
	return true;
}

/* Checks the streams, and adds up their rows. */
static ForestStatus
open_streams(ForestSketch *sketch, ForestFault *fault)
{
	uint64_t	previous = 0;

	for (uint32_t i = 0; i < sketch->n_streams; i++)
	{
		ForestStream stream = forest_sketch_stream(sketch, i);

		forest_pause_at(i);
		if (i > 0 && stream.id <= previous)
			return forest_broken(fault, "order of streams", i);
		if (stream.rows < 1 || stream.rows > INT64_MAX - sketch->rows_seen)
			return forest_broken(fault, "rows of stream", i);
		sketch->rows_seen += stream.rows;
		previous = stream.id;
	}
	if (sketch->n_rows > sketch->rows_seen)
		return forest_broken(fault, "number of rows", sketch->n_rows);
	return FOREST_OK;
}

/* Checks the features, and that they have as many strings as there are. */
static ForestStatus
open_features(ForestSketch *sketch, ForestFault *fault)
{
	uint64_t	n_strings = sketch->n_features;

	sketch->row_size = forest_sketch_values_at(sketch->weighted);
	for (uint32_t f = 0; f < sketch->n_features; f++)
	{
		ForestSketchFeature feature = forest_sketch_feature(sketch, f);

		forest_pause_at(f);
		if (!forest_type_is_valid(feature.type))
			return forest_broken(fault, "type of feature", f);
		if (feature.n_categories > (forest_type_is_category(feature.type) ?
									FOREST_MAX_CATEGORIES : 0))
			return forest_broken(fault, "categories of feature", f);
		n_strings += feature.n_categories;
		sketch->row_size += forest_sketch_value_size(feature.type);
	}
	if (n_strings != sketch->n_strings)
		return forest_broken(fault, "number of strings", sketch->n_strings);
	return FOREST_OK;
}

/* Checks the categories of all features. */
static ForestStatus
check_categories(const ForestSketch *sketch, ForestFault *fault)
{
	const ForestStrings strings = sketch_strings(sketch);
	uint32_t	first = sketch->n_features;
	ForestStatus status = FOREST_OK;

	for (uint32_t f = 0; status == FOREST_OK && f < sketch->n_features; f++)
	{
		uint32_t	n = forest_sketch_feature(sketch, f).n_categories;

		status = forest_categories_check(&strings, first, n, f, fault);
		first += n;
	}
	return status;
}

/*
 * Opens the head of a sketch, of which the first "len" bytes are here:
 * FOREST_OK and a view into them, or what is wrong.  Whether "total" is the
 * length of what the bytes are the beginning of is the caller's to check.
 */
ForestStatus
forest_sketch_open(const uint8_t *bytes, size_t len, ForestSketch *sketch,
				   ForestFault *fault)
{
	uint8_t		digest[FOREST_DIGEST_SIZE];
	ForestStrings strings;
	ForestStatus status;

	memset(sketch, 0, sizeof(*sketch));
	fault->rule = "";
	fault->position = 0;
	status = forest_sketch_peek(bytes, len, &sketch->head_size,
								&sketch->total);
	if (status != FOREST_OK)
		return status;
	if (len < sketch->head_size)
		return FOREST_TRUNCATED;
	sketch->digest = bytes + FOREST_SKETCH_AT_DIGEST;
	forest_digest(bytes + FOREST_SKETCH_AT_DIGESTED,
				  (size_t) sketch->head_size - FOREST_SKETCH_AT_DIGESTED,
				  digest);
	if (memcmp(digest, sketch->digest, sizeof(digest)) != 0)
		return FOREST_CORRUPT;
	if ((status = open_header(bytes, sketch, fault)) != FOREST_OK)
		return status;
	if (!find_lists(bytes, sketch))
		return forest_broken(fault, "length of head", sketch->head_size);
	strings = sketch_strings(sketch);
	if ((status = open_streams(sketch, fault)) != FOREST_OK ||
		(status = open_features(sketch, fault)) != FOREST_OK ||
		(status = forest_strings_check(&strings,
									   forest_get64(bytes +
													FOREST_SKETCH_AT_BYTES),
									   fault)) != FOREST_OK ||
		(status = check_categories(sketch, fault)) != FOREST_OK)
		return status;
	sketch->block_rows = forest_sketch_rows_a_block(sketch->row_size);
	sketch->n_blocks = forest_sketch_blocks_of(sketch->n_rows,
											   sketch->block_rows);
	if (sketch->head_size != (uint64_t) (sketch->block_digests - bytes) +
		(uint64_t) sketch->n_blocks * FOREST_DIGEST_SIZE)
		return forest_broken(fault, "length of head", sketch->head_size);
	if (sketch->total != sketch->head_size +
		(uint64_t) sketch->n_rows * sketch->row_size)
		return forest_broken(fault, "length of rows", sketch->total);
	return FOREST_OK;
}

/*
 * Checks a row: numbers are stored as they are written, codes are those of
 * categories, and something is there.
 */
static bool
row_is_valid(const ForestSketch *sketch, const uint8_t *row)
{
	const uint8_t *p = row + forest_sketch_values_at(sketch->weighted);
	bool		some = false;

	for (uint32_t f = 0; f < sketch->n_features; f++)
	{
		ForestSketchFeature feature = forest_sketch_feature(sketch, f);

		forest_pause_at(f);
		if (forest_type_is_category(feature.type))
		{
			if (forest_get16(p) != FOREST_SKETCH_NO_CODE &&
				forest_get16(p) >= feature.n_categories)
				return false;
			some |= forest_get16(p) != FOREST_SKETCH_NO_CODE;
		}
		else if (!isnan(forest_get_double(p)))
			some = true;
		else if (!forest_is_stored_nan(p))
			return false;
		p += forest_sketch_value_size(feature.type);
	}
	return some;
}

/* Reads the key of a row, whose weight is one that rows can have. */
ForestSketchKey
forest_sketch_key(const ForestSketch *sketch, const uint8_t *row)
{
	ForestSketchKey key = {forest_get64(row), forest_get64(row), 1.0};

	if (sketch->weighted)
	{
		key.weight = forest_get_double(row + FOREST_SKETCH_KEY_SIZE);
		key.order = forest_weighted_key(key.key, key.weight);
	}
	return key;
}

/* Whether rows can have the weight that a row has; not so NaN. */
static bool
weight_is_valid(const ForestSketch *sketch, const uint8_t *row)
{
	double		weight;

	if (!sketch->weighted)
		return true;
	weight = forest_get_double(row + FOREST_SKETCH_KEY_SIZE);
	return weight >= FOREST_LEAST_WEIGHT && weight <= FOREST_GREATEST_WEIGHT;
}

/* Whether a row comes before another. */
static bool
comes_before(const ForestSketchKey *a, const ForestSketchKey *b)
{
	return a->order < b->order || (a->order == b->order && a->key < b->key);
}

/*
 * Checks a block of rows, whose bytes are the rows' one behind the other.
 * Blocks are to be read from the first on: *last is the last row's key before
 * the block, then that in it; nothing is expected of the first one.
 */
ForestStatus
forest_sketch_block(const ForestSketch *sketch, uint32_t block,
					const uint8_t *bytes, ForestSketchKey *last,
					ForestFault *fault)
{
	uint32_t	n = forest_sketch_block_rows(sketch, block);
	uint8_t		digest[FOREST_DIGEST_SIZE];

	fault->rule = "";
	fault->position = 0;
	forest_digest(bytes, n * sketch->row_size, digest);
	if (memcmp(digest, sketch->block_digests +
			   (size_t) block * FOREST_DIGEST_SIZE, sizeof(digest)) != 0)
		return FOREST_CORRUPT;
	for (uint32_t i = 0; i < n; i++)
	{
		const uint8_t *row = bytes + i * sketch->row_size;
		uint64_t	number = (uint64_t) block * sketch->block_rows + i;
		ForestSketchKey key;

		forest_pause_at(i);
		if (!weight_is_valid(sketch, row))
			return forest_broken(fault, "weight of row", number);
		key = forest_sketch_key(sketch, row);
		if (number > 0 && !comes_before(last, &key))
			return forest_broken(fault, "order of row", number);
		if (!row_is_valid(sketch, row))
			return forest_broken(fault, "values of row", number);
		*last = key;
	}
	return FOREST_OK;
}

/* Reads the values of a row: NaN where one is missing, codes of categories. */
void
forest_sketch_row(const ForestSketch *sketch, const uint8_t *row,
				  double *values)
{
	const uint8_t *p = row + forest_sketch_values_at(sketch->weighted);

	for (uint32_t f = 0; f < sketch->n_features; f++)
	{
		uint32_t	type = forest_sketch_feature(sketch, f).type;

		forest_pause_at(f);
		if (!forest_type_is_category(type))
			values[f] = forest_get_double(p);
		else
			values[f] = forest_get16(p) == FOREST_SKETCH_NO_CODE ? NAN :
				forest_get16(p);
		p += forest_sketch_value_size(type);
	}
}

/* Returns stream i. */
ForestStream
forest_sketch_stream(const ForestSketch *sketch, uint32_t i)
{
	const uint8_t *p = sketch->streams + (size_t) i * FOREST_SKETCH_STREAM_SIZE;
	ForestStream stream = {forest_get64(p), forest_get64(p + 8)};

	return stream;
}

/* Returns feature i. */
ForestSketchFeature
forest_sketch_feature(const ForestSketch *sketch, uint32_t i)
{
	const uint8_t *p =
		sketch->features + (size_t) i * FOREST_SKETCH_FEATURE_SIZE;
	ForestSketchFeature feature = {forest_get32(p), forest_get32(p + 4)};

	return feature;
}

/* Returns string i: a feature's name, or a category. */
ForestString
forest_sketch_string(const ForestSketch *sketch, uint32_t i)
{
	const ForestStrings strings = sketch_strings(sketch);

	return forest_strings_get(&strings, i);
}
