/*-------------------------------------------------------------------------
 *
 * grid.h
 *	  The scores of a model over two of its features.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_GRID_H
#define IFOREST_GRID_H

#include "score_call.h"

/* The marks of one axis. */
typedef struct GridAxis
{
	uint32		feature;
	uint32		n;
	double	   *values;			/* ascending; codes of a category */
	char	  **texts;			/* the values as their type writes them */
} GridAxis;

/* A map of scores, all other features being as in "row". */
typedef struct ScoreGrid
{
	GridAxis	x;
	GridAxis	y;
	double	   *row;
} ScoreGrid;

/* Marks that an axis may have. */
#define GRID_MAX_STEPS	10000

extern uint32 grid_feature(const Model *model, const char *name,
						   const char *argument);
extern void grid_usual_row(const ForestView *view, double *row);
extern void grid_range(const ForestView *view, const Model *model,
					   uint32 feature, double *low, double *high);
extern void grid_axis(const ForestView *view, uint32 feature, uint32 steps,
					  double low, double high, GridAxis *axis);
extern void grid_score_line(const ScoreGrid *grid, Model *model, uint32 y,
							double *scores);

#endif							/* IFOREST_GRID_H */
