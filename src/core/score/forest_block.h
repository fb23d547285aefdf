/*-------------------------------------------------------------------------
 *
 * forest_block.h
 *	  A block: four levels of a tree, and where its exits lead.
 *
 * The idea is QuickScorer's (Lucchese et al., SIGIR 2015) and its vector
 * forms' (V-QuickScorer, 2016), comparisons first and the way from a bit mask,
 * kept to four levels, so that a small table gives the exit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BLOCK_H
#define FOREST_BLOCK_H

#include <stddef.h>

#include "core/base/forest_bytes.h"
#include "core/forest.h"

#define FOREST_BLOCK_NODES		15
#define FOREST_BLOCK_EXITS		16
#define FOREST_BLOCK_LEVELS		4
#define FOREST_MAX_CUTS		65535	/* on a feature */
#define FOREST_CHUNK_TREES		24
#define FOREST_BATCH_ROWS		128	/* scored side by side */
#define FOREST_BLOCKS_FEATURES	128 /* most that slots can name */
#define FOREST_MAX_MATRIX		4096	/* coefficients of all projections */
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

#endif							/* FOREST_BLOCK_H */
