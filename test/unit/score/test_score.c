/*-------------------------------------------------------------------------
 *
 * test_score.c
 *	  Scores, against a walk down the stored arrays in plain doubles.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/grow/forest_grow.h"
#include "core/score/forest_walk.h"

#include "support.h"
#include "unit.h"

/* Opens a grove's model; the caller frees *bytes and the scorer. */
static void
open_grove(const Grove *grove, uint8_t **bytes, Scorer *scorer)
{
	ForestView	view;
	ForestFault fault;
	size_t		len;

	*bytes = model_bytes(&grove->parts, &len);
	if (!REQUIRE(forest_open(*bytes, len, &view, &fault) == FOREST_OK))
	{
		printf("Bail out! %s %llu\n", fault.rule,
			   (unsigned long long) fault.position);
		exit(2);
	}
	scorer_init(scorer, &view);
}

/* The mean normalised path length that a scorer finds. */
static double
mean_path(const Scorer *scorer, const double *row)
{
	return ldexp((double) scorer_sum(scorer, row),
				 -(int) scorer->walk.scale) / scorer->walk.n_trees;
}

/* Random forests on random tables, random rows. */
static void
test_against_plain_walk(void)
{
	ForestRng	rng;
	double		worst = 0.0;

	claim("scores are those of a plain walk, to 1e-12");
	forest_rng_init(&rng, 31, 0);
	for (unit_case = 0; unit_case < 150; unit_case++)
	{
		Table		table;
		Grove		grove;
		uint8_t    *bytes;
		Scorer		scorer;
		double	   *row;

		table_random(&table, 2 + forest_rng_below(&rng, 300),
					 1 + forest_rng_below(&rng, 10), &rng);
		row = allocate(table.n_features * sizeof(double));
		grove_begin(&grove, &table);
		for (uint32_t n = 1 + forest_rng_below(&rng, 4); n > 0; n--)
			grove_grow_group(&grove, &table, 1 + forest_rng_below(&rng, 20),
							 1 + forest_rng_below(&rng, table.n_rows),
							 forest_rng_below(&rng, 10), unit_case + n);
		if (unit_case % 2 == 0)
			grove_label(&grove, 3, &rng);
		open_grove(&grove, &bytes, &scorer);
		free(bytes);			/* the walk does without */
		for (uint32_t i = 0; i < 40; i++)
		{
			double		path;
			double		score;

			if (i < 20)
				random_row(&grove.parts, row, &rng);
			else
				memcpy(row, table_at(&table,
									 forest_rng_below(&rng, table.n_rows), 0),
					   table.n_features * sizeof(double));
			path = plain_mean_path(&grove.parts, row);
			score = scorer_score(&scorer, row);
			worst = fmax(worst, fabs(mean_path(&scorer, row) - path));
			worst = fmax(worst, fabs(score - exp2(-path)));
			REQUIRE(score > 0.0 && score <= 1.0);
		}
		free(row);
		scorer_free(&scorer);
		grove_free(&grove);
		table_free(&table);
	}
	printf("# seed 31, greatest difference %.2g, threshold 1e-12\n", worst);
	REQUIRE(worst <= 1e-12);
	proven();
}

/* A table of one number; its row 0 is 1.0. */
static void
one_column(Table *table, Grove *grove)
{
	table_init(table, 1, 1);
	*table_at(table, 0, 0) = 1.0;
	grove_begin(grove, table);
}

/* Adds a tree that is one leaf. */
static void
add_leaf_tree(Grove *grove, uint32_t n_rows)
{
	uint16_t	node = FOREST_NODE_LEAF;
	double		cut;
	uint16_t	set;
	ForestTree	tree = {&node, &cut, &n_rows, &set, 0, 1, 0, 1, 0};

	grove_add_tree(grove, &tree);
}

