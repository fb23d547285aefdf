/*-------------------------------------------------------------------------
 *
 * forest_expect.h
 *	  What a feature is expected to be.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_EXPECT_H
#define FOREST_EXPECT_H

#include "core/density/forest_density.h"
#include "core/density/forest_draw.h"
#include "core/forest.h"

extern ForestExpectation forest_expect(ForestBox *box, uint32_t feature);
extern void forest_expect_also(ForestExpectation *all,
							   const ForestExpectation *one);
extern double forest_expected_value(const ForestExpectation *e);
extern uint32_t forest_heaviest(const double *weights, uint32_t n);
extern double forest_expect_given(ForestBox *box, uint32_t feature,
								  const double *row);

#endif							/* FOREST_EXPECT_H */
