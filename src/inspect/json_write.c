/*-------------------------------------------------------------------------
 *
 * json_write.c
 *	  A model as a JSON document (doc/JSON.md), losing nothing.
 *
 * The document is put together value by value, not as text for the server's
 * parser, which would read a large one without looking for interrupts.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "base/json_put.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_model.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"
#include "inspect/json_generator.h"
#include "inspect/json_options.h"
#include "inspect/json_projections.h"
#include "model/model_bytes.h"
#include "model/model_features.h"
#include "model/model_text.h"
#include "model/tree_reader.h"
#include "row/types.h"

/*
 * Bytes that jsonb spends on a node, on a category of a set, on a name or
 * category beside its own, and on a node's labels, at most, and those that it
 * can hold in all.
 */
#define JSONB_NODE_BYTES	88
#define JSONB_CODE_BYTES	12
#define JSONB_STRING_BYTES	24
#define JSONB_LABELS_BYTES	40
#define JSONB_MAX_BYTES		UINT64CONST(260000000)

/* Refuses models that jsonb has no room for. */
static void
check_size(const ForestView *view)
{
	ForestString last = forest_view_string(view, view->n_strings - 1);
	uint64		strings = last.bytes + last.len -
		(const char *) view->string_bytes;
	uint64		size = view->n_nodes * (uint64) JSONB_NODE_BYTES +
		view->n_sets * JSONB_CODE_BYTES + strings +
		view->n_strings * (uint64) JSONB_STRING_BYTES +
		(view->labels == NULL ? 0 :
		 view->n_nodes * (uint64) JSONB_LABELS_BYTES) +
		2 * view->generator_size;

	if (size > JSONB_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("iforest model of %u nodes and " UINT64_FORMAT
						" bytes of names, categories and generator does not fit in a jsonb",
						view->n_nodes, strings + view->generator_size),
				 errhint("iforest_nodes(model) returns a model of any size as rows.")));
}

/*
 * Puts a string of a model; an error if it is no text in this database, since
 * another one would not come back as the same bytes.
 */
static void
put_text(JsonWriter *json, ForestString string)
{
	json_put_string(json, model_string_exact(string));
}

/* Puts what was asked for and seen. */
static void
put_summary(JsonWriter *json, const ForestSummary *sum)
{
	json_add_integer(json, "format", FOREST_FORMAT);
	json_put_options(json, sum);
	json_add_integer(json, "rows_seen", (int64) sum->rows_seen);
	json_add_integer(json, "rows_kept", (int64) sum->rows_kept);
	json_add_bool(json, "seed_drawn", (sum->flags & FOREST_FLAG_SEED_DRAWN) != 0);
	json_add_bool(json, "merged", (sum->flags & FOREST_FLAG_MERGED) != 0);
	if ((sum->flags & FOREST_FLAG_WEIGHTED) != 0)
	{
		json_add_bool(json, "weighted", true);
		json_add_integer(json, "rows_effective", sum->rows_effective);
	}
}

/*
 * Puts feature f with its categories, whose strings begin at number first, in
 * the order of their codes.
 */
static void
put_feature(JsonWriter *json, const ForestView *view, uint32 f, uint32 first)
{
	ForestFeature feature = forest_view_feature(view, f);

	json_begin_object(json);
	json_put_key(json, "name");
	put_text(json, forest_view_string(view, f));
	json_put_key(json, "type");
	json_put_string(json, forest_type_name(feature.type));
	json_add_integer(json, "missing", (int64) feature.n_missing);
	json_add_real(json, "minimum", feature.minimum);
	json_add_real(json, "maximum", feature.maximum);
	if (forest_type_is_category(feature.type))
	{
		json_add_array(json, "categories");
		for (uint32 i = 0; i < feature.n_categories; i++)
			put_text(json, forest_view_string(view, first + i));
		json_end_array(json);
	}
	json_end_object(json);
}

/* Puts the features. */
static void
put_features(JsonWriter *json, const ForestView *view)
{
	uint32	   *first = model_first_categories(view);

	json_add_array(json, "features");
	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		put_feature(json, view, f, first[f]);
	}
	json_end_array(json);
}

