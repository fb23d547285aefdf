/*-------------------------------------------------------------------------
 *
 * options_build.c
 *	  Options by name: a function's arguments as a JSON object.
 *
 * Aggregates take neither named arguments nor defaults.  Functions such as
 * iforest_options() do, and return the jsonb that the aggregates take; the
 * arguments of such a function are the options of a table, in its order.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/json_put.h"
#include "base/options.h"
#include "base/options_build.h"

/*
 * Puts a text array as an array of strings and nulls.  Too many names, and too
 * long ones, are refused before they are copied.
 */
static void
put_names(JsonWriter *json, const OptionTable *table, const OptionSpec *spec,
		  ArrayType *names)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	option_check_names(table, spec, ArrayGetNItems(ARR_NDIM(names),
												   ARR_DIMS(names)));
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
		option_check_name(table, spec, i, VARDATA_ANY(name),
						  VARSIZE_ANY_EXHDR(name));
		json_put_string(json, text_to_cstring(name));
	}
	json_end_array(json);
}

/* Puts a text as a string. */
static void
put_text(JsonWriter *json, const OptionTable *table, const OptionSpec *spec,
		 text *value)
{
	option_check_text(table, spec, VARSIZE_ANY_EXHDR(value));
	json_put_string(json, text_to_cstring(value));
}

/*
 * Puts a real number; NaN and infinities as strings, which the table's reader
 * then refuses by name, zero without its sign.
 */
static void
put_real(JsonWriter *json, double real)
{
	if (isnan(real))
		json_put_string(json, "NaN");
	else
		json_put_real(json, real + 0.0);
}

/*
 * An integer argument.  SQL declares those of a small range as int and all
 * others as bigint.
 */
static int64
integer_argument(const OptionSpec *spec, Datum argument)
{
	return spec->max <= PG_INT32_MAX ? DatumGetInt32(argument) :
		DatumGetInt64(argument);
}

/* Puts an argument, which is not NULL, as an option's value. */
static void
put_argument(JsonWriter *json, const OptionTable *table,
			 const OptionSpec *spec, Datum argument)
{
	switch (spec->type)
	{
		case OPTION_BOOL:
			json_put_bool(json, DatumGetBool(argument));
			break;
		case OPTION_INTEGER:
			json_put_integer(json, integer_argument(spec, argument));
			break;
		case OPTION_REAL:
			put_real(json, DatumGetFloat8(argument));
			break;
		case OPTION_STRING:
		case OPTION_TEXT:
		case OPTION_ENUM:
			put_text(json, table, spec, DatumGetTextPP(argument));
			break;
		case OPTION_NAMES:
			put_names(json, table, spec, DatumGetArrayTypeP(argument));
			break;
		case OPTION_OBJECT:
			json_put_jsonb(json, DatumGetJsonbP(argument));
			break;
	}
}

/*
 * The options that a call's arguments give, those that are NULL left out, as
 * jsonb; checked, as far as that needs neither columns nor a model.  The SQL
 * script may be older than the library, and so lack the last options.
 */
Datum
options_build(FunctionCallInfo fcinfo, const OptionTable *table)
{
	JsonWriter	json = {0};
	void	   *checked = palloc(table->size);
	Jsonb	   *built;

	json_begin_object(&json);
	for (int i = 0; i < Min(table->n, PG_NARGS()); i++)
	{
		if (PG_ARGISNULL(i))
			continue;
		json_put_key(&json, table->specs[i].name);
		put_argument(&json, table, &table->specs[i], PG_GETARG_DATUM(i));
	}
	json_end_object(&json);
	built = json_written(&json);
	/* one reader, so that both forms are refused in the same words */
	options_read(table, &built->root, checked);
	return JsonbPGetDatum(built);
}
