/*-------------------------------------------------------------------------
 *
 * plot_extent.h
 *	  How far the points to draw reach along an axis.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_EXTENT_H
#define IFOREST_PLOT_EXTENT_H

#include "iforest.h"

#include "model/model.h"
#include "plot/plot_classes.h"

/* Points beyond one end of a scale. */
typedef struct PlotTail
{
	uint32		n;
	double		middle;			/* of their values */
	double		far;			/* the farthest */
} PlotTail;

/* What the points to draw have along an axis. */
typedef struct PlotExtent
{
	double		lo;				/* of finite values but those of the tails; lo
								 * > hi: there are none */
	double		hi;
	PlotTail	below;
	PlotTail	above;
	bool		missing;
	bool		unseen;
	bool		whole;			/* so many points at whole numbers that they
								 * would hide each other */
	uint32		infinite;		/* points at an infinity */
} PlotExtent;

extern void plot_extent(PlotExtent *extent, const ModelFeature *feature,
						const DrawnClass *classes, int n_classes,
						bool vertical, bool tails);

#endif							/* IFOREST_PLOT_EXTENT_H */
