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

/* The name of a feature, palloc'd, in quotes if it needs them. */
char *
split_feature_name(const ForestView *view, uint32 feature)
{
	char	   *name = model_string_text(forest_view_string(view, feature));

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

/*
 * The condition, palloc'd, on which a row that has a value goes left at a
 * split of the reader's current tree; "name" is the feature's.
 */
char *
split_text(const TreeReader *reader, const TreeNode *node, const char *name)
{
	ForestType	type = (ForestType)
		forest_view_feature(reader->view, node->stored.feature).type;
	double		cut = node->stored.u.cut;

	if (node->stored.kind == FOREST_KIND_SET)
		return set_text(reader, node, name);
	if (type == FOREST_BOOL && cut >= 0.0 && cut < 1.0)
		return psprintf("NOT %s", name);
	return psprintf("%s <= %s", name, feature_value_text(type, cut));
}
