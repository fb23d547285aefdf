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
#define STATE_MAGIC		0x69664302

/* Pairs that a state begins with. */
#define FIRST_PAIRS		64

/*
 * Returns a state without rows, in "context", of a model that came as "datum"
 * and has a digest.  The query that it came in sees it until the end.
 */
static CalibrateState *
begin(MemoryContext context, Datum datum, const uint8 *digest, uint32 scale)
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
	memcpy(state->digest, digest, sizeof(state->digest));
	state->scale = scale;
	state->sums.allocated = FIRST_PAIRS;
	state->sums.pairs = palloc(FIRST_PAIRS * sizeof(ForestPair));
	MemoryContextSwitchTo(old);
	return state;
}

/* The same of a decoded model. */
CalibrateState *
calibrate_begin(MemoryContext context, const Model *model, Datum datum)
{
	return begin(context, datum, model->digest, model->walk.scale);
}

/* Brings the sums of a state into order. */
static void
settle(CalibrateState *state)
{
	ForestTally *sums = &state->sums;
	ForestPair *temporary = palloc(Max(sums->n - sums->settled, 1) *
								   sizeof(ForestPair));

	forest_tally_settle(sums, temporary);
	pfree(temporary);
}

/* Makes room for so many pairs in all. */
static void
reserve_pairs(ForestTally *sums, uint32 pairs)
{
	if (sums->allocated >= pairs)
		return;
	while (sums->allocated < pairs)
		sums->allocated *= 2;
	sums->pairs = repalloc(sums->pairs,
						   sums->allocated * sizeof(ForestPair));
}

/* Makes room for one more pair, and as many again. */
static void
make_room(CalibrateState *state)
{
	settle(state);
	if (state->sums.n > state->sums.allocated / 2)
		reserve_pairs(&state->sums, state->sums.allocated + 1);
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

	if (state->sums.n == state->sums.allocated)
		make_room(state);
	forest_tally_add(&state->sums, (uint64) sum, 1);
	add_deviations(state, model_deviation(model, sum));
}

/*
 * Adds the rows that another state counted, of the same model.  Both are
 * settled by then: no more pairs than a tally has room for.
 */
void
calibrate_merge(CalibrateState *state, CalibrateState *other)
{
	ForestTally *sums = &state->sums;
	ForestTally *more = &other->sums;

	if (memcmp(state->digest, other->digest, sizeof(state->digest)) != 0 ||
		state->scale != other->scale)
		report_changed_model();
	if (more->rows > FOREST_TALLY_ROWS - sums->rows)
		state_report_bad();
	add_deviations(state, other->deviations);
	if (more->n == 0)
		return;
	settle(state);
	settle(other);
	/* numbers that the other does not tell apart, this one must not either */
	sums->shift = Max(sums->shift, more->shift);
	reserve_pairs(sums, sums->n + more->n);
	forest_copy(sums->pairs + sums->n, more->pairs,
				more->n * sizeof(ForestPair));
	sums->n += more->n;
	sums->rows += more->rows;
}

/* Returns a state in "context" of the rows that another one counted. */
CalibrateState *
calibrate_copy(MemoryContext context, CalibrateState *other)
{
	CalibrateState *state = begin(context, PointerGetDatum(other->model),
								  other->digest, other->scale);

	calibrate_merge(state, other);
	return state;
}

/*
 * Appends a settled tally.  Numbers ascend, so each is sent as what it is more
 * than the one before, and most have come once: a quarter of the bytes.
 */
static void
send_sums(StringInfo buf, const ForestTally *sums)
{
	uint64		before = 0;

	pq_sendint64(buf, (int64) sums->rows);
	pq_sendint32(buf, sums->shift);
	pq_sendint32(buf, sums->n);
	for (uint32 i = 0; i < sums->n; i++)
	{
		forest_pause_at(i);
		state_send_number(buf, sums->pairs[i].key - before);
		state_send_number(buf, sums->pairs[i].value);
		before = sums->pairs[i].key;
	}
}

/* Returns the state as bytes, palloc'd; its sums are settled by then. */
bytea *
calibrate_serialize(CalibrateState *state)
{
	bytea	   *model = DatumGetByteaPP(PointerGetDatum(state->model));
	uint32		magic = STATE_MAGIC;
	StringInfoData buf;

	pq_begintypsend(&buf);
	state_send_array(&buf, &magic, sizeof(magic));
	state_send_string(&buf, VARDATA_ANY(model),
					  (uint32) VARSIZE_ANY_EXHDR(model));
	state_send_array(&buf, state->digest, sizeof(state->digest));
	pq_sendint32(&buf, state->scale);
	pq_sendint64(&buf, (int64) state->deviations);
	settle(state);
	send_sums(&buf, &state->sums);
	return pq_endtypsend(&buf);
}

/* Reads a tally, palloc'd in "context"; one that is not settled is an error. */
static void
receive_sums(StringInfo buf, MemoryContext context, ForestTally *sums)
{
	uint64		before = 0;

	sums->rows = (uint64) pq_getmsgint64(buf);
	sums->shift = (uint32) pq_getmsgint(buf, 4);
	sums->n = state_receive_count(buf, FOREST_TALLY_CELLS, 2);
	sums->allocated = Max(sums->n, FIRST_PAIRS);
	sums->pairs = MemoryContextAlloc(context,
									 sums->allocated * sizeof(ForestPair));
	for (uint32 i = 0; i < sums->n; i++)
	{
		forest_pause_at(i);
		before += state_receive_number(buf);
		sums->pairs[i].key = before;
		sums->pairs[i].value = state_receive_number(buf);
	}
	if (!forest_tally_check(sums))
		state_report_bad();
	sums->settled = sums->n;
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

/* Returns a copy of the settled sums of a state, palloc'd. */
static ForestTally
copy_sums(CalibrateState *state)
{
	ForestTally copy;

	settle(state);
	copy = state->sums;
	copy.pairs = palloc(Max(copy.n, 1) * sizeof(ForestPair));
	forest_copy(copy.pairs, state->sums.pairs, copy.n * sizeof(ForestPair));
	return copy;
}

/*
 * The state's model with the calibration that its rows make, palloc'd; NULL
 * if there is no row.  The state stays as it is, but settled.
 */
bytea *
calibrate_result(CalibrateState *state)
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
	sums = copy_sums(state);
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
