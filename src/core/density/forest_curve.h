/*-------------------------------------------------------------------------
 *
 * forest_curve.h
 *	  One number's distribution as the knots of its profile tell it:
 *	  shares and values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_CURVE_H
#define FOREST_CURVE_H

#include "core/density/forest_density.h"
#include "core/forest.h"

extern double forest_between(double a, double b, double part);
extern double forest_curve_share(const ForestCurve *curve, double value);
extern double forest_curve_value(const ForestCurve *curve, double share);
extern double forest_curve_snap(const ForestCurve *curve, double value,
								double slack);

#endif							/* FOREST_CURVE_H */
