/*-------------------------------------------------------------------------
 *
 * plot_point.h
 *	  A row to draw.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_POINT_H
#define IFOREST_PLOT_POINT_H

#include "iforest.h"

/* A row to draw, by its features and its score. */
typedef struct PlotPoint
{
	double		x;
	double		y;
	double		score;
} PlotPoint;

#endif							/* IFOREST_PLOT_POINT_H */
