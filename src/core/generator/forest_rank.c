/*-------------------------------------------------------------------------
 *
 * forest_rank.c
 *	  A column's values by their ranks: normal scores and back.
 *
 * A network learns easily what is normally distributed, and columns are not.
 * So a value becomes the score that as large a share of normal numbers is
 * below (van der Waerden 1952): any column looks normal then, and what the
 * network has to learn is how columns go together.  A value that many rows
 * share is an interval of scores.
 *
 * What leads back from a score is a curve of straight lines between knots.
 * A value that recurs is a flat stretch of it and comes back exactly, up to
 * FOREST_RANK_EXACT of them, the most frequent.  A value of a single row is no
 * knot that could come back by more than a freak of chance: those lie between
 * the curve's ends.  Where few values make up a column, its single ones give
 * their place to the neighbours, so that such a column has no values but
 * those.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/density/forest_density.h"
#include "core/density/forest_grid.h"
#include "core/format/forest_model.h"
#include "core/generator/forest_rank.h"
#include "core/net/forest_normal.h"

/* Knots that stretches without recurring values share, beyond their ends. */
#define BETWEEN_KNOTS	254

/* Rows a value that a column of few values has on the average. */
#define FEW_VALUES_ROWS	8

/* The curve while it is built. */
typedef struct Curve
{
	const ForestPair *atoms;	/* value and rows; ascending */
	uint32_t	n_atoms;
	uint64_t	n_rows;
	uint64_t	least_rows;		/* of a value that is kept as it is */
	bool		few;			/* only such values come back */
	ForestRankKnot *knots;
	uint32_t	n_knots;
} Curve;

/* The value of atom i of the column, in its own unit; perhaps an infinity. */
static double
atom_value(const Curve *curve, uint32_t i)
{
	return forest_sort_value(curve->atoms[i].key);
}

/* Whether atom i comes back exactly: many rows have it, or it is infinite. */
static bool
is_exact(const Curve *curve, uint32_t i)
{
	return curve->atoms[i].value >= curve->least_rows ||
		isinf(atom_value(curve, i));
}

/* Adds a knot; scores of shares 0 and 1 are those of a quarter of a row. */
static void
add_knot(Curve *curve, double rows, double value)
{
	double		n = (double) curve->n_rows;
	double		share = rows / n;
	double		edge = 0.25 / n;
	ForestRankKnot *knot = &curve->knots[curve->n_knots++];

	share = share < edge ? edge : share > 1.0 - edge ? 1.0 - edge : share;
	knot->score = forest_normal_quantile(share);
	knot->value = value;
}

/* The fewest rows that FOREST_RANK_EXACT values at most have, 2 or more. */
static uint64_t
find_least_rows(const Curve *curve)
{
	uint64_t	lo = 2;
	uint64_t	hi = curve->n_rows + 1;

	while (lo < hi)
	{
		uint64_t	middle = lo + (hi - lo) / 2;
		uint32_t	n = 0;

		for (uint32_t i = 0; i < curve->n_atoms; i++)
		{
			n += curve->atoms[i].value >= middle;
			forest_pause_at(i);
		}
		if (n <= FOREST_RANK_EXACT)
			hi = middle;
		else
			lo = middle + 1;
		forest_pause();
	}
	return lo;
}

/* The value that lies so far, 0 .. 1, from one to another. */
static double
between(double from, double to, double part)
{
	double		value = from * (1.0 - part) + to * part;

	return value < from ? from : value > to ? to : value;
}

/*
 * Where a stretch of values begins or ends: half way to the value that is
 * kept beside it, or, at an end of the column, inside of its last value.
 */
static double
stretch_end(const Curve *curve, uint32_t own, uint32_t inner, bool has_beside,
			uint32_t beside)
{
	double		value = atom_value(curve, own);

	if (has_beside && isfinite(atom_value(curve, beside)))
		return 0.5 * value + 0.5 * atom_value(curve, beside);
	if (isinf(atom_value(curve, inner)))
		return value;
	return 0.75 * value + 0.25 * atom_value(curve, inner);
}

