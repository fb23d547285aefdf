/*-------------------------------------------------------------------------
 *
 * augment.c
 *	  New rows around a given one: iforest_augment.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/density/forest_box.h"
#include "core/density/forest_density.h"
#include "core/density/forest_near.h"
#include "core/generator/forest_around.h"
#include "core/generator/forest_make.h"
#include "core/score/forest_walk.h"
#include "generate/base_row.h"
#include "generate/generator.h"
#include "model/model.h"
#include "model/model_density.h"
#include "model/model_score.h"

/* Arguments of iforest_augment. */
#define ARG_MODEL	0
#define ARG_N		1
#define ARG_BASE	2
#define ARG_NOISE	3
#define ARG_METHOD	4
#define ARG_SEED	5

/*
 * Times that a row on the other side of the threshold is brought half way back
 * to the base before it is given up.
 */
#define MAX_RETREATS	12

/* The methods that the function has. */
#define METHODS		(METHOD_FOREST | METHOD_NOISE | METHOD_VAE)

/* A call that returns rows one by one. */
typedef struct AugmentCall
{
	BaseRow    *base;
	Datum		model;
	uint64		seed;
	double		noise;
	RowMethod	method;
	bool		is_outlier;		/* the base is above the threshold */
	double	   *from;			/* features of the base */
	double	   *row;			/* and of the row in the making */
	double	   *made;			/* FOREST_MAKE_ROWS of an autoencoder */
	uint64		n_made;			/* rows that it has made so far */
	bool	   *kept;			/* features that are as in the base */
	TupleDesc	result;
} AugmentCall;

/* How to choose the noise of a method. */
static const char *
noise_hint(RowMethod method)
{
	switch (method)
	{
		case METHOD_NOISE:
			return "Numbers change by about this part of their spread among the training rows, and categories with this probability; 0.1 is the default.";
		case METHOD_VAE:
			return "Latent numbers of the row move by this many standard deviations; with 0.1, the default, new rows stay close to the given one.";
		default:
			return "With 0.1, the default, new rows stay close to the given one; with 1 they only share a leaf with it.";
	}
}

/* The noise that the call asks for, of a method. */
static double
read_noise(FunctionCallInfo fcinfo, RowMethod method)
{
	double		noise = PG_ARGISNULL(ARG_NOISE) ? NAN :
		PG_GETARG_FLOAT8(ARG_NOISE);

	if (!(noise > 0 && noise <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("noise is %s, but must be above 0 and at most 1",
						PG_ARGISNULL(ARG_NOISE) ? "NULL" :
						psprintf("%g", noise)),
				 errhint("%s", noise_hint(method))));
	return noise;
}

/*
 * Begins a call, in the current context; NULL for a NULL model or base, and
 * for a base without any feature.
 */
static AugmentCall *
begin_augment(FunctionCallInfo fcinfo)
{
	AugmentCall *call = palloc0(sizeof(*call));
	const Model *model;
	uint32		d;

	call->method = method_read(fcinfo, ARG_METHOD, METHODS);
	if (call->method == 0)
		call->method = METHOD_FOREST;
	call->noise = read_noise(fcinfo, call->method);
	if (PG_ARGISNULL(ARG_MODEL) || PG_ARGISNULL(ARG_BASE))
		return NULL;
	if (get_call_result_type(fcinfo, NULL, &call->result) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "iforest_augment is called for what is no row");
	call->result = BlessTupleDesc(CreateTupleDescCopy(call->result));
	call->base = base_row_open(fcinfo, ARG_BASE,
							   get_fn_expr_argtype(fcinfo->flinfo, ARG_BASE),
							   CurrentMemoryContext);
	call->model = PG_GETARG_DATUM(ARG_MODEL);
	call->seed = generation_seed(fcinfo, ARG_SEED);
	(void) base_row_read(call->base, fcinfo, ARG_BASE);
	if (!base_row_score(call->base, call->model, call->base->base))
		return NULL;
	model = call->base->scored.model;
	(void) method_resolve(call->method, model);
	if (call->method != METHOD_NOISE)
	{
		check_calibrated(model);
		call->is_outlier = model_sum_below(model, model->outlier_limit);
	}
	d = model->summary.n_features;
	call->row = palloc(d * sizeof(double));
	call->kept = palloc(d * sizeof(bool));
	call->from = palloc(d * sizeof(double));
	memcpy(call->from, model->row, d * sizeof(double));
	if (call->method == METHOD_VAE)
		call->made = palloc((Size) FOREST_MAKE_ROWS * d * sizeof(double));
	return call;
}

/*
 * Draws inside what the base's leaves have in common in about 1 / noise trees
 * drawn at random.
 */
static void
draw_by_forest(AugmentCall *call, ModelDensity *density, ForestRng *rng)
{
	ForestBox  *box = &density->box;
	const ForestWalk *walk = density->density.walk;
	uint32		n = (uint32) Min(rint(1 / call->noise), walk->n_trees);

	forest_box_reset(box);
	forest_walk_slots(walk, call->from, box->slots);
	forest_box_unvisit(box);
	for (uint32 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		forest_near_tree(box, forest_rng_below(rng, walk->n_trees));
	}
	for (uint32 f = 0; f < walk->n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		call->row[f] = forest_draw_near(box, f, call->from[f], rng);
	}
}

