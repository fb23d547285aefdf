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

#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_model.h"
#include "core/format/forest_profile.h"
#include "core/grow/forest_sample.h"
#include "model/model_parts.h"
#include "sketch/row_sample.h"
#include "train/train_profile.h"

#define STEPS			(FOREST_QUANTILES - 1)

/* The rows of a state, and room to make curves of their values. */
typedef struct Values
{
	const double *rows;
	uint32		n_rows;
	uint32		d;
	uint32	   *chosen;			/* rows that stand for all but the tails */
	uint32		n_chosen;
	ForestPair *middle;			/* values of these; twice their number */
	ForestPair *tail;			/* twice the rows */
	ForestKnot *knots;			/* one a row */
	uint8	   *keep;
} Values;

/* Chooses rows at random. */
static void
choose_rows(const RowSample *state, Values *values)
{
	uint32		n = Min(state->sample.n, FOREST_PROFILE_ROWS);
	uint32	   *deck = palloc(state->sample.n * sizeof(uint32));
	ForestDealer dealer;

	values->chosen = palloc(n * sizeof(uint32));
	values->n_chosen = n;
	forest_dealer_init(&dealer, deck, state->sample.n, state->sample.n,
					   forest_purpose_start((uint64) state->options.seed,
											FOREST_FOR_PROFILE, 0));
	forest_deal(&dealer, values->chosen, n, false);
	pfree(deck);
}

/*
 * Chooses the rows that the curves are made of, and allocates what sorting
 * their values takes, in the current context.
 */
static void
begin_values(const RowSample *state, const double *rows, Values *values)
{
	values->rows = rows;
	values->n_rows = state->sample.n;
	values->d = state->n_features;
	choose_rows(state, values);
	values->middle = palloc(2 * (Size) values->n_chosen * sizeof(ForestPair));
	values->tail = palloc_extended(2 * (Size) values->n_rows *
								   sizeof(ForestPair), MCXT_ALLOC_HUGE);
	values->knots = palloc_extended((Size) values->n_rows *
									sizeof(ForestKnot), MCXT_ALLOC_HUGE);
	values->keep = palloc(values->n_rows);
}

/* Gives back what begin_values() has allocated. */
static void
end_values(Values *values)
{
	pfree(values->keep);
	pfree(values->knots);
	pfree(values->tail);
	pfree(values->middle);
	pfree(values->chosen);
}

/* Sorts the values of a number in the chosen rows; returns how many. */
static uint32
sort_middle(Values *values, uint32 f)
{
	uint32		n = 0;

	for (uint32 i = 0; i < values->n_chosen; i++)
	{
		double		v = values->rows[(Size) values->chosen[i] * values->d + f];

		forest_pause_at(i);
		if (!isnan(v))
			values->middle[n++].key = forest_sort_key(v);
	}
	forest_sort(values->middle, values->middle + values->n_chosen, n);
	return n;
}

/* Sorts all values of a number; returns how many. */
static uint32
sort_all(Values *values, uint32 f)
{
	uint32		n = 0;

	for (uint32 i = 0; i < values->n_rows; i++)
	{
		double		v = values->rows[(Size) i * values->d + f];

		forest_pause_at(i);
		if (!isnan(v))
			values->tail[n++].key = forest_sort_key(v);
	}
	forest_sort(values->tail, values->tail + values->n_rows, n);
	return n;
}

/*
 * Sorts the values of a number that are below "low", which come first in
 * values->tail, and those above "high", which is no less, which come last of
 * n_rows.
 */
static void
sort_tails(Values *values, uint32 f, double low, double high, uint32 *n_low,
		   uint32 *n_high)
{
	ForestPair *end = values->tail + values->n_rows;

	*n_low = *n_high = 0;
	for (uint32 i = 0; i < values->n_rows; i++)
	{
		double		v = values->rows[(Size) i * values->d + f];

		forest_pause_at(i);
		if (v < low)
			values->tail[(*n_low)++].key = forest_sort_key(v);
		else if (v > high)
			(end - ++*n_high)->key = forest_sort_key(v);
	}
	forest_sort(values->tail, end, *n_low);
	forest_sort(end - *n_high, end, *n_high);
}

/*
 * Appends knots of n sorted values, which stand for n_rows rows (at least as
 * many), after "before" rows; returns the new number of knots.  A value that
 * occurs once is not taken to recur among the rows it stands for.
 */
static uint32
append_knots(const ForestPair *sorted, uint32 n, uint32 before, uint32 n_rows,
			 ForestKnot *knots, uint32 n_knots)
{
	ForestKnot *added = knots + n_knots;
	uint32		n_added = forest_make_knots(sorted, n, added);

	Assert(n > 0 || n_added == 0);
	for (uint32 i = 0; i < n_added && n > 0; i++)
	{
		bool		once = added[i].through - added[i].below == 1;

		forest_pause_at(i);
		added[i].below = before +
			(uint32) ((uint64) added[i].below * n_rows / n);
		added[i].through = once ? added[i].below + 1 : before +
			(uint32) ((uint64) added[i].through * n_rows / n);
	}
	return n_knots + n_added;
}

/*
 * Makes knots of all values of a number, of which n are there; returns how
 * many.  Beyond the fortieth of the rows on either side all are counted;
 * between, the chosen rows stand for all.
 */
static uint32
make_knots(Values *values, uint32 f, uint32 n)
{
	uint32		n_middle = sort_middle(values, f);
	uint32		skip = n_middle / STEPS;
	uint32		n_knots = 0;
	uint32		n_low;
	uint32		n_high;
	uint32		begin = 0;
	uint32		end = n_middle;
	double		low;
	double		high;

	if (values->n_chosen == values->n_rows || skip == 0)
		return forest_make_knots(values->tail, sort_all(values, f),
								 values->knots);
	low = forest_sort_value(values->middle[skip].key);
	high = forest_sort_value(values->middle[n_middle - 1 - skip].key);
	while (forest_sort_value(values->middle[begin].key) < low)
		begin++;
	while (forest_sort_value(values->middle[end - 1].key) > high)
		end--;
	sort_tails(values, f, low, high, &n_low, &n_high);
	n_knots = append_knots(values->tail, n_low, 0, n_low, values->knots, 0);
	n_knots = append_knots(values->middle + begin, end - begin, n_low,
						   n - n_low - n_high, values->knots, n_knots);
	return append_knots(values->tail + values->n_rows - n_high, n_high,
						n - n_high, n_high, values->knots, n_knots);
}

/* Fills in the curves of all features of the state's rows. */
void
train_curves(const RowSample *state, const double *rows,
			 const ForestFeature *features, ForestParts *parts)
{
	Values		values;

	begin_values(state, rows, &values);
	model_parts_begin_curves(parts, state->n_features);
	for (uint32 f = 0; f < state->n_features; f++)
	{
		uint32		n = 0;

		CHECK_FOR_INTERRUPTS();
		if (!forest_type_is_category(features[f].type))
			n = make_knots(&values, f, values.n_rows -
						   (uint32) features[f].n_missing);
		model_parts_append_curve(parts, f, values.knots, n, values.keep);
	}
	end_values(&values);
}

/*
 * Returns the number of rows of each category, those of the first
 * categorical feature first, palloc'd.
 */
uint32 *
train_category_rows(const RowSample *state, const double *rows,
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
