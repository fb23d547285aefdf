/*-------------------------------------------------------------------------
 *
 * test_grow_choices.c
 *	  Growing trees: how the random choices are distributed.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/grow/forest_grow.h"

#include "statistics.h"
#include "support.h"
#include "unit.h"

/* What a root does to the table it was grown on. */
typedef struct Root
{
	uint32_t	feature;
	bool		missing_right;
	double		cut;
	uint16_t	set[8];
} Root;

/* Grows a tree of one split and tells that split. */
static Root
grow_root(const Table *table, uint32_t n_columns, uint64_t seed)
{
	ForestRng	rng;
	ForestTree	tree;
	Root		root = {UINT32_MAX, false, NAN, {0}};

	forest_rng_start(&rng, seed, FOREST_FOR_TREE, 0);
	tree_grow_fully(&tree, table, NULL, table->n_rows, 1, n_columns, &rng);
	if (tree.n_nodes > 1)
	{
		root.feature = tree.nodes[0] & FOREST_NODE_FEATURE;
		root.missing_right = tree.nodes[0] & FOREST_NODE_MISSING_RIGHT;
		if (tree.n_cuts > 0)
			root.cut = tree.cuts[0];
		memcpy(root.set, tree.sets, tree.n_sets * sizeof(uint16_t));
	}
	tree_free(&tree);
	return root;
}

/* A table of one column from a list of values. */
static void
table_of(Table *table, const double *values, uint32_t n, uint32_t n_categories)
{
	table_init(table, n, 1);
	memcpy(table->values, values, n * sizeof(double));
	table_set_categories(table, 0, n_categories);
}

/* Each column that can part the rows is as likely as the others. */
static void
test_column_choice(void)
{
	enum
	{
		ROUNDS = 20000
	};
	static const double p[7] = {0.2, 0, 0.2, 0.2, 0, 0.2, 0.2};
	uint32_t	counts[7] = {0};
	uint32_t	sets[16] = {0};
	ForestRng	rng;
	Table		table;

	claim("the root's column is uniform among those not constant");
	forest_rng_init(&rng, 17, 0);
	table_init(&table, 30, 7);
	table_fill(&table, 0, UNIFORM, &rng);
	table_fill(&table, 2, FEW_CATEGORIES, &rng);
	table_fill(&table, 3, INFINITIES, &rng);
	table_fill(&table, 4, ALL_MISSING, &rng);
	table_fill(&table, 5, CATEGORY_OR_MISSING, &rng);
	table_fill(&table, 6, ONE_OR_MISSING, &rng);
	for (uint32_t i = 0; i < 30; i++)
		*table_at(&table, i, 1) = 1.0;
	for (uint32_t seed = 0; seed < ROUNDS; seed++)
	{
		Root		root = grow_root(&table, 7, seed);

		if (REQUIRE(root.feature < 7))
			counts[root.feature]++;
	}
	REQUIRE(fits("columns over seeds from", 0, counts, p, 7));
	table_free(&table);
	proven();

	claim("every 2 of 4 columns are equally likely to be a tree's");
	table_init(&table, 60, 4);
	for (uint32_t f = 0; f < 4; f++)
		table_fill(&table, f, UNIFORM, &rng);
	for (uint32_t seed = 0; seed < ROUNDS / 4; seed++)
	{
		ForestTree	tree;
		uint32_t	used = 0;

		forest_rng_start(&rng, seed, FOREST_FOR_TREE, 0);
		tree_grow_fully(&tree, &table, NULL, 60, 0, 2, &rng);
		for (uint32_t i = 0; i < tree.n_nodes; i++)
		{
			if (tree.nodes[i] != FOREST_NODE_LEAF)
				used |= UINT32_C(1) << (tree.nodes[i] & FOREST_NODE_FEATURE);
		}
		sets[used]++;
		tree_free(&tree);
	}
	{
		static const double pairs[16] = {
			0, 0, 0, 1. / 6, 0, 1. / 6, 1. / 6, 0,
			0, 1. / 6, 1. / 6, 0, 1. / 6, 0, 0, 0
		};

		REQUIRE(fits("pairs over seeds from", 0, sets, pairs, 16));
	}
	table_free(&table);
	proven();
}

