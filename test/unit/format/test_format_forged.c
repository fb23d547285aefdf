/*-------------------------------------------------------------------------
 *
 * test_format_forged.c
 *	  Models damaged, cut short and forged: refused, or harmless.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"

#include "format_support.h"
#include "support.h"
#include "unit.h"

/* A model grown on random columns, of a few kilobytes. */
static uint8_t *
grown_model(uint64_t seed, uint32_t n_features, uint32_t n_trees,
			size_t *len)
{
	ForestRng	rng;
	Table		table;
	Grove		grove;
	uint8_t    *bytes;

	forest_rng_init(&rng, seed, 0);
	table_random(&table, 40, n_features, &rng);
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, n_trees, 16, 4, seed);
	grove_grow_group(&grove, &table, 1, 5, 0, seed + 1);
	bytes = model_bytes(&grove.parts, len);
	grove_free(&grove);
	table_free(&table);
	return bytes;
}

/* Opens what a forger made: refused, or sound.  Returns whether accepted. */
static bool
open_forged(const uint8_t *bytes, size_t len)
{
	/* every alignment comes up */
	size_t		shift = (size_t) (unit_case % 8);
	uint8_t    *block = allocate(len + shift);
	uint8_t    *copy = block + shift;
	ForestView	view;
	ForestFault fault;
	ForestStatus status;

	memcpy(copy, bytes, len);
	if (len >= 40)
		forge(copy, len);
	status = forest_open(copy, len, &view, &fault);
	if (status == FOREST_OK)
	{
		use_view(&view, unit_case);
		rewrite_view(&view, copy, len);
	}
	else
		REQUIRE((status == FOREST_INVALID) == (fault.rule[0] != '\0') ||
				status == FOREST_NOT_A_MODEL || status == FOREST_TRUNCATED ||
				status == FOREST_NEWER_FORMAT);
	free(block);
	return status == FOREST_OK;
}

/* ---- damage ---- */

/* No damage to a byte goes unnoticed. */
static void
test_flips(void)
{
	ForestParts small = small_parts();
	ForestFault fault;

	claim("a model with any one byte changed is refused");
	for (int which = 0; which < 2; which++)
	{
		size_t		len;
		uint8_t    *bytes = which == 0 ? model_bytes(&small, &len) :
			grown_model(22, 6, 3, &len);

		for (size_t at = 0; at < len; at++)
		{
			/* all values in the small model, single bits in the other */
			for (unsigned int x = 1; x < 256; x = which == 0 ? x + 1 : 2 * x)
			{
				unit_case = at * 256 + x;
				bytes[at] ^= (uint8_t) x;
				REQUIRE(open_copy(bytes, len, &fault) != FOREST_OK);
				bytes[at] ^= (uint8_t) x;
			}
		}
		REQUIRE(open_copy(bytes, len, &fault) == FOREST_OK);
		free(bytes);
	}
	proven();

	claim("damage is told from a broken rule");
	{
		size_t		len;
		uint8_t    *bytes = model_bytes(&small, &len);

		for (size_t at = 8; at < len; at++)
		{
			/* the format number and the length are looked at before */
			if ((at >= 40 && at < 44) || (at >= 48 && at < 56))
				continue;
			unit_case = at;
			bytes[at] ^= 0x10;
			REQUIRE(open_copy(bytes, len, &fault) == FOREST_CORRUPT);
			bytes[at] ^= 0x10;
		}
		free(bytes);
	}
	proven();
}

/* Neither more nor fewer bytes than there are. */
static void
test_lengths(void)
{
	ForestParts small = small_parts();
	size_t		len;
	uint8_t    *bytes = model_bytes(&small, &len);
	uint8_t    *longer = allocate(len + 200);
	ForestFault fault;

	claim("a model cut short anywhere is refused");
	REQUIRE(open_copy(bytes, 0, &fault) == FOREST_NOT_A_MODEL);
	for (size_t n = 1; n < len; n++)
	{
		unit_case = n;
		REQUIRE(open_copy(bytes, n, &fault) == FOREST_TRUNCATED);
		/* and with its length and digest made to fit */
		memcpy(longer, bytes, n);
		if (n >= 56)
			store(longer + 48, 8, n);
		REQUIRE(!open_forged(longer, n));
	}
	proven();

	claim("a model with bytes behind it is refused");
	memcpy(longer, bytes, len);
	memset(longer + len, 0, 200);
	for (size_t n = len + 1; n < len + 200; n++)
	{
		unit_case = n;
		store(longer + 48, 8, len);
		REQUIRE(open_copy(longer, n, &fault) == FOREST_TRUNCATED);
		store(longer + 48, 8, n);
		forge(longer, n);
		REQUIRE(open_copy(longer, n, &fault) == FOREST_INVALID);
		REQUIRE(strcmp(fault.rule, "total length") == 0);
	}
	proven();

	claim("what is no model is called so");
	REQUIRE(open_copy((const uint8_t *) "x", 1, &fault) == FOREST_NOT_A_MODEL);
	REQUIRE(open_copy((const uint8_t *) "ifores7", 8, &fault) ==
			FOREST_NOT_A_MODEL);
	REQUIRE(open_copy((const uint8_t *) "iforest!", 8, &fault) ==
			FOREST_NOT_A_MODEL);
	REQUIRE(open_copy((const uint8_t *) "iforest", 8, &fault) ==
			FOREST_TRUNCATED);
	proven();
	free(bytes);
	free(longer);
}

