/*-------------------------------------------------------------------------
 *
 * forest_vae.c
 *	  A variational autoencoder for rows of a table.
 *
 * The decoder tells from a few normal numbers z how likely every value of a
 * row is.  How likely a row is by all z together cannot be computed; but
 * another network, the encoder, guesses from a row the z that it may come
 * from, as a normal distribution, and
 *
 *	  E[log p(row | z)] - divergence(encoder's guess, N(0, 1))
 *
 * is never more than the logarithm of that likelihood.  Both networks climb
 * this bound; z is written as mean + deviation * noise, so that slopes flow
 * through it.
 *
 *	  Kingma, Welling: Auto-Encoding Variational Bayes, ICLR 2014;
 *	  Rezende, Mohamed, Wierstra: Stochastic Backpropagation and Approximate
 *	  Inference in Deep Generative Models, ICML 2014.
 *
 * What matters most for tables is the likelihood (forest_net_steps.inc).  As
 * it is one of intervals, and so at most 1, the two terms need no weights.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_rng.h"
#include "core/generator/forest_batch.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

/* Of the first mixtures: means are this far apart, scales e to this. */
#define FIRST_MEANS			1.0f
#define FIRST_LOG_SCALE		(-0.7f)

/* First weights of last layers, against those of others. */
#define FIRST_LAST			0.1f

/* Fills in the shapes of networks for the columns' units. */
void
forest_vae_shape(ForestVae *vae, const ForestColumns *columns,
				 uint32_t hidden)
{
	forest_net_shape(&vae->encoder, columns->n_input, hidden,
					 2 * FOREST_VAE_LATENT, FOREST_VAE_SLOPE);
	forest_net_shape(&vae->decoder, FOREST_VAE_LATENT, hidden,
					 columns->n_output, FOREST_VAE_SLOPE);
	vae->n = vae->encoder.n + vae->decoder.n;
}

/* Fills in first weights. */
void
forest_vae_start(const ForestVae *vae, const ForestColumns *columns,
				 float *weights, ForestRng *rng)
{
	float	   *decoder = weights + vae->encoder.n;
	float	   *biases = decoder + vae->decoder.biases[FOREST_NET_LAYERS - 1];

	forest_net_start(&vae->encoder, weights, FIRST_LAST, rng);
	forest_net_start(&vae->decoder, decoder, FIRST_LAST, rng);
	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		const ForestColumn *column = &columns->columns[c];
		float	   *bias = biases + column->output;

		for (uint32_t k = 0; column->varies && k < FOREST_NET_MIXED; k++)
		{
			bias[FOREST_NET_MIXED + k] = FIRST_MEANS * ((float) k - 1.0f);
			bias[2 * FOREST_NET_MIXED + k] = FIRST_LOG_SCALE;
		}
	}
}

/* Floats that a batch's work takes. */
size_t
forest_vae_work_size(const ForestVae *vae, uint32_t batch)
{
	size_t		encode = forest_net_back_size(&vae->encoder, batch);
	size_t		decode = forest_net_back_size(&vae->decoder, batch);

	return forest_net_flow_size(&vae->encoder, batch) +
		forest_net_flow_size(&vae->decoder, batch) +
		2 * FOREST_VAE_LATENT * forest_net_row(batch) +
		(encode > decode ? encode : decode);
}

/* Lays the work out in memory; returns what is behind it. */
float *
forest_vae_work_init(ForestVaeWork *work, const ForestVae *vae,
					 uint32_t batch, float *memory)
{
	float	   *end = memory + forest_vae_work_size(vae, batch);

	memory = forest_net_flow_init(&work->encode, &vae->encoder, batch, memory);
	memory = forest_net_flow_init(&work->decode, &vae->decoder, batch, memory);
	work->noise = memory;
	work->back = memory + FOREST_VAE_LATENT * work->encode.row;
	work->scratch = work->back + FOREST_VAE_LATENT * work->encode.row;
	return end;
}

/*
 * Draws the noise of a batch: normal numbers of 65534 different values, four
 * from every random word.
 */
