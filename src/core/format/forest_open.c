/*-------------------------------------------------------------------------
 *
 * forest_open.c
 *	  From bytes of unknown origin to a model that can be trusted.
 *
 * Anybody can hand in any bytes.  forest_open checks every rule of
 * doc/FORMAT.md, in time linear in the length and without memory of its own;
 * what it accepts needs no further check by any reader.  All arithmetic on
 * lengths is in 64 bits and compared before use.
 *
 * Trees are stored in preorder without child pointers, so that no bytes can
 * express a cycle or a dangling child: a tree is sound if its nodes run out
 * exactly when its open branches do.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_profile.h"
#include "core/format/forest_projection_check.h"
#include "core/format/forest_set.h"
#include "core/format/forest_sketch.h"
#include "core/format/forest_summary.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"

typedef struct Section
{
	const uint8_t *bytes;
	uint64_t	length;
} Section;

/* Whether a magnitude is one that a writer stores: 0 has no sign. */
static bool
is_magnitude(double value, double most)
{
	return value >= 0.0 && value <= most && !signbit(value);
}

/*
 * Looks at the first FOREST_HEADER_SIZE bytes, or fewer, of what may be a
 * model: tells its total length and where its digest lies.  Says nothing
 * about the rest.
 */
ForestStatus
forest_peek(const uint8_t *bytes, size_t len, uint64_t *total,
			const uint8_t **digest)
{
	size_t		n = len < FOREST_MAGIC_SIZE ? len : FOREST_MAGIC_SIZE;

	if (n == sizeof(FOREST_SKETCH_MAGIC) &&
		memcmp(bytes, FOREST_SKETCH_MAGIC, n) == 0)
		return FOREST_A_SKETCH;
	if (n == 0 || memcmp(bytes, FOREST_MAGIC, n) != 0)
		return FOREST_NOT_A_MODEL;
	if (len < FOREST_HEADER_SIZE)
		return FOREST_TRUNCATED;
	if (forest_get32(bytes + FOREST_AT_FORMAT) > FOREST_FORMAT)
		return FOREST_NEWER_FORMAT;
	*total = forest_get64(bytes + FOREST_AT_TOTAL);
	*digest = bytes + FOREST_AT_DIGEST;
	return FOREST_OK;
}

/*
 * Reads the section directory.  Sections follow it in ascending order of
 * their numbers, each at the next multiple of 8, up to the end: one way to
 * write a model, and no gap to hide anything in.
 */
static ForestStatus
open_sections(const uint8_t *bytes, uint64_t len, Section sections[],
			  ForestFault *fault)
{
	uint32_t	n = forest_get32(bytes + FOREST_AT_N_SECTIONS);
	uint32_t	previous = 0;
	uint64_t	expected =
		FOREST_HEADER_SIZE + (uint64_t) n * FOREST_ENTRY_SIZE;

	if (n > FOREST_MAX_SECTIONS || expected > len)
		return forest_broken(fault, "number of sections", n);
	for (uint32_t i = 0; i < n; i++)
	{
		const uint8_t *entry = bytes + FOREST_HEADER_SIZE +
			(size_t) i * FOREST_ENTRY_SIZE;
		uint32_t	id = forest_get32(entry + FOREST_ENTRY_ID);
		uint32_t	flags = forest_get32(entry + FOREST_ENTRY_FLAGS);
		uint64_t	offset = forest_get64(entry + FOREST_ENTRY_OFFSET);
		uint64_t	length = forest_get64(entry + FOREST_ENTRY_LENGTH);

		if (id <= previous)
			return forest_broken(fault, "order of sections", i);
		if (offset != expected || length > len - offset)
			return forest_broken(fault, "extent of section", id);
		if (flags != forest_section_flags(id))
			return FOREST_NEWER_FORMAT;
		if (id <= FOREST_N_SECTIONS)
		{
			sections[id].bytes = bytes + offset;
			sections[id].length = length;
		}
		expected = offset + forest_align8(length);
		if (expected > len)
			return forest_broken(fault, "extent of section", id);
		for (uint64_t at = offset + length; at < expected; at++)
		{
			if (bytes[at] != 0)
				return forest_broken(fault, "padding of section", id);
		}
		previous = id;
	}
	if (expected != len)
		return forest_broken(fault, "total length", expected);
	for (uint32_t id = 1; id <= FOREST_N_REQUIRED; id++)
	{
		if (sections[id].bytes == NULL)
			return forest_broken(fault, "missing section", id);
	}
	return FOREST_OK;
}

