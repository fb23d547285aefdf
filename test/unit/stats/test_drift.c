/*-------------------------------------------------------------------------
 *
 * test_drift.c
 *	  Drift: what counts of fresh rows say beside a profile.
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
#include "core/stats/forest_drift.h"

#include "statistics.h"
#include "unit.h"

#define CELLS	FOREST_DRIFT_CELLS
#define STEPS	(FOREST_QUANTILES - 1)

/* A number's training rows and fresh ones. */
typedef struct Number
{
	double		quantiles[FOREST_QUANTILES];
	uint64_t	cells[CELLS];
	uint64_t	missing;
	ForestDriftBase base;
	ForestDrift drift;
} Number;

/* Where of n sorted values quantile i is: at least that share is up to it. */
static int
place_of(int i, int n)
{
	int			k = 0;

	while (STEPS * (k + 1) < i * n)
		k++;
	return k;
}

/* Starts with training values, which it sorts; their quantiles are kept. */
static void
number_train(Number *number, double *values, int n, double missing)
{
	memset(number, 0, sizeof(*number));
	qsort(values, (size_t) n, sizeof(*values), compare_doubles);
	for (int i = 0; i < FOREST_QUANTILES; i++)
		number->quantiles[i] = n == 0 ? NAN :
			values[place_of(i, n)];
	number->base.rows = n + missing;
	number->base.missing = missing;
	number->base.quantiles = number->quantiles;
}

/* Counts so many fresh rows of one value. */
static void
number_add(Number *number, double value, uint64_t rows)
{
	number->cells[forest_drift_cell(number->quantiles, value)] += rows;
}

static const ForestDrift *
number_drift(Number *number)
{
	forest_drift_number(&number->base, number->cells, number->missing,
						&number->drift);
	return &number->drift;
}

/* What of the index lies above what is reported. */
static double
whole_index(const ForestDrift *drift)
{
	return drift->psi + drift->chance;
}

static bool
is_near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

/* A value's place among quantiles that may be alike. */
static void
test_cells(void)
{
	double		quantiles[FOREST_QUANTILES];

	claim("a value's cell is between the quantiles around it, or at the first of those alike");
	for (int i = 0; i < FOREST_QUANTILES; i++)
		quantiles[i] = i < 10 ? -INFINITY : i < 20 ? 7.0 : i;
	quantiles[STEPS] = INFINITY;
	REQUIRE(forest_drift_cell(quantiles, -INFINITY) == 1);
	REQUIRE(forest_drift_cell(quantiles, -1e300) == 20);
	REQUIRE(forest_drift_cell(quantiles, 7.0) == 21);
	REQUIRE(forest_drift_cell(quantiles, 19.0) == 40);
	REQUIRE(forest_drift_cell(quantiles, 20.0) == 41);
	REQUIRE(forest_drift_cell(quantiles, 20.5) == 42);
	REQUIRE(forest_drift_cell(quantiles, 1e300) == 80);
	REQUIRE(forest_drift_cell(quantiles, INFINITY) == 81);
	quantiles[STEPS] = 40.0;
	REQUIRE(forest_drift_cell(quantiles, INFINITY) == CELLS - 1);
	for (int i = 0; i < FOREST_QUANTILES; i++)
		quantiles[i] = NAN;
	REQUIRE(forest_drift_cell(quantiles, 0.0) < CELLS);
	proven();
}

/* The same rows again. */
static void
test_no_drift(void)
{
	static const int sizes[] = {1, 2, 5, 10, 41, 100, 1000};
	double		values[1000];
	Number		number;

	claim("the training rows themselves have not drifted, however they repeat");
	for (int s = 0; s < 7; s++)
	{
		for (int step = 1; step <= 1000; step *= 10)
		{
			unit_case = (unsigned long long) (sizes[s] * 10000 + step);
			for (int i = 0; i < sizes[s]; i++)
				values[i] = i / step;
			number_train(&number, values, sizes[s], 3.0);
			for (int i = 0; i < sizes[s]; i++)
				number_add(&number, i / step, 1);
			number.missing = 3;
			(void) number_drift(&number);
			REQUIRE(number.drift.psi == 0.0);
			REQUIRE(number.drift.ks < 1e-12);
		}
	}
	proven();
}

