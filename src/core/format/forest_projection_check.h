/*-------------------------------------------------------------------------
 *
 * forest_projection_check.h
 *	  Checking the projections of a model that is being opened.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_PROJECTION_CHECK_H
#define FOREST_PROJECTION_CHECK_H

#include "core/forest.h"
#include "core/format/forest_view.h"

extern bool forest_term_valid(const ForestTerm *term);
extern ForestStatus forest_projections_check(const uint8_t *bytes,
											 uint64_t length,
											 ForestView *view,
											 ForestFault *fault);

#endif							/* FOREST_PROJECTION_CHECK_H */
