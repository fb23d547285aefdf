/*-------------------------------------------------------------------------
 *
 * forest_grid.h
 *	  The grid that a number's values lie on, as far as its curve tells.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_GRID_H
#define FOREST_GRID_H

#include "core/density/forest_density.h"
#include "core/forest.h"

extern void forest_grid_find(uint32_t type, const ForestCurve *curve,
							 ForestCells *cells);
extern double forest_grid_edge(const ForestCells *cells, double upper);
extern double forest_grid_slack(const ForestCells *cells);
extern double forest_grid_floor(const ForestCells *cells, double value);
extern double forest_grid_round(const ForestCells *cells, double value);

#endif							/* FOREST_GRID_H */
