/*-------------------------------------------------------------------------
 *
 * forest_blocks_layout.h
 *	  What planning and building of the fast form share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BLOCKS_LAYOUT_H
#define FOREST_BLOCKS_LAYOUT_H

#include "forest_blocks.h"
#include "forest_sort.h"

#define FOREST_BLOCKS_ALIGNMENT	64

/* A stretch of consecutive trees and what it holds. */
typedef struct ForestExtent
{
	uint32_t	n_trees;
	uint32_t	n_blocks;
	uint32_t	cuts[FOREST_BLOCKS_FEATURES];	/* splits on each number */
} ForestExtent;

/* Bytes handed out one after another, in the same order both times. */
typedef struct ForestArena
{
	uint8_t    *base;			/* NULL: count only */
	uint64_t	used;
} ForestArena;

/* Working memory; arrays have an entry per walk node unless said. */
typedef struct ForestBuilder
{
	const ForestWalk *walk;
	const uint32_t *n_categories;
	ForestBlocks *blocks;
	uint32_t	n_nodes;
	ForestPair *pairs;
	ForestPair *sort_space;
	uint32_t   *queue;			/* root nodes of a chunk's blocks */
	uint32_t   *queue_level;
	uint16_t   *value_index;	/* of a leaf */
	int8_t	   *cut_index;		/* of a split, as ForestBlock has it */
	uint8_t    *level;			/* depth of a node in its block */
} ForestBuilder;

/* One past the last node of a tree. */
static inline uint32_t
forest_tree_end(const ForestWalk *walk, uint32_t tree)
{
	return tree + 1 < walk->n_trees ? walk->roots[tree + 1] : walk->n_nodes;
}

static inline bool
forest_is_leaf(const ForestWalk *walk, uint32_t node)
{
	return walk->nodes[node].child == node;
}

static inline bool
forest_is_set(const ForestWalk *walk, uint32_t node)
{
	return (walk->nodes[node].slot & FOREST_WALK_SET) != 0;
}

/* The feature that a split asks for. */
static inline uint32_t
forest_split_feature(const ForestWalk *walk, uint32_t node)
{
	uint32_t	slot = walk->nodes[node].slot;

	return forest_is_set(walk, node) ? slot & FOREST_WALK_FEATURE : slot / 2;
}

/* Whether a missing value goes right at a split. */
static inline bool
forest_split_missing_right(const ForestWalk *walk, uint32_t node)
{
	uint32_t	slot = walk->nodes[node].slot;

	return forest_is_set(walk, node) ? (slot & FOREST_WALK_MISSING_RIGHT) != 0 :
		(slot & 1) != 0;
}

extern void forest_measure_chunk(const ForestWalk *walk, uint32_t tree,
								 uint8_t *level, ForestExtent *chunk);
extern void forest_search_tree_nodes(uint32_t m, uint32_t levels,
									 uint32_t n[]);
extern void forest_take_section(const ForestWalk *walk, const uint32_t *cuts,
								uint32_t n_chunks, ForestArena *arena,
								ForestSection *section);
extern void forest_take_fixed(const ForestWalk *walk,
							  const uint32_t *n_categories,
							  const ForestBlocksPlan *plan,
							  ForestArena *arena, ForestBlocks *blocks);
extern uint64_t forest_take_temporary(const ForestWalk *walk,
									  const ForestBlocksPlan *plan,
									  void *memory, ForestBuilder *b);
extern uint32_t forest_bits_stride(uint32_t n_blocks);

#endif							/* FOREST_BLOCKS_LAYOUT_H */
