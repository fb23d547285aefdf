/*-------------------------------------------------------------------------
 *
 * test_format_rules.c
 *	  Each rule of the format, broken once and named.
 *
 *-------------------------------------------------------------------------
 */
#include "core/format/forest_model.h"

#include "format_support.h"
#include "support.h"
#include "unit.h"

/* A change to the small model and what forest_open says to it. */
typedef struct Breach
{
	uint32_t	section;		/* 0: "at" counts from the model's start */
	uint32_t	at;
	int			width;			/* bytes of "value"; 0: it is a new length */
	uint64_t	value;
	ForestStatus status;
	const char *rule;
	uint64_t	position;
} Breach;

#define ENTRY_AT(id, field)	(HEADER + ENTRY * ((id) - 1) + (field))
#define NEWER	FOREST_NEWER_FORMAT, "", 0
#define BAD(rule, position)	FOREST_INVALID, rule, position

static const Breach breaches[] = {
	/* header */
	{0, 40, 4, 2, NEWER},
	{0, 40, 4, UINT32_MAX, NEWER},
	{0, 40, 4, 0, BAD("format number", 0)},
	{0, 48, 8, 695, FOREST_TRUNCATED, "", 0},
	{0, 48, 8, UINT64_MAX, FOREST_TRUNCATED, "", 0},
	{0, 56, 4, 1, NEWER},
	{0, 60, 4, 1, NEWER},
	{0, 63, 1, 0x80, NEWER},
	/* directory */
	{0, 44, 4, 65, BAD("number of sections", 65)},
	{0, 44, 4, 20, BAD("extent of section", 1)},
	{0, 44, 4, UINT32_MAX, BAD("number of sections", UINT32_MAX)},
	{0, 44, 4, 9, BAD("extent of section", 1)},
	{0, 44, 4, 0, BAD("total length", HEADER)},
	{0, ENTRY_AT(1, 0), 4, 0, BAD("order of sections", 0)},
	{0, ENTRY_AT(2, 0), 4, 1, BAD("order of sections", 1)},
	{0, ENTRY_AT(2, 0), 4, 4, BAD("order of sections", 2)},
	{0, ENTRY_AT(10, 0), 4, 1000, NEWER},
	{0, ENTRY_AT(3, 4), 4, 1, NEWER},
	{0, ENTRY_AT(3, 4), 4, 2, NEWER},
	{0, ENTRY_AT(2, 8), 8, 384, BAD("extent of section", 2)},
	{0, ENTRY_AT(2, 8), 8, UINT64_MAX, BAD("extent of section", 2)},
	{0, ENTRY_AT(1, 16), 8, 96, BAD("extent of section", 2)},
	{0, ENTRY_AT(1, 16), 8, 2128, BAD("extent of section", 1)},
	{0, ENTRY_AT(1, 16), 8, UINT64_MAX, BAD("extent of section", 1)},
	{0, ENTRY_AT(1, 16), 8, UINT64_MAX - 303, BAD("extent of section", 1)},
	{0, ENTRY_AT(10, 16), 8, 9, BAD("extent of section", 11)},
	{0, ENTRY_AT(12, 16), 8, 1329, BAD("extent of section", 12)},
	{4, 18, 1, 1, BAD("padding of section", 4)},
	{10, 7, 1, 0x80, BAD("padding of section", 10)},
	/* summary; its options are in test_summary.c */
	{1, 0, 0, 80, BAD("length of summary", 80)},
	{1, 0, 0, 96, BAD("length of summary", 96)},
	{1, 0, 4, 0, BAD("number of features", 0)},
	{1, 0, 4, 16001, BAD("number of features", 16001)},
	{1, 0, 4, 3, BAD("length of features", 128)},
	{1, 4, 4, 0, BAD("number of trees", 0)},
	{1, 4, 4, 100001, BAD("number of trees", 100001)},
	{1, 4, 4, 4, BAD("trees of all groups", 3)},
	{1, 8, 4, 0, BAD("number of groups", 0)},
	{1, 8, 4, 4, BAD("number of groups", 4)},
	{1, 8, 4, 3, BAD("length of groups", 32)},
	{1, 12, 4, 16, NEWER},
	{1, 12, 4, 0x80000000, NEWER},
	{1, 16, 8, UINT64_C(0x8000000000000000), BAD("number of rows", 500)},
	{1, 16, 8, 499, BAD("number of rows", 500)},
	{1, 80, 4, 1, BAD("number of effective rows", 1)},
	{1, 84, 4, 1, NEWER},
	/* features */
	{2, 0, 0, 96, BAD("length of features", 96)},
	{2, 0, 0, 129, BAD("length of features", 129)},
	{2, 0, 4, 0, BAD("type of feature", 0)},
	{2, 0, 4, 13, BAD("type of feature", 0)},
	{2, 0, 4, 31, BAD("type of feature", 0)},
	{2, 32, 4, 39, BAD("type of feature", 1)},
	{2, 0, 4, UINT32_MAX, BAD("type of feature", 0)},
	{2, 4, 4, 1, BAD("categories of feature", 0)},
	{2, 36, 4, 32001, BAD("categories of feature", 1)},
	{2, 72, 8, 501, BAD("missing values of feature", 2)},
	{2, 80, 8, UINT64_C(0x7FF8000000000000), BAD("range of feature", 2)},
	{2, 88, 8, UINT64_C(0x7FF8000000000000), BAD("range of feature", 2)},
	{2, 80, 8, UINT64_C(0x4000000000000000), BAD("range of feature", 2)},
	{2, 80, 8, UINT64_C(0x8000000000000000), FOREST_OK, "", 0},
	{2, 48, 8, UINT64_C(0x7FF8000000000001), BAD("range of feature", 1)},
	{2, 48, 8, UINT64_C(0xFFF8000000000000), BAD("range of feature", 1)},
	{2, 56, 8, UINT64_C(0x7FF0000000000001), BAD("range of feature", 1)},
	{2, 56, 8, 0, BAD("range of feature", 1)},
	/* strings */
	{2, 36, 4, 2, BAD("length of string ends", 28)},
	{3, 0, 0, 24, BAD("length of string ends", 24)},
	{3, 0, 0, 32, BAD("length of string ends", 32)},
	{3, 0, 4, 7, BAD("end of string", 1)},
	{3, 8, 4, 5, BAD("end of string", 2)},
	{3, 24, 4, 19, BAD("end of string", 6)},
	{3, 24, 4, UINT32_MAX, BAD("end of string", 6)},
	{3, 24, 4, 17, BAD("length of strings", 18)},
	{4, 0, 0, 19, BAD("length of strings", 19)},
	{4, 0, 0, 17, BAD("end of string", 6)},
	{4, 5, 1, 0, BAD("zero byte in a string", 0)},
	{3, 20, 4, 14, BAD("order of categories of feature", 1)},
	{4, 14, 1, 'b', BAD("order of categories of feature", 1)},
	{3, 24, 4, 18, FOREST_OK, "", 0},	/* as it is */
	/* groups */
	{5, 0, 0, 16, BAD("length of groups", 16)},
	{5, 0, 0, 40, BAD("length of groups", 40)},
	{5, 16, 4, 0, BAD("trees of group", 1)},
	{5, 16, 4, 2, BAD("trees of all groups", 4)},
	{5, 0, 4, UINT32_MAX, BAD("trees of all groups", UINT64_C(0x100000000))},
	{5, 4, 4, 0, BAD("sample size of group", 0)},
	{5, 4, 4, 100000001, BAD("sample size of group", 0)},
	{5, 12, 4, 1, NEWER},
	{5, 31, 1, 1, NEWER},
	/* trees */
	{6, 0, 0, 8, BAD("length of trees", 8)},
	{6, 0, 0, 16, BAD("length of trees", 16)},
	{6, 0, 4, 10, BAD("nodes of tree", 0)},
	{6, 8, 4, UINT32_MAX, BAD("nodes of tree", 2)},
	{6, 0, 4, 0, BAD("end of a tree", 0)},
	{6, 0, 4, 4, BAD("end of a tree", 4)},
	{6, 0, 4, 6, BAD("node behind the end of a tree", 5)},
	{6, 8, 4, 2, BAD("end of a tree", 8)},
	/* nodes */
	{7, 0, 0, 16, BAD("nodes of tree", 2)},
	{7, 0, 0, 19, BAD("data behind the last tree", 9)},
	{7, 0, 0, 20, BAD("data behind the last tree", 9)},
	{7, 0, 2, 0x0004, BAD("feature of node", 0)},
	{7, 0, 2, 0x3FFF, BAD("feature of node", 0)},
	{7, 2, 2, 0x8001, NEWER},
	{7, 2, 2, 0xC000, NEWER},
	{7, 0, 2, 0x8000, BAD("node behind the end of a tree", 1)},
	{7, 12, 2, 0x0001, BAD("set of node", 6)},
	{7, 4, 2, 0x4003, BAD("category of node", 2)},
	{7, 4, 2, 0x0000, BAD("cut of node", 6)},
	/* cuts */
	{8, 0, 0, 8, BAD("cut of node", 6)},
	{8, 0, 0, 23, BAD("data behind the last tree", 9)},
	{8, 0, 0, 24, BAD("data behind the last tree", 9)},
	{8, 8, 8, UINT64_C(0x7FF0000000000000), BAD("cut of node", 6)},
	{8, 0, 8, UINT64_C(0x7FF8000000000000), BAD("cut of node", 0)},
	{8, 0, 8, UINT64_C(0xFFF0000000000001), BAD("cut of node", 0)},
	/* leaves */
	{9, 0, 0, 20, BAD("rows of leaf", 8)},
	{9, 0, 0, 25, BAD("data behind the last tree", 9)},
	{9, 0, 0, 28, BAD("data behind the last tree", 9)},
	{9, 4, 4, 0, BAD("rows of leaf", 3)},
	{9, 12, 4, 100000001, BAD("rows of a tree", 6)},
	{9, 0, 4, UINT32_MAX, BAD("rows of a tree", 5)},
	{9, 12, 4, 100000000, FOREST_OK, "", 0},
	/* sets */
	{10, 0, 0, 0, BAD("set of node", 2)},
	{10, 0, 0, 1, BAD("set of node", 2)},
	{10, 0, 0, 4, BAD("length of set of node", 2)},
	{10, 0, 0, 7, BAD("data behind the last tree", 9)},
	{10, 0, 0, 8, BAD("data behind the last tree", 9)},
	{10, 0, 2, 0x8003, BAD("length of set of node", 2)},
	{10, 0, 2, 0x7FFF, BAD("length of set of node", 2)},
	{10, 0, 2, 0x0001, BAD("data behind the last tree", 9)},
	{10, 2, 2, 2, BAD("category of node", 2)},
	{10, 2, 2, 3, BAD("category of node", 2)},
	{10, 4, 2, 3, BAD("category of node", 2)},
	{10, 4, 2, 0xFFFF, BAD("category of node", 2)},
	{10, 0, 2, 0x0002, FOREST_OK, "", 0},
	/* calibration */
	{0, ENTRY_AT(11, 4), 4, 0, NEWER},
	{0, ENTRY_AT(11, 4), 4, 3, NEWER},
	{11, 0, 0, 0, BAD("length of calibration", 0)},
	{11, 0, 0, 16, BAD("length of calibration", 16)},
	{11, 0, 0, 31, BAD("length of calibration", 31)},
	{11, 0, 0, 65, BAD("length of calibration", 65)},
	{11, 0, 0, 16 + 16 * 4097, BAD("length of calibration", 65568)},
	{11, 4, 4, 1, NEWER},
	{11, 0, 4, 11, BAD("rows of calibration", 10)},
	{11, 60, 4, 9, BAD("rows of calibration", 9)},
	{11, 8, 8, UINT64_C(0xBFE0000000000000), BAD("spread of calibration", 0)},
	{11, 8, 8, UINT64_C(0x7FF0000000000000), BAD("spread of calibration", 0)},
	{11, 8, 8, UINT64_C(0x7FF8000000000000), BAD("spread of calibration", 0)},
	{11, 8, 8, UINT64_C(0x8000000000000000), BAD("spread of calibration", 0)},
	{11, 8, 8, UINT64_C(0x43D0000000000001), BAD("spread of calibration", 0)},
	{11, 8, 8, UINT64_C(0x43D0000000000000), FOREST_OK, "", 0},
	{11, 16, 8, UINT64_C(0xBFE0000000000000), BAD("length of point", 0)},
	{11, 32, 8, UINT64_C(0x3FD0000000000000), BAD("length of point", 1)},
	{11, 32, 8, UINT64_C(0x7FF8000000000000), BAD("length of point", 1)},
	{11, 48, 8, UINT64_C(0x7FF0000000000000), BAD("length of point", 2)},
	{11, 16, 8, UINT64_C(0x8000000000000000), BAD("length of point", 0)},
	{11, 48, 8, UINT64_C(0x41E0000000000001), BAD("length of point", 2)},
	{11, 48, 8, UINT64_C(0x41E0000000000000), FOREST_OK, "", 0},
	{11, 24, 4, 1, BAD("rows of point", 0)},
	{11, 40, 4, 1, BAD("rows of point", 1)},
	{11, 44, 4, 2, BAD("rows of point", 1)},
	{11, 8, 8, 0, FOREST_OK, "", 0},
	/* profile: four ends, five knots from 16 on, rows of categories from 96 */
	{0, ENTRY_AT(12, 4), 4, 0, NEWER},
	{12, 0, 0, 0, BAD("length of profile", 0)},
	{12, 0, 0, 27, BAD("length of profile", 27)},
	{12, 0, 0, 107, BAD("length of profile", 107)},
	{12, 0, 0, 92, BAD("number of knots of feature", 2)},
	{12, 0, 4, 6, BAD("number of knots of feature", 0)},
	{12, 0, 4, UINT32_MAX, BAD("number of knots of feature", 0)},
	{12, 4, 4, 2, BAD("number of knots of feature", 1)},
	{12, 4, 4, 4, BAD("number of knots of feature", 1)},
	{12, 8, 4, 4, BAD("number of knots of feature", 3)},
	{12, 12, 4, 4, BAD("number of knots of feature", 3)},
	{12, 16, 8, UINT64_C(0x7FF8000000000000), BAD("knots of feature", 0)},
	{12, 32, 8, UINT64_C(0x7FF8000000000000), BAD("knots of feature", 0)},
	{12, 32, 8, UINT64_C(0xFFF0000000000000), BAD("knots of feature", 0)},
	{12, 48, 8, UINT64_C(0x3FE0000000000000), BAD("knots of feature", 0)},
	{12, 80, 8, UINT64_C(0x8000000000000000), BAD("knots of feature", 2)},
	{12, 24, 4, 1, BAD("knots of feature", 0)},
	{12, 28, 4, 0, BAD("knots of feature", 0)},
	{12, 40, 4, 24, BAD("knots of feature", 0)},
	{12, 44, 4, 100, BAD("knots of feature", 0)},
	{12, 88, 4, 499, BAD("knots of feature", 2)},
	{12, 92, 4, UINT32_MAX, FOREST_OK, "", 0},
	{12, 80, 8, UINT64_C(0x7FF0000000000000), FOREST_OK, "", 0},
	{12, 104, 4, UINT32_MAX, FOREST_OK, "", 0}
};

