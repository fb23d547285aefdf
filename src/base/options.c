/*-------------------------------------------------------------------------
 *
 * options.c
 *	  Training options: from named arguments to jsonb, and from jsonb to
 *	  checked values.
 *
 * Aggregates take neither named arguments nor defaults; iforest_options()
 * does, and its result is what they take.  One table says what options there
 * are and what values they may have.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/json_put.h"
#include "base/names.h"
#include "base/options.h"

/* Lower ends of a range of real numbers. */
#define OPEN	true
#define CLOSED	false

/* In the order of iforest_options()'s arguments. */
static const OptionSpec option_specs[] = {
	{"n_trees", OPTION_INTEGER, 1, FOREST_MAX_TREES, CLOSED,
	offsetof(TrainOptions, n_trees)},
	{"sample_size", OPTION_INTEGER, 1, FOREST_MAX_SAMPLE, CLOSED,
	offsetof(TrainOptions, sample_size)},
	{"max_depth", OPTION_INTEGER, 0, FOREST_MAX_SAMPLE, CLOSED,
	offsetof(TrainOptions, max_depth)},
	{"max_features", OPTION_REAL, 0, 1, OPEN,
	offsetof(TrainOptions, max_features)},
	{"bootstrap", OPTION_BOOL, 0, 0, CLOSED,
	offsetof(TrainOptions, bootstrap)},
	{"contamination", OPTION_REAL, 0, 0.5, CLOSED,
	offsetof(TrainOptions, contamination)},
	{"seed", OPTION_SEED, 0, 0, CLOSED,
	offsetof(TrainOptions, seed)},
	{"feature_names", OPTION_NAMES, 0, 0, CLOSED,
	offsetof(TrainOptions, names)},
	{"max_categories", OPTION_INTEGER, 1, FOREST_MAX_CATEGORIES, CLOSED,
	offsetof(TrainOptions, max_categories)},
};

#define N_OPTIONS	((int) lengthof(option_specs))

/* Bytes of a string that a message shows. */
#define MAX_SHOWN	64

/* Sets every option to its default. */
void
options_default(TrainOptions *options)
{
	memset(options, 0, sizeof(*options));
	options->n_trees = 100;
	options->sample_size = 256;
	options->max_depth = -1;
	options->max_features = 1.0;
	options->contamination = 0.05;
	options->max_categories = 1000;
}

/* Returns the option called name[0 .. len), or an error that lists them. */
static const OptionSpec *
find_option(const OptionTable *table, const char *name, int len)
{
	StringInfoData known;

	initStringInfo(&known);
	for (int i = 0; i < table->n; i++)
	{
		const OptionSpec *spec = &table->specs[i];

		if (strlen(spec->name) == (size_t) len &&
			memcmp(spec->name, name, len) == 0)
			return spec;
		appendStringInfo(&known, "%s%s", i > 0 ? ", " : "", spec->name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown option \"%.*s\"", len, name),
			 errhint("Options are: %s.", known.data)));
	return NULL;
}

/* The beginning of a text, whole if it is short, for messages. */
static char *
clip_text(const char *text, int len)
{
	int			shown = pg_mbcliplen(text, len, MAX_SHOWN);

	return psprintf("%.*s%s", shown, text, shown < len ? ".." : "");
}

/* A JSON value as text, for messages. */
char *
json_value_text(const JsonbValue *value)
{
	char	   *number;

	switch (value->type)
	{
		case jbvNumeric:
			number = DatumGetCString(DirectFunctionCall1(numeric_out,
														 NumericGetDatum(value->val.numeric)));
			return clip_text(number, (int) strlen(number));
		case jbvString:
			return psprintf("\"%s\"", clip_text(value->val.string.val,
												value->val.string.len));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		case jbvNull:
			return pstrdup("null");
		default:
			return pstrdup("an object or array");
	}
}

/* Reports a value of a wrong type. */
void
report_option_type(const OptionSpec *spec, const JsonbValue *value,
				   const char *wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" is %s, but must be %s", spec->name,
					json_value_text(value), wanted)));
}

/* The option's number as float8; errors name option, value and range. */
static double
number_in_range(const OptionSpec *spec, const JsonbValue *value)
{
	double		number;

	if (value->type != jbvNumeric)
		report_option_type(spec, value, "a number");
	number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												NumericGetDatum(value->val.numeric)));
	if (number >= spec->min && number <= spec->max &&
		!(spec->open && number == spec->min))
		return number;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" is %s, but must be %s %g and at most %.12g",
					spec->name, json_value_text(value),
					spec->open ? "above" : "at least", spec->min, spec->max)));
	return 0;
}

