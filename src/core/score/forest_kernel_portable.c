/*-------------------------------------------------------------------------
 *
 * forest_kernel_portable.c
 *	  The block kernel in plain C: for processors without a kernel of their
 *	  own, and for forests too wide for the others.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_kernel.h"

typedef struct KernelTable
{
	const int16_t *ranks;
} KernelTable;

/* Walks the block's four levels; compares only the nodes on the way. */
static inline uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	size_t		i = 0;

	for (int level = 0; level < FOREST_BLOCK_LEVELS; level++)
	{
		bool		right = table->ranks[block->slots[i]] > block->cuts[i];

		i = 2 * i + 1 + (right | (bits >> i & 1));
	}
	return (uint32_t) i - FOREST_BLOCK_NODES;
}

/* Measured: ten blocks together are best. */
#define KERNEL_TOGETHER
#define KERNEL_LANES	8

/*
 * As block_exit, for KERNEL_LANES blocks, which go down together: so each has
 * the time of the others for its loads.
 */
static inline void
block_exits(const ForestBlock *const blocks[KERNEL_LANES],
			const KernelTable *table, const uint32_t bits[KERNEL_LANES],
			uint32_t exits[KERNEL_LANES])
{
	size_t		i[KERNEL_LANES] = {0};

	for (int level = 0; level < FOREST_BLOCK_LEVELS; level++)
	{
		for (uint32_t k = 0; k < KERNEL_LANES; k++)
		{
			const ForestBlock *block = blocks[k];
			bool		right = table->ranks[block->slots[i[k]]] >
				block->cuts[i[k]];

			i[k] = 2 * i[k] + 1 + (right | (bits[k] >> i[k] & 1));
		}
	}
	for (uint32_t k = 0; k < KERNEL_LANES; k++)
		exits[k] = (uint32_t) i[k] - FOREST_BLOCK_NODES;
}

/* Two doubles, and the outcome of comparing them: all ones where true. */
typedef double TwoKeys __attribute__((vector_size(16)));
typedef int64_t TwoMasks __attribute__((vector_size(16)));

/* Compares all 16 keys, two at a time. */
static inline uint32_t
search_node(const double *keys, double v)
{
	TwoKeys		value = {v, v};
	TwoMasks	below = {0, 0};

	for (int i = 0; i < FOREST_SEARCH_KEYS; i += 2)
	{
		TwoKeys		two;

		memcpy(&two, keys + i, sizeof(two));
		below += two < value;
	}
	return (uint32_t) -(below[0] + below[1]);
}

#include "core/score/forest_kernel_steps.inc"

/* A table stays where it is. */
static inline KernelTable
load_table(const int16_t *table, uint32_t used)
{
	KernelTable ranks = {table};

	(void) used;
	return ranks;
}

/* Nothing is too wide: both halves for all features that there may be. */
#define KERNEL_WIDEST	(2 * FOREST_BLOCKS_FEATURES)
#include "core/score/forest_kernel_batch.inc"

/* ForestKernelSteps.sum, for tables of any width. */
static int64_t
sum(const ForestBlocks *blocks, uint32_t first_tree, uint32_t n_trees,
	const int16_t *table, const ForestBits *bits, bool some_missing)
{
	KernelTable ranks = load_table(table,
								   forest_table_used(blocks, some_missing));

	return kernel_sum(blocks, first_tree, n_trees, &ranks, bits);
}

const ForestKernelSteps forest_kernel_portable = {
	kernel_project, kernel_rank, kernel_gather, sum, kernel_batch
};
