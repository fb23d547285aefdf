/*-------------------------------------------------------------------------
 *
 * forest_whole.c
 *	  Rows made whole by an autoencoder.
 *
 * Rezende, Mohamed, Wierstra (2014, appendix F) fill in what a row misses by
 * encoding it, decoding what a latent drawn there gives, and encoding again
 * with that.  But an encoder is not quite right about where a row comes from,
 * so these draws would never come to be what the decoder says of the row.
 * Here many such chains run side by side, and in each round their latents are
 * weighed by how likely they make what is known, over how likely they were to
 * be drawn (Mattei, Frellsen: MIWAE, ICML 2019), and drawn anew by these
 * weights: that is population Monte Carlo (Cappe, Guillin, Marin, Robert, J.
 * of Computational and Graphical Statistics 13, 2004).  What is filled in at
 * last is the mean of the draws of all rounds but the first few, or the class
 * drawn most often.
 *
 * On tables of closely related columns this errs a tenth less than chains
 * whose latents are weighed only once, at the end.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_encode.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/generator/forest_whole.h"
#include "core/net/forest_net.h"
#include "core/net/forest_normal.h"

/* Rounds of encoding and decoding, and the first of them that do not count. */
#define ROUNDS		10
#define IGNORED		3

/* ---- what was drawn ---- */

/* Counts a number drawn, unless it is missing. */
static void
count_number(ForestTally *tally, double value)
{
	if (isnan(value))
		return;
	if (isinf(value))
	{
		tally->below += value < 0.0;
		tally->above += value > 0.0;
		return;
	}
	tally->finite++;
	/* no difference of two numbers: it might be infinite */
	tally->mean += value / tally->finite - tally->mean / tally->finite;
}

/* The mean of the numbers drawn; an infinity if most of them are that. */
static double
counted_number(const ForestColumn *column, const ForestTally *tally)
{
	uint32_t	n = tally->finite + tally->below + tally->above;

	if (n == 0)
		return NAN;
	if (2 * tally->above > n)
		return INFINITY;
	if (2 * tally->below > n || tally->finite == 0)
		return -INFINITY;
	return forest_rank_round(&column->rank, tally->mean);
}

/* The class drawn most often; NaN where all rows missed it. */
static double
counted_class(const ForestColumn *column, const float *votes)
{
	uint32_t	best = 0;

	for (uint32_t k = 1; k < column->n_output; k++)
		best = votes[k] > votes[best] ? k : best;
	return column->classes[best] == FOREST_CLASS_MISSING ? (double) NAN :
		(double) column->classes[best];
}

/* ---- a round ---- */

/*
 * Draws a latent of each row encoded into the flow; fills in logarithms of its
 * density before any row is known, over that of this draw.
 */
static void
draw_latents(ForestMake *make, ForestRng *rng, double *logs)
{
	for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
	{
		logs[b] = 0.0;
		for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
		{
			double		l = forest_encoded_log_variance(make, b, u);
			double		noise = forest_normal_draw(rng);
			double		z = (double) forest_encoded_mean(make, b, u) +
				forest_exp(0.5 * l) * noise;

			make->flow.layers[0][u * make->flow.row + b] = (float) z;
			logs[b] += 0.5 * (noise * noise + l - z * z);
		}
	}
}

/* Draws as many of the flow's rows as it has, by shares summed up. */
static void
draw_rows(const double *shares, ForestRng *rng, uint32_t *drawn)
{
	double		place = forest_rng_double(rng);
	uint32_t	i = 0;

	for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
	{
		while (i + 1 < FOREST_MAKE_ROWS &&
			   shares[i] * FOREST_MAKE_ROWS <= place + b)
			i++;
		drawn[b] = i;
	}
}

/* Draws a class that is not missing from row b of the flow. */
static uint32_t
draw_class(const ForestMake *make, const ForestColumn *column, uint32_t b,
		   ForestRng *rng)
{
	const float *units = make->flow.layers[FOREST_NET_LAYERS] +
		column->output * make->flow.row + b;
	uint32_t	n = column->n_classes;
	double		sum;

	n -= column->classes[n - 1] == FOREST_CLASS_MISSING;
	sum = forest_make_softmax(units, make->flow.row, n, make->chances);
	return forest_make_pick(make->chances, n, forest_rng_double(rng) * sum);
}

/*
 * Draws what a column is in each of the rows drawn, puts it into the encoder's
 * units, and counts it if that is wanted.
 */
static void
draw_column(ForestMake *make, uint32_t c, const uint32_t *drawn, bool count,
			ForestRng *rng)
{
	const ForestColumn *column = &make->generator->columns.columns[c];
	const float *units = make->flow.layers[FOREST_NET_LAYERS] +
		column->output * make->flow.row;
	ForestColumn there = *column;

	there.may_miss = false;
	for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
	{
		double		value;

		if (!column->is_classes)
		{
			value = forest_make_number(make, &there, units + drawn[b], rng);
			if (count)
				count_number(&make->tallies[c], value);
		}
		else if (column->n_classes == 1)
			return;				/* nothing to draw */
		else
		{
			uint32_t	k = draw_class(make, column, drawn[b], rng);

			value = column->classes[k];
			if (count)
				make->base[column->output + k] += 1.0f;
		}
		forest_encode_put(make, column, b, value);
	}
	forest_pause();
}

/* ---- all of it ---- */

/* Puts a row into all rows of the encoder, as if nothing else were known. */
static void
put_row(ForestMake *make, const double *row)
{
	const ForestColumns *columns = &make->generator->columns;
	size_t		width = make->encode.row;

	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		const ForestColumn *column = &columns->columns[c];
		float	   *units = make->encode.layers[0] + column->input * width;

		forest_encode_put(make, column, 0, row[c]);
		for (uint32_t u = 0; u < column->n_input; u++)
			for (uint32_t b = 0; b < FOREST_MAKE_ROWS; b++)
				units[u * width + b] = isnan(row[c]) ? 0.0f :
					units[u * width];
		make->tallies[c] = (ForestTally) {0.0, 0, 0, 0};
		forest_pause();
	}
	forest_clear(make->base, columns->n_output * sizeof(float));
}

/*
 * Fills in what a row misses by an autoencoder: means, and likeliest classes.
 * Only columns that no training row had a value of stay missing.
 */
void
forest_make_whole(ForestMake *make, double *row)
{
	const ForestColumns *columns = &make->generator->columns;
	double		shares[FOREST_MAKE_ROWS];
	uint32_t	drawn[FOREST_MAKE_ROWS];
	double		effective;
	ForestRng	rng;

	/* always the same noise: there is no seed */
	forest_rng_start(&rng, 0, FOREST_FOR_NET_GIVEN, 0);
	put_row(make, row);
	for (uint32_t i = 0; i < ROUNDS; i++)
	{
		forest_encode(make, FOREST_MAKE_ROWS);
		draw_latents(make, &rng, shares);
		forest_make_flow(make);
		forest_make_weigh(make, row, NULL, shares);
		forest_make_shares(shares, FOREST_MAKE_ROWS, &effective);
		draw_rows(shares, &rng, drawn);
		for (uint32_t c = 0; c < columns->n_columns; c++)
			if (isnan(row[c]))
				draw_column(make, c, drawn, i >= IGNORED, &rng);
	}
	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		const ForestColumn *column = &columns->columns[c];

		if (!isnan(row[c]))
			continue;
		row[c] = column->is_classes ?
			counted_class(column, make->base + column->output) :
			counted_number(column, &make->tallies[c]);
		forest_pause();
	}
}
