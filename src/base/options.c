/*-------------------------------------------------------------------------
 *
 * options.c
 *	  Options as a JSON object, read into a C struct by a table.
 *
 * Every list of options has a table (OptionTable) that says of each option
 * its name, its type and range, its default, what it is, and the field of a
 * struct that gets its value.  Here is the only reader of such objects, so
 * that all options are refused in the same words: the option, the value, what
 * it may be, and as a hint what it is.
 *
 * The stable form of options is jsonb: a later version may know more of them
 * without a change to any function's arguments.  The functions that build
 * such objects by name (options_build.c) are for convenience.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/varlena.h"

#include "base/json_value.h"
#include "base/names.h"
#include "base/options.h"

/* Letters that a misspelt name may differ by, to be taken for another. */
#define MAX_MISSPELT	3

/*
 * Sets every option to its default, and "given" to false; texts, names and
 * objects become NULL or empty.
 */
void
options_default(const OptionTable *table, void *options)
{
	memset(options, 0, table->size);
	for (int i = 0; i < table->n; i++)
	{
		const OptionSpec *spec = &table->specs[i];
		char	   *field = (char *) options + spec->offset;

		if (spec->type == OPTION_BOOL)
			*(bool *) field = spec->default_value != 0;
		else if (spec->type == OPTION_INTEGER)
			*(int64 *) field = (int64) spec->default_value;
		else if (spec->type == OPTION_REAL)
			*(double *) field = spec->default_value;
		else if (spec->type == OPTION_ENUM)
			*(int *) field = (int) spec->default_value;
	}
}

/* Whether a number is one that an option may have; NaN never is. */
bool
option_in_range(const OptionSpec *spec, double number)
{
	return number >= spec->min && number <= spec->max &&
		!(spec->open && number == spec->min);
}

/* The words of an enum, as "a", "b" or "c". */
static char *
words_text(const char *const *words)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; words[i] != NULL; i++)
		appendStringInfo(&text, "%s\"%s\"",
						 i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ",
						 words[i]);
	return text.data;
}

/* What values an option may have, for "must be ..". */
static const char *
wanted_text(const OptionSpec *spec)
{
	switch (spec->type)
	{
		case OPTION_BOOL:
			return "true or false";
		case OPTION_INTEGER:
			/* as a double this limit is one too many, which would be shown */
			if (spec->max >= (double) PG_INT64_MAX)
				return "an integer in the range of bigint";
			return psprintf("an integer from %.0f to %.0f",
							spec->min, spec->max);
		case OPTION_REAL:
			return psprintf(spec->open ? "a number above %g and at most %g" :
							"a number from %g to %g", spec->min, spec->max);
		case OPTION_STRING:
			return "a string";
		case OPTION_TEXT:
			return "a string or a number";
		case OPTION_ENUM:
			return words_text(spec->words);
		case OPTION_NAMES:
			return "an array of names";
		case OPTION_OBJECT:
			return "a JSON object";
	}
	return "something else";
}

/* The default of an option as text; NULL if none could be written. */
static const char *
default_text(const OptionSpec *spec)
{
	double		number = spec->default_value;

	switch (spec->type)
	{
		case OPTION_BOOL:
			return number != 0 ? "true" : "false";
		case OPTION_INTEGER:
		case OPTION_REAL:
			return spec->given == 0 && option_in_range(spec, number) ?
				psprintf("%.12g", number) : NULL;
		case OPTION_ENUM:
			return number < 0 ? NULL :
				psprintf("\"%s\"", spec->words[(int) number]);
		default:
			return NULL;
	}
}

/* What an option is and its default, for a hint. */
static char *
help_text(const OptionSpec *spec)
{
	const char *value = default_text(spec);

	return psprintf("\"%s\" is %s%s%s.", spec->name, spec->help,
					value == NULL ? "" : "; the default is ",
					value == NULL ? "" : value);
}

/* Refuses the value of an option. */
pg_noreturn static void
refuse_value(const OptionTable *table, const OptionSpec *spec,
			 const JsonbValue *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\"%s is %s, but must be %s", spec->name,
					table->of, json_value_text(value), wanted_text(spec)),
			 errhint("%s", help_text(spec))));
}

/*
 * The option whose name is most like a wrong one, by the Levenshtein distance;
 * NULL if none is like it: half of a short name may differ, MAX_MISSPELT
 * letters of a long one.
 */
static const OptionSpec *
most_alike(const OptionTable *table, const char *name, int len)
{
	const OptionSpec *best = NULL;
	int			least = Min(MAX_MISSPELT, len / 2) + 1;

	if (len > NAMEDATALEN)
		return NULL;
	for (int i = 0; i < table->n; i++)
	{
		const char *known = table->specs[i].name;
		int			distance = varstr_levenshtein_less_equal(name, len, known,
															 (int) strlen(known),
															 1, 1, 1,
															 least - 1, true);

		if (distance >= least)
			continue;
		least = distance;
		best = &table->specs[i];
	}
	return best;
}

