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

/* Marks the columns that a split looks at. */
static void
mark_columns(ForestBuilder *b)
{
	const ForestWalk *walk = b->walk;

	memset(b->column, 0, walk->n_columns * sizeof(uint32_t));
	for (uint32_t node = 0; node < walk->n_nodes; node++)
	{
		forest_pause_at(node);
		if (!forest_walk_is_leaf(walk, node))
			b->column[forest_walk_feature(&walk->nodes[node])] = 1;
	}
}

/* The line of the matrix that a feature has, n_lines for none. */
uint32_t
forest_matrix_line(const ForestBuilder *b, uint32_t feature)
{
	uint32_t	line = 0;

	while (line < b->n_lines && b->line_features[line] != feature)
		line++;
	return line;
}

/*
 * Gives the feature of a term a line in the matrix of n projections; false if
 * the matrix gets too large, or the feature has another centre.
 */
static bool
add_line(ForestBuilder *b, const ForestTerm *term, uint32_t n)
{
	uint32_t	line = forest_matrix_line(b, term->feature);

	if (line < b->n_lines)
		return b->centres[line] == term->centre;
	if ((b->n_lines + 1) * forest_matrix_stride(n) > FOREST_MAX_MATRIX)
		return false;
	b->line_features[b->n_lines] = term->feature;
	b->centres[b->n_lines++] = term->centre;
	return true;
}

/*
 * Finds the lines of the matrix of the projections that are ranked, the last
 * of the columns; none, if there cannot be a matrix.
 */
static void
find_lines(ForestBuilder *b)
{
	const ForestProjections *all = &b->walk->projections;
	uint32_t	first = 0;
	bool		possible = true;

	b->n_lines = 0;
	while (first < b->n_columns && b->sources[first] < b->walk->n_features)
		first++;
	for (uint32_t c = first; c < b->n_columns && possible; c++)
	{
		uint32_t	i = b->sources[c] - b->walk->n_features;

		for (uint32_t k = forest_first_term(all, i);
			 k < all->ends[i] && possible; k++)
			possible = add_line(b, &all->terms[k], b->n_columns - first);
	}
	/* sums go by the numbers of the features, as those of terms do */
	for (uint32_t i = 1; i < b->n_lines; i++)
	{
		for (uint32_t k = i; k > 0 &&
			 b->line_features[k - 1] > b->line_features[k]; k--)
		{
			uint32_t	feature = b->line_features[k];
			double		centre = b->centres[k];

			b->line_features[k] = b->line_features[k - 1];
			b->centres[k] = b->centres[k - 1];
			b->line_features[k - 1] = feature;
			b->centres[k - 1] = centre;
		}
	}
	if (!possible)
		b->n_lines = 0;
}

/*
 * Numbers the columns to rank: all features, or with projections only what
 * trees look at, which is not the features that are projected.  Returns
 * whether they are few enough.
 */
bool
forest_find_columns(ForestBuilder *b)
{
	const ForestWalk *walk = b->walk;
	const ForestProjections *all = &walk->projections;
	uint32_t	n = 0;

	if (all->n > 0)
		mark_columns(b);
	b->n_terms = 0;
	for (uint32_t f = 0; f < walk->n_columns; f++)
	{
		if (all->n > 0 && b->column[f] == 0)
			continue;
		if (n == FOREST_BLOCKS_FEATURES)
			return false;
		if (f >= walk->n_features)
			b->n_terms += all->ends[f - walk->n_features] -
				forest_first_term(all, f - walk->n_features);
		b->sources[n] = f;
		b->column[f] = n++;
	}
	b->n_columns = n;
	find_lines(b);
	return true;
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
			extent->cuts[b->column[f]]++;
	}
}

