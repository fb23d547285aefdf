/*-------------------------------------------------------------------------
 *
 * plot_ticks.h
 *	  Round numbers and times between two ends of an axis, with labels.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_TICKS_H
#define IFOREST_PLOT_TICKS_H

#include "iforest.h"


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

#endif							/* IFOREST_PLOT_TICKS_H */
