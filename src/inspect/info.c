/*-------------------------------------------------------------------------
 *
 * info.c
 *	  What a model tells of itself.
 *
 * One document with what a person asks first: how it was trained, how large it
 * is, where its threshold lies, which features it has and what they were like.
 * It is read from the bytes, not from the decoded model, so it costs the check
 * of the bytes and no more.  The same fact has the same key here, in documents
 * of iforest_to_json, and as a column of iforest_features and iforest_nodes.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/json_put.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/generator/forest_generator_check.h"
#include "core/score/forest_walk.h"
#include "core/stats/forest_calibration.h"
#include "inspect/json_generator.h"
#include "inspect/json_options.h"
#include "model/model_bytes.h"
#include "model/model_calibrate.h"
#include "model/model_text.h"
#include "row/types.h"

/* A number as it is shown: without the sign of a zero. */
static double
shown(double value)
{
	return value + 0.0;
}

/* Puts one feature. */
static void
put_feature(JsonWriter *json, const ForestView *view, uint32 i)
{
	ForestFeature feature = forest_view_feature(view, i);

	json_begin_object(json);
	json_add_string(json, "name",
					model_string_text(forest_view_string(view, i)));
	json_add_string(json, "type", forest_type_name(feature.type));
	json_add_integer(json, "missing", (int64) feature.n_missing);
	if (forest_type_is_category(feature.type))
		json_add_integer(json, "n_categories", feature.n_categories);
	else
	{
		json_add_real(json, "minimum", shown(feature.minimum));
		json_add_real(json, "maximum", shown(feature.maximum));
	}
	json_end_object(json);
}

/*
 * Puts one group of trees that share a sample size, and so what their path
 * lengths are divided by; null is no limit of depth.
 */
static void
put_group(JsonWriter *json, ForestGroup group)
{
	json_begin_object(json);
	json_add_integer(json, "n_trees", group.n_trees);
	json_add_integer(json, "rows_per_tree", group.sample_size);
	json_put_key(json, "depth_limit");
	if (group.depth_limit == FOREST_DEPTH_UNLIMITED)
		json_put_null(json);
	else
		json_put_integer(json, group.depth_limit);
	json_end_object(json);
}

/* Puts the score above which rows are outliers; null without a calibration. */
static void
put_threshold(JsonWriter *json, const ForestView *view)
{
	ForestCalibration calibration;

	json_put_key(json, "threshold");
	read_calibration(view, &calibration);
	if (calibration.n_points == 0)
		json_put_null(json);
	else
		json_put_real(json,
					  forest_length_score(forest_threshold(&calibration,
													 view->summary.contamination)));
}

/* Puts what the model has learned from people, if anything. */
static void
put_labels(JsonWriter *json, const ForestView *view)
{
	ForestLearned learned = forest_view_learned(view);

	if (view->labels == NULL)
		return;
	json_add_object(json, "labels");
	json_add_integer(json, "outliers", (int64) learned.outliers);
	json_add_integer(json, "normal", (int64) learned.normal);
	json_end_object(json);
}

PG_FUNCTION_INFO_V1(iforest_info);
/*
 * iforest_info(model bytea) -> jsonb
 *
 * Options, sizes, rows seen, seed, threshold, format, generator and features of
 * a model.
 */
Datum
iforest_info(PG_FUNCTION_ARGS)
{
	ForestView	view;
	bytea	   *bytes = model_open(PG_GETARG_DATUM(0), &view);
	const ForestSummary *sum = &view.summary;
	JsonWriter	json = {0};

	json_begin_object(&json);
	json_add_integer(&json, "format", FOREST_FORMAT);
	json_add_integer(&json, "size", (int64) VARSIZE_ANY_EXHDR(bytes));
	json_add_integer(&json, "n_trees", sum->n_trees);
	json_add_integer(&json, "n_nodes", view.n_nodes);
	json_add_integer(&json, "n_leaves", view.n_leaves);
	json_add_integer(&json, "rows_seen", (int64) sum->rows_seen);
	json_add_integer(&json, "rows_kept", (int64) sum->rows_kept);
	json_add_bool(&json, "merged", (sum->flags & FOREST_FLAG_MERGED) != 0);
	if ((sum->flags & FOREST_FLAG_WEIGHTED) != 0)
	{
		json_add_bool(&json, "weighted", true);
		json_add_integer(&json, "rows_effective", sum->rows_effective);
	}
	put_threshold(&json, &view);
	json_add_bool(&json, "seed_drawn",
				  (sum->flags & FOREST_FLAG_SEED_DRAWN) != 0);
	put_labels(&json, &view);
	json_add_object(&json, "options");
	json_add_integer(&json, "n_trees", sum->n_trees);
	json_put_options(&json, sum);
	json_end_object(&json);
	json_describe_generator(&json, &view);
	json_add_array(&json, "groups");
	for (uint32 i = 0; i < sum->n_groups; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_group(&json, forest_view_group(&view, i));
	}
	json_end_array(&json);
	json_add_array(&json, "features");
	for (uint32 i = 0; i < sum->n_features; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_feature(&json, &view, i);
	}
	json_end_array(&json);
	json_end_object(&json);
	PG_RETURN_JSONB_P(json_written(&json));
}

PG_FUNCTION_INFO_V1(iforest_is_valid);
/*
 * iforest_is_valid(bytea) -> bool
 *
 * Whether the bytes are a model that this version can use.
 */
Datum
iforest_is_valid(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(model_is_valid(PG_GETARG_DATUM(0)));
}
