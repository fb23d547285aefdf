/*-------------------------------------------------------------------------
 *
 * test_sketch.c
 *	  Sketches written and read; damaged, cut short and forged ones are
 *	  refused, or harmless.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_sketch.h"
#include "core/format/forest_sketch_layout.h"
#include "core/format/forest_sketch_write.h"

#include "support.h"
#include "unit.h"

#define N_FEATURES	3
#define N_ROWS		2000		/* of 18 bytes, in two blocks */

/* The parts of a sketch, and room for them. */
typedef struct Example
{
	ForestSketchParts parts;
	uint64_t	keys[N_ROWS];
	double		rows[N_ROWS * N_FEATURES];
} Example;

static const ForestSketchFeature features[N_FEATURES] = {
	{FOREST_FLOAT8, 0}, {FOREST_TEXT, 3}, {FOREST_UUID, 0}
};
static const ForestStream streams[] = {{7, 1500}, {UINT64_MAX, 12345}};
static const ForestString strings[] = {
	{"amount", 6}, {"kind", 4}, {"", 0}, {"", 0}, {"a", 1}, {"ab", 2}
};

/* Makes rows: numbers that differ, categories in turn, some of each missing. */
static void
make_example(Example *example)
{
	ForestSketchParts *parts = &example->parts;

	parts->n_features = N_FEATURES;
	parts->capacity = 2 * N_ROWS;
	parts->n_rows = N_ROWS;
	parts->n_streams = 2;
	parts->n_strings = 6;
	parts->features = features;
	parts->streams = streams;
	parts->strings = strings;
	parts->keys = example->keys;
	parts->rows = example->rows;
	for (int i = 0; i < N_ROWS; i++)
	{
		example->keys[i] = UINT64_C(0x10000000000) * (uint64_t) i + 5;
		example->rows[3 * i] = i % 5 == 0 ? NAN : i / 3.0;
		example->rows[3 * i + 1] =
			i % 7 == 1 && i % 5 > 0 ? NAN : (double) (i % 3);
		example->rows[3 * i + 2] = NAN;
	}
}

/* Writes a sketch into memory of just its size. */
static uint8_t *
write_example(const ForestSketchParts *parts, size_t *len)
{
	uint8_t    *bytes;

	*len = (size_t) forest_sketch_size(parts);
	bytes = allocate(*len);
	memset(bytes, 0xA5, *len);
	forest_sketch_write(parts, bytes);
	return bytes;
}

/* Gives what a forger made the digests that it ought to have. */
static void
forge_sketch(uint8_t *bytes, size_t len)
{
	uint64_t	head = forest_get64(bytes + FOREST_SKETCH_AT_HEAD);

	if (head >= FOREST_SKETCH_HEADER_SIZE && head <= len)
		forest_digest(bytes + FOREST_SKETCH_AT_DIGESTED,
					  (size_t) head - FOREST_SKETCH_AT_DIGESTED,
					  bytes + FOREST_SKETCH_AT_DIGEST);
}

/* The same, of the rows. */
static void
forge_rows(uint8_t *bytes, size_t len)
{
	ForestSketch sketch;
	ForestFault fault;

	if (forest_sketch_open(bytes, len, &sketch, &fault) != FOREST_OK)
		return;
	for (uint32_t block = 0; block < sketch.n_blocks; block++)
		forest_digest(bytes + sketch.head_size +
					  (size_t) block * sketch.block_rows * sketch.row_size,
					  forest_sketch_block_rows(&sketch, block) *
					  sketch.row_size,
					  bytes + (sketch.block_digests - bytes) +
					  (size_t) block * FOREST_DIGEST_SIZE);
	forge_sketch(bytes, len);
}

