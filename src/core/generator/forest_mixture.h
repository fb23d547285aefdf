/*-------------------------------------------------------------------------
 *
 * forest_mixture.h
 *	  A mixture of normal distributions of latents.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_MIXTURE_H
#define FOREST_MIXTURE_H

#include "core/base/forest_rng.h"
#include "core/forest.h"
#include "core/generator/forest_vae.h"

/* Most components. */
#define FOREST_MIXTURE_MOST	10

/* Numbers in the lower triangle of a component's matrix. */
#define FOREST_MIXTURE_HALF \
	(FOREST_VAE_LATENT * (FOREST_VAE_LATENT + 1) / 2)

/* One component; its covariance is root * transposed root, row by row. */
typedef struct ForestComponent
{
	float		weight;			/* of all components, they add up to 1 */
	float		mean[FOREST_VAE_LATENT];
	float		root[FOREST_MIXTURE_HALF];
} ForestComponent;

typedef struct ForestMixture
{
	uint32_t	n;				/* 0: standard normal latents */
	ForestComponent components[FOREST_MIXTURE_MOST];
} ForestMixture;

/* What fitting needs besides the mixture. */
typedef struct ForestMixtureWork
{
	uint32_t	n_rows;
	const float *latents;		/* n_rows x FOREST_VAE_LATENT */
	double		weights[FOREST_MIXTURE_MOST];
	double		means[FOREST_MIXTURE_MOST][FOREST_VAE_LATENT];
	double		products[FOREST_MIXTURE_MOST][FOREST_MIXTURE_HALF];
	/* of the components as they are: inverse roots, log of the greatest
	 * density */
	double		inverse[FOREST_MIXTURE_MOST][FOREST_MIXTURE_HALF];
	double		peak[FOREST_MIXTURE_MOST];
} ForestMixtureWork;

extern void forest_mixture_start(ForestMixture *mixture,
								 ForestMixtureWork *work, uint32_t n,
								 const float *latents, uint32_t n_rows,
								 ForestRng *rng);
extern double forest_mixture_step(ForestMixture *mixture,
								  ForestMixtureWork *work);
extern void forest_mixture_draw(const ForestMixture *mixture, ForestRng *rng,
								double *z);

#endif							/* FOREST_MIXTURE_H */
