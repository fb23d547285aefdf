/*-------------------------------------------------------------------------
 *
 * forest_box.c
 *	  The boxes that the leaves of a tree are, one after the other.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/density/forest_box.h"
#include "core/density/forest_codes.h"
#include "core/density/forest_conditional.h"
#include "core/density/forest_density.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_set.h"
#include "core/score/forest_walk.h"

/* Bytes that forest_box_init needs, 8-byte aligned. */
uint64_t
forest_box_size(const ForestDensity *density)
{
	uint64_t	d = density->walk->n_features;

	return (density->max_values + 2 + 2 * d) * sizeof(double) +
		forest_align8((density->max_depth + UINT64_C(1)) * sizeof(ForestStep)) +
		forest_conditional_parts(density->max_depth) * sizeof(ForestPart) +
		forest_align8(3 * d * sizeof(uint32_t)) +
		forest_align8(density->n_cells * sizeof(uint32_t)) +
		forest_codes_size(density->max_codes) +
		forest_align8(2 * d * sizeof(bool));
}

/*
 * Makes a box of everything in "memory" (forest_box_size bytes, 8-byte
 * aligned).  It refers to the density.
 */
void
forest_box_init(const ForestDensity *density, void *memory, ForestBox *box)
{
	uint64_t	d = density->walk->n_features;
	uint8_t    *at = memory;

	box->density = density;
	box->weight = (double *) at;
	at += (density->max_values + UINT64_C(2)) * sizeof(double);
	box->slots = (double *) at;
	at += 2 * d * sizeof(double);
	box->steps = (ForestStep *) at;
	at += forest_align8((density->max_depth + UINT64_C(1)) *
						sizeof(ForestStep));
	box->parts = (ForestPart *) at;
	at += forest_conditional_parts(density->max_depth) * sizeof(ForestPart);
	box->lo = (uint32_t *) at;
	box->hi = box->lo + d;
	box->stamp = box->hi + d;
	at += forest_align8(3 * d * sizeof(uint32_t));
	box->codes = (uint32_t *) at;
	at += forest_align8(density->n_cells * sizeof(uint32_t));
	forest_codes_init(density->max_codes, at, &box->order);
	at += forest_codes_size(density->max_codes);
	box->missing = (bool *) at;
	box->parted = box->missing + d;
	box->mark = 0;
	box->values_only = false;
	memset(box->stamp, 0, d * sizeof(uint32_t));
	memset(box->parted, true, d * sizeof(bool));
	forest_box_reset(box);
}

/* Puts a feature's categories into the order of their codes. */
static void
order_codes(ForestBox *box, uint32_t feature)
{
	const ForestCells *cells = &box->density->features[feature];

	forest_pause();
	for (uint32_t i = 0; i < cells->n_values && cells->is_category; i++)
		box->codes[cells->first + i] = i;
	box->parted[feature] = false;
}

/*
 * Makes it the box of everything.  Nothing of what it was before is left to
 * see: what is drawn next depends on what happens from here on alone.
 */
void
forest_box_reset(ForestBox *box)
{
	for (uint32_t f = 0; f < box->density->walk->n_features; f++)
	{
		if (box->parted[f])
			order_codes(box, f);
		box->lo[f] = 0;
		box->hi[f] = box->density->features[f].n_values;
		box->missing[f] = true;
	}
	box->depth = 0;
}

/*
 * Orders categories, codes lo .. hi - 1 of those of the box, by the side that
 * they go to at a split; returns where those begin that go right.
 */
static uint32_t
part_codes(ForestBox *box, const ForestWalkNode *node, uint32_t feature,
		   uint32_t lo, uint32_t hi)
{
	ForestSet	set = forest_walk_set(box->density->walk, node);
	uint32_t   *codes = box->codes + box->density->features[feature].first;

	/* it looks at all that there are */
	forest_pause();
	box->parted[feature] = true;
	while (lo < hi)
	{
		uint32_t	code = codes[lo];

		if (set.others_right == forest_set_has(set, code))
		{
			lo++;
			continue;
		}
		codes[lo] = codes[--hi];
		codes[hi] = code;
	}
	return lo;
}

