/*-------------------------------------------------------------------------
 *
 * plot_map.h
 *	  The score map: the scores of a grid of places, drawn as bands.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_MAP_H
#define IFOREST_PLOT_MAP_H

#include "iforest.h"

#include "lib/stringinfo.h"

#include "model/model.h"
#include "plot/plot_axis.h"
#include "plot/plot_scale.h"

/* The scores of a grid of places. */
typedef struct PlotMap
{
	int			nx;
	int			ny;
	PlotCell   *x;
	PlotCell   *y;
	double	   *scores;			/* ny rows of nx */
} PlotMap;

extern void plot_map_score(PlotMap *map, const Model *model,
						   const double *slice, uint32 fx, uint32 fy);
extern void plot_map_draw(StringInfo svg, const PlotMap *map,
						  const PlotScale *scale);

#endif							/* IFOREST_PLOT_MAP_H */
