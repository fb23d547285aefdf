/*-------------------------------------------------------------------------
 *
 * nodes.c
 *	  The nodes of a model as rows.
 *
 * Trees as a table, for those who want to ask SQL about them: which features
 * are split most, how deep a category lies, which leaves have few rows.  A
 * node's left child is the next one in preorder, so numbers of nodes are
 * places in it.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "base/srf.h"
#include "core/format/forest_model.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"
#include "inspect/split_text.h"
#include "model/model_bytes.h"
#include "model/model_text.h"
#include "model/tree_reader.h"

/* The columns of iforest_nodes, in order. */
typedef enum NodeColumn
{
	NODE_TREE,
	NODE_NODE,
	NODE_PARENT,
	NODE_DEPTH,
	NODE_FEATURE,
	NODE_TEST,
	NODE_ROWS,
	NODE_IS_LEAF,
	NODE_PATH_LENGTH,
	NODE_LEFT_NODE,
	NODE_RIGHT_NODE,
	NODE_POSITION,
	NODE_CUT,
	NODE_CATEGORIES,
	NODE_CATEGORIES_LEFT,
	NODE_MISSING_LEFT
} NodeColumn;

/* The categories that a split lists, as text[]. */
static Datum
category_array(const TreeReader *reader, const TreeNode *node)
{
	uint32		n = tree_set_size(reader, node);
	Datum	   *elements = palloc(Max(n, 1) * sizeof(Datum));

	for (uint32 i = 0; i < n; i++)
	{
		ForestString category = tree_category(reader, node->stored.feature,
											  tree_set_code(reader, node, i));

		elements[i] = CStringGetTextDatum(model_string_text(category));
	}
	return PointerGetDatum(construct_array(elements, (int) n, TEXTOID, -1,
										   false, TYPALIGN_INT));
}

/*
 * Fills the columns that only splits have.  "names" keeps the names of columns,
 * as conditions write them, for the next node.  A projection has no feature.
 */
static void
fill_split(InspectRow *row, const TreeReader *reader, uint32 i, char **names)
{
	const TreeNode *node = &reader->nodes[i];
	uint32		f = node->stored.feature;

	if (names[f] == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(names));

		names[f] = split_column_name(reader->view, f);
		MemoryContextSwitchTo(old);
	}
	if (f < reader->view->summary.n_features)
	{
		ForestString name = forest_view_string(reader->view, f);

		inspect_set(row, NODE_FEATURE,
					CStringGetTextDatum(model_string_text(name)));
	}
	inspect_set(row, NODE_TEST,
			   CStringGetTextDatum(split_text(reader, node, names[f])));
	inspect_set(row, NODE_LEFT_NODE, Int32GetDatum((int32) i + 2));
	inspect_set(row, NODE_RIGHT_NODE, Int32GetDatum((int32) node->right + 1));
	inspect_set(row, NODE_POSITION, Int32GetDatum((int32) f + 1));
	inspect_set(row, NODE_MISSING_LEFT,
				BoolGetDatum(!node->stored.missing_right));
	if (node->stored.kind == FOREST_KIND_SET)
	{
		inspect_set(row, NODE_CATEGORIES, category_array(reader, node));
		inspect_set(row, NODE_CATEGORIES_LEFT,
				   BoolGetDatum(tree_set_is_left(reader, node)));
	}
	else
		inspect_set(row, NODE_CUT, Float8GetDatum(node->stored.u.cut));
}

/* Fills the columns of node i of the current tree. */
static void
fill_row(InspectRow *row, const TreeReader *reader, uint32 i, char **names)
{
	const TreeNode *node = &reader->nodes[i];

	inspect_clear(row);
	inspect_set(row, NODE_TREE, Int32GetDatum((int32) reader->tree + 1));
	inspect_set(row, NODE_NODE, Int32GetDatum((int32) i + 1));
	if (node->parent != TREE_NO_NODE)
		inspect_set(row, NODE_PARENT, Int32GetDatum((int32) node->parent + 1));
	inspect_set(row, NODE_DEPTH, Int32GetDatum((int32) node->depth));
	inspect_set(row, NODE_ROWS, Int64GetDatum((int64) node->rows));
	inspect_set(row, NODE_IS_LEAF,
				BoolGetDatum(tree_is_leaf(node)));
	if (tree_is_leaf(node))
		inspect_set(row, NODE_PATH_LENGTH, Float8GetDatum(node->length));
	else
		fill_split(row, reader, i, names);
}

PG_FUNCTION_INFO_V1(iforest_nodes);
/*
 * iforest_nodes(model bytea) -> TABLE(tree int, node int, parent int, ..)
 *
 * One row a node, trees and nodes numbered from 1.
 */
Datum
iforest_nodes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ForestView	view;
	TreeReader	reader;
	InspectRow		row;
	char	  **names;
	MemoryContext row_context;

	InitMaterializedSRF(fcinfo, 0);
	(void) model_open(PG_GETARG_DATUM(0), &view);
	tree_reader_open(&reader, &view);
	names = palloc0(forest_view_columns(&view) * sizeof(char *));
	row_context = AllocSetContextCreate(CurrentMemoryContext,
										"iforest node", ALLOCSET_SMALL_SIZES);
	while (tree_reader_next(&reader))
	{
		for (uint32 i = 0; i < reader.n_nodes; i++)
		{
			MemoryContext old = MemoryContextSwitchTo(row_context);

			CHECK_FOR_INTERRUPTS();
			fill_row(&row, &reader, i, names);
			tuplestore_putvalues(result->setResult, result->setDesc,
								 row.values, row.nulls);
			MemoryContextSwitchTo(old);
			MemoryContextReset(row_context);
		}
	}
	MemoryContextDelete(row_context);
	return (Datum) 0;
}
