/*-------------------------------------------------------------------------
 *
 * test_calibration.c
 *	  The calibration: ranks and thresholds against the whole distribution.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/score/forest_walk.h"
#include "core/stats/forest_calibration.h"

#include "unit.h"

#define MAX_MASSES	250000

/* Lengths with their rows, ascending, and the calibration made of them. */
typedef struct Distribution
{
	uint32_t	n;
	uint64_t	n_rows;
	ForestPair *masses;
	ForestPoint *points;
	ForestCalibration calibration;
} Distribution;

/* The ways lengths are drawn. */
typedef enum Shape
{
	SMOOTH,						/* no two alike */
	LUMPY,						/* few lengths, many rows each */
	ONE_LUMP,					/* half of the rows are alike */
	WEIGHTED,					/* masses of many rows */
	N_SHAPES
} Shape;

/* Draws n masses and makes their summary. */
static void
distribution_init(Distribution *d, uint32_t n, Shape shape, uint64_t seed)
{
	ForestPair *temporary = malloc(n * sizeof(ForestPair));
	ForestRng	rng;

	d->n = n;
	d->n_rows = 0;
	d->masses = malloc(n * sizeof(ForestPair));
	d->points = malloc(FOREST_MAX_POINTS * sizeof(ForestPoint));
	forest_rng_init(&rng, seed, 0);
	for (uint32_t i = 0; i < n; i++)
	{
		double		u = forest_rng_double(&rng);
		double		length = 0.5 + u * u;
		uint64_t	rows = 1;

		if (shape == LUMPY)
			length = 0.5 + floor(u * 20.0) / 8.0;
		else if (shape == ONE_LUMP && u > 0.25 && u < 0.75)
			length = 0.75;
		else if (shape == WEIGHTED)
			rows = 1 + forest_rng_below(&rng, 50);
		d->masses[i] = (ForestPair) {forest_sort_key(length), rows};
		d->n_rows += rows;
	}
	forest_calibrate(d->masses, temporary, n, d->points, &d->calibration);
	free(temporary);
}

static void
distribution_free(Distribution *d)
{
	free(d->masses);
	free(d->points);
}

/* What forest_open demands of a calibration's points. */
static void
require_sound(const Distribution *d)
{
	const ForestCalibration *c = &d->calibration;

	REQUIRE(c->n_points >= 1 && c->n_points <= FOREST_MAX_POINTS);
	REQUIRE(c->n_rows == d->n_rows);
	REQUIRE(c->points[0].below == 0);
	REQUIRE(c->points[c->n_points - 1].through == c->n_rows);
	for (uint32_t i = 0; i < c->n_points; i++)
	{
		REQUIRE(c->points[i].below < c->points[i].through);
		REQUIRE(forest_rows_at_least(c, c->points[i].length) ==
				c->points[i].through);
		if (i == 0)
			continue;
		REQUIRE(c->points[i].length > c->points[i - 1].length);
		REQUIRE(c->points[i].below >= c->points[i - 1].through);
	}
}

/* Compares ranks at and between all lengths with the true ones. */
static double
worst_rank(const Distribution *d)
{
	double		worst = 0.0;
	uint64_t	shorter = 0;

	for (uint32_t i = 0; i < d->n;)
	{
		uint64_t	key = d->masses[i].key;
		double		length = forest_sort_value(key);
		uint64_t	through = shorter;
		double		here = forest_rows_at_least(&d->calibration, length);
		double		before = forest_rows_at_least(&d->calibration,
												  nextafter(length, 0.0));

		while (i < d->n && d->masses[i].key == key)
			through += d->masses[i++].value;
		worst = fmax(worst, fabs(here - (double) through));
		worst = fmax(worst, fabs(before - (double) shorter));
		REQUIRE(before <= here);
		if (through * 100 <= d->n_rows && d->n_rows < 102400)
			REQUIRE(here == (double) through);
		shorter = through;
	}
	REQUIRE(forest_rows_at_least(&d->calibration, 0.0) == 0.0);
	REQUIRE(forest_rows_at_least(&d->calibration, 100.0) ==
			(double) d->n_rows);
	return worst / (double) d->n_rows;
}

/* Sizes about the places where the rules for points change. */
static const uint32_t sizes[] = {
	1, 2, 3, 10, 99, 100, 101, 509, 511, 1000, 5000, 102399, 102401, 150000,
	204799, MAX_MASSES
};

#define N_SIZES	(sizeof(sizes) / sizeof(sizes[0]))

/* Ranks are good to a thousandth, for any distribution. */
static void
test_ranks(void)
{
	double		worst = 0.0;

	claim("a calibration is sound and its ranks are right to 1e-3");
	for (uint32_t i = 0; i < N_SIZES; i++)
	{
		for (int shape = 0; shape < N_SHAPES; shape++)
		{
			Distribution d;

			unit_case = sizes[i] * 10ULL + (unsigned int) shape;
			distribution_init(&d, sizes[i], (Shape) shape, unit_case);
			require_sound(&d);
			worst = fmax(worst, worst_rank(&d));
			distribution_free(&d);
		}
	}
	printf("# seeds 10 to %llu, worst rank off by %.2g, threshold 1e-3\n",
		   unit_case, worst);
	REQUIRE(worst < 1e-3);
	proven();
}

