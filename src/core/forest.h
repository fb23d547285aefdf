/*-------------------------------------------------------------------------
 *
 * forest.h
 *	  The isolation forest core: limits, types and contracts.
 *
 * The core is plain C11 on top of libc and libm.  It never allocates, never
 * reports and holds no state of its own: a caller asks for a size, hands in
 * a buffer, and receives a status.  Long work pauses now and then, so that
 * the caller can look for interrupts (forest_pause).
 *
 * Rows are arrays of double, one per feature.  A missing value is a NaN; a
 * category is its code, 0 .. n_categories - 1, and a category that the
 * training never saw is n_categories.
 *
 *	  Liu, Ting, Zhou: Isolation Forest, ICDM 2008, and Isolation-Based
 *	  Anomaly Detection, TKDD 6(1), 2012.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_H
#define FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forest_sort.h"

/* Limits of a model; the format and the code rely on each of them. */
#define FOREST_MAX_FEATURES		16000
#define FOREST_MAX_TREES		100000
#define FOREST_MAX_SAMPLE		100000000
#define FOREST_MAX_CATEGORIES	32000
#define FOREST_MAX_NODES		UINT32_C(1000000000)
#define FOREST_MAX_STRING		1024	/* bytes of a name or category */
#define FOREST_MAX_STRINGS		(UINT32_C(256) << 20)	/* of all together */

/* Depth limits: none, and the paper's ceil(log2(sample size)). */
#define FOREST_DEPTH_UNLIMITED	UINT32_C(0)
#define FOREST_DEPTH_DEFAULT	UINT32_MAX

typedef enum ForestStatus
{
	FOREST_OK = 0,
	FOREST_NO_SPACE,			/* a buffer is too small: enlarge it, call again */
	FOREST_NOT_A_MODEL,			/* the bytes do not start as a model does */
	FOREST_NEWER_FORMAT,		/* written by a later version */
	FOREST_TRUNCATED,			/* shorter or longer than the header says */
	FOREST_CORRUPT,				/* the digest does not fit the bytes */
	FOREST_INVALID				/* the bytes break a rule of the format */
} ForestStatus;

/* Which rule was broken and where; "rule" is a literal, for error details. */
typedef struct ForestFault
{
	const char *rule;
	uint64_t	position;
} ForestFault;

/*
 * The type a feature had in SQL.  The core only tells categories from
 * numbers; the rest lets a model check and display values.  The numbers are
 * part of the format.
 */
typedef enum ForestType
{
	FOREST_BOOL = 1,
	FOREST_INT2 = 2,
	FOREST_INT4 = 3,
	FOREST_INT8 = 4,
	FOREST_FLOAT4 = 5,
	FOREST_FLOAT8 = 6,
	FOREST_NUMERIC = 7,
	FOREST_DATE = 8,
	FOREST_TIME = 9,
	FOREST_TIMESTAMP = 10,
	FOREST_TIMESTAMPTZ = 11,
	FOREST_INTERVAL = 12,
	FOREST_LAST_NUMBER = FOREST_INTERVAL,
	FOREST_TEXT = 32,
	FOREST_VARCHAR = 33,
	FOREST_BPCHAR = 34,
	FOREST_NAME = 35,
	FOREST_CHAR = 36,
	FOREST_ENUM = 37,
	FOREST_UUID = 38,
	FOREST_LAST_CATEGORY = FOREST_UUID
} ForestType;

static inline bool
forest_type_is_category(uint32_t type)
{
	return type >= FOREST_TEXT;
}

static inline bool
forest_type_is_valid(uint32_t type)
{
	return (type >= FOREST_BOOL && type <= FOREST_LAST_NUMBER) ||
		(type >= FOREST_TEXT && type <= FOREST_LAST_CATEGORY);
}

/* forest_rng.h has the generator itself, inline. */
typedef struct ForestRng
{
	uint64_t	s[4];
} ForestRng;