/* Changes to the small model with labels, whose eleventh section they are. */
static const Breach label_breaches[] = {
	{0, ENTRY_AT(11, 4), 4, 1, NEWER},
	{0, ENTRY_AT(11, 0), 4, 14, NEWER},
	{11, 0, 0, 0, BAD("length of labels", 0)},
	{11, 0, 0, 40, BAD("length of labels", 40)},
	{11, 0, 0, 47, BAD("length of labels", 47)},
	{11, 0, 0, 56, BAD("length of labels", 56)},
	{11, 0, 4, 0, FOREST_OK, "", 0},
	{11, 4, 4, UINT32_MAX, FOREST_OK, "", 0},
	{11, 40, 4, UINT32_MAX, FOREST_OK, "", 0}
};

/* The small model with one change made. */
static uint8_t *
breach_bytes(const Breach *breach, const uint8_t *good, size_t *len)
{
	Draft		draft;
	uint8_t    *bytes;

	draft_of(&draft, good);
	if (breach->width == 0)
		draft_resize(&draft, breach->section, (size_t) breach->value);
	bytes = draft_bytes(&draft, len);
	draft_free(&draft);
	if (breach->width > 0)
	{
		size_t		begin = breach->section == 0 ? 0 :
			section_at(good, breach->section);

		store(bytes + begin + breach->at, breach->width, breach->value);
		forge(bytes, *len);
	}
	return bytes;
}

