/*-------------------------------------------------------------------------
 *
 * forest_gan.c
 *	  An adversarial network for rows of a table.
 *
 * One network, the maker, makes rows of random numbers; another, the critic,
 * says how real a row looks.  The critic learns to tell real rows from made
 * ones, and the maker to be taken for real:
 *
 *	  Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville,
 *	  Bengio: Generative Adversarial Nets, NIPS 2014.
 *
 * The critic minimises log(1 + e^-D(real)) + log(1 + e^D(made)), the maker
 * log(1 + e^-D(made)), the form of that paper whose slopes do not vanish while
 * the maker is bad.  Left to itself the pair circles instead of settling.
 * What makes it converge is a penalty on the square of the critic's slopes
 * where rows are real:
 *
 *	  Mescheder, Geiger, Nowozin: Which Training Methods for GANs Do Actually
 *	  Converge?, ICML 2018.
 *
 * Numbers are normal scores, of a value that many rows share any score of its
 * interval.  A class is drawn softly, so that slopes flow (Jang, Gu, Poole:
 * Categorical Reparameterization with Gumbel-Softmax, and Maddison, Mnih, Teh:
 * The Concrete Distribution, both ICLR 2017); so is whether a number misses.
 * With a label both networks are told its class (Mirza, Osindero: Conditional
 * Generative Adversarial Nets, 2014), and every class is as frequent as any
 * other, or the rare ones would be lost.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_batch.h"
#include "core/generator/forest_gan.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_table.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

#define PENALTY			1.0f	/* lambda of Mescheder et al. */
#define PER_TEMPERATURE	5.0f
#define KEEP_MEAN		0.5f
#define KEEP_SQUARE		0.9f
#define KEEP_AVERAGE	0.995f

/* Fills in the shapes; the columns' units are not mixtures. */
void
forest_gan_shape(ForestNet *maker, ForestNet *critic,
				 const ForestColumns *columns, uint32_t label_units,
				 uint32_t hidden)
{
	forest_net_shape(maker, FOREST_GAN_NOISE + label_units, hidden,
					 columns->n_output, FOREST_GAN_SLOPE);
	forest_net_shape(critic, columns->n_input, hidden, 1, FOREST_GAN_SLOPE);
}

/* The greater of two sizes. */
static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Floats of scratch that a step takes. */
static size_t
scratch_size(const ForestNet *maker, const ForestNet *critic)
{
	size_t		size = forest_net_back_size(maker, FOREST_GAN_BATCH);

	size = larger(size, forest_net_back_size(critic, FOREST_GAN_BATCH));
	return larger(size, forest_net_curb_size(critic, FOREST_GAN_BATCH));
}

/* Floats that forest_gan_init lays out. */
size_t
forest_gan_size(const ForestColumns *columns, uint32_t label)
{
	ForestNet	maker;
	ForestNet	critic;

	forest_gan_shape(&maker, &critic, columns,
					 forest_generator_label_units(columns, label),
					 FOREST_GAN_HIDDEN);
	return forest_net_adam_size(maker.n) + forest_net_adam_size(critic.n) +
		maker.n + forest_net_flow_size(&maker, FOREST_GAN_BATCH) +
		forest_net_flow_size(&critic, FOREST_GAN_BATCH) +
		(columns->n_input + 1) * forest_net_row(FOREST_GAN_BATCH) +
		scratch_size(&maker, &critic) + FOREST_SCORES;
}

/* Weights of the maker. */
size_t
forest_gan_weights(const ForestColumns *columns, uint32_t label)
{
	ForestNet	maker;
	ForestNet	critic;

	forest_gan_shape(&maker, &critic, columns,
					 forest_generator_label_units(columns, label),
					 FOREST_GAN_HIDDEN);
	return maker.n;
}

/* Lays two networks out in memory, and starts them; returns what is behind. */
float *
forest_gan_init(ForestGan *gan, const ForestColumns *columns, uint32_t label,
				const float *scores, float *memory, ForestRng *rng)
{
	ForestNet  *maker = &gan->maker;
	ForestNet  *critic = &gan->critic;

	gan->label = label;
	gan->scores = scores;
	forest_gan_shape(maker, critic, columns,
					 forest_generator_label_units(columns, label),
					 FOREST_GAN_HIDDEN);
	forest_net_adam_init(&gan->maker_adam, maker->n, KEEP_MEAN, KEEP_SQUARE,
						 memory);
	memory += forest_net_adam_size(maker->n);
	forest_net_adam_init(&gan->critic_adam, critic->n, KEEP_MEAN,
						 KEEP_SQUARE, memory);
	memory += forest_net_adam_size(critic->n);
	gan->average = memory;
	memory = forest_net_flow_init(&gan->make, maker, FOREST_GAN_BATCH,
								  memory + maker->n);
	memory = forest_net_flow_init(&gan->judge, critic, FOREST_GAN_BATCH,
								  memory);
	gan->back = memory;
	gan->verdict = memory + columns->n_input * gan->judge.row;
	gan->scratch = gan->verdict + gan->judge.row;
	gan->gumbels = gan->scratch + scratch_size(maker, critic);
	for (uint32_t i = 0; i < FOREST_SCORES; i++)
	{
		gan->gumbels[i] = (float) -forest_log(-forest_log((i + 0.5) /
														  FOREST_SCORES));
		forest_pause_at(i);
	}
	forest_net_start(maker, gan->maker_adam.weights, 0.1f, rng);
	forest_net_start(critic, gan->critic_adam.weights, 1.0f, rng);
	forest_copy(gan->average, gan->maker_adam.weights,
				maker->n * sizeof(float));
	return gan->gumbels + FOREST_SCORES;
}