/* Reads all that a sketch has; says what is wrong with it. */
static ForestStatus
read_all(const uint8_t *bytes, size_t len, ForestFault *fault)
{
	ForestSketch sketch;
	ForestSketchKey last = {0};
	double		row[N_FEATURES + 4];
	ForestStatus status = forest_sketch_open(bytes, len, &sketch, fault);

	if (status == FOREST_OK && sketch.total != len)
		return FOREST_TRUNCATED;
	for (uint32_t i = 0; status == FOREST_OK && i < sketch.n_strings; i++)
	{
		ForestString string = forest_sketch_string(&sketch, i);

		for (uint32_t j = 0; j < string.len; j++)
			REQUIRE(string.bytes[j] != '\0');
	}
	for (uint32_t block = 0; status == FOREST_OK && block < sketch.n_blocks;
		 block++)
	{
		const uint8_t *p = bytes + sketch.head_size +
			(size_t) block * sketch.block_rows * sketch.row_size;

		status = forest_sketch_block(&sketch, block, p, &last, fault);
		for (uint32_t i = 0; status == FOREST_OK &&
			 sketch.n_features <= N_FEATURES &&
			 i < forest_sketch_block_rows(&sketch, block); i++)
			forest_sketch_row(&sketch, p + i * sketch.row_size, row);
	}
	return status;
}

/* Reads a copy that has just its size; the bytes stay as they are. */
static ForestStatus
read_copy(const uint8_t *bytes, size_t len, ForestFault *fault)
{
	uint8_t    *copy = allocate(len);
	ForestStatus status;

	memcpy(copy, bytes, len);
	status = read_all(copy, len, fault);
	free(copy);
	return status;
}

static void
test_written(const Example *example, const uint8_t *bytes, size_t len)
{
	ForestSketch sketch;
	ForestFault fault;
	ForestSketchKey last = {0};
	uint32_t	n = 0;

	claim("a sketch tells what it was written from");
	REQUIRE(forest_sketch_open(bytes, len, &sketch, &fault) == FOREST_OK);
	REQUIRE(sketch.total == len);
	REQUIRE(sketch.capacity == 2 * N_ROWS && sketch.n_rows == N_ROWS);
	REQUIRE(sketch.rows_seen == 1500 + 12345);
	REQUIRE(forest_sketch_stream(&sketch, 1).id == UINT64_MAX);
	REQUIRE(forest_sketch_feature(&sketch, 1).n_categories == 3);
	REQUIRE(forest_sketch_string(&sketch, 5).len == 2);
	REQUIRE(memcmp(forest_sketch_string(&sketch, 5).bytes, "ab", 2) == 0);
	REQUIRE(sketch.n_blocks == 2);
	for (uint32_t block = 0; block < sketch.n_blocks; block++)
	{
		const uint8_t *p = bytes + sketch.head_size +
			(size_t) block * sketch.block_rows * sketch.row_size;

		REQUIRE(forest_sketch_block(&sketch, block, p, &last, &fault) ==
				FOREST_OK);
		for (uint32_t i = 0; i < forest_sketch_block_rows(&sketch, block); i++)
		{
			double		row[N_FEATURES];

			unit_case = n;
			REQUIRE(forest_get64(p + i * sketch.row_size) == example->keys[n]);
			forest_sketch_row(&sketch, p + i * sketch.row_size, row);
			for (int f = 0; f < N_FEATURES; f++)
				REQUIRE(row[f] == example->rows[3 * n + (uint32_t) f] ||
						(isnan(row[f]) && isnan(example->rows[3 * n + (uint32_t) f])));
			n++;
		}
	}
	REQUIRE(n == N_ROWS);
	proven();
}

static void
test_damaged(const uint8_t *bytes, size_t len)
{
	uint8_t    *copy = allocate(len);
	ForestFault fault;

	claim("no byte of a sketch can change unnoticed");
	for (unit_case = 0; unit_case < len; unit_case += unit_case < 600 ? 1 : 61)
	{
		memcpy(copy, bytes, len);
		copy[unit_case] ^= (uint8_t) (1 << unit_case % 8);
		REQUIRE(read_all(copy, len, &fault) != FOREST_OK);
	}
	proven();
	claim("a sketch cut short is refused");
	for (unit_case = 0; unit_case < len; unit_case += 1 + unit_case / 20)
		REQUIRE(read_copy(bytes, (size_t) unit_case, &fault) != FOREST_OK);
	proven();
	free(copy);
}