/* Reads and checks what was asked for and seen. */
static ForestStatus
open_summary(const Section *section, ForestSummary *sum, ForestFault *fault)
{
	if (section->length != FOREST_SUMMARY_SIZE)
		return forest_broken(fault, "length of summary", section->length);
	forest_summary_get(section->bytes, sum);
	return forest_summary_check(section->bytes, sum, fault);
}

/*
 * Checks the range of a feature's values: two numbers or, always for
 * categories, two NaNs as they are written.
 */
static bool
range_valid(const ForestView *view, uint32_t i)
{
	const uint8_t *p = view->features + (size_t) i * FOREST_FEATURE_SIZE;
	ForestFeature f = forest_view_feature(view, i);

	if (forest_is_stored_nan(p + FOREST_FEATURE_MINIMUM))
		return forest_is_stored_nan(p + FOREST_FEATURE_MAXIMUM);
	return f.minimum <= f.maximum && !forest_type_is_category(f.type);
}

/* Checks the features and counts the strings they call for. */
static ForestStatus
open_features(const Section *section, ForestView *view, ForestFault *fault)
{
	uint64_t	n_strings = view->summary.n_features;

	if (section->length !=
		(uint64_t) view->summary.n_features * FOREST_FEATURE_SIZE)
		return forest_broken(fault, "length of features", section->length);
	view->features = section->bytes;
	for (uint32_t i = 0; i < view->summary.n_features; i++)
	{
		ForestFeature f = forest_view_feature(view, i);
		bool		category = forest_type_is_category(f.type);

		if (!forest_type_is_valid(f.type))
			return forest_broken(fault, "type of feature", i);
		if (f.n_categories > (category ? FOREST_MAX_CATEGORIES : 0))
			return forest_broken(fault, "categories of feature", i);
		if (f.n_missing > view->summary.rows_kept)
			return forest_broken(fault, "missing values of feature", i);
		if (!range_valid(view, i))
			return forest_broken(fault, "range of feature", i);
		n_strings += f.n_categories;
	}
	if (n_strings > UINT32_MAX)
		return forest_broken(fault, "number of categories", n_strings);
	view->n_strings = (uint32_t) n_strings;
	return FOREST_OK;
}

/* Checks the strings. */
static ForestStatus
open_strings(const Section *ends, const Section *bytes, ForestView *view,
			 ForestFault *fault)
{
	ForestStrings strings;

	if (ends->length != (uint64_t) view->n_strings * 4)
		return forest_broken(fault, "length of string ends", ends->length);
	if (bytes->length > FOREST_MAX_STRINGS)
		return forest_broken(fault, "length of all strings", bytes->length);
	view->string_ends = ends->bytes;
	view->string_bytes = bytes->bytes;
	strings = forest_view_strings(view);
	return forest_strings_check(&strings, bytes->length, fault);
}

/* Checks the categories of all features. */
static ForestStatus
check_categories(const ForestView *view, ForestFault *fault)
{
	const ForestStrings strings = forest_view_strings(view);
	uint32_t	first = view->summary.n_features;
	ForestStatus status = FOREST_OK;

	for (uint32_t i = 0; status == FOREST_OK && i < view->summary.n_features;
		 i++)
	{
		uint32_t	n = forest_view_feature(view, i).n_categories;

		status = forest_categories_check(&strings, first, n, i, fault);
		first += n;
	}
	return status;
}

/*
 * Checks the groups: their length, sizes within limits, reserved bytes zero,
 * and together as many trees as the summary says.  The view gets them.
 */
static ForestStatus
open_groups(const Section *section, ForestView *view, ForestFault *fault)
{
	uint64_t	n_trees = 0;

	if (section->length !=
		(uint64_t) view->summary.n_groups * FOREST_GROUP_SIZE)
		return forest_broken(fault, "length of groups", section->length);
	view->groups = section->bytes;
	for (uint32_t i = 0; i < view->summary.n_groups; i++)
	{
		ForestGroup group = forest_view_group(view, i);

		if (group.n_trees < 1)
			return forest_broken(fault, "trees of group", i);
		if (group.sample_size < 1 || group.sample_size > FOREST_MAX_SAMPLE)
			return forest_broken(fault, "sample size of group", i);
		if (forest_get32(section->bytes + (size_t) i * FOREST_GROUP_SIZE +
						 FOREST_GROUP_RESERVED) != 0)
			return FOREST_NEWER_FORMAT;
		n_trees += group.n_trees;
	}
	if (n_trees != view->summary.n_trees)
		return forest_broken(fault, "trees of all groups", n_trees);
	return FOREST_OK;
}

