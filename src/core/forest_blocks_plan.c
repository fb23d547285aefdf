/*-------------------------------------------------------------------------
 *
 * forest_blocks_plan.c
 *	  Dividing a forest into chunks and sections for its fast form, and
 *	  adding up what that takes.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_blocks_layout.h"

#include <string.h>

/* Masks of categories may take this much; beyond it the walk is the form. */
#define MAX_BITS_SIZE	(UINT64_C(16) << 20)

/* Hands out bytes of the arena, aligned; NULL if it only counts. */
static void *
take(ForestArena *arena, uint64_t bytes)
{
	void	   *p = arena->base != NULL ? arena->base + arena->used : NULL;

	arena->used += (bytes + FOREST_BLOCKS_ALIGNMENT - 1) &
		~(uint64_t) (FOREST_BLOCKS_ALIGNMENT - 1);
	return p;
}

/* Finds what one tree holds.  level is scratch, a byte per walk node. */
static void
measure_tree(const ForestWalk *walk, uint32_t tree, uint8_t *level,
			 ForestExtent *extent)
{
	uint32_t	end = forest_tree_end(walk, tree);

	memset(extent, 0, sizeof(*extent));
	extent->n_trees = 1;
	level[walk->roots[tree]] = 0;
	for (uint32_t node = walk->roots[tree]; node < end; node++)
	{
		uint32_t	child = walk->nodes[node].child;

		if (forest_is_leaf(walk, node))
			continue;
		level[child] = level[child + 1] =
			(uint8_t) ((level[node] + 1) % FOREST_BLOCK_LEVELS);
		if (level[node] == 0)
			extent->n_blocks++;
		if (!forest_is_set(walk, node))
			extent->cuts[forest_split_feature(walk, node)]++;
	}
}

/* Adds a tree to a chunk if it fits. */
static bool
extend(ForestExtent *extent, const ForestExtent *tree, uint32_t n_features)
{
	if (extent->n_blocks + tree->n_blocks > FOREST_CHUNK_BLOCKS)
		return false;
	for (uint32_t f = 0; f < n_features; f++)
	{
		if (extent->cuts[f] + tree->cuts[f] > FOREST_CHUNK_CUTS)
			return false;
	}
	for (uint32_t f = 0; f < n_features; f++)
		extent->cuts[f] += tree->cuts[f];
	extent->n_blocks += tree->n_blocks;
	extent->n_trees += tree->n_trees;
	return true;
}

/* Gathers the chunk that begins at "tree"; no tree if not even one fits. */
void
forest_measure_chunk(const ForestWalk *walk, uint32_t tree, uint8_t *level,
			  ForestExtent *chunk)
{
	memset(chunk, 0, sizeof(*chunk));
	for (; tree < walk->n_trees; tree++)
	{
		ForestExtent		one;

		measure_tree(walk, tree, level, &one);
		if (!extend(chunk, &one, walk->n_features))
			break;
	}
}

/*
 * Nodes of each level of a search tree over m cuts, root first; levels is
 * that of the section.
 */
void
forest_search_tree_nodes(uint32_t m, uint32_t levels, uint32_t n[])
{
	n[levels - 1] = (m + FOREST_SEARCH_KEYS - 1) / FOREST_SEARCH_KEYS;
	if (n[levels - 1] == 0)
		n[levels - 1] = 1;
	for (uint32_t level = levels - 1; level > 0; level--)
		n[level - 1] = (n[level] + FOREST_SEARCH_KEYS) /
			(FOREST_SEARCH_KEYS + 1);
}

/* Levels that search trees over at most m cuts need. */
static uint32_t
search_levels(uint32_t m)
{
	uint32_t	levels = 1;
	uint32_t	capacity = FOREST_SEARCH_KEYS;

	while (capacity < m)
	{
		capacity *= FOREST_SEARCH_KEYS + 1;
		levels++;
	}
	return levels;
}

/* Takes the search trees and maps of one section. */
void
forest_take_section(const ForestWalk *walk, const uint32_t *cuts, uint32_t n_chunks,
			 ForestArena *arena, ForestSection *section)
{
	uint32_t	d = walk->n_features;
	uint32_t	most = 1;
	uint32_t	levels;
	const double **keys = take(arena, d * FOREST_SEARCH_LEVELS * sizeof(*keys));
	const int8_t **maps = take(arena, d * sizeof(*maps));

	for (uint32_t f = 0; f < d; f++)
		most = cuts[f] > most ? cuts[f] : most;
	levels = search_levels(most);
	for (uint32_t f = 0; f < d; f++)
	{
		uint32_t	n[FOREST_SEARCH_LEVELS];
		void	   *p;

		if (keys != NULL)
			maps[f] = NULL;
		if (cuts[f] == 0)
			continue;
		forest_search_tree_nodes(cuts[f], levels, n);
		for (uint32_t level = 0; level < levels; level++)
		{
			p = take(arena, (uint64_t) n[level] * FOREST_SEARCH_KEYS *
					 sizeof(double));
			if (keys != NULL)
				keys[f * FOREST_SEARCH_LEVELS + level] = p;
		}
		p = take(arena, (uint64_t) (cuts[f] + 1) * n_chunks);
		if (keys != NULL)
			maps[f] = p;
	}
	if (section != NULL)
	{
		section->levels = levels;
		section->keys = keys;
		section->maps = maps;
	}
}

