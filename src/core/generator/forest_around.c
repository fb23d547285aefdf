/*-------------------------------------------------------------------------
 *
 * forest_around.c
 *	  Rows around a given one, and rows made whole, by an autoencoder.
 *
 * An autoencoder that encodes a row, moves its latents a little and decodes
 * them gives a usual row: what was unusual about the first is just what it
 * cannot express.  So only what the move changes is taken over.  In normal
 * scores a number becomes
 *
 *	  score of the row + decoded(z + move) - decoded(z),
 *
 * and the chances of a class change in the same way, from certainty of the
 * row's own.  Without a move the row stays as it is.
 *
 * A row that misses columns is encoded without them, decoded, and encoded
 * again with what was decoded, until it stays as it is (Rezende, Mohamed,
 * Wierstra 2014, appendix F, but for the noise).  Around where that leads
 * latents are drawn and weighed by how likely they make what is known
 * (Mattei, Frellsen: MIWAE, ICML 2019).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_around.h"
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

/* Rounds of encoding and decoding that make a row whole. */
#define WHOLE_ROUNDS	30

/* Draws from each of the latents that a row may come from. */
#define WHOLE_DRAWS		4

/* Steps that halve where a median may be. */
#define MEDIAN_STEPS	30

/* The score that stands for a value: that of the middle of its ranks. */
static double
middle_score(const ForestMake *make, const ForestColumn *column, double value)
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

/* Puts a row's value into the encoder's units. */
static void
put_value(ForestMake *make, const ForestColumn *column, double value)
{
	size_t		row = make->encode.row;
	float	   *units = make->encode.layers[0] + column->input * row;
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
			(float) middle_score(make, column, value);
		units += row;
	}
	if (column->may_miss)
		*units = isnan(value) ? 1.0f : 0.0f;
}

/* Encodes what is in the encoder's units; fills in the latents' means. */
static void
encode(ForestMake *make, float *z)
{
	const ForestGenerator *g = make->generator;
	const float *means = make->encode.layers[FOREST_NET_LAYERS];

	forest_net_forward(make->kernel, &g->vae.encoder, g->weights,
					   &make->encode);
	for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
	{
		z[u] = means[u * make->encode.row];
		z[u] = z[u] > -FAR_LATENT ? z[u] : -FAR_LATENT;
		z[u] = z[u] < FAR_LATENT ? z[u] : FAR_LATENT;
	}
}

/* Puts latents into place b of the flow. */
static void
put_latents(ForestMake *make, uint32_t b, const float *z)
{
	for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
		make->flow.layers[0][u * make->flow.row + b] = z[u];
}

/* The mean of a mixture. */
static double
mean_score(const float *units, size_t row)
{
	double		chances[FOREST_NET_MIXED];
	double		total = forest_make_softmax(units, row, FOREST_NET_MIXED,
											chances);
	double		sum = 0.0;

	for (uint32_t k = 0; k < FOREST_NET_MIXED; k++)
		sum += chances[k] * (double) units[(FOREST_NET_MIXED + k) * row];
	return sum / total;
}

/* ---- rows around one ---- */

/* The value that a number comes to when its score moves. */
static double
moved_number(const ForestMake *make, const ForestColumn *column,
			 const float *units, const float *base, double value)
{
	double		score;
	double		from;
	double		to;
	double		moved;

	if (!column->varies || !isfinite(value))
		return value;
	score = middle_score(make, column, value);
	from = forest_rank_value(&column->rank, score);
	to = forest_rank_value(&column->rank, score +
						   (mean_score(units, make->flow.row) -
							mean_score(base, 1)));
	if (from == value || !isfinite(from))
		return isfinite(to) ? to : value;
	/* off the curve it moves as much as the curve does */
	moved = to == from ? value :
		forest_rank_round(&column->rank, value + (to - from));
	return isfinite(moved) ? moved : value;
}

/* The class that one comes to; missing values stay, and none gets missing. */
static double
moved_class(const ForestMake *make, const ForestColumn *column,
			const float *units, const float *base, double value, double u)
{
	double	   *chances = make->chances;
	uint32_t	own = forest_column_class(column, value);
	uint32_t	n = column->n_classes;
	double	   *before = chances + n;
	double		sum_before;
	double		sum;
	double		total = 0.0;

	if (isnan(value) || own == n || n == 1)
		return value;
	sum = forest_make_softmax(units, make->flow.row, n, chances);
	sum_before = forest_make_softmax(base, 1, n, before);
	for (uint32_t k = 0; k < n; k++)
	{
		chances[k] = (k == own ? 1.0 : 0.0) + chances[k] / sum -
			before[k] / sum_before;
		if (!(chances[k] > 0.0) ||
			column->classes[k] == FOREST_CLASS_MISSING)
			chances[k] = 0.0;
		total += chances[k];
	}
	if (!(total > 0.0))
		return value;
	return column->classes[forest_make_pick(chances, n, u * total)];
}

