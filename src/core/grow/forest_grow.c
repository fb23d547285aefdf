/*-------------------------------------------------------------------------
 *
 * forest_grow.c
 *	  Growing one isolation tree.
 *
 * A node of two rows or more, above the depth limit, picks a column that is
 * not constant among its rows, uniformly, and a way to part them:
 *
 * - A number: a cut drawn uniformly from [min, max); value <= cut goes left.
 *   Infinities are values: they widen the range by its own width, so that a
 *   cut can fall between the finite values and them.  With the chance that is
 *   asked for, the cut is instead the one of the best gain (forest_cut.c).
 * - A category: a random proper subset of the categories present goes to
 *   each side.
 * - Missing values present in the node go to a side drawn at random.
 * - What the node never saw (a missing value, a category) goes to the side
 *   with fewer rows: what training never saw is unusual.
 *
 * A column that holds one value and some missing ones is not constant.  A
 * projection is picked only where each of its features has two values or more:
 * where one is constant, it is a sum of fewer than it was drawn for.
 *
 * The algorithm is Liu, Ting, Zhou 2008, algorithm 2, with scikit-learn's
 * reading of "pick a column": constant columns are set aside, and stay aside
 * for the node's descendants.  The columns still in play are features[0 ..
 * n_active): a descendant permutes them and shrinks its own n_active, which
 * leaves the set a sibling will look at the same.
 *
 * Trees are written in preorder, straight into the arrays of the format.
 * Only + - * /, comparisons and, for guided cuts, square roots decide
 * anything: IEEE 754 rounds them all correctly, so that one seed grows one
 * tree on every machine (no fused multiply-add: see the Makefile).
 *
 * Time is O(rows x depth) per tree, and for guided cuts as much as sorting
 * takes more; memory is O(rows + columns).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_set.h"
#include "core/grow/forest_cut.h"
#include "core/grow/forest_grow.h"

/* Where a category of a node goes; ABSENT is zero, as in a fresh array. */
enum
{
	ABSENT = 0,
	PRESENT,
	LEFT,
	RIGHT
};

/* The tree being grown and all that its nodes share. */
typedef struct Grower
{
	const ForestRows *rows;
	const ForestGrowth *growth;
	ForestRng  *rng;
	ForestGrowScratch *scratch;
	ForestTree *tree;
	uint64_t   *work;			/* values looked at since the last pause */
} Grower;

/* What one scan of a column over a node's rows finds. */
typedef struct Column
{
	uint32_t	feature;
	uint32_t	n_missing;
	uint32_t	n_codes;		/* categories present; 0 for a number */
	ForestRange range;			/* of a number */
} Column;

/* A split as drawn, before anything is written. */
typedef struct Split
{
	bool		missing_right;
	double		cut;			/* of a number */
} Split;

/* Value of feature f in row i of the training rows. */
static inline double
value_at(const ForestRows *rows, uint32_t i, uint32_t f)
{
	return rows->values[(size_t) i * rows->n_features + f];
}

/*
 * Bytes of working memory for trees of n_rows rows, some of whose cuts may be
 * guided; 8-byte aligned.  The limits of forest.h keep this far from overflow.
 */
size_t
forest_grow_scratch_size(uint32_t n_rows, uint32_t n_features,
						 uint32_t max_categories, bool guided)
{
	size_t		a_row = sizeof(ForestStackEntry) + sizeof(uint32_t);

	if (guided)
		a_row += 2 * sizeof(ForestPair) + sizeof(double);
	return n_rows * a_row + (size_t) n_features * sizeof(uint32_t) +
		(size_t) max_categories * (sizeof(uint16_t) + sizeof(uint8_t));
}

/*
 * Lays out memory of forest_grow_scratch_size bytes.  max_categories is the
 * greatest n_categories of any feature.
 */
void
forest_grow_scratch_init(ForestGrowScratch *scratch, void *memory,
						 uint32_t n_rows, uint32_t n_features,
						 uint32_t max_categories, bool guided)
{
	ForestGuide guide = {NULL, NULL, NULL};

	if (guided)
	{
		guide.values = memory;
		guide.temporary = guide.values + n_rows;
		guide.above = (double *) (guide.temporary + n_rows);
		memory = guide.above + n_rows;
	}
	scratch->guide = guide;
	scratch->stack = memory;
	scratch->index = (uint32_t *) (scratch->stack + n_rows);
	scratch->features = scratch->index + n_rows;
	scratch->codes = (uint16_t *) (scratch->features + n_features);
	scratch->code_side = (uint8_t *) (scratch->codes + max_categories);
	memset(scratch->code_side, ABSENT, max_categories);
}

