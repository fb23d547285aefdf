/*-------------------------------------------------------------------------
 *
 * test_weights.c
 *	  Samples of rows that have weights.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/base/forest_weight.h"
#include "core/grow/forest_sample.h"

#include "statistics.h"
#include "unit.h"

#define N_ROWS		5
#define N_DRAWS		100000
#define SEED		20261128

static const double weights[N_ROWS] = {1, 0.25, 4, 1e-3, 2.5};

/* The rows of the smallest and the next smallest of N_ROWS weighted keys. */
static void
draw_two(uint64_t *counter, double scale, int *first, int *second)
{
	uint64_t	least = UINT64_MAX;
	uint64_t	next = UINT64_MAX;

	*first = *second = -1;
	for (int i = 0; i < N_ROWS; i++)
	{
		uint64_t	key = forest_weighted_key(forest_splitmix64(counter),
											  weights[i] * scale);

		if (key < least)
		{
			next = least;
			*second = *first;
			least = key;
			*first = i;
		}
		else if (key < next)
		{
			next = key;
			*second = i;
		}
	}
}

static void
test_distribution(double scale)
{
	double		probabilities[N_ROWS * N_ROWS];
	uint32_t	counts[N_ROWS * N_ROWS] = {0};
	double		sum = 0;
	uint64_t	counter = SEED;

	claim("rows are kept as if drawn one by one by the weights of those left");
	for (int i = 0; i < N_ROWS; i++)
		sum += weights[i];
	for (int i = 0; i < N_ROWS; i++)
	{
		for (int j = 0; j < N_ROWS; j++)
			probabilities[i * N_ROWS + j] = i == j ? 0 :
				weights[i] / sum * weights[j] / (sum - weights[i]);
	}
	for (int i = 0; i < N_DRAWS; i++)
	{
		int			first;
		int			second;

		draw_two(&counter, scale, &first, &second);
		counts[first * N_ROWS + second]++;
	}
	REQUIRE(fits("the first two", SEED, counts, probabilities,
				 N_ROWS * N_ROWS));
	proven();
}

static void
test_repeats(void)
{
	uint32_t	counts[2] = {0};
	double		probabilities[2] = {0.5, 0.5};
	uint64_t	counter = SEED + 1;

	claim("a row of weight 3 comes as soon as the first of 3 rows");
	for (int i = 0; i < N_DRAWS; i++)
	{
		uint64_t	one = forest_weighted_key(forest_splitmix64(&counter), 3);
		uint64_t	least = UINT64_MAX;

		for (int j = 0; j < 3; j++)
		{
			uint64_t	key =
				forest_weighted_key(forest_splitmix64(&counter), 1);

			if (key < least)
				least = key;
		}
		counts[one < least]++;
	}
	REQUIRE(fits("which is first", SEED + 1, counts, probabilities, 2));
	proven();
}

static void
test_numbers(void)
{
	uint64_t	counter = SEED + 2;

	claim("keys and shares are what the exponential distribution says");
	for (int i = 0; i < 20000; i++)
	{
		uint64_t	key = forest_splitmix64(&counter) >> (i % 64);
		double		u = ((double) key + 0.5) * 0x1.0p-64;
		double		expected = key >> 63 ?
			-log(((double) ~key + 0.5) * 0x1.0p-64) : -log1p(-u);
		uint64_t	weighted = forest_weighted_key(key, 1);
		double		x = forest_weighted_number(weighted);

		unit_case = (uint32_t) i;
		REQUIRE(fabs(x - expected) <= 4e-16 * expected);
		REQUIRE(fabs(forest_kept_share(weighted, 1) - -expm1(-x)) <=
				1e-9 * -expm1(-x));
		REQUIRE(forest_weighted_key(key, FOREST_LEAST_WEIGHT) <
				forest_weighted_key(key, FOREST_LEAST_WEIGHT / 2));
	}
	REQUIRE(forest_kept_share(forest_weighted_key(5, 1), 1e100) == 1.0);
	proven();
}

/* Has a sample of a stream with the weights 1, 2, 3, 1, .. keep some rows. */
static void
fill(ForestSample *sample, uint32_t n, uint64_t *all)
{
	for (uint32_t i = 0; i < n; i++)
	{
		all[i] = forest_weighted_key(forest_sample_draw(sample), 1 + i % 3);
		if (all[i] < sample->limit)
			(void) forest_sample_place(sample, all[i]);
	}
}

static int
compare_keys(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return x < y ? -1 : x > y;
}

static void
test_sample(uint32_t capacity, uint32_t n)
{
	ForestSample sample;
	uint64_t   *all = malloc(n * sizeof(uint64_t));

	claim("the rows with the smallest weighted keys stay, also if one is lowered");
	forest_sample_init(&sample, capacity, SEED, FOREST_FOR_SAMPLE, 0);
	sample.weighted = true;
	sample.allocated = capacity;
	sample.keys = malloc(capacity * sizeof(uint64_t));
	sample.links = malloc(capacity * FOREST_LINK_BYTES);
	fill(&sample, n / 2, all);
	for (uint32_t slot = 0; slot < capacity; slot += 7)
	{
		uint64_t	lower = sample.keys[slot] - 1;

		for (uint32_t i = 0; i < n / 2; i++)
		{
			if (all[i] == sample.keys[slot])
				all[i] = lower;
		}
		forest_sample_lower(&sample, slot, lower);
	}
	fill(&sample, n - n / 2, all + n / 2);
	qsort(all, n, sizeof(uint64_t), compare_keys);
	qsort(sample.keys, capacity, sizeof(uint64_t), compare_keys);
	REQUIRE(sample.n == capacity && sample.drawn == n);
	REQUIRE(sample.limit == all[capacity - 1]);
	REQUIRE(memcmp(all, sample.keys, capacity * sizeof(uint64_t)) == 0);
	free(sample.keys);
	free(sample.links);
	free(all);
	proven();
}

int
main(void)
{
	test_distribution(1);
	test_distribution(1e90);
	test_repeats();
	test_numbers();
	test_sample(1, 100);
	test_sample(300, 20000);
	return unit_done();
}
