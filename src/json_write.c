/*-------------------------------------------------------------------------
 *
 * json_write.c
 *	  A model as a JSON document (doc/JSON.md), losing nothing.
 *
 * Numbers are written in the fewest digits that read back as the same
 * double.  What JSON's numbers lack is a string: infinities, and zero with a
 * sign.  NaN is null.
 *
 *-------------------------------------------------------------------------
 */
#include "inspect.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"

/*
 * Bytes that jsonb spends on a node and on a category of a set at most, and
 * those that it can hold in all.
 */
#define JSONB_NODE_BYTES	88
#define JSONB_CODE_BYTES	12
#define JSONB_MAX_BYTES		UINT64CONST(260000000)

/* Refuses models that jsonb has no room for. */
static void
check_size(const ForestView *view)
{
	uint64		size = view->n_nodes * (uint64) JSONB_NODE_BYTES +
		view->n_sets * JSONB_CODE_BYTES;

	if (size > JSONB_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("iforest model of %u nodes does not fit in a jsonb",
						view->n_nodes),
				 errhint("iforest_nodes(model) returns a model of any size as rows.")));
}

/* Appends a real number that reads back as the same bits. */
static void
append_exact(StringInfo json, double value)
{
	if (value == 0.0 && signbit(value))
		appendStringInfoString(json, "\"-0\"");
	else
		append_real(json, value);
}

/* Appends a string of a model. */
static void
append_text(StringInfo json, ForestString string)
{
	char	   *s = model_string_exact(string);

	escape_json(json, s);
	pfree(s);
}

/* Appends what was asked for and seen. */
static void
append_summary(StringInfo json, const ForestSummary *sum)
{
	appendStringInfo(json, "\"format\":1,\"sample_size\":%u,\"max_depth\":",
					 sum->sample_size);
	if (sum->max_depth == FOREST_DEPTH_DEFAULT)
		appendStringInfoString(json, "null");
	else
		appendStringInfo(json, "%u", sum->max_depth);
	appendStringInfoString(json, ",\"max_features\":");
	append_exact(json, sum->max_features);
	appendStringInfoString(json, ",\"contamination\":");
	append_exact(json, sum->contamination);
	appendStringInfo(json,
					 ",\"seed\":" INT64_FORMAT ",\"max_categories\":%u"
					 ",\"rows_seen\":" UINT64_FORMAT
					 ",\"rows_kept\":" UINT64_FORMAT,
					 (int64) sum->seed, sum->max_categories, sum->rows_seen,
					 sum->rows_kept);
	appendStringInfo(json, ",\"bootstrap\":%s,\"seed_drawn\":%s,\"merged\":%s",
					 sum->flags & FOREST_FLAG_BOOTSTRAP ? "true" : "false",
					 sum->flags & FOREST_FLAG_SEED_DRAWN ? "true" : "false",
					 sum->flags & FOREST_FLAG_MERGED ? "true" : "false");
}

/* Appends the features; their categories in the order of their codes. */
static void
append_features(StringInfo json, const ForestView *view)
{
	uint32		string = view->summary.n_features;

	appendStringInfoString(json, ",\"features\":[");
	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		ForestFeature feature = forest_view_feature(view, f);

		appendStringInfoString(json, f > 0 ? ",{\"name\":" : "{\"name\":");
		append_text(json, forest_view_string(view, f));
		appendStringInfo(json, ",\"type\":\"%s\",\"missing\":" UINT64_FORMAT
						 ",\"minimum\":", forest_type_name(feature.type),
						 feature.n_missing);
		append_exact(json, feature.minimum);
		appendStringInfoString(json, ",\"maximum\":");
		append_exact(json, feature.maximum);
		if (forest_type_is_category(feature.type))
		{
			appendStringInfoString(json, ",\"categories\":[");
			for (uint32 i = 0; i < feature.n_categories; i++)
			{
				if (i > 0)
					appendStringInfoChar(json, ',');
				append_text(json, forest_view_string(view, string++));
			}
			appendStringInfoChar(json, ']');
		}
		appendStringInfoChar(json, '}');
	}
	appendStringInfoChar(json, ']');
}

/* Appends the groups of trees. */
static void
append_groups(StringInfo json, const ForestView *view)
{
	appendStringInfoString(json, ",\"groups\":[");
	for (uint32 i = 0; i < view->summary.n_groups; i++)
	{
		ForestGroup group = forest_view_group(view, i);

		appendStringInfo(json,
						 "%s{\"trees\":%u,\"rows_per_tree\":%u,\"depth_limit\":%u}",
						 i > 0 ? "," : "", group.n_trees, group.sample_size,
						 group.depth_limit);
	}
	appendStringInfoChar(json, ']');
}

/* Appends the quantiles of a feature, or null if it has none. */
static void
append_quantiles(StringInfo json, const ForestView *view, uint32 f)
{
	if (isnan(forest_view_quantile(view, f, 0)))
	{
		appendStringInfoString(json, "null");
		return;
	}
	for (uint32 i = 0; i < FOREST_QUANTILES; i++)
	{
		appendStringInfoChar(json, i > 0 ? ',' : '[');
		append_exact(json, forest_view_quantile(view, f, i));
	}
	appendStringInfoChar(json, ']');
}

