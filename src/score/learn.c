/*-------------------------------------------------------------------------
 *
 * learn.c
 *	  The aggregate iforest_learn: a model with what people said of rows.
 *
 * Transition counts a labelled row in the leaves where it ends; the counts of
 * workers add up.  The final function, which leaves the state as it is, writes
 * the counts into a copy of the model, in place of those that it had.
 *
 * Learning shifts the path lengths of leaves by the labels in them and nothing
 * else, so a row that shares no leaf with any label keeps its score: feedback
 * for an isolation forest as in Das et al.: Active Anomaly Detection via
 * Ensembles, 2018, but by a formula of counts in place of their optimization,
 * so that no order of the rows matters (forest_learned_length).
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "base/aggregate.h"
#include "base/errors.h"
#include "base/state_bytes.h"
#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/score/forest_learn.h"
#include "core/score/forest_walk.h"
#include "model/model.h"
#include "model/model_bytes.h"
#include "model/model_labels.h"
#include "score/score_call.h"

/* First word: tells a state of this layout from anything else. */
#define STATE_MAGIC		0x69664C01

/* The state of iforest_learn; it lives in the aggregate's context. */
typedef struct LearnState
{
	bytea	   *bytes;			/* the model */
	ForestView	view;			/* of it */
	uint32	   *numbers;		/* see forest_number_leaves; or NULL */
	ForestLabels *labels;		/* of each leaf */
	bool		some;			/* whether there is a label */
} LearnState;

/* The state in argument i, NULL if there is none yet. */
static LearnState *
learn_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NULL : (LearnState *) PG_GETARG_POINTER(i);
}

/*
 * Returns a state without labels, in "context", of a model that is there as
 * long.
 */
static LearnState *
learn_begin(MemoryContext context, bytea *bytes)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	LearnState *state = palloc0(sizeof(*state));
	Size		size;

	state->bytes = model_open(PointerGetDatum(bytes), &state->view);
	size = state->view.n_leaves * sizeof(ForestLabels);
	state->labels = palloc_extended(size, MCXT_ALLOC_HUGE);
	forest_clear(state->labels, size);
	MemoryContextSwitchTo(old);
	return state;
}

/* Reports a count that is as great as it can be. */
static void
report_too_many(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("more than %u labels of one kind end in one leaf of the model",
					PG_UINT32_MAX),
			 errhint("Learn from a sample of the labelled rows.")));
}

/* Counts the row in model->row, of the state's model. */
static void
learn_row(LearnState *state, MemoryContext context, const Model *model,
		  bool is_outlier)
{
	const ForestWalk *walk = &model->walk;

	if (state->numbers == NULL)
	{
		uint32	   *numbers = MemoryContextAllocHuge(context, walk->n_nodes *
													 sizeof(uint32));

		forest_number_leaves(walk, numbers);
		state->numbers = numbers;
	}
	forest_walk_slots(walk, model->row, model->scratch);
	if (!forest_count_label(walk, state->numbers, model->scratch, is_outlier,
							state->labels))
		report_too_many();
	state->some = true;
}

PG_FUNCTION_INFO_V1(iforest_learn_accum);
/*
 * iforest_learn_accum(internal, model bytea, is_outlier bool, VARIADIC "any")
 *		-> internal
 *
 * Counts a row; those with a NULL model, without a label or without any value
 * are passed over.
 */
Datum
iforest_learn_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	LearnState *state = learn_argument(fcinfo, 0);
	ScoredRow	row;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		bytea	   *copy = PG_GETARG_BYTEA_P_COPY(1);

		MemoryContextSwitchTo(old);
		state = learn_begin(context, copy);
	}
	if (!PG_ARGISNULL(2) &&
		score_row_of(fcinfo, 3, state->view.digest, &row))
		learn_row(state, context, row.model, PG_GETARG_BOOL(2));
	PG_RETURN_POINTER(state);
}

/* Returns the state as bytes, palloc'd. */
static bytea *
learn_serialize(const LearnState *state)
{
	uint32		magic = STATE_MAGIC;
	StringInfoData buf;

	pq_begintypsend(&buf);
	state_send_array(&buf, &magic, sizeof(magic));
	state_send_string(&buf, VARDATA_ANY(state->bytes),
					  (uint32) VARSIZE_ANY_EXHDR(state->bytes));
	pq_sendbyte(&buf, state->some);
	state_send_array(&buf, state->labels,
					 state->view.n_leaves * sizeof(ForestLabels));
	return pq_endtypsend(&buf);
}

/* Returns the state that bytes hold, in "context"; an error if none. */
static LearnState *
learn_deserialize(const bytea *bytes, MemoryContext context)
{
	StringInfoData buf;
	LearnState *state;

	state_open(&buf, bytes, STATE_MAGIC);
	state = learn_begin(context, state_receive_bytea(&buf, context));
	state->some = pq_getmsgbyte(&buf) != 0;
	pfree(state->labels);
	state->labels = state_receive_array(&buf, context, state->view.n_leaves,
										sizeof(ForestLabels));
	if (buf.cursor != buf.len)
		state_report_bad();
	return state;
}

/* Adds the labels of a state to those of another of the same model. */
static void
add_labels(LearnState *state, const LearnState *other)
{
	if (memcmp(state->view.digest, other->view.digest,
			   FOREST_DIGEST_SIZE) != 0)
		report_changed_model();
	if (!forest_add_labels(state->labels, other->labels,
						   state->view.n_leaves))
		report_too_many();
	state->some |= other->some;
}

PG_FUNCTION_INFO_V1(iforest_learn_combine);
/*
 * iforest_learn_combine(internal, internal) -> internal
 *
 * Adds the labels of the second state to the first, or to a copy of its own:
 * the second may live shorter than the aggregate.
 */
Datum
iforest_learn_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	LearnState *state = learn_argument(fcinfo, 0);
	const LearnState *other = learn_argument(fcinfo, 1);

	if (state == NULL && other == NULL)
		PG_RETURN_NULL();
	if (state == NULL)
		state = learn_deserialize(learn_serialize(other), context);
	else if (other != NULL)
		add_labels(state, other);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_learn_serialize);
/*
 * iforest_learn_serialize(internal) -> bytea
 *
 * A worker's state, with the model, for the leader.
 */
Datum
iforest_learn_serialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(learn_serialize((LearnState *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(iforest_learn_deserialize);
/*
 * iforest_learn_deserialize(bytea, internal) -> internal
 *
 * It again, in the current context.
 */
Datum
iforest_learn_deserialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_POINTER(learn_deserialize(PG_GETARG_BYTEA_PP(0),
										CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(iforest_learn_final);
/*
 * iforest_learn_final(internal) -> bytea
 *
 * The model with its labels; as it is, calibration and all, if there are none
 * and it had none; NULL if there was no model.
 */
Datum
iforest_learn_final(PG_FUNCTION_ARGS)
{
	const LearnState *state;
	bytea	   *copy;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = learn_argument(fcinfo, 0);
	if (state->some || state->view.labels != NULL)
		PG_RETURN_BYTEA_P(model_relabel(state->bytes, &state->view,
										state->some ? state->labels : NULL));
	copy = palloc(VARSIZE_ANY(state->bytes));
	forest_copy(copy, state->bytes, VARSIZE_ANY(state->bytes));
	PG_RETURN_BYTEA_P(copy);
}
