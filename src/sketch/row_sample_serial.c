/*-------------------------------------------------------------------------
 *
 * row_sample_serial.c
 *	  A sample of rows as bytes, on its way from a worker to the leader.
 *
 * The bytes come from this same library in the same query, yet they are
 * checked like any others: extensions that ship states between servers
 * exist, and a wrong length must not become a wrong address.
 *
 * Numbers go in network order; codes are renumbered on the way in, since
 * codes out of use are not sent.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "base/options_state.h"
#include "base/state_bytes.h"
#include "core/base/forest_pause.h"
#include "core/grow/forest_sample.h"
#include "row/categories.h"
#include "sketch/document_sample.h"
#include "sketch/row_sample.h"
#include "sketch/row_sample_serial.h"
#include "sketch/train_options.h"

/* First word: tells a state of this layout from anything else. */
#define STATE_MAGIC		0x69663103

/* Sends a feature; categories keep their codes, free ones are empty. */
static void
send_feature(StringInfo buf, const SampleFeature *feature)
{
	state_send_string(buf, feature->name, strlen(feature->name));
	pq_sendint32(buf, feature->type);
	pq_sendint32(buf, feature->n_codes);
	for (uint32 code = 0; code < feature->n_codes; code++)
	{
		const SampleCategory *category = &feature->codes[code];

		forest_pause();
		pq_sendbyte(buf, category->bytes.bytes != NULL);
		if (category->bytes.bytes != NULL)
			state_send_string(buf, category->bytes.bytes, category->bytes.len);
	}
}

/* Sends the streams that the rows came in. */
static void
send_streams(StringInfo buf, const RowSample *state)
{
	uint32		n;
	ForestStream *streams = row_sample_streams(state, &n);

	pq_sendint32(buf, n);
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		pq_sendint64(buf, streams[i].id);
		pq_sendint64(buf, streams[i].rows);
	}
	pfree(streams);
}

/*
 * Returns the state as bytes, palloc'd.  The row values, nearly all of it,
 * go as they are in memory; the first word reveals another byte order.
 */
bytea *
row_sample_serialize(const RowSample *unsettled)
{
	const RowSample *state = document_sample_settle(unsettled, false);
	const ForestSample *sample = &state->sample;
	uint32		magic = STATE_MAGIC;
	StringInfoData buf;

	Assert(unsettled->n_waiting == 0);
	pq_begintypsend(&buf);
	pq_sendbytes(&buf, (char *) &magic, sizeof(magic));
	options_send(&train_option_table, &state->options, &buf);
	pq_sendbyte(&buf, state->by_key);
	pq_sendint32(&buf, state->n_features);
	for (uint32 i = 0; i < state->n_features; i++)
		send_feature(&buf, &state->features[i]);
	send_streams(&buf, state);
	pq_sendbyte(&buf, state->slots != NULL);
	pq_sendbyte(&buf, sample->weighted);
	pq_sendint32(&buf, sample->capacity);
	pq_sendint32(&buf, sample->n);
	if (sample->n > 0)
	{
		if (sample->weighted)
			state_send_array(&buf, state->weighed,
							 sample->n * sizeof(RowKey));
		else
			state_send_array(&buf, sample->keys,
							 sample->n * sizeof(uint64));
		state_send_array(&buf, state->rows,
						 (Size) sample->n * state->n_features * sizeof(double));
	}
	return pq_endtypsend(&buf);
}

/* Reads the codes of a feature, leaving those out of use free. */
static void
receive_codes(StringInfo buf, RowSample *state, uint32 feature_number)
{
	SampleFeature *feature = &state->features[feature_number];
	uint32		n = state_receive_count(buf, FOREST_MAX_CATEGORIES + 1, 1);

	if (n > 0 && !forest_type_is_category(feature->type))
		state_report_bad();
	feature->codes = MemoryContextAllocZero(state->context,
											Max(n, 1) * sizeof(SampleCategory));
	feature->n_codes = feature->max_codes = n;
	for (uint32 code = 0; code < n; code++)
	{
		SampleCategory *category = &feature->codes[code];

		if (pq_getmsgbyte(buf) == 0)
			continue;
		category->bytes.bytes = state_receive_string(buf, state->context,
													 &category->bytes.len);
		state->category_bytes += category->bytes.len;
		if (category->bytes.len > FOREST_MAX_STRING ||
			state->category_bytes > FOREST_MAX_STRINGS)
			state_report_bad();
		if (categories_find(state->categories, feature_number,
							category->bytes) >= 0)
			state_report_bad();
		categories_add(state->categories, feature_number, category->bytes,
					   code);
		feature->n_used++;
	}
}

