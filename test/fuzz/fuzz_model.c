/*-------------------------------------------------------------------------
 *
 * fuzz_model.c
 *	  Fuzz target: any bytes as a model.
 *
 * The bytes are opened as they are, and once more with length and digest made
 * to fit, or hardly any mutation would get past them.  With what opens all is
 * done that a reader may do: every kernel must sum as the walk does, the walk
 * score as the paper's formulas, contributions add up to the path length, rows
 * drawn from the density be rows, and the parts, written again, be the same
 * bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/density/forest_balance.h"
#include "core/density/forest_box.h"
#include "core/density/forest_density.h"
#include "core/density/forest_density_build.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_expect.h"
#include "core/density/forest_near.h"
#include "core/explain/forest_explain.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/generator/forest_around.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_generator_check.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_whole.h"
#include "core/net/forest_net_kernel.h"
#include "core/score/forest_walk.h"
#include "core/stats/forest_calibration.h"

#include "fuzz.h"

/* Larger models are opened, but no more: they would only be slow. */
#define MAX_NODES	4000
#define MAX_STRINGS 2000

/* Sums of hostile forests may be large; doubles carry 15 digits. */
static void
require_sum_of_parts(Explainer *e, const double *row)
{
	double		length = explain_row(e, row);
	double		sum = forest_explain_expected(&e->explain);
	double		scale = fmax(1.0, sum);

	for (uint32_t f = 0; f < e->parts->summary.n_features; f++)
	{
		sum += e->phi[f];
		scale = fmax(scale, fabs(e->phi[f]));
	}
	REQUIRE(fabs(sum - length) <= 1e-9 * scale);
}

/* Scores and explains rows with every form of the model. */
static void
check_forms(const Grove *grove, ForestRng *rng)
{
	Explainer	e;
	Table		rows;

	rows_near_cuts(&rows, &grove->parts, 8, rng);
	(void) compare_forms(grove, &rows, NULL, rng);
	explainer_init(&e, grove);
	for (uint32_t i = 0; i < rows.n_rows; i++)
		require_sum_of_parts(&e, table_at(&rows, i, 0));
	explainer_free(&e);
	table_free(&rows);
}

/* Looks up a calibration's ranks and cuts, which must be in order. */
static void
check_calibration(const ForestView *view)
{
	ForestPoint *points = allocate(view->n_points * sizeof(ForestPoint));
	ForestCalibration calibration = {
		view->calibration_rows, view->n_points, points, view->spread
	};
	double		previous = 0.0;

	for (uint32_t i = 0; i < view->n_points; i++)
		points[i] = forest_view_point(view, i);
	for (uint32_t i = 0; i < view->n_points; i++)
	{
		double		rows = forest_rows_at_least(&calibration,
												points[i].length);

		REQUIRE(rows == points[i].through && rows > previous);
		previous = rows;
	}
	for (int i = 0; i <= 50 && view->n_points > 0; i++)
		REQUIRE(forest_threshold(&calibration, i * 0.01) >= points[0].length);
	free(points);
}

/*
 * A value drawn for a feature: missing, a category there is, or in range; a
 * forged range may end off the grid that values are on.
 */
static void
require_value(const ForestDensity *density, uint32_t f, double value)
{
	const ForestCells *cells = &density->features[f];
	double		unit = cells->step / cells->per_unit;

	if (isnan(value))
		return;
	if (cells->is_category)
		REQUIRE(value >= 0.0 && value < cells->n_values &&
				value == floor(value));
	else
		REQUIRE(value >= cells->minimum - unit &&
				value <= cells->maximum + unit);
}

/* What is expected of a number: nothing, an infinity or a value that occurs. */
static void
require_expected(ForestBox *box, uint32_t f)
{
	const ForestCells *cells = &box->density->features[f];
	ForestExpectation all = {0};
	ForestExpectation one;
	double		value;

	if (cells->is_category)
		return;
	one = forest_expect(box, f);
	forest_expect_also(&all, &one);
	value = forest_expected_value(&all);
	REQUIRE(isnan(value) || (value >= cells->minimum &&
							 value <= cells->maximum));
	REQUIRE(!isfinite(value) || (value >= cells->least &&
								 value <= cells->greatest));
}

/* Draws rows in every way that there is. */
static void
draw_rows(ForestBox *box, ForestRng *rng)
{
	const ForestDensity *density = box->density;
	uint32_t	d = density->walk->n_features;
	double	   *row = allocate(d * sizeof(double));
	double	   *seen = allocate((size_t) density->n_cells * sizeof(double));
	double		total;

	memset(row, 0, d * sizeof(double));
	memset(seen, 0, (size_t) density->n_cells * sizeof(double));
	for (uint32_t t = 0; t < density->walk->n_trees && t < 8; t++)
	{
		forest_draw_leaf(box, t, NULL, row, rng);
		for (uint32_t f = 0; f < d; f++)
			require_value(density, f, row[f]);
		for (uint32_t f = 0; f < d && f < 8; f++)
		{
			total = forest_draw_feature(box, f, row, rng);
			require_value(density, f, row[f]);
			forest_balance_add(box, f, total, seen);
			require_expected(box, f);
		}
		forest_box_reset(box);
		forest_walk_slots(density->walk, row, box->slots);
		forest_box_unvisit(box);
		forest_near_tree(box, t);
		for (uint32_t f = 0; f < d; f++)
			require_value(density, f, forest_draw_near(box, f, row[f], rng));
		forest_box_reset(box);
		for (uint32_t f = 0; f < d; f++)
			require_value(density, f,
						  forest_draw_noise(box, f, row[f], 0.5, rng));
	}
	forest_balance((ForestDensity *) density, seen, 8, 0);
	free(seen);
	free(row);
}

