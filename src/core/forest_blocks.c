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
#include "forest_blocks_layout.h"

#include <math.h>
#include <string.h>

/*
 * Numbers the different leaf values, ascending, and fills value_index; false
 * if there are too many.
 */
static bool
build_values(ForestBuilder *b, int64_t *values)
{
	const ForestWalk *walk = b->walk;
	uint32_t	n = 0;
	uint32_t	n_values = 0;

	for (uint32_t node = 0; node < walk->n_nodes; node++)
	{
		if (forest_is_leaf(walk, node))
			b->pairs[n++] = (ForestPair) {(uint64_t) walk->values[node], node};
	}
	forest_sort(b->pairs, b->sort_space, n);	/* values are not negative */
	for (uint32_t i = 0; i < n; i++)
	{
		if (i == 0 || b->pairs[i].key != b->pairs[i - 1].key)
		{
			if (n_values == FOREST_MAX_VALUES)
				return false;
			values[n_values++] = (int64_t) b->pairs[i].key;
		}
		b->value_index[b->pairs[i].value] = (uint16_t) (n_values - 1);
	}
	return true;
}

/* Fills the search tree of one feature from m ascending cuts. */
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
 * Fills search tree and map of one feature of a section from its pairs
 * (cut, node and chunk), sorted; sets cut_index of their nodes.
 */
static void
build_feature(ForestBuilder *b, const ForestSection *section, uint32_t f,
			  const ForestPair *pairs, uint32_t n_pairs)
{
	const ForestWalk *walk = b->walk;
	double	   *cuts = (double *) b->sort_space;	/* sorting is over */
	int8_t	   *map = (int8_t *) section->maps[f];
	uint32_t	ranks[FOREST_SECTION_CHUNKS] = {0};
	uint32_t	seen[FOREST_SECTION_CHUNKS] = {0};	/* cut number + 1 */
	uint32_t	m = 0;

	for (uint32_t i = 0; i <= n_pairs; i++)
	{
		uint32_t	node;
		uint32_t	c;

		if (i == n_pairs || i == 0 || pairs[i].key != pairs[i - 1].key)
		{
			/* the ranks of a value above all cuts so far */
			for (c = 0; c < section->n_chunks; c++)
				map[m * section->n_chunks + c] = FOREST_RANK(ranks[c]);
			if (i == n_pairs)
				break;
			m++;
		}
		node = (uint32_t) pairs[i].value;
		c = (uint32_t) (pairs[i].value >> 32);

		if (seen[c] != m)
		{
			seen[c] = m;
			ranks[c]++;
		}
		b->cut_index[node] = FOREST_RANK(ranks[c] - 1);
		cuts[m - 1] = walk->nodes[node].u.cut;
	}
	build_search_tree(cuts, m, section->levels,
					  (double *const *) (section->keys +
										 (size_t) f * FOREST_SEARCH_LEVELS));
}

/* Gathers a section's cuts by feature, sorts them, fills what follows. */
static void
build_section(ForestBuilder *b, const ForestSection *section,
			  const uint32_t *counts)
{
	const ForestWalk *walk = b->walk;
	const ForestChunk *chunks = b->blocks->chunks + section->first_chunk;
	uint32_t	begin[FOREST_BLOCKS_FEATURES];
	uint32_t	end[FOREST_BLOCKS_FEATURES];
	uint32_t	next = 0;

	for (uint32_t f = 0; f < walk->n_features; f++)
	{
		begin[f] = end[f] = next;
		next += counts[f];
	}
	for (uint32_t c = 0; c < section->n_chunks; c++)
	{
		uint32_t	last = chunks[c].first_tree + chunks[c].n_trees - 1;
		uint32_t	stop = forest_tree_end(walk, last);

		for (uint32_t node = walk->roots[chunks[c].first_tree]; node < stop;
			 node++)
		{
			if (forest_is_leaf(walk, node) || forest_is_set(walk, node))
				continue;
			b->pairs[end[forest_split_feature(walk, node)]++] = (ForestPair)
			{
				forest_sort_key(walk->nodes[node].u.cut),
					node | (uint64_t) c << 32
			};
		}
	}
	for (uint32_t f = 0; f < walk->n_features; f++)
	{
		if (begin[f] == end[f])
			continue;
		forest_sort(b->pairs + begin[f], b->sort_space, end[f] - begin[f]);
		build_feature(b, section, f, b->pairs + begin[f], end[f] - begin[f]);
	}
}

