/*-------------------------------------------------------------------------
 *
 * test_format.c
 *	  The bytes of a model: written and read back, with what may be added.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"

#include "format_support.h"
#include "support.h"
#include "unit.h"

static bool
same_double(double a, double b)
{
	return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b);
}

/* Whether summaries are the same, as bytes. */
static bool
same_summary(const ForestSummary *a, const ForestSummary *b)
{
	uint8_t		bytes[2][FOREST_SUMMARY_SIZE] = {{0}};

	forest_summary_put(a, bytes[0]);
	forest_summary_put(b, bytes[1]);
	return memcmp(bytes[0], bytes[1], FOREST_SUMMARY_SIZE) == 0;
}

/* Whether a view gives back the parts that were written. */
static void
require_same(const ForestView *view, const ForestParts *parts)
{
	uint32_t	n_set_splits = 0;

	REQUIRE(same_summary(&view->summary, &parts->summary));
	REQUIRE(view->n_strings == parts->n_strings);
	REQUIRE(view->n_nodes == parts->n_nodes);
	REQUIRE(view->n_cuts == parts->n_cuts);
	REQUIRE(view->n_leaves == parts->n_leaves);
	REQUIRE(view->n_sets == parts->n_sets);
	for (uint32_t i = 0; i < parts->summary.n_features; i++)
	{
		ForestFeature a = forest_view_feature(view, i);
		ForestFeature b = parts->features[i];

		REQUIRE(a.type == b.type && a.n_categories == b.n_categories);
		REQUIRE(a.n_missing == b.n_missing);
		REQUIRE(same_double(a.minimum, b.minimum));
		REQUIRE(same_double(a.maximum, b.maximum));
	}
	for (uint32_t i = 0; i < parts->n_strings; i++)
		REQUIRE(forest_string_compare(forest_view_string(view, i),
									  parts->strings[i]) == 0);
	for (uint32_t i = 0; i < parts->summary.n_groups; i++)
	{
		ForestGroup a = forest_view_group(view, i);
		ForestGroup b = parts->groups[i];

		REQUIRE(a.n_trees == b.n_trees && a.sample_size == b.sample_size &&
				a.depth_limit == b.depth_limit);
	}
	for (size_t i = 0; i < parts->summary.n_trees; i++)
		REQUIRE(load(view->tree_nodes + 4 * i, 4) == parts->tree_nodes[i]);
	for (size_t i = 0; i < parts->n_nodes; i++)
	{
		REQUIRE(load(view->nodes + 2 * i, 2) == parts->nodes[i]);
		n_set_splits += parts->nodes[i] != 0x8000 &&
			plain_is_category(parts, parts->nodes[i]);
	}
	REQUIRE(view->n_set_splits == n_set_splits);
	for (size_t i = 0; i < parts->n_cuts; i++)
	{
		uint64_t	bits;

		memcpy(&bits, &parts->cuts[i], 8);
		REQUIRE(load(view->cuts + 8 * i, 8) == bits);
	}
	for (size_t i = 0; i < parts->n_leaves; i++)
		REQUIRE(load(view->leaves + 4 * i, 4) == parts->leaves[i]);
	REQUIRE((view->labels == NULL) == (parts->labels == NULL));
	for (size_t i = 0; i < parts->n_leaves && parts->labels != NULL; i++)
	{
		ForestLabels labels = forest_view_labels(view, i);

		REQUIRE(labels.outliers == parts->labels[i].outliers);
		REQUIRE(labels.normal == parts->labels[i].normal);
	}
	for (size_t i = 0; i < parts->n_sets; i++)
		REQUIRE(load(view->sets + 2 * i, 2) == parts->sets[i]);
}

