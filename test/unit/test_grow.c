/*-------------------------------------------------------------------------
 *
 * test_grow.c
 *	  Growing trees: what holds for every tree on every table, and how the
 *	  random choices are distributed.
 *
 *-------------------------------------------------------------------------
 */
#include "statistics.h"
#include "support.h"
#include "unit.h"

/* ---- what holds for every tree ---- */

/* Follows the training rows down a written tree. */
typedef struct Inspection
{
	const Table *table;
	const ForestParts *parts;
	uint32_t	n_nodes;
	uint32_t	max_depth;
	uint32_t	n_columns;
	Place		at;
	bool	   *used;			/* features that a split looks at */
} Inspection;

/* Whether a column can't part some rows. */
static bool
column_is_constant(const Table *table, const uint32_t *rows, uint32_t n,
				   uint32_t f)
{
	for (uint32_t i = 1; i < n; i++)
	{
		double		a = *table_at(table, rows[0], f);
		double		b = *table_at(table, rows[i], f);

		if (isnan(a) != isnan(b) || (!isnan(a) && a != b))
			return false;
	}
	return true;
}

/* Checks a leaf that some rows reached. */
static void
inspect_leaf(Inspection *in, const uint32_t *rows, uint32_t n,
			 uint32_t depth)
{
	REQUIRE(in->parts->leaves[in->at.leaf] == n);
	if (n < 2 || depth == in->max_depth)
		return;
	/* a leaf of several rows has nothing that parts them */
	for (uint32_t f = 0; f < in->table->n_features; f++)
	{
		if (in->n_columns == in->table->n_features)
			REQUIRE(column_is_constant(in->table, rows, n, f));
	}
}

/* Checks the set of a categorical split against the rows' codes. */
static void
inspect_set(const Inspection *in, const uint32_t *rows, uint32_t n,
			uint32_t f, uint32_t n_left, uint32_t n_right)
{
	const uint16_t *set = in->parts->sets + in->at.set;
	uint32_t	count = set[0] & 0x7FFF;

	for (uint32_t i = 1; i <= count; i++)
	{
		bool		present = false;

		REQUIRE(set[i] < in->table->n_categories[f]);
		REQUIRE(i == 1 || set[i] > set[i - 1]);
		for (uint32_t j = 0; j < n; j++)
			present |= *table_at(in->table, rows[j], f) == set[i];
		REQUIRE(present);
	}
	/* categories that no row has go where fewer rows go */
	if (set[0] & 0x8000)
		REQUIRE(n_right <= n_left);
	else
		REQUIRE(n_left <= n_right);
}

/* Checks a split and parts the rows in "rows": left ones first. */
static uint32_t
inspect_split(Inspection *in, uint32_t *rows, uint32_t n)
{
	uint16_t	word = in->parts->nodes[in->at.node];
	uint32_t	f = word & 0x3FFF;
	uint32_t   *right = allocate(n * sizeof(uint32_t));
	uint32_t	n_left = 0;
	uint32_t	n_right = 0;
	uint32_t	n_missing = 0;

	if (!REQUIRE(f < in->table->n_features))
		exit(1);
	in->used[f] = true;
	for (uint32_t i = 0; i < n; i++)
	{
		const double *row = table_at(in->table, rows[i], 0);

		n_missing += isnan(row[f]) ? 1 : 0;
		if (plain_goes_right(in->parts, in->at, row))
			right[n_right++] = rows[i];
		else
			rows[n_left++] = rows[i];
	}
	memcpy(rows + n_left, right, n_right * sizeof(uint32_t));
	free(right);

	REQUIRE(n_left > 0);
	REQUIRE(n_right > 0);
	if (in->table->n_categories[f] > 0)
		inspect_set(in, rows, n, f, n_left, n_right);
	else
		REQUIRE(in->parts->cuts[in->at.cut] < INFINITY);
	/* so do missing values if no row has one */
	if (n_missing == 0 && (word & 0x4000))
		REQUIRE(n_right <= n_left);
	if (n_missing == 0 && !(word & 0x4000))
		REQUIRE(n_left <= n_right);
	return n_left;
}

/* Checks a subtree that some rows reached, which it reorders. */
static void
inspect_subtree(Inspection *in, uint32_t *rows, uint32_t n, uint32_t depth)
{
	uint32_t	n_left;

	if (!REQUIRE(in->at.node < in->n_nodes))
		exit(1);
	if (in->parts->nodes[in->at.node] & 0x8000)
	{
		REQUIRE(in->parts->nodes[in->at.node] == 0x8000);
		inspect_leaf(in, rows, n, depth);
		plain_step(in->parts, &in->at);
		return;
	}
	REQUIRE(in->max_depth == 0 || depth < in->max_depth);
	n_left = inspect_split(in, rows, n);
	plain_step(in->parts, &in->at);
	inspect_subtree(in, rows, n_left, depth + 1);
	inspect_subtree(in, rows + n_left, n - n_left, depth + 1);
}

