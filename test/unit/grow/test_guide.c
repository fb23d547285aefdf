/*-------------------------------------------------------------------------
 *
 * test_guide.c
 *	  Guided cuts: that they are the best, how often they are made, and that
 *	  a seed gives the same ones everywhere.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_digest.h"
#include "core/base/forest_rng.h"
#include "core/grow/forest_cut.h"
#include "core/grow/forest_grow.h"

#include "grove.h"
#include "statistics.h"
#include "support.h"
#include "unit.h"

#define MOST	400

/* The guided cut of n values, whose finite ones lie in [least, greatest]. */
static double
guided_cut(const double *values, size_t n, double least, double greatest)
{
	ForestRange range = {INFINITY, -INFINITY, least, greatest};
	ForestPair *pairs = allocate(2 * n * sizeof(ForestPair));
	ForestGuide guide = {pairs, pairs + n, allocate(n * sizeof(double))};
	double		cut = NAN;

	for (size_t i = 0; i < n; i++)
	{
		pairs[i].key = forest_sort_key(values[i]);
		range.min = fmin(range.min, values[i]);
		range.max = fmax(range.max, values[i]);
	}
	REQUIRE(forest_cut_guided(&range, &guide, n, &cut));
	free(guide.above);
	free(pairs);
	return cut;
}

/*
 * Number times standard deviation of the values on one side of a cut, by the
 * definition: the mean, then the squares of differences from it.
 */
static long double
side_weight(const double *values, size_t n, double cut, bool right)
{
	long double sum = 0;
	long double squares = 0;
	long double m = 0;

	for (size_t i = 0; i < n; i++)
	{
		if ((values[i] > cut) == right)
		{
			sum += values[i];
			m++;
		}
	}
	for (size_t i = 0; i < n; i++)
	{
		if ((values[i] > cut) == right)
			squares += (values[i] - sum / m) * (values[i] - sum / m);
	}
	return m > 0 ? m * sqrtl(squares / m) : 0;
}

/* The pooled gain of a cut, by the definition. */
static long double
gain(const double *values, size_t n, double cut)
{
	return 1 - (side_weight(values, n, cut, false) +
				side_weight(values, n, cut, true)) /
		side_weight(values, n, INFINITY, false);
}

/* Values of several shapes: even, in two crowds, long-tailed, with ties. */
static double
draw_value(ForestRng *rng, uint64_t shape)
{
	double		u = forest_rng_double(rng);

	switch (shape % 4)
	{
		case 0:
			return 1e6 + u;
		case 1:
			return forest_rng_below(rng, 3) == 0 ? 5.0 + u : u;
		case 2:
			return 1.0 / (u + 1e-4);
		default:
			return forest_rng_below(rng, 6);
	}
}

/* No cut gains more than the guided one. */
static void
test_best(void)
{
	ForestRng	rng;

	claim("no cut has a better pooled gain than the guided one");
	forest_rng_init(&rng, 41, 0);
	for (unit_case = 0; unit_case < 400; unit_case++)
	{
		double		values[MOST];
		size_t		n = 2 + forest_rng_below(&rng, unit_case % 9 ? 30 :
											 MOST - 2);
		double		lo = INFINITY;
		double		hi = -INFINITY;
		long double best = -INFINITY;
		double		cut;

		for (size_t i = 0; i < n; i++)
		{
			values[i] = draw_value(&rng, unit_case);
			lo = fmin(lo, values[i]);
			hi = fmax(hi, values[i]);
		}
		if (lo == hi)
			continue;
		for (size_t i = 0; i < n; i++)
		{
			if (values[i] < hi && gain(values, n, values[i]) > best)
				best = gain(values, n, values[i]);
		}
		cut = guided_cut(values, n, lo, hi);
		REQUIRE(cut >= lo && cut < hi);
		REQUIRE(gain(values, n, cut) > best - 1e-9L);
	}
	proven();
}

