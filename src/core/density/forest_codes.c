/*-------------------------------------------------------------------------
 *
 * forest_codes.c
 *	  A feature's categories in an order, each with a weight.
 *
 * Trees part a feature's categories again and again.  What a split lists is
 * few, of thousands of categories that it knows nothing of: these stay where
 * they are, so that parting costs as much as the list is long.  Weights go
 * where their codes go, so that those of a part lie side by side.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/density/forest_codes.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_set.h"

/* Bytes that forest_codes_init needs for up to n codes, 8-byte aligned. */
uint64_t
forest_codes_size(uint32_t n)
{
	return n * (uint64_t) sizeof(double) +
		2 * forest_align8(n * (uint64_t) sizeof(uint32_t));
}

/*
 * Has up to n codes in "memory" (forest_codes_size bytes, 8-byte aligned);
 * forest_codes_reset puts them there.
 */
void
forest_codes_init(uint32_t n, void *memory, ForestCodes *codes)
{
	uint8_t    *at = memory;

	codes->weights = (double *) at;
	at += n * sizeof(double);
	codes->codes = (uint32_t *) at;
	at += forest_align8(n * (uint64_t) sizeof(uint32_t));
	codes->places = (uint32_t *) at;
}

/* Puts codes 0 .. n - 1 in order, with a weight of 1 each. */
void
forest_codes_reset(ForestCodes *codes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
	{
		forest_pause_at(i);
		codes->codes[i] = i;
		codes->places[i] = i;
		codes->weights[i] = 1.0;
	}
}

/* Lets the codes at two places change them. */
static void
swap_places(ForestCodes *codes, uint32_t a, uint32_t b)
{
	uint32_t	code = codes->codes[a];
	double		weight = codes->weights[a];

	codes->codes[a] = codes->codes[b];
	codes->weights[a] = codes->weights[b];
	codes->places[codes->codes[a]] = a;
	codes->codes[b] = code;
	codes->weights[b] = weight;
	codes->places[code] = b;
}

/* forest_codes_part that asks of each code whether it is listed. */
static uint32_t
part_each(ForestCodes *codes, ForestSet set, uint32_t lo, uint32_t hi)
{
	while (lo < hi)
	{
		forest_pause_at(hi - lo);
		if (set.others_right == forest_set_has(set, codes->codes[lo]))
			lo++;
		else
			swap_places(codes, lo, --hi);
	}
	return lo;
}

/*
 * Brings those of the codes at places lo .. hi - 1 that go left at a split
 * before those that go right; returns where the latter begin.  It takes as
 * long as the shorter of the two, what the split lists and the places.
 */
uint32_t
forest_codes_part(ForestCodes *codes, ForestSet set, uint32_t lo, uint32_t hi)
{
	if (hi - lo < set.n)
		return part_each(codes, set, lo, hi);
	for (uint32_t i = 0; i < set.n; i++)
	{
		uint32_t	place = codes->places[set.codes[i]];

		forest_pause_at(i);
		if (place < lo || place >= hi)
			continue;
		swap_places(codes, place, set.others_right ? lo++ : --hi);
	}
	return set.others_right ? lo : hi;
}

/* Multiplies the weights of the codes at places lo .. hi - 1 by a gain. */
void
forest_codes_weigh(ForestCodes *codes, uint32_t lo, uint32_t hi, double gain)
{
	for (uint32_t i = lo; i < hi; i++)
	{
		forest_pause_at(i - lo);
		codes->weights[i] *= gain;
	}
}
