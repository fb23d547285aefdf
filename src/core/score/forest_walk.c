/*-------------------------------------------------------------------------
 *
 * forest_walk.c
 *	  The reference form of a forest for scoring: a plain walk down each
 *	  tree.  It defines what a score is; every faster form gives the same
 *	  bits.
 *
 * A leaf of m rows at depth d is a path of d + c(m), in the paper's sense,
 * divided by c(sample size) of its group of trees: its normalised length.
 * Labels of rows in it change that (forest_learned_length).  The score of a
 * row is 2^-(mean normalised length).
 *
 * Normalised lengths are multiples of 2^-scale and added up as integers.  An
 * integer sum does not depend on its order, so that kernels may add as suits
 * them, and bounds on partial sums are exact.  The scale is the largest, up
 * to 48, with which no sum can overflow: for the usual forests a length is
 * off by some 1e-14.
 *
 * A level, 1 / c(sample size), and c(m) / c(sample size) are rounded each on
 * its own: then rows whose paths have as many levels in all, and end in
 * leaves of the same sizes, have the same sum, whatever the trees.  Their
 * ranks must not differ.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_math.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"

#define MAX_SCALE	48
#define SUM_BITS	62

/* Leaves of fewer rows have a length that is worked out once. */
#define KNOWN_ROWS	256

/* Where each array of the walk lies in its memory. */
typedef struct WalkLayout
{
	uint64_t	values;
	uint64_t	roots;
	uint64_t	ends;
	uint64_t	terms;
	uint64_t	sets;
	uint64_t	is_category;
	uint64_t	total;
} WalkLayout;

/* Terms of all projections. */
static uint32_t
count_terms(const ForestView *view)
{
	uint32_t	end = 0;

	if (view->n_projections > 0)
		(void) forest_view_terms(view, view->n_projections - 1, &end);
	return end;
}

/* Returns where the arrays lie, in bytes from the start, and their end. */
static WalkLayout
walk_layout(const ForestView *view)
{
	WalkLayout	at;
	uint64_t	n_trees = view->summary.n_trees;

	at.values = view->n_nodes * (uint64_t) sizeof(ForestWalkNode);
	at.terms = at.values + view->n_nodes * (uint64_t) sizeof(int64_t);
	at.roots = at.terms + count_terms(view) * (uint64_t) sizeof(ForestTerm);
	at.ends = at.roots + n_trees * sizeof(uint32_t);
	at.sets = at.ends + view->n_projections * (uint64_t) sizeof(uint32_t);
	at.is_category = at.sets + view->n_sets * sizeof(uint16_t);
	at.total = at.is_category + forest_view_columns(view);
	return at;
}

/* Bytes that forest_walk_build needs, 8-byte aligned. */
uint64_t
forest_walk_size(const ForestView *view)
{
	return walk_layout(view).total;
}

/* The walk in the making. */
typedef struct WalkBuilder
{
	ForestCursor stored;
	uint32_t	next;			/* nodes given out */
	ForestWalkNode *nodes;
	double	   *lengths;
	uint32_t	sample_size;	/* of the group of trees */
	double		c;				/* of that */
	double		known[KNOWN_ROWS];	/* leaf_term() of so many rows, or -1 */
	double		longest;		/* normalised length of a tree's leaf */
	uint32_t	levels;			/* greatest depth of a leaf */
} WalkBuilder;

/* Begins a group of trees, of so many rows each. */
static void
begin_group(WalkBuilder *b, uint32_t sample_size)
{
	b->sample_size = sample_size;
	b->c = forest_average_path(sample_size);
	for (uint32_t i = 0; i < KNOWN_ROWS; i++)
		b->known[i] = -1.0;
}

/*
 * What the rows of a leaf are of its normalised length, c(m) / c(sample size);
 * where the latter is 0 the whole length is 1 (a tree of one row says nothing:
 * score 1/2, as scikit-learn).
 */
static double
leaf_term(WalkBuilder *b, uint32_t rows)
{
	if (!(b->c > 0.0))
		return 1.0;
	if (rows >= KNOWN_ROWS)
		return forest_average_path(rows) / b->c;
	if (b->known[rows] < 0.0)
		b->known[rows] = forest_average_path(rows) / b->c;
	return b->known[rows];
}

