/*-------------------------------------------------------------------------
 *
 * forest_drift.c
 *	  Population stability index and Kolmogorov-Smirnov distance against the
 *	  profile of the training rows.
 *
 * The index is the sum of (now - then) ln(now / then) over the shares of
 * bins.  Bins of a number end at the training deciles; a value that holds
 * several quantiles is a bin of its own; so are missing values and, of
 * categories, those never seen.  Half a row is added to each bin on either
 * side (Jeffreys), so that an empty one has a finite weight; bins that are
 * empty on both sides don't count.
 *
 * Without any drift the index of B bins is distributed like chi-square with
 * B - 1 degrees of freedom, times 1/n + 1/m for n fresh and m training rows
 * (Yurdakul and Naranjo 2020).  The mean of that is taken off, and what it
 * exceeds once in a thousand decides whether the rest can be believed.
 *
 * Quantiles leave open how many rows hold a value itself.  Wherever they do,
 * the training share is taken to be the one nearest to the fresh rows': what
 * is reported is the drift that the profile proves.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/format/forest_model.h"
#include "core/score/forest_walk.h"
#include "core/stats/forest_drift.h"

#define STEPS			(FOREST_QUANTILES - 1)
/* Quantiles from one end of a bin to the next: deciles. */
#define BIN_STEPS		4
/* Both sides of each inner decile, what is above, and missing values. */
#define MAX_BINS		(2 * (STEPS / BIN_STEPS - 1) + 2)

/* Rows to be expected on either side for a category to have its own bin. */
#define CATEGORY_ROWS	5.0

#define SMOOTHING		0.5
/* A standard normal variable exceeds this once in a thousand. */
#define NORMAL_LIMIT	3.0902

/* The bins of one index; they are counted first and then summed up. */
typedef struct Bins
{
	double		rows_then;
	double		rows_now;
	bool		counting;
	double		n_bins;
	double		sum;
} Bins;

/* Takes in one bin's rows. */
static void
take_bin(Bins *bins, double then, double now)
{
	if (then <= 0.0 && now <= 0.0)
		return;
	if (bins->counting)
		bins->n_bins += 1.0;
	else
	{
		then =
			(then + SMOOTHING) / (bins->rows_then + SMOOTHING * bins->n_bins);
		now = (now + SMOOTHING) / (bins->rows_now + SMOOTHING * bins->n_bins);
		bins->sum += (now - then) * log(now / then);
	}
}

/* What chi-square exceeds once in a thousand (Wilson and Hilferty 1931). */
static double
chi_square_limit(double degrees)
{
	double		v = 2.0 / (9.0 * degrees);
	double		root = 1.0 - v + NORMAL_LIMIT * sqrt(v);

	return degrees * root * root * root;
}

/* Sets all but the distance from bins that are summed up. */
static void
judge(const Bins *bins, ForestDrift *drift)
{
	double		scale = 1.0 / bins->rows_then + 1.0 / bins->rows_now;

	/* where all rows are in one bin, more of them might well have had two */
	double		degrees = fmax(bins->n_bins - 1.0, 1.0);
	double		limit = chi_square_limit(degrees) * scale;

	drift->chance = (bins->n_bins - 1.0) * scale;
	drift->psi = fmax(bins->sum - drift->chance, 0.0);
	drift->small_sample = limit - degrees * scale >= FOREST_DRIFT_MODERATE;
	if (bins->sum > limit && drift->psi >= FOREST_DRIFT_LARGE)
		drift->verdict = FOREST_DRIFT_IS_LARGE;
	else if (bins->sum > limit && drift->psi >= FOREST_DRIFT_MODERATE)
		drift->verdict = FOREST_DRIFT_IS_MODERATE;
	else
		drift->verdict = drift->small_sample ?
			FOREST_DRIFT_TOO_FEW_ROWS : FOREST_DRIFT_STABLE;
}

