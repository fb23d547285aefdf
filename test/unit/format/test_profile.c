/*-------------------------------------------------------------------------
 *
 * test_profile.c
 *	  Knots of a number's values, and the curve that they make: quantiles,
 *	  shares, means and what is expected, against the values themselves.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/density/forest_conditional.h"
#include "core/density/forest_curve.h"
#include "core/density/forest_density.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_expect.h"
#include "core/density/forest_grid.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"

#include "density_source.h"

/* Opens a source of one number, a row a value, of which n are given. */
static void
open_values(Source *s, const double *values, uint32_t n)
{
	s->forged = false;
	table_init(&s->table, n, 1);
	for (uint32_t i = 0; i < n; i++)
		*table_at(&s->table, i, 0) = values[i];
	source_open(s, 3, n, 1);
}

/* Any values: spread, with ties, or far from any other; sorted. */
static void
invent_values(double *values, uint32_t n, ForestRng *rng)
{
	uint32_t	kind = forest_rng_below(rng, 4);

	for (uint32_t i = 0; i < n; i++)
	{
		values[i] = kind == 0 ? extreme_number(rng) :
			kind == 1 ? forest_rng_below(rng, 1 + n / 3) :
			forest_rng_double(rng);
		if (kind == 3 && forest_rng_below(rng, 50) == 0)
			values[i] *= 1e9;
	}
	qsort(values, n, sizeof(double), compare_doubles);
}

/* How many of n values are below a value, or up to it. */
static uint32_t
count_values(const double *values, uint32_t n, double value, bool up_to)
{
	uint32_t	count = 0;

	for (uint32_t i = 0; i < n; i++)
		count += values[i] < value || (up_to && values[i] == value);
	return count;
}

static void
test_knots(void)
{
	enum
	{
		MOST = 3000
	};
	static double values[MOST];
	static ForestKnot knots[FOREST_MAX_KNOTS];
	ForestRng	rng;

	claim("knots tell how many values are below them and through them");
	forest_rng_init(&rng, 401, 0);
	for (unit_case = 0; unit_case < 500; unit_case++)
	{
		uint32_t	n = 1 + forest_rng_below(&rng, unit_case % 2 ? 30 : MOST);
		uint32_t	n_knots;

		invent_values(values, n, &rng);
		n_knots = choose_knots(values, n, knots);
		REQUIRE(n_knots >= 1);
		REQUIRE(knots[0].value == values[0]);
		REQUIRE(knots[n_knots - 1].value == values[n - 1]);
		for (uint32_t i = 0; i < n_knots; i++)
		{
			REQUIRE(i == 0 || knots[i].value > knots[i - 1].value);
			REQUIRE(knots[i].below ==
					count_values(values, n, knots[i].value, false));
			REQUIRE(knots[i].through ==
					count_values(values, n, knots[i].value, true));
		}
	}
	proven();

	claim("what is beyond a gap is counted exactly, however rare it is");
	for (unit_case = 0; unit_case < 500; unit_case++)
	{
		uint32_t	n = 50 + forest_rng_below(&rng, MOST - 50);
		uint32_t	far = 1 + forest_rng_below(&rng, n / 20);
		uint32_t	n_knots;
		uint32_t	at = 0;

		for (uint32_t i = 0; i < n; i++)
			values[i] = forest_rng_double(&rng) +
				(i < far ? (unit_case % 3 == 0 ? INFINITY : 1e6) : 0.0);
		qsort(values, n, sizeof(double), compare_doubles);
		n_knots = choose_knots(values, n, knots);
		while (at < n_knots && knots[at].value < 2.0)
			at++;
		REQUIRE(at > 0 && at < n_knots && knots[at].below == n - far &&
				knots[at - 1].through == n - far);
	}
	proven();
}