/* Adds a tree to a band if it fits. */
static bool
extend(ForestExtent *extent, const ForestExtent *tree, uint32_t n_columns)
{
	for (uint32_t f = 0; f < n_columns; f++)
	{
		if (extent->cuts[f] + tree->cuts[f] > FOREST_MAX_CUTS)
			return false;
	}
	for (uint32_t f = 0; f < n_columns; f++)
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
		if (!extend(band, &one, b->n_columns))
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
 * Takes the search trees of one band.  Columns without cuts share one,
 * so that all are searched alike.
 */
void
forest_take_band(const ForestBuilder *b, const uint32_t *cuts,
					ForestArena *arena, ForestBand *band)
{
	uint32_t	d = b->n_columns;
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

/* Bytes of the masks of all categorical columns. */
static uint64_t
bits_size(const ForestBuilder *b, uint32_t stride)
{
	uint64_t	n = 0;

	for (uint32_t i = 0; i < b->n_columns; i++)
	{
		if (forest_column_is_category(b, i))
			n += (uint64_t) b->n_categories[b->sources[i]] + 2;
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
forest_take_fixed(const ForestBuilder *b, const ForestBlocksPlan *plan,
				  ForestArena *arena, ForestBlocks *blocks)
{
	uint32_t	d = b->n_columns;
	uint32_t	stride = forest_bits_stride(plan);

	blocks->blocks =
		take(arena, (uint64_t) plan->n_blocks * sizeof(ForestBlock));
	blocks->chunks = take(arena, plan->n_chunks * sizeof(ForestChunk));
	blocks->bands = take(arena, plan->n_bands * sizeof(ForestBand));
	blocks->roots = take(arena, b->walk->n_trees * sizeof(uint32_t));
	blocks->values = take(arena, plan->n_values * sizeof(int64_t));
	blocks->sources = take(arena, d * sizeof(uint32_t));
	blocks->projections.ends = take(arena, d * sizeof(uint32_t));
	blocks->projections.terms = take(arena, b->n_terms * sizeof(ForestTerm));
	blocks->line_features = take(arena, b->n_lines * sizeof(uint32_t));
	blocks->centres = take(arena, b->n_lines * sizeof(double));
	blocks->coefficients =
		take(arena, b->n_lines * (uint64_t) forest_matrix_stride(d) *
			 sizeof(double));
	blocks->n_categories = take(arena, d * sizeof(uint32_t));
	blocks->bits = take(arena, d * sizeof(uint16_t *));
	if (arena->base != NULL)
		memset((void *) blocks->bits, 0, d * sizeof(uint16_t *));
	for (uint32_t f = 0; f < d; f++)
	{
		void	   *p;

		if (!forest_column_is_category(b, f))
			continue;
		p = take(arena, ((uint64_t) b->n_categories[b->sources[f]] + 2) *
				 stride * sizeof(uint16_t));
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
	b->column = take(&arena, walk->n_columns * sizeof(uint32_t));
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
bits_bearable(const ForestBuilder *b, const ForestBlocksPlan *plan)
{
	uint64_t	stride = forest_bits_stride(plan);
	uint64_t	n = 0;

	for (uint32_t i = 0; i < b->n_columns; i++)
		n += forest_column_is_category(b, i);
	return n * stride <= (uint64_t) MAX_TREE_MASKS * b->walk->n_trees &&
		bits_size(b, (uint32_t) stride) <= MAX_BITS_SIZE;
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
 * none, nor is there one if that is NULL; plan->possible tells.
 */
void
forest_blocks_plan(const ForestWalk *walk, const uint32_t *n_categories,
				   void *temporary, ForestBlocksPlan *plan)
{
	ForestArena arena = {NULL, 0};
	ForestBlocks blocks;
	ForestBuilder b = {.walk = walk, .n_categories = n_categories};
	uint64_t	n_blocks = 0;
	uint64_t	n_flat_blocks = 0;

	memset(plan, 0, sizeof(*plan));
	if (temporary == NULL)
		return;
	(void) forest_take_temporary(walk, temporary, &b);
	if (!forest_find_columns(&b))
		return;
	plan->n_values = forest_number_values(&b);
	measure_depths(&b);
	for (uint32_t tree = 0; tree < walk->n_trees;)
	{
		ForestExtent band;

		forest_measure_band(&b, tree, &band);
		if (band.n_trees == 0)
			return;
		forest_take_band(&b, band.cuts, &arena, NULL);
		tree += band.n_trees;
		n_blocks += band.n_blocks;
		n_flat_blocks += band.n_flat_blocks;
		plan->n_chunks += forest_chunk_count(band.n_trees);
		plan->n_bands++;
	}
	if (!choose_levels(&b, n_blocks, n_flat_blocks, plan) ||
		!bits_bearable(&b, plan))
		return;
	forest_take_fixed(&b, plan, &arena, &blocks);
	plan->size = arena.used + FOREST_BLOCKS_ALIGNMENT;
	plan->possible = true;
}