/* Appends the profile of the training rows. */
static void
append_profile(StringInfo json, const ForestView *view)
{
	uint32		string = view->summary.n_features;

	appendStringInfoString(json, ",\"profile\":{\"quantiles\":[");
	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		if (f > 0)
			appendStringInfoChar(json, ',');
		append_quantiles(json, view, f);
	}
	appendStringInfoString(json, "],\"category_rows\":[");
	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		ForestFeature feature = forest_view_feature(view, f);

		appendStringInfoString(json, f > 0 ? ",[" : "[");
		for (uint32 i = 0; i < feature.n_categories; i++)
			appendStringInfo(json, "%s%u", i > 0 ? "," : "",
							 forest_view_category_rows(view, string++));
		appendStringInfoChar(json, ']');
	}
	appendStringInfoString(json, "]}");
}

/* Appends the distribution of the training scores. */
static void
append_score_summary(StringInfo json, const ForestView *view)
{
	appendStringInfo(json, ",\"score_summary\":{\"rows\":%u,\"spread\":",
					 view->calibration_rows);
	append_exact(json, view->spread);
	appendStringInfoString(json, ",\"points\":[");
	for (uint32 i = 0; i < view->n_points; i++)
	{
		ForestPoint point = forest_view_point(view, i);

		appendStringInfoString(json, i > 0 ? ",[" : "[");
		append_exact(json, point.length);
		appendStringInfo(json, ",%u,%u]", point.below, point.through);
	}
	appendStringInfoString(json, "]}");
}

/* One column of a tree's table: appends the value of node i. */
typedef void (*AppendCell) (StringInfo json, const TreeReader *reader,
							uint32 i);

static void
append_feature_cell(StringInfo json, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];

	if (tree_node_is_leaf(node))
		appendStringInfoString(json, "-2");
	else
		appendStringInfo(json, "%u", tree_node_feature(node));
}

static void
append_threshold_cell(StringInfo json, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];

	if (tree_node_is_leaf(node) || tree_node_is_category(reader, node))
		appendStringInfoString(json, "null");
	else
		append_exact(json, node->u.cut);
}

static void
append_left_cell(StringInfo json, const TreeReader *reader, uint32 i)
{
	if (tree_node_is_leaf(&reader->nodes[i]))
		appendStringInfoString(json, "-1");
	else
		appendStringInfo(json, "%u", i + 1);
}

static void
append_right_cell(StringInfo json, const TreeReader *reader, uint32 i)
{
	if (tree_node_is_leaf(&reader->nodes[i]))
		appendStringInfoString(json, "-1");
	else
		appendStringInfo(json, "%u", reader->nodes[i].right);
}

static void
append_rows_cell(StringInfo json, const TreeReader *reader, uint32 i)
{
	appendStringInfo(json, "%u", reader->nodes[i].rows);
}

static void
append_missing_cell(StringInfo json, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];

	if (tree_node_is_leaf(node))
		appendStringInfoString(json, "null");
	else
		appendStringInfoString(json, tree_missing_right(node) ? "false" : "true");
}

static void
append_set_cell(StringInfo json, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];
	uint32		n;

	if (tree_node_is_leaf(node) || !tree_node_is_category(reader, node))
	{
		appendStringInfoString(json, "null");
		return;
	}
	n = tree_set_size(reader, node);
	appendStringInfoString(json, tree_set_is_left(reader, node) ?
						   "{\"left\":[" : "{\"right\":[");
	for (uint32 k = 0; k < n; k++)
		appendStringInfo(json, "%s%u", k > 0 ? "," : "",
						 tree_set_code(reader, node, k));
	appendStringInfoString(json, "]}");
}

/* The columns of a tree's table; "sets" only in models with categories. */
static const struct
{
	const char *name;
	AppendCell	append;
	bool		of_sets;
}			tree_columns[] = {
	{"feature", append_feature_cell, false},
	{"threshold", append_threshold_cell, false},
	{"left", append_left_cell, false},
	{"right", append_right_cell, false},
	{"rows", append_rows_cell, false},
	{"missing_left", append_missing_cell, false},
	{"sets", append_set_cell, true},
};

/* Appends the reader's current tree. */
static void
append_tree(StringInfo json, const TreeReader *reader)
{
	for (int column = 0; column < (int) lengthof(tree_columns); column++)
	{
		if (tree_columns[column].of_sets && reader->view->n_set_splits == 0)
			continue;
		appendStringInfo(json, "%s\"%s\":[", column > 0 ? "," : "{",
						 tree_columns[column].name);
		for (uint32 i = 0; i < reader->n_nodes; i++)
		{
			forest_pause_at(i);
			if (i > 0)
				appendStringInfoChar(json, ',');
			tree_columns[column].append(json, reader, i);
		}
		appendStringInfoChar(json, ']');
	}
	appendStringInfoChar(json, '}');
}

PG_FUNCTION_INFO_V1(iforest_to_json);
/*
 * iforest_to_json(model bytea) -> jsonb
 *
 * The model as a document from which iforest_from_json makes the same bytes.
 */
Datum
iforest_to_json(PG_FUNCTION_ARGS)
{
	ForestView	view;
	TreeReader	reader;
	StringInfoData json;

	(void) model_open(PG_GETARG_DATUM(0), &view);
	check_size(&view);
	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	append_summary(&json, &view.summary);
	append_features(&json, &view);
	append_groups(&json, &view);
	if (view.quantiles != NULL)
		append_profile(&json, &view);
	if (view.n_points > 0)
		append_score_summary(&json, &view);
	appendStringInfoString(&json, ",\"trees\":[");
	tree_reader_open(&reader, &view);
	while (tree_reader_next(&reader))
	{
		CHECK_FOR_INTERRUPTS();
		if (reader.tree > 0)
			appendStringInfoChar(&json, ',');
		append_tree(&json, &reader);
	}
	appendStringInfoString(&json, "]}");
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}
