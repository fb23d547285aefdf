/*-------------------------------------------------------------------------
 *
 * json_options.h
 *	  The options that a model remembers of its training, as JSON.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_JSON_OPTIONS_H
#define IFOREST_JSON_OPTIONS_H

#include "iforest.h"

#include "base/json_put.h"
#include "base/json_value.h"
#include "core/format/forest_summary.h"

extern const char *const *json_option_keys(void);

extern void json_put_options(JsonWriter *json, const ForestSummary *sum);
extern void json_read_options(JsonbContainer *object, const JsonPlace *place,
							  ForestSummary *sum);

#endif							/* IFOREST_JSON_OPTIONS_H */
