/*-------------------------------------------------------------------------
 *
 * arguments.h
 *	  The argument list of a call, in whatever form, as columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ARGUMENTS_H
#define IFOREST_ARGUMENTS_H

#include "iforest.h"

#include "row/row_type.h"


typedef enum ArgumentShape
{
	ARGUMENTS_COLUMNS,
	ARGUMENTS_ROW,
	ARGUMENTS_ARRAY
} ArgumentShape;

/* One column that a call offers. */
typedef struct ArgumentColumn
{
	Oid			typid;			/* base type */
	ForestType	type;			/* 0 if no feature can have it */
	char	   *name;			/* NULL if it has none */
} ArgumentColumn;

/*
 * The arguments of one call site, from number "first" on.  After
 * arguments_read, values and nulls hold one row's columns.
 */
typedef struct Arguments
{
	MemoryContext context;		/* what depends on the columns lives here */
	ArgumentShape shape;
	int			first;
	int			n_columns;
	ArgumentColumn *columns;
	Datum	   *values;
	bool	   *nulls;
	uint64		version;		/* changes when n_columns or columns do */

	RowType		row;			/* of a row; type_id is 0 before the first */

	/* an array's elements */
	Oid			element_type;
	int16		element_len;
	bool		element_byval;
	char		element_align;
} Arguments;

extern Arguments *arguments_open(FunctionCallInfo fcinfo, int first,
								 MemoryContext context);
extern bool arguments_read(Arguments *arguments, FunctionCallInfo fcinfo);
extern void arguments_name_columns(Arguments *arguments,
								   FunctionCallInfo fcinfo);
extern const char *arguments_label(const Arguments *arguments, int i);
pg_noreturn extern void report_unsupported_type(const char *label, Oid typid,
												bool training);

#endif							/* IFOREST_ARGUMENTS_H */