/* Running positions in the arrays that the nodes of all trees share. */
typedef struct TreeCursor
{
	uint64_t	node;
	uint64_t	cut;
	uint64_t	leaf;
	uint64_t	set;			/* words */
} TreeCursor;

/* Checks the code set of the next categorical split. */
static ForestStatus
check_set(const ForestView *view, const Section *sets, uint32_t n_categories,
		  TreeCursor *at, ForestFault *fault)
{
	uint64_t	room = sets->length / 2 - at->set;
	uint32_t	n;
	int32_t		previous = -1;

	if (room < 1)
		return forest_broken(fault, "set of node", at->node);
	n = forest_set_size(forest_view_set_word(view, at->set));
	if (n > room - 1)
		return forest_broken(fault, "length of set of node", at->node);
	for (uint32_t i = 1; i <= n; i++)
	{
		int32_t		code = forest_view_set_word(view, at->set + i);

		forest_pause_at(at->set + i);
		if (code <= previous || code >= (int32_t) n_categories)
			return forest_broken(fault, "category of node", at->node);
		previous = code;
	}
	at->set += (uint64_t) n + 1;
	return FOREST_OK;
}

/* Checks one split. */
static ForestStatus
check_split(ForestView *view, const Section sections[], uint16_t word,
			TreeCursor *at, ForestFault *fault)
{
	uint32_t	f = word & FOREST_NODE_FEATURE;
	double		cut;

	if (f >= forest_view_columns(view))
		return forest_broken(fault, "feature of node", at->node);
	if (f < view->summary.n_features)
	{
		ForestFeature feature = forest_view_feature(view, f);

		if (forest_type_is_category(feature.type))
		{
			view->n_set_splits++;
			return check_set(view, &sections[FOREST_SECTION_SETS],
							 feature.n_categories, at, fault);
		}
	}
	if (at->cut >= sections[FOREST_SECTION_CUTS].length / 8)
		return forest_broken(fault, "cut of node", at->node);
	cut = forest_get_double(view->cuts + 8 * at->cut);
	if (isnan(cut) || cut == INFINITY)
		return forest_broken(fault, "cut of node", at->node);
	at->cut++;
	return FOREST_OK;
}

/* Checks one tree of n_nodes nodes, in preorder. */
static ForestStatus
check_tree(ForestView *view, const Section sections[], uint32_t n_nodes,
		   TreeCursor *at, ForestFault *fault)
{
	uint64_t	open = 1;		/* subtrees still to come */
	uint64_t	rows = 0;

	for (uint32_t i = 0; i < n_nodes; i++, at->node++)
	{
		uint16_t	word = forest_get16(view->nodes + 2 * at->node);

		forest_pause_at(at->node);
		if (open == 0)
			return forest_broken(fault, "node behind the end of a tree", at->node);
		if (!(word & FOREST_NODE_LEAF))
		{
			ForestStatus status = check_split(view, sections, word, at, fault);

			if (status != FOREST_OK)
				return status;
			open++;
			continue;
		}
		if (word != FOREST_NODE_LEAF)
			return FOREST_NEWER_FORMAT;
		if (at->leaf >= sections[FOREST_SECTION_LEAVES].length / 4 ||
			forest_get32(view->leaves + 4 * at->leaf) < 1)
			return forest_broken(fault, "rows of leaf", at->node);
		rows += forest_get32(view->leaves + 4 * at->leaf++);
		open--;
	}
	if (open != 0)
		return forest_broken(fault, "end of a tree", at->node);
	if (rows > FOREST_MAX_SAMPLE)
		return forest_broken(fault, "rows of a tree", at->node);
	return FOREST_OK;
}

/*
 * Checks the trees, node by node: the arrays of cuts, leaves and sets are used
 * up exactly.  The view gets them, and their counts.
 */
