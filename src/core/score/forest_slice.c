/*-------------------------------------------------------------------------
 *
 * forest_slice.c
 *	  The sums of all rows of a grid, in which two features vary.
 *
 * The whole grid goes down a tree at once.  A split of another feature sends
 * all of it one way; a split of one of the two parts it, columns or lines, in
 * two grids.  So a tree is asked once for each of the few leaves that the
 * grid meets, not once for each row.
 *
 * Nor is a leaf's value added once for each row: in each line it is added
 * where the part's columns begin and taken off behind them, and at the end one
 * pass adds up what there is up to each column.  Columns of ascending numbers
 * that go one way lie side by side.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/format/forest_layout.h"
#include "core/score/forest_slice.h"
#include "core/score/forest_walk.h"

/* A part of the grid, on its way: at a node, from first to end of "places". */
typedef struct SlicePart
{
	uint32_t	node;
	uint32_t	x_first;
	uint32_t	x_end;
	uint32_t	y_first;
	uint32_t	y_end;
} SlicePart;

/*
 * A tree's parts that still have to go on, and the axes' places in an order:
 * those of a part ascend.
 */
typedef struct Slice
{
	const ForestWalk *walk;
	const double *row;
	const ForestAxis *x;
	const ForestAxis *y;
	uint32_t   *x_places;
	uint32_t   *y_places;
	uint32_t   *aside;			/* as many as the longer axis has */
	SlicePart  *parts;
	uint32_t	n_parts;
	int64_t    *sums;			/* of a line: each less the one before it */
} Slice;

/*
 * Bytes of working memory that forest_slice_sums takes, 8-byte aligned.  Each
 * part that waits was parted from the others by a column or a line.
 */
size_t
forest_slice_scratch_size(uint32_t nx, uint32_t ny)
{
	size_t		longer = nx > ny ? nx : ny;

	return forest_align8(((size_t) nx + ny) *
						 (sizeof(SlicePart) + sizeof(uint32_t)) +
						 longer * sizeof(uint32_t));
}

/* Whether a value of the feature that a split asks for goes right. */
static bool
value_goes_right(const ForestWalk *walk, const ForestWalkNode *node, double v)
{
	if (forest_walk_is_set(node))
		return forest_set_goes_right(walk, node, v);
	return isnan(v) ? forest_walk_missing_right(node) : v > node->u.cut;
}

/*
 * Brings those of some places of an axis that go left at a split before those
 * that go right, either in the order that they had; returns where the latter
 * begin, "end" if there are none.  "aside" has room for them.
 */
static uint32_t
part_places(const ForestWalk *walk, const ForestWalkNode *node,
			const ForestAxis *axis, uint32_t *places, uint32_t *aside,
			uint32_t first, uint32_t end)
{
	uint32_t	n_right = 0;
	uint32_t	middle = first;

	for (uint32_t i = first; i < end; i++)
	{
		uint32_t	place = places[i];

		if (value_goes_right(walk, node, axis->values[place]))
			aside[n_right++] = place;
		else
			places[middle++] = place;
	}
	memcpy(places + middle, aside, n_right * sizeof(*aside));
	return middle;
}

/* Sends a part on from its split; where that parts it, the left one waits. */
static void
go_on(Slice *slice, SlicePart *part)
{
	const ForestWalk *walk = slice->walk;
	const ForestWalkNode *node = &walk->nodes[part->node];
	uint32_t	feature = forest_walk_feature(node);
	bool		is_x = feature == slice->x->feature;
	const ForestAxis *axis = is_x ? slice->x : slice->y;
	uint32_t   *first = is_x ? &part->x_first : &part->y_first;
	uint32_t	end = is_x ? part->x_end : part->y_end;
	SlicePart	left = *part;
	uint32_t	middle;

	if (feature != axis->feature)
	{
		part->node = node->child +
			value_goes_right(walk, node, slice->row[feature]);
		return;
	}
	middle = part_places(walk, node, axis,
						 is_x ? slice->x_places : slice->y_places,
						 slice->aside, *first, end);
	left.node = node->child;
	*(is_x ? &left.x_end : &left.y_end) = middle;
	part->node = node->child + 1;
	if (middle == end)
		*part = left;
	else if (middle > *first)
	{
		slice->parts[slice->n_parts++] = left;
		*first = middle;
	}
}

/*
 * Adds a leaf's value to the sums of columns first .. end - 1 in all lines of
 * a part.
 */
static void
add_to_columns(const Slice *slice, const SlicePart *part, uint32_t first,
			   uint32_t end, int64_t value)
{
	size_t		n = slice->x->n;

	for (uint32_t j = part->y_first; j < part->y_end; j++)
	{
		int64_t    *line = slice->sums + slice->y_places[j] * n;

		line[first] += value;
		if (end < n)
			line[end] -= value;
	}
}

/* Adds a leaf's value to the sums of a part. */
static void
add_value(const Slice *slice, const SlicePart *part, int64_t value)
{
	const uint32_t *places = slice->x_places;
	uint32_t	i = part->x_first;

	while (i < part->x_end)
	{
		uint32_t	first = places[i];
		uint32_t	end = first;

		/* those that lie side by side */
		for (; i < part->x_end && places[i] == end; i++)
			end++;
		forest_pause();
		add_to_columns(slice, part, first, end, value);
	}
}

/* Adds up the sums in each line. */
static void
finish_sums(Slice *slice)
{
	size_t		n = slice->x->n;

	for (uint32_t j = 0; j < slice->y->n; j++)
	{
		int64_t    *line = slice->sums + j * n;

		forest_pause();
		for (size_t i = 1; i < n; i++)
			line[i] += line[i - 1];
	}
}

/* Adds what one tree says to all sums. */
static void
add_tree(Slice *slice, uint32_t tree)
{
	uint64_t	steps = 0;

	slice->n_parts = 1;
	slice->parts[0] = (SlicePart) {
		slice->walk->roots[tree], 0, slice->x->n, 0, slice->y->n
	};
	while (slice->n_parts > 0)
	{
		SlicePart	part = slice->parts[--slice->n_parts];

		while (!forest_walk_is_leaf(slice->walk, part.node))
		{
			forest_pause_at(steps++);
			go_on(slice, &part);
		}
		add_value(slice, &part, slice->walk->values[part.node]);
	}
}

/* The places of an axis, in their order. */
static void
number_places(uint32_t *places, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		places[i] = i;
}

/*
 * Fills the sums of a grid, line by line, y by y: sums[j * x->n + i] is
 * forest_walk_sum of the row with x's value i and y's value j.  The features
 * differ, and neither axis is empty.  "scratch" is forest_slice_scratch_size
 * bytes.
 */
void
forest_slice_sums(const ForestWalk *walk, const double *row,
				  const ForestAxis *x, const ForestAxis *y, int64_t *sums,
				  void *scratch)
{
	size_t		n = (size_t) x->n + y->n;
	Slice		slice = {
		.walk = walk, .row = row, .x = x, .y = y, .parts = scratch,
		.sums = sums
	};

	slice.x_places = (uint32_t *) (slice.parts + n);
	slice.y_places = slice.x_places + x->n;
	slice.aside = slice.y_places + y->n;
	memset(sums, 0, (size_t) x->n * y->n * sizeof(int64_t));
	for (uint32_t tree = 0; tree < walk->n_trees; tree++)
	{
		forest_pause();
		/* in order again */
		number_places(slice.x_places, x->n);
		number_places(slice.y_places, y->n);
		add_tree(&slice, tree);
	}
	finish_sums(&slice);
}
