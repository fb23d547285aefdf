/*-------------------------------------------------------------------------
 *
 * forest_digest.c
 *	  What a model is known by: SHA-256 (FIPS 180-4).
 *
 * Two models with one digest are one model, whoever made them; so a cache
 * may find a model by it once the bytes are known to have it.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"

#define BLOCK	64

static const uint32_t constants[64] = {
	0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5,
	0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
	0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3,
	0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
	0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC,
	0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
	0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7,
	0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
	0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13,
	0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
	0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3,
	0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
	0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5,
	0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
	0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208,
	0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2
};

/* x rotated to the right by k bits, 1 <= k <= 31. */
static inline uint32_t
rotate(uint32_t x, int k)
{
	return x >> k | x << (32 - k);
}

/* Loads and stores here are big-endian, as nowhere else in a model. */
static inline uint32_t
get_big(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 |
		(uint32_t) p[2] << 8 | (uint32_t) p[3];
}

/* Writes v to p as 4 bytes, big-endian. */
static inline void
put_big(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t) (v >> (24 - 8 * i));
}

/* Spreads a block over the 64 words of the rounds. */
static void
schedule(const uint8_t *block, uint32_t w[64])
{
	for (int i = 0; i < 16; i++)
		w[i] = get_big(block + 4 * i);
	for (int i = 16; i < 64; i++)
	{
		uint32_t	s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^
			w[i - 15] >> 3;
		uint32_t	s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^
			w[i - 2] >> 10;

		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

/* Takes one block into the hash. */
static void
digest_block(uint32_t hash[8], const uint8_t *block)
{
	uint32_t	w[64];
	uint32_t	a = hash[0];
	uint32_t	b = hash[1];
	uint32_t	c = hash[2];
	uint32_t	d = hash[3];
	uint32_t	e = hash[4];
	uint32_t	f = hash[5];
	uint32_t	g = hash[6];
	uint32_t	h = hash[7];

	schedule(block, w);
	for (int i = 0; i < 64; i++)
	{
		uint32_t	s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
		uint32_t	t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
		uint32_t	s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		uint32_t	t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));

		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	hash[0] += a;
	hash[1] += b;
	hash[2] += c;
	hash[3] += d;
	hash[4] += e;
	hash[5] += f;
	hash[6] += g;
	hash[7] += h;
}

/*
 * Writes the SHA-256 of len bytes, pausing.  A program that links the core
 * may define a faster one, as with forest_pause, which may also not return.
 */
#if defined(__GNUC__)
__attribute__((weak))
#endif
void
forest_digest(const uint8_t *bytes, size_t len,
			  uint8_t digest[FOREST_DIGEST_SIZE])
{
	uint32_t	hash[8] = {
		0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
		0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19
	};
	uint8_t		tail[2 * BLOCK] = {0};
	size_t		n_whole = len / BLOCK;
	size_t		rest = len % BLOCK;
	size_t		padded = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;

	for (size_t i = 0; i < n_whole; i++)
	{
		digest_block(hash, bytes + BLOCK * i);
		forest_pause_at(8 * i + 7);	/* words of 8 bytes */
	}

	/* what is left, a bit, zeros, and the length in bits */
	if (rest > 0)
		memcpy(tail, bytes + BLOCK * n_whole, rest);
	tail[rest] = 0x80;
	put_big(tail + padded - 8, (uint32_t) ((uint64_t) len >> 29));
	put_big(tail + padded - 4, (uint32_t) ((uint64_t) len << 3));
	for (size_t at = 0; at < padded; at += BLOCK)
		digest_block(hash, tail + at);

	for (int i = 0; i < 8; i++)
		put_big(digest + 4 * i, hash[i]);
}