/* The arrays of a tree as parts, for the plain walk. */
static ForestParts
tree_parts(const ForestTree *tree, const ForestFeature *features)
{
	ForestParts parts;

	memset(&parts, 0, sizeof(parts));
	parts.features = features;
	parts.nodes = tree->nodes;
	parts.cuts = tree->cuts;
	parts.leaves = tree->leaves;
	parts.sets = tree->sets;
	return parts;
}

/* Checks a tree grown on all rows of a table. */
static void
inspect_tree(const Table *table, const ForestTree *tree, uint32_t max_depth,
			 uint32_t n_columns)
{
	ForestFeature *features = allocate(table->n_features *
									   sizeof(ForestFeature));
	ForestParts parts = tree_parts(tree, features);
	Inspection	in = {table, &parts, tree->n_nodes, max_depth, n_columns,
					  {0, 0, 0, 0}, NULL};
	uint32_t   *rows = allocate(table->n_rows * sizeof(uint32_t));
	uint32_t	n_used = 0;

	in.used = allocate(table->n_features * sizeof(bool));
	memset(in.used, 0, table->n_features * sizeof(bool));
	for (uint32_t f = 0; f < table->n_features; f++)
		features[f] = describe_column(table, f);
	for (uint32_t i = 0; i < table->n_rows; i++)
		rows[i] = i;

	REQUIRE(tree->n_nodes <= 2 * table->n_rows - 1);
	REQUIRE(tree->n_nodes == 2 * tree->n_leaves - 1);
	inspect_subtree(&in, rows, table->n_rows, 0);
	REQUIRE(in.at.node == tree->n_nodes);
	REQUIRE(in.at.cut == tree->n_cuts);
	REQUIRE(in.at.leaf == tree->n_leaves);
	REQUIRE(in.at.set == tree->n_sets);
	for (uint32_t f = 0; f < table->n_features; f++)
		n_used += in.used[f];
	REQUIRE(n_used <= n_columns);

	free(features);
	free(rows);
	free(in.used);
}

/* Whether two trees are the same bytes. */
static bool
trees_are_equal(const ForestTree *a, const ForestTree *b)
{
	return a->n_nodes == b->n_nodes && a->n_cuts == b->n_cuts &&
		a->n_leaves == b->n_leaves && a->n_sets == b->n_sets &&
		memcmp(a->nodes, b->nodes, a->n_nodes * sizeof(*a->nodes)) == 0 &&
		memcmp(a->cuts, b->cuts, a->n_cuts * sizeof(*a->cuts)) == 0 &&
		memcmp(a->leaves, b->leaves, a->n_leaves * sizeof(*a->leaves)) == 0 &&
		memcmp(a->sets, b->sets, a->n_sets * sizeof(*a->sets)) == 0;
}

/* Draws a number of rows, small ones often. */
static uint32_t
draw_n_rows(ForestRng *rng)
{
	static const uint32_t most[] = {3, 10, 40, 300};

	return 1 + forest_rng_below(rng, most[forest_rng_below(rng, 4)]);
}

/* Trees on many random tables, each followed by its own rows. */
static void
test_invariants(void)
{
	static const uint32_t depths[] = {0, 0, 1, 2, 5, 8};
	ForestRng	rng;

	claim("any tree on any table parts its rows as it says");
	forest_rng_init(&rng, 11, 0);
	for (unit_case = 0; unit_case < 8000; unit_case++)
	{
		Table		table;
		ForestTree	tree;
		ForestTree	again;
		ForestRng	start;
		uint32_t	max_depth = depths[forest_rng_below(&rng, 6)];
		uint32_t	n_columns;

		table_random(&table, draw_n_rows(&rng),
					 1 + forest_rng_below(&rng, 12), &rng);
		n_columns = forest_rng_below(&rng, 2) ? table.n_features :
			1 + forest_rng_below(&rng, table.n_features);
		start = rng;
		tree_grow_fully(&tree, &table, NULL, table.n_rows, max_depth,
						n_columns, &rng);
		inspect_tree(&table, &tree, max_depth, n_columns);

		tree_grow_fully(&again, &table, NULL, table.n_rows, max_depth,
						n_columns, &start);
		REQUIRE(trees_are_equal(&tree, &again));
		REQUIRE(memcmp(&start, &rng, sizeof(rng)) == 0);
		tree_free(&tree);
		tree_free(&again);
		table_free(&table);
	}
	proven();
}

