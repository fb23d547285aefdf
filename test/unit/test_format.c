/*-------------------------------------------------------------------------
 *
 * test_format.c
 *	  The bytes of a model: written and read back, damaged, forged.
 *
 * Offsets and the digest are spelled out here as doc/FORMAT.md has them, not
 * taken from the core, so that a change of the format shows.  Every model is
 * opened in a block of exactly its size.
 *
 *-------------------------------------------------------------------------
 */
#include "support.h"
#include "unit.h"

#define HEADER		64
#define ENTRY		24
#define N_SECTIONS	10

/* ---- loads, stores and the digest, as FORMAT.md has them ---- */

static uint64_t
load(const uint8_t *p, int width)
{
	uint64_t	v = 0;

	while (width-- > 0)
		v = v << 8 | p[width];
	return v;
}

static void
store(uint8_t *p, int width, uint64_t v)
{
	for (int i = 0; i < width; i++)
		p[i] = (uint8_t) (v >> 8 * i);
}

static uint64_t
rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

/* The output function of splitmix64. */
static uint64_t
mix(uint64_t x)
{
	x += UINT64_C(0x9E3779B97F4A7C15);
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

static void
digest_of(const uint8_t *bytes, size_t len, uint8_t *digest)
{
	uint64_t	a = UINT64_C(0x243F6A8885A308D3);
	uint64_t	b = len;

	for (size_t i = 0; i <= len / 8; i++)
	{
		size_t		rest = len - 8 * i;
		uint64_t	word = load(bytes + 8 * i, rest < 8 ? (int) rest : 8);

		a = rotate((a ^ word) * UINT64_C(0x9E3779B97F4A7C15), 29);
		b = (rotate(b, 31) + word) * UINT64_C(0xC2B2AE3D27D4EB4F);
	}
	a = mix(a);
	store(digest, 8, a);
	store(digest + 8, 8, mix(b) ^ a);
}

/* Makes the digest fit again, as a forger would. */
static void
forge(uint8_t *bytes, size_t len)
{
	digest_of(bytes + 40, len - 40, bytes + 24);
}

/* ---- models as sections ---- */

typedef struct DraftSection
{
	uint32_t	id;
	uint32_t	flags;
	size_t		length;
	uint8_t    *bytes;
} DraftSection;

typedef struct Draft
{
	uint32_t	n;
	DraftSection sections[80];
} Draft;

/* Adds a section behind the others; payload may be NULL for zeros. */
static void
draft_add(Draft *draft, uint32_t id, uint32_t flags, const uint8_t *payload,
		  size_t length)
{
	DraftSection *section = &draft->sections[draft->n++];

	*section = (DraftSection) {id, flags, length, allocate(length)};
	memset(section->bytes, 0, length);
	if (payload != NULL)
		memcpy(section->bytes, payload, length);
}

/* Takes a good model apart. */
static void
draft_of(Draft *draft, const uint8_t *model)
{
	draft->n = 0;
	for (uint64_t i = 0; i < load(model + 12, 4); i++)
	{
		const uint8_t *entry = model + HEADER + ENTRY * i;

		draft_add(draft, (uint32_t) load(entry, 4),
				  (uint32_t) load(entry + 4, 4), model + load(entry + 8, 8),
				  (size_t) load(entry + 16, 8));
	}
}

/* Changes the length of a section; what is new is zero. */
static void
draft_resize(Draft *draft, uint32_t id, size_t length)
{
	DraftSection *section = &draft->sections[id - 1];
	uint8_t    *bytes = allocate(length);

	memset(bytes, 0, length);
	memcpy(bytes, section->bytes,
		   length < section->length ? length : section->length);
	free(section->bytes);
	section->bytes = bytes;
	section->length = length;
}

static void
draft_free(Draft *draft)
{
	for (uint32_t i = 0; i < draft->n; i++)
		free(draft->sections[i].bytes);
}

/* Puts a model together, in a block of exactly its size. */
static uint8_t *
draft_bytes(const Draft *draft, size_t *len)
{
	size_t		at = HEADER + ENTRY * draft->n;
	uint8_t    *bytes;

	*len = at;
	for (uint32_t i = 0; i < draft->n; i++)
		*len += (draft->sections[i].length + 7) / 8 * 8;
	bytes = allocate(*len);
	memset(bytes, 0, *len);
	memcpy(bytes, "iforest", 8);
	store(bytes + 8, 4, 1);
	store(bytes + 12, 4, draft->n);
	store(bytes + 16, 8, *len);
	for (uint32_t i = 0; i < draft->n; i++)
	{
		const DraftSection *section = &draft->sections[i];
		uint8_t    *entry = bytes + HEADER + ENTRY * i;

		store(entry, 4, section->id);
		store(entry + 4, 4, section->flags);
		store(entry + 8, 8, at);
		store(entry + 16, 8, section->length);
		memcpy(bytes + at, section->bytes, section->length);
		at += (section->length + 7) / 8 * 8;
	}
	forge(bytes, *len);
	return bytes;
}

/* Where a section of a good model begins. */
static size_t
section_at(const uint8_t *model, uint32_t id)
{
	return (size_t) load(model + HEADER + ENTRY * (id - 1) + 8, 8);
}

/* ---- a small model with something of everything ---- */

/*
 * Features: 0 a number, 1 a text of three categories, 2 a bool, 3 an enum
 * without categories.
 * Tree 0: number <= 0.5 ? leaf 3 : (text in {0, 2} ? leaf 1 : leaf 4),
 * tree 1: a leaf of 8, tree 2 (second group): bool <= -Infinity ? 2 : 3.
 */
static const ForestFeature small_features[4] = {
	{FOREST_FLOAT8, 0, 2, -INFINITY, 7.25},
	{FOREST_TEXT, 3, 0, NAN, NAN},
	{FOREST_BOOL, 0, 9, 0.0, 1.0},
	{FOREST_ENUM, 0, 0, NAN, NAN}
};
static const ForestString small_strings[7] = {
	{"amount", 6}, {"", 0}, {"paid", 4}, {"kind", 4},
	{"", 0}, {"a", 1}, {"a\xC3\xA9", 3}
};
static const ForestGroup small_groups[2] = {{2, 8, 3}, {1, 5, 0}};
static const uint32_t small_tree_nodes[3] = {5, 1, 3};
static const uint16_t small_nodes[9] = {
	0x0000, 0x8000, 0x4001, 0x8000, 0x8000, 0x8000, 0x4002, 0x8000, 0x8000
};
static const double small_cuts[2] = {0.5, -INFINITY};
static const uint32_t small_leaves[6] = {3, 1, 4, 8, 2, 3};
static const uint16_t small_sets[3] = {0x8002, 0, 2};

static ForestParts
small_parts(void)
{
	return (ForestParts) {
		.summary = {
			.n_features = 4, .n_trees = 3, .n_groups = 2,
			.flags = FOREST_FLAG_BOOTSTRAP | FOREST_FLAG_MERGED,
			.rows_seen = UINT64_C(0x123456789ABCDEF), .rows_kept = 500,
			.seed = UINT64_C(0xFEDCBA9876543210), .sample_size = 8,
			.max_depth = FOREST_DEPTH_DEFAULT, .max_categories = 1000,
			.max_features = 0.75, .contamination = 0.125
		},
		.features = small_features, .strings = small_strings,
		.groups = small_groups, .tree_nodes = small_tree_nodes,
		.nodes = small_nodes, .cuts = small_cuts, .leaves = small_leaves,
		.sets = small_sets, .n_strings = 7, .n_nodes = 9, .n_cuts = 2,
		.n_leaves = 6, .n_sets = 3
	};
}

/* Ten rows' scores for the small model. */
static const ForestPoint small_points[3] = {
	{0.25, 0, 2}, {0.5, 2, 5}, {1.5, 7, 10}
};
static const ForestCalibration small_calibration = {10, 3, small_points};

/* The bytes of a model with another score summary. */
static uint8_t *
calibrated_bytes(const uint8_t *model, const ForestCalibration *calibration,
				 size_t *len)
{
	uint8_t    *bytes;

	*len = (size_t) forest_calibrated_size(model, calibration->n_points);
	bytes = allocate(*len);
	memset(bytes, 0xA5, *len);
	forest_calibrated_write(model, calibration, bytes);
	return bytes;
}

/* The profile of the small model's four features and three categories. */
static void
fill_profile(double *quantiles, uint32_t *category_rows)
{
	for (int i = 0; i < FOREST_QUANTILES; i++)
	{
		quantiles[i] = i == 0 ? -INFINITY : (i / 4) * 0.5;
		quantiles[FOREST_QUANTILES + i] = NAN;
		quantiles[2 * FOREST_QUANTILES + i] = i > 20;
		quantiles[3 * FOREST_QUANTILES + i] = NAN;
	}
	category_rows[0] = 0;
	category_rows[1] = 400;
	category_rows[2] = 100;
}

/* The small model with its score summary, and a profile if asked for. */
static uint8_t *
small_bytes(bool with_profile, size_t *len)
{
	ForestParts parts = small_parts();
	double		quantiles[4 * FOREST_QUANTILES];
	uint32_t	category_rows[3];
	uint8_t    *plain;
	uint8_t    *bytes;

	fill_profile(quantiles, category_rows);
	if (with_profile)
	{
		parts.quantiles = quantiles;
		parts.category_rows = category_rows;
	}
	plain = model_bytes(&parts, len);
	bytes = calibrated_bytes(plain, &small_calibration, len);
	free(plain);
	return bytes;
}

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

/* ---- opening ---- */

/* Opens a copy of some bytes in a block of exactly their size. */
static ForestStatus
open_copy(const uint8_t *bytes, size_t len, ForestFault *fault)
{
	uint8_t    *copy = allocate(len);
	ForestView	view;
	ForestStatus status;

	memcpy(copy, bytes, len);
	status = forest_open(copy, len, &view, fault);
	free(copy);
	return status;
}

/* The arrays of an opened model, read without the core. */
static void
parts_of_view(const ForestView *view, ForestParts *parts,
			  ForestFeature **features, ForestGroup **groups, void **rest)
{
	uint64_t	n_trees = view->summary.n_trees;
	double	   *cuts = allocate(8 * (view->n_cuts + (size_t) view->n_leaves +
									 n_trees + view->n_nodes) +
								2 * (size_t) view->n_sets);
	uint32_t   *leaves = (uint32_t *) (cuts + view->n_cuts);
	uint32_t   *tree_nodes = leaves + view->n_leaves;
	uint16_t   *nodes = (uint16_t *) (tree_nodes + n_trees);
	uint16_t   *sets = nodes + view->n_nodes;

	*rest = cuts;
	*features = allocate(view->summary.n_features * sizeof(ForestFeature));
	*groups = allocate(view->summary.n_groups * sizeof(ForestGroup));
	for (uint32_t i = 0; i < view->summary.n_features; i++)
		(*features)[i] = forest_view_feature(view, i);
	for (uint32_t i = 0; i < view->summary.n_groups; i++)
		(*groups)[i] = forest_view_group(view, i);
	for (size_t i = 0; i < view->n_cuts; i++)
	{
		uint64_t	bits = load(view->cuts + 8 * i, 8);

		memcpy(&cuts[i], &bits, 8);
	}
	for (size_t i = 0; i < view->n_leaves; i++)
		leaves[i] = (uint32_t) load(view->leaves + 4 * i, 4);
	for (size_t i = 0; i < n_trees; i++)
		tree_nodes[i] = (uint32_t) load(view->tree_nodes + 4 * i, 4);
	for (size_t i = 0; i < view->n_nodes; i++)
		nodes[i] = (uint16_t) load(view->nodes + 2 * i, 2);
	for (size_t i = 0; i < view->n_sets; i++)
		sets[i] = (uint16_t) load(view->sets + 2 * i, 2);
	memset(parts, 0, sizeof(*parts));
	parts->summary = view->summary;
	parts->features = *features;
	parts->groups = *groups;
	parts->cuts = cuts;
	parts->leaves = leaves;
	parts->tree_nodes = tree_nodes;
	parts->nodes = nodes;
	parts->sets = sets;
}

/* Reads a profile, whose quantiles ascend. */
static void
use_profile(const ForestView *view)
{
	uint64_t	sum = 0;

	for (uint32_t f = 0; f < view->summary.n_features; f++)
	{
		for (uint32_t i = 1; i < FOREST_QUANTILES; i++)
			REQUIRE(!(forest_view_quantile(view, f, i) <
					  forest_view_quantile(view, f, i - 1)));
	}
	for (uint32_t i = view->summary.n_features; i < view->n_strings; i++)
		sum += forest_view_category_rows(view, i);
	REQUIRE(sum < UINT64_MAX);
}

/* Everything a reader may do with an accepted model must work. */
static void
use_view(const ForestView *view, uint64_t seed)
{
	ForestParts parts;
	ForestFeature *features;
	ForestGroup *groups;
	void	   *rest;
	Scorer		scorer;
	ForestRng	rng;
	double	   *row = allocate(view->summary.n_features * sizeof(double));
	uint64_t	n_bytes = 0;

	for (uint32_t i = 0; i < view->n_strings; i++)
		n_bytes += forest_view_string(view, i).len;
	REQUIRE(n_bytes == 0 || n_bytes <=
			(uint64_t) (view->groups - view->string_bytes));

	for (uint32_t i = 0; i < view->n_points; i++)
	{
		double		score =
			forest_length_score(forest_view_point(view, i).length);

		REQUIRE(score >= 0.0 && score <= 1.0);
	}
	if (view->quantiles != NULL)
		use_profile(view);

	parts_of_view(view, &parts, &features, &groups, &rest);
	scorer_init(&scorer, view);
	forest_rng_init(&rng, seed, 0);
	for (int i = 0; i < 4; i++)
	{
		double		score;

		random_row(&parts, row, &rng);
		for (uint32_t f = 0; i == 0 && f < view->summary.n_features; f++)
			row[f] = NAN;
		score = scorer_score(&scorer, row);
		REQUIRE(score > 0.0 && score <= 1.0);
		REQUIRE(fabs(score - exp2(-plain_mean_path(&parts, row))) < 1e-12);
	}
	scorer_free(&scorer);
	free(row);
	free(features);
	free(groups);
	free(rest);
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
		use_view(&view, unit_case);
	else
		REQUIRE((status == FOREST_INVALID) == (fault.rule[0] != '\0') ||
				status == FOREST_NOT_A_MODEL || status == FOREST_TRUNCATED ||
				status == FOREST_NEWER_FORMAT);
	free(block);
	return status == FOREST_OK;
}

/* ---- round trips ---- */

static bool
same_double(double a, double b)
{
	return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b);
}

