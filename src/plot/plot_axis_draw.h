/*-------------------------------------------------------------------------
 *
 * plot_axis_draw.h
 *	  Drawing axes: ticks, labels, the borders of strips and bands, arrows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_AXIS_DRAW_H
#define IFOREST_PLOT_AXIS_DRAW_H

#include "iforest.h"

#include "lib/stringinfo.h"

#include "plot/plot_axis.h"

extern void plot_axis_draw(StringInfo svg, const PlotAxis *x,
						   const PlotAxis *y, bool map);

#endif							/* IFOREST_PLOT_AXIS_DRAW_H */