/* Scores known by heart. */
static void
test_known_scores(void)
{
	static const uint32_t sizes[] = {1, 2, 3, 256, 100000000};
	Table		table;
	Grove		grove;
	uint8_t    *bytes;
	Scorer		scorer;
	double		row = 5.0;

	claim("a forest of whole samples in one leaf scores 1/2");
	for (int i = 0; i < 5; i++)
	{
		unit_case = sizes[i];
		one_column(&table, &grove);
		grove_add_group(&grove, sizes[i], 0);
		for (int j = 0; j < 100; j++)
			add_leaf_tree(&grove, sizes[i]);
		open_grove(&grove, &bytes, &scorer);
		REQUIRE(scorer_score(&scorer, &row) == 0.5);
		free(bytes);
		scorer_free(&scorer);
		grove_free(&grove);
		table_free(&table);
	}
	proven();

	claim("a row alone at the root scores 1");
	one_column(&table, &grove);
	grove_add_group(&grove, 256, 0);
	add_leaf_tree(&grove, 1);
	open_grove(&grove, &bytes, &scorer);
	REQUIRE(scorer_score(&scorer, &row) == 1.0);
	free(bytes);
	scorer_free(&scorer);
	grove_free(&grove);
	table_free(&table);
	proven();

	claim("a leaf of m rows at depth d is d + c(m) over c(sample size)");
	one_column(&table, &grove);
	grove_add_group(&grove, 256, 0);
	{
		uint16_t	nodes[5] = {0, 0x8000, 0x4000, 0x8000, 0x8000};
		double		cuts[2] = {0.0, 1.0};
		uint32_t	leaves[3] = {100, 150, 6};
		uint16_t	set;
		ForestTree	tree = {nodes, cuts, leaves, &set, 0, 5, 2, 3, 0};
		static const double values[] = {-0.0, 0.5, 1.0, 2.0, NAN};
		static const int depths[] = {1, 2, 2, 2, 1};
		static const int rows[] = {100, 150, 150, 6, 100};

		grove_add_tree(&grove, &tree);
		open_grove(&grove, &bytes, &scorer);
		for (int i = 0; i < 5; i++)
		{
			double		path = (depths[i] + plain_average_path(rows[i])) /
				10.244770920119918;

			unit_case = (unsigned int) i;
			REQUIRE(fabs(scorer_score(&scorer, &values[i]) -
						 exp2(-path)) < 1e-14);
		}
	}
	free(bytes);
	scorer_free(&scorer);
	grove_free(&grove);
	table_free(&table);
	proven();

	claim("groups are normalised each by its own sample size");
	one_column(&table, &grove);
	grove_add_group(&grove, 2, 0);
	add_leaf_tree(&grove, 256);
	add_leaf_tree(&grove, 2);
	grove_add_group(&grove, 256, 0);
	add_leaf_tree(&grove, 2);
	grove_add_group(&grove, 1, 0);
	add_leaf_tree(&grove, 1000);
	open_grove(&grove, &bytes, &scorer);
	REQUIRE(fabs(mean_path(&scorer, &row) -
				 (10.244770920119918 + 1.0 + 1.0 / 10.244770920119918 + 1.0) /
				 4.0) < 1e-14);
	free(bytes);
	scorer_free(&scorer);
	grove_free(&grove);
	table_free(&table);
	proven();
}