/* Starts with what holds without rows; whether there are any, then and now. */
static bool
begin_drift(double rows_then, double rows_now, ForestDrift *drift)
{
	drift->psi = drift->chance = drift->ks = NAN;
	drift->direction = 0;
	drift->small_sample = true;
	drift->verdict = FOREST_DRIFT_TOO_FEW_ROWS;
	return rows_then >= 1.0 && rows_now >= 1.0;
}

/*
 * A value as the end of a bin: the shares of training rows (bounds) and of
 * fresh rows that are below it, and that are through it.
 */
typedef struct Edge
{
	uint32_t	end;			/* last quantile of this value */
	double		below_most;		/* training rows below: at most */
	double		through_least;	/* training rows through: at least */
	double		below_least;
	double		through_most;
	double		below;			/* fresh rows */
	double		through;
	bool		is_lump;		/* several training rows hold it */
} Edge;

/*
 * The rank, from 1 on, of quantile i of n values (forest_view_quantile); n is
 * an estimate, and a whole number but for rounding if all is known.
 */
static double
quantile_rank(double i, double n)
{
	return fmax(ceil(i * n / STEPS - 1e-6), 1.0);
}

/* Training rows below quantile i of n values, as a share, at most. */
static double
rank_below(uint32_t i, double n)
{
	return i > STEPS ? 1.0 : (quantile_rank(i, n) - 1.0) / n;
}

/* Training rows through quantile i of n values, as a share, at least. */
static double
rank_through(int i, double n)
{
	return i < 0 ? 0.0 : fmin(quantile_rank(i, n) / n, 1.0);
}

/*
 * Describes the value of quantile i, the first one that holds it, of n
 * values; "before" fresh rows of "total" are below it.
 *
 * How many training rows hold the value is known to a fortieth.  That room
 * is used no further than by as much as the value holds itself, then or now:
 * where values hardly repeat, ranks are as exact as they look.
 */
static void
describe_cut(const double *quantiles, uint32_t i, double n,
			 const uint64_t *cells, double before, double total, Edge *edge)
{
	double		lump;

	edge->end = i;
	while (edge->end < STEPS && quantiles[edge->end + 1] == quantiles[i])
		edge->end++;
	edge->below = before / total;
	edge->through = (before + (double) cells[2 * i + 1]) / total;
	edge->below_most = rank_below(i, n);
	edge->through_least = rank_through((int) edge->end, n);
	lump = edge->through_least - edge->below_most;
	edge->is_lump = lump > 1.5 / n;
	lump = fmax(edge->is_lump ? lump : 0.0, edge->through - edge->below);
	edge->below_least = fmin(edge->below_most,
							fmax(rank_through((int) i - 1, n),
								 edge->below_most - lump));
	edge->through_most = fmax(edge->through_least,
							 fmin(rank_below(edge->end + 1, n),
								  edge->through_least + lump));
}

/* Values of a number on both sides, and its cuts one after the other. */
typedef struct Walk
{
	const double *quantiles;
	const uint64_t *cells;
	double		n_then;
	double		n_now;
	uint32_t	next;			/* quantile */
	double		before;			/* fresh rows below it */
} Walk;

/* Goes to the next value that is a quantile; false behind the last. */
static bool
next_edge(Walk *walk, Edge *edge)
{
	uint32_t	i = walk->next;

	if (i > STEPS)
		return false;
	walk->before += (double) walk->cells[2 * i];
	describe_cut(walk->quantiles, i, walk->n_then, walk->cells, walk->before,
				 walk->n_now, edge);
	walk->before += (double) walk->cells[2 * i + 1];
	walk->next = edge->end + 1;
	return true;
}

/*
 * The distance between the distribution functions, at the training
 * quantiles; the true one is at most 1/40 greater.
 */
