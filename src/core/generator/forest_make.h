/*-------------------------------------------------------------------------
 *
 * forest_make.h
 *	  Making rows by a generator.
 *
 * A row is an array of n_columns doubles, as in training: NaN is missing, a
 * category is its code.  A made row depends on the generator, the seed and its
 * number alone, not on the rows beside it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_MAKE_H
#define FOREST_MAKE_H

#include "core/base/forest_rng.h"
#include "core/forest.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_table.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"

/* Rows that are made together; fewer take as long. */
#define FOREST_MAKE_ROWS	64

/* Latents that are weighed by what is given, unless a caller knows better. */
#define FOREST_GIVEN_LATENTS	2048

/* What was drawn of a number that a row misses. */
typedef struct ForestTally
{
	double		mean;			/* of the finite ones */
	uint32_t	finite;
	uint32_t	below;			/* -Infinity */
	uint32_t	above;			/* Infinity */
} ForestTally;

/* Scratch for making rows, from forest_make_init. */
typedef struct ForestMake
{
	const ForestGenerator *generator;
	const ForestNetKernel *kernel;
	ForestNetFlow flow;			/* of what makes rows */
	ForestNetFlow encode;		/* of the encoder */
	float	   *base;			/* of each unit that comes out */
	ForestTally *tallies;		/* of each column */
	double	   *chances;		/* of a column's classes, twice */
	float	   *low;			/* FOREST_MAKE_ROWS each */
	float	   *high;
	float	   *mass;
	uint32_t   *target;
} ForestMake;

/* Latents weighed by what is given. */
typedef struct ForestGiven
{
	uint32_t	n;
	const float *latents;		/* n x FOREST_VAE_LATENT */
	const double *sums;			/* of the weights up to each; the last is 1 */
	double		effective;		/* as many equal weights say as much */
} ForestGiven;

extern uint64_t forest_make_size(const ForestGenerator *generator);
extern void forest_make_init(ForestMake *make,
							 const ForestGenerator *generator,
							 const ForestNetKernel *kernel, void *memory);
extern void forest_make_rows(ForestMake *make, double label, uint64_t seed,
							 uint64_t first, uint32_t n, double *rows);
extern uint64_t forest_given_size(uint32_t n);
extern void forest_given_weigh(ForestMake *make, const double *row,
							   const bool *given, uint64_t seed, uint32_t n,
							   void *memory, ForestGiven *weighed);
extern void forest_make_given(ForestMake *make, const ForestGiven *weighed,
							  const double *row, const bool *given,
							  uint64_t seed, uint64_t first, uint32_t n,
							  double *rows);

/* What the files that make rows share. */
extern void forest_make_flow(ForestMake *make);
extern uint32_t forest_make_pick(const double *chances, uint32_t n, double u);
extern double forest_make_softmax(const float *units, size_t row, uint32_t n,
								  double *chances);

extern double forest_make_number(const ForestMake *make,
								 const ForestColumn *column,
								 const float *units, ForestRng *rng);
extern void forest_make_weigh(ForestMake *make, const double *row,
							  const bool *given, double *logs);
extern void forest_make_shares(double *sums, uint32_t n, double *effective);
extern uint32_t forest_column_class(const ForestColumn *column, double value);

#endif							/* FOREST_MAKE_H */
