/*-------------------------------------------------------------------------
 *
 * subsets.h
 *	  All subsets of a few rows, and how often each came up.
 *
 * Small cases are checked outcome by outcome: when all subsets of a given
 * size are equally likely, so are rows, pairs and all else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SUBSETS_H
#define SUBSETS_H

#include <stdint.h>

#include "unit.h"

/* Lists all subsets of k of n rows as masks; returns how many. */
static inline int
list_subsets(uint32_t n, uint32_t k, uint32_t *masks)
{
	int			count = 0;

	for (uint32_t mask = 0; mask < UINT32_C(1) << n; mask++)
	{
		uint32_t	bits = 0;

		for (uint32_t i = 0; i < n; i++)
			bits += mask >> i & 1;
		if (bits == k)
			masks[count++] = mask;
	}
	return count;
}

/* Counts a mask under its place among n_masks. */
static inline void
count_mask(uint32_t mask, const uint32_t *masks, int n_masks,
		   uint32_t *counts)
{
	int			i = 0;

	while (i < n_masks && masks[i] != mask)
		i++;
	if (REQUIRE(i < n_masks))
		counts[i]++;
}

#endif							/* SUBSETS_H */
