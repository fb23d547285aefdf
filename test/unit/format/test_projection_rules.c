/*-------------------------------------------------------------------------
 *
 * test_projection_rules.c
 *	  Each rule of a model's projections, broken once and named, and models
 *	  with projections written again.
 *
 *-------------------------------------------------------------------------
 */
#include "core/format/forest_model.h"

#include "format_support.h"
#include "projected.h"
#include "support.h"
#include "unit.h"

/*
 * The small model with two projections, of features 0 and 2 and of feature 2,
 * and in place of a split of feature 0 one of projection 0, column 4.
 */
static const ForestTerm terms[3] = {
	{0, 7.0, 0.5}, {2, 0.0, -1.0}, {2, 1.0, 2.0}
};
static const uint32_t ends[2] = {2, 3};
static const uint16_t nodes[9] = {
	0x0004, 0x8000, 0x4001, 0x8000, 0x8000, 0x8000, 0x4002, 0x8000, 0x8000
};

static ForestParts
projected_parts(void)
{
	ForestParts parts = small_parts();

	parts.projections = (ForestProjections) {2, ends, terms};
	parts.nodes = nodes;
	parts.summary.columns_per_split = 2;
	return parts;
}

/* A change to it: "width" bytes of the section become "value". */
typedef struct Breach
{
	uint32_t	section;		/* 11 is that of the projections */
	uint32_t	at;
	int			width;			/* 0: "value" is a new length */
	uint64_t	value;
	ForestStatus status;
	const char *rule;
	uint64_t	position;
} Breach;

#define NEWER	FOREST_NEWER_FORMAT, "", 0
#define BAD(rule, position)	FOREST_INVALID, rule, position

/* 8 bytes, two ends, and terms of 24 bytes from 16 on. */
static const Breach breaches[] = {
	{1, 68, 4, 9, BAD("columns_per_split", 9)},
	{1, 68, 4, UINT32_MAX, BAD("columns_per_split", UINT32_MAX)},
	{1, 68, 4, 8, FOREST_OK, "", 0},
	{1, 68, 4, 0, FOREST_OK, "", 0},
	{11, 0, 0, 0, BAD("length of projections", 0)},
	{11, 0, 0, 7, BAD("length of projections", 7)},
	{11, 0, 0, 8, BAD("length of projections", 8)},
	{11, 0, 0, 87, BAD("length of projections", 87)},
	{11, 0, 0, 64, BAD("terms of projection", 1)},
	{11, 0, 0, 112, BAD("number of terms", 4)},
	{11, 0, 4, 0, BAD("number of projections", 0)},
	{11, 0, 4, 15997, BAD("number of projections", 15997)},
	{11, 0, 4, UINT32_MAX, BAD("number of projections", UINT32_MAX)},
	{11, 0, 4, 15996, BAD("length of projections", 88)},
	{11, 0, 4, 1, BAD("padding of projections", 1)},
	{11, 4, 4, 1, NEWER},
	{11, 8, 4, 0, BAD("terms of projection", 0)},
	{11, 8, 4, 3, BAD("feature of term", 2)},
	{11, 8, 4, 4, BAD("terms of projection", 0)},
	{11, 12, 4, 2, BAD("terms of projection", 1)},
	{11, 12, 4, UINT32_MAX, BAD("terms of projection", 1)},
	{11, 16, 4, 1, BAD("feature of term", 0)},	/* a category */
	{11, 16, 4, 2, BAD("feature of term", 1)},	/* twice */
	{11, 16, 4, 4, BAD("feature of term", 0)},
	{11, 16, 4, UINT32_MAX, BAD("feature of term", 0)},
	{11, 20, 4, 1, NEWER},
	{11, 24, 8, UINT64_C(0x7FF8000000000000), BAD("numbers of term", 0)},
	{11, 24, 8, UINT64_C(0xFFF0000000000000), BAD("numbers of term", 0)},
	{11, 24, 8, UINT64_C(0x5F30000000000000), BAD("numbers of term", 0)},
	{11, 24, 8, UINT64_C(0x8000000000000000), FOREST_OK, "", 0},
	{11, 32, 8, 0, BAD("numbers of term", 0)},
	{11, 32, 8, UINT64_C(0x7FF8000000000000), BAD("numbers of term", 0)},
	{11, 32, 8, UINT64_C(0x5F30000000000000), BAD("numbers of term", 0)},
	{11, 32, 8, UINT64_C(0x2090000000000000), BAD("numbers of term", 0)},
	{7, 0, 2, 0x0005, FOREST_OK, "", 0},
	{7, 0, 2, 0x0006, BAD("feature of node", 0)},
	{7, 0, 2, 0x3FFF, BAD("feature of node", 0)}
};

