/*-------------------------------------------------------------------------
 *
 * test_rng.c
 *	  The generator: published values, frozen values, uniformity.
 *
 * A frozen value that changes means that a seed no longer gives the model it
 * gave: see forest_rng.h before changing it here.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"

#include "statistics.h"
#include "unit.h"

/* splitmix64 and xoshiro256** as their authors' C code gives them. */
static void
test_published_values(void)
{
	static const uint64_t splitmix[] = {
		UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
		UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
		UINT64_C(16408922859458223821)
	};
	static const uint64_t xoshiro[] = {
		UINT64_C(11520), UINT64_C(0), UINT64_C(1509978240),
		UINT64_C(1215971899390074240), UINT64_C(1216172134540287360),
		UINT64_C(607988272756665600), UINT64_C(16172922978634559625),
		UINT64_C(8476171486693032832), UINT64_C(10595114339597558777),
		UINT64_C(2904607092377533576)
	};
	uint64_t	counter = 1234567;
	ForestRng	rng = {{1, 2, 3, 4}};

	claim("splitmix64 gives its published values");
	for (int i = 0; i < 5; i++)
		REQUIRE(forest_splitmix64(&counter) == splitmix[i]);
	proven();

	claim("xoshiro256** gives its published values");
	for (int i = 0; i < 10; i++)
		REQUIRE(forest_rng_next(&rng) == xoshiro[i]);
	proven();
}

/* What a seed and a stream give, for good. */
static void
test_frozen_values(void)
{
	static const struct
	{
		uint64_t	seed;
		ForestPurpose purpose;
		uint64_t	index;
		uint64_t	values[3];
	}			frozen[] = {
		{0, FOREST_FOR_SAMPLE, 0, {
			UINT64_C(0xE0465392203590B1), UINT64_C(0xFCF6982D159738FA),
			UINT64_C(0xD7CCE4162FAB84DA)
		}},
		{42, FOREST_FOR_SAMPLE, 0, {
			UINT64_C(0x4180AB06D19CB0C9), UINT64_C(0x1EF53AB21C4C82EF),
			UINT64_C(0x47B3A4EDC8240893)
		}},
		{42, FOREST_FOR_DEAL, 0, {
			UINT64_C(0xD28D42CB4E30D3A5), UINT64_C(0x724728EE79141978),
			UINT64_C(0xAB7F5BD72E5AABC4)
		}},
		{42, FOREST_FOR_TREE, 0, {
			UINT64_C(0x8BA5F8600E3B33D0), UINT64_C(0x2F2FCF2379565C3A),
			UINT64_C(0xAE376CAAD4F42F19)
		}},
		{42, FOREST_FOR_TREE, 1, {
			UINT64_C(0x108E75F39E574C86), UINT64_C(0x7DFFF93BB4980082),
			UINT64_C(0xBAB3EA56B5F6416B)
		}}
	};
	static const uint32_t dice[] = {
		3, 1, 4, 3, 0, 1, 0, 3, 5, 2, 0, 4, 5, 0, 0, 2
	};
	ForestRng	rng;

	claim("the streams of a seed are frozen");
	for (size_t i = 0; i < sizeof(frozen) / sizeof(frozen[0]); i++)
	{
		forest_rng_start(&rng, frozen[i].seed, frozen[i].purpose,
						 frozen[i].index);
		for (int j = 0; j < 3; j++)
			REQUIRE(forest_rng_next(&rng) == frozen[i].values[j]);
	}
	proven();

	claim("bounded integers and doubles are frozen");
	forest_rng_start(&rng, 42, FOREST_FOR_TREE, 0);
	for (size_t i = 0; i < sizeof(dice) / sizeof(dice[0]); i++)
		REQUIRE(forest_rng_below(&rng, 6) == dice[i]);
	REQUIRE(forest_rng_double(&rng) == 0x1.b3c7bbff9a576p-1);
	REQUIRE(forest_rng_below64(&rng, UINT64_C(1000000000000)) ==
			 UINT64_C(648162544166));
	proven();
}

