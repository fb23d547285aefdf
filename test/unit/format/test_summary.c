/*-------------------------------------------------------------------------
 *
 * test_summary.c
 *	  The options that a model keeps: where each is, and what it may be.
 *
 *-------------------------------------------------------------------------
 */
#include "core/format/forest_summary.h"

#include "format_support.h"
#include "unit.h"

/* A count behind the options. */
#define ROWS_EFFECTIVE_AT	80

/* The flag of a bootstrap, in the u32 at 12, comes with the other flags. */
#define N_FLAGS			1

/*
 * An option, as FORMAT.md has it; "least" and "most" are bits, of which those
 * of greater numbers are greater.
 */
typedef struct Kept
{
	const char *name;
	size_t		at;				/* offset in the section */
	int			width;			/* 4: a u32; 8: an f64 */
	uint64_t	least;
	uint64_t	most;
} Kept;

#define TINIEST	UINT64_C(0x0000000000000001)	/* the least double above 0 */
#define HALF	UINT64_C(0x3FE0000000000000)
#define ONE		UINT64_C(0x3FF0000000000000)

static const Kept options[] = {
	{"max_features", 40, 8, TINIEST, ONE},
	{"contamination", 48, 8, 0, HALF},
	{"sample_size", 56, 4, 1, 100000000},
	{"max_depth", 60, 4, 0, UINT32_MAX},
	{"max_categories", 64, 4, 0, 32000},
	{"columns_per_split", 68, 4, 0, 8},	/* 0: not asked for */
	{"guided", 72, 8, 0, ONE}
};

#define N_OPTIONS	(sizeof(options) / sizeof(options[0]))

/* The small model with other bits for an option. */
static uint8_t *
changed_bytes(const Kept *kept, uint64_t bits, size_t *len)
{
	ForestParts parts = small_parts();
	uint8_t    *bytes = model_bytes(&parts, len);

	store(bytes + section_at(bytes, 1) + kept->at, kept->width, bits);
	forge(bytes, *len);
	return bytes;
}

/* Requires that an option may have certain bits, which stay as they are. */
static void
require_kept(const Kept *kept, uint64_t bits)
{
	size_t		len;
	uint8_t    *bytes = changed_bytes(kept, bits, &len);
	ForestView	view;
	ForestFault fault;

	if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
		rewrite_view(&view, bytes, len);
	free(bytes);
}

/* Requires that bits are refused by the option's name, with a u32's value. */
static void
require_refused(const Kept *kept, uint64_t bits)
{
	size_t		len;
	uint8_t    *bytes = changed_bytes(kept, bits, &len);
	ForestFault fault = {"", 0};

	if (!REQUIRE(open_copy(bytes, len, &fault) == FOREST_INVALID) ||
		!REQUIRE(strcmp(fault.rule, kept->name) == 0) ||
		!REQUIRE(fault.position == (kept->width == 4 ? bits : 0)))
		printf("# %s: %016llx\n", kept->name, (unsigned long long) bits);
	free(bytes);
}

/* The ends of each range, and what is next to them. */
static void
test_ranges(void)
{
	claim("an option's range ends where it should, and has its name");
	for (unit_case = 0; unit_case < N_OPTIONS; unit_case++)
	{
		const Kept *kept = &options[unit_case];

		require_kept(kept, kept->least);
		require_kept(kept, kept->most);
		if (kept->least > 0)
			require_refused(kept, kept->least - 1);
		if (kept->width == 8 || kept->most < UINT32_MAX)
			require_refused(kept, kept->most + 1);
	}
	proven();

	claim("a double is not negative, has no sign as a zero, and is a number");
	for (unit_case = 0; unit_case < N_OPTIONS; unit_case++)
	{
		const Kept *kept = &options[unit_case];

		if (kept->width != 8)
			continue;
		require_refused(kept, UINT64_C(0x8000000000000000));
		require_refused(kept, UINT64_C(0x8000000000000001));
		require_refused(kept, UINT64_C(0xBFD0000000000000));
		require_refused(kept, UINT64_C(0x7FF0000000000000));
		require_refused(kept, UINT64_C(0x7FF8000000000000));
		require_refused(kept, UINT64_C(0xFFFFFFFFFFFFFFFF));
	}
	proven();
}

/* No two options share a place, and nothing lies between them. */
static void
test_places(void)
{
	bool		used[88] = {false};
	ForestParts parts = small_parts();
	size_t		len;
	uint8_t    *bytes = model_bytes(&parts, &len);
	uint8_t    *summary = bytes + section_at(bytes, 1);
	ForestView	view;
	ForestFault fault;

	claim("options, all different, are written as they were read");
	for (unit_case = 0; unit_case < N_OPTIONS; unit_case++)
	{
		const Kept *kept = &options[unit_case];

		store(summary + kept->at, kept->width, kept->most - unit_case);
		for (int i = 0; i < kept->width; i++)
		{
			REQUIRE(kept->at >= 40 && !used[kept->at + (size_t) i]);
			used[kept->at + (size_t) i] = true;
		}
	}
	forge(bytes, len);
	if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
		rewrite_view(&view, bytes, len);
	proven();

	claim("what is neither a count nor an option is of a newer version");
	for (size_t at = ROWS_EFFECTIVE_AT; at < ROWS_EFFECTIVE_AT + 4; at++)
		used[at] = true;
	for (size_t at = 40; at < 88; at++)
	{
		unit_case = at;
		if (used[at])
			continue;
		summary[at] = 0x80;
		forge(bytes, len);
		REQUIRE(open_copy(bytes, len, &fault) == FOREST_NEWER_FORMAT);
		summary[at] = 0;
	}
	free(bytes);
	proven();
}

/* The list above, and the values that go through it, are all. */
static void
test_all(void)
{
	int			n;
	const ForestKept *kept = forest_kept_options(&n);
	ForestSummary sum = {0};

	claim("every option that models keep is tested here");
	REQUIRE((size_t) n == N_OPTIONS + N_FLAGS);
	proven();

	claim("an option's value is that which was given");
	for (int i = 0; i < n; i++)
		forest_kept_set(&kept[i], kept[i].max, &sum);
	for (int i = 0; i < n; i++)
	{
		unit_case = (unsigned int) i;
		REQUIRE(forest_kept_value(&kept[i], &sum) == kept[i].max);
		if (kept[i].stored == FOREST_STORED_FLAG)
			continue;
		REQUIRE(forest_kept_in_range(&kept[i], kept[i].max));
		REQUIRE(forest_kept_in_range(&kept[i], kept[i].min) ==
				!kept[i].open);
		REQUIRE(!forest_kept_in_range(&kept[i], NAN));
	}
	forest_kept_set(&(ForestKept) {"", FOREST_STORED_FLAG, 8, .at = 0}, 1, &sum);
	forest_kept_set(&(ForestKept) {"", FOREST_STORED_FLAG, 1, .at = 0}, 1, &sum);
	forest_kept_set(&(ForestKept) {"", FOREST_STORED_FLAG, 8, .at = 0}, 0, &sum);
	REQUIRE(sum.flags == 1);
	proven();
}

int
main(void)
{
	test_ranges();
	test_places();
	test_all();
	return unit_done();
}