/* Numbers small enough to follow. */
static void
test_by_hand(void)
{
	static const uint32_t then[] = {500, 500};
	static const uint64_t now[] = {600, 400, 0};
	ForestDriftBase base = {1000, 0, 1, NULL, then, 2};
	double		values[1000];
	double		expected;
	ForestDrift drift;
	Number		number;

	claim("index and distance are those counted by hand");
	/* half a row is added to each bin on either side */
	expected = (600.5 - 500.5) / 1001 * log(600.5 / 500.5) +
		(400.5 - 500.5) / 1001 * log(400.5 / 500.5);
	forest_drift_category(&base, now, 0, &drift);
	REQUIRE(is_near(whole_index(&drift), expected));
	REQUIRE(is_near(drift.chance, 0.002));
	REQUIRE(isnan(drift.ks) && drift.direction == 0);
	REQUIRE(!drift.small_sample && drift.verdict == FOREST_DRIFT_STABLE);

	/* 1000 different values; the upper half of them again, twice each */
	for (int i = 0; i < 1000; i++)
		values[i] = i;
	number_train(&number, values, 1000, 0.0);
	for (int i = 500; i < 1000; i++)
		number_add(&number, i, 2);
	(void) number_drift(&number);
	REQUIRE(fabs(number.drift.ks - 0.5) < 0.01);
	REQUIRE(number.drift.direction == 1);
	REQUIRE(is_near(number.drift.chance, 9 * 0.002));
	REQUIRE(number.drift.verdict == FOREST_DRIFT_IS_LARGE);
	expected = 5 * (200.5 - 100.5) / 1005 * log(200.5 / 100.5) +
		5 * (0.5 - 100.5) / 1005 * log(0.5 / 100.5);
	REQUIRE(fabs(whole_index(&number.drift) / expected - 1.0) < 0.02);
	proven();
}

/* A flag: quantiles tell its share to a fortieth only. */
static void
test_lumps(void)
{
	double		values[1000];
	Number		number;

	claim("shares that quantiles leave open are no drift, others are");
	for (int set = 0; set <= 1000; set += 25)
	{
		for (int now = 0; now <= 1000; now += 50)
		{
			unit_case = (unsigned long long) (set * 10000 + now);
			for (int i = 0; i < 1000; i++)
				values[i] = i < set;
			number_train(&number, values, 1000, 0.0);
			number_add(&number, 1.0, (uint64_t) now);
			number_add(&number, 0.0, (uint64_t) (1000 - now));
			(void) number_drift(&number);
			if (abs(set - now) <= 25 && set % 1000 > 0 && now % 1000 > 0)
				REQUIRE(number.drift.psi <= 0.02);
			if (abs(set - now) >= 250)
				REQUIRE(number.drift.verdict >= FOREST_DRIFT_IS_MODERATE);
			REQUIRE(number.drift.ks <= abs(set - now) / 1000.0 + 1e-9);
			REQUIRE(number.drift.ks >= abs(set - now) / 1000.0 - 0.026);
		}
	}
	proven();
}

/* A column that never changed. */
static void
test_constant(void)
{
	double		values[500];
	Number		number;

	claim("values beside a constant are drift in the direction they lie");
	for (int side = -1; side <= 1; side++)
	{
		for (int i = 0; i < 500; i++)
			values[i] = 7.0;
		number_train(&number, values, 500, 0.0);
		number_add(&number, 7.0, 400);
		number_add(&number, 7.0 + side, 100);
		(void) number_drift(&number);
		REQUIRE(is_near(number.drift.ks, side == 0 ? 0.0 : 0.2));
		REQUIRE(number.drift.direction == side);
		REQUIRE((number.drift.verdict == FOREST_DRIFT_IS_LARGE) == (side != 0));
	}
	proven();
}

