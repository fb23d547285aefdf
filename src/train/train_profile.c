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
#include "core/format/forest_view.h"
#include "core/grow/forest_sample.h"
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

/*
 * Sorts all values of a number that are below one or at least another;
 * returns how many.
 */
static uint32
sort_tail(Values *values, uint32 f, double below, double least)
{
	uint32		n = 0;

	for (uint32 i = 0; i < values->n_rows; i++)
	{
		double		v = values->rows[(Size) i * values->d + f];

		forest_pause_at(i);
		if (v < below || v >= least)
			values->tail[n++].key = forest_sort_key(v);
	}
	forest_sort(values->tail, values->tail + values->n_rows, n);
	return n;
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
		return forest_make_knots(values->tail,
								 sort_tail(values, f, -INFINITY, -INFINITY),
								 values->knots);
	low = forest_sort_value(values->middle[skip].key);
	high = forest_sort_value(values->middle[n_middle - 1 - skip].key);
	while (forest_sort_value(values->middle[begin].key) < low)
		begin++;
	while (forest_sort_value(values->middle[end - 1].key) > high)
		end--;
	n_low = sort_tail(values, f, low, NAN);
	n_knots = append_knots(values->tail, n_low, 0, n_low, values->knots, 0);
	n_high = sort_tail(values, f, -INFINITY, nextafter(high, INFINITY));
	n_knots = append_knots(values->middle + begin, end - begin, n_low,
						   n - n_low - n_high, values->knots, n_knots);
	return append_knots(values->tail, n_high, n - n_high, n_high,
						values->knots, n_knots);
}

/* Appends a feature's curve, chosen from n knots, to the parts of a model. */
static void
append_curve(ForestParts *parts, uint32 f, ForestKnot *knots, uint32 n,
			 uint8 *keep)
{
	uint32	   *ends = unconstify(uint32 *, parts->curve_ends);
	ForestKnot *all = unconstify(ForestKnot *, parts->knots);
	uint32		end = f > 0 ? ends[f - 1] : 0;

	if (n > 0)
		n = forest_choose_knots(knots, n, keep);
	memcpy(all + end, knots, n * sizeof(ForestKnot));
	ends[f] = end + n;
}

/* Makes room for the curves of d features in the parts of a model. */
static void
begin_curves(ForestParts *parts, uint32 d)
{
	parts->curve_ends = palloc(d * sizeof(uint32));
	parts->knots = palloc_extended((Size) d * FOREST_MAX_KNOTS *
								   sizeof(ForestKnot), MCXT_ALLOC_HUGE);
}