static bool
same_summary(const ForestSummary *a, const ForestSummary *b)
{
	return a->n_features == b->n_features && a->n_trees == b->n_trees &&
		a->n_groups == b->n_groups && a->flags == b->flags &&
		a->rows_seen == b->rows_seen && a->rows_kept == b->rows_kept &&
		a->seed == b->seed && a->sample_size == b->sample_size &&
		a->max_depth == b->max_depth &&
		a->max_categories == b->max_categories &&
		a->max_features == b->max_features &&
		a->contamination == b->contamination;
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
	uint8_t		digest[16];
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
		REQUIRE(load(p + 72, 8) == 0 && load(p + 80, 8) == 0);
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

	claim("the digest is the one that is described");
	for (size_t n = 0; n <= len; n++)
	{
		uint8_t		described[16];

		forest_digest(bytes, n, digest);
		digest_of(bytes, n, described);
		REQUIRE(memcmp(digest, described, 16) == 0);
	}
	forest_digest(bytes, 0, digest);
	REQUIRE(memcmp(digest, "\x6C\xC6\x8C\xC8\x03\xC7\xE0\xFD"
				   "\xC3\x0B\x91\xB3\x3A\x6F\xC0\x1F", 16) == 0);
	forest_digest((const uint8_t *) "iforest", 7, digest);
	REQUIRE(memcmp(digest, "\xED\xCE\x93\x7A\x57\x83\xBC\xD3"
				   "\x48\xBA\x5E\xCD\x85\x32\x12\xED", 16) == 0);
	proven();

	claim("a glance at the header tells length and digest");
	REQUIRE(forest_peek(bytes, HEADER, &total, &stored) == FOREST_OK);
	REQUIRE(total == len && stored == bytes + 24);
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

	claim("damage behind the digest is told from a broken rule");
	{
		size_t		len;
		uint8_t    *bytes = model_bytes(&small, &len);

		for (size_t at = 24; at < len; at++)
		{
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
		if (n >= 24)
			store(longer + 16, 8, n);
		REQUIRE(!open_forged(longer, n));
	}
	proven();

	claim("a model with bytes behind it is refused");
	memcpy(longer, bytes, len);
	memset(longer + len, 0, 200);
	for (size_t n = len + 1; n < len + 200; n++)
	{
		unit_case = n;
		store(longer + 16, 8, len);
		REQUIRE(open_copy(longer, n, &fault) == FOREST_TRUNCATED);
		store(longer + 16, 8, n);
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

/* ---- rules ---- */

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
	{0, 8, 4, 2, NEWER},
	{0, 8, 4, UINT32_MAX, NEWER},
	{0, 8, 4, 0, BAD("format number", 0)},
	{0, 16, 8, 695, FOREST_TRUNCATED, "", 0},
	{0, 16, 8, UINT64_MAX, FOREST_TRUNCATED, "", 0},
	{0, 40, 4, 1, NEWER},
	{0, 44, 4, 1, NEWER},
	{0, 63, 1, 0x80, NEWER},
	/* directory */
	{0, 12, 4, 65, BAD("number of sections", 65)},
	{0, 12, 4, 64, BAD("extent of section", 1)},
	{0, 12, 4, UINT32_MAX, BAD("number of sections", UINT32_MAX)},
	{0, 12, 4, 9, BAD("extent of section", 1)},
	{0, 12, 4, 0, BAD("total length", HEADER)},
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
	/* summary */
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
	{1, 12, 4, 8, NEWER},
	{1, 12, 4, 0x80000000, NEWER},
	{1, 16, 8, UINT64_C(0x8000000000000000), BAD("number of rows", 500)},
	{1, 16, 8, 499, BAD("number of rows", 500)},
	{1, 40, 8, 0, BAD("max_features", 0)},
	{1, 40, 8, UINT64_C(0x3FF0000000000001), BAD("max_features", 0)},
	{1, 40, 8, UINT64_C(0xBFE8000000000000), BAD("max_features", 0)},
	{1, 40, 8, UINT64_C(0x7FF8000000000000), BAD("max_features", 0)},
	{1, 48, 8, UINT64_C(0x3FE0000000000001), BAD("contamination", 0)},
	{1, 48, 8, UINT64_C(0x8000000000000001), BAD("contamination", 0)},
	{1, 48, 8, UINT64_C(0x7FF8000000000000), BAD("contamination", 0)},
	{1, 56, 4, 0, BAD("sample_size", 0)},
	{1, 56, 4, 100000001, BAD("sample_size", 100000001)},
	{1, 64, 4, 32001, BAD("max_categories", 32001)},
	{1, 68, 4, 1, NEWER},
	{1, 87, 1, 0x80, NEWER},
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
	/* score summary */
	{0, ENTRY_AT(11, 4), 4, 0, NEWER},
	{0, ENTRY_AT(11, 4), 4, 3, NEWER},
	{11, 0, 0, 0, BAD("length of score summary", 0)},
	{11, 0, 0, 8, BAD("length of score summary", 8)},
	{11, 0, 0, 23, BAD("length of score summary", 23)},
	{11, 0, 0, 57, BAD("length of score summary", 57)},
	{11, 0, 0, 8 + 16 * 4097, BAD("length of score summary", 65560)},
	{11, 4, 4, 1, NEWER},
	{11, 0, 4, 11, BAD("rows of score summary", 10)},
	{11, 52, 4, 9, BAD("rows of score summary", 9)},
	{11, 8, 8, UINT64_C(0xBFE0000000000000), BAD("length of point", 0)},
	{11, 24, 8, UINT64_C(0x3FD0000000000000), BAD("length of point", 1)},
	{11, 24, 8, UINT64_C(0x7FF8000000000000), BAD("length of point", 1)},
	{11, 40, 8, UINT64_C(0x7FF0000000000000), BAD("length of point", 2)},
	{11, 16, 4, 1, BAD("rows of point", 0)},
	{11, 32, 4, 1, BAD("rows of point", 1)},
	{11, 36, 4, 2, BAD("rows of point", 1)},
	{11, 8, 8, 0, FOREST_OK, "", 0},
	/* profile; 328 bytes of quantiles a feature */
	{0, ENTRY_AT(12, 4), 4, 0, NEWER},
	{12, 0, 0, 0, BAD("length of profile", 0)},
	{12, 0, 0, 1323, BAD("length of profile", 1323)},
	{12, 0, 0, 1328, BAD("length of profile", 1328)},
	{12, 0, 8, UINT64_C(0x7FF8000000000000), BAD("quantiles of feature", 0)},
	{12, 40, 8, UINT64_C(0x7FF8000000000000), BAD("quantiles of feature", 0)},
	{12, 320, 8, UINT64_C(0x4000000000000000), BAD("quantiles of feature", 0)},
	{12, 328, 8, 0, BAD("quantiles of feature", 1)},
	{12, 648, 8, 0, BAD("quantiles of feature", 1)},
	{12, 656, 8, UINT64_C(0x7FF0000000000000), BAD("quantiles of feature", 2)},
	{12, 976, 8, UINT64_C(0x7FF0000000000000), FOREST_OK, "", 0},
	{12, 1320, 4, UINT32_MAX, FOREST_OK, "", 0}
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

/* Each rule broken once. */
static void
test_rules(void)
{
	size_t		good_len;
	uint8_t    *good = small_bytes(true, &good_len);

	claim("each broken rule is named");
	for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++)
	{
		const Breach *breach = &breaches[i];
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
	proven();

	claim("a directory longer than the model is no directory");
	{
		ForestParts small = small_parts();
		size_t		len;
		uint8_t    *bytes = model_bytes(&small, &len);
		ForestFault fault;

		store(bytes + 12, 4, 27);
		REQUIRE(open_copy(bytes, len, &fault) == FOREST_INVALID);
		REQUIRE(strcmp(fault.rule, "number of sections") == 0);
		store(bytes + 12, 4, 26);
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

/* The score summary is put into a model, and replaced. */
static void
test_score_summary(void)
{
	static const ForestPoint other_points[1] = {{0.0, 0, UINT32_MAX}};
	const ForestCalibration other = {UINT32_MAX, 1, other_points};
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

	claim("a score summary is read as it was written");
	REQUIRE(len == plain_len + ENTRY + 8 + 3 * 16);
	if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
	{
		require_same(&view, &small);
		REQUIRE(view.calibration_rows == 10 && view.n_points == 3);
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

	claim("a model with a score summary put together by hand is the same");
	draft_of(&draft, bytes);
	REQUIRE(draft.n == N_SECTIONS + 1);
	REQUIRE(draft.sections[N_SECTIONS].id == 11);
	REQUIRE(draft.sections[N_SECTIONS].flags == 1);
	REQUIRE(load(draft.sections[N_SECTIONS].bytes, 8) == 10);
	again = draft_bytes(&draft, &again_len);
	REQUIRE(again_len == len && memcmp(again, bytes, len) == 0);
	free(again);
	proven();

	claim("another score summary replaces the first and all else stays");
	/* what is not known may not fit the new summary, and goes */
	draft_add(&draft, 1000, 1, NULL, 40);
	free(bytes);
	bytes = draft_bytes(&draft, &len);
	again = calibrated_bytes(bytes, &other, &again_len);
	REQUIRE(again_len == plain_len + ENTRY + 8 + 16);
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

/* The profile is read as it was written, and stays when scores are redone. */
static void
test_profile(void)
{
	ForestParts parts = small_parts();
	double		quantiles[4 * FOREST_QUANTILES];
	uint32_t	category_rows[3];
	size_t		len;
	uint8_t    *bytes;
	ForestView	view;
	ForestFault fault;
	Draft		draft;

	fill_profile(quantiles, category_rows);
	parts.quantiles = quantiles;
	parts.category_rows = category_rows;

	claim("a profile is read as it was written, with a score summary or not");
	for (int calibrated = 0; calibrated < 2; calibrated++)
	{
		unit_case = (unsigned int) calibrated;
		bytes = calibrated ? small_bytes(true, &len) :
			model_bytes(&parts, &len);
		if (REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK) &&
			REQUIRE(view.quantiles != NULL))
		{
			require_same(&view, &parts);
			REQUIRE(view.n_points == (calibrated ? 3 : 0));
			for (uint32_t i = 0; i < 4 * FOREST_QUANTILES; i++)
				REQUIRE(same_double(forest_view_quantile(&view,
					i / FOREST_QUANTILES, i % FOREST_QUANTILES),
									quantiles[i]));
			for (uint32_t i = 0; i < 3; i++)
				REQUIRE(forest_view_category_rows(&view, 4 + i) ==
						category_rows[i]);
		}
		draft_of(&draft, bytes);
		REQUIRE(draft.sections[draft.n - 1].id == 12);
		REQUIRE(draft.sections[draft.n - 1].flags == 1);
		REQUIRE(draft.sections[draft.n - 1].length == 4 * 41 * 8 + 3 * 4);
		draft_free(&draft);
		free(bytes);
	}
	proven();

	claim("a category has no quantiles, and a number need not have any");
	for (int i = 0; i < FOREST_QUANTILES; i++)
		quantiles[i] = NAN;
	bytes = model_bytes(&parts, &len);
	REQUIRE(open_copy(bytes, len, &fault) == FOREST_OK);
	free(bytes);
	for (int i = 0; i < FOREST_QUANTILES; i++)
		quantiles[3 * FOREST_QUANTILES + i] = i;
	bytes = model_bytes(&parts, &len);
	REQUIRE(open_copy(bytes, len, &fault) == FOREST_INVALID);
	REQUIRE(strcmp(fault.rule, "quantiles of feature") == 0);
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
		store(bytes + 8, 4, 1);
		store(bytes + 12, 4, forest_rng_below(&rng, 20));
		store(bytes + 16, 8, len);
		memset(bytes + 40, 0, 24);
		REQUIRE(!open_forged(bytes, len));
	}
	proven();
}

int
main(void)
{
	test_round_trip();
	test_layout();
	test_doubles();
	test_string_compare();
	test_flips();
	test_lengths();
	test_rules();
	test_score_summary();
	test_profile();
	test_extensions();
	test_forged_bytes();
	test_forged_counts();
	test_forged_at_random();
	return unit_done();
}
