/*-------------------------------------------------------------------------
 *
 * train.c
 *	  The aggregates iforest_train and iforest_train_array.
 *
 * Transition offers each row to the sample; only a row that the sample wants
 * is read at all, so that training runs at the speed of the scan.  The trees
 * grow in the final function, which leaves the state as it is: it may be
 * called again (window aggregates, shared states).
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "nodes/execnodes.h"

#include "base/aggregate.h"
#include "base/json_value.h"
#include "core/grow/forest_sample.h"
#include "row/argument_names.h"
#include "row/arguments.h"
#include "row/types.h"
#include "sketch/document_sample.h"
#include "sketch/row_sample.h"
#include "sketch/row_sample_merge.h"
#include "sketch/row_sample_serial.h"
#include "sketch/row_waiting.h"
#include "train/train_columns.h"
#include "train/train_generator.h"
#include "train/train_model.h"
#include "train/train_progress.h"

/* What a call site of a transition function remembers between rows. */
typedef struct TrainCall
{
	Arguments  *arguments;
	bool		named;			/* columns were given their names */
	double	   *row;			/* one row of features */
	int			max_columns;	/* room in row */
} TrainCall;

/*
 * Whether the state will be merged with others.  A function called without
 * an expression is called by another aggregate (as Citus does), which may
 * merge as well.
 */
static bool
state_is_partial(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_expr == NULL)
		return true;
	return IsA(fcinfo->context, AggState) &&
		DO_AGGSPLIT_SKIPFINAL(((AggState *) fcinfo->context)->aggsplit);
}

/* Creates the state for the first row of a group. */
static pg_noinline RowSample *
begin_state(FunctionCallInfo fcinfo, int first)
{
	MemoryContext context = aggregate_context(fcinfo);
	TrainOptions options;

	options_default(&train_option_table, &options);
	if (first == 2 && !PG_ARGISNULL(1))
		options_read(&train_option_table, &PG_GETARG_JSONB_P(1)->root,
					 &options);
	train_check_generator(&options);
	return row_sample_create(context, &options, state_is_partial(fcinfo));
}

/* Returns what the call site remembers, learning it at its first row. */
static TrainCall *
train_call(FunctionCallInfo fcinfo, int first)
{
	TrainCall  *call = fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		MemoryContext context = fcinfo->flinfo->fn_mcxt;

		call = MemoryContextAllocZero(context, sizeof(*call));
		call->arguments = arguments_open(fcinfo, first, context);
		call->arguments->takes_apart = true;
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/* Fixes the state's features from the columns at hand. */
static void
define_features(RowSample *state, TrainCall *call, FunctionCallInfo fcinfo)
{
	Arguments  *arguments = call->arguments;

	if (!call->named)
		arguments_name_columns(arguments, fcinfo);
	call->named = true;
	train_define_columns(state, arguments);
}

/* The number of the column that is a feature of the state. */
static inline uint32
feature_column(const RowSample *state, uint32 feature)
{
	return state->columns == NULL ? feature : state->columns[feature];
}

/* Checks that the row at hand has the state's features. */
static void
check_columns(const RowSample *state, const Arguments *arguments)
{
	uint32		n_columns = state->columns == NULL ? state->n_features :
		state->n_columns;

	if ((uint32) arguments->n_columns != n_columns)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 arguments->shape == ARGUMENTS_ARRAY ?
				 errmsg_plural("an array has %d element, but earlier ones had %u",
							   "an array has %d elements, but earlier ones had %u",
							   arguments->n_columns, arguments->n_columns,
							   n_columns) :
				 errmsg_plural("a row has %d column, but earlier ones had %u",
							   "a row has %d columns, but earlier ones had %u",
							   arguments->n_columns, arguments->n_columns,
							   n_columns)));
	for (uint32 i = 0; i < state->n_features; i++)
	{
		uint32		column = feature_column(state, i);

		if (arguments->columns[column].type != state->features[i].type)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("%s changes its type from one row to the next",
							arguments_label(arguments, (int) column))));
	}
}