/* Fills in the curves of all features of the state's rows. */
void
train_curves(const RowSample *state, const double *rows,
			 const ForestFeature *features, ForestParts *parts)
{
	Values		values;

	begin_values(state, rows, &values);
	begin_curves(parts, state->n_features);
	for (uint32 f = 0; f < state->n_features; f++)
	{
		uint32		n = 0;

		CHECK_FOR_INTERRUPTS();
		if (!forest_type_is_category(features[f].type))
			n = make_knots(&values, f, values.n_rows -
						   (uint32) features[f].n_missing);
		append_curve(parts, f, values.knots, n, values.keep);
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

/*
 * Rows of a mixture at one value, and strictly between it and the values next
 * to it, as far as they are taken to be on this one's side.
 */
typedef struct Mass
{
	double		left;
	double		at;
	double		right;
} Mass;

/* Rows between two knots, or 0 if the second one is behind the last. */
static double
rows_between(const ForestView *view, uint32 first, uint32 n, uint32 i)
{
	return i == 0 || i == n ? 0 :
		(double) forest_view_knot(view, first + i).below -
		forest_view_knot(view, first + i - 1).through;
}

/*
 * Lists the knots of a model's curve of feature f as pairs (value, index into
 * masses); each row counts "weight" times.  Returns the new number of pairs.
 */
static uint32
list_knots(const ForestView *view, uint32 f, double weight,
		   ForestPair *pairs, Mass *masses, uint32 n)
{
	uint32		n_knots;
	uint32		first = forest_view_curve(view, f, &n_knots);

	for (uint32 i = 0; i < n_knots; i++, n++)
	{
		ForestKnot	knot = forest_view_knot(view, first + i);

		pairs[n] = (ForestPair) {forest_sort_key(knot.value), n};
		masses[n].left = weight * rows_between(view, first, n_knots, i) / 2;
		masses[n].at = weight * (knot.through - knot.below);
		masses[n].right =
			weight * rows_between(view, first, n_knots, i + 1) / 2;
	}
	return n;
}

/* Rows behind a model's curve of a feature. */
static double
curve_rows(const ForestView *view, uint32 f)
{
	uint32		n;
	uint32		first = forest_view_curve(view, f, &n);

	return n == 0 ? 0 : forest_view_knot(view, first + n - 1).through;
}

/*
 * Sees to it that the last of n_rows rows is behind the knots: those before
 * it give way.  Returns how many stay.
 */
static uint32
leave_last_row(ForestKnot *knots, uint32 n, uint32 n_rows)
{
	while (n > 0 && knots[n - 1].through >= n_rows)
	{
		knots[n - 1].through = n_rows - 1;
		if (knots[n - 1].through <= knots[n - 1].below)
			n--;
	}
	return n;
}

/* Takes in the masses of the pairs that have the value of pair i. */
static uint32
add_masses(const ForestPair *pairs, const Mass *masses, uint32 n, uint32 i,
		   Mass *mass)
{
	double		value = forest_sort_value(pairs[i].key);

	*mass = (Mass) {0};
	for (; i < n && forest_sort_value(pairs[i].key) == value; i++)
	{
		mass->left += masses[pairs[i].value].left;
		mass->at += masses[pairs[i].value].at;
		mass->right += masses[pairs[i].value].right;
	}
	return i;
}

/*
 * Makes knots of n (>= 1) sorted pairs, of n_rows (>= 1) rows in all, by
 * rounding the running sum.  A value between that gets no row of its own is
 * left out; the least and the greatest have one at least.
 */
static uint32
mix_knots(const ForestPair *pairs, const Mass *masses, uint32 n, uint32 n_rows,
		  ForestKnot *knots)
{
	uint32		n_knots = 0;
	double		sum = 0;

	for (uint32 i = 0; i < n;)
	{
		ForestKnot	knot = {forest_sort_value(pairs[i].key), 0, 1};
		Mass		mass;

		forest_pause_at(i);
		i = add_masses(pairs, masses, n, i, &mass);
		if (i == n)
			n_knots = leave_last_row(knots, n_knots, n_rows);
		if (n_knots > 0)
		{
			knot.below = (uint32) Min(rint(sum + mass.left), n_rows - 1);
			knot.below = Max(knot.below, knots[n_knots - 1].through);
		}
		if (i == n)
			knot.through = n_rows;
		else if (n_knots > 0 || mass.at >= 1)
			knot.through =
				(uint32) Min(rint(sum + mass.left + mass.at), n_rows);
		sum += mass.left + mass.at + mass.right;
		if (knot.through > knot.below)
			knots[n_knots++] = knot;
	}
	return n_knots;
}

/* Fills in the curve of feature f of the mixture of several models. */
static void
mix_feature(const ForestView *const *views, int n_views, uint32 f,
			ForestPair *pairs, Mass *masses, ForestKnot *knots,
			uint8 *keep, ForestParts *parts)
{
	double		seen = 0;
	double		n_rows = 0;
	uint32		n = 0;

	for (int v = 0; v < n_views; v++)
	{
		CHECK_FOR_INTERRUPTS();
		if (curve_rows(views[v], f) == 0)
			continue;
		n_rows += curve_rows(views[v], f);
		seen += (double) Max(views[v]->summary.rows_seen, 1);
	}
	n_rows = Min(n_rows, PG_INT32_MAX);
	for (int v = 0; v < n_views; v++)
	{
		double		rows = curve_rows(views[v], f);

		CHECK_FOR_INTERRUPTS();
		if (rows > 0)
			n = list_knots(views[v], f, (double)
						   Max(views[v]->summary.rows_seen, 1) / seen *
						   n_rows / rows, pairs, masses, n);
	}
	forest_sort(pairs, pairs + n, n);
	if (n > 0)
		n = mix_knots(pairs, masses, n, (uint32) n_rows, knots);
	append_curve(parts, f, knots, n, keep);
}

/* The most knots that a feature has in all of the models. */
static uint32
most_knots(const ForestView *const *views, int n_views, uint32 d)
{
	uint64		most = 0;

	for (uint32 f = 0; f < d; f++)
	{
		uint64		sum = 0;

		for (int v = 0; v < n_views; v++)
		{
			uint32		n;

			CHECK_FOR_INTERRUPTS();
			(void) forest_view_curve(views[v], f, &n);
			sum += n;
		}
		most = Max(most, sum);
		CHECK_FOR_INTERRUPTS();
	}
	if (most > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d models are too many to merge", n_views)));
	return (uint32) most;
}

/*
 * Fills in the curves of several models of the same features as one; each
 * model has the weight of the rows it saw.  False if one of them has no
 * profile.
 */
bool
merge_curves(const ForestView *const *views, int n_views, ForestParts *parts)
{
	uint32		d = views[0]->summary.n_features;
	Size		most;
	ForestPair *pairs;
	Mass	   *masses;
	ForestKnot *knots;
	uint8	   *keep;

	for (int v = 0; v < n_views; v++)
	{
		if (views[v]->curve_ends == NULL)
			return false;
	}
	most = most_knots(views, n_views, d);
	pairs = palloc_extended(2 * most * sizeof(ForestPair), MCXT_ALLOC_HUGE);
	masses = palloc_extended(most * sizeof(Mass), MCXT_ALLOC_HUGE);
	knots = palloc_extended(most * sizeof(ForestKnot), MCXT_ALLOC_HUGE);
	keep = palloc_extended(Max(most, 1), MCXT_ALLOC_HUGE);
	begin_curves(parts, d);
	for (uint32 f = 0; f < d; f++)
	{
		CHECK_FOR_INTERRUPTS();
		mix_feature(views, n_views, f, pairs, masses, knots, keep, parts);
	}
	pfree(keep);
	pfree(knots);
	pfree(masses);
	pfree(pairs);
	return true;
}
