/*-------------------------------------------------------------------------
 *
 * forest_mixture.c
 *	  A mixture of normal distributions of latents.
 *
 * An autoencoder is trained for latents that are standard normal, but what
 * its encoder makes of the rows is not quite that: the decoder never learnt
 * what to do in the gaps.  So new rows start from a mixture of normal
 * distributions that was fitted to latents of the training rows, which is a
 * better prior after the fact (Tomczak, Welling: VAE with a VampPrior, AISTATS
 * 2018; Ghosh et al.: From Variational to Deterministic Autoencoders, ICLR
 * 2020).  The fit is that of
 *
 *	  Dempster, Laird, Rubin: Maximum Likelihood from Incomplete Data via the
 *	  EM Algorithm, Journal of the Royal Statistical Society B 39(1), 1977,
 *
 * from centres far from each other (Arthur, Vassilvitskii: k-means++: The
 * Advantages of Careful Seeding, SODA 2007).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_mixture.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_normal.h"

#define Z	FOREST_VAE_LATENT

/* Added to variances, so that no component shrinks to a point. */
#define LEAST_VARIANCE	1e-3

/* Rows between two pauses, each of which all components look at. */
#define PAUSE_ROWS		64

/* Entry (i, j) of a triangle, j <= i. */
static uint32_t
half(uint32_t i, uint32_t j)
{
	return i * (i + 1) / 2 + j;
}

/*
 * Takes the root of a covariance (Cholesky) and inverts it; returns the
 * logarithm of the density at the mean, but for a constant.
 */
static double
take_root(const double *covariance, float *root, double *inverse)
{
	double		l[FOREST_MIXTURE_HALF];
	double		logs = 0.0;

	for (uint32_t i = 0; i < Z; i++)
	{
		for (uint32_t j = 0; j <= i; j++)
		{
			double		sum = covariance[half(i, j)];

			for (uint32_t k = 0; k < j; k++)
				sum -= l[half(i, k)] * l[half(j, k)];
			if (i == j)
				sum = sqrt(sum > LEAST_VARIANCE * 1e-3 ? sum :
						   LEAST_VARIANCE * 1e-3);
			else
				sum /= l[half(j, j)];
			l[half(i, j)] = sum;
			root[half(i, j)] = (float) sum;
		}
		logs += forest_log(l[half(i, i)]);
	}
	for (uint32_t j = 0; j < Z; j++)
	{
		for (uint32_t i = j; i < Z; i++)
		{
			double		sum = i == j ? 1.0 : 0.0;

			for (uint32_t k = j; k < i; k++)
				sum -= l[half(i, k)] * inverse[half(k, j)];
			inverse[half(i, j)] = sum / l[half(i, i)];
		}
	}
	return -logs;
}

/* Makes components from the sums over rows in the work. */
static void
make_components(ForestMixture *mixture, ForestMixtureWork *work)
{
	double		total = 0.0;

	for (uint32_t c = 0; c < mixture->n; c++)
		total += work->weights[c];
	for (uint32_t c = 0; c < mixture->n; c++)
	{
		ForestComponent *component = &mixture->components[c];
		double		rows = work->weights[c] > 1e-6 ? work->weights[c] : 1e-6;
		double		covariance[FOREST_MIXTURE_HALF];

		for (uint32_t i = 0; i < Z; i++)
			work->means[c][i] /= rows;
		for (uint32_t i = 0; i < Z; i++)
		{
			component->mean[i] = (float) work->means[c][i];
			for (uint32_t j = 0; j <= i; j++)
				covariance[half(i, j)] =
					work->products[c][half(i, j)] / rows -
					work->means[c][i] * work->means[c][j];
			covariance[half(i, i)] += LEAST_VARIANCE;
		}
		component->weight = (float) (work->weights[c] / total);
		work->peak[c] = take_root(covariance, component->root,
								  work->inverse[c]) +
			forest_log(rows / total);
	}
}

/* Adds a row to the sums of a component. */
static void
add_row(ForestMixtureWork *work, uint32_t c, const float *z, double weight)
{
	double	   *products = work->products[c];

	work->weights[c] += weight;
	for (uint32_t i = 0; i < Z; i++)
	{
		double		weighted = weight * (double) z[i];

		work->means[c][i] += weighted;
		for (uint32_t j = 0; j <= i; j++)
			*products++ += weighted * (double) z[j];
	}
}

/* Sets the sums of all components to 0, for a round over the rows. */
static void
clear_sums(ForestMixtureWork *work)
{
	memset(work->weights, 0, sizeof(work->weights));
	memset(work->means, 0, sizeof(work->means));
	memset(work->products, 0, sizeof(work->products));
}

/* The squared Euclidean distance of two latents, of Z numbers each. */
static double
squared_distance(const float *a, const float *b)
{
	double		sum = 0.0;

	for (uint32_t i = 0; i < Z; i++)
		sum += ((double) a[i] - (double) b[i]) *
			((double) a[i] - (double) b[i]);
	return sum;
}

