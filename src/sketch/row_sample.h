/*-------------------------------------------------------------------------
 *
 * row_sample.h
 *	  A uniform sample of rows, which forests are trained from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ROW_SAMPLE_H
#define IFOREST_ROW_SAMPLE_H

#include "iforest.h"

#include "core/base/forest_weight.h"
#include "core/format/forest_model.h"
#include "core/format/forest_sketch.h"
#include "core/grow/forest_sample.h"
#include "row/arguments.h"
#include "row/categories.h"
#include "sketch/number_map.h"
#include "sketch/train_options.h"

/* A category in use by a kept row. */
typedef struct SampleCategory
{
	ForestString bytes;			/* bytes is NULL: the code is free */
	uint32		rows;			/* kept rows that have it */
} SampleCategory;

/* Orders of rows that do not depend on how they came into the sample. */
typedef enum RowOrder
{
	ORDER_BY_KEY,				/* of random keys */
	ORDER_BY_TURN				/* rows of one stream lie as they came */
} RowOrder;

/* What tells a row from others, and how much it counts. */
typedef struct RowKey
{
	uint64		key;			/* random; follows from its place in a stream */
	double		weight;
} RowKey;

typedef struct SampleFeature
{
	char	   *name;
	ForestType	type;
	/* of a category */
	uint32		n_codes;		/* codes ever given out */
	uint32		n_used;			/* of these, in use */
	uint32		max_codes;		/* room in codes */
	uint32		first_free;		/* no code below it is free */
	SampleCategory *codes;
	/* of a document's key; see document_sample.c */
	uint32		n_values;		/* kept rows that have a value */
	uint64		document;		/* the last that had one, by n_documents */
} SampleFeature;

typedef struct RowWaiting RowWaiting;

typedef struct RowSample
{
	MemoryContext context;		/* the aggregate's */
	TrainOptions options;
	uint32		n_features;		/* 0 until the first row that has columns */
	SampleFeature *features;
	CategoryTable *categories;	/* NULL without categorical features */
	uint64		category_bytes; /* of all categories in use */

	/* of rows some of whose columns are left out */
	uint32		n_columns;		/* all of them */
	uint32	   *columns;		/* that of each feature; NULL: none is out */

	/*
	 * Rows come from streams, each with keys of its own: this state's, and
	 * those of what was merged into it.  sample.drawn is of all of them.
	 */
	uint64		stream;			/* the seed of its own */
	NumberMap  *streams;		/* rows of each other one; NULL if none */
	uint64		merged_seen;	/* of all others */

	uint32		weight_column;	/* of the call; with option "weight" */

	ForestSample sample;
	uint32		effective;		/* of expanded weights; ForestSummary */
	uint32		passed;			/* rows between the last two not unwanted */
	RowKey	   *weighed;		/* of each slot, if sample.weighted; or NULL */
	NumberMap  *slots;			/* by key, where rows may come twice; or NULL */
	double	   *rows;			/* sample.allocated x n_features */
	RowWaiting *waiting;		/* rows yet to be placed; NULL: never were */
	uint32		n_waiting;		/* 0 where somebody reads the sample */

	/* of documents; see document_sample.c */
	bool		by_key;			/* features are keys, and some may be free */
	CategoryTable *keys;		/* the number of each feature that has a name */
	uint64		n_documents;	/* read so far */
	double	   *row;			/* the current one */
} RowSample;

extern RowSample *row_sample_create(MemoryContext context,
									const TrainOptions *options,
									bool partial);
extern void row_sample_define(RowSample *state, uint32 n_features,
							  const ArgumentColumn *columns);
extern double row_sample_code(RowSample *state, uint32 feature,
							  ForestString bytes);
extern void row_sample_place(RowSample *state, RowKey key,
							 const double *row);
extern uint32 *row_sample_order(const RowSample *state, RowOrder order);
extern void row_sample_replace(RowSample *state, uint32 slot,
							   const double *row);
extern void row_sample_reduce(RowSample *state, uint32 capacity);
extern void row_sample_index(RowSample *state);
extern bool row_sample_add_stream(RowSample *state, uint64 id, uint64 rows);
extern ForestStream *row_sample_streams(const RowSample *state, uint32 *n);

/* What the sample orders a row by. */
static inline uint64
row_sample_rank(const RowSample *state, RowKey key)
{
	return state->sample.weighted ?
		forest_weighted_key(key.key, key.weight) : key.key;
}

/* The key of the row in a slot. */
static inline RowKey
row_sample_key(const RowSample *state, uint32 slot)
{
	return state->sample.weighted ? state->weighed[slot] :
		(RowKey) {state->sample.keys[slot], 1.0};
}

#endif							/* IFOREST_ROW_SAMPLE_H */
