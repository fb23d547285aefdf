/*-------------------------------------------------------------------------
 *
 * support.h
 *	  What tests of models share: random tables and forests grown on them, a
 *	  plain walk to compare with, and here the scoring of rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_model.h"
#include "core/format/forest_profile.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"

#include "grove.h"
#include "plain_walk.h"
#include "tables.h"
#include "unit.h"

/* A model ready to score, with the memory behind it. */
typedef struct Scorer
{
	ForestWalk	walk;
	void	   *memory;
	double	   *slots;
} Scorer;

static inline void
scorer_init(Scorer *scorer, const ForestView *view)
{
	scorer->memory = allocate((size_t) forest_walk_size(view));
	memset(scorer->memory, 0xA5, (size_t) forest_walk_size(view));
	forest_walk_build(view, scorer->memory, &scorer->walk);
	scorer->slots = allocate(2 * (size_t) scorer->walk.n_columns *
							 sizeof(double));
}

static inline void
scorer_free(Scorer *scorer)
{
	free(scorer->memory);
	free(scorer->slots);
}

/* The sum of a row's path lengths, multiples of 2^-scale. */
static inline int64_t
scorer_sum(const Scorer *scorer, const double *row)
{
	forest_walk_slots(&scorer->walk, row, scorer->slots);
	return forest_walk_sum(&scorer->walk, scorer->slots);
}

static inline double
scorer_score(const Scorer *scorer, const double *row)
{
	return forest_score(scorer_sum(scorer, row), scorer->walk.scale,
						scorer->walk.n_trees);
}

/*
 * Makes the curve of n sorted values, as training does, in FOREST_MAX_KNOTS
 * knots; returns how many it has.
 */
static inline uint32_t
choose_knots(const double *values, uint32_t n, ForestKnot *chosen)
{
	ForestPair *pairs = calloc(n + (size_t) 1, sizeof(ForestPair));
	ForestKnot *knots = allocate((n + (size_t) 1) * sizeof(ForestKnot));
	uint8_t    *keep = allocate(n + (size_t) 1);
	uint32_t	n_knots;

	for (uint32_t i = 0; i < n; i++)
		pairs[i].key = forest_sort_key(values[i]);
	n_knots = forest_make_knots(pairs, n, knots);
	if (n > 0)
		n_knots = forest_choose_knots(knots, n_knots, keep);
	if (!REQUIRE(n_knots <= FOREST_MAX_KNOTS))
		n_knots = FOREST_MAX_KNOTS;
	memcpy(chosen, knots, n_knots * sizeof(ForestKnot));
	free(keep);
	free(knots);
	free(pairs);
	return n_knots;
}

/* A random row that a model may be asked about. */
static inline void
random_row(const ForestParts *parts, double *row, ForestRng *rng)
{
	for (uint32_t f = 0; f < parts->summary.n_features; f++)
	{
		const ForestFeature *feature = &parts->features[f];

		if (forest_rng_below(rng, 5) == 0)
			row[f] = NAN;
		else if (forest_type_is_category(feature->type))
			row[f] = forest_rng_below(rng, feature->n_categories + 1);
		else if (forest_rng_below(rng, 2) == 0)
			row[f] = extreme_number(rng);
		else
			row[f] = forest_rng_double(rng) * 12.0 - 4.0;
	}
}

#endif							/* SUPPORT_H */
