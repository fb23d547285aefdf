/*-------------------------------------------------------------------------
 *
 * forest_tally.h
 *	  How often which numbers came: exact as long as memory lasts, and the
 *	  same whatever the order and the parts they came in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_TALLY_H
#define FOREST_TALLY_H

#include "core/base/forest_sort.h"
#include "core/forest.h"

/* Cells that a settled tally has at most, and pairs that it has room for. */
#define FOREST_TALLY_CELLS	(UINT32_C(1) << 18)
#define FOREST_TALLY_PAIRS	(2 * FOREST_TALLY_CELLS)

/* Most rows that a tally counts. */
#define FOREST_TALLY_ROWS	((uint64_t) INT64_MAX)

/*
 * Numbers that differ in their lowest "shift" bits only share a cell.  Of each
 * cell the least number stays, and the count of all.
 */
typedef struct ForestTally
{
	uint64_t	rows;			/* counted in all */
	uint32_t	n;				/* pairs in use */
	uint32_t	settled;		/* of these, sorted by cells; the first ones */
	uint32_t	allocated;		/* that there is room for: see above */
	uint32_t	shift;			/* 0: all numbers are told apart */
	ForestPair *pairs;			/* number and how often; the caller's */
} ForestTally;

extern void forest_tally_settle(ForestTally *tally, ForestPair *temporary);
extern bool forest_tally_check(const ForestTally *tally);
extern uint32_t forest_tally_scale(ForestPair *pairs, uint32_t n,
								   uint64_t rows, uint32_t most);

/* Counts a number so often; the caller sees to it that n < allocated. */
static inline void
forest_tally_add(ForestTally *tally, uint64_t number, uint64_t times)
{
	tally->rows += times;
	tally->pairs[tally->n++] = (ForestPair) {number, times};
}

#endif							/* FOREST_TALLY_H */
