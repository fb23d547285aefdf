/*-------------------------------------------------------------------------
 *
 * json_generator.h
 *	  A model's generator in JSON: its bytes, and what it is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_JSON_GENERATOR_H
#define IFOREST_JSON_GENERATOR_H

#include "iforest.h"

#include "base/json_put.h"
#include "base/json_value.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"

extern void json_put_generator(JsonWriter *json, const ForestView *view);
extern void json_read_generator(const JsonbValue *value,
								const JsonPlace *place, ForestParts *parts);
extern void json_describe_generator(JsonWriter *json, const ForestView *view);

#endif							/* IFOREST_JSON_GENERATOR_H */
