/*-------------------------------------------------------------------------
 *
 * merge_repeats.h
 *	  What models to merge have in common that they should not: trees, or
 *	  the seed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MERGE_REPEATS_H
#define IFOREST_MERGE_REPEATS_H

#include "iforest.h"

#include "core/format/forest_view.h"

extern uint32 merge_repeated_trees(const ForestView *const *views,
								   int n_views);
extern void merge_warn(const ForestView *const *views, int n_views,
					   uint32 n_repeated);

#endif							/* IFOREST_MERGE_REPEATS_H */
