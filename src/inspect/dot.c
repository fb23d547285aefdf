/*-------------------------------------------------------------------------
 *
 * dot.c
 *	  One tree in the language of Graphviz.
 *
 * For a picture of one tree: iforest_tree_dot(model, 1) piped into "dot
 * -Tsvg". An edge says which answer it stands for, and where missing values
 * go.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"
#include "inspect/split_text.h"
#include "model/model_bytes.h"
#include "model/tree_reader.h"

/*
 * Appends text inside a quoted string of Graphviz, whose escapes are its own.
 */
static void
append_escaped(StringInfo dot, const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (*text == '\n')
		{
			appendStringInfoString(dot, "\\n");
			continue;
		}
		if (*text == '"' || *text == '\\')
			appendStringInfoChar(dot, '\\');
		appendStringInfoChar(dot, *text);
	}
}

/* Appends node i of the current tree, and the edges to its children. */
static void
append_node(StringInfo dot, const TreeReader *reader, uint32 i)
{
	const TreeNode *node = &reader->nodes[i];
	char	   *name;
	char	   *test;

	if (tree_is_leaf(node))
	{
		appendStringInfo(dot,
						 "\tn%u [label=\"%u %s\\npath %.4f\", style=rounded];\n",
						 i + 1, node->rows, node->rows == 1 ? "row" : "rows",
						 node->length);
		return;
	}
	name = split_column_name(reader->view, node->stored.feature);
	test = split_text(reader, node, name);
	appendStringInfo(dot, "\tn%u [label=\"", i + 1);
	append_escaped(dot, test);
	appendStringInfo(dot, "\\n%u rows\"];\n", node->rows);
	appendStringInfo(dot, "\tn%u -> n%u [label=\"yes%s\"];\n", i + 1, i + 2,
					 node->stored.missing_right ? "" : ", NULL");
	appendStringInfo(dot, "\tn%u -> n%u [label=\"no%s\"];\n", i + 1,
					 node->right + 1,
					 node->stored.missing_right ? ", NULL" : "");
	pfree(test);
	pfree(name);
}

PG_FUNCTION_INFO_V1(iforest_tree_dot);
/*
 * iforest_tree_dot(model bytea, tree int) -> text
 *
 * A tree, numbered from 1, for Graphviz.
 */
Datum
iforest_tree_dot(PG_FUNCTION_ARGS)
{
	int32		tree = PG_GETARG_INT32(1);
	ForestView	view;
	TreeReader	reader;
	StringInfoData dot;

	(void) model_open(PG_GETARG_DATUM(0), &view);
	if (tree < 1 || (uint32) tree > view.summary.n_trees)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tree %d does not exist: the model's trees are 1 to %u",
						tree, view.summary.n_trees)));
	tree_reader_open(&reader, &view);
	while (tree_reader_next(&reader) && reader.tree + 1 < (uint32) tree)
		CHECK_FOR_INTERRUPTS();

	initStringInfo(&dot);
	appendStringInfo(&dot, "digraph tree_%d {\n\tnode [shape=box];\n", tree);
	for (uint32 i = 0; i < reader.n_nodes; i++)
	{
		CHECK_FOR_INTERRUPTS();
		append_node(&dot, &reader, i);
	}
	appendStringInfoString(&dot, "}\n");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(dot.data, dot.len));
}
