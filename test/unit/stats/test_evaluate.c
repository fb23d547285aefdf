/*-------------------------------------------------------------------------
 *
 * test_evaluate.c
 *	  How well scores tell outliers from normal rows.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/forest_rng.h"
#include "core/stats/forest_evaluate.h"

#include "statistics.h"
#include "unit.h"

#define MOST	40

/* The area, pair by pair. */
static double
area(const double *outliers, size_t n, const double *normal, size_t m)
{
	double		sum = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++)
			sum += (outliers[i] > normal[j]) +
				(outliers[i] == normal[j]) / 2.0;
	return sum / (double) (n * m);
}

/* How many values are not below a score. */
static double
not_below(const double *values, size_t n, double score)
{
	double		count = 0;

	for (size_t i = 0; i < n; i++)
		count += values[i] >= score;
	return count;
}

/* The average precision, outlier by outlier. */
static double
mean_precision(const double *outliers, size_t n, const double *normal, size_t m)
{
	double		sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		double		hits = not_below(outliers, n, outliers[i]);

		sum += hits / (hits + not_below(normal, m, outliers[i]));
	}
	return sum / (double) n;
}

/* Fills n sorted values, of so many different ones. */
static void
fill(ForestRng *rng, double *values, size_t n, uint32_t different)
{
	for (size_t i = 0; i < n; i++)
		values[i] = forest_rng_below(rng, different);
	qsort(values, n, sizeof(*values), compare_doubles);
}

static void
test_oracle(void)
{
	ForestRng	rng;

	claim("both figures are those of all pairs, with ties and without");
	forest_rng_init(&rng, 31, 0);
	for (unit_case = 0; unit_case < 2000; unit_case++)
	{
		double		outliers[MOST];
		double		normal[MOST];
		size_t		n = 1 + forest_rng_below(&rng, MOST);
		size_t		m = 1 + forest_rng_below(&rng, MOST);
		ForestJudged judged = {outliers, n, normal, m};
		uint32_t	different = 1 + forest_rng_below(&rng, 60);

		fill(&rng, outliers, n, different);
		fill(&rng, normal, m, different);
		REQUIRE(fabs(forest_roc_auc(&judged) -
					 area(outliers, n, normal, m)) < 1e-14);
		REQUIRE(fabs(forest_average_precision(&judged) -
					 mean_precision(outliers, n, normal, m)) < 1e-14);
	}
	proven();
}

static void
test_one_kind(void)
{
	static const double score = 1;
	const ForestJudged none = {&score, 0, &score, 0};
	const ForestJudged outlier = {&score, 1, &score, 0};
	const ForestJudged normal = {&score, 0, &score, 1};

	claim("rows of one kind alone tell nothing, but that all are outliers");
	REQUIRE(isnan(forest_roc_auc(&none)));
	REQUIRE(isnan(forest_roc_auc(&outlier)));
	REQUIRE(isnan(forest_roc_auc(&normal)));
	REQUIRE(isnan(forest_average_precision(&none)));
	REQUIRE(isnan(forest_average_precision(&normal)));
	REQUIRE(forest_average_precision(&outlier) == 1);
	proven();
}

int
main(void)
{
	test_oracle();
	test_one_kind();
	return unit_done();
}
