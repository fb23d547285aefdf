/*-------------------------------------------------------------------------
 *
 * forest_purpose.h
 *	  What random numbers are drawn for, and which streams of a seed each use
 *	  has: no two uses share one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_PURPOSE_H
#define FOREST_PURPOSE_H

#include "core/forest.h"

/*
 * What random numbers are drawn for.  Every use has streams of its own, from
 * the number here on: whatever shares a seed, no two uses ever see the same
 * numbers.  Up to the next use are more than can be counted: trees and classes
 * are fewer than 2^32, rows that one call makes fewer than 2^60.
 */
typedef enum ForestPurpose
{
	FOREST_FOR_SAMPLE,			/* which rows training keeps */
	FOREST_FOR_DEAL,			/* which rows each tree gets */
	FOREST_FOR_PROFILE,			/* the seed that its rows are dealt by */
	FOREST_FOR_DICTIONARY,		/* the projections of a forest */
	FOREST_FOR_TREE,			/* + its number */
	FOREST_FOR_PLOT,			/* which rows are drawn; + number of class */
	FOREST_FOR_BALANCE,			/* rows made to compare; + number */
	FOREST_FOR_IMPUTING,		/* what is missing from a row */
	FOREST_FOR_NEW_ROW,			/* iforest_sample; + number of row */
	FOREST_FOR_ROW_NEAR,		/* iforest_augment, 'forest'; + number */
	FOREST_FOR_NOISE,			/* iforest_augment, 'noise'; + number */
	FOREST_FOR_NET_START,		/* the first weights of a network */
	FOREST_FOR_NET_ORDER,		/* the order of training rows */
	FOREST_FOR_NET_NOISE,		/* what training adds to them */
	FOREST_FOR_NET_HELD,		/* rows that training is judged by */
	FOREST_FOR_NET_LATENT,		/* the mixture of latents */
	FOREST_FOR_NET_GIVEN,		/* latents that given values weigh */
	FOREST_FOR_NET_DRAW,		/* rows made by a network; + number */
	FOREST_FOR_TELLING,			/* rows that features are compared by */
	FOREST_N_PURPOSES
} ForestPurpose;

/* The first stream of a use. */
static inline uint64_t
forest_first_stream(ForestPurpose purpose)
{
	static const uint64_t first[FOREST_N_PURPOSES] = {
		[FOREST_FOR_SAMPLE] = 1,
		[FOREST_FOR_DEAL] = 2,
		[FOREST_FOR_PROFILE] = 4,
		[FOREST_FOR_IMPUTING] = 5,
		[FOREST_FOR_TELLING] = 6,
		[FOREST_FOR_DICTIONARY] = 7,
		[FOREST_FOR_TREE] = UINT64_C(1) << 32,
		[FOREST_FOR_PLOT] = UINT64_C(2) << 32,
		[FOREST_FOR_BALANCE] = UINT64_C(3) << 32,
		[FOREST_FOR_NEW_ROW] = UINT64_C(1) << 60,
		[FOREST_FOR_ROW_NEAR] = UINT64_C(2) << 60,
		[FOREST_FOR_NOISE] = UINT64_C(3) << 60,
		[FOREST_FOR_NET_START] = UINT64_C(4) << 32,
		[FOREST_FOR_NET_ORDER] = (UINT64_C(4) << 32) + 1,
		[FOREST_FOR_NET_NOISE] = (UINT64_C(4) << 32) + 2,
		[FOREST_FOR_NET_HELD] = (UINT64_C(4) << 32) + 3,
		[FOREST_FOR_NET_LATENT] = (UINT64_C(4) << 32) + 4,
		[FOREST_FOR_NET_GIVEN] = (UINT64_C(4) << 32) + 5,
		[FOREST_FOR_NET_DRAW] = UINT64_C(4) << 60,
	};

	return first[purpose];
}

#endif							/* FOREST_PURPOSE_H */
