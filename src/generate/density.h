/*-------------------------------------------------------------------------
 *
 * density.h
 *	  What a model says about the distribution of its training rows, kept
 *	  with the model for the functions that make rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_DENSITY_H
#define IFOREST_DENSITY_H

#include "iforest.h"

#include "core/base/forest_rng.h"
#include "core/density/forest_density.h"
#include "model/model.h"

/* What a model keeps for making rows, built when first asked. */
typedef struct ModelDensity
{
	ForestDensity density;
	ForestBox	box;			/* scratch */
} ModelDensity;

extern ModelDensity *model_density(Model *model, Datum datum);
extern void density_draw_row(ModelDensity *density, const bool *fixed,
							 double *row, ForestRng *rng, double *seen);
extern int64 generation_count(int64 n);
extern uint64 generation_seed(FunctionCallInfo fcinfo, int argument);

#endif							/* IFOREST_DENSITY_H */
