/*-------------------------------------------------------------------------
 *
 * drift_serial.c
 *	  The state of iforest_drift as bytes, on its way from a worker to the
 *	  leader and from a model to its groups.
 *
 * Arrays go as they are in memory; the first word reveals another byte order.
 *
 * What comes in is checked until the arithmetic of the report can rely on it:
 * quantiles ascend, amounts are finite, and the cells of each feature add up
 * to the rows.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "base/state_bytes.h"
#include "core/format/forest_model.h"
#include "core/stats/forest_drift.h"
#include "drift/drift_serial.h"
#include "drift/drift_state.h"

/* First word: tells a state of this layout from anything else. */
#define STATE_MAGIC		0x69664402

/*
 * Appends a feature; what numbers have and categories do not, and the other
 * way round, follows from its type.
 */
static void
send_feature(StringInfo buf, const DriftFeature *feature)
{
	state_send_string(buf, feature->name.bytes, feature->name.len);
	pq_sendint32(buf, feature->type);
	pq_sendfloat8(buf, feature->rows_then);
	pq_sendfloat8(buf, feature->missing_then);
	pq_sendfloat8(buf, feature->evidence);
	pq_sendint32(buf, feature->n_categories);
	if (feature->quantiles != NULL)
		state_send_array(buf, feature->quantiles,
						 FOREST_QUANTILES * sizeof(double));
	else
		state_send_array(buf, feature->category_rows,
						 feature->n_categories * sizeof(uint32));
	for (uint32 i = 0; i < feature->n_categories; i++)
		state_send_string(buf, feature->categories[i].bytes,
						  feature->categories[i].len);
	state_send_array(buf, feature->cells, feature->n_cells * sizeof(uint64));
	pq_sendint64(buf, (int64) feature->missing);
}

/* Returns the state as bytes, palloc'd. */
bytea *
drift_serialize(const DriftState *state)
{
	uint32		magic = STATE_MAGIC;
	StringInfoData buf;

	pq_begintypsend(&buf);
	state_send_array(&buf, &magic, sizeof(magic));
	state_send_array(&buf, state->digest, sizeof(state->digest));
	pq_sendfloat8(&buf, state->score_rows);
	state_send_array(&buf, state->score_quantiles,
					 sizeof(state->score_quantiles));
	pq_sendfloat8(&buf, state->outliers_then);
	pq_sendbyte(&buf, state->scores_compare);
	pq_sendint64(&buf, (int64) state->rows);
	pq_sendint64(&buf, (int64) state->rows_without_values);
	pq_sendint64(&buf, (int64) state->outliers);
	state_send_array(&buf, state->score_cells, sizeof(state->score_cells));
	pq_sendint32(&buf, state->n_features);
	for (uint32 f = 0; f < state->n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		send_feature(&buf, &state->features[f]);
	}
	return pq_endtypsend(&buf);
}

/* Reads a number that is finite and not negative. */
static double
receive_amount(StringInfo buf)
{
	double		amount = pq_getmsgfloat8(buf);

	if (!(amount >= 0 && isfinite(amount)))
		state_report_bad();
	return amount;
}

/* Reads a number of rows. */
static uint64
receive_rows(StringInfo buf)
{
	int64		rows = pq_getmsgint64(buf);

	if (rows < 0)
		state_report_bad();
	return (uint64) rows;
}

/* Checks that quantiles ascend, or are all NaN. */
static void
check_quantiles(const double *quantiles)
{
	for (int i = 1; i < FOREST_QUANTILES; i++)
	{
		if (isnan(quantiles[0]) ? !isnan(quantiles[i]) :
			!(quantiles[i] >= quantiles[i - 1]))
			state_report_bad();
	}
}

/* Checks that n cells and the rows outside of them are "rows" rows. */
static void
check_cells(const uint64 *cells, uint32 n, uint64 outside, uint64 rows)
{
	uint64		left = rows;

	for (uint32 i = 0; i < n; i++)
	{
		if (cells[i] > left)
			state_report_bad();
		left -= cells[i];
	}
	if (left != outside)
		state_report_bad();
}