/* Cases that a person can follow. */
static void
test_cases(void)
{
	static const double crowds[] = {11, 0, 2, 10, 1};
	static const double one_far[] = {3, 1, 2, INFINITY};
	static const double wide[] = {-DBL_MAX, DBL_MAX, DBL_MAX};
	static const double next[] = {1.0, 1.0 + DBL_EPSILON, 1.0};
	static const double zeros[] = {0.0, -0.0, 4.0, -0.0};
	static const double even[] = {3, 1, 2};

	claim("two crowds are parted in the middle between them");
	REQUIRE(guided_cut(crowds, 5, 0, 11) == 6);
	REQUIRE(guided_cut(zeros, 4, 0, 4) == 2);
	proven();

	claim("of cuts that gain alike the lowest is taken");
	REQUIRE(guided_cut(even, 3, 1, 3) == 1.5);
	proven();

	claim("infinity counts as far from the others as these are wide");
	REQUIRE(guided_cut(one_far, 4, 1, 3) == 4);
	proven();

	claim("all doubles and neighbours have a cut between them");
	REQUIRE(guided_cut(wide, 3, -DBL_MAX, DBL_MAX) == 0);
	REQUIRE(guided_cut(next, 3, 1.0, 1.0 + DBL_EPSILON) == 1.0);
	proven();
}

/* A chance of one half guides half of the cuts. */
static void
test_chance(void)
{
	enum
	{
		ROUNDS = 20000
	};
	static const double chances[] = {0.0, 0.1, 0.5, 1.0};
	Table		table;

	claim("as many cuts are guided as the chance says");
	table_init(&table, 6, 1);
	for (uint32_t i = 0; i < 6; i++)
		table.values[i] = i < 3 ? i : 10 * i;
	for (size_t c = 0; c < sizeof(chances) / sizeof(chances[0]); c++)
	{
		uint32_t	counts[2] = {0, 0};
		double		p[2] = {1 - chances[c], chances[c]};

		table.guided = chances[c];
		for (uint32_t seed = 0; seed < ROUNDS; seed++)
		{
			ForestRng	rng;
			ForestTree	tree;

			forest_rng_start(&rng, seed, FOREST_FOR_TREE, 0);
			tree_grow_fully(&tree, &table, NULL, 6, 1, 1, &rng);
			/* a random cut is this very number hardly ever */
			counts[tree.cuts[0] == 16.0]++;
			tree_free(&tree);
		}
		if (p[0] * p[1] > 0)
			REQUIRE(fits("guided and not", 0, counts, p, 2));
		else
			REQUIRE(counts[p[0] > 0] == 0);
	}
	table_free(&table);
	proven();
}

/* The cuts of one forest, for good. */
static void
test_frozen(void)
{
	static const uint8_t frozen[FOREST_DIGEST_SIZE] = {
		0x88, 0x42, 0x68, 0xEB, 0x85, 0x68, 0xAD, 0x31,
		0x78, 0x86, 0x5F, 0x6C, 0x7F, 0xF0, 0x1E, 0x02,
		0xD2, 0xE0, 0x92, 0x8E, 0xDA, 0x3D, 0xEB, 0xEF,
		0x85, 0xBF, 0x3E, 0xF1, 0x63, 0x12, 0xC8, 0x6C
	};
	ForestRng	rng;
	Table		table;
	Grove		grove;
	uint8_t    *bytes;
	size_t		len;

	claim("a seed gives the same guided cuts for ever");
	forest_rng_init(&rng, 42, 0);
	table_init(&table, 200, N_COLUMN_KINDS);
	for (uint32_t f = 0; f < N_COLUMN_KINDS; f++)
		table_fill(&table, f, (ColumnKind) f, &rng);
	table.guided = 0.7;
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 20, 128, 0, 42);
	bytes = model_bytes(&grove.parts, &len);
	if (!REQUIRE(memcmp(bytes + 8, frozen, sizeof(frozen)) == 0))
	{
		printf("# %zu bytes, digest", len);
		for (int i = 0; i < FOREST_DIGEST_SIZE; i++)
			printf(" 0x%02X,", bytes[8 + i]);
		printf("\n");
	}
	free(bytes);
	grove_free(&grove);
	table_free(&table);
	proven();
}

int
main(void)
{
	test_best();
	test_cases();
	test_chance();
	test_frozen();
	return unit_done();
}
