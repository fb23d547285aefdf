/*-------------------------------------------------------------------------
 *
 * plot.h
 *	  What the pictures share: options, axes, the score map, colours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PLOT_H
#define PLOT_H

#include "iforest.h"

#include "inspect.h"
#include "svg.h"

/* ---- colours: blue is usual, orange unusual, in every picture ---- */

#define PLOT_INK		"#222"
#define PLOT_FAINT		"#666"
#define PLOT_RULE		"#999"
#define PLOT_USUAL		"#4a8fc7"
#define PLOT_UNUSUAL	"#e8833a"

/* Sizes of letters. */
#define PLOT_TITLE_SIZE	16
#define PLOT_TEXT_SIZE	12
#define PLOT_SMALL_SIZE	11

/* ---- plot_options.c ---- */

/* What the points of iforest_plot are coloured by. */
typedef enum PlotColor
{
	PLOT_COLOR_VERDICT,
	PLOT_COLOR_SCORE
} PlotColor;

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
	PlotColor	color;
	int			n_classes;		/* 0: by their sizes */
	char	  **classes;
	Jsonb	   *at;				/* values of features, an object; or NULL */
} PlotOptions;

extern void plot_options_default(PlotOptions *options);
extern void plot_options_argument(FunctionCallInfo fcinfo, int argument,
								  PlotOptions *options);

/* ---- plot_ticks.c ---- */

#define PLOT_MAX_TICKS	64

typedef struct PlotTick
{
	double		value;
	char	   *label;
} PlotTick;

typedef struct PlotTicks
{
	int			n;
	PlotTick	ticks[PLOT_MAX_TICKS];
} PlotTicks;

extern void plot_ticks(ForestType type, double lo, double hi, int wanted,
					   PlotTicks *ticks);

/* ---- plot_axis.c ---- */

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
extern bool plot_axis_is_tilted(const PlotAxis *axis);

/* ---- plot_scale.c ---- */

#define PLOT_MAX_EDGES	32

/* Scores in bands of one colour each; the model's cut is an edge. */
typedef struct PlotScale
{
	double		lo;
	double		hi;
	bool		has_cut;
	double		cut;
	int			n_edges;		/* between the bands, ascending */
	double		edges[PLOT_MAX_EDGES];
	int			cut_edge;		/* which of them is the cut; -1: none */
} PlotScale;

extern void plot_scale_set(PlotScale *scale, double lo, double hi);
extern int	plot_scale_band(const PlotScale *scale, double score);
extern void plot_scale_tint(const PlotScale *scale, int band, char *color);
extern void plot_scale_shade(const PlotScale *scale, int band, char *color);
extern void plot_scale_draw(StringInfo svg, const PlotScale *scale, int left,
							int top, int bottom);

/* ---- plot_slice.c ---- */

extern uint32 plot_feature(const Model *model, const char *which,
						   const char *option);
extern void plot_check_features(const Model *model,
								const PlotOptions *options);
extern double *plot_slice(const ForestView *view, const Model *model,
						  const PlotOptions *options);
extern char *plot_slice_text(const ForestView *view, const double *row,
							 uint32 x, uint32 y);

/* ---- plot_map.c ---- */

/* The scores of a grid of places. */
typedef struct PlotMap
{
	int			nx;
	int			ny;
	PlotCell   *x;
	PlotCell   *y;
	double	   *scores;			/* ny rows of nx */
} PlotMap;

extern void plot_map_score(PlotMap *map, Model *model, const double *slice,
						   uint32 fx, uint32 fy);
extern void plot_map_draw(StringInfo svg, const PlotMap *map,
						  const PlotScale *scale);

/* ---- plot_marks.c ---- */

/* A row to draw. */
typedef struct PlotPoint
{
	double		x;
	double		y;
	double		score;
} PlotPoint;

extern void plot_marks_draw(StringInfo svg, PlotPoint *points, uint32 n,
							const PlotAxis *x, const PlotAxis *y, int shape,
							double radius, const char *color, bool border);
extern void plot_mark_draw(StringInfo svg, double x, double y, int shape,
						   const char *color);
extern const char *plot_class_color(int class);

#endif							/* PLOT_H */
