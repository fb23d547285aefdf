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
 * In a forest of flat trees every way takes the same number of blocks, and
 * ends in the number of a value; a leaf further up is led on through blocks
 * that compare nothing.  Deep trees would need too many of those.  There a
 * way ends where the leaf is.
 *
 * Ranks are 16 bits wide.  Where a forest has more cuts on a feature, its
 * trees are divided in sections, each with ranks of its own.
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

#include <stddef.h>

#include "core/base/forest_bytes.h"
#include "core/forest.h"
#include "core/score/forest_walk.h"

#define FOREST_BLOCK_NODES		15
#define FOREST_BLOCK_EXITS		16
#define FOREST_BLOCK_LEVELS		4
#define FOREST_MAX_CUTS		65535	/* on a feature */
#define FOREST_CHUNK_TREES		24
#define FOREST_BATCH_ROWS		128	/* scored side by side */
#define FOREST_BLOCKS_FEATURES	128 /* most that slots can name */
#define FOREST_MAX_BLOCKS		(1 << 24)
#define FOREST_BITS_UNIT		32	/* masks in the widest vector */
#define FOREST_SEARCH_KEYS		16	/* of a node of the search tree */
#define FOREST_SEARCH_LEVELS	4	/* 16 * 17^3 > 65535 */

/*
 * Exits from here on are children of the block, the others values; except
 * that in flat forests the exits of the last blocks are all values.
 */
#define FOREST_EXIT_CHILD		240
#define FOREST_FLAT_VALUES		256 /* that exits can name there */

/* A rank as stored: less 32768, so that signed comparisons do. */
#define FOREST_RANK(rank)		((int16_t) ((int) (rank) - 32768))

/* The cut that no rank is above, and the rank that is above all others. */
#define FOREST_NEVER_RIGHT		INT16_MAX
#define FOREST_ALWAYS_RIGHT		INT16_MAX

/*
 * Four levels of a tree, in level order.  slots[i] says where in the rank
 * table node i finds its rank, which is compared with cuts[i]: above goes
 * right.  Where the tree ends early, nodes that never go right lead to the
 * leftmost exit below.  Kernels read slots and cuts in whole vectors of 16,
 * of which the last entry is whatever follows.
 */
typedef struct ForestBlock
{
	int16_t		cuts[FOREST_BLOCK_NODES];
	uint8_t		children[3];	/* see forest_child */
	uint8_t		slots[FOREST_BLOCK_NODES];
	uint8_t		exits[FOREST_BLOCK_EXITS];
} ForestBlock;

/*
 * What leads from an exit for a child to its block, if it is added to the
 * exit, modulo 2^24: the number of the first child less FOREST_EXIT_CHILD.
 * It is 0, but for higher bits, in a last block, whose exits are values.
 */
static inline uint32_t
forest_children(const ForestBlock *block)
{
	return forest_get32((const uint8_t *) block +
						offsetof(ForestBlock, children));
}

/* The block, or else the value, that an exit of such a block leads to. */
static inline uint32_t
forest_child(const ForestBlock *block, uint32_t exit)
{
	return (forest_children(block) + exit) & 0xFFFFFF;
}

/*
 * Where an exit of a block of a deep forest leads: to a block, or to a value,
 * whose number is below that of any block.
 */
static inline uint32_t
forest_next(const ForestBlock *block, uint32_t exit)
{
	/* all ones for a child; no condition: it would not be foreseen */
	uint32_t	child = 0 - ((FOREST_EXIT_CHILD - 1 - exit) >> 31);

	return ((forest_children(block) & child) + exit) & 0xFFFFFF;
}

/* Trees after which a sum may be known well enough. */
typedef struct ForestChunk
{
	uint32_t	first_tree;
	uint32_t	n_trees;
	int64_t		rest_min;		/* least that all later chunks can add */
	int64_t		rest_max;		/* most */
} ForestChunk;

/* Trees whose cuts are numbered, and searched, together. */
typedef struct ForestSection
{
	uint32_t	first_tree;
	uint32_t	n_trees;
	uint32_t	first_chunk;
	uint32_t	n_chunks;
	uint32_t	levels;			/* of the search trees */
	const double *const *keys;	/* per feature and level: nodes of 16 keys */
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
	uint32_t	first_block;	/* its number; below are those of values */
	uint32_t	flat_levels;	/* blocks on every way; 0 if they differ */
	uint32_t	bits_stride;	/* uint16s per category: blocks, padded */
	const uint8_t *is_category;
	const ForestSection *sections;
	const ForestChunk *chunks;
	const uint32_t *roots;		/* number that each tree begins with */
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

/* How a forest divides into sections, and what it takes. */
typedef struct ForestBlocksPlan
{
	bool		possible;		/* the forest fits this form */
	uint32_t	n_chunks;
	uint32_t	n_sections;
	uint32_t	n_blocks;
	uint32_t	n_values;
	uint32_t	flat_levels;	/* as in ForestBlocks */
	uint64_t	size;			/* bytes that forest_blocks_build needs */
} ForestBlocksPlan;

extern void forest_blocks_build(const ForestWalk *walk,
								const uint32_t *n_categories,
								const ForestBlocksPlan *plan,
								void *memory, void *temporary,
								ForestBlocks *blocks);

#endif							/* FOREST_BLOCKS_H */