static ForestStatus
open_trees(const Section sections[], ForestView *view, ForestFault *fault)
{
	const Section *trees = &sections[FOREST_SECTION_TREES];
	uint64_t	n_nodes = sections[FOREST_SECTION_NODES].length / 2;
	TreeCursor	at = {0, 0, 0, 0};

	if (trees->length != (uint64_t) view->summary.n_trees * 4)
		return forest_broken(fault, "length of trees", trees->length);
	if (n_nodes > FOREST_MAX_NODES)
		return forest_broken(fault, "number of nodes", n_nodes);
	view->tree_nodes = trees->bytes;
	view->nodes = sections[FOREST_SECTION_NODES].bytes;
	view->cuts = sections[FOREST_SECTION_CUTS].bytes;
	view->leaves = sections[FOREST_SECTION_LEAVES].bytes;
	view->sets = sections[FOREST_SECTION_SETS].bytes;
	for (uint32_t i = 0; i < view->summary.n_trees; i++)
	{
		uint32_t	n = forest_get32(trees->bytes + 4 * (size_t) i);
		ForestStatus status;

		if (n > n_nodes - at.node)
			return forest_broken(fault, "nodes of tree", i);
		status = check_tree(view, sections, n, &at, fault);
		if (status != FOREST_OK)
			return status;
	}
	if (at.node * 2 != sections[FOREST_SECTION_NODES].length ||
		at.cut * 8 != sections[FOREST_SECTION_CUTS].length ||
		at.leaf * 4 != sections[FOREST_SECTION_LEAVES].length ||
		at.set * 2 != sections[FOREST_SECTION_SETS].length)
		return forest_broken(fault, "data behind the last tree", at.node);
	view->n_nodes = (uint32_t) at.node;
	view->n_cuts = (uint32_t) at.cut;
	view->n_leaves = (uint32_t) at.leaf;
	view->n_sets = at.set;
	return FOREST_OK;
}

/*
 * Checks the calibration, if there is one: lengths ascend, counts ascend
 * with them from 0 to the number of rows, and every point has a row.
 */
static ForestStatus
open_calibration(const Section *section, ForestView *view,
				 ForestFault *fault)
{
	const uint8_t *p = section->bytes;
	double		length = -1.0;
	uint32_t	through = 0;
	uint64_t	n;

	if (p == NULL)
		return FOREST_OK;
	if (section->length < FOREST_CAL_POINTS + FOREST_POINT_SIZE)
		return forest_broken(fault, "length of calibration", section->length);
	if (forest_get32(p + FOREST_CAL_RESERVED) != 0)
		return FOREST_NEWER_FORMAT;
	n = (section->length - FOREST_CAL_POINTS) / FOREST_POINT_SIZE;
	if (n > FOREST_MAX_POINTS ||
		FOREST_CAL_POINTS + n * FOREST_POINT_SIZE != section->length)
		return forest_broken(fault, "length of calibration", section->length);
	view->calibration_rows = forest_get32(p + FOREST_CAL_N_ROWS);
	view->spread = forest_get_double(p + FOREST_CAL_SPREAD);
	if (!is_magnitude(view->spread, FOREST_MAX_SPREAD))
		return forest_broken(fault, "spread of calibration", 0);
	view->n_points = (uint32_t) n;
	view->points = p + FOREST_CAL_POINTS;
	for (uint32_t i = 0; i < view->n_points; i++)
	{
		ForestPoint point = forest_view_point(view, i);

		if (!is_magnitude(point.length, FOREST_MAX_LENGTH) ||
			point.length <= length)
			return forest_broken(fault, "length of point", i);
		if (point.below < through || (i == 0 && point.below != 0) ||
			point.through <= point.below)
			return forest_broken(fault, "rows of point", i);
		length = point.length;
		through = point.through;
	}
	if (through != view->calibration_rows)
		return forest_broken(fault, "rows of calibration", through);
	return FOREST_OK;
}

/* Checks the profile, if there is one. */
static ForestStatus
open_profile(const Section *section, ForestView *view, ForestFault *fault)
{
	uint64_t	d = view->summary.n_features;
	uint64_t	rest = 4 * (uint64_t) view->n_strings;
	uint64_t	n_knots;

	if (section->bytes == NULL)
		return FOREST_OK;
	if (section->length < rest ||
		(section->length - rest) % FOREST_KNOT_SIZE != 0)
		return forest_broken(fault, "length of profile", section->length);
	n_knots = (section->length - rest) / FOREST_KNOT_SIZE;
	view->curve_ends = section->bytes;
	view->knots = section->bytes + 4 * d;
	view->category_rows = view->knots + n_knots * FOREST_KNOT_SIZE;
	return forest_curves_valid(view, n_knots, fault) ? FOREST_OK :
		FOREST_INVALID;
}