/* Which way values go at a cut, at both sides for missing ones. */
static void
test_sides(void)
{
	static const double cuts[] = {
		0.0, -0.0, 1.0, -INFINITY, DBL_MAX, -DBL_MAX, DBL_TRUE_MIN,
		-DBL_TRUE_MIN
	};
	static const double values[] = {
		0.0, -0.0, 1.0, -1.0, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX,
		DBL_TRUE_MIN, -DBL_TRUE_MIN, NAN
	};

	claim("value <= cut goes left, -0.0 is 0.0, missing as the node says");
	for (uint32_t c = 0; c < 8; c++)
	{
		for (uint16_t right = 0; right < 2; right++)
		{
			uint16_t	nodes[3] = {(uint16_t) (right * 0x4000), 0x8000,
									0x8000};
			double		cut = cuts[c];
			uint32_t	leaves[2] = {1, 255};
			uint16_t	set;
			ForestTree	tree = {nodes, &cut, leaves, &set, 0, 3, 1, 2, 0};
			Table		table;
			Grove		grove;
			uint8_t    *bytes;
			Scorer		scorer;

			one_column(&table, &grove);
			grove_add_group(&grove, 256, 0);
			grove_add_tree(&grove, &tree);
			open_grove(&grove, &bytes, &scorer);
			for (uint32_t v = 0; v < 11; v++)
			{
				bool		goes_right = isnan(values[v]) ? right == 1 :
					values[v] > cut;

				unit_case = c * 100 + v;
				REQUIRE((mean_path(&scorer, &values[v]) > 0.5) == goes_right);
			}
			free(bytes);
			scorer_free(&scorer);
			grove_free(&grove);
			table_free(&table);
		}
	}
	proven();
}

/* Sets of every size, read at every code. */
static void
test_sets(void)
{
	ForestRng	rng;

	claim("a set finds each of its codes and no other");
	forest_rng_init(&rng, 32, 0);
	for (uint16_t n = 0; n < 40; n++)
	{
		for (uint16_t others = 0; others < 2; others++)
		{
			enum
			{
				CODES = 60
			};
			uint16_t	nodes[3] = {0x4000, 0x8000, 0x8000};
			double		cut;
			uint32_t	leaves[2] = {1, 255};
			uint16_t	set[1 + CODES];
			bool		listed[CODES + 1] = {false};
			ForestTree	tree = {nodes, &cut, leaves, set, 0, 3, 0, 2,
								(size_t) n + 1};
			Table		table;
			Grove		grove;
			uint8_t    *bytes;
			Scorer		scorer;
			double		row;
			uint16_t	at = 1;

			for (int i = 0; i < n;)
			{
				uint32_t	code = forest_rng_below(&rng, CODES);

				i += !listed[code];
				listed[code] = true;
			}
			for (uint16_t code = 0; code < CODES; code++)
			{
				if (listed[code])
					set[at++] = code;
			}
			set[0] = (uint16_t) (n | others * 0x8000);
			table_init(&table, 1, 1);
			*table_at(&table, 0, 0) = 0.0;
			table_set_categories(&table, 0, CODES);
			grove_begin(&grove, &table);
			grove_add_group(&grove, 256, 0);
			grove_add_tree(&grove, &tree);
			open_grove(&grove, &bytes, &scorer);
			for (uint32_t code = 0; code <= CODES; code++)
			{
				unit_case = n * 1000U + code;
				row = code;
				REQUIRE((mean_path(&scorer, &row) > 0.5) ==
						(listed[code] != (others == 1)));
			}
			row = NAN;
			REQUIRE(mean_path(&scorer, &row) > 0.5);
			free(bytes);
			scorer_free(&scorer);
			grove_free(&grove);
			table_free(&table);
		}
	}
	proven();
}

/* Adds a chain: split i sends values up to i left, to a leaf. */
static void
add_chain(Grove *grove, uint32_t depth)
{
	ForestTree	tree = {
		allocate((2 * (size_t) depth + 1) * sizeof(uint16_t)),
		allocate(depth * sizeof(double)),
		allocate((depth + (size_t) 1) * sizeof(uint32_t)),
		allocate(0), 0, 2 * depth + 1, depth, depth + 1, 0
	};

	for (uint32_t i = 0; i < depth; i++)
	{
		tree.nodes[2 * i] = 0;
		tree.nodes[2 * i + 1] = FOREST_NODE_LEAF;
		tree.cuts[i] = i;
		tree.leaves[i] = 1;
	}
	tree.nodes[2 * depth] = FOREST_NODE_LEAF;
	tree.leaves[depth] = 1;
	grove_add_tree(grove, &tree);
	free(tree.nodes);
	free(tree.cuts);
	free(tree.leaves);
	free(tree.sets);
}

