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

#include "core/format/forest_model.h"
#include "core/grow/forest_sample.h"
#include "row/arguments.h"
#include "row/categories.h"
#include "sketch/train_options.h"

/* A category in use by a kept row. */
typedef struct SampleCategory
{
	ForestString bytes;			/* bytes is NULL: the code is free */
	uint32		rows;			/* kept rows that have it */
} SampleCategory;

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

typedef struct RowSample
{
	MemoryContext context;		/* the aggregate's */
	TrainOptions options;
	uint32		n_features;		/* 0 until the first row that has columns */
	SampleFeature *features;
	CategoryTable *categories;	/* NULL without categorical features */
	uint64		category_bytes; /* of all categories in use */
	ForestSample sample;
	double	   *rows;			/* sample.allocated x n_features */

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
extern void row_sample_place(RowSample *state, uint64 key,
							 const double *row);
extern uint32 *row_sample_order(const RowSample *state);
extern void row_sample_merge(RowSample *state, const RowSample *other);

#endif							/* IFOREST_ROW_SAMPLE_H */
