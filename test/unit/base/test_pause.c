/*-------------------------------------------------------------------------
 *
 * test_pause.c
 *	  Long work can be interrupted: it pauses often, and after a pause that
 *	  does not return it can be done again.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>

#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/explain/forest_explain.h"
#include "core/explain/forest_explain_build.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_sketch.h"
#include "core/format/forest_sketch_write.h"
#include "core/format/forest_view.h"
#include "core/grow/forest_grow.h"
#include "core/grow/forest_sample.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_blocks_plan.h"
#include "core/score/forest_learn.h"
#include "core/score/forest_walk.h"
#include "core/stats/forest_calibration.h"

#include "blocks_support.h"
#include "explain_oracle.h"
#include "support.h"
#include "unit.h"

#define ROWS	200000

static uint64_t pauses;
static uint64_t pause_to_leave;	/* 0: none */
static jmp_buf leave;

/* In the place of the core's own. */
void
forest_pause(void)
{
	if (++pauses == pause_to_leave)
		longjmp(leave, 1);
}

/* Requires at least one pause for so many steps since the last call. */
#define REQUIRE_PAUSES(steps) \
	do { \
		REQUIRE(pauses >= (steps) / FOREST_PAUSE_STEPS); \
		pauses = 0; \
	} while (0)

/* A table and one large tree on it. */
static void
large_forest(Table *table, Grove *grove)
{
	ForestRng	rng;

	forest_rng_init(&rng, 91, 0);
	table_init(table, ROWS, 3);
	table_fill(table, 0, UNIFORM, &rng);
	table_fill(table, 1, MANY_CATEGORIES, &rng);
	table_fill(table, 2, UNIFORM, &rng);
	grove_begin(grove, table);
	pauses = 0;
	grove_grow_group(grove, table, 1, ROWS, 0, 92);
}

/* Steps of all that is done with a model. */
static void
test_often(void)
{
	ForestPair *pairs = allocate(2 * ROWS * sizeof(ForestPair));
	uint32_t   *keys = allocate(ROWS * sizeof(uint32_t));
	ForestPoint *points = allocate(FOREST_MAX_POINTS * sizeof(ForestPoint));
	double		row[3] = {1.0, 2.0, NAN};
	uint8_t		digest[FOREST_DIGEST_SIZE];
	ForestCalibration calibration;
	ForestBlocksPlan plan;
	Explainer	e;
	Table		table;
	Grove		grove;
	Scorer		scorer;
	ForestView	view;
	ForestFault fault;
	uint32_t	n_categories[3];
	uint8_t    *bytes;
	void	   *temporary;
	size_t		len;

	claim("growing a large tree pauses for every few thousand values");
	large_forest(&table, &grove);
	/* each level scans and parts nearly all rows */
	REQUIRE_PAUSES(10 * ROWS);
	proven();

	claim("writing, digesting and opening a model pause");
	bytes = model_bytes(&grove.parts, &len);
	REQUIRE_PAUSES(len / 8);
	forest_digest(bytes, len, digest);
	REQUIRE_PAUSES(len / 8);
	REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK);
	REQUIRE_PAUSES(len / 8 + view.n_nodes);
	proven();

	claim("building the walk and the fast form, and explaining, pause");
	scorer_init(&scorer, &view);
	REQUIRE_PAUSES(2 * (uint64_t) view.n_nodes - FOREST_PAUSE_STEPS);
	for (uint32_t f = 0; f < 3; f++)
		n_categories[f] = forest_view_feature(&view, f).n_categories;
	temporary = allocate((size_t)
						 forest_blocks_temporary_size(&scorer.walk));
	forest_blocks_plan(&scorer.walk, n_categories, temporary, &plan);
	REQUIRE_PAUSES(view.n_nodes);
	explainer_init(&e, &grove);
	pauses = 0;
	(void) explain_row(&e, row);
	REQUIRE_PAUSES(3 * (uint64_t) e.explain.plan.n_splits);
	proven();

	claim("sorting, summing up scores and dealing pause");
	for (uint32_t i = 0; i < ROWS; i++)
		pairs[i] = (ForestPair) {forest_sort_key(i * 7919 % ROWS), 1};
	forest_sort(pairs, pairs + ROWS, ROWS);
	REQUIRE_PAUSES(5 * ROWS);	/* counts bytes, and four of them differ */
	forest_calibrate(pairs, pairs + ROWS, ROWS, points, &calibration);
	REQUIRE_PAUSES(3 * ROWS);	/* sorted already */
	{
		uint32_t   *deck = allocate(ROWS * sizeof(uint32_t));
		ForestDealer dealer;

		forest_dealer_init(&dealer, deck, ROWS, ROWS, 1);
		REQUIRE_PAUSES(ROWS);
		forest_deal(&dealer, keys, ROWS, true);
		REQUIRE_PAUSES(ROWS);
		free(deck);
	}
	proven();

	explainer_free(&e);
	scorer_free(&scorer);
	grove_free(&grove);
	table_free(&table);
	free(temporary);
	free(bytes);
	free(points);
	free(keys);
	free(pairs);
}