/*
 * Checks the labels, if there are any: some leaf has one, or they would not
 * be there.  Every count is possible.
 */
static ForestStatus
open_labels(const Section *section, ForestView *view, ForestFault *fault)
{
	const uint8_t *p = section->bytes;

	if (p == NULL)
		return FOREST_OK;
	if (section->length != (uint64_t) view->n_leaves * FOREST_LABELS_SIZE)
		return forest_broken(fault, "length of labels", section->length);
	view->labels = p;
	for (uint64_t i = 0; i < view->n_leaves; i++)
	{
		ForestLabels labels = forest_view_labels(view, i);

		forest_pause_at(i);
		if (labels.outliers > 0 || labels.normal > 0)
			return FOREST_OK;
	}
	return forest_broken(fault, "labels without any", 0);
}

/* Checks the projections, if there are any. */
static ForestStatus
open_projections(const Section *section, ForestView *view, ForestFault *fault)
{
	if (section->bytes == NULL)
		return FOREST_OK;
	return forest_projections_check(section->bytes, section->length, view,
									fault);
}

/*
 * Finds the generator, if there is one.  What it must be only those know who
 * make rows with it: see forest_open_whole.
 */
static ForestStatus
open_generator(const Section *section, ForestView *view, ForestFault *fault)
{
	if (section->bytes == NULL)
		return FOREST_OK;
	if (section->length == 0)
		return forest_broken(fault, "length of generator", 0);
	view->generator = section->bytes;
	view->generator_size = section->length;
	return FOREST_OK;
}

/*
 * Opens the len bytes of a model: FOREST_OK and a view into them, complete
 * but for what a generator is, or what is wrong.  With FOREST_INVALID "fault"
 * names the broken rule.  The bytes may have any alignment and stay the
 * caller's.
 */
ForestStatus
forest_open(const uint8_t *bytes, size_t len, ForestView *view,
			ForestFault *fault)
{
	Section		sections[FOREST_N_SECTIONS + 1] = {{NULL, 0}};
	uint8_t		digest[FOREST_DIGEST_SIZE];
	const uint8_t *stored = NULL;
	uint64_t	total;
	ForestStatus status = forest_peek(bytes, len, &total, &stored);

	memset(view, 0, sizeof(*view));
	fault->rule = "";
	fault->position = 0;
	if (status != FOREST_OK)
		return status;
	if (total != len)
		return FOREST_TRUNCATED;
	forest_digest(bytes + FOREST_AT_DIGESTED, len - FOREST_AT_DIGESTED, digest);
	if (memcmp(digest, stored, sizeof(digest)) != 0)
		return FOREST_CORRUPT;
	view->digest = stored;
	if (forest_get32(bytes + FOREST_AT_FORMAT) != FOREST_FORMAT)
		return forest_broken(fault, "format number", 0);
	for (int i = FOREST_AT_FLAGS; i < FOREST_HEADER_SIZE; i++)
	{
		if (bytes[i] != 0)
			return FOREST_NEWER_FORMAT;
	}

	if ((status = open_sections(bytes, len, sections, fault)) != FOREST_OK ||
		(status = open_summary(&sections[FOREST_SECTION_SUMMARY],
							   &view->summary, fault)) != FOREST_OK ||
		(status = open_features(&sections[FOREST_SECTION_FEATURES],
								view, fault)) != FOREST_OK ||
		(status = open_strings(&sections[FOREST_SECTION_STRING_ENDS],
							   &sections[FOREST_SECTION_STRING_BYTES],
							   view, fault)) != FOREST_OK ||
		(status = check_categories(view, fault)) != FOREST_OK ||
		(status = open_groups(&sections[FOREST_SECTION_GROUPS],
							  view, fault)) != FOREST_OK ||
		(status = open_calibration(&sections[FOREST_SECTION_CALIBRATION],
								   view, fault)) != FOREST_OK ||
		(status = open_profile(&sections[FOREST_SECTION_PROFILE],
							   view, fault)) != FOREST_OK ||
		(status = open_projections(&sections[FOREST_SECTION_PROJECTIONS],
								   view, fault)) != FOREST_OK ||
		(status = open_trees(sections, view, fault)) != FOREST_OK ||
		(status = open_labels(&sections[FOREST_SECTION_LABELS], view,
							  fault)) != FOREST_OK)
		return status;
	return open_generator(&sections[FOREST_SECTION_GENERATOR], view, fault);
}
