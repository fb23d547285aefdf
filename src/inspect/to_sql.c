/*-------------------------------------------------------------------------
 *
 * to_sql.c
 *	  The score of a model as one SQL expression, for servers without the
 *	  extension.
 *
 * Each tree is a nest of CASEs, its leaves the normalised path lengths; the
 * score is 2 to the power of minus their mean.  The expression has no
 * subquery and calls immutable functions only, so that generated columns and
 * indexes may hold it.
 *
 * A projection is written out wherever it is split: as a sum of float8s that
 * has the same bits as the one that scoring makes.
 *
 * Numbers are compared as float8, all other types as themselves with the cut
 * as a literal: a cut of a type that counts days or microseconds means the
 * same without its fraction.  NULL makes a comparison NULL, which CASE takes
 * for false; where missing values go left, the condition is put as "the
 * opposite IS NOT TRUE".  NaN is above all numbers and so goes the way of
 * "no" by itself.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"
#include "inspect/split_text.h"
#include "model/model_bytes.h"
#include "model/model_text.h"
#include "model/tree_reader.h"
#include "row/feature_text.h"
#include "row/types.h"

/* Limits of what a server can be expected to parse. */
#define MAX_SQL_BYTES	(16 * 1024 * 1024)
#define MAX_SQL_DEPTH	250

/* Trees that are added up in one pair of parentheses. */
#define TREES_PER_SUM	256

/* An expression in the making, and the tree that is being written. */
typedef struct SqlWriter
{
	StringInfoData sql;
	TreeReader	reader;
	char	  **columns;		/* expression of each feature */
} SqlWriter;

/* Sets the expressions of the features from the arguments, if there are any. */
static void
set_columns(SqlWriter *writer, ArrayType *array)
{
	const ForestView *view = writer->reader.view;
	uint32		d = view->summary.n_features;
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &n);
	if (n > 0 && (uint32) n != d)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has %u %s, but %d %s given", d,
						d == 1 ? "feature" : "features", n,
						n == 1 ? "column was" : "columns were"),
				 errhint("Name one column for each feature that iforest_features(model) lists, or none to take the features' names.")));
	writer->columns = palloc(d * sizeof(char *));
	for (uint32 f = 0; f < d; f++)
	{
		if (n > 0 && nulls[f])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("column %u is NULL", f + 1)));
		writer->columns[f] = n > 0 ?
			psprintf("(%s)", TextDatumGetCString(elements[f])) :
			quoted_name(model_string_exact(forest_view_string(view, f)));
	}
}

/* The type of the model's feature f. */
static ForestType
feature_type(const SqlWriter *writer, uint32 f)
{
	return (ForestType) forest_view_feature(writer->reader.view, f).type;
}

/* Whether a feature is compared as float8, where NaN is possible. */
static bool
is_float(ForestType type)
{
	return forest_type_is(type, FOREST_TRAIT_NUMBER);
}

/* Appends a feature's value as its tests see it. */
static void
append_value(SqlWriter *writer, uint32 f)
{
	ForestType	type = feature_type(writer, f);

	appendStringInfoString(&writer->sql, writer->columns[f]);
	if (type == FOREST_BOOL)
		appendStringInfoString(&writer->sql, "::int::float8");
	else if (is_float(type))
		appendStringInfoString(&writer->sql, "::float8");
	else if (forest_type_is_category(type))
		appendStringInfoString(&writer->sql, "::text COLLATE \"C\"");
}

/*
 * An interval as every IntervalStyle reads it alike: with a sign on both
 * parts.
 */
static char *
interval_text(double usecs)
{
	double		days = floor(fabs(usecs) / (double) USECS_PER_DAY);
	int64		rest = (int64) (fabs(usecs) - days * (double) USECS_PER_DAY);
	char		sign = usecs < 0 ? '-' : '+';

	return psprintf("%c%.0f days %c%d.%06d secs", sign, days, sign,
					(int) (rest / USECS_PER_SEC),
					(int) (rest % USECS_PER_SEC));
}

