/*-------------------------------------------------------------------------
 *
 * forest_learn.c
 *	  Counting labelled rows in the leaves where they end.
 *
 * All that a model learns from people is, of each leaf, how many rows in it
 * they called outliers and how many normal.  Counts add up, so that neither
 * the order of the rows nor who counted which of them matters; what they make
 * of a leaf's path length is forest_learned_length's to say.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/score/forest_learn.h"

/*
 * Fills numbers[i], for each node i of the walk that is a leaf, with the
 * number that the leaf has among the stored ones: those of all trees in
 * preorder.  What other nodes get means nothing.
 *
 * The right children still to come are a stack that they hold themselves, as
 * in the walk's making.
 */
void
forest_number_leaves(const ForestWalk *walk, uint32_t *numbers)
{
	uint32_t	next = 0;
	uint64_t	steps = 0;

	for (uint32_t tree = 0; tree < walk->n_trees; tree++)
	{
		uint32_t	node = walk->roots[tree];
		uint32_t	top = UINT32_MAX;

		for (;;)
		{
			uint32_t	child = walk->nodes[node].child;

			forest_pause_at(steps++);
			if (child != node)
			{
				numbers[child + 1] = top;
				top = child + 1;
				node = child;
				continue;
			}
			numbers[node] = next++;
			if (top == UINT32_MAX)
				break;
			node = top;
			top = numbers[node];
		}
	}
}

/*
 * Counts a row, given as slots of the walk, in the leaves where it ends.
 * Returns false, having counted it in some of them, if one has as many labels
 * already as can be counted.
 */
bool
forest_count_label(const ForestWalk *walk, const uint32_t *numbers,
				   const double *slots, bool is_outlier, ForestLabels *labels)
{
	for (uint32_t tree = 0; tree < walk->n_trees; tree++)
	{
		uint32_t	leaf = numbers[forest_walk_leaf(walk, tree, slots)];
		uint32_t   *count = is_outlier ? &labels[leaf].outliers :
			&labels[leaf].normal;

		if (*count == UINT32_MAX)
			return false;
		(*count)++;
	}
	return true;
}

/* Adds labels to those of n_leaves leaves; false as forest_count_label. */
bool
forest_add_labels(ForestLabels *labels, const ForestLabels *more,
				  uint32_t n_leaves)
{
	for (uint32_t i = 0; i < n_leaves; i++)
	{
		forest_pause_at(i);
		if (more[i].outliers > UINT32_MAX - labels[i].outliers ||
			more[i].normal > UINT32_MAX - labels[i].normal)
			return false;
		labels[i].outliers += more[i].outliers;
		labels[i].normal += more[i].normal;
	}
	return true;
}
