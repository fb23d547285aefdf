/*-------------------------------------------------------------------------
 *
 * forest_sample.c
 *	  A uniform sample of a stream in bounded memory, exact under merge, and
 *	  the dealing of its rows to trees.
 *
 * Every row draws a random 64-bit key; the "capacity" rows with the smallest
 * keys are the sample.  That is a uniform sample without replacement of
 * whatever has been seen, whatever the content of the rows, and the union of
 * two samples, cut to the smallest keys, is one of the union of their
 * streams: no counts, no approximation.  Skipping ahead (Vitter 1987, Li
 * 1994) would save the drawing of keys, about a nanosecond a row, but needs
 * logarithms, whose last bit differs between machines.
 *
 * Keys come from a splitmix64 counter, which repeats none within a stream.
 *
 *-------------------------------------------------------------------------
 */
#include "forest.h"
#include "forest_rng.h"

/*
 * Starts an empty sample of at most "capacity" (>= 1) rows.  Samples that
 * will be merged must have different streams.  keys and heap are the
 * caller's to provide and to enlarge: "allocated" entries, up to capacity.
 */
void
forest_sample_init(ForestSample *sample, uint32_t capacity, uint64_t seed,
				   uint64_t stream)
{
	sample->counter = forest_stream_start(seed, stream);
	sample->limit = UINT64_MAX;
	sample->seen = 0;
	sample->capacity = capacity;
	sample->n = 0;
	sample->allocated = 0;
	sample->keys = NULL;
	sample->heap = NULL;
}

/* Moves the heap's entry i down to its place. */
static void
sift_down(ForestSample *sample, uint32_t i)
{
	uint32_t   *heap = sample->heap;
	const uint64_t *keys = sample->keys;
	uint32_t	n = sample->n;
	uint32_t	slot = heap[i];
	uint64_t	key = keys[slot];

	for (;;)
	{
		uint64_t	child = 2 * (uint64_t) i + 1;

		if (child >= n)
			break;
		if (child + 1 < n && keys[heap[child + 1]] > keys[heap[child]])
			child++;
		if (keys[heap[child]] <= key)
			break;
		heap[i] = heap[child];
		i = (uint32_t) child;
	}
	heap[i] = slot;
}

/* Makes the heap of a sample that has just become full. */
static void
heapify(ForestSample *sample)
{
	for (uint32_t i = 0; i < sample->n; i++)
		sample->heap[i] = i;
	for (uint32_t i = sample->n / 2; i-- > 0;)
	{
		forest_pause_at(i);
		sift_down(sample, i);
	}
	sample->limit = sample->keys[sample->heap[0]];
}

/*
 * Takes in a row whose key is below sample->limit and returns its slot: a
 * new one, or that of the row it drives out.  While n < capacity the caller
 * sees to it that n < allocated.
 */
uint32_t
forest_sample_place(ForestSample *sample, uint64_t key)
{
	uint32_t	slot;

	if (sample->n < sample->capacity)
	{
		slot = sample->n++;
		sample->keys[slot] = key;
		if (sample->n == sample->capacity)
			heapify(sample);
		return slot;
	}

	slot = sample->heap[0];
	sample->keys[slot] = key;
	sift_down(sample, 0);
	sample->limit = sample->keys[sample->heap[0]];
	return slot;
}

/*
 * Completes a sample whose capacity, n, seen and keys were read back from
 * bytes: heap and limit follow from these.  Returns false if they cannot
 * belong together.
 */
bool
forest_sample_restore(ForestSample *sample)
{
	if (sample->capacity < 1 || sample->n > sample->capacity ||
		sample->n > sample->seen || sample->n > sample->allocated)
		return false;
	sample->limit = UINT64_MAX;
	if (sample->n == sample->capacity)
		heapify(sample);
	return true;
}

/*
 * Starts dealing from n (>= 1) rows that stand for a population of at least
 * as many.  "deck" has room for n entries.
 */
void
forest_dealer_init(ForestDealer *dealer, uint32_t *deck, uint32_t n,
				   uint64_t population, uint64_t seed)
{
	forest_rng_init(&dealer->rng, seed, FOREST_STREAM_DEAL);
	dealer->population = population;
	dealer->n = n;
	dealer->position = 0;
	dealer->deck = deck;
	for (uint32_t i = 0; i < n; i++)
	{
		forest_pause_at(i);
		deck[i] = i;
	}
}

/* Returns the next row of the deck, by one step of a Fisher-Yates shuffle. */
static uint32_t
deal_one(ForestDealer *dealer)
{
	uint32_t	i = dealer->position++;
	uint32_t	j = i + forest_rng_below(&dealer->rng, dealer->n - i);
	uint32_t	row = dealer->deck[j];

	dealer->deck[j] = dealer->deck[i];
	dealer->deck[i] = row;
	return row;
}

/*
 * Deals the rows of one tree: count of them, 1 .. n, a uniform sample
 * without replacement.  Trees share rows only when the deck runs out.
 *
 * With bootstrap the rows are drawn with replacement from the population.
 * The sample holds no repeats, so they are made: having drawn d different
 * rows, the next draw is one of these with probability d / population, as it
 * would be there.
 */
void
forest_deal(ForestDealer *dealer, uint32_t *rows, uint32_t count,
			bool bootstrap)
{
	uint32_t	distinct = 0;

	/* a deck too short for the tree is shuffled anew */
	if (dealer->n - dealer->position < count)
		dealer->position = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		forest_pause_at(i);
		if (bootstrap && distinct > 0 &&
			forest_rng_below64(&dealer->rng, dealer->population) < distinct)
		{
			/* this tree's different rows are the last ones of the deck */
			uint32_t	back = 1 + forest_rng_below(&dealer->rng, distinct);

			rows[i] = dealer->deck[dealer->position - back];
		}
		else
		{
			rows[i] = deal_one(dealer);
			distinct++;
		}
	}
}
