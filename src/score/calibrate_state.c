/*-------------------------------------------------------------------------
 *
 * calibrate_state.c
 *	  The state of iforest_calibrate: how long the paths of the rows are.
 *
 * Rows are counted by the sums of their path lengths, which are integers, so
 * that neither the order of the rows nor the parts of a plan matter.
 *
 * The model goes with a state only when the state goes elsewhere, and once:
 * until then the state keeps what the row had, which for a stored model is a
 * pointer of a few bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "base/state_bytes.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"
#include "model/model_bytes.h"
#include "model/model_calibrate.h"
#include "model/model_score.h"
#include "score/calibrate_state.h"

/* First word: tells a state of this layout from anything else. */
#define STATE_MAGIC		0x69664301

/* Pairs that a state begins with. */
#define FIRST_PAIRS		64

/*
 * Returns a state without rows, in "context", of a decoded model, which came
 * as "datum".  The query that it came in sees it until the end.
 */
CalibrateState *
calibrate_begin(MemoryContext context, const Model *model, Datum datum)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	CalibrateState *state = palloc0(sizeof(*state));
	struct varlena *given = (struct varlena *) DatumGetPointer(datum);

	state->context = context;
	if (VARATT_IS_EXTERNAL(given) && !VARATT_IS_EXTERNAL_ONDISK(given))
		state->model = PG_DETOAST_DATUM_COPY(datum);
	else
		state->model = (struct varlena *)
			DatumGetPointer(datumCopy(datum, false, -1));
	memcpy(state->digest, model->digest, sizeof(state->digest));
	state->scale = model->walk.scale;
	state->sums.allocated = FIRST_PAIRS;
	state->sums.pairs = palloc(FIRST_PAIRS * sizeof(ForestPair));
	MemoryContextSwitchTo(old);
	return state;
}

/* Makes room for one more pair. */
static void
make_room(ForestTally *sums)
{
	ForestPair *temporary = palloc(sums->n * sizeof(ForestPair));

	forest_tally_settle(sums, temporary);
	pfree(temporary);
	if (sums->n <= sums->allocated / 2)
		return;
	sums->allocated *= 2;
	sums->pairs = repalloc(sums->pairs,
						   sums->allocated * sizeof(ForestPair));
}

/* Counts so many rows of one sum. */
static void
add_rows(CalibrateState *state, uint64 sum, uint64 rows)
{
	if (state->sums.n == state->sums.allocated)
		make_room(&state->sums);
	forest_tally_add(&state->sums, sum, rows);
}

/* Adds to the sum of deviations, which no honest model brings to its end. */
static void
add_deviations(CalibrateState *state, uint64 more)
{
	state->deviations += Min(more, PG_UINT64_MAX - state->deviations);
}

/* Counts the row in model->row, of the state's model. */
void
calibrate_count(CalibrateState *state, const Model *model)
{
	int64		sum = model_sum(model);

	add_rows(state, (uint64) sum, 1);
	add_deviations(state, model_deviation(model, sum));
}

/* Adds the rows that another state counted, of the same model. */
void
calibrate_merge(CalibrateState *state, const CalibrateState *other)
{
	if (memcmp(state->digest, other->digest, sizeof(state->digest)) != 0 ||
		state->scale != other->scale)
		report_changed_model();
	if (other->sums.rows > FOREST_TALLY_ROWS - state->sums.rows)
		state_report_bad();
	/* numbers that the other does not tell apart, this one must not either */
	state->sums.shift = Max(state->sums.shift, other->sums.shift);
	for (uint32 i = 0; i < other->sums.n; i++)
	{
		forest_pause_at(i);
		add_rows(state, other->sums.pairs[i].key, other->sums.pairs[i].value);
	}
	add_deviations(state, other->deviations);
}

/* Returns a settled copy of a tally, palloc'd in the current context. */
static ForestTally
settled_sums(const ForestTally *sums)
{
	ForestTally copy = *sums;
	Size		size = sums->n * sizeof(ForestPair);
	ForestPair *temporary = palloc(Max(size, 1));

	copy.pairs = palloc(Max(size, 1));
	forest_copy(copy.pairs, sums->pairs, size);
	forest_tally_settle(&copy, temporary);
	pfree(temporary);
	return copy;
}

