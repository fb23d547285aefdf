/*-------------------------------------------------------------------------
 *
 * json_value.h
 *	  Reading values of a JSON document, with errors that name the place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_JSON_VALUE_H
#define IFOREST_JSON_VALUE_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "core/format/forest_model.h"

/* Where in a document a value is; the outermost has no parent. */
typedef struct JsonPlace
{
	const struct JsonPlace *parent;
	const char *key;			/* NULL for an element of an array */
	uint32		index;
} JsonPlace;

/* The elements of an array, one after the other. */
typedef struct JsonElements
{
	uint32		n;				/* in all */
	JsonbValue	value;			/* the current one */
	JsonPlace	place;			/* .index counts from 0 */
	uint32		next;
	JsonbIterator *it;
} JsonElements;

extern char *json_clip_text(const char *text, int len);
extern char *json_value_text(const JsonbValue *value);
extern bool json_integer(const JsonbValue *value, int64 *integer);
pg_noreturn extern void json_report(const JsonPlace *place,
									const char *complaint);
pg_noreturn extern void json_report_value(const JsonPlace *place,
										  const JsonbValue *value,
										  const char *wanted);
extern JsonPlace json_key(const JsonPlace *parent, const char *key);
extern JsonPlace json_element(const JsonPlace *parent, uint32 index);
extern JsonbContainer *json_as_object(const JsonbValue *value,
									  const JsonPlace *place,
									  const char *const *keys,
									  const char *const *more_keys);
extern bool json_member(JsonbContainer *object, const char *key,
						JsonbValue *value);
extern int64 json_member_integer(JsonbContainer *object,
								 const JsonPlace *place, const char *key,
								 int64 min, int64 max, int64 otherwise);
extern double json_member_real(JsonbContainer *object, const JsonPlace *place,
							   const char *key, double otherwise);
extern bool json_member_bool(JsonbContainer *object, const JsonPlace *place,
							 const char *key);
extern void json_open_array(JsonElements *elements, const JsonbValue *value,
							const JsonPlace *place);
extern bool json_next(JsonElements *elements);
extern bool json_as_bool(const JsonbValue *value, const JsonPlace *place);
extern ForestString json_as_string(const JsonbValue *value,
								const JsonPlace *place);
extern int64 *json_as_integers(const JsonbValue *value, const JsonPlace *place,
							int64 min, int64 max, uint32 *n);
extern double *json_as_reals(const JsonbValue *value, const JsonPlace *place,
						  uint32 *n);

#endif							/* IFOREST_JSON_VALUE_H */
