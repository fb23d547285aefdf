/*-------------------------------------------------------------------------
 *
 * forest_tally.c
 *	  How often which numbers came: exact as long as memory lasts, and the
 *	  same whatever the order and the parts they came in.
 *
 * Numbers are told apart until there are too many different ones.  Then those
 * share a cell that agree but for their lowest bits, as few bits as will do.
 * Fewer numbers never need more bits, so a part of the numbers is never
 * coarser than all of them, and what comes out depends on all numbers alone:
 * not on their order, on the parts they were counted in, or on when those
 * were settled.
 *
 * Of a cell the least number stays.  So the count of the numbers below one
 * that stayed is exact, and only ranks inside a cell are not known.
 *
 * Numbers come behind those that are settled.  To settle them sorts no others:
 * they are merged.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/stats/forest_tally.h"

/* Bits up to and including the highest that two numbers differ in. */
static inline uint32_t
differing_bits(uint64_t a, uint64_t b)
{
	return a == b ? 0 : 64 - (uint32_t) __builtin_clzll(a ^ b);
}

/* Whether two numbers share a cell. */
static inline bool
share_cell(uint64_t a, uint64_t b, uint32_t shift)
{
	return differing_bits(a, b) <= shift;
}

/*
 * Unites neighbours of one cell among pairs that are sorted by cells; returns
 * how many stay.
 */
static uint32_t
unite(ForestPair *pairs, uint32_t n, uint32_t shift)
{
	uint32_t	kept = 0;

	for (uint32_t i = 0; i < n; i++)
	{
		ForestPair *last = &pairs[kept > 0 ? kept - 1 : 0];

		forest_pause_at(i);
		if (kept > 0 && share_cell(last->key, pairs[i].key, shift))
		{
			if (pairs[i].key < last->key)
				last->key = pairs[i].key;
			last->value += pairs[i].value;
		}
		else
			pairs[kept++] = pairs[i];
	}
	return kept;
}

/*
 * Merges two runs of pairs that are sorted by cells, the second one behind the
 * first, from the greatest down.  "temporary" has room for the second.
 */
static void
merge_behind(ForestPair *pairs, uint32_t first, uint32_t second,
			 uint32_t shift, ForestPair *temporary)
{
	uint32_t	to = first + second;

	if (first == 0 || second == 0)
		return;
	forest_copy(temporary, pairs + first, second * sizeof(ForestPair));
	while (first > 0 && second > 0)
	{
		const ForestPair *a = &pairs[first - 1];
		const ForestPair *b = &temporary[second - 1];
		bool		take_a = a->key >> shift > b->key >> shift;

		/* without a branch, which nobody could foresee */
		forest_pause_at(to);
		pairs[--to] = *(take_a ? a : b);
		first -= take_a;
		second -= !take_a;
	}
	forest_copy(pairs, temporary, second * sizeof(ForestPair));
}

/* The least shift, from "shift" on, that leaves few enough cells. */
static uint32_t
choose_shift(const ForestPair *pairs, uint32_t n, uint32_t shift)
{
	uint32_t	borders[65] = {0};	/* between neighbours, by differing bits */
	uint32_t	cells = 1;

	if (n <= FOREST_TALLY_CELLS)
		return shift;
	for (uint32_t i = 1; i < n; i++)
	{
		uint32_t	bits = differing_bits(pairs[i - 1].key, pairs[i].key);

		forest_pause_at(i);
		borders[bits]++;
		cells += bits > shift;
	}
	while (cells > FOREST_TALLY_CELLS)
		cells -= borders[++shift];
	return shift;
}

/*
 * Sorts the pairs, so that each cell has one and no more than
 * FOREST_TALLY_CELLS are left.  "temporary" has room for those that are not
 * settled; without any, all is as it should be.
 */
void
forest_tally_settle(ForestTally *tally, ForestPair *temporary)
{
	ForestPair *pairs = tally->pairs;
	ForestPair *fresh = pairs + tally->settled;
	uint32_t	n_fresh = tally->n - tally->settled;

	if (n_fresh == 0)
		return;
	forest_sort_above(fresh, temporary, n_fresh, tally->shift);
	merge_behind(pairs, tally->settled, n_fresh, tally->shift, temporary);
	tally->shift = choose_shift(pairs, tally->n, tally->shift);
	tally->n = unite(pairs, tally->n, tally->shift);
	tally->settled = tally->n;
}

/* Whether bytes that were read are a settled tally, of "rows" rows. */
bool
forest_tally_check(const ForestTally *tally)
{
	const ForestPair *pairs = tally->pairs;
	uint64_t	rows = 0;

	if (tally->n > FOREST_TALLY_CELLS || tally->shift > 63 ||
		tally->rows > FOREST_TALLY_ROWS)
		return false;
	for (uint32_t i = 0; i < tally->n; i++)
	{
		forest_pause_at(i);
		if (pairs[i].value < 1 || pairs[i].value > tally->rows - rows)
			return false;
		rows += pairs[i].value;
		if (i > 0 && (pairs[i].key < pairs[i - 1].key ||
					  share_cell(pairs[i - 1].key, pairs[i].key,
								 tally->shift)))
			return false;
	}
	return rows == tally->rows;
}

/*
 * Makes at most "most" rows of the "rows" rows that n pairs count, in
 * proportion, by rounding the running sum; pairs that are left without a row
 * go.  Returns how many stay.
 */
uint32_t
forest_tally_scale(ForestPair *pairs, uint32_t n, uint64_t rows,
				   uint32_t most)
{
	uint64_t	seen = 0;
	uint64_t	before = 0;
	uint32_t	kept = 0;

	if (rows <= most)
		return n;
	for (uint32_t i = 0; i < n; i++)
	{
		uint64_t	after;

		forest_pause_at(i);
		seen += pairs[i].value;
		after = seen == rows ? most :
			(uint64_t) ((double) seen / (double) rows * most + 0.5);
		if (after > before)
			pairs[kept++] = (ForestPair) {pairs[i].key, after - before};
		before = after;
	}
	return kept;
}