void
forest_vae_noise(ForestVaeWork *work, const float *scores, ForestRng *rng)
{
	for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
	{
		float	   *noise = work->noise + u * work->encode.row;

		for (uint32_t b = 0; b < work->encode.batch; b += 4)
		{
			uint64_t	bits = forest_rng_next(rng);

			for (uint32_t i = 0; i < 4; i++, bits >>= 16)
				noise[b + i] = scores[1 + (((uint32_t) bits & 0xFFFF) *
										   (FOREST_TABLE_SHARES - 1) >> 16)];
		}
	}
}

/* Encodes a batch: means and log variances are what the encoder gives out. */
static void
forest_vae_encode(const ForestNetKernel *kernel, const ForestVae *vae,
				  const float *weights, ForestVaeWork *work,
				  const ForestBatch *batch)
{
	forest_batch_input(batch, work->encode.layers[0], work->encode.row);
	forest_net_forward(kernel, &vae->encoder, weights, &work->encode);
}

/* The unit of the encoder that has a mean, or a log variance. */
static float *
guess(const ForestVaeWork *work, bool variance, uint32_t u)
{
	return work->encode.layers[FOREST_NET_LAYERS] +
		(u + (variance ? FOREST_VAE_LATENT : 0)) * work->encode.row;
}

/* Encodes a batch, draws latents by the work's noise, and decodes them. */
static void
pass(const ForestNetKernel *kernel, const ForestVae *vae,
	 const float *weights, ForestVaeWork *work, const ForestBatch *batch)
{
	forest_vae_encode(kernel, vae, weights, work, batch);
	for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
		kernel->latents(guess(work, false, u), guess(work, true, u),
						work->noise + u * work->encode.row,
						work->decode.layers[0] + u * work->decode.row,
						batch->n);
	forest_net_forward(kernel, &vae->decoder, weights + vae->encoder.n,
					   &work->decode);
}

/*
 * Adds the slopes of a batch's mean loss by the weights to "slopes"; the
 * work's noise has been drawn.
 */
void
forest_vae_slopes(const ForestNetKernel *kernel, const ForestVae *vae,
				  const float *weights, ForestVaeWork *work,
				  ForestBatch *batch, float *slopes)
{
	float		scale = 1.0f / (float) batch->n;
	float	   *out = work->decode.layers[FOREST_NET_LAYERS];

	pass(kernel, vae, weights, work, batch);
	forest_batch_loss(kernel, batch, out, work->decode.row, scale, NULL);
	forest_net_backward(kernel, &vae->decoder, weights + vae->encoder.n,
						&work->decode, out, slopes + vae->encoder.n,
						work->back, work->scratch);
	for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
		kernel->latents_back(guess(work, false, u), guess(work, true, u),
							 work->noise + u * work->encode.row,
							 work->back + u * work->decode.row, batch->n,
							 scale);
	forest_net_backward(kernel, &vae->encoder, weights, &work->encode,
						work->encode.layers[FOREST_NET_LAYERS], slopes, NULL,
						work->scratch);
}

/* Fills in the loss of every row of a batch, in nats. */
void
forest_vae_losses(const ForestNetKernel *kernel, const ForestVae *vae,
				  const float *weights, ForestVaeWork *work,
				  ForestBatch *batch, double *losses)
{
	pass(kernel, vae, weights, work, batch);
	for (uint32_t b = 0; b < batch->n; b++)
	{
		double		sum = 0.0;

		for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
		{
			double		mean = guess(work, false, u)[b];
			double		l = guess(work, true, u)[b];

			l = l > FOREST_NET_LOG_VARIANCE_LEAST ? l :
				FOREST_NET_LOG_VARIANCE_LEAST;
			l = l < FOREST_NET_LOG_VARIANCE_MOST ? l :
				FOREST_NET_LOG_VARIANCE_MOST;
			sum += mean * mean + forest_exp(l) - l - 1.0;
		}
		losses[b] = 0.5 * sum;
	}
	forest_batch_loss(kernel, batch, work->decode.layers[FOREST_NET_LAYERS],
					  work->decode.row, 1.0f, losses);
}