/* Building the fast form of many trees. */
static void
test_blocks(void)
{
	ForestRng	rng;
	Table		table;
	Grove		grove;
	ForestWalk	walk;
	Buffer		buffer;
	Fast		fast;
	uint32_t	n_categories[4] = {0};

	claim("building the fast form pauses for every block");
	forest_rng_init(&rng, 93, 0);
	table_init(&table, 256, 4);
	for (uint32_t f = 0; f < 4; f++)
		table_fill(&table, f, UNIFORM, &rng);
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 200, 256, 0, 94);
	buffer = build_walk(&grove, &walk, &rng);
	pauses = 0;
	fast_init(&fast, &walk, n_categories, &rng);
	REQUIRE(fast.built);
	REQUIRE(pauses >= fast.blocks.n_blocks);
	free(fast.memory.block);
	free(buffer.block);
	grove_free(&grove);
	table_free(&table);
	proven();
}

/* Work in many pieces, each too small to pause in it. */
static void
test_pieces(void)
{
	ForestPair	pairs[400];
	ForestRng	rng;
	Table		table;
	Grove		grove;
	Explainer	e;
	double		row[4] = {1.0, 2.0, NAN, 3.0};

	claim("many small sorts pause");
	pauses = 0;
	for (int i = 0; i < 1000; i++)
	{
		for (uint64_t k = 0; k < 200; k++)
			pairs[k] = (ForestPair) {k * 37 % 211, k};
		forest_sort(pairs, pairs + 200, 200);
	}
	REQUIRE_PAUSES(UINT64_C(1000) * 200 * 8);
	proven();

	claim("a form for explaining many small trees is built with pauses");
	forest_rng_init(&rng, 97, 0);
	table_init(&table, 256, 4);
	for (uint32_t f = 0; f < 4; f++)
		table_fill(&table, f, UNIFORM, &rng);
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 400, 256, 0, 98);
	explainer_init(&e, &grove);
	{
		ForestView	view;
		ForestFault fault;
		ForestExplainPlan plan;
		ForestExplain explain;
		size_t		len;
		uint8_t    *bytes = model_bytes(&grove.parts, &len);
		void	   *temporary;
		void	   *memory;

		REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK);
		temporary = allocate((size_t) forest_explain_plan_size(&view));
		pauses = 0;
		forest_explain_plan(&view, &e.scorer.walk, temporary, &plan);
		REQUIRE_PAUSES(3 * (uint64_t) view.n_nodes);
		memory = allocate((size_t) plan.size);
		forest_explain_build(&view, &e.scorer.walk, &plan, memory, temporary,
							 &explain);
		REQUIRE_PAUSES(5 * (uint64_t) view.n_nodes);
		free(memory);
		free(temporary);
		free(bytes);
	}
	proven();

	claim("explaining a row pauses in every tree");
	pauses = 0;
	(void) explain_row(&e, row);
	REQUIRE(pauses >= 400);
	proven();

	claim("scoring a row by many trees pauses");
	pauses = 0;
	(void) scorer_score(&e.scorer, row);
	REQUIRE(pauses >= 400 / 8);
	proven();

	claim("numbering leaves pauses, also on the way down to the first of them");
	{
		uint32_t   *numbers = allocate(e.scorer.walk.n_nodes *
									   sizeof(uint32_t));

		pauses = 0;
		forest_number_leaves(&e.scorer.walk, numbers);
		REQUIRE_PAUSES(e.scorer.walk.n_nodes);
		free(numbers);
	}
	proven();
	explainer_free(&e);
	grove_free(&grove);
	table_free(&table);
}

