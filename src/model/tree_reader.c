/*-------------------------------------------------------------------------
 *
 * tree_reader.c
 *	  The trees of an opened model with all that a node's place implies:
 *	  parent, right child, depth, rows.
 *
 * A model stores preorder and nothing else; whoever shows or exports trees
 * wants more.  One tree at a time is decoded, into memory that the next one
 * takes over.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "core/base/forest_math.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_set.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"
#include "model/model_features.h"
#include "model/tree_reader.h"

/* Prepares to read the trees of a view, in the current memory context. */
void
tree_reader_open(TreeReader *reader, const ForestView *view)
{
	uint32		d = view->summary.n_features;
	uint8	   *is_category = palloc(d);

	memset(reader, 0, sizeof(*reader));
	reader->view = view;
	reader->first_category = model_first_categories(view);
	for (uint32 f = 0; f < d; f++)
		is_category[f] =
			forest_type_is_category(forest_view_feature(view, f).type);
	forest_cursor_begin(&reader->cursor, view, is_category);
}

/* Makes room for the nodes of the next tree. */
static void
reserve_nodes(TreeReader *reader, uint32 n)
{
	if (n <= reader->max_nodes)
		return;
	if (reader->nodes != NULL)
		pfree(reader->nodes);
	reader->max_nodes = Max(n, 2 * reader->max_nodes);
	reader->nodes = MemoryContextAllocHuge(CurrentMemoryContext,
										   reader->max_nodes * sizeof(TreeNode));
}

/* The path length of a leaf, with its labels, in units of the tree's group. */
static double
leaf_length(const TreeReader *reader, const TreeNode *node)
{
	double		own = forest_leaf_length(node->depth, node->rows,
										 reader->group.sample_size);

	return forest_learned_length(own, node->rows, node->stored.labels.outliers,
								 node->stored.labels.normal);
}

/*
 * Reads the next node in preorder; its parent and depth are known, its right
 * child and its rows come when the tree is complete.
 */
static void
read_node(TreeReader *reader, TreeNode *node)
{
	forest_cursor_read(&reader->cursor, &node->stored);
	node->right = 0;
	node->rows = 0;
	if (tree_is_leaf(node))
	{
		node->rows = node->stored.u.rows;
		node->length = leaf_length(reader, node);
	}
}

/* Links the nodes of the current tree and adds up their rows. */
static void
read_nodes(TreeReader *reader)
{
	TreeNode   *nodes = reader->nodes;
	uint32		parent = TREE_NO_NODE;

	for (uint32 i = 0; i < reader->n_nodes; i++)
	{
		forest_pause_at(i);
		nodes[i].parent = parent;
		nodes[i].depth = parent == TREE_NO_NODE ? 0 : nodes[parent].depth + 1;
		read_node(reader, &nodes[i]);
		if (!tree_is_leaf(&nodes[i]))
		{
			parent = i;
			continue;
		}
		/* the next node is the right child of the last split without one */
		while (parent != TREE_NO_NODE && nodes[parent].right != 0)
			parent = nodes[parent].parent;
		if (parent != TREE_NO_NODE)
			nodes[parent].right = i + 1;
	}
	/*
	 * children are behind their parents: backwards, all are complete in time
	 */
	for (uint32 i = reader->n_nodes - 1; i > 0; i--)
	{
		forest_pause_at(i);
		nodes[nodes[i].parent].rows += nodes[i].rows;
	}
}

/* Reads the next tree; false when there is none. */
bool
tree_reader_next(TreeReader *reader)
{
	const ForestView *view = reader->view;

	if (reader->next_tree >= view->summary.n_trees)
		return false;
	reader->tree = reader->next_tree++;
	while (reader->tree >= reader->group_end)
	{
		reader->group = forest_view_group(view, reader->next_group++);
		reader->group_end += reader->group.n_trees;
	}
	reader->n_nodes = forest_view_tree_nodes(view, reader->tree);
	reserve_nodes(reader, reader->n_nodes);
	read_nodes(reader);
	return true;
}

/* Number of the categories that a categorical split lists. */
uint32
tree_set_size(const TreeReader *reader, const TreeNode *node)
{
	return forest_set_size(forest_view_set_word(reader->view,
												node->stored.u.set));
}

/* Code of the i-th of them. */
uint32
tree_set_code(const TreeReader *reader, const TreeNode *node, uint32 i)
{
	return forest_view_set_word(reader->view, node->stored.u.set + 1 + i);
}

/* Whether they go left; all others go to the other side. */
bool
tree_set_is_left(const TreeReader *reader, const TreeNode *node)
{
	return (forest_view_set_word(reader->view, node->stored.u.set) &
			FOREST_SET_OTHERS_RIGHT) != 0;
}

/* The category of a feature that has a code. */
ForestString
tree_category(const TreeReader *reader, uint32 feature, uint32 code)
{
	return forest_view_string(reader->view,
							  reader->first_category[feature] + code);
}
