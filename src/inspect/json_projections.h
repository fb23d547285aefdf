/*-------------------------------------------------------------------------
 *
 * json_projections.h
 *	  The projections that a forest's trees split, in JSON documents.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_JSON_PROJECTIONS_H
#define IFOREST_JSON_PROJECTIONS_H

#include "iforest.h"

#include "base/json_put.h"
#include "base/json_value.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"

extern void json_put_projections(JsonWriter *json, const ForestView *view);
extern void json_read_projections(const JsonbValue *value,
								  const JsonPlace *place, ForestParts *parts);

#endif							/* IFOREST_JSON_PROJECTIONS_H */