/* Parts to bytes and back, at every alignment. */
static void
test_round_trip(void)
{
	ForestParts small = small_parts();
	size_t		len;
	uint8_t    *bytes = model_bytes(&small, &len);
	ForestRng	rng;

	claim("the small model is read as it was written, at any address");
	for (size_t shift = 0; shift < 8; shift++)
	{
		uint8_t    *block = allocate(len + shift);
		ForestView	view;
		ForestFault fault;

		memcpy(block + shift, bytes, len);
		if (REQUIRE(forest_open(block + shift, len, &view, &fault) ==
					FOREST_OK))
		{
			require_same(&view, &small);
			use_view(&view, 0);
		}
		free(block);
	}
	free(bytes);
	proven();

	claim("grown models are read as they were written");
	forest_rng_init(&rng, 21, 0);
	for (unit_case = 0; unit_case < 200; unit_case++)
	{
		Table		table;
		Grove		grove;
		ForestView	view;
		ForestFault fault;

		table_random(&table, 1 + forest_rng_below(&rng, 60),
					 1 + forest_rng_below(&rng, 10), &rng);
		grove_begin(&grove, &table);
		for (uint32_t i = 0; i <= unit_case % 3; i++)
			grove_grow_group(&grove, &table, 1 + forest_rng_below(&rng, 3),
							 1 + forest_rng_below(&rng, table.n_rows),
							 forest_rng_below(&rng, 6), unit_case);
		if (unit_case % 2 == 0)
			grove_label(&grove, 4, &rng);
		bytes = model_bytes(&grove.parts, &len);
		if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
		{
			require_same(&view, &grove.parts);
			use_view(&view, unit_case);
		}
		free(bytes);
		grove_free(&grove);
		table_free(&table);
	}
	proven();

	claim("the greatest counts of features and categories are read back");
	{
		Table		table;
		Grove		grove;
		ForestView	view;
		ForestFault fault;

		table_init(&table, 1, FOREST_MAX_FEATURES);
		for (uint32_t f = 0; f < FOREST_MAX_FEATURES; f++)
			*table_at(&table, 0, f) = f;
		grove_begin(&grove, &table);
		for (uint32_t f = 10000; f < FOREST_MAX_FEATURES; f++)
			grove.features[f].n_missing = 1;
		grove_grow_group(&grove, &table, 1, 1, 0, 1);
		bytes = model_bytes(&grove.parts, &len);
		REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK);
		require_same(&view, &grove.parts);
		free(bytes);
		grove_free(&grove);
		table_free(&table);
	}
	proven();
}

/* The bytes are those that FORMAT.md describes. */
static void
test_layout(void)
{
	ForestParts small = small_parts();
	size_t		len;
	size_t		drafted_len;
	uint8_t    *bytes = model_bytes(&small, &len);
	uint8_t    *drafted;
	const uint8_t *stored = NULL;
	uint64_t	total = 0;
	Draft		draft;

	claim("a model put together by hand has the same bytes");
	draft_of(&draft, bytes);
	drafted = draft_bytes(&draft, &drafted_len);
	REQUIRE(draft.n == N_SECTIONS);
	REQUIRE(drafted_len == len && memcmp(drafted, bytes, len) == 0);
	draft_free(&draft);
	free(drafted);
	proven();

	claim("the parts of a model lie where they are said to lie");
	REQUIRE(len == 696 && len % 8 == 0);
	REQUIRE(section_at(bytes, 1) == HEADER + N_SECTIONS * ENTRY);
	{
		const uint8_t *p = bytes + section_at(bytes, 1);

		REQUIRE(load(p, 4) == 4 && load(p + 4, 4) == 3);
		REQUIRE(load(p + 8, 4) == 2 && load(p + 12, 4) == 5);
		REQUIRE(load(p + 16, 8) == UINT64_C(0x123456789ABCDEF));
		REQUIRE(load(p + 24, 8) == 500);
		REQUIRE(load(p + 32, 8) == UINT64_C(0xFEDCBA9876543210));
		REQUIRE(load(p + 40, 8) == UINT64_C(0x3FE8000000000000));
		REQUIRE(load(p + 48, 8) == UINT64_C(0x3FC0000000000000));
		REQUIRE(load(p + 56, 4) == 8 && load(p + 60, 4) == UINT32_MAX);
		REQUIRE(load(p + 64, 4) == 1000 && load(p + 68, 4) == 0);
		REQUIRE(load(p + 72, 8) == UINT64_C(0x3FD0000000000000));
		REQUIRE(load(p + 80, 8) == 0);
		p = bytes + section_at(bytes, 2);
		REQUIRE(load(p, 4) == 6 && load(p + 8, 8) == 2);
		REQUIRE(load(p + 16, 8) == UINT64_C(0xFFF0000000000000));
		REQUIRE(load(p + 32, 4) == 32 && load(p + 36, 4) == 3);
		REQUIRE(load(p + 48, 8) == UINT64_C(0x7FF8000000000000));
		p = bytes + section_at(bytes, 3);
		REQUIRE(load(p, 4) == 6 && load(p + 4, 4) == 6);
		REQUIRE(load(p + 8, 4) == 10 && load(p + 24, 4) == 18);
		REQUIRE(memcmp(bytes + section_at(bytes, 4),
					   "amountpaidkindaa\xC3\xA9", 18) == 0);
		p = bytes + section_at(bytes, 5);
		REQUIRE(load(p, 4) == 2 && load(p + 4, 4) == 8 && load(p + 8, 4) == 3);
		REQUIRE(load(p + 16, 4) == 1 && load(p + 20, 4) == 5);
	}
	proven();

	claim("a glance at the header tells length and digest");
	REQUIRE(forest_peek(bytes, HEADER, &total, &stored) == FOREST_OK);
	REQUIRE(total == len && stored == bytes + 8);
	proven();
	free(bytes);
}

