/*-------------------------------------------------------------------------
 *
 * forest_blocks.c
 *	  From the walk of a forest to its fast form (forest_blocks.h), as
 *	  forest_blocks_plan.c divided it.
 *
 * Linear in the nodes but for sorting the cuts.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_set.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_blocks_layout.h"
#include "core/score/forest_blocks_plan.h"
#include "core/score/forest_walk.h"

/* Fills the search tree of one column from m ascending cuts. */
static void
build_search_tree(const double *cuts, uint32_t m, uint32_t levels,
				  double *const keys[])
{
	uint32_t	n[FOREST_SEARCH_LEVELS];
	uint32_t	below = FOREST_SEARCH_KEYS; /* keys below a child */

	forest_search_tree_nodes(m, levels, n);
	for (uint32_t i = 0; i < n[levels - 1] * FOREST_SEARCH_KEYS; i++)
		keys[levels - 1][i] = i < m ? cuts[i] : INFINITY;

	/* key i of an inner node is the greatest below its child i */
	for (uint32_t level = levels - 1; level > 0; level--)
	{
		for (uint32_t node = 0; node < n[level - 1]; node++)
		{
			for (uint32_t i = 0; i < FOREST_SEARCH_KEYS; i++)
			{
				uint32_t	child = node * (FOREST_SEARCH_KEYS + 1) + i;
				uint64_t	last = (uint64_t) (child + 1) * below - 1;

				/* never go past the last child there is */
				keys[level - 1][node * FOREST_SEARCH_KEYS + i] =
					child + 1 < n[level] && last < m ? cuts[last] : INFINITY;
			}
		}
		below *= FOREST_SEARCH_KEYS + 1;
	}
}

/*
 * Fills the search tree of one column of a band from its pairs (cut and
 * node), sorted; sets cut_index of their nodes.
 */
static void
build_column(ForestBuilder *b, const ForestBand *band, uint32_t f,
			  const ForestPair *pairs, uint32_t n_pairs)
{
	double	   *cuts = (double *) b->sort_space;	/* sorting is over */
	uint32_t	m = 0;

	for (uint32_t i = 0; i < n_pairs; i++)
	{
		uint32_t	node = (uint32_t) pairs[i].value;

		if (i == 0 || pairs[i].key != pairs[i - 1].key)
			cuts[m++] = b->walk->nodes[node].u.cut;
		b->cut_index[node] = FOREST_RANK(m - 1);
	}
	build_search_tree(cuts, m, band->levels,
					  (double *const *) (band->keys +
										 (size_t) f * FOREST_SEARCH_LEVELS));
}

/* Gathers a band's cuts by column, sorts them, fills what follows. */
static void
build_search(ForestBuilder *b, const ForestBand *band,
			 const uint32_t *counts)
{
	const ForestWalk *walk = b->walk;
	uint32_t	begin[FOREST_BLOCKS_FEATURES];
	uint32_t	end[FOREST_BLOCKS_FEATURES];
	uint32_t	next = 0;
	uint32_t	stop = forest_walk_tree_end(walk, band->first_tree +
									   band->n_trees - 1);

	for (uint32_t f = 0; f < b->n_columns; f++)
	{
		begin[f] = end[f] = next;
		next += counts[f];
	}
	for (uint32_t node = walk->roots[band->first_tree]; node < stop; node++)
	{
		uint32_t	f;

		forest_pause_at(node);
		if (!forest_walk_is_cut(walk, node, &f))
			continue;
		b->pairs[end[b->column[f]]++] = (ForestPair)
		{
			forest_sort_key(walk->nodes[node].u.cut), node
		};
	}
	for (uint32_t f = 0; f < b->n_columns; f++)
	{
		if (begin[f] == end[f])
			continue;
		forest_sort(b->pairs + begin[f], b->sort_space, end[f] - begin[f]);
		build_column(b, band, f, b->pairs + begin[f], end[f] - begin[f]);
	}
}

/* Sets the masks of one categorical split, node i of a block. */
static void
build_bits(ForestBuilder *b, uint32_t node, uint32_t block, int i)
{
	const ForestWalk *walk = b->walk;
	uint32_t	f = forest_walk_feature(&walk->nodes[node]);
	ForestSet	set = forest_walk_set(walk, &walk->nodes[node]);
	uint32_t	n = b->n_categories[f];
	uint32_t	stride = b->blocks->bits_stride;
	uint16_t   *masks = (uint16_t *) b->blocks->bits[b->column[f]] +
		(block - b->blocks->first_block);
	uint16_t	bit = (uint16_t) (1 << i);

	for (uint32_t code = 0; code <= n && set.others_right; code++)
		masks[(size_t) code * stride] |= bit;
	for (uint32_t k = 0; k < set.n; k++)
		masks[(size_t) set.codes[k] * stride] ^= bit;
	if (forest_walk_missing_right(&walk->nodes[node]))
		masks[((size_t) n + 1) * stride] |= bit;
}

