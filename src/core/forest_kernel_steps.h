/*-------------------------------------------------------------------------
 *
 * forest_kernel_steps.h
 *	  The body of a kernel.
 *
 * A kernel's file includes forest_kernel.h, defines these, then includes
 * this:
 *
 *	  KernelTable
 *		type of a chunk's rank table, as the kernel holds it
 *	  block_exit(const ForestBlock *block, const KernelTable *table,
 *				 uint32_t bits)
 *		returns the exit of a block; "bits" are nodes that go right for
 *		another reason than their rank
 *	  search_node(const double *keys, double v)
 *		returns how many of 16 ascending keys are below v
 *
 * and puts kernel_rank and its own call of kernel_sum into its
 * ForestKernelSteps.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

/*
 * Trees walked side by side, to hide the latency of each.  Measured: with
 * fewer the processor waits, with more the lanes no longer fit its registers.
 */
#define KERNEL_LANES 6

/*
 * Fills the tables of a section's chunks with a row's ranks.  The tables
 * begin at the section's first and are 2 * width bytes each: missing as the
 * lowest rank, then as the highest.
 */
static bool
kernel_rank(const ForestBlocks *blocks, const ForestSection *section,
			const double *row, int8_t *tables)
{
	uint32_t	width = blocks->width;
	bool		some_missing = false;

	for (uint32_t f = 0; f < blocks->n_features; f++)
	{
		const double *const *keys =
			section->keys + (size_t) f * FOREST_SEARCH_LEVELS;
		const int8_t *ranks;
		uint32_t	node = 0;
		bool		missing;

		/* no cuts: no node asks for it, or a category, which bits answer */
		if (section->maps[f] == NULL)
			continue;
		for (uint32_t level = 0; level + 1 < section->levels; level++)
			node = node * (FOREST_SEARCH_KEYS + 1) +
				search_node(keys[level] + (size_t) node * FOREST_SEARCH_KEYS,
							row[f]);
		node = node * FOREST_SEARCH_KEYS +
			search_node(keys[section->levels - 1] +
						(size_t) node * FOREST_SEARCH_KEYS, row[f]);

		ranks = section->maps[f] + (size_t) node * section->n_chunks;
		missing = isnan(row[f]);
		some_missing |= missing;
		for (uint32_t c = 0; c < section->n_chunks; c++)
		{
			int8_t	   *table = tables + (size_t) c * 2 * width + f;

			table[0] = ranks[c];
			table[width] = missing ? FOREST_ALWAYS_RIGHT : ranks[c];
		}
	}
	return some_missing;
}

/* Takes one tree one block further, unless it has reached its leaf. */
static inline uint32_t
kernel_step(const ForestBlock *blocks, const KernelTable *table,
			const uint16_t *bits, uint32_t at)
{
	bool		inside = at < FOREST_EXIT_LEAF;
	uint32_t	i = inside ? at : 0;
	uint32_t	exit = block_exit(&blocks[i], table, bits != NULL ? bits[i] : 0);
	uint32_t	next = blocks[i].exits[exit];

	return inside ? next : at;
}

/*
 * Adds up the leaf values of a chunk's trees.  "bits" are the masks of the
 * row's categories for the chunk's blocks, NULL if there are none.
 */
static inline int64_t
kernel_sum_with(const ForestBlocks *blocks, const ForestChunk *chunk,
				const KernelTable *table, const uint16_t *bits)
{
	const ForestBlock *first = blocks->blocks + chunk->first_block;
	const uint16_t *roots = blocks->roots + chunk->first_tree;
	const int64_t *values = blocks->values;
	int64_t		sum = 0;
	uint32_t	tree = 0;

	for (; tree + KERNEL_LANES <= chunk->n_trees; tree += KERNEL_LANES)
	{
		uint32_t	at[KERNEL_LANES];

		for (uint32_t k = 0; k < KERNEL_LANES; k++)
			at[k] = roots[tree + k];
		for (uint32_t level = 0; level < chunk->levels; level++)
		{
			for (uint32_t k = 0; k < KERNEL_LANES; k++)
				at[k] = kernel_step(first, table, bits, at[k]);
		}
		for (uint32_t k = 0; k < KERNEL_LANES; k++)
			sum += values[at[k] - FOREST_EXIT_LEAF];
	}
	for (; tree < chunk->n_trees; tree++)
	{
		uint32_t	at = roots[tree];

		while (at < FOREST_EXIT_LEAF)
			at = kernel_step(first, table, bits, at);
		sum += values[at - FOREST_EXIT_LEAF];
	}
	return sum;
}

/* As kernel_sum_with, compiled for both cases of "bits". */
static int64_t
kernel_sum(const ForestBlocks *blocks, const ForestChunk *chunk,
		   const KernelTable *table, const uint16_t *bits)
{
	if (bits == NULL)
		return kernel_sum_with(blocks, chunk, table, NULL);
	return kernel_sum_with(blocks, chunk, table, bits);
}