/*
 * Whether a name is another tool's, "theirs", in whatever case, and with
 * underscores, dots, hyphens or nothing between its words.
 */
static bool
is_alias(const char *theirs, const char *name, int len)
{
	for (int i = 0; i < len; i++)
	{
		if (strchr("_.-", name[i]) != NULL)
			continue;
		if (pg_ascii_tolower((unsigned char) name[i]) !=
			(unsigned char) *theirs)
			return false;
		theirs++;
	}
	return *theirs == '\0';
}

/* What another tool's name is here; NULL if the name is known of none. */
static const OptionAlias *
find_alias(const OptionTable *table, const char *name, int len)
{
	const OptionAlias *alias = table->aliases;

	if (memchr(name, '\0', (size_t) len) != NULL)
		return NULL;
	for (; alias != NULL && alias->theirs != NULL; alias++)
	{
		if (is_alias(alias->theirs, name, len))
			return alias;
	}
	return NULL;
}

/*
 * Refuses a name that is no option's.  The hint is what another tool's name is
 * here, or the one that may be meant or, where no other is like it, all there
 * are.
 */
pg_noreturn static void
refuse_name(const OptionTable *table, const char *name, int len)
{
	const OptionAlias *alias = find_alias(table, name, len);
	const OptionSpec *alike = most_alike(table, name, len);
	StringInfoData hint;

	initStringInfo(&hint);
	if (alias != NULL)
		appendStringInfo(&hint, "It is called \"%s\" here%s", alias->ours,
						 alias->difference == NULL ? "" : alias->difference);
	else if (alike != NULL)
		appendStringInfo(&hint, "Perhaps you mean \"%s\"", alike->name);
	for (int i = 0; i < table->n && alias == NULL && alike == NULL; i++)
		appendStringInfo(&hint, "%s%s", i == 0 ? "Options are: " : ", ",
						 table->specs[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown option \"%s\"%s", json_clip_text(name, len),
					table->of),
			 errhint("%s.", hint.data)));
}

/*
 * Returns the option called name[0 .. len), or an error (22023).
 * Names are compared as they are: options have one spelling.
 */
static const OptionSpec *
find_option(const OptionTable *table, const char *name, int len)
{
	for (int i = 0; i < table->n; i++)
	{
		const OptionSpec *spec = &table->specs[i];

		if (strlen(spec->name) == (size_t) len &&
			memcmp(spec->name, name, len) == 0)
			return spec;
	}
	refuse_name(table, name, len);
}

/*
 * A number in range.  One that is beyond a double becomes infinite, and so is
 * refused with the option's name rather than by the cast.
 */
static double
read_real(const OptionTable *table, const OptionSpec *spec,
		  const JsonbValue *value)
{
	double		number;

	if (value->type != jbvNumeric)
		refuse_value(table, spec, value);
	number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												NumericGetDatum(value->val.numeric)));
	if (!option_in_range(spec, number))
		refuse_value(table, spec, value);
	return number;
}

/* An integer in range. */
static int64
read_integer(const OptionTable *table, const OptionSpec *spec,
			 const JsonbValue *value)
{
	int64		integer;

	if (!json_integer(value, &integer) ||
		!option_in_range(spec, (double) integer))
		refuse_value(table, spec, value);
	return integer;
}

/* Reports a text that is longer than a model's can be. */
void
option_check_text(const OptionTable *table, const OptionSpec *spec, size_t len)
{
	if (len > FOREST_MAX_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("option \"%s\"%s has a text of %zu bytes, but at most %d are supported",
						spec->name, table->of, len, FOREST_MAX_STRING)));
}

/* A string or, if the option takes them, a number as text; palloc'd. */
static char *
read_text(const OptionTable *table, const OptionSpec *spec,
		  const JsonbValue *value)
{
	if (value->type == jbvString)
	{
		option_check_text(table, spec, (size_t) value->val.string.len);
		return pnstrdup(value->val.string.val, value->val.string.len);
	}
	if (value->type != jbvNumeric || spec->type != OPTION_TEXT)
		refuse_value(table, spec, value);
	return json_value_text(value);
}

/* The number of the word that a value is. */
static int
read_word(const OptionTable *table, const OptionSpec *spec,
		  const JsonbValue *value)
{
	if (value->type == jbvString)
	{
		size_t		len = (size_t) value->val.string.len;

		for (int i = 0; spec->words[i] != NULL; i++)
		{
			if (strlen(spec->words[i]) == len &&
				memcmp(spec->words[i], value->val.string.val, len) == 0)
				return i;
		}
	}
	refuse_value(table, spec, value);
}

