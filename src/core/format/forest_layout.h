/*-------------------------------------------------------------------------
 *
 * forest_layout.h
 *	  Offsets and section numbers of a model's bytes; doc/FORMAT.md tells
 *	  what they hold.  For the writer and the reader only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_LAYOUT_H
#define FOREST_LAYOUT_H

#include "core/forest.h"

#define FOREST_MAGIC			"iforest"	/* with its terminating zero */
#define FOREST_MAGIC_SIZE		8
#define FOREST_FORMAT			1

/* Header. */
#define FOREST_AT_DIGEST		8	/* 32 bytes, over all that follows */
#define FOREST_AT_DIGESTED		40
#define FOREST_AT_FORMAT		40	/* u32 */
#define FOREST_AT_N_SECTIONS	44	/* u32 */
#define FOREST_AT_TOTAL			48	/* u64 */
#define FOREST_AT_FLAGS			56	/* u32, 0; zeros behind it */

/* Section directory, behind the header. */
#define FOREST_ENTRY_SIZE		24
#define FOREST_ENTRY_ID			0	/* u32 */
#define FOREST_ENTRY_FLAGS		4	/* u32 */
#define FOREST_ENTRY_OFFSET		8	/* u64 */
#define FOREST_ENTRY_LENGTH		16	/* u64 */
#define FOREST_ENTRY_OPTIONAL	1	/* flag: readers may skip what they don't

									 * know */
#define FOREST_MAX_SECTIONS		64

typedef enum ForestSectionId
{
	FOREST_SECTION_SUMMARY = 1,
	FOREST_SECTION_FEATURES,
	FOREST_SECTION_STRING_ENDS,
	FOREST_SECTION_STRING_BYTES,
	FOREST_SECTION_GROUPS,
	FOREST_SECTION_TREES,
	FOREST_SECTION_NODES,
	FOREST_SECTION_CUTS,
	FOREST_SECTION_LEAVES,
	FOREST_SECTION_SETS,
	FOREST_N_REQUIRED = FOREST_SECTION_SETS,
	/* sections that a model may lack */
	FOREST_SECTION_CALIBRATION,
	FOREST_SECTION_PROFILE,
	FOREST_SECTION_LABELS,
	FOREST_SECTION_GENERATOR,
	FOREST_SECTION_PROJECTIONS,
	FOREST_N_SECTIONS = FOREST_SECTION_PROJECTIONS
} ForestSectionId;

/* One feature. */
#define FOREST_FEATURE_SIZE		32
#define FOREST_FEATURE_TYPE		0
#define FOREST_FEATURE_N_CATEGORIES 4
#define FOREST_FEATURE_N_MISSING 8	/* u64 */
#define FOREST_FEATURE_MINIMUM	16	/* f64 */
#define FOREST_FEATURE_MAXIMUM	24	/* f64 */

/* One group of trees. */
#define FOREST_GROUP_SIZE		16
#define FOREST_GROUP_N_TREES	0
#define FOREST_GROUP_SAMPLE_SIZE 4
#define FOREST_GROUP_DEPTH_LIMIT 8
#define FOREST_GROUP_RESERVED	12

/* The calibration: number of rows, then points. */
#define FOREST_CAL_N_ROWS		0	/* u32 */
#define FOREST_CAL_RESERVED		4	/* zeros */
#define FOREST_CAL_SPREAD		8	/* f64 */
#define FOREST_CAL_POINTS		16
#define FOREST_POINT_SIZE		16
#define FOREST_POINT_LENGTH		0	/* f64 */
#define FOREST_POINT_BELOW		8	/* u32 */
#define FOREST_POINT_THROUGH	12	/* u32 */

/* The profile: ends of curves, knots, rows of categories. */
#define FOREST_KNOT_SIZE		16
#define FOREST_KNOT_VALUE		0	/* f64 */
#define FOREST_KNOT_BELOW		8	/* u32 */
#define FOREST_KNOT_THROUGH		12	/* u32 */

/* The labels of one leaf. */
#define FOREST_LABELS_SIZE		8
#define FOREST_LABELS_OUTLIERS	0	/* u32 */
#define FOREST_LABELS_NORMAL	4	/* u32 */

/* The projections: their number, where the terms of each end, the terms. */
#define FOREST_PROJ_N			0	/* u32 */
#define FOREST_PROJ_RESERVED	4	/* zeros */
#define FOREST_PROJ_ENDS		8	/* u32 each, then zeros up to a multiple of

									 * 8 */
#define FOREST_TERM_SIZE		24
#define FOREST_TERM_FEATURE		0	/* u32 */
#define FOREST_TERM_RESERVED	4	/* zeros */
#define FOREST_TERM_CENTRE		8	/* f64 */
#define FOREST_TERM_COEFFICIENT	16	/* f64 */

/*
 * The flags of a section's entry.  Who doesn't know a section that changes
 * scores must not score with the model.
 */
static inline uint32_t
forest_section_flags(uint32_t id)
{
	return id <= FOREST_N_REQUIRED || id == FOREST_SECTION_LABELS ||
		id == FOREST_SECTION_PROJECTIONS ? 0 : FOREST_ENTRY_OPTIONAL;
}

/* Sections begin at multiples of 8. */
static inline uint64_t
forest_align8(uint64_t n)
{
	return (n + 7) & ~UINT64_C(7);
}

/* Where the terms of n projections begin in their section. */
static inline uint64_t
forest_terms_at(uint32_t n)
{
	return forest_align8(FOREST_PROJ_ENDS + 4 * (uint64_t) n);
}

#endif							/* FOREST_LAYOUT_H */
