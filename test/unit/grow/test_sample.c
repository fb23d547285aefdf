/*-------------------------------------------------------------------------
 *
 * test_sample.c
 *	  Sampling a stream, merging and restoring samples.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/grow/forest_sample.h"

#include "statistics.h"
#include "subsets.h"
#include "unit.h"

/* A sample with the rows it keeps: slot i holds rows[i]. */
typedef struct Kept
{
	ForestSample sample;
	uint32_t   *rows;
} Kept;

/* Starts a sample with room for "allocated" rows. */
static void
kept_init(Kept *kept, uint32_t capacity, uint32_t allocated, uint64_t seed,
		  uint64_t index)
{
	forest_sample_init(&kept->sample, capacity, seed, FOREST_FOR_PLOT, index);
	kept->sample.allocated = allocated;
	kept->sample.keys = malloc(allocated * sizeof(uint64_t));
	kept->sample.links = malloc(allocated * FOREST_LINK_BYTES);
	kept->rows = malloc(allocated * sizeof(uint32_t));
}

static void
kept_free(Kept *kept)
{
	free(kept->sample.keys);
	free(kept->sample.links);
	free(kept->rows);
}

/* Doubles the room when the next row would find none, as callers do. */
static void
kept_enlarge(Kept *kept)
{
	ForestSample *sample = &kept->sample;

	if (sample->n < sample->allocated || sample->n == sample->capacity)
		return;
	sample->allocated *= 2;
	if (sample->allocated > sample->capacity)
		sample->allocated = sample->capacity;
	sample->keys = realloc(sample->keys,
						   sample->allocated * sizeof(uint64_t));
	sample->links = realloc(sample->links,
							sample->allocated * FOREST_LINK_BYTES);
	kept->rows = realloc(kept->rows, sample->allocated * sizeof(uint32_t));
}

/* Takes a row in under a key that the sample wants. */
static void
kept_place(Kept *kept, uint64_t key, uint32_t row)
{
	uint32_t	slot;

	kept_enlarge(kept);
	slot = forest_sample_place(&kept->sample, key);
	if (REQUIRE(slot < kept->sample.n && slot < kept->sample.capacity))
		kept->rows[slot] = row;
}

/* Offers a row of the stream; returns the key that it drew. */
static uint64_t
kept_offer(Kept *kept, uint32_t row)
{
	uint64_t	key;

	if (forest_sample_wants(&kept->sample, &key))
		kept_place(kept, key, row);
	return key;
}

/* Adds to one sample what another one kept. */
static void
kept_merge(Kept *into, const Kept *from)
{
	for (uint32_t i = 0; i < from->sample.n; i++)
	{
		if (from->sample.keys[i] < into->sample.limit)
			kept_place(into, from->sample.keys[i], from->rows[i]);
	}
	into->sample.drawn += from->sample.drawn;
}

/* The kept rows as a set of bits; rows are below 32. */
static uint32_t
kept_mask(const Kept *kept)
{
	uint32_t	mask = 0;

	for (uint32_t i = 0; i < kept->sample.n; i++)
	{
		REQUIRE((mask >> kept->rows[i] & 1) == 0);
		mask |= UINT32_C(1) << kept->rows[i];
	}
	return mask;
}

typedef struct KeyedRow
{
	uint64_t	key;
	uint32_t	row;
} KeyedRow;

static int
compare_keys(const void *a, const void *b)
{
	uint64_t	x = ((const KeyedRow *) a)->key;
	uint64_t	y = ((const KeyedRow *) b)->key;

	return (x > y) - (x < y);
}