/* ---- forgery ---- */

/* Single bytes changed by one who can compute a digest. */
static void
test_forged_bytes(void)
{
	claim("a forged byte is refused or does no harm");
	for (int which = 0; which < 4; which++)
	{
		size_t		len;
		uint8_t    *bytes = which < 2 ? small_bytes(which == 1, &len) :
			grown_model(21 + (uint64_t) which, 6, 3, &len);
		uint32_t	n_accepted = 0;

		for (size_t at = 0; at < len; at++)
		{
			for (unsigned int x = 1; x < 256; x = which == 0 ? x + 1 : 2 * x)
			{
				unit_case = at * 256 + x;
				bytes[at] ^= (uint8_t) x;
				n_accepted += open_forged(bytes, len);
				bytes[at] ^= (uint8_t) x;
			}
		}
		/* ranges, seeds, cuts and the like may be anything */
		REQUIRE(n_accepted > 1000);
		printf("# %u forged models accepted\n", n_accepted);
		free(bytes);
	}
	proven();
}

/* Huge counts wherever a count may be. */
static void
test_forged_counts(void)
{
	static const uint64_t huge[] = {
		UINT64_MAX, UINT64_C(0x8000000000000000),
		UINT64_C(0x7FFFFFFFFFFFFFFF), UINT64_C(0xFFFFFFFFFFFFFFF8),
		UINT64_C(0x100000000), UINT64_C(0x80000000), UINT64_C(0x7FFFFFFF),
		UINT64_C(0xFFFFFFFF), UINT64_C(0x40000000), 0, 1
	};
	claim("a huge number in any place is refused or does no harm");
	for (int which = 0; which < 2; which++)
	{
		size_t		len;
		uint8_t    *bytes = which == 0 ? small_bytes(true, &len) :
			grown_model(25, 6, 3, &len);

		for (int width = 2; width <= 8; width *= 2)
		{
			for (size_t at = 8; at + (size_t) width <= len; at += 2)
			{
				for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++)
				{
					uint64_t	before = load(bytes + at, width);

					unit_case = at * 100 + i;
					store(bytes + at, width, huge[i]);
					open_forged(bytes, len);
					store(bytes + at, width, before);
				}
			}
		}
		free(bytes);
	}
	proven();
}

/* Several changes at once, also to the order and lengths of things. */
static void
test_forged_at_random(void)
{
	const uint64_t seed = 26;
	ForestRng	rng;
	uint32_t	n_accepted = 0;

	claim("random forgeries are refused or do no harm");
	forest_rng_init(&rng, seed, 0);
	for (uint32_t m = 0; m < 30; m++)
	{
		size_t		good_len;
		uint8_t    *good = grown_model(100 + m, 1 + m % 9, 1 + m % 4,
									   &good_len);

		for (uint32_t i = 0; i < 300; i++)
		{
			Draft		draft;
			size_t		len;
			uint8_t    *bytes;

			unit_case = m * 1000 + i;
			draft_of(&draft, good);
			for (uint32_t n = forest_rng_below(&rng, 4) + 1; n > 0; n--)
			{
				DraftSection *section = &draft.sections[
					forest_rng_below(&rng, draft.n)];
				size_t		length = section->length;

				if (forest_rng_below(&rng, 8) == 0)
					draft_resize(&draft, section->id,
								 length - (length > 4 ? 4 : 0) +
								 forest_rng_below(&rng, 9));
				else if (length >= 4)
				{
					/* a word moved, or made up */
					size_t		to = forest_rng_below(&rng, (uint32_t)
						(length / 2 - 1)) * (size_t) 2;
					size_t		from = forest_rng_below(&rng, (uint32_t)
						(length / 2 - 1)) * (size_t) 2;

					if (forest_rng_below(&rng, 3) == 0)
						store(section->bytes + to, 2,
							  forest_rng_next(&rng));
					else
						memmove(section->bytes + to, section->bytes + from,
								forest_rng_below(&rng, 2) ? 2 : 4);
				}
			}
			bytes = draft_bytes(&draft, &len);
			n_accepted += open_forged(bytes, len);
			free(bytes);
			draft_free(&draft);
		}
		free(good);
	}
	printf("# seed %llu, %u of 9000 forged models accepted\n",
		   (unsigned long long) seed, n_accepted);
	REQUIRE(n_accepted > 300);
	proven();

	claim("bytes made up behind a good header are refused");
	for (unit_case = 0; unit_case < 3000; unit_case++)
	{
		uint8_t		bytes[512];
		size_t		len = HEADER + forest_rng_below(&rng, 449);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t) forest_rng_next(&rng);
		memcpy(bytes, "iforest", 8);
		store(bytes + 40, 4, 1);
		store(bytes + 44, 4, forest_rng_below(&rng, 20));
		store(bytes + 48, 8, len);
		memset(bytes + 56, 0, 8);
		REQUIRE(!open_forged(bytes, len));
	}
	proven();
}

int
main(void)
{
	test_flips();
	test_lengths();
	test_forged_bytes();
	test_forged_counts();
	test_forged_at_random();
	return unit_done();
}
