/*-------------------------------------------------------------------------
 *
 * forest_summary.h
 *	  The summary of a model: what its training was asked for and saw, in
 *	  native types and as the bytes of its section (doc/FORMAT.md).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_SUMMARY_H
#define FOREST_SUMMARY_H

#include "core/forest.h"
#include "core/format/forest_projection.h"

/* Flags of ForestSummary. */
#define FOREST_FLAG_BOOTSTRAP		1
#define FOREST_FLAG_SEED_DRAWN		2	/* nobody asked for this seed */
#define FOREST_FLAG_MERGED			4	/* trees of several models */
#define FOREST_FLAG_WEIGHTED		8	/* rows counted by weights */
#define FOREST_FLAGS_KNOWN			15

/*
 * What was asked for and what was seen.  The options have the names that
 * people know them by; how each is kept is in forest_kept_options().
 */
typedef struct ForestSummary
{
	uint32_t	n_features;
	uint32_t	n_trees;
	uint32_t	n_groups;
	uint32_t	flags;
	uint64_t	rows_seen;		/* rows offered to the training */
	uint64_t	rows_kept;		/* rows that the trees were dealt from */
	uint32_t	rows_effective; /* what these tell as much as; 0: rows_kept */
	uint64_t	seed;
	uint32_t	sample_size;	/* as asked */
	uint32_t	max_depth;		/* as asked: FOREST_DEPTH_DEFAULT, .. */
	uint32_t	max_categories;
	double		max_features;
	double		contamination;
	double		guided;			/* chance of a cut to be guided */
	uint32_t	columns_per_split;	/* 0: one, as is usual */
} ForestSummary;

#define FOREST_SUMMARY_SIZE		88	/* bytes of the section */

/* How the value of an option is stored. */
typedef enum ForestStored
{
	FOREST_STORED_U32,
	FOREST_STORED_F64,
	FOREST_STORED_FLAG			/* one of ForestSummary.flags */
} ForestStored;

/* An option that models keep: its name, where it is, and what it may be. */
typedef struct ForestKept
{
	const char *name;
	ForestStored stored;
	size_t		field;			/* offset in ForestSummary; or a flag */
	int			at;				/* offset in the section; not of a flag */
	double		min;			/* range of a number */
	double		max;
	bool		open;			/* min itself is not allowed */
	bool		needed;			/* no document goes without it, nor any model */
	bool		quiet;			/* not shown where it is as "absent" says */

	/*
	 * What a document means that does not have it, which a model may also
	 * hold if it is outside the range: then, that nothing was asked for.
	 */
	double		absent;
} ForestKept;

/* The name, the way of storing and the offset of a field of ForestSummary. */
#define FOREST_KEPT(option) \
	#option, _Generic(((ForestSummary *) 0)->option, \
					  uint32_t: FOREST_STORED_U32, \
					  double: FOREST_STORED_F64), \
	offsetof(ForestSummary, option)

/*
 * The options that models keep, but for the seed; their number in *n.  A new
 * one has a field, and a line here whose place was zeros before, which have to
 * mean that it was not asked for; a flag is one of FOREST_FLAGS_KNOWN, too.
 * Writing, reading, checking, documents and iforest_info follow.
 */
static inline const ForestKept *
forest_kept_options(int *n)
{
	static const ForestKept kept[] = {
		{FOREST_KEPT(max_features), 40, .open = true, .max = 1, .absent = 1},
		{FOREST_KEPT(contamination), 48, .max = 0.5,
		.absent = FOREST_DEFAULT_CONTAMINATION},
		{FOREST_KEPT(guided), 72, .max = 1, .quiet = true},
		{FOREST_KEPT(sample_size), 56, .min = 1, .max = FOREST_MAX_SAMPLE,
		.needed = true},
		{FOREST_KEPT(max_depth), 60, .max = FOREST_DEPTH_DEFAULT - 1,
		.absent = FOREST_DEPTH_DEFAULT},
		{FOREST_KEPT(max_categories), 64, .max = FOREST_MAX_CATEGORIES,
		.absent = 1000},
		{FOREST_KEPT(columns_per_split), 68, .min = 1,
		.max = FOREST_MAX_SPLIT_COLUMNS, .quiet = true},
		{"bootstrap", FOREST_STORED_FLAG, FOREST_FLAG_BOOTSTRAP, .max = 1}
	};

	*n = (int) (sizeof(kept) / sizeof(kept[0]));
	return kept;
}

/*
 * How many rows a row that was kept is to be taken for where chance is judged:
 * rows with weights are there as often as they count, and still are one row,
 * and a few heavy ones outweigh the others.
 */
static inline double
forest_summary_evidence(const ForestSummary *sum)
{
	if (sum->rows_effective == 0 || sum->rows_kept == 0)
		return 1.0;
	return sum->rows_effective / (double) sum->rows_kept;
}

extern double forest_kept_value(const ForestKept *kept,
								const ForestSummary *sum);
extern void forest_kept_set(const ForestKept *kept, double value,
							ForestSummary *sum);
extern bool forest_kept_in_range(const ForestKept *kept, double value);
extern void forest_summary_put(const ForestSummary *sum, uint8_t *p);
extern void forest_summary_get(const uint8_t *p, ForestSummary *sum);
extern ForestStatus forest_summary_check(const uint8_t *p,
										 const ForestSummary *sum,
										 ForestFault *fault);

#endif							/* FOREST_SUMMARY_H */
