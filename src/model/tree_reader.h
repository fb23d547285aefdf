/*-------------------------------------------------------------------------
 *
 * tree_reader.h
 *	  The trees of an opened model with all that a node's place implies:
 *	  parent, right child, depth, rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TREE_READER_H
#define IFOREST_TREE_READER_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"

#define TREE_NO_NODE	PG_UINT32_MAX

/* A node of a tree whose nodes are numbered from 0 in preorder. */
typedef struct TreeNode
{
	ForestNode	stored;			/* as the model has it: kind, test, labels */
	uint32		parent;			/* TREE_NO_NODE for the root */
	uint32		right;			/* right child of a split; the left one is the
								 * next node */
	uint32		depth;
	uint32		rows;			/* training rows below the node */
	double		length;			/* of a leaf: normalised path length */
} TreeNode;

/* Reads the trees of an opened model, one after the other. */
typedef struct TreeReader
{
	const ForestView *view;
	ForestCursor cursor;
	uint32	   *first_category; /* string number of each feature's first */
	/* the current tree */
	uint32		tree;
	uint32		n_nodes;
	TreeNode   *nodes;
	ForestGroup group;
	/* positions behind it */
	uint64		max_nodes;
	uint32		next_tree;
	uint32		next_group;
	uint32		group_end;		/* first tree of the next group */
} TreeReader;

/* Whether a node is a leaf; else it is a split. */
static inline bool
tree_is_leaf(const TreeNode *node)
{
	return node->stored.kind == FOREST_KIND_LEAF;
}

extern void tree_reader_open(TreeReader *reader, const ForestView *view);
extern bool tree_reader_next(TreeReader *reader);
extern uint32 tree_set_size(const TreeReader *reader, const TreeNode *node);
extern uint32 tree_set_code(const TreeReader *reader, const TreeNode *node,
							uint32 i);
extern bool tree_set_is_left(const TreeReader *reader, const TreeNode *node);
extern ForestString tree_category(const TreeReader *reader, uint32 feature,
								  uint32 code);

#endif							/* IFOREST_TREE_READER_H */
