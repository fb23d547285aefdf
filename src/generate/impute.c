/*-------------------------------------------------------------------------
 *
 * impute.c
 *	  Rows with what is missing filled in: iforest_impute.
 *
 * A single missing feature becomes what the model expects given all others.
 * Several are drawn in turn given the others, and each becomes the mean of
 * what was expected of it: the same seed for every row, so that a row always
 * becomes the same.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/density/forest_density.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_expect.h"
#include "core/generator/forest_whole.h"
#include "generate/base_row.h"
#include "generate/generator.h"
#include "model/model.h"
#include "model/model_density.h"

/* Times that each of several missing features is drawn, and not counted. */
#define N_DRAWS		16
#define N_IGNORED	2

/* What a call site keeps between rows. */
typedef struct ImputeCall
{
	MemoryContext row_context;	/* of what belongs to one row */
	MemoryContext type_context; /* of the base */
	BaseRow    *base;			/* of the rows before, if it may be kept */
	Oid			type;
} ImputeCall;

/* A row while its missing features are filled. */
typedef struct Filling
{
	ModelDensity *density;
	ForestBox	box;			/* the density's own, while it is used here */
	double	   *row;
	bool	   *fixed;			/* not missing */
	ForestExpectation *expected;	/* per missing number */
	double	  **votes;			/* per missing category: of its weights */
	uint32		n_missing;
	ForestRng	rng;
} Filling;

/* Finds what is missing in a model's row. */
static void
begin_filling(Filling *filling, Model *model, ModelDensity *density)
{
	uint32		d = model->summary.n_features;

	filling->density = density;
	filling->box = density->box;
	filling->row = palloc(d * sizeof(double));
	filling->fixed = palloc(d * sizeof(bool));
	filling->expected = palloc0(d * sizeof(ForestExpectation));
	filling->votes = palloc0(d * sizeof(double *));
	filling->n_missing = 0;
	memcpy(filling->row, model->row, d * sizeof(double));
	for (uint32 f = 0; f < d; f++)
	{
		const ForestCells *cells = &density->density.features[f];

		CHECK_FOR_INTERRUPTS();
		filling->fixed[f] = !isnan(model->row[f]);
		if (filling->fixed[f])
			continue;
		filling->n_missing++;
		if (cells->is_category)
			filling->votes[f] = palloc0((cells->n_values + UINT64_C(1)) *
										sizeof(double));
	}
	forest_rng_start(&filling->rng, model->summary.seed, FOREST_FOR_IMPUTING,
					 0);
}

/* Takes note of what a feature could be. */
static void
count_feature(Filling *filling, uint32 f, double total)
{
	ForestBox  *box = &filling->box;
	const ForestCells *cells = &box->density->features[f];

	if (!cells->is_category)
	{
		ForestExpectation one = forest_expect(box, f);

		forest_expect_also(&filling->expected[f], &one);
		return;
	}
	for (uint32 i = 0; i < cells->n_values && total > 0; i++)
		filling->votes[f][i] += box->weight[i] / total;
}

/* The category with most votes; NaN if none has any. */
static double
most_voted(const double *votes, uint32 n)
{
	uint32		code = forest_heaviest(votes, n);

	return code < n ? (double) code : NAN;
}

/* Fills all that is missing, as far as the model knows any value of it. */
static void
fill_by_turns(Filling *filling, uint32 d)
{
	ForestBox  *box = &filling->box;
	uint32		n_trees = box->density->walk->n_trees;

	box->values_only = true;
	forest_draw_leaf(box, forest_rng_below(&filling->rng, n_trees),
					 filling->fixed, filling->row, &filling->rng);
	/* from here on only what is missing varies */
	box->density = &density_narrow(filling->density, filling->fixed,
								   filling->row)->density;
	for (int i = 0; i < N_DRAWS + N_IGNORED; i++)
	{
		for (uint32 f = 0; f < d; f++)
		{
			double		total;

			CHECK_FOR_INTERRUPTS();
			if (filling->fixed[f])
				continue;
			total = forest_draw_feature(box, f, filling->row, &filling->rng);
			if (i >= N_IGNORED)
				count_feature(filling, f, total);
		}
	}
	for (uint32 f = 0; f < d; f++)
	{
		const ForestCells *cells = &box->density->features[f];

		CHECK_FOR_INTERRUPTS();
		if (filling->fixed[f])
			continue;
		if (cells->is_category)
			filling->row[f] = most_voted(filling->votes[f], cells->n_values);
		else
			filling->row[f] = forest_expected_value(&filling->expected[f]);
	}
}

