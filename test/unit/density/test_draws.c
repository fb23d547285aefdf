/*-------------------------------------------------------------------------
 *
 * test_draws.c
 *	  Rows drawn from the density of a forest.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/density/forest_balance.h"
#include "core/density/forest_box.h"
#include "core/density/forest_curve.h"
#include "core/density/forest_density.h"
#include "core/density/forest_density_build.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_expect.h"
#include "core/density/forest_near.h"
#include "core/score/forest_walk.h"

#include "density_source.h"

static void
test_leaves(void)
{
	claim("a row drawn from a leaf ends there; what is fixed stays");
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		Source		s;
		ForestRng	rng;
		double		row[8];
		double		given[8];
		bool		fixed[8];

		forest_rng_init(&rng, 84, unit_case);
		source_random(&s, &rng, unit_case, false);
		draw_independent(&s, given, &rng);
		for (uint32_t t = 0; t < s.scorer.walk.n_trees; t++)
		{
			for (uint32_t f = 0; f < s.table.n_features; f++)
			{
				fixed[f] = forest_rng_below(&rng, 3) == 0;
				row[f] = given[f];
			}
			forest_draw_leaf(&s.box, t, fixed, row, &rng);
			for (uint32_t f = 0; f < s.table.n_features; f++)
			{
				const ForestCells *cells = &s.density.features[f];

				if (fixed[f])
					REQUIRE(memcmp(&row[f], &given[f], sizeof(double)) == 0);
				else if (isnan(row[f]))
					REQUIRE(s.density.share[cells->first +
											cells->n_values] > 0);
				else if (!cells->is_category)
					REQUIRE(row[f] >= cells->minimum &&
							row[f] <= cells->maximum);
				else
					REQUIRE(row[f] < cells->n_values);
			}
		}
		source_close(&s);
	}
	proven();
}

static void
test_near(void)
{
	claim("a row near another shares its leaves in the trees that were asked");
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		Source		s;
		ForestRng	rng;
		double		row[8];
		double		near[8];
		uint32_t	tree;

		forest_rng_init(&rng, 85, unit_case);
		source_random(&s, &rng, unit_case, false);
		draw_independent(&s, row, &rng);
		tree = forest_rng_below(&rng, s.scorer.walk.n_trees);
		forest_box_reset(&s.box);
		forest_walk_slots(&s.scorer.walk, row, s.box.slots);
		forest_box_unvisit(&s.box);
		forest_near_tree(&s.box, tree);
		for (uint32_t f = 0; f < s.table.n_features; f++)
		{
			near[f] = forest_draw_near(&s.box, f, row[f], &rng);
			REQUIRE(isnan(near[f]) == isnan(row[f]));
			/* on a grid, rounding may leave the box */
			if (s.density.features[f].step > 0.0)
				near[f] = row[f];
		}
		REQUIRE(leaf_of(&s, tree, near) == leaf_of(&s, tree, row));
		source_close(&s);
	}
	proven();
}

/* Does to a source all that makes rows, and balances it if told to. */
static void
use_source(Source *s, ForestRng *rng, bool balance)
{
	uint32_t	d = s->table.n_features;
	double		row[8];
	double	   *seen = allocate(s->density.n_cells * sizeof(double));

	memset(seen, 0, s->density.n_cells * sizeof(double));
	for (uint32_t i = 0; i < 4; i++)
	{
		forest_draw_leaf(&s->box, forest_rng_below(rng, s->scorer.walk.n_trees),
						 NULL, row, rng);
		for (uint32_t f = 0; f < d; f++)
		{
			const ForestCells *cells = &s->density.features[f];
			double		total = forest_draw_feature(&s->box, f, row, rng);

			forest_balance_add(&s->box, f, total, seen);
			if (!cells->is_category)
				(void) forest_expect(&s->box, f);
			REQUIRE(isnan(row[f]) || !cells->is_category ||
					(row[f] >= 0.0 && row[f] < cells->n_values));
		}
	}
	if (balance)
		forest_balance(&s->density, seen, 4, 0);
	random_row(&s->grove.parts, row, rng);
	for (uint32_t f = 0; f < d; f++)
	{
		const ForestCells *cells = &s->density.features[f];
		double		v;

		forest_box_reset(&s->box);
		v = forest_draw_noise(&s->box, f, row[f], 0.5, rng);
		REQUIRE(isnan(v) == isnan(row[f]));
		forest_walk_slots(&s->scorer.walk, row, s->box.slots);
		forest_box_unvisit(&s->box);
		forest_near_tree(&s->box, 0);
		v = forest_draw_near(&s->box, f, row[f], rng);
		REQUIRE(isnan(v) == isnan(row[f]));
		v = forest_draw_back(&s->density, f, row[f], v);
		REQUIRE(isnan(v) == isnan(row[f]));
		REQUIRE(!cells->is_category || isnan(v) || v == row[f]);
	}
	free(seen);
}

static void
test_forged(void)
{
	claim("a profile that has nothing to do with the trees breaks nothing");
	for (unit_case = 0; unit_case < 1000; unit_case++)
	{
		Source		s;
		ForestRng	rng;

		forest_rng_init(&rng, 89, unit_case);
		source_random(&s, &rng, unit_case, true);
		use_source(&s, &rng, true);
		source_close(&s);
	}
	proven();
}

