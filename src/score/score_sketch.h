/*-------------------------------------------------------------------------
 *
 * score_sketch.h
 *	  Sketches in the place of rows that a model scores.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SCORE_SKETCH_H
#define IFOREST_SCORE_SKETCH_H

#include "iforest.h"

#include "core/base/forest_digest.h"
#include "model/model.h"
#include "sketch/row_sample.h"

/* The state of an aggregate over a model and sketches. */
typedef struct SketchScoring
{
	bytea	   *model;
	uint8		digest[FOREST_DIGEST_SIZE]; /* the model's */
	RowSample  *sample;			/* the union; NULL if there was no sketch */
} SketchScoring;

/*
 * What is done with a row, which is in model->row; model is NULL for one that
 * has none of the model's values.
 */
typedef void (*SketchRowFunction) (void *state, const Model *model);

extern Model *score_sketch_model(const SketchScoring *scoring);
extern void score_sketch(const SketchScoring *scoring,
						 SketchRowFunction function, void *state);

#endif							/* IFOREST_SCORE_SKETCH_H */
