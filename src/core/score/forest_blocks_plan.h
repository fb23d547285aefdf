/*-------------------------------------------------------------------------
 *
 * forest_blocks_plan.h
 *	  Dividing a forest into bands for its fast form, and adding up
 *	  what that takes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BLOCKS_PLAN_H
#define FOREST_BLOCKS_PLAN_H

#include "core/forest.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_walk.h"

extern uint64_t forest_blocks_temporary_size(const ForestWalk *walk);
extern void forest_blocks_plan(const ForestWalk *walk,
							   const uint32_t *n_categories,
							   void *temporary, ForestBlocksPlan *plan);

#endif							/* FOREST_BLOCKS_PLAN_H */
