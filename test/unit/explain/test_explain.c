/*-------------------------------------------------------------------------
 *
 * test_explain.c
 *	  Contributions are Shapley values: they equal those of two oracles that
 *	  follow the definition, add up, and survive every shape of forest.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/explain/forest_explain.h"
#include "core/grow/forest_grow.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_walk.h"

#include "explain_oracle.h"
#include "unit.h"

/* Random forests of every sort of column against an oracle. */
static void
compare_forests(const char *sentence, int n_forests, uint32_t max_features,
				uint32_t max_rows, int n_rows, uint64_t seed,
				void (*oracle_explain) (const Oracle *, long double *))
{
	ForestRng	rng;

	forest_rng_init(&rng, seed, 0);
	claim(sentence);
	for (int i = 0; i < n_forests; i++)
	{
		static const uint32_t depths[] = {0, 1, 2, 3, 5, 8, 12, 0};
		Table		table;
		Grove		grove;
		Explainer	e;
		uint32_t	sample = 2 + forest_rng_below(&rng, max_rows - 1);
		double	   *row;

		unit_case = (unsigned long long) i;
		table_random(&table, sample + forest_rng_below(&rng, 50),
					 1 + forest_rng_below(&rng, max_features), &rng);
		grove_begin(&grove, &table);
		grove_grow_group(&grove, &table, 1 + forest_rng_below(&rng, 6),
						 sample, depths[i % 8], forest_rng_next(&rng));
		if (i % 3 == 0)
			grove_grow_group(&grove, &table, 1 + forest_rng_below(&rng, 3),
							 1 + sample / 2, depths[i / 8 % 8],
							 forest_rng_next(&rng));
		if (i % 2 == 0)
			grove_label(&grove, 3, &rng);
		explainer_init(&e, &grove);
		row = allocate(table.n_features * sizeof(double));
		for (int r = 0; r < n_rows; r++)
		{
			any_row(&grove, &table, row, &rng);
			require_oracle(&e, row, oracle_explain);
		}
		free(row);
		explainer_free(&e);
		grove_free(&grove);
		table_free(&table);
	}
	proven_by_oracle();
}

/* One feature: all of the difference is its contribution. */
static void
test_one_feature(void)
{
	ForestRng	rng;

	forest_rng_init(&rng, 53, 0);
	claim("a single feature contributes the whole difference");
	for (int i = 0; i < 40; i++)
	{
		Table		table;
		Grove		grove;
		Explainer	e;

		table_init(&table, 40, 1);
		table_fill(&table, 0, (ColumnKind) (i % N_COLUMN_KINDS), &rng);
		grove_begin(&grove, &table);
		grove_grow_group(&grove, &table, 5, 40, 0, forest_rng_next(&rng));
		explainer_init(&e, &grove);
		for (int r = 0; r < 10; r++)
		{
			double		row;
			double		length;

			any_row(&grove, &table, &row, &rng);
			length = explain_row(&e, &row);
			REQUIRE(fabs(e.phi[0] - (length -
									 forest_explain_expected(&e.explain))) <=
					TOLERANCE);
		}
		explainer_free(&e);
		grove_free(&grove);
		table_free(&table);
	}
	proven();
}

/* Forests without splits, and features without any. */
static void
test_nothing_to_say(void)
{
	ForestRng	rng;
	Table		table;
	Grove		grove;
	Explainer	e;
	double		row[3] = {1.0, NAN, 5.0};

	forest_rng_init(&rng, 54, 0);
	claim("trees of one leaf expect their length and blame nobody");
	for (uint32_t sample = 1; sample <= 20; sample += 19)
	{
		table_init(&table, 20, 3);
		for (uint32_t i = 0; i < 20 * 3; i++)
			table.values[i] = 7.0;
		grove_begin(&grove, &table);
		grove_grow_group(&grove, &table, 4, sample, 0, 1);
		explainer_init(&e, &grove);
		REQUIRE(explain_row(&e, row) == 1.0);
		REQUIRE(forest_explain_expected(&e.explain) == 1.0);
		for (int f = 0; f < 3; f++)
			REQUIRE(e.phi[f] == 0.0);
		explainer_free(&e);
		grove_free(&grove);
		table_free(&table);
	}
	proven();

	claim("a feature that no split tests contributes exactly 0");
	table_init(&table, 60, 3);
	table_fill(&table, 0, UNIFORM, &rng);
	table_fill(&table, 1, CONSTANT, &rng);
	table_fill(&table, 2, FEW_CATEGORIES, &rng);
	for (uint32_t i = 0; i < 60; i++)
		*table_at(&table, i, 1) = 7.0;
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 20, 60, 0, 2);
	explainer_init(&e, &grove);
	for (int r = 0; r < 50; r++)
	{
		double		any[3];

		any_row(&grove, &table, any, &rng);
		require_sum(&e, any);
		REQUIRE(e.phi[1] == 0.0);
		REQUIRE(e.phi[0] != 0.0);
	}
	explainer_free(&e);
	grove_free(&grove);
	table_free(&table);
	proven();
}

