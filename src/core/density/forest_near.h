/*-------------------------------------------------------------------------
 *
 * forest_near.h
 *	  Values near those of a given row: inside its boxes, or by noise.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_NEAR_H
#define FOREST_NEAR_H

#include "core/base/forest_rng.h"
#include "core/density/forest_density.h"
#include "core/forest.h"

extern void forest_near_tree(ForestBox *box, uint32_t tree);
extern double forest_draw_near(const ForestBox *box, uint32_t feature,
							   double row_value, ForestRng *rng);
extern double forest_draw_noise(const ForestBox *box, uint32_t feature,
								double row_value, double noise,
								ForestRng *rng);
extern double forest_draw_back(const ForestDensity *density, uint32_t feature,
							   double row_value, double value);

#endif							/* FOREST_NEAR_H */
