/*-------------------------------------------------------------------------
 *
 * forest_training.c
 *	  Training a generator, some steps at a time.
 *
 * An autoencoder is trained until rows that it does not learn from are no
 * longer likelier: one tenth is held out, and looked at now and then with the
 * same noise every time.  When three looks in a row gained nothing the best
 * weights come back and learn more slowly; the third time that happens is the
 * end.  Where rows are many, so that none is learnt by heart soon, it takes
 * larger steps that get ever smaller in the second half: this leads as far in
 * a third of the time.  An adversarial network, which has no such number to
 * watch, takes all its steps that way.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_batch.h"
#include "core/generator/forest_gan.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_mixture.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_training.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"

/* Above so many rows there is more to learn, by larger networks. */
#define LARGE_ROWS			5000

#define VAE_RATE			0.002
#define VAE_LARGE_RATE		0.005	/* falls to 0 in the second half */
#define VAE_LARGE_STEPS		4000
#define VAE_LARGE_MISSES	8
#define VAE_SLOWER			0.3
#define VAE_MISSES			3	/* looks without a gain */
#define VAE_SLOWDOWNS		3
#define VAE_STEPS			6000
#define VAE_FEW_STEPS		300

#define GAN_RATE			0.001
#define GAN_STEPS			6000

#define HELD_SHARE			10	/* one row of so many is held out .. */
#define HELD_MOST			1000	/* .. but no more than this */

/* Latents that a mixture is fitted to, at most, and rows a component. */
#define LATENT_ROWS			4096
#define COMPONENT_ROWS		100
#define MOST_FITS			30

/* Gain of a round of the fit, in nats a row, below which it ends. */
#define LEAST_FIT_GAIN		1e-3

/* Whether a table can be learnt with these options. */
ForestTrainingFault
forest_training_check(const ForestCoded *coded,
					  const ForestTrainingOptions *options)
{
	const ForestColumns *columns = &coded->columns;

	if (columns->n_rows == 0)
		return FOREST_TRAINING_NO_ROWS;
	if (columns->n_input > FOREST_NET_MAX_UNITS ||
		columns->n_output > FOREST_NET_MAX_WIDTH)
		return FOREST_TRAINING_TOO_WIDE;
	if (options->label != FOREST_NO_LABEL &&
		!columns->columns[options->label].is_classes)
		return FOREST_TRAINING_NO_CLASSES;
	return FOREST_TRAINING_POSSIBLE;
}

/* Units of a hidden layer, for a table of so many rows. */
static uint32_t
hidden_units(uint32_t n_rows)
{
	return n_rows <= LARGE_ROWS ? 64 : 128;
}

/* Rows of a step, a multiple of FOREST_NET_LANES. */
static uint32_t
batch_rows(const ForestCoded *coded, const ForestTrainingOptions *options)
{
	if (options->method == FOREST_METHOD_GAN)
		return FOREST_GAN_BATCH;
	return coded->columns.n_rows <= LARGE_ROWS ? 128 : 256;
}

/* Bytes of an array of n, at a multiple of 8. */
static uint64_t
array_size(uint64_t n, size_t size)
{
	return (n * size + 7) / 8 * 8;
}

/* Classes that a label has; 0 without. */
static uint32_t
label_classes(const ForestCoded *coded, const ForestTrainingOptions *options)
{
	return options->label == FOREST_NO_LABEL ? 0 :
		coded->columns.columns[options->label].n_classes;
}

