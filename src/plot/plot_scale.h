/*-------------------------------------------------------------------------
 *
 * plot_scale.h
 *	  The scale of scores: bands of one colour each, and its legend.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_SCALE_H
#define IFOREST_PLOT_SCALE_H

#include "iforest.h"

#include "lib/stringinfo.h"

#define PLOT_MAX_EDGES	32

/* Scores in bands of one colour each; the model's threshold is an edge. */
typedef struct PlotScale
{
	double		lo;
	double		hi;
	bool		has_threshold;
	double		threshold;
	int			n_edges;		/* between the bands, ascending */
	double		edges[PLOT_MAX_EDGES];
	int			threshold_edge; /* which of them is the threshold; -1: none */
} PlotScale;

extern void plot_scale_set(PlotScale *scale, double lo, double hi);
extern int	plot_scale_band(const PlotScale *scale, double score);
extern void plot_scale_tint(const PlotScale *scale, int band, char *color);
extern void plot_scale_shade(const PlotScale *scale, int band, char *color);
extern void plot_scale_draw(StringInfo svg, const PlotScale *scale, int left,
							int top, int bottom);

#endif							/* IFOREST_PLOT_SCALE_H */