/* Breaks n rules of a good model, one at a time. */
static void
require_named(const Breach *broken, size_t n, const uint8_t *good)
{
	for (size_t i = 0; i < n; i++)
	{
		const Breach *breach = &broken[i];
		size_t		len;
		uint8_t    *bytes = breach_bytes(breach, good, &len);
		ForestFault fault;
		ForestStatus status = open_copy(bytes, len, &fault);

		unit_case = i;
		if (!REQUIRE(status == breach->status) ||
			!REQUIRE(strcmp(fault.rule, breach->rule) == 0) ||
			!REQUIRE(fault.position == breach->position))
			printf("# section %u at %u: status %d, \"%s\" %llu; "
				   "not \"%s\" %llu\n", breach->section, breach->at,
				   (int) status, fault.rule,
				   (unsigned long long) fault.position, breach->rule,
				   (unsigned long long) breach->position);
		free(bytes);
	}
}

/* Each rule of labels broken once. */
static void
test_label_rules(void)
{
	ForestParts parts = small_parts();
	ForestLabels none[6] = {{0, 0}};
	ForestFault fault;
	size_t		len;
	uint8_t    *good;

	claim("each broken rule of labels is named");
	parts.labels = small_labels;
	good = model_bytes(&parts, &len);
	require_named(label_breaches,
				  sizeof(label_breaches) / sizeof(label_breaches[0]), good);
	free(good);
	parts.labels = none;
	good = model_bytes(&parts, &len);
	REQUIRE(open_copy(good, len, &fault) == FOREST_INVALID);
	REQUIRE(strcmp(fault.rule, "labels without any") == 0);
	free(good);
	proven();
}

