/*-------------------------------------------------------------------------
 *
 * test_digest.c
 *	  The digest is SHA-256: the examples of FIPS 180-4 and its padding.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_digest.h"

#include "support.h"
#include "unit.h"

#define N_LENGTHS	300

typedef struct Example
{
	const char *bytes;
	size_t		len;
	const char *digest;
} Example;

static const Example examples[] = {
	{"", 0,
		"\xE3\xB0\xC4\x42\x98\xFC\x1C\x14\x9A\xFB\xF4\xC8\x99\x6F\xB9\x24"
		"\x27\xAE\x41\xE4\x64\x9B\x93\x4C\xA4\x95\x99\x1B\x78\x52\xB8\x55"},
	{"abc", 3,
		"\xBA\x78\x16\xBF\x8F\x01\xCF\xEA\x41\x41\x40\xDE\x5D\xAE\x22\x23"
		"\xB0\x03\x61\xA3\x96\x17\x7A\x9C\xB4\x10\xFF\x61\xF2\x00\x15\xAD"},
	{"iforest", 7,
		"\x74\xAF\x50\xF5\x1B\xFA\x8F\x9D\xA3\x7C\xC4\x4C\x7F\x9B\x9A\xAC"
		"\x7B\xFD\x2B\x95\x77\x2C\x53\x76\x76\xC7\xC1\x38\x5C\x56\x4F\x05"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		"\x24\x8D\x6A\x61\xD2\x06\x38\xB8\xE5\xC0\x26\x93\x0C\x3E\x60\x39"
		"\xA3\x3C\xE4\x59\x64\xFF\x21\x67\xF6\xEC\xED\xD4\x19\xDB\x06\xC1"}
};

static bool
digest_is(const uint8_t *bytes, size_t len, const char *expected)
{
	uint8_t		digest[FOREST_DIGEST_SIZE];

	forest_digest(bytes, len, digest);
	return memcmp(digest, expected, sizeof(digest)) == 0;
}

int
main(void)
{
	uint8_t		digests[N_LENGTHS][FOREST_DIGEST_SIZE];
	uint8_t		bytes[N_LENGTHS];
	uint8_t    *many = allocate(1000000);

	claim("short texts have the digests of the standard");
	for (unit_case = 0; unit_case < sizeof(examples) / sizeof(examples[0]);
		 unit_case++)
		REQUIRE(digest_is((const uint8_t *) examples[unit_case].bytes,
						  examples[unit_case].len,
						  examples[unit_case].digest));
	proven();

	claim("so has a million times the letter a");
	memset(many, 'a', 1000000);
	REQUIRE(digest_is(many, 1000000,
		"\xCD\xC7\x6E\x5C\x99\x14\xFB\x92\x81\xA1\xC7\xE2\x84\xD7\x3E\x67"
		"\xF1\x80\x9A\x48\xA4\x97\x20\x0E\x04\x6D\x39\xCC\xC7\x11\x2C\xD0"));
	proven();

	/* the digest of all these digests, from another implementation */
	claim("every length is padded right, at any alignment");
	for (size_t i = 0; i < N_LENGTHS; i++)
		bytes[i] = (uint8_t) (7 * i + 3);
	for (size_t n = 0; n < N_LENGTHS; n++)
	{
		uint8_t    *block = allocate(n + n % 8);

		memcpy(block + n % 8, bytes, n);
		forest_digest(block + n % 8, n, digests[n]);
		free(block);
	}
	REQUIRE(digest_is(&digests[0][0], sizeof(digests),
		"\x7B\x07\x40\x96\xCA\xBB\x18\xDD\x0D\x1B\x46\x8A\x17\x3C\xB2\xF9"
		"\x7F\x80\xE9\x52\x52\x5B\xCA\x29\x54\x2E\x60\x6F\xD6\xD0\x75\x3A"));
	proven();
	free(many);
	return unit_done();
}