/* A number of 0 .. FOREST_TABLE_SHARES, from random bits. */
static uint32_t
random_share(ForestRng *rng)
{
	return (uint32_t) (forest_rng_next(rng) >> 48);
}

/* A score anywhere in an interval, cut at FOREST_GAN_MOST. */
static float
draw_score(const ForestBatch *batch, ForestCode code, ForestRng *rng)
{
	double		share = code.low + forest_rng_double(rng) *
		(code.high - code.low);
	uint32_t	below = (uint32_t) share;
	float		part = (float) (share - below);
	float		low = forest_batch_score(batch, below);
	float		high = forest_batch_score(batch, below < FOREST_TABLE_SHARES ?
										  below + 1 : below);

	low = low < -FOREST_GAN_MOST ? -FOREST_GAN_MOST : low;
	high = high > FOREST_GAN_MOST ? FOREST_GAN_MOST : high;
	return low * (1.0f - part) + high * part;
}

/* Writes the rows of a batch into what the critic sees. */
static void
forest_gan_real(const ForestGan *gan, const ForestBatch *batch,
				ForestRng *rng)
{
	size_t		row = gan->judge.row;

	forest_batch_input(batch, gan->judge.layers[0], row);
	for (uint32_t c = 0; c < batch->columns->n_columns; c++)
	{
		const ForestColumn *column = &batch->columns->columns[c];
		const ForestCode *codes = batch->codes + (size_t) c * batch->n;
		float	   *units = gan->judge.layers[0] + column->input * row;

		for (uint32_t b = 0; column->varies && b < batch->n; b++)
		{
			if (!forest_code_misses(codes[b]))
				units[b] = draw_score(batch, codes[b], rng);
		}
		forest_pause();
	}
}

/* Fills in noise, and the label's classes as the batch has them. */
static void
fill_noise(const ForestGan *gan, const ForestBatch *batch, ForestRng *rng)
{
	uint32_t	n_label = gan->maker.widths[0] - FOREST_GAN_NOISE;
	size_t		row = gan->make.row;

	for (uint32_t u = 0; u < FOREST_GAN_NOISE; u++)
		for (uint32_t b = 0; b < batch->n; b++)
			gan->make.layers[0][u * row + b] =
				gan->scores[1 + (random_share(rng) *
								 (FOREST_TABLE_SHARES - 1) >> 16)];
	for (uint32_t k = 0; k < n_label; k++)
		for (uint32_t b = 0; b < batch->n; b++)
			gan->make.layers[0][(FOREST_GAN_NOISE + k) * row + b] =
				batch->codes[(size_t) gan->label * batch->n + b].low == k ?
				1.0f : 0.0f;
}

/* Draws a column softly from what the maker gave out. */
static void
soften_column(const ForestNetKernel *kernel, const ForestGan *gan,
			  const ForestColumn *column, ForestRng *rng)
{
	size_t		row = gan->make.row;
	float	   *units = gan->make.layers[FOREST_NET_LAYERS] +
		column->output * row;
	float	   *misses = units + (column->varies ? row : 0);

	if (column->is_classes)
	{
		for (uint32_t k = 0; k < column->n_output; k++)
			for (uint32_t b = 0; b < gan->make.batch; b++)
				units[k * row + b] += gan->gumbels[random_share(rng)];
		kernel->soften(units, row, column->n_output, gan->make.batch,
					   PER_TEMPERATURE);
		return;
	}
	for (uint32_t b = 0; column->may_miss && b < gan->make.batch; b++)
	{
		float		x = misses[b] + gan->gumbels[random_share(rng)] -
			gan->gumbels[random_share(rng)];

		misses[b] = (float) (1.0 / (1.0 + forest_exp((double)
													 (-x * PER_TEMPERATURE))));
		if (column->varies)
			units[b] *= 1.0f - misses[b];
	}
}

