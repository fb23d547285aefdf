/*-------------------------------------------------------------------------
 *
 * base_row.h
 *	  Rows, arrays and documents of a caller's type: read as scoring
 *	  functions read them, and made from features.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_BASE_ROW_H
#define IFOREST_BASE_ROW_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "row/arguments.h"
#include "row/row_type.h"
#include "score/score_call.h"

/*
 * The row, array or document that a call works on: its shape, and its values
 * as far as it has any.  It is read as scoring functions read rows, so a row
 * that holds an array or a document and nothing else is what it holds.
 */
typedef struct BaseRow
{
	MemoryContext context;		/* of what is learnt of types */
	MemoryContext row_context;	/* of what base_row_read reads; the same */
	FunctionCallInfo call;		/* of (model, row), as a scoring function's */
	Oid			declared;		/* type of the argument, maybe a domain */
	Oid			type;			/* base type of it */
	ArgumentShape shape;		/* of what holds the columns */
	Oid			holder;			/* base type of that */
	Datum		base;			/* the row; all NULL for a NULL one */
	ScoredRow	scored;			/* after base_row_score */
	void	   *checks;			/* of the argument's type, if a domain */

	/* a row, also one that holds an array or a document and nothing else */
	bool		is_row;
	RowType		row;
	int			only;			/* attribute that holds all; -1: none does */
	int		   *attributes;		/* of columns that are not dropped */

	/* attributes of a row, or elements of an array */
	int			n;
	Datum	   *values;
	bool	   *nulls;
	FmgrInfo   *inputs;			/* one a column; for an array one in all */
	Oid		   *io_params;
	ForestType *types;

	Jsonb	   *document;		/* an object */
} BaseRow;

extern BaseRow *base_row_open(FunctionCallInfo fcinfo, int argument,
							  Oid type, MemoryContext context);
extern bool base_row_fits(const BaseRow *base, FunctionCallInfo fcinfo,
						  int argument);
extern bool base_row_read(BaseRow *base, FunctionCallInfo fcinfo,
						  int argument);
extern bool base_row_score(BaseRow *base, Datum model, Datum row);
extern Datum base_row_form(BaseRow *base, const double *row,
						   const bool *kept);

#endif							/* IFOREST_BASE_ROW_H */
