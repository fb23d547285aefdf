/*-------------------------------------------------------------------------
 *
 * merge_calibration.c
 *	  The calibration of a merged model, from those of its parts.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model_bytes.h"
#include "model/model_calibrate.h"
#include "train/merge_calibration.h"

/*
 * Lists the rows of an input's calibration as pairs (length, index into
 * weights); each weighs "weight".  Rows between two points are taken to be in
 * the middle.  Returns the new number of pairs.
 */
static uint32
append_masses(const ForestView *view, double weight, ForestPair *pairs,
			  double *weights, uint32 n)
{
	ForestPoint previous = {0};

	CHECK_FOR_INTERRUPTS();
	for (uint32 i = 0; i < view->n_points; i++)
	{
		ForestPoint point = forest_view_point(view, i);

		if (i > 0 && point.below > previous.through)
		{
			pairs[n].key =
				forest_sort_key(0.5 * (previous.length + point.length));
			pairs[n].value = n;
			weights[n++] = weight * (point.below - previous.through);
		}
		pairs[n].key = forest_sort_key(point.length);
		pairs[n].value = n;
		weights[n++] = weight * (point.through - point.below);
		previous = point;
	}
	return n;
}

/*
 * The mixture of the models' calibrations, each with the weight of the rows its
 * model saw: masses (see forest_calibrate), which n_masses counts.
 */
static ForestPair *
mix_calibrations(const ForestView *const *views, int n_views, uint32 *n_masses)
{
	uint32		n_points = 0;
	uint32		n = 0;
	uint64		rounded = 0;
	double		n_rows = 0;
	double		rows_seen = 0;
	double		sum = 0;
	ForestPair *pairs;
	double	   *weights;

	for (int i = 0; i < n_views; i++)
	{
		n_points += views[i]->n_points;
		n_rows += views[i]->calibration_rows;
		rows_seen += (double) Max(views[i]->summary.rows_seen, 1);
	}
	n_rows = Min(n_rows, PG_INT32_MAX);
	pairs = palloc_extended(4 * (Size) n_points * sizeof(ForestPair),
							MCXT_ALLOC_HUGE);
	weights = palloc_extended(2 * (Size) n_points * sizeof(double),
							  MCXT_ALLOC_HUGE);
	for (int i = 0; i < n_views; i++)
	{
		double		share =
			(double) Max(views[i]->summary.rows_seen, 1) / rows_seen;

		n = append_masses(views[i],
						  share * n_rows / views[i]->calibration_rows,
						  pairs, weights, n);
	}

	/* whole rows, by rounding the running sum */
	forest_sort(pairs, pairs + 2 * (Size) n_points, n);
	*n_masses = 0;
	for (uint32 i = 0; i < n; i++)
	{
		uint64		before = rounded;

		forest_pause_at(i);
		sum += weights[pairs[i].value];
		rounded = (uint64) (sum + 0.5);
		if (rounded == before)
			continue;
		pairs[*n_masses].key = pairs[i].key;
		pairs[(*n_masses)++].value = rounded - before;
	}
	return pairs;
}

/*
 * Draws lengths together around their mean.  Their variance is one of rows,
 * which stays, and "before" of it is scatter of the trees, which becomes
 * "after".
 */
static void
narrow(ForestPair *masses, uint32 n, double before, double after)
{
	double		rows = 0.0;
	double		mean = 0.0;
	double		variance = 0.0;
	double		factor;

	for (uint32 i = 0; i < n; i++)
	{
		double		difference = forest_sort_value(masses[i].key) - mean;

		forest_pause_at(i);
		/* as West (1979): a mean and squares that are updated row by row */
		rows += masses[i].value;
		mean += difference * masses[i].value / rows;
		variance += difference * masses[i].value *
			(forest_sort_value(masses[i].key) - mean);
	}
	variance /= rows;
	if (!(variance > 0.0) || after >= before)
		return;
	factor = sqrt((Max(variance - before, 0.0) + after) / variance);
	for (uint32 i = 0; i < n && factor < 1.0; i++)
	{
		double		length = forest_sort_value(masses[i].key);

		forest_pause_at(i);
		masses[i].key = forest_sort_key(mean + (length - mean) * factor);
	}
}

/*
 * Returns a merged model, palloc'd, with a calibration made from its parts':
 * their mixture, drawn together because the mean over more trees scatters
 * less.  Without the rows nothing better can be known; where the parts were
 * trained on alike rows, it is right.  Trees that repeat others, "n_repeated"
 * of them, do not scatter on their own.  If a part has no calibration, "bytes" is
 * returned, which has none.
 */
bytea *
merge_calibrations(const ForestView *const *views, int n_views,
				uint32 n_repeated, bytea *bytes)
{
	double		rows_seen = 0.0;
	double		spread = 0.0;
	double		scatter = 0.0;
	double		n_trees = -(double) n_repeated;
	ForestPair *masses;
	uint32		n_masses;
	ForestView	view;

	for (int i = 0; i < n_views; i++)
	{
		double		rows = (double) Max(views[i]->summary.rows_seen, 1);

		if (views[i]->n_points == 0)
			return bytes;
		CHECK_FOR_INTERRUPTS();
		n_trees += views[i]->summary.n_trees;
		rows_seen += rows;
		spread += rows * views[i]->spread;
		scatter += rows * views[i]->spread / views[i]->summary.n_trees;
	}
	spread /= rows_seen;
	masses = mix_calibrations(views, n_views, &n_masses);
	(void) model_open(PointerGetDatum(bytes), &view);
	narrow(masses, n_masses, scatter / rows_seen, spread / n_trees);
	return calibrate_model(&view, bytes, masses, n_masses, spread);
}
