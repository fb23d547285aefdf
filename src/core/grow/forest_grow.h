/*-------------------------------------------------------------------------
 *
 * forest_grow.h
 *	  Growing one isolation tree.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_GROW_H
#define FOREST_GROW_H

#include "core/base/forest_rng.h"
#include "core/forest.h"
#include "core/format/forest_projection.h"
#include "core/grow/forest_cut.h"

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

/* What trees are grown by. */
typedef struct ForestGrowth
{
	uint32_t	max_depth;		/* splits on a path; FOREST_DEPTH_UNLIMITED */
	uint32_t	n_columns;		/* that each tree may use: 1 .. all */
	double		guided;			/* chance that a cut is the best, not random */
	/*
	 * The columns to choose among, as often as they count; NULL: each of
	 * n_features once.
	 */
	const uint32_t *candidates;
	uint32_t	n_candidates;
	/* What the last of the rows' columns are; NULL: features. */
	const ForestProjections *projections;
} ForestGrowth;

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
	ForestGuide guide;			/* where cuts may be guided */
} ForestGrowScratch;

extern size_t forest_grow_scratch_size(uint32_t n_rows, uint32_t n_features,
									   uint32_t max_categories, bool guided);
extern void forest_grow_scratch_init(ForestGrowScratch *scratch, void *memory,
									 uint32_t n_rows, uint32_t n_features,
									 uint32_t max_categories, bool guided);
extern ForestStatus forest_grow_tree(const ForestRows *rows, uint32_t n_rows,
									 const ForestGrowth *growth,
									 ForestRng *rng,
									 ForestGrowScratch *scratch,
									 ForestTree *tree);

#endif							/* FOREST_GROW_H */
