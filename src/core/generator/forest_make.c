/*-------------------------------------------------------------------------
 *
 * forest_make.c
 *	  Making rows by a generator, also where some columns are given.
 *
 * An autoencoder makes a row of latents from the mixture that was fitted to
 * those of the training rows.  Where columns are given, many latents are
 * drawn, and a row starts from one of these, as often as what is given is
 * likely with it (importance resampling: Rubin: Using the SIR Algorithm to
 * Simulate Posterior Distributions, Bayesian Statistics 3, 1988).  All
 * columns are independent once the latents are known, so the given ones just
 * stay.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_mixture.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

/* The network that gives rows out. */
static const ForestNet *
making_net(const ForestGenerator *g)
{
	return g->method == FOREST_METHOD_GAN ? &g->maker : &g->vae.decoder;
}

/* The most classes of a column. */
static uint32_t
most_classes(const ForestColumns *columns)
{
	uint32_t	most = 1;

	for (uint32_t c = 0; c < columns->n_columns; c++)
		most = columns->columns[c].n_classes > most ?
			columns->columns[c].n_classes : most;
	return most;
}

/* Floats in front of the doubles, a multiple of two. */
static size_t
float_count(const ForestGenerator *g)
{
	size_t		n = forest_net_flow_size(making_net(g), FOREST_MAKE_ROWS) +
		4 * FOREST_MAKE_ROWS + g->columns.n_output;

	if (g->method == FOREST_METHOD_VAE)
		n += forest_net_flow_size(&g->vae.encoder, FOREST_MAKE_ROWS);
	return (n + 1) / 2 * 2;
}

/* Bytes of memory, aligned to 8, that making rows takes. */
uint64_t
forest_make_size(const ForestGenerator *generator)
{
	return float_count(generator) * sizeof(float) +
		2 * most_classes(&generator->columns) * sizeof(double) +
		generator->columns.n_columns * sizeof(ForestTally);
}

/* Prepares to make rows; memory is forest_make_size bytes. */
void
forest_make_init(ForestMake *make, const ForestGenerator *generator,
				 const ForestNetKernel *kernel, void *memory)
{
	float	   *floats = memory;

	forest_clear(memory, (size_t) forest_make_size(generator));
	make->generator = generator;
	make->kernel = kernel;
	make->chances = (double *) (floats + float_count(generator));
	make->tallies = (ForestTally *) (make->chances +
									 2 * most_classes(&generator->columns));
	floats = forest_net_flow_init(&make->flow, making_net(generator),
								  FOREST_MAKE_ROWS, floats);
	if (generator->method == FOREST_METHOD_VAE)
		floats = forest_net_flow_init(&make->encode, &generator->vae.encoder,
									  FOREST_MAKE_ROWS, floats);
	make->low = floats;
	make->high = floats + FOREST_MAKE_ROWS;
	make->mass = floats + 2 * FOREST_MAKE_ROWS;
	make->target = (uint32_t *) (floats + 3 * FOREST_MAKE_ROWS);
	make->base = floats + 4 * FOREST_MAKE_ROWS;
}

/* Runs the network that gives rows out on what was put in. */
void
forest_make_flow(ForestMake *make)
{
	const ForestGenerator *g = make->generator;
	const float *weights = g->weights;

	if (g->method == FOREST_METHOD_VAE)
		weights += g->vae.encoder.n;
	forest_net_forward(make->kernel, making_net(g), weights, &make->flow);
}

/* The class that a value is; n_classes if it is none. */
uint32_t
forest_column_class(const ForestColumn *column, double value)
{
	uint32_t	code = isnan(value) ? FOREST_CLASS_MISSING :
		value >= 0.0 && value < FOREST_CLASS_MISSING ? (uint32_t) value :
		FOREST_CLASS_MISSING - 1;
	uint32_t	lo = 0;
	uint32_t	hi = column->n_classes;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (column->classes[middle] < code)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo < column->n_classes && column->classes[lo] == code ? lo :
		column->n_classes;
}

/* The value of a class. */
static double
class_value(const ForestColumn *column, uint32_t k)
{
	return column->classes[k] == FOREST_CLASS_MISSING ? (double) NAN :
		(double) column->classes[k];
}

/*
 * Writes e to the units, over the greatest, "row" floats apart; returns their
 * sum.
 */