/* Each rule broken once, as in test_format_rules.c. */
static void
test_rules(void)
{
	ForestParts parts = projected_parts();
	size_t		good_len;
	uint8_t    *good = model_bytes(&parts, &good_len);

	claim("each broken rule of projections is named");
	for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++)
	{
		const Breach *breach = &breaches[i];
		Draft		draft;
		ForestFault fault;
		ForestStatus status;
		uint8_t    *bytes;
		size_t		len;

		unit_case = i;
		draft_of(&draft, good);
		if (breach->width == 0)
			draft_resize(&draft, breach->section, (size_t) breach->value);
		bytes = draft_bytes(&draft, &len);
		draft_free(&draft);
		if (breach->width > 0)
		{
			store(bytes + section_at(good, breach->section) + breach->at,
				  breach->width, breach->value);
			forge(bytes, len);
		}
		status = open_copy(bytes, len, &fault);
		if (!REQUIRE(status == breach->status) ||
			!REQUIRE(strcmp(fault.rule, breach->rule) == 0) ||
			!REQUIRE(fault.position == breach->position))
			printf("# status %d, \"%s\" %llu; not \"%s\" %llu\n",
				   (int) status, fault.rule,
				   (unsigned long long) fault.position, breach->rule,
				   (unsigned long long) breach->position);
		free(bytes);
	}
	proven();

	claim("an older reader may not skip the projections");
	REQUIRE(load(good + HEADER + ENTRY * 10, 4) == 15);
	REQUIRE(load(good + HEADER + ENTRY * 10 + 4, 4) == 0);
	free(good);
	proven();

	claim("no model with projections is longer or shorter by a byte");
	good = model_bytes(&parts, &good_len);
	for (size_t len = 0; len < good_len; len++)
	{
		ForestFault fault;

		REQUIRE(open_copy(good, len, &fault) != FOREST_OK);
	}
	free(good);
	proven();
}

/* What is written is read, and written again the same. */
static void
test_again(void)
{
	ForestRng	rng;

	claim("models with projections read and written again are the same bytes");
	forest_rng_init(&rng, 96, 0);
	for (unit_case = 0; unit_case < 60; unit_case++)
	{
		Table		table;
		Grove		grove;
		ForestView	view;
		ForestFault fault;
		uint8_t    *bytes;
		size_t		len;

		table_random(&table, 30, 2 + forest_rng_below(&rng, 6), &rng);
		grove_begin(&grove, &table);
		if (grove_project(&grove, 1 + forest_rng_below(&rng, 30), &rng))
		{
			grove_grow_projected(&grove, &table, 5, 20, 0, unit_case);
			bytes = model_bytes(&grove.parts, &len);
			REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK);
			REQUIRE(view.n_projections == grove.parts.projections.n);
			rewrite_view(&view, bytes, len);
			use_view(&view, unit_case);
			free(bytes);
		}
		grove_free(&grove);
		table_free(&table);
	}
	proven();
}

int
main(void)
{
	test_rules();
	test_again();
	return unit_done();
}