/* Cuts leave at most the share asked for, and in the tail just that. */
static void
test_cuts(void)
{
	static const double shares[] = {0.0, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5};

	claim("a cut has at most the share of rows, and hardly less");
	for (uint32_t i = 0; i < N_SIZES; i++)
	{
		for (int shape = 0; shape < N_SHAPES; shape++)
		{
			Distribution d;

			unit_case = sizes[i] * 10ULL + (unsigned int) shape;
			distribution_init(&d, sizes[i], (Shape) shape, unit_case);
			for (int s = 0; s < 7; s++)
			{
				double		cut = forest_threshold(&d.calibration, shares[s]);
				double		rows = (double) d.n_rows;
				uint64_t	shorter = 0;
				uint64_t	equal = 0;

				for (uint32_t j = 0; j < d.n; j++)
				{
					double		length = forest_sort_value(d.masses[j].key);

					shorter += length < cut ? d.masses[j].value : 0;
					equal += length == cut ? d.masses[j].value : 0;
				}
				REQUIRE((double) shorter <= shares[s] * rows);
				REQUIRE(equal > 0);
				/* the next cut would have too many, but for the gap */
				REQUIRE((double) (shorter + equal) > shares[s] * rows -
						0.002 * rows - 1.0);
				if (shares[s] < 0.01 && d.n_rows < 102400)
					REQUIRE((double) (shorter + equal) >
							floor(shares[s] * rows));
			}
			distribution_free(&d);
		}
	}
	proven();
}

/* The order in which masses come does not matter. */
static void
test_order(void)
{
	Distribution a;
	Distribution b;
	ForestPair *temporary = malloc(3000 * sizeof(ForestPair));

	claim("the calibration of rows in another order is the same");
	distribution_init(&a, 3000, WEIGHTED, 5);
	distribution_init(&b, 3000, WEIGHTED, 5);
	for (uint32_t i = 0; i < 1500; i++)
	{
		ForestPair	swap = b.masses[i];

		b.masses[i] = b.masses[2999 - i];
		b.masses[2999 - i] = swap;
	}
	forest_calibrate(b.masses, temporary, 3000, b.points, &b.calibration);
	REQUIRE(a.calibration.n_points == b.calibration.n_points);
	for (uint32_t i = 0; i < a.calibration.n_points; i++)
	{
		REQUIRE(a.points[i].length == b.points[i].length);
		REQUIRE(a.points[i].below == b.points[i].below);
		REQUIRE(a.points[i].through == b.points[i].through);
	}
	distribution_free(&a);
	distribution_free(&b);
	free(temporary);
	proven();
}

/* A limit on the sum stands for a limit on the score, to the last bit. */
static void
test_sum_limit(void)
{
	const uint64_t seed = 51;
	ForestRng	rng;

	claim("a score is above a limit exactly if the sum is below its limit");
	forest_rng_init(&rng, seed, 0);
	for (unit_case = 0; unit_case < 3000; unit_case++)
	{
		uint32_t	n_trees = 1 + forest_rng_below(&rng, 1000);
		uint32_t	scale = 30 + forest_rng_below(&rng, 19);
		double		score = forest_rng_double(&rng);
		int64_t		limit;

		/* scores that rows have, and any */
		if (unit_case % 2 == 0)
			score = forest_score((int64_t) (forest_rng_next(&rng) >> 14),
								 scale, n_trees);
		limit = forest_sum_limit(score, scale, n_trees);
		REQUIRE(limit >= 0);
		REQUIRE(forest_score(limit, scale, n_trees) <= score);
		REQUIRE(limit == 0 ||
				forest_score(limit - 1, scale, n_trees) > score);
	}
	REQUIRE(forest_sum_limit(1.0, 48, 100) == 0);
	REQUIRE(forest_sum_limit(2.0, 48, 100) == 0);
	REQUIRE(forest_sum_limit(-1.0, 48, 100) == INT64_MAX);
	proven();
}

/* Sort keys order as doubles do and lead back to them. */
static void
test_sort(void)
{
	static const double ordered[] = {
		-INFINITY, -1e300, -1.0, -1e-300, -0x1p-1074, -0.0, 0.0, 0x1p-1074,
		1e-300, 1.0, 1e300, INFINITY
	};
	enum
	{
		N = 1000
	};
	static ForestPair pairs[N];
	static ForestPair temporary[N];
	ForestRng	rng;

	claim("sort keys order as the doubles do");
	for (int i = 0; i < 12; i++)
	{
		double		back = forest_sort_value(forest_sort_key(ordered[i]));

		REQUIRE(memcmp(&back, &ordered[i], sizeof(back)) == 0);
		if (i > 0)
			REQUIRE(forest_sort_key(ordered[i]) >
					forest_sort_key(ordered[i - 1]));
	}
	proven();

	claim("the sort is right and stable for every length");
	forest_rng_init(&rng, 52, 0);
	for (uint32_t n = 0; n <= N; n = n < 70 ? n + 1 : n + 93)
	{
		unit_case = n;
		for (uint32_t i = 0; i < n; i++)
			pairs[i] = (ForestPair) {forest_rng_below(&rng, 1 + n / 3), i};
		forest_sort(pairs, temporary, n);
		for (uint32_t i = 1; i < n; i++)
			REQUIRE(pairs[i - 1].key < pairs[i].key ||
					(pairs[i - 1].key == pairs[i].key &&
					 pairs[i - 1].value < pairs[i].value));
	}
	proven();
}

int
main(void)
{
	test_ranks();
	test_cuts();
	test_order();
	test_sum_limit();
	test_sort();
	return unit_done();
}
