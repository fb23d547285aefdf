/*-------------------------------------------------------------------------
 *
 * forest_dictionary.h
 *	  Drawing the projections that the trees of a forest may split.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_DICTIONARY_H
#define FOREST_DICTIONARY_H

#include "core/base/forest_rng.h"
#include "core/forest.h"
#include "core/format/forest_projection.h"

/* What a projection measures a feature's values by. */
typedef struct ForestScale
{
	double		centre;
	double		scale;			/* 0: the feature is in no projection */
} ForestScale;

extern double forest_usual_deviation(const double *values, uint32_t n_rows,
									 uint32_t stride);
extern uint32_t forest_count_scaled(const ForestScale *scales,
									uint32_t n_features);
extern uint32_t forest_dictionary_size(uint32_t n_scaled,
									   uint32_t per_projection);
extern void forest_draw_dictionary(const ForestScale *scales,
								   uint32_t n_features,
								   uint32_t per_projection, ForestRng *rng,
								   uint32_t n, uint32_t *ends,
								   ForestTerm *terms, uint32_t *cards);

#endif							/* FOREST_DICTIONARY_H */
