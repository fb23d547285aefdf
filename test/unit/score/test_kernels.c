/*-------------------------------------------------------------------------
 *
 * test_kernels.c
 *	  The fast form of forests: every kernel against the reference walk, bit
 *	  for bit.
 *
 * compare_forms requires the sums of all rows to be the walk's, and the
 * comparisons with limits to agree with them; the tests here are about which
 * forests and rows it is given.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/grow/forest_grow.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_walk.h"

#include "blocks_support.h"
#include "unit.h"

/* Which kernels there are to compare. */
static void
test_kernels(void)
{
	claim("the walk and the portable kernel are always there, and a best one");
	REQUIRE(forest_kernel_available(FOREST_KERNEL_AUTO));
	REQUIRE(forest_kernel_available(FOREST_KERNEL_WALK));
	REQUIRE(forest_kernel_available(FOREST_KERNEL_PORTABLE));
	REQUIRE(forest_kernel_best() >= FOREST_KERNEL_PORTABLE);
	REQUIRE(forest_kernel_best() < N_KERNELS);
	REQUIRE(forest_kernel_available(forest_kernel_best()));
	for (ForestKernel k = FOREST_KERNEL_PORTABLE; k < N_KERNELS; k++)
		printf("# kernel %s: %s\n", kernel_names[k],
			   !forest_kernel_available(k) ? "not on this processor" :
			   k == forest_kernel_best() ? "compared, the best" : "compared");
#if defined(__aarch64__)
	REQUIRE(forest_kernel_best() == FOREST_KERNEL_NEON);
#else
	REQUIRE(!forest_kernel_available(FOREST_KERNEL_NEON));
#endif
	proven();
}

/* Forests grown on random tables. */
static void
test_grown(void)
{
	ForestRng	rng;
	uint32_t	merged = 0;

	claim("grown forests, of all depths, merged of up to four");
	forest_rng_init(&rng, 81, 0);
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		static const uint32_t depths[] = {
			1, 2, 3, 4, 5, 6, 7, 8, 12, FOREST_DEPTH_UNLIMITED
		};
		uint32_t	n_groups = 1 + forest_rng_below(&rng, 4);
		uint32_t	d = unit_case % 4 != 0 ? 1 + forest_rng_below(&rng, 20) :
			1 + forest_rng_below(&rng, FOREST_BLOCKS_FEATURES);
		Table		table;
		Grove		grove;
		Table		rows;
		Outcome		outcome;

		/* one-row trees among them; never more than 255 cuts */
		table_random(&table, 2 + forest_rng_below(&rng, 255), d, &rng);
		grove_begin(&grove, &table);
		for (uint32_t n = 0; n < n_groups; n++)
		{
			uint32_t	n_trees = 1 + forest_rng_below(&rng, 12);

			grove_grow_group(&grove, &table, n_trees,
							 1 + forest_rng_below(&rng, table.n_rows),
							 depths[(unit_case + n) % 10], unit_case + n);
		}
		merged += n_groups > 1;
		if (unit_case % 2 == 0)
			grove_label(&grove, 1 + forest_rng_below(&rng, 8), &rng);
		outcome = compare_near_cuts(&grove, 40, &rng);
		REQUIRE(outcome.built);
		REQUIRE(outcome.width >= d && outcome.width <= 128);

		/* the rows that it grew on, too */
		table_init(&rows, table.n_rows < 40 ? table.n_rows : 40, d);
		memcpy(rows.values, table.values,
			   (size_t) rows.n_rows * d * sizeof(double));
		compare_forms(&grove, &rows, NULL, &rng);
		table_free(&rows);
		grove_free(&grove);
		table_free(&table);
	}
	REQUIRE(merged > 100);
	proven();
}