/* Decodes the latents of the row itself, and keeps what comes out. */
static void
decode_base(ForestMake *make, const float *z)
{
	const float *out = make->flow.layers[FOREST_NET_LAYERS];

	put_latents(make, 0, z);
	forest_make_flow(make);
	for (uint32_t u = 0; u < make->generator->columns.n_output; u++)
		make->base[u] = out[u * make->flow.row];
}

/* Changes the columns of a row as row b of the flow says. */
static void
move_row(const ForestMake *make, uint32_t b, const double *row,
		 ForestRng *rng, double *moved)
{
	const ForestColumns *columns = &make->generator->columns;
	const float *out = make->flow.layers[FOREST_NET_LAYERS] + b;

	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		const ForestColumn *column = &columns->columns[c];
		const float *units = out + column->output * make->flow.row;
		const float *base = make->base + column->output;

		if (column->is_classes)
			moved[c] = moved_class(make, column, units, base, row[c],
								   forest_rng_double(rng));
		else
			moved[c] = moved_number(make, column, units, base, row[c]);
	}
	forest_pause();
}

/*
 * Makes rows number first .. first + n - 1 of a seed around a row, by an
 * autoencoder.  "radius" is how far latents move, in their deviations.
 */
void
forest_make_around(ForestMake *make, const double *row, double radius,
				   uint64_t seed, uint64_t first, uint32_t n, double *rows)
{
	const ForestColumns *columns = &make->generator->columns;
	float		z[FOREST_VAE_LATENT];
	ForestRng	rngs[FOREST_MAKE_ROWS];

	for (uint32_t c = 0; c < columns->n_columns; c++)
		put_value(make, &columns->columns[c], row[c]);
	encode(make, z);
	decode_base(make, z);
	for (uint32_t done = 0; done < n; done += FOREST_MAKE_ROWS)
	{
		uint32_t	now = n - done < FOREST_MAKE_ROWS ? n - done :
			FOREST_MAKE_ROWS;

		for (uint32_t b = 0; b < now; b++)
		{
			float		moved[FOREST_VAE_LATENT];

			forest_rng_start(&rngs[b], seed, FOREST_FOR_NET_DRAW,
							 first + done + b);
			for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
				moved[u] = z[u] +
					(float) (radius * forest_normal_draw(&rngs[b]));
			put_latents(make, b, moved);
		}
		forest_make_flow(make);
		for (uint32_t b = 0; b < now; b++)
			move_row(make, b, row, &rngs[b],
					 rows + (size_t) (done + b) * columns->n_columns);
	}
}

/* ---- rows made whole ---- */

/* How much of a mixture is below a score. */
static double
share_below(const float *units, size_t row, double score)
{
	double		chances[FOREST_NET_MIXED];
	double		total = forest_make_softmax(units, row, FOREST_NET_MIXED,
											chances);
	double		sum = 0.0;

	for (uint32_t k = 0; k < FOREST_NET_MIXED; k++)
	{
		double		mean = (double) units[(FOREST_NET_MIXED + k) * row];
		double		per_scale = forest_exp(-forest_make_log_scale(units, row,
																 k));

		sum += chances[k] /
			(1.0 + forest_exp((mean - score) * per_scale));
	}
	return sum / total;
}

/* The score that half of a mixture is below. */
static double
median_score(const float *units, size_t row)
{
	double		low = -FOREST_RANK_MOST;
	double		high = FOREST_RANK_MOST;

	for (int i = 0; i < MEDIAN_STEPS; i++)
	{
		double		middle = 0.5 * (low + high);

		if (share_below(units, row, middle) < 0.5)
			low = middle;
		else
			high = middle;
	}
	return 0.5 * (low + high);
}

/* Puts what was decoded of a column into the encoder's units. */
static void
put_decoded(ForestMake *make, const ForestColumn *column)
{
	size_t		row = make->encode.row;
	float	   *in = make->encode.layers[0] + column->input * row;
	const float *out = make->flow.layers[FOREST_NET_LAYERS] +
		column->output * make->flow.row;
	double		total;

	if (column->n_input == 0)
		return;
	if (column->is_classes)
	{
		total = forest_make_softmax(out, make->flow.row, column->n_classes,
									make->chances);
		for (uint32_t k = 0; k < column->n_classes; k++)
			in[k * row] = (float) (make->chances[k] / total);
		return;
	}
	if (column->varies)
	{
		*in = (float) mean_score(out, make->flow.row);
		in += row;
	}
	if (column->may_miss)
		*in = 0.0f;
}

/*
 * Puts latents that the row may come from into the flow, decodes them, and
 * fills in shares of their weights, summed up.
 */
