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

#include "utils/jsonb.h"

#include "row/row_type.h"


typedef enum ArgumentShape
{
	ARGUMENTS_COLUMNS,
	ARGUMENTS_ROW,
	ARGUMENTS_ARRAY,
	ARGUMENTS_DOCUMENT			/* has keys instead of columns */
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

	/* a row, also one that holds an array or a document and nothing else */
	bool		is_row;
	MemoryContext row_context;	/* what depends on its type lives here */
	RowType		row;			/* type_id is 0 before the first */
	int			only;			/* attribute that holds all; -1: none does */
	Datum	   *attributes;
	bool	   *attribute_nulls;

	JsonbContainer *document;	/* the object that is the current row */

	/* an array's elements */
	Oid			element_type;
	int16		element_len;
	bool		element_byval;
	char		element_align;
	bool		takes_apart;	/* the caller wants all values; else .. */
	const float4 *reals;		/* .. those of an array of real without NULL
								 * are here alone */
} Arguments;

extern Arguments *arguments_open(FunctionCallInfo fcinfo, int first,
								 MemoryContext context);
extern bool arguments_read(Arguments *arguments, FunctionCallInfo fcinfo);
extern bool arguments_numbers(const Arguments *arguments, ForestType type,
							  const uint32 *source, uint32 n, double *numbers);
extern const char *arguments_label(const Arguments *arguments, int i);
pg_noreturn extern void report_unsupported_type(const char *label, Oid typid,
												bool training);

#endif							/* IFOREST_ARGUMENTS_H */