/* Makes a block that compares nothing yet. */
static void
clear_block(ForestBlock *block, uint32_t first_child)
{
	uint32_t	stored = first_child - FOREST_EXIT_CHILD;

	memset(block, 0, sizeof(*block));
	for (int i = 0; i < FOREST_BLOCK_NODES; i++)
		block->cuts[i] = FOREST_NEVER_RIGHT;
	for (int i = 0; i < 3; i++)
		block->children[i] = (uint8_t) (stored >> (8 * i));
}

/* The block of a number. */
static ForestBlock *
block_numbered(const ForestBuilder *b, uint32_t number)
{
	return (ForestBlock *) &b->blocks->blocks[number - b->blocks->first_block];
}

/* Sets the values. */
static void
build_values(ForestBuilder *b)
{
	const ForestWalk *walk = b->walk;
	int64_t    *values = (int64_t *) b->blocks->values;

	for (uint32_t node = 0; node < walk->n_nodes; node++)
	{
		forest_pause_at(node);
		if (forest_walk_is_leaf(walk, node))
			values[b->value[node]] = walk->values[node];
	}
}

/* Sets node i of a block to a split. */
static void
build_split(ForestBuilder *b, uint32_t node, uint32_t number, int i)
{
	const ForestWalk *walk = b->walk;
	ForestBlock *block = block_numbered(b, number);

	if (forest_walk_is_set(&walk->nodes[node]))
	{
		build_bits(b, node, number, i);
		return;
	}
	block->cuts[i] = b->cut_index[node];
	block->slots[i] = (uint8_t)
		(b->column[forest_walk_feature(&walk->nodes[node])] +
		 (forest_walk_missing_right(&walk->nodes[node]) ?
		  b->blocks->width : 0));
}

/* Fills the nodes of a block with the splits below a node, level by level. */
static void
build_nodes(ForestBuilder *b, uint32_t number,
			uint32_t nodes[FOREST_BLOCK_NODES + FOREST_BLOCK_EXITS])
{
	const ForestWalk *walk = b->walk;

	for (int i = 0; i < FOREST_BLOCK_NODES; i++)
	{
		uint32_t	node = nodes[i];

		nodes[2 * i + 1] = nodes[2 * i + 2] = node;
		if (forest_walk_is_leaf(walk, node))
			continue;
		nodes[2 * i + 1] = walk->nodes[node].child;
		nodes[2 * i + 2] = walk->nodes[node].child + 1;
		build_split(b, node, number, i);
	}
}

/* Whether a tree has blocks; one that is a leaf may be only a value. */
static bool
has_blocks(const ForestBuilder *b, uint32_t tree)
{
	return b->blocks->flat_levels > 0 ||
		!forest_walk_is_leaf(b->walk, b->walk->roots[tree]);
}

/*
 * Fills block "number", whose root is queue[head], and queues the roots of
 * the blocks below it; queue[i] is the root of block "first" + i, but for the
 * first of all.  Returns the queue's new end.
 */
static uint32_t
build_block(ForestBuilder *b, uint32_t number, uint32_t first, uint32_t head,
			uint32_t tail)
{
	const ForestWalk *walk = b->walk;
	ForestBlock *block = block_numbered(b, number);
	uint32_t	nodes[FOREST_BLOCK_NODES + FOREST_BLOCK_EXITS];
	uint32_t	flat = b->blocks->flat_levels;
	bool		last = flat > 0 && b->queue_level[head] == flat;
	uint32_t	children = tail;

	forest_pause();				/* a block may set masks of many categories */
	nodes[0] = b->queue[head];
	if (flat == 0 && forest_walk_is_leaf(walk, nodes[0]))
	{
		/* a value that exits can't name: it takes the place of a child */
		clear_block(block, b->value[nodes[0]]);
		memset(block->exits, FOREST_EXIT_CHILD, FOREST_BLOCK_EXITS);
		return tail;
	}
	clear_block(block, last ? FOREST_EXIT_CHILD : first + tail);
	build_nodes(b, number, nodes);
	for (int i = 0; i < FOREST_BLOCK_EXITS; i++)
	{
		uint32_t	node = nodes[FOREST_BLOCK_NODES + i];

		/* a leaf further up has several exits, all the same */
		if (i > 0 && node == nodes[FOREST_BLOCK_NODES + i - 1])
			block->exits[i] = block->exits[i - 1];
		else if (last || (flat == 0 && forest_walk_is_leaf(walk, node) &&
						  b->value[node] < FOREST_EXIT_CHILD))
			block->exits[i] = (uint8_t) b->value[node];
		else
		{
			block->exits[i] = (uint8_t) (FOREST_EXIT_CHILD + tail - children);
			b->queue[tail] = node;
			b->queue_level[tail++] = b->queue_level[head] + 1;
		}
	}
	return tail;
}