/* Bytes of memory that training takes, aligned to 8; the table is coded. */
uint64_t
forest_training_size(const ForestCoded *coded,
					 const ForestTrainingOptions *options)
{
	const ForestColumns *columns = &coded->columns;
	uint32_t	batch = batch_rows(coded, options);
	uint64_t	size = array_size(columns->n_rows, sizeof(uint32_t)) +
		array_size(batch, sizeof(uint32_t)) + batch * sizeof(double) +
		array_size(FOREST_SCORES, sizeof(float)) +
		forest_batch_size(columns, batch) +
		(label_classes(coded, options) + 1) * sizeof(double);
	ForestVae	vae;

	if (options->method == FOREST_METHOD_GAN)
		/* units that are not mixed are fewer */
		return size + array_size(forest_gan_size(columns, options->label) +
								 forest_gan_weights(columns, options->label),
								 sizeof(float));
	forest_vae_shape(&vae, columns, hidden_units(columns->n_rows));
	return size +
		array_size(forest_net_adam_size(vae.n) + vae.n +
				   forest_vae_work_size(&vae, batch) +
				   (uint64_t) LATENT_ROWS * FOREST_VAE_LATENT, sizeof(float));
}

/* Puts the rows in random order, but for those held out. */
static void
shuffle(ForestTraining *t)
{
	uint32_t   *order = t->order + t->n_held;

	for (uint32_t i = t->n_rows - t->n_held; i > 1; i--)
	{
		uint32_t	j = forest_rng_below(&t->order_rng, i);
		uint32_t	swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
		forest_pause_at(i);
	}
	t->place = t->n_held;
}

/* Sorts the rows by the classes of the label, and counts these. */
static void
sort_by_label(ForestTraining *t, double *shares)
{
	const ForestCoded *coded = t->coded;
	uint32_t	n_columns = coded->columns.n_columns;
	uint32_t	n_classes = label_classes(coded, &t->options);
	const ForestCode *codes = coded->codes + t->options.label;

	/* shares[k + 1] becomes the rows of class k, then where they begin .. */
	forest_clear(shares, (n_classes + 1) * sizeof(double));
	for (uint32_t i = 0; i < t->n_rows; i++)
	{
		forest_pause_at(i);
		shares[codes[(size_t) i * n_columns].low + 1] += 1.0;
	}
	for (uint32_t k = 0; k < n_classes; k++)
		shares[k + 1] += shares[k];
	/* .. and shares[k], as each row takes its place, where they end */
	for (uint32_t i = 0; i < t->n_rows; i++)
	{
		double	   *place = &shares[codes[(size_t) i * n_columns].low];

		forest_pause_at(i);
		t->order[(uint32_t) *place] = i;
		*place += 1.0;
	}
	t->generator.label_shares = shares;
}

/* Takes the next rows into the batch. */
static void
take_rows(ForestTraining *t)
{
	const double *ends = t->generator.label_shares;
	uint32_t	n_classes = label_classes(t->coded, &t->options);

	for (uint32_t b = 0; b < t->batch_rows; b++)
	{
		if (ends != NULL)
		{
			uint32_t	k = forest_rng_below(&t->order_rng, n_classes);
			uint32_t	first = k == 0 ? 0 : (uint32_t) ends[k - 1];

			t->rows[b] = t->order[first + forest_rng_below(&t->order_rng,
														   (uint32_t) ends[k] - first)];
			continue;
		}
		if (t->place == t->n_rows)
			shuffle(t);
		t->rows[b] = t->order[t->place++];
	}
	forest_batch_take(&t->batch, t->coded->codes, t->rows);
}

/* Holds rows out, and says how long to train. */
static void
begin_vae(ForestTraining *t, float *memory)
{
	ForestGenerator *g = &t->generator;
	ForestRng	rng;

	forest_vae_shape(&g->vae, &g->columns, g->hidden);
	forest_net_adam_init(&t->adam, g->vae.n, 0.9f, 0.999f, memory);
	memory += forest_net_adam_size(g->vae.n);
	t->best = memory;
	memory = forest_vae_work_init(&t->work, &g->vae, t->batch_rows,
								  memory + g->vae.n);
	t->latents = memory;
	forest_rng_start(&rng, t->options.seed, FOREST_FOR_NET_START, 0);
	forest_vae_start(&g->vae, &g->columns, t->adam.weights, &rng);
	forest_copy(t->best, t->adam.weights, g->vae.n * sizeof(float));
	t->falls = t->n_rows > LARGE_ROWS;
	t->rate = t->falls ? VAE_LARGE_RATE : VAE_RATE;
	t->most_steps = t->n_rows < FOREST_TRAINING_FEW_ROWS ? VAE_FEW_STEPS :
		t->falls ? VAE_LARGE_STEPS : VAE_STEPS;
	t->look_steps = t->falls ? 200 : 100;
	/* the order is random: any rows will do */
	shuffle(t);
	t->n_held = t->n_rows < FOREST_TRAINING_FEW_ROWS ? 0 :
		t->n_rows / HELD_SHARE;
	t->n_held = t->n_held < HELD_MOST ? t->n_held : HELD_MOST;
	t->place = t->n_held;
}

