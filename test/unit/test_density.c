/*-------------------------------------------------------------------------
 *
 * test_density.c
 *	  Cells, boxes and draws against the forest's own walk.
 *
 *-------------------------------------------------------------------------
 */
#include "support.h"

#include "forest_density.h"
#include "forest_walk.h"
#include "statistics.h"

/* A forest with a profile, ready to draw from. */
typedef struct Source
{
	Table		table;
	Grove		grove;
	Scorer		scorer;
	ForestView	view;
	uint8_t    *bytes;
	double	   *quantiles;
	uint32_t   *category_rows;
	void	   *memory;
	void	   *scratch;
	ForestDensity density;
	ForestBox	box;
	bool		forged;			/* has a profile of something else */
} Source;

/* Profiles a source's table as training does. */
static void
profile_table(Source *s)
{
	const Table *t = &s->table;
	double	   *values = allocate(t->n_rows * sizeof(double));
	uint32_t	next = 0;

	s->quantiles = allocate(t->n_features * FOREST_QUANTILES * sizeof(double));
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
		for (uint32_t i = 0; i < FOREST_QUANTILES; i++)
			s->quantiles[f * FOREST_QUANTILES + i] = n == 0 ? NAN :
				values[(uint64_t) i * (n - 1) / (FOREST_QUANTILES - 1)];
	}
	free(values);
}

/* Replaces a source's profile by one that has nothing to do with its table. */
static void
forge_profile(Source *s, uint64_t seed)
{
	ForestRng	rng;

	forest_rng_init(&rng, 88, seed);
	for (uint32_t f = 0; f < s->table.n_features; f++)
	{
		double	   *quantiles = s->quantiles + f * FOREST_QUANTILES;
		uint32_t	kind = forest_rng_below(&rng, 3);

		s->grove.features[f].n_missing = forest_rng_below(&rng, 2);
		if (s->table.n_categories[f] > 0)
			continue;
		for (uint32_t i = 0; i < FOREST_QUANTILES; i++)
			quantiles[i] = kind == 0 ? NAN : kind == 1 ?
				extreme_number(&rng) : forest_rng_below(&rng, 9);
		if (kind > 0)
			qsort(quantiles, FOREST_QUANTILES, sizeof(double), compare_doubles);
	}
	for (uint32_t i = 0; i < s->table.n_features * 300; i++)
		s->category_rows[i] = forest_rng_below(&rng, 2) * UINT32_MAX;
}

/* Grows a forest on the source's table and opens its density. */
static void
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
	s->grove.parts.quantiles = s->quantiles;
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

static void
source_close(Source *s)
{
	free(s->scratch);
	free(s->memory);
	scorer_free(&s->scorer);
	free(s->bytes);
	free(s->category_rows);
	free(s->quantiles);
	grove_free(&s->grove);
	table_free(&s->table);
}

/* A forest on a random table. */
static void
source_random(Source *s, ForestRng *rng, uint64_t seed, bool forged)
{
	uint32_t	n_rows = 2 + forest_rng_below(rng, 150);

	s->forged = forged;
	table_random(&s->table, n_rows, 1 + forest_rng_below(rng, 6), rng);
	source_open(s, 1 + forest_rng_below(rng, 8),
				1 + forest_rng_below(rng, n_rows), seed);
}

/* The node of a tree where a row ends. */
static uint32_t
leaf_of(const Source *s, uint32_t tree, const double *row)
{
	forest_walk_slots(&s->scorer.walk, row, s->scorer.slots);
	return forest_walk_leaf(&s->scorer.walk, tree, s->scorer.slots);
}

