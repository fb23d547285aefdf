/*-------------------------------------------------------------------------
 *
 * row_type.h
 *	  Row types, which may change while a query reads rows of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ROW_TYPE_H
#define IFOREST_ROW_TYPE_H

#include "iforest.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "utils/typcache.h"

/* What a call site knows of the type of the rows that it meets. */
typedef struct RowType
{
	Oid			type_id;		/* 0: nothing is known yet */
	int32		typmod;			/* tells a record's columns */
	TypeCacheEntry *entry;		/* the session's; NULL of a record */
	uint64		identifier;		/* of the columns of a named type */
	TupleDesc	desc;
} RowType;

extern HeapTupleHeader row_header(Datum row);
extern HeapTupleHeader row_header_copy(Datum row);
extern void row_type_learn(RowType *type, Oid type_id, int32 typmod,
						   MemoryContext context);
extern bool row_type_is_of(const RowType *type, HeapTupleHeader row);
extern void row_type_check(RowType *type);
extern bool type_holds_row(Oid type);
extern int	row_type_holder(TupleDesc desc);
extern void row_type_deform(const RowType *type, HeapTupleHeader row,
							Datum *values, bool *nulls);
extern void row_type_init(void);

#endif							/* IFOREST_ROW_TYPE_H */
