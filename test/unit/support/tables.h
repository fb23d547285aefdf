/*-------------------------------------------------------------------------
 *
 * tables.h
 *	  Random tables, and trees grown on them.
 *
 * Buffers have exactly the sizes that the contracts name, so that an address
 * sanitizer sees the first byte too many.
 *
 *-------------------------------------------------------------------------
 */
#ifndef TABLES_H
#define TABLES_H

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/forest_rng.h"
#include "core/grow/forest_grow.h"

#include "unit.h"

/* malloc that never fails nor returns NULL; exact but for 0 bytes. */
static inline void *
allocate(size_t size)
{
	void	   *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
	{
		printf("Bail out! no memory\n");
		exit(2);
	}
	return memory;
}

/* ---- random tables ---- */

/* The columns of a random table. */
typedef enum ColumnKind
{
	UNIFORM,
	TIES,
	EXTREMES,					/* infinities, greatest values, denormals */
	TINY,						/* denormals alone */
	INFINITIES,					/* both of them and nothing else */
	HALF_INFINITE,				/* one value and one infinity */
	ZEROS,						/* 0.0 and -0.0 */
	CONSTANT,
	ALL_MISSING,
	ONE_OR_MISSING,
	FEW_CATEGORIES,
	MANY_CATEGORIES,
	ONE_CATEGORY,
	CATEGORY_OR_MISSING,
	N_COLUMN_KINDS
} ColumnKind;

typedef struct Table
{
	uint32_t	n_rows;
	uint32_t	n_features;
	uint32_t	max_categories;
	double		guided;			/* chance that a cut on it is guided */
	/* what the last of the features are sums of; NULL: none is a sum */
	const ForestProjections *projections;
	uint32_t   *order;			/* gets the rows as growing left them */
	double	   *values;
	uint32_t   *n_categories;
} Table;

/* The table as the grower takes it. */
static inline ForestRows
table_rows(const Table *table)
{
	return (ForestRows) {table->values, table->n_features,
						 table->n_categories};
}

static inline double *
table_at(const Table *table, uint32_t row, uint32_t feature)
{
	return &table->values[(size_t) row * table->n_features + feature];
}

/* Allocates a table; the caller fills values and n_categories. */
static inline void
table_init(Table *table, uint32_t n_rows, uint32_t n_features)
{
	table->n_rows = n_rows;
	table->n_features = n_features;
	table->max_categories = 0;
	table->guided = 0.0;
	table->projections = NULL;
	table->order = NULL;
	table->values = allocate((size_t) n_rows * n_features * sizeof(double));
	table->n_categories = allocate(n_features * sizeof(uint32_t));
	memset(table->n_categories, 0, n_features * sizeof(uint32_t));
}

static inline void
table_free(Table *table)
{
	free(table->values);
	free(table->n_categories);
}

/* One of the numbers that break things. */
static inline double
extreme_number(ForestRng *rng)
{
	static const double numbers[] = {
		INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN,
		DBL_TRUE_MIN, -DBL_TRUE_MIN, 0.0, -0.0, 1.0, -1.0,
		1.0 + DBL_EPSILON, 1e300, -1e300, 1e-300
	};

	return numbers[forest_rng_below(rng, sizeof(numbers) /
									sizeof(numbers[0]))];
}

/* Sets how many categories a column has. */
static inline void
table_set_categories(Table *table, uint32_t feature, uint32_t n)
{
	table->n_categories[feature] = n;
	if (n > table->max_categories)
		table->max_categories = n;
}

