/*-------------------------------------------------------------------------
 *
 * test_dictionary.c
 *	  Which projections a forest draws.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_projection_check.h"
#include "core/grow/forest_dictionary.h"

#include "tables.h"
#include "unit.h"

/* A dictionary and what it was drawn for. */
typedef struct Dictionary
{
	uint32_t	n;
	uint32_t	each;
	uint32_t   *ends;
	ForestTerm *terms;
} Dictionary;

/* Draws n projections of "each" features. */
static void
draw(Dictionary *all, const ForestScale *scales, uint32_t d, uint32_t each,
	 uint32_t n, uint64_t seed)
{
	uint32_t   *deck = allocate(d * sizeof(uint32_t));
	ForestRng	rng;

	all->n = n;
	all->each = each;
	all->ends = allocate(n * sizeof(uint32_t));
	all->terms = allocate((size_t) n * each * sizeof(ForestTerm));
	forest_rng_start(&rng, seed, FOREST_FOR_DICTIONARY, 0);
	forest_draw_dictionary(scales, d, each, &rng, n, all->ends, all->terms,
						   deck);
	free(deck);
}

static void
dictionary_free(Dictionary *all)
{
	free(all->ends);
	free(all->terms);
}

/* What every dictionary is. */
static void
test_drawn(void)
{
	ForestRng	rng;

	claim("features with a scale take turns, each once in a projection");
	forest_rng_init(&rng, 95, 0);
	for (unit_case = 0; unit_case < 200; unit_case++)
	{
		uint32_t	d = 2 + forest_rng_below(&rng, 30);
		ForestScale *scales = allocate(d * sizeof(ForestScale));
		uint32_t   *uses = allocate(d * sizeof(uint32_t));
		uint32_t	least = UINT32_MAX;
		uint32_t	most = 0;
		uint32_t	each;
		uint32_t	n;
		uint32_t	n_scaled;
		Dictionary	all;

		for (uint32_t f = 0; f < d; f++)
			scales[f] = (ForestScale) {f * 10.0,
				f >= 2 && forest_rng_below(&rng, 4) == 0 ? 0.0 : 1.0 + f};
		n_scaled = forest_count_scaled(scales, d);
		each = 2 + forest_rng_below(&rng, n_scaled < 8 ? n_scaled - 1 : 7);
		n = forest_dictionary_size(n_scaled, each);
		draw(&all, scales, d, each, n, unit_case);
		memset(uses, 0, d * sizeof(uint32_t));
		for (uint32_t i = 0; i < n * each; i++)
		{
			const ForestTerm *term = &all.terms[i];

			REQUIRE(all.ends[i / each] == (i / each + 1) * each);
			REQUIRE(i % each == 0 || term->feature > term[-1].feature);
			REQUIRE(scales[term->feature].scale > 0.0);
			REQUIRE(term->centre == scales[term->feature].centre);
			REQUIRE(forest_term_valid(term));
			REQUIRE(fabs(term->coefficient * scales[term->feature].scale) <
					6.0001);
			uses[term->feature]++;
		}
		for (uint32_t f = 0; f < d; f++)
		{
			if (scales[f].scale == 0.0)
				continue;
			least = uses[f] < least ? uses[f] : least;
			most = uses[f] > most ? uses[f] : most;
		}
		/* a round may begin in the middle of a projection */
		REQUIRE(least >= 1 && most - least <= 1);
		dictionary_free(&all);
		free(uses);
		free(scales);
	}
	proven();

	claim("there are 64, or enough to use every column");
	REQUIRE(forest_dictionary_size(2, 2) == 64);
	REQUIRE(forest_dictionary_size(128, 2) == 64);
	REQUIRE(forest_dictionary_size(129, 2) == 65);
	REQUIRE(forest_dictionary_size(16000, 8) == 2000);
	proven();
}

/* Coefficients are normal, whatever the scale. */
static void
test_coefficients(void)
{
	const ForestScale scales[] = {
		{0.0, 4.0}, {INFINITY, 1e-300}, {-1e200, 1e300}
	};
	Dictionary	all;
	double		sum = 0.0;
	double		squares = 0.0;
	uint32_t	n = 20000;

	claim("coefficients times scales have mean 0 and variance 1");
	draw(&all, scales, 1, 1, n, 7);
	for (uint32_t i = 0; i < n; i++)
	{
		double		z = all.terms[i].coefficient * 4.0;

		sum += z;
		squares += z * z;
	}
	REQUIRE(fabs(sum / n) < 0.03 && fabs(squares / n - 1.0) < 0.04);
	dictionary_free(&all);
	proven();

	claim("extreme scales and centres give numbers that a model may have");
	draw(&all, scales, 3, 3, 500, 8);
	for (uint32_t i = 0; i < 1500; i++)
		REQUIRE(forest_term_valid(&all.terms[i]));
	REQUIRE(all.terms[1].centre == 1e150 && all.terms[2].centre == -1e150);
	REQUIRE(fabs(all.terms[1].coefficient) == 1e150 &&
			fabs(all.terms[2].coefficient) == 1e-150);
	dictionary_free(&all);
	proven();
}

/* The deviation that stands for a quartile range of 0. */
static void
test_deviation(void)
{
	const double values[] = {
		1.0, 9.0, NAN, 9.0, INFINITY, 9.0, 3.0, 9.0, -INFINITY, 9.0, 5.0, 9.0
	};
	const double none[] = {NAN, INFINITY};

	claim("a column's deviation is that of its finite values");
	REQUIRE(forest_usual_deviation(values, 6, 2) == sqrt(8.0 / 3.0));
	REQUIRE(forest_usual_deviation(none, 2, 1) == 0.0);
	proven();
}

int
main(void)
{
	test_drawn();
	test_coefficients();
	test_deviation();
	return unit_done();
}
