/*-------------------------------------------------------------------------
 *
 * forest_sort.c
 *	  A stable sort without memory of its own; libc's qsort may allocate.
 *
 * Few pairs are merged.  Of many, each byte of the keys in which they differ
 * takes one pass that deals them by it, the lowest first: no comparison, and
 * so nothing that the processor would have to guess.  Bits that do not count
 * are shifted out of the keys before.  What is sorted already, as what was put
 * together of sorted parts often is, takes one look.
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
		   size_t middle, size_t end, uint32_t shift)
{
	size_t		i = begin;
	size_t		j = middle;

	for (size_t k = begin; k < end; k++)
	{
		forest_pause_at(k);
		if (i < middle &&
			(j >= end || from[i].key >> shift <= from[j].key >> shift))
			to[k] = from[i++];
		else
			to[k] = from[j++];
	}
}

/* Sorts by merging longer and longer runs. */
static void
sort_by_merging(ForestPair *pairs, ForestPair *temporary, size_t n,
				uint32_t shift)
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

			merge_runs(from, to, begin, middle, end, shift);
		}
		from = to;
		to = swap;
	}
	if (from != pairs)
		forest_copy(pairs, from, n * sizeof(ForestPair));
}

/* Counts how many keys have each value of each byte above "shift". */
static void
count_bytes(const ForestPair *pairs, size_t n, uint32_t shift,
			size_t counts[KEY_BYTES][BYTE_VALUES])
{
	memset(counts, 0, sizeof(size_t) * KEY_BYTES * BYTE_VALUES);
	for (size_t i = 0; i < n; i++)
	{
		uint64_t	key = pairs[i].key >> shift;

		forest_pause_at(i);
		for (int byte = 0; byte < KEY_BYTES; byte++)
			counts[byte][(uint8_t) (key >> (8 * byte))]++;
	}
}

/* Deals pairs by the byte of their keys at a bit, whose values are counted. */
static void
deal_by_byte(const ForestPair *from, ForestPair *to, size_t n, uint32_t bit,
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
		to[places[(uint8_t) (from[i].key >> bit)]++] = from[i];
	}
}

/* Sorts by dealing, byte by byte. */
static void
sort_by_dealing(ForestPair *pairs, ForestPair *temporary, size_t n,
				uint32_t shift)
{
	size_t		counts[KEY_BYTES][BYTE_VALUES];
	ForestPair *from = pairs;
	ForestPair *to = temporary;

	count_bytes(pairs, n, shift, counts);
	for (uint32_t byte = 0; shift + 8 * byte < 8 * KEY_BYTES; byte++)
	{
		uint32_t	bit = shift + 8 * byte;
		ForestPair *swap = from;

		/* a byte that all keys share tells nothing */
		if (counts[byte][(uint8_t) (pairs[0].key >> bit)] == n)
			continue;
		deal_by_byte(from, to, n, bit, counts[byte]);
		from = to;
		to = swap;
	}
	if (from != pairs)
		forest_copy(pairs, from, n * sizeof(ForestPair));
}

/* Whether pairs are sorted already; of others the first few tell, mostly. */
static bool
is_sorted(const ForestPair *pairs, size_t n, uint32_t shift)
{
	for (size_t i = 1; i < n; i++)
	{
		forest_pause_at(i);
		if (pairs[i].key >> shift < pairs[i - 1].key >> shift)
			return false;
	}
	return true;
}

/*
 * Sorts n pairs by their keys but for the lowest "shift" (<= 63) bits,
 * ascending; pairs that are equal so keep their order.  "temporary" has room
 * for n pairs.
 */
void
forest_sort_above(ForestPair *pairs, ForestPair *temporary, size_t n,
				  uint32_t shift)
{
	forest_pause();				/* many small sorts are long work, too */
	if (is_sorted(pairs, n, shift))
		return;
	if (n < MANY)
		sort_by_merging(pairs, temporary, n, shift);
	else
		sort_by_dealing(pairs, temporary, n, shift);
}

/* The same by all bits of the keys. */
void
forest_sort(ForestPair *pairs, ForestPair *temporary, size_t n)
{
	forest_sort_above(pairs, temporary, n, 0);
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
