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
 * logarithms, whose last bit differs between machines.  Keys do not depend on
 * rows, so they are drawn ahead instead, up to the next row that is wanted:
 * those before it are only counted down.
 *
 * Keys come from a splitmix64 counter, which repeats none within a stream.
 *
 * A full sample must know its greatest key.  Since keys are random, a list
 * for each of many equal ranges of keys has a few of them, and only the
 * uppermost list is ever searched: each step takes constant time, where a
 * heap would take a dozen steps that the processor cannot foresee.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/base/forest_weight.h"
#include "core/grow/forest_sample.h"

/* The end of a list. */
#define NO_SLOT		UINT32_MAX

/*
 * Most rows whose keys are drawn ahead.  A stream that ends before them has
 * cost a microsecond for nothing.
 */
#define MOST_AHEAD	1024

/* Lists below the uppermost one that are fetched ahead. */
#define FETCH_LISTS	6

/*
 * Starts an empty sample of at most "capacity" (>= 1) rows.  Samples that
 * will be merged must have different streams.  keys and links are
 * the caller's to provide and to enlarge: of "allocated" rows, up to capacity.
 */
void
forest_sample_init(ForestSample *sample, uint32_t capacity, uint64_t seed,
				   ForestPurpose purpose, uint64_t index)
{
	sample->counter = forest_purpose_start(seed, purpose, index);
	sample->limit = UINT64_MAX;
	sample->drawn = 0;
	sample->ahead = 0;
	sample->capacity = capacity;
	sample->n = 0;
	sample->allocated = 0;
	sample->keys = NULL;
	sample->links = NULL;
	sample->n_lists = 0;
	sample->weighted = false;
}

/*
 * Draws keys ahead, until the next row that the sample wants, whose key is not
 * drawn yet.  No row is ahead so far, and keys are not weighted.
 */
void
forest_sample_look_ahead(ForestSample *sample)
{
	uint64_t	counter = sample->counter;
	uint64_t	limit = sample->limit;
	uint32_t	n = 0;

	while (n < MOST_AHEAD && forest_splitmix64(&counter) >= limit)
	{
		sample->counter = counter;
		n++;
	}
	sample->ahead = n;
	sample->drawn += n;
}

/* The list that a key belongs to, which is at most the limit's. */
static inline uint32_t
list_of(const ForestSample *sample, uint64_t key)
{
	if (sample->weighted)
	{
		double		list = forest_weighted_number(key) * sample->scale;

		return list < sample->n_lists ? (uint32_t) list :
			sample->n_lists - 1;
	}
	return (uint32_t) (key >> 1 >> sample->shift);
}

/* Puts a slot into the list of its key. */
static inline void
link_slot(ForestSample *sample, uint32_t slot)
{
	uint32_t   *next = sample->links;
	uint32_t   *heads = sample->links + sample->n;
	uint32_t	list = list_of(sample, sample->keys[slot]);

	next[slot] = heads[list];
	heads[list] = slot;
}

/*
 * Has the processor fetch what the next lists begin with: by the time it is
 * looked at, other work has driven it out of the nearest caches.
 */
static inline void
fetch_below(const ForestSample *sample)
{
	const uint32_t *heads = sample->links + sample->n;
	uint32_t	end = sample->top > FETCH_LISTS ? sample->top - FETCH_LISTS : 0;

	for (uint32_t list = sample->top; list > end; list--)
	{
		uint32_t	slot = heads[list - 1];

		if (slot == NO_SLOT)
			continue;
		forest_prefetch(&sample->keys[slot]);
		forest_prefetch(&sample->links[slot]);
	}
}

/*
 * Finds the greatest key of a sample whose slots are linked: brings its slot
 * to the front of the uppermost list and sets the limit.
 */