/*
 * Fills a leaf, whose depth stands in for its slot until give_values() has used
 * it; its length becomes what comes on top of the depth.
 *
 * The length of a leaf that people labelled rows in is one that depends on no
 * scale: rounded, it might else be a step away from others'.  The longest one,
 * which the scale follows from, does not know of labels, so that all other
 * values stay as they are; lengths of 1.2 in place of 1 leave sums below 2^63.
 */
static void
build_leaf(const ForestNode *stored, WalkBuilder *b, uint32_t i)
{
	ForestWalkNode *node = &b->nodes[i];
	ForestLabels labels = stored->labels;
	uint32_t	rows = stored->u.rows;
	uint32_t	depth = (uint32_t) b->lengths[i];
	double		term = leaf_term(b, rows);
	double		length = b->c > 0.0 ? depth / b->c + term : 1.0;

	if (length > b->longest)
		b->longest = length;
	if (depth > b->levels)
		b->levels = depth;
	node->u.cut = INFINITY;		/* no row is beyond */
	node->slot = depth;
	node->child = i;
	b->lengths[i] = term;
	if (labels.outliers > 0 || labels.normal > 0)
	{
		node->slot = 0;
		b->lengths[i] =
			forest_learned_length(forest_leaf_length(depth, rows,
													 b->sample_size),
								  rows, labels.outliers, labels.normal);
	}
}

/* Fills one split of the walk and gives its two children their places. */
static void
build_split(const ForestNode *stored, WalkBuilder *b, ForestWalkNode *node)
{
	if (stored->kind == FOREST_KIND_SET)
	{
		node->u.set = stored->u.set;
		node->slot = stored->feature | FOREST_WALK_SET |
			(stored->missing_right ? FOREST_WALK_MISSING_RIGHT : 0);
	}
	else
	{
		node->u.cut = stored->u.cut;
		node->slot = 2 * stored->feature + stored->missing_right;
	}
	node->child = b->next;
	b->next += 2;
}

/*
 * Builds the nodes of one tree; until a node is built, its length is its depth.
 *
 * Preorder needs a stack of the right children still to come.  They hold it
 * themselves: each has the previous entry in the place of its cut.
 */
static void
build_tree(WalkBuilder *b, uint32_t n_nodes)
{
	ForestWalkNode *nodes = b->nodes;
	double	   *lengths = b->lengths;
	uint32_t	current = b->next++;
	uint64_t	top = UINT64_MAX;

	lengths[current] = 0.0;
	for (uint32_t i = 0; i < n_nodes; i++)
	{
		ForestWalkNode *node = &nodes[current];
		ForestNode	stored;

		forest_cursor_read(&b->stored, &stored);
		forest_pause_at(b->stored.node);
		if (stored.kind == FOREST_KIND_LEAF)
		{
			build_leaf(&stored, b, current);
			current = (uint32_t) top;
			if (top != UINT64_MAX)
				top = nodes[top].u.set;
			continue;
		}
		build_split(&stored, b, node);
		lengths[node->child] = lengths[current] + 1.0;
		lengths[node->child + 1] = lengths[current] + 1.0;
		nodes[node->child + 1].u.set = top;
		top = node->child + 1;
		current = node->child;
	}
}

/* True for a leaf: the only node that is its own child. */
static inline bool
is_leaf(const ForestWalkNode *nodes, uint32_t i)
{
	return nodes[i].child == i;
}

/* A length as a multiple of 2^-scale. */
static int64_t
round_length(double length, uint32_t scale)
{
	return (int64_t) (length * (double) (UINT64_C(1) << scale) + 0.5);
}

/*
 * Replaces the lengths of nodes begin .. end - 1 by values: whole lengths as
 * integers for leaves, which then are as the walk wants them, 0 for other
 * nodes.  Which nodes are leaves is only chosen by, and not asked: the
 * processor could not guess it.
 */
static void
give_values(ForestWalkNode *nodes, const double *lengths, int64_t *values,
			uint32_t begin, uint32_t end, uint32_t sample_size,
			uint32_t scale)
{
	double		c = forest_average_path(sample_size);
	uint64_t	level = c > 0.0 ? (uint64_t) round_length(1.0 / c, scale) : 0;

	for (uint32_t i = begin; i < end; i++)
	{
		bool		leaf = is_leaf(nodes, i);
		uint32_t	depth = leaf ? nodes[i].slot : 0;
		double		length = leaf ? lengths[i] : 0.0;

		forest_pause_at(i);
		values[i] = (int64_t) (depth * level) + round_length(length, scale);
		nodes[i].slot = leaf ? 0 : nodes[i].slot;
	}
}