/* A case of test_cuts: some values, and where their cuts are uniform. */
typedef struct CutCase
{
	const char *what;
	double		values[4];
	double		lo;
	double		hi;
} CutCase;

/* Cuts are uniform in [min, max), infinite ends replaced. */
static void
test_cuts(void)
{
	enum
	{
		ROUNDS = 10000
	};
	static const CutCase cases[] = {
		{"plain", {-3, 7, 0, NAN}, -3, 7},
		{"ties", {5, 5, 6, 5}, 5, 6},
		{"all doubles", {-DBL_MAX, DBL_MAX, 0, 1}, -DBL_MAX, DBL_MAX},
		{"above infinity", {1, 3, INFINITY, 2}, 1, 5},
		{"below infinity", {1, 3, -INFINITY, 2}, -1, 3},
		{"both infinities", {1, 3, -INFINITY, INFINITY}, -1, 5},
		{"one value, infinity", {4, 4, INFINITY, 4}, 4, 5},
		{"infinity, one value", {4, 4, -INFINITY, 4}, 3, 4},
		{"wide and infinite", {-DBL_MAX, DBL_MAX, INFINITY, 0},
		-DBL_MAX, DBL_MAX},
		{"tiny", {0, 0x1p-1022, 0x1p-1023, 0}, 0, 0x1p-1022}
	};
	static double units[ROUNDS];

	claim("cuts are uniform between the least and the greatest value");
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
	{
		Table		table;
		double		lo = cases[c].lo;
		double		hi = cases[c].hi;

		unit_case = c;
		table_of(&table, cases[c].values, 4, 0);
		for (uint32_t i = 0; i < ROUNDS; i++)
		{
			double		cut = grow_root(&table, 1, c * ROUNDS + i).cut;

			REQUIRE(cut >= lo && cut < hi);
			/* quarters, for the width of all doubles overflows */
			units[i] = lo == 0.0 ? cut / hi :
				(cut / 4 - lo / 4) / (hi / 4 - lo / 4);
		}
		REQUIRE(is_uniform_in_unit(cases[c].what, c * ROUNDS, units,
								   ROUNDS));
		table_free(&table);
	}
	proven();
}

/* Cuts where there is hardly room for one. */
static void
test_narrow_cuts(void)
{
	static const double pairs[][2] = {
		{1.0, 1.0 + DBL_EPSILON}, {0.0, DBL_TRUE_MIN}, {-DBL_TRUE_MIN, -0.0},
		{-INFINITY, -DBL_MAX}, {DBL_MAX, INFINITY}, {-INFINITY, INFINITY},
		{-INFINITY, 0.0}, {1e300, INFINITY}, {-INFINITY, -1e300},
		{-INFINITY, DBL_MAX}, {-DBL_MAX, INFINITY},
		{0x1.fffffffffffffp-1, 1.0}, {-1.0, -0x1.fffffffffffffp-1},
		{0x1.fffffffffffffp+1023 - 0x1p+970, DBL_MAX}
	};

	claim("a cut falls between any two values");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
	{
		Table		table;

		unit_case = i;
		table_of(&table, pairs[i], 2, 0);
		for (uint32_t seed = 0; seed < 300; seed++)
		{
			double		cut;

			table.guided = seed % 2;
			cut = grow_root(&table, 1, seed).cut;

			REQUIRE(cut >= pairs[i][0] && cut < pairs[i][1]);
			REQUIRE(cut < INFINITY);
		}
		table_free(&table);
	}
	proven();

	claim("finite values are cut at a finite value");
	{
		static const double finite[2] = {-DBL_MAX, 0.0};
		Table		table;

		table_of(&table, finite, 2, 0);
		table.guided = 0.5;
		for (uint32_t seed = 0; seed < 1000; seed++)
			REQUIRE(isfinite(grow_root(&table, 1, seed).cut));
		table_free(&table);
	}
	proven();
}

