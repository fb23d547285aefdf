/*-------------------------------------------------------------------------
 *
 * drift.c
 *	  The aggregate iforest_drift: how far fresh rows are from those that a
 *	  model was trained on.
 *
 * Transition scores a row and counts its values into the cells of the state;
 * the counts of workers add up.  All arithmetic is in the final function,
 * which leaves the state as it is.
 *
 * What is compared is one distribution at a time, each feature's and the
 * score's, by the population stability index of credit scoring (Siddiqi:
 * Credit Risk Scorecards, 2006) and, of numbers, the distance of Kolmogorov
 * and Smirnov.  Rows that are unusual only by how their values go together do
 * not show in any one feature; they show in the score.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "base/aggregate.h"
#include "drift/drift_report.h"
#include "drift/drift_serial.h"
#include "drift/drift_state.h"
#include "score/score_call.h"
#include "score/score_sketch.h"

/* The state in argument i, NULL if there is none yet. */
static DriftState *
drift_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NULL : (DriftState *) PG_GETARG_POINTER(i);
}

PG_FUNCTION_INFO_V1(iforest_drift_accum);
/*
 * _iforest_drift_accum(internal, model bytea, VARIADIC "any") -> internal
 *
 * Counts a row; rows with a NULL model are passed over.
 */
Datum
iforest_drift_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	DriftState *state = drift_argument(fcinfo, 0);
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
		state = drift_deserialize(drift_start(row.model, PG_GETARG_DATUM(1)),
								  context);
	}
	else
		some = score_row_of(fcinfo, 2, state->digest, &row);
	drift_count(state, some ? row.model : NULL);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_drift_combine);
/*
 * _iforest_drift_combine(internal, internal) -> internal
 *
 * Adds the rows of the second state to the first, or to a copy of its own:
 * the second may live shorter than the aggregate.
 */
Datum
iforest_drift_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	DriftState *state = drift_argument(fcinfo, 0);
	const DriftState *other = drift_argument(fcinfo, 1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = drift_deserialize(drift_serialize(other), context);
	else
		drift_merge(state, other);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_drift_serialize);
/*
 * iforest_drift_serialize(internal) -> bytea
 *
 * A worker's state for the leader.
 */
Datum
iforest_drift_serialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(drift_serialize((DriftState *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(iforest_drift_deserialize);
/*
 * iforest_drift_deserialize(bytea, internal) -> internal
 *
 * It again, in the current context, which the executor keeps until it has been
 * combined.
 */
Datum
iforest_drift_deserialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_POINTER(drift_deserialize(PG_GETARG_BYTEA_PP(0),
										CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(iforest_drift_final);
/*
 * _iforest_drift_final(internal) -> jsonb
 *
 * The report; NULL if there was no row with a model.
 */
Datum
iforest_drift_final(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(drift_report((DriftState *) PG_GETARG_POINTER(0)));
}

/* Counts the row in model->row; NULL for one without any value. */
static void
count_row(void *state, const Model *model)
{
	drift_count(state, model);
}

PG_FUNCTION_INFO_V1(iforest_drift_sketch_final);
/*
 * _iforest_drift_sketch_final(internal) -> jsonb
 *
 * The same of the rows of sketches; NULL if there was no sketch.
 */
Datum
iforest_drift_sketch_final(PG_FUNCTION_ARGS)
{
	const SketchScoring *scoring;
	DriftState *state;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	scoring = (SketchScoring *) PG_GETARG_POINTER(0);
	if (scoring->sample == NULL)
		PG_RETURN_NULL();
	state = drift_deserialize(drift_start(score_sketch_model(scoring),
										  PointerGetDatum(scoring->model)),
							  CurrentMemoryContext);
	score_sketch(scoring, count_row, state);
	PG_RETURN_DATUM(drift_report(state));
}