/* Groups of trees that divide by different lengths, and many trees. */
static void
test_merged(void)
{
	ForestRng	rng;
	Table		table;
	Grove		grove;
	Explainer	e;
	double		row[9];
	double		length;

	forest_rng_init(&rng, 55, 0);
	claim("contributions of merged forests add up");
	table_random(&table, 400, 9, &rng);
	table_fill(&table, 3, UNIFORM, &rng);
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 700, 64, 6, 1);
	grove_grow_group(&grove, &table, 3, 1, 0, 2);
	grove_grow_group(&grove, &table, 20, 400, 0, 3);
	grove_grow_group(&grove, &table, 300, 2, 1, 4);
	explainer_init(&e, &grove);
	for (int r = 0; r < 30; r++)
	{
		any_row(&grove, &table, row, &rng);
		require_sum(&e, row);
	}
	proven();

	claim("trees may be taken into account in any order");
	for (int r = 0; r < 5; r++)
	{
		double		sum = forest_explain_expected(&e.explain);

		any_row(&grove, &table, row, &rng);
		length = explain_row(&e, row);
		forest_explain_begin(&e.explain, &e.scorer.walk, row, e.scratch);
		for (uint32_t i = e.explain.n_trees; i-- > 0;)
			forest_explain_tree(&e.explain, FOREST_KERNEL_PORTABLE,
								&e.scorer.walk, i, e.scratch);
		forest_explain_end(&e.explain, &e.scorer.walk, row, e.phi,
						   e.scratch);
		for (int f = 0; f < 9; f++)
			sum += e.phi[f];
		REQUIRE(fabs(sum - length) <= TOLERANCE);
	}
	explainer_free(&e);
	grove_free(&grove);
	table_free(&table);
	proven();
}

/*
 * Adds a tree that is one long path: split i tests a random feature out of
 * n_features or, with "in_turn", feature i; the path goes on at a random
 * side, and a leaf of 1 to max_rows rows is on the other.
 */
static void
grove_add_chain(Grove *grove, uint32_t depth, bool in_turn,
				uint32_t max_rows, ForestRng *rng)
{
	uint32_t	n_features = grove->parts.summary.n_features;
	uint32_t	n_waiting = 1;
	ForestTree	tree = {
		.nodes = allocate((2 * (size_t) depth + 1) * sizeof(uint16_t)),
		.cuts = allocate(depth * sizeof(double)),
		.leaves = allocate(((size_t) depth + 1) * sizeof(uint32_t)),
		.sets = allocate(0)
	};

	for (uint32_t i = 0; i < depth; i++)
	{
		tree.nodes[tree.n_nodes++] = (uint16_t)
			((in_turn ? i % n_features : forest_rng_below(rng, n_features)) |
			 (forest_rng_below(rng, 2) ? 0x4000 : 0));
		tree.cuts[tree.n_cuts++] = forest_rng_double(rng);
		if (forest_rng_below(rng, 2))
			tree.nodes[tree.n_nodes++] = 0x8000;
		else
			n_waiting++;
	}
	while (n_waiting-- > 0)
		tree.nodes[tree.n_nodes++] = 0x8000;
	while (tree.n_leaves <= depth)
		tree.leaves[tree.n_leaves++] = forest_rng_below(rng, 4) ? 1 :
			1 + forest_rng_below(rng, max_rows);
	grove_add_tree(grove, &tree);
	tree_free(&tree);
}

/* A forest of a chain over numbers from 0 to 1. */
static void
chain_init(Explainer *e, Grove *grove, Table *table, uint32_t n_features,
		   uint32_t depth, uint32_t max_rows, ForestRng *rng)
{
	table_init(table, 1, n_features);
	for (uint32_t f = 0; f < n_features; f++)
		*table_at(table, 0, f) = 0.5;
	grove_begin(grove, table);
	grove_add_group(grove, 1000, 0);
	grove_add_chain(grove, depth, n_features >= depth, max_rows, rng);
	explainer_init(e, grove);
}

/* Explains rows of a chain, compared with an oracle if there is one. */
static void
explain_chain(uint32_t n_features, uint32_t depth, uint32_t max_rows,
			  int n_rows, ForestRng *rng,
			  void (*oracle_explain) (const Oracle *, long double *))
{
	Table		table;
	Grove		grove;
	Explainer	e;
	double	   *row = allocate(n_features * sizeof(double));

	unit_case = depth;
	chain_init(&e, &grove, &table, n_features, depth, max_rows, rng);
	for (int r = 0; r < n_rows; r++)
	{
		for (uint32_t f = 0; f < n_features; f++)
			row[f] = forest_rng_below(rng, 9) ? forest_rng_double(rng) : NAN;
		if (oracle_explain != NULL)
			require_oracle(&e, row, oracle_explain);
		else
			require_sum(&e, row);
	}
	if (n_features >= depth)
		REQUIRE(e.explain.plan.most_features == depth);
	explainer_free(&e);
	grove_free(&grove);
	table_free(&table);
	free(row);
}