/* Notes work on n values; pauses when there was enough of it. */
static void
note_work(const Grower *g, uint32_t n)
{
	*g->work += n;
	if (*g->work < FOREST_PAUSE_STEPS)
		return;
	*g->work = 0;
	forest_pause();
}

/* Finds the range of a numeric column over some rows. */
static void
scan_number(const Grower *g, uint32_t begin, uint32_t end, Column *column)
{
	const uint32_t *index = g->scratch->index;

	for (uint32_t i = begin; i < end; i++)
	{
		double		v = value_at(g->rows, index[i], column->feature);

		if (isnan(v))
		{
			column->n_missing++;
			continue;
		}
		if (v < column->range.min)
			column->range.min = v;
		if (v > column->range.max)
			column->range.max = v;
		if (isinf(v))
			continue;
		if (v < column->range.finite_min)
			column->range.finite_min = v;
		if (v > column->range.finite_max)
			column->range.finite_max = v;
	}
}

/* Lists the categories present in some rows and marks them PRESENT. */
static void
scan_category(const Grower *g, uint32_t begin, uint32_t end, Column *column)
{
	ForestGrowScratch *scratch = g->scratch;

	for (uint32_t i = begin; i < end; i++)
	{
		double		v = value_at(g->rows, scratch->index[i], column->feature);
		uint16_t	code;

		if (isnan(v))
		{
			column->n_missing++;
			continue;
		}
		code = (uint16_t) v;
		if (scratch->code_side[code] == ABSENT)
		{
			scratch->code_side[code] = PRESENT;
			scratch->codes[column->n_codes++] = code;
		}
	}
}

/* Forgets the categories that scan_category marked. */
static void
forget_codes(const Grower *g, const Column *column)
{
	for (uint32_t i = 0; i < column->n_codes; i++)
		g->scratch->code_side[g->scratch->codes[i]] = ABSENT;
}

/*
 * Scans a column over the node's rows, piece by piece; returns whether it can
 * part them: two different values, or one and a missing one.  After true for
 * a category its codes stay marked.
 */
static bool
scan_column(const Grower *g, const ForestStackEntry *node, Column *column)
{
	bool		is_number = g->rows->n_categories[column->feature] == 0;
	bool		some_missing;

	column->n_missing = 0;
	column->n_codes = 0;
	column->range.min = column->range.finite_min = INFINITY;
	column->range.max = column->range.finite_max = -INFINITY;
	for (uint32_t begin = node->begin, end; begin < node->end; begin = end)
	{
		end = node->end - begin <= FOREST_PAUSE_STEPS ? node->end :
			begin + (uint32_t) FOREST_PAUSE_STEPS;
		if (is_number)
			scan_number(g, begin, end, column);
		else
			scan_category(g, begin, end, column);
		note_work(g, end - begin);
	}
	some_missing = column->n_missing > 0;
	if (is_number)
		return column->range.min < column->range.max ||
			(some_missing && column->range.min == column->range.max);
	if (column->n_codes >= 2 || (some_missing && column->n_codes == 1))
		return true;
	forget_codes(g, column);
	return false;
}

/* Whether a column is a feature, or a projection all whose features vary. */
static bool
terms_vary(const Grower *g, const ForestStackEntry *node, uint32_t column)
{
	const ForestProjections *all = g->growth->projections;
	uint32_t	n_features;

	if (all == NULL)
		return true;
	n_features = g->rows->n_features - all->n;
	if (column < n_features)
		return true;
	column -= n_features;
	for (uint32_t k = forest_first_term(all, column); k < all->ends[column];
		 k++)
	{
		Column		term = {.feature = all->terms[k].feature};

		if (!scan_column(g, node, &term) ||
			!(term.range.min < term.range.max))
			return false;
	}
	return true;
}

/*
 * Picks a column that is not constant in the node, uniformly, shrinking
 * node->n_active by those found constant; false when none is left.
 */
static bool
pick_column(const Grower *g, ForestStackEntry *node, Column *column)
{
	uint32_t   *features = g->scratch->features;

	while (node->n_active > 0)
	{
		uint32_t	j = forest_rng_below(g->rng, node->n_active);

		column->feature = features[j];
		if (terms_vary(g, node, column->feature) &&
			scan_column(g, node, column))
			return true;
		features[j] = features[--node->n_active];
		features[node->n_active] = column->feature;
	}
	return false;
}

/*
 * Decides whether the cut of a column with min < max is guided, and if so
 * finds it, unless the column has none.
 */
