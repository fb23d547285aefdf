/*-------------------------------------------------------------------------
 *
 * test_deal.c
 *	  Dealing rows to trees, without replacement and with it.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "core/grow/forest_sample.h"

#include "statistics.h"
#include "subsets.h"
#include "unit.h"

/* Trees of a deck: no row twice, and disjoint while the deck lasts. */
static void
test_deal_disjoint(void)
{
	enum
	{
		N = 50
	};
	uint32_t	deck[N];

	claim("no row is dealt twice to a tree, nor to two until the deck is out");
	for (uint32_t count = 1; count <= N; count++)
	{
		uint32_t   *rows = malloc(count * sizeof(*rows));
		ForestDealer dealer;
		uint8_t		in_deck[N] = {0};
		uint32_t	dealt = 0;

		unit_case = count;
		forest_dealer_init(&dealer, deck, N, N, count);
		for (int tree = 0; tree < 40; tree++)
		{
			uint8_t		in_tree[N] = {0};

			if (N - dealt < count)
			{
				memset(in_deck, 0, sizeof(in_deck));
				dealt = 0;
			}
			forest_deal(&dealer, rows, count, false);
			for (uint32_t i = 0; i < count; i++)
			{
				if (!REQUIRE(rows[i] < N))
					continue;
				REQUIRE(in_tree[rows[i]]++ == 0);
				REQUIRE(in_deck[rows[i]]++ == 0);
			}
			dealt += count;
		}
		free(rows);
	}
	proven();
}

/* Every subset is equally likely, for each tree. */
static void
test_deal_uniform(void)
{
	enum
	{
		N = 7, COUNT = 3, TREES = 5
	};
	uint32_t	masks[40];
	uint32_t	counts[TREES][40] = {{0}};
	uint32_t	orders[6] = {0};
	int			n_masks = list_subsets(N, COUNT, masks);

	claim("each tree gets every 3 of 7 rows equally often, in every order");
	for (uint32_t seed = 0; seed < 20000; seed++)
	{
		ForestDealer dealer;
		uint32_t	deck[N];

		forest_dealer_init(&dealer, deck, N, 1000, seed);
		for (int tree = 0; tree < TREES; tree++)
		{
			uint32_t	rows[COUNT];
			uint32_t	mask = 0;

			forest_deal(&dealer, rows, COUNT, false);
			for (int i = 0; i < COUNT; i++)
				mask |= UINT32_C(1) << rows[i];
			count_mask(mask, masks, n_masks, counts[tree]);
			orders[(rows[0] > rows[1]) + (rows[0] > rows[2]) +
				   3 * (rows[1] > rows[2])]++;
		}
	}
	for (int tree = 0; tree < TREES; tree++)
		REQUIRE(is_uniform("subsets over seeds from", 0, counts[tree],
						   n_masks));
	REQUIRE(is_uniform("orders over seeds from", 0, orders, 6));
	proven();

	claim("the rows of one tree say nothing of the next but one's");
	{
		uint32_t	pairs[16] = {0};

		/* two trees a deck: the third is dealt from a deck shuffled anew */
		for (uint32_t seed = 0; seed < 40000; seed++)
		{
			ForestDealer dealer;
			uint32_t	deck[4];
			uint32_t	rows[5];

			forest_dealer_init(&dealer, deck, 4, 4, seed);
			for (int tree = 0; tree < 5; tree++)
				forest_deal(&dealer, rows + tree, 1, false);
			pairs[4 * rows[0] + rows[4]]++;
		}
		REQUIRE(is_uniform("pairs over seeds from", 0, pairs, 16));
	}
	proven();
}

/*
 * Probability of d different values among "count" drawn with replacement
 * from a population, for every d.
 */
static void
distinct_probabilities(int count, double population, double *p)
{
	memset(p, 0, (size_t) (count + 1) * sizeof(*p));
	p[0] = 1.0;
	for (int i = 0; i < count; i++)
	{
		for (int d = i + 1; d > 0; d--)
			p[d] = p[d] * d / population +
				p[d - 1] * (population - d + 1) / population;
		p[0] = 0.0;
	}
}