double
forest_make_softmax(const float *units, size_t row, uint32_t n,
					double *chances)
{
	double		most = (double) units[0];
	double		sum = 0.0;

	for (uint32_t k = 0; k < n; k++)
		most = (double) units[k * row] > most ? (double) units[k * row] : most;
	for (uint32_t k = 0; k < n; k++)
	{
		chances[k] = forest_exp((double) units[k * row] - most);
		sum += chances[k];
	}
	return sum;
}

/* The one of n chances that u, 0 .. their sum, falls into. */
uint32_t
forest_make_pick(const double *chances, uint32_t n, double u)
{
	uint32_t	last = 0;

	for (uint32_t k = 0; k < n; k++)
	{
		if (!(chances[k] > 0.0))
			continue;
		last = k;
		u -= chances[k];
		if (u < 0.0)
			break;
	}
	return last;
}

/* The logarithm of the scale of logistic k of a mixture. */
static double
log_scale(const float *units, size_t row, uint32_t k)
{
	float		l = units[(2 * FOREST_NET_MIXED + k) * row];

	l = l > FOREST_NET_LOG_SCALE_LEAST ? l : FOREST_NET_LOG_SCALE_LEAST;
	return l < FOREST_NET_LOG_SCALE_MOST ? l : FOREST_NET_LOG_SCALE_MOST;
}

/* Draws a score from a mixture of logistic distributions. */
static double
draw_score(const float *units, size_t row, ForestRng *rng)
{
	double		chances[FOREST_NET_MIXED];
	double		sum = forest_make_softmax(units, row, FOREST_NET_MIXED,
										  chances);
	uint32_t	k = forest_make_pick(chances, FOREST_NET_MIXED,
									 forest_rng_double(rng) * sum);
	double		u = forest_open_draw(rng);

	return (double) units[(FOREST_NET_MIXED + k) * row] +
		forest_exp(log_scale(units, row, k)) *
		forest_log(u / (1.0 - u));
}

/* Draws a number, or that it is missing, from its units in the flow. */
double
forest_make_number(const ForestMake *make, const ForestColumn *column,
				   const float *units, ForestRng *rng)
{
	size_t		row = make->flow.row;
	bool		mixed = make->generator->method == FOREST_METHOD_VAE;
	double		score = 0.0;

	if (column->varies)
	{
		score = mixed ? draw_score(units, row, rng) : (double) units[0];
		if (!mixed)
			score = score > FOREST_GAN_MOST ? FOREST_GAN_MOST :
				score < -FOREST_GAN_MOST ? -FOREST_GAN_MOST : score;
		units += mixed ? FOREST_NET_NUMBER_UNITS * row : row;
	}
	if (column->may_miss &&
		forest_rng_double(rng) * (1.0 + forest_exp(-(double) *units)) < 1.0)
		return NAN;
	return column->rank.n_knots == 0 ? NAN :
		forest_rank_value(&column->rank, score);
}

/* Draws the columns of row b of the flow that are not given. */
static void
draw_row(const ForestMake *make, uint32_t b, const bool *given,
		 ForestRng *rng, double *row)
{
	const ForestColumns *columns = &make->generator->columns;
	const float *out = make->flow.layers[FOREST_NET_LAYERS] + b;

	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		const ForestColumn *column = &columns->columns[c];
		const float *units = out + column->output * make->flow.row;
		double		sum;

		if (given != NULL && given[c])
			continue;
		if (!column->is_classes)
			row[c] = forest_make_number(make, column, units, rng);
		else if (column->n_classes == 1)
			row[c] = class_value(column, 0);
		else
		{
			sum = forest_make_softmax(units, make->flow.row,
									  column->n_classes, make->chances);
			row[c] = class_value(column, forest_make_pick(make->chances,
														  column->n_classes,
														  forest_rng_double(rng) * sum));
		}
	}
	forest_pause();
}

/* Puts what row "number" is made of into place b of the flow. */
static void
draw_input(ForestMake *make, uint32_t b, uint32_t k, ForestRng *rng)
{
	const ForestGenerator *g = make->generator;
	float	   *in = make->flow.layers[0] + b;
	size_t		row = make->flow.row;
	double		z[FOREST_VAE_LATENT];

	if (g->method == FOREST_METHOD_VAE)
	{
		forest_mixture_draw(&g->mixture, rng, z);
		for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
			in[u * row] = (float) z[u];
		return;
	}
	for (uint32_t u = 0; u < FOREST_GAN_NOISE; u++)
		in[u * row] = (float) forest_normal_draw(rng);
	for (uint32_t u = FOREST_GAN_NOISE; u < g->maker.widths[0]; u++)
		in[u * row] = u - FOREST_GAN_NOISE == k ? 1.0f : 0.0f;
}

