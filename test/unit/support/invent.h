/*-------------------------------------------------------------------------
 *
 * invent.h
 *	  Forests that nobody grew, and rows that lie on and beside their cuts.
 *
 * No expression draws two random numbers: which comes first would depend on
 * the compiler, and a failure should be the same one everywhere.
 *
 *-------------------------------------------------------------------------
 */
#ifndef INVENT_H
#define INVENT_H

#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/grow/forest_grow.h"

#include "support.h"

/* ---- invented forests ---- */

typedef enum Shape
{
	BUSHY,
	BALANCED,
	CHAIN_LEFT,
	CHAIN_RIGHT,
	ZIGZAG,
	N_SHAPES
} Shape;

/*
 * What a tree to invent is like.  With "round_robin" its splits take the
 * features in turn, otherwise at random.
 */
typedef struct Invention
{
	uint32_t	n_splits;
	Shape		shape;
	uint32_t	max_leaf;		/* most rows in a leaf */
	bool		round_robin;
} Invention;

/* A cut; the features differ in what theirs are like. */
static inline double
invented_cut(uint32_t feature, ForestRng *rng)
{
	static const double special[] = {
		-INFINITY, -DBL_MAX, -DBL_TRUE_MIN, -0.0, 0.0, DBL_TRUE_MIN, DBL_MAX
	};

	switch (feature % 4)
	{
		case 0:
			return forest_rng_double(rng) * 10.0 - 5.0;
		case 1:
			return forest_rng_below(rng, 9) - 4.0;
		case 2:
			return special[forest_rng_below(rng, 7)];
		default:
			return 1.0 + forest_rng_below(rng, 40) * DBL_EPSILON;
	}
}

/* Writes a random set of codes below n; returns its length in words. */
static inline uint32_t
invented_set(uint16_t *set, uint32_t n, ForestRng *rng)
{
	uint32_t	one_in = 1 + forest_rng_below(rng, n + 1);
	uint32_t	n_codes = 0;

	for (uint32_t code = 0; code < n; code++)
	{
		if (forest_rng_below(rng, one_in) == 0)
			set[1 + n_codes++] = (uint16_t) code;
	}
	set[0] = (uint16_t) (n_codes |
						 (forest_rng_below(rng, 2) ? 0x8000 : 0));
	return 1 + n_codes;
}

/* How many of a node's other splits are on its left. */
static inline uint32_t
left_share(Shape shape, uint32_t others, uint32_t i, ForestRng *rng)
{
	switch (shape)
	{
		case BALANCED:
			return others / 2;
		case CHAIN_LEFT:
			return others;
		case CHAIN_RIGHT:
			return 0;
		case ZIGZAG:
			return i % 2 ? others : 0;
		default:
			return forest_rng_below(rng, others + 1);
	}
}

/* Adds an invented tree, on features of which some may be categories. */
static inline void
grove_invent(Grove *grove, const Invention *wanted, ForestRng *rng)
{
	uint32_t	n = wanted->n_splits;
	uint32_t	d = grove->parts.summary.n_features;
	uint32_t	max_categories = 0;
	uint32_t   *stack = allocate((n + (size_t) 1) * sizeof(uint32_t));
	uint32_t	top = 0;
	uint32_t	i = 0;
	ForestTree	tree = {0};

	for (uint32_t f = 0; f < d; f++)
	{
		if (grove->features[f].n_categories > max_categories)
			max_categories = grove->features[f].n_categories;
	}
	tree.nodes = allocate((2 * (size_t) n + 1) * sizeof(uint16_t));
	tree.cuts = allocate(n * sizeof(double));
	tree.leaves = allocate((n + (size_t) 1) * sizeof(uint32_t));
	tree.sets = allocate(n * (max_categories + (size_t) 1) * 2);

	stack[top++] = n;			/* splits of each subtree to come */
	while (top > 0)
	{
		uint32_t	splits = stack[--top];
		uint32_t	left;
		uint32_t	f;

		if (splits == 0)
		{
			tree.nodes[tree.n_nodes++] = FOREST_NODE_LEAF;
			tree.leaves[tree.n_leaves++] =
				1 + forest_rng_below(rng, wanted->max_leaf);
			continue;
		}
		f = wanted->round_robin ? i % d : forest_rng_below(rng, d);
		tree.nodes[tree.n_nodes++] = (uint16_t)
			(f | (forest_rng_below(rng, 2) ? FOREST_NODE_MISSING_RIGHT : 0));
		if (forest_type_is_category(grove->features[f].type))
			tree.n_sets += invented_set(tree.sets + tree.n_sets,
										grove->features[f].n_categories, rng);
		else
			tree.cuts[tree.n_cuts++] = invented_cut(f, rng);
		left = left_share(wanted->shape, splits - 1, i++, rng);
		stack[top++] = splits - 1 - left;
		stack[top++] = left;
	}
	grove_add_tree(grove, &tree);
	tree_free(&tree);
	free(stack);
}

