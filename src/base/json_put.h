/*-------------------------------------------------------------------------
 *
 * json_put.h
 *	  Putting a JSON document together, value by value.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_JSON_PUT_H
#define IFOREST_JSON_PUT_H

#include "iforest.h"

#include "utils/jsonb.h"

/*
 * A document that is put together; all zero at first.  It needs no end: its
 * memory goes with the context that it was written in.
 */
typedef JsonbBuilder JsonWriter;

extern void json_begin_object(JsonWriter *json);
extern void json_end_object(JsonWriter *json);
extern void json_begin_array(JsonWriter *json);
extern void json_end_array(JsonWriter *json);
extern void json_put_key(JsonWriter *json, const char *key);
extern void json_put_value(JsonWriter *json, JsonbValue *value);
extern void json_put_null(JsonWriter *json);
extern void json_put_bool(JsonWriter *json, bool b);
extern void json_put_integer(JsonWriter *json, int64 i);
extern void json_put_digits(JsonWriter *json, const char *text);
extern void json_put_real(JsonWriter *json, double x);
extern void json_put_string(JsonWriter *json, const char *s);
extern void json_put_jsonb(JsonWriter *json, Jsonb *document);
extern void json_add_integer(JsonWriter *json, const char *key, int64 value);
extern void json_add_real(JsonWriter *json, const char *key, double value);
extern void json_add_bool(JsonWriter *json, const char *key, bool value);
extern void json_add_string(JsonWriter *json, const char *key,
							const char *value);
extern void json_add_array(JsonWriter *json, const char *key);
extern void json_add_object(JsonWriter *json, const char *key);
extern Jsonb *json_written(JsonWriter *json);

#endif							/* IFOREST_JSON_PUT_H */
