/*-------------------------------------------------------------------------
 *
 * score.c
 *	  The scoring functions.
 *
 *-------------------------------------------------------------------------
 */
#include "score_call.h"

PG_FUNCTION_INFO_V1(iforest_score);
/*
 * iforest_score(model bytea, VARIADIC "any") -> float8
 *
 * How unusual the row is: the paper's score, in (0, 1].  NULL for a NULL
 * model and for a row without any value.
 */
Datum
iforest_score(PG_FUNCTION_ARGS)
{
	Model	   *model;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	model = score_arguments(fcinfo, 1);
	if (model == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(model_score(model));
}