/* Each rule broken once. */
static void
test_rules(void)
{
	size_t		good_len;
	uint8_t    *good = small_bytes(true, &good_len);

	claim("each broken rule is named");
	require_named(breaches, sizeof(breaches) / sizeof(breaches[0]), good);
	proven();

	claim("a directory longer than the model is no directory");
	{
		ForestParts small = small_parts();
		size_t		len;
		uint8_t    *bytes = model_bytes(&small, &len);
		ForestFault fault;

		store(bytes + 44, 4, 27);
		forge(bytes, len);
		REQUIRE(open_copy(bytes, len, &fault) == FOREST_INVALID);
		REQUIRE(strcmp(fault.rule, "number of sections") == 0);
		store(bytes + 44, 4, 26);
		forge(bytes, len);
		REQUIRE(open_copy(bytes, len, &fault) == FOREST_INVALID);
		REQUIRE(strcmp(fault.rule, "extent of section") == 0);
		free(bytes);
	}
	proven();

	claim("sections 1 to 10 are needed, the others are not");
	for (uint32_t id = 1; id <= N_SECTIONS + 2; id++)
	{
		Draft		draft;
		Draft		without = {0};
		size_t		len;
		uint8_t    *bytes;
		ForestFault fault;

		unit_case = id;
		draft_of(&draft, good);
		for (uint32_t i = 1; i <= draft.n; i++)
		{
			if (i != id)
				without.sections[without.n++] = draft.sections[i - 1];
		}
		bytes = draft_bytes(&without, &len);
		if (id > N_SECTIONS)
			REQUIRE(open_copy(bytes, len, &fault) == FOREST_OK);
		else
		{
			REQUIRE(open_copy(bytes, len, &fault) == FOREST_INVALID);
			REQUIRE(strcmp(fault.rule, "missing section") == 0);
			REQUIRE(fault.position == id);
		}
		draft_free(&draft);
		free(bytes);
	}
	proven();
	free(good);
}

