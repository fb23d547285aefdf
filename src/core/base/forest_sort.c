/*-------------------------------------------------------------------------
 *
 * forest_sort.c
 *	  A stable sort without memory of its own; libc's qsort may allocate.
 *
 * Few pairs are merged.  Of many, each byte of the keys in which they differ
 * takes one pass that deals them by it, the lowest first: no comparison, and
 * so nothing that the processor would have to guess.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"

/* So many pairs are worth the counting of bytes. */
#define MANY			256

#define KEY_BYTES		8
#define BYTE_VALUES		256

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

/* Sorts by merging longer and longer runs. */
static void
sort_by_merging(ForestPair *pairs, ForestPair *temporary, size_t n)
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

/* Counts how many keys have each value of each byte. */
static void
count_bytes(const ForestPair *pairs, size_t n,
			size_t counts[KEY_BYTES][BYTE_VALUES])
{
	memset(counts, 0, sizeof(size_t) * KEY_BYTES * BYTE_VALUES);
	for (size_t i = 0; i < n; i++)
	{
		forest_pause_at(i);
		for (int byte = 0; byte < KEY_BYTES; byte++)
			counts[byte][(uint8_t) (pairs[i].key >> (8 * byte))]++;
	}
}

/* Deals pairs by one byte of their keys, whose values are counted. */
static void
deal_by_byte(const ForestPair *from, ForestPair *to, size_t n, int byte,
			 const size_t counts[BYTE_VALUES])
{
	size_t		places[BYTE_VALUES];
	size_t		place = 0;

	for (int value = 0; value < BYTE_VALUES; value++)
	{
		places[value] = place;
		place += counts[value];
	}
	for (size_t i = 0; i < n; i++)
	{
		forest_pause_at(i);
		to[places[(uint8_t) (from[i].key >> (8 * byte))]++] = from[i];
	}
}

/* Sorts by dealing, byte by byte. */
static void
sort_by_dealing(ForestPair *pairs, ForestPair *temporary, size_t n)
{
	size_t		counts[KEY_BYTES][BYTE_VALUES];
	ForestPair *from = pairs;
	ForestPair *to = temporary;

	count_bytes(pairs, n, counts);
	for (int byte = 0; byte < KEY_BYTES; byte++)
	{
		ForestPair *swap = from;

		/* a byte that all keys share tells nothing */
		if (counts[byte][(uint8_t) (pairs[0].key >> (8 * byte))] == n)
			continue;
		deal_by_byte(from, to, n, byte, counts[byte]);
		from = to;
		to = swap;
	}
	if (from != pairs)
		forest_copy(pairs, from, n * sizeof(ForestPair));
}

/*
 * Sorts n pairs by key, ascending; equal keys keep their order.  "temporary"
 * has room for n pairs.
 */
void
forest_sort(ForestPair *pairs, ForestPair *temporary, size_t n)
{
	forest_pause();				/* many small sorts are long work, too */
	if (n < MANY)
		sort_by_merging(pairs, temporary, n);
	else
		sort_by_dealing(pairs, temporary, n);
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
