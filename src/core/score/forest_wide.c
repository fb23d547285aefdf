/*-------------------------------------------------------------------------
 *
 * forest_wide.c
 *	  The fast form of forests that have no blocks (forest_wide.h).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/score/forest_walk.h"
#include "core/score/forest_wide.h"

/*
 * Trees walked side by side, to hide the latency of each.  Measured: eight and
 * twelve take longer.
 */
#ifndef WIDE_LANES
#define WIDE_LANES	10
#endif

/* Levels from one look at whether all ways have ended to the next. */
#define WIDE_LEVELS	4

/* Values from one look at whether all were numbers of 32 bits to the next. */
#define WIDE_STRETCH	64

/* Values of a vector. */
#define WIDE_VECTOR		2

#if defined(__GNUC__)
#define WIDE_INLINE static inline __attribute__((always_inline))
#else
#define WIDE_INLINE static inline
#endif

/* What a row, and the forest, have: as little as is so. */
typedef enum WideForm
{
	WIDE_FLOATS,				/* numbers of 32 bits, as floats */
	WIDE_NUMBERS,				/* numbers alone */
	WIDE_MISSING,				/* missing values, too */
	WIDE_CATEGORIES				/* and categories */
} WideForm;

/* Bytes that forest_wide_build needs, 8-byte aligned. */
uint64_t
forest_wide_size(const ForestWalk *walk)
{
	return walk->some_category ? 0 :
		walk->n_nodes * (uint64_t) sizeof(ForestWideNode);
}

/* Bytes of a row's columns, if these are not the row itself. */
static size_t
columns_size(const ForestWalk *walk)
{
	return walk->projections.n > 0 ? walk->n_columns * sizeof(double) : 0;
}

/* Bytes of working memory that scoring a row takes; any alignment of 8. */
size_t
forest_wide_scratch_size(const ForestWalk *walk)
{
	/*
	 * copied in whole vectors, of which the last may reach one number beyond
	 * the row, behind the columns that are not the row's own
	 */
	return columns_size(walk) +
		(walk->n_columns + WIDE_VECTOR) * sizeof(float);
}

/* The greatest number of 32 bits that is not above a cut. */
static float
round_down(double cut)
{
	float		nearest = (float) cut;

	return (double) nearest > cut ? nextafterf(nearest, -INFINITY) : nearest;
}

/*
 * Fills the narrow nodes from the walk's; false if a tree has so many nodes
 * that one does not reach its child.
 */
static bool
build_nodes(const ForestWalk *walk, ForestWideNode *nodes)
{
	for (uint32_t i = 0; i < walk->n_nodes; i++)
	{
		const ForestWalkNode *node = &walk->nodes[i];
		uint32_t	child = node->child - i;

		forest_pause_at(i);
		if (child > UINT16_MAX)
			return false;
		nodes[i].cut = round_down(node->u.cut);
		nodes[i].feature = (uint16_t) forest_walk_feature(node);
		nodes[i].child = (uint16_t) child;
	}
	return true;
}

/*
 * Builds the form in "memory" of forest_wide_size bytes.  It refers to the
 * walk.
 */
void
forest_wide_build(const ForestWalk *walk, void *memory, ForestWide *wide)
{
	wide->walk = walk;
	wide->nodes = !walk->some_category && walk->n_columns <= UINT16_MAX &&
		build_nodes(walk, memory) ? memory : NULL;
}

/* Whether a row goes right at a node of the walk; never at a leaf. */
WIDE_INLINE uint32_t
goes_right(const ForestWalk *walk, const ForestWalkNode *node,
		   const double *row, WideForm form)
{
	double		v;

	if (form == WIDE_CATEGORIES && forest_walk_is_set(node))
		return forest_set_goes_right(walk, node,
									 row[node->slot & FOREST_WALK_FEATURE]);
	v = row[node->slot >> 1];
	/* no condition: the processor could not foresee its outcome */
	return (uint32_t) (v > node->u.cut) |
		(form >= WIDE_MISSING ? (isnan(v) ? 1U : 0U) & node->slot : 0);
}

/* The node that a row goes to from node i, which is i itself at a leaf. */
WIDE_INLINE uint32_t
wide_step(const ForestWide *wide, uint32_t i, const void *row, WideForm form)
{
	if (form == WIDE_FLOATS)
	{
		const ForestWideNode *node = &wide->nodes[i];

		return i + node->child +
			(((const float *) row)[node->feature] > node->cut);
	}
	return wide->walk->nodes[i].child +
		goes_right(wide->walk, &wide->walk->nodes[i], row, form);
}

/*
 * Adds up the values of WIDE_LANES trees from "first" on.  Those that there
 * are not repeat the last one, and do not count.
 */
