/*-------------------------------------------------------------------------
 *
 * score.c
 *	  The scoring functions.
 *
 * Five questions about a row, each answered by its path length alone: how
 * unusual it is, whether it is above the threshold, how many of the training
 * rows are more usual, how likely such a row is among them, and where the
 * threshold lies.  Whatever a call needs is found by score_call.c; nothing
 * here allocates.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "core/stats/forest_calibration.h"
#include "model/model.h"
#include "model/model_calibrate.h"
#include "model/model_score.h"
#include "score/score_call.h"

/*
 * The model and row of a call, or NULL where the result is NULL: for a NULL
 * model, and for a row without any value.
 */
static Model *
model_and_row(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? NULL : score_arguments(fcinfo, 0);
}

PG_FUNCTION_INFO_V1(iforest_score);
/*
 * iforest_score(model bytea, VARIADIC "any") -> float8
 *
 * How unusual the row is: the paper's score, in (0, 1].
 */
Datum
iforest_score(PG_FUNCTION_ARGS)
{
	Model	   *model = model_and_row(fcinfo);

	if (model == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(model_score(model));
}

PG_FUNCTION_INFO_V1(iforest_is_outlier);
/*
 * iforest_is_outlier(model bytea, VARIADIC "any") -> bool
 *
 * Whether the score is above iforest_threshold(model, the model's own
 * contamination).  Looks at no more trees than it takes to know.
 */
Datum
iforest_is_outlier(PG_FUNCTION_ARGS)
{
	Model	   *model = model_and_row(fcinfo);

	if (model == NULL)
		PG_RETURN_NULL();
	check_calibrated(model);
	PG_RETURN_BOOL(model_sum_below(model, model->outlier_limit));
}

PG_FUNCTION_INFO_V1(iforest_percent_rank);
/*
 * iforest_percent_rank(model bytea, VARIADIC "any") -> float8
 *
 * The share of the training rows that score lower, 0 .. 1.
 */
Datum
iforest_percent_rank(PG_FUNCTION_ARGS)
{
	Model	   *model = model_and_row(fcinfo);

	if (model == NULL)
		PG_RETURN_NULL();
	check_calibrated(model);
	PG_RETURN_FLOAT8((model->calibration.n_rows -
					  forest_rows_at_least(&model->calibration,
										   model_length(model))) /
					 model->calibration.n_rows);
}

PG_FUNCTION_INFO_V1(iforest_p_value);
/*
 * iforest_p_value(model bytea, VARIADIC "any") -> float8
 *
 * The conformal p-value of "this row is as the training rows", in (0, 1]:
 * one more than the rows that score at least as high, by one more than all
 * (Vovk, Gammerman, Shafer: Algorithmic Learning in a Random World, 2005;
 * Bates et al.: Testing for outliers with conformal p-values, 2023).  Of rows
 * with weights, as many as they tell.
 */
Datum
iforest_p_value(PG_FUNCTION_ARGS)
{
	Model	   *model = model_and_row(fcinfo);
	double		rows;
	double		evidence;

	if (model == NULL)
		PG_RETURN_NULL();
	check_calibrated(model);
	rows = model->calibration.n_rows;
	evidence = calibration_evidence(&model->summary, model->calibration.n_rows);
	PG_RETURN_FLOAT8((1.0 + evidence *
					  forest_rows_at_least(&model->calibration,
										   model_length(model))) /
					 (1.0 + evidence * rows));
}

/* Reports a share of rows that no threshold is asked for. */
static void
check_contamination(double contamination)
{
	if (!(contamination >= 0 && contamination <= 0.5))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("contamination is %g, but must be at least 0 and at most 0.5",
						contamination)));
}

PG_FUNCTION_INFO_V1(iforest_threshold);
/*
 * iforest_threshold(model bytea, contamination float8) -> float8
 *
 * The score that at most this share of the training rows exceeds; without a
 * share, the one above which iforest_is_outlier calls a row an outlier.
 */
Datum
iforest_threshold(PG_FUNCTION_ARGS)
{
	Model	   *model;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1))
		check_contamination(PG_GETARG_FLOAT8(1));
	model = score_model(fcinfo, 0);
	check_calibrated(model);
	PG_RETURN_FLOAT8(model_threshold(model, PG_ARGISNULL(1) ?
									 model->summary.contamination :
									 PG_GETARG_FLOAT8(1)));
}