/* Reads what only numbers or only categories have, into "context". */
static void
receive_base(StringInfo buf, MemoryContext context, DriftFeature *feature)
{
	uint32		n = feature->n_categories;

	if (!forest_type_is_category(feature->type))
	{
		if (n > 0)
			state_report_bad();
		feature->n_cells = FOREST_DRIFT_CELLS;
		feature->quantiles = state_receive_array(buf, context,
												 FOREST_QUANTILES,
												 sizeof(double));
		check_quantiles(feature->quantiles);
		return;
	}
	feature->n_cells = n + 1;
	feature->category_rows = state_receive_array(buf, context, n,
												 sizeof(uint32));
	feature->categories = MemoryContextAlloc(context,
											 Max(n, 1) * sizeof(ForestString));
	for (uint32 i = 0; i < n; i++)
		feature->categories[i].bytes =
			state_receive_string(buf, context, &feature->categories[i].len);
}

/* Reads a feature of whose fresh rows there are so many. */
static void
receive_feature(StringInfo buf, MemoryContext context, uint64 rows,
				DriftFeature *feature)
{
	feature->name.bytes = state_receive_string(buf, context,
											   &feature->name.len);
	feature->type = (ForestType) pq_getmsgint(buf, 4);
	if (!forest_type_is_valid(feature->type))
		state_report_bad();
	feature->rows_then = receive_amount(buf);
	feature->missing_then = receive_amount(buf);
	feature->evidence = receive_amount(buf);
	if (feature->missing_then > feature->rows_then)
		state_report_bad();
	feature->n_categories = state_receive_count(buf, FOREST_MAX_CATEGORIES, 4);
	receive_base(buf, context, feature);
	feature->cells = state_receive_array(buf, context, feature->n_cells,
										 sizeof(uint64));
	feature->missing = receive_rows(buf);
	check_cells(feature->cells, feature->n_cells, feature->missing, rows);
}

/* Reads what is beside the features. */
static void
receive_scores(StringInfo buf, DriftState *state)
{
	memcpy(state->digest, pq_getmsgbytes(buf, sizeof(state->digest)),
		   sizeof(state->digest));
	state->score_rows = receive_amount(buf);
	memcpy(state->score_quantiles,
		   pq_getmsgbytes(buf, sizeof(state->score_quantiles)),
		   sizeof(state->score_quantiles));
	check_quantiles(state->score_quantiles);
	state->outliers_then = receive_amount(buf);
	state->scores_compare = pq_getmsgbyte(buf) != 0;
	state->rows = receive_rows(buf);
	state->rows_without_values = receive_rows(buf);
	state->outliers = receive_rows(buf);
	if (state->outliers > state->rows)
		state_report_bad();
	memcpy(state->score_cells,
		   pq_getmsgbytes(buf, sizeof(state->score_cells)),
		   sizeof(state->score_cells));
	check_cells(state->score_cells, FOREST_DRIFT_CELLS, 0, state->rows);
}

/* Returns the state that bytes hold, in "context"; an error if none. */
DriftState *
drift_deserialize(const bytea *bytes, MemoryContext context)
{
	DriftState *state = MemoryContextAllocZero(context, sizeof(*state));
	StringInfoData buf;

	state_open(&buf, bytes, STATE_MAGIC);
	receive_scores(&buf, state);
	state->n_features = state_receive_count(&buf, FOREST_MAX_FEATURES, 36);
	state->features = MemoryContextAllocZero(context,
											 Max(state->n_features, 1) *
											 sizeof(DriftFeature));
	for (uint32 f = 0; f < state->n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		receive_feature(&buf, context, state->rows, &state->features[f]);
	}
	if (buf.cursor != buf.len)
		state_report_bad();
	return state;
}
