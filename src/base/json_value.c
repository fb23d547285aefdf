/*-------------------------------------------------------------------------
 *
 * json_value.c
 *	  Reading values of a JSON document, with errors that name the place.
 *
 * Documents come from anybody: each getter says what it must find, and refuses
 * anything else with a message that names the place.  A place is a chain of
 * keys and indexes on the stack of whoever descends into the document; it
 * becomes text, "trees[3].left[17]", only for an error, so that it costs
 * nothing where all is well.  Indexes count from 0, as in JSON path and most
 * programs that write JSON.
 *
 * Numbers of JSON are of any size and precision (numeric). They are read by
 * their decimal digits, since converting them by way of SQL's casts would
 * raise errors that name no place.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/json_value.h"
#include "core/format/forest_model.h"

/* Bytes of a string that a message shows. */
#define MAX_SHOWN	64

/*
 * The beginning of text[0 .. len), palloc'd, for messages: whole if it is
 * short, else cut between two characters, with ".." behind it.
 */
char *
json_clip_text(const char *text, int len)
{
	int			shown = pg_mbcliplen(text, len, MAX_SHOWN);

	return psprintf("%.*s%s", shown, text, shown < len ? ".." : "");
}

/* A JSON number's decimal digits, palloc'd. */
static char *
number_text(const JsonbValue *value)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(value->val.numeric)));
}

/*
 * A JSON value as text, palloc'd, for messages: a scalar as JSON writes it,
 * clipped if it is long, a container by what it is.
 */
char *
json_value_text(const JsonbValue *value)
{
	char	   *number;

	switch (value->type)
	{
		case jbvNumeric:
			number = number_text(value);
			return json_clip_text(number, (int) strlen(number));
		case jbvString:
			return psprintf("\"%s\"", json_clip_text(value->val.string.val,
													 value->val.string.len));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		case jbvNull:
			return pstrdup("null");
		default:
			return pstrdup(JsonContainerIsArray(value->val.binary.data) ?
						   "an array" : "an object");
	}
}

/*
 * Gets an integer, of zeros behind the point at most, since programs without
 * integers write 7.0; false if the value is none, or beyond int64.
 */
bool
json_integer(const JsonbValue *value, int64 *integer)
{
	char	   *text;
	char	   *end;
	bool		is_integer;

	if (value->type != jbvNumeric)
		return false;
	text = number_text(value);
	errno = 0;
	*integer = strtoll(text, &end, 10);
	if (*end == '.')
		end += 1 + strspn(end + 1, "0");
	is_integer = *end == '\0' && errno == 0;
	pfree(text);
	return is_integer;
}

/*
 * The place that a key leads to.  It points to its parent and the key, which
 * must outlive it.
 */
JsonPlace
json_key(const JsonPlace *parent, const char *key)
{
	JsonPlace	place = {parent, key, 0};

	return place;
}

/* The place of element number "index" of an array, counted from 0. */
JsonPlace
json_element(const JsonPlace *parent, uint32 index)
{
	JsonPlace	place = {parent, NULL, index};

	return place;
}

/* Appends a place as text; the outermost one is called "document". */
static void
append_place(StringInfo text, const JsonPlace *place)
{
	if (place->parent == NULL)
		return;
	append_place(text, place->parent);
	if (place->key == NULL)
		appendStringInfo(text, "[%u]", place->index);
	else
		appendStringInfo(text, "%s%s", text->len > 0 ? "." : "", place->key);
}

/*
 * Reports what is wrong with a place: "PLACE COMPLAINT" (22023). Does not
 * return.
 */
void
json_report(const JsonPlace *place, const char *complaint)
{
	StringInfoData text;

	initStringInfo(&text);
	append_place(&text, place);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s %s", text.len > 0 ? text.data : "document", complaint),
			 errhint("doc/JSON.md describes the documents that iforest_from_json reads.")));
	pg_unreachable();
}

/*
 * Reports a value that is not what is wanted: "PLACE is VALUE, but must be
 * WANTED". Does not return.
 */
void
json_report_value(const JsonPlace *place, const JsonbValue *value,
				  const char *wanted)
{
	json_report(place, psprintf("is %s, but must be %s",
								json_value_text(value), wanted));
}

/* Whether a NULL-ended list, which may be missing, has a key. */
static bool
is_key(const JsonbValue *key, const char *const *keys)
{
	for (; keys != NULL && *keys != NULL; keys++)
	{
		if (strlen(*keys) == (size_t) key->val.string.len &&
			memcmp(*keys, key->val.string.val, key->val.string.len) == 0)
			return true;
	}
	return false;
}

/*
 * A value that must be an object, with no keys but those of two NULL-ended
 * lists, of which the second may be missing.  A key that nobody knows is
 * refused rather than passed over: it may be a misspelt one, or of a later
 * version whose meaning would be lost.
 */
JsonbContainer *
json_as_object(const JsonbValue *value, const JsonPlace *place,
			   const char *const *keys, const char *const *more_keys)
{
	JsonbContainer *object = value->val.binary.data;
	JsonbIterator *it;
	JsonbValue	key;
	JsonbValue	member;

	if (value->type != jbvBinary || !JsonContainerIsObject(object))
		json_report_value(place, value, "an object");
	it = JsonbIteratorInit(object);
	(void) JsonbIteratorNext(&it, &key, true);	/* WJB_BEGIN_OBJECT */
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &member, true);
		if (!is_key(&key, keys) && !is_key(&key, more_keys))
			json_report(place, psprintf("has an unknown key: %s",
										json_value_text(&key)));
	}
	return object;
}

/* Gets the value of a key; false if there is none, or null. */
bool
json_member(JsonbContainer *object, const char *key, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, key, (int) strlen(key),
										value) != NULL &&
		value->type != jbvNull;
}

