/*-------------------------------------------------------------------------
 *
 * model_parts.c
 *	  The arrays of a model in the making, growing as trees are added.
 *
 * Whoever makes trees, training, merging or reading a document, appends node
 * by node in preorder; the arrays double as they fill.  What the bytes will
 * hold is known only at the end: then they are written in one piece, of a size
 * that forest_model_size() tells.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_profile.h"
#include "core/format/forest_set.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_write.h"
#include "model/model_bytes.h"
#include "model/model_parts.h"

/*
 * Returns the array with room for "need" more elements of "size" bytes behind
 * the n it has; *max is its room.  The array is of the current context when it
 * is made, and stays in it.
 */
static void *
reserve(void *array, uint64 n, uint64 need, uint64 *max, size_t size)
{
	uint64		room = Max(*max * 2, n + need);

	if (n + need <= *max)
		return array;
	*max = room;
	if (array == NULL)
		return MemoryContextAllocHuge(CurrentMemoryContext, room * size);
	return repalloc_huge(array, room * size);
}

/*
 * Makes room for the labels of so many more leaves.  Those of the leaves
 * before become none, if they had no room.
 */
static void
reserve_labels(ModelParts *model, uint64 more)
{
	uint64		n = model->parts.n_leaves;
	bool		first = model->labels == NULL;

	model->labels = reserve(model->labels, n, more, &model->max_labels,
							sizeof(ForestLabels));
	if (first)
		forest_clear(model->labels, n * sizeof(ForestLabels));
}

/* Makes room for so many more elements of each array. */
void
model_parts_reserve(ModelParts *model, ModelRoom room)
{
	ForestParts *parts = &model->parts;

	if (parts->n_nodes + room.nodes > FOREST_MAX_NODES)
		report_model_too_large(parts->summary.n_trees);
	model->tree_nodes = reserve(model->tree_nodes, parts->summary.n_trees,
								room.trees, &model->max_tree_nodes,
								sizeof(uint32));
	model->nodes = reserve(model->nodes, parts->n_nodes, room.nodes,
						   &model->max_nodes, sizeof(uint16));
	model->cuts = reserve(model->cuts, parts->n_cuts, room.cuts,
						  &model->max_cuts, sizeof(double));
	model->leaves = reserve(model->leaves, parts->n_leaves, room.leaves,
							&model->max_leaves, sizeof(uint32));
	model->sets = reserve(model->sets, parts->n_sets, room.sets,
						  &model->max_sets, sizeof(uint16));
	if (room.labels > 0)
		reserve_labels(model, room.labels);
	/* growing may have moved them */
	parts->tree_nodes = model->tree_nodes;
	parts->nodes = model->nodes;
	parts->cuts = model->cuts;
	parts->leaves = model->leaves;
	parts->sets = model->sets;
	parts->labels = parts->labels == NULL ? NULL : model->labels;
}

/* Appends a leaf, for which there is room. */
static void
append_leaf(ModelParts *model, ForestNode node)
{
	ForestParts *parts = &model->parts;

	if (model->labels != NULL)
		model->labels[parts->n_leaves] = node.labels;
	if (node.labels.outliers > 0 || node.labels.normal > 0)
		parts->labels = model->labels;
	model->leaves[parts->n_leaves++] = node.u.rows;
}

/*
 * Appends a node, for which there is room.  The set of a split of categories
 * lies where the next one belongs already, whatever node.u.set says.
 */
void
model_parts_append(ModelParts *model, ForestNode node)
{
	ForestParts *parts = &model->parts;

	model->nodes[parts->n_nodes++] = forest_node_word(node);
	switch (node.kind)
	{
		case FOREST_KIND_LEAF:
			append_leaf(model, node);
			break;
		case FOREST_KIND_CUT:
			model->cuts[parts->n_cuts++] = node.u.cut;
			break;
		case FOREST_KIND_SET:
			parts->n_sets += 1 + forest_set_size(model->sets[parts->n_sets]);
			break;
	}
}

/*
 * Appends a node of an opened model, for which there is room.  codes[] has the
 * new code of each of the model's strings, and first[] which of these is a
 * feature's first category.
 */
void
model_parts_append_translated(ModelParts *model, const ForestView *view,
							  ForestNode node, const uint16 *codes,
							  const uint32 *first)
{
	if (node.kind == FOREST_KIND_SET)
	{
		uint16	   *set = model->sets + model->parts.n_sets;
		uint32		n;

		set[0] = forest_view_set_word(view, node.u.set);
		n = forest_set_size(set[0]);
		for (uint32 k = 1; k <= n; k++)
		{
			uint16		code = forest_view_set_word(view, node.u.set + k);

			forest_pause_at(k);
			set[k] = codes[first[node.feature] + code];
		}
	}
	model_parts_append(model, node);
}

/* Appends a feature's curve, chosen from n knots, to the parts of a model. */
void
model_parts_append_curve(ForestParts *parts, uint32 f, ForestKnot *knots,
						 uint32 n, uint8 *keep)
{
	uint32	   *ends = unconstify(uint32 *, parts->curve_ends);
	ForestKnot *all = unconstify(ForestKnot *, parts->knots);
	uint32		end = f > 0 ? ends[f - 1] : 0;

	if (n > 0)
		n = forest_choose_knots(knots, n, keep);
	memcpy(all + end, knots, n * sizeof(ForestKnot));
	ends[f] = end + n;
}

/*
 * Makes room for the curves of d features, the quantiles of each, in the parts
 * of a model.
 */
void
model_parts_begin_curves(ForestParts *parts, uint32 d)
{
	parts->curve_ends = palloc(d * sizeof(uint32));
	parts->knots = palloc_extended((Size) d * FOREST_MAX_KNOTS *
								   sizeof(ForestKnot), MCXT_ALLOC_HUGE);
}

/* Returns the model as a bytea, palloc'd. */
bytea *
model_parts_write(ModelParts *model)
{
	uint64		size = forest_model_size(&model->parts);
	bytea	   *bytes;

	bytes = model_allocate(size, model->parts.summary.n_trees);
	forest_model_write(&model->parts, (uint8 *) VARDATA(bytes));
	return bytes;
}
