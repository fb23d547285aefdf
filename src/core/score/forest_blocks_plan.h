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
#include "core/score/forest_blocks_layout.h"
#include "core/score/forest_walk.h"

extern uint64_t forest_blocks_temporary_size(const ForestWalk *walk);
extern void forest_blocks_plan(const ForestWalk *walk,
							   const uint32_t *n_categories,
							   void *temporary, ForestBlocksPlan *plan);
extern uint32_t forest_chunk_count(uint32_t n_trees);
extern void forest_measure_band(const ForestBuilder *b, uint32_t tree,
								   ForestExtent *band);
extern void forest_search_tree_nodes(uint32_t m, uint32_t levels,
									 uint32_t n[]);
extern uint32_t forest_matrix_line(const ForestBuilder *b, uint32_t feature);
extern bool forest_find_columns(ForestBuilder *b);
extern void forest_take_band(const ForestBuilder *b, const uint32_t *cuts,
								ForestArena *arena, ForestBand *band);
extern void forest_take_fixed(const ForestBuilder *b,
							  const ForestBlocksPlan *plan,
							  ForestArena *arena, ForestBlocks *blocks);
extern uint64_t forest_take_temporary(const ForestWalk *walk, void *memory,
									  ForestBuilder *b);
extern uint32_t forest_bits_stride(const ForestBlocksPlan *plan);

#endif							/* FOREST_BLOCKS_PLAN_H */
