/*-------------------------------------------------------------------------
 *
 * forest_normal.c
 *	  Exponential, logarithm and normal distribution, the same bits anywhere.
 *
 * What a generator learns, and every row that it makes, depends on these
 * functions, and the last bits of libm's differ between machines.  So these
 * take nothing but + - * / and square roots, which IEEE 754 rounds in one
 * way.
 *
 *	  Wichura: Algorithm AS 241: The Percentage Points of the Normal
 *	  Distribution, Applied Statistics 37(3), 1988.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_math.h"
#include "core/base/forest_rng.h"
#include "core/net/forest_normal.h"

/* Beyond these, e^x is 0 or would not be finite; 2^k below is normal. */
#define EXP_LEAST		(-708.0)
#define EXP_GREATEST	709.0

/*
 * e^x, to a few units in the last place; 0 below -708, and no more than e^709
 * above.  NaN for NaN.
 */
double
forest_exp(double x)
{
	static const double ln2_high = 0x1.62e42fefa38p-1;
	static const double ln2_low = 0x1.ef35793c7673p-45;
	static const double series[] = {
		1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0,
		1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0,
		1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0};
	double		sum = 0.0;
	double		scale;
	double		r;
	int64_t		k;
	uint64_t	bits;

	if (isnan(x))
		return x;
	if (x < EXP_LEAST)
		return 0.0;
	if (x > EXP_GREATEST)
		x = EXP_GREATEST;
	/* x = k ln 2 + r, |r| < 0.35; then the series of e^r */
	k = (int64_t) (x * 1.4426950408889634 + (x < 0.0 ? -0.5 : 0.5));
	r = (x - (double) k * ln2_high) - (double) k * ln2_low;
	for (int i = 0; i < 14; i++)
		sum = sum * r + series[i];
	bits = (uint64_t) (k + 1023) << 52;
	memcpy(&scale, &bits, sizeof(scale));
	return sum * scale;
}

/* The natural logarithm of x, 1e-300 or more and finite. */
double
forest_log(double x)
{
	return x >= 1.0 ? forest_ln(x) : -forest_ln(1.0 / x);
}

/* A polynomial of 8 coefficients, the one of the highest power first. */
static double
polynomial(const double *c, double x)
{
	double		sum = c[0];

	for (int i = 1; i < 8; i++)
		sum = sum * x + c[i];
	return sum;
}

/*
 * The number that a standard normal variable stays below with probability
 * "share", 0 < share < 1, to 16 digits (AS 241, PPND16).
 */
double
forest_normal_quantile(double share)
{
	static const double middle_up[] = {2.5090809287301226727e+3,
		3.3430575583588128105e+4, 6.7265770927008700853e+4,
		4.5921953931549871457e+4, 1.3731693765509461125e+4,
		1.9715909503065514427e+3, 1.3314166789178437745e+2,
	3.3871328727963666080e+0};
	static const double middle_down[] = {5.2264952788528545610e+3,
		2.8729085735721942674e+4, 3.9307895800092710610e+4,
		2.1213794301586595867e+4, 5.3941960214247511077e+3,
	6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0};
	static const double side_up[] = {7.74545014278341407640e-4,
		2.27238449892691845833e-2, 2.41780725177450611770e-1,
		1.27045825245236838258e+0, 3.64784832476320460504e+0,
		5.76949722146069140550e+0, 4.63033784615654529590e+0,
	1.42343711074968357734e+0};
	static const double side_down[] = {1.05075007164441684324e-9,
		5.47593808499534494600e-4, 1.51986665636164571966e-2,
		1.48103976427480074590e-1, 6.89767334985100004550e-1,
	1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0};
	static const double tail_up[] = {2.01033439929228813265e-7,
		2.71155556874348757815e-5, 1.24266094738807843860e-3,
		2.65321895265761230930e-2, 2.96560571828504891230e-1,
		1.78482653991729133580e+0, 5.46378491116411436990e+0,
	6.65790464350110377720e+0};
	static const double tail_down[] = {2.04426310338993978564e-15,
		1.42151175831644588870e-7, 1.84631831751005468180e-5,
		7.86869131145613259100e-4, 1.48753612908506148525e-2,
	1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0};
	double		q = share - 0.5;
	double		r;
	double		x;

	if (q >= -0.425 && q <= 0.425)
	{
		r = 0.180625 - q * q;
		return q * polynomial(middle_up, r) / polynomial(middle_down, r);
	}
	r = sqrt(-forest_log(q <= 0.0 ? share : 1.0 - share));
	if (r <= 5.0)
		x = polynomial(side_up, r - 1.6) / polynomial(side_down, r - 1.6);
	else
		x = polynomial(tail_up, r - 5.0) / polynomial(tail_down, r - 5.0);
	return q < 0.0 ? -x : x;
}

/*
 * The probability that a standard normal variable stays below x, to seven
 * digits after the point (Hastings: Approximations for Digital Computers,
 * 1955; Abramowitz, Stegun, 26.2.17).
 */
double
forest_normal_share(double x)
{
	double		t = 1.0 / (1.0 + 0.2316419 * (x < 0.0 ? -x : x));
	double		tail = 0.3989422804014327 * forest_exp(-0.5 * x * x) * t *
		(0.319381530 + t * (-0.356563782 + t *
							(1.781477937 + t * (-1.821255978 + t *
												1.330274429))));

	return x < 0.0 ? tail : 1.0 - tail;
}

/* Draws a number in (0, 1): a multiple of 2^-53 and a half of it. */
double
forest_open_draw(ForestRng *rng)
{
	return ((double) (forest_rng_next(rng) >> 12) + 0.5) * 0x1.0p-52;
}

/* Draws a standard normal number. */
double
forest_normal_draw(ForestRng *rng)
{
	return forest_normal_quantile(forest_open_draw(rng));
}