/*
 * Begins an adversarial network: its weights, drawn from the seed, in
 * "memory", the pace, and the first order of rows.  With a label, "shares",
 * one more than it has classes, gets where each class ends in it.
 */
static void
begin_gan(ForestTraining *t, float *memory, double *shares)
{
	ForestGenerator *g = &t->generator;
	ForestRng	rng;

	forest_rng_start(&rng, t->options.seed, FOREST_FOR_NET_START, 0);
	t->best = forest_gan_init(&t->gan, &g->columns, t->options.label,
							  t->scores, memory, &rng);
	g->maker = t->gan.maker;
	forest_copy(t->best, t->gan.average, g->maker.n * sizeof(float));
	t->most_steps = GAN_STEPS;
	t->look_steps = 100;
	t->rate = GAN_RATE;
	t->falls = true;
	if (t->options.label == FOREST_NO_LABEL)
		shuffle(t);
	else
		sort_by_label(t, shares);
}

/*
 * Begins to train on a table that forest_training_check found possible, in
 * memory of forest_training_size bytes.  The coded table, which is from then
 * on this training's, and the memory stay as long as the generator is in use.
 */
void
forest_training_begin(ForestTraining *t, ForestCoded *coded,
					  const ForestTrainingOptions *options,
					  const ForestNetKernel *kernel, void *memory)
{
	uint8_t    *next = memory;
	ForestGenerator *g = &t->generator;
	uint32_t	n_classes = label_classes(coded, options);
	double	   *shares;

	memset(t, 0, sizeof(*t));
	t->options = *options;
	t->coded = coded;
	t->kernel = kernel;
	t->n_rows = coded->columns.n_rows;
	t->loss = t->best_loss = NAN;
	t->batch_rows = batch_rows(coded, options);
	forest_columns_units(&coded->columns,
						 options->method == FOREST_METHOD_VAE);
	g->columns = coded->columns;
	g->method = options->method;
	g->hidden = options->method == FOREST_METHOD_GAN ? FOREST_GAN_HIDDEN :
		hidden_units(t->n_rows);
	g->label = options->method == FOREST_METHOD_GAN ? options->label :
		FOREST_NO_LABEL;
	g->bits = NAN;
	forest_rng_start(&t->order_rng, options->seed, FOREST_FOR_NET_ORDER, 0);
	forest_rng_start(&t->noise_rng, options->seed, FOREST_FOR_NET_NOISE, 0);

	t->losses = (double *) next;
	next += t->batch_rows * sizeof(double);
	shares = (double *) next;
	next += (n_classes + 1) * sizeof(double);
	t->order = (uint32_t *) next;
	next += array_size(t->n_rows, sizeof(uint32_t));
	t->rows = (uint32_t *) next;
	next += array_size(t->batch_rows, sizeof(uint32_t));
	t->scores = (float *) next;
	next += array_size(FOREST_SCORES, sizeof(float));
	next = forest_batch_init(&t->batch, &g->columns, t->scores,
							 t->batch_rows, next);
	forest_batch_scores(t->scores);
	for (uint32_t i = 0; i < t->n_rows; i++)
	{
		t->order[i] = i;
		forest_pause_at(i);
	}
	if (options->method == FOREST_METHOD_GAN)
		begin_gan(t, (float *) next, shares);
	else
		begin_vae(t, (float *) next);
	if (options->n_steps > 0)
		t->most_steps = options->n_steps;
}