static void
test_quantiles(void)
{
	static double values[400];
	ForestRng	rng;

	claim("quantiles are those of SQL's percentile_disc");
	forest_rng_init(&rng, 402, 0);
	for (unit_case = 0; unit_case < 400; unit_case++)
	{
		uint32_t	n = 1 + (uint32_t) (unit_case % 100 < 60 ?
										unit_case % 100 :
										forest_rng_below(&rng, 400));
		Source		s;

		invent_values(values, n, &rng);
		open_values(&s, values, n);
		for (uint32_t i = 0; i < FOREST_QUANTILES; i++)
		{
			/* the first of which at least that share is not above it */
			uint32_t	k = 0;

			while (40 * (uint64_t) (k + 1) < i * (uint64_t) n)
				k++;
			REQUIRE(forest_view_quantile(&s.view, 0, i) == values[k]);
		}
		source_close(&s);
	}
	proven();
}

static void
test_curve(void)
{
	static double values[1000];
	ForestRng	rng;

	claim("shares and values are each other's inverse");
	forest_rng_init(&rng, 87, 0);
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		uint32_t	n = 2 + forest_rng_below(&rng, 998);
		Source		s;
		const ForestCurve *curve;

		invent_values(values, n, &rng);
		open_values(&s, values, n);
		curve = &s.density.curves[0];
		REQUIRE(forest_curve_share(curve, -INFINITY) ==
				(values[0] == -INFINITY ? curve->right[0] : 0.0));
		REQUIRE(forest_curve_share(curve, values[n - 1]) == 1.0);
		REQUIRE(forest_curve_value(curve, 0.0) == values[0]);
		REQUIRE(forest_curve_value(curve, 1.0) == values[n - 1]);
		for (int k = 0; k < 100; k++)
		{
			double		share = forest_rng_double(&rng);
			double		value = forest_curve_value(curve, share);
			uint32_t	i = 0;

			while (i < curve->n && curve->values[i] < value)
				i++;
			/* at a knot are all shares that it has, or that round to it */
			if (i < curve->n && curve->values[i] == value)
				REQUIRE(share <= curve->right[i] + 1e-9 ||
						share <= curve->left[i + 1]);
			else
				REQUIRE(fabs(forest_curve_share(curve, value) - share) < 1e-6);
		}
		source_close(&s);
	}
	proven();
}

/* The mean of n values. */
static double
mean_of(const double *values, uint32_t n)
{
	double		sum = 0.0;

	for (uint32_t i = 0; i < n; i++)
		sum += values[i];
	return sum / n;
}

static void
test_lean(void)
{
	static double values[40];
	ForestRng	rng;

	claim("the curve of a few values has their mean");
	forest_rng_init(&rng, 403, 0);
	for (unit_case = 0; unit_case < 400; unit_case++)
	{
		enum
		{
			SHARES = 20000
		};
		uint32_t	n = 2 + (uint32_t) (unit_case % 19);
		double		sum = 0.0;
		Source		s;

		for (uint32_t i = 0; i < n; i++)
			values[i] = unit_case % 2 ? forest_rng_below(&rng, 9) :
				forest_rng_double(&rng);
		qsort(values, n, sizeof(double), compare_doubles);
		open_values(&s, values, n);
		for (int i = 0; i < SHARES; i++)
			sum += forest_grid_round(&s.density.features[0],
									 forest_curve_value(&s.density.curves[0],
														(i + 0.5) / SHARES));
		/* whole numbers with none in between go to either side */
		if (unit_case % 2 == 0)
			REQUIRE(fabs(sum / SHARES - mean_of(values, n)) < 1e-3);
		else
			REQUIRE(fabs(sum / SHARES - mean_of(values, n)) < 0.5 / n + 1e-3);
		source_close(&s);
	}
	proven();

	claim("1 and 2, a row each, are equally likely");
	values[0] = 1.0;
	values[1] = 2.0;
	{
		Source		s;

		open_values(&s, values, 2);
		for (int i = 0; i < 1000; i++)
			REQUIRE(forest_grid_round(&s.density.features[0],
									  forest_curve_value(&s.density.curves[0],
														 (i + 0.5) / 1000)) ==
					(i < 500 ? 1.0 : 2.0));
		source_close(&s);
	}
	proven();
}

