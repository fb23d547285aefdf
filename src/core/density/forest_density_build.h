/*-------------------------------------------------------------------------
 *
 * forest_density_build.h
 *	  The cells that a forest's cuts make, with the shares that the
 *	  profile gives them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_DENSITY_BUILD_H
#define FOREST_DENSITY_BUILD_H

#include "core/density/forest_density.h"
#include "core/forest.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"

/*
 * Whether a forest implies a distribution of each column's values, which all
 * that follows takes for granted: its splits are of one column each.
 */
static inline bool
forest_has_density(const ForestView *view)
{
	return view->n_projections == 0;
}

extern uint64_t forest_density_size(const ForestView *view);
extern uint64_t forest_density_temporary_size(const ForestView *view);
extern void forest_density_build(const ForestView *view,
								 const ForestWalk *walk, void *memory,
								 void *temporary, ForestDensity *density);
extern void forest_density_weigh_tree(ForestDensity *density, ForestBox *box,
									  uint32_t tree, double sharpness);

#endif							/* FOREST_DENSITY_BUILD_H */
