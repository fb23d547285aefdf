/*-------------------------------------------------------------------------
 *
 * test_tally.c
 *	  Counting numbers: exact while memory lasts, and the same in any parts.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/forest_rng.h"
#include "core/stats/forest_tally.h"

#include "unit.h"

#define MANY	(5 * FOREST_TALLY_CELLS)

static ForestPair temporary[FOREST_TALLY_PAIRS];
static uint64_t numbers[MANY];

/* An empty tally of its own. */
static ForestTally
tally_begin(void)
{
	ForestTally tally = {.allocated = FOREST_TALLY_PAIRS};

	tally.pairs = malloc(FOREST_TALLY_PAIRS * sizeof(ForestPair));
	return tally;
}

/* Counts so many rows of a number. */
static void
count(ForestTally *tally, uint64_t number, uint64_t times)
{
	if (tally->n == tally->allocated)
		forest_tally_settle(tally, temporary);
	forest_tally_add(tally, number, times);
}

/*
 * Adds what another has, and does away with that one: pairs that are settled
 * come in one piece behind others that are.
 */
static void
unite(ForestTally *tally, ForestTally *other)
{
	forest_tally_settle(tally, temporary);
	forest_tally_settle(other, temporary);
	if (tally->shift < other->shift)
		tally->shift = other->shift;
	memcpy(tally->pairs + tally->n, other->pairs,
		   other->n * sizeof(ForestPair));
	tally->n += other->n;
	tally->rows += other->rows;
	free(other->pairs);
}

/* Whether two settled tallies are the same. */
static bool
same(const ForestTally *a, const ForestTally *b)
{
	return a->rows == b->rows && a->n == b->n && a->shift == b->shift &&
		memcmp(a->pairs, b->pairs, a->n * sizeof(ForestPair)) == 0;
}

/* Counts numbers[0 .. n) in so many parts, settled. */
static ForestTally
in_parts(uint32_t n, uint32_t parts, bool backwards)
{
	ForestTally all = tally_begin();

	for (uint32_t part = 0; part < parts; part++)
	{
		ForestTally tally = tally_begin();

		/* parts of unlike sizes: the first has the odd numbers' half */
		for (uint32_t i = 0; i < n; i++)
		{
			uint32_t	at = backwards ? n - 1 - i : i;

			if ((at % 2 == 1 ? 0 : at / 2 % parts) == part)
				count(&tally, numbers[at], 1);
		}
		unite(&all, &tally);
	}
	forest_tally_settle(&all, temporary);
	return all;
}

static void
test_few(void)
{
	ForestTally tally = tally_begin();

	claim("few numbers are counted one by one");
	count(&tally, 7, 1);
	count(&tally, 5, 2);
	count(&tally, 7, 3);
	count(&tally, 6, 1);
	forest_tally_settle(&tally, temporary);
	REQUIRE(tally.n == 3 && tally.rows == 7 && tally.shift == 0);
	REQUIRE(tally.pairs[0].key == 5 && tally.pairs[0].value == 2);
	REQUIRE(tally.pairs[1].key == 6 && tally.pairs[1].value == 1);
	REQUIRE(tally.pairs[2].key == 7 && tally.pairs[2].value == 4);
	proven();
	free(tally.pairs);
}

/* Numbers that were settled stay as they are, but for cells that unite. */
static void
test_behind(void)
{
	ForestTally tally = tally_begin();
	ForestPair *two = malloc(2 * sizeof(ForestPair));

	claim("numbers behind settled ones take room for themselves alone");
	for (uint64_t i = 0; i < 1000; i++)
		count(&tally, 10 * i, 1);
	forest_tally_settle(&tally, temporary);
	REQUIRE(tally.settled == 1000);
	count(&tally, 9995, 1);
	count(&tally, 20, 4);
	forest_tally_settle(&tally, two);
	REQUIRE(tally.n == 1001 && tally.settled == 1001);
	REQUIRE(tally.pairs[2].key == 20 && tally.pairs[2].value == 5);
	REQUIRE(tally.pairs[1000].key == 9995);
	REQUIRE(forest_tally_check(&tally));
	proven();

	claim("the least number of a cell stays, wherever it comes");
	tally.shift = 8;
	count(&tally, 9985, 1);
	count(&tally, 9984, 1);		/* 39 * 256 */
	forest_tally_settle(&tally, two);
	REQUIRE(tally.n == 40 && tally.rows == 1007);
	REQUIRE(tally.pairs[0].key == 0 && tally.pairs[1].key == 260);
	REQUIRE(tally.pairs[39].key == 9984 && tally.pairs[39].value == 4);
	REQUIRE(forest_tally_check(&tally));
	proven();
	free(two);
	free(tally.pairs);
}

