/*-------------------------------------------------------------------------
 *
 * train_projections.c
 *	  The projections of a forest whose trees split several columns at once.
 *
 * A column of numbers that has several values is in projections, less its
 * median and divided by its interquartile range; by its standard deviation,
 * where half of its values are the same.  Every column is split by itself as
 * well: a node where all projections have a constant term has that.  With fewer
 * than two such numbers there are no projections: the forest is a plain one.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_profile.h"
#include "core/grow/forest_dictionary.h"
#include "sketch/row_sample.h"
#include "sketch/train_options.h"
#include "train/train_projections.h"

/* Which of the quantiles, fortieths, are quartiles. */
#define LOWER_QUARTILE	(FOREST_QUANTILES / 4)
#define UPPER_QUARTILE	(FOREST_QUANTILES - 1 - FOREST_QUANTILES / 4)

/* Quantile i / 40 of a curve of n knots. */
static double
curve_quantile(const ForestKnot *knots, uint32 n, uint32 i)
{
	uint64		rank = forest_quantile_rank(knots[n - 1].through, i);

	return knots[forest_knot_of_rank(knots, n, rank)].value;
}

/*
 * What projections measure a feature by; a scale of 0 for one that is in none.
 * The parts have the curves of the training rows.
 */
static ForestScale
feature_scale(const RowSample *state, const double *rows,
			  const ForestParts *parts, uint32 f)
{
	ForestScale scale = {0.0, 0.0};
	uint32		first = f > 0 ? parts->curve_ends[f - 1] : 0;
	uint32		n = parts->curve_ends[f] - first;
	const ForestKnot *knots = parts->knots + first;

	/* no value, or only one */
	if (n < 2)
		return scale;
	scale.centre = curve_quantile(knots, n, FOREST_MEDIAN);
	scale.scale =
		forest_projected(curve_quantile(knots, n, UPPER_QUARTILE)) -
		forest_projected(curve_quantile(knots, n, LOWER_QUARTILE));
	if (!(scale.scale > 0.0))
		scale.scale = forest_usual_deviation(rows + f, state->sample.n,
											 state->n_features);
	return scale;
}

/*
 * Draws the projections of a state's forest into its parts, where its options
 * ask for them and it has the columns.
 */
void
train_projections(const RowSample *state, const double *rows,
				  ForestParts *parts)
{
	uint32		asked = train_columns_per_split(&state->options);
	uint32		d = state->n_features;
	ForestScale *scales = palloc(d * sizeof(ForestScale));
	uint32		n_scaled;
	uint32		each;
	uint32		n;
	uint32	   *ends;
	ForestTerm *terms;
	ForestRng	rng;

	if (asked == 1)
		return;
	for (uint32 f = 0; f < d; f++)
	{
		CHECK_FOR_INTERRUPTS();
		scales[f] = feature_scale(state, rows, parts, f);
	}
	n_scaled = forest_count_scaled(scales, d);
	each = Min(asked, n_scaled);
	if (each < 2)
		return;
	n = forest_dictionary_size(n_scaled, each);
	if (d + n > FOREST_MAX_FEATURES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%u columns are too many for splits on several columns: they and %u projections are more than %d",
						d, n, FOREST_MAX_FEATURES),
				 errhint("Train on fewer columns, or with columns_per_split => 1.")));
	ends = palloc(n * sizeof(uint32));
	terms = palloc((Size) n * each * sizeof(ForestTerm));
	forest_rng_start(&rng, (uint64) state->options.seed,
					 FOREST_FOR_DICTIONARY, 0);
	forest_draw_dictionary(scales, d, each, &rng, n, ends, terms,
						   palloc(d * sizeof(uint32)));
	parts->projections = (ForestProjections) {n, ends, terms};
}

/*
 * The columns that trees of a forest with projections choose among, palloc'd:
 * each number and each projection once, and a feature of categories as often
 * as these are for each number, so that it is split as often as in a plain
 * forest.
 */
Candidates
train_candidates(const ForestParts *parts)
{
	uint32		d = parts->summary.n_features;
	uint32		n_categories = 0;
	uint32		n_numbers;
	uint32		each;
	Candidates	chosen = {NULL, 0};

	for (uint32 f = 0; f < d; f++)
		n_categories += forest_type_is_category(parts->features[f].type);
	n_numbers = d - n_categories;
	each = 1 + (parts->projections.n + n_numbers / 2) /
		Max(1, n_numbers);
	chosen.columns = palloc((n_numbers + n_categories * (Size) each +
							 parts->projections.n) * sizeof(uint32));
	for (uint32 f = 0; f < d; f++)
	{
		uint32		times =
			forest_type_is_category(parts->features[f].type) ? each : 1;

		while (times-- > 0)
			chosen.columns[chosen.n++] = f;
	}
	for (uint32 i = 0; i < parts->projections.n; i++)
		chosen.columns[chosen.n++] = d + i;
	return chosen;
}
