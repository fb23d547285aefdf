/*-------------------------------------------------------------------------
 *
 * base_row.h
 *	  Rows and arrays of a caller's type: read as scoring functions read
 *	  them, and made from features.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_BASE_ROW_H
#define IFOREST_BASE_ROW_H

#include "iforest.h"

#include "row/row_type.h"
#include "score/score_call.h"

/*
 * The row or array that a call works on: its shape, and its values as far as
 * it has any.  It is read as scoring functions read rows.
 */
typedef struct BaseRow
{
	MemoryContext context;
	FunctionCallInfo call;		/* of (model, row), as a scoring function's */
	Oid			type;			/* base type of the argument */
	bool		is_array;
	Datum		base;			/* the row; all NULL for a NULL one */
	ScoredRow	scored;			/* after base_row_score */
	/* a row */
	RowType		row;
	int		   *attributes;		/* of columns that are not dropped */
	/* attributes of a row, or elements of an array */
	int			n;
	Datum	   *values;
	bool	   *nulls;
	FmgrInfo   *inputs;			/* one a column; for an array one in all */
	Oid		   *io_params;
	ForestType *types;
} BaseRow;

extern BaseRow *base_row_open(FunctionCallInfo fcinfo, int argument,
							  Oid type, MemoryContext context);
extern void base_row_null(BaseRow *base, FunctionCallInfo fcinfo);
extern bool base_row_read(BaseRow *base, FunctionCallInfo fcinfo,
						  int argument);
extern bool base_row_score(BaseRow *base, Datum model, Datum row);
extern Datum base_row_form(BaseRow *base, const double *row,
						   const bool *kept);

#endif							/* IFOREST_BASE_ROW_H */