/* Forests of shapes and cuts that growing seldom gives. */
static void
test_invented(void)
{
	ForestRng	rng;

	claim("invented forests: chains, equal cuts, infinite cuts, any sets");
	forest_rng_init(&rng, 82, 0);
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		uint32_t	d = 1 + forest_rng_below(&rng, unit_case % 2 ? 12 : 128);
		uint32_t	share = forest_rng_below(&rng, 3);
		uint32_t	n_categories[FOREST_BLOCKS_FEATURES] = {0};
		Grove		grove;

		for (uint32_t f = 0; f < d; f++)
		{
			if (forest_rng_below(&rng, 2) < share)
				n_categories[f] = 1 + forest_rng_below(&rng, 12);
		}
		if (unit_case % 10 == 0)
			n_categories[forest_rng_below(&rng, d)] = 700;
		grove_begin_invented(&grove, d, n_categories);
		/* a column of which training saw no value has no categories */
		if (unit_case % 5 == 0 && n_categories[0] == 0)
			grove.features[0].type = FOREST_TEXT;
		for (uint32_t n = 1 + forest_rng_below(&rng, 3); n > 0; n--)
		{
			uint32_t	n_trees = 1 + forest_rng_below(&rng, 30);

			grove_invent_group(&grove, n_trees,
							   1 + forest_rng_below(&rng, 1000),
							   unit_case % 14 == 7 ? 255 : 40, &rng);
		}
		if (unit_case % 3 == 0)
			grove_label(&grove, 1 + forest_rng_below(&rng, 8), &rng);
		REQUIRE(compare_near_cuts(&grove, 32, &rng).built);
		grove_free(&grove);
	}
	proven();
}