static void
test_forged(const uint8_t *bytes, size_t len)
{
	uint8_t    *copy = allocate(len);
	ForestFault fault;
	ForestRng	rng;
	int			n_accepted = 0;

	claim("forged sketches are refused by a rule, or sound");
	forest_rng_init(&rng, 1, 0);
	for (unit_case = 0; unit_case < 1500; unit_case++)
	{
		uint32_t	n = unit_case % 2 == 0 ? 400 : (uint32_t) len;
		ForestStatus status;

		memcpy(copy, bytes, len);
		for (int i = 0; i < 2; i++)
			copy[40 + forest_rng_below(&rng, n - 40)] =
				(uint8_t) forest_rng_below(&rng, 256);
		forge_sketch(copy, len);
		forge_rows(copy, len);
		status = read_all(copy, len, &fault);
		n_accepted += status == FOREST_OK;
		REQUIRE(status != FOREST_CORRUPT || unit_case % 2 == 0);
		REQUIRE(status != FOREST_INVALID || fault.rule[0] != '\0');
	}
	REQUIRE(n_accepted > 10);
	proven();
	free(copy);
}

/* What a forger changes, and the rule that it breaks. */
typedef struct Forgery
{
	size_t		at;
	uint64_t	value;
	int			size;
	const char *rule;
} Forgery;

static void
test_rules(const uint8_t *bytes, size_t len)
{
	const size_t first_stream = FOREST_SKETCH_HEADER_SIZE;
	const size_t first_feature = first_stream + 32;
	const size_t first_end = first_feature + 24;
	const size_t text = first_end + 24;
	const size_t row = (size_t) forest_get64(bytes + FOREST_SKETCH_AT_HEAD);
	const Forgery forgeries[] = {
		{FOREST_SKETCH_AT_FORMAT, 0, 4, "format number"},
		{FOREST_SKETCH_AT_FEATURES, 0, 4, "number of features"},
		{FOREST_SKETCH_AT_FEATURES, 16001, 4, "number of features"},
		{FOREST_SKETCH_AT_CAPACITY, 0, 4, "most rows"},
		{FOREST_SKETCH_AT_CAPACITY, 0x80000000, 4, "most rows"},
		{FOREST_SKETCH_AT_CAPACITY, N_ROWS - 1, 4, "number of rows"},
		{FOREST_SKETCH_AT_ROWS, 0, 4, "number of rows"},
		{FOREST_SKETCH_AT_ROWS, N_ROWS - 1, 4, "length of rows"},
		{FOREST_SKETCH_AT_STREAMS, 0, 4, "number of streams"},
		{FOREST_SKETCH_AT_STREAMS, 0xFFFFFFFF, 4, "length of head"},
		{FOREST_SKETCH_AT_STRINGS, 2, 4, "number of strings"},
		{FOREST_SKETCH_AT_STRINGS, 0xFFFFFFFF, 4, "length of head"},
		{FOREST_SKETCH_AT_BYTES, UINT64_MAX, 8, "length of strings"},
		{first_stream, UINT64_MAX, 8, "order of streams"},
		{first_stream + 8, 0, 8, "rows of stream"},
		{first_stream + 8, UINT64_MAX, 8, "rows of stream"},
		{first_stream + 24, INT64_MAX, 8, "rows of stream"},
		{first_feature, 0, 4, "type of feature"},
		{first_feature + 4, 1, 4, "categories of feature"},
		{first_feature + 12, 32001, 4, "categories of feature"},
		{first_feature + 12, 2, 4, "number of strings"},
		{first_end + 4, 0, 4, "end of string"},
		{first_end + 20, 12, 4, "length of strings"},
		{text + 10, 'b', 1, "order of categories of feature"},
		{text, 0, 1, "zero byte in a string"},
		{text + 13, 1, 1, "length of head"},
		{row, UINT64_MAX, 8, "order of row"},
		{row + 16, 3, 2, "values of row"},
		{row + 8, UINT64_C(0x7FF0000000000001), 8, "values of row"},
	};
	uint8_t    *copy = allocate(len);
	ForestFault fault;

	claim("each rule of the format is checked");
	for (unit_case = 0; unit_case < sizeof(forgeries) / sizeof(forgeries[0]);
		 unit_case++)
	{
		const Forgery *forgery = &forgeries[unit_case];

		memcpy(copy, bytes, len);
		for (int i = 0; i < forgery->size; i++)
			copy[forgery->at + (size_t) i] =
				(uint8_t) (forgery->value >> 8 * i);
		forge_sketch(copy, len);
		forge_rows(copy, len);
		fault.rule = "";
		REQUIRE(read_all(copy, len, &fault) == FOREST_INVALID);
		if (!REQUIRE(strcmp(fault.rule, forgery->rule) == 0))
			printf("# \"%s\", not \"%s\"\n", fault.rule, forgery->rule);
	}
	proven();
	free(copy);
}