/* ---- forest_pause.c ---- */

/*
 * Work on many rows, nodes or bytes calls forest_pause every few
 * milliseconds.  The core's own does nothing; a program that links the core
 * may define another, which may also end the work by not returning: the core
 * holds nothing that would have to be given back, and only what the caller
 * handed in for results and scratch is left half done.
 */
extern void forest_pause(void);
extern void forest_copy(void *to, const void *from, size_t n);
extern bool forest_equal(const void *a, const void *b, size_t n);
extern void forest_clear(void *memory, size_t n);

/* Steps of a loop between two pauses; a power of two. */
#define FOREST_PAUSE_STEPS	UINT64_C(32768)

/*
 * Pauses in step i of a loop if it is time to.  The loop has every i, one
 * after the other.  A loop that is itself done again and again, in which i
 * starts anew each time, may never come so far: there whoever repeats it
 * calls forest_pause.
 */
static inline void
forest_pause_at(uint64_t i)
{
	if (i % FOREST_PAUSE_STEPS == FOREST_PAUSE_STEPS - 1)
		forest_pause();
}

/* Asks for memory ahead of its use; any address will do. */
static inline void
forest_prefetch(const void *address)
{
#if defined(__GNUC__)
	__builtin_prefetch(address);
#else
	(void) address;
#endif
}

/* ---- forest_math.c ---- */

extern double forest_ln(double x);
extern double forest_average_path(uint64_t n);
extern uint32_t forest_default_depth(uint32_t sample_size);

/* ---- forest_digest.c ---- */

#define FOREST_DIGEST_SIZE 32

extern void forest_digest(const uint8_t *bytes, size_t len,
						  uint8_t digest[FOREST_DIGEST_SIZE]);

/*
 * What random numbers are drawn for.  Every use has streams of its own, from
 * the number here on: whatever shares a seed, no two uses ever see the same
 * numbers.  Up to the next use are more than can be counted: trees and classes
 * are fewer than 2^32, rows that one call makes fewer than 2^60.
 */
typedef enum ForestPurpose
{
	FOREST_FOR_SAMPLE,			/* which rows training keeps */
	FOREST_FOR_DEAL,			/* which rows each tree gets */
	FOREST_FOR_CALIBRATION,		/* which lengths iforest_calibrate keeps */
	FOREST_FOR_PROFILE,			/* the seed that its rows are dealt by */
	FOREST_FOR_TREE,			/* + its number */
	FOREST_FOR_PLOT,			/* which rows are drawn; + number of class */
	FOREST_FOR_BALANCE,			/* rows made to compare; + number */
	FOREST_FOR_IMPUTING,		/* what is missing from a row */
	FOREST_FOR_NEW_ROW,			/* iforest_sample; + number of row */
	FOREST_FOR_ROW_NEAR,		/* iforest_augment, 'forest'; + number */
	FOREST_FOR_NOISE,			/* iforest_augment, 'noise'; + number */
	FOREST_N_PURPOSES
} ForestPurpose;

/* ---- forest_sample.c ---- */

/*
 * A uniform sample of a stream, of at most "capacity" rows, mergeable
 * exactly: every row draws a random key, the rows with the smallest keys
 * stay.  The sample knows keys and slots; the rows themselves live with the
 * caller, row i of the caller's storage being slot i.
 */
typedef struct ForestSample
{
	uint64_t	counter;		/* generator of keys (splitmix64) */
	uint64_t	limit;			/* keys below this are wanted */
	uint64_t	seen;			/* rows offered */
	uint32_t	capacity;		/* most rows kept */
	uint32_t	n;				/* rows kept */
	uint32_t	allocated;		/* rows that keys and links have room for */
	uint64_t   *keys;			/* key of each slot */

	/*
	 * Of a full sample: the slots in lists, by ranges of keys.  First the next
	 * slot of each slot, then the first slot of each list.
	 */
	uint32_t   *links;			/* FOREST_LINK_BYTES a row */
	uint32_t	n_lists;		/* 0: not linked yet */
	uint32_t	shift;			/* bits of a key that do not tell its list */
	uint32_t	top;			/* no list above this one has slots */
} ForestSample;

