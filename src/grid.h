/*-------------------------------------------------------------------------
 *
 * grid.h
 *	  What maps of scores over two of a model's features share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_GRID_H
#define IFOREST_GRID_H

#include "score_call.h"

extern uint32 find_feature(const Model *model, const char *name, size_t len);
extern int	hint_features(const Model *model);
extern void grid_usual_row(const ForestView *view, double *row);

#endif							/* IFOREST_GRID_H */