/* The mean loss of the rows held out, with the same noise every time. */
static double
look(ForestTraining *t)
{
	double		sum = 0.0;
	ForestRng	rng;

	forest_rng_start(&rng, t->options.seed, FOREST_FOR_NET_HELD, 0);
	for (uint32_t first = 0; first < t->n_held; first += t->batch_rows)
	{
		for (uint32_t b = 0; b < t->batch_rows; b++)
			t->rows[b] = t->order[(first + b) % t->n_held];
		forest_batch_take(&t->batch, t->coded->codes, t->rows);
		forest_vae_noise(&t->work, t->scores, &rng);
		forest_vae_losses(t->kernel, &t->generator.vae, t->adam.weights,
						  &t->work, &t->batch, t->losses);
		for (uint32_t b = 0; b < t->batch_rows && first + b < t->n_held; b++)
			sum += t->losses[b];
	}
	return sum / t->n_held;
}

/* Whether weights may be used and written: NaN is not. */
static bool
are_sound(const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		if (!(x[i] >= -GEN_MOST_WEIGHT && x[i] <= GEN_MOST_WEIGHT))
			return false;
		forest_pause_at(i);
	}
	return true;
}

/* Back to the best weights, as if no step had been taken since. */
static void
go_back(ForestTraining *t)
{
	size_t		n = t->adam.n;

	forest_net_adam_init(&t->adam, n, 0.9f, 0.999f, t->adam.weights);
	forest_copy(t->adam.weights, t->best, n * sizeof(float));
	t->misses = 0;
	t->slower++;
	t->rate *= VAE_SLOWER;
}

/* Watches an autoencoder; returns whether training goes on. */
static bool
watch_vae(ForestTraining *t)
{
	bool		finite = are_sound(t->adam.weights, t->adam.n);

	if (finite && t->n_held > 0)
	{
		t->loss = look(t);
		finite = isfinite(t->loss);
	}
	if (!finite)
		t->generator.outcome = FOREST_OUTCOME_NOT_FINITE;
	if (finite && (t->n_held == 0 || !(t->loss >= t->best_loss)))
	{
		t->generator.outcome = FOREST_OUTCOME_ALL_STEPS;
		t->best_loss = t->loss;
		t->misses = 0;
		forest_copy(t->best, t->adam.weights, t->adam.n * sizeof(float));
	}
	else if (!finite || ++t->misses == (t->falls ? VAE_LARGE_MISSES :
										VAE_MISSES))
	{
		go_back(t);
		/* there is no time to climb again */
		if (finite && t->falls)
			t->slower = VAE_SLOWDOWNS;
	}
	if (t->slower == VAE_SLOWDOWNS)
	{
		if (finite)
			t->generator.outcome = FOREST_OUTCOME_SETTLED;
		return false;
	}
	return t->n_steps < t->most_steps;
}

/* The rate of the step at hand. */
static float
step_rate(const ForestTraining *t)
{
	double		left = 2.0 - 2.0 * t->n_steps / t->most_steps;

	return (float) (t->falls && left < 1.0 ? t->rate * left : t->rate);
}

/* Takes a step of training; returns whether there are more. */
static bool
step_vae(ForestTraining *t)
{
	take_rows(t);
	forest_vae_noise(&t->work, t->scores, &t->noise_rng);
	forest_vae_slopes(t->kernel, &t->generator.vae, t->adam.weights, &t->work,
					  &t->batch, t->adam.slopes);
	forest_net_adam_step(t->kernel, &t->adam, step_rate(t));
	t->n_steps++;
	if (t->n_steps % t->look_steps == 0 || t->n_steps == t->most_steps)
		return watch_vae(t);
	return true;
}