#define FOREST_LINK_BYTES	(2 * sizeof(uint32_t))	/* of links, a row */

extern void forest_sample_init(ForestSample *sample, uint32_t capacity,
							   uint64_t seed, ForestPurpose purpose,
							   uint64_t index);
extern uint32_t forest_sample_place(ForestSample *sample, uint64_t key);
extern bool forest_sample_restore(ForestSample *sample);

/*
 * Deals rows of the sample to trees, without replacement inside a tree and,
 * as far as the rows last, between trees.
 */
typedef struct ForestDealer
{
	ForestRng	rng;
	uint64_t	population;		/* rows that the sample stands for */
	uint32_t	n;				/* rows in the sample */
	uint32_t	position;		/* rows dealt from the deck so far */
	uint32_t   *deck;			/* permutation of 0 .. n - 1; caller's */
} ForestDealer;

extern void forest_dealer_init(ForestDealer *dealer, uint32_t *deck,
							   uint32_t n, uint64_t population,
							   uint64_t seed);
extern void forest_deal(ForestDealer *dealer, uint32_t *rows, uint32_t count,
						bool bootstrap);

/* ---- forest_grow.c ---- */

/*
 * One grown tree, in the arrays of the format (doc/FORMAT.md): node words in
 * preorder; a cut per numeric split; rows per leaf; a code set per
 * categorical split.  The caller owns the arrays and sets the max_ fields.
 */
typedef struct ForestTree
{
	uint16_t   *nodes;			/* room for 2 * n_rows - 1 */
	double	   *cuts;			/* room for n_rows */
	uint32_t   *leaves;			/* room for n_rows */
	uint16_t   *sets;			/* room for max_sets */
	size_t		max_sets;
	uint32_t	n_nodes;
	uint32_t	n_cuts;
	uint32_t	n_leaves;
	size_t		n_sets;
} ForestTree;

/* The training rows as the grower sees them: row-major, missing is NaN. */
typedef struct ForestRows
{
	const double *values;		/* n_rows x n_features */
	uint32_t	n_features;
	const uint32_t *n_categories;	/* per feature; 0 for a number */
} ForestRows;

typedef struct ForestStackEntry
{
	uint32_t	begin;			/* rows of the node: index[begin .. end) */
	uint32_t	end;
	uint32_t	depth;
	uint32_t	n_active;		/* features not yet known to be constant */
} ForestStackEntry;

/* Working memory of forest_grow_tree, from forest_grow_scratch_init. */
typedef struct ForestGrowScratch
{
	uint32_t   *index;			/* the tree's rows; forest_deal fills it */
	uint32_t   *features;
	ForestStackEntry *stack;
	uint16_t   *codes;			/* categories present in a node */
	uint8_t    *code_side;		/* per category: absent, left or right */
} ForestGrowScratch;

extern size_t forest_grow_scratch_size(uint32_t n_rows, uint32_t n_features,
									   uint32_t max_categories);
extern void forest_grow_scratch_init(ForestGrowScratch *scratch, void *memory,
									 uint32_t n_rows, uint32_t n_features,
									 uint32_t max_categories);
extern ForestStatus forest_grow_tree(const ForestRows *rows, uint32_t n_rows,
									 uint32_t max_depth, uint32_t n_columns,
									 ForestRng *rng,
									 ForestGrowScratch *scratch,
									 ForestTree *tree);

/* ---- forest_write.c, forest_open.c: the bytes of a model ---- */

/* Node words. */
#define FOREST_NODE_LEAF			0x8000
#define FOREST_NODE_MISSING_RIGHT	0x4000
#define FOREST_NODE_FEATURE			0x3FFF
/* First word of a code set: number of codes, and where all others go. */
#define FOREST_SET_OTHERS_RIGHT		0x8000
#define FOREST_SET_COUNT			0x7FFF