/* Makes rows with the labels of a batch, where the critic sees them. */
static void
make_rows(const ForestNetKernel *kernel, const ForestGan *gan,
		  const ForestBatch *batch, ForestRng *rng)
{
	const ForestColumns *columns = batch->columns;
	size_t		n_label = gan->maker.widths[0] - FOREST_GAN_NOISE;

	fill_noise(gan, batch, rng);
	forest_net_forward(kernel, &gan->maker, gan->maker_adam.weights,
					   &gan->make);
	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		if (columns->columns[c].n_output > 0)
			soften_column(kernel, gan, &columns->columns[c], rng);
		forest_pause();
	}
	memcpy(gan->judge.layers[0], gan->make.layers[FOREST_NET_LAYERS],
		   columns->n_output * gan->make.row * sizeof(float));
	if (n_label > 0)
		memcpy(gan->judge.layers[0] +
			   columns->columns[gan->label].input * gan->judge.row,
			   gan->make.layers[0] + FOREST_GAN_NOISE * gan->make.row,
			   n_label * gan->make.row * sizeof(float));
}

/*
 * Lets the critic judge, and turns what it says into slopes of the mean of
 * log(1 + e^-(sign D)).
 */
static void
judge(const ForestNetKernel *kernel, const ForestGan *gan, float sign)
{
	const float *said = gan->judge.layers[FOREST_NET_LAYERS];

	forest_net_forward(kernel, &gan->critic, gan->critic_adam.weights,
					   &gan->judge);
	for (uint32_t b = 0; b < gan->judge.batch; b++)
		gan->verdict[b] = (float) (-(double) sign /
								   ((1.0 + forest_exp((double) (sign * said[b]))) *
									gan->judge.batch));
}

/* Adds the slopes of the critic's weights for what it has judged. */
static void
blame_critic(const ForestNetKernel *kernel, ForestGan *gan)
{
	forest_net_backward(kernel, &gan->critic, gan->critic_adam.weights,
						&gan->judge, gan->verdict, gan->critic_adam.slopes,
						NULL, gan->scratch);
}

/* A step of the critic. */
void
forest_gan_learn_critic(const ForestNetKernel *kernel, ForestGan *gan,
						const ForestBatch *batch, float rate, ForestRng *rng)
{
	forest_gan_real(gan, batch, rng);
	judge(kernel, gan, 1.0f);
	blame_critic(kernel, gan);
	forest_net_curb(kernel, &gan->critic, gan->critic_adam.weights,
					&gan->judge, PENALTY / FOREST_GAN_BATCH,
					gan->critic_adam.slopes, gan->scratch);
	make_rows(kernel, gan, batch, rng);
	judge(kernel, gan, -1.0f);
	blame_critic(kernel, gan);
	forest_net_adam_step(kernel, &gan->critic_adam, rate);
}

/* From slopes by a column that was drawn softly to those by the units. */
static void
soften_back(const ForestGan *gan, const ForestColumn *column, float *slopes)
{
	size_t		row = gan->make.row;
	const float *units = gan->make.layers[FOREST_NET_LAYERS] +
		column->output * row;
	const float *misses = units + (column->varies ? row : 0);
	float	   *by_missing = slopes + (column->varies ? row : 0);

	if (column->is_classes)
	{
		for (uint32_t b = 0; b < gan->make.batch; b++)
		{
			float		mean = 0.0f;

			for (uint32_t k = 0; k < column->n_output; k++)
				mean += units[k * row + b] * slopes[k * row + b];
			for (uint32_t k = 0; k < column->n_output; k++)
				slopes[k * row + b] = PER_TEMPERATURE * units[k * row + b] *
					(slopes[k * row + b] - mean);
		}
		return;
	}
	for (uint32_t b = 0; column->may_miss && b < gan->make.batch; b++)
	{
		float		there = 1.0f - misses[b];
		float		by = by_missing[b];

		/* score * there, with "there" held from 0 for the division */
		if (column->varies)
		{
			by -= slopes[b] * units[b] / (there > 1e-6f ? there : 1e-6f);
			slopes[b] *= there;
		}
		by_missing[b] = PER_TEMPERATURE * misses[b] * there * by;
	}
}

/* A step of the maker. */
void
forest_gan_learn_maker(const ForestNetKernel *kernel, ForestGan *gan,
					   const ForestBatch *batch, float rate, ForestRng *rng)
{
	const ForestColumns *columns = batch->columns;
	ForestNetAdam *adam = &gan->maker_adam;

	make_rows(kernel, gan, batch, rng);
	judge(kernel, gan, 1.0f);
	forest_net_backward(kernel, &gan->critic, gan->critic_adam.weights,
						&gan->judge, gan->verdict, NULL, gan->back,
						gan->scratch);
	if (gan->label != FOREST_NO_LABEL)
		memset(gan->back + columns->columns[gan->label].output *
			   gan->judge.row, 0, columns->columns[gan->label].n_output *
			   gan->judge.row * sizeof(float));
	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		const ForestColumn *column = &columns->columns[c];

		soften_back(gan, column, gan->back + column->output * gan->judge.row);
		forest_pause();
	}
	forest_net_backward(kernel, &gan->maker, adam->weights, &gan->make,
						gan->back, adam->slopes, NULL, gan->scratch);
	forest_net_adam_step(kernel, adam, rate);
	for (size_t i = 0; i < adam->n; i++)
		gan->average[i] += (1.0f - KEEP_AVERAGE) *
			(adam->weights[i] - gan->average[i]);
	forest_pause();
}
