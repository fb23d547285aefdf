/*-------------------------------------------------------------------------
 *
 * forest_digest.h
 *	  What a model is known by: SHA-256 (FIPS 180-4).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_DIGEST_H
#define FOREST_DIGEST_H

#include "core/forest.h"

#define FOREST_DIGEST_SIZE 32

extern void forest_digest(const uint8_t *bytes, size_t len,
						  uint8_t digest[FOREST_DIGEST_SIZE]);

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
	FOREST_FOR_CALIBRATION,		/* which lengths iforest_calibrate keeps */
	FOREST_FOR_PROFILE,			/* the seed that its rows are dealt by */
	FOREST_FOR_TREE,			/* + its number */
	FOREST_FOR_PLOT,			/* which rows are drawn; + number of class */
	FOREST_FOR_BALANCE,			/* rows made to compare; + number */
	FOREST_FOR_IMPUTING,		/* what is missing from a row */
	FOREST_FOR_NEW_ROW,			/* iforest_sample; + number of row */
	FOREST_FOR_ROW_NEAR,		/* iforest_augment, 'forest'; + number */
	FOREST_FOR_NOISE,			/* iforest_augment, 'noise'; + number */
	FOREST_N_PURPOSES
} ForestPurpose;

#endif							/* FOREST_DIGEST_H */
