/*-------------------------------------------------------------------------
 *
 * test_net_slopes.c
 *	  What generators learn from: the slopes of an autoencoder's bound and of
 *	  what a critic says, against finite differences.
 *
 * Losses are of single precision, so steps are wide and the comparison is
 * not narrow: what it finds is a term that is missing or has the wrong sign.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_rng.h"
#include "core/generator/forest_batch.h"
#include "core/generator/forest_gan.h"
#include "core/generator/forest_training.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"

#include "net_support.h"
#include "unit.h"

#define STEP	4e-3f

/* The weights whose slopes are compared: the steepest of so many. */
#define STRIDE	UNIT_AMOUNT(50, 500)

/* A trained generator's parts again, for batches of its first rows. */
static void
take_first_rows(ForestTraining *t)
{
	for (uint32_t b = 0; b < t->batch_rows; b++)
		t->rows[b] = b;
	forest_batch_take(&t->batch, t->coded->codes, t->rows);
}

static size_t
steepest(const float *slopes, size_t first)
{
	size_t		best = first;

	for (size_t i = first; i < first + STRIDE; i++)
		if (fabsf(slopes[i]) > fabsf(slopes[best]))
			best = i;
	return best;
}

/* The mean loss of the batch, with the same noise every time. */
static double
vae_loss(ForestTraining *t)
{
	double		sum = 0.0;

	forest_vae_losses(t->kernel, &t->generator.vae, t->adam.weights, &t->work,
					  &t->batch, t->losses);
	for (uint32_t b = 0; b < t->batch_rows; b++)
		sum += t->losses[b] / t->batch_rows;
	return sum;
}

static bool
is_near(double slope, double difference, double slack)
{
	return fabs(slope - difference) < slack + 0.05 * fabs(difference);
}

static void
test_vae(void)
{
	NetTable	t;
	Trained		trained;
	ForestTraining *training = &trained.training;
	float	   *weights;
	float	   *slopes;
	ForestRng	rng;

	claim("an autoencoder learns by the slopes of its bound");
	net_table_mixed(&t, 300, 61);
	(void) trained_begin(&trained, &t, &few_steps_vae, forest_net_kernel());
	(void) forest_training_run(training, UNIT_AMOUNT(50, 10));
	weights = training->adam.weights;
	slopes = training->adam.slopes;
	take_first_rows(training);
	forest_rng_init(&rng, 62, 0);
	forest_vae_noise(&training->work, training->scores, &rng);
	forest_vae_slopes(training->kernel, &training->generator.vae, weights,
					  &training->work, &training->batch, slopes);
	for (size_t first = 0; first + STRIDE <= training->adam.n;
		 first += STRIDE)
	{
		size_t		i = steepest(slopes, first);
		float		weight = weights[i];
		double		difference;

		unit_case = i;
		weights[i] = weight + STEP;
		difference = vae_loss(training);
		weights[i] = weight - STEP;
		difference -= vae_loss(training);
		weights[i] = weight;
		REQUIRE(is_near((double) slopes[i],
						difference / (2.0 * (double) STEP), 0.02));
	}
	trained_free(&trained);
	free(t.values);
	proven();
}

/* What the maker wants to be small, with the same noise every time. */
static double
maker_loss(ForestTraining *t)
{
	const float *said = t->gan.judge.layers[FOREST_NET_LAYERS];
	ForestRng	rng;
	double		sum = 0.0;

	memset(t->gan.maker_adam.means, 0, t->gan.maker.n * sizeof(float));
	forest_rng_init(&rng, 63, 0);
	forest_gan_learn_maker(t->kernel, &t->gan, &t->batch, 0.0f, &rng);
	for (uint32_t b = 0; b < FOREST_GAN_BATCH; b++)
		sum += log1p(exp(-(double) said[b])) / FOREST_GAN_BATCH;
	return sum;
}

static void
test_gan(void)
{
	NetTable	t;
	Trained		trained;
	ForestTraining *training = &trained.training;
	float	   *weights;
	float	   *slopes;

	claim("an adversarial network's maker learns by the critic's slopes");
	net_table_mixed(&t, 300, 64);
	(void) trained_begin(&trained, &t, &few_steps_gan, forest_net_kernel());
	(void) forest_training_run(training, UNIT_AMOUNT(20, 3));
	take_first_rows(training);
	weights = training->gan.maker_adam.weights;
	slopes = allocate(training->gan.maker.n * sizeof(float));
	(void) maker_loss(training);
	/* a mean of one slope and of zeros: half of it */
	for (size_t i = 0; i < training->gan.maker.n; i++)
		slopes[i] = 2.0f * training->gan.maker_adam.means[i];
	for (size_t first = 0; first + STRIDE <= training->gan.maker.n;
		 first += STRIDE)
	{
		size_t		i = steepest(slopes, first);
		float		weight = weights[i];
		double		difference;

		unit_case = i;
		weights[i] = weight + STEP;
		difference = maker_loss(training);
		weights[i] = weight - STEP;
		difference -= maker_loss(training);
		weights[i] = weight;
		REQUIRE(is_near((double) slopes[i],
						difference / (2.0 * (double) STEP), 1e-4));
	}
	free(slopes);
	trained_free(&trained);
	free(t.values);
	proven();
}

int
main(void)
{
	test_vae();
	test_gan();
	return unit_done();
}
