/*-------------------------------------------------------------------------
 *
 * forest_weight.c
 *	  Keys of rows that have weights: the smallest are a weighted sample.
 *
 * A random key u of [0, 1) becomes -ln(1 - u) / w, which has the exponential
 * distribution of rate w.  So the next smallest key is that of a row with a
 * probability of its weight's share in those that are left: rows drawn one by
 * one, without replacement.  Of a whole w it is the order that the smallest
 * of w keys would have: a row that is there w times.
 *
 * As a positive double's bits, keys compare as the numbers do.  They take
 * nothing but + - * /, and so have the same bits on every machine.
 *
 *	  Efraimidis, Spirakis: Weighted random sampling with a reservoir,
 *	  Information Processing Letters 97(5), 2006.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_math.h"
#include "core/base/forest_weight.h"

/* From here on 1 - u is what is known exactly. */
#define HALF_KEY		(UINT64_C(1) << 63)

/* -ln(1 - u) of u = (key + 0.5) / 2^64, to a few units in the last place. */
static double
exponential(uint64_t key)
{
	double		u;
	double		s;
	double		z;
	double		sum = 0.0;

	if (key >= HALF_KEY)
		return forest_ln(1.0 / (((double) ~key + 0.5) * 0x1.0p-64));
	/* 2 atanh(s) = 2 (s + s^3/3 + s^5/5 + ..), s <= 1/3 */
	u = ((double) key + 0.5) * 0x1.0p-64;
	s = u / (2.0 - u);
	z = s * s;
	for (int k = 35; k >= 3; k -= 2)
		sum = z * (1.0 / k + sum);
	return 2.0 * (s + s * sum);
}

/*
 * The weighted key of a row with a random key and a weight, from
 * FOREST_LEAST_WEIGHT to FOREST_GREATEST_WEIGHT.
 */
uint64_t
forest_weighted_key(uint64_t key, double weight)
{
	double		number = exponential(key) / weight;
	uint64_t	bits;

	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

/*
 * The probability that the key of a row with a weight is below a weighted
 * limit: 1 - e^(-w limit).  By the series of e^x, halved as often as it takes:
 * 1 - e^(-2x) = (1 - e^(-x)) (2 - (1 - e^(-x))).
 */
double
forest_kept_share(uint64_t limit, double weight)
{
	double		x = forest_weighted_number(limit) * weight;
	double		share;
	int			halved = 0;

	if (x > 50.0)
		return 1.0;
	while (x > 0.01)
	{
		x *= 0.5;
		halved++;
	}
	share = x * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 *
												   (1.0 - x / 5.0))));
	for (; halved > 0; halved--)
		share *= 2.0 - share;
	return share;
}
