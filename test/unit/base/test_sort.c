/*-------------------------------------------------------------------------
 *
 * test_sort.c
 *	  Sorting of pairs, and keys that order as doubles do.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"

#include "support.h"
#include "unit.h"

/* Room for n pairs at the end of a block, 8-byte aligned and no better. */
static ForestPair *
pairs_at_end(size_t n, void **block)
{
	*block = allocate(8 + n * sizeof(ForestPair));
	memset(*block, 0xA5, 8 + n * sizeof(ForestPair));
	return (ForestPair *) ((char *) *block + 8);
}

typedef enum Order
{
	RANDOM,
	FEW_KEYS,
	ONE_KEY,
	ASCENDING,
	DESCENDING,
	ALMOST,						/* ascending but for one */
	GREATEST,					/* near the end of what a key can be */
	N_ORDERS
} Order;

static uint64_t
make_key(Order order, size_t i, size_t n, ForestRng *rng)
{
	switch (order)
	{
		case FEW_KEYS:
			return forest_rng_below(rng, 3);
		case ONE_KEY:
			return 7;
		case ASCENDING:
			return i / 2;
		case DESCENDING:
			return (n - i) / 2;
		case ALMOST:
			return i + 1 == n ? 0 : i;
		case GREATEST:
			return UINT64_MAX - forest_rng_below(rng, 2);
		default:
			return forest_rng_next(rng);
	}
}

/*
 * Sorts n pairs in some order, whose values are their places, by their keys
 * but for the lowest bits.
 */
static void
check_sort(Order order, size_t n, uint32_t shift, ForestRng *rng)
{
	void	   *block;
	void	   *temporary_block;
	ForestPair *pairs = pairs_at_end(n, &block);
	ForestPair *temporary = pairs_at_end(n, &temporary_block);
	uint64_t   *keys = allocate(n * sizeof(uint64_t));
	bool	   *seen = allocate(n * sizeof(bool));

	for (size_t i = 0; i < n; i++)
	{
		keys[i] = make_key(order, i, n, rng);
		seen[i] = false;
		pairs[i] = (ForestPair) {keys[i], i};
	}
	if (shift == 0)
		forest_sort(pairs, temporary, n);
	else
		forest_sort_above(pairs, temporary, n, shift);
	for (size_t i = 0; i < n; i++)
	{
		if (!REQUIRE(pairs[i].value < n))
			break;
		REQUIRE(!seen[pairs[i].value]);
		seen[pairs[i].value] = true;
		REQUIRE(pairs[i].key == keys[pairs[i].value]);
		if (i == 0)
			continue;
		REQUIRE(pairs[i - 1].key >> shift <= pairs[i].key >> shift);
		REQUIRE(pairs[i - 1].key >> shift < pairs[i].key >> shift ||
				pairs[i - 1].value < pairs[i].value);
	}
	free(keys);
	free(seen);
	free(block);
	free(temporary_block);
}

/* Requires that sorting by all but "shift" bits is right in all orders. */
static void
check_orders(uint32_t shift, ForestRng *rng)
{
	static const size_t large[] = {
		127, 128, 129, 255, 256, 257, 1000, 4095, 4096, 4097, 5000
	};

	for (int order = 0; order < N_ORDERS; order++)
	{
		for (size_t n = 0; n < 70; n++)
		{
			unit_case = (unsigned int) order * 10000U + n;
			check_sort((Order) order, n, shift, rng);
		}
		for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		{
			unit_case = (unsigned int) order * 10000U + large[i];
			check_sort((Order) order, large[i], shift, rng);
		}
	}
}

static void
test_sort(void)
{
	static const uint32_t shifts[] = {1, 3, 8, 57, 63};
	ForestRng	rng;

	forest_rng_init(&rng, 71, 0);
	claim("pairs come out ascending, each one once, equal ones in order");
	check_orders(0, &rng);
	proven();

	claim("bits that do not count leave pairs in order");
	for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++)
		check_orders(shifts[i], &rng);
	proven();
}

/* Some double, but no NaN: any bits. */
static double
any_double(ForestRng *rng)
{
	double		v;

	do
	{
		uint64_t	bits = forest_rng_next(rng);

		memcpy(&v, &bits, sizeof(v));
	} while (isnan(v));
	return v;
}

/* Requires that keys compare as the doubles do, -0.0 below 0.0. */
static void
check_keys(double a, double b)
{
	uint64_t	key_a = forest_sort_key(a);
	uint64_t	key_b = forest_sort_key(b);

	if (a < b)
		REQUIRE(key_a < key_b);
	else if (a > b)
		REQUIRE(key_a > key_b);
	else if (!signbit(a) == !signbit(b))
		REQUIRE(key_a == key_b);
	else
		REQUIRE((key_a < key_b) == (signbit(a) != 0));
}

static void
test_keys(void)
{
	static const double ascending[] = {
		-INFINITY, -DBL_MAX, -1e300, -2.0, -1.0 - DBL_EPSILON, -1.0, -0.5,
		-DBL_MIN, -DBL_TRUE_MIN, -0.0, 0.0, DBL_TRUE_MIN, DBL_MIN, 0.5, 1.0,
		1.0 + DBL_EPSILON, 2.0, 1e300, DBL_MAX, INFINITY
	};
	enum
	{
		N = sizeof(ascending) / sizeof(ascending[0])
	};
	ForestRng	rng;

	claim("keys ascend from -infinity to infinity, -0.0 before 0.0");
	for (uint32_t i = 0; i < N; i++)
	{
		for (uint32_t j = 0; j < N; j++)
		{
			unit_case = i * 100 + j;
			REQUIRE((forest_sort_key(ascending[i]) <
					 forest_sort_key(ascending[j])) == (i < j));
		}
	}
	proven();

	forest_rng_init(&rng, 72, 0);
	claim("keys compare as their doubles, whatever bits these are");
	for (unit_case = 0; unit_case < 100000; unit_case++)
	{
		double		a = any_double(&rng);

		check_keys(a, any_double(&rng));
		check_keys(a, nextafter(a, INFINITY));
		check_keys(a, nextafter(a, -INFINITY));
		check_keys(a, -a);
	}
	proven();

	claim("a key gives its double back, bit by bit");
	for (unit_case = 0; unit_case < 100000; unit_case++)
	{
		double		a = unit_case < N ? ascending[unit_case] :
			any_double(&rng);
		double		b = forest_sort_value(forest_sort_key(a));

		REQUIRE(memcmp(&a, &b, sizeof(a)) == 0);
	}
	proven();
}

int
main(void)
{
	test_sort();
	test_keys();
	return unit_done();
}
