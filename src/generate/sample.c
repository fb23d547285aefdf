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
#include "generate/generator.h"
#include "model/model.h"
#include "model/model_density.h"

/* Arguments of iforest_sample. */
#define ARG_MODEL	0
#define ARG_N		1
#define ARG_BASE	2
#define ARG_SEED	3
#define ARG_METHOD	4

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
	call->model = PG_GETARG_DATUM(ARG_MODEL);
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

/* Begins to return rows. */
static void
first_call(FunctionCallInfo fcinfo)
{
	FuncCallContext *context = SRF_FIRSTCALL_INIT();
	MemoryContext old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
	RowMethod	how = method_read(fcinfo, ARG_METHOD, METHODS);

	context->max_calls = (uint64)
		generation_count(PG_ARGISNULL(ARG_N) ? 0 : PG_GETARG_INT64(ARG_N));
	if (PG_ARGISNULL(ARG_MODEL))
		context->max_calls = 0;
	else
	{
		BaseRow    *base =
			base_row_open(fcinfo, ARG_BASE,
						  get_fn_expr_argtype(fcinfo->flinfo, ARG_BASE),
						  CurrentMemoryContext);

		(void) base_row_read(base, fcinfo, ARG_BASE);
		context->user_fctx = begin_sample(fcinfo, base,
										  generation_seed(fcinfo, ARG_SEED),
										  how);
	}
	MemoryContextSwitchTo(old);
}

PG_FUNCTION_INFO_V1(iforest_sample);
/*
 * iforest_sample(model bytea, n bigint, base anyelement, seed bigint,
 *				  method text) -> SETOF anyelement
 *
 * n rows of the base's type, arrays of numbers if the call has none.  What the
 * base has is given; columns that are no features are as in the base.
 */
Datum
iforest_sample(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo);
	return next_row(fcinfo, SRF_PERCALL_SETUP());
}
