/*-------------------------------------------------------------------------
 *
 * srf.h
 *	  A row of a set-returning function, put together column by column.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SRF_H
#define IFOREST_SRF_H

#include "iforest.h"

#define INSPECT_MAX_COLUMNS	16

typedef struct InspectRow
{
	Datum		values[INSPECT_MAX_COLUMNS];
	bool		nulls[INSPECT_MAX_COLUMNS];
} InspectRow;

/* Makes all columns of a row NULL. */
static inline void
inspect_clear(InspectRow *row)
{
	memset(row->nulls, true, sizeof(row->nulls));
}

/* Sets one column of a row. */
static inline void
inspect_set(InspectRow *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

#endif							/* IFOREST_SRF_H */
