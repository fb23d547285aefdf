/*-------------------------------------------------------------------------
 *
 * plot_classes.h
 *	  Which rows of which class a picture draws, in which order, and as what.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_CLASSES_H
#define IFOREST_PLOT_CLASSES_H

#include "iforest.h"

#include "plot/plot_point.h"
#include "plot/plot_state.h"

/* A class with the points that are drawn of it. */
typedef struct DrawnClass
{
	const char *name;
	uint64		rows;			/* in all */
	uint32		n;				/* drawn */
	PlotPoint  *points;
	int			shape;
	const char *color;
	char	   *label;			/* in the legend */
} DrawnClass;

extern void plot_label_class(DrawnClass *drawn);
extern int	plot_choose_classes(const PlotState *state, DrawnClass *classes);

#endif							/* IFOREST_PLOT_CLASSES_H */