/* Reads the features: their names and types first, as "define" wants them. */
static void
receive_features(StringInfo buf, RowSample *state)
{
	uint32		n = state_receive_count(buf, FOREST_MAX_FEATURES, 12);

	if (n == 0)
		return;
	state->features = MemoryContextAllocZero(state->context,
											 n * sizeof(SampleFeature));
	state->categories = categories_create(state->context, n);
	state->n_features = n;
	for (uint32 i = 0; i < n; i++)
	{
		uint32		len;

		state->features[i].name =
			state_receive_string(buf, state->context, &len);
		state->features[i].type = (ForestType) pq_getmsgint(buf, 4);
		/* the type of a key that was listed, but not met, is not known */
		if (!forest_type_is_valid(state->features[i].type) &&
			!(state->by_key && state->features[i].type == 0))
			state_report_bad();
		receive_codes(buf, state, i);
	}
}

/* Checks that categorical values are codes in use, and counts them. */
static void
check_codes(RowSample *state)
{
	for (uint32 f = 0; f < state->n_features; f++)
	{
		SampleFeature *feature = &state->features[f];

		forest_pause();
		if (!forest_type_is_category(feature->type))
			continue;
		for (uint32 i = 0; i < state->sample.n; i++)
		{
			double		v = state->rows[(size_t) i * state->n_features + f];

			forest_pause_at(i);
			if (isnan(v))
				continue;
			if (!(v >= 0 && v < feature->n_codes) || v != floor(v) ||
				feature->codes[(uint32) v].bytes.bytes == NULL)
				state_report_bad();
			feature->codes[(uint32) v].rows++;
		}
	}
}

/*
 * Reads the streams that the sample's rows have drawn their keys from, and how
 * far.
 */
static void
receive_streams(StringInfo buf, RowSample *state)
{
	uint32		n = state_receive_count(buf, PG_UINT32_MAX, 16);

	for (uint32 i = 0; i < n; i++)
	{
		uint64		id = (uint64) pq_getmsgint64(buf);

		(void) row_sample_add_stream(state, id, (uint64) pq_getmsgint64(buf));
	}
}

/* Receives the keys of the rows, and their weights if they have some. */
static void
receive_keys(StringInfo buf, RowSample *state)
{
	ForestSample *sample = &state->sample;

	if (!sample->weighted)
	{
		sample->keys = state_receive_array(buf, state->context, sample->n,
										   sizeof(uint64));
		return;
	}
	state->weighed = state_receive_array(buf, state->context, sample->n,
										 sizeof(RowKey));
	sample->keys = MemoryContextAlloc(state->context,
									  sample->n * sizeof(uint64));
	for (uint32 i = 0; i < sample->n; i++)
	{
		double		weight = state->weighed[i].weight;

		forest_pause_at(i);
		if (!(weight >= FOREST_LEAST_WEIGHT &&
			  weight <= FOREST_GREATEST_WEIGHT))
			state_report_bad();
		sample->keys[i] = row_sample_rank(state, state->weighed[i]);
	}
}

/*
 * Reads the sample's keys, and how it is kept, into a state whose rows come
 * behind; what no sample can be is an error.
 */
static void
receive_sample(StringInfo buf, RowSample *state)
{
	ForestSample *sample = &state->sample;
	bool		indexed;
	uint32		n;

	receive_streams(buf, state);
	indexed = pq_getmsgbyte(buf) != 0;
	sample->weighted = pq_getmsgbyte(buf) != 0;
	sample->capacity = (uint32) pq_getmsgint(buf, 4);
	n = state_receive_count(buf, sample->capacity,
							sizeof(uint64) + state->n_features * sizeof(double));
	sample->n = sample->allocated = n;
	if (n > 0 && state->n_features == 0)
		state_report_bad();
	if (n > 0)
	{
		sample->links = MemoryContextAlloc(state->context,
										   n * FOREST_LINK_BYTES);
		receive_keys(buf, state);
		state->rows = state_receive_array(buf, state->context,
										  (uint64) n * state->n_features,
										  sizeof(double));
	}
	if (!forest_sample_restore(sample))
		state_report_bad();
	check_codes(state);
	if (indexed && state->by_key)
		state_report_bad();
	if (indexed)
		row_sample_index(state);
}

/* Returns the state that bytes hold, in "context"; an error if none. */
RowSample *
row_sample_deserialize(bytea *bytes, MemoryContext context)
{
	StringInfoData buf;
	TrainOptions options;
	RowSample  *state;

	state_open(&buf, bytes, STATE_MAGIC);

	options_receive(&train_option_table, &buf, &options);
	state = row_sample_create(context, &options, true);
	state->options.seed = options.seed;
	state->by_key = pq_getmsgbyte(&buf) != 0;
	receive_features(&buf, state);
	receive_sample(&buf, state);
	if (buf.cursor != buf.len)
		state_report_bad();
	if (state->by_key)
		document_sample_restore(state);
	return state;
}
