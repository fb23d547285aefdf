/*-------------------------------------------------------------------------
 *
 * forest_density_build.c
 *	  The cells that a forest's cuts make, with the shares that the profile
 *	  gives them.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/density/forest_box.h"
#include "core/density/forest_curve.h"
#include "core/density/forest_density.h"
#include "core/density/forest_density_build.h"
#include "core/density/forest_grid.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"

/* What a share that the profile does not know of counts as. */
#define LEAST_SHARE		1e-9

/*
 * Limit of the logarithm of a gain: the product of those of all trees is to
 * stay within a double's range.
 */
#define MOST_GAIN		300.0

/* Most cells that a model can have. */
static uint64_t
most_cells(const ForestView *view)
{
	uint64_t	d = view->summary.n_features;

	return view->n_cuts + 2 * d + (view->n_strings - d);
}

/* The knots of all curves. */
static uint64_t
count_knots(const ForestView *view)
{
	uint32_t	n;
	uint32_t	first = forest_view_curve(view,
										  view->summary.n_features - 1, &n);

	return first + (uint64_t) n;
}

/* Bytes that forest_density_build needs, 8-byte aligned. */
uint64_t
forest_density_size(const ForestView *view)
{
	uint64_t	d = view->summary.n_features;

	return d * (sizeof(ForestCells) + sizeof(ForestCurve)) +
		(3 * count_knots(view) + 5 * most_cells(view) +
		 view->n_nodes) * sizeof(double) +
		2 * forest_align8(view->n_nodes * (uint64_t) sizeof(uint32_t));
}

/* Bytes of working memory that it needs besides, 8-byte aligned. */
uint64_t
forest_density_temporary_size(const ForestView *view)
{
	return 2 * (uint64_t) view->n_cuts * sizeof(ForestPair) +
		forest_align8((view->summary.n_features + UINT64_C(1)) *
					  sizeof(uint32_t)) +
		forest_align8(view->n_nodes * (uint64_t) sizeof(uint32_t));
}

/* Where in memory each array is, while they are filled. */
typedef struct Build
{
	const ForestView *view;
	const ForestWalk *walk;
	ForestCells *features;
	ForestCurve *curves;
	double	   *knots;			/* unused memory for those of curves */
	double	   *upper;
	double	   *middle;
	double	   *share;
	double	   *sum;
	double	   *factor;
	double	   *gain;
	uint32_t   *rank;
	uint32_t   *rows;
	/* temporary */
	ForestPair *cuts;			/* by feature; a node each */
	ForestPair *sorted;
	uint32_t   *ends;			/* of each feature's in "cuts" */
	uint32_t   *stack;
} Build;

/*
 * Points b's arrays into "memory" (forest_density_size bytes, which stay) and
 * "temporary" (forest_density_temporary_size), both 8-byte aligned.  What is
 * in them is left to the caller.
 */
static void
build_layout(Build *b, uint8_t *memory, uint8_t *temporary)
{
	uint64_t	d = b->view->summary.n_features;
	uint64_t	n_cells = most_cells(b->view);
	uint64_t	n_nodes = b->view->n_nodes;

	b->features = (ForestCells *) memory;
	b->curves = (ForestCurve *) (b->features + d);
	b->knots = (double *) (b->curves + d);
	b->upper = b->knots + 3 * count_knots(b->view);
	b->middle = b->upper + n_cells;
	b->share = b->middle + n_cells;
	b->sum = b->share + n_cells;
	b->factor = b->sum + n_cells;
	b->gain = b->factor + n_cells;
	b->rank = (uint32_t *) (b->gain + n_nodes);
	b->rows = (uint32_t *) ((uint8_t *) b->rank +
							forest_align8(n_nodes * sizeof(uint32_t)));
	b->cuts = (ForestPair *) temporary;
	b->sorted = b->cuts + b->view->n_cuts;
	b->ends = (uint32_t *) (b->sorted + b->view->n_cuts);
	b->stack = (uint32_t *) ((uint8_t *) b->ends +
							 forest_align8((d + 1) * sizeof(uint32_t)));
}

