/*-------------------------------------------------------------------------
 *
 * train_profile.c
 *	  What a model tells about its training rows besides its trees:
 *	  quantiles of numbers, shares of categories.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "forest_rng.h"

#define STEPS			(FOREST_QUANTILES - 1)

/*
 * Fills the quantiles of n values, keys as of forest_sort_key, ascending;
 * NaN if there are none.
 */
static void
fill_quantiles(const ForestPair *values, uint32 n, double *quantiles)
{
	for (uint32 i = 0; i < FOREST_QUANTILES; i++)
		quantiles[i] = n == 0 ? NAN :
			forest_sort_value(values[(uint64) i * (n - 1) / STEPS].key);
}

/* Chooses the rows that quantiles are taken of, at random; returns how many. */
static uint32
choose_rows(const TrainState *state, uint32 **chosen)
{
	uint32		n = Min(state->sample.n, PROFILE_ROWS);
	uint32	   *deck = palloc(state->sample.n * sizeof(uint32));
	ForestDealer dealer;

	*chosen = palloc(n * sizeof(uint32));
	forest_dealer_init(&dealer, deck, state->sample.n, state->sample.n,
					   forest_purpose_start((uint64) state->options.seed,
											FOREST_FOR_PROFILE, 0));
	forest_deal(&dealer, *chosen, n, false);
	pfree(deck);
	return n;
}

/*
 * Returns FOREST_QUANTILES of each feature of the state's rows, palloc'd; NaN
 * for categories.  The ends are the exact range.
 */
double *
train_quantiles(const TrainState *state, const double *rows,
				const ForestFeature *features)
{
	uint32		d = state->n_features;
	double	   *result = palloc((Size) d * FOREST_QUANTILES * sizeof(double));
	uint32	   *chosen;
	uint32		n_chosen = choose_rows(state, &chosen);
	ForestPair *values = palloc(2 * (Size) n_chosen * sizeof(ForestPair));

	for (uint32 f = 0; f < d; f++)
	{
		double	   *quantiles = result + (Size) f * FOREST_QUANTILES;
		uint32		n = 0;

		CHECK_FOR_INTERRUPTS();
		for (uint32 i = 0; i < n_chosen; i++)
		{
			double		v = rows[(Size) chosen[i] * d + f];

			if (!isnan(v) && !forest_type_is_category(features[f].type))
				values[n++].key = forest_sort_key(v);
		}
		forest_sort(values, values + n_chosen, n);
		fill_quantiles(values, n, quantiles);
		if (n > 0)
		{
			quantiles[0] = features[f].minimum;
			quantiles[STEPS] = features[f].maximum;
		}
	}
	pfree(values);
	pfree(chosen);
	return result;
}

/*
 * Returns the number of rows of each category, those of the first
 * categorical feature first, palloc'd.
 */
uint32 *
train_category_rows(const TrainState *state, const double *rows,
					const uint32 *n_categories)
{
	uint32		d = state->n_features;
	uint32		n = 0;
	uint32	   *result;

	for (uint32 f = 0; f < d; f++)
		n += n_categories[f];
	result = palloc0(Max(n, 1) * sizeof(uint32));
	n = 0;
	for (uint32 f = 0; f < d; f++)
	{
		forest_pause();
		for (uint32 i = 0; i < state->sample.n && n_categories[f] > 0; i++)
		{
			double		v = rows[(Size) i * d + f];

			forest_pause_at(i);
			if (!isnan(v))
				result[n + (uint32) v]++;
		}
		n += n_categories[f];
	}
	return result;
}

/* Quantiles of the mixture of several models' values of feature f. */
static void
mix_feature(const ForestView *const *views, int n_views, uint32 f,
			ForestPair *values, double *quantiles)
{
	uint32		n = 0;
	double		total = 0;
	double		seen = 0;
	uint32		next = 0;

	for (int v = 0; v < n_views; v++)
	{
		CHECK_FOR_INTERRUPTS();
		if (isnan(forest_view_quantile(views[v], f, 0)))
			continue;
		for (uint32 i = 0; i < FOREST_QUANTILES; i++)
		{
			values[n].key = forest_sort_key(forest_view_quantile(views[v], f, i));
			values[n++].value = (uint64) v;
		}
		total += (double) Max(views[v]->summary.rows_seen, 1);
	}
	forest_sort(values, values + (Size) n_views * FOREST_QUANTILES, n);
	for (uint32 i = 0; i < FOREST_QUANTILES; i++)
		quantiles[i] = n == 0 ? NAN : forest_sort_value(values[n - 1].key);
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		/* each value stands for the rows up to the model's next quantile */
		seen += (double) Max(views[values[i].value]->summary.rows_seen, 1) /
			FOREST_QUANTILES;
		while (next < FOREST_QUANTILES && seen * STEPS >= total * next)
			quantiles[next++] = forest_sort_value(values[i].key);
	}
}

/*
 * Returns the quantiles of several models of the same features as one,
 * palloc'd; each model has the weight of the rows it saw.  NULL if one of
 * them has no profile.
 */
double *
merge_quantiles(const ForestView *const *views, int n_views)
{
	uint32		d = views[0]->summary.n_features;
	double	   *result = palloc((Size) d * FOREST_QUANTILES * sizeof(double));
	ForestPair *values = palloc(2 * (Size) n_views * FOREST_QUANTILES *
								sizeof(ForestPair));

	for (int v = 0; v < n_views; v++)
	{
		if (views[v]->quantiles == NULL)
			return NULL;
	}
	for (uint32 f = 0; f < d; f++)
	{
		CHECK_FOR_INTERRUPTS();
		mix_feature(views, n_views, f, values,
					result + (Size) f * FOREST_QUANTILES);
	}
	pfree(values);
	return result;
}
