/*-------------------------------------------------------------------------
 *
 * plot_axis.h
 *	  Axes: from the values of a feature to places on the sheet.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_AXIS_H
#define IFOREST_PLOT_AXIS_H

#include "iforest.h"

#include "lib/stringinfo.h"

#include "core/format/forest_view.h"
#include "plot/plot_ticks.h"

/* A category's, or several categories', place on an axis. */
typedef struct PlotBand
{
	double		value;			/* what the map is scored at */
	char	   *label;
} PlotBand;

/*
 * An axis of a feature.  Missing values have a strip of their own at its
 * start; behind it come the bands of categories, or a scale of numbers.
 */
typedef struct PlotAxis
{
	char	   *name;
	ForestType	type;
	bool		vertical;
	bool		has_strip;
	int			n_bands;		/* 0: a scale of numbers */
	PlotBand   *bands;
	int		   *band_of;		/* band of each value of a banded feature */
	double		lo;				/* ends of a scale */
	double		hi;
	double		first;			/* values on it that have a tick or are */
	double		last;			/* around all that do */
	int			room;			/* most pixels that labels take across the
								 * axis */
	int			from;			/* in pixels; of a vertical axis the larger */
	int			to;
	PlotTicks	ticks;			/* of a scale */
} PlotAxis;

/* A step of an axis that the map is scored at. */
typedef struct PlotCell
{
	int			from;			/* in pixels, along the axis */
	int			to;
	double		value;
} PlotCell;

/* What the points to draw have along an axis. */
typedef struct PlotExtent
{
	double		lo;				/* of finite values; lo > hi: there are none */
	double		hi;
	bool		missing;
	bool		unseen;
	uint32		infinite;		/* points at an infinity */
} PlotExtent;

extern PlotAxis *plot_axis_create(const ForestView *view, uint32 feature,
								  const PlotExtent *extent, bool vertical);
extern double plot_axis_label_room(const PlotAxis *axis);
extern void plot_axis_fit(PlotAxis *axis, int size);
extern void plot_axis_set(PlotAxis *axis, int from, int to);
extern int	plot_axis_max_cells(const PlotAxis *axis, int steps);
extern int	plot_axis_cells(const PlotAxis *axis, int steps, PlotCell *cells);
extern int	plot_axis_place(const PlotAxis *axis, double value, double jitter);
extern void plot_axis_draw(StringInfo svg, const PlotAxis *x,
						   const PlotAxis *y);

#endif							/* IFOREST_PLOT_AXIS_H */
