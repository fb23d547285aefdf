/*-------------------------------------------------------------------------
 *
 * forest_bytes.h
 *	  Little-endian loads and stores at any alignment.
 *
 * Compilers turn each of these into one instruction where the machine
 * allows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BYTES_H
#define FOREST_BYTES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/forest.h"

/* Returns the little-endian number of 2 bytes at p, aligned or not. */
static inline uint16_t
forest_get16(const uint8_t *p)
{
	return (uint16_t) (p[0] | (uint16_t) (p[1] << 8));
}

/* Returns the little-endian number of 4 bytes at p, aligned or not. */
static inline uint32_t
forest_get32(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 |
		(uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

/* Returns the little-endian number of 8 bytes at p, aligned or not. */
static inline uint64_t
forest_get64(const uint8_t *p)
{
	return forest_get32(p) | (uint64_t) forest_get32(p + 4) << 32;
}

/* Returns the double whose bits are at p, 8 bytes; any bits, also a NaN's. */
static inline double
forest_get_double(const uint8_t *p)
{
	uint64_t	bits = forest_get64(p);
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Writes v to p as 2 bytes, little-endian. */
static inline void
forest_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t) v;
	p[1] = (uint8_t) (v >> 8);
}

/* Writes v to p as 4 bytes, little-endian. */
static inline void
forest_put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t) (v >> (8 * i));
}

/* Writes v to p as 8 bytes, little-endian. */
static inline void
forest_put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t) (v >> (8 * i));
}

/* All NaNs are stored alike: which one an operation yields is not portable. */
#define FOREST_NAN_BITS	UINT64_C(0x7FF8000000000000)

/* Whether a stored NaN is the one that forest_put_double writes. */
static inline bool
forest_is_stored_nan(const uint8_t *p)
{
	return forest_get64(p) == FOREST_NAN_BITS;
}

/* Writes a double's bits to p, 8 bytes; every NaN as FOREST_NAN_BITS. */
static inline void
forest_put_double(uint8_t *p, double value)
{
	uint64_t	bits = FOREST_NAN_BITS;

	if (!isnan(value))
		memcpy(&bits, &value, sizeof(bits));
	forest_put64(p, bits);
}

#endif							/* FOREST_BYTES_H */
