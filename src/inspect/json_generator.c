/*-------------------------------------------------------------------------
 *
 * json_generator.c
 *	  A model's generator in JSON: its bytes, and what it is.
 *
 * What a generator has learnt are some ten thousand weights, which say nothing
 * to whom reads them.  So a document has the bytes, in hexadecimal.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/json_put.h"
#include "base/json_value.h"
#include "core/base/forest_bytes.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "inspect/json_generator.h"
#include "model/model_text.h"

/* Bytes that are converted between two looks for interrupts; even. */
#define AT_ONCE		65536

/* Puts the generator of a model that has one, and whose size is checked. */
void
json_put_generator(JsonWriter *json, const ForestView *view)
{
	uint64		size = view->generator_size;
	char	   *text = palloc(2 * size + 1);

	for (uint64 at = 0; at < size; at += AT_ONCE)
	{
		CHECK_FOR_INTERRUPTS();
		(void) hex_encode((const char *) view->generator + at,
						  Min(size - at, AT_ONCE), text + 2 * at);
	}
	text[2 * size] = '\0';
	json_add_string(json, "generator", text);
}

/* The half of a byte that a digit is; errors if it is none. */
static uint8
digit_value(char digit, const JsonPlace *place)
{
	if (digit >= '0' && digit <= '9')
		return (uint8) (digit - '0');
	if (digit >= 'a' && digit <= 'f')
		return (uint8) (digit - 'a' + 10);
	json_report(place, "must be hexadecimal: digits and the letters a to f");
}

/* Reads a document's generator; that it is a good one is still to be seen. */
void
json_read_generator(const JsonbValue *value, const JsonPlace *place,
					ForestParts *parts)
{
	ForestString text = json_as_string(value, place);
	uint8	   *bytes;

	if (text.len == 0 || text.len % 2 != 0)
		json_report(place, psprintf("has %u hexadecimal digits, but must have two a byte",
									text.len));
	bytes = palloc(text.len / 2);
	for (uint32 i = 0; i < text.len / 2; i++)
	{
		if (i % AT_ONCE == 0)
			CHECK_FOR_INTERRUPTS();
		bytes[i] = (uint8) (digit_value(text.bytes[2 * i], place) << 4 |
							digit_value(text.bytes[2 * i + 1], place));
	}
	parts->generator = bytes;
	parts->generator_size = text.len / 2;
}

/* How training ended, in a word or two. */
static const char *
outcome_name(uint32 outcome)
{
	switch ((ForestOutcome) outcome)
	{
		case FOREST_OUTCOME_SETTLED:
			return "settled";
		case FOREST_OUTCOME_ALL_STEPS:
			return "all steps";
		case FOREST_OUTCOME_NOT_FINITE:
			return "not finite";
	}
	return NULL;				/* checked: not reached */
}

/* Adds what the generator of a model is, if it has one. */
void
json_describe_generator(JsonWriter *json, const ForestView *view)
{
	const uint8 *bytes = view->generator;
	ForestGenerator g;

	if (bytes == NULL)
		return;
	(void) forest_generator_head(bytes, &g);
	json_add_object(json, "generator");
	json_add_string(json, "method",
					g.method == FOREST_METHOD_VAE ? "vae" : "gan");
	json_add_integer(json, "bytes", (int64) view->generator_size);
	json_add_integer(json, "weights", (int64) forest_generator_floats(&g));
	json_add_integer(json, "rows", forest_get32(bytes + GEN_AT_N_ROWS));
	json_add_integer(json, "steps", forest_get32(bytes + GEN_AT_STEPS));
	json_add_string(json, "outcome",
					outcome_name(forest_get32(bytes + GEN_AT_OUTCOME)));
	json_add_real(json, "bits_per_row",
				  forest_get_double(bytes + GEN_AT_BITS));
	json_put_key(json, "label");
	if (g.label == FOREST_NO_LABEL)
		json_put_null(json);
	else
		json_put_string(json,
						model_string_text(forest_view_string(view, g.label)));
	json_end_object(json);
}