static void
test_between(void)
{
	ForestRng	rng;

	claim("between two numbers is a number between them");
	forest_rng_init(&rng, 404, 0);
	for (unit_case = 0; unit_case < 20000; unit_case++)
	{
		double		a = extreme_number(&rng);
		double		b = extreme_number(&rng);
		double		part = unit_case % 5 == 0 ? (double) (unit_case % 2) :
			forest_rng_double(&rng);
		double		value = forest_between(a, b, part);

		REQUIRE(value >= fmin(a, b) && value <= fmax(a, b));
		REQUIRE(!isfinite(a) || !isfinite(b) || isfinite(value));
		if (part == 0.0)
			REQUIRE(value == a);
		if (part == 1.0)
			REQUIRE(value == b);
	}
	proven();
}

/* What to expect of a source's number, of which nothing else is known. */
static double
expect_number(Source *s)
{
	ForestExpectation all = {0};
	ForestExpectation one;
	double		row[1] = {NAN};

	s->box.values_only = true;
	(void) forest_conditional(&s->box, 0, row);
	one = forest_expect(&s->box, 0);
	/* twice the same is the same */
	forest_expect_also(&all, &one);
	forest_expect_also(&all, &one);
	return forest_expected_value(&all);
}

static void
test_expected(void)
{
	enum
	{
		N = 1000
	};
	static double values[N];
	ForestRng	rng;

	claim("what is expected is finite unless one infinity is likelier");
	forest_rng_init(&rng, 405, 0);
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		uint32_t	low = forest_rng_below(&rng, unit_case % 3 ? 20 : N / 2);
		uint32_t	high = forest_rng_below(&rng, unit_case % 3 ? 20 : N / 2);
		double		scale = unit_case % 2 ? 1.0 : 1.7e308;
		double		value;
		Source		s;

		for (uint32_t i = 0; i < N; i++)
			values[i] = i < low ? -INFINITY : i >= N - high ? INFINITY :
				scale * (unit_case % 4 == 0 ?
						 2.0 * forest_rng_double(&rng) - 1.0 :
						 1.0 - forest_rng_double(&rng) / 10.0);
		open_values(&s, values, N);
		/* the trees say nothing here: all gains are 1 */
		for (uint32_t i = 0; i < s.scorer.walk.n_nodes; i++)
			s.density.gain[i] = 1.0;
		value = expect_number(&s);
		if (low > N - low - high + 5 && low > high + 5)
			REQUIRE(value == -INFINITY);
		else if (high > N - low - high + 5 && high > low + 5)
			REQUIRE(value == INFINITY);
		else if (low + 5 < N - low - high && high + 5 < N - low - high)
			REQUIRE(value >= s.density.features[0].least &&
					value <= s.density.features[0].greatest);
		source_close(&s);
	}
	proven();

	claim("a few far values do not draw what is expected with them");
	for (unit_case = 0; unit_case < 100; unit_case++)
	{
		uint32_t	far = forest_rng_below(&rng, 20);
		Source		s;
		double		value;

		for (uint32_t i = 0; i < N; i++)
			values[i] = i < far ? 1e6 : forest_rng_double(&rng);
		open_values(&s, values, N);
		for (uint32_t i = 0; i < s.scorer.walk.n_nodes; i++)
			s.density.gain[i] = 1.0;
		value = expect_number(&s);
		REQUIRE(value > 0.4 && value < 0.6);
		source_close(&s);
	}
	proven();
}

int
main(void)
{
	test_knots();
	test_quantiles();
	test_curve();
	test_lean();
	test_between();
	test_expected();
	return unit_done();
}