/*
 * Fills the blocks of all trees.  The topmost ones, which every row visits,
 * come first and side by side.
 */
static void
build_trees(ForestBuilder *b)
{
	const ForestWalk *walk = b->walk;
	uint32_t   *roots = (uint32_t *) b->blocks->roots;
	uint32_t	next = b->blocks->first_block;

	for (uint32_t tree = 0; tree < walk->n_trees; tree++)
		roots[tree] = has_blocks(b, tree) ? next++ :
			b->value[walk->roots[tree]];
	for (uint32_t tree = 0; tree < walk->n_trees; tree++)
	{
		uint32_t	tail = 1;

		if (!has_blocks(b, tree))
			continue;
		b->queue[0] = walk->roots[tree];
		b->queue_level[0] = 1;
		for (uint32_t head = 0; head < tail; head++)
			tail = build_block(b, head == 0 ? roots[tree] : next + head - 1,
							   next - 1, head, tail);
		next += tail - 1;
	}
}

/* The least and the greatest leaf value of a tree. */
static void
tree_range(const ForestWalk *walk, uint32_t tree, int64_t *min, int64_t *max)
{
	uint32_t	end = forest_walk_tree_end(walk, tree);

	*min = INT64_MAX;
	*max = 0;
	for (uint32_t node = walk->roots[tree]; node < end; node++)
	{
		int64_t		value = walk->values[node];

		forest_pause_at(node);
		if (!forest_walk_is_leaf(walk, node))
			continue;
		*min = value < *min ? value : *min;
		*max = value > *max ? value : *max;
	}
}

/* Sets what the chunks behind each one can add, last chunk first. */
static void
build_rests(ForestBuilder *b)
{
	ForestChunk *chunks = (ForestChunk *) b->blocks->chunks;
	int64_t		rest_min = 0;
	int64_t		rest_max = 0;

	for (uint32_t c = b->blocks->n_chunks; c-- > 0;)
	{
		chunks[c].rest_min = rest_min;
		chunks[c].rest_max = rest_max;
		for (uint32_t i = 0; i < chunks[c].n_trees; i++)
		{
			int64_t		min;
			int64_t		max;

			tree_range(b->walk, chunks[c].first_tree + i, &min, &max);
			rest_min += min;
			rest_max += max;
		}
	}
}

/* Divides a band's trees in chunks. */
static void
build_chunks(ForestBlocks *blocks, const ForestBand *band)
{
	ForestChunk *chunks = (ForestChunk *) blocks->chunks + band->first_chunk;

	for (uint32_t c = 0; c < band->n_chunks; c++)
	{
		uint32_t	skip = c * FOREST_CHUNK_TREES;
		uint32_t	n = band->n_trees - skip;

		chunks[c].first_tree = band->first_tree + skip;
		chunks[c].n_trees = n < FOREST_CHUNK_TREES ? n : FOREST_CHUNK_TREES;
	}
}

/* Divides the trees as planned and builds band by band. */
static void
build_bands(ForestBuilder *b, ForestArena *arena)
{
	ForestBlocks *blocks = b->blocks;
	uint32_t	tree = 0;
	uint32_t	chunk = 0;

	for (uint32_t s = 0; s < blocks->n_bands; s++)
	{
		ForestBand *band = (ForestBand *) &blocks->bands[s];
		ForestExtent extent;

		forest_measure_band(b, tree, &extent);
		band->first_tree = tree;
		band->n_trees = extent.n_trees;
		band->first_chunk = chunk;
		band->n_chunks = forest_chunk_count(extent.n_trees);
		forest_take_band(b, extent.cuts, arena, band);
		build_chunks(blocks, band);
		build_search(b, band, extent.cuts);
		tree += band->n_trees;
		chunk += band->n_chunks;
	}
}