/* Flags of ForestSummary. */
#define FOREST_FLAG_BOOTSTRAP		1
#define FOREST_FLAG_SEED_DRAWN		2	/* nobody asked for this seed */
#define FOREST_FLAG_MERGED			4	/* trees of several models */
#define FOREST_FLAGS_KNOWN			7

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
} ForestSummary;

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

/*
 * A value of a number, and how many of the rows that have one are below it,
 * and through it.  Knots, ascending, are the number's curve: the rows between
 * two of them are taken to be spread evenly there.
 */
typedef struct ForestKnot
{
	double		value;
	uint32_t	below;
	uint32_t	through;
} ForestKnot;

/* Most knots of a curve. */
#define FOREST_MAX_KNOTS	256

/* Quantiles that a curve tells exactly: at 0, 1/40, .., 1. */
#define FOREST_QUANTILES	41
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

	/*
	 * The profile of the training rows, NULL for none: the curves of all
	 * features (no knots for a category), one behind the other, and the rows
	 * of each category.
	 */
	const uint32_t *curve_ends; /* knots through each feature's */
	const ForestKnot *knots;
	const uint32_t *category_rows;
	uint32_t	n_strings;
	uint32_t	n_nodes;
	uint32_t	n_cuts;
	uint32_t	n_leaves;
	uint64_t	n_sets;
} ForestParts;

extern uint64_t forest_model_size(const ForestParts *parts);
extern void forest_model_write(const ForestParts *parts, uint8_t *bytes);

/* ---- forest_calibration.c: the distribution of the training scores ---- */

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

/* Most points that forest_calibrate makes. */
#define FOREST_MAX_POINTS	4096

/*
 * Bounds of a summary's numbers: no forest has longer paths, and sums and
 * squares of such lengths are far from overflow.
 */
#define FOREST_MAX_LENGTH	2147483648.0
#define FOREST_MAX_SPREAD	(FOREST_MAX_LENGTH * FOREST_MAX_LENGTH)

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

extern void forest_calibrate(ForestPair *masses, ForestPair *temporary,
							 uint32_t n, ForestPoint *points,
							 ForestCalibration *calibration);
extern double forest_rows_at_least(const ForestCalibration *calibration,
								   double length);
extern double forest_cut(const ForestCalibration *calibration,
						 double contamination);

/* A model's bytes once forest_open has accepted them. */
typedef struct ForestView
{
	ForestSummary summary;
	uint32_t	n_strings;
	uint32_t	n_nodes;
	uint32_t	n_cuts;
	uint32_t	n_leaves;
	uint64_t	n_sets;
	uint32_t	n_set_splits;	/* categorical splits */
	const uint8_t *digest;		/* in the caller's bytes */
	/* sections, inside the caller's bytes */
	const uint8_t *features;
	const uint8_t *string_ends;
	const uint8_t *string_bytes;
	const uint8_t *groups;
	const uint8_t *tree_nodes;
	const uint8_t *nodes;
	const uint8_t *cuts;
	const uint8_t *leaves;
	const uint8_t *sets;
	/* the score summary; n_points is 0 if the model has none */
	uint32_t	n_points;
	uint32_t	calibration_rows;
	double		spread;
	const uint8_t *points;
	/* the profile; NULL if the model has none */
	const uint8_t *curve_ends;
	const uint8_t *knots;
	const uint8_t *category_rows;
} ForestView;

#define FOREST_HEADER_SIZE	64

extern uint64_t forest_calibrated_size(const uint8_t *model,
									   uint32_t n_points);
extern void forest_calibrated_write(const uint8_t *model,
									const ForestCalibration *calibration,
									uint8_t *bytes);
extern ForestStatus forest_peek(const uint8_t *bytes, size_t len,
								uint64_t *total, const uint8_t **digest);