/* Sets the masks of one categorical split, node i of block "block". */
static void
build_bits(ForestBuilder *b, uint32_t node, uint32_t block, int i)
{
	const ForestWalk *walk = b->walk;
	uint32_t	f = forest_split_feature(walk, node);
	const uint16_t *set = walk->sets + walk->nodes[node].u.set;
	bool		others_right = (set[0] & FOREST_SET_OTHERS_RIGHT) != 0;
	uint32_t	n = b->n_categories[f];
	uint32_t	stride = b->blocks->bits_stride;
	uint16_t   *masks = (uint16_t *) b->blocks->bits[f] + block;
	uint16_t	bit = (uint16_t) (1 << i);

	for (uint32_t code = 0; code <= n && others_right; code++)
		masks[(size_t) code * stride] |= bit;
	for (uint32_t k = 1; k <= (uint32_t) (set[0] & FOREST_SET_COUNT); k++)
		masks[(size_t) set[k] * stride] ^= bit;
	if (forest_split_missing_right(walk, node))
		masks[((size_t) n + 1) * stride] |= bit;
}

/*
 * Fills one block, whose root is queue[head], and queues the roots of the
 * blocks below it.  Returns the queue's new end.
 */
static uint32_t
build_block(ForestBuilder *b, uint32_t first_block, uint32_t head, uint32_t tail)
{
	const ForestWalk *walk = b->walk;
	ForestBlock *block = (ForestBlock *) b->blocks->blocks + first_block + head;
	uint32_t	nodes[FOREST_BLOCK_NODES + FOREST_BLOCK_EXITS];

	memset(block, 0, sizeof(*block));
	nodes[0] = b->queue[head];
	for (int i = 0; i < FOREST_BLOCK_NODES; i++)
	{
		uint32_t	node = nodes[i];

		block->cuts[i] = FOREST_NEVER_RIGHT;
		nodes[2 * i + 1] = nodes[2 * i + 2] = node;
		if (forest_is_leaf(walk, node))
			continue;
		nodes[2 * i + 1] = walk->nodes[node].child;
		nodes[2 * i + 2] = walk->nodes[node].child + 1;
		if (forest_is_set(walk, node))
			build_bits(b, node, first_block + head, i);
		else
		{
			block->cuts[i] = b->cut_index[node];
			block->slots[i] = (uint8_t)
				(forest_split_feature(walk, node) +
				 (forest_split_missing_right(walk, node) ? b->blocks->width : 0));
		}
	}
	block->cuts[FOREST_BLOCK_NODES] = FOREST_NEVER_RIGHT;
	for (int i = 0; i < FOREST_BLOCK_EXITS; i++)
	{
		uint32_t	node = nodes[FOREST_BLOCK_NODES + i];

		if (forest_is_leaf(walk, node))
			block->exits[i] = (uint16_t) (FOREST_EXIT_LEAF |
										  b->value_index[node]);
		else
		{
			b->queue[tail] = node;
			b->queue_level[tail] = b->queue_level[head] + 1;
			block->exits[i] = (uint16_t) tail++;
		}
	}
	return tail;
}

/* Fills the blocks of a chunk, whose counts are set. */
static void
build_chunk(ForestBuilder *b, ForestChunk *chunk)
{
	const ForestWalk *walk = b->walk;
	uint16_t   *roots = (uint16_t *) b->blocks->roots + chunk->first_tree;
	uint32_t	head = 0;
	uint32_t	tail = 0;

	for (uint32_t tree = 0; tree < chunk->n_trees; tree++)
	{
		uint32_t	root = walk->roots[chunk->first_tree + tree];

		if (forest_is_leaf(walk, root))
		{
			roots[tree] = (uint16_t) (FOREST_EXIT_LEAF | b->value_index[root]);
			continue;
		}
		b->queue[tail] = root;
		b->queue_level[tail] = 1;
		roots[tree] = (uint16_t) tail++;
		for (; head < tail; head++)
		{
			tail = build_block(b, chunk->first_block, head, tail);
			if (b->queue_level[head] > chunk->levels)
				chunk->levels = b->queue_level[head];
		}
	}
}

