/*-------------------------------------------------------------------------
 *
 * forest_around.c
 *	  Rows around a given one, by an autoencoder.
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
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_around.h"
#include "core/generator/forest_encode.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

/* Encodes the row in the encoder's units; fills in its latents' means. */
static void
encode(ForestMake *make, float *z)
{
	forest_encode(make, 1);
	for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
		z[u] = forest_encoded_mean(make, 0, u);
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
	score = forest_encode_score(make, column, value);
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
		forest_encode_put(make, &columns->columns[c], 0, row[c]);
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