extern ForestStatus forest_open(const uint8_t *bytes, size_t len,
								ForestView *view, ForestFault *fault);
extern ForestFeature forest_view_feature(const ForestView *view, uint32_t i);
extern ForestGroup forest_view_group(const ForestView *view, uint32_t i);
extern uint32_t forest_view_curve(const ForestView *view, uint32_t feature,
								  uint32_t *n);
extern ForestKnot forest_view_knot(const ForestView *view, uint32_t i);
extern double forest_view_quantile(const ForestView *view, uint32_t feature,
								   uint32_t i);
extern uint32_t forest_view_category_rows(const ForestView *view,
										  uint32_t string);
extern ForestPoint forest_view_point(const ForestView *view, uint32_t i);
extern ForestString forest_view_string(const ForestView *view, uint32_t i);
extern int forest_string_compare(ForestString a, ForestString b);

/* ---- forest_profile.c ---- */

extern uint32_t forest_knot_of_rank(const ForestKnot *knots, uint32_t n,
									uint64_t rank);
extern uint64_t forest_quantile_rank(uint64_t n_rows, uint32_t i);
extern uint32_t forest_make_knots(const ForestPair *values, uint32_t n,
								  ForestKnot *knots);
extern uint32_t forest_choose_knots(ForestKnot *knots, uint32_t n,
									uint8_t *keep);

/* ---- forest_walk.c ---- */

/*
 * A node of the walk.  Numbers: go right when the value in "slot" is above
 * "cut".  Slot 2f holds feature f with missing as the lowest value, slot
 * 2f + 1 with missing as the highest, so that missing needs no test of its
 * own.  A leaf points at itself.
 */
typedef struct ForestWalkNode
{
	union
	{
		double		cut;
		uint64_t	set;		/* offset of a categorical split's set */
	}			u;
	uint32_t	slot;			/* FOREST_WALK_SET set: a categorical split */
	uint32_t	child;			/* left child; the right one follows it */
} ForestWalkNode;

#define FOREST_WALK_SET		UINT32_C(0x80000000)
#define FOREST_WALK_MISSING_RIGHT	UINT32_C(0x40000000)
#define FOREST_WALK_FEATURE	UINT32_C(0x3FFFFFFF)

/*
 * The reference form of a model for scoring.  Path lengths are integers,
 * multiples of 2^-scale of a normalised path length, so that every order of
 * summation, and so every kernel, gives the same sum.
 */
typedef struct ForestWalk
{
	uint32_t	n_features;
	uint32_t	n_trees;
	uint32_t	n_nodes;
	uint32_t	scale;
	const uint32_t *roots;		/* first node of each tree */
	const ForestWalkNode *nodes;
	const int64_t *values;		/* normalised path length of a leaf, else 0 */
	const uint16_t *sets;
	const uint8_t *is_category; /* per feature */
} ForestWalk;

extern uint64_t forest_walk_size(const ForestView *view);
extern void forest_walk_build(const ForestView *view, void *memory,
							  ForestWalk *walk);
extern void forest_walk_slots(const ForestWalk *walk, const double *row,
							  double *slots);
extern uint32_t forest_walk_leaf(const ForestWalk *walk, uint32_t tree,
								 const double *slots);
extern void forest_walk_leaves(const ForestWalk *walk, uint32_t tree,
							   const double *values, const uint32_t *index,
							   uint32_t n, uint32_t *leaves);
extern int64_t forest_walk_sum(const ForestWalk *walk, const double *slots);
extern double forest_mean_length(int64_t sum, uint32_t scale,
								 uint32_t n_trees);
extern double forest_length_score(double length);
extern double forest_score(int64_t sum, uint32_t scale, uint32_t n_trees);
extern int64_t forest_sum_limit(double score, uint32_t scale,
								uint32_t n_trees);

#endif							/* FOREST_H */
