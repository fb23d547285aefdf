/*-------------------------------------------------------------------------
 *
 * forest_dictionary.c
 *	  Drawing the projections that the trees of a forest may split.
 *
 * A projection is a sum of as many columns as asked for, each less its median
 * and divided by its scale, with normal coefficients (Hariri, Carrasco Kind,
 * Brunner: Extended Isolation Forest, TKDE 33(4), 2021; Cortes: Revisiting
 * randomized choices in isolation forests, 2021).  There they are drawn anew
 * at each node.  Here all trees share one dictionary, which a row is projected
 * on once, whatever the number of trees.
 *
 * Columns take turns: none has its next projection before all others have had
 * theirs.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/grow/forest_dictionary.h"

/*
 * Projections of a forest, at least.  Measured: more detect hardly more, fewer
 * less; and by these and ten columns beside them, scoring takes at most twice
 * as long as by the columns alone.
 */
#define DICTIONARY_SIZE		56

/* Uniform numbers whose sum, less half of their number, counts as normal. */
#define NORMAL_PARTS		12

/*
 * The standard deviation of a column's finite values, "stride" apart: by
 * Welford's recurrence, in the order of the rows.
 */
double
forest_usual_deviation(const double *values, uint32_t n_rows, uint32_t stride)
{
	double		mean = 0.0;
	double		squares = 0.0;
	uint32_t	n = 0;

	for (uint32_t i = 0; i < n_rows; i++)
	{
		double		value = values[(size_t) i * stride];
		double		difference;

		forest_pause_at(i);
		if (isnan(value) || isinf(value))
			continue;
		difference = forest_projected(value) - mean;
		mean += difference / ++n;
		squares += difference * (forest_projected(value) - mean);
	}
	return n > 0 ? sqrt(squares / n) : 0.0;
}

/* Features that projections may be made of. */
uint32_t
forest_count_scaled(const ForestScale *scales, uint32_t n_features)
{
	uint32_t	n = 0;

	for (uint32_t f = 0; f < n_features; f++)
		n += scales[f].scale > 0.0;
	return n;
}

/* How many projections it takes, of so many features each, to use them all. */
uint32_t
forest_dictionary_size(uint32_t n_scaled, uint32_t per_projection)
{
	uint32_t	n = (n_scaled + per_projection - 1) / per_projection;

	return n < DICTIONARY_SIZE ? DICTIONARY_SIZE : n;
}

/*
 * A number that is normal but for its tails, from additions only: so that it
 * has the same bits everywhere.
 */
static double
draw_normal(ForestRng *rng)
{
	double		sum = -0.5 * NORMAL_PARTS;

	for (int i = 0; i < NORMAL_PARTS; i++)
		sum += forest_rng_double(rng);
	return sum;
}

/* A coefficient that a model may have, next to "wanted". */
static double
possible_coefficient(double wanted)
{
	double		size = fabs(wanted);

	if (!(size >= 1.0 / FOREST_MAX_PROJECTED))
		size = 1.0 / FOREST_MAX_PROJECTED;
	return copysign(size > FOREST_MAX_PROJECTED ? FOREST_MAX_PROJECTED : size,
					wanted);
}

/*
 * The features that take turns.  cards[left .. n) had theirs in this round;
 * cards[0 .. held) have not, but are in the projection being drawn: it began in
 * the round before.
 */
typedef struct Deck
{
	uint32_t   *cards;
	uint32_t	n;
	uint32_t	left;
	uint32_t	held;
} Deck;

/*
 * Draws a feature for a projection that has n_drawn, another one than these.
 * What is drawn goes behind those left: at the end of a round the last drawn
 * are the first cards.
 */
static uint32_t
draw_feature(Deck *deck, ForestRng *rng, uint32_t n_drawn)
{
	uint32_t	j;
	uint32_t	feature;

	if (deck->left == 0)
	{
		deck->left = deck->n;
		deck->held = n_drawn;
	}
	j = deck->held + forest_rng_below(rng, deck->left - deck->held);
	feature = deck->cards[j];
	deck->cards[j] = deck->cards[--deck->left];
	deck->cards[deck->left] = feature;
	return feature;
}

/* Puts a feature among terms[0 .. n), which ascend. */
static void
insert_feature(ForestTerm *terms, uint32_t n, uint32_t feature)
{
	for (; n > 0 && terms[n - 1].feature > feature; n--)
		terms[n] = terms[n - 1];
	terms[n].feature = feature;
}

/*
 * Draws n projections of per_projection features each, of which there are at
 * least as many with a scale: ends[n], terms[n * per_projection].  "cards" has
 * room for n_features numbers.
 */
void
forest_draw_dictionary(const ForestScale *scales, uint32_t n_features,
					   uint32_t per_projection, ForestRng *rng, uint32_t n,
					   uint32_t *ends, ForestTerm *terms, uint32_t *cards)
{
	Deck		deck = {cards, 0, 0, 0};

	for (uint32_t f = 0; f < n_features; f++)
	{
		if (scales[f].scale > 0.0)
			cards[deck.n++] = f;
	}
	for (uint32_t i = 0; i < n; i++)
	{
		deck.held = 0;
		forest_pause_at(i);
		for (uint32_t k = 0; k < per_projection; k++)
			insert_feature(terms, k, draw_feature(&deck, rng, k));
		for (uint32_t k = 0; k < per_projection; k++)
		{
			const ForestScale *scale = &scales[terms[k].feature];

			terms[k].centre = forest_projected(scale->centre);
			terms[k].coefficient =
				possible_coefficient(draw_normal(rng) / scale->scale);
		}
		terms += per_projection;
		ends[i] = (i + 1) * per_projection;
	}
}