/* The value of feature i of a row of the state. */
static inline double
encode_value(RowSample *state, uint32 i, Datum value, bool isnull)
{
	ForestType	type = state->features[i].type;

	if (isnull)
		return NAN;
	if (type != FOREST_FLOAT8 && forest_type_is_category(type))
		return row_sample_code(state, i, category_from_datum(type, value));
	return number_from_datum(type, value);
}

/*
 * Turns the columns at hand into one row of features; false if all of them
 * are missing.
 */
static bool
encode_row(RowSample *state, const Arguments *arguments, double *row)
{
	bool		some = false;

	for (uint32 i = 0; i < state->n_features; i++)
	{
		uint32		column = feature_column(state, i);

		row[i] = encode_value(state, i, arguments->values[column],
							  arguments->nulls[column]);
		some |= !isnan(row[i]);
	}
	return some;
}

/*
 * Reports options in the place of a document, as they are when columns to
 * train on were forgotten: an object whose keys are options' names.
 */
static void
check_not_options(JsonbContainer *document)
{
	JsonbValue	value;
	int			n = 0;

	for (int i = 0; i < train_option_table.n; i++)
		n += json_member(document, train_option_table.specs[i].name, &value);
	if (n == 0 || n < (int) JsonContainerSize(document))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("options are given, but nothing to train on"),
			 errhint("Columns, a row, an array or a document come behind the options.")));
}

/*
 * Reads the current row, and fixes the state's features by the first one.
 * Returns the row's columns; NULL if there is none.
 */
static Arguments *
read_row(RowSample *state, FunctionCallInfo fcinfo, int first)
{
	TrainCall  *call = train_call(fcinfo, first);
	Arguments  *arguments = call->arguments;

	if (!arguments_read(arguments, fcinfo))
		return NULL;
	if (arguments->document != NULL)
	{
		if (first == 1 && !state->by_key)
			check_not_options(arguments->document);
		if (state->options.exclude.n > 0)
			train_refuse_exclude(arguments->shape);
		return arguments;
	}
	if (state->by_key)
		document_sample_report_mixed();
	if (state->n_features == 0)
		define_features(state, call, fcinfo);
	else if (arguments->shape != ARGUMENTS_COLUMNS)
		check_columns(state, arguments);	/* columns keep their types */
	return arguments;
}

/* Room of the call site for a row of columns. */
static double *
call_row(TrainCall *call, MemoryContext context)
{
	Arguments  *arguments = call->arguments;

	if (call->max_columns < arguments->n_columns)
	{
		call->row = MemoryContextAlloc(context, arguments->n_columns *
									   sizeof(double));
		call->max_columns = arguments->n_columns;
	}
	return call->row;
}

/* Puts the row that was read into the sample, which wants it. */
static void
accept_row(RowSample *state, RowKey key, TrainCall *call,
		   MemoryContext context)
{
	Arguments  *arguments = call->arguments;
	double	   *row;

	if (arguments->document != NULL)
	{
		document_sample_add(state, key, arguments->document);
		return;
	}
	row = row_sample_room(state);
	if (row != NULL)
	{
		if (encode_row(state, arguments, row))
			row_sample_wait(state, key);
		return;
	}
	row = call_row(call, context);
	if (encode_row(state, arguments, row))
		row_sample_place(state, key, row);
}

/*
 * Takes the row at hand, with the key that it drew, into the sample if that
 * wants it; where there are weights, each row has to be read to know.
 */
static void
offer_row(RowSample *state, uint64 drawn, FunctionCallInfo fcinfo, int first)
{
	RowKey		key = {drawn, 1.0};
	bool		weighted = state->options.weight != NULL;
	const Arguments *arguments;

	if (!weighted && drawn >= state->sample.limit)
		return;
	arguments = read_row(state, fcinfo, first);
	if (arguments == NULL)
		return;
	if (weighted)
		key.weight = train_row_weight(state, arguments);
	if (!weighted || (key.weight > 0 && row_sample_rank(state, key) <
					  state->sample.limit))
		accept_row(state, key, fcinfo->flinfo->fn_extra,
				   fcinfo->flinfo->fn_mcxt);
}