/* Paths as long and with as many features as can be. */
static void
test_chains(void)
{
	ForestRng	rng;

	forest_rng_init(&rng, 56, 0);
	claim("features that come again and again are those of the oracles");
	for (uint32_t d = 1; d <= 6; d++)
	{
		explain_chain(d, 40, 3, 5, &rng, subsets_explain);
		explain_chain(d, 300, 3, 5, &rng, ways_explain);
	}
	proven_by_oracle();

	claim("any number of features on a path takes enough points");
	for (uint32_t d = 7; d <= 40; d++)
		explain_chain(d, d, 2, 2, &rng, ways_explain);
	explain_chain(40, 80, 2, 2, &rng, ways_explain);
	explain_chain(200, 120, 2, 1, &rng, ways_explain);
	explain_chain(2000, 2000, 1, 2, &rng, NULL);
	proven_by_oracle();

	claim("leaves of very different size do no harm");
	for (uint32_t depth = 1; depth <= 30; depth++)
		explain_chain(8, depth, 1000000, 5, &rng, ways_explain);
	proven_by_oracle();

	claim("a path of 100000 splits is nothing special");
	explain_chain(3, 100000, 2, 3, &rng, NULL);
	proven();
}

/* A table wider than any block, with all there is in its columns. */
static void
test_wide(void)
{
	ForestRng	rng;
	Table		table;
	Grove		grove;
	Explainer	e;
	double		row[200];

	forest_rng_init(&rng, 57, 0);
	claim("200 columns, trees without limit");
	table_random(&table, 300, 200, &rng);
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 4, 300, 0, 1);
	explainer_init(&e, &grove);
	longest_way = 0;
	for (int r = 0; r < 3; r++)
	{
		any_row(&grove, &table, row, &rng);
		require_oracle(&e, row, ways_explain);
	}
	printf("# %u features on a path\n", e.explain.plan.most_features);
	REQUIRE(e.explain.plan.most_features == (uint32_t) longest_way);
	REQUIRE(e.explain.plan.n_blocks > 1);
	explainer_free(&e);
	grove_free(&grove);
	table_free(&table);
	proven_by_oracle();
}

/* ---- scores ---- */

/* Draws contributions that add up to a difference; the last takes the rest. */
static void
random_contributions(double *phi, int n, double difference, ForestRng *rng)
{
	double		sum = 0.0;

	for (int f = 0; f < n - 1; f++)
	{
		phi[f] = forest_rng_below(rng, 4) == 0 ? 0.0 :
			(forest_rng_double(rng) - 0.5) * 0.5;
		sum += phi[f];
	}
	phi[n - 1] = difference - sum;
}

/* Contributions brought to scores: their sum, signs and order. */
static void
test_scores(void)
{
	static const double differences[] = {
		0.0, 1e-300, -1e-300, 1e-17, -1e-16, 1e-13, -1e-9, 1e-6, -1e-3, 0.1,
		-0.5, 0.9, 3.0
	};
	ForestRng	rng;
	double		before[8];
	double		after[8];

	forest_rng_init(&rng, 58, 0);
	claim("on the scale of scores contributions add up to the difference, "
		  "turn signs and keep their proportions");
	for (int i = 0; i < 1300; i++)
	{
		double		expected = 0.5 + forest_rng_double(&rng);
		double		length = expected + differences[i % 13];
		double		sum = 0.0;

		unit_case = (unsigned long long) i;
		random_contributions(before, 8, length - expected, &rng);
		memcpy(after, before, sizeof(after));
		forest_explain_to_score(after, 8, expected, length);
		for (int f = 0; f < 8; f++)
		{
			sum += after[f];
			REQUIRE((after[f] > 0.0) == (before[f] < 0.0));
			REQUIRE((after[f] < 0.0) == (before[f] > 0.0));
			for (int g = 0; g < f; g++)
				REQUIRE(before[f] >= before[g] ? after[f] <= after[g] :
						after[f] >= after[g]);
		}
		REQUIRE(fabs(sum - (forest_length_score(length) -
							forest_length_score(expected))) <= TOLERANCE);
	}
	proven();

	claim("where lengths meet the scale is the slope of the score");
	for (int i = 0; i < 13; i++)
	{
		double		phi = 1.0;

		forest_explain_to_score(&phi, 1, 1.0, 1.0 + differences[i]);
		if (fabs(differences[i]) < 1e-6)
			REQUIRE(fabs(phi + 0.5 * log(2.0)) <= fabs(differences[i]) +
					DBL_EPSILON);
	}
	proven();
}

int
main(void)
{
	compare_forests("contributions are those of all subsets", 120, 10, 60, 3,
					51, subsets_explain);
	compare_forests("contributions are those of all leaves", 60, 40, 300, 3,
					52, ways_explain);
	test_one_feature();
	test_nothing_to_say();
	test_merged();
	test_chains();
	test_wide();
	test_scores();
	return unit_done();
}