/* Chains far deeper than any data gives. */
static void
test_chains(void)
{
	enum
	{
		DEPTH = 100000
	};
	static const uint32_t n_trees[] = {1, 4, 10};

	claim("the sum of the deepest trees does not overflow");
	for (int i = 0; i < 3; i++)
	{
		Table		table;
		Grove		grove;
		uint8_t    *bytes;
		Scorer		scorer;

		unit_case = n_trees[i];
		one_column(&table, &grove);
		grove_add_group(&grove, 2, 0);	/* c(2) = 1, the least divisor */
		for (uint32_t j = 0; j < n_trees[i]; j++)
			add_chain(&grove, DEPTH);
		open_grove(&grove, &bytes, &scorer);
		REQUIRE(scorer.walk.scale >= 32);
		for (uint32_t d = 0; d <= DEPTH; d = 3 * d + 1)
		{
			double		row = d;
			double		score = scorer_score(&scorer, &row);

			/* exact: every depth is a whole number */
			REQUIRE(mean_path(&scorer, &row) == d + 1.0);
			/* beyond a mean path of 1074 the score underflows */
			REQUIRE(score >= 0.0 && score <= 1.0);
			REQUIRE(score == exp2(-(d + 1.0)));
		}
		{
			double		row = DEPTH;

			REQUIRE(mean_path(&scorer, &row) == DEPTH);
			REQUIRE(scorer_sum(&scorer, &row) > 0);
			REQUIRE(scorer_sum(&scorer, &row) < INT64_MAX / 2);
		}
		free(bytes);
		scorer_free(&scorer);
		grove_free(&grove);
		table_free(&table);
	}
	proven();

	claim("the score falls as the path grows");
	{
		Table		table;
		Grove		grove;
		uint8_t    *bytes;
		Scorer		scorer;
		double		previous = 2.0;

		one_column(&table, &grove);
		grove_add_group(&grove, 256, 0);
		add_chain(&grove, 5000);
		open_grove(&grove, &bytes, &scorer);
		for (uint32_t d = 0; d < 5000; d++)
		{
			double		row = d;
			double		score = scorer_score(&scorer, &row);

			unit_case = d;
			REQUIRE(score > 0.0 && score < previous);
			previous = score;
		}
		free(bytes);
		scorer_free(&scorer);
		grove_free(&grove);
		table_free(&table);
	}
	proven();

	claim("usual forests are summed to 2^-48");
	{
		Table		table;
		Grove		grove;
		uint8_t    *bytes;
		Scorer		scorer;

		one_column(&table, &grove);
		grove_add_group(&grove, 256, 0);
		for (int i = 0; i < 1000; i++)
			add_chain(&grove, 100);
		open_grove(&grove, &bytes, &scorer);
		REQUIRE(scorer.walk.scale == 48);
		free(bytes);
		scorer_free(&scorer);
		grove_free(&grove);
		table_free(&table);
	}
	proven();
}

/* The score of a sum alone. */
static void
test_score_of_sum(void)
{
	claim("forest_score is 2 to the minus mean path");
	REQUIRE(forest_score(0, 48, 1) == 1.0);
	REQUIRE(forest_score(INT64_C(1) << 48, 48, 1) == 0.5);
	REQUIRE(forest_score(INT64_C(100) << 48, 48, 100) == 0.5);
	REQUIRE(forest_score(INT64_C(3) << 32, 32, 1) == 0.125);
	REQUIRE(forest_score(INT64_C(1) << 61, 48, FOREST_MAX_TREES) ==
			exp2(-8192.0 / FOREST_MAX_TREES));
	for (int64_t sum = 1; sum < INT64_C(1) << 55; sum *= 2)
		REQUIRE(forest_score(sum, 48, 100) <= forest_score(sum - 1, 48, 100));
	proven();
}

int
main(void)
{
	test_against_plain_walk();
	test_known_scores();
	test_sides();
	test_sets();
	test_chains();
	test_score_of_sum();
	return unit_done();
}
