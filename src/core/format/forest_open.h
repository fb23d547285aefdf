/*-------------------------------------------------------------------------
 *
 * forest_open.h
 *	  From bytes of unknown origin to a model that can be trusted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_OPEN_H
#define FOREST_OPEN_H

#include "core/forest.h"
#include "core/format/forest_view.h"

extern ForestStatus forest_peek(const uint8_t *bytes, size_t len,
								uint64_t *total, const uint8_t **digest);
extern ForestStatus forest_open(const uint8_t *bytes, size_t len,
								ForestView *view, ForestFault *fault);

#endif							/* FOREST_OPEN_H */
