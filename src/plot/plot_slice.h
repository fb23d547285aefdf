/*-------------------------------------------------------------------------
 *
 * plot_slice.h
 *	  Which two features a map shows, and where it holds the others.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_SLICE_H
#define IFOREST_PLOT_SLICE_H

#include "iforest.h"

#include "core/format/forest_view.h"
#include "model/model.h"
#include "plot/plot_options.h"

extern uint32 plot_feature(const Model *model, const char *which,
						   const char *option);
extern void plot_check_features(const Model *model,
								const PlotOptions *options);
extern double *plot_slice(const ForestView *view, const Model *model,
						  const PlotOptions *options);
extern char *plot_slice_text(const ForestView *view, const double *row,
							 uint32 x, uint32 y);

#endif							/* IFOREST_PLOT_SLICE_H */