/* Each kind of column alone, and in pairs. */
static void
test_kinds(void)
{
	ForestRng	rng;

	claim("every kind of column, alone and beside every other, is sound");
	forest_rng_init(&rng, 12, 0);
	for (uint32_t a = 0; a < N_COLUMN_KINDS; a++)
	{
		for (uint32_t b = 0; b < N_COLUMN_KINDS; b++)
		{
			for (int i = 0; i < 12; i++)
			{
				Table		table;
				ForestTree	tree;

				unit_case = a * 100 + b;
				table_init(&table, draw_n_rows(&rng), a == b ? 1 : 2);
				table_fill(&table, 0, (ColumnKind) a, &rng);
				if (a != b)
					table_fill(&table, 1, (ColumnKind) b, &rng);
				tree_grow_fully(&tree, &table, NULL, table.n_rows, 0,
								table.n_features, &rng);
				inspect_tree(&table, &tree, 0, table.n_features);
				tree_free(&tree);
				table_free(&table);
			}
		}
	}
	proven();
}

/* Rows that nothing parts stay together. */
static void
test_constant(void)
{
	ForestRng	rng;
	Table		table;
	ForestTree	tree;

	claim("constant data is one leaf");
	forest_rng_init(&rng, 13, 0);
	table_init(&table, 50, 5);
	for (uint32_t i = 0; i < 50; i++)
	{
		*table_at(&table, i, 0) = 3.0;
		*table_at(&table, i, 1) = NAN;
		*table_at(&table, i, 2) = -INFINITY;
		*table_at(&table, i, 3) = 2.0;
		*table_at(&table, i, 4) = i % 2 ? 0.0 : -0.0;
	}
	table_set_categories(&table, 3, 4);
	tree_grow_fully(&tree, &table, NULL, 50, 0, 5, &rng);
	REQUIRE(tree.n_nodes == 1 && tree.nodes[0] == FOREST_NODE_LEAF);
	REQUIRE(tree.n_leaves == 1 && tree.leaves[0] == 50);
	REQUIRE(tree.n_cuts == 0 && tree.n_sets == 0);
	tree_free(&tree);
	table_free(&table);
	proven();

	claim("one row is one leaf");
	table_init(&table, 1, 1);
	*table_at(&table, 0, 0) = 1.0;
	tree_grow_fully(&tree, &table, NULL, 1, 0, 1, &rng);
	REQUIRE(tree.n_nodes == 1 && tree.leaves[0] == 1);
	tree_free(&tree);
	table_free(&table);
	proven();

	claim("different rows end in leaves of their own");
	table_init(&table, 300, 1);
	for (uint32_t i = 0; i < 300; i++)
		*table_at(&table, i, 0) = i;
	tree_grow_fully(&tree, &table, NULL, 300, 0, 1, &rng);
	REQUIRE(tree.n_nodes == 599 && tree.n_leaves == 300);
	tree_free(&tree);
	table_free(&table);
	proven();
}

/* A chain as deep as it can get needs no more room than is promised. */
static void
test_deep_chain(void)
{
	enum
	{
		N = 1000
	};
	ForestRng	rng;
	Table		table;
	ForestTree	tree;

	claim("a skewed column grows a deep tree within its buffers");
	forest_rng_init(&rng, 14, 0);
	table_init(&table, N, 1);
	for (uint32_t i = 0; i < N; i++)
		*table_at(&table, i, 0) = ldexp(1.0, (int) i * 2 - 1000);
	tree_grow_fully(&tree, &table, NULL, N, 0, 1, &rng);
	inspect_tree(&table, &tree, 0, 1);
	REQUIRE(tree.n_nodes == 2 * N - 1);
	tree_free(&tree);
	table_free(&table);
	proven();
}