static void
measure_distance(Walk walk, ForestDrift *drift)
{
	double		lower = 0.0;
	double		higher = 0.0;
	Edge			edge;

	while (next_edge(&walk, &edge))
	{
		lower = fmax(lower, edge.below - edge.below_most);
		higher = fmax(higher, edge.through_least - edge.through);
	}
	drift->ks = fmax(lower, higher);
	drift->direction = (higher > lower) - (higher < lower);
}

/* The value, or the limit that it is beyond; least <= most. */
static double
clamp(double value, double least, double most)
{
	return fmin(fmax(value, least), most);
}

/* Whether a value is or holds an inner decile: then bins end there. */
static bool
ends_bin(uint32_t first, const Edge *edge)
{
	uint32_t	decile = (first + BIN_STEPS - 1) / BIN_STEPS * BIN_STEPS;

	if (decile == 0)
		decile = BIN_STEPS;
	return decile <= edge->end && decile < STEPS;
}

/* Fills the ends of bins, as shares of values; returns how many. */
static uint32_t
find_bins(Walk walk, double *then, double *now)
{
	uint32_t	n = 0;
	uint32_t	first = 0;
	Edge			edge;

	while (next_edge(&walk, &edge))
	{
		if (ends_bin(first, &edge))
		{
			if (edge.is_lump)
			{
				then[n] = clamp(edge.below, edge.below_least, edge.below_most);
				now[n++] = edge.below;
			}
			then[n] = clamp(edge.through, edge.through_least,
							edge.through_most);
			now[n++] = edge.through;
		}
		first = walk.next;
	}
	then[n] = now[n] = 1.0;
	return n + 1;
}

/* Takes in the bins of a number; missing values are one of them. */
static void
take_number(Bins *bins, const Walk *walk, const ForestDriftBase *base,
			double missing)
{
	double		then[MAX_BINS];
	double		now[MAX_BINS];
	double		values_then = base->rows - base->missing;
	double		then_before = 0.0;
	double		now_before = 0.0;
	uint32_t	n = find_bins(*walk, then, now);

	for (uint32_t i = 0; i < n; i++)
	{
		/* an empty bin must not seem to have rows for want of precision */
		double		share_then = then[i] - then_before;
		double		share_now = now[i] - now_before;

		take_bin(bins, share_then < 1e-12 ? 0.0 : share_then * values_then,
				 share_now < 1e-12 ? 0.0 : share_now * walk->n_now);
		then_before = then[i];
		now_before = now[i];
	}
	take_bin(bins, base->missing, missing);
}

/* Where n values in the order of lengths, shortest first, have rank r. */
static double
length_at(const ForestCalibration *calibration, double r)
{
	const ForestPoint *points = calibration->points;
	uint32_t	i = 0;

	while (i + 1 < calibration->n_points && points[i].through <= r)
		i++;
	if (i > 0 && points[i].below > r)
		return 0.5 * (points[i - 1].length + points[i].length);
	return points[i].length;
}

/*
 * Fills the FOREST_QUANTILES of the scores behind a summary, which has
 * points: as those of a number among n_rows rows.
 */
void
forest_drift_score_quantiles(const ForestCalibration *calibration,
							 double *quantiles)
{
	double		n = calibration->n_rows;

	for (uint32_t i = 0; i < FOREST_QUANTILES; i++)
		quantiles[i] =
			forest_length_score(length_at(calibration,
										  n - quantile_rank(i, n)));
}

/*
 * The cell, below FOREST_DRIFT_CELLS, of a value that is no NaN: 2i between
 * quantiles i - 1 and i, 2i + 1 at quantile i, the first one of those alike.
 */
uint32_t
forest_drift_cell(const double *quantiles, double value)
{
	uint32_t	lo = 0;
	uint32_t	hi = FOREST_QUANTILES;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (quantiles[middle] < value)
			lo = middle + 1;
		else
			hi = middle;
	}
	return 2 * lo + (lo < FOREST_QUANTILES && quantiles[lo] == value);
}

