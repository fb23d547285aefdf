/*-------------------------------------------------------------------------
 *
 * fuzz.h
 *	  What the fuzz targets of the core share: an end for whatever breaks a
 *	  requirement, and values read from the fuzzer's bytes.
 *
 * A target uses the headers of test/unit; a REQUIRE that fails there, as one
 * that fails here, must become a crash, or the fuzzer would not see it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "blocks_support.h"
#include "explain_oracle.h"
#include "format_support.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Crashes if any REQUIRE since the last call failed. */
static inline void
fuzz_check(void)
{
	if (unit_failures > 0)
	{
		fflush(stdout);
		abort();
	}
}

/* The fuzzer's bytes, as they are used up; zeros follow the last. */
typedef struct FuzzInput
{
	const uint8_t *next;
	size_t		left;
} FuzzInput;

static inline uint8_t
fuzz_byte(FuzzInput *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->next++;
}

/* A number from 0 to n - 1; n is at most 256. */
static inline uint32_t
fuzz_below(FuzzInput *input, uint32_t n)
{
	return fuzz_byte(input) % n;
}

static inline uint64_t
fuzz_word(FuzzInput *input)
{
	uint64_t	word = 0;

	for (int i = 0; i < 8; i++)
		word = word << 8 | fuzz_byte(input);
	return word;
}

/* Any double at all, or one of those that break things, or a small one. */
static inline double
fuzz_double(FuzzInput *input)
{
	static const double numbers[] = {
		NAN, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN,
		DBL_TRUE_MIN, -DBL_TRUE_MIN, 0.0, -0.0, 1.0 + DBL_EPSILON, 1e300,
		-1e300, 1e-300, 0.5
	};
	uint8_t		kind = fuzz_byte(input);
	uint64_t	bits;
	double		value;

	if (kind < 16)
		return numbers[kind];
	if (kind < 240)
		return kind - 128.0;
	bits = fuzz_word(input);
	memcpy(&value, &bits, sizeof(value));
	return value;
}

#endif							/* FUZZ_H */
