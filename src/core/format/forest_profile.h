/*-------------------------------------------------------------------------
 *
 * forest_profile.h
 *	  The distribution of a number's values in few knots.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_PROFILE_H
#define FOREST_PROFILE_H

#include "core/base/forest_sort.h"
#include "core/forest.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_view.h"

extern uint64_t forest_quantile_rank(uint64_t n_rows, uint32_t i);
extern uint32_t forest_knot_of_rank(const ForestKnot *knots, uint32_t n,
									uint64_t rank);
extern uint32_t forest_make_knots(const ForestPair *values, uint32_t n,
								  ForestKnot *knots);
extern uint32_t forest_choose_knots(ForestKnot *knots, uint32_t n,
									uint8_t *keep);
extern bool forest_curves_valid(const ForestView *view, uint64_t n_knots,
								ForestFault *fault);

#endif							/* FOREST_PROFILE_H */
