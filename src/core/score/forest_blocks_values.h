/*-------------------------------------------------------------------------
 *
 * forest_blocks_values.h
 *	  The different values of a forest's leaves, numbered.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BLOCKS_VALUES_H
#define FOREST_BLOCKS_VALUES_H

#include "core/forest.h"
#include "core/score/forest_blocks_layout.h"

extern uint32_t forest_number_values(ForestBuilder *b);

#endif							/* FOREST_BLOCKS_VALUES_H */