/* Appends a float8, in the fewest digits that read back as the same. */
static void
append_float(SqlWriter *writer, double value)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	(void) double_to_shortest_decimal_buf(value, text);
	appendStringInfo(&writer->sql, isinf(value) ? "'%s'" : "%s", text);
}

/* Appends a cut as a literal of what append_value is. */
static void
append_cut(SqlWriter *writer, const TreeNode *node)
{
	uint32		f = node->stored.feature;
	ForestType	type = feature_type(writer, f);
	char	   *text;

	if (type == FOREST_BOOL || is_float(type))
	{
		append_float(writer, node->stored.u.cut);
		return;
	}
	text = feature_literal(type, node->stored.u.cut);
	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("cut %g in tree %u is out of range for the type of feature \"%s\", %s",
						node->stored.u.cut, writer->reader.tree + 1,
						model_string_exact(forest_view_string(writer->reader.view, f)),
						forest_type_name(type))));
	if (type == FOREST_INTERVAL && !isinf(node->stored.u.cut))
	{
		pfree(text);
		text = interval_text(floor(node->stored.u.cut));
	}
	appendStringInfo(&writer->sql, "'%s'::%s", text, forest_type_name(type));
	pfree(text);
}

/* Appends the condition on which rows go left at a numeric split. */
static void
append_comparison(SqlWriter *writer, const TreeNode *node)
{
	uint32		f = node->stored.feature;
	bool		invert = !node->stored.missing_right;

	appendStringInfoString(&writer->sql, invert ? "(" : "");
	append_value(writer, f);
	appendStringInfoString(&writer->sql, invert ? " > " : " <= ");
	append_cut(writer, node);
	if (invert && is_float(feature_type(writer, f)))
	{
		appendStringInfoString(&writer->sql, " AND ");
		append_value(writer, f);
		appendStringInfoString(&writer->sql, " <> 'NaN'");
	}
	appendStringInfoString(&writer->sql, invert ? ") IS NOT TRUE" : "");
}

/* The term of a projection, of a feature that is a number or a boolean. */
static ForestTerm
sql_term(const SqlWriter *writer, uint32 i)
{
	ForestTerm	term = forest_view_term(writer->reader.view, i);
	ForestType	type = feature_type(writer, term.feature);

	if (type != FOREST_BOOL && !is_float(type))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("splits on several columns cannot be written as SQL where feature \"%s\" is one of them, whose type is %s",
						model_string_exact(forest_view_string(writer->reader.view,
															  term.feature)),
						forest_type_name(type)),
				 errhint("Train on the column as a number, or with columns_per_split => 1.")));
	return term;
}

/* Appends whether a feature has a value; NULL may stand for no. */
static void
append_has_value(SqlWriter *writer, uint32 f)
{
	append_value(writer, f);
	appendStringInfoString(&writer->sql, " <> 'NaN'");
}

/*
 * The greatest distance from a term's centre of which its coefficient makes 0,
 * where the server's product is an error; 0 where no value but the centre is as
 * near.
 */
static double
vanishing_distance(const ForestTerm *term)
{
	double		size = fabs(term->coefficient);
	double		nearest = fmin(nextafter(term->centre, INFINITY) - term->centre,
							   term->centre - nextafter(term->centre, -INFINITY));
	double		distance;

	if (nearest * size > 0.0)
		return 0.0;
	/* but for rounding */
	distance = 0x1p-1074 / size / 2;
	while (distance * size > 0.0)
		distance = nextafter(distance, 0.0);
	while (nextafter(distance, INFINITY) * size == 0.0)
		distance = nextafter(distance, INFINITY);
	return distance;
}