/* Adds a group of trees of random shapes and sizes. */
static inline void
grove_invent_group(Grove *grove, uint32_t n_trees, uint32_t sample_size,
				   uint32_t max_splits, ForestRng *rng)
{
	grove_add_group(grove, sample_size, 0);
	for (uint32_t i = 0; i < n_trees; i++)
	{
		Invention	wanted;

		wanted.n_splits = forest_rng_below(rng, max_splits + 1);
		wanted.shape = (Shape) forest_rng_below(rng, N_SHAPES);
		wanted.max_leaf = 1 + forest_rng_below(rng, 50);
		wanted.round_robin = forest_rng_below(rng, 2) == 0;
		grove_invent(grove, &wanted, rng);
	}
}

/*
 * Starts a forest without a table behind it and without trees: d features
 * that have these numbers of categories, or all numbers if that is NULL.
 */
static inline void
grove_begin_invented(Grove *grove, uint32_t d, const uint32_t *n_categories)
{
	Table		table;

	table_init(&table, 0, d);
	for (uint32_t f = 0; f < d && n_categories != NULL; f++)
		table_set_categories(&table, f, n_categories[f]);
	grove_begin(grove, &table);
	table_free(&table);
}

/* ---- rows to ask for ---- */

typedef enum Missing
{
	NONE_MISSING,
	SOME_MISSING,
	ONE_MISSING,
	ROW_MISSING,
	N_MISSING
} Missing;

/* The cuts of a forest by feature: those of f begin at begin[f]. */
typedef struct CutIndex
{
	size_t	   *begin;			/* one more than features */
	double	   *cuts;
} CutIndex;

static inline void
cut_index_init(CutIndex *index, const ForestParts *parts)
{
	uint32_t	d = parts->summary.n_features;
	size_t	   *next = allocate((d + (size_t) 1) * sizeof(size_t));

	index->begin = allocate((d + (size_t) 1) * sizeof(size_t));
	index->cuts = allocate(parts->n_cuts * sizeof(double));
	memset(index->begin, 0, (d + (size_t) 1) * sizeof(size_t));
	for (int pass = 0; pass < 2; pass++)
	{
		size_t		cut = 0;

		for (uint32_t i = 0; i < parts->n_nodes; i++)
		{
			uint16_t	word = parts->nodes[i];
			uint32_t	f = word & FOREST_NODE_FEATURE;

			if (word == FOREST_NODE_LEAF || plain_is_category(parts, word))
				continue;
			/* no number is near a projection's */
			if (f >= d)
				cut += pass == 1;
			else if (pass == 0)
				index->begin[f + 1]++;
			else
				index->cuts[next[f]++] = parts->cuts[cut++];
		}
		for (uint32_t f = 0; f < d && pass == 0; f++)
			index->begin[f + 1] += index->begin[f];
		memcpy(next, index->begin, (d + (size_t) 1) * sizeof(size_t));
	}
	free(next);
}

static inline void
cut_index_free(CutIndex *index)
{
	free(index->begin);
	free(index->cuts);
}

/* A number on a cut, beside it or far from all. */
static inline double
number_near_cut(const CutIndex *index, uint32_t f, ForestRng *rng)
{
	size_t		n = index->begin[f + 1] - index->begin[f];
	double		cut = 0.0;

	if (n > 0)
		cut = index->cuts[index->begin[f] + forest_rng_below64(rng, n)];
	switch (forest_rng_below(rng, 6))
	{
		case 0:
			return cut;
		case 1:
			return nextafter(cut, INFINITY);
		case 2:
			return nextafter(cut, -INFINITY);
		case 3:
			return extreme_number(rng);
		case 4:
			return forest_rng_below(rng, 2) ? INFINITY : -INFINITY;
		default:
			return forest_rng_double(rng) * 12.0 - 6.0;
	}
}

/* Fills a table of rows to ask a forest about; the caller frees it. */
static inline void
rows_near_cuts(Table *rows, const ForestParts *parts, uint32_t n_rows,
			   ForestRng *rng)
{
	uint32_t	d = parts->summary.n_features;
	CutIndex	index;

	table_init(rows, n_rows, d);
	cut_index_init(&index, parts);
	for (uint32_t i = 0; i < n_rows; i++)
	{
		Missing		missing = (Missing) (i % N_MISSING);
		uint32_t	one = forest_rng_below(rng, d);

		for (uint32_t f = 0; f < d; f++)
		{
			double	   *v = table_at(rows, i, f);

			if (missing == ROW_MISSING ||
				(missing == ONE_MISSING && f == one) ||
				(missing == SOME_MISSING && forest_rng_below(rng, 4) == 0))
				*v = NAN;
			else if (forest_type_is_category(parts->features[f].type))
				*v = forest_rng_below(rng,
									  parts->features[f].n_categories + 1);
			else
				*v = number_near_cut(&index, f, rng);
		}
	}
	cut_index_free(&index);
}

#endif							/* INVENT_H */