/* Copies the terms of a projection behind those of the ones before. */
static void
copy_projection(ForestBuilder *b, uint32_t i)
{
	const ForestProjections *from = &b->walk->projections;
	ForestProjections *to = &b->blocks->projections;
	uint32_t	first = forest_first_term(from, i);
	uint32_t	n = from->ends[i] - first;
	uint32_t	at = forest_first_term(to, to->n);

	memcpy((ForestTerm *) to->terms + at, from->terms + first,
		   n * sizeof(ForestTerm));
	((uint32_t *) to->ends)[to->n++] = at + n;
}

/* Sets the matrix of the projections, whose terms are there. */
static void
build_matrix(ForestBuilder *b)
{
	ForestBlocks *blocks = b->blocks;
	const ForestProjections *all = &blocks->projections;
	double	   *coefficients = (double *) blocks->coefficients;

	blocks->n_lines = b->n_lines;
	blocks->stride = forest_matrix_stride(all->n);
	if (b->n_lines == 0)
		return;
	memcpy((uint32_t *) blocks->line_features, b->line_features,
		   b->n_lines * sizeof(uint32_t));
	memcpy((double *) blocks->centres, b->centres,
		   b->n_lines * sizeof(double));
	memset(coefficients, 0, b->n_lines * (size_t) blocks->stride *
		   sizeof(double));
	for (uint32_t i = 0; i < all->n; i++)
	{
		for (uint32_t k = forest_first_term(all, i); k < all->ends[i]; k++)
		{
			const ForestTerm *term = &all->terms[k];
			size_t		line = forest_matrix_line(b, term->feature);

			coefficients[line * blocks->stride + i] = term->coefficient;
		}
	}
}

/* Sets what is known of each ranked column. */
static void
build_columns(ForestBuilder *b)
{
	ForestBlocks *blocks = b->blocks;

	for (uint32_t i = 0; i < b->n_columns; i++)
	{
		uint32_t	f = b->sources[i];

		((uint32_t *) blocks->sources)[i] = f;
		if (f >= b->walk->n_features)
			copy_projection(b, f - b->walk->n_features);
		if (!forest_column_is_category(b, i))
			continue;
		((uint32_t *) blocks->n_categories)[i] = b->n_categories[f];
		blocks->some_category = true;
		memset((void *) blocks->bits[i], 0,
			   ((size_t) b->n_categories[f] + 2) * blocks->bits_stride *
			   sizeof(uint16_t));
	}
}

/*
 * Builds the fast form that was planned, in "memory" of plan->size bytes;
 * "temporary" is what forest_blocks_plan left.  The result does not refer to
 * the walk.
 */
void
forest_blocks_build(const ForestWalk *walk, const uint32_t *n_categories,
					const ForestBlocksPlan *plan, void *memory,
					void *temporary, ForestBlocks *blocks)
{
	uintptr_t	address = (uintptr_t) memory;
	ForestArena arena = {memory, 0};
	ForestBuilder b = {.walk = walk, .n_categories = n_categories,
	.blocks = blocks};

	arena.base += -address % FOREST_BLOCKS_ALIGNMENT;
	(void) forest_take_temporary(walk, temporary, &b);
	memset(blocks, 0, sizeof(*blocks));
	(void) forest_find_columns(&b); /* the plan says that they are few */
	blocks->n_features = walk->n_features;
	blocks->n_columns = b.n_columns;
	blocks->projecting = walk->projections.n > 0;
	blocks->n_trees = walk->n_trees;
	blocks->scale = walk->scale;
	blocks->n_chunks = plan->n_chunks;
	blocks->n_bands = plan->n_bands;
	blocks->n_blocks = plan->n_blocks;
	blocks->first_block = plan->flat_levels > 0 ? 0 : plan->n_values;
	blocks->flat_levels = plan->flat_levels;
	blocks->bits_stride = forest_bits_stride(plan);
	blocks->width = 16;
	while (blocks->width < b.n_columns)
		blocks->width *= 2;

	/* bands take their part as they are built, all else before */
	forest_take_fixed(&b, plan, &arena, blocks);
	build_columns(&b);
	build_matrix(&b);
	build_bands(&b, &arena);
	build_values(&b);
	build_trees(&b);
	build_rests(&b);
}