/* Appends what a term adds to its projection, as forest_term_value has it. */
static void
append_term(SqlWriter *writer, const ForestTerm *term)
{
	StringInfo	sql = &writer->sql;
	double		vanishing = vanishing_distance(term);

	appendStringInfoString(sql, "CASE WHEN ");
	append_has_value(writer, term->feature);
	if (vanishing > 0.0)
	{
		appendStringInfoString(sql, " AND abs(");
		append_value(writer, term->feature);
		appendStringInfoString(sql, " - (");
		append_float(writer, term->centre);
		appendStringInfoString(sql, ")::float8) > ");
		append_float(writer, vanishing);
	}
	appendStringInfoString(sql, " THEN (least(greatest(");
	append_value(writer, term->feature);
	appendStringInfo(sql, ", '-%g'), '%g') - (", FOREST_MAX_PROJECTED,
					 FOREST_MAX_PROJECTED);
	append_float(writer, term->centre);
	appendStringInfoString(sql, ")::float8) * (");
	append_float(writer, term->coefficient);
	appendStringInfoString(sql, ")::float8 ELSE 0 END");
}

/* Appends the condition on which rows go left at a split of a projection. */
static void
append_projection(SqlWriter *writer, const TreeNode *node)
{
	const ForestView *view = writer->reader.view;
	StringInfo	sql = &writer->sql;
	uint32		end;
	uint32		first = forest_view_terms(view, node->stored.feature -
										  view->summary.n_features, &end);

	appendStringInfoChar(sql, '(');
	for (uint32 i = first; i < end; i++)
	{
		appendStringInfoString(sql, i > first ? " OR " : "");
		append_has_value(writer, sql_term(writer, i).feature);
	}
	appendStringInfoString(sql, node->stored.missing_right ? ") AND " :
						   ") IS NOT TRUE OR ");
	for (uint32 i = first; i < end; i++)
	{
		ForestTerm	term = sql_term(writer, i);

		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(sql, i > first ? " + " : "");
		append_term(writer, &term);
	}
	appendStringInfoString(sql, " <= ");
	append_float(writer, node->stored.u.cut);
}

/* Appends the condition of a split that lists no category: all are alike. */
static void
append_empty_set(SqlWriter *writer, const TreeNode *node)
{
	bool		left = !tree_set_is_left(&writer->reader, node);

	if (left == !node->stored.missing_right)
		appendStringInfoString(&writer->sql, left ? "true" : "false");
	else
		appendStringInfo(&writer->sql, "%s IS %sNULL",
						 writer->columns[node->stored.feature],
						 left ? "NOT " : "");
}

/* A category as a literal, of text as append_value makes it. */
static char *
category_literal(const SqlWriter *writer, uint32 f, ForestString category)
{
	char	   *text;
	char	   *literal;

	if (!CHAR_TEXT_IS_OCTAL && feature_type(writer, f) == FOREST_CHAR &&
		category.len == 4 && category.bytes[0] == '\\')
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a \"char\" that is no ASCII is no text before PostgreSQL 16"),
				 errhint("Train on the column as a number: column::int.")));
	text = model_string_exact(category);
	literal = quote_literal_cstr(text);
	pfree(text);
	return literal;
}

/* Appends the condition on which rows go left at a categorical split. */
static void
append_membership(SqlWriter *writer, const TreeNode *node)
{
	const TreeReader *reader = &writer->reader;
	uint32		f = node->stored.feature;
	uint32		n = tree_set_size(reader, node);
	bool		invert = !node->stored.missing_right;
	bool		in = tree_set_is_left(reader, node) != invert;

	if (n == 0)
	{
		append_empty_set(writer, node);
		return;
	}
	appendStringInfoString(&writer->sql, invert ? "(" : "");
	append_value(writer, f);
	appendStringInfoString(&writer->sql, in ? " IN (" : " NOT IN (");
	for (uint32 i = 0; i < n; i++)
	{
		ForestString category = tree_category(reader, f,
											  tree_set_code(reader, node, i));
		char	   *literal = category_literal(writer, f, category);

		CHECK_FOR_INTERRUPTS();
		appendStringInfo(&writer->sql, "%s%s", i > 0 ? ", " : "", literal);
		pfree(literal);
	}
	appendStringInfoString(&writer->sql, invert ? ")) IS NOT TRUE" : ")");
}