/* What is no value. */
static void
test_missing_and_unseen(void)
{
	static const uint32_t then[] = {400, 599, 1};
	static const uint32_t often[] = {20000, 29950, 50};	/* of 1000 rows */
	static const uint64_t same[] = {400, 599, 0, 1};
	static const uint64_t unseen[] = {370, 530, 0, 100};
	ForestDriftBase base = {1000, 0, 1, NULL, then, 3};
	ForestDrift drift;
	double		values[1000];
	Number		number;

	claim("missing values and unseen categories are bins");
	REQUIRE(is_near(forest_drift_unseen(&base), 0.001));
	forest_drift_category(&base, same, 0, &drift);
	REQUIRE(drift.verdict == FOREST_DRIFT_STABLE && drift.psi == 0.0);
	forest_drift_category(&base, unseen, 0, &drift);
	REQUIRE(drift.verdict == FOREST_DRIFT_IS_LARGE);
	forest_drift_category(&base, same, 100, &drift);
	REQUIRE(drift.verdict == FOREST_DRIFT_IS_LARGE);
	base.category_rows = often;
	base.evidence = 0.02;
	REQUIRE(is_near(forest_drift_unseen(&base), 0.001));
	forest_drift_category(&base, same, 0, &drift);
	REQUIRE(drift.verdict == FOREST_DRIFT_STABLE && drift.psi == 0.0);

	for (int i = 0; i < 1000; i++)
		values[i] = i;
	number_train(&number, values, 900, 100.0);
	for (int i = 0; i < 900; i++)
		number_add(&number, i, 1);
	number.missing = 100;
	REQUIRE(number_drift(&number)->psi == 0.0);
	number.missing = 300;
	REQUIRE(number_drift(&number)->verdict == FOREST_DRIFT_IS_MODERATE);
	REQUIRE(number.drift.ks < 1e-9);
	proven();
}

/* Sides without rows. */
static void
test_no_rows(void)
{
	static const uint32_t then[] = {0};
	static const uint64_t rows[] = {0, 0};
	ForestDriftBase base = {0, 0, 1, NULL, then, 1};
	double		values[10] = {0};
	ForestDrift drift;
	Number		number;

	claim("without rows there is nothing to tell");
	forest_drift_category(&base, rows, 5, &drift);
	REQUIRE(isnan(drift.psi) && drift.verdict == FOREST_DRIFT_TOO_FEW_ROWS);
	base.rows = 5;
	forest_drift_category(&base, rows, 0, &drift);
	REQUIRE(isnan(drift.psi) && drift.verdict == FOREST_DRIFT_TOO_FEW_ROWS);
	number_train(&number, values, 10, 0.0);
	REQUIRE(isnan(number_drift(&number)->psi));
	number.missing = 1000;
	REQUIRE(isnan(number_drift(&number)->ks) && number.drift.psi > 1.0);
	/* no training row had a value */
	number_train(&number, values, 0, 100.0);
	number.missing = 1000;
	REQUIRE(number_drift(&number)->psi == 0.0 && isnan(number.drift.ks));
	number_add(&number, 5.0, 1000);
	REQUIRE(number_drift(&number)->verdict == FOREST_DRIFT_IS_LARGE);
	proven();
}

