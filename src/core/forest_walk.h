/*-------------------------------------------------------------------------
 *
 * forest_walk.h
 *	  Which way a row goes at a split: the one place that decides it for
 *	  the walk and for explanations of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_WALK_H
#define FOREST_WALK_H

#include "forest.h"

/* Tells whether a set, ascending codes behind its first word, has a code. */
static inline bool
forest_set_has(const uint16_t *set, uint32_t code)
{
	uint32_t	lo = 1;
	uint32_t	hi = 1 + (set[0] & FOREST_SET_COUNT);

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (set[middle] == code)
			return true;
		if (set[middle] < code)
			lo = middle + 1;
		else
			hi = middle;
	}
	return false;
}

/* Whether a code goes right at a split on sets; no code is negative. */
static inline bool
forest_set_goes_right(const ForestWalk *walk, const ForestWalkNode *node,
					  double code)
{
	const uint16_t *set;

	if (!(code >= 0))			/* missing */
		return (node->slot & FOREST_WALK_MISSING_RIGHT) != 0;
	set = walk->sets + node->u.set;
	return ((set[0] & FOREST_SET_OTHERS_RIGHT) != 0) !=
		forest_set_has(set, (uint32_t) code);
}

/* Whether a row, prepared by forest_walk_slots, goes right at a split. */
static inline bool
forest_walk_goes_right(const ForestWalk *walk, const ForestWalkNode *node,
					   const double *slots)
{
	if (node->slot & FOREST_WALK_SET)
		return forest_set_goes_right(walk, node,
									 slots[2 * (node->slot & FOREST_WALK_FEATURE)]);
	return slots[node->slot] > node->u.cut;
}

#endif							/* FOREST_WALK_H */
