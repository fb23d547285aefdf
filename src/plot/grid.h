/*-------------------------------------------------------------------------
 *
 * grid.h
 *	  What maps of scores over two of a model's features share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_GRID_H
#define IFOREST_GRID_H

#include "iforest.h"

#include "model/model.h"

extern int	hint_features(const Model *model);

#endif							/* IFOREST_GRID_H */
