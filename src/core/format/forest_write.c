/*-------------------------------------------------------------------------
 *
 * forest_write.c
 *	  From native arrays to the bytes of a model (doc/FORMAT.md).
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_model.h"
#include "core/format/forest_summary.h"
#include "core/format/forest_write.h"

typedef struct Sections
{
	uint64_t	length[FOREST_N_SECTIONS + 1];	/* by ForestSectionId */
} Sections;

/* Bytes of all strings. */
static uint64_t
string_bytes(const ForestParts *parts)
{
	uint64_t	sum = 0;

	for (uint32_t i = 0; i < parts->n_strings; i++)
	{
		forest_pause_at(i);
		sum += parts->strings[i].len;
	}
	return sum;
}

/* Length of the labels of n leaves. */
static uint64_t
labels_length(uint32_t n_leaves)
{
	return (uint64_t) n_leaves * FOREST_LABELS_SIZE;
}

/* Length of the section of projections, 0 for none. */
static uint64_t
projections_length(const ForestProjections *all)
{
	return all->n == 0 ? 0 : forest_terms_at(all->n) +
		all->ends[all->n - 1] * (uint64_t) FOREST_TERM_SIZE;
}

/*
 * Returns the bytes of each section, without padding; 0 for what a new model
 * has not, such as a calibration.
 */
static Sections
section_lengths(const ForestParts *parts)
{
	Sections	s = {{0}};
	const ForestSummary *sum = &parts->summary;

	s.length[FOREST_SECTION_SUMMARY] = FOREST_SUMMARY_SIZE;
	s.length[FOREST_SECTION_FEATURES] =
		(uint64_t) sum->n_features * FOREST_FEATURE_SIZE;
	s.length[FOREST_SECTION_STRING_ENDS] = (uint64_t) parts->n_strings * 4;
	s.length[FOREST_SECTION_STRING_BYTES] = string_bytes(parts);
	s.length[FOREST_SECTION_GROUPS] =
		(uint64_t) sum->n_groups * FOREST_GROUP_SIZE;
	s.length[FOREST_SECTION_TREES] = (uint64_t) sum->n_trees * 4;
	s.length[FOREST_SECTION_NODES] = (uint64_t) parts->n_nodes * 2;
	s.length[FOREST_SECTION_CUTS] = (uint64_t) parts->n_cuts * 8;
	s.length[FOREST_SECTION_LEAVES] = (uint64_t) parts->n_leaves * 4;
	s.length[FOREST_SECTION_SETS] = parts->n_sets * 2;
	/* an end a feature, and the rows of what is behind their names */
	if (parts->curve_ends != NULL)
		s.length[FOREST_SECTION_PROFILE] = (uint64_t) parts->n_strings * 4 +
			parts->curve_ends[sum->n_features - 1] *
			(uint64_t) FOREST_KNOT_SIZE;
	if (parts->labels != NULL)
		s.length[FOREST_SECTION_LABELS] = labels_length(parts->n_leaves);
	s.length[FOREST_SECTION_GENERATOR] = parts->generator_size;
	s.length[FOREST_SECTION_PROJECTIONS] =
		projections_length(&parts->projections);
	return s;
}

/* Whether a section is written: the required ones, others if not empty. */
static bool
is_written(const Sections *s, uint32_t id)
{
	return id <= FOREST_N_REQUIRED || s->length[id] > 0;
}

/* Sections that are written, each with an entry of the directory. */
static uint32_t
count_sections(const Sections *s)
{
	uint32_t	n = 0;

	for (uint32_t id = 1; id <= FOREST_N_SECTIONS; id++)
		n += is_written(s, id);
	return n;
}

/* Bytes of a model: header, directory, and sections padded to 8 bytes. */
static uint64_t
total_size(const Sections *s)
{
	uint64_t	size = FOREST_HEADER_SIZE +
		count_sections(s) * FOREST_ENTRY_SIZE;

	for (uint32_t id = 1; id <= FOREST_N_SECTIONS; id++)
		size += forest_align8(s->length[id]);
	return size;
}

/*
 * Bytes that forest_model_write writes.  Counts within the limits of
 * forest.h cannot overflow it; whether the result is acceptable is the
 * caller's to decide.
 */
uint64_t
forest_model_size(const ForestParts *parts)
{
	Sections	s = section_lengths(parts);

	return total_size(&s);
}