/* NaNs are stored alike, and no other double is changed. */
static void
test_doubles(void)
{
	static const uint64_t nans[] = {
		UINT64_C(0x7FF8000000000000), UINT64_C(0xFFF8000000000000),
		UINT64_C(0x7FF8000000000001), UINT64_C(0xFFFFFFFFFFFFFFFF)
	};
	ForestParts parts = small_parts();
	ForestFeature features[4];

	claim("all missing ranges are stored as the same bytes");
	memcpy(features, small_features, sizeof(features));
	parts.features = features;
	for (int i = 0; i < 4; i++)
	{
		size_t		len;
		uint8_t    *bytes;

		memcpy(&features[1].minimum, &nans[i], 8);
		memcpy(&features[1].maximum, &nans[3 - i], 8);
		bytes = model_bytes(&parts, &len);
		REQUIRE(load(bytes + section_at(bytes, 2) + 48, 8) == nans[0]);
		REQUIRE(load(bytes + section_at(bytes, 2) + 56, 8) == nans[0]);
		free(bytes);
	}
	proven();
}

/* Strings compare bytewise, as unsigned bytes, a prefix first. */
static void
test_string_compare(void)
{
	static const ForestString ordered[] = {
		{"", 0}, {"A", 1}, {"Aa", 2}, {"B", 1}, {"\x7F", 1}, {"\x80", 1},
		{"\xFF", 1}, {"\xFF\x01", 2}
	};

	claim("strings are ordered bytewise");
	for (int i = 0; i < 8; i++)
	{
		for (int j = 0; j < 8; j++)
		{
			int			cmp = forest_string_compare(ordered[i], ordered[j]);

			REQUIRE((cmp > 0) == (i > j) && (cmp < 0) == (i < j));
		}
	}
	REQUIRE(forest_string_compare((ForestString) {NULL, 0},
								  (ForestString) {NULL, 0}) == 0);
	proven();
}

