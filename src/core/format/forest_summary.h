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

#include <math.h>

#include "core/base/forest_bytes.h"
#include "core/forest.h"

/* Flags of ForestSummary. */
#define FOREST_FLAG_BOOTSTRAP		1
#define FOREST_FLAG_SEED_DRAWN		2	/* nobody asked for this seed */
#define FOREST_FLAG_MERGED			4	/* trees of several models */
#define FOREST_FLAG_WEIGHTED		8	/* rows counted by weights */
#define FOREST_FLAGS_KNOWN			15

/* What was asked for and what was seen. */
typedef struct ForestSummary
{
	uint32_t	n_features;
	uint32_t	n_trees;
	uint32_t	n_groups;
	uint32_t	flags;
	uint64_t	rows_seen;		/* rows offered to the training */
	uint64_t	rows_kept;		/* rows that the trees were dealt from */
	uint64_t	seed;
	uint32_t	sample_size;	/* as asked */
	uint32_t	max_depth;		/* as asked: FOREST_DEPTH_DEFAULT, .. */
	uint32_t	max_categories;
	double		max_features;
	double		contamination;
	double		guided;			/* chance of a cut to be guided */
} ForestSummary;

/* Where in the section each is; u32, where nothing else is said. */
#define FOREST_SUMMARY_SIZE		88
#define FOREST_SUM_N_FEATURES	0
#define FOREST_SUM_N_TREES		4
#define FOREST_SUM_N_GROUPS		8
#define FOREST_SUM_FLAGS		12
#define FOREST_SUM_ROWS_SEEN	16	/* u64 */
#define FOREST_SUM_ROWS_KEPT	24	/* u64 */
#define FOREST_SUM_SEED			32	/* u64 */
#define FOREST_SUM_MAX_FEATURES 40	/* f64 */
#define FOREST_SUM_CONTAMINATION 48 /* f64 */
#define FOREST_SUM_SAMPLE_SIZE	56
#define FOREST_SUM_MAX_DEPTH	60
#define FOREST_SUM_MAX_CATEGORIES 64
#define FOREST_SUM_RESERVED		68	/* zeros */
#define FOREST_SUM_GUIDED		72	/* f64 */
#define FOREST_SUM_RESERVED_2	80	/* zeros */

/* Writes a summary into its section, whose reserved bytes are zero. */
static inline void
forest_summary_put(const ForestSummary *sum, uint8_t *p)
{
	forest_put32(p + FOREST_SUM_N_FEATURES, sum->n_features);
	forest_put32(p + FOREST_SUM_N_TREES, sum->n_trees);
	forest_put32(p + FOREST_SUM_N_GROUPS, sum->n_groups);
	forest_put32(p + FOREST_SUM_FLAGS, sum->flags);
	forest_put64(p + FOREST_SUM_ROWS_SEEN, sum->rows_seen);
	forest_put64(p + FOREST_SUM_ROWS_KEPT, sum->rows_kept);
	forest_put64(p + FOREST_SUM_SEED, sum->seed);
	forest_put_double(p + FOREST_SUM_MAX_FEATURES, sum->max_features);
	forest_put_double(p + FOREST_SUM_CONTAMINATION, sum->contamination);
	forest_put_double(p + FOREST_SUM_GUIDED, sum->guided);
	forest_put32(p + FOREST_SUM_SAMPLE_SIZE, sum->sample_size);
	forest_put32(p + FOREST_SUM_MAX_DEPTH, sum->max_depth);
	forest_put32(p + FOREST_SUM_MAX_CATEGORIES, sum->max_categories);
}

/* Reads a summary from its section, unchecked. */
static inline void
forest_summary_get(const uint8_t *p, ForestSummary *sum)
{
	sum->n_features = forest_get32(p + FOREST_SUM_N_FEATURES);
	sum->n_trees = forest_get32(p + FOREST_SUM_N_TREES);
	sum->n_groups = forest_get32(p + FOREST_SUM_N_GROUPS);
	sum->flags = forest_get32(p + FOREST_SUM_FLAGS);
	sum->rows_seen = forest_get64(p + FOREST_SUM_ROWS_SEEN);
	sum->rows_kept = forest_get64(p + FOREST_SUM_ROWS_KEPT);
	sum->seed = forest_get64(p + FOREST_SUM_SEED);
	sum->max_features = forest_get_double(p + FOREST_SUM_MAX_FEATURES);
	sum->contamination = forest_get_double(p + FOREST_SUM_CONTAMINATION);
	sum->guided = forest_get_double(p + FOREST_SUM_GUIDED);
	sum->sample_size = forest_get32(p + FOREST_SUM_SAMPLE_SIZE);
	sum->max_depth = forest_get32(p + FOREST_SUM_MAX_DEPTH);
	sum->max_categories = forest_get32(p + FOREST_SUM_MAX_CATEGORIES);
}

/* Whether a magnitude is one that a writer stores: 0 has no sign. */
static inline bool
forest_is_magnitude(double value, double most)
{
	return value >= 0.0 && value <= most && !signbit(value);
}

/* Whether the bytes p[begin .. end) are zeros. */
static inline bool
forest_are_zeros(const uint8_t *p, int begin, int end)
{
	for (int i = begin; i < end; i++)
	{
		if (p[i] != 0)
			return false;
	}
	return true;
}

/* Checks a summary, and that its section at p has nothing else. */
static inline ForestStatus
forest_summary_check(const uint8_t *p, const ForestSummary *sum,
					 ForestFault *fault)
{
	if (sum->n_features < 1 || sum->n_features > FOREST_MAX_FEATURES)
		return forest_broken(fault, "number of features", sum->n_features);
	if (sum->n_trees < 1 || sum->n_trees > FOREST_MAX_TREES)
		return forest_broken(fault, "number of trees", sum->n_trees);
	if (sum->n_groups < 1 || sum->n_groups > sum->n_trees)
		return forest_broken(fault, "number of groups", sum->n_groups);
	if (sum->flags & ~(uint32_t) FOREST_FLAGS_KNOWN)
		return FOREST_NEWER_FORMAT;
	if (sum->rows_seen > INT64_MAX || sum->rows_kept > INT64_MAX ||
		(sum->rows_kept > sum->rows_seen &&
		 (sum->flags & FOREST_FLAG_WEIGHTED) == 0))
		return forest_broken(fault, "number of rows", sum->rows_kept);
	if (!(sum->max_features > 0 && sum->max_features <= 1))
		return forest_broken(fault, "max_features", 0);
	if (!forest_is_magnitude(sum->contamination, 0.5))
		return forest_broken(fault, "contamination", 0);
	if (!forest_is_magnitude(sum->guided, 1.0))
		return forest_broken(fault, "guided", 0);
	if (sum->sample_size < 1 || sum->sample_size > FOREST_MAX_SAMPLE)
		return forest_broken(fault, "sample_size", sum->sample_size);
	if (sum->max_categories > FOREST_MAX_CATEGORIES)
		return forest_broken(fault, "max_categories", sum->max_categories);
	if (!forest_are_zeros(p, FOREST_SUM_RESERVED, FOREST_SUM_GUIDED) ||
		!forest_are_zeros(p, FOREST_SUM_RESERVED_2, FOREST_SUMMARY_SIZE))
		return FOREST_NEWER_FORMAT;
	return FOREST_OK;
}

#endif							/* FOREST_SUMMARY_H */