/* Puts the groups of trees. */
static void
put_groups(JsonWriter *json, const ForestView *view)
{
	json_add_array(json, "groups");
	for (uint32 i = 0; i < view->summary.n_groups; i++)
	{
		ForestGroup group = forest_view_group(view, i);

		CHECK_FOR_INTERRUPTS();
		json_begin_object(json);
		json_add_integer(json, "n_trees", group.n_trees);
		json_add_integer(json, "rows_per_tree", group.sample_size);
		json_add_integer(json, "depth_limit", group.depth_limit);
		json_end_object(json);
	}
	json_end_array(json);
}

/* Puts a point of a distribution: a value, rows below it, rows through it. */
static void
put_point(JsonWriter *json, double value, uint32 below, uint32 through)
{
	json_begin_array(json);
	json_put_real(json, value);
	json_put_integer(json, below);
	json_put_integer(json, through);
	json_end_array(json);
}

/* Puts the knots of a feature's curve, or null if it has none. */
static void
put_curve(JsonWriter *json, const ForestView *view, uint32 f)
{
	uint32		n;
	uint32		first = forest_view_curve(view, f, &n);

	if (n == 0)
	{
		json_put_null(json);
		return;
	}
	json_begin_array(json);
	for (uint32 i = first; i < first + n; i++)
	{
		ForestKnot	knot = forest_view_knot(view, i);

		put_point(json, knot.value, knot.below, knot.through);
	}
	json_end_array(json);
}

/* Puts the rows of each category of each feature. */
static void
put_category_rows(JsonWriter *json, const ForestView *view)
{
	uint32		string = view->summary.n_features;

	json_add_array(json, "category_rows");
	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		ForestFeature feature = forest_view_feature(view, f);

		CHECK_FOR_INTERRUPTS();
		json_begin_array(json);
		for (uint32 i = 0; i < feature.n_categories; i++)
			json_put_integer(json, forest_view_category_rows(view, string++));
		json_end_array(json);
	}
	json_end_array(json);
}

/* Puts the profile of the training rows. */
static void
put_profile(JsonWriter *json, const ForestView *view)
{
	json_put_key(json, "profile");
	json_begin_object(json);
	json_add_array(json, "curves");
	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		put_curve(json, view, f);
	}
	json_end_array(json);
	put_category_rows(json, view);
	json_end_object(json);
}

/* Puts the distribution of the training scores. */
static void
put_calibration(JsonWriter *json, const ForestView *view)
{
	json_put_key(json, "calibration");
	json_begin_object(json);
	json_add_integer(json, "rows", view->calibration_rows);
	json_add_real(json, "spread", view->spread);
	json_add_array(json, "points");
	for (uint32 i = 0; i < view->n_points; i++)
	{
		ForestPoint point = forest_view_point(view, i);

		forest_pause_at(i);
		put_point(json, point.length, point.below, point.through);
	}
	json_end_array(json);
	json_end_object(json);
}

/* One column of a tree's table: puts the value of node i. */
typedef void (*PutCell) (JsonWriter *json, const TreeReader *reader, uint32 i);

/*
 * The number of the feature that a split asks for, or behind those of the
 * projection; -2 of a leaf, as scikit-learn has it.
 */
static void
put_feature_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];

	json_put_integer(json, tree_is_leaf(node) ? -2 :
					 (int64) node->stored.feature);
}

/* Where a split of numbers parts; null of all others. */
static void
put_cut_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];

	if (node->stored.kind == FOREST_KIND_CUT)
		json_put_real(json, node->stored.u.cut);
	else
		json_put_null(json);
}

/* The number of the left child, -1 of a leaf. */
static void
put_left_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	json_put_integer(json, tree_is_leaf(&reader->nodes[i]) ? -1 :
					 (int64) i + 1);
}

/* The number of the right child, -1 of a leaf. */
static void
put_right_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	json_put_integer(json, tree_is_leaf(&reader->nodes[i]) ? -1 :
					 (int64) reader->nodes[i].right);
}

