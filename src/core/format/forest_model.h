/*-------------------------------------------------------------------------
 *
 * forest_model.h
 *	  What a model consists of, in native types.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_MODEL_H
#define FOREST_MODEL_H

#include "core/forest.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_labels.h"
#include "core/format/forest_projection.h"
#include "core/format/forest_summary.h"

/* Node words. */
#define FOREST_NODE_LEAF			0x8000
#define FOREST_NODE_MISSING_RIGHT	0x4000
#define FOREST_NODE_FEATURE			0x3FFF

/* First word of a code set: number of codes, and where all others go. */
#define FOREST_SET_OTHERS_RIGHT		0x8000
#define FOREST_SET_COUNT			0x7FFF

typedef struct ForestFeature
{
	uint32_t	type;			/* ForestType */
	uint32_t	n_categories;
	uint64_t	n_missing;		/* among the kept rows */
	double		minimum;		/* of the kept rows; NaN when there is none */
	double		maximum;
} ForestFeature;

/* Trees that share a normalisation: path length / c(sample_size). */
typedef struct ForestGroup
{
	uint32_t	n_trees;
	uint32_t	sample_size;	/* rows each tree grew on */
	uint32_t	depth_limit;	/* 0 is none */
} ForestGroup;

typedef struct ForestString
{
	const char *bytes;
	uint32_t	len;
} ForestString;

/* Quantiles that a curve tells exactly: at 0, 1/40, .., 1. */
#define FOREST_QUANTILES	41
/*
 * Training rows that the middle of a curve is made of, at most; ranks are then
 * right to half a percent.  Of more, its tails are made of all.
 */
#define FOREST_PROFILE_ROWS	4096
#define FOREST_MEDIAN		(FOREST_QUANTILES / 2)

/* All that a model consists of, in native arrays; input to the writer. */
typedef struct ForestParts
{
	ForestSummary summary;
	const ForestFeature *features;
	const ForestString *strings;	/* feature names, then each feature's
									 * categories in the order of codes */
	const ForestGroup *groups;
	const uint32_t *tree_nodes; /* nodes of each tree */
	const uint16_t *nodes;
	const double *cuts;
	const uint32_t *leaves;
	const uint16_t *sets;
	const ForestLabels *labels; /* of each leaf; NULL for none in all */
	ForestProjections projections;

	/*
	 * The profile of the training rows, NULL for none: the curves of all
	 * features (no knots for a category), one behind the other, and the rows
	 * of each category.
	 */
	const uint32_t *curve_ends; /* knots through each feature's */
	const ForestKnot *knots;
	const uint32_t *category_rows;
	const uint8_t *generator;	/* a generator's bytes */
	uint64_t	generator_size; /* 0 for none */
	uint32_t	n_strings;
	uint32_t	n_nodes;
	uint32_t	n_cuts;
	uint32_t	n_leaves;
	uint64_t	n_sets;
} ForestParts;

/*
 * One point of the distribution of normalised path lengths: how many rows
 * have a shorter one, and how many a shorter or equal one.  Short is
 * unusual.
 */
typedef struct ForestPoint
{
	double		length;
	uint32_t	below;
	uint32_t	through;
} ForestPoint;

/*
 * Bounds of a summary's numbers: no forest has longer paths, and sums and
 * squares of such lengths are far from overflow.
 */
#define FOREST_MAX_LENGTH	2147483648.0
#define FOREST_MAX_SPREAD	(FOREST_MAX_LENGTH * FOREST_MAX_LENGTH)

/* Most points that forest_calibrate makes. */
#define FOREST_MAX_POINTS	4096

typedef struct ForestCalibration
{
	uint32_t	n_rows;			/* 0: there is none */
	uint32_t	n_points;
	const ForestPoint *points;	/* ascending */

	/*
	 * The variance of a row's normalised path length from tree to tree, mean
	 * over the rows: of it so much remains in the length of a forest of n
	 * trees as an nth.
	 */
	double		spread;
} ForestCalibration;

#define FOREST_HEADER_SIZE	64

#endif							/* FOREST_MODEL_H */
