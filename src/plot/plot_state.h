/*-------------------------------------------------------------------------
 *
 * plot_state.h
 *	  The transition state of iforest_plot.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_STATE_H
#define IFOREST_PLOT_STATE_H

#include "iforest.h"

#include "core/format/forest_view.h"
#include "core/grow/forest_sample.h"
#include "model/model.h"
#include "plot/plot_options.h"
#include "plot/plot_point.h"

/* Classes that can be told apart in one picture. */
#define PLOT_MAX_CLASSES	8

/* The rows of one class: a uniform sample of at most max_points of them. */
typedef struct PlotClass
{
	char	   *name;
	bool		is_null;		/* of rows whose class is NULL */
	ForestSample sample;
	PlotPoint  *points;
} PlotClass;

typedef struct PlotState
{
	MemoryContext context;		/* the aggregate's */
	bytea	   *bytes;			/* the model */
	ForestView	view;
	Model	   *model;			/* decoded, as long as the cache has it: */
	uint64		generation;		/* .. of the cache when it had */
	PlotOptions options;
	int			options_argument;	/* of transition functions; 0: none */
	int			class_argument; /* 0: regular and unusual rows, or all one */
	int			first;			/* argument of the columns */
	FmgrInfo	class_output;	/* writes a class as text */
	bool		resolved;		/* x and y are set */
	uint32		x;				/* features */
	uint32		y;
	int			n_classes;
	PlotClass	classes[PLOT_MAX_CLASSES];
} PlotState;

/* Names of the classes that a model makes. */
#define CLASS_REGULAR	"regular"
#define CLASS_UNUSUAL	"unusual"
#define CLASS_ROWS		"rows"	/* of a model without a threshold */

/* What rows are called that have no class; a text may be the same. */
#define CLASS_NULL		"(no class)"

#endif							/* IFOREST_PLOT_STATE_H */