/* Whether a sample holds exactly the rows with the smallest of n keys. */
static bool
holds_smallest(const Kept *kept, KeyedRow *all, uint32_t n)
{
	uint32_t	n_kept = n < kept->sample.capacity ? n : kept->sample.capacity;
	KeyedRow   *mine = malloc((n_kept + 1) * sizeof(*mine));
	bool		same = kept->sample.n == n_kept;

	qsort(all, n, sizeof(*all), compare_keys);
	for (uint32_t i = 0; same && i < n_kept; i++)
		mine[i] = (KeyedRow) {kept->sample.keys[i], kept->rows[i]};
	if (same)
		qsort(mine, n_kept, sizeof(*mine), compare_keys);
	for (uint32_t i = 0; same && i < n_kept; i++)
		same = mine[i].key == all[i].key && mine[i].row == all[i].row;
	if (same && n_kept == kept->sample.capacity)
		same = kept->sample.limit == all[n_kept - 1].key;
	free(mine);
	return same;
}

/* The sample of a stream, against a sort of all its keys. */
static void
test_smallest_keys(void)
{
	static const uint32_t capacities[] = {1, 2, 3, 7, 64, 1000};
	static const uint32_t lengths[] = {1, 2, 3, 6, 7, 8, 63, 65, 999, 5000};
	static KeyedRow all[5000];

	claim("the rows with the smallest keys stay, never above the capacity");
	for (int c = 0; c < 6; c++)
	{
		for (int l = 0; l < 10; l++)
		{
			Kept		kept;

			unit_case = capacities[c] * 10000 + lengths[l];
			kept_init(&kept, capacities[c], 1, 5, unit_case);
			for (uint32_t i = 0; i < lengths[l]; i++)
			{
				all[i] = (KeyedRow) {kept_offer(&kept, i), i};
				REQUIRE(kept.sample.n <= kept.sample.capacity);
				REQUIRE(kept.sample.n <= kept.sample.allocated);
			}
			REQUIRE(kept.sample.drawn == lengths[l]);
			REQUIRE(holds_smallest(&kept, all, lengths[l]));
			kept_free(&kept);
		}
	}
	proven();
}

/*
 * Keys that are not spread as random ones are, as bytes from elsewhere may
 * hold: any bits of theirs may be all the same.
 */
static void
test_unlikely_keys(void)
{
	enum
	{
		N = 300
	};
	KeyedRow	all[N];
	ForestRng	rng;

	claim("any keys will do");
	forest_rng_init(&rng, 11, 0);
	for (unit_case = 0; unit_case < 64 * 64; unit_case++)
	{
		Kept		kept;

		kept_init(&kept, 1 + (uint32_t) (unit_case % 41), 1, 5, 0);
		for (uint32_t i = 0; i < N; i++)
		{
			uint64_t	key = forest_rng_next(&rng) >> (unit_case % 64)
				<< (unit_case / 64);

			all[i] = (KeyedRow) {key, 0};
			kept.sample.drawn++;
			if (key < kept.sample.limit)
				kept_place(&kept, key, 0);
		}
		REQUIRE(holds_smallest(&kept, all, N));
		kept_free(&kept);
	}
	proven();
}

/* Every subset of a stream is equally likely. */
static void
test_uniform(void)
{
	enum
	{
		N = 7, CAPACITY = 3, LONG = 200, KEEP = 20, ROUNDS = 20000
	};
	uint32_t	masks[40];
	uint32_t	counts[40] = {0};
	uint32_t	kept_counts[LONG] = {0};
	int			n_masks = list_subsets(N, CAPACITY, masks);
	const double p = (double) KEEP / LONG;
	double		sum = 0.0;

	claim("every 3 of 7 rows are equally likely to be kept");
	for (uint32_t seed = 0; seed < ROUNDS; seed++)
	{
		Kept		kept;

		kept_init(&kept, CAPACITY, CAPACITY, seed, 0);
		for (uint32_t i = 0; i < N; i++)
			kept_offer(&kept, i);
		count_mask(kept_mask(&kept), masks, n_masks, counts);
		kept_free(&kept);
	}
	REQUIRE(is_uniform("subsets over seeds from", 0, counts, n_masks));
	proven();

	claim("every row of a longer stream is equally likely to be kept");
	for (uint32_t stream = 0; stream < ROUNDS / 2; stream++)
	{
		Kept		kept;

		kept_init(&kept, KEEP, KEEP, 6, stream);
		for (uint32_t i = 0; i < LONG; i++)
			kept_offer(&kept, i);
		for (uint32_t i = 0; i < KEEP; i++)
			kept_counts[kept.rows[i]]++;
		kept_free(&kept);
	}
	/* without replacement, hence less than the multinomial variance */
	for (int i = 0; i < LONG; i++)
	{
		double		expected = ROUNDS / 2 * p;

		sum += (kept_counts[i] - expected) * (kept_counts[i] - expected) /
			(expected * (1.0 - p));
	}
	sum *= (LONG - 1.0) / LONG;
	REQUIRE(is_below("rows", 6, sum, chi_square_threshold(LONG - 1)));
	proven();
}