/* Gathers the numeric splits by feature. */
static void
gather_cuts(Build *b)
{
	uint32_t	d = b->view->summary.n_features;
	uint32_t	f;

	memset(b->ends, 0, (d + UINT64_C(1)) * sizeof(uint32_t));
	for (uint32_t i = 0; i < b->walk->n_nodes; i++)
	{
		forest_pause_at(i);
		if (forest_walk_is_cut(b->walk, i, &f))
			b->ends[f + 1]++;
	}
	for (f = 0; f < d; f++)
		b->ends[f + 1] += b->ends[f];
	/* ends[f] is where f's begin, and moves to where they end */
	for (uint32_t i = 0; i < b->walk->n_nodes; i++)
	{
		ForestPair *pair;

		forest_pause_at(i);
		if (!forest_walk_is_cut(b->walk, i, &f))
			continue;
		pair = &b->cuts[b->ends[f]++];
		pair->key = forest_sort_key(b->walk->nodes[i].u.cut);
		pair->value = i;
	}
}

/*
 * Numbers the cells between a numeric feature's cuts, n of them from "cuts"
 * on; cells->first is set.
 */
static void
number_cells(Build *b, ForestCells *cells, ForestPair *cuts, uint32_t n)
{
	double	   *upper = b->upper + cells->first;
	uint32_t	n_edges = 0;
	double		last = NAN;

	forest_sort(cuts, b->sorted, n);
	for (uint32_t i = 0; i < n; i++)
	{
		double		cut = forest_sort_value(cuts[i].key);

		forest_pause_at(i);
		if (cut != last)
		{
			last = cut;
			upper[n_edges++] = forest_grid_floor(cells,
												 fmin(cut, cells->maximum));
		}
		b->rank[cuts[i].value] = n_edges;
	}
	upper[n_edges] = cells->maximum;
	cells->n_values = n_edges + 1;
}

/*
 * Half of the row on either side of the gap behind knot i counts as spread
 * over it, so that a row between two others is in the middle of its share;
 * unless both values recur and nothing is between them.
 */
static double
spread_row(const ForestKnot *knot, const ForestKnot *next)
{
	return next->below == knot->through && knot->through - knot->below > 1 &&
		next->through - next->below > 1 ? 0.0 : 0.5;
}

/* Takes over the curve of a feature. */
static void
build_curve(Build *b, uint32_t f, ForestCurve *curve)
{
	uint32_t	n;
	uint32_t	first = forest_view_curve(b->view, f, &n);
	double	   *values = b->knots;
	double	   *left = values + n;
	double	   *right = left + n;
	double		before = 0.0;	/* of the knot's first row: not its own */
	double		n_rows = n == 0 ? 0.0 :
		forest_view_knot(b->view, first + n - 1).through;

	for (uint32_t i = 0; i < n; i++)
	{
		ForestKnot	knot = forest_view_knot(b->view, first + i);
		double		behind = 0.0;

		if (i + 1 < n)
		{
			ForestKnot	next = forest_view_knot(b->view, first + i + 1);

			behind = spread_row(&knot, &next);
		}
		values[i] = knot.value;
		left[i] = (knot.below + before) / n_rows;
		right[i] = (knot.through - behind) / n_rows;
		before = behind;
	}
	b->knots += 3 * (size_t) n;
	*curve = (ForestCurve) {values, left, right, n};
}

/* Fills in what a feature's curve tells of its range. */
static void
find_range(const ForestCurve *curve, ForestCells *cells)
{
	uint32_t	begin = curve->n > 0 && curve->values[0] == -INFINITY;
	uint32_t	end = curve->n -
		(curve->n > 0 && curve->values[curve->n - 1] == INFINITY);

	cells->minimum = curve->n > 0 ? curve->values[0] : NAN;
	cells->maximum = curve->n > 0 ? curve->values[curve->n - 1] : NAN;
	cells->least = begin < end ? curve->values[begin] : NAN;
	cells->greatest = begin < end ? curve->values[end - 1] : NAN;
	/* of what is spread between finite and infinite, half is either */
	cells->low = begin == 0 ? 0.0 : curve->n == 1 ? 1.0 :
		0.5 * (curve->right[0] + curve->left[1]);
	cells->high = end == curve->n ? 1.0 : end == 0 ? 0.0 :
		0.5 * (curve->right[end - 1] + curve->left[end]);
}

