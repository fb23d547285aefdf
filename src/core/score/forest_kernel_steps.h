/*-------------------------------------------------------------------------
 *
 * forest_kernel_steps.h
 *	  The body of a kernel.
 *
 * A kernel's file includes forest_kernel.h, defines these, then includes
 * this:
 *
 *	  KernelTable
 *		type of a rank table, as the kernel holds it
 *	  block_exit(const ForestBlock *block, const KernelTable *table,
 *				 uint32_t bits)
 *		returns the exit of a block; "bits" are nodes that go right for
 *		another reason than their rank
 *	  KERNEL_VECTOR
 *		bytes of its vectors, if they are not 16
 *	  KERNEL_SIZES
 *		if its tables have a size n, which is 1, 2 or 4
 *	  KERNEL_LANES
 *		how many trees to walk side by side, if not 6
 *	  KERNEL_TOGETHER, as true
 *		if it has a block_exits of its own, see below, which is faster than
 *		one block_exit after the other
 *	  KERNEL_SPILLS(table)
 *		if its tables may be so large that they and some trees do not fit the
 *		processor's registers: whether this one is
 *	  search_node(const double *keys, double v)
 *		returns how many of 16 ascending keys are below v
 *
 * and puts kernel_rank, kernel_gather and its own call of kernel_sum into its
 * ForestKernelSteps.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

/*
 * Trees walked side by side in registers, to hide the latency of each.
 * Measured: with fewer the processor waits, with more the lanes no longer fit.
 */
#ifndef KERNEL_LANES
#define KERNEL_LANES 6
#endif

/* Trees walked side by side in memory; their blocks fit the nearest cache. */
#define KERNEL_TREES 128

#ifndef KERNEL_SPILLS
#define KERNEL_SPILLS(table) false
#endif

#if defined(__GNUC__)
#define KERNEL_INLINE static inline __attribute__((always_inline))
#else
#define KERNEL_INLINE static inline
#endif

/*
 * Fills a section's table with a row's ranks.  All features go down their
 * search trees together, level by level: so their loads overlap.
 */
static bool
kernel_rank(const ForestBlocks *blocks, const ForestSection *section,
			const double *row, int16_t *table)
{
	uint32_t	d = blocks->n_features;
	uint32_t	last = section->levels - 1;
	uint32_t	nodes[FOREST_BLOCKS_FEATURES];
	bool		some_missing = false;

	memset(nodes, 0, d * sizeof(uint32_t));
	for (uint32_t level = 0; level <= last; level++)
	{
		const double *const *keys = section->keys + level;
		uint32_t	fanout = FOREST_SEARCH_KEYS + (level < last);

		for (uint32_t f = 0; f < d; f++)
			nodes[f] = nodes[f] * fanout +
				search_node(keys[(size_t) f * FOREST_SEARCH_LEVELS] +
							(size_t) nodes[f] * FOREST_SEARCH_KEYS, row[f]);
	}
	for (uint32_t f = 0; f < d; f++)
	{
		int16_t		rank = FOREST_RANK(nodes[f]);
		bool		missing = isnan(row[f]);

		table[f] = rank;
		table[blocks->width + f] = missing ? FOREST_ALWAYS_RIGHT : rank;
		some_missing |= missing;
	}
	return some_missing;
}

/* Which of a feature's masks apply to a value: its code, unseen, missing. */
static uint32_t
category_index(double value, uint32_t n_categories)
{
	if (isnan(value))
		return n_categories + 1;
	return value < n_categories ? (uint32_t) value : n_categories;
}

/* Masks in one vector of the processor. */
#ifndef KERNEL_VECTOR
#define KERNEL_VECTOR 16
#endif
typedef uint16_t KernelMasks __attribute__((vector_size(KERNEL_VECTOR)));

/* Ors the masks of a row's categories together; "bits" is bits_stride long. */
static void
kernel_gather(const ForestBlocks *blocks, const double *row, uint16_t *bits)
{
	const uint16_t *masks[FOREST_BLOCKS_FEATURES];
	uint32_t	n = 0;

	for (uint32_t f = 0; f < blocks->n_features; f++)
	{
		if (blocks->bits[f] != NULL)
			masks[n++] = blocks->bits[f] + (size_t) blocks->bits_stride *
				category_index(row[f], blocks->n_categories[f]);
	}
	for (uint32_t i = 0; i < blocks->bits_stride;
		 i += KERNEL_VECTOR / sizeof(uint16_t))
	{
		KernelMasks all = {0};

		for (uint32_t k = 0; k < n; k++)
		{
			KernelMasks some;

			memcpy(&some, masks[k] + i, sizeof(some));
			all |= some;
		}
		memcpy(bits + i, &all, sizeof(all));
	}
}

/* The exit that a row takes from block i, counted from the first. */
KERNEL_INLINE uint32_t
kernel_exit(const ForestBlock *block, const KernelTable *table,
			const uint16_t *bits, size_t i)
{
	return block->exits[block_exit(block, table, bits != NULL ? bits[i] : 0)];
}