/* The class of the label of a row: the one wanted, or one by the shares. */
static uint32_t
draw_label(const ForestGenerator *g, double label, ForestRng *rng)
{
	const ForestColumn *column;
	uint32_t	k;
	double		place;

	if (g->label == FOREST_NO_LABEL)
		return 0;
	column = &g->columns.columns[g->label];
	k = forest_column_class(column, label);
	if (k < column->n_classes && !isnan(label))
		return k;
	place = forest_rng_double(rng) * g->label_shares[column->n_classes - 1];
	for (k = 0; k + 1 < column->n_classes && place >= g->label_shares[k]; k++)
		;
	return k;
}

/*
 * Makes rows number first .. first + n - 1 of a seed.  "label" is the class
 * that an adversarial network with a label shall make; NaN: as in training,
 * also if it is none of the label's.
 */
void
forest_make_rows(ForestMake *make, double label, uint64_t seed,
				 uint64_t first, uint32_t n, double *rows)
{
	const ForestGenerator *g = make->generator;
	ForestRng	rngs[FOREST_MAKE_ROWS];
	uint32_t	labels[FOREST_MAKE_ROWS];

	for (uint32_t done = 0; done < n; done += FOREST_MAKE_ROWS)
	{
		uint32_t	now = n - done < FOREST_MAKE_ROWS ? n - done :
			FOREST_MAKE_ROWS;

		for (uint32_t b = 0; b < now; b++)
		{
			forest_rng_start(&rngs[b], seed, FOREST_FOR_NET_DRAW,
							 first + done + b);
			labels[b] = draw_label(g, label, &rngs[b]);
			draw_input(make, b, labels[b], &rngs[b]);
		}
		forest_make_flow(make);
		for (uint32_t b = 0; b < now; b++)
		{
			double	   *row = rows +
				(size_t) (done + b) * g->columns.n_columns;

			draw_row(make, b, NULL, &rngs[b], row);
			if (g->label != FOREST_NO_LABEL)
				row[g->label] = class_value(&g->columns.columns[g->label],
											labels[b]);
		}
	}
}

/* ---- given columns ---- */

/* Bytes that n weighed latents take, aligned to 8. */
uint64_t
forest_given_size(uint32_t n)
{
	return (uint64_t) n * (FOREST_VAE_LATENT * sizeof(float) + sizeof(double));
}

/* Multiplies the masses of a flow's rows by the likelihood of a value. */
static void
weigh_column(ForestMake *make, const ForestColumn *column, double value)
{
	float	   *units = make->flow.layers[FOREST_NET_LAYERS] +
		column->output * make->flow.row;
	uint32_t	k = column->is_classes ? forest_column_class(column, value) : 0;
	bool		misses = isnan(value);
	double		low = -FOREST_RANK_MOST;
	double		high = FOREST_RANK_MOST;

	/* nothing to tell apart, or a class that training never saw */
	if (column->n_output == 0 ||
		(column->is_classes && k == column->n_classes))
		return;
	if (column->varies && !misses)
		forest_rank_interval(&column->rank,
							 make->generator->columns.n_rows, value, &low,
							 &high);
	for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
	{
		make->low[b] = low <= -FOREST_RANK_MOST ? -FOREST_NET_UNBOUNDED :
			(float) low;
		make->high[b] = high >= FOREST_RANK_MOST ? FOREST_NET_UNBOUNDED :
			(float) high;
		make->target[b] = k;
	}
	if (column->is_classes)
	{
		make->kernel->classes(units, make->flow.row, column->n_output,
							  make->target, FOREST_MAKE_ROWS, 1.0f, false,
							  make->mass);
		return;
	}
	if (column->varies)
	{
		make->kernel->numbers(units, make->flow.row, make->low, make->high,
							  FOREST_MAKE_ROWS, 1.0f, false, make->mass);
		units += FOREST_NET_NUMBER_UNITS * make->flow.row;
	}
	for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
		make->low[b] = misses ? 1.0f : 0.0f;
	if (column->may_miss)
		make->kernel->coin(units, make->low, FOREST_MAKE_ROWS, 1.0f, false,
						   make->mass);
}

