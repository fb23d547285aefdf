/*-------------------------------------------------------------------------
 *
 * forest_table.c
 *	  A table of rows as networks see it.
 *
 * Every column is sorted once.  A number becomes an interval of ranks, in 16
 * bits each, and leaves the curve that leads back from scores to values; a
 * category or a boolean becomes its class, and that it is missing is one more
 * class.  Categories that no row has take no room.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"

/* Whether columns of a type are classes and not numbers. */
bool
forest_table_is_classes(uint32_t type)
{
	return type == FOREST_BOOL || forest_type_is_category(type);
}

/* Codes that a column of classes can have, but for missing ones. */
static uint32_t
n_codes(const ForestTable *table, uint32_t c)
{
	return table->types[c] == FOREST_BOOL ? 2 : table->n_categories[c];
}

/* Bytes that a column's curve or classes take at most, in multiples of 8. */
static uint64_t
column_size(const ForestTable *table, uint32_t c)
{
	uint64_t	n = table->n_rows;

	if (forest_table_is_classes(table->types[c]))
	{
		n = n < n_codes(table, c) ? n : n_codes(table, c);
		return (n + 2) / 2 * 8;
	}
	n = 4 * n;
	return (n < FOREST_RANK_KNOTS ? n : FOREST_RANK_KNOTS) *
		sizeof(ForestRankKnot);
}

/* Bytes of the memory that forest_table_code fills; aligned to 8. */
uint64_t
forest_table_size(const ForestTable *table)
{
	uint64_t	size = table->n_columns * (uint64_t) sizeof(ForestColumn);

	for (uint32_t c = 0; c < table->n_columns; c++)
		size += column_size(table, c);
	return size + (uint64_t) table->n_rows * table->n_columns *
		sizeof(ForestCode);
}

/* Bytes of its scratch; aligned to 8. */
uint64_t
forest_table_scratch_size(const ForestTable *table)
{
	uint64_t	most = 0;

	for (uint32_t c = 0; c < table->n_columns; c++)
	{
		if (forest_table_is_classes(table->types[c]) &&
			n_codes(table, c) > most)
			most = n_codes(table, c);
	}
	most = (most + 2) / 2 * 8;
	return most > 2 * (uint64_t) table->n_rows * sizeof(ForestPair) ? most :
		2 * (uint64_t) table->n_rows * sizeof(ForestPair);
}

/* A share of rows in FOREST_TABLE_SHARES, rounded. */
static uint16_t
share_code(uint64_t rows, uint64_t of)
{
	return (uint16_t) ((2 * rows * FOREST_TABLE_SHARES + of) / (2 * of));
}

/* The value of a row in column c, both from 0; NaN is missing. */
static double
table_value(const ForestTable *table, uint32_t row, uint32_t c)
{
	return table->values[(size_t) row * table->n_columns + c];
}

/* Sorts a column's values; returns how many there are. */
static uint32_t
sort_column(const ForestTable *table, uint32_t c, ForestPair *pairs,
			ForestPair *temporary)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < table->n_rows; i++)
	{
		double		value = table_value(table, i, c);

		forest_pause_at(i);
		if (isnan(value))
			continue;
		/* the two zeros are one value */
		pairs[n++] = (ForestPair) {forest_sort_key(value + 0.0), i};
	}
	forest_sort(pairs, temporary, n);
	return n;
}

/*
 * Codes a column's numbers from its n sorted values; writes the values and
 * how many rows have each to "atoms", and returns how many there are.
 */
static uint32_t
code_numbers(const ForestPair *pairs, uint32_t n, ForestPair *atoms,
			 ForestCode *codes, uint32_t n_columns)
{
	uint32_t	n_atoms = 0;

	for (uint32_t first = 0; first < n;)
	{
		uint32_t	end = first;
		ForestCode	code;

		for (; end < n && pairs[end].key == pairs[first].key; end++)
			forest_pause_at(end);
		code.low = share_code(first, n);
		code.high = share_code(end, n);
		/* more rows than shares */
		if (code.low == code.high && code.high < FOREST_TABLE_SHARES)
			code.high++;
		else if (code.low == code.high)
			code.low--;
		atoms[n_atoms++] = (ForestPair) {pairs[first].key, end - first};
		for (; first < end; first++)
		{
			codes[pairs[first].value * n_columns] = code;
			forest_pause_at(first);
		}
	}
	return n_atoms;
}

