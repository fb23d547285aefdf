/*-------------------------------------------------------------------------
 *
 * forest_set.h
 *	  The sets of codes that splits of categories list.
 *
 * A set is a first word, which tells how many codes follow and where all
 * other categories go, and the codes, ascending.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_SET_H
#define FOREST_SET_H

#include "core/forest.h"
#include "core/format/forest_model.h"

/* The codes that a split of categories lists, ascending. */
typedef struct ForestSet
{
	const uint16_t *codes;
	uint32_t	n;
	bool		others_right;	/* where all others go; these to the other
								 * side */
} ForestSet;

/* Codes listed by a set with this first word. */
static inline uint32_t
forest_set_size(uint16_t head)
{
	return head & FOREST_SET_COUNT;
}

/* The first word of a set of n codes. */
static inline uint16_t
forest_set_head(uint32_t n, bool others_right)
{
	return (uint16_t) (n | (others_right ? FOREST_SET_OTHERS_RIGHT : 0));
}

/* The set that begins at a word of this machine's byte order. */
static inline ForestSet
forest_set_at(const uint16_t *words)
{
	ForestSet	set;

	set.codes = words + 1;
	set.n = forest_set_size(words[0]);
	set.others_right = (words[0] & FOREST_SET_OTHERS_RIGHT) != 0;
	return set;
}

/* Whether a set lists a code. */
static inline bool
forest_set_has(ForestSet set, uint32_t code)
{
	uint32_t	lo = 0;
	uint32_t	hi = set.n;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (set.codes[middle] == code)
			return true;
		if (set.codes[middle] < code)
			lo = middle + 1;
		else
			hi = middle;
	}
	return false;
}

#endif							/* FOREST_SET_H */
