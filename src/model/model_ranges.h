/*-------------------------------------------------------------------------
 *
 * model_ranges.h
 *	  Where a model's training rows were, a feature, kept with the model for
 *	  the functions that vary one or two of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_RANGES_H
#define IFOREST_MODEL_RANGES_H

#include "iforest.h"

#include "model/model.h"

/* A feature's values in the training rows. */
typedef struct ModelRange
{
	double		usual;			/* median, or code of the commonest category */
	double		low;			/* of a number: the finite ones that are .. */
	double		high;			/* .. known; NaN if none is */
	bool		is_whole;		/* there is none beyond these */
} ModelRange;

extern void range_widen(ModelRange *range, double value);
extern const ModelRange *model_ranges(Model *model, Datum datum);

#endif							/* IFOREST_MODEL_RANGES_H */
