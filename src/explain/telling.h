/*-------------------------------------------------------------------------
 *
 * telling.h
 *	  How much each column tells about how unusual a row is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TELLING_H
#define IFOREST_TELLING_H

#include "iforest.h"

#include "model/model.h"

extern void model_telling(Model *model, Datum datum, double *telling);

#endif							/* IFOREST_TELLING_H */
