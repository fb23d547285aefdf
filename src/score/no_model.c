/*-------------------------------------------------------------------------
 *
 * no_model.c
 *	  Calls of functions that judge a row which have no model to judge by.
 *
 * The forms with a model, or with its name, take any columns behind it.  A call
 * whose first argument is neither finds no form but the one that takes
 * anything, and learns here what is missing, where the server would speak of
 * casts.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* Whether a type is that of a model, or of the name of one. */
static bool
is_of_models(Oid type)
{
	if (!OidIsValid(type))
		return false;
	type = getBaseType(type);
	return type == BYTEAOID || type == TEXTOID || type == UNKNOWNOID;
}

PG_FUNCTION_INFO_V1(iforest_no_model);
/*
 * iforest_score(VARIADIC "any") and its like
 *
 * Reports that the model, or what is to be judged by it, is missing.
 */
Datum
iforest_no_model(PG_FUNCTION_ARGS)
{
	const char *name = get_func_name(fcinfo->flinfo->fn_oid);
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 0);

	if (PG_NARGS() == 1 && is_of_models(type))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("%s() has nothing to judge by the model", name),
				 errhint("Columns, a row, an array or a document come behind the model: %s('fraud', t).",
						 name)));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_FUNCTION),
			 errmsg("%s() takes a model or the name of one first, but argument 1 has type %s",
					name, format_type_be(type)),
			 errhint("The model comes before the columns: %s('fraud', t). The view iforest_models lists models by name.",
					 name)));
	PG_RETURN_NULL();
}
