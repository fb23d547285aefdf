/*-------------------------------------------------------------------------
 *
 * document.c
 *	  A JSON object as a row by name.
 *
 * A value is read as its text (what ->> gives) cast to the feature's type, but
 * for what would depend on settings; see feature_parse.c.  So a document
 * scores as the row does that it was made of by to_jsonb(), and web bodies, in
 * which numbers may be strings, score as well.
 *
 * Which keys there are is the model's to say: a missing key is NULL, others
 * are passed over.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/json_value.h"
#include "row/document.h"
#include "row/feature_parse.h"
#include "row/types.h"

/*
 * The object that a jsonb value is, in the value or in the current context;
 * NULL for JSON's null.  Anything else is an error (42804).
 */
JsonbContainer *
document_open(Datum document)
{
	Jsonb	   *jsonb = DatumGetJsonbP(document);
	JsonbValue	scalar;

	if (JB_ROOT_IS_OBJECT(jsonb))
		return &jsonb->root;
	if (JB_ROOT_IS_SCALAR(jsonb))
	{
		(void) JsonbExtractScalar(&jsonb->root, &scalar);
		if (scalar.type == jbvNull)
			return NULL;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("a row of type jsonb is %s, but must be an object",
					JB_ROOT_IS_SCALAR(jsonb) ? json_value_text(&scalar) :
					"an array"),
			 errhint("A row has the form {\"amount\": 12.5, \"country\": \"SE\"}; an array of numbers is passed as float8[].")));
	pg_unreachable();
}

/* How values of a type are written, for a hint. */
static const char *
type_example(ForestType type)
{
	switch (type)
	{
		case FOREST_BOOL:
			return "true or false";
		case FOREST_DATE:
			return "\"2026-01-31\"";
		case FOREST_TIME:
			return "\"18:30:00\"";
		case FOREST_TIMESTAMP:
			return "\"2026-01-31T18:30:00\"";
		case FOREST_TIMESTAMPTZ:
			return "\"2026-01-31T18:30:00Z\", with its time zone";
		case FOREST_INTERVAL:
			return "\"1 day 02:30:00\" or \"P1DT2H30M\"";
		default:
			return "12.5";
	}
}

/* Reports a value that cannot be one of a feature.  Does not return. */
pg_noreturn static void
report_value(const char *key, ForestType type, const JsonbValue *value)
{
	bool		nested = value->type == jbvBinary;

	ereport(ERROR,
			(errcode(nested ? ERRCODE_DATATYPE_MISMATCH :
					 ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("key \"%s\" is %s, but the model's feature of that name was trained on type %s",
					key, json_value_text(value), forest_type_name(type)),
			 nested ?
			 errhint("Put the value that is meant in its place: document || jsonb_build_object(%s, ..).",
					 quote_literal_cstr(key)) :
			 errhint("Such a value is written %s; null is a missing one.",
					 type_example(type))));
	pg_unreachable();
}

/*
 * The text of a value that is no object or array and not null, as ->> gives
 * it; false of any other.  It lies in the document or in the current context.
 */
static bool
scalar_text(const JsonbValue *value, ForestString *text)
{
	switch (value->type)
	{
		case jbvString:
			text->bytes = value->val.string.val;
			text->len = (uint32) value->val.string.len;
			return true;
		case jbvNumeric:
			text->bytes = DatumGetCString(DirectFunctionCall1(numeric_out,
															  NumericGetDatum(value->val.numeric)));
			break;
		case jbvBool:
			text->bytes = value->val.boolean ? "true" : "false";
			break;
		default:
			return false;
	}
	text->len = (uint32) strlen(text->bytes);
	return true;
}

/*
 * The value of a key, which is not null, as a feature of a numeric type, in
 * the units of number_from_datum(); an error (22P02) if its text is none.
 */
double
document_number(const char *key, ForestType type, const JsonbValue *value)
{
	ForestString string;
	double		number;

	if (value->type == jbvBool && type == FOREST_BOOL)
		return value->val.boolean;
	if (value->type == jbvNumeric &&
		forest_type_is(type, FOREST_TRAIT_NUMBER))
		number = number_from_datum(FOREST_NUMERIC,
								   NumericGetDatum(value->val.numeric));
	else if (!scalar_text(value, &string) ||
			 !feature_parse(type, string.bytes, string.len, &number))
		report_value(key, type, value);
	/* the digits of a float4 stand for it, not for a double between two */
	return type == FOREST_FLOAT4 ? (double) (float4) number : number;
}

/*
 * The value of a key, which is not null, as a category.  Its bytes lie in the
 * document or in the current context.
 */
ForestString
document_category(const char *key, ForestType type, const JsonbValue *value)
{
	ForestString string;

	if (!scalar_text(value, &string))
		report_value(key, type, value);
	if (type == FOREST_BPCHAR)
		string.len = (uint32) bpchartruelen(unconstify(char *, string.bytes),
											(int) string.len);
	return string;
}
