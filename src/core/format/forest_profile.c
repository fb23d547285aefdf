/*-------------------------------------------------------------------------
 *
 * forest_profile.c
 *	  The distribution of a number's values in few knots.
 *
 * Quantiles at even steps say little of the tails, where outliers are: of
 * what is beyond the last but one of 41 they tell the greatest value alone.
 * So there are knots at ever smaller shares of the rows as well, each half of
 * the one before, and wherever most of the way between two knots is a gap
 * without any row, the gap's ends are knots: how many rows are on either side
 * of it is then exact, and no row is taken to be in it.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_model.h"
#include "core/format/forest_profile.h"
#include "core/format/forest_view.h"


#define STEPS			(FOREST_QUANTILES - 1)

/*
 * Times that the share of a knot in the tails is halved at most.  With them
 * and the gaps between all there are fewer than FOREST_MAX_KNOTS.
 */
#define TAIL_KNOTS		16

/* As many different values are all knots where most of them recur. */
#define FEW_VALUES		128

/*
 * Makes knots of n values, keys as of forest_sort_key, ascending: one for each
 * that occurs.  Returns how many.
 */
uint32_t
forest_make_knots(const ForestPair *values, uint32_t n, ForestKnot *knots)
{
	uint32_t	n_knots = 0;

	for (uint32_t i = 0; i < n; i++)
	{
		double		value = forest_sort_value(values[i].key);

		forest_pause_at(i);
		if (n_knots == 0 || knots[n_knots - 1].value != value)
			knots[n_knots++] = (ForestKnot) {value, i, i};
		knots[n_knots - 1].through = i + 1;
	}
	return n_knots;
}

/* Index of the least knot through which "rank" (>= 1) rows are. */
uint32_t
forest_knot_of_rank(const ForestKnot *knots, uint32_t n, uint64_t rank)
{
	uint32_t	lo = 0;
	uint32_t	hi = n - 1;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (knots[middle].through < rank)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

/* The least rank, of n_rows (>= 1), that is at least a share of i / 40. */
uint64_t
forest_quantile_rank(uint64_t n_rows, uint32_t i)
{
	uint64_t	rank = (n_rows * i + STEPS - 1) / STEPS;

	return rank > 0 ? rank : 1;
}

/* Keeps what the quantiles are, and shares in the tails. */
static void
keep_ranks(const ForestKnot *knots, uint32_t n, uint8_t *keep)
{
	uint64_t	n_rows = knots[n - 1].through;

	for (uint32_t i = 0; i < FOREST_QUANTILES; i++)
		keep[forest_knot_of_rank(knots, n,
								 forest_quantile_rank(n_rows, i))] = 1;
	for (int i = 1; i <= TAIL_KNOTS; i++)
	{
		uint64_t	parts = (uint64_t) STEPS << i;
		uint64_t	rank = (n_rows + parts - 1) / parts;

		if (parts > n_rows)
			break;

		keep[forest_knot_of_rank(knots, n, rank)] = 1;
		keep[forest_knot_of_rank(knots, n, n_rows + 1 - rank)] = 1;
	}
	keep[0] = keep[n - 1] = 1;
}

/* Half the distance between two knots, which cannot overflow. */
static double
half_distance(const ForestKnot *a, const ForestKnot *b)
{
	return b->value / 2 - a->value / 2;
}

/*
 * Keeps the ends of the widest gap between two knots that are kept, lo and
 * hi, if it is at least half of the way.
 */
static void
keep_gap(const ForestKnot *knots, uint32_t lo, uint32_t hi, uint8_t *keep)
{
	double		widest = 0.0;
	uint32_t	at = lo;

	for (uint32_t i = lo; i < hi; i++)
	{
		double		gap = half_distance(&knots[i], &knots[i + 1]);

		forest_pause_at(i);
		if (gap > widest)
		{
			widest = gap;
			at = i;
		}
	}
	if (widest >= half_distance(&knots[lo], &knots[hi]) / 2)
		keep[at] = keep[at + 1] = 1;
}

/*
 * Leaves of n (>= 1) knots, one for each value that occurs, at most
 * FOREST_MAX_KNOTS: moves them to the front and returns how many they are.
 * "keep" has room for n.
 */
uint32_t
forest_choose_knots(ForestKnot *knots, uint32_t n, uint8_t *keep)
{
	uint32_t	last = 0;
	uint32_t	n_kept = 0;

	if (n <= FEW_VALUES && 2 * (uint64_t) n <= knots[n - 1].through)
		return n;
	for (uint32_t i = 0; i < n; i++)
		keep[i] = 0;
	keep_ranks(knots, n, keep);
	for (uint32_t i = 1; i < n; i++)
	{
		if (!keep[i])
			continue;
		if (i - last > 1)
			keep_gap(knots, last, i, keep);
		last = i;
	}
	for (uint32_t i = 0; i < n; i++)
	{
		forest_pause_at(i);
		if (keep[i])
			knots[n_kept++] = knots[i];
	}
	return n_kept;
}

/*
 * Checks the knots of one feature, which begin at "first": they ascend, and
 * their rows go on from one another.
 */
static bool
curve_valid(const ForestView *view, uint32_t first, uint32_t n)
{
	ForestKnot	last = {-INFINITY, 0, 0};

	for (uint32_t i = 0; i < n; i++)
	{
		ForestKnot	knot = forest_view_knot(view, first + i);

		if (i == 0 ? isnan(knot.value) || knot.below != 0 :
			!(knot.value > last.value) || knot.below < last.through)
			return false;
		if (knot.through <= knot.below)
			return false;
		last = knot;
	}
	return true;
}

/*
 * Checks the curves of a model that is being opened, which have n_knots knots
 * in all; the fault becomes what is wrong.
 */
bool
forest_curves_valid(const ForestView *view, uint64_t n_knots,
					ForestFault *fault)
{
	uint32_t	begin = 0;

	fault->rule = "number of knots of feature";
	for (uint32_t f = 0; f < view->summary.n_features; f++)
	{
		uint32_t	end = forest_get32(view->curve_ends + 4 * (size_t) f);

		fault->position = f;
		if (end < begin || end > n_knots || end - begin > FOREST_MAX_KNOTS ||
			(end > begin &&
			 forest_type_is_category(forest_view_feature(view, f).type)))
			return false;
		if (!curve_valid(view, begin, end - begin))
		{
			fault->rule = "knots of feature";
			return false;
		}
		begin = end;
	}
	fault->rule = begin == n_knots ? "" : "number of knots";
	fault->position = begin == n_knots ? 0 : n_knots;
	return begin == n_knots;
}