/* Neighbouring seeds and streams share neither state nor bits. */
static void
test_streams_differ(void)
{
	enum
	{
		SIDE = 64
	};
	static uint64_t first[SIDE * SIDE];
	uint64_t	flipped = 0;

	claim("seeds and streams give different sequences");
	for (uint32_t i = 0; i < SIDE * SIDE; i++)
	{
		ForestRng	rng;

		unit_case = i;
		forest_rng_start(&rng, i / SIDE, FOREST_FOR_TREE, i % SIDE);
		first[i] = forest_rng_next(&rng);
		REQUIRE((rng.s[0] | rng.s[1] | rng.s[2] | rng.s[3]) != 0);
		for (uint32_t j = 0; j < i; j++)
		{
			if (first[j] == first[i])
				REQUIRE(first[j] != first[i]);
		}
	}
	proven();

	claim("a neighbouring stream changes half of the bits");
	for (uint32_t i = 1; i < SIDE * SIDE; i++)
	{
		for (uint64_t bits = first[i] ^ first[i - 1]; bits != 0; bits >>= 1)
			flipped += bits & 1;
	}
	REQUIRE(is_fair("bits that differ", 0, (uint32_t) flipped,
					64 * (SIDE * SIDE - 1)));
	proven();
}

/* A stream of one use that a test has met: where it starts, and whose it is. */
typedef struct Met
{
	uint64_t	start;
	ForestPurpose purpose;
	uint64_t	index;
} Met;

