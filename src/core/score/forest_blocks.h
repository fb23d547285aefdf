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
 * trees are divided in bands, each with ranks of its own.
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

#include "core/forest.h"
#include "core/score/forest_block.h"
#include "core/score/forest_walk.h"

/* Trees after which a sum may be known well enough. */
typedef struct ForestChunk
{
	uint32_t	first_tree;
	uint32_t	n_trees;
	int64_t		rest_min;		/* least that all later chunks can add */
	int64_t		rest_max;		/* most */
} ForestChunk;

/* Trees whose cuts are numbered, and searched, together. */
typedef struct ForestBand
{
	uint32_t	first_tree;
	uint32_t	n_trees;
	uint32_t	first_chunk;
	uint32_t	n_chunks;
	uint32_t	levels;			/* of the search trees */
	const double *const *keys;	/* per column and level: nodes of 16 keys */
} ForestBand;

typedef struct ForestBlocks
{
	uint32_t	n_features;		/* of a row */
	uint32_t	n_columns;		/* that are ranked */
	uint32_t	width;			/* 16, 32, 64 or 128 columns in a table */
	uint32_t	n_trees;
	uint32_t	scale;
	uint32_t	n_chunks;
	uint32_t	n_bands;
	uint32_t	n_blocks;
	uint32_t	first_block;	/* its number; below are those of values */
	uint32_t	flat_levels;	/* blocks on every way; 0 if they differ */
	uint32_t	bits_stride;	/* uint16s per category: blocks, padded */
	const ForestBand *bands;
	const ForestChunk *chunks;
	const uint32_t *roots;		/* number that each tree begins with */
	const ForestBlock *blocks;
	const int64_t *values;		/* the leaves' different values */

	/*
	 * Of a forest that has projections, only what trees look at is ranked:
	 * the features of these numbers, then the projections.  Else the columns
	 * are the features.
	 */
	bool		projecting;
	const uint32_t *sources;
	ForestProjections projections;

	/*
	 * The projections as a matrix, a line of "stride" coefficients for each
	 * of their features; n_lines is 0 where it would be too large, or the
	 * centres of a feature differ.
	 */
	uint32_t	n_lines;
	uint32_t	stride;
	const uint32_t *line_features;
	const double *centres;
	const double *coefficients;

	/*
	 * Per categorical column: bits_stride masks for each category, then for
	 * an unseen one, then for a missing value.  All NULL without any.
	 */
	const uint16_t *const *bits;
	const uint32_t *n_categories;
	bool		some_category;
} ForestBlocks;

/* How a forest divides into bands, and what it takes. */
typedef struct ForestBlocksPlan
{
	bool		possible;		/* the forest fits this form */
	uint32_t	n_chunks;
	uint32_t	n_bands;
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