/* Too little room is reported, and starting over changes nothing. */
static void
test_no_space(void)
{
	ForestRng	rng;
	uint32_t	n_refused = 0;

	claim("too little room for sets is reported and can be mended");
	forest_rng_init(&rng, 15, 0);
	for (unit_case = 0; unit_case < 60; unit_case++)
	{
		Table		table;
		ForestTree	tree;
		ForestRng	start;
		ForestRng	end;
		size_t		most;
		bool		fitted = false;

		table_init(&table, 2 + forest_rng_below(&rng, 40), 3);
		table_fill(&table, 0, FEW_CATEGORIES, &rng);
		table_fill(&table, 1, UNIFORM, &rng);
		table_fill(&table, 2, MANY_CATEGORIES, &rng);
		start = rng;
		tree_grow_fully(&tree, &table, NULL, table.n_rows, 0, 3, &rng);
		end = rng;
		most = tree.n_sets + table.max_categories + 1;
		for (size_t max_sets = 0; max_sets <= most; max_sets++)
		{
			ForestTree	again;
			ForestStatus status;

			rng = start;
			status = tree_grow(&again, &table, NULL, table.n_rows, 0, 3,
							   &rng, max_sets);
			if (status == FOREST_OK)
			{
				REQUIRE(trees_are_equal(&tree, &again));
				REQUIRE(memcmp(&rng, &end, sizeof(rng)) == 0);
				fitted = true;
			}
			else
			{
				REQUIRE(status == FOREST_NO_SPACE);
				REQUIRE(!fitted);
				n_refused++;
			}
			tree_free(&again);
		}
		REQUIRE(fitted);
		rng = end;
		tree_free(&tree);
		table_free(&table);
	}
	REQUIRE(n_refused > 500);
	proven();
}

/* The product's own walk sends the training rows to the same leaves. */
static void
test_model_walk(void)
{
	ForestRng	rng;

	claim("the written model leads its rows to leaves of as many");
	forest_rng_init(&rng, 16, 0);
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		Table		table;
		Grove		grove;
		ForestView	view;
		ForestFault fault;
		uint8_t    *bytes;
		size_t		len;
		Scorer		scorer;
		uint32_t   *reached;
		uint64_t	leaf;

		table_random(&table, draw_n_rows(&rng), 1 +
					 forest_rng_below(&rng, 8), &rng);
		grove_begin(&grove, &table);
		grove_grow_group(&grove, &table, 1, table.n_rows,
						 forest_rng_below(&rng, 9), unit_case);
		bytes = model_bytes(&grove.parts, &len);
		if (!REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
			exit(1);
		scorer_init(&scorer, &view);
		reached = allocate(grove.parts.n_nodes * sizeof(uint32_t));
		memset(reached, 0, grove.parts.n_nodes * sizeof(uint32_t));
		for (int pass = 0; pass < 2; pass++)
		{
			for (uint32_t i = 0; i < table.n_rows; i++)
			{
				const double *row = table_at(&table, i, 0);
				uint32_t	node;

				forest_walk_slots(&scorer.walk, row, scorer.slots);
				node = forest_walk_leaf(&scorer.walk, 0, scorer.slots);
				if (pass == 0)
				{
					reached[node]++;
					continue;
				}
				plain_depth(&grove.parts, (Place) {0, 0, 0, 0}, row, &leaf);
				REQUIRE(grove.leaves[leaf] == reached[node]);
			}
		}
		free(reached);
		free(bytes);
		scorer_free(&scorer);
		grove_free(&grove);
		table_free(&table);
	}
	proven();
}

/* ---- how the choices are distributed ---- */

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

	forest_rng_init(&rng, seed, FOREST_STREAM_TREE);
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

		forest_rng_init(&rng, seed, FOREST_STREAM_TREE);
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
			double		cut = grow_root(&table, 1, seed).cut;

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

/* ---- one seed, one tree ---- */

/* The bytes of one forest, for good. */
static void
test_frozen_model(void)
{
	static const uint8_t frozen[FOREST_DIGEST_SIZE] = {
		0xCD, 0x99, 0xAA, 0xBA, 0x34, 0x10, 0x16, 0xB6,
		0x55, 0x4C, 0xEC, 0x61, 0x9F, 0x8F, 0x8D, 0x08
	};
	ForestRng	rng;
	Table		table;
	Grove		grove;
	uint8_t    *bytes;
	size_t		len;

	claim("a seed gives the same model for ever");
	forest_rng_init(&rng, 18, 0);
	table_init(&table, 100, N_COLUMN_KINDS);
	for (uint32_t f = 0; f < N_COLUMN_KINDS; f++)
		table_fill(&table, f, (ColumnKind) f, &rng);
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 10, 64, 0, 42);
	grove_grow_group(&grove, &table, 10, 20, 5, 43);
	bytes = model_bytes(&grove.parts, &len);
	if (!REQUIRE(memcmp(bytes + 24, frozen, sizeof(frozen)) == 0))
	{
		printf("# %zu bytes, digest", len);
		for (int i = 0; i < FOREST_DIGEST_SIZE; i++)
			printf(" 0x%02X", bytes[24 + i]);
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
	test_invariants();
	test_kinds();
	test_constant();
	test_deep_chain();
	test_no_space();
	test_model_walk();
	test_column_choice();
	test_cuts();
	test_narrow_cuts();
	test_category_choice();
	test_missing_side();
	test_frozen_model();
	return unit_done();
}
