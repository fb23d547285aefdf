/*-------------------------------------------------------------------------
 *
 * json_put.c
 *	  Putting a JSON document together, value by value.
 *
 * A value is the next element of the innermost array that has begun, or the
 * member of the innermost object whose key was put before it.  The outermost
 * value is an object or an array.  All memory is of the current context, which
 * stays the same from the first value to json_written().
 *
 * Values are pushed one by one, rather than written as text for the server's
 * parser: that parser looks for no interrupts, and a model of a million nodes
 * would keep a cancel waiting for seconds.  Between two values the caller
 * looks.  What json_written() does at the end cannot be interrupted either;
 * see Limits in the reference.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/shortest_dec.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/json_put.h"

/* Begins an object, which json_end_object() ends. */
void
json_begin_object(JsonWriter *json)
{
	push_jsonb(json, WJB_BEGIN_OBJECT, NULL);
}

/* Ends the innermost object that has begun; what surrounds it goes on. */
void
json_end_object(JsonWriter *json)
{
	push_jsonb(json, WJB_END_OBJECT, NULL);
}

/* Begins an array, which json_end_array() ends. */
void
json_begin_array(JsonWriter *json)
{
	push_jsonb(json, WJB_BEGIN_ARRAY, NULL);
}

/* Ends the innermost array that has begun; what surrounds it goes on. */
void
json_end_array(JsonWriter *json)
{
	push_jsonb(json, WJB_END_ARRAY, NULL);
}

/* Makes *value a string of what jsonb can hold, which is not copied. */
static void
set_string(JsonbValue *value, const char *s)
{
	size_t		len = strlen(s);

	Assert(len <= JENTRY_OFFLENMASK);
	value->type = jbvString;
	value->val.string.val = unconstify(char *, s);
	value->val.string.len = (int) len;
}

/*
 * Puts the key of the next value, which stays where it is.  Of members with
 * the same key, jsonb keeps the last.
 */
void
json_put_key(JsonWriter *json, const char *key)
{
	JsonbValue	value;

	set_string(&value, key);
	push_jsonb(json, WJB_KEY, &value);
}

/*
 * Puts a scalar, or a whole document: as a member where an object is open,
 * which then has a key without a value, as an element where an array is.
 */
void
json_put_value(JsonWriter *json, JsonbValue *value)
{
	bool		is_member = json->parseState->contVal.type == jbvObject;

	push_jsonb(json, is_member ? WJB_VALUE : WJB_ELEM, value);
}

/* Puts JSON's null. */
void
json_put_null(JsonWriter *json)
{
	JsonbValue	value = {.type = jbvNull};

	json_put_value(json, &value);
}

/* Puts true or false. */
void
json_put_bool(JsonWriter *json, bool b)
{
	JsonbValue	value = {.type = jbvBool};

	value.val.boolean = b;
	json_put_value(json, &value);
}

/* Puts an integer, in all its digits: JSON's numbers have no limit of size. */
void
json_put_integer(JsonWriter *json, int64 i)
{
	JsonbValue	value = {.type = jbvNumeric};

	value.val.numeric = int64_to_numeric(i);
	json_put_value(json, &value);
}

/* Puts a string of what jsonb can hold, which stays where it is. */
void
json_put_string(JsonWriter *json, const char *s)
{
	JsonbValue	value;

	set_string(&value, s);
	json_put_value(json, &value);
}

/* Puts a finite number that is written out, in all its digits. */
void
json_put_digits(JsonWriter *json, const char *text)
{
	JsonbValue	value = {.type = jbvNumeric};

	value.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in,
															CStringGetDatum(text),
															ObjectIdGetDatum(InvalidOid),
															Int32GetDatum(-1)));
	json_put_value(json, &value);
}

/*
 * Puts a real number in the fewest digits that read back as the same double.
 * What JSON's numbers lack is a string: infinities, and zero with a sign.  NaN
 * is null.
 */
void
json_put_real(JsonWriter *json, double x)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (isnan(x))
	{
		json_put_null(json);
		return;
	}
	(void) double_to_shortest_decimal_buf(x, text);
	if (isinf(x) || (x == 0.0 && signbit(x)))
	{
		json_put_string(json, pstrdup(text));
		return;
	}
	/* the digits are those of Ryu, the fewest that read back as this double */
	json_put_digits(json, text);
}

/* Puts a whole document, whatever it is. */
void
json_put_jsonb(JsonWriter *json, Jsonb *document)
{
	JsonbValue	value;

	JsonbToJsonbValue(document, &value);
	json_put_value(json, &value);
}

/*
 * Puts a member of an object: its key, which stays where it is, and its value
 * or what begins it.
 */
void
json_add_integer(JsonWriter *json, const char *key, int64 value)
{
	json_put_key(json, key);
	json_put_integer(json, value);
}

/* A member that is a real number, as json_put_real() writes it. */
void
json_add_real(JsonWriter *json, const char *key, double value)
{
	json_put_key(json, key);
	json_put_real(json, value);
}

/* A member that is true or false. */
void
json_add_bool(JsonWriter *json, const char *key, bool value)
{
	json_put_key(json, key);
	json_put_bool(json, value);
}

/* A member that is a string, which stays where it is. */
void
json_add_string(JsonWriter *json, const char *key, const char *value)
{
	json_put_key(json, key);
	json_put_string(json, value);
}

/* A member that is an array, whose elements come next. */
void
json_add_array(JsonWriter *json, const char *key)
{
	json_put_key(json, key);
	json_begin_array(json);
}

/* A member that is an object, whose members come next. */
void
json_add_object(JsonWriter *json, const char *key)
{
	json_put_key(json, key);
	json_begin_object(json);
}

/*
 * The document, palloc'd, when its outermost value has ended.  An error where
 * it is larger than jsonb can be.
 */
Jsonb *
json_written(JsonWriter *json)
{
	Assert(json->parseState == NULL);
	return JsonbValueToJsonb(json->result);
}
