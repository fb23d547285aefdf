/*-------------------------------------------------------------------------
 *
 * forest_narrow.c
 *	  A forest as rows meet it that differ in some features only.
 *
 * A split of a feature that is the same in all of the rows sends all of them
 * one way, so that it can be left out, with all that is on its other side.
 * Of a tree in which few features vary, little remains.  Each row comes to
 * the same leaves as before, and past the same splits of the features that
 * vary, so that whatever is worked out of it is the same to the last bit.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/density/forest_density.h"
#include "core/density/forest_narrow.h"
#include "core/score/forest_walk.h"

/*
 * The node that rows, all of which have what is fixed as it is in the slots,
 * come to from node i: a split of a feature that varies, or a leaf.  "*steps"
 * counts those taken.
 */
static uint32_t
next_varying(const ForestDensity *whole, uint32_t i, const bool *fixed,
			 const double *slots, uint64_t *steps)
{
	const ForestWalk *walk = whole->walk;

	while (!forest_walk_is_leaf(walk, i) &&
		   fixed[forest_density_feature(whole, i)])
	{
		forest_pause_at((*steps)++);
		i = walk->nodes[i].child +
			forest_walk_goes_right(walk, &walk->nodes[i], slots);
	}
	return i;
}

/*
 * Adds what is left of a tree of the whole forest, the first of which is tree
 * 0 with no nodes in narrow->walk before it: no more nodes than the tree has.
 * Features that are fixed are as a row has them, from which
 * forest_walk_slots made the slots.
 */
void
forest_narrow_tree(const ForestDensity *whole, uint32_t tree,
				   const bool *fixed, const double *slots,
				   ForestNarrow *narrow)
{
	ForestWalkNode *nodes = narrow->nodes;
	uint32_t   *from = narrow->rank;	/* of nodes to come: in the whole */
	uint32_t	k = narrow->walk.n_nodes;
	uint32_t	end = k;
	uint64_t	steps = 0;

	narrow->roots[tree] = k;
	from[end++] = whole->walk->roots[tree];
	for (; k < end; k++)
	{
		uint32_t	i = next_varying(whole, from[k], fixed, slots, &steps);

		forest_pause_at(steps++);
		nodes[k] = whole->walk->nodes[i];
		narrow->gain[k] = whole->gain[i];
		narrow->rank[k] = whole->rank[i];
		if (forest_walk_is_leaf(whole->walk, i))
		{
			nodes[k].child = k;
			continue;
		}
		nodes[k].child = end;
		from[end++] = whole->walk->nodes[i].child;
		from[end++] = whole->walk->nodes[i].child + 1;
	}
	narrow->walk.n_nodes = end;
}

/*
 * Makes narrow->density that of the whole, but for its trees, when all of
 * them have been added.  It knows no rows of nodes.
 */
void
forest_narrow_finish(const ForestDensity *whole, ForestNarrow *narrow)
{
	uint32_t	n_nodes = narrow->walk.n_nodes;

	narrow->walk = *whole->walk;
	narrow->walk.n_nodes = n_nodes;
	narrow->walk.roots = narrow->roots;
	narrow->walk.nodes = narrow->nodes;
	narrow->walk.values = NULL;
	narrow->density = *whole;
	narrow->density.walk = &narrow->walk;
	narrow->density.gain = narrow->gain;
	narrow->density.rank = narrow->rank;
	narrow->density.rows = NULL;
}
