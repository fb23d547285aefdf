/*-------------------------------------------------------------------------
 *
 * sketch_write.c
 *	  From a sample of rows to the bytes of a sketch.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "core/format/forest_sketch.h"
#include "core/format/forest_sketch_write.h"
#include "sketch/document_sample.h"
#include "sketch/ordered_rows.h"
#include "sketch/row_sample.h"
#include "sketch/sketch_write.h"

/* What is known of each feature, palloc'd. */
static ForestSketchFeature *
describe_features(const RowSample *state, const OrderedRows *ordered)
{
	ForestSketchFeature *features =
		palloc(state->n_features * sizeof(ForestSketchFeature));

	for (uint32 f = 0; f < state->n_features; f++)
	{
		features[f].type = state->features[f].type;
		features[f].n_categories = ordered->n_categories[f];
	}
	return features;
}

/* Makes room for a sketch, in the current context. */
static bytea *
allocate_sketch(const ForestSketchParts *parts)
{
	uint64		size = forest_sketch_size(parts);
	bytea	   *bytes;

	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("sketch of %u rows of %u columns does not fit in 1 GB",
						parts->n_rows, parts->n_features),
				 errhint("Lower n_trees or sample_size, of which the product is the most rows that a sketch keeps.")));
	bytes = palloc(size + VARHDRSZ);
	SET_VARSIZE(bytes, size + VARHDRSZ);
	return bytes;
}

/*
 * Returns the sketch of a state that has rows, palloc'd in the current
 * context.  The state is left as it is.
 */
bytea *
sketch_write(const RowSample *state)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest sketch",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	OrderedRows ordered;
	ForestSketchParts parts = {0};
	bytea	   *bytes;

	Assert(state->n_waiting == 0);
	state = document_sample_settle(state, true);
	order_rows(state, ORDER_BY_KEY, &ordered);
	parts.n_features = state->n_features;
	parts.capacity = state->sample.capacity;
	parts.n_rows = state->sample.n;
	parts.n_strings = ordered.n_strings;
	parts.features = describe_features(state, &ordered);
	parts.streams = row_sample_streams(state, &parts.n_streams);
	parts.strings = ordered.strings;
	parts.keys = ordered.keys;
	parts.weights = ordered.weights;
	parts.rows = ordered.rows;
	MemoryContextSwitchTo(old);
	bytes = allocate_sketch(&parts);
	forest_sketch_write(&parts, (uint8 *) VARDATA(bytes));
	MemoryContextDelete(context);
	return bytes;
}
