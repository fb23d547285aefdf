/*-------------------------------------------------------------------------
 *
 * forest_blocks_values.c
 *	  Numbering the different values of a forest's leaves for its fast form.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/score/forest_blocks_layout.h"
#include "core/score/forest_blocks_values.h"
#include "core/score/forest_walk.h"

/* Gathers (value, node) of all leaves, sorted by value; returns how many. */
static uint32_t
sort_leaves(ForestBuilder *b)
{
	const ForestWalk *walk = b->walk;
	uint32_t	n = 0;

	for (uint32_t node = 0; node < walk->n_nodes; node++)
	{
		forest_pause_at(node);
		if (forest_walk_is_leaf(walk, node))
			b->pairs[n++] = (ForestPair) {(uint64_t) walk->values[node], node};
	}
	forest_sort(b->pairs, b->sort_space, n);	/* values are not negative */
	return n;
}

/*
 * Numbers the different values, the most frequent first, because only
 * FOREST_EXIT_CHILD of them can be named by an exit; fills b->value of all
 * leaves.  Returns how many values there are.
 */
uint32_t
forest_number_values(ForestBuilder *b)
{
	ForestPair *runs = b->pairs;
	uint32_t	n = sort_leaves(b);
	uint32_t	n_runs = 0;
	uint32_t	begin = 0;

	/* a run of equal values becomes (fewest last, its number) */
	for (uint32_t i = 0; i < n; i++)
	{
		uint64_t	value = runs[i].key;

		forest_pause_at(i);
		b->value[runs[i].value] = n_runs;
		if (i + 1 < n && runs[i + 1].key == value)
			continue;
		runs[n_runs] = (ForestPair) {UINT64_MAX - (i + 1 - begin), n_runs};
		n_runs++;
		begin = i + 1;
	}
	forest_sort(runs, b->sort_space, n_runs);
	for (uint32_t i = 0; i < n_runs; i++)
	{
		forest_pause_at(i);
		b->queue[runs[i].value] = i;
	}
	for (uint32_t node = 0; node < b->walk->n_nodes; node++)
	{
		forest_pause_at(node);
		if (forest_walk_is_leaf(b->walk, node))
			b->value[node] = b->queue[b->value[node]];
	}
	return n_runs;
}