/* Merging the samples of several streams samples all their rows. */
static void
test_merge(void)
{
	static const uint32_t lengths[3] = {1, 2, 5};
	static const uint32_t long_lengths[4] = {0, 3, 500, 90};
	static KeyedRow all[600];
	uint32_t	masks[64];
	uint32_t	counts[64] = {0};
	int			n_masks = list_subsets(8, 3, masks);

	claim("a merge of unequal streams keeps every 3 of 8 rows equally often");
	for (uint32_t seed = 0; seed < 30000; seed++)
	{
		Kept		kept[3];
		uint32_t	row = 0;
		uint32_t	first = seed % 3;	/* in any order */

		for (uint32_t s = 0; s < 3; s++)
		{
			kept_init(&kept[s], 3, 1, seed, s);
			for (uint32_t i = 0; i < lengths[s]; i++)
				kept_offer(&kept[s], row++);
		}
		kept_merge(&kept[first], &kept[(first + 1) % 3]);
		kept_merge(&kept[first], &kept[(first + 2) % 3]);
		REQUIRE(kept[first].sample.drawn == 8);
		count_mask(kept_mask(&kept[first]), masks, n_masks, counts);
		for (int s = 0; s < 3; s++)
			kept_free(&kept[s]);
	}
	REQUIRE(is_uniform("subsets over seeds from", 0, counts, n_masks));
	proven();

	claim("a merge is the sample of all rows, and goes on as one");
	for (uint32_t capacity = 1; capacity < 700; capacity = capacity * 2 + 1)
	{
		Kept		kept[4];
		uint32_t	row = 0;

		unit_case = capacity;
		for (uint32_t s = 0; s < 4; s++)
		{
			kept_init(&kept[s], capacity, 1, 7, s);
			for (uint32_t i = 0; i < long_lengths[s]; i++, row++)
				all[row] = (KeyedRow) {kept_offer(&kept[s], row), row};
		}
		kept_merge(&kept[2], &kept[3]);
		kept_merge(&kept[1], &kept[2]);
		kept_merge(&kept[0], &kept[1]);
		REQUIRE(holds_smallest(&kept[0], all, row));
		for (; row < 600; row++)
			all[row] = (KeyedRow) {kept_offer(&kept[0], row), row};
		REQUIRE(holds_smallest(&kept[0], all, row));
		REQUIRE(kept[0].sample.drawn == 600);
		for (int s = 0; s < 4; s++)
			kept_free(&kept[s]);
	}
	proven();
}

