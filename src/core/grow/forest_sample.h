/*-------------------------------------------------------------------------
 *
 * forest_sample.h
 *	  A uniform sample of a stream in bounded memory, exact under merge,
 *	  and the dealing of its rows to trees.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_SAMPLE_H
#define FOREST_SAMPLE_H

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/forest.h"

/*
 * A uniform sample of a stream, of at most "capacity" rows, mergeable
 * exactly: every row draws a random key, the rows with the smallest keys
 * stay.  The sample knows keys and slots; the rows themselves live with the
 * caller, row i of the caller's storage being slot i.
 */
typedef struct ForestSample
{
	uint64_t	counter;		/* generator of keys (splitmix64) */
	uint64_t	limit;			/* keys below this are wanted */
	uint64_t	drawn;			/* rows that have a key */
	uint32_t	ahead;			/* of these, unwanted ones yet to be offered */
	uint32_t	capacity;		/* most rows kept */
	uint32_t	n;				/* rows kept */
	uint32_t	allocated;		/* rows that keys and links have room for */
	uint64_t   *keys;			/* key of each slot */

	/*
	 * Of a full sample: the slots in lists, by ranges of keys.  First the next
	 * slot of each slot, then the first slot of each list.
	 */
	uint32_t   *links;			/* FOREST_LINK_BYTES a row */
	uint32_t	n_lists;		/* 0: not linked yet */
	uint32_t	shift;			/* bits of a key that do not tell its list */
	uint32_t	top;			/* no list above this one has slots */

	/* keys are of forest_weighted_key; lists by ranges of the numbers */
	bool		weighted;
	double		scale;			/* lists by the number */
} ForestSample;

#define FOREST_LINK_BYTES	(2 * sizeof(uint32_t))	/* of links, a row */

extern void forest_sample_init(ForestSample *sample, uint32_t capacity,
							   uint64_t seed, ForestPurpose purpose,
							   uint64_t index);
extern void forest_sample_look_ahead(ForestSample *sample);
extern uint32_t forest_sample_place(ForestSample *sample, uint64_t key);
extern bool forest_sample_restore(ForestSample *sample);
extern void forest_sample_lower(ForestSample *sample, uint32_t slot,
								uint64_t key);

/*
 * Deals rows of the sample to trees, without replacement inside a tree and,
 * as far as the rows last, between trees.
 */
typedef struct ForestDealer
{
	ForestRng	rng;
	uint64_t	population;		/* rows that the sample stands for */
	uint32_t	n;				/* rows in the sample */
	uint32_t	position;		/* rows dealt from the deck so far */
	uint32_t   *deck;			/* permutation of 0 .. n - 1; caller's */
} ForestDealer;

extern void forest_dealer_init(ForestDealer *dealer, uint32_t *deck,
							   uint32_t n, uint64_t population,
							   uint64_t seed);
extern void forest_deal(ForestDealer *dealer, uint32_t *rows, uint32_t count,
						bool bootstrap);

/* The rows of a stream that were offered. */
static inline uint64_t
forest_sample_seen(const ForestSample *sample)
{
	return sample->drawn - sample->ahead;
}

/*
 * Whether the next row is one that forest_sample_look_ahead has found
 * unwanted; it counts as offered then.  Inline: this is all that training does
 * for most rows.
 */
static inline bool
forest_sample_passes(ForestSample *sample)
{
	if (sample->ahead == 0)
		return false;
	sample->ahead--;
	return true;
}

/* Draws the key of the next row of a stream, of which none is ahead. */
static inline uint64_t
forest_sample_draw(ForestSample *sample)
{
	sample->drawn++;
	return forest_splitmix64(&sample->counter);
}

/*
 * Draws the key of the next row of a stream and tells whether the sample
 * wants the row; then forest_sample_place says where it goes.
 */
static inline bool
forest_sample_wants(ForestSample *sample, uint64_t *key)
{
	*key = forest_sample_draw(sample);
	return *key < sample->limit;
}

#endif							/* FOREST_SAMPLE_H */
