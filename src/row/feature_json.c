/*-------------------------------------------------------------------------
 *
 * feature_json.c
 *	  The value of a numeric feature in a JSON document.
 *
 * It is written as to_jsonb() writes it in a row, so that a made row or one of
 * a sketch reads like the table's own, and as document.c reads it back.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "row/feature_json.h"
#include "row/feature_text.h"

/*
 * Puts a value of a numeric type: whole, or in a float4's digits, if the type
 * asks for it; null if it is missing (NaN) or the type has no such value.
 */
void
feature_put_json(JsonWriter *json, ForestType type, double value)
{
	char	   *text;

	if (forest_type_is(type, FOREST_TRAIT_WHOLE))
		value = rint(value);
	else if (type == FOREST_FLOAT4)
		value = (float4) value;
	text = feature_json_text(type, value);
	if (text == NULL)
		json_put_null(json);
	else if (type == FOREST_BOOL)
		json_put_bool(json, value != 0.0);
	else if (forest_type_is(type, FOREST_TRAIT_NUMBER) && isfinite(value))
		json_put_digits(json, text);
	else
		json_put_string(json, text);
}