/* The calibration is put into a model, and replaced. */
static void
test_calibrated(void)
{
	static const ForestPoint other_points[1] = {{0.0, 0, UINT32_MAX}};
	const ForestCalibration other = {UINT32_MAX, 1, other_points, 0.0};
	ForestParts small = small_parts();
	size_t		plain_len;
	uint8_t    *plain = model_bytes(&small, &plain_len);
	size_t		len;
	uint8_t    *bytes = small_bytes(false, &len);
	size_t		again_len;
	uint8_t    *again;
	ForestView	view;
	ForestFault fault;
	Draft		draft;

	claim("a calibration is read as it was written");
	REQUIRE(len == plain_len + ENTRY + 16 + 3 * 16);
	if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
	{
		require_same(&view, &small);
		REQUIRE(view.calibration_rows == 10 && view.n_points == 3);
		REQUIRE(view.spread == 0.125);
		for (uint32_t i = 0; i < view.n_points; i++)
		{
			ForestPoint point = forest_view_point(&view, i);

			REQUIRE(point.length == small_points[i].length);
			REQUIRE(point.below == small_points[i].below);
			REQUIRE(point.through == small_points[i].through);
		}
	}
	REQUIRE(forest_open(plain, plain_len, &view, &fault) == FOREST_OK);
	REQUIRE(view.calibration_rows == 0 && view.n_points == 0);
	proven();

	claim("a model with a calibration put together by hand is the same");
	draft_of(&draft, bytes);
	REQUIRE(draft.n == N_SECTIONS + 1);
	REQUIRE(draft.sections[N_SECTIONS].id == 11);
	REQUIRE(draft.sections[N_SECTIONS].flags == 1);
	REQUIRE(load(draft.sections[N_SECTIONS].bytes, 8) == 10);
	again = draft_bytes(&draft, &again_len);
	REQUIRE(again_len == len && memcmp(again, bytes, len) == 0);
	free(again);
	proven();

	claim("another calibration replaces the first and all else stays");
	/* what is not known may not fit the new calibration, and goes */
	draft_add(&draft, 1000, 1, NULL, 40);
	free(bytes);
	bytes = draft_bytes(&draft, &len);
	again = calibrated_bytes(bytes, &other, &again_len);
	REQUIRE(again_len == plain_len + ENTRY + 16 + 16);
	if (REQUIRE(forest_open(again, again_len, &view, &fault) == FOREST_OK))
	{
		require_same(&view, &small);
		REQUIRE(view.n_points == 1 && view.calibration_rows == UINT32_MAX);
	}
	free(bytes);
	bytes = calibrated_bytes(again, &small_calibration, &len);
	free(again);
	again = small_bytes(false, &again_len);
	REQUIRE(again_len == len && memcmp(again, bytes, len) == 0);
	draft_free(&draft);
	free(again);
	free(bytes);
	free(plain);
	proven();
}

/* The small model's profile, knot by knot, and what its quantiles are. */
static void
require_curves(const ForestView *view)
{
	uint32_t	n;

	for (uint32_t f = 0; f < 4; f++)
	{
		uint32_t	first = forest_view_curve(view, f, &n);

		REQUIRE(first == (f > 0 ? small_curve_ends[f - 1] : 0));
		REQUIRE(n == small_curve_ends[f] - first);
		REQUIRE(n > 0 || isnan(forest_view_quantile(view, f, FOREST_MEDIAN)));
	}
	for (uint32_t i = 0; i < SMALL_KNOTS; i++)
	{
		ForestKnot	knot = forest_view_knot(view, i);

		REQUIRE(same_double(knot.value, small_knots[i].value));
		REQUIRE(knot.below == small_knots[i].below);
		REQUIRE(knot.through == small_knots[i].through);
	}
	/* 25 of 1000 rows are a fortieth; one row more is not */
	REQUIRE(forest_view_quantile(view, 0, 0) == -INFINITY);
	REQUIRE(forest_view_quantile(view, 0, 1) == -INFINITY);
	REQUIRE(forest_view_quantile(view, 0, 2) == 0.5);
	REQUIRE(forest_view_quantile(view, 0, 40) == 7.25);
	REQUIRE(forest_view_quantile(view, 2, FOREST_MEDIAN) == 0.0);
	REQUIRE(forest_view_quantile(view, 2, FOREST_MEDIAN + 1) == 1.0);
	for (uint32_t i = 0; i < 3; i++)
		REQUIRE(forest_view_category_rows(view, 4 + i) ==
				small_category_rows[i]);
}

