/*-------------------------------------------------------------------------
 *
 * projected.h
 *	  Forests whose trees split projections.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PROJECTED_H
#define PROJECTED_H

#include "core/base/forest_rng.h"
#include "core/format/forest_projection.h"

#include "support.h"

/* A coefficient or a centre: an ordinary number, or an extreme one. */
static inline double
any_coefficient(ForestRng *rng)
{
	static const double extremes[] = {1e150, -1e150, 1e-150, -1e-150, 1e10};

	if (forest_rng_below(rng, 8) == 0)
		return extremes[forest_rng_below(rng, 5)];
	return forest_rng_double(rng) * 4.0 - 2.000001;
}

/*
 * Gives a forest that has no trees yet n projections, of one to four of its
 * numbers each; false if it has no number.
 */
static inline bool
grove_project(Grove *grove, uint32_t n, ForestRng *rng)
{
	uint32_t	d = grove->parts.summary.n_features;
	uint32_t	n_numbers = 0;
	uint32_t	n_terms = 0;

	for (uint32_t f = 0; f < d; f++)
		n_numbers += !forest_type_is_category(grove->features[f].type);
	if (n_numbers == 0)
		return false;
	grove->ends = allocate(n * sizeof(uint32_t));
	grove->terms = allocate((size_t) n * d * sizeof(ForestTerm));
	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t	first = n_terms;

		for (uint32_t f = 0; f < d && n_terms < first + 4; f++)
		{
			if (forest_type_is_category(grove->features[f].type) ||
				forest_rng_below(rng, n_numbers) > 2)
				continue;
			grove->terms[n_terms].feature = f;
			grove->terms[n_terms].centre = forest_rng_below(rng, 3) == 0 ?
				0.0 : any_coefficient(rng);
			grove->terms[n_terms++].coefficient = any_coefficient(rng);
		}
		grove->ends[i] = n_terms;
		if (n_terms == first)
			i--;
	}
	grove->parts.projections =
		(ForestProjections) {n, grove->ends, grove->terms};
	return true;
}

/* A table of the columns that a forest's trees look at in another table. */
static inline void
projected_table(Table *columns, const ForestParts *parts, const Table *table)
{
	uint32_t	d = table->n_features;

	table_init(columns, table->n_rows, d + parts->projections.n);
	columns->guided = table->guided;
	for (uint32_t f = 0; f < d; f++)
		table_set_categories(columns, f, table->n_categories[f]);
	for (uint32_t i = 0; i < table->n_rows; i++)
	{
		for (uint32_t f = 0; f < columns->n_features; f++)
			*table_at(columns, i, f) =
				plain_value(parts, f, table_at(table, i, 0));
	}
}

/* Adds a group of trees that split a table's columns and projections. */
static inline void
grove_grow_projected(Grove *grove, const Table *table, uint32_t n_trees,
					 uint32_t sample_size, uint32_t depth_limit, uint64_t seed)
{
	Table		columns;

	projected_table(&columns, &grove->parts, table);
	grove_grow_group(grove, &columns, n_trees, sample_size, depth_limit, seed);
	table_free(&columns);
}

#endif							/* PROJECTED_H */
