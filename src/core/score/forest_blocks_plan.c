/*-------------------------------------------------------------------------
 *
 * forest_blocks_plan.c
 *	  Dividing a forest into bands for its fast form, and adding up what
 *	  that takes.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_blocks_layout.h"
#include "core/score/forest_blocks_plan.h"
#include "core/score/forest_blocks_values.h"
#include "core/score/forest_walk.h"

/* Masks of categories may take this much; beyond it the walk is the form. */
#define MAX_BITS_SIZE	(UINT64_C(16) << 20)
/*
 * Masks that may be or'ed together for a row, for each tree.  Measured: it
 * takes as long as walking the tree.
 */
#define MAX_TREE_MASKS	4096

/* Hands out bytes of the arena, aligned; NULL if it only counts. */
static void *
take(ForestArena *arena, uint64_t bytes)
{
	void	   *p = arena->base != NULL ? arena->base + arena->used : NULL;

	arena->used += (bytes + FOREST_BLOCKS_ALIGNMENT - 1) &
		~(uint64_t) (FOREST_BLOCKS_ALIGNMENT - 1);
	return p;
}

/* Finds the depths of all nodes, and the longest way. */
static void
measure_depths(ForestBuilder *b)
{
	const ForestWalk *walk = b->walk;

	b->levels = 1;
	for (uint32_t tree = 0; tree < walk->n_trees; tree++)
	{
		uint32_t	end = forest_walk_tree_end(walk, tree);

		b->depth[walk->roots[tree]] = 0;
		for (uint32_t node = walk->roots[tree]; node < end; node++)
		{
			uint32_t	child = walk->nodes[node].child;

			forest_pause_at(node);
			if (forest_walk_is_leaf(walk, node))
			{
				uint32_t	n = forest_way_blocks(b->depth[node]);

				b->levels = n > b->levels ? n : b->levels;
				continue;
			}
			b->depth[child] = b->depth[child + 1] = b->depth[node] + 1;
		}
	}
}

/* Finds what one tree holds. */
static void
measure_tree(const ForestBuilder *b, uint32_t tree, ForestExtent *extent)
{
	const ForestWalk *walk = b->walk;
	uint32_t	end = forest_walk_tree_end(walk, tree);

	memset(extent, 0, sizeof(*extent));
	extent->n_trees = 1;
	for (uint32_t node = walk->roots[tree]; node < end; node++)
	{
		uint32_t	f;

		forest_pause_at(node);
		if (forest_walk_is_leaf(walk, node))
		{
			/* blocks that only lead on */
			extent->n_flat_blocks +=
				b->levels - forest_way_blocks(b->depth[node]);
			extent->n_blocks += b->depth[node] > 0 &&
				b->value[node] >= FOREST_EXIT_CHILD;
			continue;
		}
		if (b->depth[node] % FOREST_BLOCK_LEVELS == 0)
		{
			extent->n_blocks++;
			extent->n_flat_blocks++;
		}
		if (forest_walk_is_cut(walk, node, &f))
			extent->cuts[f]++;
	}
}

/* Adds a tree to a band if it fits. */
static bool
extend(ForestExtent *extent, const ForestExtent *tree, uint32_t n_features)
{
	for (uint32_t f = 0; f < n_features; f++)
	{
		if (extent->cuts[f] + tree->cuts[f] > FOREST_MAX_CUTS)
			return false;
	}
	for (uint32_t f = 0; f < n_features; f++)
		extent->cuts[f] += tree->cuts[f];
	extent->n_blocks += tree->n_blocks;
	extent->n_flat_blocks += tree->n_flat_blocks;
	extent->n_trees += tree->n_trees;
	return true;
}

/*
 * Gathers the band that begins at "tree"; no tree if not even one fits.
 * Values are numbered, and depths known.
 */
void
forest_measure_band(const ForestBuilder *b, uint32_t tree,
					   ForestExtent *band)
{
	memset(band, 0, sizeof(*band));
	for (; tree < b->walk->n_trees; tree++)
	{
		ForestExtent one;

		measure_tree(b, tree, &one);
		if (!extend(band, &one, b->walk->n_features))
			break;
	}
}

/* Chunks of a band. */
uint32_t
forest_chunk_count(uint32_t n_trees)
{
	return (n_trees + FOREST_CHUNK_TREES - 1) / FOREST_CHUNK_TREES;
}

/*
 * Nodes of each level of a search tree over m cuts, root first; levels is
 * that of the band.
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

/*
 * Takes the search trees of one band.  Features without cuts share one,
 * so that all are searched alike.
 */
void
forest_take_band(const ForestWalk *walk, const uint32_t *cuts,
					ForestArena *arena, ForestBand *band)
{
	uint32_t	d = walk->n_features;
	uint32_t	most = 1;
	uint32_t	levels;
	const double **keys = take(arena, d * FOREST_SEARCH_LEVELS * sizeof(*keys));
	double	   *none = take(arena, FOREST_SEARCH_KEYS * sizeof(double));

	for (uint32_t f = 0; f < d; f++)
		most = cuts[f] > most ? cuts[f] : most;
	levels = search_levels(most);
	for (uint32_t f = 0; f < d; f++)
	{
		uint32_t	n[FOREST_SEARCH_LEVELS];

		forest_search_tree_nodes(cuts[f], levels, n);
		for (uint32_t level = 0; level < levels; level++)
		{
			void	   *p = cuts[f] == 0 ? none :
				take(arena, (uint64_t) n[level] * FOREST_SEARCH_KEYS *
					 sizeof(double));

			if (keys != NULL)
				keys[f * FOREST_SEARCH_LEVELS + level] = p;
		}
	}
	if (band == NULL)
		return;
	for (int i = 0; i < FOREST_SEARCH_KEYS; i++)
		none[i] = INFINITY;
	band->levels = levels;
	band->keys = keys;
}

