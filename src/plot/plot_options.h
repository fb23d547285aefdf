/*-------------------------------------------------------------------------
 *
 * plot_options.h
 *	  Options of pictures: from jsonb to checked values.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_OPTIONS_H
#define IFOREST_PLOT_OPTIONS_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "base/options.h"

/* What the points of iforest_plot are coloured by. */
typedef enum PlotColor
{
	PLOT_COLOR_VERDICT,
	PLOT_COLOR_SCORE
} PlotColor;

/* What becomes of points far off the others. */
typedef enum PlotTails
{
	PLOT_TAILS_ARROWS,			/* a strip at the end of the axis is theirs */
	PLOT_TAILS_FULL				/* the axis reaches them */
} PlotTails;

/* Options of a picture, checked; what each means is in doc/iforest.md. */
typedef struct PlotOptions
{
	char	   *x;				/* name or position of a feature; or NULL */
	char	   *y;
	char	   *title;			/* NULL: one made up; empty: none */
	int64		width;
	int64		height;
	int64		max_points;		/* drawn at most, of all classes together */
	int64		steps;			/* cells of the map in each direction */
	int			color;			/* a PlotColor */
	OptionNames classes;		/* none: by their sizes */
	Jsonb	   *at;				/* values of features, an object; or NULL */
	bool		map;			/* whether the score map is behind the marks */
	int			tails;			/* a PlotTails */
} PlotOptions;

extern void plot_options_default(PlotOptions *options);
extern void plot_options_argument(FunctionCallInfo fcinfo, int argument,
								  PlotOptions *options);

#endif							/* IFOREST_PLOT_OPTIONS_H */