/* A normal variable (Box and Muller). */
static double
draw_normal(ForestRng *rng)
{
	double		u = 1.0 - forest_rng_double(rng);
	double		v = forest_rng_double(rng);

	return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

/* Draws training values and fresh ones that lie "shift" higher. */
static void
draw_number(Number *number, int n_then, int n_now, double shift,
			ForestRng *rng)
{
	double	   *values = malloc((size_t) n_then * sizeof(double));

	for (int i = 0; i < n_then; i++)
		values[i] = draw_normal(rng);
	number_train(number, values, n_then, 0.0);
	for (int i = 0; i < n_now; i++)
		number_add(number, draw_normal(rng) + shift, 1);
	free(values);
	(void) number_drift(number);
}

/* The chance that is taken off, and the limit a verdict needs. */
static void
test_chance(void)
{
	static const int sizes[][2] =
		{{4000, 50}, {4000, 1000}, {1000, 1000}, {300, 4000}};
	const uint64_t seed = 7;
	ForestRng	rng;
	Number		number;

	claim("without drift the index is what chance is said to give, and no verdict errs");
	forest_rng_init(&rng, seed, 0);
	for (int s = 0; s < 4; s++)
	{
		double		sum = 0.0;
		uint32_t	wrong = 0;

		for (int i = 0; i < 2000; i++)
		{
			draw_number(&number, sizes[s][0], sizes[s][1], 0.0, &rng);
			/* psi is cut off at 0: half of it is seen */
			sum += number.drift.psi / number.drift.chance;
			wrong += number.drift.verdict >= FOREST_DRIFT_IS_MODERATE;
		}
		/* E max(X - 9, 0) / 9 of a chi-square X with 9 degrees is 0.186 */
		REQUIRE(is_below("mean of psi / chance", seed, fabs(sum / 2000 - 0.186),
						 0.06));
		REQUIRE(is_below("wrong verdicts of 2000", seed, wrong, 9));
	}
	proven();
}

/* Small samples say so, and large drift is seen in them none the less. */
static void
test_small_samples(void)
{
	ForestRng	rng;
	Number		number;

	claim("few rows are too few for a verdict, unless the drift is beyond doubt");
	forest_rng_init(&rng, 11, 0);
	for (int i = 0; i < 100; i++)
	{
		draw_number(&number, 4000, 20, 0.0, &rng);
		REQUIRE(number.drift.small_sample);
		REQUIRE(number.drift.verdict == FOREST_DRIFT_TOO_FEW_ROWS);
		draw_number(&number, 4000, 20, 3.0, &rng);
		REQUIRE(number.drift.verdict == FOREST_DRIFT_IS_LARGE);
		draw_number(&number, 4000, 1000, 1.0, &rng);
		REQUIRE(!number.drift.small_sample);
		REQUIRE(number.drift.verdict == FOREST_DRIFT_IS_LARGE);
	}
	proven();
}

/* Scores come as lengths, in the other direction. */
static void
test_score_quantiles(void)
{
	ForestPair	masses[1000];
	ForestPair	temporary[1000];
	ForestPoint points[FOREST_MAX_POINTS];
	double		quantiles[FOREST_QUANTILES];
	ForestCalibration calibration;

	claim("the quantiles of a calibration are those of its scores");
	for (int i = 0; i < 1000; i++)
		masses[i] = (ForestPair) {forest_sort_key(1.0 + i), 1};
	forest_calibrate(masses, temporary, 1000, points, &calibration);
	forest_drift_score_quantiles(&calibration, quantiles);
	for (int i = 0; i < FOREST_QUANTILES; i++)
	{
		double		length = 1.0 + 999 - place_of(i, 1000);

		unit_case = (unsigned long long) i;
		/* between two points it may be off by a thousandth of the rows */
		REQUIRE(quantiles[i] <= forest_length_score(length - 1.0));
		REQUIRE(quantiles[i] >= forest_length_score(length + 1.0));
		REQUIRE(i == 0 || quantiles[i] > quantiles[i - 1]);
	}
	proven();
}

int
main(void)
{
	test_cells();
	test_no_drift();
	test_by_hand();
	test_lumps();
	test_constant();
	test_missing_and_unseen();
	test_no_rows();
	test_chance();
	test_small_samples();
	test_score_quantiles();
	return unit_done();
}