/* How many of the tree's training rows came to the node. */
static void
put_rows_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	json_put_integer(json, reader->nodes[i].rows);
}

/* Whether missing values go left at a split; null of a leaf. */
static void
put_missing_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];

	if (tree_is_leaf(node))
		json_put_null(json);
	else
		json_put_bool(json, !node->stored.missing_right);
}

/*
 * The codes that go to one side at a split of categories; null of all others.
 */
static void
put_set_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];
	uint32		n;

	if (node->stored.kind != FOREST_KIND_SET)
	{
		json_put_null(json);
		return;
	}
	CHECK_FOR_INTERRUPTS();		/* a set may be of many categories */
	n = tree_set_size(reader, node);
	json_begin_object(json);
	json_add_array(json, tree_set_is_left(reader, node) ? "left" : "right");
	for (uint32 k = 0; k < n; k++)
		json_put_integer(json, tree_set_code(reader, node, k));
	json_end_array(json);
	json_end_object(json);
}

/* Rows in a leaf that people called outliers; null of a split. */
static void
put_outliers_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	if (tree_is_leaf(&reader->nodes[i]))
		json_put_integer(json, reader->nodes[i].stored.labels.outliers);
	else
		json_put_null(json);
}

/* Rows in a leaf that people called normal; null of a split. */
static void
put_normal_cell(JsonWriter *json, const TreeReader *reader, uint32 i)
{
	if (tree_is_leaf(&reader->nodes[i]))
		json_put_integer(json, reader->nodes[i].stored.labels.normal);
	else
		json_put_null(json);
}

/* Which models have a column. */
typedef enum ColumnOf
{
	OF_ALL,
	OF_CATEGORIES,
	OF_LABELS
} ColumnOf;

/* The columns of a tree's table. */
static const struct
{
	const char *name;
	PutCell		put;
	ColumnOf	of;
}			tree_columns[] = {
	{"feature", put_feature_cell, OF_ALL},
	{"cut", put_cut_cell, OF_ALL},
	{"left", put_left_cell, OF_ALL},
	{"right", put_right_cell, OF_ALL},
	{"rows", put_rows_cell, OF_ALL},
	{"missing_left", put_missing_cell, OF_ALL},
	{"sets", put_set_cell, OF_CATEGORIES},
	{"outliers", put_outliers_cell, OF_LABELS},
	{"normal", put_normal_cell, OF_LABELS},
};

/* Whether a model has a column. */
static bool
has_column(const ForestView *view, int column)
{
	switch (tree_columns[column].of)
	{
		case OF_CATEGORIES:
			return view->n_set_splits > 0;
		case OF_LABELS:
			return view->labels != NULL;
		default:
			return true;
	}
}

/* Puts the reader's current tree. */
static void
put_tree(JsonWriter *json, const TreeReader *reader)
{
	json_begin_object(json);
	for (int column = 0; column < (int) lengthof(tree_columns); column++)
	{
		if (!has_column(reader->view, column))
			continue;
		json_add_array(json, tree_columns[column].name);
		for (uint32 i = 0; i < reader->n_nodes; i++)
		{
			forest_pause_at(i);
			tree_columns[column].put(json, reader, i);
		}
		json_end_array(json);
	}
	json_end_object(json);
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
	JsonWriter	json = {0};

	(void) model_open(PG_GETARG_DATUM(0), &view);
	check_size(&view);
	json_begin_object(&json);
	put_summary(&json, &view.summary);
	put_features(&json, &view);
	put_groups(&json, &view);
	if (view.curve_ends != NULL)
		put_profile(&json, &view);
	if (view.n_points > 0)
		put_calibration(&json, &view);
	if (view.generator != NULL)
		json_put_generator(&json, &view);
	if (view.n_projections > 0)
		json_put_projections(&json, &view);
	json_add_array(&json, "trees");
	tree_reader_open(&reader, &view);
	while (tree_reader_next(&reader))
	{
		CHECK_FOR_INTERRUPTS();
		put_tree(&json, &reader);
	}
	json_end_array(&json);
	json_end_object(&json);
	PG_RETURN_JSONB_P(json_written(&json));
}
