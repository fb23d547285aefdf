/*-------------------------------------------------------------------------
 *
 * plot_overlap.h
 *	  Unusual rows among regular ones in their true proportion.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_OVERLAP_H
#define IFOREST_PLOT_OVERLAP_H

#include "iforest.h"

#include "plot/plot_axis.h"
#include "plot/plot_classes.h"

extern void plot_thin_overlaps(DrawnClass *classes, int n_classes,
							   PlotAxis *x, PlotAxis *y);

#endif							/* IFOREST_PLOT_OVERLAP_H */
