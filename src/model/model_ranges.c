/*-------------------------------------------------------------------------
 *
 * model_ranges.c
 *	  Where a model's training rows were, a feature, kept with the model for
 *	  the functions that vary one or two of them.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model.h"
#include "model/model_attach.h"
#include "model/model_features.h"
#include "model/model_ranges.h"

/*
 * Widens a range to a value, unless that is infinite or missing.  A range of
 * NaN is empty: the comparisons are written so that it takes any value.
 */
void
range_widen(ModelRange *range, double value)
{
	if (!isfinite(value))
		return;
	if (!(range->low <= value))
		range->low = value;
	if (!(range->high >= value))
		range->high = value;
}

/* The range of a feature, but for what is usual. */
static ModelRange
find_range(const ForestView *view, uint32 f)
{
	ForestFeature feature = forest_view_feature(view, f);
	ModelRange	range = {.low = NAN,.high = NAN};

	range_widen(&range, feature.minimum);
	range_widen(&range, feature.maximum);
	for (uint32 i = 0; i < FOREST_QUANTILES && view->curve_ends != NULL; i++)
		range_widen(&range, forest_view_quantile(view, f, i));
	range.is_whole = isfinite(feature.minimum) && isfinite(feature.maximum);
	return range;
}

/* Finds the ranges of an opened model's features. */
static void *
build_ranges(Model *model, const ForestView *view)
{
	uint32		d = model->summary.n_features;
	ModelRange *ranges = palloc(d * sizeof(*ranges));
	double	   *usual = palloc(d * sizeof(*usual));

	grid_usual_row(view, usual);
	for (uint32 f = 0; f < d; f++)
	{
		CHECK_FOR_INTERRUPTS();
		ranges[f] = find_range(view, f);
		ranges[f].usual = usual[f];
	}
	pfree(usual);
	return ranges;
}

/* The ranges of a model's features, which are its own; "datum" is the model. */
const ModelRange *
model_ranges(Model *model, Datum datum)
{
	static const ModelPart part = {"ranges", build_ranges};

	return model_attached(model, datum, &part);
}
