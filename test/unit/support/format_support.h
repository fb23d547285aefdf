/*-------------------------------------------------------------------------
 *
 * format_support.h
 *	  Models put together by hand, and the use of those that open.
 *
 * Offsets are spelled out here as doc/FORMAT.md has them, not taken from the
 * core, so that a change of the format shows.  Every model is
 * opened in a block of exactly its size.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FORMAT_SUPPORT_H
#define FORMAT_SUPPORT_H

#include "core/base/forest_digest.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/format/forest_write.h"
#include "core/score/forest_walk.h"

#include "support.h"
#include "unit.h"

#define HEADER		64
#define ENTRY		24
#define N_SECTIONS	10

/* ---- loads and stores, as FORMAT.md has them ---- */

static inline uint64_t
load(const uint8_t *p, int width)
{
	uint64_t	v = 0;

	while (width-- > 0)
		v = v << 8 | p[width];
	return v;
}

static inline void
store(uint8_t *p, int width, uint64_t v)
{
	for (int i = 0; i < width; i++)
		p[i] = (uint8_t) (v >> 8 * i);
}

/* Makes the digest fit again, as a forger would. */
static inline void
forge(uint8_t *bytes, size_t len)
{
	forest_digest(bytes + 40, len - 40, bytes + 8);
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
static inline void
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
static inline void
draft_of(Draft *draft, const uint8_t *model)
{
	draft->n = 0;
	for (uint64_t i = 0; i < load(model + 44, 4); i++)
	{
		const uint8_t *entry = model + HEADER + ENTRY * i;

		draft_add(draft, (uint32_t) load(entry, 4),
				  (uint32_t) load(entry + 4, 4), model + load(entry + 8, 8),
				  (size_t) load(entry + 16, 8));
	}
}

/* Changes the length of a section; what is new is zero. */
static inline void
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

static inline void
draft_free(Draft *draft)
{
	for (uint32_t i = 0; i < draft->n; i++)
		free(draft->sections[i].bytes);
}

/* Puts a model together, in a block of exactly its size. */
static inline uint8_t *
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
	store(bytes + 40, 4, 1);
	store(bytes + 44, 4, draft->n);
	store(bytes + 48, 8, *len);
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
static inline size_t
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

static inline ForestParts
small_parts(void)
{
	return (ForestParts) {
		.summary = {
			.n_features = 4, .n_trees = 3, .n_groups = 2,
			.flags = FOREST_FLAG_BOOTSTRAP | FOREST_FLAG_MERGED,
			.rows_seen = UINT64_C(0x123456789ABCDEF), .rows_kept = 500,
			.seed = UINT64_C(0xFEDCBA9876543210), .sample_size = 8,
			.max_depth = FOREST_DEPTH_DEFAULT, .max_categories = 1000,
			.max_features = 0.75, .contamination = 0.125, .guided = 0.25
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
static const ForestCalibration small_calibration = {
	10, 3, small_points, 0.125
};

/* The bytes of a model with another calibration. */
static inline uint8_t *
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
#define SMALL_KNOTS		5

static const uint32_t small_curve_ends[] = {3, 3, 5, 5};
static const ForestKnot small_knots[SMALL_KNOTS] = {
	{-INFINITY, 0, 25}, {0.5, 100, 101}, {7.25, 999, 1000},
	{0.0, 0, 500}, {1.0, 500, 991}
};
static const uint32_t small_category_rows[] = {0, 400, 100};

/* Gives the small model its profile. */
static inline void
set_profile(ForestParts *parts)
{
	parts->curve_ends = small_curve_ends;
	parts->knots = small_knots;
	parts->category_rows = small_category_rows;
}

/* The small model with its calibration, and a profile if asked for. */
static inline uint8_t *
small_bytes(bool with_profile, size_t *len)
{
	ForestParts parts = small_parts();
	uint8_t    *plain;
	uint8_t    *bytes;

	if (with_profile)
		set_profile(&parts);
	plain = model_bytes(&parts, len);
	bytes = calibrated_bytes(plain, &small_calibration, len);
	free(plain);
	return bytes;
}

/* Two outliers and a normal row, labels of the small model's leaves. */
static const ForestLabels small_labels[6] = {
	{2, 0}, {0, 0}, {0, 1}, {2, 1}, {0, UINT32_MAX}, {2, 0}
};

/* A model that has learned labels of its n leaves, or forgotten them. */
static inline uint8_t *
learned_bytes(const uint8_t *model, const ForestLabels *labels, uint32_t n,
			  size_t *len)
{
	uint8_t    *bytes;

	*len = (size_t) forest_learned_size(model, n, labels != NULL);
	bytes = allocate(*len);
	memset(bytes, 0xA5, *len);
	forest_learned_write(model, labels, n, bytes);
	return bytes;
}

/* ---- opening ---- */

/* Opens a copy of some bytes in a block of exactly their size. */
static inline ForestStatus
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
static inline void
parts_of_view(const ForestView *view, ForestParts *parts,
			  ForestFeature **features, ForestGroup **groups, void *rest[3])
{
	uint64_t	n_trees = view->summary.n_trees;
	uint32_t	n_terms = 0;
	double	   *cuts = allocate(8 * (view->n_cuts +
									 2 * (size_t) view->n_leaves +
									 n_trees + view->n_nodes) +
								2 * (size_t) view->n_sets);
	uint32_t   *ends;
	ForestTerm *terms;
	ForestLabels *labels = (ForestLabels *) (cuts + view->n_cuts);
	uint32_t   *leaves = (uint32_t *) (labels + view->n_leaves);
	uint32_t   *tree_nodes = leaves + view->n_leaves;
	uint16_t   *nodes = (uint16_t *) (tree_nodes + n_trees);
	uint16_t   *sets = nodes + view->n_nodes;

	rest[0] = cuts;
	rest[1] = ends = allocate(4 * (size_t) view->n_projections);
	for (uint32_t i = 0; i < view->n_projections; i++)
		n_terms = ends[i] = (uint32_t) load(view->projection_ends + 4 * i, 4);
	rest[2] = terms = allocate(n_terms * sizeof(ForestTerm));
	for (uint32_t i = 0; i < n_terms; i++)
		terms[i] = forest_view_term(view, i);
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
	for (size_t i = 0; i < view->n_leaves && view->labels != NULL; i++)
	{
		labels[i].outliers = (uint32_t) load(view->labels + 8 * i, 4);
		labels[i].normal = (uint32_t) load(view->labels + 8 * i + 4, 4);
	}
	for (size_t i = 0; i < n_trees; i++)
		tree_nodes[i] = (uint32_t) load(view->tree_nodes + 4 * i, 4);
	for (size_t i = 0; i < view->n_nodes; i++)
		nodes[i] = (uint16_t) load(view->nodes + 2 * i, 2);
	for (size_t i = 0; i < view->n_sets; i++)
		sets[i] = (uint16_t) load(view->sets + 2 * i, 2);
	memset(parts, 0, sizeof(*parts));
	parts->summary = view->summary;
	parts->projections =
		(ForestProjections) {view->n_projections, ends, terms};
	parts->generator = view->generator;
	parts->generator_size = view->generator_size;
	parts->features = *features;
	parts->groups = *groups;
	parts->cuts = cuts;
	parts->leaves = leaves;
	parts->tree_nodes = tree_nodes;
	parts->nodes = nodes;
	parts->sets = sets;
	parts->labels = view->labels != NULL ? labels : NULL;
	parts->n_strings = view->n_strings;
	parts->n_nodes = view->n_nodes;
	parts->n_cuts = view->n_cuts;
	parts->n_leaves = view->n_leaves;
	parts->n_sets = view->n_sets;
}

/* Frees what parts_of_view has put into "rest". */
static inline void
rest_free(void *rest[3])
{
	for (int i = 0; i < 3; i++)
		free(rest[i]);
}

/* The strings of a view, which parts_of_view leaves out. */
static inline ForestString *
strings_of_view(const ForestView *view)
{
	ForestString *strings = allocate(view->n_strings * sizeof(ForestString));

	for (uint32_t i = 0; i < view->n_strings; i++)
		strings[i] = forest_view_string(view, i);
	return strings;
}

/* The profile of a view, if it has one. */
static inline void
profile_of_view(const ForestView *view, ForestParts *parts)
{
	uint32_t	d = view->summary.n_features;
	uint32_t   *ends;
	ForestKnot *knots;
	uint32_t   *rows;

	if (view->curve_ends == NULL)
		return;
	ends = allocate(d * sizeof(uint32_t));
	knots = allocate((size_t) d * FOREST_MAX_KNOTS * sizeof(ForestKnot));
	rows = allocate((view->n_strings - d) * sizeof(uint32_t));
	for (uint32_t f = 0; f < d; f++)
	{
		uint32_t	n;
		uint32_t	first = forest_view_curve(view, f, &n);

		for (uint32_t i = first; i < first + n; i++)
			knots[i] = forest_view_knot(view, i);
		ends[f] = first + n;
	}
	for (uint32_t i = d; i < view->n_strings; i++)
		rows[i - d] = forest_view_category_rows(view, i);
	parts->curve_ends = ends;
	parts->knots = knots;
	parts->category_rows = rows;
}

/* A model without a calibration, with that of a view. */
static inline uint8_t *
recalibrated_bytes(uint8_t *plain, const ForestView *view, size_t *len)
{
	ForestPoint *points = allocate(view->n_points * sizeof(ForestPoint));
	ForestCalibration calibration = {
		view->calibration_rows, view->n_points, points, view->spread
	};
	uint8_t    *bytes;

	for (uint32_t i = 0; i < view->n_points; i++)
		points[i] = forest_view_point(view, i);
	bytes = calibrated_bytes(plain, &calibration, len);
	free(points);
	free(plain);
	return bytes;
}

/*
 * All that an opened model holds, written again, is the same bytes, unless it
 * has a section that only a later version knows.
 */
static inline void
rewrite_view(const ForestView *view, const uint8_t *model, size_t len)
{
	uint64_t	n_sections = load(model + 44, 4);
	ForestParts parts;
	ForestFeature *features;
	ForestGroup *groups;
	ForestString *strings = strings_of_view(view);
	void	   *rest[3];
	uint8_t    *bytes;
	size_t		n;

	parts_of_view(view, &parts, &features, &groups, rest);
	parts.strings = strings;
	profile_of_view(view, &parts);
	bytes = model_bytes(&parts, &n);
	if (view->n_points > 0)
		bytes = recalibrated_bytes(bytes, view, &n);
	if (load(model + HEADER + ENTRY * (n_sections - 1), 4) <= N_SECTIONS + 4)
		REQUIRE(n == len && memcmp(bytes, model, len) == 0);
	free(bytes);
	free((void *) parts.curve_ends);
	free((void *) parts.knots);
	free((void *) parts.category_rows);
	free(strings);
	free(features);
	free(groups);
	rest_free(rest);
}

/* Reads a profile, whose quantiles ascend. */
static inline void
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
static inline void
use_view(const ForestView *view, uint64_t seed)
{
	ForestParts parts;
	ForestFeature *features;
	ForestGroup *groups;
	void	   *rest[3];
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
	if (view->curve_ends != NULL)
		use_profile(view);

	parts_of_view(view, &parts, &features, &groups, rest);
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
	rest_free(rest);
}

#endif							/* FORMAT_SUPPORT_H */
