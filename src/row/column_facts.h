/*-------------------------------------------------------------------------
 *
 * column_facts.h
 *	  What is to be known of a column before it is trained on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_COLUMN_FACTS_H
#define IFOREST_COLUMN_FACTS_H

#include "iforest.h"

#include "core/format/forest_model.h"

/* Different hashes, all of them or, of more, the smallest. */
typedef struct DistinctCount
{
	uint64	   *hashes;
	uint32		n;
	uint32		room;
	bool		some_lost;
} DistinctCount;

/* Facts of one column; its values come in the order of the rows. */
typedef struct ColumnFacts
{
	ForestType	type;			/* 0: no feature can have it */
	int64		n_rows;
	int64		n_values;		/* that are not missing */
	DistinctCount different;
	/* of a number */
	double		minimum;
	double		maximum;
	double		previous;		/* NaN before the first */
	int64		n_falls;		/* values below the one before */
	/* of a category */
	uint32		longest;		/* bytes */
} ColumnFacts;

extern void column_facts_begin(ColumnFacts *facts, ForestType type);
extern void column_facts_add(ColumnFacts *facts, Datum value, bool isnull,
							 MemoryContext context);
extern int64 column_facts_different(ColumnFacts *facts);

#endif							/* IFOREST_COLUMN_FACTS_H */
