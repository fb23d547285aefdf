/*-------------------------------------------------------------------------
 *
 * test_grow.c
 *	  Growing trees: what holds for every tree on every table.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_digest.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/grow/forest_grow.h"
#include "core/score/forest_walk.h"

#include "support.h"
#include "unit.h"

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
	ForestFeature *features = describe_columns(table);
	ForestParts parts = tree_parts(tree, features);
	Inspection	in = {table, &parts, tree->n_nodes, max_depth, n_columns,
					  {0, 0, 0, 0}, NULL};
	uint32_t   *rows = allocate(table->n_rows * sizeof(uint32_t));
	uint32_t	n_used = 0;

	in.used = allocate(table->n_features * sizeof(bool));
	memset(in.used, 0, table->n_features * sizeof(bool));
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
	static const double guided[] = {0.0, 0.0, 0.5, 1.0};
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
		table.guided = guided[forest_rng_below(&rng, 4)];
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
			for (int i = 0; i < 24; i++)
			{
				Table		table;
				ForestTree	tree;

				unit_case = a * 100 + b;
				table_init(&table, draw_n_rows(&rng), a == b ? 1 : 2);
				table_fill(&table, 0, (ColumnKind) a, &rng);
				if (a != b)
					table_fill(&table, 1, (ColumnKind) b, &rng);
				table.guided = i % 2;
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

/* Checks that a tree's rows, in the order that growing left, are by leaves. */
static void
inspect_order(const Table *table, const ForestTree *tree,
			  const uint32_t *order)
{
	ForestFeature *features = describe_columns(table);
	ForestParts parts = tree_parts(tree, features);
	uint32_t	n = 0;

	for (uint32_t leaf = 0; leaf < tree->n_leaves; leaf++)
	{
		for (uint32_t i = 0; i < tree->leaves[leaf]; i++)
		{
			uint64_t	reached;

			plain_depth(&parts, (Place) {0, 0, 0, 0},
						table_at(table, order[n++], 0), &reached);
			REQUIRE(reached == leaf);
		}
	}
	REQUIRE(n == table->n_rows);
	free(features);
}

/* Calibration takes the leaf of each row from where growing left it. */
static void
test_row_order(void)
{
	ForestRng	rng;

	claim("growing leaves the rows leaf by leaf, in preorder");
	forest_rng_init(&rng, 17, 0);
	for (unit_case = 0; unit_case < 500; unit_case++)
	{
		Table		table;
		ForestTree	tree;
		uint32_t   *order;

		table_random(&table, draw_n_rows(&rng), 1 +
					 forest_rng_below(&rng, 8), &rng);
		order = allocate(table.n_rows * sizeof(uint32_t));
		table.order = order;
		tree_grow_fully(&tree, &table, NULL, table.n_rows,
						forest_rng_below(&rng, 9), table.n_features, &rng);
		inspect_order(&table, &tree, order);
		free(order);
		tree_free(&tree);
		table_free(&table);
	}
	proven();
}

/* The bytes of one forest, for good. */
static void
test_frozen_model(void)
{
	static const uint8_t frozen[FOREST_DIGEST_SIZE] = {
		0xE5, 0x90, 0xBB, 0x6A, 0xC8, 0x59, 0x82, 0x32,
		0x12, 0xE5, 0x6D, 0xB0, 0x8C, 0x0B, 0xE1, 0xD3,
		0xE7, 0x78, 0x78, 0x0D, 0x53, 0xF5, 0x3E, 0x05,
		0x84, 0xC8, 0x8B, 0x67, 0x40, 0xB7, 0x2A, 0x5D
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
	if (!REQUIRE(memcmp(bytes + 8, frozen, sizeof(frozen)) == 0))
	{
		printf("# %zu bytes, digest", len);
		for (int i = 0; i < FOREST_DIGEST_SIZE; i++)
			printf(" 0x%02X", bytes[8 + i]);
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
	test_row_order();
	test_frozen_model();
	return unit_done();
}
