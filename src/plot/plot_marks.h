/*-------------------------------------------------------------------------
 *
 * plot_marks.h
 *	  Points on the sheet: all of one class as one path, so that thousands
 *	  take little text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_MARKS_H
#define IFOREST_PLOT_MARKS_H

#include "iforest.h"

#include "lib/stringinfo.h"

#include "plot/plot_axis.h"
#include "plot/plot_point.h"

extern void plot_marks_draw(StringInfo svg, PlotPoint *points, uint32 n,
							const PlotAxis *x, const PlotAxis *y, int shape,
							double radius, const char *color, bool border);
extern void plot_mark_draw(StringInfo svg, double x, double y, int shape,
						   const char *color);
extern const char *plot_class_color(int class);

#endif							/* IFOREST_PLOT_MARKS_H */