/*
 * Where in cells lo .. hi - 1 of its feature those begin that go right at a
 * split; of a category they are put into order first.
 */
uint32_t
forest_box_middle(ForestBox *box, uint32_t i, uint32_t lo, uint32_t hi)
{
	const ForestDensity *density = box->density;
	uint32_t	f = forest_density_feature(density, i);
	uint32_t	middle;

	if (density->features[f].is_category)
		return part_codes(box, &density->walk->nodes[i], f, lo, hi);
	middle = density->rank[i];
	return middle < lo ? lo : middle > hi ? hi : middle;
}

/* Narrows the box to the side of its last step. */
static void
take_side(ForestBox *box, const ForestStep *step)
{
	const ForestWalkNode *node = &box->density->walk->nodes[step->node];
	uint32_t	f = forest_density_feature(box->density, step->node);

	box->lo[f] = step->right ? step->middle : step->lo;
	box->hi[f] = step->right ? step->hi : step->middle;
	box->missing[f] = step->missing &&
		step->right == forest_walk_missing_right(node);
}

/* Goes on to a child of a split, one below the box's last step. */
void
forest_box_enter(ForestBox *box, uint32_t i, bool right)
{
	uint32_t	f = forest_density_feature(box->density, i);
	ForestStep *step;

	forest_pause_at(box->depth);
	step = &box->steps[box->depth++];
	step->node = i;
	step->lo = box->lo[f];
	step->hi = box->hi[f];
	step->missing = box->missing[f];
	step->middle = forest_box_middle(box, i, step->lo, step->hi);
	step->right = right;
	take_side(box, step);
}

/* Goes down on the left to a leaf. */
static void
descend(ForestBox *box, uint32_t i)
{
	while (!forest_walk_is_leaf(box->density->walk, i))
	{
		forest_box_enter(box, i, false);
		i = box->density->walk->nodes[i].child;
	}
	box->leaf = i;
}

/* Takes the last step back. */
static void
leave(ForestBox *box)
{
	const ForestStep *step = &box->steps[--box->depth];
	uint32_t	f = forest_density_feature(box->density, step->node);

	box->lo[f] = step->lo;
	box->hi[f] = step->hi;
	box->missing[f] = step->missing;
}

/* Moves to the first leaf of a tree. */
void
forest_box_first(ForestBox *box, uint32_t tree)
{
	forest_box_reset(box);
	descend(box, box->density->walk->roots[tree]);
}

/* Moves to the tree's next leaf; false if there is none. */
bool
forest_box_next(ForestBox *box)
{
	ForestStep *step;

	while (box->depth > 0 && box->steps[box->depth - 1].right)
		leave(box);
	if (box->depth == 0)
		return false;
	/* the last step to the left goes to the right instead */
	step = &box->steps[box->depth - 1];
	step->right = true;
	take_side(box, step);
	descend(box, box->density->walk->nodes[step->node].child + 1);
	return true;
}

/* The share of the training rows whose value of a feature is in the box. */
double
forest_box_share(const ForestBox *box, uint32_t feature)
{
	const ForestDensity *density = box->density;
	const ForestCells *cells = &density->features[feature];
	uint32_t	lo = box->lo[feature];
	uint32_t	hi = box->hi[feature];
	double		share = box->missing[feature] ?
		density->share[cells->first + cells->n_values] : 0.0;

	if (!cells->is_category)
		return share + density->sum[cells->first + hi] -
			density->sum[cells->first + lo];
	for (; lo < hi; lo++)
		share += density->share[cells->first + box->codes[cells->first + lo]];
	return share;
}

/* Begins a new round of forest_box_visit. */
void
forest_box_unvisit(ForestBox *box)
{
	if (++box->mark != 0)
		return;
	/* all marks have been used: old stamps must not count as new ones */
	memset(box->stamp, 0, box->density->walk->n_features * sizeof(uint32_t));
	box->mark = 1;
}

/* Whether a feature comes up for the first time since forest_box_unvisit. */
bool
forest_box_visit(ForestBox *box, uint32_t feature)
{
	if (box->stamp[feature] == box->mark)
		return false;
	box->stamp[feature] = box->mark;
	return true;
}
