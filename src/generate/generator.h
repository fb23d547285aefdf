/*-------------------------------------------------------------------------
 *
 * generator.h
 *	  What a caller says of the rows to make, and a model's generator
 *	  ready to make some.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_GENERATOR_H
#define IFOREST_GENERATOR_H

#include "iforest.h"

#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "model/model.h"

/* What a caller may ask for as "method"; a set of them is an "or". */
typedef enum RowMethod
{
	METHOD_FOREST = 1,
	METHOD_NOISE = 2,
	METHOD_VAE = 4,
	METHOD_GAN = 8
} RowMethod;

/* A generator in memory, and the scratch that making rows takes. */
typedef struct ModelGenerator
{
	ForestGenerator generator;
	ForestMake	make;
} ModelGenerator;

extern RowMethod method_read(FunctionCallInfo fcinfo, int argument,
							 int allowed);
extern RowMethod method_resolve(RowMethod method, const Model *model);
extern int64 generation_count(int64 n);
extern uint64 generation_seed(FunctionCallInfo fcinfo, int argument);
extern ModelGenerator *model_generator(Model *model, Datum datum);

#endif							/* IFOREST_GENERATOR_H */