/* Writes a feature's FOREST_FEATURE_SIZE bytes. */
static void
write_feature(const ForestFeature *feature, uint8_t *p)
{
	forest_put32(p + FOREST_FEATURE_TYPE, feature->type);
	forest_put32(p + FOREST_FEATURE_N_CATEGORIES, feature->n_categories);
	forest_put64(p + FOREST_FEATURE_N_MISSING, feature->n_missing);
	forest_put_double(p + FOREST_FEATURE_MINIMUM, feature->minimum);
	forest_put_double(p + FOREST_FEATURE_MAXIMUM, feature->maximum);
}

/*
 * Writes the strings one behind the other to "bytes", and to "ends", 4 bytes
 * each, where each one ends.
 */
static void
write_strings(const ForestParts *parts, uint8_t *ends, uint8_t *bytes)
{
	uint32_t	end = 0;

	for (uint32_t i = 0; i < parts->n_strings; i++)
	{
		const ForestString *s = &parts->strings[i];

		forest_pause_at(i);
		if (s->len > 0)
			forest_copy(bytes + end, s->bytes, s->len);
		end += s->len;
		forest_put32(ends + 4 * (size_t) i, end);
	}
}

/* Writes a group's fields; its reserved bytes are zeros already. */
static void
write_group(const ForestGroup *group, uint8_t *p)
{
	forest_put32(p + FOREST_GROUP_N_TREES, group->n_trees);
	forest_put32(p + FOREST_GROUP_SAMPLE_SIZE, group->sample_size);
	forest_put32(p + FOREST_GROUP_DEPTH_LIMIT, group->depth_limit);
}

/*
 * Writes the trees' sizes, nodes, cuts, leaves and sets; at[id] is where
 * section id begins.
 */
static void
write_trees(const ForestParts *parts, uint8_t *const at[])
{
	for (uint32_t i = 0; i < parts->summary.n_trees; i++)
		forest_put32(at[FOREST_SECTION_TREES] + 4 * (size_t) i,
					 parts->tree_nodes[i]);
	for (uint32_t i = 0; i < parts->n_nodes; i++)
	{
		forest_put16(at[FOREST_SECTION_NODES] + 2 * (size_t) i,
					 parts->nodes[i]);
		forest_pause_at(i);
	}
	for (uint32_t i = 0; i < parts->n_cuts; i++)
	{
		forest_put_double(at[FOREST_SECTION_CUTS] + 8 * (size_t) i,
						  parts->cuts[i]);
		forest_pause_at(i);
	}
	for (uint32_t i = 0; i < parts->n_leaves; i++)
	{
		forest_put32(at[FOREST_SECTION_LEAVES] + 4 * (size_t) i,
					 parts->leaves[i]);
		forest_pause_at(i);
	}
	for (uint64_t i = 0; i < parts->n_sets; i++)
	{
		forest_put16(at[FOREST_SECTION_SETS] + 2 * i, parts->sets[i]);
		forest_pause_at(i);
	}
}

/* Writes the header and the directory; at[id] becomes where section id is. */
static void
write_frame(const Sections *s, uint8_t *bytes, uint8_t *at[])
{
	uint32_t	n = count_sections(s);
	uint64_t	offset = FOREST_HEADER_SIZE + n * FOREST_ENTRY_SIZE;
	uint8_t    *entry = bytes + FOREST_HEADER_SIZE;

	memcpy(bytes, FOREST_MAGIC, FOREST_MAGIC_SIZE);
	forest_put32(bytes + FOREST_AT_FORMAT, FOREST_FORMAT);
	forest_put32(bytes + FOREST_AT_N_SECTIONS, n);
	forest_put64(bytes + FOREST_AT_TOTAL, total_size(s));
	for (uint32_t id = 1; id <= FOREST_N_SECTIONS; id++)
	{
		at[id] = bytes + offset;
		if (!is_written(s, id))
			continue;
		forest_put32(entry + FOREST_ENTRY_ID, id);
		forest_put32(entry + FOREST_ENTRY_FLAGS, forest_section_flags(id));
		forest_put64(entry + FOREST_ENTRY_OFFSET, offset);
		forest_put64(entry + FOREST_ENTRY_LENGTH, s->length[id]);
		offset += forest_align8(s->length[id]);
		entry += FOREST_ENTRY_SIZE;
	}
}

/* Puts the digest of all that has been written into the header. */
static void
write_digest(uint8_t *bytes, uint64_t total)
{
	forest_digest(bytes + FOREST_AT_DIGESTED, total - FOREST_AT_DIGESTED,
				  bytes + FOREST_AT_DIGEST);
}

