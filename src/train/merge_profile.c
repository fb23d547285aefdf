/*-------------------------------------------------------------------------
 *
 * merge_profile.c
 *	  The profile of a merged model, from those of its parts.
 *
 * A curve is a distribution function of a feature's values, known at its
 * knots.  The merged one is the mixture of those of the models, each with the
 * weight of the rows that its model saw; the rows between two knots of one
 * curve count half for either.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model_parts.h"
#include "train/merge_profile.h"

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
	model_parts_append_curve(parts, f, knots, n, keep);
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
	model_parts_begin_curves(parts, d);
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