/* The greatest scale with which sums up to "longest" cannot overflow. */
static uint32_t
choose_scale(double longest)
{
	int			bits;

	(void) frexp(longest + 1.0, &bits);
	return bits + MAX_SCALE <= SUM_BITS ? MAX_SCALE :
		(uint32_t) (SUM_BITS - bits);
}

/*
 * Fills roots and nodes, and notes the greatest depth of a leaf; returns the
 * greatest sum of lengths there can be.
 */
static double
build_trees(const ForestView *view, uint32_t *roots, const uint8_t *is_category,
			ForestWalkNode *nodes, double *lengths, uint32_t *levels)
{
	WalkBuilder b = {.nodes = nodes, .lengths = lengths};
	uint32_t	tree = 0;
	double		longest = 0.0;

	forest_cursor_begin(&b.stored, view, is_category);
	for (uint32_t g = 0; g < view->summary.n_groups; g++)
	{
		ForestGroup group = forest_view_group(view, g);

		begin_group(&b, group.sample_size);
		for (uint32_t end = tree + group.n_trees; tree < end; tree++)
		{
			roots[tree] = b.next;
			b.longest = 1.0;
			build_tree(&b, forest_view_tree_nodes(view, tree));
			longest += b.longest;
		}
	}
	*levels = b.levels;
	return longest;
}

/* Copies the projections to the places that are theirs in the memory. */
static ForestProjections
build_projections(const ForestView *view, uint32_t *ends, ForestTerm *terms)
{
	uint32_t	n_terms = count_terms(view);

	for (uint32_t i = 0; i < view->n_projections; i++)
		(void) forest_view_terms(view, i, &ends[i]);
	for (uint32_t i = 0; i < n_terms; i++)
	{
		forest_pause_at(i);
		terms[i] = forest_view_term(view, i);
	}
	return (ForestProjections) {view->n_projections, ends, terms};
}

/*
 * Builds the walk of an opened model in "memory" (forest_walk_size bytes,
 * 8-byte aligned).  The walk does not refer to the model's bytes.
 */
void
forest_walk_build(const ForestView *view, void *memory, ForestWalk *walk)
{
	WalkLayout	at = walk_layout(view);
	uint8_t    *base = memory;
	ForestWalkNode *nodes = memory;
	double	   *lengths = (double *) (base + at.values);
	int64_t    *values = (int64_t *) (base + at.values);
	uint32_t   *roots = (uint32_t *) (base + at.roots);
	uint16_t   *sets = (uint16_t *) (base + at.sets);
	uint8_t    *is_category = base + at.is_category;
	uint32_t	scale;

	walk->some_category = false;
	for (uint32_t i = 0; i < view->summary.n_features; i++)
	{
		is_category[i] =
			forest_type_is_category(forest_view_feature(view, i).type);
		walk->some_category |= is_category[i] != 0;
	}
	memset(is_category + view->summary.n_features, 0, view->n_projections);
	for (uint64_t i = 0; i < view->n_sets; i++)
	{
		sets[i] = forest_view_set_word(view, i);
		forest_pause_at(i);
	}

	scale = choose_scale(build_trees(view, roots, is_category, nodes, lengths,
									 &walk->levels));
	for (uint32_t g = 0, tree = 0; g < view->summary.n_groups; g++)
	{
		ForestGroup group = forest_view_group(view, g);
		uint32_t	begin = roots[tree];

		tree += group.n_trees;
		give_values(nodes, lengths, values, begin,
					tree < view->summary.n_trees ? roots[tree] : view->n_nodes,
					group.sample_size, scale);
	}
	walk->n_features = view->summary.n_features;
	walk->n_columns = forest_view_columns(view);
	walk->projections =
		build_projections(view, (uint32_t *) (base + at.ends),
						  (ForestTerm *) (base + at.terms));
	walk->n_trees = view->summary.n_trees;
	walk->n_nodes = view->n_nodes;
	walk->scale = scale;
	walk->roots = roots;
	walk->nodes = nodes;
	walk->values = values;
	walk->sets = sets;
	walk->is_category = is_category;
}

/* Whether node i compares a number with its cut, and of which column. */
bool
forest_walk_is_cut(const ForestWalk *walk, uint32_t i, uint32_t *column)
{
	*column = forest_walk_feature(&walk->nodes[i]);
	return !forest_walk_is_leaf(walk, i) &&
		!forest_walk_is_set(&walk->nodes[i]);
}