static void
test_others(const uint8_t *bytes, size_t len)
{
	uint8_t    *copy = allocate(len);
	ForestFault fault;

	claim("what is no sketch of this version is told from one");
	memcpy(copy, bytes, len);
	memcpy(copy, FOREST_MAGIC, FOREST_MAGIC_SIZE);
	REQUIRE(read_all(copy, len, &fault) == FOREST_A_MODEL);
	memcpy(copy, "nothing", 8);
	REQUIRE(read_all(copy, len, &fault) == FOREST_NOT_A_SKETCH);
	REQUIRE(read_all(copy, 0, &fault) == FOREST_NOT_A_SKETCH);
	memcpy(copy, bytes, len);
	forest_put32(copy + FOREST_SKETCH_AT_FORMAT, 2);
	REQUIRE(read_all(copy, len, &fault) == FOREST_NEWER_FORMAT);
	memcpy(copy, bytes, len);
	copy[FOREST_SKETCH_AT_FLAGS] = 2;
	forge_sketch(copy, len);
	REQUIRE(read_all(copy, len, &fault) == FOREST_NEWER_FORMAT);
	proven();
	free(copy);
}

/* Forges the weight of row 1; says what is wrong then. */
static const char *
forge_weight(uint8_t *copy, const uint8_t *bytes, size_t len, double weight)
{
	ForestSketch sketch;
	ForestFault fault;

	memcpy(copy, bytes, len);
	REQUIRE(forest_sketch_open(copy, len, &sketch, &fault) == FOREST_OK);
	forest_put_double(copy + sketch.head_size + sketch.row_size +
					  FOREST_SKETCH_KEY_SIZE, weight);
	forge_rows(copy, len);
	return read_all(copy, len, &fault) == FOREST_OK ? "" : fault.rule;
}

static void
test_weighted(const Example *example)
{
	static double weights[N_ROWS];
	ForestSketchParts parts = example->parts;
	ForestSketch sketch;
	ForestFault fault;
	uint8_t    *bytes;
	uint8_t    *copy;
	size_t		len;

	claim("weights of rows are kept, and have to be weights in order");
	for (int i = 0; i < N_ROWS; i++)
		weights[i] = i == 0 ? 3.0 : 2.0;
	parts.weights = weights;
	bytes = write_example(&parts, &len);
	copy = allocate(len);
	REQUIRE(read_all(bytes, len, &fault) == FOREST_OK);
	REQUIRE(forest_sketch_open(bytes, len, &sketch, &fault) == FOREST_OK);
	REQUIRE(sketch.weighted);
	REQUIRE(forest_sketch_key(&sketch, bytes + sketch.head_size).weight == 3);
	REQUIRE(strcmp(forge_weight(copy, bytes, len, 2.5), "") == 0);
	REQUIRE(strcmp(forge_weight(copy, bytes, len, 1e50), "order of row") == 0);
	REQUIRE(strcmp(forge_weight(copy, bytes, len, 0.5), "order of row") == 0);
	REQUIRE(strcmp(forge_weight(copy, bytes, len, 0), "weight of row") == 0);
	REQUIRE(strcmp(forge_weight(copy, bytes, len, -1), "weight of row") == 0);
	REQUIRE(strcmp(forge_weight(copy, bytes, len, NAN), "weight of row") == 0);
	REQUIRE(strcmp(forge_weight(copy, bytes, len, INFINITY),
				   "weight of row") == 0);
	free(bytes);
	free(copy);
	proven();
}

int
main(void)
{
	static Example example;
	size_t		len;
	uint8_t    *bytes;

	make_example(&example);
	bytes = write_example(&example.parts, &len);
	test_written(&example, bytes, len);
	test_damaged(bytes, len);
	test_forged(bytes, len);
	test_rules(bytes, len);
	test_others(bytes, len);
	free(bytes);
	test_weighted(&example);
	return unit_done();
}
