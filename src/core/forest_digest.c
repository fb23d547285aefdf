/*-------------------------------------------------------------------------
 *
 * forest_digest.c
 *	  Fingerprint of a model's bytes.
 *
 * It tells damaged bytes from sound ones and names a model in a cache.  It
 * is not a defence against forgery: whoever writes the bytes writes the
 * digest.  Hence forest_open checks every rule regardless.
 *
 *-------------------------------------------------------------------------
 */
#include "forest.h"
#include "forest_bytes.h"
#include "forest_rng.h"

/* Takes one word into both lanes; the lanes use unrelated steps. */
static inline void
digest_word(uint64_t lane[2], uint64_t word)
{
	lane[0] = forest_rotl((lane[0] ^ word) * UINT64_C(0x9E3779B97F4A7C15), 29);
	lane[1] = (forest_rotl(lane[1], 31) + word) * UINT64_C(0xC2B2AE3D27D4EB4F);
}

/*
 * Writes the 16-byte digest of len bytes.  Every step is a bijection of the
 * lane for a given word, so that a single changed word always changes the
 * digest.
 */
void
forest_digest(const uint8_t *bytes, size_t len,
			  uint8_t digest[FOREST_DIGEST_SIZE])
{
	uint64_t	lane[2] = {UINT64_C(0x243F6A8885A308D3), (uint64_t) len};
	uint8_t		tail[8] = {0};
	size_t		i;

	for (i = 0; i + 8 <= len; i += 8)
	{
		digest_word(lane, forest_get64(bytes + i));
		forest_pause_at(i / 8);
	}
	memcpy(tail, bytes + i, len - i);
	digest_word(lane, forest_get64(tail));

	lane[0] = forest_splitmix64(&lane[0]);
	lane[1] = forest_splitmix64(&lane[1]) ^ lane[0];
	forest_put64(digest, lane[0]);
	forest_put64(digest + 8, lane[1]);
}