WIDE_INLINE int64_t
wide_lanes(const ForestWide *wide, uint32_t first, const void *row,
		   WideForm form)
{
	const ForestWalk *walk = wide->walk;
	uint32_t	n = walk->n_trees - first;
	uint32_t	moved = 1;
	uint32_t	at[WIDE_LANES];
	int64_t		sum = 0;

	for (uint32_t k = 0; k < WIDE_LANES; k++)
		at[k] = walk->roots[first + (k < n ? k : n - 1)];
	for (uint32_t level = 0; level < walk->levels && moved != 0;
		 level += WIDE_LEVELS)
	{
		forest_pause_at(level);
		for (uint32_t l = 1; l < WIDE_LEVELS; l++)
		{
			for (uint32_t k = 0; k < WIDE_LANES; k++)
				at[k] = wide_step(wide, at[k], row, form);
		}
		moved = 0;
		for (uint32_t k = 0; k < WIDE_LANES; k++)
		{
			uint32_t	next = wide_step(wide, at[k], row, form);

			moved |= next ^ at[k];
			at[k] = next;
		}
	}
	for (uint32_t k = 0; k < WIDE_LANES && k < n; k++)
		sum += walk->values[at[k]];
	return sum;
}

/* Adds up the values of all trees. */
WIDE_INLINE int64_t
wide_sum(const ForestWide *wide, const void *row, WideForm form)
{
	int64_t		sum = 0;

	for (uint32_t tree = 0; tree < wide->walk->n_trees; tree += WIDE_LANES)
	{
		forest_pause();
		sum += wide_lanes(wide, tree, row, form);
	}
	return sum;
}

/* Numbers, the same of 32 bits, and outcomes of comparisons, all ones or 0. */
typedef double WideNumbers __attribute__((vector_size(16)));
typedef float WideFloats __attribute__((vector_size(8)));
typedef int64_t WideMasks __attribute__((vector_size(16)));

/* Numbers f and f + 1 of a row of n; the one behind its end is 0. */
WIDE_INLINE WideNumbers
two_numbers(const double *row, uint32_t n, uint32_t f)
{
	WideNumbers two = {row[f], 0};

	if (n - f >= WIDE_VECTOR)
		memcpy(&two, row + f, sizeof(two));
	return two;
}

/* Whether an outcome is true. */
static bool
some_mask(WideMasks masks)
{
	return (masks[0] | masks[1]) != 0;
}

/*
 * Copies a row as numbers of 32 bits; false, soon, if one is none, as a missing
 * value is.
 */
static bool
copy_floats(const double *row, uint32_t n, float *copy)
{
	for (uint32_t f = 0; f < n;)
	{
		uint32_t	end = n - f < WIDE_STRETCH ? n : f + WIDE_STRETCH;
		WideMasks	differ = {0};

		for (; f < end; f += WIDE_VECTOR)
		{
			WideNumbers numbers = two_numbers(row, n, f);
			WideFloats	floats = __builtin_convertvector(numbers, WideFloats);

			differ |= __builtin_convertvector(floats, WideNumbers) != numbers;
			memcpy(copy + f, &floats, sizeof(floats));
		}
		if (some_mask(differ))
			return false;
	}
	return true;
}

/* Whether a row lacks a value, which is NaN: not equal to itself. */
static bool
some_missing(const double *row, uint32_t n)
{
	WideMasks	missing = {0};

	for (uint32_t f = 0; f < n; f += WIDE_VECTOR)
	{
		WideNumbers numbers = two_numbers(row, n, f);

		missing |= numbers != numbers;
	}
	return some_mask(missing);
}

/*
 * Returns the sum of the row's normalised path lengths over all trees, as
 * forest_walk_sum, of n_features values that need no preparation.  "scratch"
 * is forest_wide_scratch_size bytes.
 */
int64_t
forest_wide_sum(const ForestWide *wide, const double *row, void *scratch)
{
	uint32_t	d = wide->walk->n_columns;

	if (wide->walk->projections.n > 0)
	{
		forest_walk_columns(wide->walk, row, scratch);
		row = scratch;
		scratch = (uint8_t *) scratch + columns_size(wide->walk);
	}
	/* compiled for each form */
	if (wide->nodes != NULL && copy_floats(row, d, scratch))
		return wide_sum(wide, scratch, WIDE_FLOATS);
	if (wide->walk->some_category)
		return wide_sum(wide, row, WIDE_CATEGORIES);
	return some_missing(row, d) ? wide_sum(wide, row, WIDE_MISSING) :
		wide_sum(wide, row, WIDE_NUMBERS);
}
