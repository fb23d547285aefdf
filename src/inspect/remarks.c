/*-------------------------------------------------------------------------
 *
 * remarks.c
 *	  What is odd about a model that was just trained, said as NOTICEs:
 *	  columns that tell rows apart and nothing else, and rows that are all
 *	  alike.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "core/format/forest_view.h"
#include "inspect/remarks.h"
#include "model/model_bytes.h"
#include "model/model_text.h"

/* Fewer values may all differ by chance. */
#define MIN_VALUES		20

/* Categories are identifiers if this share of the values differ. */
#define NEARLY_ALL		0.9

/*
 * Whole numbers count rows if they span about as many as there are rows ..
 */
#define MIN_SPAN		0.9
#define MAX_SPAN		2.0
/*
 * .. and their quantiles are this evenly spread, as a share of the span; of
 * sampled rows they stray further (Kolmogorov's bound, 99 %).
 */
#define EVEN			0.02
#define STRAY			1.63

/*
 * The rows that the sample has kept, each once, though it is there as often as
 * its weight says: at most as many as were seen.
 */
static double
count_rows(const ForestView *view)
{
	return (double) Min(view->summary.rows_kept, view->summary.rows_seen);
}

/* The values of a feature among them. */
static double
count_values(const ForestView *view, const ForestFeature *feature)
{
	double		kept = (double) view->summary.rows_kept;
	double		known = kept - (double) feature->n_missing;

	return known == 0 ? 0 : ceil(known / kept * count_rows(view));
}

/* Whether all training rows have one and the same value of a feature. */
static bool
is_constant(const ForestView *view, const ForestFeature *feature)
{
	if (count_values(view, feature) == 0)
		return true;
	if (feature->n_missing > 0)
		return false;
	return forest_type_is_category((ForestType) feature->type) ?
		feature->n_categories == 1 : feature->minimum == feature->maximum;
}

/* Remarks on rows that no forest can tell apart; returns whether it does. */
static bool
remark_on_rows(const char *name, const ForestView *view)
{
	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		ForestFeature feature = forest_view_feature(view, f);

		if (!is_constant(view, &feature) && view->summary.rows_kept > 2)
			return false;
	}
	ereport(NOTICE,
			(view->summary.rows_kept > 2 ?
			 errmsg("the rows that model \"%s\" was trained on are all alike",
					name) :
			 errmsg_plural("model \"%s\" was trained on " UINT64_FORMAT " row",
						   "model \"%s\" was trained on " UINT64_FORMAT " rows",
						   (unsigned long) view->summary.rows_kept, name,
						   view->summary.rows_kept),
			 errdetail("So every row scores the same, and none is an outlier."),
			 errhint("Train on rows that differ; a hundred or more are of use.")));
	return true;
}

/* Whether nearly every training row has a category of its own. */
static bool
is_identifier(const ForestView *view, const ForestFeature *feature)
{
	double		n = count_values(view, feature);

	return n >= MIN_VALUES && feature->n_categories >= NEARLY_ALL * n;
}

/* Whether a feature's numbers count the training rows. */
static bool
is_serial(const ForestView *view, uint32 f, const ForestFeature *feature)
{
	double		span = feature->maximum - feature->minimum;
	double		kept = count_rows(view);
	double		seen = (double) view->summary.rows_seen;
	double		n = seen * count_values(view, feature) / kept;
	double		even = EVEN + STRAY * sqrt((1 - kept / seen) / kept);

	if (!forest_type_is((ForestType) feature->type, FOREST_TRAIT_NUMBER) ||
		!forest_type_is((ForestType) feature->type, FOREST_TRAIT_WHOLE) ||
		count_values(view, feature) < MIN_VALUES ||
		!(span + 1 >= MIN_SPAN * n && span + 1 <= MAX_SPAN * n) ||
		view->curve_ends == NULL)
		return false;
	for (uint32 i = 0; i < FOREST_QUANTILES; i++)
	{
		double		wanted = feature->minimum +
			span * i / (FOREST_QUANTILES - 1);

		if (fabs(forest_view_quantile(view, f, i) - wanted) > even * span)
			return false;
	}
	return true;
}

/* Remarks on a feature that tells rows apart and nothing else. */
static void
remark_on_feature(const ForestView *view, uint32 f)
{
	ForestFeature feature = forest_view_feature(view, f);
	const char *name = model_string_text(forest_view_string(view, f));

	if (forest_type_is_category((ForestType) feature.type) ?
		!is_identifier(view, &feature) : !is_serial(view, f, &feature))
		return;
	ereport(NOTICE,
			(forest_type_is_category((ForestType) feature.type) ?
			 errmsg("column \"%s\" has %u different values in %.0f rows", name,
					feature.n_categories, count_values(view, &feature)) :
			 errmsg("column \"%s\" seems to be a serial number", name),
			 errdetail("What identifies a row tells nothing about how unusual it is."),
			 errhint("Leave it out of the query, or with the option \"exclude\"; iforest_columns(query) looks at all columns.")));
}

/* Says what is odd about a model by a name. */
void
remark_on_model(const char *name, bytea *model)
{
	ForestView	view;

	(void) model_open(PointerGetDatum(model), &view);
	if (remark_on_rows(name, &view))
		return;
	for (uint32 f = 0; f < view.summary.n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		remark_on_feature(&view, f);
	}
}