/* Fills what is missing, one feature given all others or several in turn. */
static void
fill_row(Filling *filling, uint32 d)
{
	if (filling->n_missing > 1)
	{
		fill_by_turns(filling, d);
		return;
	}
	for (uint32 f = 0; f < d; f++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!filling->fixed[f])
			filling->row[f] = forest_expect_given(&filling->box, f,
												  filling->row);
	}
}

/* What the call site keeps. */
static ImputeCall *
impute_call(FunctionCallInfo fcinfo)
{
	ImputeCall *call = fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(*call));
		call->row_context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
												  "iforest impute",
												  ALLOCSET_DEFAULT_SIZES);
		call->type_context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
												   "iforest impute types",
												   ALLOCSET_DEFAULT_SIZES);
		call->type = get_fn_expr_argtype(fcinfo->flinfo, 1);
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/* Fills the row of a base by the forest; "kept" becomes what was there. */
static double *
fill_by_forest(Model *model, Datum datum, bool **kept)
{
	Filling		filling;

	begin_filling(&filling, model, model_density(model, datum));
	fill_row(&filling, model->summary.n_features);
	*kept = filling.fixed;
	return filling.row;
}

/* The same by the model's autoencoder. */
static double *
fill_by_vae(Model *model, Datum datum, bool **kept)
{
	uint32		d = model->summary.n_features;
	double	   *row = palloc(d * sizeof(double));

	*kept = palloc(d * sizeof(bool));
	memcpy(row, model->row, d * sizeof(double));
	for (uint32 f = 0; f < d; f++)
		(*kept)[f] = !isnan(row[f]);
	forest_make_whole(&model_generator(model, datum)->make, row);
	return row;
}

/* Whether a row has all of its features. */
static bool
is_whole(const double *row, uint32 d)
{
	for (uint32 f = 0; f < d; f++)
	{
		if (isnan(row[f]))
			return false;
	}
	return true;
}

/*
 * The base that reads the current row: that of the rows before, if it is of
 * their type.  The caller puts it back when all has gone well: an error must
 * not leave one that is half known.
 */
static BaseRow *
take_base(ImputeCall *call, FunctionCallInfo fcinfo)
{
	BaseRow    *base = call->base;

	call->base = NULL;
	if (base != NULL && base_row_fits(base, fcinfo, 1))
		return base;
	MemoryContextReset(call->type_context);
	base = base_row_open(fcinfo, 1, call->type, call->type_context);
	base->row_context = call->row_context;
	return base;
}

/*
 * The current row with what is missing filled in, in the context "result";
 * itself, if nothing is.
 */
static Datum
fill_base(BaseRow *base, FunctionCallInfo fcinfo, RowMethod method,
		  MemoryContext result)
{
	Datum		datum = PG_GETARG_DATUM(0);
	Model	   *model;
	double	   *row;
	bool	   *kept;

	(void) base_row_score(base, datum, base->base);
	model = base->scored.model;
	(void) method_resolve(method == 0 ? METHOD_FOREST : method, model);
	if (is_whole(model->row, model->summary.n_features))
		return PG_GETARG_DATUM(1);
	row = method == METHOD_VAE ? fill_by_vae(model, datum, &kept) :
		fill_by_forest(model, datum, &kept);
	MemoryContextSwitchTo(result);
	return base_row_form(base, row, kept);
}

PG_FUNCTION_INFO_V1(iforest_impute);
/*
 * iforest_impute(model bytea, base anyelement, method text) -> anyelement
 *
 * The row with its missing features filled: numbers by what is expected given
 * the others, categories by what is likeliest.
 */
Datum
iforest_impute(PG_FUNCTION_ARGS)
{
	ImputeCall *call = impute_call(fcinfo);
	MemoryContext old;
	BaseRow    *base;
	RowMethod	method;
	Datum		filled = (Datum) 0;
	bool		some;

	method = method_read(fcinfo, 2, METHOD_FOREST | METHOD_VAE);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	MemoryContextReset(call->row_context);
	old = MemoryContextSwitchTo(call->row_context);
	base = take_base(call, fcinfo);
	some = base_row_read(base, fcinfo, 1);
	if (some)
		filled = fill_base(base, fcinfo, method, old);
	MemoryContextSwitchTo(old);
	call->base = base;
	if (!some)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(filled);
}
