/*-------------------------------------------------------------------------
 *
 * fuzz_grow.c
 *	  Fuzz target: a forest grown on any values, with any options.
 *
 * What grows must be a model that opens; the rows that a tree grew on must
 * end in its leaves as the leaves say; and every kernel must agree on them.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/grow/forest_grow.h"
#include "core/grow/forest_sample.h"
#include "core/score/forest_walk.h"

#include "fuzz.h"

#define MAX_COLUMNS 5
#define MAX_ROWS	24
#define MAX_TREES	3

/* A table of the fuzzer's choice. */
static void
read_table(FuzzInput *input, Table *table)
{
	uint32_t	n_rows = 1 + fuzz_below(input, MAX_ROWS);
	uint32_t	d = 1 + fuzz_below(input, MAX_COLUMNS);

	table_init(table, n_rows, d);
	table->guided = fuzz_below(input, 3) / 2.0;
	for (uint32_t f = 0; f < d; f++)
	{
		uint32_t	kind = fuzz_below(input, 4);

		if (kind == 0)
			table_set_categories(table, f, 1 + fuzz_below(input, 70));
	}
	for (uint32_t i = 0; i < n_rows; i++)
	{
		for (uint32_t f = 0; f < d; f++)
		{
			uint32_t	n = table->n_categories[f];
			uint32_t	code = n == 0 ? 0 : fuzz_below(input, n + 1);

			if (n == 0)
				*table_at(table, i, f) = fuzz_double(input);
			else
				*table_at(table, i, f) = code < n ? code : NAN;
		}
	}
}

/* Counts where a tree's rows end and compares with the leaves' own counts. */
static void
check_leaves(const ForestWalk *walk, uint32_t tree, const ForestTree *grown,
			 const Table *table, const uint32_t *rows, uint32_t n_rows)
{
	uint32_t   *ended = allocate(walk->n_nodes * sizeof(uint32_t));
	double	   *slots = allocate(2 * (size_t) walk->n_columns *
								 sizeof(double));
	uint64_t	sum = 0;
	uint64_t	squares = 0;
	uint64_t	wanted = 0;

	memset(ended, 0, walk->n_nodes * sizeof(uint32_t));
	for (uint32_t i = 0; i < n_rows; i++)
	{
		forest_walk_slots(walk, table_at(table, rows[i], 0), slots);
		ended[forest_walk_leaf(walk, tree, slots)]++;
	}
	for (uint32_t i = 0; i < walk->n_nodes; i++)
		squares += (uint64_t) ended[i] * ended[i];
	for (uint32_t i = 0; i < grown->n_leaves; i++)
	{
		sum += grown->leaves[i];
		wanted += (uint64_t) grown->leaves[i] * grown->leaves[i];
	}
	REQUIRE(sum == n_rows);
	REQUIRE(squares == wanted);
	free(ended);
	free(slots);
}

/* One tree: it grows, and again to the same. */
static void
grow_tree(ForestTree *tree, const Table *table, const uint32_t *rows,
		  uint32_t n_rows, uint32_t depth, uint32_t n_columns, uint64_t seed)
{
	ForestRng	rng;
	ForestTree	again;

	forest_rng_init(&rng, seed, 0);
	tree_grow_fully(tree, table, rows, n_rows, depth, n_columns, &rng);
	forest_rng_init(&rng, seed, 0);
	tree_grow_fully(&again, table, rows, n_rows, depth, n_columns, &rng);
	REQUIRE(tree->n_nodes == again.n_nodes && tree->n_sets == again.n_sets);
	REQUIRE(memcmp(tree->nodes, again.nodes, 2 * (size_t) tree->n_nodes) == 0);
	REQUIRE(memcmp(tree->cuts, again.cuts, 8 * (size_t) tree->n_cuts) == 0);
	tree_free(&again);
}

/* A forest of one group; its trees stay with the caller. */
static void
grow_forest(FuzzInput *input, const Table *table)
{
	uint32_t	n_trees = 1 + fuzz_below(input, MAX_TREES);
	uint32_t	n_rows = 1 + fuzz_below(input, table->n_rows);
	uint32_t	depth = fuzz_below(input, 12);
	uint32_t	n_columns = 1 + fuzz_below(input, table->n_features);
	bool		bootstrap = fuzz_below(input, 2);
	uint64_t	seed = fuzz_word(input);
	uint32_t   *deck = allocate(table->n_rows * sizeof(uint32_t));
	uint32_t   *rows = allocate((size_t) n_trees * n_rows * sizeof(uint32_t));
	ForestTree	trees[MAX_TREES];
	ForestDealer dealer;
	ForestWalk	walk;
	ForestRng	rng;
	Buffer		buffer;
	Grove		grove;

	grove_begin(&grove, table);
	grove_add_group(&grove, n_rows, depth);
	forest_dealer_init(&dealer, deck, table->n_rows, table->n_rows, seed);
	for (uint32_t i = 0; i < n_trees; i++)
	{
		forest_deal(&dealer, rows + (size_t) i * n_rows, n_rows, bootstrap);
		grow_tree(&trees[i], table, rows + (size_t) i * n_rows, n_rows, depth,
				  n_columns, seed + i);
		grove_add_tree(&grove, &trees[i]);
	}
	forest_rng_init(&rng, seed, 1);
	buffer = build_walk(&grove, &walk, &rng);
	for (uint32_t i = 0; i < n_trees; i++)
	{
		check_leaves(&walk, i, &trees[i], table, rows + (size_t) i * n_rows,
					 n_rows);
		tree_free(&trees[i]);
	}
	free(buffer.block);
	(void) compare_forms(&grove, table, NULL, &rng);
	(void) compare_near_cuts(&grove, 4, &rng);
	grove_free(&grove);
	free(deck);
	free(rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FuzzInput	input = {data, size};
	Table		table;

	read_table(&input, &table);
	grow_forest(&input, &table);
	table_free(&table);
	fuzz_check();
	return 0;
}