/* Rows that are wide, and few. */
static void
test_wide_rows(void)
{
	enum
	{
		WIDE_ROWS = 100,
		COLUMNS = 2000
	};
	ForestSketchFeature features[COLUMNS];
	ForestString names[COLUMNS];
	ForestStream stream = {1, WIDE_ROWS};
	uint64_t	keys[WIDE_ROWS];
	double	   *values = allocate(WIDE_ROWS * COLUMNS * sizeof(double));
	ForestSketchParts parts = {
		.n_features = COLUMNS,
		.capacity = WIDE_ROWS,
		.n_rows = WIDE_ROWS,
		.n_streams = 1,
		.n_strings = COLUMNS,
		.features = features,
		.streams = &stream,
		.strings = names,
		.keys = keys,
		.rows = values
	};
	uint8_t    *bytes;

	claim("writing a sketch of few wide rows pauses at each");
	for (uint32_t f = 0; f < COLUMNS; f++)
	{
		features[f] = (ForestSketchFeature) {FOREST_FLOAT8, 0};
		names[f] = (ForestString) {"", 0};
	}
	for (uint32_t i = 0; i < WIDE_ROWS; i++)
		keys[i] = i;
	for (uint32_t i = 0; i < WIDE_ROWS * COLUMNS; i++)
		values[i] = i;
	bytes = allocate((size_t) forest_sketch_size(&parts));
	pauses = 0;
	forest_sketch_write(&parts, bytes);
	REQUIRE(pauses >= WIDE_ROWS);
	free(bytes);
	free(values);
	proven();
}

/* Leaves work at each of its pauses in turn, then does it undisturbed. */
static void
test_leave(void)
{
	static Table table;			/* static: longjmp leaves locals undefined */
	static ForestTree whole;
	static ForestTree tree;
	static ForestGrowScratch scratch;
	static uint64_t k;
	static void *memory;
	static ForestRng rng;
	ForestGrowth growth = {.max_depth = 8, .n_columns = 2, .guided = 0.5};
	ForestRows	rows;

	claim("a tree grown after attempts that were left is the same");
	forest_rng_init(&rng, 95, 0);
	table_init(&table, ROWS, 2);
	table_fill(&table, 0, MANY_CATEGORIES, &rng);
	table_fill(&table, 1, UNIFORM, &rng);
	table.guided = growth.guided;
	forest_rng_init(&rng, 96, 0);
	tree_grow_fully(&whole, &table, NULL, ROWS, 8, 2, &rng);
	memory = allocate(forest_grow_scratch_size(ROWS, 2, table.max_categories,
											   true));
	tree.nodes = allocate(2 * ROWS * sizeof(uint16_t));
	tree.cuts = allocate(ROWS * sizeof(double));
	tree.leaves = allocate(ROWS * sizeof(uint32_t));
	/* the last set may ask for room that it does not need */
	tree.max_sets = whole.n_sets + table.max_categories;
	tree.sets = allocate(tree.max_sets * sizeof(uint16_t));
	/* the last time there are fewer pauses than that */
	for (k = 1; k < 1000000; k += 7)
	{
		rows = table_rows(&table);
		forest_grow_scratch_init(&scratch, memory, ROWS, 2,
								 table.max_categories, true);
		for (uint32_t i = 0; i < ROWS; i++)
			scratch.index[i] = i;
		forest_rng_init(&rng, 96, 0);
		pauses = 0;
		pause_to_leave = k;
		if (setjmp(leave) == 0)
		{
			REQUIRE(forest_grow_tree(&rows, ROWS, &growth, &rng, &scratch,
									 &tree) == FOREST_OK);
			break;
		}
	}
	pause_to_leave = 0;
	printf("# left at up to %llu pauses\n", (unsigned long long) k);
	REQUIRE(k > 20);
	REQUIRE(tree.n_nodes == whole.n_nodes && tree.n_sets == whole.n_sets);
	REQUIRE(memcmp(tree.nodes, whole.nodes, 2 * (size_t) tree.n_nodes) == 0);
	REQUIRE(memcmp(tree.cuts, whole.cuts, 8 * (size_t) tree.n_cuts) == 0);
	REQUIRE(memcmp(tree.sets, whole.sets, 2 * tree.n_sets) == 0);
	proven();
	tree_free(&whole);
	tree_free(&tree);
	free(memory);
	table_free(&table);
}

/* Blocks of several megabytes. */
static void
test_large_blocks(void)
{
	const size_t n = (size_t) 10 << 20;
	uint8_t    *a = allocate(n);
	uint8_t    *b = allocate(n);

	claim("clearing, copying and comparing large blocks pause");
	pauses = 0;
	forest_clear(a, n);
	REQUIRE(pauses >= 2);
	a[n - 1] = 1;
	pauses = 0;
	forest_copy(b, a, n);
	REQUIRE(pauses >= 2);
	pauses = 0;
	REQUIRE(forest_equal(a, b, n));
	REQUIRE(pauses >= 2);
	b[n - 1] = 0;
	REQUIRE(!forest_equal(a, b, n) && forest_equal(a, b, n - 1));
	REQUIRE(forest_equal(a, b, 0) && forest_equal(NULL, NULL, 0));
	proven();
	free(a);
	free(b);
}

int
main(void)
{
	test_often();
	test_large_blocks();
	test_blocks();
	test_pieces();
	test_wide_rows();
	test_leave();
	return unit_done();
}
