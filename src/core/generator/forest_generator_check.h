/*-------------------------------------------------------------------------
 *
 * forest_generator_check.h
 *	  From bytes of unknown origin to a generator that can be trusted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_GENERATOR_CHECK_H
#define FOREST_GENERATOR_CHECK_H

#include "core/forest.h"
#include "core/format/forest_view.h"

extern ForestStatus forest_generator_check(const uint8_t *bytes, uint64_t len,
										   const ForestView *view,
										   ForestFault *fault);
extern ForestStatus forest_open_whole(const uint8_t *bytes, size_t len,
									  ForestView *view, ForestFault *fault);

#endif							/* FOREST_GENERATOR_CHECK_H */