/* Refuses an expression that has become too large. */
static void
check_size(const SqlWriter *writer)
{
	if (writer->sql.len > MAX_SQL_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("iforest model is too large for an SQL expression of %d MB",
						MAX_SQL_BYTES / (1024 * 1024)),
				 errhint("Train fewer or smaller trees: lower n_trees or sample_size.")));
}

/* Appends the subtree of node i of the current tree, of a checked depth. */
static void
append_subtree(SqlWriter *writer, uint32 i)
{
	const TreeNode *node = &writer->reader.nodes[i];

	CHECK_FOR_INTERRUPTS();
	check_size(writer);
	if (tree_is_leaf(node))
	{
		append_float(writer, node->length);
		appendStringInfoString(&writer->sql, "::float8");
		return;
	}
	appendStringInfoString(&writer->sql, "CASE WHEN ");
	if (node->stored.kind == FOREST_KIND_SET)
		append_membership(writer, node);
	else if (node->stored.feature >= writer->reader.view->summary.n_features)
		append_projection(writer, node);
	else
		append_comparison(writer, node);
	appendStringInfoString(&writer->sql, " THEN ");
	append_subtree(writer, i + 1);
	appendStringInfoString(&writer->sql, " ELSE ");
	append_subtree(writer, node->right);
	appendStringInfoString(&writer->sql, " END");
}

/* Appends the current tree. */
static void
append_tree(SqlWriter *writer)
{
	for (uint32 i = 0; i < writer->reader.n_nodes; i++)
	{
		forest_pause_at(i);
		if (writer->reader.nodes[i].depth > MAX_SQL_DEPTH)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("tree %u is too deep for an SQL expression: deeper than %d",
							writer->reader.tree + 1, MAX_SQL_DEPTH),
					 errhint("Train with a limit: max_depth => %d.",
							 MAX_SQL_DEPTH)));
	}
	append_subtree(writer, 0);
}

/* Appends the sum of all trees' lengths, no sum nested too deeply. */
static void
append_sum(SqlWriter *writer)
{
	StringInfo	sql = &writer->sql;

	while (tree_reader_next(&writer->reader))
	{
		uint32		tree = writer->reader.tree;

		if (tree % TREES_PER_SUM == 0)
			appendStringInfoString(sql, tree == 0 ? "(" : ") +\n(");
		else
			appendStringInfoString(sql, " +\n");
		append_tree(writer);
	}
	appendStringInfoChar(sql, ')');
}

/* Appends the condition that some feature is not missing. */
static void
append_some_value(SqlWriter *writer)
{
	for (uint32 f = 0; f < writer->reader.view->summary.n_features; f++)
	{
		appendStringInfoString(&writer->sql, f > 0 ? " OR " : "");
		if (is_float(feature_type(writer, f)))
			append_has_value(writer, f);
		else
			appendStringInfo(&writer->sql, "%s IS NOT NULL",
							 writer->columns[f]);
	}
}

PG_FUNCTION_INFO_V1(iforest_to_sql);
/*
 * iforest_to_sql(model bytea, VARIADIC columns text[]) -> text
 *
 * An expression of the columns that has the value of iforest_score.
 */
Datum
iforest_to_sql(PG_FUNCTION_ARGS)
{
	ForestView	view;
	SqlWriter	writer;

	(void) model_open(PG_GETARG_DATUM(0), &view);
	tree_reader_open(&writer.reader, &view);
	set_columns(&writer, PG_GETARG_ARRAYTYPE_P(1));
	initStringInfo(&writer.sql);
	appendStringInfoString(&writer.sql, "CASE WHEN ");
	append_some_value(&writer);
	appendStringInfoString(&writer.sql, " THEN power(2::float8, -(");
	append_sum(&writer);
	appendStringInfo(&writer.sql, ") / %u) END", view.summary.n_trees);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(writer.sql.data,
											  writer.sql.len));
}