/*
 * Adds the logarithms of how likely the given columns are, or, without
 * "given", those that are not missing, to those of the flow's rows.
 */
void
forest_make_weigh(ForestMake *make, const double *row, const bool *given,
				  double *logs)
{
	const ForestColumns *columns = &make->generator->columns;

	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		if (given != NULL ? !given[c] : isnan(row[c]) != 0)
			continue;
		for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
			make->mass[b] = 1.0f;
		weigh_column(make, &columns->columns[c], row[c]);
		for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
			if (make->mass[b] > 0.0f)
				logs[b] += forest_log((double) make->mass[b]);
		forest_pause();
	}
}

/*
 * Turns logarithms of weights into shares of them all, summed up; and tells
 * how many equal weights would say as much.
 */
void
forest_make_shares(double *sums, uint32_t n, double *effective)
{
	double		most = -INFINITY;
	double		total = 0.0;
	double		squares = 0.0;

	for (uint32_t i = 0; i < n; i++)
		most = sums[i] > most ? sums[i] : most;
	for (uint32_t i = 0; i < n; i++)
	{
		double		weight = forest_exp(sums[i] - most);

		total += weight;
		squares += weight * weight;
		sums[i] = total;
	}
	for (uint32_t i = 0; i < n; i++)
		sums[i] /= total;
	*effective = total * total / squares;
}

/*
 * Weighs n latents, a multiple of FOREST_MAKE_ROWS, of an autoencoder by how
 * likely they make the given columns of a row.  A given NaN is given as
 * missing; a category that training never saw says nothing.
 */
void
forest_given_weigh(ForestMake *make, const double *row, const bool *given,
				   uint64_t seed, uint32_t n, void *memory,
				   ForestGiven *weighed)
{
	double	   *sums = memory;
	float	   *latents = (float *) (sums + n);
	ForestRng	rng;

	forest_rng_start(&rng, seed, FOREST_FOR_NET_GIVEN, 0);
	for (uint32_t i = 0; i < n; i += FOREST_MAKE_ROWS)
	{
		for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
		{
			draw_input(make, b, 0, &rng);
			for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
				latents[(size_t) (i + b) * FOREST_VAE_LATENT + u] =
					make->flow.layers[0][u * make->flow.row + b];
			sums[i + b] = 0.0;
		}
		forest_make_flow(make);
		forest_make_weigh(make, row, given, sums + i);
	}
	forest_make_shares(sums, n, &weighed->effective);
	weighed->n = n;
	weighed->latents = latents;
	weighed->sums = sums;
}

/* The first latents whose weights sum up to more than u. */
static uint32_t
find_latents(const ForestGiven *weighed, double u)
{
	uint32_t	lo = 0;
	uint32_t	hi = weighed->n - 1;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (weighed->sums[middle] > u)
			hi = middle;
		else
			lo = middle + 1;
	}
	return lo;
}

/* Makes rows as forest_make_rows does, the given columns as in the row. */
void
forest_make_given(ForestMake *make, const ForestGiven *weighed,
				  const double *row, const bool *given, uint64_t seed,
				  uint64_t first, uint32_t n, double *rows)
{
	uint32_t	n_columns = make->generator->columns.n_columns;
	ForestRng	rngs[FOREST_MAKE_ROWS];

	for (uint32_t done = 0; done < n; done += FOREST_MAKE_ROWS)
	{
		uint32_t	now = n - done < FOREST_MAKE_ROWS ? n - done :
			FOREST_MAKE_ROWS;

		for (uint32_t b = 0; b < now; b++)
		{
			const float *z = weighed->latents;

			forest_rng_start(&rngs[b], seed, FOREST_FOR_NET_DRAW,
							 first + done + b);
			z += (size_t) find_latents(weighed, forest_rng_double(&rngs[b])) *
				FOREST_VAE_LATENT;
			for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
				make->flow.layers[0][u * make->flow.row + b] = z[u];
		}
		forest_make_flow(make);
		for (uint32_t b = 0; b < now; b++)
		{
			double	   *made = rows + (size_t) (done + b) * n_columns;

			memcpy(made, row, n_columns * sizeof(double));
			draw_row(make, b, given, &rngs[b], made);
		}
	}
}
