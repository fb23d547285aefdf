/*-------------------------------------------------------------------------
 *
 * density_source.h
 *	  What tests of densities and of what is drawn from them share: forests on
 *	  random tables, with profiles of these or of something else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef DENSITY_SOURCE_H
#define DENSITY_SOURCE_H

#include "core/base/forest_rng.h"
#include "core/density/forest_box.h"
#include "core/density/forest_density.h"
#include "core/density/forest_density_build.h"
#include "core/density/forest_draw.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"

#include "statistics.h"
#include "support.h"

/* A forest with a profile, ready to draw from. */
typedef struct Source
{
	Table		table;
	Grove		grove;
	Scorer		scorer;
	ForestView	view;
	uint8_t    *bytes;
	uint32_t   *curve_ends;
	ForestKnot *knots;
	uint32_t   *category_rows;
	void	   *memory;
	void	   *scratch;
	ForestDensity density;
	ForestBox	box;
	bool		forged;			/* has a profile of something else */
} Source;

/* Appends a feature's curve, of n sorted values, to a source's profile. */
static inline void
append_curve(Source *s, uint32_t f, const double *values, uint32_t n)
{
	ForestKnot *knots = s->knots + (f > 0 ? s->curve_ends[f - 1] : 0);

	s->curve_ends[f] = (uint32_t) (knots - s->knots) +
		choose_knots(values, n, knots);
}

/* Profiles a source's table as training does. */
static inline void
profile_table(Source *s)
{
	const Table *t = &s->table;
	double	   *values = allocate(t->n_rows * sizeof(double));
	uint32_t	next = 0;

	s->curve_ends = allocate(t->n_features * sizeof(uint32_t));
	s->knots = allocate((size_t) t->n_features * FOREST_MAX_KNOTS *
						sizeof(ForestKnot));
	s->category_rows = allocate((size_t) t->n_features * 300 *
								sizeof(uint32_t));
	memset(s->category_rows, 0, (size_t) t->n_features * 300 *
		   sizeof(uint32_t));
	for (uint32_t f = 0; f < t->n_features; f++)
	{
		uint32_t	n = 0;

		for (uint32_t i = 0; i < t->n_rows; i++)
		{
			double		v = *table_at(t, i, f);

			if (isnan(v))
				continue;
			if (t->n_categories[f] > 0)
				s->category_rows[next + (uint32_t) v]++;
			else
				values[n++] = v;
		}
		next += t->n_categories[f];
		qsort(values, n, sizeof(double), compare_doubles);
		append_curve(s, f, values, n);
	}
	free(values);
}

/* Replaces a source's profile by one that has nothing to do with its table. */
static inline void
forge_profile(Source *s, uint64_t seed)
{
	enum
	{
		VALUES = 41
	};
	ForestRng	rng;

	forest_rng_init(&rng, 88, seed);
	for (uint32_t f = 0; f < s->table.n_features; f++)
	{
		double		values[VALUES];
		uint32_t	kind = forest_rng_below(&rng, 3);

		s->grove.features[f].n_missing = forest_rng_below(&rng, 2);
		for (uint32_t i = 0; i < VALUES; i++)
			values[i] = kind == 1 ? extreme_number(&rng) :
				forest_rng_below(&rng, 9);
		qsort(values, VALUES, sizeof(double), compare_doubles);
		append_curve(s, f, values,
					 kind == 0 || s->table.n_categories[f] > 0 ? 0 : VALUES);
	}
	for (uint32_t i = 0; i < s->table.n_features * 300; i++)
		s->category_rows[i] = forest_rng_below(&rng, 2) * UINT32_MAX;
}

/* Grows a forest on the source's table and opens its density. */
static inline void
source_open(Source *s, uint32_t n_trees, uint32_t sample_size, uint64_t seed)
{
	size_t		len;
	void	   *temporary;
	ForestFault fault;

	grove_begin(&s->grove, &s->table);
	for (uint32_t f = 0; f < s->table.n_features; f++)
	{
		if (s->table.n_categories[f] == 0)
			s->grove.features[f].type = FOREST_FLOAT8;
	}
	grove_grow_group(&s->grove, &s->table, n_trees, sample_size, 8, seed);
	profile_table(s);
	if (s->forged)
		forge_profile(s, seed);
	s->grove.parts.curve_ends = s->curve_ends;
	s->grove.parts.knots = s->knots;
	s->grove.parts.category_rows = s->category_rows;
	s->bytes = model_bytes(&s->grove.parts, &len);
	REQUIRE(forest_open(s->bytes, len, &s->view, &fault) == FOREST_OK);
	scorer_init(&s->scorer, &s->view);
	s->memory = allocate(forest_density_size(&s->view));
	temporary = allocate(forest_density_temporary_size(&s->view));
	forest_density_build(&s->view, &s->scorer.walk, s->memory, temporary,
						 &s->density);
	free(temporary);
	s->scratch = allocate(forest_box_size(&s->density));
	forest_box_init(&s->density, s->scratch, &s->box);
	for (uint32_t t = 0; t < n_trees; t++)
		forest_density_weigh_tree(&s->density, &s->box, t, 2.0);
}

static inline void
source_close(Source *s)
{
	free(s->scratch);
	free(s->memory);
	scorer_free(&s->scorer);
	free(s->bytes);
	free(s->category_rows);
	free(s->knots);
	free(s->curve_ends);
	grove_free(&s->grove);
	table_free(&s->table);
}

/* A forest on a random table. */
static inline void
source_random(Source *s, ForestRng *rng, uint64_t seed, bool forged)
{
	uint32_t	n_rows = 2 + forest_rng_below(rng, 150);

	s->forged = forged;
	table_random(&s->table, n_rows, 1 + forest_rng_below(rng, 6), rng);
	source_open(s, 1 + forest_rng_below(rng, 8),
				1 + forest_rng_below(rng, n_rows), seed);
}

/* The node of a tree where a row ends. */
static inline uint32_t
leaf_of(const Source *s, uint32_t tree, const double *row)
{
	forest_walk_slots(&s->scorer.walk, row, s->scorer.slots);
	return forest_walk_leaf(&s->scorer.walk, tree, s->scorer.slots);
}

/* A value in a cell of a feature; NaN in that of missing ones. */
static inline double
value_in(const Source *s, uint32_t f, uint32_t cell, ForestRng *rng)
{
	return forest_cell_draw(&s->density, f, cell, rng);
}

/* Draws a row from the features' own shares. */
static inline void
draw_independent(Source *s, double *row, ForestRng *rng)
{
	for (uint32_t f = 0; f < s->table.n_features; f++)
	{
		const ForestCells *cells = &s->density.features[f];

		do
			row[f] = value_in(s, f, forest_rng_below(rng, cells->n_values + 1),
							  rng);
		while (cells->is_category && isnan(row[f]) &&
			   forest_rng_below(rng, 2));
	}
}

#endif							/* DENSITY_SOURCE_H */