/* The option's integer: a number in range without a fraction. */
int64
option_integer(const OptionSpec *spec, const JsonbValue *value)
{
	double		number = number_in_range(spec, value);

	if (number != floor(number))
		report_option_type(spec, value, "an integer");
	return (int64) number;
}

/* The seed: any bigint. */
static int64
seed_value(const OptionSpec *spec, const JsonbValue *value)
{
	Datum		truncated;
	bool		in_range;

	if (value->type != jbvNumeric)
		report_option_type(spec, value, "an integer");
	truncated = DirectFunctionCall2(numeric_trunc,
									NumericGetDatum(value->val.numeric),
									Int32GetDatum(0));
	in_range = DatumGetBool(DirectFunctionCall2(numeric_eq, truncated,
												NumericGetDatum(value->val.numeric))) &&
		DatumGetInt32(DirectFunctionCall2(numeric_cmp, truncated,
										  NumericGetDatum(int64_to_numeric(PG_INT64_MIN)))) >= 0 &&
		DatumGetInt32(DirectFunctionCall2(numeric_cmp, truncated,
										  NumericGetDatum(int64_to_numeric(PG_INT64_MAX)))) <= 0;
	if (!in_range)
		report_option_type(spec, value, "an integer in the range of bigint");
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, truncated));
}

/* Reports an option of more names than a forest can have features. */
static void
check_n_names(const OptionSpec *spec, int n)
{
	if (n > FOREST_MAX_FEATURES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("option \"%s\" has %d names, but at most %d are supported",
						spec->name, n, FOREST_MAX_FEATURES)));
}

/* Reports name i of an option if it is longer than a model's can be. */
static void
check_name_length(const OptionSpec *spec, int i, const char *name, int len)
{
	if (len > FOREST_MAX_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("name %d of option \"%s\", \"%s\", has %d bytes, but at most %d are supported",
						i + 1, spec->name, clip_text(name, len), len,
						FOREST_MAX_STRING)));
}

/*
 * Names: an array of different, non-empty strings, as many as a forest can
 * have features at most, none longer than a model's strings can be.  They are
 * palloc'd.
 */
void
option_names(const OptionSpec *spec, const JsonbValue *value, int *n,
			 char ***names)
{
	JsonbContainer *array;
	const char *repeated;

	if (value->type != jbvBinary ||
		!JsonContainerIsArray(value->val.binary.data))
		report_option_type(spec, value, "an array of names");
	array = value->val.binary.data;
	*n = (int) JsonContainerSize(array);
	check_n_names(spec, *n);
	*names = palloc(sizeof(char *) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		JsonbValue *name = getIthJsonbValueFromContainer(array, (uint32) i);

		if (name->type != jbvString || name->val.string.len == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("name %d of option \"%s\" is %s, but must be a non-empty string",
							i + 1, spec->name, json_value_text(name))));
		check_name_length(spec, i, name->val.string.val, name->val.string.len);
		(*names)[i] = pnstrdup(name->val.string.val,
							   name->val.string.len);
	}
	repeated = repeated_name(*names, (uint32) *n);
	if (repeated != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" has the name \"%s\" twice",
						spec->name,
						clip_text(repeated, (int) strlen(repeated)))));
}

/* Sets one option from its JSON value. */
static void
set_option(const OptionSpec *spec, JsonbValue *value, void *target)
{
	TrainOptions *options = target;
	char	   *field = (char *) options + spec->offset;

	switch (spec->kind)
	{
		case OPTION_INTEGER:
			*(int64 *) field = option_integer(spec, value);
			break;
		case OPTION_SEED:
			options->seed = seed_value(spec, value);
			options->seed_given = true;
			break;
		case OPTION_REAL:
			*(double *) field = number_in_range(spec, value);
			break;
		case OPTION_BOOL:
			if (value->type != jbvBool)
				report_option_type(spec, value, "true or false");
			options->bootstrap = value->val.boolean;
			break;
		case OPTION_NAMES:
			option_names(spec, value, &options->n_names, &options->names);
			break;
		default:
			elog(ERROR, "option \"%s\" is not one of training", spec->name);
	}
}

/*
 * Reads options from a jsonb object into a struct, over what it holds; null
 * leaves that as it is.  Unknown options and values out of range are errors
 * (22023) that name the option, the value and the range.
 */