/* Adds the stretch of values first .. last, of which "below" rows are below. */
static void
add_stretch(Curve *curve, uint32_t first, uint32_t last, uint64_t below,
			uint64_t rows)
{
	double		place = (double) below;
	bool		at_end = last + 1 == curve->n_atoms;
	double		value = stretch_end(curve, first, at_end && first == last ?
									first - 1 : first + 1, first > 0, first - 1);
	double		end = stretch_end(curve, last, first == 0 && first == last ?
								  last + 1 : last - 1, !at_end, last + 1);
	uint32_t	n = (uint32_t) (BETWEEN_KNOTS * rows / curve->n_rows);
	uint32_t	i = first;
	uint64_t	done = below;
	uint32_t	k = 1;

	n = n < last - first + 1 ? n : last - first + 1;
	add_knot(curve, place, value);
	for (; i <= last; done += curve->atoms[i].value, i++)
	{
		double		center =
			(double) done + 0.5 * (double) curve->atoms[i].value;
		double		next = atom_value(curve, i);

		forest_pause_at(i);
		if ((i == first && first == 0) ||
			(i == last && at_end))
			continue;			/* the ends are inside of these */
		next = next < value ? value : next > end ? end : next;
		/* dense towards the ends, where few rows are far apart */
		for (; k <= n; k++)
		{
			double		t = (double) k / (n + 1);
			double		wanted = (double) below +
				t * t * (3.0 - 2.0 * t) * (double) rows;

			if (wanted > center)
				break;
			add_knot(curve, wanted, between(value, next,
											(wanted - place) / (center - place)));
		}
		place = center;
		value = next;
	}
	add_knot(curve, (double) (below + rows), end);
}

/* Adds the rows of values first .. last, none of which is kept. */
static void
add_between(Curve *curve, uint32_t first, uint32_t last, uint64_t below,
			uint64_t rows)
{
	bool		left = first > 0;
	bool		right = last + 1 < curve->n_atoms;

	if (!curve->few || (!left && !right))
	{
		add_stretch(curve, first, last, below, rows);
		return;
	}
	if (left)
		add_knot(curve, (double) below + (right ? 0.5 : 1.0) * (double) rows,
				 atom_value(curve, first - 1));
	if (right)
		add_knot(curve, (double) below + (left ? 0.5 : 0.0) * (double) rows,
				 atom_value(curve, last + 1));
}

/*
 * Writes the curve of a column of at least one value, at most
 * FOREST_RANK_KNOTS knots and 4 a row; returns how many.  The atoms are its
 * values (forest_sort_key) and their rows, ascending, none of them 0.
 */
uint32_t
forest_rank_knots(const ForestPair *atoms, uint32_t n_atoms,
				  ForestRankKnot *knots)
{
	Curve		curve = {atoms, n_atoms, 0, 0, false, knots, 0};
	uint64_t	below = 0;

	for (uint32_t i = 0; i < n_atoms; i++)
	{
		curve.n_rows += atoms[i].value;
		forest_pause_at(i);
	}
	curve.least_rows = find_least_rows(&curve);
	curve.few = n_atoms <= FOREST_RANK_EXACT &&
		curve.n_rows >= (uint64_t) FEW_VALUES_ROWS * n_atoms;
	for (uint32_t i = 0; i < n_atoms;)
	{
		uint32_t	first = i;
		uint64_t	rows = 0;

		if (is_exact(&curve, i) || n_atoms == 1)
		{
			add_knot(&curve, (double) below, atom_value(&curve, i));
			below += atoms[i].value;
			add_knot(&curve, (double) below, atom_value(&curve, i));
			i++;
			continue;
		}
		for (; i < n_atoms && !is_exact(&curve, i); i++)
		{
			rows += atoms[i].value;
			forest_pause_at(i);
		}
		add_between(&curve, first, i - 1, below, rows);
		below += rows;
	}
	return curve.n_knots;
}

/* The value of the column's grid nearest to a value. */
double
forest_rank_round(const ForestRank *rank, double value)
{
	ForestCells cells = {0};

	cells.origin = rank->grid.origin;
	cells.step = rank->grid.step;
	cells.per_unit = rank->grid.per_unit;
	return forest_grid_round(&cells, value);
}

