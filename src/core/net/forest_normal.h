/*-------------------------------------------------------------------------
 *
 * forest_normal.h
 *	  Exponential, logarithm and normal distribution, the same bits anywhere.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_NORMAL_H
#define FOREST_NORMAL_H

#include "core/base/forest_rng.h"
#include "core/forest.h"

extern double forest_exp(double x);
extern double forest_log(double x);
extern double forest_normal_quantile(double share);
extern double forest_normal_share(double x);
extern double forest_normal_draw(ForestRng *rng);
extern double forest_open_draw(ForestRng *rng);

#endif							/* FOREST_NORMAL_H */
