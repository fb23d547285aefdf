/*-------------------------------------------------------------------------
 *
 * calibrate.c
 *	  The calibration of a model: making one, and the aggregate
 *	  iforest_calibrate, which remakes it from rows of the caller's choice.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "base/aggregate.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_view.h"
#include "core/grow/forest_sample.h"
#include "core/score/forest_walk.h"
#include "model/model.h"
#include "model/model_bytes.h"
#include "model/model_calibrate.h"
#include "model/model_score.h"
#include "score/score_call.h"

/* Rows that iforest_calibrate keeps the lengths of; of more, a sample. */
#define MAX_LENGTHS		(UINT32_C(1) << 18)

typedef struct CalibrateState
{
	MemoryContext context;
	bytea	   *bytes;			/* the model */
	ForestView	view;
	ForestSample sample;
	double	   *lengths;
	uint64		deviations;		/* see model_deviation; their sum */
	uint64		n_deviations;
} CalibrateState;

/* Starts a state with the model of the first row. */
static CalibrateState *
begin_calibration(MemoryContext context, Datum model)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	CalibrateState *state = palloc0(sizeof(*state));

	state->context = context;
	state->bytes = model_open(PointerGetDatum(PG_DETOAST_DATUM_COPY(model)),
							  &state->view);
	/* which rows are sampled shall not depend on anything but their order */
	forest_sample_init(&state->sample, MAX_LENGTHS,
					   state->view.summary.seed, FOREST_FOR_CALIBRATION, 0);
	MemoryContextSwitchTo(old);
	return state;
}

/* Takes in the length of a row that the sample wants. */
static void
place_length(CalibrateState *state, uint64 key, double length)
{
	ForestSample *sample = &state->sample;

	if (sample->n == sample->allocated && sample->n < sample->capacity)
	{
		uint32		room =
			Min(Max(sample->allocated * 2, 64), sample->capacity);
		MemoryContext old = MemoryContextSwitchTo(state->context);

		state->lengths = state->lengths == NULL ?
			palloc(room * sizeof(double)) :
			repalloc(state->lengths, room * sizeof(double));
		sample->keys = sample->keys == NULL ?
			palloc(room * sizeof(uint64)) :
			repalloc(sample->keys, room * sizeof(uint64));
		sample->links = sample->links == NULL ?
			palloc(room * FOREST_LINK_BYTES) :
			repalloc(sample->links, room * FOREST_LINK_BYTES);
		sample->allocated = room;
		MemoryContextSwitchTo(old);
	}
	state->lengths[forest_sample_place(sample, key)] = length;
}

PG_FUNCTION_INFO_V1(iforest_calibrate_accum);
/*
 * _iforest_calibrate_accum(internal, bytea, VARIADIC "any") -> internal
 *
 * Scores a row; rows with a NULL model or without any value are passed over.
 */
Datum
iforest_calibrate_accum(PG_FUNCTION_ARGS)
{
	CalibrateState *state = PG_ARGISNULL(0) ? NULL :
		(CalibrateState *) PG_GETARG_POINTER(0);
	MemoryContext context = aggregate_context(fcinfo);
	ScoredRow	row;
	uint64		key;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = begin_calibration(context, PG_GETARG_DATUM(1));
	if (score_row_of(fcinfo, 2, state->view.digest, &row) &&
		forest_sample_wants(&state->sample, &key))
	{
		const Model *scoring = row.model;
		int64		sum = model_sum(scoring);

		state->deviations += model_deviation(scoring, sum);
		state->n_deviations++;
		place_length(state, key, forest_mean_length(sum, scoring->walk.scale,
													scoring->walk.n_trees));
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_calibrate_final);
/*
 * _iforest_calibrate_final(internal) -> bytea
 *
 * The model with its new calibration; NULL if there was no row to score.
 */
Datum
iforest_calibrate_final(PG_FUNCTION_ARGS)
{
	CalibrateState *state;
	ForestPair *masses;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (CalibrateState *) PG_GETARG_POINTER(0);
	if (state->sample.n == 0)
		PG_RETURN_NULL();
	masses = palloc(state->sample.n * sizeof(ForestPair));
	for (uint32 i = 0; i < state->sample.n; i++)
	{
		masses[i].key = forest_sort_key(state->lengths[i]);
		masses[i].value = 1;
	}
	PG_RETURN_BYTEA_P(calibrate_model(&state->view, state->bytes, masses,
									  state->sample.n,
									  model_spread(state->deviations,
												   state->n_deviations)));
}
