/*-------------------------------------------------------------------------
 *
 * forest_vae.h
 *	  A variational autoencoder for rows of a table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_VAE_H
#define FOREST_VAE_H

#include "core/base/forest_rng.h"
#include "core/forest.h"
#include "core/generator/forest_batch.h"
#include "core/generator/forest_table.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"

/* Numbers that a row is boiled down to. */
#define FOREST_VAE_LATENT	16

#define FOREST_VAE_SLOPE	0.1f

/* The two networks; their weights are one array, the encoder's first. */
typedef struct ForestVae
{
	ForestNet	encoder;		/* gives out means, then log variances */
	ForestNet	decoder;
	size_t		n;				/* weights of both */
} ForestVae;

/* What a batch goes through. */
typedef struct ForestVaeWork
{
	ForestNetFlow encode;
	ForestNetFlow decode;
	float	   *noise;			/* FOREST_VAE_LATENT units */
	float	   *back;			/* the same, slopes */
	float	   *scratch;		/* of forest_net_backward */
} ForestVaeWork;

extern void forest_vae_shape(ForestVae *vae, const ForestColumns *columns,
							 uint32_t hidden);
extern void forest_vae_start(const ForestVae *vae,
							 const ForestColumns *columns, float *weights,
							 ForestRng *rng);
extern size_t forest_vae_work_size(const ForestVae *vae, uint32_t batch);
extern float *forest_vae_work_init(ForestVaeWork *work, const ForestVae *vae,
								   uint32_t batch, float *memory);
extern void forest_vae_noise(ForestVaeWork *work, const float *scores,
							 ForestRng *rng);
extern void forest_vae_slopes(const ForestNetKernel *kernel,
							  const ForestVae *vae, const float *weights,
							  ForestVaeWork *work, ForestBatch *batch,
							  float *slopes);
extern void forest_vae_losses(const ForestNetKernel *kernel,
							  const ForestVae *vae, const float *weights,
							  ForestVaeWork *work, ForestBatch *batch,
							  double *losses);

#endif							/* FOREST_VAE_H */