/* Returns the state as bytes, palloc'd. */
bytea *
calibrate_serialize(const CalibrateState *state)
{
	bytea	   *model = DatumGetByteaPP(PointerGetDatum(state->model));
	ForestTally sums = settled_sums(&state->sums);
	uint32		magic = STATE_MAGIC;
	StringInfoData buf;

	pq_begintypsend(&buf);
	state_send_array(&buf, &magic, sizeof(magic));
	state_send_string(&buf, VARDATA_ANY(model),
					  (uint32) VARSIZE_ANY_EXHDR(model));
	state_send_array(&buf, state->digest, sizeof(state->digest));
	pq_sendint32(&buf, state->scale);
	pq_sendint64(&buf, (int64) state->deviations);
	pq_sendint64(&buf, (int64) sums.rows);
	pq_sendint32(&buf, sums.shift);
	pq_sendint32(&buf, sums.n);
	state_send_array(&buf, sums.pairs, sums.n * sizeof(ForestPair));
	pfree(sums.pairs);
	return pq_endtypsend(&buf);
}

/* Reads a tally, palloc'd in "context". */
static void
receive_sums(StringInfo buf, MemoryContext context, ForestTally *sums)
{
	sums->rows = (uint64) pq_getmsgint64(buf);
	sums->shift = (uint32) pq_getmsgint(buf, 4);
	sums->n = state_receive_count(buf, FOREST_TALLY_CELLS,
								  sizeof(ForestPair));
	sums->allocated = FIRST_PAIRS;
	while (sums->allocated < sums->n)
		sums->allocated *= 2;
	sums->pairs = MemoryContextAlloc(context,
									 sums->allocated * sizeof(ForestPair));
	forest_copy(sums->pairs,
				pq_getmsgbytes(buf, (int) (sums->n * sizeof(ForestPair))),
				sums->n * sizeof(ForestPair));
	if (!forest_tally_check(sums))
		state_report_bad();
}

/* Returns the state that bytes hold, in "context"; an error if none. */
CalibrateState *
calibrate_deserialize(const bytea *bytes, MemoryContext context)
{
	CalibrateState *state = MemoryContextAllocZero(context, sizeof(*state));
	StringInfoData buf;

	state_open(&buf, bytes, STATE_MAGIC);
	state->context = context;
	state->model = (struct varlena *) state_receive_bytea(&buf, context);
	memcpy(state->digest, pq_getmsgbytes(&buf, sizeof(state->digest)),
		   sizeof(state->digest));
	state->scale = (uint32) pq_getmsgint(&buf, 4);
	if (state->scale > 62)
		state_report_bad();
	state->deviations = (uint64) pq_getmsgint64(&buf);
	receive_sums(&buf, context, &state->sums);
	if (buf.cursor != buf.len)
		state_report_bad();
	return state;
}

/*
 * The state's model with the calibration that its rows make, palloc'd; NULL
 * if there is no row.
 */
bytea *
calibrate_result(const CalibrateState *state)
{
	bytea	   *model;
	ForestTally sums;
	ForestView	view;
	double		spread;

	if (state->sums.rows == 0)
		return NULL;
	model = model_open(PointerGetDatum(state->model), &view);
	/* a state may come from elsewhere with any digest */
	if (memcmp(view.digest, state->digest, sizeof(state->digest)) != 0)
		report_changed_model();
	sums = settled_sums(&state->sums);
	spread = model_spread(state->deviations, sums.rows);
	for (uint32 i = 0; i < sums.n; i++)
	{
		double		length = forest_mean_length((int64) sums.pairs[i].key,
												state->scale,
												view.summary.n_trees);

		forest_pause_at(i);
		if (!(length >= 0.0 && length <= FOREST_MAX_LENGTH))
			state_report_bad();
		sums.pairs[i].key = forest_sort_key(length);
	}
	sums.n = forest_tally_scale(sums.pairs, sums.n, sums.rows, PG_INT32_MAX);
	return calibrate_model(&view, model, sums.pairs, sums.n, spread);
}
