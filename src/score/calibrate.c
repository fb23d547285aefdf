/*-------------------------------------------------------------------------
 *
 * calibrate.c
 *	  The aggregate iforest_calibrate: a model with its calibration remade
 *	  from rows of the caller's choice.
 *
 * Transition scores a row and counts its path length; the counts of workers
 * add up.  The final function leaves the state as it is.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "base/aggregate.h"
#include "score/calibrate_state.h"
#include "score/score_call.h"
#include "score/score_sketch.h"

/* The state in argument i, NULL if there is none yet. */
static CalibrateState *
calibrate_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NULL : (CalibrateState *) PG_GETARG_POINTER(i);
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
	MemoryContext context = aggregate_context(fcinfo);
	CalibrateState *state = calibrate_argument(fcinfo, 0);
	ScoredRow	row;
	bool		some;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
	{
		some = score_row(fcinfo, 1, 2, &row);
		state = calibrate_begin(context, row.model, PG_GETARG_DATUM(1));
	}
	else
		some = score_row_of(fcinfo, 2, state->digest, &row);
	if (some)
		calibrate_count(state, row.model);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_calibrate_combine);
/*
 * _iforest_calibrate_combine(internal, internal) -> internal
 *
 * Adds the rows of the second state to the first, or to a copy of its own:
 * the second may live shorter than the aggregate.
 */
Datum
iforest_calibrate_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	CalibrateState *state = calibrate_argument(fcinfo, 0);
	CalibrateState *other = calibrate_argument(fcinfo, 1);

	if (state == NULL && other == NULL)
		PG_RETURN_NULL();
	if (state == NULL)
		state = calibrate_copy(context, other);
	else if (other != NULL)
		calibrate_merge(state, other);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_calibrate_serialize);
/* iforest_calibrate_serialize(internal) -> bytea */
Datum
iforest_calibrate_serialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(calibrate_serialize(calibrate_argument(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(iforest_calibrate_deserialize);
/* iforest_calibrate_deserialize(bytea, internal) -> internal */
Datum
iforest_calibrate_deserialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_POINTER(calibrate_deserialize(PG_GETARG_BYTEA_PP(0),
											CurrentMemoryContext));
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
	bytea	   *result = NULL;

	(void) aggregate_context(fcinfo);
	if (!PG_ARGISNULL(0))
		result = calibrate_result(calibrate_argument(fcinfo, 0));
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(result);
}

/* Counts the row in model->row, unless it has no value. */
static void
count_row(void *state, const Model *model)
{
	if (model != NULL)
		calibrate_count(state, model);
}

PG_FUNCTION_INFO_V1(iforest_calibrate_sketch_final);
/*
 * _iforest_calibrate_sketch_final(internal) -> bytea
 *
 * The same of the rows of sketches.
 */
Datum
iforest_calibrate_sketch_final(PG_FUNCTION_ARGS)
{
	const SketchScoring *scoring;
	CalibrateState *state;
	bytea	   *result;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	scoring = (SketchScoring *) PG_GETARG_POINTER(0);
	state = calibrate_begin(CurrentMemoryContext,
							score_sketch_model(scoring),
							PointerGetDatum(scoring->model));
	score_sketch(scoring, count_row, state);
	result = calibrate_result(state);
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(result);
}