/* Bytes of the masks of all categorical features, n_blocks each. */
static uint64_t
bits_size(const ForestWalk *walk, const uint32_t *n_categories,
		  uint32_t stride)
{
	uint64_t	n = 0;

	for (uint32_t f = 0; f < walk->n_features; f++)
	{
		if (walk->is_category[f])
			n += (uint64_t) n_categories[f] + 2;
	}
	return n * stride * sizeof(uint16_t);
}

/* Masks are or'ed in whole vectors. */
uint32_t
forest_bits_stride(uint32_t n_blocks)
{
	return (n_blocks + 31) & ~UINT32_C(31);
}

/* Takes what does not depend on the division into sections. */
void
forest_take_fixed(const ForestWalk *walk, const uint32_t *n_categories,
		   const ForestBlocksPlan *plan, ForestArena *arena, ForestBlocks *blocks)
{
	uint32_t	d = walk->n_features;
	uint32_t	n_values = (walk->n_nodes + walk->n_trees) / 2;	/* leaves */

	if (n_values > FOREST_MAX_VALUES)
		n_values = FOREST_MAX_VALUES;
	blocks->blocks = take(arena, (uint64_t) plan->n_blocks * sizeof(ForestBlock));
	blocks->chunks = take(arena, plan->n_chunks * sizeof(ForestChunk));
	blocks->sections = take(arena, plan->n_sections * sizeof(ForestSection));
	blocks->roots = take(arena, walk->n_trees * sizeof(uint16_t));
	blocks->values = take(arena, n_values * sizeof(int64_t));
	blocks->is_category = take(arena, d);
	blocks->n_categories = take(arena, d * sizeof(uint32_t));
	blocks->bits = take(arena, d * sizeof(uint16_t *));
	if (arena->base != NULL)
		memset((void *) blocks->bits, 0, d * sizeof(uint16_t *));
	for (uint32_t f = 0; f < d; f++)
	{
		void	   *p;

		if (!walk->is_category[f])
			continue;
		p = take(arena, ((uint64_t) n_categories[f] + 2) *
				 forest_bits_stride(plan->n_blocks) * sizeof(uint16_t));
		if (arena->base != NULL)
			((const uint16_t **) blocks->bits)[f] = p;
	}
}

/* Lays out the working memory of a build. */
uint64_t
forest_take_temporary(const ForestWalk *walk, const ForestBlocksPlan *plan,
			   void *memory, ForestBuilder *b)
{
	ForestArena		arena = {memory, 0};
	uint64_t	n = walk->n_nodes;

	b->pairs = take(&arena, n * sizeof(ForestPair));
	b->sort_space = take(&arena, n * sizeof(ForestPair));
	b->queue = take(&arena, plan->n_blocks * sizeof(uint32_t));
	b->queue_level = take(&arena, plan->n_blocks * sizeof(uint32_t));
	b->value_index = take(&arena, n * sizeof(uint16_t));
	b->cut_index = take(&arena, n);
	b->level = take(&arena, n);
	return arena.used;
}

/* Bytes of working memory that forest_blocks_plan needs. */
uint64_t
forest_blocks_plan_size(const ForestWalk *walk)
{
	return walk->n_nodes;
}

/*
 * Finds out whether a forest has a fast form, and what building it takes.
 * n_categories is per feature.  Forests too wide, with trees too large or
 * with too many categories have none; plan->possible tells.
 */
void
forest_blocks_plan(const ForestWalk *walk, const uint32_t *n_categories,
				   void *temporary, ForestBlocksPlan *plan)
{
	ForestArena		arena = {NULL, 0};
	ForestBlocks blocks;
	ForestBuilder		b;
	uint32_t	cuts[FOREST_BLOCKS_FEATURES] = {0};
	uint32_t	in_section = 0;

	memset(plan, 0, sizeof(*plan));
	if (walk->n_features > FOREST_BLOCKS_FEATURES)
		return;
	for (uint32_t tree = 0; tree < walk->n_trees;)
	{
		ForestExtent		chunk;

		forest_measure_chunk(walk, tree, temporary, &chunk);
		if (chunk.n_trees == 0)
			return;
		tree += chunk.n_trees;
		plan->n_chunks++;
		plan->n_blocks += chunk.n_blocks;
		in_section++;
		for (uint32_t f = 0; f < walk->n_features; f++)
			cuts[f] += chunk.cuts[f];
		if (in_section < FOREST_SECTION_CHUNKS && tree < walk->n_trees)
			continue;
		forest_take_section(walk, cuts, in_section, &arena, NULL);
		memset(cuts, 0, sizeof(cuts));
		in_section = 0;
		plan->n_sections++;
	}
	if (bits_size(walk, n_categories, forest_bits_stride(plan->n_blocks)) > MAX_BITS_SIZE)
		return;
	forest_take_fixed(walk, n_categories, plan, &arena, &blocks);
	plan->size = arena.used + FOREST_BLOCKS_ALIGNMENT;
	plan->temporary = forest_take_temporary(walk, plan, NULL, &b);
	plan->possible = true;
}