/* The categories present are parted in every possible way alike. */
static void
test_category_choice(void)
{
	enum
	{
		ROUNDS = 20000
	};
	/* five categories, of which 1, 2 and 4 occur */
	static const double codes[6] = {1, 2, 4, 4, 2, 4};
	static const double missing[6] = {1, 2, NAN, 2, 2, 1};
	/* which of three go right, as bits: not none and not all */
	static const double p[8] = {
		0, 1. / 6, 1. / 6, 1. / 6, 1. / 6, 1. / 6, 1. / 6, 0
	};

	for (int with_missing = 0; with_missing < 2; with_missing++)
	{
		uint64_t	first = with_missing ? ROUNDS : 0;
		uint32_t	counts[8] = {0};
		Table		table;
		ForestFeature feature = {FOREST_TEXT, 5, 0, NAN, NAN};

		claim(with_missing ? "missing values are parted as one more category" :
			  "every way to part three categories is equally likely");
		table_of(&table, with_missing ? missing : codes, 6, 5);
		for (uint32_t i = 0; i < ROUNDS; i++)
		{
			Root		root = grow_root(&table, 1, first + i);
			uint16_t	word = root.missing_right ? 0x4000 : 0;
			ForestParts parts;
			uint32_t	right = 0;

			memset(&parts, 0, sizeof(parts));
			parts.features = &feature;
			parts.nodes = &word;
			parts.sets = root.set;
			for (uint32_t j = 0; j < 3; j++)
			{
				const double *row = table_at(&table, j, 0);

				if (plain_goes_right(&parts, (Place) {0, 0, 0, 0}, row))
					right |= UINT32_C(1) << j;
			}
			counts[right]++;
		}
		REQUIRE(fits("ways over seeds from", first, counts, p, 8));
		table_free(&table);
		proven();
	}
}

/* Missing values toss a coin where there are some, and for ties. */
static void
test_missing_side(void)
{
	enum
	{
		ROUNDS = 10000
	};
	static const double mixed[4] = {1, 2, NAN, 3};
	static const double single[4] = {5, 5, NAN, 5};
	static const double even[4] = {1, 1, 2, 2};
	static const double uneven[4] = {1, 1, 1, 2};
	static const double infinite[2][3] = {
		{INFINITY, NAN, INFINITY}, {-INFINITY, NAN, -INFINITY}
	};
	const double *fair[] = {mixed, single, even};
	static const char *const what[] = {
		"some missing", "one value or missing", "none missing, equal sides"
	};
	Table		table;

	claim("the side of missing values is a fair coin");
	for (uint32_t i = 0; i < 3; i++)
	{
		uint32_t	n_right = 0;

		table_of(&table, fair[i], 4, 0);
		for (uint32_t j = 0; j < ROUNDS; j++)
			n_right += grow_root(&table, 1, i * ROUNDS + j).missing_right;
		REQUIRE(is_fair(what[i], i * ROUNDS, n_right, ROUNDS));
		table_free(&table);
	}
	proven();

	claim("values never seen missing go where fewer rows go");
	table_of(&table, uneven, 4, 0);
	for (uint32_t seed = 0; seed < 1000; seed++)
		REQUIRE(grow_root(&table, 1, seed).missing_right);
	table_free(&table);
	proven();

	claim("an infinity is parted from missing values");
	for (int i = 0; i < 2; i++)
	{
		table_of(&table, infinite[i], 3, 0);
		for (uint32_t seed = 0; seed < 1000; seed++)
		{
			Root		root = grow_root(&table, 1, seed);

			REQUIRE(root.feature == 0);
			REQUIRE(root.missing_right != (infinite[i][0] > root.cut));
		}
		table_free(&table);
	}
	proven();
}

int
main(void)
{
	test_column_choice();
	test_cuts();
	test_narrow_cuts();
	test_category_choice();
	test_missing_side();
	return unit_done();
}
