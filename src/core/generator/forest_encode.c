/*-------------------------------------------------------------------------
 *
 * forest_encode.c
 *	  Rows into the encoder of an autoencoder.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/generator/forest_encode.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

/* Means that an encoder gives for rows of a table are well inside. */
#define FAR_LATENT		100.0f

/* The score that stands for a value: that of the middle of its ranks. */
double
forest_encode_score(const ForestMake *make, const ForestColumn *column,
					double value)
{
	double		low;
	double		high;
	double		share;

	forest_rank_interval(&column->rank, make->generator->columns.n_rows, value,
						 &low, &high);
	share = 0.5 * (forest_normal_share(low) + forest_normal_share(high));
	share = share > 1e-6 ? share : 1e-6;
	return forest_normal_quantile(share < 1.0 - 1e-6 ? share : 1.0 - 1e-6);
}

/* Puts a value into the encoder's units, of row b of those that it takes. */
void
forest_encode_put(ForestMake *make, const ForestColumn *column, uint32_t b,
				  double value)
{
	size_t		row = make->encode.row;
	float	   *units = make->encode.layers[0] + column->input * row + b;
	uint32_t	k;

	if (column->is_classes)
	{
		k = forest_column_class(column, value);
		for (uint32_t i = 0; i < column->n_input; i++)
			units[i * row] = i == k ? 1.0f : 0.0f;
		return;
	}
	if (column->varies)
	{
		*units = isnan(value) ? 0.0f :
			(float) forest_encode_score(make, column, value);
		units += row;
	}
	if (column->may_miss)
		*units = isnan(value) ? 1.0f : 0.0f;
}

/*
 * Encodes the first n rows in the encoder's units, at most FOREST_MAKE_ROWS:
 * means of their latents come out, then logarithms of their variances.
 */
void
forest_encode(ForestMake *make, uint32_t n)
{
	const ForestGenerator *g = make->generator;
	ForestNetFlow flow = make->encode;

	flow.batch = forest_net_pad(n);
	forest_net_forward(make->kernel, &g->vae.encoder, g->weights, &flow);
}

/* What was encoded of row b: the mean of its latent u. */
float
forest_encoded_mean(const ForestMake *make, uint32_t b, uint32_t u)
{
	float		z = make->encode.layers[FOREST_NET_LAYERS]
		[u * make->encode.row + b];

	z = z > -FAR_LATENT ? z : -FAR_LATENT;
	return z < FAR_LATENT ? z : FAR_LATENT;
}

/* The same: the logarithm of its variance. */
double
forest_encoded_log_variance(const ForestMake *make, uint32_t b, uint32_t u)
{
	float		l = make->encode.layers[FOREST_NET_LAYERS]
		[(FOREST_VAE_LATENT + u) * make->encode.row + b];

	l = l > FOREST_NET_LOG_VARIANCE_LEAST ? l : FOREST_NET_LOG_VARIANCE_LEAST;
	return (double) (l < FOREST_NET_LOG_VARIANCE_MOST ? l :
					 FOREST_NET_LOG_VARIANCE_MOST);
}
