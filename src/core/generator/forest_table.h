/*-------------------------------------------------------------------------
 *
 * forest_table.h
 *	  A table of rows as networks see it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_TABLE_H
#define FOREST_TABLE_H

#include "core/forest.h"
#include "core/generator/forest_rank.h"
#include "core/net/forest_net_kernel.h"

/* Most units that the columns of a table may take. */
#define FOREST_NET_MAX_UNITS	8192

/* The class of rows where a category or boolean is missing. */
#define FOREST_CLASS_MISSING	UINT32_MAX

/* Shares of rows are multiples of 1 / FOREST_TABLE_SHARES. */
#define FOREST_TABLE_SHARES		UINT32_C(65535)

/* A column as networks see it; "units" are what it takes of their inputs. */
typedef struct ForestColumn
{
	bool		is_classes;		/* a category or boolean, not a number */
	bool		varies;			/* a number that has two values or more */
	bool		may_miss;		/* a number that some rows have, some not */
	uint32_t	n_classes;
	const uint32_t *classes;	/* their codes, ascending; missing is last */
	ForestRank	rank;			/* of a number */
	uint32_t	input;			/* first of its units that go in */
	uint32_t	n_input;
	uint32_t	output;			/* first of its units that come out */
	uint32_t	n_output;
} ForestColumn;

/* The columns of a table. */
typedef struct ForestColumns
{
	ForestColumn *columns;
	uint32_t	n_columns;
	uint32_t	n_rows;			/* that they were learnt from */
	uint32_t	n_input;		/* units */
	uint32_t	n_output;
} ForestColumns;

/*
 * What a row has in a column, in 2 numbers: of a number the shares of rows
 * below and up to it, of FOREST_TABLE_SHARES, and the other way round if it is
 * missing; or a class and 0.
 */
typedef struct ForestCode
{
	uint16_t	low;
	uint16_t	high;
} ForestCode;

/* Units that a column takes of a network's input. */
static inline uint32_t
forest_column_inputs(const ForestColumn *column)
{
	if (column->is_classes)
		return column->n_classes > 1 ? column->n_classes : 0;
	return (uint32_t) column->varies + column->may_miss;
}

/* Units of its output, where numbers are mixtures, or where they are not. */
static inline uint32_t
forest_column_outputs(const ForestColumn *column, bool mixed)
{
	uint32_t	n = forest_column_inputs(column);

	return !column->is_classes && mixed && column->varies ?
		n + FOREST_NET_NUMBER_UNITS - 1 : n;
}

/* Whether the code of a number says that it is missing. */
static inline bool
forest_code_misses(ForestCode code)
{
	return code.low > code.high;
}

/* Rows to learn from: row-major; a missing value is a NaN. */
typedef struct ForestTable
{
	const double *values;		/* n_rows x n_columns */
	uint32_t	n_rows;
	uint32_t	n_columns;
	const uint32_t *types;		/* ForestType */
	const uint32_t *n_categories;	/* 0 for a number */
} ForestTable;

/* Rows that have been told apart by their codes alone. */
typedef struct ForestCoded
{
	ForestColumns columns;
	ForestCode *codes;			/* n_rows x n_columns */
} ForestCoded;

extern bool forest_table_is_classes(uint32_t type);
extern void forest_columns_units(ForestColumns *columns, bool mixed);
extern uint64_t forest_table_size(const ForestTable *table);
extern uint64_t forest_table_scratch_size(const ForestTable *table);
extern void forest_table_code(const ForestTable *table, void *memory,
							  void *scratch, ForestCoded *coded);

#endif							/* FOREST_TABLE_H */