/* Counts different rows. */
static int
count_distinct(const uint32_t *rows, int n)
{
	int			distinct = 0;

	for (int i = 0; i < n; i++)
	{
		bool		before = false;

		for (int j = 0; j < i; j++)
			before |= rows[j] == rows[i];
		distinct += !before;
	}
	return distinct;
}

/* Bootstrap draws with replacement from the population. */
static void
test_bootstrap(void)
{
	enum
	{
		N = 12, COUNT = 12, ROUNDS = 20000
	};
	static const uint64_t populations[] = {12, 13, 20, 100, 1000000};
	const uint64_t seed = 9;
	uint32_t	sequences[27] = {0};
	uint32_t	deck[N];
	ForestDealer dealer;

	claim("bootstrap repeats rows as drawing from the population does");
	for (int i = 0; i < 5; i++)
	{
		uint32_t	counts[COUNT + 1] = {0};
		uint32_t	rows_dealt[N] = {0};
		double		p[COUNT + 1];
		double		mean = 0.0;
		double		expected = 0.0;
		double		variance = 0.0;

		forest_dealer_init(&dealer, deck, N, populations[i], seed);
		distinct_probabilities(COUNT, (double) populations[i], p);
		for (int round = 0; round < ROUNDS; round++)
		{
			uint32_t	rows[COUNT];
			int			distinct;

			forest_deal(&dealer, rows, COUNT, true);
			for (int j = 0; j < COUNT; j++)
			{
				if (REQUIRE(rows[j] < N))
					rows_dealt[rows[j]]++;
			}
			distinct = count_distinct(rows, COUNT);
			counts[distinct]++;
			mean += distinct / (double) ROUNDS;
		}
		for (int d = 0; d <= COUNT; d++)
			expected += d * p[d];
		for (int d = 0; d <= COUNT; d++)
			variance += (d - expected) * (d - expected) * p[d];
		unit_case = populations[i];
		REQUIRE(is_below("mean of different rows", seed,
						 fabs(mean - expected) / sqrt(variance / ROUNDS),
						 NORMAL_THRESHOLD));
		/* outcomes too rare for a chi-square join their neighbour */
		for (int d = 0; d < COUNT; d++)
		{
			if (p[d] * ROUNDS < 8)
			{
				p[d + 1] += p[d];
				counts[d + 1] += counts[d];
				p[d] = 0.0;
				counts[d] = 0;
			}
		}
		for (int d = COUNT; d > 0; d--)
		{
			if (p[d] * ROUNDS < 8)
			{
				p[d - 1] += p[d];
				counts[d - 1] += counts[d];
				p[d] = 0.0;
				counts[d] = 0;
			}
		}
		if (p[COUNT] < 1.0)
			REQUIRE(fits("different rows", seed, counts, p, COUNT + 1));
		if (populations[i] == N)
			REQUIRE(is_uniform("rows", seed, rows_dealt, N));
	}
	proven();

	claim("bootstrap from a whole population gives every sequence alike");
	for (uint32_t s = 0; s < ROUNDS; s++)
	{
		uint32_t	rows[3];

		forest_dealer_init(&dealer, deck, 3, 3, s);
		forest_deal(&dealer, rows, 3, true);
		forest_deal(&dealer, rows, 3, true);
		sequences[9 * rows[0] + 3 * rows[1] + rows[2]]++;
	}
	REQUIRE(is_uniform("sequences over seeds from", 0, sequences, 27));
	proven();

	claim("a deck of one row deals it for ever");
	forest_dealer_init(&dealer, deck, 1, 1, 1);
	for (int i = 0; i < 20; i++)
	{
		uint32_t	row = 7;

		forest_deal(&dealer, &row, 1, i % 2 == 0);
		REQUIRE(row == 0);
	}
	proven();
}

int
main(void)
{
	test_deal_disjoint();
	test_deal_uniform();
	test_bootstrap();
	return unit_done();
}
