/*-------------------------------------------------------------------------
 *
 * feature_json.h
 *	  The value of a numeric feature in a JSON document.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_FEATURE_JSON_H
#define IFOREST_FEATURE_JSON_H

#include "base/json_put.h"

extern void feature_put_json(JsonWriter *json, ForestType type, double value);

#endif							/* IFOREST_FEATURE_JSON_H */
