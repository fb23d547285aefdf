/*-------------------------------------------------------------------------
 *
 * generator.c
 *	  What a caller says of the rows to make, and a model's generator
 *	  ready to make some.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/pg_prng.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/format/forest_view.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_make.h"
#include "core/net/forest_net_kernel.h"
#include "generate/generator.h"
#include "model/model.h"
#include "model/model_attach.h"

/* All methods, and who has those that not every function has. */
static const struct
{
	const char *name;
	RowMethod	method;
}			methods[] = {
	{"forest", METHOD_FOREST},
	{"noise", METHOD_NOISE},
	{"vae", METHOD_VAE},
	{"gan", METHOD_GAN},
};

/* "'a', 'b' or 'c'" of a set of methods. */
static char *
list_methods(int set)
{
	StringInfoData list;
	int			left = set;

	initStringInfo(&list);
	for (int i = 0; i < (int) lengthof(methods); i++)
	{
		if (!(left & methods[i].method))
			continue;
		left &= ~methods[i].method;
		appendStringInfo(&list, "%s'%s'", list.len == 0 ? "" :
						 left == 0 ? " or " : ", ", methods[i].name);
	}
	return list.data;
}

/* Why a method is not one of a function's; NULL if no function has it. */
static const char *
why_not(const char *method)
{
	if (strcmp(method, "gan") == 0)
		return "A generator 'gan' makes rows from nothing: it knows neither what is around a row nor what goes with a part of one.";
	if (strcmp(method, "noise") == 0)
		return "Noise is around a given row: iforest_augment() has it.";
	return NULL;
}

/*
 * The method that a call's argument names, one of those allowed; 0 if it is
 * NULL.
 */
RowMethod
method_read(FunctionCallInfo fcinfo, int argument, int allowed)
{
	char	   *name;
	const char *reason;

	if (PG_ARGISNULL(argument))
		return 0;
	name = text_to_cstring(PG_GETARG_TEXT_PP(argument));
	for (int i = 0; i < (int) lengthof(methods); i++)
	{
		if ((allowed & methods[i].method) && strcmp(name, methods[i].name) == 0)
			return methods[i].method;
	}
	reason = why_not(name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("method is \"%s\", but must be %s", name,
					list_methods(allowed)),
			 reason == NULL ? 0 : errdetail("%s", reason)));
	return 0;					/* not reached */
}

/* The method that a kind of generator is; 0 for none. */
static RowMethod
generator_method(uint32 generator)
{
	return generator == FOREST_METHOD_VAE ? METHOD_VAE :
		generator == FOREST_METHOD_GAN ? METHOD_GAN : 0;
}

/*
 * The method to take: 0 is that of the model's generator, or 'forest' if it
 * has none.  Errors if the model has not the generator that is asked for.
 */
RowMethod
method_resolve(RowMethod method, const Model *model)
{
	RowMethod	own = generator_method(model->generator);

	if (method == 0)
		return own == 0 ? METHOD_FOREST : own;
	if (!(method & (METHOD_VAE | METHOD_GAN)) || method == own)
		return method;
	if (own == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("model has no generator"),
				 errhint("Train it with iforest_options(generator => %s).",
						 list_methods(method))));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("method is %s, but the model's generator is %s",
					list_methods(method), list_methods(own)),
			 errhint("Train it with iforest_options(generator => %s).",
					 list_methods(method))));
	return 0;					/* not reached */
}

/* Reads the generator of an opened model that has one. */
static void *
build_generator(Model *model, const ForestView *view)
{
	ModelGenerator *result = palloc0(sizeof(*result));
	ForestGenerator *g = &result->generator;
	uint64		size = forest_generator_memory(view->generator);

	forest_generator_read(view->generator,
						  palloc_extended(size, MCXT_ALLOC_HUGE), g);
	forest_make_init(&result->make, g, forest_net_kernel(),
					 palloc_extended(forest_make_size(g), MCXT_ALLOC_HUGE));
	return result;
}

/* The generator of a model that has one; "datum" is the model. */
ModelGenerator *
model_generator(Model *model, Datum datum)
{
	static const ModelPart part = {"generator", build_generator};

	return model_attached(model, datum, &part);
}

/* A number of rows to make, or an error if it is none. */
int64
generation_count(int64 n)
{
	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n is " INT64_FORMAT ", but must be at least 0", n)));
	return n;
}

/* The seed that an argument gives, or one that nobody asked for. */
uint64
generation_seed(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ?
		pg_prng_uint64(&pg_global_prng_state) :
		(uint64) PG_GETARG_INT64(argument);
}
