/*-------------------------------------------------------------------------
 *
 * test_density.c
 *	  Curves, grids, cells and their weights against the forest's own walk.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/density/forest_conditional.h"
#include "core/density/forest_density.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_grid.h"
#include "core/format/forest_model.h"
#include "core/score/forest_walk.h"

#include "density_source.h"

static void
test_shares(void)
{
	claim("the shares of a feature's cells add up to 1");
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		Source		s;
		ForestRng	rng;

		forest_rng_init(&rng, 81, unit_case);
		source_random(&s, &rng, unit_case, false);
		for (uint32_t f = 0; f < s.table.n_features; f++)
		{
			const ForestCells *cells = &s.density.features[f];
			double		sum = 0.0;

			for (uint32_t i = 0; i <= cells->n_values; i++)
			{
				double		share = s.density.share[cells->first + i];

				REQUIRE(share >= 0.0 && share <= 1.0 + 1e-12);
				REQUIRE(fabs(s.density.sum[cells->first + i] - sum) < 1e-9);
				sum += share;
			}
			REQUIRE(fabs(sum - 1.0) < 1e-9);
		}
		source_close(&s);
	}
	proven();
}

static void
test_draws(void)
{
	claim("a drawn value is in its cell, for every cut of the forest");
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		Source		s;
		ForestRng	rng;

		forest_rng_init(&rng, 82, unit_case);
		source_random(&s, &rng, unit_case, false);
		for (uint32_t i = 0; i < s.scorer.walk.n_nodes; i++)
		{
			const ForestWalkNode *node = &s.scorer.walk.nodes[i];
			uint32_t	f = forest_walk_feature(node);
			uint32_t	cell;
			double		v;

			if (forest_walk_is_leaf(&s.scorer.walk, i) ||
				(node->slot & FOREST_WALK_SET))
				continue;
			cell = forest_rng_below(&rng, s.density.features[f].n_values);
			if (s.density.share[s.density.features[f].first + cell] <= 0.0)
				continue;
			v = value_in(&s, f, cell, &rng);
			REQUIRE((v > node->u.cut) == (cell >= s.density.rank[i]));
			REQUIRE(v >= s.density.features[f].minimum &&
					v <= s.density.features[f].maximum);
		}
		source_close(&s);
	}
	proven();
}

/* Whether the weights are found without a step out of the parts' place. */
static bool
stays_in_place(ForestBox *box, uint32_t f, const double *row)
{
	uint32_t	d = box->density->walk->n_features;
	bool		whole = true;

	/* the box's sides are kept behind the parts that wait */
	memset(box->lo, 0xA5, 2 * d * sizeof(uint32_t));
	forest_conditional(box, f, row);
	for (uint32_t i = 0; i < 2 * d; i++)
		whole = whole && box->lo[i] == 0xA5A5A5A5;
	forest_box_reset(box);
	return whole;
}

static void
test_conditional(void)
{
	claim("what a feature can be, given the others, is the product of gains");
	for (unit_case = 0; unit_case < 200; unit_case++)
	{
		Source		s;
		ForestRng	rng;
		double		row[8];
		uint32_t	f;
		const ForestCells *cells;

		forest_rng_init(&rng, 83, unit_case);
		source_random(&s, &rng, unit_case, false);
		draw_independent(&s, row, &rng);
		f = forest_rng_below(&rng, s.table.n_features);
		cells = &s.density.features[f];
		REQUIRE(stays_in_place(&s.box, f, row));
		for (uint32_t i = 0; i <= cells->n_values; i++)
		{
			double		expected = s.density.share[cells->first + i];

			if (expected == 0.0)
			{
				REQUIRE(s.box.weight[i] == 0.0);
				continue;
			}
			row[f] = value_in(&s, f, i, &rng);
			for (uint32_t t = 0; t < s.scorer.walk.n_trees; t++)
				expected *= s.density.gain[leaf_of(&s, t, row)];
			REQUIRE(fabs(s.box.weight[i] - expected) <= 1e-9 * expected);
		}
		source_close(&s);
	}
	proven();
}

static void
test_grids(void)
{
	static const struct
	{
		uint32_t	type;
		double		first;
		double		step;
		double		grid;		/* 0: none */
	}			cases[] = {
		{FOREST_INT4, 0.0, 10.0, 1.0},
		{FOREST_BOOL, 0.0, 0.025, 1.0},
		{FOREST_FLOAT8, 3.0, 2.0, 1.0},
		{FOREST_NUMERIC, 0.25, 0.5, 0.01},
		{FOREST_FLOAT8, -1.7320508, 0.31, 0.31},
		{FOREST_TIMESTAMP, 7200e6, 3600e6, 3600e6},
		{FOREST_TIMESTAMP, 7200e6, 1.5e6, 1e3},
		{FOREST_DATE, 8766.0, 1.0, 1.0},
	};
	double		values[FOREST_QUANTILES];
	ForestCurve curve = {.values = values,.n = FOREST_QUANTILES};
	ForestCells cells;

	claim("the grid of a column's values is found");
	for (unit_case = 0; unit_case < sizeof(cases) / sizeof(cases[0]);
		 unit_case++)
	{
		for (int i = 0; i < FOREST_QUANTILES; i++)
			values[i] = cases[unit_case].first + i * cases[unit_case].step;
		cells.least = values[0];
		cells.greatest = values[FOREST_QUANTILES - 1];
		forest_grid_find(cases[unit_case].type, &curve, &cells);
		REQUIRE(fabs(cells.step / cells.per_unit /
					 cases[unit_case].grid - 1.0) < 1e-9);
		for (int i = 1; i < FOREST_QUANTILES && cells.origin == 0.0 &&
			 cases[unit_case].type != FOREST_BOOL; i++)
		{
			double		unit = cells.step / cells.per_unit;

			REQUIRE(forest_grid_floor(&cells, values[i]) == values[i]);
			REQUIRE(forest_grid_round(&cells, values[i]) == values[i]);
			REQUIRE(forest_grid_floor(&cells, values[i] + 0.4 * unit) ==
					values[i]);
			REQUIRE(forest_grid_edge(&cells, values[i]) > values[i]);
			REQUIRE(forest_grid_floor(&cells,
									  forest_grid_edge(&cells, values[i]))
					<= values[i] + 1.01 * unit);
		}
	}
	for (int i = 0; i < FOREST_QUANTILES; i++)
		values[i] = sqrt(i + 2.0);
	cells.least = values[0];
	cells.greatest = values[FOREST_QUANTILES - 1];
	forest_grid_find(FOREST_FLOAT8, &curve, &cells);
	REQUIRE(cells.step == 0.0);
	REQUIRE(forest_grid_round(&cells, 1.2345678901) == 1.2345678901);
	proven();

	claim("one value far away makes no grid of all others");
	values[FOREST_QUANTILES - 1] = cells.greatest = 1e8;
	forest_grid_find(FOREST_FLOAT8, &curve, &cells);
	REQUIRE(cells.step == 0.0);
	proven();

	claim("what no decimal reaches stays a number");
	values[0] = cells.least = 0.000001;
	for (int i = 1; i < FOREST_QUANTILES; i++)
		values[i] = 1e303 * i;
	cells.greatest = values[FOREST_QUANTILES - 1];
	forest_grid_find(FOREST_FLOAT8, &curve, &cells);
	REQUIRE(isfinite(forest_grid_round(&cells, -1.7e308)));
	REQUIRE(isfinite(forest_grid_floor(&cells, 1.7e308)));
	proven();
}

int
main(void)
{
	test_grids();
	test_shares();
	test_draws();
	test_conditional();
	return unit_done();
}