static bool
guide_cut(const Grower *g, const ForestStackEntry *node,
		  const Column *column, double *cut)
{
	ForestGuide *guide = &g->scratch->guide;
	size_t		n = 0;

	if (g->growth->guided <= 0.0 ||
		forest_rng_double(g->rng) >= g->growth->guided)
		return false;
	for (uint32_t i = node->begin; i < node->end; i++)
	{
		double		v = value_at(g->rows, g->scratch->index[i],
								 column->feature);

		forest_pause_at(i - node->begin);
		if (!isnan(v))
			guide->values[n++].key = forest_sort_key(v);
	}
	return forest_cut_guided(&column->range, guide, n, cut);
}

/*
 * Draws the split of a numeric column.  "coin" is a random bit: the side of
 * the missing values.
 */
static void
draw_number_split(const Grower *g, const ForestStackEntry *node,
				  const Column *column, bool coin, Split *split)
{
	split->missing_right = coin;
	if (column->range.min < column->range.max)
	{
		if (!guide_cut(g, node, column, &split->cut))
			split->cut = forest_cut_random(&column->range, g->rng);
		return;
	}

	/*
	 * One value against the missing ones: cut at it, or just below it so that
	 * it goes right.  Infinity can't go left, nor its negative right.
	 */
	if (isinf(column->range.min))
		split->missing_right = column->range.min < 0;
	split->cut = split->missing_right ? column->range.min :
		nextafter(column->range.min, -INFINITY);
}

/*
 * Draws the side of each category present, and of the missing values if
 * there are any, as one more category: all ways but the two that leave a
 * side empty are equally likely.
 */
static void
draw_category_split(const Grower *g, const Column *column, bool coin,
					Split *split)
{
	ForestGrowScratch *scratch = g->scratch;
	uint32_t	n_right;
	uint32_t	n = column->n_codes + (column->n_missing > 0);

	do
	{
		uint64_t	bits = 0;

		n_right = 0;
		for (uint32_t i = 0; i < n; i++)
		{
			bool		right;

			if (i % 64 == 0)
				bits = forest_rng_next(g->rng);
			right = (bits >> (i % 64)) & 1;
			n_right += right;
			if (i < column->n_codes)
				scratch->code_side[scratch->codes[i]] = right ? RIGHT : LEFT;
			else
				coin = right;
		}
	} while (n_right == 0 || n_right == n);
	split->missing_right = coin;
}

/* The side of one training value under a split. */
static inline bool
goes_right(const Grower *g, const Column *column, const Split *split,
		   double v)
{
	if (isnan(v))
		return split->missing_right;
	if (column->n_codes > 0)
		return g->scratch->code_side[(uint16_t) v] == RIGHT;
	return v > split->cut;
}

/* Parts the node's rows; returns where the right child's begin. */
static uint32_t
partition(const Grower *g, const ForestStackEntry *node,
		  const Column *column, const Split *split)
{
	uint32_t   *index = g->scratch->index;
	uint32_t	i = node->begin;
	uint32_t	j = node->end;

	while (i < j)
	{
		uint32_t	row = index[i];

		forest_pause_at(j - i);
		if (goes_right(g, column, split,
					   value_at(g->rows, row, column->feature)))
		{
			index[i] = index[--j];
			index[j] = row;
		}
		else
			i++;
	}
	return i;
}

/*
 * Lists the column's categories on a side, ascending, in codes[], which has
 * room for all that are present; returns how many.
 */
static uint16_t
list_side(const Grower *g, const Column *column, uint8_t listed,
		  uint16_t *codes)
{
	const uint8_t *side = g->scratch->code_side;
	uint32_t	n_categories = g->rows->n_categories[column->feature];
	uint16_t	n = 0;

	/* most nodes have few of a column's categories: those are sorted */
	if ((uint64_t) column->n_codes * column->n_codes < n_categories)
	{
		for (uint32_t i = 0; i < column->n_codes; i++)
		{
			uint16_t	code = g->scratch->codes[i];
			uint16_t	k = n;

			if (side[code] != listed)
				continue;
			for (; k > 0 && codes[k - 1] > code; k--)
				codes[k] = codes[k - 1];
			codes[k] = code;
			n++;
		}
		note_work(g, column->n_codes);
		return n;
	}
	for (uint32_t code = 0; code < n_categories; code++)
	{
		if (side[code] == listed)
			codes[n++] = (uint16_t) code;
	}
	note_work(g, n_categories);
	return n;
}

/*
 * Writes the code set of a categorical split: the categories present on the
 * side that all others do not go to, ascending.
 */