/*
 * Takes a row that is not known to be unwanted, and looks for the next one.
 * Returns the state, which the first row creates.
 */
static pg_noinline RowSample *
take_row(FunctionCallInfo fcinfo, int first)
{
	RowSample  *state = PG_ARGISNULL(0) ? begin_state(fcinfo, first) :
		(RowSample *) PG_GETARG_POINTER(0);
	ForestSample *sample = &state->sample;

	if (unlikely(train_watched))
		train_watch_rows(state->passed + 1);
	offer_row(state, forest_sample_draw(sample), fcinfo, first);
	if (state->options.weight == NULL)
		forest_sample_look_ahead(sample);
	state->passed = sample->ahead;
	return state;
}

/*
 * The transition of one row, whose features begin at argument "first".  What
 * most rows come to is here, and calls nothing.
 */
static inline Datum
accumulate(FunctionCallInfo fcinfo, int first)
{
	RowSample  *state = PG_ARGISNULL(0) ? NULL :
		(RowSample *) PG_GETARG_POINTER(0);

	if (unlikely(state == NULL || !forest_sample_passes(&state->sample)))
		state = take_row(fcinfo, first);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_train_accum);
/*
 * _iforest_train_accum(internal, VARIADIC "any") -> internal
 * _iforest_train_accum(internal, float8[]) -> internal
 *
 * Transition function without options.
 */
Datum
iforest_train_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(iforest_train_accum_options);
/*
 * _iforest_train_accum(internal, jsonb, VARIADIC "any") -> internal
 * _iforest_train_accum(internal, jsonb, float8[]) -> internal
 *
 * Transition function with options; those of a group's first row count.
 */
Datum
iforest_train_accum_options(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 2);
}

PG_FUNCTION_INFO_V1(iforest_train_combine);
/*
 * _iforest_train_combine(internal, internal) -> internal
 *
 * Merges the second state into the first, or into a new one: the second may
 * live shorter than the aggregate.
 */
Datum
iforest_train_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	RowSample  *state = PG_ARGISNULL(0) ? NULL :
		(RowSample *) PG_GETARG_POINTER(0);
	RowSample  *other = PG_ARGISNULL(1) ? NULL :
		(RowSample *) PG_GETARG_POINTER(1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = row_sample_create(context, &other->options, true);
	row_sample_settle(state);
	row_sample_settle(other);
	row_sample_merge(state, other);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_train_serialize);
/* iforest_train_serialize(internal) -> bytea */
Datum
iforest_train_serialize(PG_FUNCTION_ARGS)
{
	RowSample  *state = (RowSample *) PG_GETARG_POINTER(0);

	(void) aggregate_context(fcinfo);
	row_sample_settle(state);
	PG_RETURN_BYTEA_P(row_sample_serialize(state));
}

PG_FUNCTION_INFO_V1(iforest_train_deserialize);
/* iforest_train_deserialize(bytea, internal) -> internal */
Datum
iforest_train_deserialize(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_POINTER(row_sample_deserialize(PG_GETARG_BYTEA_PP(0),
											 CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(iforest_train_final);
/*
 * _iforest_train_final(internal) -> bytea
 *
 * Grows the forest of the sample and returns the model; NULL if no row had a
 * value.
 */
Datum
iforest_train_final(PG_FUNCTION_ARGS)
{
	RowSample  *state = PG_ARGISNULL(0) ? NULL :
		(RowSample *) PG_GETARG_POINTER(0);

	(void) aggregate_context(fcinfo);
	if (state == NULL || state->sample.n == 0)
		PG_RETURN_NULL();
	row_sample_settle(state);
	PG_RETURN_BYTEA_P(train_model(state));
}
