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
#include "plot/plot_extent.h"
#include "plot/plot_ticks.h"
#include "svg/svg.h"

/* A category's, or several categories', place on an axis. */
typedef struct PlotBand
{
	double		value;			/* what the map is scored at */
	char	   *label;
} PlotBand;

/*
 * An axis of a feature.  Missing values have a strip of their own at its
 * start; behind it come the bands of categories, or a scale of numbers with
 * a strip on either side for what lies far beyond it.
 */
typedef struct PlotAxis
{
	char	   *name;
	ForestType	type;
	bool		vertical;
	bool		has_strip;
	PlotTail	below;
	PlotTail	above;
	bool		whole;			/* points are spread about whole numbers */
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

#define PLOT_MISSING_LABEL	"NULL"

/* Pixels of the strip for missing values, and of those for tails. */
#define PLOT_STRIP_ACROSS	36
#define PLOT_STRIP_UP	20

/* Pixels between two ticks of numbers and of times, at least about .. */
#define PLOT_TICK_ACROSS	64
#define PLOT_TIME_ACROSS	90
/* .. and between two labels that would else run into each other. */
#define PLOT_LABEL_GAP	5

extern PlotAxis *plot_axis_create(const ForestView *view, uint32 feature,
								  const PlotExtent *extent, bool vertical);
extern double plot_axis_label_room(const PlotAxis *axis);
extern void plot_axis_fit(PlotAxis *axis, int size);
extern void plot_axis_set(PlotAxis *axis, int from, int to);
extern int	plot_axis_max_cells(const PlotAxis *axis, int steps);
extern int	plot_axis_cells(const PlotAxis *axis, int steps, PlotCell *cells);
extern int	plot_axis_place(const PlotAxis *axis, double value, double jitter);

/* What drawing an axis takes. */
extern const SvgFont plot_label_font;	/* of what stands at bands and ticks */
extern int	plot_axis_strip(const PlotAxis *axis);
extern int	plot_axis_below(const PlotAxis *axis);
extern int	plot_axis_start(const PlotAxis *axis);
extern int	plot_axis_end(const PlotAxis *axis);
extern double plot_axis_length(const PlotAxis *axis);
extern double plot_axis_pixel(const PlotAxis *axis, double share);
extern double plot_axis_share(const PlotAxis *axis, double value);
extern bool plot_axis_tilted(const PlotAxis *axis);
extern char *plot_axis_tail_label(const PlotAxis *axis, const PlotTail *tail);

#endif							/* IFOREST_PLOT_AXIS_H */
