/*-------------------------------------------------------------------------
 *
 * forest_blocks.h
 *	  The fast form of a forest for scoring: ranks and blocks.
 *
 * A row's values become ranks once: how many cuts of the forest on that
 * feature are below the value.  A node then compares small integers.  Four
 * levels of a tree, 15 nodes, are one block of one cache line, whose
 * comparisons are made at once where the processor can: the 15 results are a
 * bit mask, from which the way through the block follows by a small table.
 *
 * Ranks must fit a byte, so trees are gathered in chunks that have at most
 * 255 cuts on a feature, each with ranks of its own.  Searching all cuts of a
 * chunk for each chunk would be slow; so up to 16 chunks form a section,
 * whose cuts are searched together, and a map gives the rank in each chunk.
 *
 * Splits on categories are not comparisons.  Their results for every
 * category are known beforehand, and are or'ed into the masks.
 *
 * Every number below is the same whichever kernel reads it, and every kernel
 * gives the same sum as forest_walk_sum.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BLOCKS_H
#define FOREST_BLOCKS_H

#include "forest.h"

#define FOREST_BLOCK_NODES		15
#define FOREST_BLOCK_EXITS		16
#define FOREST_BLOCK_LEVELS		4
#define FOREST_CHUNK_CUTS		255 /* on a feature */
#define FOREST_CHUNK_BLOCKS		0x7FFF
#define FOREST_SECTION_CHUNKS	16
#define FOREST_BLOCKS_FEATURES	128 /* most that slots can name */
#define FOREST_SEARCH_KEYS		16	/* of a node of the search tree */
#define FOREST_SEARCH_LEVELS	3	/* 16 * 17^2 > 16 * 255 */

/* An exit that is a leaf: FOREST_EXIT_LEAF | index of its value. */
#define FOREST_EXIT_LEAF		0x8000
#define FOREST_MAX_VALUES		0x8000

/* A rank as stored: less 128, so that signed comparisons do. */
#define FOREST_RANK(rank)		((int8_t) ((int) (rank) - 128))
/* The cut that no rank is above, and the rank that is above all others. */
#define FOREST_NEVER_RIGHT		INT8_MAX
#define FOREST_ALWAYS_RIGHT		INT8_MAX

/*
 * Four levels of a tree, in level order.  slots[i] says where in the rank
 * table node i finds its rank, which is compared with cuts[i]: above goes
 * right.  Where the tree ends early, nodes that never go right lead to the
 * leftmost exit below.  The last entry of slots and cuts is unused.
 */
typedef struct ForestBlock
{
	uint8_t		slots[FOREST_BLOCK_EXITS];
	int8_t		cuts[FOREST_BLOCK_EXITS];
	uint16_t	exits[FOREST_BLOCK_EXITS];	/* block of the chunk, or leaf */
} ForestBlock;

/* Trees with a rank table of their own. */
typedef struct ForestChunk
{
	uint32_t	first_tree;
	uint32_t	n_trees;
	uint32_t	first_block;
	uint32_t	n_blocks;
	uint32_t	levels;			/* blocks on the longest path */
	int64_t		rest_min;		/* least that all later chunks can add */
	int64_t		rest_max;		/* most */
} ForestChunk;

/* Chunks whose cuts are searched together. */
typedef struct ForestSection
{
	uint32_t	first_chunk;
	uint32_t	n_chunks;
	uint32_t	levels;			/* of the search trees */
	const double *const *keys;	/* per feature and level: nodes of 16 keys */
	const int8_t *const *maps;	/* per feature: n_chunks ranks for each rank */
} ForestSection;

typedef struct ForestBlocks
{
	uint32_t	n_features;
	uint32_t	width;			/* 16, 32, 64 or 128 features in a table */
	uint32_t	n_trees;
	uint32_t	scale;
	uint32_t	n_chunks;
	uint32_t	n_sections;
	uint32_t	n_blocks;
	uint32_t	bits_stride;	/* uint16s per category: n_blocks, padded */
	const uint8_t *is_category;
	const ForestSection *sections;
	const ForestChunk *chunks;
	const uint16_t *roots;		/* exit that each tree begins with */
	const ForestBlock *blocks;
	const int64_t *values;		/* the leaves' different values */

	/*
	 * Per categorical feature: bits_stride masks for each category, then for
	 * an unseen one, then for a missing value.  All NULL without any.
	 */
	const uint16_t *const *bits;
	const uint32_t *n_categories;
	bool		some_category;
} ForestBlocks;

/* ---- forest_blocks.c ---- */

/* How a forest divides into chunks and sections, and what it takes. */
typedef struct ForestBlocksPlan
{
	bool		possible;		/* the forest fits this form */
	uint32_t	n_chunks;
	uint32_t	n_sections;
	uint32_t	n_blocks;
	uint64_t	size;			/* bytes that forest_blocks_build needs */
	uint64_t	temporary;		/* bytes it needs while it runs */
} ForestBlocksPlan;

extern uint64_t forest_blocks_plan_size(const ForestWalk *walk);
extern void forest_blocks_plan(const ForestWalk *walk,
							   const uint32_t *n_categories,
							   void *temporary, ForestBlocksPlan *plan);
extern bool forest_blocks_build(const ForestWalk *walk,
								const uint32_t *n_categories,
								const ForestBlocksPlan *plan,
								void *memory, void *temporary,
								ForestBlocks *blocks);

/* ---- forest_kernel.c ---- */

typedef enum ForestKernel
{
	FOREST_KERNEL_AUTO,			/* the fastest this processor has */
	FOREST_KERNEL_WALK,			/* forest_walk_sum */
	FOREST_KERNEL_PORTABLE,
	FOREST_KERNEL_AVX2,
	FOREST_KERNEL_AVX512,
	FOREST_KERNEL_NEON
} ForestKernel;

/*
 * The steps of a kernel.  "rank" fills the tables of a section's chunks from
 * a row and tells whether a value was missing; "sum" adds up a chunk's
 * trees.
 */
typedef struct ForestKernelSteps
{
	bool		(*rank) (const ForestBlocks *blocks,
						 const ForestSection *section, const double *row,
						 int8_t *tables);
	int64_t		(*sum) (const ForestBlocks *blocks, const ForestChunk *chunk,
						const int8_t *table, const uint16_t *bits,
						bool some_missing);
} ForestKernelSteps;

extern bool forest_kernel_available(ForestKernel kernel);
extern ForestKernel forest_kernel_best(void);
extern size_t forest_blocks_scratch_size(const ForestBlocks *blocks);
extern int64_t forest_blocks_sum(const ForestBlocks *blocks,
								 ForestKernel kernel, const double *row,
								 void *scratch);
extern bool forest_blocks_below(const ForestBlocks *blocks,
								ForestKernel kernel, const double *row,
								int64_t limit, void *scratch);

#endif							/* FOREST_BLOCKS_H */