/*
 * The median of the finite values between two shares of a curve; where there
 * are none, any finite value, which has no weight.
 */
static double
finite_middle(const ForestCells *cells, const ForestCurve *curve, double below,
			  double through)
{
	below = fmax(below, cells->low);
	through = fmin(through, cells->high);
	if (!(below < through))
		return cells->least;
	return fmin(fmax(forest_curve_value(curve, 0.5 * (below + through)),
					 cells->least), cells->greatest);
}

/* Gives the cells of a number the shares that its curve tells. */
static void
share_number(Build *b, const ForestCells *cells, const ForestCurve *curve,
			 double missing)
{
	double	   *share = b->share + cells->first;
	double	   *middle = b->middle + cells->first;
	double		below = 0.0;

	if (curve->n == 0)
		missing = 1.0;
	for (uint32_t i = 0; i < cells->n_values; i++)
	{
		double		through = i + 1 == cells->n_values || curve->n == 0 ? 1.0 :
			forest_curve_share(curve,
							   forest_grid_edge(cells, b->upper[cells->first + i]));

		forest_pause_at(i);
		/* the first cell has the least value, whatever its share */
		share[i] = missing == 1.0 ? 0.0 : (through - below) * (1.0 - missing);
		middle[i] = curve->n == 0 ? NAN :
			finite_middle(cells, curve, below, through);
		below = through;
	}
	share[cells->n_values] = missing;
}

/* Gives a feature's categories, the first of which is a string, shares. */
static void
share_categories(Build *b, const ForestCells *cells, uint32_t string,
				 uint64_t n_missing)
{
	double	   *share = b->share + cells->first;
	double		total = (double) n_missing;

	for (uint32_t i = 0; i < cells->n_values; i++)
		total += forest_view_category_rows(b->view, string + i);
	for (uint32_t i = 0; i < cells->n_values; i++)
		share[i] = total > 0.0 ?
			forest_view_category_rows(b->view, string + i) / total : 0.0;
	share[cells->n_values] = total > 0.0 ? (double) n_missing / total : 1.0;
}

/* Adds up the shares of a feature's cells. */
static void
add_shares(Build *b, const ForestCells *cells)
{
	double		sum = 0.0;

	for (uint32_t i = 0; i <= cells->n_values; i++)
	{
		forest_pause_at(cells->first + i);
		b->sum[cells->first + i] = sum;
		sum += b->share[cells->first + i];
	}
}

/* Makes the cells of a feature, whose number cells->first is. */
static void
build_feature(Build *b, uint32_t f, uint32_t string)
{
	ForestFeature feature = forest_view_feature(b->view, f);
	ForestCells *cells = &b->features[f];
	ForestCurve *curve = &b->curves[f];
	uint32_t	begin = f > 0 ? b->ends[f - 1] : 0;
	double		kept = (double) b->view->summary.rows_kept;

	build_curve(b, f, curve);
	find_range(curve, cells);
	cells->is_category = forest_type_is_category(feature.type);
	if (cells->is_category)
	{
		cells->n_values = feature.n_categories;
		cells->origin = 0.0;
		cells->step = cells->per_unit = 1.0;
		share_categories(b, cells, string, feature.n_missing);
		return;
	}
	forest_grid_find(feature.type, curve, cells);
	number_cells(b, cells, b->cuts + begin, b->ends[f] - begin);
	share_number(b, cells, curve,
				 kept > 0.0 ? (double) feature.n_missing / kept : 0.0);
}

/* Fills the rows of a tree's nodes, which take leaves from number *leaf on. */
static void
count_rows(Build *b, uint32_t tree, uint32_t end, uint32_t *leaf)
{
	const ForestWalkNode *nodes = b->walk->nodes;
	uint32_t	begin = b->walk->roots[tree];
	uint32_t	n = 0;

	/* leaves are stored in preorder */
	b->stack[n++] = begin;
	while (n > 0)
	{
		uint32_t	i = b->stack[--n];

		forest_pause_at(*leaf);
		if (forest_walk_is_leaf(b->walk, i))
		{
			b->rows[i] = forest_get32(b->view->leaves + 4 * (size_t) (*leaf)++);
			continue;
		}
		b->stack[n++] = nodes[i].child + 1;
		b->stack[n++] = nodes[i].child;
	}
	/* children come behind their parent */
	for (uint32_t i = end; i-- > begin;)
	{
		forest_pause_at(i);
		if (!forest_walk_is_leaf(b->walk, i))
			b->rows[i] = b->rows[nodes[i].child] + b->rows[nodes[i].child + 1];
	}
}