static int
compare_met(const void *a, const void *b)
{
	const Met  *x = a;
	const Met  *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* How many streams a use has: all that one seed can ever be asked for. */
static uint64_t
streams_of(ForestPurpose purpose)
{
	switch (purpose)
	{
		case FOREST_FOR_TREE:
		case FOREST_FOR_PLOT:
		case FOREST_FOR_BALANCE:
			return UINT64_C(1) << 32;
		case FOREST_FOR_NEW_ROW:
		case FOREST_FOR_ROW_NEAR:
		case FOREST_FOR_NOISE:
		case FOREST_FOR_NET_DRAW:
			return UINT64_C(1) << 60;
		default:
			return 1;
	}
}

/*
 * The i-th index that a test takes of n (>= 1): the least ones, powers of two
 * and their neighbours, where tags would run into each other; then any.
 */
static uint64_t
some_index(uint32_t i, uint64_t n, ForestRng *rng)
{
	if (i < 64)
		return i % n;
	if (i < 256)
		return ((UINT64_C(1) << i / 3 % 64) + i % 3 - 1) % n;
	return forest_rng_below64(rng, n);
}

/* No two uses see the same numbers, whatever the seed. */
static void
test_purposes(void)
{
	enum
	{
		SEEDS = 50,
		INDEXES = 1000
	};
	static Met	met[FOREST_N_PURPOSES * INDEXES];
	const uint64_t seed = 19;
	ForestRng	rng;

	claim("no two uses of a seed share a stream");
	printf("# seed %llu\n", (unsigned long long) seed);
	forest_rng_init(&rng, seed, 0);
	for (unit_case = 0; unit_case < SEEDS; unit_case++)
	{
		uint64_t	s = unit_case < 10 ? unit_case : forest_rng_next(&rng);
		uint32_t	n = 0;

		for (int p = 0; p < FOREST_N_PURPOSES; p++)
		{
			for (uint32_t i = 0; i < INDEXES; i++)
			{
				uint64_t	index = some_index(i, streams_of((ForestPurpose) p),
											   &rng);

				met[n++] = (Met) {forest_purpose_start(s, (ForestPurpose) p,
													   index),
								  (ForestPurpose) p, index};
			}
		}
		qsort(met, n, sizeof(Met), compare_met);
		for (uint32_t i = 1; i < n; i++)
			REQUIRE(met[i].start != met[i - 1].start ||
					(met[i].purpose == met[i - 1].purpose &&
					 met[i].index == met[i - 1].index));
	}
	proven();

	claim("the streams of every use end before those of the next");
	for (int p = 0; p < FOREST_N_PURPOSES; p++)
	{
		uint64_t	begin = forest_first_stream((ForestPurpose) p);
		uint64_t	last = begin + streams_of((ForestPurpose) p) - 1;

		unit_case = (unsigned long long) p;
		REQUIRE(begin > 0 && last >= begin);
		for (int q = 0; q < FOREST_N_PURPOSES; q++)
		{
			uint64_t	other = forest_first_stream((ForestPurpose) q);

			REQUIRE(p == q || other < begin || other > last);
		}
	}
	proven();
}

/* Doubles are uniform in [0, 1). */
static void
test_doubles(void)
{
	enum
	{
		N = 100000
	};
	static double values[N];
	const uint64_t seed = 2;
	ForestRng	rng;

	claim("doubles are multiples of 2^-53 in [0, 1), uniform");
	forest_rng_init(&rng, seed, 0);
	for (int i = 0; i < N; i++)
	{
		values[i] = forest_rng_double(&rng);
		REQUIRE(values[i] >= 0.0 && values[i] < 1.0);
		REQUIRE(ldexp(values[i], 53) == floor(ldexp(values[i], 53)));
	}
	REQUIRE(is_uniform_in_unit("doubles", seed, values, N));
	proven();

	claim("all bits set give the greatest double below 1");
	/* the state whose next output is all ones: s[1] = 9^-1, rotated, 5^-1 */
	memset(&rng, 0, sizeof(rng));
	rng.s[1] = forest_rotl(UINT64_C(0x8E38E38E38E38E39) * UINT64_MAX, 57) *
		UINT64_C(0xCCCCCCCCCCCCCCCD);
	REQUIRE(forest_rng_double(&rng) == 0x1.fffffffffffffp-1);
	proven();
}

/* Bounded integers: every value equally likely, none out of range. */
static void
test_below(void)
{
	static const uint32_t small[] = {2, 3, 6, 7, 10, 256, 1000};
	/* bounds that reject up to half of what is drawn */
	static const uint32_t large[] = {
		UINT32_MAX, UINT32_C(0x80000001), UINT32_C(0xC0000000),
		UINT32_C(0x80000000), UINT32_C(3000000001)
	};
	static uint32_t counts[1000];
	const uint64_t seed = 3;
	ForestRng	rng;

	claim("forest_rng_below is uniform for small bounds");
	forest_rng_init(&rng, seed, 1);
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
	{
		memset(counts, 0, sizeof(counts));
		for (uint32_t j = 0; j < 200 * small[i] + 10000; j++)
		{
			uint32_t	x = forest_rng_below(&rng, small[i]);

			if (REQUIRE(x < small[i]))
				counts[x]++;
		}
		REQUIRE(is_uniform("below", seed, counts, (int) small[i]));
	}
	proven();

	claim("forest_rng_below is uniform for bounds near 2^32");
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
	{
		uint32_t	n = large[i];

		memset(counts, 0, sizeof(counts));
		for (int j = 0; j < 100000; j++)
		{
			uint32_t	x = forest_rng_below(&rng, n);

			if (REQUIRE(x < n))
				counts[(uint64_t) x * 99 / n]++;
		}
		REQUIRE(is_uniform("below", seed, counts, 99));
	}
	proven();

	claim("forest_rng_below draws again where values would be uneven");
	/* 2^32 draws on 3 * 2^30 values: one in three would come up twice */
	memset(counts, 0, sizeof(counts));
	for (int j = 0; j < 100000; j++)
		counts[forest_rng_below(&rng, UINT32_C(0xC0000000)) % 3]++;
	REQUIRE(is_uniform("remainders", seed, counts, 3));
	proven();

	claim("forest_rng_below(1) is 0");
	for (int i = 0; i < 100; i++)
		REQUIRE(forest_rng_below(&rng, 1) == 0);
	proven();
}

/* The same for 64-bit bounds. */
static void
test_below64(void)
{
	static const uint64_t bounds[] = {
		2, 3, 10, 1000, UINT64_C(1) << 40, UINT64_C(0x8000000000000001),
		UINT64_C(0xC000000000000000), UINT64_MAX
	};
	const uint64_t seed = 4;
	ForestRng	rng;

	claim("forest_rng_below64 is uniform for all bounds");
	forest_rng_init(&rng, seed, 1);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
	{
		uint64_t	n = bounds[i];
		uint32_t	counts[20] = {0};
		uint32_t	n_bins = n < 20 ? (uint32_t) n : 20;

		for (int j = 0; j < 100000; j++)
		{
			uint64_t	x = forest_rng_below64(&rng, n);

			if (REQUIRE(x < n))
				counts[n <= 1000 ? x * n_bins / n :
					   (uint64_t) ((double) x / (double) n * n_bins) %
					   n_bins]++;
		}
		REQUIRE(is_uniform("below64", seed, counts, (int) n_bins));
	}
	REQUIRE(forest_rng_below64(&rng, 1) == 0);
	proven();
}

/* Which output of a counter a number is. */
static void
test_turns(void)
{
	uint64_t	counter = 0xFEDCBA9876543210;
	uint64_t	turn = forest_splitmix64_turn(forest_splitmix64(&counter));

	claim("each output of a splitmix64 counter is one turn after the other");
	for (unit_case = 1; unit_case < 100000; unit_case++)
		REQUIRE(forest_splitmix64_turn(forest_splitmix64(&counter)) ==
				turn + unit_case);
	proven();
}

int
main(void)
{
	test_published_values();
	test_turns();
	test_frozen_values();
	test_streams_differ();
	test_purposes();
	test_doubles();
	test_below();
	test_below64();
	return unit_done();
}
