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

#include "core/forest_type.h"

/* Sizes of models and counts of rows are multiplied as size_t. */
#if __SIZEOF_SIZE_T__ < 8
#error "iforest needs a 64-bit machine"
#endif

/* Limits of a model; the format and the code rely on each of them. */
#define FOREST_MAX_FEATURES		16000
#define FOREST_MAX_TREES		100000
#define FOREST_MAX_SAMPLE		100000000
#define FOREST_MAX_CATEGORIES	32000
#define FOREST_MAX_NODES		UINT32_C(1000000000)
#define FOREST_MAX_STRING		1024	/* bytes of a name or category */
#define FOREST_MAX_STRINGS		(UINT32_C(256) << 20)	/* of all together */

#define FOREST_MAX_TRAINING_STEPS 1000000	/* of a generator */

/* Depth limits: none, and the paper's ceil(log2(sample size)). */
#define FOREST_DEPTH_UNLIMITED	UINT32_C(0)
#define FOREST_DEPTH_DEFAULT	UINT32_MAX

/* The share of outliers that is assumed where nobody says another. */
#define FOREST_DEFAULT_CONTAMINATION	0.05

/* Kinds of generators of rows; the numbers are part of the format. */
typedef enum ForestMethod
{
	FOREST_METHOD_VAE = 1,		/* variational autoencoder */
	FOREST_METHOD_GAN = 2		/* adversarial network */
} ForestMethod;

typedef enum ForestStatus
{
	FOREST_OK = 0,
	FOREST_NO_SPACE,			/* a buffer is too small: enlarge it */
	FOREST_NOT_A_MODEL,			/* the bytes do not start as a model does */
	FOREST_A_SKETCH,			/* but as a sketch */
	FOREST_NOT_A_SKETCH,		/* the same of a sketch */
	FOREST_A_MODEL,
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

/* Notes which rule is broken at which position; for "return". */
static inline ForestStatus
forest_broken(ForestFault *fault, const char *rule, uint64_t position)
{
	fault->rule = rule;
	fault->position = position;
	return FOREST_INVALID;
}

#endif							/* FOREST_H */