/* Finds the sections of an opened model. */
static void
find_sections(const uint8_t *model, Sections *s, const uint8_t *at[])
{
	uint32_t	n = forest_get32(model + FOREST_AT_N_SECTIONS);

	memset(s, 0, sizeof(*s));
	for (uint32_t i = 0; i < n; i++)
	{
		const uint8_t *entry = model + FOREST_HEADER_SIZE +
			(size_t) i * FOREST_ENTRY_SIZE;
		uint32_t	id = forest_get32(entry + FOREST_ENTRY_ID);

		/* what a later version added goes: it may not fit the new summary */
		if (id > FOREST_N_SECTIONS)
			continue;
		s->length[id] = forest_get64(entry + FOREST_ENTRY_LENGTH);
		at[id] = model + forest_get64(entry + FOREST_ENTRY_OFFSET);
	}
}

/*
 * Writes the frame of a changed model and those of its sections that come
 * from another one.  Returns its length.
 */
static uint64_t
write_copied(const Sections *s, const uint8_t *const from[], uint8_t *bytes,
			 uint8_t *at[])
{
	uint64_t	total = total_size(s);

	forest_clear(bytes, (size_t) total);
	write_frame(s, bytes, at);
	for (uint32_t id = 1; id <= FOREST_N_SECTIONS; id++)
	{
		if (from[id] != NULL && s->length[id] > 0)
			forest_copy(at[id], from[id], (size_t) s->length[id]);
	}
	return total;
}

/* Length of a section of n points. */
static uint64_t
calibration_length(uint32_t n_points)
{
	return FOREST_CAL_POINTS + (uint64_t) n_points * FOREST_POINT_SIZE;
}

/*
 * Bytes of an opened model once its calibration is one of n_points (>= 1)
 * points.
 */
uint64_t
forest_calibrated_size(const uint8_t *model, uint32_t n_points)
{
	Sections	s;
	const uint8_t *at[FOREST_N_SECTIONS + 1];

	find_sections(model, &s, at);
	s.length[FOREST_SECTION_CALIBRATION] = calibration_length(n_points);
	return total_size(&s);
}

/*
 * Writes an opened model with another calibration: forest_calibrated_size
 * bytes.
 */
void
forest_calibrated_write(const uint8_t *model,
						const ForestCalibration *calibration, uint8_t *bytes)
{
	Sections	s;
	const uint8_t *from[FOREST_N_SECTIONS + 1] = {NULL};
	uint8_t    *at[FOREST_N_SECTIONS + 1];
	uint8_t    *p;
	uint64_t	total;

	find_sections(model, &s, from);
	s.length[FOREST_SECTION_CALIBRATION] =
		calibration_length(calibration->n_points);
	from[FOREST_SECTION_CALIBRATION] = NULL;
	total = write_copied(&s, from, bytes, at);

	p = at[FOREST_SECTION_CALIBRATION];
	forest_put32(p + FOREST_CAL_N_ROWS, calibration->n_rows);
	forest_put_double(p + FOREST_CAL_SPREAD, calibration->spread);
	p += FOREST_CAL_POINTS;
	for (uint32_t i = 0; i < calibration->n_points; i++)
	{
		const ForestPoint *point = &calibration->points[i];

		forest_put_double(p + FOREST_POINT_LENGTH, point->length);
		forest_put32(p + FOREST_POINT_BELOW, point->below);
		forest_put32(p + FOREST_POINT_THROUGH, point->through);
		p += FOREST_POINT_SIZE;
	}
	write_digest(bytes, total);
}

/* Writes the labels of n leaves to p, FOREST_LABELS_SIZE bytes each. */
static void
write_labels(const ForestLabels *labels, uint32_t n_leaves, uint8_t *p)
{
	for (uint32_t i = 0; i < n_leaves; i++)
	{
		forest_pause_at(i);
		forest_put32(p + FOREST_LABELS_OUTLIERS, labels[i].outliers);
		forest_put32(p + FOREST_LABELS_NORMAL, labels[i].normal);
		p += FOREST_LABELS_SIZE;
	}
}

/*
 * Bytes of an opened model of n_leaves leaves once it has labels, or has
 * none, and no calibration: that was one of other scores.
 */
uint64_t
forest_learned_size(const uint8_t *model, uint32_t n_leaves, bool some)
{
	Sections	s;
	const uint8_t *at[FOREST_N_SECTIONS + 1];

	find_sections(model, &s, at);
	s.length[FOREST_SECTION_CALIBRATION] = 0;
	s.length[FOREST_SECTION_LABELS] = some ? labels_length(n_leaves) : 0;
	return total_size(&s);
}

/*
 * Writes an opened model with the labels of its n_leaves leaves, some of
 * which have one, or with no labels for NULL, and without a calibration:
 * forest_learned_size bytes.
 */
