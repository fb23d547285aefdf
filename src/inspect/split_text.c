/*-------------------------------------------------------------------------
 *
 * split_text.c
 *	  A split of a tree as a condition that people can read.
 *
 * The text is for people: it names at most MAX_LISTED categories.  What a
 * program should read is in columns of its own, and in documents; to_sql.c
 * writes conditions that a server evaluates.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "inspect/split_text.h"
#include "model/model_text.h"
#include "model/tree_reader.h"
#include "row/feature_text.h"

/* Categories that a condition lists before it only counts them. */
#define MAX_LISTED	10

/* Whether a name reads well without quotes. */
static bool
is_plain_name(const char *name)
{
	if (!((*name >= 'a' && *name <= 'z') || *name == '_'))
		return false;
	for (; *name != '\0'; name++)
	{
		if (!((*name >= 'a' && *name <= 'z') || *name == '_' ||
			  (*name >= '0' && *name <= '9')))
			return false;
	}
	return true;
}

/*
 * A name in quotes, palloc'd.  (Unlike quote_identifier, this depends on no
 * setting.)
 */
char *
quoted_name(const char *name)
{
	StringInfoData quoted;

	initStringInfo(&quoted);
	appendStringInfoChar(&quoted, '"');
	for (const char *p = name; *p != '\0'; p++)
	{
		if (*p == '"')
			appendStringInfoChar(&quoted, '"');
		appendStringInfoChar(&quoted, *p);
	}
	appendStringInfoChar(&quoted, '"');
	return quoted.data;
}

/* A number in few digits, palloc'd. */
static char *
short_number(double value)
{
	return psprintf("%.6g", value);
}

/*
 * A projection as a sum, palloc'd: its numbers have six digits, for people to
 * read.  A centre of 0 is left out.
 */
static char *
projection_text(const ForestView *view, uint32 projection)
{
	uint32		end;
	uint32		first = forest_view_terms(view, projection, &end);
	StringInfoData text;

	initStringInfo(&text);
	for (uint32 i = first; i < end; i++)
	{
		ForestTerm	term = forest_view_term(view, i);
		char	   *name = split_column_name(view, term.feature);

		CHECK_FOR_INTERRUPTS();
		if (i > first)
			appendStringInfoString(&text, term.coefficient < 0 ? " - " : " + ");
		appendStringInfo(&text, "%s * ",
						 short_number(i > first ? fabs(term.coefficient) :
									  term.coefficient));
		if (term.centre == 0)
			appendStringInfoString(&text, name);
		else
			appendStringInfo(&text, "(%s %c %s)", name,
							 term.centre < 0 ? '+' : '-',
							 short_number(fabs(term.centre)));
		pfree(name);
	}
	return text.data;
}

/*
 * The name of a feature, palloc'd, in quotes if it needs them, or the sum that
 * a projection is.
 */
char *
split_column_name(const ForestView *view, uint32 column)
{
	char	   *name;

	if (column >= view->summary.n_features)
		return projection_text(view, column - view->summary.n_features);
	name = model_string_text(forest_view_string(view, column));
	return is_plain_name(name) ? name : quoted_name(name);
}

/*
 * The condition of a categorical split, palloc'd; categories beyond MAX_LISTED
 * are counted.
 */
static char *
set_text(const TreeReader *reader, const TreeNode *node, const char *name)
{
	uint32		n = tree_set_size(reader, node);
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "%s %s (", name,
					 tree_set_is_left(reader, node) ? "IN" : "NOT IN");
	for (uint32 i = 0; i < Min(n, MAX_LISTED); i++)
	{
		ForestString category = tree_category(reader, node->stored.feature,
											  tree_set_code(reader, node, i));

		appendStringInfo(&text, "%s%s", i > 0 ? ", " : "",
						 quote_literal_cstr(model_string_text(category)));
	}
	if (n > MAX_LISTED)
		appendStringInfo(&text, ", and %u more", n - MAX_LISTED);
	appendStringInfoChar(&text, ')');
	return text.data;
}

/* The type of what a split looks at: a projection is a float8. */
static ForestType
split_column_type(const ForestView *view, uint32 column)
{
	if (column >= view->summary.n_features)
		return FOREST_FLOAT8;
	return (ForestType) forest_view_feature(view, column).type;
}

/*
 * The condition, palloc'd, on which a row that has a value goes left at a
 * split of the reader's current tree; "name" is the column's.
 */
char *
split_text(const TreeReader *reader, const TreeNode *node, const char *name)
{
	ForestType	type = split_column_type(reader->view, node->stored.feature);
	double		cut = node->stored.u.cut;

	if (node->stored.kind == FOREST_KIND_SET)
		return set_text(reader, node, name);
	if (type == FOREST_BOOL && cut >= 0.0 && cut < 1.0)
		return psprintf("NOT %s", name);
	return psprintf("%s <= %s", name, feature_value_text(type, cut));
}