/* Of the sorted numbers, how many are below that one. */
static uint32_t
below(uint32_t n, uint64_t number)
{
	uint32_t	lo = 0;
	uint32_t	hi = n;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (numbers[middle] < number)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return x < y ? -1 : x > y;
}

static void
test_parts(void)
{
	uint32_t	sizes[] = {1000, FOREST_TALLY_CELLS, FOREST_TALLY_CELLS + 1,
	3 * FOREST_TALLY_CELLS, MANY};
	ForestRng	rng;

	forest_rng_start(&rng, 1, FOREST_FOR_SAMPLE, 0);
	/* one number takes a fifth of the rows, the others hardly come twice */
	for (uint32_t i = 0; i < MANY; i++)
		numbers[i] = i % 5 == 0 ? UINT64_C(1) << 40 :
			forest_rng_next(&rng) >> 20;

	claim("neither order nor parts change what was counted");
	for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++)
	{
		ForestTally once = in_parts(sizes[k], 1, false);
		ForestTally back = in_parts(sizes[k], 1, true);
		ForestTally three = in_parts(sizes[k], 3, false);
		ForestTally seven = in_parts(sizes[k], 7, true);

		unit_case = sizes[k];
		REQUIRE(once.rows == sizes[k]);
		REQUIRE(once.n <= FOREST_TALLY_CELLS);
		REQUIRE(forest_tally_check(&once));
		REQUIRE((once.shift > 0) == (sizes[k] > 2 * FOREST_TALLY_CELLS));
		REQUIRE(same(&once, &back));
		REQUIRE(same(&once, &three));
		REQUIRE(same(&once, &seven));
		free(once.pairs);
		free(back.pairs);
		free(three.pairs);
		free(seven.pairs);
	}
	proven();

	claim("below a number that stays are as many as there are");
	{
		ForestTally tally = in_parts(MANY, 1, false);
		uint64_t	seen = 0;

		qsort(numbers, MANY, sizeof(*numbers), compare_numbers);
		for (uint32_t i = 0; i < tally.n; i++)
		{
			unit_case = i;
			REQUIRE(below(MANY, tally.pairs[i].key) == seen);
			seen += tally.pairs[i].value;
		}
		REQUIRE(tally.n > FOREST_TALLY_CELLS / 2);
		free(tally.pairs);
	}
	proven();
}

static void
test_check(void)
{
	ForestPair	pairs[3] = {{4, 1}, {8, 2}, {16, 3}};
	ForestTally tally = {.rows = 6, .n = 3, .shift = 2, .pairs = pairs};

	claim("bytes that are no settled tally are told");
	REQUIRE(forest_tally_check(&tally));
	tally.rows = 7;
	REQUIRE(!forest_tally_check(&tally));
	tally.rows = 6;
	tally.shift = 3;			/* 8 and 16 differ, 4 shares no cell with 8 */
	REQUIRE(forest_tally_check(&tally));
	tally.shift = 4;			/* 4 and 8 share one */
	REQUIRE(!forest_tally_check(&tally));
	tally.shift = 64;
	REQUIRE(!forest_tally_check(&tally));
	tally.shift = 0;
	pairs[1].key = 4;
	REQUIRE(!forest_tally_check(&tally));
	pairs[1].key = 3;
	REQUIRE(!forest_tally_check(&tally));
	pairs[1] = (ForestPair) {8, 0};
	tally.rows = 4;
	REQUIRE(!forest_tally_check(&tally));
	pairs[1].value = UINT64_MAX;
	tally.rows = 3;
	REQUIRE(!forest_tally_check(&tally));
	tally.n = FOREST_TALLY_CELLS + 1;
	REQUIRE(!forest_tally_check(&tally));
	proven();
}

static void
test_scale(void)
{
	ForestPair	pairs[4] = {{1, UINT64_C(1) << 40}, {2, 1},
	{3, UINT64_C(1) << 41}, {4, UINT64_C(1) << 40}};
	uint64_t	rows = (UINT64_C(1) << 42) + 1;

	claim("more rows than can be stored keep their shares");
	REQUIRE(forest_tally_scale(pairs, 4, rows, 1000) == 3);
	REQUIRE(pairs[0].key == 1);
	REQUIRE(pairs[0].value >= 249 && pairs[0].value <= 250);
	REQUIRE(pairs[1].key == 3);
	REQUIRE(pairs[1].value >= 499 && pairs[1].value <= 501);
	REQUIRE(pairs[0].value + pairs[1].value + pairs[2].value == 1000);
	pairs[0].value = 2;
	REQUIRE(forest_tally_scale(pairs, 1, 2, 2) == 1 && pairs[0].value == 2);
	proven();
}

int
main(void)
{
	test_few();
	test_behind();
	test_parts();
	test_check();
	test_scale();
	return unit_done();
}