void
options_read(Datum jsonb, const OptionTable *table, void *options)
{
	Jsonb	   *object = DatumGetJsonbP(jsonb);
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	key;
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object"),
				 errhint("Build them with %s.", table->example)));

	it = JsonbIteratorInit(&object->root);
	(void) JsonbIteratorNext(&it, &key, true);	/* WJB_BEGIN_OBJECT */
	while ((token = JsonbIteratorNext(&it, &key, true)) == WJB_KEY)
	{
		const OptionSpec *spec = find_option(table, key.val.string.val,
											 key.val.string.len);

		(void) JsonbIteratorNext(&it, &value, true);
		if (value.type != jbvNull)
			table->set(spec, &value, options);
	}
	Assert(token == WJB_END_OBJECT);
}

static const OptionTable train_table = {
	option_specs, N_OPTIONS, "iforest_options(n_trees => 200)", set_option
};

/*
 * Parses options from a jsonb object into *options, over the defaults; see
 * options_read.  Names are palloc'd in the current context.
 */
void
options_parse(Datum jsonb, TrainOptions *options)
{
	options_default(options);
	options_read(jsonb, &train_table, options);
}

/* Reports the text of an option if it is longer than a name can be. */
void
option_text_length(const OptionSpec *spec, size_t len)
{
	if (len > FOREST_MAX_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("option \"%s\" has a text of %zu bytes, but at most %d are supported",
						spec->name, len, FOREST_MAX_STRING)));
}

/* Puts a text as a string. */
static void
put_text(JsonWriter *json, const OptionSpec *spec, text *argument)
{
	option_text_length(spec, VARSIZE_ANY_EXHDR(argument));
	json_put_string(json, text_to_cstring(argument));
}

/* Puts a text array as an array of strings, none longer than names may be. */
static void
put_names(JsonWriter *json, const OptionSpec *spec, ArrayType *names)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	check_n_names(spec, ArrayGetNItems(ARR_NDIM(names), ARR_DIMS(names)));
	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &n);
	json_begin_array(json);
	for (int i = 0; i < n; i++)
	{
		text	   *name;

		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
		{
			json_put_null(json);
			continue;
		}
		name = DatumGetTextPP(elements[i]);
		check_name_length(spec, i, VARDATA_ANY(name),
						  (int) VARSIZE_ANY_EXHDR(name));
		json_put_string(json, text_to_cstring(name));
	}
	json_end_array(json);
}

/* Puts a real number; NaN and infinities as strings, zero without its sign. */
static void
put_real(JsonWriter *json, double real)
{
	if (isnan(real))
		json_put_string(json, "NaN");
	else
		json_put_real(json, real + 0.0);
}

/* Puts argument i of a call, which is not NULL, as an option's value. */
static void
put_argument(JsonWriter *json, const OptionSpec *spec, FunctionCallInfo fcinfo,
			 int i)
{
	switch (spec->kind)
	{
		case OPTION_INTEGER:
			json_put_integer(json, PG_GETARG_INT32(i));
			break;
		case OPTION_SEED:
			json_put_integer(json, PG_GETARG_INT64(i));
			break;
		case OPTION_REAL:
			put_real(json, PG_GETARG_FLOAT8(i));
			break;
		case OPTION_BOOL:
			json_put_bool(json, PG_GETARG_BOOL(i));
			break;
		case OPTION_NAMES:
			put_names(json, spec, PG_GETARG_ARRAYTYPE_P(i));
			break;
		case OPTION_TEXT:
		case OPTION_COLOR:
			put_text(json, spec, PG_GETARG_TEXT_PP(i));
			break;
		case OPTION_OBJECT:
			json_put_jsonb(json, PG_GETARG_JSONB_P(i));
			break;
	}
}

/*
 * The options that a call's arguments give, one for each in the table and in
 * its order; those that are NULL are left out.  Nothing is checked yet: what
 * options_read refuses gets its error there.
 */
Datum
options_build(FunctionCallInfo fcinfo, const OptionTable *table)
{
	JsonWriter	json = {0};

	json_begin_object(&json);
	for (int i = 0; i < table->n; i++)
	{
		if (PG_ARGISNULL(i))
			continue;
		json_put_key(&json, table->specs[i].name);
		put_argument(&json, &table->specs[i], fcinfo, i);
	}
	json_end_object(&json);
	return JsonbPGetDatum(json_written(&json));
}

PG_FUNCTION_INFO_V1(iforest_options);
/*
 * iforest_options(n_trees int, sample_size int, ...) -> jsonb
 *
 * The options that are not NULL, checked.
 */
Datum
iforest_options(PG_FUNCTION_ARGS)
{
	TrainOptions options;
	Datum		result = options_build(fcinfo, &train_table);

	options_parse(result, &options);
	PG_RETURN_DATUM(result);
}
