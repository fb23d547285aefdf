/*-------------------------------------------------------------------------
 *
 * plain_walk.h
 *	  A walk down the arrays of the format, written without a look at the
 *	  core's own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLAIN_WALK_H
#define PLAIN_WALK_H

#include <math.h>

#include "core/format/forest_model.h"

/* Whether a column that splits look at is a sum of features, behind these. */
static inline bool
is_projection(const ForestParts *parts, uint32_t column)
{
	return parts->projections.n > 0 && column >= parts->summary.n_features;
}

/* A place in the arrays of ForestParts: at a node, and what comes next. */
typedef struct Place
{
	uint64_t	node;
	uint64_t	cut;
	uint64_t	leaf;
	uint64_t	set;
} Place;

static inline bool
plain_is_category(const ForestParts *parts, uint16_t word)
{
	uint32_t	column = word & 0x3FFF;

	return !is_projection(parts, column) &&
		forest_type_is_category(parts->features[column].type);
}

/* What a column of a row is: a feature's value, or a projection's. */
static inline double
plain_value(const ForestParts *parts, uint32_t column, const double *row)
{
	uint32_t	d = parts->summary.n_features;
	uint32_t	i = column - d;
	double		sum = 0.0;
	uint32_t	n = 0;

	if (!is_projection(parts, column))
		return row[column];
	for (uint32_t k = i > 0 ? parts->projections.ends[i - 1] : 0;
		 k < parts->projections.ends[i]; k++)
	{
		ForestTerm	term = parts->projections.terms[k];

		if (isnan(row[term.feature]))
			continue;
		n++;
		sum += term.coefficient *
			(fmin(fmax(row[term.feature], -1e150), 1e150) - term.centre);
	}
	return n > 0 ? sum : NAN;
}

/* Moves from a node to the next one in preorder. */
static inline void
plain_step(const ForestParts *parts, Place *at)
{
	uint16_t	word = parts->nodes[at->node++];

	if (word == 0x8000)
		at->leaf++;
	else if (plain_is_category(parts, word))
		at->set += 1 + (uint64_t) (parts->sets[at->set] & 0x7FFF);
	else
		at->cut++;
}

/* Moves from the root of a subtree to what follows the subtree. */
static inline void
plain_skip(const ForestParts *parts, Place *at)
{
	uint64_t	open = 1;

	while (open > 0)
	{
		if (parts->nodes[at->node] == 0x8000)
			open--;
		else
			open++;
		plain_step(parts, at);
	}
}

/* Whether a row goes right at a split. */
static inline bool
plain_goes_right(const ForestParts *parts, Place at, const double *row)
{
	uint16_t	word = parts->nodes[at.node];
	double		v = plain_value(parts, word & 0x3FFF, row);
	const uint16_t *set = parts->sets + at.set;

	if (isnan(v))
		return (word & 0x4000) != 0;
	if (!plain_is_category(parts, word))
		return v > parts->cuts[at.cut];
	for (int i = 1; i <= (set[0] & 0x7FFF); i++)
	{
		if (set[i] == v)
			return (set[0] & 0x8000) == 0;
	}
	return (set[0] & 0x8000) != 0;
}

/* Walks a row down the tree at a place; returns its depth and leaf. */
static inline uint32_t
plain_depth(const ForestParts *parts, Place at, const double *row,
			uint64_t *leaf)
{
	uint32_t	depth = 0;

	while (parts->nodes[at.node] != 0x8000)
	{
		bool		right = plain_goes_right(parts, at, row);

		plain_step(parts, &at);
		if (right)
			plain_skip(parts, &at);
		depth++;
	}
	*leaf = at.leaf;
	return depth;
}

/* c(n) with libm's logarithm. */
static inline double
plain_average_path(double n)
{
	if (n < 2)
		return 0.0;
	if (n == 2)
		return 1.0;
	return 2.0 * (log(n - 1.0) + 0.57721566490153286061) -
		2.0 * (n - 1.0) / n;
}

/*
 * Normalised path length of a leaf, with what labels make of it, as
 * doc/FORMAT.md has it.
 */
static inline double
plain_leaf_length(const ForestParts *parts, uint64_t leaf, uint32_t depth,
				  uint32_t sample_size)
{
	double		m = parts->leaves[leaf];
	double		c = plain_average_path(sample_size);
	double		own = c > 0.0 ? (depth + plain_average_path(m)) / c : 1.0;
	double		k = 0.2 * sqrt(m);
	double		a;
	double		b;

	if (parts->labels == NULL)
		return own;
	a = parts->labels[leaf].outliers;
	b = parts->labels[leaf].normal;
	if (a + b == 0.0)
		return own;
	own = (k * own + b * fmax(own, 1.2)) / (k + 2 * a + b);
	return fmax(floor(own * 64 + 0.5), 1.0) / 64;
}

/* Mean normalised path length of a row, tree by tree. */
static inline double
plain_mean_path(const ForestParts *parts, const double *row)
{
	Place		at = {0, 0, 0, 0};
	double		sum = 0.0;
	uint32_t	g = 0;
	uint32_t	left_in_group = parts->groups[0].n_trees;

	for (uint32_t i = 0; i < parts->summary.n_trees; i++, left_in_group--)
	{
		uint64_t	leaf;
		uint32_t	depth;

		if (left_in_group == 0)
			left_in_group = parts->groups[++g].n_trees;
		depth = plain_depth(parts, at, row, &leaf);
		sum += plain_leaf_length(parts, leaf, depth,
								 parts->groups[g].sample_size);
		plain_skip(parts, &at);
	}
	return sum / parts->summary.n_trees;
}

#endif							/* PLAIN_WALK_H */