#ifndef KERNEL_TOGETHER
#define KERNEL_TOGETHER false

/* As block_exit, for KERNEL_LANES blocks. */
KERNEL_INLINE void
block_exits(const ForestBlock *const blocks[KERNEL_LANES],
			const KernelTable *table, const uint32_t bits[KERNEL_LANES],
			uint32_t exits[KERNEL_LANES])
{
	for (uint32_t k = 0; k < KERNEL_LANES; k++)
		exits[k] = block_exit(blocks[k], table, bits[k]);
}
#endif

/* The exits that a row takes from the blocks at[k] - first. */
KERNEL_INLINE void
kernel_lane_exits(const ForestBlock *all, const KernelTable *table,
				  const uint16_t *bits, const uint32_t at[KERNEL_LANES],
				  size_t first, uint32_t exits[KERNEL_LANES])
{
	const ForestBlock *blocks[KERNEL_LANES];
	uint32_t	masks[KERNEL_LANES];

	for (uint32_t k = 0; k < KERNEL_LANES; k++)
	{
		blocks[k] = &all[at[k] - first];
		masks[k] = bits != NULL ? bits[at[k] - first] : 0;
	}
	block_exits(blocks, table, masks, exits);
	for (uint32_t k = 0; k < KERNEL_LANES; k++)
		exits[k] = blocks[k]->exits[exits[k]];
}

/*
 * Asks for block i ahead of its use.  There need not be such a block: where a
 * way has ended, i says nothing, and asking does no harm.
 */
KERNEL_INLINE void
kernel_prefetch(const ForestBlock *all, size_t i)
{
	forest_prefetch((const void *) ((uintptr_t) all +
									i * sizeof(ForestBlock)));
}

/* Walks KERNEL_LANES flat trees side by side, from their roots, in "at". */
KERNEL_INLINE void
kernel_walk_lanes(const ForestBlocks *blocks, const KernelTable *table,
				  const uint16_t *bits, uint32_t flat_levels,
				  uint32_t at[KERNEL_LANES])
{
	const ForestBlock *all = blocks->blocks;

	for (uint32_t level = 0; level < flat_levels; level++)
	{
		uint32_t	exits[KERNEL_LANES];

		if (KERNEL_TOGETHER)
			kernel_lane_exits(all, table, bits, at, 0, exits);
		for (uint32_t k = 0; k < KERNEL_LANES; k++)
			at[k] = forest_child(&all[at[k]], KERNEL_TOGETHER ? exits[k] :
								 kernel_exit(&all[at[k]], table, bits, at[k]));
	}
}

/* Adds up the values of n_trees flat trees, some at a time in registers. */
KERNEL_INLINE int64_t
kernel_sum_lanes(const ForestBlocks *blocks, uint32_t first_tree,
				 uint32_t n_trees, const KernelTable *table,
				 const uint16_t *bits, uint32_t flat_levels)
{
	const uint32_t *roots = blocks->roots + first_tree;
	const int64_t *values = blocks->values;
	uint32_t	at[KERNEL_LANES];
	uint32_t	tree = 0;
	int64_t		sum = 0;

	for (; tree + KERNEL_LANES <= n_trees; tree += KERNEL_LANES)
	{
		for (uint32_t k = 0; k < KERNEL_LANES; k++)
			at[k] = roots[tree + k];
		kernel_walk_lanes(blocks, table, bits, flat_levels, at);
		for (uint32_t k = 0; k < KERNEL_LANES; k++)
			sum += values[at[k]];
	}
	if (tree == n_trees)
		return sum;

	/* lanes without a tree of their own repeat the last one */
	for (uint32_t k = 0; k < KERNEL_LANES; k++)
		at[k] = roots[tree + k < n_trees ? tree + k : n_trees - 1];
	kernel_walk_lanes(blocks, table, bits, flat_levels, at);
	for (uint32_t k = 0; k < n_trees - tree; k++)
		sum += values[at[k]];
	return sum;
}

/*
 * Adds up the values of n_trees flat trees, at most KERNEL_TREES.  All take a
 * step in each round; blocks are asked for a round before they are needed.
 */
KERNEL_INLINE int64_t
kernel_sum_flat(const ForestBlocks *blocks, uint32_t first_tree,
				uint32_t n_trees, const KernelTable *table,
				const uint16_t *bits, uint32_t flat_levels)
{
	const ForestBlock *all = blocks->blocks;
	uint32_t	at[KERNEL_TREES];
	int64_t		sum = 0;

	memcpy(at, blocks->roots + first_tree, n_trees * sizeof(uint32_t));
	for (uint32_t level = 1; level < flat_levels; level++)
	{
		for (uint32_t k = 0; k < n_trees; k++)
		{
			at[k] = forest_child(&all[at[k]],
								 kernel_exit(&all[at[k]], table, bits, at[k]));
			kernel_prefetch(all, at[k]);
		}
	}
	for (uint32_t k = 0; k < n_trees; k++)
		sum += blocks->values[forest_child(&all[at[k]],
										   kernel_exit(&all[at[k]], table,
													   bits, at[k]))];
	return sum;
}