/* Bytes of the masks of all categorical features. */
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
forest_bits_stride(const ForestBlocksPlan *plan)
{
	return (plan->n_blocks + FOREST_BITS_UNIT - 1) / FOREST_BITS_UNIT *
		FOREST_BITS_UNIT;
}

/* Takes what does not depend on the division into bands. */
void
forest_take_fixed(const ForestWalk *walk, const uint32_t *n_categories,
				  const ForestBlocksPlan *plan, ForestArena *arena,
				  ForestBlocks *blocks)
{
	uint32_t	d = walk->n_features;
	uint32_t	stride = forest_bits_stride(plan);

	blocks->blocks =
		take(arena, (uint64_t) plan->n_blocks * sizeof(ForestBlock));
	blocks->chunks = take(arena, plan->n_chunks * sizeof(ForestChunk));
	blocks->bands = take(arena, plan->n_bands * sizeof(ForestBand));
	blocks->roots = take(arena, walk->n_trees * sizeof(uint32_t));
	blocks->values = take(arena, plan->n_values * sizeof(int64_t));
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
		p = take(arena, ((uint64_t) n_categories[f] + 2) * stride *
				 sizeof(uint16_t));
		if (arena->base != NULL)
			((const uint16_t **) blocks->bits)[f] = p;
	}
}

/* Lays out the working memory of planning and building. */
uint64_t
forest_take_temporary(const ForestWalk *walk, void *memory, ForestBuilder *b)
{
	ForestArena arena = {memory, 0};
	uint64_t	n = walk->n_nodes;

	b->pairs = take(&arena, n * sizeof(ForestPair));
	b->sort_space = take(&arena, n * sizeof(ForestPair));
	b->queue = take(&arena, n * sizeof(uint32_t));
	b->queue_level = take(&arena, n * sizeof(uint32_t));
	b->value = take(&arena, n * sizeof(uint32_t));
	b->depth = take(&arena, n * sizeof(uint32_t));
	b->cut_index = take(&arena, n * sizeof(int16_t));
	return arena.used;
}

/* Bytes of working memory that planning and building need. */
uint64_t
forest_blocks_temporary_size(const ForestWalk *walk)
{
	ForestBuilder b;

	return forest_take_temporary(walk, NULL, &b);
}

/* Whether masks of categories take a bearable room, and work for each row. */
static bool
bits_bearable(const ForestWalk *walk, const uint32_t *n_categories,
			  const ForestBlocksPlan *plan)
{
	uint64_t	stride = forest_bits_stride(plan);
	uint64_t	n = 0;

	for (uint32_t f = 0; f < walk->n_features; f++)
		n += walk->is_category[f] != 0;
	return n * stride <= (uint64_t) MAX_TREE_MASKS * walk->n_trees &&
		bits_size(walk, n_categories, (uint32_t) stride) <= MAX_BITS_SIZE;
}

/*
 * Chooses between ways of one length and ways that end at their leaf; false
 * if the forest has too many blocks.
 */
static bool
choose_levels(const ForestBuilder *b, uint64_t n_blocks,
			  uint64_t n_flat_blocks, ForestBlocksPlan *plan)
{
	if (plan->n_values <= FOREST_FLAT_VALUES && n_flat_blocks <= 2 * n_blocks)
		plan->flat_levels = b->levels;
	if (plan->flat_levels > 0)
		n_blocks = n_flat_blocks;
	if (n_blocks + plan->n_values > FOREST_MAX_BLOCKS)
		return false;
	plan->n_blocks = (uint32_t) n_blocks;
	return true;
}

/*
 * Finds out whether a forest has a fast form, and what building it takes.
 * n_categories is per feature; "temporary" is forest_blocks_temporary_size
 * bytes, 8-byte aligned, and forest_blocks_build wants it as it is left.
 * Forests too wide, with trees too large or with too many categories have
 * none; plan->possible tells.
 */
void
forest_blocks_plan(const ForestWalk *walk, const uint32_t *n_categories,
				   void *temporary, ForestBlocksPlan *plan)
{
	ForestArena arena = {NULL, 0};
	ForestBlocks blocks;
	ForestBuilder b = {.walk = walk};
	uint64_t	n_blocks = 0;
	uint64_t	n_flat_blocks = 0;

	memset(plan, 0, sizeof(*plan));
	if (walk->n_features > FOREST_BLOCKS_FEATURES)
		return;
	(void) forest_take_temporary(walk, temporary, &b);
	plan->n_values = forest_number_values(&b);
	measure_depths(&b);
	for (uint32_t tree = 0; tree < walk->n_trees;)
	{
		ForestExtent band;

		forest_measure_band(&b, tree, &band);
		if (band.n_trees == 0)
			return;
		forest_take_band(walk, band.cuts, &arena, NULL);
		tree += band.n_trees;
		n_blocks += band.n_blocks;
		n_flat_blocks += band.n_flat_blocks;
		plan->n_chunks += forest_chunk_count(band.n_trees);
		plan->n_bands++;
	}
	if (!choose_levels(&b, n_blocks, n_flat_blocks, plan) ||
		!bits_bearable(walk, n_categories, plan))
		return;
	forest_take_fixed(walk, n_categories, plan, &arena, &blocks);
	plan->size = arena.used + FOREST_BLOCKS_ALIGNMENT;
	plan->possible = true;
}
