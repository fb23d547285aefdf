/*-------------------------------------------------------------------------
 *
 * model_parts.h
 *	  The arrays of a model in the making, growing as trees are added.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_PARTS_H
#define IFOREST_MODEL_PARTS_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "core/format/forest_tree.h"

/*
 * The arrays, with the room that each has; "parts" is what they are written
 * from.
 */
typedef struct ModelParts
{
	ForestParts parts;			/* its pointers are those below */
	uint32	   *tree_nodes;
	uint16	   *nodes;
	double	   *cuts;
	uint32	   *leaves;
	uint16	   *sets;
	ForestLabels *labels;		/* in parts as soon as there is any */
	uint64		max_tree_nodes;
	uint64		max_nodes;
	uint64		max_cuts;
	uint64		max_leaves;
	uint64		max_sets;
	uint64		max_labels;
} ModelParts;

/* Elements that are still to come, of each array. */
typedef struct ModelRoom
{
	uint64		trees;
	uint64		nodes;
	uint64		cuts;
	uint64		leaves;
	uint64		sets;			/* words */
	uint64		labels;			/* leaves, where some may have labels */
} ModelRoom;

extern void model_parts_reserve(ModelParts *model, ModelRoom room);
extern void model_parts_append(ModelParts *model, ForestNode node);
extern void model_parts_append_translated(ModelParts *model,
										  const ForestView *view,
										  ForestNode node,
										  const uint16 *codes,
										  const uint32 *first);
extern void model_parts_begin_curves(ForestParts *parts, uint32 d);
extern void model_parts_append_curve(ForestParts *parts, uint32 f,
									 ForestKnot *knots, uint32 n,
									 uint8 *keep);
extern bytea *model_parts_write(ModelParts *model);

#endif							/* IFOREST_MODEL_PARTS_H */