/*
 * Draws what makes a row in each way (of d values each: new, near, by noise)
 * from one stream, as the server does.
 */
static void
draw_all(Source *s, uint64_t stream, const double *given, double *rows)
{
	uint32_t	d = s->table.n_features;
	ForestRng	rng;

	forest_rng_start(&rng, 91, FOREST_FOR_NEW_ROW, stream);
	forest_draw_leaf(&s->box, forest_rng_below(&rng, s->scorer.walk.n_trees),
					 NULL, rows, &rng);
	for (uint32_t f = 0; f < d && stream % 2 == 0; f++)
		(void) forest_draw_feature(&s->box, f, rows, &rng);
	forest_box_reset(&s->box);
	forest_walk_slots(&s->scorer.walk, given, s->box.slots);
	forest_box_unvisit(&s->box);
	for (int i = 0; i < 2; i++)
		forest_near_tree(&s->box,
						 forest_rng_below(&rng, s->scorer.walk.n_trees));
	for (uint32_t f = 0; f < d; f++)
		rows[d + f] = forest_draw_near(&s->box, f, given[f], &rng);
	forest_box_reset(&s->box);
	for (uint32_t f = 0; f < d; f++)
		rows[2 * d + f] = forest_draw_noise(&s->box, f, given[f], 0.7, &rng);
}

static void
test_history(void)
{
	enum
	{
		ROWS = 20
	};

	claim("a row is its stream's, whatever was drawn before it");
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		Source		s;
		ForestRng	rng;
		double		given[8];
		double		first[ROWS][24];
		double		again[24];

		forest_rng_init(&rng, 92, unit_case);
		source_random(&s, &rng, unit_case, unit_case % 3 == 0);
		random_row(&s.grove.parts, given, &rng);
		/* what has been drawn before is another each time */
		for (uint32_t i = 0; i < ROWS; i++)
			draw_all(&s, i, given, first[i]);
		for (uint32_t i = 0; i < ROWS; i++)
		{
			uint32_t	k = forest_rng_below(&rng, ROWS);

			if (i == ROWS / 2)
				use_source(&s, &rng, false);
			if (i == ROWS / 4)
				s.box.mark = UINT32_MAX - 1;
			draw_all(&s, k, given, again);
			REQUIRE(memcmp(first[k], again, 3 * s.table.n_features *
						   sizeof(double)) == 0);
		}
		source_close(&s);
	}
	proven();
}

static void
test_balance(void)
{
	const uint64_t seed = 86;
	const uint32_t n = 4000;
	Source		s;
	ForestRng	rng;
	uint32_t	counts[2] = {0, 0};
	double	   *seen;
	double		share;
	double		row[4];

	claim("rare values stay as rare as they were");
	forest_rng_init(&rng, seed, 0);
	s.forged = false;
	table_init(&s.table, 1000, 4);
	for (uint32_t i = 0; i < 1000; i++)
	{
		*table_at(&s.table, i, 0) = forest_rng_below(&rng, 5) == 0;
		for (uint32_t f = 1; f < 4; f++)
			*table_at(&s.table, i, f) = forest_rng_double(&rng);
	}
	source_open(&s, 50, 128, seed);
	for (uint32_t t = 0; t < 50; t++)
		forest_density_weigh_tree(&s.density, &s.box, t,
								  forest_sharpness(4));
	seen = allocate(s.density.n_cells * sizeof(double));
	for (uint32_t i = 0; i < FOREST_BALANCE_ROUNDS * FOREST_BALANCE_ROWS + n;
		 i++)
	{
		bool		counted = i >= FOREST_BALANCE_ROUNDS * FOREST_BALANCE_ROWS;

		if (i % FOREST_BALANCE_ROWS == 0)
			memset(seen, 0, s.density.n_cells * sizeof(double));
		forest_draw_leaf(&s.box, forest_rng_below(&rng, 50), NULL, row, &rng);
		for (uint32_t k = 0; k < 4 * FOREST_SWEEPS; k++)
		{
			double		total = forest_draw_feature(&s.box, k % 4, row, &rng);

			if (k >= 4 * (FOREST_SWEEPS - 1))
				forest_balance_add(&s.box, k % 4, total, seen);
		}
		if (counted)
			counts[row[0] > 0.5]++;
		else if (i % FOREST_BALANCE_ROWS == FOREST_BALANCE_ROWS - 1)
			forest_balance(&s.density, seen, FOREST_BALANCE_ROWS,
						   i / FOREST_BALANCE_ROWS);
	}
	share = 1.0 - forest_curve_share(&s.density.curves[0], 0.5);
	printf("# seed %llu: %.3f, wanted %.3f\n", (unsigned long long) seed,
		   (double) counts[1] / n, share);
	REQUIRE(fabs((double) counts[1] / n - share) < 0.03);
	free(seen);
	source_close(&s);
	proven();
}

int
main(void)
{
	test_leaves();
	test_near();
	test_forged();
	test_history();
	test_balance();
	return unit_done();
}