/* Draws around the base, each feature on its own. */
static void
draw_by_noise(AugmentCall *call, ModelDensity *density, ForestRng *rng)
{
	forest_box_reset(&density->box);
	for (uint32 f = 0; f < density->density.walk->n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		call->row[f] = forest_draw_noise(&density->box, f, call->from[f],
										 call->noise, rng);
	}
}

/*
 * Takes row number "number" of those that an autoencoder makes around the
 * base; it makes some at a time.
 */
static void
take_by_vae(AugmentCall *call, Model *model, uint64 number)
{
	uint32		d = model->summary.n_features;
	ForestMake *make = &model_generator(model, call->model)->make;

	if (number >= call->n_made)
	{
		forest_make_around(make, call->from, call->noise, call->seed, number,
						   FOREST_MAKE_ROWS, call->made);
		call->n_made = number + FOREST_MAKE_ROWS;
	}
	memcpy(call->row, call->made + number % FOREST_MAKE_ROWS * d,
		   d * sizeof(double));
}

/* Draws the features of row number "number". */
static void
draw_row(AugmentCall *call, Model *model, uint64 number)
{
	ForestRng	rng;

	switch (call->method)
	{
		case METHOD_VAE:
			take_by_vae(call, model, number);
			break;
		case METHOD_NOISE:
			forest_rng_start(&rng, call->seed, FOREST_FOR_NOISE, number);
			draw_by_noise(call, model_density(model, call->model), &rng);
			break;
		default:
			forest_rng_start(&rng, call->seed, FOREST_FOR_ROW_NEAR, number);
			draw_by_forest(call, model_density(model, call->model), &rng);
			break;
	}
}

/*
 * Brings the features of row number "number" back towards the base for the
 * i-th time: half as far, and to the base itself at last.
 */
static void
retreat(AugmentCall *call, Model *model, uint64 number, int i)
{
	uint32		d = model->summary.n_features;
	ModelDensity *density;

	if (i >= MAX_RETREATS)
	{
		memcpy(call->row, call->from, d * sizeof(double));
		return;
	}
	if (call->method == METHOD_VAE)
	{
		/* the same noise, of half the radius */
		forest_make_around(&model_generator(model, call->model)->make,
						   call->from, ldexp(call->noise, -1 - i), call->seed,
						   number, 1, call->row);
		return;
	}
	density = model_density(model, call->model);
	for (uint32 f = 0; f < d; f++)
		call->row[f] = forest_draw_back(&density->density, f, call->from[f],
										call->row[f]);
}

/* Makes the row that call->row has the features of, and scores it. */
static Datum
make_row(AugmentCall *call)
{
	uint32		d = call->base->scored.model->summary.n_features;
	Datum		row;

	for (uint32 f = 0; f < d; f++)
		call->kept[f] = isnan(call->from[f]) || call->row[f] == call->from[f];
	row = base_row_form(call->base, call->row, call->kept);
	(void) base_row_score(call->base, call->model, row);
	return row;
}

/* Whether the row just made is on the base's side of the threshold. */
static bool
is_on_side(const AugmentCall *call)
{
	const Model *model = call->base->scored.model;

	return call->method == METHOD_NOISE ||
		model_sum_below(model, model->outlier_limit) == call->is_outlier;
}

/*
 * Makes row number "number".  One that left the base's side of the threshold
 * goes back towards the base, which is on it.
 */
static Datum
draw_augmented(AugmentCall *call, uint64 number)
{
	BaseRow    *base = call->base;
	Datum		row;

	(void) base_row_score(base, call->model, base->base);
	draw_row(call, base->scored.model, number);
	row = make_row(call);
	for (int i = 0; !is_on_side(call); i++)
	{
		CHECK_FOR_INTERRUPTS();
		retreat(call, base->scored.model, number, i);
		row = make_row(call);
	}
	return row;
}

PG_FUNCTION_INFO_V1(iforest_augment);
/*
 * iforest_augment(model bytea, n bigint, base anyelement, noise float8,
 *				   method text, seed bigint)
 *		-> SETOF (score float8, novel anyelement)
 *
 * n rows around the base, each with its score.  Columns that are no features,
 * and missing ones, are as in the base.
 */
Datum
iforest_augment(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	AugmentCall *call;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		context->max_calls = (uint64)
			generation_count(PG_ARGISNULL(ARG_N) ? 0 : PG_GETARG_INT64(ARG_N));
		context->user_fctx = begin_augment(fcinfo);
		MemoryContextSwitchTo(old);
	}
	context = SRF_PERCALL_SETUP();
	call = context->user_fctx;
	if (call == NULL || context->call_cntr >= context->max_calls)
		SRF_RETURN_DONE(context);
	values[1] = draw_augmented(call, context->call_cntr);
	values[0] = Float8GetDatum(model_score(call->base->scored.model));
	SRF_RETURN_NEXT(context, HeapTupleGetDatum(heap_form_tuple(call->result,
															   values,
															   nulls)));
}
