/*-------------------------------------------------------------------------
 *
 * blocks_support.h
 *	  Comparison of every kernel with the reference walk.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BLOCKS_SUPPORT_H
#define BLOCKS_SUPPORT_H

#include "core/base/forest_rng.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_blocks_plan.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_walk.h"
#include "core/score/forest_wide.h"

#include "invent.h"
#include "support.h"
#include "unit.h"

static const char *const kernel_names[] = {
	"auto", "walk", "portable", "avx2", "avx512", "neon"
};

#define N_KERNELS	((ForestKernel) (FOREST_KERNEL_NEON + 1))

/* ---- buffers ---- */

/* Memory that ends where its block ends and is 8-byte aligned, no better. */
typedef struct Buffer
{
	uint8_t    *block;
	void	   *memory;
} Buffer;

/* Makes a buffer of "size" bytes of rubbish. */
static inline Buffer
buffer_make(size_t size, ForestRng *rng)
{
	size_t		pad = (size_t) 8 * forest_rng_below(rng, 8);
	Buffer		buffer = {allocate(pad + size), NULL};

	memset(buffer.block, (int) forest_rng_below(rng, 256), pad + size);
	buffer.memory = buffer.block + pad;
	return buffer;
}

/* ---- every form of a forest ---- */

/* Opens the forest's model and builds its walk; the caller frees the buffer. */
static inline Buffer
build_walk(const Grove *grove, ForestWalk *walk, ForestRng *rng)
{
	ForestView	view;
	ForestFault fault;
	size_t		len;
	uint8_t    *bytes = model_bytes(&grove->parts, &len);
	Buffer		buffer;

	if (!REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
	{
		printf("Bail out! %s %llu\n", fault.rule,
			   (unsigned long long) fault.position);
		exit(2);
	}
	buffer = buffer_make((size_t) forest_walk_size(&view), rng);
	forest_walk_build(&view, buffer.memory, walk);
	free(bytes);
	return buffer;
}

/* What the walk says of a table of rows, so that it can go. */
typedef struct Answers
{
	uint32_t	n_trees;
	int64_t    *values;			/* of each row in each tree */
	int64_t    *sums;			/* of each row */
	int64_t    *rest_min;		/* least that trees i and later can add */
	int64_t    *rest_max;
} Answers;

static inline void
answers_init(Answers *answers, const ForestWalk *walk, const Table *rows)
{
	uint32_t	n = walk->n_trees;
	uint32_t	end = walk->n_nodes;
	double	   *slots = allocate(2 * (size_t) walk->n_columns *
								 sizeof(double));

	answers->n_trees = n;
	answers->values = allocate((size_t) rows->n_rows * n * sizeof(int64_t));
	answers->sums = allocate(rows->n_rows * sizeof(int64_t));
	answers->rest_min = allocate((n + (size_t) 1) * sizeof(int64_t));
	answers->rest_max = allocate((n + (size_t) 1) * sizeof(int64_t));
	for (uint32_t i = 0; i < rows->n_rows; i++)
	{
		int64_t		sum = 0;

		forest_walk_slots(walk, table_at(rows, i, 0), slots);
		for (uint32_t t = 0; t < n; t++)
			sum += answers->values[(size_t) i * n + t] =
				walk->values[forest_walk_leaf(walk, t, slots)];
		answers->sums[i] = sum;
		REQUIRE(forest_walk_sum(walk, slots) == sum);
	}
	answers->rest_min[n] = answers->rest_max[n] = 0;
	for (uint32_t t = n; t-- > 0; end = walk->roots[t])
	{
		int64_t		min = INT64_MAX;
		int64_t		max = INT64_MIN;

		for (uint32_t i = walk->roots[t]; i < end; i++)
		{
			if (walk->nodes[i].child != i)
				continue;
			min = walk->values[i] < min ? walk->values[i] : min;
			max = walk->values[i] > max ? walk->values[i] : max;
		}
		answers->rest_min[t] = answers->rest_min[t + 1] + min;
		answers->rest_max[t] = answers->rest_max[t + 1] + max;
	}
	free(slots);
}

static inline void
answers_free(Answers *answers)
{
	free(answers->values);
	free(answers->sums);
	free(answers->rest_min);
	free(answers->rest_max);
}

/* What trees 0 .. n_trees - 1 add to the sum of row i. */
static inline int64_t
answers_part(const Answers *answers, uint32_t i, uint32_t n_trees)
{
	const int64_t *values = answers->values + (size_t) i * answers->n_trees;
	int64_t		sum = 0;

	for (uint32_t t = 0; t < n_trees; t++)
		sum += values[t];
	return sum;
}

/* The fast form of a forest, if it has one, in a buffer of its own. */
typedef struct Fast
{
	ForestBlocksPlan plan;
	bool		built;
	ForestBlocks blocks;
	Buffer		memory;
} Fast;

static inline void
fast_init(Fast *fast, const ForestWalk *walk, const uint32_t *n_categories,
		  ForestRng *rng)
{
	Buffer		temporary =
		buffer_make((size_t) forest_blocks_temporary_size(walk), rng);

	memset(fast, 0xA5, sizeof(*fast));
	forest_blocks_plan(walk, n_categories, temporary.memory, &fast->plan);
	fast->built = fast->plan.possible;
	fast->memory.block = NULL;
	if (fast->built)
	{
		fast->memory = buffer_make((size_t) fast->plan.size, rng);
		forest_blocks_build(walk, n_categories, &fast->plan,
							fast->memory.memory, temporary.memory,
							&fast->blocks);
	}
	free(temporary.block);
}

/* ---- comparing kernels with the walk ---- */

/*
 * Compares a kernel's answers with limits around and far from the sum of row
 * i, and where the trees up to a chunk's end just decide.
 */
static inline bool
check_limits(const ForestBlocks *blocks, ForestKernel kernel,
			 const Table *rows, const Answers *answers, uint32_t i,
			 void *scratch, ForestRng *rng)
{
	const ForestChunk *chunk =
		&blocks->chunks[forest_rng_below(rng, blocks->n_chunks)];
	uint32_t	end = chunk->first_tree + chunk->n_trees;
	int64_t		part = answers_part(answers, i, end);
	int64_t		min = part + answers->rest_min[end];
	int64_t		max = part + answers->rest_max[end];
	int64_t		sum = answers->sums[i];
	const int64_t limits[] = {
		sum - 1, sum, sum + 1, sum / 2, sum + sum / 2, -1, 0, 1, INT64_MIN,
		INT64_MAX, sum - sum / 50, sum + sum / 50,
		min - 1, min, min + 1, max - 1, max, max + 1,
		(int64_t) forest_rng_below64(rng, 2 * (uint64_t) sum + 2)
	};

	for (size_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++)
	{
		if (!REQUIRE(forest_blocks_below(blocks, kernel, table_at(rows, i, 0),
										 limits[k], scratch) ==
					 (sum < limits[k])))
		{
			printf("# kernel %s, sum %lld, limit %lld\n", kernel_names[kernel],
				   (long long) sum, (long long) limits[k]);
			return false;
		}
	}
	return true;
}

/* Compares one kernel with the walk, up to the first row that fails. */
static inline void
check_kernel(const ForestBlocks *blocks, ForestKernel kernel,
			 const Table *rows, const Answers *answers, ForestRng *rng)
{
	size_t		size = forest_blocks_scratch_size(blocks);
	Buffer		scratch = buffer_make(size, rng);

	for (uint32_t i = 0; i < rows->n_rows; i++)
	{
		int64_t		sum = forest_blocks_sum(blocks, kernel,
											table_at(rows, i, 0),
											scratch.memory);

		if (!REQUIRE(sum == answers->sums[i]))
		{
			printf("# kernel %s, row %u: %lld, the walk has %lld\n",
				   kernel_names[kernel], i, (long long) sum,
				   (long long) answers->sums[i]);
			break;
		}
		if (i % 8 == 0 && !check_limits(blocks, kernel, rows, answers, i,
										scratch.memory, rng))
			break;
		/* what an earlier row left behind must not matter, nor rubbish */
		if (i % 16 == 0)
			memset(scratch.memory, (int) forest_rng_below(rng, 256), size);
	}
	free(scratch.block);
}

/* Compares a kernel's sums of any number of rows at once. */
static inline void
check_batch(const ForestBlocks *blocks, ForestKernel kernel,
			const Table *rows, const Answers *answers, ForestRng *rng)
{
	uint32_t	d = blocks->n_features;
	uint32_t	n = 1 + forest_rng_below(rng, FOREST_BATCH_ROWS);
	Buffer		scratch = buffer_make(forest_blocks_batch_size(blocks), rng);
	double	   *values = allocate((size_t) n * d * sizeof(double));
	int64_t    *sums = allocate(n * sizeof(int64_t));

	for (uint32_t i = 0; i < n; i++)
		memcpy(values + (size_t) i * d, table_at(rows, i % rows->n_rows, 0),
			   d * sizeof(double));
	forest_blocks_sums(blocks, kernel, values, n, sums, scratch.memory);
	for (uint32_t i = 0; i < n; i++)
	{
		if (!REQUIRE(sums[i] == answers->sums[i % rows->n_rows]))
		{
			printf("# kernel %s, row %u of %u at once\n",
				   kernel_names[kernel], i, n);
			break;
		}
	}
	free(sums);
	free(values);
	free(scratch.block);
}

/*
 * Compares the form for wide rows with the walk, on the rows as they are and
 * as numbers of 32 bits.  Returns whether it has nodes for those.
 */
static inline bool
check_wide(const ForestWalk *walk, const Table *rows, const Answers *answers,
		   ForestRng *rng)
{
	uint32_t	d = walk->n_features;
	Buffer		memory = buffer_make((size_t) forest_wide_size(walk), rng);
	Buffer		scratch = buffer_make(forest_wide_scratch_size(walk), rng);
	double	   *slots = allocate(2 * (size_t) walk->n_columns * sizeof(double));
	double	   *row = allocate(d * sizeof(double));
	ForestWide	wide;

	forest_wide_build(walk, memory.memory, &wide);
	for (uint32_t i = 0; i < rows->n_rows; i++)
	{
		for (uint32_t f = 0; f < d; f++)
			row[f] = (float) *table_at(rows, i, f);
		forest_walk_slots(walk, row, slots);
		if (!REQUIRE(forest_wide_sum(&wide, row, scratch.memory) ==
					 forest_walk_sum(walk, slots)) ||
			!REQUIRE(forest_wide_sum(&wide, table_at(rows, i, 0),
									 scratch.memory) == answers->sums[i]))
		{
			printf("# wide form, row %u\n", i);
			break;
		}
	}
	free(row);
	free(slots);
	free(scratch.block);
	free(memory.block);
	return wide.nodes != NULL;
}

/* What a forest was found to be. */
typedef struct Outcome
{
	bool		narrow;			/* the wide form has nodes for 32 bits */
	bool		built;			/* and compared */
	uint32_t	n_chunks;
	uint32_t	n_bands;
	uint32_t	n_blocks;
	uint32_t	n_values;
	uint32_t	flat_levels;
	uint32_t	width;
	uint32_t	search_levels;	/* greatest of a band */
} Outcome;

/*
 * Builds the fast forms of a forest and requires, of every kernel that this
 * processor has, and of the form for wide rows, the walk's sums.  "n_categories" per feature, NULL for the
 * model's own.
 */
static inline Outcome
compare_forms(const Grove *grove, const Table *rows,
			  const uint32_t *n_categories, ForestRng *rng)
{
	uint32_t	d = grove->parts.summary.n_features;
	uint32_t   *n = allocate(d * sizeof(uint32_t));
	ForestRng	own;
	ForestWalk	walk;
	Buffer		walk_buffer;
	Answers		answers;
	Fast		fast;
	Outcome		outcome = {0};

	/* what the caller draws next must not depend on the kernels there are */
	forest_rng_init(&own, forest_rng_next(rng), 0);
	walk_buffer = build_walk(grove, &walk, &own);
	for (uint32_t f = 0; f < d; f++)
		n[f] = n_categories != NULL ? n_categories[f] :
			grove->features[f].n_categories;
	answers_init(&answers, &walk, rows);
	fast_init(&fast, &walk, n, &own);
	outcome.narrow = check_wide(&walk, rows, &answers, &own);
	free(n);					/* the fast form does without */
	free(walk_buffer.block);

	outcome.built = fast.built;
	outcome.n_blocks = fast.plan.n_blocks;
	outcome.n_values = fast.plan.n_values;
	outcome.flat_levels = fast.plan.flat_levels;
	if (fast.built)
	{
		outcome.n_chunks = fast.blocks.n_chunks;
		outcome.n_bands = fast.blocks.n_bands;
		outcome.width = fast.blocks.width;
		for (uint32_t s = 0; s < fast.blocks.n_bands; s++)
		{
			if (fast.blocks.bands[s].levels > outcome.search_levels)
				outcome.search_levels = fast.blocks.bands[s].levels;
		}
		for (ForestKernel k = FOREST_KERNEL_PORTABLE; k < N_KERNELS; k++)
		{
			if (!forest_kernel_available(k))
				continue;
			check_kernel(&fast.blocks, k, rows, &answers, &own);
			check_batch(&fast.blocks, k, rows, &answers, &own);
		}
	}
	free(fast.memory.block);
	answers_free(&answers);
	return outcome;
}

/* As compare_forms, with random rows. */
static inline Outcome
compare_near_cuts(const Grove *grove, uint32_t n_rows, ForestRng *rng)
{
	Table		rows;
	Outcome		outcome;

	rows_near_cuts(&rows, &grove->parts, n_rows, rng);
	outcome = compare_forms(grove, &rows, NULL, rng);
	table_free(&rows);
	return outcome;
}

#endif							/* BLOCKS_SUPPORT_H */
