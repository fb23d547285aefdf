/*-------------------------------------------------------------------------
 *
 * row_waiting.c
 *	  Rows on their way into a full sample.
 *
 * To place a row touches memory all over the sample, which the scan that
 * brings the rows has driven out of the near caches by then.  So rows of
 * numbers wait, one behind the other, and are placed many at a time: what one
 * of them has to fetch is fetched while others are placed.  A few that would
 * no longer be wanted come to wait, too, and are dropped then.
 *
 * Whoever looks at the rows of a state that a transition may have filled has
 * row_sample_settle() place those that wait, before.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "core/base/forest_pause.h"
#include "core/grow/forest_sample.h"
#include "sketch/row_sample.h"
#include "sketch/row_waiting.h"

/* Rows that wait at most, and their most share of a sample. */
#define MOST_WAITING	256
#define WAITING_SHARE	16

/* Of a row, what is fetched ahead. */
#define FETCH_BYTES		512
#define CACHE_LINE		64

/* The slot of a row that is not wanted any more. */
#define NO_SLOT			PG_UINT32_MAX

struct RowWaiting
{
	RowKey		keys[MOST_WAITING];
	uint32		slots[MOST_WAITING];
	double		rows[FLEXIBLE_ARRAY_MEMBER];	/* MOST_WAITING * features */
};

/*
 * Whether rows may wait: those of numbers alone, since codes of categories are
 * only kept for what is in the sample, and whose keys nobody looks up.
 */
static bool
may_wait(const RowSample *state)
{
	const ForestSample *sample = &state->sample;

	return sample->n == sample->capacity && state->categories == NULL &&
		!state->by_key && state->slots == NULL &&
		sample->capacity >= WAITING_SHARE * MOST_WAITING;
}

/* Creates what keeps the waiting rows of a state. */
static RowWaiting *
create_waiting(const RowSample *state)
{
	return MemoryContextAllocHuge(state->context,
								  offsetof(RowWaiting, rows) +
								  (Size) MOST_WAITING * state->n_features *
								  sizeof(double));
}

/*
 * Where to put a row that the sample wants, for row_sample_wait(); NULL if it
 * may not wait, and is one for row_sample_place().
 */
double *
row_sample_room(RowSample *state)
{
	if (!may_wait(state))
		return NULL;
	if (state->waiting == NULL)
		state->waiting = create_waiting(state);
	return state->waiting->rows +
		(Size) state->n_waiting * state->n_features;
}

/* Has the processor fetch the row in a slot, which is to be overwritten. */
static void
fetch_row(const RowSample *state, uint32 slot)
{
	const char *row = (const char *) (state->rows +
									  (Size) slot * state->n_features);
	Size		size = state->n_features * sizeof(double);

	for (Size at = 0; at < Min(size, FETCH_BYTES); at += CACHE_LINE)
		forest_prefetch(row + at);
	forest_prefetch(row + Min(size, FETCH_BYTES) - 1);
}

/*
 * Places the rows that wait: first all get their slots, then they are copied,
 * the later ones over the earlier ones that they have driven out.
 */
void
row_sample_settle(RowSample *state)
{
	RowWaiting *waiting = state->waiting;
	ForestSample *sample = &state->sample;
	Size		d = state->n_features;

	for (uint32 i = 0; i < state->n_waiting; i++)
	{
		uint64		rank = row_sample_rank(state, waiting->keys[i]);

		waiting->slots[i] = NO_SLOT;
		if (rank >= sample->limit)
			continue;
		waiting->slots[i] = forest_sample_place(sample, rank);
		fetch_row(state, waiting->slots[i]);
	}
	for (uint32 i = 0; i < state->n_waiting; i++)
	{
		uint32		slot = waiting->slots[i];

		if (slot == NO_SLOT)
			continue;
		if (sample->weighted)
			state->weighed[slot] = waiting->keys[i];
		memcpy(state->rows + slot * d, waiting->rows + i * d,
			   d * sizeof(double));
	}
	state->n_waiting = 0;
}

/*
 * Takes in the row that was put into the state's room: it is placed when
 * others have come, or row_sample_settle() is called.
 */
void
row_sample_wait(RowSample *state, RowKey key)
{
	state->waiting->keys[state->n_waiting++] = key;
	if (state->n_waiting == MOST_WAITING)
		row_sample_settle(state);
}
