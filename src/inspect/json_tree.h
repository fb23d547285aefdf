/*-------------------------------------------------------------------------
 *
 * json_tree.h
 *	  One tree of a JSON document, a table of its nodes, into a model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_JSON_TREE_H
#define IFOREST_JSON_TREE_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "base/json_value.h"
#include "core/format/forest_model.h"
#include "model/model_parts.h"

extern void json_read_tree(const JsonbValue *value, const JsonPlace *place,
						   const ForestFeature *features, ModelParts *model);

#endif							/* IFOREST_JSON_TREE_H */