/* A value in a cell of a feature; NaN in that of missing ones. */
static double
value_in(const Source *s, uint32_t f, uint32_t cell, ForestRng *rng)
{
	return forest_cell_draw(&s->density, f, cell, rng);
}

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
			uint32_t	f = forest_split_feature(node);
			uint32_t	cell;
			double		v;

			if (forest_is_leaf(&s.scorer.walk, i) ||
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

/* Draws a row from the features' own shares. */
static void
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
		forest_conditional(&s.box, f, row);
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
					REQUIRE(s.density.share[cells->first + cells->n_values] > 0);
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
		s.box.mark++;
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

/* Does to a source all that makes rows. */
static void
use_source(Source *s, ForestRng *rng)
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
			(void) forest_mean(&s->box, f);
			REQUIRE(isnan(row[f]) || !cells->is_category ||
					(row[f] >= 0.0 && row[f] < cells->n_values));
		}
	}
	forest_balance(&s->density, seen, 4);
	random_row(&s->grove.parts, row, rng);
	for (uint32_t f = 0; f < d; f++)
	{
		const ForestCells *cells = &s->density.features[f];
		double		v;

		forest_box_reset(&s->box);
		v = forest_draw_noise(&s->box, f, row[f], 0.5, rng);
		REQUIRE(isnan(v) == isnan(row[f]));
		forest_walk_slots(&s->scorer.walk, row, s->box.slots);
		s->box.mark++;
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
		use_source(&s, &rng);
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
	for (uint32_t i = 0; i < FOREST_BALANCE_ROUNDS * FOREST_BALANCE_ROWS + n; i++)
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
			forest_balance(&s.density, seen, FOREST_BALANCE_ROWS);
	}
	/* the quantiles tell a share to a fortieth */
	share = 1.0 - forest_curve_share(s.quantiles, 0.5);
	printf("# seed %llu: %.3f, wanted %.3f\n", (unsigned long long) seed,
		   (double) counts[1] / n, share);
	REQUIRE(fabs((double) counts[1] / n - share) < 0.03);
	free(seen);
	source_close(&s);
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
	double		quantiles[FOREST_QUANTILES];
	ForestCells cells;

	claim("the grid of a column's values is found");
	for (unit_case = 0; unit_case < sizeof(cases) / sizeof(cases[0]); unit_case++)
	{
		for (int i = 0; i < FOREST_QUANTILES; i++)
			quantiles[i] = cases[unit_case].first + i * cases[unit_case].step;
		forest_grid_find(cases[unit_case].type, quantiles, &cells);
		REQUIRE(fabs(cells.step / cells.per_unit / cases[unit_case].grid - 1.0) <
				1e-9);
		for (int i = 1; i < FOREST_QUANTILES && cells.origin == 0.0 &&
			 cases[unit_case].type != FOREST_BOOL; i++)
		{
			double		unit = cells.step / cells.per_unit;

			REQUIRE(forest_grid_floor(&cells, quantiles[i]) == quantiles[i]);
			REQUIRE(forest_grid_ceil(&cells, quantiles[i]) == quantiles[i]);
			REQUIRE(forest_grid_floor(&cells, quantiles[i] + 0.4 * unit) ==
					quantiles[i]);
		}
	}
	for (int i = 0; i < FOREST_QUANTILES; i++)
		quantiles[i] = sqrt(i + 2.0);
	forest_grid_find(FOREST_FLOAT8, quantiles, &cells);
	REQUIRE(cells.step == 0.0);
	REQUIRE(forest_grid_round(&cells, 1.2345678901) == 1.2345678901);
	proven();
}

static void
test_curve(void)
{
	double		quantiles[FOREST_QUANTILES];
	ForestRng	rng;

	claim("shares and values are each other's inverse");
	forest_rng_init(&rng, 87, 0);
	for (int i = 0; i < FOREST_QUANTILES; i++)
		quantiles[i] = i < 10 ? 0.0 : i * i;
	for (unit_case = 0; unit_case < 1000; unit_case++)
	{
		double		share = 0.25 + 0.75 * forest_rng_double(&rng);
		double		value = forest_curve_value(quantiles, share);

		REQUIRE(fabs(forest_curve_share(quantiles, value) - share) < 1e-12);
	}
	REQUIRE(forest_curve_share(quantiles, -1.0) == 0.0);
	REQUIRE(forest_curve_share(quantiles, 0.0) == 9.0 / 40.0);
	REQUIRE(forest_curve_share(quantiles, 1600.0) == 1.0);
	REQUIRE(forest_curve_value(quantiles, 0.1) == 0.0);
	REQUIRE(forest_curve_value(quantiles, 1.0) == 1600.0);
	quantiles[FOREST_QUANTILES - 1] = INFINITY;
	REQUIRE(forest_curve_share(quantiles, 1e300) < 1.0);
	REQUIRE(forest_curve_value(quantiles, 1.0) == INFINITY);
	REQUIRE(forest_curve_value(quantiles, 0.98) == quantiles[FOREST_QUANTILES - 2]);
	proven();
}

int
main(void)
{
	test_curve();
	test_grids();
	test_shares();
	test_draws();
	test_conditional();
	test_leaves();
	test_near();
	test_forged();
	test_balance();
	return unit_done();
}