static void
find_greatest(ForestSample *sample)
{
	const uint64_t *keys = sample->keys;
	uint32_t   *next = sample->links;
	uint32_t   *heads = sample->links + sample->n;
	uint32_t	before = NO_SLOT;	/* in the list, before the greatest */
	uint32_t	greatest;
	uint32_t	slot;

	for (; heads[sample->top] == NO_SLOT; sample->top--)
		forest_pause_at(sample->top);
	greatest = heads[sample->top];
	for (slot = greatest; next[slot] != NO_SLOT; slot = next[slot])
	{
		if (keys[next[slot]] > keys[greatest])
		{
			before = slot;
			greatest = next[slot];
		}
		forest_pause_at(slot);
	}
	if (before != NO_SLOT)
	{
		next[before] = next[greatest];
		next[greatest] = heads[sample->top];
		heads[sample->top] = greatest;
	}
	sample->limit = keys[greatest];
	fetch_below(sample);
}

/*
 * Deals the slots of a full sample, whose limit is its greatest key, to as
 * many lists as keep all of them short.
 */
static void
link_slots(ForestSample *sample)
{
	uint32_t	n_lists = 1;
	uint64_t	limit = sample->limit;

	while (n_lists <= sample->n / 2)
		n_lists *= 2;
	sample->n_lists = n_lists;
	sample->shift = 0;
	if (sample->weighted)
	{
		sample->scale = n_lists / forest_weighted_number(limit);
		sample->shift = 1;
	}
	else
	{
		while (limit >> 1 >> sample->shift >= n_lists)
			sample->shift++;
	}
	sample->top = list_of(sample, limit);
	for (uint32_t list = 0; list < n_lists; list++)
	{
		forest_pause_at(list);
		sample->links[sample->n + list] = NO_SLOT;
	}
	for (uint32_t slot = 0; slot < sample->n; slot++)
	{
		forest_pause_at(slot);
		link_slot(sample, slot);
	}
	find_greatest(sample);
}

/* Sets the limit of a sample that has become full. */
static void
set_limit(ForestSample *sample)
{
	sample->n_lists = 0;
	sample->limit = 0;
	for (uint32_t slot = 0; slot < sample->n; slot++)
	{
		forest_pause_at(slot);
		if (sample->keys[slot] > sample->limit)
			sample->limit = sample->keys[slot];
	}
}

/*
 * Takes in a row whose key is below sample->limit and returns its slot: a
 * new one, or that of the row it drives out.  While n < capacity the caller
 * sees to it that n < allocated.
 */
uint32_t
forest_sample_place(ForestSample *sample, uint64_t key)
{
	uint32_t   *heads;
	uint32_t	slot;

	if (sample->n < sample->capacity)
	{
		slot = sample->n++;
		sample->keys[slot] = key;
		if (sample->n == sample->capacity)
			set_limit(sample);
		return slot;
	}

	/* the lists grow longer as the limit falls, and are made anew then */
	if (sample->n_lists == 0 ||
		(sample->top < sample->n_lists / 2 && sample->shift > 0))
		link_slots(sample);
	heads = sample->links + sample->n;
	slot = heads[sample->top];
	heads[sample->top] = sample->links[slot];
	sample->keys[slot] = key;
	link_slot(sample, slot);
	find_greatest(sample);
	return slot;
}

/*
 * Completes a sample whose capacity, n, drawn and keys were read back from
 * bytes: the limit follows from these.  Returns false if they cannot
 * belong together.
 */
bool
forest_sample_restore(ForestSample *sample)
{
	if (sample->capacity < 1 || sample->n > sample->capacity ||
		sample->n > forest_sample_seen(sample) || sample->n > sample->allocated)
		return false;
	sample->limit = UINT64_MAX;
	if (sample->n == sample->capacity)
		set_limit(sample);
	return true;
}

/*
 * Lowers the key of a slot's row.  The lists are made anew, when they are
 * needed next.
 */
void
forest_sample_lower(ForestSample *sample, uint32_t slot, uint64_t key)
{
	bool		greatest = sample->n == sample->capacity &&
		sample->keys[slot] == sample->limit;

	sample->keys[slot] = key;
	sample->n_lists = 0;
	if (greatest)
		set_limit(sample);
}

/*
 * Starts dealing from n (>= 1) rows that stand for a population of at least
 * as many.  "deck" has room for n entries.
 */
void
forest_dealer_init(ForestDealer *dealer, uint32_t *deck, uint32_t n,
				   uint64_t population, uint64_t seed)
{
	forest_rng_start(&dealer->rng, seed, FOREST_FOR_DEAL, 0);
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