/* The profile is read as it was written, and stays when scores are redone. */
static void
test_profile(void)
{
	ForestParts parts = small_parts();
	uint32_t	ends[4];
	size_t		len;
	uint8_t    *bytes;
	ForestView	view;
	ForestFault fault;
	Draft		draft;

	set_profile(&parts);

	claim("a profile is read as it was written, with a calibration or not");
	for (int calibrated = 0; calibrated < 2; calibrated++)
	{
		unit_case = (unsigned int) calibrated;
		bytes = calibrated ? small_bytes(true, &len) :
			model_bytes(&parts, &len);
		if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK) &&
			REQUIRE(view.curve_ends != NULL))
		{
			require_same(&view, &parts);
			REQUIRE(view.n_points == (calibrated ? 3 : 0));
			require_curves(&view);
		}
		draft_of(&draft, bytes);
		REQUIRE(draft.sections[draft.n - 1].id == 12);
		REQUIRE(draft.sections[draft.n - 1].flags == 1);
		REQUIRE(draft.sections[draft.n - 1].length ==
				7 * 4 + SMALL_KNOTS * 16);
		draft_free(&draft);
		free(bytes);
	}
	proven();

	claim("a category has no curve, and a number need not have one");
	memset(ends, 0, sizeof(ends));
	parts.curve_ends = ends;
	bytes = model_bytes(&parts, &len);
	REQUIRE(open_copy(bytes, len, &fault) == FOREST_OK);
	free(bytes);
	ends[3] = 1;
	bytes = model_bytes(&parts, &len);
	REQUIRE(open_copy(bytes, len, &fault) == FOREST_INVALID);
	REQUIRE(strcmp(fault.rule, "number of knots of feature") == 0);
	REQUIRE(fault.position == 3);
	free(bytes);
	proven();
}

/* What a later version may add. */
static void
test_extensions(void)
{
	ForestParts small = small_parts();
	size_t		good_len;
	uint8_t    *good = model_bytes(&small, &good_len);
	ForestFault fault;
	Draft		draft;
	size_t		len;
	uint8_t    *bytes;
	ForestView	view;

	claim("unknown optional sections are skipped");
	draft_of(&draft, good);
	draft_add(&draft, 1000, 1, (const uint8_t *) "hello, world!", 13);
	draft_add(&draft, 1001, 1, NULL, 0);
	draft_add(&draft, UINT32_MAX, 1, NULL, 8);
	bytes = draft_bytes(&draft, &len);
	if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
	{
		require_same(&view, &small);
		use_view(&view, 0);
	}
	free(bytes);
	proven();

	claim("unknown required sections are of a newer version");
	for (uint32_t i = 10; i < draft.n; i++)
	{
		static const uint32_t flags[] = {0, 2, 3, 0x80000001};

		for (int j = 0; j < 4; j++)
		{
			unit_case = i * 10 + (uint32_t) j;
			draft.sections[i].flags = flags[j];
			bytes = draft_bytes(&draft, &len);
			REQUIRE(open_copy(bytes, len, &fault) == FOREST_NEWER_FORMAT);
			free(bytes);
		}
		draft.sections[i].flags = 1;
	}
	draft_free(&draft);
	proven();

	claim("64 sections are accepted, 65 are not");
	draft_of(&draft, good);
	for (uint32_t id = 1000; draft.n < 64; id++)
		draft_add(&draft, id, 1, NULL, id % 9);
	bytes = draft_bytes(&draft, &len);
	REQUIRE(open_copy(bytes, len, &fault) == FOREST_OK);
	free(bytes);
	draft_add(&draft, 2000, 1, NULL, 1);
	bytes = draft_bytes(&draft, &len);
	REQUIRE(open_copy(bytes, len, &fault) == FOREST_INVALID);
	free(bytes);
	draft_free(&draft);
	proven();
	free(good);
}

int
main(void)
{
	test_round_trip();
	test_layout();
	test_doubles();
	test_string_compare();
	test_calibrated();
	test_profile();
	test_extensions();
	return unit_done();
}
