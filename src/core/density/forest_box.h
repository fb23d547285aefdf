/*-------------------------------------------------------------------------
 *
 * forest_box.h
 *	  The boxes that the leaves of a tree are, one after the other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BOX_H
#define FOREST_BOX_H

#include "core/density/forest_density.h"
#include "core/forest.h"

extern uint64_t forest_box_size(const ForestDensity *density);
extern void forest_box_init(const ForestDensity *density, void *memory,
							ForestBox *box);
extern void forest_box_reset(ForestBox *box);
extern uint32_t forest_box_middle(ForestBox *box, uint32_t i, uint32_t lo,
								  uint32_t hi);
extern void forest_box_enter(ForestBox *box, uint32_t node, bool right);
extern void forest_box_first(ForestBox *box, uint32_t tree);
extern bool forest_box_next(ForestBox *box);
extern double forest_box_share(const ForestBox *box, uint32_t feature);
extern void forest_box_unvisit(ForestBox *box);
extern bool forest_box_visit(ForestBox *box, uint32_t feature);

#endif							/* FOREST_BOX_H */