/* Builds the density of a model that has a profile, and draws rows. */
static void
check_density(const ForestView *view, ForestRng *rng)
{
	Scorer		scorer;
	ForestDensity density;
	ForestBox	box;
	void	   *memory;
	void	   *temporary;
	void	   *box_memory;

	if (view->curve_ends == NULL || !forest_has_density(view))
		return;
	scorer_init(&scorer, view);
	memory = allocate((size_t) forest_density_size(view));
	temporary = allocate((size_t) forest_density_temporary_size(view));
	forest_density_build(view, &scorer.walk, memory, temporary, &density);
	free(temporary);
	box_memory = allocate((size_t) forest_box_size(&density));
	forest_box_init(&density, box_memory, &box);
	for (uint32_t t = 0; t < scorer.walk.n_trees; t++)
		forest_density_weigh_tree(&density, &box, t,
								  forest_sharpness(scorer.walk.n_features));
	draw_rows(&box, rng);
	free(box_memory);
	free(memory);
	scorer_free(&scorer);
}

/* A row that a generator made has values that its features may have. */
static void
require_made(const ForestView *view, const double *row)
{
	for (uint32_t f = 0; f < view->summary.n_features; f++)
	{
		ForestFeature feature = forest_view_feature(view, f);
		uint32_t	n = feature.type == FOREST_BOOL ? 2 : feature.n_categories;

		if (isnan(row[f]) || !forest_table_is_classes(feature.type))
			continue;
		REQUIRE(row[f] >= 0.0 && row[f] < n && row[f] == floor(row[f]));
	}
}

/* Makes rows in the ways that only an autoencoder has. */
static void
make_from_latents(const ForestView *view, ForestMake *make, double *row,
				  bool *given, uint64_t seed)
{
	uint32_t	d = view->summary.n_features;
	double	   *rows = allocate(2 * d * sizeof(double));
	void	   *latents = allocate((size_t)
								   forest_given_size(FOREST_MAKE_ROWS));
	ForestGiven weighed;

	for (uint32_t f = 0; f < d; f++)
		given[f] = (seed >> (f % 64) & 1) != 0;
	forest_given_weigh(make, row, given, seed, FOREST_MAKE_ROWS, latents,
					   &weighed);
	forest_make_given(make, &weighed, row, given, seed, 0, 2, rows);
	require_made(view, rows + d);
	forest_make_around(make, row, 0.5, seed, 0, 2, rows);
	require_made(view, rows + d);
	for (uint32_t f = 0; f < d; f++)
		row[f] = given[f] ? row[f] : (double) NAN;
	forest_make_whole(make, row);
	require_made(view, row);
	free(latents);
	free(rows);
}

/* Reads a model's generator, if it has one, and makes rows by it. */
static void
check_generator(const ForestView *view, uint64_t seed)
{
	uint32_t	d = view->summary.n_features;
	double	   *rows;
	bool	   *given;
	void	   *memory;
	void	   *scratch;
	ForestGenerator generator;
	ForestMake	make;

	if (view->generator == NULL)
		return;
	memory = allocate((size_t) forest_generator_memory(view->generator));
	forest_generator_read(view->generator, memory, &generator);
	scratch = allocate((size_t) forest_make_size(&generator));
	forest_make_init(&make, &generator, forest_net_kernel(), scratch);
	rows = allocate(2 * d * sizeof(double));
	given = allocate(d * sizeof(bool));
	forest_make_rows(&make, (double) (seed % 3), seed, 0, 2, rows);
	require_made(view, rows);
	if (generator.method == FOREST_METHOD_VAE)
		make_from_latents(view, &make, rows, given, seed);
	free(given);
	free(rows);
	free(scratch);
	free(memory);
}

static void
check_model(const ForestView *view, const uint8_t *bytes, size_t len,
			uint64_t seed)
{
	Grove		grove = {0};
	void	   *rest[3];
	ForestRng	rng;

	check_calibration(view);
	if (view->n_nodes > MAX_NODES || view->n_strings > MAX_STRINGS)
		return;
	forest_rng_init(&rng, seed, 0);
	use_view(view, seed);
	rewrite_view(view, bytes, len);
	parts_of_view(view, &grove.parts, &grove.features, &grove.groups,
				  rest);
	grove.parts.strings = grove.strings = strings_of_view(view);
	profile_of_view(view, &grove.parts);
	check_forms(&grove, &rng);
	check_density(view, &rng);
	check_generator(view, seed);
	free((void *) grove.parts.curve_ends);
	free((void *) grove.parts.knots);
	free((void *) grove.parts.category_rows);
	free(grove.strings);
	free(grove.features);
	free(grove.groups);
	rest_free(rest);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ForestView	view;
	ForestFault fault;
	uint8_t    *bytes;

	if (forest_open_whole(data, size, &view, &fault) == FOREST_OK)
		REQUIRE(size >= HEADER);
	if (size >= HEADER)
	{
		bytes = allocate(size);
		memcpy(bytes, data, size);
		store(bytes + 48, 8, size);
		forge(bytes, size);
		if (forest_open_whole(bytes, size, &view, &fault) == FOREST_OK)
			check_model(&view, bytes, size, load(bytes + 8, 8));
		free(bytes);
	}
	fuzz_check();
	return 0;
}
