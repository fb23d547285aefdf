/*-------------------------------------------------------------------------
 *
 * model_density.h
 *	  What a model says about the distribution of its training rows, kept
 *	  with the model for the functions that make rows and those that tell
 *	  what was expected.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_DENSITY_H
#define IFOREST_MODEL_DENSITY_H

#include "iforest.h"

#include "core/base/forest_rng.h"
#include "core/density/forest_density.h"
#include "core/density/forest_narrow.h"
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
extern ForestNarrow *density_narrow(ModelDensity *density, const bool *fixed,
									const double *row);

#endif							/* IFOREST_MODEL_DENSITY_H */
