/*-------------------------------------------------------------------------
 *
 * train_state.h
 *	  The transition state of iforest_train: a uniform sample of the rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_STATE_H
#define IFOREST_TRAIN_STATE_H

#include "iforest.h"

#include "base/options.h"
#include "core/format/forest_model.h"
#include "core/grow/forest_sample.h"
#include "row/arguments.h"
#include "row/categories.h"

/* A category in use by a kept row. */
typedef struct TrainCategory
{
	ForestString bytes;			/* bytes is NULL: the code is free */
	uint32		rows;			/* kept rows that have it */
} TrainCategory;

typedef struct TrainFeature
{
	char	   *name;
	ForestType	type;
	/* of a category */
	uint32		n_codes;		/* codes ever given out */
	uint32		n_used;			/* of these, in use */
	uint32		max_codes;		/* room in codes */
	uint32		first_free;		/* no code below it is free */
	TrainCategory *codes;
} TrainFeature;

typedef struct TrainState
{
	MemoryContext context;		/* the aggregate's */
	TrainOptions options;
	uint32		n_features;		/* 0 until the first row that has columns */
	TrainFeature *features;
	CategoryTable *categories;	/* NULL without categorical features */
	uint64		category_bytes; /* of all categories in use */
	ForestSample sample;
	double	   *rows;			/* sample.allocated x n_features */
} TrainState;

extern TrainState *train_state_create(MemoryContext context,
									  const TrainOptions *options,
									  bool partial);
extern void train_state_define(TrainState *state, uint32 n_features,
							   const ArgumentColumn *columns);
extern double train_state_code(TrainState *state, uint32 feature,
							   ForestString bytes);
extern void train_state_place(TrainState *state, uint64 key,
							  const double *row);
extern void train_state_merge(TrainState *state, const TrainState *other);

#endif							/* IFOREST_TRAIN_STATE_H */