/*
 * The drift of a number whose fresh rows were counted into cells, and of
 * whom so many were missing.  Without a value in the training rows (the
 * quantiles are NaN) all values are one bin.
 */
void
forest_drift_number(const ForestDriftBase *base, const uint64_t *cells,
					uint64_t missing, ForestDrift *drift)
{
	Bins		bins = {base->rows, 0.0, true, 0.0, 0.0};
	Walk		walk = {base->quantiles, cells, 0.0, 0.0, 0, 0.0};

	for (uint32_t i = 0; i < FOREST_DRIFT_CELLS; i++)
		walk.n_now += (double) cells[i];
	walk.n_then = fmax(rint(base->rows - base->missing), 1.0);
	bins.rows_now = walk.n_now + (double) missing;
	if (!begin_drift(bins.rows_then, bins.rows_now, drift))
		return;
	for (int pass = 0; pass < 2; pass++)
	{
		bins.counting = pass == 0;
		if (isnan(base->quantiles[0]) || walk.n_now == 0.0)
		{
			take_bin(&bins, base->rows - base->missing, walk.n_now);
			take_bin(&bins, base->missing, (double) missing);
		}
		else
			take_number(&bins, &walk, base, (double) missing);
	}
	judge(&bins, drift);
	if (!isnan(base->quantiles[0]) && walk.n_now > 0.0)
		measure_distance(walk, drift);
}

/*
 * The training rows of category i, as many as they tell; "once" is those of a
 * category that a single row had.
 */
static double
category_then(const ForestDriftBase *base, uint32_t i, double *once)
{
	double		then = base->category_rows[i] * base->evidence;

	*once = then < 1.5 ? then : 0.0;
	return then;
}

/*
 * Takes in the bins of a category.  Categories too rare for a bin of their
 * own share one.  Of these the training rows of a category that it saw once
 * stand for the categories that it did not see: as many rows are to be
 * expected of new ones (Good 1953).
 */
static void
take_category(Bins *bins, const ForestDriftBase *base, const uint64_t *rows,
			  double missing)
{
	double		all = bins->rows_then + bins->rows_now;
	double		fewer = fmin(bins->rows_then, bins->rows_now);
	double		once = 0.0;
	double		rare_then = 0.0;
	double		rare_now = 0.0;

	for (uint32_t i = 0; i < base->n_categories; i++)
	{
		double		single;
		double		then = category_then(base, i, &single);
		double		now = (double) rows[i];

		if ((then + now) / all * fewer >= CATEGORY_ROWS)
			take_bin(bins, then, now);
		else
		{
			rare_then += then;
			rare_now += now;
			once += single;
		}
	}
	take_bin(bins, rare_then - once, rare_now);
	take_bin(bins, once, (double) rows[base->n_categories]);
	take_bin(bins, base->missing, missing);
}

/*
 * The drift of a category: of its fresh rows so many had each category,
 * rows[n_categories] one that training did not see, and so many none.
 */
void
forest_drift_category(const ForestDriftBase *base, const uint64_t *rows,
					  uint64_t missing, ForestDrift *drift)
{
	Bins		bins = {base->rows, (double) missing, true, 0.0, 0.0};

	for (uint32_t i = 0; i <= base->n_categories; i++)
		bins.rows_now += (double) rows[i];
	if (!begin_drift(bins.rows_then, bins.rows_now, drift))
		return;
	take_category(&bins, base, rows, (double) missing);
	bins.counting = false;
	take_category(&bins, base, rows, (double) missing);
	judge(&bins, drift);
}

/*
 * The share of rows to be expected of categories that training did not see:
 * that of the categories it saw once (Good 1953).
 */
double
forest_drift_unseen(const ForestDriftBase *base)
{
	double		once = 0.0;

	for (uint32_t i = 0; i < base->n_categories; i++)
	{
		double		single;

		(void) category_then(base, i, &single);
		once += single;
	}
	return once / base->rows;
}
