/*-------------------------------------------------------------------------
 *
 * test_codes.c
 *	  Categories parted by what splits list, against a list of each one's side.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/density/forest_codes.h"
#include "core/format/forest_set.h"

#include "support.h"

/* Most codes of a case. */
#define MAX_CODES	300

/* Draws a set that lists about every so many-th code, none or all of them. */
static ForestSet
draw_set(uint16_t *words, uint32_t n, ForestRng *rng)
{
	uint32_t	every = 1 + forest_rng_below(rng, 12);
	uint32_t	listed = 0;

	for (uint32_t code = 0; code < n; code++)
	{
		if (forest_rng_below(rng, every) == 0)
			words[++listed] = (uint16_t) code;
	}
	if (forest_rng_below(rng, 10) == 0)
		listed = 0;
	words[0] = forest_set_head(listed, forest_rng_below(rng, 2));
	return forest_set_at(words);
}

/* Whether each code has a place, and each place a code. */
static bool
is_order(const ForestCodes *codes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
	{
		if (codes->codes[i] >= n || codes->places[codes->codes[i]] != i)
			return false;
	}
	return true;
}

/*
 * Parts places lo .. hi - 1, all of which "in_part" says, and requires that
 * codes are on their sides; gives the right side another gain and goes on
 * with either.
 */
static void
part_once(ForestCodes *codes, uint32_t n, bool *in_part, double *weights,
		  uint32_t *lo, uint32_t *hi, ForestRng *rng)
{
	uint16_t	words[MAX_CODES + 1];
	ForestSet	set = draw_set(words, n, rng);
	uint32_t	middle = forest_codes_part(codes, set, *lo, *hi);
	double		gain = 0.5 + forest_rng_double(rng);
	bool		go_right = forest_rng_below(rng, 2);

	REQUIRE(middle >= *lo && middle <= *hi);
	REQUIRE(is_order(codes, n));
	forest_codes_weigh(codes, middle, *hi, gain);
	for (uint32_t code = 0; code < n; code++)
	{
		bool		right = set.others_right != forest_set_has(set, code);
		uint32_t	place = codes->places[code];

		REQUIRE(in_part[code] == (place >= *lo && place < *hi));
		if (!in_part[code])
			continue;
		REQUIRE(right == (place >= middle));
		weights[code] *= right ? gain : 1.0;
		in_part[code] = right == go_right;
	}
	*(go_right ? lo : hi) = middle;
}

static void
test_parts(void)
{
	claim("codes go to their sides of a split, with their weights");
	for (unit_case = 0; unit_case < 2000; unit_case++)
	{
		ForestRng	rng;
		ForestCodes codes;
		bool		in_part[MAX_CODES];
		double		weights[MAX_CODES];
		uint32_t	n;
		uint32_t	lo = 0;
		uint32_t	hi;
		void	   *memory;

		forest_rng_init(&rng, 90, unit_case);
		hi = n = 1 + forest_rng_below(&rng, MAX_CODES);
		memory = allocate(forest_codes_size(n));
		forest_codes_init(n, memory, &codes);
		forest_codes_reset(&codes, n);
		REQUIRE(is_order(&codes, n));
		for (uint32_t code = 0; code < n; code++)
		{
			in_part[code] = true;
			weights[code] = 1.0;
		}
		for (uint32_t i = 0; i < 6; i++)
			part_once(&codes, n, in_part, weights, &lo, &hi, &rng);
		for (uint32_t code = 0; code < n; code++)
			REQUIRE(forest_codes_weight(&codes, code) == weights[code]);
		free(memory);
	}
	proven();
}

int
main(void)
{
	test_parts();
	return unit_done();
}
