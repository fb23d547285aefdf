/*-------------------------------------------------------------------------
 *
 * test_blocks_limits.c
 *	  Which forests have a fast form and which do not, on both sides of every
 *	  limit; and that those just within score as the reference walk.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/grow/forest_grow.h"

#include "blocks_support.h"
#include "unit.h"

/* Whether a forest has a fast form. */
static bool
is_possible(const Grove *grove, ForestRng *rng)
{
	Table		rows;
	Outcome		outcome;

	rows_near_cuts(&rows, &grove->parts, 30, rng);
	outcome = compare_forms(grove, &rows, NULL, rng);
	table_free(&rows);
	return outcome.built;
}

/* Forests at the limits of the fast form, and beyond. */
static void
test_cuts_and_features(void)
{
	ForestRng	rng;

	forest_rng_init(&rng, 87, 0);
	claim("65535 cuts of a tree on a feature are possible, 65536 are not");
	for (unit_case = 0; unit_case < 4; unit_case++)
	{
		uint32_t	n_splits = unit_case % 2 ? 65536 : 65535;
		Grove		grove;

		/* the tree in question is the first or the last */
		grove_begin_invented(&grove, 1, NULL);
		grove_add_group(&grove, 256, 0);
		for (unsigned int t = 0; t < 4; t++)
		{
			Invention	wanted = {t == unit_case / 2 * 3 ? n_splits : 20,
				BUSHY, 9, true};

			grove_invent(&grove, &wanted, &rng);
		}
		REQUIRE(is_possible(&grove, &rng) == (n_splits == 65535));
		grove_free(&grove);
	}
	proven();

	claim("128 features are possible, more are not");
	for (uint32_t d = 127; d < 132; d++)
	{
		Grove		grove;

		unit_case = d;
		grove_begin_invented(&grove, d, NULL);
		grove_invent_group(&grove, 10, 256, 100, &rng);
		REQUIRE(is_possible(&grove, &rng) == (d <= 128));
		grove_free(&grove);
	}
	{
		Grove		grove;

		unit_case = 16000;
		grove_begin_invented(&grove, FOREST_MAX_FEATURES, NULL);
		grove_invent_group(&grove, 10, 256, 100, &rng);
		REQUIRE(!is_possible(&grove, &rng));
		grove_free(&grove);
	}
	proven();
}

/*
 * The masks of all categories, with one for unseen and one for missing
 * values, may take 16 MB: two bytes a block, blocks rounded up to 32.
 */
static void
test_mask_limit(void)
{
	/* 2^18 in all, with the two more of each */
	uint32_t	n_categories[9] = {
		6126, 32000, 32000, 32000, 32000, 32000, 32000, 32000, 32000
	};
	static const struct
	{
		uint32_t	n_trees;	/* of one block each */
		uint32_t	first_n_categories;
		bool		possible;
	}			cases[] = {
		{32, 6126, true}, {7, 6126, true}, {32, 6127, false},
		{20, 6127, false}, {33, 6126, false}
	};
	ForestRng	rng;

	claim("masks of 16 MB are possible, greater ones are not");
	forest_rng_init(&rng, 88, 0);
	for (unit_case = 0; unit_case < 5; unit_case++)
	{
		static const uint32_t few[9] = {8, 8, 8, 8, 8, 8, 8, 8, 8};
		Grove		grove;
		Table		rows;
		Outcome		outcome;

		grove_begin_invented(&grove, 9, few);
		grove_add_group(&grove, 256, 0);
		for (uint32_t t = 0; t < cases[unit_case].n_trees; t++)
		{
			Invention	wanted = {7, BALANCED, 9, false};

			grove_invent(&grove, &wanted, &rng);
		}
		n_categories[0] = cases[unit_case].first_n_categories;
		rows_near_cuts(&rows, &grove.parts, 40, &rng);
		for (uint32_t i = 0; i < rows.n_rows; i++)
			*table_at(&rows, i, i % 9) = n_categories[i % 9] - i / 9 % 3;
		outcome = compare_forms(&grove, &rows, n_categories, &rng);
		REQUIRE(outcome.built == cases[unit_case].possible);
		table_free(&rows);
		grove_free(&grove);
	}
	proven();
}