static void
guess_latents(ForestMake *make, const float *z, const double *row,
			  ForestRng *rng, double *shares)
{
	const float *out = make->encode.layers[FOREST_NET_LAYERS];
	double		effective;

	for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
	{
		float		guess[FOREST_VAE_LATENT];

		shares[b] = 0.0;
		for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
		{
			double		l = (double) out[(FOREST_VAE_LATENT + u) *
										 make->encode.row];
			double		noise = b == 0 ? 0.0 : forest_normal_draw(rng);
			double		x;

			l = l > (double) FOREST_NET_LOG_VARIANCE_LEAST ? l :
				(double) FOREST_NET_LOG_VARIANCE_LEAST;
			l = l < (double) FOREST_NET_LOG_VARIANCE_MOST ? l :
				(double) FOREST_NET_LOG_VARIANCE_MOST;
			x = (double) z[u] + forest_exp(0.5 * l) * noise;
			guess[u] = (float) x;
			/* the standard normal density, over that of the guess */
			shares[b] += 0.5 * (noise * noise + l - x * x);
		}
		put_latents(make, b, guess);
	}
	forest_make_flow(make);
	forest_make_weigh(make, row, NULL, shares);
	forest_make_shares(shares, FOREST_MAKE_ROWS, &effective);
}

/* The share of place b. */
static double
share_of(const double *shares, uint32_t b)
{
	return b == 0 ? shares[0] : shares[b] - shares[b - 1];
}

/* The mean of a number; the median where it has none. */
static double
mean_number(const ForestMake *make, const ForestColumn *column,
			const double *shares, ForestRng *rng)
{
	const float *units = make->flow.layers[FOREST_NET_LAYERS] +
		column->output * make->flow.row;
	ForestColumn there = *column;
	double		sum = 0.0;
	double		total = 0.0;
	double		mean;

	if (column->rank.n_knots == 0)
		return NAN;
	there.may_miss = false;
	for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
	{
		double		weight = share_of(shares, b) / WHOLE_DRAWS;

		for (int i = 0; i < WHOLE_DRAWS; i++)
		{
			double		value = forest_make_number(make, &there, units + b,
												   rng);

			if (!isfinite(value))
				continue;
			sum += weight * value;
			total += weight;
		}
	}
	mean = sum / total;
	if (total > 0.5 && isfinite(mean))
		return forest_rank_round(&column->rank, mean);
	return forest_rank_value(&column->rank, column->varies ?
							 median_score(units, make->flow.row) : 0.0);
}

/* The likeliest class that is not missing; NaN if there is none. */
static double
best_class(ForestMake *make, const ForestColumn *column, const double *shares)
{
	const float *units = make->flow.layers[FOREST_NET_LAYERS] +
		column->output * make->flow.row;
	uint32_t	n = column->n_classes;
	double	   *sums = make->chances + n;
	uint32_t	best = n;

	memset(sums, 0, n * sizeof(double));
	for (uint32_t b = 0; n > 1 && b < FOREST_MAKE_ROWS; b++)
	{
		double		total = forest_make_softmax(units + b, make->flow.row, n,
												make->chances);

		for (uint32_t k = 0; k < n; k++)
			sums[k] += share_of(shares, b) * make->chances[k] / total;
	}
	for (uint32_t k = 0; k < n; k++)
	{
		if (column->classes[k] != FOREST_CLASS_MISSING &&
			(best == n || sums[k] > sums[best]))
			best = k;
	}
	return best == n ? (double) NAN : (double) column->classes[best];
}

/*
 * Fills in what a row misses by an autoencoder: means, and likeliest classes.
 * Only columns that no training row had a value of stay missing.
 */
void
forest_make_whole(ForestMake *make, double *row)
{
	const ForestColumns *columns = &make->generator->columns;
	float		z[FOREST_VAE_LATENT];
	double		shares[FOREST_MAKE_ROWS];
	ForestRng	rng;

	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		const ForestColumn *column = &columns->columns[c];

		put_value(make, column, row[c]);
		/* as if nothing were known, and not known to be missing */
		if (isnan(row[c]))
			for (uint32_t u = 0; u < column->n_input; u++)
				make->encode.layers[0][(column->input + u) *
									   make->encode.row] = 0.0f;
	}
	for (int i = 0; i < WHOLE_ROUNDS; i++)
	{
		encode(make, z);
		put_latents(make, 0, z);
		forest_make_flow(make);
		for (uint32_t c = 0; c < columns->n_columns; c++)
		{
			if (isnan(row[c]))
				put_decoded(make, &columns->columns[c]);
		}
		forest_pause();
	}
	/* always the same noise: there is no seed */
	forest_rng_start(&rng, 0, FOREST_FOR_NET_GIVEN, 0);
	encode(make, z);
	guess_latents(make, z, row, &rng, shares);
	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		const ForestColumn *column = &columns->columns[c];

		if (!isnan(row[c]))
			continue;
		row[c] = column->is_classes ? best_class(make, column, shares) :
			mean_number(make, column, shares, &rng);
		forest_pause();
	}
}
