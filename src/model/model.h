/*-------------------------------------------------------------------------
 *
 * model.h
 *	  A model, decoded and ready for scoring.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_H
#define IFOREST_MODEL_H

#include "iforest.h"

#include "core/base/forest_digest.h"
#include "core/format/forest_model.h"
#include "core/score/forest_walk.h"
#include "row/categories.h"

/* A column as the model knows it; codes of its categories are 0 .. n - 1. */
typedef struct ModelFeature
{
	char	   *name;
	ForestType	type;
	uint32		n_categories;
} ModelFeature;

/*
 * A model ready for scoring: all that is in its "context". One per backend and
 * model; "row" and "scratch" serve one row at a time and hold nothing between
 * calls.
 */
typedef struct Model
{
	MemoryContext context;
	uint8		digest[FOREST_DIGEST_SIZE]; /* of its bytes */
	ForestSummary summary;
	uint32		generator;		/* ForestMethod of its generator; 0: none */
	ModelFeature *features;
	CategoryTable *categories;	/* NULL without categorical features */
	ForestWalk	walk;
	bool		learned;		/* whether it has learned from labels */
	ForestCalibration calibration;	/* n_rows is 0 if there is none */
	int64		outlier_limit;	/* sums below it are outliers' */
	double	   *row;			/* scratch: one row's features */
	void	   *scratch;		/* a row's slots for the walk */
	struct ModelKernel *kernel; /* model_score.c's: how rows are scored */
	struct varlena *source;		/* model_cache.c's: the value it came as */
	struct ModelAttached *attached; /* model_attach.c's: parts made so far */
} Model;

#endif							/* IFOREST_MODEL_H */