/* A row's masks: one a categorical feature and block, blocks in units. */
static void
test_row_mask_limit(void)
{
	uint32_t	n_categories[128];
	uint32_t	n_possible = 0;
	ForestRng	rng;

	claim("4096 masks of a row for each tree are possible, more are not");
	forest_rng_init(&rng, 89, 0);
	for (int f = 0; f < 128; f++)
		n_categories[f] = 3;
	for (unit_case = 0; unit_case < 60; unit_case++)
	{
		uint32_t	d = unit_case % 2 ? 128 : 9;
		Invention	wanted = {10 + 40 * (uint32_t) unit_case, BUSHY, 9, false};
		Grove		grove;
		Table		rows;
		Outcome		outcome;

		grove_begin_invented(&grove, d, n_categories);
		grove_add_group(&grove, 256, 0);
		for (unsigned int t = 0; t <= unit_case % 3; t++)
			grove_invent(&grove, &wanted, &rng);
		rows_near_cuts(&rows, &grove.parts, 10, &rng);
		outcome = compare_forms(&grove, &rows, NULL, &rng);
		REQUIRE(outcome.built == (d * ((outcome.n_blocks + 31) / 32 * 32) <=
								  4096 * (1 + unit_case % 3)));
		n_possible += outcome.built;
		table_free(&rows);
		grove_free(&grove);
	}
	REQUIRE(n_possible > 5 && n_possible < 55);
	proven();
}

/* Adds a chain of n splits, whose leaves are all different. */
static void
add_chain(Grove *grove, uint32_t n, ForestRng *rng)
{
	ForestTree	tree = {0};

	tree.nodes = allocate((2 * (size_t) n + 1) * sizeof(uint16_t));
	tree.cuts = allocate(n * sizeof(double));
	tree.leaves = allocate((n + (size_t) 1) * sizeof(uint32_t));
	tree.sets = allocate(0);
	for (uint32_t i = 0; i < n; i++)
	{
		tree.nodes[tree.n_nodes++] = 0;
		tree.cuts[tree.n_cuts++] = invented_cut(0, rng);
		tree.nodes[tree.n_nodes++] = FOREST_NODE_LEAF;
		tree.leaves[tree.n_leaves++] = 3 + 7 * i;
	}
	tree.nodes[tree.n_nodes++] = FOREST_NODE_LEAF;
	tree.leaves[tree.n_leaves++] = 1;
	grove_add_tree(grove, &tree);
	tree_free(&tree);
}

/* Exits name values by a byte, and values that are too many otherwise. */
static void
test_values(void)
{
	static const uint32_t numbers[] = {
		1, 2, 3, 238, 239, 240, 241, 242, 255, 256, 257, 258, 1000, 40000
	};
	ForestRng	rng;

	forest_rng_init(&rng, 90, 0);
	claim("flat forests name up to 256 values, others any number");
	for (uint32_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		uint32_t	n = numbers[i];
		Grove		grove;
		Table		rows;
		Outcome		outcome;

		unit_case = n;
		grove_begin_invented(&grove, 1, NULL);
		grove_add_group(&grove, 256, 0);
		for (uint32_t v = 0; v < n; v += 2)
		{
			uint16_t	nodes[3] = {0, FOREST_NODE_LEAF, FOREST_NODE_LEAF};
			double		cut = invented_cut(0, &rng);
			uint32_t	leaves[2] = {v + 1, v + 2 > n ? n : v + 2};
			ForestTree	tree = {nodes, &cut, leaves, NULL, 0, 3, 1, 2, 0};

			grove_add_tree(&grove, &tree);
		}
		rows_near_cuts(&rows, &grove.parts, 12, &rng);
		outcome = compare_forms(&grove, &rows, NULL, &rng);
		REQUIRE(outcome.built);
		REQUIRE(outcome.n_values == n);
		REQUIRE(outcome.flat_levels == (n <= 256 ? 1U : 0U));
		table_free(&rows);
		grove_free(&grove);
	}
	proven();

	claim("trees of unlike depth end where their leaves are");
	for (uint32_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		uint32_t	n = numbers[i] < 1000 ? numbers[i] : 999;
		Grove		grove;
		Table		rows;
		Outcome		outcome;

		unit_case = n;
		grove_begin_invented(&grove, 1, NULL);
		grove_add_group(&grove, 256, 0);
		add_chain(&grove, n, &rng);
		grove_invent_group(&grove, 10, 256, 3, &rng);
		rows_near_cuts(&rows, &grove.parts, 30, &rng);
		outcome = compare_forms(&grove, &rows, NULL, &rng);
		REQUIRE(outcome.built);
		if (n >= 238)
			REQUIRE(outcome.flat_levels == 0);
		table_free(&rows);
		grove_free(&grove);
	}
	proven();

	claim("any number of leaves is possible that share values");
	{
		Grove		grove;

		grove_begin_invented(&grove, 4, NULL);
		grove_add_group(&grove, 256, 0);
		for (int t = 0; t < 200; t++)
		{
			Invention	wanted = {255, BALANCED, 3, false};

			grove_invent(&grove, &wanted, &rng);
		}
		REQUIRE(grove.parts.n_leaves > 32768);
		REQUIRE(is_possible(&grove, &rng));
		grove_free(&grove);
	}
	proven();
}

int
main(void)
{
	test_cuts_and_features();
	test_mask_limit();
	test_row_mask_limit();
	test_values();
	return unit_done();
}