/*
 * Prepares to read the elements of a value, which must be an array, by
 * json_next(); elements->n tells how many there are.  What that takes goes
 * with the current context.
 */
void
json_open_array(JsonElements *elements, const JsonbValue *value,
				const JsonPlace *place)
{
	JsonbContainer *array;

	if (value->type != jbvBinary ||
		!JsonContainerIsArray(value->val.binary.data))
		json_report_value(place, value, "an array");
	array = value->val.binary.data;
	elements->n = (uint32) JsonContainerSize(array);
	elements->next = 0;
	elements->place = json_element(place, 0);
	elements->it = JsonbIteratorInit(array);
	(void) JsonbIteratorNext(&elements->it, &elements->value, true);
}

/* Gets the next element, its place and its index; false behind the last. */
bool
json_next(JsonElements *elements)
{
	CHECK_FOR_INTERRUPTS();		/* a number may have 130 000 digits */
	if (JsonbIteratorNext(&elements->it, &elements->value, true) != WJB_ELEM)
		return false;
	elements->place.index = elements->next++;
	return true;
}

/* A value that must be an integer of a range. */
static int64
json_as_integer(const JsonbValue *value, const JsonPlace *place, int64 min,
				int64 max)
{
	int64		integer;

	if (json_integer(value, &integer) && integer >= min && integer <= max)
		return integer;
	json_report_value(place, value,
					  psprintf("an integer from " INT64_FORMAT " to " INT64_FORMAT,
							   min, max));
}

/*
 * A value that must be a real number: a number within the range of double
 * precision, or one of the strings that json_put_real() writes for what JSON's
 * numbers lack.
 */
static double
json_as_real(const JsonbValue *value, const JsonPlace *place)
{
	if (value->type == jbvNumeric)
	{
		char	   *text = number_text(value);
		double		real = strtod(text, NULL);

		pfree(text);
		if (!isinf(real))
			return real;
	}
	else if (value->type == jbvString)
	{
		static const struct
		{
			const char *text;
			double		value;
		}			words[] = {
			{"Infinity", INFINITY}, {"-Infinity", -INFINITY}, {"-0", -0.0}
		};

		for (int i = 0; i < (int) lengthof(words); i++)
		{
			if (strlen(words[i].text) == (size_t) value->val.string.len &&
				memcmp(words[i].text, value->val.string.val,
					   value->val.string.len) == 0)
				return words[i].value;
		}
	}
	json_report_value(place, value,
					  "a number of double precision, \"Infinity\" or \"-Infinity\"");
}

/*
 * A value that must be true or false, or 1 or 0, as numeric libraries write
 * them.
 */
bool
json_as_bool(const JsonbValue *value, const JsonPlace *place)
{
	if (value->type == jbvBool)
		return value->val.boolean;
	if (value->type == jbvNumeric)
	{
		char	   *text = number_text(value);

		if (strcmp(text, "0") == 0 || strcmp(text, "1") == 0)
			return text[0] == '1';
	}
	json_report_value(place, value, "true or false");
}

/*
 * Gets an integer that a key of an object leads to, or "otherwise" if the key
 * is missing or null.  What is no integer from min to max is an error.
 */
int64
json_member_integer(JsonbContainer *object, const JsonPlace *place,
					const char *key, int64 min, int64 max, int64 otherwise)
{
	JsonPlace	at = json_key(place, key);
	JsonbValue	value;

	return json_member(object, key, &value) ?
		json_as_integer(&value, &at, min, max) : otherwise;
}

/*
 * Gets a real number that a key of an object leads to, or "otherwise" if the
 * key is missing or null.
 */
double
json_member_real(JsonbContainer *object, const JsonPlace *place,
				 const char *key, double otherwise)
{
	JsonPlace	at = json_key(place, key);
	JsonbValue	value;

	return json_member(object, key, &value) ? json_as_real(&value, &at) :
		otherwise;
}

/*
 * Gets what a key of an object says, true or false; false if the key is
 * missing or null.
 */
bool
json_member_bool(JsonbContainer *object, const JsonPlace *place,
				 const char *key)
{
	JsonPlace	at = json_key(place, key);
	JsonbValue	value;

	return json_member(object, key, &value) && json_as_bool(&value, &at);
}

/* A value that must be a string; its bytes lie in the document. */
ForestString
json_as_string(const JsonbValue *value, const JsonPlace *place)
{
	ForestString string;

	if (value->type != jbvString)
		json_report_value(place, value, "a string");
	string.bytes = value->val.string.val;
	string.len = (uint32) value->val.string.len;
	return string;
}

/*
 * A value that must be an array of integers from min to max, palloc'd; *n
 * tells how many.
 */
int64 *
json_as_integers(const JsonbValue *value, const JsonPlace *place, int64 min,
				 int64 max, uint32 *n)
{
	JsonElements elements;
	int64	   *integers;

	json_open_array(&elements, value, place);
	*n = elements.n;
	integers = palloc(Max(*n, 1) * sizeof(int64));
	while (json_next(&elements))
		integers[elements.place.index] =
			json_as_integer(&elements.value, &elements.place, min, max);
	return integers;
}

/*
 * A value that must be an array of real numbers or null, which is NaN,
 * palloc'd; *n tells how many.
 */
double *
json_as_reals(const JsonbValue *value, const JsonPlace *place, uint32 *n)
{
	JsonElements elements;
	double	   *reals;

	json_open_array(&elements, value, place);
	*n = elements.n;
	reals = palloc(Max(*n, 1) * sizeof(double));
	while (json_next(&elements))
		reals[elements.place.index] = elements.value.type == jbvNull ? NAN :
			json_as_real(&elements.value, &elements.place);
	return reals;
}
