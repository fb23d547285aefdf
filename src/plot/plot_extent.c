/*-------------------------------------------------------------------------
 *
 * plot_extent.c
 *	  How far the points to draw reach along an axis.
 *
 * One row at 9999 among thousands below 500 would push all of these into a
 * line.  So what lies farther off the middle 98 % than those reach is a tail,
 * which gets a strip at the end of the axis and not a part of its scale: the
 * fences of box plots (Tukey: Exploratory Data Analysis, 1977), but wider,
 * as what is far off matters here.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "plot/plot_extent.h"

/* The part of the rows on either side that may be a tail. */
#define TAIL_SHARE		0.01
/* .. which is halved down to this while the others are all at one value. */
#define LEAST_SHARE		0.0005
/* Where a tail begins, in widths of the rest. */
#define FENCE			1.0

/* Points from which on whole numbers are spread. */
#define WHOLE_POINTS	300

/* A value and the rows that it stands for. */
typedef struct Weighted
{
	double		value;
	double		rows;
} Weighted;

/* Orders values. */
static int
compare_weighted(const void *a, const void *b, void *arg)
{
	double		x = ((const Weighted *) a)->value;
	double		y = ((const Weighted *) b)->value;

	return (x > y) - (x < y);
}

/* The least value that a share of the rows, 0 .. 1, does not exceed. */
static double
quantile(const Weighted *values, uint32 n, double rows, double share)
{
	double		sum = 0;

	for (uint32 i = 0; i < n; i++)
	{
		sum += values[i].rows;
		if (sum >= share * rows)
			return values[i].value;
	}
	return values[n - 1].value;
}

/*
 * Finds where the tails of sorted values begin; false if they have none that
 * can be told.
 */
static bool
find_fences(const Weighted *values, uint32 n, double *low, double *high)
{
	double		rows = 0;
	double		lo = 0;
	double		hi = 0;

	for (uint32 i = 0; i < n; i++)
		rows += values[i].rows;
	for (double share = TAIL_SHARE; share >= LEAST_SHARE && lo >= hi;
		 share /= 2)
	{
		lo = quantile(values, n, rows, share);
		hi = quantile(values, n, rows, 1 - share);
	}
	*low = lo - FENCE * (hi - lo);
	*high = hi + FENCE * (hi - lo);
	return hi > lo && isfinite(*low) && isfinite(*high);
}

/* Tells of a tail: "n" of the sorted values, whose farthest is given. */
static PlotTail
make_tail(const Weighted *values, uint32 n, double far)
{
	PlotTail	tail = {n, 0, far};

	if (n > 0)
		tail.middle = values[n / 2].value;
	return tail;
}

/* Sets the ends and tails of an extent by its finite values, sorted. */
static void
set_ends(PlotExtent *extent, const Weighted *values, uint32 n, bool tails)
{
	double		low;
	double		high;
	uint32		first = 0;
	uint32		end = n;

	if (n == 0)
		return;
	if (tails && find_fences(values, n, &low, &high))
	{
		while (values[first].value < low)
			first++;
		while (values[end - 1].value > high)
			end--;
	}
	extent->lo = values[first].value;
	extent->hi = values[end - 1].value;
	extent->below = make_tail(values, first, values[0].value);
	extent->above = make_tail(values + end, n - end, values[n - 1].value);
}

/*
 * What the points of all classes have along an axis of a feature; far ones
 * are tails if that is wanted.
 */
void
plot_extent(PlotExtent *extent, const ModelFeature *feature,
			const DrawnClass *classes, int n_classes, bool vertical,
			bool tails)
{
	Weighted   *values;
	uint32		all = 0;
	uint32		n = 0;

	for (int i = 0; i < n_classes; i++)
		all += classes[i].n;
	values = palloc(Max(all, 1) * sizeof(Weighted));
	*extent = (PlotExtent) {.lo = INFINITY, .hi = -INFINITY,
							.whole = all >= WHOLE_POINTS};
	for (int i = 0; i < n_classes; i++)
	{
		for (uint32 j = 0; j < classes[i].n; j++)
		{
			const PlotPoint *point = &classes[i].points[j];
			double		value = vertical ? point->y : point->x;

			if (isnan(value))
				extent->missing = true;
			else if (isinf(value))
				extent->infinite++;
			else if (forest_type_is_category(feature->type))
				extent->unseen |= value >= feature->n_categories;
			else
			{
				values[n].value = value;
				values[n++].rows = (double) classes[i].rows / classes[i].n;
				extent->whole &= value == rint(value);
			}
		}
	}
	qsort_interruptible(values, n, sizeof(Weighted), compare_weighted, NULL);
	set_ends(extent, values, n, tails);
	pfree(values);
}