/* The centre nearest to a row, of n, which are rows themselves. */
static uint32_t
nearest(const ForestMixtureWork *work, const uint32_t *centres, uint32_t n,
		uint32_t row, double *distance)
{
	uint32_t	best = 0;

	*distance = INFINITY;
	for (uint32_t c = 0; c < n; c++)
	{
		double		d = squared_distance(work->latents + (size_t) row * Z,
										 work->latents +
										 (size_t) centres[c] * Z);

		if (d < *distance)
		{
			*distance = d;
			best = c;
		}
	}
	return best;
}

/* Draws the next centre: rows far from the others are likelier. */
static uint32_t
draw_centre(const ForestMixtureWork *work, const uint32_t *centres,
			uint32_t n, ForestRng *rng)
{
	double		total = 0.0;
	double		place;
	double		distance;
	uint32_t	row = 0;

	for (uint32_t i = 0; i < work->n_rows; i++)
	{
		(void) nearest(work, centres, n, i, &distance);
		total += distance;
		if (i % PAUSE_ROWS == 0)
			forest_pause();
	}
	place = forest_rng_double(rng) * total;
	for (uint32_t i = 0; i < work->n_rows; i++)
	{
		(void) nearest(work, centres, n, i, &distance);
		place -= distance;
		if (i % PAUSE_ROWS == 0)
			forest_pause();
		if (distance > 0.0)
			row = i;
		if (place < 0.0)
			break;
	}
	return row;
}

/*
 * Starts the fit of n components, 1 .. FOREST_MIXTURE_MOST, to n_rows >= 1
 * latents.
 */
void
forest_mixture_start(ForestMixture *mixture, ForestMixtureWork *work,
					 uint32_t n, const float *latents, uint32_t n_rows,
					 ForestRng *rng)
{
	uint32_t	centres[FOREST_MIXTURE_MOST];
	double		distance;

	memset(mixture, 0, sizeof(*mixture));
	mixture->n = n;
	work->latents = latents;
	work->n_rows = n_rows;
	centres[0] = forest_rng_below(rng, n_rows);
	for (uint32_t c = 1; c < n; c++)
		centres[c] = draw_centre(work, centres, c, rng);
	clear_sums(work);
	for (uint32_t i = 0; i < n_rows; i++)
	{
		add_row(work, nearest(work, centres, n, i, &distance),
				latents + (size_t) i * Z, 1.0);
		if (i % PAUSE_ROWS == 0)
			forest_pause();
	}
	make_components(mixture, work);
}

/* The logarithm of a component's density of a row, but for a constant. */
static double
log_density(const ForestMixture *mixture, const ForestMixtureWork *work,
			uint32_t c, const float *z)
{
	const double *inverse = work->inverse[c];
	double		away[Z];
	double		sum = 0.0;

	for (uint32_t i = 0; i < Z; i++)
	{
		double		y = 0.0;

		away[i] = (double) z[i] - (double) mixture->components[c].mean[i];
		for (uint32_t j = 0; j <= i; j++)
			y += *inverse++ * away[j];
		sum += y * y;
	}
	return work->peak[c] - 0.5 * sum;
}

/*
 * Improves the mixture by one round; returns the mean log density that it had
 * before, but for a constant.
 */
double
forest_mixture_step(ForestMixture *mixture, ForestMixtureWork *work)
{
	double		total = 0.0;

	clear_sums(work);
	for (uint32_t row = 0; row < work->n_rows; row++)
	{
		const float *z = work->latents + (size_t) row * Z;
		double		share[FOREST_MIXTURE_MOST];
		double		most = -INFINITY;
		double		sum = 0.0;

		for (uint32_t c = 0; c < mixture->n; c++)
		{
			share[c] = log_density(mixture, work, c, z);
			most = share[c] > most ? share[c] : most;
		}
		for (uint32_t c = 0; c < mixture->n; c++)
		{
			share[c] = forest_exp(share[c] - most);
			sum += share[c];
		}
		for (uint32_t c = 0; c < mixture->n; c++)
		{
			/* what adds nothing takes no time */
			if (share[c] > 1e-9 * sum)
				add_row(work, c, z, share[c] / sum);
		}
		total += most + forest_log(sum);
		if (row % PAUSE_ROWS == 0)
			forest_pause();
	}
	make_components(mixture, work);
	return total / work->n_rows;
}

/* Draws latents. */
void
forest_mixture_draw(const ForestMixture *mixture, ForestRng *rng, double *z)
{
	double		place = forest_rng_double(rng);
	double		noise[Z];
	const ForestComponent *component = mixture->components;
	const float *root;

	for (uint32_t i = 0; i < Z; i++)
		noise[i] = forest_normal_draw(rng);
	if (mixture->n == 0)
	{
		memcpy(z, noise, sizeof(noise));
		return;
	}
	for (uint32_t c = 0; c + 1 < mixture->n; c++)
	{
		place -= (double) component->weight;
		if (place < 0.0)
			break;
		component++;
	}
	root = component->root;
	for (uint32_t i = 0; i < Z; i++)
	{
		double		sum = (double) component->mean[i];

		for (uint32_t j = 0; j <= i; j++)
			sum += (double) *root++ * noise[j];
		z[i] = sum;
	}
}