/* The same of an adversarial network. */
static bool
step_gan(ForestTraining *t)
{
	take_rows(t);
	forest_gan_learn_critic(t->kernel, &t->gan, &t->batch, (float) t->rate,
							&t->noise_rng);
	take_rows(t);
	forest_gan_learn_maker(t->kernel, &t->gan, &t->batch, step_rate(t),
						   &t->noise_rng);
	t->n_steps++;
	if (t->n_steps % t->look_steps != 0 && t->n_steps != t->most_steps)
		return true;
	if (!are_sound(t->gan.average, t->gan.maker.n))
	{
		t->generator.outcome = FOREST_OUTCOME_NOT_FINITE;
		return false;
	}
	forest_copy(t->best, t->gan.average, t->gan.maker.n * sizeof(float));
	t->generator.outcome = FOREST_OUTCOME_ALL_STEPS;
	return t->n_steps < t->most_steps;
}

/* A latent, not so far from 0 that a mixture of them could not be written. */
static float
latent_within(float z)
{
	const float most = GEN_MOST_LATENT / 2.0f;

	z = z > -most ? z : -most;
	return z < most ? z : most;
}

/* Encodes training rows, and draws a latent of each. */
static void
draw_latents(ForestTraining *t)
{
	uint32_t	n = t->n_rows - t->n_held;
	uint32_t	n_latents = n < LATENT_ROWS ? n : LATENT_ROWS;
	uint32_t	n_components = n / COMPONENT_ROWS;
	size_t		row = t->work.decode.row;
	ForestRng	rng;

	forest_rng_start(&rng, t->options.seed, FOREST_FOR_NET_LATENT, 0);
	for (uint32_t first = 0; first < n_latents; first += t->batch_rows)
	{
		for (uint32_t b = 0; b < t->batch_rows; b++)
			t->rows[b] = t->order[t->n_held + (first + b) % n];
		forest_batch_take(&t->batch, t->coded->codes, t->rows);
		forest_vae_noise(&t->work, t->scores, &rng);
		forest_vae_losses(t->kernel, &t->generator.vae, t->best, &t->work,
						  &t->batch, t->losses);
		for (uint32_t b = 0; b < t->batch_rows && first + b < n_latents; b++)
			for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
				t->latents[(size_t) (first + b) * FOREST_VAE_LATENT + u] =
					latent_within(t->work.decode.layers[0][u * row + b]);
	}
	if (n_components > FOREST_MIXTURE_MOST)
		n_components = FOREST_MIXTURE_MOST;
	if (n_components == 0)
		n_components = 1;
	forest_mixture_start(&t->generator.mixture, &t->mixture, n_components,
						 t->latents, n_latents, &rng);
}

/* One round of the fit; returns whether there are more. */
static bool
fit_latents(ForestTraining *t)
{
	double		before = t->fit;

	if (t->fits++ == 0)
	{
		draw_latents(t);
		t->fit = -INFINITY;
		return true;
	}
	t->fit = forest_mixture_step(&t->generator.mixture, &t->mixture);
	return t->fits < MOST_FITS && t->fit > before + LEAST_FIT_GAIN;
}

/* Fills in what the generator is once the networks have learnt. */
static void
finish_steps(ForestTraining *t)
{
	ForestGenerator *g = &t->generator;

	g->n_steps = t->n_steps;
	g->weights = t->best;
	if (g->method == FOREST_METHOD_GAN)
	{
		g->n_weights = g->maker.n;
		t->phase = FOREST_TRAINING_DONE;
		return;
	}
	g->n_weights = g->vae.n;
	g->bits = t->best_loss * 1.4426950408889634;
	t->phase = FOREST_TRAINING_LATENTS;
}

/*
 * Takes up to n_steps steps, each of some milliseconds; returns whether there
 * are more to take.
 */
bool
forest_training_run(ForestTraining *t, uint32_t n_steps)
{
	for (uint32_t i = 0; i < n_steps && t->phase != FOREST_TRAINING_DONE; i++)
	{
		if (t->phase == FOREST_TRAINING_STEPS)
		{
			if (!(t->options.method == FOREST_METHOD_GAN ? step_gan(t) :
				  step_vae(t)))
				finish_steps(t);
		}
		else if (!fit_latents(t))
			t->phase = FOREST_TRAINING_DONE;
		forest_pause();
	}
	return t->phase != FOREST_TRAINING_DONE;
}