void
forest_learned_write(const uint8_t *model, const ForestLabels *labels,
					 uint32_t n_leaves, uint8_t *bytes)
{
	Sections	s;
	const uint8_t *from[FOREST_N_SECTIONS + 1] = {NULL};
	uint8_t    *at[FOREST_N_SECTIONS + 1];
	uint64_t	total;

	find_sections(model, &s, from);
	s.length[FOREST_SECTION_CALIBRATION] = 0;
	s.length[FOREST_SECTION_LABELS] =
		labels != NULL ? labels_length(n_leaves) : 0;
	from[FOREST_SECTION_LABELS] = NULL;
	total = write_copied(&s, from, bytes, at);
	if (labels != NULL)
		write_labels(labels, n_leaves, at[FOREST_SECTION_LABELS]);
	write_digest(bytes, total);
}

/*
 * Writes the profile: where each feature's knots end, the knots, and the rows
 * of each category.  The parts have one.
 */
static void
write_profile(const ForestParts *parts, uint8_t *p)
{
	uint32_t	d = parts->summary.n_features;

	for (uint32_t f = 0; f < d; f++, p += 4)
		forest_put32(p, parts->curve_ends[f]);
	for (uint32_t i = 0; i < parts->curve_ends[d - 1]; i++)
	{
		const ForestKnot *knot = &parts->knots[i];

		forest_pause_at(i);
		forest_put_double(p + FOREST_KNOT_VALUE, knot->value);
		forest_put32(p + FOREST_KNOT_BELOW, knot->below);
		forest_put32(p + FOREST_KNOT_THROUGH, knot->through);
		p += FOREST_KNOT_SIZE;
	}
	for (uint32_t i = d; i < parts->n_strings; i++, p += 4)
	{
		forest_pause_at(i);
		forest_put32(p, parts->category_rows[i - d]);
	}
}

/* Writes the projections, of which there are some, to zeros at p. */
static void
write_projections(const ForestProjections *all, uint8_t *p)
{
	uint8_t    *terms = p + forest_terms_at(all->n);

	forest_put32(p + FOREST_PROJ_N, all->n);
	for (uint32_t i = 0; i < all->n; i++)
		forest_put32(p + FOREST_PROJ_ENDS + 4 * (size_t) i, all->ends[i]);
	for (uint32_t i = 0; i < all->ends[all->n - 1]; i++)
	{
		forest_pause_at(i);
		forest_put32(terms + FOREST_TERM_FEATURE, all->terms[i].feature);
		forest_put_double(terms + FOREST_TERM_CENTRE, all->terms[i].centre);
		forest_put_double(terms + FOREST_TERM_COEFFICIENT,
						  all->terms[i].coefficient);
		terms += FOREST_TERM_SIZE;
	}
}

/*
 * Writes a model of forest_model_size(parts) bytes.  The parts obey the
 * rules of the format: forest_open accepts what this writes.
 */
void
forest_model_write(const ForestParts *parts, uint8_t *bytes)
{
	Sections	s = section_lengths(parts);
	uint64_t	total = total_size(&s);
	uint8_t    *at[FOREST_N_SECTIONS + 1];

	forest_clear(bytes, (size_t) total);
	write_frame(&s, bytes, at);
	forest_summary_put(&parts->summary, at[FOREST_SECTION_SUMMARY]);
	for (uint32_t i = 0; i < parts->summary.n_features; i++)
		write_feature(&parts->features[i], at[FOREST_SECTION_FEATURES] +
					  (size_t) i * FOREST_FEATURE_SIZE);
	write_strings(parts, at[FOREST_SECTION_STRING_ENDS],
				  at[FOREST_SECTION_STRING_BYTES]);
	for (uint32_t i = 0; i < parts->summary.n_groups; i++)
		write_group(&parts->groups[i], at[FOREST_SECTION_GROUPS] +
					(size_t) i * FOREST_GROUP_SIZE);
	write_trees(parts, at);
	if (parts->curve_ends != NULL)
		write_profile(parts, at[FOREST_SECTION_PROFILE]);
	if (parts->labels != NULL)
		write_labels(parts->labels, parts->n_leaves,
					 at[FOREST_SECTION_LABELS]);
	if (parts->generator_size > 0)
		forest_copy(at[FOREST_SECTION_GENERATOR], parts->generator,
					(size_t) parts->generator_size);
	if (parts->projections.n > 0)
		write_projections(&parts->projections,
						  at[FOREST_SECTION_PROJECTIONS]);
	write_digest(bytes, total);
}
