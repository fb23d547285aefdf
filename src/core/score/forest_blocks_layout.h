/*-------------------------------------------------------------------------
 *
 * forest_blocks_layout.h
 *	  What planning and building of the fast form share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BLOCKS_LAYOUT_H
#define FOREST_BLOCKS_LAYOUT_H

#include "core/base/forest_sort.h"
#include "core/forest.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_walk.h"

#define FOREST_BLOCKS_ALIGNMENT	64

/* A stretch of consecutive trees and what it holds. */
typedef struct ForestExtent
{
	uint32_t	n_trees;
	uint64_t	n_blocks;		/* where ways differ */
	uint64_t	n_flat_blocks;	/* where every way has as many */
	uint32_t	cuts[FOREST_BLOCKS_FEATURES];	/* splits on each column */
} ForestExtent;

/* Bytes handed out one after another, in the same order both times. */
typedef struct ForestArena
{
	uint8_t    *base;			/* NULL: count only */
	uint64_t	used;
} ForestArena;

/* Working memory; arrays have an entry per walk node. */
typedef struct ForestBuilder
{
	const ForestWalk *walk;
	const uint32_t *n_categories;
	ForestBlocks *blocks;
	ForestPair *pairs;
	ForestPair *sort_space;
	uint32_t   *queue;			/* root nodes of a tree's blocks */
	uint32_t   *queue_level;	/* of the block, 1 for the topmost */
	uint32_t   *value;			/* of a leaf, its number */
	uint32_t   *depth;			/* of a node */
	int16_t    *cut_index;		/* of a split, as ForestBlock has it */
	uint32_t   *column;			/* of each column of the walk, if ranked */
	uint32_t	n_columns;		/* ranked */
	uint32_t	n_terms;		/* of their projections */
	uint32_t	n_lines;		/* of the matrix of projections */
	uint32_t	line_features[FOREST_MAX_MATRIX / 8];
	double		centres[FOREST_MAX_MATRIX / 8];
	uint32_t	sources[FOREST_BLOCKS_FEATURES];	/* column of the walk */
	uint32_t	levels;			/* most blocks on a way */
} ForestBuilder;

/* Whether a ranked column has categories. */
static inline bool
forest_column_is_category(const ForestBuilder *b, uint32_t column)
{
	return b->walk->is_category[b->sources[column]] != 0;
}

/* Coefficients in a line of the matrix of n projections: whole vectors. */
static inline uint32_t
forest_matrix_stride(uint32_t n)
{
	return (n + 7) / 8 * 8;
}

/* Blocks on the way to a leaf at this depth. */
static inline uint32_t
forest_way_blocks(uint32_t depth)
{
	return (depth + FOREST_BLOCK_LEVELS - 1) / FOREST_BLOCK_LEVELS;
}

#endif							/* FOREST_BLOCKS_LAYOUT_H */