/* The greatest depth of any leaf of a forest; "depths" has room for a node. */
static uint32_t
find_depth(const ForestWalk *walk, uint32_t *depths)
{
	uint32_t	deepest = 0;

	for (uint32_t t = 0; t < walk->n_trees; t++)
		depths[walk->roots[t]] = 0;
	for (uint32_t i = 0; i < walk->n_nodes; i++)
	{
		forest_pause_at(i);
		if (depths[i] > deepest)
			deepest = depths[i];
		if (forest_walk_is_leaf(walk, i))
			continue;
		depths[walk->nodes[i].child] = depths[i] + 1;
		depths[walk->nodes[i].child + 1] = depths[i] + 1;
	}
	return deepest;
}

/*
 * Builds the density of an opened model with a profile, but for the gains of
 * its leaves: then forest_density_weigh_tree has to see each tree.  "memory"
 * and "temporary" are as large as the functions above say; the density refers
 * to the walk, but not to the model's bytes.
 */
void
forest_density_build(const ForestView *view, const ForestWalk *walk,
					 void *memory, void *temporary, ForestDensity *density)
{
	Build		b = {.view = view,.walk = walk};
	uint32_t	string = view->summary.n_features;
	uint32_t	leaf = 0;
	uint64_t	next = 0;

	build_layout(&b, memory, temporary);
	forest_clear(b.gain, view->n_nodes * sizeof(double));
	gather_cuts(&b);
	density->max_values = 0;
	density->max_codes = 0;
	for (uint32_t f = 0; f < view->summary.n_features; f++)
	{
		forest_pause();
		b.features[f].first = next;
		build_feature(&b, f, string);
		add_shares(&b, &b.features[f]);
		next += b.features[f].n_values + UINT64_C(1);
		string += forest_view_feature(view, f).n_categories;
		if (b.features[f].n_values > density->max_values)
			density->max_values = b.features[f].n_values;
		if (b.features[f].is_category &&
			b.features[f].n_values > density->max_codes)
			density->max_codes = b.features[f].n_values;
	}
	for (uint32_t t = 0; t < walk->n_trees; t++)
		count_rows(&b, t, forest_walk_tree_end(walk, t), &leaf);
	density->max_depth = find_depth(walk, b.stack);
	density->walk = walk;
	density->features = b.features;
	density->curves = b.curves;
	density->middle = b.middle;
	density->upper = b.upper;
	density->share = b.share;
	density->sum = b.sum;
	density->rank = b.rank;
	density->rows = b.rows;
	density->gain = b.gain;
	density->factor = b.factor;
	for (uint64_t i = 0; i < next; i++)
	{
		forest_pause_at(i);
		b.factor[i] = 1.0;
	}
	density->n_cells = next;
}

/*
 * Works out the gains of a tree's leaves, to the power of sharpness / number
 * of trees.
 */
void
forest_density_weigh_tree(ForestDensity *density, ForestBox *box,
						  uint32_t tree, double sharpness)
{
	const ForestWalk *walk = density->walk;
	double		root = density->rows[walk->roots[tree]];

	forest_box_first(box, tree);
	do
	{
		double		gain = log(density->rows[box->leaf] / root);

		forest_box_unvisit(box);
		forest_pause();
		for (uint32_t i = 0; i < box->depth; i++)
		{
			uint32_t	f = forest_density_feature(density, box->steps[i].node);

			forest_pause_at(i);
			if (forest_box_visit(box, f))
				gain -= log(fmax(forest_box_share(box, f), LEAST_SHARE));
		}
		gain = fmax(fmin(gain * sharpness, MOST_GAIN), -MOST_GAIN);
		density->gain[box->leaf] = exp(gain / walk->n_trees);
	} while (forest_box_next(box));
}
