/*-------------------------------------------------------------------------
 *
 * forest_rng.h
 *	  The generator behind sampling and growing.
 *
 * Frozen: what it yields decides the bytes of a model for a seed, so a
 * change is a change of behaviour on every machine.  It is ours, and not
 * the server's, because the server may change its own at will.
 *
 *	  Blackman, Vigna: Scrambled Linear Pseudorandom Number Generators,
 *	  TOMS 47(4), 2021 (xoshiro256**);
 *	  Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
 *	  OOPSLA 2014 (splitmix64);
 *	  Lemire: Fast Random Integer Generation in an Interval, TOMACS 2019.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_RNG_H
#define FOREST_RNG_H

#include "core/base/forest_purpose.h"
#include "core/forest.h"

/* A generator (xoshiro256**). */
typedef struct ForestRng
{
	uint64_t	s[4];
} ForestRng;

/* Advances a splitmix64 counter and returns its next 64 bits. */
static inline uint64_t
forest_splitmix64(uint64_t *counter)
{
	uint64_t	z = (*counter += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/*
 * Counts the outputs of a splitmix64 counter: modulo 2^64, one more for each.
 */
static inline uint64_t
forest_splitmix64_turn(uint64_t z)
{
	z = (z ^ z >> 31 ^ z >> 62) * UINT64_C(0x319642B2D24D8EC3);
	z = (z ^ z >> 27 ^ z >> 54) * UINT64_C(0x96DE1B173F119089);
	return (z ^ z >> 30 ^ z >> 60) * UINT64_C(0xF1DE83E19937733D);
}

/*
 * Mixes a seed and a stream number into the start of a generator.  The seed
 * is mixed first, so that no two seeds share streams; of one seed, no two
 * streams start alike.
 */
static inline uint64_t
forest_stream_start(uint64_t seed, uint64_t stream)
{
	uint64_t	a = forest_splitmix64(&seed) + stream;

	return forest_splitmix64(&a);
}

/* The start of stream number "index" of a use. */
static inline uint64_t
forest_purpose_start(uint64_t seed, ForestPurpose purpose, uint64_t index)
{
	return forest_stream_start(seed, forest_first_stream(purpose) + index);
}

/* Starts the generator of one stream of a seed. */
static inline void
forest_rng_init(ForestRng *rng, uint64_t seed, uint64_t stream)
{
	uint64_t	counter = forest_stream_start(seed, stream);

	for (int i = 0; i < 4; i++)
		rng->s[i] = forest_splitmix64(&counter);
}

/* Starts the generator of stream number "index" of a use. */
static inline void
forest_rng_start(ForestRng *rng, uint64_t seed, ForestPurpose purpose,
				 uint64_t index)
{
	forest_rng_init(rng, seed, forest_first_stream(purpose) + index);
}

/* x rotated to the left by k bits, 1 <= k <= 63. */
static inline uint64_t
forest_rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

/* Returns 64 random bits (xoshiro256**). */
static inline uint64_t
forest_rng_next(ForestRng *rng)
{
	uint64_t   *s = rng->s;
	uint64_t	result = forest_rotl(s[1] * 5, 7) * 9;
	uint64_t	t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = forest_rotl(s[3], 45);
	return result;
}

/* Returns a double in [0, 1), a multiple of 2^-53. */
static inline double
forest_rng_double(ForestRng *rng)
{
	return (double) (forest_rng_next(rng) >> 11) * 0x1.0p-53;
}

/* Returns an integer in [0, n), every one equally likely; n is at least 1. */
static inline uint32_t
forest_rng_below(ForestRng *rng, uint32_t n)
{
	uint64_t	product = (forest_rng_next(rng) >> 32) * n;

	if ((uint32_t) product < n)
	{
		uint32_t	reject = (0U - n) % n;

		while ((uint32_t) product < reject)
			product = (forest_rng_next(rng) >> 32) * n;
	}
	return (uint32_t) (product >> 32);
}

/* Returns an integer in [0, n) for a 64-bit n of at least 1. */
static inline uint64_t
forest_rng_below64(ForestRng *rng, uint64_t n)
{
	uint64_t	reject = (0 - n) % n;
	uint64_t	x;

	do
		x = forest_rng_next(rng);
	while (x < reject);
	return x % n;
}

#endif							/* FOREST_RNG_H */