/* Tables of every width that a kernel treats on its own. */
static void
test_widths(void)
{
	static const uint32_t widths[][2] = {
		{1, 16}, {15, 16}, {16, 16}, {17, 32}, {31, 32}, {32, 32}, {33, 64},
		{63, 64}, {64, 64}, {65, 128}, {127, 128}, {128, 128}
	};
	ForestRng	rng;

	claim("every width of table, every feature asked for");
	forest_rng_init(&rng, 83, 0);
	for (uint32_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
	{
		/* no categories, one column of them, every third, all */
		for (uint32_t mix = 0; mix < 4; mix++)
		{
			uint32_t	n_categories[FOREST_BLOCKS_FEATURES] = {0};
			uint32_t	d = widths[i][0];
			Grove		grove;
			Outcome		outcome;

			unit_case = d * 10 + mix;
			for (uint32_t f = 0; f < d; f++)
			{
				if (mix == 3 || (mix == 2 && f % 3 == 0) ||
					(mix == 1 && f + 1 == d))
					n_categories[f] = 1 + f % 5;
			}
			grove_begin_invented(&grove, d, n_categories);
			grove_add_group(&grove, 256, 0);
			for (int n = 0; n < 20; n++)
			{
				Invention	wanted = {mix < 2 ? 255 : 30, BUSHY, 30, true};

				grove_invent(&grove, &wanted, &rng);
			}
			outcome = compare_near_cuts(&grove, 100, &rng);
			REQUIRE(outcome.built);
			REQUIRE(outcome.width == widths[i][1]);
			grove_free(&grove);
		}
	}
	proven();
}

/*
 * Adds a balanced tree over the cuts of one feature that are first,
 * first + step, .. and below end.
 */
static void
add_search_tree(Grove *grove, uint32_t feature, uint32_t first,
				uint32_t step, uint32_t end, ForestRng *rng)
{
	uint32_t	n = first < end ? (end - first - 1) / step + 1 : 0;
	uint32_t	stack[64][2];
	uint32_t	top = 0;
	ForestTree	tree = {0};

	tree.nodes = allocate((2 * (size_t) n + 1) * sizeof(uint16_t));
	tree.cuts = allocate(n * sizeof(double));
	tree.leaves = allocate((n + (size_t) 1) * sizeof(uint32_t));
	tree.sets = allocate(0);
	stack[top][0] = 0;
	stack[top++][1] = n;
	while (top > 0)
	{
		uint32_t	lo = stack[--top][0];
		uint32_t	hi = stack[top][1];
		uint32_t	middle = lo + (hi - lo) / 2;

		if (lo == hi)
		{
			/* neighbours differ, that no wrong turn goes unseen */
			tree.nodes[tree.n_nodes++] = FOREST_NODE_LEAF;
			tree.leaves[tree.n_leaves++] = 1 + forest_rng_below(rng, 50);
			continue;
		}
		tree.nodes[tree.n_nodes++] = (uint16_t)
			(feature | (forest_rng_below(rng, 2) ?
						FOREST_NODE_MISSING_RIGHT : 0));
		tree.cuts[tree.n_cuts++] = first + step * middle;
		stack[top][0] = middle + 1;
		stack[top++][1] = hi;
		stack[top][0] = lo;
		stack[top++][1] = middle;
	}
	grove_add_tree(grove, &tree);
	tree_free(&tree);
}

/* The search for ranks, at every cut and between all. */
static void
test_search(void)
{
	static const uint32_t numbers[] = {
		1, 2, 15, 16, 17, 31, 32, 33, 254, 255, 256, 257, 271, 272, 273, 274,
		287, 288, 289, 290, 543, 544, 545, 1000, 2047, 4079, 4080, 4623, 4624,
		4625, 4912, 4913, 4914, 20000, 65534, 65535
	};
	ForestRng	rng;
	uint32_t	seen_levels = 0;

	claim("ranks are right at, above and below each of up to 65535 cuts");
	forest_rng_init(&rng, 84, 0);
	for (uint32_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		uint32_t	m = numbers[i];
		uint32_t	n_trees = 1 + m / 255 % 17;
		Grove		grove;
		Table		rows;
		Outcome		outcome;

		unit_case = m;
		grove_begin_invented(&grove, 3, NULL);
		grove_add_group(&grove, 256, 0);
		for (uint32_t t = 0; t < n_trees; t++)
			add_search_tree(&grove, 1, t, n_trees, m, &rng);
		/* a feature with one cut is searched as deep as the other */
		add_search_tree(&grove, 2, 5, 1, 6, &rng);

		table_init(&rows, 3 * m + 4, 3);
		for (uint32_t k = 0; k < rows.n_rows; k++)
		{
			double		cut = k / 3;
			double		v = k % 3 == 0 ? cut : nextafter(cut, k % 3 == 1 ?
														 INFINITY : -INFINITY);

			if (k >= 3 * m)
				v = k == 3 * m ? NAN : k == 3 * m + 1 ? INFINITY :
					k == 3 * m + 2 ? -INFINITY : DBL_MAX;
			*table_at(&rows, k, 0) = NAN;
			*table_at(&rows, k, 1) = v;
			*table_at(&rows, k, 2) = v;
		}
		outcome = compare_forms(&grove, &rows, NULL, &rng);
		REQUIRE(outcome.built);
		REQUIRE(outcome.n_bands == 1);
		REQUIRE(outcome.search_levels ==
				(m <= 16 ? 1U : m <= 272 ? 2U : m <= 4624 ? 3U : 4U));
		seen_levels |= 1U << outcome.search_levels;
		table_free(&rows);
		grove_free(&grove);
	}
	REQUIRE(seen_levels == (1U << 1 | 1U << 2 | 1U << 3 | 1U << 4));
	proven();
}

/* Trees of which fifteen fill a band, and what lies behind the last. */
static void
test_sections(void)
{
	static const uint32_t n_trees[] = {1, 14, 15, 16, 29, 30, 31, 46};
	ForestRng	rng;

	claim("up to 65535 cuts on a column are a band, 24 trees a chunk");
	forest_rng_init(&rng, 85, 0);
	for (uint32_t i = 0; i < sizeof(n_trees) / sizeof(n_trees[0]); i++)
	{
		uint32_t	n = n_trees[i];
		Grove		grove;
		Outcome		outcome;

		unit_case = n;
		grove_begin_invented(&grove, 1, NULL);
		grove_add_group(&grove, 256, 0);
		for (uint32_t t = 0; t < n; t++)
		{
			if (t > 0 && t == n / 2)
				grove_add_group(&grove, 17, 0);
			/* 15 * 4369 = 65535 */
			add_search_tree(&grove, 0, t % 5, 1, 4369 + t % 5, &rng);
		}
		outcome = compare_near_cuts(&grove, 120, &rng);
		REQUIRE(outcome.built);
		REQUIRE(outcome.n_bands == (n + 14) / 15);
		REQUIRE(outcome.n_chunks == outcome.n_bands);
		grove_free(&grove);
	}
	for (uint32_t n = 1; n < 100; n += n % 24 == 1 ? 22 : 1)
	{
		Grove		grove;
		Outcome		outcome;

		unit_case = 1000 + n;
		grove_begin_invented(&grove, 1, NULL);
		grove_invent_group(&grove, n, 256, 30, &rng);
		outcome = compare_near_cuts(&grove, 120, &rng);
		REQUIRE(outcome.n_bands == 1);
		REQUIRE(outcome.n_chunks == (n + 23) / 24);
		grove_free(&grove);
	}
	proven();

	claim("several columns over several bands, with categories between");
	for (unit_case = 0; unit_case < 12; unit_case++)
	{
		uint32_t	n_categories[6] = {0, 0, 3, 0, 40, 0};
		Grove		grove;
		Outcome		outcome;

		/* some bands have no cuts on some of the columns */
		grove_begin_invented(&grove, 6, n_categories);
		for (int g = 0; g < 4; g++)
		{
			grove_add_group(&grove, 256, 0);
			for (int t = 0; t < 4; t++)
				add_search_tree(&grove, g % 2 ? 0 : 3, 0, 1, 20000, &rng);
			grove_invent_group(&grove, 10, 64, 90, &rng);
		}
		outcome = compare_near_cuts(&grove, 120, &rng);
		REQUIRE(outcome.built);
		REQUIRE(outcome.n_bands >= 4);
		grove_free(&grove);
	}
	proven();
}

/* Trees of one leaf: alone, between others, at chunks' ends. */
static void
test_leaf_trees(void)
{
	ForestRng	rng;

	claim("trees of one leaf, also as the whole of a forest");
	forest_rng_init(&rng, 86, 0);
	for (unit_case = 0; unit_case < 120; unit_case++)
	{
		uint32_t	n_categories[2] = {0, unit_case % 2 ? 4 : 0};
		uint32_t	leaves_in_three = (uint32_t) (unit_case / 2 % 4);
		Grove		grove;
		Outcome		outcome;

		grove_begin_invented(&grove, 2, n_categories);
		for (int g = 0; g < 3; g++)
		{
			grove_add_group(&grove, g == 0 ? 1 : 256, 0);
			for (uint32_t t = 0; t <= unit_case % 25; t++)
			{
				bool		leaf = forest_rng_below(&rng, 3) < leaves_in_three;
				Invention	wanted = {leaf ? 0 : 150, BUSHY, 300, false};

				grove_invent(&grove, &wanted, &rng);
			}
		}
		outcome = compare_near_cuts(&grove, 32, &rng);
		REQUIRE(outcome.built);
		if (leaves_in_three == 3)
			REQUIRE(outcome.n_blocks == 0);
		grove_free(&grove);
	}
	proven();
}

/*
 * Kernels walk up to 128 trees in rounds, some of them 32 and more in phases
 * and 64 of those at a time: as many, and a tree less or more, and several
 * times.
 */
static void
test_many_trees(void)
{
	static const uint32_t n_trees[] = {
		31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129, 255, 256, 257, 300
	};
	static const uint32_t widths[] = {3, 20, 40, 100};
	const uint32_t n = sizeof(n_trees) / sizeof(n_trees[0]);
	uint32_t	n_flat = 0;
	ForestRng	rng;

	claim("as many trees as are walked side by side, fewer and more");
	forest_rng_init(&rng, 89, 0);
	for (unit_case = 0; unit_case < n * 4 * 3; unit_case++)
	{
		uint32_t	n_categories[FOREST_BLOCKS_FEATURES] = {0};
		uint32_t	d = widths[unit_case / n % 4];
		Invention	wanted = {31, unit_case / (4 * n) == 0 ? BALANCED :
			BUSHY, 1, false};
		Grove		grove;
		Outcome		outcome;

		n_categories[1] = unit_case / (4 * n) == 2 ? 5 : 0;
		grove_begin_invented(&grove, d, n_categories);
		grove_add_group(&grove, 64, 0);
		for (uint32_t t = 0; t < n_trees[unit_case % n]; t++)
			grove_invent(&grove, &wanted, &rng);
		outcome = compare_near_cuts(&grove, 24, &rng);
		REQUIRE(outcome.built);
		n_flat += outcome.flat_levels > 0;
		grove_free(&grove);
	}
	REQUIRE(n_flat >= 4 * n && n_flat < n * 4 * 3);
	proven();
}

/*
 * Where trees have many blocks, what a row's categories say of them is not
 * gathered for all: with none, one and some categorical columns, and as many
 * trees as kernels treat on their own.
 */
static void
test_many_blocks(void)
{
	static const uint32_t n_trees[] = {1, 7, 31, 32, 40};
	ForestRng	rng;

	claim("trees of few and of many blocks, with categories");
	forest_rng_init(&rng, 90, 0);
	for (unit_case = 0; unit_case < 5 * 3 * 2; unit_case++)
	{
		uint32_t	n_categorical = (uint32_t) (unit_case / 5 % 3);
		uint32_t	n_categories[3] = {
			n_categorical > 0 ? 7 : 0, n_categorical > 1 ? 20 : 0, 0
		};
		Invention	wanted = {unit_case < 15 ? 600 : 60, BUSHY, 1, false};
		Grove		grove;
		Outcome		outcome;

		grove_begin_invented(&grove, 3, n_categories);
		grove_add_group(&grove, 1024, 0);
		for (uint32_t t = 0; t < n_trees[unit_case % 5]; t++)
			grove_invent(&grove, &wanted, &rng);
		outcome = compare_near_cuts(&grove, 24, &rng);
		REQUIRE(outcome.built && outcome.flat_levels == 0);
		REQUIRE((outcome.n_blocks >= 64 * n_trees[unit_case % 5]) ==
				(unit_case < 15));
		grove_free(&grove);
	}
	proven();
}

/* Makes chunks behind the c-th use n trees from "first" on, in a copy. */
static void
spoil_rest(ForestBlocks *blocks, uint32_t c, uint32_t first, uint32_t n,
		   ForestChunk *chunks)
{
	memcpy(chunks, blocks->chunks, blocks->n_chunks * sizeof(ForestChunk));
	for (uint32_t i = c + 1; i < blocks->n_chunks; i++)
	{
		chunks[i].first_tree = first;
		chunks[i].n_trees = n;
	}
	blocks->chunks = chunks;
}

/*
 * The root of the tree that adds most to the sum of row i, "n" times behind
 * the roots there are.
 */
static uint32_t *
repeat_longest(const ForestBlocks *blocks, const Answers *answers, uint32_t i,
			   uint32_t n)
{
	const int64_t *values = answers->values +
		(size_t) i * answers->n_trees;
	uint32_t   *roots = allocate((blocks->n_trees + (size_t) n) *
								 sizeof(uint32_t));
	uint32_t	longest = 0;

	for (uint32_t t = 0; t < blocks->n_trees; t++)
		longest = values[t] > values[longest] ? t : longest;
	memcpy(roots, blocks->roots, blocks->n_trees * sizeof(uint32_t));
	for (uint32_t t = 0; t < n; t++)
		roots[blocks->n_trees + t] = blocks->roots[longest];
	return roots;
}

/* Chunks that cannot change the answer are not looked at. */
static void
test_early_answers(void)
{
	enum
	{
		N_TREES = 100,
		N_CHUNKS = 5,
		N_REPEATED = 4000
	};
	static const uint32_t no_categories[1] = {0};
	ForestRng	rng;
	Grove		grove;
	ForestWalk	walk;
	Buffer		walk_buffer;
	Table		rows;
	Answers		answers;
	Fast		fast;
	Buffer		scratch;

	claim("a limit is answered by the first chunks that decide it");
	forest_rng_init(&rng, 91, 0);
	grove_begin_invented(&grove, 1, NULL);
	grove_add_group(&grove, 256, 0);
	for (int t = 0; t < N_TREES; t++)
	{
		Invention	wanted = {255, BUSHY, 9, true};

		grove_invent(&grove, &wanted, &rng);
	}
	rows_near_cuts(&rows, &grove.parts, 60, &rng);
	walk_buffer = build_walk(&grove, &walk, &rng);
	answers_init(&answers, &walk, &rows);
	fast_init(&fast, &walk, no_categories, &rng);
	if (REQUIRE(fast.built && fast.blocks.n_chunks == N_CHUNKS))
	{
		scratch = buffer_make(forest_blocks_scratch_size(&fast.blocks), &rng);
		for (uint32_t i = 0; i < rows.n_rows; i++)
		{
			uint32_t	c = forest_rng_below(&rng, N_CHUNKS - 1);
			uint32_t	end = (c + 1) * FOREST_CHUNK_TREES;
			int64_t		part = answers_part(&answers, i, end);
			const double *row = table_at(&rows, i, 0);
			uint32_t   *roots = repeat_longest(&fast.blocks, &answers, i,
											   N_REPEATED);
			ForestChunk chunks[N_CHUNKS];

			unit_case = i;
			for (ForestKernel k = FOREST_KERNEL_PORTABLE; k < N_KERNELS; k++)
			{
				ForestBlocks nothing = fast.blocks;
				ForestBlocks much = fast.blocks;

				if (!forest_kernel_available(k))
					continue;
				spoil_rest(&nothing, c, 0, 0, chunks);
				REQUIRE(!forest_blocks_below(&nothing, k, row, part +
											 answers.rest_min[end],
											 scratch.memory));
				spoil_rest(&much, c, N_TREES, N_REPEATED, chunks);
				much.roots = roots;
				REQUIRE(forest_blocks_below(&much, k, row, part +
											answers.rest_max[end] + 1,
											scratch.memory));
			}
			free(roots);
		}
		free(scratch.block);
	}
	proven();
	free(fast.memory.block);
	free(walk_buffer.block);
	answers_free(&answers);
	table_free(&rows);
	grove_free(&grove);
}

int
main(void)
{
	test_kernels();
	test_grown();
	test_invented();
	test_widths();
	test_search();
	test_sections();
	test_leaf_trees();
	test_many_trees();
	test_many_blocks();
	test_early_answers();
	return unit_done();
}