/* Names and categories of lengths around the greatest. */
static void
test_string_lengths(void)
{
	static char text[FOREST_MAX_STRING + 1];

	memset(text, 'b', sizeof(text));
	claim("a name or category has 1024 bytes at most");
	for (uint32_t i = 0; i < 7; i++)
	{
		for (uint32_t len = FOREST_MAX_STRING; len <= FOREST_MAX_STRING + 1;
			 len++)
		{
			ForestParts parts = small_parts();
			ForestString strings[7];
			size_t		size;
			uint8_t    *bytes;
			ForestFault fault;
			ForestStatus status;

			/* the empty category has to stay the first */
			if (i == 4)
				continue;
			memcpy(strings, small_strings, sizeof(strings));
			if (i == 5)
				strings[6] = (ForestString) {"c", 1};
			strings[i] = (ForestString) {text, len};
			parts.strings = strings;
			bytes = model_bytes(&parts, &size);
			status = open_copy(bytes, size, &fault);
			if (len == FOREST_MAX_STRING)
				REQUIRE(status == FOREST_OK);
			else
			{
				REQUIRE(status == FOREST_INVALID);
				REQUIRE(strcmp(fault.rule, "length of string") == 0);
				REQUIRE(fault.position == i);
			}
			free(bytes);
		}
	}
	proven();
}

int
main(void)
{
	test_rules();
	test_label_rules();
	test_string_lengths();
	return unit_done();
}