/*
 * Moves the n blocks "from" to "to", and the numbers of values among them,
 * which are below n_values, behind the *n_ended in "ended".  Returns how many
 * blocks there were.  No condition: what ends is not to be foreseen.
 */
KERNEL_INLINE uint32_t
kernel_part(const uint32_t *restrict from, uint32_t n, uint32_t n_values,
			uint32_t *restrict to, uint32_t *restrict ended,
			uint32_t *n_ended)
{
	uint32_t	n_to = 0;

	for (uint32_t k = 0; k < n; k++)
	{
		bool		end = from[k] < n_values;

		to[n_to] = ended[*n_ended] = from[k];
		n_to += !end;
		*n_ended += end;
	}
	return n_to;
}

/*
 * Adds up the values of n_trees trees, at most KERNEL_TREES, whose ways end
 * at different depths.  Those under way take a step in each round.
 */
KERNEL_INLINE int64_t
kernel_sum_deep(const ForestBlocks *blocks, uint32_t first_tree,
				uint32_t n_trees, const KernelTable *table,
				const uint16_t *bits)
{
	const ForestBlock *all = blocks->blocks;
	size_t		first = blocks->first_block;
	uint32_t	at[KERNEL_TREES];
	uint32_t	to[KERNEL_TREES];
	uint32_t	ended[KERNEL_TREES + 1];	/* kernel_part writes ahead */
	uint32_t	n_ended = 0;
	uint32_t	n = kernel_part(blocks->roots + first_tree, n_trees,
								blocks->first_block, at, ended, &n_ended);
	int64_t		sum = 0;

	while (n > 0)
	{
		uint32_t	k = 0;

		for (; KERNEL_TOGETHER && k + KERNEL_LANES <= n; k += KERNEL_LANES)
		{
			uint32_t	exits[KERNEL_LANES];

			kernel_lane_exits(all, table, bits, at + k, first, exits);
			for (uint32_t j = 0; j < KERNEL_LANES; j++)
			{
				to[k + j] = forest_next(&all[at[k + j] - first], exits[j]);
				kernel_prefetch(all, to[k + j] - first);
			}
		}
		for (; k < n; k++)
		{
			size_t		i = at[k] - first;

			to[k] = forest_next(&all[i], kernel_exit(&all[i], table, bits, i));
			kernel_prefetch(all, to[k] - first);
		}
		n = kernel_part(to, n, blocks->first_block, at, ended, &n_ended);
	}
	for (uint32_t tree = 0; tree < n_trees; tree++)
		sum += blocks->values[ended[tree]];
	return sum;
}

/*
 * Adds up the values of n_trees trees.  "bits" are the masks of the row's
 * categories for all blocks, NULL if there are none.
 */
KERNEL_INLINE int64_t
kernel_sum_with(const ForestBlocks *blocks, uint32_t first_tree,
				uint32_t n_trees, const KernelTable *table,
				const uint16_t *bits, uint32_t flat_levels)
{
	uint32_t	end = first_tree + n_trees;
	int64_t		sum = 0;

	if (flat_levels > 0 && !KERNEL_SPILLS(table))
		return kernel_sum_lanes(blocks, first_tree, n_trees, table, bits,
								flat_levels);
	for (uint32_t tree = first_tree; tree < end; tree += KERNEL_TREES)
	{
		uint32_t	n = end - tree < KERNEL_TREES ? end - tree : KERNEL_TREES;

		sum += flat_levels > 0 ?
			kernel_sum_flat(blocks, tree, n, table, bits, flat_levels) :
			kernel_sum_deep(blocks, tree, n, table, bits);
	}
	return sum;
}

/* As kernel_sum_with, compiled for the cases that are worth it. */
KERNEL_INLINE int64_t
kernel_sum(const ForestBlocks *blocks, uint32_t first_tree, uint32_t n_trees,
		   const KernelTable *table, const uint16_t *bits)
{
	if (bits != NULL)
		return kernel_sum_with(blocks, first_tree, n_trees, table, bits,
							   blocks->flat_levels);
	if (blocks->flat_levels == 2)
		return kernel_sum_with(blocks, first_tree, n_trees, table, NULL, 2);
	return kernel_sum_with(blocks, first_tree, n_trees, table, NULL,
						   blocks->flat_levels);
}

#ifdef KERNEL_SIZES
/*
 * As kernel_sum, for a table of any size: a constant n in each call lets the
 * compiler drop the tests on it.
 */
static int64_t
kernel_sum_sized(const ForestBlocks *blocks, uint32_t first_tree,
				 uint32_t n_trees, KernelTable *table, const uint16_t *bits)
{
	if (table->n == 1)
	{
		table->n = 1;
		return kernel_sum(blocks, first_tree, n_trees, table, bits);
	}
	if (table->n == 2)
	{
		table->n = 2;
		return kernel_sum(blocks, first_tree, n_trees, table, bits);
	}
	table->n = 4;
	return kernel_sum(blocks, first_tree, n_trees, table, bits);
}
#endif
