/*-------------------------------------------------------------------------
 *
 * telling.c
 *	  How much each column tells about how unusual a row is.
 *
 * That is the mean square of its contributions to path lengths, so that a
 * column which makes a few rows very unusual tells more than one that moves
 * all a little.  The rows are made up: each column's value is drawn from its
 * profile, without regard to the others, its extremes among them.  So it takes
 * the model alone, and a few milliseconds.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "explain/explain.h"
#include "explain/telling.h"

/* Rows that are made up. */
#define N_ROWS			200

/* Draws a row, each feature from its own profile. */
static void
draw_row(const Explanation *e, ForestRng *rng, double *row)
{
	const Model *model = e->row.model;

	for (uint32 f = 0; f < e->n; f++)
	{
		CHECK_FOR_INTERRUPTS();
		if (forest_type_is_category(model->features[f].type))
			row[f] = explained_category_at(e, f, forest_rng_double(rng));
		else
			row[f] = explained_quantile(e, f, (int)
										forest_rng_below(rng, FOREST_QUANTILES));
	}
}

/*
 * Fills how much each feature of the model "datum" tells, in units to compare
 * them by; all 0 if the model has no profile.
 */
void
model_telling(Model *model, Datum datum, double *telling)
{
	uint32		d = model->summary.n_features;
	double	   *row = palloc(d * sizeof(double));
	Explanation e;
	ForestRng	rng;

	explain_open(model, datum, &e);
	memset(telling, 0, d * sizeof(double));
	forest_rng_start(&rng, model->summary.seed, FOREST_FOR_TELLING, 0);
	for (int i = 0; i < N_ROWS; i++)
	{
		const double *phi;

		draw_row(&e, &rng, row);
		phi = explain_lengths(&e, row);
		for (uint32 f = 0; f < d; f++)
			telling[f] += phi[f] * phi[f];
	}
	pfree(row);
}