/*
 * Fills what trees look at in a row of n_features values: its n_columns
 * columns.
 */
void
forest_walk_columns(const ForestWalk *walk, const double *row, double *columns)
{
	memcpy(columns, row, walk->n_features * sizeof(double));
	for (uint32_t i = 0; i < walk->projections.n; i++)
		columns[walk->n_features + i] =
			forest_project(&walk->projections, i, row);
}

/* Sets the two slots of a column: missing is the lowest and the highest. */
static inline void
set_slots(double *slots, uint32_t column, double value)
{
	bool		missing = isnan(value);

	slots[2 * column] = missing ? -INFINITY : value;
	slots[2 * column + 1] = missing ? INFINITY : value;
}

/*
 * Prepares a row (n_features values) for walking: slots (2 * n_columns)
 * become each column's value twice, missing as the lowest and as the highest.
 */
void
forest_walk_slots(const ForestWalk *walk, const double *row, double *slots)
{
	for (uint32_t f = 0; f < walk->n_features; f++)
		set_slots(slots, f, row[f]);
	for (uint32_t i = 0; i < walk->projections.n; i++)
		set_slots(slots, walk->n_features + i,
				  forest_project(&walk->projections, i, row));
}

/* Returns the node where the row ends in a tree. */
uint32_t
forest_walk_leaf(const ForestWalk *walk, uint32_t tree, const double *slots)
{
	uint32_t	i = walk->roots[tree];

	for (uint32_t depth = 0; !is_leaf(walk->nodes, i); depth++)
	{
		forest_pause_at(depth);
		i = walk->nodes[i].child +
			forest_walk_goes_right(walk, &walk->nodes[i], slots);
	}
	return i;
}

/* Trees that are walked side by side. */
#define WALK_LANES	8

/*
 * Walks trees first .. first + WALK_LANES - 1 side by side, so that the
 * processor waits for the memory of all of them at once; a leaf is its own
 * child, so trees that end early stay where they are.  Adds up their values.
 */
static int64_t
sum_lanes(const ForestWalk *walk, uint32_t first, const double *slots)
{
	uint32_t	at[WALK_LANES];
	uint32_t	moved;
	uint32_t	depth = 0;
	int64_t		sum = 0;

	for (uint32_t k = 0; k < WALK_LANES; k++)
		at[k] = walk->roots[first + k];
	do
	{
		moved = 0;
		forest_pause_at(depth++);
		for (uint32_t k = 0; k < WALK_LANES; k++)
		{
			const ForestWalkNode *node = &walk->nodes[at[k]];
			uint32_t	next = node->child +
				forest_walk_goes_right(walk, node, slots);

			moved |= next ^ at[k];
			at[k] = next;
		}
	} while (moved != 0);
	for (uint32_t k = 0; k < WALK_LANES; k++)
		sum += walk->values[at[k]];
	return sum;
}

/* Returns the sum of the row's normalised path lengths over all trees. */
int64_t
forest_walk_sum(const ForestWalk *walk, const double *slots)
{
	int64_t		sum = 0;
	uint32_t	tree = 0;

	for (; tree + WALK_LANES <= walk->n_trees; tree += WALK_LANES)
	{
		forest_pause();			/* trees may be as deep as they like */
		sum += sum_lanes(walk, tree, slots);
	}
	for (; tree < walk->n_trees; tree++)
		sum += walk->values[forest_walk_leaf(walk, tree, slots)];
	return sum;
}

/* The mean normalised path length that a sum over n_trees trees stands for. */
double
forest_mean_length(int64_t sum, uint32_t scale, uint32_t n_trees)
{
	return (double) sum / (double) (INT64_C(1) << scale) / n_trees;
}

/* The paper's score of a mean normalised path length, in [0, 1]. */
double
forest_length_score(double length)
{
	return exp2(-length);
}

/* The paper's score of a sum of normalised path lengths, in [0, 1]. */
double
forest_score(int64_t sum, uint32_t scale, uint32_t n_trees)
{
	return forest_length_score(forest_mean_length(sum, scale, n_trees));
}

/*
 * The least sum whose score is not above "score": a row's score is above it
 * exactly if the row's sum is below the result.
 */
int64_t
forest_sum_limit(double score, uint32_t scale, uint32_t n_trees)
{
	int64_t		lo = 0;
	int64_t		hi = INT64_MAX;

	while (lo < hi)
	{
		int64_t		middle = lo + (hi - lo) / 2;

		if (forest_score(middle, scale, n_trees) > score)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}