/* A restored sample goes on as the one that was stored. */
static void
test_restore(void)
{
	claim("a restored sample keeps the same rows in the same slots");
	for (uint32_t stop = 0; stop < 60; stop++)
	{
		Kept		kept;
		Kept		copy;

		unit_case = stop;
		kept_init(&kept, 20, 20, 8, stop);
		for (uint32_t i = 0; i < stop; i++)
			kept_offer(&kept, i);
		kept_init(&copy, 20, 20, 0, 0);
		copy.sample.counter = kept.sample.counter;
		copy.sample.drawn = kept.sample.drawn;
		copy.sample.n = kept.sample.n;
		copy.sample.limit = 0;
		memcpy(copy.sample.keys, kept.sample.keys,
			   kept.sample.n * sizeof(uint64_t));
		memcpy(copy.rows, kept.rows, kept.sample.n * sizeof(uint32_t));
		REQUIRE(forest_sample_restore(&copy.sample));
		for (uint32_t i = stop; i < 120; i++)
		{
			REQUIRE(kept.sample.limit == copy.sample.limit);
			REQUIRE(kept_offer(&kept, i) == kept_offer(&copy, i));
		}
		REQUIRE(kept.sample.n == copy.sample.n);
		REQUIRE(kept.sample.drawn == copy.sample.drawn);
		REQUIRE(memcmp(kept.rows, copy.rows, 20 * sizeof(uint32_t)) == 0);
		kept_free(&kept);
		kept_free(&copy);
	}
	proven();
}

/* Offers a row to a sample that looks ahead. */
static void
kept_offer_ahead(Kept *kept, uint32_t row)
{
	if (forest_sample_passes(&kept->sample))
		return;
	(void) kept_offer(kept, row);
	forest_sample_look_ahead(&kept->sample);
}

/* Looking ahead changes nothing, wherever the stream ends. */
static void
test_look_ahead(void)
{
	static const uint32_t capacities[] = {1, 2, 20};
	bool		some_ahead = false;

	claim("looking ahead keeps the same rows and counts the same");
	for (int c = 0; c < 3; c++)
	{
		Kept		kept;
		Kept		ahead;

		unit_case = capacities[c];
		kept_init(&kept, capacities[c], 1, 9, 0);
		kept_init(&ahead, capacities[c], 1, 9, 0);
		for (uint32_t i = 0; i < 6000; i++)
		{
			(void) kept_offer(&kept, i);
			kept_offer_ahead(&ahead, i);
			some_ahead |= ahead.sample.ahead > 500;
			REQUIRE(forest_sample_seen(&ahead.sample) == i + 1);
			REQUIRE(ahead.sample.n == kept.sample.n);
			REQUIRE(ahead.sample.limit == kept.sample.limit);
			REQUIRE(memcmp(ahead.rows, kept.rows,
						   kept.sample.n * sizeof(uint32_t)) == 0);
		}
		kept_free(&kept);
		kept_free(&ahead);
	}
	REQUIRE(some_ahead);
	proven();
}

/* What cannot have been a sample is not restored. */
static void
test_restore_refuses(void)
{
	uint64_t	keys[4] = {4, 3, 2, 1};
	uint32_t	links[4 * FOREST_LINK_BYTES / sizeof(uint32_t)];
	ForestSample good = {0};
	ForestSample bad;

	good.capacity = good.allocated = good.n = 4;
	good.drawn = 9;
	good.keys = keys;
	good.links = links;

	claim("numbers that do not belong together are not restored");
	REQUIRE(forest_sample_restore(&good) && good.limit == 4);
	bad = good;
	bad.capacity = 0;
	REQUIRE(!forest_sample_restore(&bad));
	bad.n = 0;
	REQUIRE(!forest_sample_restore(&bad));
	bad = good;
	bad.capacity = 3;
	REQUIRE(!forest_sample_restore(&bad));
	bad = good;
	bad.drawn = 3;
	REQUIRE(!forest_sample_restore(&bad));
	bad = good;
	bad.allocated = 3;
	REQUIRE(!forest_sample_restore(&bad));
	proven();
}

int
main(void)
{
	test_smallest_keys();
	test_unlikely_keys();
	test_uniform();
	test_merge();
	test_restore();
	test_look_ahead();
	test_restore_refuses();
	return unit_done();
}
