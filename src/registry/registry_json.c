/*-------------------------------------------------------------------------
 *
 * registry_json.c
 *	  Reading the small JSON objects that iforest_refit takes.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/options.h"
#include "registry/registry_json.h"

/* Returns the option called name[0 .. len), or an error that lists them. */
static JsonOption *
find_option(const char *argument, JsonOption *options, int n,
			const char *name, int len)
{
	StringInfoData known;

	initStringInfo(&known);
	for (int i = 0; i < n; i++)
	{
		if (strlen(options[i].name) == (size_t) len &&
			memcmp(options[i].name, name, len) == 0)
			return &options[i];
		appendStringInfo(&known, "%s%s", i > 0 ? ", " : "", options[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown key \"%.*s\" in %s", len, name, argument),
			 errhint("Keys are: %s.", known.data)));
	return NULL;
}

/* Sets an option from its JSON value; null is as if it were not there. */
static void
set_option(const char *argument, JsonOption *option, const JsonbValue *value)
{
	if (value->type == jbvNull)
		return;
	if (value->type != (option->is_text ? jbvString : jbvNumeric))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("key \"%s\" of %s is %s, but must be a %s",
						option->name, argument, json_value_text(value),
						option->is_text ? "string" : "number")));
	option->given = true;
	if (option->is_text)
	{
		option->text = pnstrdup(value->val.string.val, value->val.string.len);
		return;
	}
	option->number =
		DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
										   NumericGetDatum(value->val.numeric)));
	if (!(option->number >= option->min && option->number <= option->max))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("key \"%s\" of %s is %s, but must be at least %g and at most %g",
						option->name, argument, json_value_text(value),
						option->min, option->max)));
}

/*
 * Reads the values of n options from an object.  Keys that are none of them,
 * and values of wrong types or out of range, are errors that name the
 * argument, the key and what is allowed.
 */
void
json_options_read(JsonbContainer *object, const char *argument,
				  JsonOption *options, int n)
{
	JsonbIterator *it;
	JsonbValue	key;
	JsonbValue	value;

	if (!JsonContainerIsObject(object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a JSON object", argument)));
	it = JsonbIteratorInit(object);
	(void) JsonbIteratorNext(&it, &key, true);	/* WJB_BEGIN_OBJECT */
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		JsonOption *option = find_option(argument, options, n,
										 key.val.string.val,
										 key.val.string.len);

		(void) JsonbIteratorNext(&it, &value, true);
		set_option(argument, option, &value);
	}
}
