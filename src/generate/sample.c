/*-------------------------------------------------------------------------
 *
 * sample.c
 *	  New rows that look like the training rows: iforest_sample.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "generate/base_row.h"
#include "generate/density.h"
#include "model/model.h"

/* A call that returns rows one by one. */
typedef struct SampleCall
{
	BaseRow    *base;
	Datum		model;
	uint64		seed;
	bool	   *given;			/* per feature */
	double	   *row;
} SampleCall;

/*
 * Begins a call, in the current context.  The base's features that are not
 * NULL are given.
 */
static SampleCall *
begin_sample(FunctionCallInfo fcinfo, BaseRow *base, uint64 seed)
{
	SampleCall *call = palloc0(sizeof(*call));
	const Model *model;

	call->base = base;
	call->model = PG_GETARG_DATUM(0);
	call->seed = seed;
	(void) base_row_score(base, call->model, base->base);
	model = base->scored.model;
	call->given = palloc(model->summary.n_features * sizeof(bool));
	call->row = palloc(model->summary.n_features * sizeof(double));
	for (uint32 f = 0; f < model->summary.n_features; f++)
		call->given[f] = !isnan(model->row[f]);
	return call;
}

/* Draws the features of row number "number" into call->row. */
static ModelDensity *
draw_sample(SampleCall *call, uint64 number)
{
	ModelDensity *density;
	Model	   *model;
	ForestRng	rng;

	(void) base_row_score(call->base, call->model, call->base->base);
	model = call->base->scored.model;
	memcpy(call->row, model->row, model->summary.n_features * sizeof(double));
	density = model_density(model, call->model);
	forest_rng_start(&rng, call->seed, FOREST_FOR_NEW_ROW, number);
	density_draw_row(density, call->given, call->row, &rng, NULL);
	return density;
}

/* Returns the next row of a call. */
static Datum
next_row(FunctionCallInfo fcinfo, FuncCallContext *context)
{
	SampleCall *call = context->user_fctx;
	ModelDensity *density;

	if (context->call_cntr >= context->max_calls)
		SRF_RETURN_DONE(context);
	density = draw_sample(call, context->call_cntr);
	SRF_RETURN_NEXT(context, base_row_form(call->base, density, call->row,
										   call->given));
}

/* Begins to return n rows; the base is argument "argument", or a float8[]. */
static void
first_call(FunctionCallInfo fcinfo, int64 n, int argument, uint64 seed)
{
	FuncCallContext *context = SRF_FIRSTCALL_INIT();
	MemoryContext old = MemoryContextSwitchTo(context->multi_call_memory_ctx);

	context->max_calls = (uint64) generation_count(n);
	if (PG_ARGISNULL(0))
		context->max_calls = 0;
	else
	{
		BaseRow    *base;

		if (argument > 0)
		{
			base = base_row_open(fcinfo, argument,
								 get_fn_expr_argtype(fcinfo->flinfo, argument),
								 CurrentMemoryContext);
			(void) base_row_read(base, fcinfo, argument);
		}
		else
		{
			base = base_row_open(fcinfo, 0, FLOAT8ARRAYOID,
								 CurrentMemoryContext);
			base_row_null(base, fcinfo);
		}
		context->user_fctx = begin_sample(fcinfo, base, seed);
	}
	MemoryContextSwitchTo(old);
}

PG_FUNCTION_INFO_V1(iforest_sample_array);
/*
 * iforest_sample(model bytea, n bigint, seed bigint) -> SETOF float8[]
 *
 * n rows drawn from the density of the model, of numbers alone.
 */
Datum
iforest_sample_array(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1), 0,
				   generation_seed(fcinfo, 2));
	return next_row(fcinfo, SRF_PERCALL_SETUP());
}

/* As generation_seed, of an argument of type int. */
static uint64
int_seed(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? generation_seed(fcinfo, argument) :
		(uint64) (int64) PG_GETARG_INT32(argument);
}

PG_FUNCTION_INFO_V1(iforest_sample_array_int_seed);
/*
 * iforest_sample(model bytea, n bigint, seed int) -> SETOF float8[]
 *
 * The same.  Without this form and the next, the int of a call with a seed
 * would as well be taken for the base of the form with one, which has any
 * type.
 */
Datum
iforest_sample_array_int_seed(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1), 0,
				   int_seed(fcinfo, 2));
	return next_row(fcinfo, SRF_PERCALL_SETUP());
}

PG_FUNCTION_INFO_V1(iforest_sample_array_int);
/*
 * iforest_sample(model bytea, n int, seed int) -> SETOF float8[]
 */
Datum
iforest_sample_array_int(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1), 0,
				   int_seed(fcinfo, 2));
	return next_row(fcinfo, SRF_PERCALL_SETUP());
}

PG_FUNCTION_INFO_V1(iforest_sample);
/*
 * iforest_sample(model bytea, n bigint, base anyelement, seed bigint)
 *		-> SETOF anyelement
 *
 * n rows or arrays of the base's type.  What the base has is given; columns
 * that are no features are as in the base.
 */
Datum
iforest_sample(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1), 2,
				   generation_seed(fcinfo, 3));
	return next_row(fcinfo, SRF_PERCALL_SETUP());
}
