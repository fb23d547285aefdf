/*-------------------------------------------------------------------------
 *
 * forest_sort.c
 *	  A stable sort without memory of its own; libc's qsort may allocate.
 *
 *-------------------------------------------------------------------------
 */
#include "forest.h"

#include <string.h>

/* Merges the sorted runs from[begin .. middle) and [middle .. end). */
static void
merge_runs(const ForestPair *from, ForestPair *to, size_t begin,
		   size_t middle, size_t end)
{
	size_t		i = begin;
	size_t		j = middle;

	for (size_t k = begin; k < end; k++)
	{
		forest_pause_at(k);
		if (i < middle && (j >= end || from[i].key <= from[j].key))
			to[k] = from[i++];
		else
			to[k] = from[j++];
	}
}

/*
 * Sorts n pairs by key, ascending; equal keys keep their order.  "temporary"
 * has room for n pairs.
 */
void
forest_sort(ForestPair *pairs, ForestPair *temporary, size_t n)
{
	ForestPair *from = pairs;
	ForestPair *to = temporary;

	for (size_t run = 1; run < n; run *= 2)
	{
		ForestPair *swap = from;

		for (size_t begin = 0; begin < n; begin += 2 * run)
		{
			size_t		middle = begin + run < n ? begin + run : n;
			size_t		end = begin + 2 * run < n ? begin + 2 * run : n;

			merge_runs(from, to, begin, middle, end);
		}
		from = to;
		to = swap;
	}
	if (from != pairs)
		forest_copy(pairs, from, n * sizeof(ForestPair));
}

/* A key that orders as the double does; no NaN. */
uint64_t
forest_sort_key(double value)
{
	uint64_t	bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* The double that a key stands for. */
double
forest_sort_value(uint64_t key)
{
	uint64_t	bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}
