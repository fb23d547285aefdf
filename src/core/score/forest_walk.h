/*-------------------------------------------------------------------------
 *
 * forest_walk.h
 *	  Which way a row goes at a split: the one place that decides it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_WALK_H
#define FOREST_WALK_H

#include "core/forest.h"
#include "core/format/forest_projection.h"
#include "core/format/forest_set.h"
#include "core/format/forest_view.h"

/*
 * A node of the walk.  Numbers: go right when the value in "slot" is above
 * "cut".  Slot 2f has column f with missing as the lowest value, 2f + 1 as
 * the highest, so that it needs no test.  A leaf points at itself.
 */
typedef struct ForestWalkNode
{
	union
	{
		double		cut;
		uint64_t	set;		/* offset of a categorical split's set */
	}			u;
	uint32_t	slot;			/* FOREST_WALK_SET set: a categorical split */
	uint32_t	child;			/* left child; the right one follows it */
} ForestWalkNode;

#define FOREST_WALK_SET		UINT32_C(0x80000000)
#define FOREST_WALK_MISSING_RIGHT	UINT32_C(0x40000000)
#define FOREST_WALK_FEATURE	UINT32_C(0x3FFFFFFF)

/*
 * The reference form of a model for scoring.  Path lengths are integers,
 * multiples of 2^-scale of a normalised path length, so that every order of
 * summation, and so every kernel, gives the same sum.
 */
typedef struct ForestWalk
{
	uint32_t	n_features;		/* of a row */
	uint32_t	n_columns;		/* features and, behind them, projections */
	uint32_t	n_trees;
	uint32_t	n_nodes;
	uint32_t	scale;
	uint32_t	levels;			/* most splits on a way */
	bool		some_category;
	const uint32_t *roots;		/* first node of each tree */
	const ForestWalkNode *nodes;
	const int64_t *values;		/* normalised path length of a leaf, else 0 */
	const uint16_t *sets;
	const uint8_t *is_category; /* per column */
	ForestProjections projections;
} ForestWalk;

extern uint64_t forest_walk_size(const ForestView *view);
extern void forest_walk_build(const ForestView *view, void *memory,
							  ForestWalk *walk);
extern void forest_walk_columns(const ForestWalk *walk, const double *row,
								double *columns);
extern void forest_walk_slots(const ForestWalk *walk, const double *row,
							  double *slots);
extern uint32_t forest_walk_leaf(const ForestWalk *walk, uint32_t tree,
								 const double *slots);
extern bool forest_walk_is_cut(const ForestWalk *walk, uint32_t i,
							   uint32_t *column);
extern int64_t forest_walk_sum(const ForestWalk *walk, const double *slots);
extern double forest_mean_length(int64_t sum, uint32_t scale,
								 uint32_t n_trees);
extern double forest_length_score(double length);
extern double forest_score(int64_t sum, uint32_t scale, uint32_t n_trees);
extern int64_t forest_sum_limit(double score, uint32_t scale,
								uint32_t n_trees);

/* Whether a split is one of categories. */
static inline bool
forest_walk_is_set(const ForestWalkNode *node)
{
	return (node->slot & FOREST_WALK_SET) != 0;
}

/* The categories that it lists. */
static inline ForestSet
forest_walk_set(const ForestWalk *walk, const ForestWalkNode *node)
{
	return forest_set_at(walk->sets + node->u.set);
}

/* Column that a split of the walk looks at: a feature or a projection. */
static inline uint32_t
forest_walk_feature(const ForestWalkNode *node)
{
	return forest_walk_is_set(node) ? node->slot & FOREST_WALK_FEATURE :
		node->slot >> 1;
}

/* Whether missing values go right at it. */
static inline bool
forest_walk_missing_right(const ForestWalkNode *node)
{
	return forest_walk_is_set(node) ?
		(node->slot & FOREST_WALK_MISSING_RIGHT) != 0 : node->slot & 1;
}

/* One past the last node of a tree. */
static inline uint32_t
forest_walk_tree_end(const ForestWalk *walk, uint32_t tree)
{
	return tree + 1 < walk->n_trees ? walk->roots[tree + 1] : walk->n_nodes;
}

/* Whether node i of the walk is a leaf. */
static inline bool
forest_walk_is_leaf(const ForestWalk *walk, uint32_t i)
{
	return walk->nodes[i].child == i;
}

/* Whether a code goes right at a split on sets; no code is negative. */
static inline bool
forest_set_goes_right(const ForestWalk *walk, const ForestWalkNode *node,
					  double code)
{
	ForestSet	set;

	if (!(code >= 0))			/* missing */
		return (node->slot & FOREST_WALK_MISSING_RIGHT) != 0;
	set = forest_walk_set(walk, node);
	return set.others_right != forest_set_has(set, (uint32_t) code);
}

/* Whether a row, prepared by forest_walk_slots, goes right at a split. */
static inline bool
forest_walk_goes_right(const ForestWalk *walk, const ForestWalkNode *node,
					   const double *slots)
{
	if (forest_walk_is_set(node))
		return forest_set_goes_right(walk, node,
									 slots[2 * (node->slot & FOREST_WALK_FEATURE)]);
	return slots[node->slot] > node->u.cut;
}

#endif							/* FOREST_WALK_H */