/* Codes a number, and lays its curve out in memory; returns what is behind. */
static uint8_t *
code_number(const ForestTable *table, uint32_t c, uint8_t *memory,
			ForestPair *pairs, ForestCode *codes, ForestColumn *column)
{
	ForestRankKnot *knots = (ForestRankKnot *) memory;
	ForestPair *atoms = pairs + table->n_rows;
	uint32_t	n = sort_column(table, c, pairs, atoms);
	uint32_t	n_atoms = code_numbers(pairs, n, atoms, codes,
									   table->n_columns);

	for (uint32_t i = 0; i < table->n_rows; i++)
	{
		forest_pause_at(i);
		if (isnan(table_value(table, i, c)))
			codes[(size_t) i * table->n_columns] =
				(ForestCode) {FOREST_TABLE_SHARES, 0};
	}
	column->rank.knots = knots;
	if (n_atoms > 0)
	{
		column->rank.n_knots = forest_rank_knots(atoms, n_atoms, knots);
		forest_rank_grid(atoms, n_atoms, table->types[c], &column->rank.grid);
	}
	column->varies = n_atoms > 1;
	column->may_miss = n > 0 && n < table->n_rows;
	return memory + column->rank.n_knots * sizeof(ForestRankKnot);
}

/* The same for a category or boolean; scratch has an entry a code. */
static uint8_t *
code_classes(const ForestTable *table, uint32_t c, uint8_t *memory,
			 uint32_t *class_of, ForestCode *codes, ForestColumn *column)
{
	uint32_t	n = n_codes(table, c);
	uint32_t   *classes = (uint32_t *) memory;

	memset(class_of, 0, ((size_t) n + 1) * sizeof(uint32_t));
	for (uint32_t i = 0; i < table->n_rows; i++)
	{
		double		value = table_value(table, i, c);

		class_of[isnan(value) ? n : (uint32_t) value] = 1;
		forest_pause_at(i);
	}
	for (uint32_t code = 0; code <= n; code++)
	{
		if (class_of[code] == 0)
			continue;
		classes[column->n_classes] = code == n ? FOREST_CLASS_MISSING : code;
		class_of[code] = column->n_classes++;
	}
	for (uint32_t i = 0; i < table->n_rows; i++)
	{
		double		value = table_value(table, i, c);

		codes[(size_t) i * table->n_columns] = (ForestCode)
		{
			(uint16_t) class_of[isnan(value) ? n : (uint32_t) value], 0
		};
		forest_pause_at(i);
	}
	column->is_classes = true;
	column->classes = classes;
	return memory + ((size_t) column->n_classes + 1) / 2 * 8;
}

/*
 * Deals units to the columns.  What goes in of a number is its score, and
 * whether it is missing; what comes out is a mixture of logistics, or, if not
 * "mixed", a score; and again whether it is missing.
 */
void
forest_columns_units(ForestColumns *columns, bool mixed)
{
	uint32_t	input = 0;
	uint32_t	output = 0;

	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		ForestColumn *column = &columns->columns[c];

		column->input = input;
		column->output = output;
		column->n_input = forest_column_inputs(column);
		column->n_output = forest_column_outputs(column, mixed);
		/* saturates: a table may be wider than any network */
		input += column->n_input;
		output += column->n_output;
		input = input > UINT32_MAX / 4 ? UINT32_MAX / 4 : input;
		output = output > UINT32_MAX / 4 ? UINT32_MAX / 4 : output;
	}
	columns->n_input = input;
	columns->n_output = output;
}

/*
 * Codes a table of at least one row into "memory", forest_table_size bytes.
 * Categories are below n_categories, booleans 0 or 1.  The units are dealt
 * for mixtures; whether there are too many is the caller's to see.
 */
void
forest_table_code(const ForestTable *table, void *memory, void *scratch,
				  ForestCoded *coded)
{
	uint8_t    *next = memory;
	ForestColumn *columns = memory;
	uint64_t	n_cells = (uint64_t) table->n_rows * table->n_columns;

	forest_clear(memory, table->n_columns * sizeof(ForestColumn));
	coded->columns.columns = columns;
	coded->columns.n_columns = table->n_columns;
	coded->columns.n_rows = table->n_rows;
	next += table->n_columns * sizeof(ForestColumn);
	coded->codes = (ForestCode *) (next + forest_table_size(table) -
								   table->n_columns * sizeof(ForestColumn) -
								   n_cells * sizeof(ForestCode));
	for (uint32_t c = 0; c < table->n_columns; c++)
	{
		next = forest_table_is_classes(table->types[c]) ?
			code_classes(table, c, next, scratch, coded->codes + c,
						 &columns[c]) :
			code_number(table, c, next, scratch, coded->codes + c,
						&columns[c]);
		forest_pause();			/* few rows, as many columns as there are */
	}
	forest_columns_units(&coded->columns, true);
}
