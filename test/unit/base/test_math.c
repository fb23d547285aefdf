/*-------------------------------------------------------------------------
 *
 * test_math.c
 *	  The logarithm, the average path length and the depth limit, against
 *	  libm and against values worked out elsewhere.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>

#include "core/base/forest_math.h"
#include "core/base/forest_rng.h"

#include "unit.h"

#define EULER_GAMMA	0.57721566490153286061

/* How far forest_ln(x) is from the logarithm, in units in the last place. */
static double
ulps_off(double x)
{
	long double want = logl(x);
	double		got = forest_ln(x);
	double		rounded = (double) want;

	if (rounded == 0.0)
		return got == 0.0 ? 0.0 : INFINITY;
	return (double) (fabsl(got - want) /
					 (nextafter(rounded, INFINITY) - rounded));
}

/* forest_ln agrees with libm wherever it may be asked. */
static void
test_logarithm(void)
{
	const uint64_t seed = 1;
	ForestRng	rng;
	double		worst = 0.0;

	claim("forest_ln is within two units of the last place of the logarithm");
	for (int i = 1; i <= 300000; i++)
		worst = fmax(worst, ulps_off(i));
	for (int e = 0; e < 1024; e++)
	{
		/* powers of two, and where the reduction changes its mind */
		double		power = ldexp(1.0, e);
		double		turn = power * 0x1.6a09e667f3bcdp+0;

		worst = fmax(worst, ulps_off(power));
		worst = fmax(worst, ulps_off(nextafter(power, INFINITY)));
		worst = fmax(worst, ulps_off(fmax(nextafter(power, 0.0), 1.0)));
		worst = fmax(worst, ulps_off(turn));
		worst = fmax(worst, ulps_off(nextafter(turn, 0.0)));
		worst = fmax(worst, ulps_off(nextafter(turn, INFINITY)));
	}
	for (int i = 0; i < 1000; i++)
		worst = fmax(worst, ulps_off(1.0 + i * DBL_EPSILON));
	forest_rng_init(&rng, seed, 0);
	for (int i = 0; i < 200000; i++)
	{
		double		m = 1.0 + forest_rng_double(&rng);

		worst = fmax(worst, ulps_off(m));
		worst = fmax(worst, ulps_off(ldexp(m, (int)
			forest_rng_below(&rng, 1023))));
	}
	worst = fmax(worst, ulps_off(DBL_MAX));
	printf("# forest_ln: seed %llu, worst error %.2f ulp, threshold 2\n",
		   (unsigned long long) seed, worst);
	REQUIRE(worst <= 2.0);
	REQUIRE(forest_ln(1.0) == 0.0);
	proven();

	claim("forest_ln gives frozen bits");
	REQUIRE(forest_ln(2.0) == 0x1.62e42fefa39efp-1);
	REQUIRE(forest_ln(255.0) == 0x1.62a40fda3e3ccp+2);
	REQUIRE(forest_ln(0x1.6a09e667f3bcdp+0) == 0x1.62e42fefa39fp-2);
	REQUIRE(forest_ln(1e8) == 0x1.26bb1bbb55516p+4);
	REQUIRE(forest_ln(DBL_MAX) == 0x1.62e42fefa39efp+9);
	proven();
}

/* c(n) as the paper has it. */
static void
test_average_path(void)
{
	claim("c(0) = c(1) = 0, c(2) = 1");
	REQUIRE(forest_average_path(0) == 0.0);
	REQUIRE(forest_average_path(1) == 0.0);
	REQUIRE(forest_average_path(2) == 1.0);
	proven();

	claim("c(n) has its known values");
	REQUIRE(fabs(forest_average_path(3) - 1.2073923575896230) < 1e-14);
	REQUIRE(fabs(forest_average_path(10) - 3.7488804844755051) < 1e-14);
	REQUIRE(fabs(forest_average_path(256) - 10.2447709201199180) < 1e-14);
	REQUIRE(forest_average_path(256) == 0x1.47d529d31da8fp+3);
	proven();

	claim("c(n) is 2 (ln(n - 1) + gamma) - 2 (n - 1) / n, rising");
	for (uint64_t n = 3; n < 1000000; n = n < 5000 ? n + 1 : n * 11 / 10)
	{
		double		m = (double) n;
		double		want = 2.0 * (log(m - 1.0) + EULER_GAMMA) -
			2.0 * (m - 1.0) / m;

		unit_case = n;
		REQUIRE(fabs(forest_average_path(n) - want) <= 1e-15 * 8 * want);
		REQUIRE(forest_average_path(n) > forest_average_path(n - 1));
	}
	proven();

	claim("c(n) is sound for every n");
	for (int bit = 2; bit < 64; bit++)
	{
		unit_case = UINT64_C(1) << bit;
		REQUIRE(forest_average_path(UINT64_C(1) << bit) >
				forest_average_path(UINT64_C(1) << (bit - 1)));
	}
	REQUIRE(forest_average_path(UINT64_MAX) > 87.0);
	REQUIRE(forest_average_path(UINT64_MAX) < 88.0);
	proven();
}

/* The default depth limit is the least d with 2^d >= n. */
static void
test_default_depth(void)
{
	claim("the default depth is ceil(log2(n))");
	REQUIRE(forest_default_depth(0) == 0);
	REQUIRE(forest_default_depth(1) == 0);
	REQUIRE(forest_default_depth(2) == 1);
	REQUIRE(forest_default_depth(3) == 2);
	REQUIRE(forest_default_depth(256) == 8);
	REQUIRE(forest_default_depth(257) == 9);
	REQUIRE(forest_default_depth(FOREST_MAX_SAMPLE) == 27);
	REQUIRE(forest_default_depth(UINT32_MAX) == 32);
	for (uint32_t d = 2; d < 32; d++)
	{
		unit_case = d;
		REQUIRE(forest_default_depth(UINT32_C(1) << d) == d);
		REQUIRE(forest_default_depth((UINT32_C(1) << d) - 1) == d);
		REQUIRE(forest_default_depth((UINT32_C(1) << d) + 1) == d + 1);
	}
	for (uint32_t n = 2; n < 10000; n++)
	{
		unit_case = n;
		REQUIRE(forest_default_depth(n) == (uint32_t) ceil(log2(n)));
	}
	proven();
}

int
main(void)
{
	test_logarithm();
	test_average_path();
	test_default_depth();
	return unit_done();
}