/* Finds the coarsest grid that all values of a column lie on. */
void
forest_rank_grid(const ForestPair *atoms, uint32_t n_atoms, uint32_t type,
				 ForestGrid *grid)
{
	double		values[FOREST_QUANTILES];
	ForestCurve curve = {.values = values};	/* the grid needs no shares */
	ForestCells cells = {0};
	uint32_t	first = 0;
	uint32_t	last = n_atoms;

	*grid = (ForestGrid) {0.0, 0.0, 1.0};
	while (first < last && isinf(forest_sort_value(atoms[first].key)))
		first++;
	while (last > first && isinf(forest_sort_value(atoms[last - 1].key)))
		last--;
	if (first == last)
		return;
	for (uint32_t i = 0; i < FOREST_QUANTILES; i++)
	{
		double		value = forest_sort_value(atoms[first + (uint64_t)
													(last - 1 - first) * i /
													(FOREST_QUANTILES - 1)].key);

		if (curve.n == 0 || value > values[curve.n - 1])
			values[curve.n++] = value;
	}
	cells.least = values[0];
	cells.greatest = values[curve.n - 1];
	forest_grid_find(type, &curve, &cells);
	for (uint32_t i = first; i < last && cells.step > 0.0; i++)
	{
		double		value = forest_sort_value(atoms[i].key);
		double		off = fabs(forest_grid_round(&cells, value) - value);

		if (!(off <= forest_grid_slack(&cells) ||
			  off <= fabs(value) * 1e-7))
			return;
		forest_pause_at(i);
	}
	*grid = (ForestGrid) {cells.origin, cells.step, cells.per_unit};
}

/* The last knot whose score is not above; the first if there is none. */
static uint32_t
find_knot(const ForestRank *rank, double score)
{
	uint32_t	lo = 0;
	uint32_t	hi = rank->n_knots;

	while (hi - lo > 1)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (rank->knots[middle].score <= score)
			lo = middle;
		else
			hi = middle;
	}
	return lo;
}

/*
 * The value of a score, of a column that has values; any score will do.  Flat
 * stretches give their value, others values of the grid.
 */
double
forest_rank_value(const ForestRank *rank, double score)
{
	uint32_t	i = find_knot(rank, score);
	const ForestRankKnot *knot = &rank->knots[i];
	double		value = knot->value;

	if (i + 1 < rank->n_knots)
	{
		if (knot[1].value == value)
			return value;
		if (score > knot->score)
			value = between(value, knot[1].value, (score - knot->score) /
							(knot[1].score - knot->score));
	}
	else if (i > 0 && knot[-1].value == value)
		return value;
	return forest_rank_round(rank, value);
}

/* The score of a value by the curve; of a flat stretch, its lower end. */
static double
curve_score(const ForestRank *rank, double value)
{
	const ForestRankKnot *knots = rank->knots;
	uint32_t	lo = 0;
	uint32_t	hi = rank->n_knots;

	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (knots[middle].value < value)
			lo = middle + 1;
		else
			hi = middle;
	}
	if (lo == rank->n_knots)
		return knots[lo - 1].score;
	if (lo == 0 || knots[lo].value == value || isinf(knots[lo].value) ||
		isinf(knots[lo - 1].value))
		return knots[lo].score;
	return knots[lo - 1].score + (knots[lo].score - knots[lo - 1].score) *
		((value - knots[lo - 1].value) /
		 (knots[lo].value - knots[lo - 1].value));
}

/*
 * Fills in the interval of scores of a value, which need not be one that was
 * seen, of a column that has values.  Ends of the curve have none beyond.
 */
void
forest_rank_interval(const ForestRank *rank, uint32_t n_rows, double value,
					 double *low, double *high)
{
	const ForestRankKnot *knots = rank->knots;
	const ForestRankKnot *end = knots + rank->n_knots - 1;
	double		half = 0.5 * rank->grid.step / rank->grid.per_unit;
	double		score = curve_score(rank, value);
	double		density = 0.3989422804014327 * forest_exp(-0.5 * score * score);
	double		least = 0.5 / (n_rows * density);
	uint32_t	first = find_knot(rank, score);
	uint32_t	last = first;

	/* a flat stretch */
	while (first > 0 && knots[first - 1].value == value)
		first--;
	while (last + 1 < rank->n_knots && knots[last + 1].value == value)
		last++;
	if (first < last && knots[first].value == value)
	{
		*low = knots[first].score;
		*high = knots[last].score;
	}
	else
	{
		*low = half > 0.0 ? curve_score(rank, value - half) : score;
		*high = half > 0.0 ? curve_score(rank, value + half) : score;
		least = least > 0.25 ? 0.25 : least;
		*low = *low > score - least ? score - least : *low;
		*high = *high < score + least ? score + least : *high;
	}
	if (value <= knots->value)
		*low = -FOREST_RANK_MOST;
	if (value >= end->value)
		*high = FOREST_RANK_MOST;
}