/* Fills a column; codes need not all occur. */
static inline void
table_fill(Table *table, uint32_t feature, ColumnKind kind, ForestRng *rng)
{
	bool		some_missing = forest_rng_below(rng, 3) == 0;
	double		one = forest_rng_below(rng, 2) ? extreme_number(rng) : 7.0;
	uint32_t	n = 0;

	if (kind == FEW_CATEGORIES || kind == CATEGORY_OR_MISSING)
		n = 2 + forest_rng_below(rng, 4);
	else if (kind == MANY_CATEGORIES)
		n = 60 + forest_rng_below(rng, 200);
	else if (kind == ONE_CATEGORY)
		n = 1;
	table_set_categories(table, feature, n);

	for (uint32_t i = 0; i < table->n_rows; i++)
	{
		double		v = one;
		bool		missing = some_missing && forest_rng_below(rng, 5) == 0;

		switch (kind)
		{
			case UNIFORM:
				v = forest_rng_double(rng) * 10.0 - 3.0;
				break;
			case TIES:
				v = forest_rng_below(rng, 5) - 2.0;
				break;
			case EXTREMES:
				v = extreme_number(rng);
				break;
			case TINY:
				v = forest_rng_below(rng, 9) * DBL_TRUE_MIN -
					4 * DBL_TRUE_MIN;
				break;
			case INFINITIES:
				v = forest_rng_below(rng, 2) ? INFINITY : -INFINITY;
				break;
			case HALF_INFINITE:
				if (forest_rng_below(rng, 2))
					v = one > 0.0 ? -INFINITY : INFINITY;
				break;
			case ZEROS:
				v = forest_rng_below(rng, 2) ? 0.0 : -0.0;
				break;
			case ALL_MISSING:
				missing = true;
				break;
			case ONE_OR_MISSING:
				missing = forest_rng_below(rng, 2);
				break;
			case CATEGORY_OR_MISSING:
				v = 1.0;
				missing = forest_rng_below(rng, 2);
				break;
			case FEW_CATEGORIES:
			case MANY_CATEGORIES:
			case ONE_CATEGORY:
				v = forest_rng_below(rng, n);
				break;
			case CONSTANT:
			case N_COLUMN_KINDS:
				break;
		}
		*table_at(table, i, feature) = missing ? NAN : v;
	}
}

/* A table of random columns. */
static inline void
table_random(Table *table, uint32_t n_rows, uint32_t n_features,
			 ForestRng *rng)
{
	table_init(table, n_rows, n_features);
	for (uint32_t f = 0; f < n_features; f++)
		table_fill(table, f, (ColumnKind)
				   forest_rng_below(rng, N_COLUMN_KINDS), rng);
}

/* ---- trees ---- */

/*
 * Grows a tree on some rows of a table (all, when rows is NULL) in freshly
 * allocated arrays.
 */
static inline ForestStatus
tree_grow(ForestTree *tree, const Table *table, const uint32_t *rows,
		  uint32_t n_rows, uint32_t max_depth, uint32_t n_columns,
		  ForestRng *rng, size_t max_sets)
{
	ForestRows	input = table_rows(table);
	ForestGrowth growth = {.max_depth = max_depth, .n_columns = n_columns,
	.guided = table->guided, .projections = table->projections};
	ForestGrowScratch scratch;
	ForestStatus status;
	void	   *memory = allocate(forest_grow_scratch_size(n_rows,
		table->n_features, table->max_categories, table->guided > 0.0));

	tree->nodes = allocate((2 * (size_t) n_rows - 1) * sizeof(uint16_t));
	tree->cuts = allocate(n_rows * sizeof(double));
	tree->leaves = allocate(n_rows * sizeof(uint32_t));
	tree->sets = allocate(max_sets * sizeof(uint16_t));
	tree->max_sets = max_sets;
	forest_grow_scratch_init(&scratch, memory, n_rows, table->n_features,
							 table->max_categories, table->guided > 0.0);
	for (uint32_t i = 0; i < n_rows; i++)
		scratch.index[i] = rows != NULL ? rows[i] : i;
	status = forest_grow_tree(&input, n_rows, &growth, rng, &scratch, tree);
	if (table->order != NULL)
		memcpy(table->order, scratch.index, n_rows * sizeof(uint32_t));
	/* the scratch must be ready for the next tree, also after a failure */
	for (uint32_t i = 0; i < table->max_categories; i++)
		REQUIRE(scratch.code_side[i] == 0);
	free(memory);
	return status;
}

static inline void
tree_free(ForestTree *tree)
{
	free(tree->nodes);
	free(tree->cuts);
	free(tree->leaves);
	free(tree->sets);
}

/* Grows a tree, enlarging the room for sets as callers do. */
static inline void
tree_grow_fully(ForestTree *tree, const Table *table, const uint32_t *rows,
				uint32_t n_rows, uint32_t max_depth, uint32_t n_columns,
				ForestRng *rng)
{
	ForestRng	start = *rng;
	size_t		max_sets = 8;

	while (tree_grow(tree, table, rows, n_rows, max_depth, n_columns, rng,
					 max_sets) == FOREST_NO_SPACE)
	{
		tree_free(tree);
		*rng = start;
		max_sets *= 2;
	}
}

#endif							/* TABLES_H */
