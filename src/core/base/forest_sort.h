/*-------------------------------------------------------------------------
 *
 * forest_sort.h
 *	  Sorting pairs by an integer key.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_SORT_H
#define FOREST_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "core/forest.h"

typedef struct ForestPair
{
	uint64_t	key;
	uint64_t	value;
} ForestPair;

extern void forest_sort(ForestPair *pairs, ForestPair *temporary, size_t n);
extern void forest_sort_above(ForestPair *pairs, ForestPair *temporary,
							  size_t n, uint32_t shift);
extern uint64_t forest_sort_key(double value);
extern double forest_sort_value(uint64_t key);

#endif							/* FOREST_SORT_H */