/* Reports more names than a forest can have features. */
void
option_check_names(const OptionTable *table, const OptionSpec *spec, int n)
{
	if (n > FOREST_MAX_FEATURES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("option \"%s\"%s has %d names, but at most %d are supported",
						spec->name, table->of, n, FOREST_MAX_FEATURES)));
}

/* Reports a name, number i of an option's, that a model's cannot be. */
void
option_check_name(const OptionTable *table, const OptionSpec *spec, int i,
				  const char *name, size_t len)
{
	if (len > FOREST_MAX_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("name %d of option \"%s\"%s, \"%s\", has %zu bytes, but at most %d are supported",
						i + 1, spec->name, table->of,
						json_clip_text(name, (int) len), len,
						FOREST_MAX_STRING)));
}

/* Reports names of which two are equal. */
static void
check_different(const OptionTable *table, const OptionSpec *spec,
				const OptionNames *names)
{
	const char *repeated = repeated_name(names->names, (uint32) names->n);

	if (repeated != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\"%s has the name \"%s\" twice",
						spec->name, table->of,
						json_clip_text(repeated, (int) strlen(repeated)))));
}

/*
 * An array of different, non-empty strings, as many as a forest can have
 * features at most, none longer than a model's can be; palloc'd.
 */
static OptionNames
read_names(const OptionTable *table, const OptionSpec *spec,
		   const JsonbValue *value)
{
	JsonbContainer *array = value->val.binary.data;
	OptionNames names;

	if (value->type != jbvBinary || !JsonContainerIsArray(array))
		refuse_value(table, spec, value);
	names.n = (int) JsonContainerSize(array);
	option_check_names(table, spec, names.n);
	names.names = palloc(sizeof(char *) * Max(names.n, 1));
	for (int i = 0; i < names.n; i++)
	{
		JsonbValue *name = getIthJsonbValueFromContainer(array, (uint32) i);

		CHECK_FOR_INTERRUPTS();
		if (name->type != jbvString || name->val.string.len == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("name %d of option \"%s\"%s is %s, but must be a non-empty string",
							i + 1, spec->name, table->of,
							json_value_text(name))));
		option_check_name(table, spec, i, name->val.string.val,
						  (size_t) name->val.string.len);
		names.names[i] = pnstrdup(name->val.string.val, name->val.string.len);
	}
	check_different(table, spec, &names);
	return names;
}

/* Reads the value of one option, which is not null, into its field. */
static void
read_value(const OptionTable *table, const OptionSpec *spec, JsonbValue *value,
		   void *options)
{
	char	   *field = (char *) options + spec->offset;

	switch (spec->type)
	{
		case OPTION_BOOL:
			if (value->type != jbvBool)
				refuse_value(table, spec, value);
			*(bool *) field = value->val.boolean;
			break;
		case OPTION_INTEGER:
			*(int64 *) field = read_integer(table, spec, value);
			break;
		case OPTION_REAL:
			*(double *) field = read_real(table, spec, value);
			break;
		case OPTION_STRING:
		case OPTION_TEXT:
			*(char **) field = read_text(table, spec, value);
			break;
		case OPTION_ENUM:
			*(int *) field = read_word(table, spec, value);
			break;
		case OPTION_NAMES:
			*(OptionNames *) field = read_names(table, spec, value);
			break;
		case OPTION_OBJECT:
			if (value->type != jbvBinary ||
				!JsonContainerIsObject(value->val.binary.data))
				refuse_value(table, spec, value);
			*(Jsonb **) field = JsonbValueToJsonb(value);
			break;
	}
	if (spec->given != 0)
		*((bool *) ((char *) options + spec->given)) = true;
}

/*
 * Reads options from a JSON object into a struct, over what it holds; null
 * leaves that as it is.  Unknown options and values out of range are errors
 * (22023) that name the option, the value and the range.  What the struct
 * points to is palloc'd in the current context.
 */
void
options_read(const OptionTable *table, JsonbContainer *object, void *options)
{
	JsonbIterator *it;
	JsonbValue	key;
	JsonbValue	value;

	if (!JsonContainerIsObject(object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a JSON object", table->argument),
				 errhint("For example: %s.", table->example)));

	it = JsonbIteratorInit(object);
	(void) JsonbIteratorNext(&it, &key, true);	/* WJB_BEGIN_OBJECT */
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		const OptionSpec *spec = find_option(table, key.val.string.val,
											 key.val.string.len);

		(void) JsonbIteratorNext(&it, &value, true);
		if (value.type != jbvNull)
			read_value(table, spec, &value, options);
	}
}