/* The least and the greatest leaf value of a tree. */
static void
tree_range(const ForestWalk *walk, uint32_t tree, int64_t *min, int64_t *max)
{
	uint32_t	end = forest_tree_end(walk, tree);

	*min = INT64_MAX;
	*max = 0;
	for (uint32_t node = walk->roots[tree]; node < end; node++)
	{
		int64_t		value = walk->values[node];

		if (!forest_is_leaf(walk, node))
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

/* Divides the trees as planned and builds section by section. */
static void
build_sections(ForestBuilder *b, ForestArena *arena)
{
	const ForestWalk *walk = b->walk;
	ForestBlocks *blocks = b->blocks;
	ForestSection *section = (ForestSection *) blocks->sections;
	ForestChunk *chunks = (ForestChunk *) blocks->chunks;
	uint32_t	cuts[FOREST_BLOCKS_FEATURES] = {0};
	uint32_t	tree = 0;

	section->first_chunk = section->n_chunks = 0;
	for (uint32_t c = 0; c < blocks->n_chunks; c++)
	{
		ForestExtent		extent;

		forest_measure_chunk(walk, tree, b->level, &extent);
		memset(&chunks[c], 0, sizeof(ForestChunk));
		chunks[c].first_tree = tree;
		chunks[c].n_trees = extent.n_trees;
		chunks[c].n_blocks = extent.n_blocks;
		chunks[c].first_block = c > 0 ?
			chunks[c - 1].first_block + chunks[c - 1].n_blocks : 0;
		tree += extent.n_trees;
		for (uint32_t f = 0; f < walk->n_features; f++)
			cuts[f] += extent.cuts[f];
		section->n_chunks++;
		if (section->n_chunks < FOREST_SECTION_CHUNKS && tree < walk->n_trees)
			continue;
		forest_take_section(walk, cuts, section->n_chunks, arena, section);
		build_section(b, section, cuts);
		memset(cuts, 0, sizeof(cuts));
		if (tree == walk->n_trees)
			break;
		section++;
		section->first_chunk = c + 1;
		section->n_chunks = 0;
	}
	for (uint32_t c = 0; c < blocks->n_chunks; c++)
		build_chunk(b, &chunks[c]);
	build_rests(b);
}

/*
 * Builds the fast form that was planned, in "memory" of plan->size bytes;
 * "temporary" is plan->temporary bytes, 8-byte aligned.  The result does not
 * refer to the walk.  Returns false, and no form, if the leaves have more
 * different values than exits can number.
 */
bool
forest_blocks_build(const ForestWalk *walk, const uint32_t *n_categories,
					const ForestBlocksPlan *plan, void *memory,
					void *temporary, ForestBlocks *blocks)
{
	uintptr_t	address = (uintptr_t) memory;
	ForestArena		arena = {memory, 0};
	ForestBuilder		b = {walk, n_categories, blocks, 0, 0, 0, 0, 0, 0, 0, 0};

	arena.base += -address % FOREST_BLOCKS_ALIGNMENT;
	(void) forest_take_temporary(walk, plan, temporary, &b);
	memset(blocks, 0, sizeof(*blocks));
	blocks->n_features = walk->n_features;
	blocks->n_trees = walk->n_trees;
	blocks->scale = walk->scale;
	blocks->n_chunks = plan->n_chunks;
	blocks->n_sections = plan->n_sections;
	blocks->n_blocks = plan->n_blocks;
	blocks->bits_stride = forest_bits_stride(plan->n_blocks);
	blocks->width = 16;
	while (blocks->width < walk->n_features)
		blocks->width *= 2;

	/* sections take their part as they are built, all else before */
	forest_take_fixed(walk, n_categories, plan, &arena, blocks);
	for (uint32_t f = 0; f < walk->n_features; f++)
	{
		((uint8_t *) blocks->is_category)[f] = walk->is_category[f];
		((uint32_t *) blocks->n_categories)[f] = n_categories[f];
		if (!walk->is_category[f])
			continue;
		blocks->some_category = true;
		memset((void *) blocks->bits[f], 0, ((size_t) n_categories[f] + 2) *
			   blocks->bits_stride * sizeof(uint16_t));
	}
	if (!build_values(&b, (int64_t *) blocks->values))
		return false;
	build_sections(&b, &arena);
	return true;
}
