/*-------------------------------------------------------------------------
 *
 * registry_json.h
 *	  Reading the small JSON objects that iforest_refit takes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_JSON_H
#define IFOREST_REGISTRY_JSON_H

#include "iforest.h"

#include "utils/jsonb.h"

/* An option of a JSON object and, once read, its value. */
typedef struct JsonOption
{
	const char *name;
	bool		is_text;
	double		min;			/* of a number */
	double		max;
	bool		given;
	double		number;
	char	   *text;
} JsonOption;

extern void json_options_read(JsonbContainer *object, const char *argument,
							  JsonOption *options, int n);

#endif							/* IFOREST_REGISTRY_JSON_H */
