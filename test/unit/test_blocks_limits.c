/*-------------------------------------------------------------------------
 *
 * test_blocks_limits.c
 *	  Which forests have a fast form and which do not, on both sides of every
 *	  limit; and that those just within score as the reference walk.
 *
 *-------------------------------------------------------------------------
 */
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
	REQUIRE(outcome.built == outcome.possible);
	table_free(&rows);
	return outcome.possible;
}

/* Forests at the limits of the fast form, and beyond. */
static void
test_cuts_and_features(void)
{
	ForestRng	rng;

	forest_rng_init(&rng, 87, 0);
	claim("255 cuts of a tree on a feature are possible, 256 are not");
	for (unit_case = 0; unit_case < 8; unit_case++)
	{
		uint32_t	n_splits = unit_case % 2 ? 256 : 255;
		Grove		grove;

		/* the tree in question is the first, the last or between */
		grove_begin_invented(&grove, 1, NULL);
		grove_add_group(&grove, 256, 0);
		for (unsigned int t = 0; t < 4; t++)
		{
			Invention	wanted = {t == unit_case / 2 ? n_splits : 20,
				BUSHY, 9, true};

			grove_invent(&grove, &wanted, &rng);
		}
		REQUIRE(is_possible(&grove, &rng) == (n_splits == 255));
		grove_free(&grove);
	}
	{
		Invention	wanted = {255 * 128, BALANCED, 1, true};
		Grove		grove;

		for (unit_case = 1000; unit_case < 1002; unit_case++)
		{
			grove_begin_invented(&grove, 128, NULL);
			grove_add_group(&grove, 256, 0);
			grove_invent(&grove, &wanted, &rng);
			REQUIRE(is_possible(&grove, &rng) == (unit_case == 1000));
			grove_free(&grove);
			wanted.n_splits++;
		}
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
		REQUIRE(outcome.possible == cases[unit_case].possible);
		REQUIRE(outcome.built == outcome.possible);
		table_free(&rows);
		grove_free(&grove);
	}
	proven();
}

/*
 * Adds a tree of categorical splits that is complete but for the last of 17
 * levels, which has n_last.
 */
static void
add_complete_tree(Grove *grove, uint32_t n_last, ForestRng *rng)
{
	enum
	{
		LAST = 16
	};
	uint32_t	n = ((uint32_t) 1 << LAST) - 1 + n_last;
	uint8_t		depths[LAST + 3];	/* of subtrees to come */
	uint32_t	top = 0;
	uint32_t	begun = 0;
	ForestTree	tree = {0};

	tree.nodes = allocate((2 * (size_t) n + 1) * sizeof(uint16_t));
	tree.cuts = allocate(0);
	tree.leaves = allocate((n + (size_t) 1) * sizeof(uint32_t));
	tree.sets = allocate((size_t) n * 2 * sizeof(uint16_t));
	depths[top++] = 0;
	while (top > 0)
	{
		uint8_t		depth = depths[--top];
		bool		right = forest_rng_below(rng, 2);

		if (depth > LAST || (depth == LAST && begun++ >= n_last))
		{
			tree.nodes[tree.n_nodes++] = FOREST_NODE_LEAF;
			tree.leaves[tree.n_leaves++] = 1 + forest_rng_below(rng, 100);
			continue;
		}
		tree.nodes[tree.n_nodes++] = (uint16_t)
			(forest_rng_below(rng, 3) |
			 (right ? FOREST_NODE_MISSING_RIGHT : 0));
		tree.sets[tree.n_sets++] = (uint16_t)
			(1 | (forest_rng_below(rng, 2) ? FOREST_SET_OTHERS_RIGHT : 0));
		tree.sets[tree.n_sets++] = (uint16_t) forest_rng_below(rng, 3);
		depths[top++] = (uint8_t) (depth + 1);
		depths[top++] = (uint8_t) (depth + 1);
	}
	grove_add_tree(grove, &tree);
	tree_free(&tree);
}

/* Only trees of categories can have so many blocks. */
static void
test_block_limit(void)
{
	static const uint32_t n_categories[3] = {3, 3, 3};
	ForestRng	rng;

	claim("32767 blocks of a tree are possible, more are not");
	forest_rng_init(&rng, 89, 0);
	for (uint32_t more = 0; more < 2; more++)
	{
		/* complete levels have 1 + 16 + 256 + 4096 blocks */
		uint32_t	n_last = 32767 - 4369 + more;
		Grove		grove;
		Table		rows;
		Outcome		outcome;

		unit_case = more;
		grove_begin_invented(&grove, 3, n_categories);
		grove_invent_group(&grove, 3, 256, 20, &rng);
		add_complete_tree(&grove, n_last, &rng);
		grove_invent_group(&grove, 3, 64, 20, &rng);

		/* every row that there is */
		table_init(&rows, 5 * 5 * 5, 3);
		for (uint32_t i = 0; i < rows.n_rows; i++)
		{
			double		codes[5] = {NAN, 0, 1, 2, 3};

			*table_at(&rows, i, 0) = codes[i % 5];
			*table_at(&rows, i, 1) = codes[i / 5 % 5];
			*table_at(&rows, i, 2) = codes[i / 25];
		}
		outcome = compare_forms(&grove, &rows, NULL, &rng);
		REQUIRE(outcome.possible == (more == 0));
		REQUIRE(outcome.built == outcome.possible);
		if (outcome.built)
			REQUIRE(outcome.n_chunks >= 2);
		table_free(&rows);
		grove_free(&grove);
	}
	proven();
}

/* Exits number the different values of leaves. */
static void
test_value_limit(void)
{
	ForestRng	rng;

	claim("32768 different leaf values are possible, more are not");
	forest_rng_init(&rng, 90, 0);
	for (uint32_t more = 0; more < 2; more++)
	{
		Grove		grove;
		Table		rows;
		Outcome		outcome;

		unit_case = more;
		grove_begin_invented(&grove, 1, NULL);
		grove_add_group(&grove, 256, 0);
		for (uint32_t i = 0; i < 32768 / 2; i++)
		{
			uint16_t	nodes[3] = {0, FOREST_NODE_LEAF, FOREST_NODE_LEAF};
			double		cut = invented_cut(0, &rng);
			uint32_t	leaves[2] = {2 * i + 1, 2 * i + 2};
			ForestTree	tree = {nodes, &cut, leaves, NULL, 0, 3, 1, 2, 0};

			grove_add_tree(&grove, &tree);
		}
		if (more)
		{
			Invention	leaf = {0, BUSHY, 1, false};

			/* its path is 0, all others' are 1 and more */
			grove_invent(&grove, &leaf, &rng);
		}
		rows_near_cuts(&rows, &grove.parts, 12, &rng);
		outcome = compare_forms(&grove, &rows, NULL, &rng);
		REQUIRE(outcome.possible);
		REQUIRE(outcome.built == (more == 0));
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
	test_block_limit();
	test_value_limit();
	return unit_done();
}
