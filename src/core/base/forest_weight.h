/*-------------------------------------------------------------------------
 *
 * forest_weight.h
 *	  Keys of rows that have weights: the smallest are a weighted sample.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_WEIGHT_H
#define FOREST_WEIGHT_H

#include <string.h>

#include "core/forest.h"

/* Weights that rows can have; a smaller one is none. */
#define FOREST_LEAST_WEIGHT		1e-100
#define FOREST_GREATEST_WEIGHT	1e100

extern uint64_t forest_weighted_key(uint64_t key, double weight);
extern double forest_kept_share(uint64_t limit, double weight);

/* The number that a weighted key is, and the key of one. */
static inline double
forest_weighted_number(uint64_t key)
{
	double		number;

	memcpy(&number, &key, sizeof(number));
	return number;
}

#endif							/* FOREST_WEIGHT_H */
