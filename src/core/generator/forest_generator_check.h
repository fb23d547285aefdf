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

extern ForestStatus forest_generator_check(const uint8_t *bytes, uint64_t len,
										   uint32_t n_columns,
										   const uint32_t *types,
										   const uint32_t *n_categories,
										   ForestFault *fault);

#endif							/* FOREST_GENERATOR_CHECK_H */
