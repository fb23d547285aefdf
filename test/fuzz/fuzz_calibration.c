/*-------------------------------------------------------------------------
 *
 * fuzz_calibration.c
 *	  Fuzz target: the calibration of any lengths, and the sample that
 *	  rows are chosen by.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_purpose.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/grow/forest_sample.h"
#include "core/stats/forest_calibration.h"

#include "fuzz.h"

#define MAX_MASSES	48

/* Reads masses; their rows fit 32 bits, as the contract asks. */
static uint32_t
read_masses(FuzzInput *input, ForestPair *masses)
{
	uint32_t	n = 1 + fuzz_below(input, MAX_MASSES);

	for (uint32_t i = 0; i < n; i++)
	{
		double		length = fabs(fuzz_double(input));
		uint32_t	shift = fuzz_below(input, 24);

		masses[i].key = forest_sort_key(length <= FOREST_MAX_LENGTH ?
										length : i);
		masses[i].value = UINT64_C(1) << shift;
	}
	return n;
}

/* Rows of the masses that are shorter than a length. */
static uint64_t
rows_below(const ForestPair *masses, uint32_t n, double length)
{
	uint64_t	rows = 0;

	for (uint32_t i = 0; i < n; i++)
	{
		if (forest_sort_value(masses[i].key) < length)
			rows += masses[i].value;
	}
	return rows;
}

/* Every point tells the truth, and no cut flags more than it may. */
static void
check_points(const ForestCalibration *calibration, const ForestPair *masses,
			 uint32_t n)
{
	uint64_t	all = rows_below(masses, n, INFINITY);

	REQUIRE(calibration->n_rows == all);
	REQUIRE(calibration->n_points >= 1 &&
			calibration->n_points <= FOREST_MAX_POINTS);
	for (uint32_t i = 0; i < calibration->n_points; i++)
	{
		const ForestPoint *point = &calibration->points[i];

		REQUIRE(point->below == rows_below(masses, n, point->length));
		REQUIRE(point->through ==
				rows_below(masses, n, nextafter(point->length, INFINITY)));
	}
	for (int i = 0; i <= 50; i++)
	{
		double		cut = forest_threshold(calibration, i * 0.01);

		REQUIRE((double) rows_below(masses, n, cut) <=
				i * 0.01 * (double) all + 1e-6);
	}
}

/* The calibration in a model: written, opened, the same. */
static void
check_in_model(const ForestCalibration *calibration)
{
	size_t		len;
	uint8_t    *plain = small_bytes(true, &len);
	uint8_t    *bytes = calibrated_bytes(plain, calibration, &len);
	ForestView	view;
	ForestFault fault;

	if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
	{
		REQUIRE(view.calibration_rows == calibration->n_rows);
		REQUIRE(view.n_points == calibration->n_points);
		for (uint32_t i = 0; i < view.n_points; i++)
		{
			ForestPoint point = forest_view_point(&view, i);

			REQUIRE(point.length == calibration->points[i].length);
			REQUIRE(point.through == calibration->points[i].through);
		}
	}
	free(plain);
	free(bytes);
}

/* A sample keeps the rows with the smallest keys, whatever comes. */
static void
check_sample(FuzzInput *input)
{
	uint32_t	capacity = 1 + fuzz_below(input, 40);
	uint64_t   *keys = allocate(capacity * sizeof(uint64_t));
	uint32_t   *links = allocate(capacity * FOREST_LINK_BYTES);
	uint64_t	all[256];
	uint32_t	n = 0;
	ForestSample sample;

	forest_sample_init(&sample, capacity, fuzz_word(input), FOREST_FOR_SAMPLE,
					   0);
	sample.keys = keys;
	sample.links = links;
	sample.allocated = capacity;
	for (; input->left > 0 && n < 256; n++)
	{
		all[n] = fuzz_word(input);
		sample.drawn++;
		if (all[n] < sample.limit)
			REQUIRE(forest_sample_place(&sample, all[n]) < capacity);
		if (n % 16 == 0)
			REQUIRE(forest_sample_restore(&sample));
	}
	for (uint32_t i = 0; i < sample.n && sample.n == capacity; i++)
	{
		uint32_t	smaller = 0;

		for (uint32_t k = 0; k < n; k++)
			smaller += all[k] < keys[i];
		REQUIRE(smaller < capacity);
	}
	free(keys);
	free(links);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FuzzInput	input = {data, size};
	ForestPair	masses[MAX_MASSES];
	ForestPair	temporary[MAX_MASSES];
	ForestPoint *points = allocate(MAX_MASSES * sizeof(ForestPoint));
	ForestCalibration calibration;
	uint32_t	n = read_masses(&input, masses);

	forest_calibrate(masses, temporary, n, points, &calibration);
	check_points(&calibration, masses, n);
	check_in_model(&calibration);
	check_sample(&input);
	free(points);
	fuzz_check();
	return 0;
}
