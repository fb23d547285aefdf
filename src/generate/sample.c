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
#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "generate/base_row.h"
#include "generate/density.h"
#include "generate/generator.h"
#include "model/model.h"

/* A call that returns rows one by one. */
typedef struct SampleCall
{
	BaseRow    *base;
	Datum		model;
	RowMethod	method;
	uint64		seed;
	bool	   *given;			/* per feature */
	uint32		n_given;
	double	   *rows;			/* one, or FOREST_MAKE_ROWS of a generator */
	uint64		n_made;			/* rows that a generator has made so far */
	/* of an autoencoder, where something is given */
	bool		is_weighed;
	ForestGiven weighed;
} SampleCall;

/* The methods that the function has. */
#define METHODS		(METHOD_FOREST | METHOD_VAE | METHOD_GAN)

/*
 * Checks that an adversarial network can make rows with what is given: nothing
 * but the column that it was trained to be given.
 */
static void
check_given(const SampleCall *call, Model *model)
{
	uint32		label = model_generator(model, call->model)->generator.label;

	for (uint32 f = 0; f < model->summary.n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!call->given[f] || f == label)
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("generator 'gan' cannot make rows of which column \"%s\" is given",
						model->features[f].name),
				 label == FOREST_NO_LABEL ?
				 errdetail("It was trained without a label, which it could be given.") :
				 errdetail("It can be given column \"%s\" alone, its label.",
						   model->features[label].name),
				 errhint("Take method => 'forest', or a model with generator => 'vae'.")));
	}
}

/* Remembers what the base gives: its features that are not NULL. */
static void
find_given(SampleCall *call, const Model *model)
{
	uint32		d = model->summary.n_features;

	call->given = palloc(d * sizeof(bool));
	for (uint32 f = 0; f < d; f++)
	{
		call->given[f] = !isnan(model->row[f]);
		call->n_given += call->given[f];
	}
}

/* Begins a call, in the current context. */
static SampleCall *
begin_sample(FunctionCallInfo fcinfo, BaseRow *base, uint64 seed,
			 RowMethod method)
{
	SampleCall *call = palloc0(sizeof(*call));
	Model	   *model;
	uint64		n;

	call->base = base;
	call->model = PG_GETARG_DATUM(0);
	call->seed = seed;
	(void) base_row_score(base, call->model, base->base);
	model = base->scored.model;
	call->method = method_resolve(method, model);
	find_given(call, model);
	if (call->method == METHOD_GAN)
		check_given(call, model);
	n = call->method == METHOD_FOREST ? 1 : FOREST_MAKE_ROWS;
	call->rows = palloc(n * model->summary.n_features * sizeof(double));
	return call;
}

/* Draws row number "number" from the forest's density. */
static double *
draw_by_forest(SampleCall *call, Model *model, uint64 number)
{
	ForestRng	rng;

	memcpy(call->rows, model->row, model->summary.n_features * sizeof(double));
	forest_rng_start(&rng, call->seed, FOREST_FOR_NEW_ROW, number);
	density_draw_row(model_density(model, call->model), call->given,
					 call->rows, &rng, NULL);
	return call->rows;
}

/* Weighs latents by what is given, once a call. */
static void
weigh_given(SampleCall *call, ForestMake *make, const double *row)
{
	uint64		size = forest_given_size(FOREST_GIVEN_LATENTS);

	if (!call->is_weighed)
		forest_given_weigh(make, row, call->given, call->seed,
						   FOREST_GIVEN_LATENTS,
						   MemoryContextAlloc(call->base->context, size),
						   &call->weighed);
	call->is_weighed = true;
}

/*
 * Makes row number "number" by the model's generator, together with those that
 * follow it.
 */
static double *
make_by_generator(SampleCall *call, Model *model, uint64 number)
{
	uint32		at = (uint32) (number % FOREST_MAKE_ROWS);
	ModelGenerator *own;
	uint32		label;

	if (number < call->n_made)
		return call->rows + (Size) at * model->summary.n_features;
	own = model_generator(model, call->model);
	label = own->generator.label;
	if (call->method == METHOD_VAE && call->n_given > 0)
	{
		weigh_given(call, &own->make, model->row);
		forest_make_given(&own->make, &call->weighed, model->row, call->given,
						  call->seed, number, FOREST_MAKE_ROWS, call->rows);
	}
	else
		forest_make_rows(&own->make, label == FOREST_NO_LABEL ? NAN :
						 model->row[label], call->seed, number,
						 FOREST_MAKE_ROWS, call->rows);
	call->n_made = number + FOREST_MAKE_ROWS;
	return call->rows;
}

/* Returns the next row of a call. */
static Datum
next_row(FunctionCallInfo fcinfo, FuncCallContext *context)
{
	SampleCall *call = context->user_fctx;
	Model	   *model;
	double	   *row;

	if (context->call_cntr >= context->max_calls)
		SRF_RETURN_DONE(context);
	(void) base_row_score(call->base, call->model, call->base->base);
	model = call->base->scored.model;
	row = call->method == METHOD_FOREST ?
		draw_by_forest(call, model, context->call_cntr) :
		make_by_generator(call, model, context->call_cntr);
	SRF_RETURN_NEXT(context, base_row_form(call->base, row, call->given));
}

/*
 * Begins to return n rows; the base is argument "argument", or a float8[], and
 * the method argument "method".
 */
static void
first_call(FunctionCallInfo fcinfo, int64 n, int argument, uint64 seed,
		   int method)
{
	FuncCallContext *context = SRF_FIRSTCALL_INIT();
	MemoryContext old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
	RowMethod	how = method_read(fcinfo, method, METHODS);

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
		context->user_fctx = begin_sample(fcinfo, base, seed, how);
	}
	MemoryContextSwitchTo(old);
}

PG_FUNCTION_INFO_V1(iforest_sample_array);
/*
 * iforest_sample(model bytea, n bigint, seed bigint, method text)
 *		-> SETOF float8[]
 *
 * n rows like those that the model was trained on, of numbers alone.
 */
Datum
iforest_sample_array(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1), 0,
				   generation_seed(fcinfo, 2), 3);
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
 * iforest_sample(model bytea, n bigint, seed int, method text)
 *		-> SETOF float8[]
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
				   int_seed(fcinfo, 2), 3);
	return next_row(fcinfo, SRF_PERCALL_SETUP());
}

PG_FUNCTION_INFO_V1(iforest_sample_array_int);
/*
 * iforest_sample(model bytea, n int, seed int, method text) -> SETOF float8[]
 */
Datum
iforest_sample_array_int(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1), 0,
				   int_seed(fcinfo, 2), 3);
	return next_row(fcinfo, SRF_PERCALL_SETUP());
}

PG_FUNCTION_INFO_V1(iforest_sample);
/*
 * iforest_sample(model bytea, n bigint, base anyelement, seed bigint,
 *				  method text) -> SETOF anyelement
 *
 * n rows or arrays of the base's type.  What the base has is given; columns
 * that are no features are as in the base.
 */
Datum
iforest_sample(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1), 2,
				   generation_seed(fcinfo, 3), 4);
	return next_row(fcinfo, SRF_PERCALL_SETUP());
}