static ForestStatus
write_set(const Grower *g, const Column *column, bool others_right)
{
	ForestTree *tree = g->tree;
	uint16_t   *set = tree->sets + tree->n_sets;
	uint16_t	n;

	if (tree->max_sets - tree->n_sets < (size_t) column->n_codes + 1)
		return FOREST_NO_SPACE;
	n = list_side(g, column, others_right ? LEFT : RIGHT, set + 1);
	set[0] = forest_set_head(n, others_right);
	tree->n_sets += (size_t) n + 1;
	return FOREST_OK;
}

/*
 * Splits the node on a column: draws, parts the rows, writes the node.
 * *middle is where the right child's rows begin.
 */
static ForestStatus
split_node(const Grower *g, const ForestStackEntry *node,
		   const Column *column, uint32_t *middle)
{
	ForestTree *tree = g->tree;
	Split		split = {false, 0.0};
	ForestStatus status = FOREST_OK;
	uint64_t	coins = forest_rng_next(g->rng);
	uint32_t	n_left;
	uint32_t	n_right;
	bool		fewer_right;

	if (column->n_codes > 0)
		draw_category_split(g, column, coins >> 63, &split);
	else
		draw_number_split(g, node, column, coins >> 63, &split);
	*middle = partition(g, node, column, &split);

	n_left = *middle - node->begin;
	n_right = node->end - *middle;
	fewer_right = n_right < n_left ||
		(n_right == n_left && ((coins >> 62) & 1));
	if (column->n_missing == 0)
		split.missing_right = fewer_right;

	if (column->n_codes > 0)
	{
		status = write_set(g, column, fewer_right);
		forget_codes(g, column);
	}
	else
		tree->cuts[tree->n_cuts++] = split.cut;
	tree->nodes[tree->n_nodes++] = (uint16_t)
		(column->feature |
		 (split.missing_right ? FOREST_NODE_MISSING_RIGHT : 0));
	return status;
}

/* Draws the columns that the tree may use into features[0 .. n_columns). */
static void
draw_columns(const Grower *g, uint32_t n_columns)
{
	const ForestGrowth *growth = g->growth;
	bool		some = growth->candidates != NULL;
	uint32_t	n = some ? growth->n_candidates : g->rows->n_features;
	uint32_t   *features = g->scratch->features;

	for (uint32_t i = 0; i < n; i++)
		features[i] = some ? growth->candidates[i] : i;
	if (n_columns == n)
		return;
	for (uint32_t i = 0; i < n_columns; i++)
	{
		uint32_t	j = i + forest_rng_below(g->rng, n - i);
		uint32_t	f = features[j];

		features[j] = features[i];
		features[i] = f;
	}
}

/*
 * Grows a tree on the n_rows (>= 1) rows that scratch->index lists, and leaves
 * them there leaf by leaf, in preorder.  Fills "tree".
 *
 * Returns FOREST_NO_SPACE when tree->max_sets is too small; the tree is
 * unusable then, and the caller starts over with the same generator state
 * and the same order of rows.
 */
ForestStatus
forest_grow_tree(const ForestRows *rows, uint32_t n_rows,
				 const ForestGrowth *growth, ForestRng *rng,
				 ForestGrowScratch *scratch, ForestTree *tree)
{
	uint64_t	work = 0;
	Grower		g = {rows, growth, rng, scratch, tree, &work};
	ForestStackEntry *stack = scratch->stack;
	uint32_t	n_stack = 0;

	tree->n_nodes = tree->n_cuts = tree->n_leaves = 0;
	tree->n_sets = 0;
	draw_columns(&g, growth->n_columns);

	/* the entries on the stack hold disjoint rows, so n_rows of them do */
	stack[n_stack++] = (ForestStackEntry) {0, n_rows, 0, growth->n_columns};
	while (n_stack > 0)
	{
		ForestStackEntry node = stack[--n_stack];
		Column		column;
		uint32_t	middle;

		if (node.end - node.begin < 2 ||
			(growth->max_depth != FOREST_DEPTH_UNLIMITED &&
			 node.depth >= growth->max_depth) ||
			!pick_column(&g, &node, &column))
		{
			tree->nodes[tree->n_nodes++] = FOREST_NODE_LEAF;
			tree->leaves[tree->n_leaves++] = node.end - node.begin;
			continue;
		}
		if (split_node(&g, &node, &column, &middle) != FOREST_OK)
			return FOREST_NO_SPACE;
		stack[n_stack++] = (ForestStackEntry)
		{
			middle, node.end, node.depth + 1, node.n_active
		};
		stack[n_stack++] = (ForestStackEntry)
		{
			node.begin, middle, node.depth + 1, node.n_active
		};
	}
	return FOREST_OK;
}
