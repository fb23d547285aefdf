/*-------------------------------------------------------------------------
 *
 * forest_tree.h
 *	  The nodes of stored trees, one after the other, with all that belongs
 *	  to each: the one place that knows how a split is written.
 *
 * A tree is stored in preorder as one word a node (doc/FORMAT.md); what a
 * word calls for lies in arrays of their own, in the same order: a cut for a
 * split of numbers, a set of codes for a split of categories, the number of
 * training rows for a leaf, and what people said of rows that end in it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_TREE_H
#define FOREST_TREE_H

#include "core/base/forest_bytes.h"
#include "core/forest.h"
#include "core/format/forest_model.h"
#include "core/format/forest_set.h"
#include "core/format/forest_view.h"

/* What a node is. */
typedef enum ForestNodeKind
{
	FOREST_KIND_LEAF,
	FOREST_KIND_CUT,			/* values up to the cut go left; of a number or
								 * a projection */
	FOREST_KIND_SET				/* listed categories go to one side */
} ForestNodeKind;

typedef struct ForestNode
{
	ForestNodeKind kind;
	uint32_t	feature;		/* of a split: a column, which is a feature or,
								 * from n_features on, a projection */
	bool		missing_right;	/* of a split */
	ForestLabels labels;		/* of a leaf */
	union
	{
		uint32_t	rows;		/* of a leaf: training rows */
		double		cut;
		uint64_t	set;		/* where it begins, in words */
	}			u;
} ForestNode;

/* Where the next node is, and what belongs to it. */
typedef struct ForestCursor
{
	const ForestView *view;
	const uint8_t *is_category; /* of each feature; the caller's */
	uint64_t	node;
	uint64_t	cut;
	uint64_t	leaf;
	uint64_t	set;			/* in words */
} ForestCursor;

/* Word "at" of the sets of an opened model. */
static inline uint16_t
forest_view_set_word(const ForestView *view, uint64_t at)
{
	return forest_get16(view->sets + 2 * at);
}

/* Nodes of tree "tree" of an opened model. */
static inline uint32_t
forest_view_tree_nodes(const ForestView *view, uint32_t tree)
{
	return forest_get32(view->tree_nodes + 4 * (size_t) tree);
}

/*
 * The word that a node is stored as.  A split's kind follows from the type
 * of its feature.
 */
static inline uint16_t
forest_node_word(ForestNode node)
{
	if (node.kind == FOREST_KIND_LEAF)
		return FOREST_NODE_LEAF;
	return (uint16_t) (node.feature |
					   (node.missing_right ? FOREST_NODE_MISSING_RIGHT : 0));
}

/* Puts a cursor before the first node of the first tree. */
static inline void
forest_cursor_begin(ForestCursor *at, const ForestView *view,
					const uint8_t *is_category)
{
	at->view = view;
	at->is_category = is_category;
	at->node = at->cut = at->leaf = at->set = 0;
}

/*
 * Reads the next node of an opened model; there is one.  To return it would
 * copy it in pieces other than it was made of, which processors are slow at.
 */
static inline void
forest_cursor_read(ForestCursor *at, ForestNode *node)
{
	const ForestView *view = at->view;
	uint16_t	word = forest_get16(view->nodes + 2 * at->node++);

	node->feature = word & FOREST_NODE_FEATURE;
	node->missing_right = (word & FOREST_NODE_MISSING_RIGHT) != 0;
	node->labels = (ForestLabels) {0, 0};
	if (word & FOREST_NODE_LEAF)
	{
		node->kind = FOREST_KIND_LEAF;
		node->labels = forest_view_labels(view, at->leaf);
		node->u.rows = forest_get32(view->leaves + 4 * at->leaf++);
	}
	else if (node->feature < view->summary.n_features &&
			 at->is_category[node->feature])
	{
		node->kind = FOREST_KIND_SET;
		node->u.set = at->set;
		at->set += 1 + forest_set_size(forest_view_set_word(view, at->set));
	}
	else
	{
		node->kind = FOREST_KIND_CUT;
		node->u.cut = forest_get_double(view->cuts + 8 * at->cut++);
	}
}

#endif							/* FOREST_TREE_H */
