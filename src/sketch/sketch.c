/*-------------------------------------------------------------------------
 *
 * sketch.c
 *	  Sketches in SQL: the aggregates iforest_sketch, whose transition is
 *	  that of iforest_train, and iforest_sketch_union, whose transition is
 *	  that of iforest_train over sketches.
 *
 * The final function leaves the state as it is: it may be called again.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/jsonb.h"

#include "base/aggregate.h"
#include "sketch/row_sample.h"
#include "sketch/row_sample_merge.h"
#include "sketch/row_waiting.h"
#include "sketch/row_weights.h"
#include "sketch/sketch_write.h"
#include "sketch/train_options.h"

/*
 * The transition of one sketch, in argument number "argument"; a NULL one is
 * passed over, and one of weight 0.  Without a state there are options to
 * start one with.
 */
static Datum
unite(FunctionCallInfo fcinfo, int argument, const TrainOptions *options,
	  double weight)
{
	RowSample  *state;

	if (PG_ARGISNULL(argument) || weight == 0)
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	if (PG_ARGISNULL(0))
		state = row_sample_create(aggregate_context(fcinfo), options, true);
	else
		state = (RowSample *) PG_GETARG_POINTER(0);
	row_sample_unite(state, PG_GETARG_DATUM(argument), weight);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_train_unite);
/* iforest_train_unite(internal, sketch bytea) -> internal */
Datum
iforest_train_unite(PG_FUNCTION_ARGS)
{
	TrainOptions options;

	options_default(&train_option_table, &options);
	return unite(fcinfo, 1, &options, 1);
}

PG_FUNCTION_INFO_V1(iforest_train_unite_options);
/*
 * iforest_train_unite(internal, options jsonb, sketch bytea) -> internal
 *
 * The same with options; those of a group's first sketch count.
 */
Datum
iforest_train_unite_options(PG_FUNCTION_ARGS)
{
	TrainOptions options;

	options_default(&train_option_table, &options);
	if (PG_ARGISNULL(0) && !PG_ARGISNULL(1))
		options_read(&train_option_table, &PG_GETARG_JSONB_P(1)->root,
					 &options);
	if (options.exclude.n > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"exclude\" is given with a sketch, whose rows have their columns already"),
				 errhint("Leave the columns out of the sketch: iforest_sketch(iforest_options(exclude => ..), row).")));
	if (options.weight != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"weight\" is given with a sketch, whose rows have their weights already"),
				 errhint("Give it to iforest_sketch; iforest_sketch_union(sketch, weight) gives a sketch a weight.")));
	return unite(fcinfo, 2, &options, 1);
}

PG_FUNCTION_INFO_V1(iforest_sketch_unite);
/*
 * iforest_sketch_unite(internal, sketch bytea) -> internal
 *
 * The same without a limit but that of the sketches.
 */
Datum
iforest_sketch_unite(PG_FUNCTION_ARGS)
{
	TrainOptions options;

	union_options(&options);
	return unite(fcinfo, 1, &options, 1);
}

PG_FUNCTION_INFO_V1(iforest_sketch_unite_weight);
/*
 * iforest_sketch_unite(internal, sketch bytea, weight float8) -> internal
 *
 * The same of rows that count so often; a NULL weight is 0.
 */
Datum
iforest_sketch_unite_weight(PG_FUNCTION_ARGS)
{
	TrainOptions options;
	double		weight = PG_ARGISNULL(2) ? 0 :
		check_weight(PG_GETARG_FLOAT8(2), NULL);

	union_options(&options);
	return unite(fcinfo, 1, &options, weight);
}

PG_FUNCTION_INFO_V1(iforest_sketch_final);
/*
 * iforest_sketch_final(internal) -> bytea
 *
 * The sketch; NULL if no row had a value.
 */
Datum
iforest_sketch_final(PG_FUNCTION_ARGS)
{
	RowSample  *state = PG_ARGISNULL(0) ? NULL :
		(RowSample *) PG_GETARG_POINTER(0);

	(void) aggregate_context(fcinfo);
	if (state == NULL || state->sample.n == 0)
		PG_RETURN_NULL();
	row_sample_settle(state);
	PG_RETURN_BYTEA_P(sketch_write(state));
}
