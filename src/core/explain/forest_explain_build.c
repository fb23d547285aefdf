/*-------------------------------------------------------------------------
 *
 * forest_explain_build.c
 *	  Building the explanation form of a forest.
 *
 * 1. Survey: one pass over each tree in preorder, next to the leaves' row
 *	  counts, finds for each split the last edge above that tests the same
 *	  feature, and how many different features a path has at most.  The way
 *	  back up is by links to parents: the next node in preorder is the left
 *	  child or, from a leaf, the sibling of the nearest left child upwards.
 *	  "last", one entry a feature, is where the last edge on the current
 *	  path that tests it ends; a split remembers what it overwrites.
 * 2. Rows and expected values are summed upwards, against the order of the
 *	  walk (parents come before children in it).  Downwards the ratios: the
 *	  share of rows that would follow all edges above that test a feature.
 *	  An edge whose end needs its ratio again, further down, gets a state.
 * 3. The records are written in level order, so that neighbours in memory do
 *	  not wait for each other's results.
 *
 * Steps 1 and 2 run twice, first for the plan: sizes, and how many
 * quadrature points the longest list of different features asks for.  All is
 * linear in the number of nodes, but for the quadrature points, which are
 * quadratic in the number of different features on a path.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/explain/forest_explain.h"
#include "core/explain/forest_explain_build.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"

/*
 * A node of the tree at hand, temporarily; nodes are named by their place in
 * the walk less that of the root.  "Edge" is the one that ends at the node.
 */
typedef struct SurveyNode
{
	double		ratio;			/* of the edge and those above on its feature */
	double		mean;			/* expected value below */
	uint32_t	parent;
	uint32_t	rows;
	uint32_t	above;			/* of a split: end of the last edge above on
								 * its feature, 0 for none */
	uint32_t	state;			/* of the edge, 0 for none */
	uint32_t	place;
	uint32_t	queue;			/* entry of the queue of splits, unrelated */
} SurveyNode;

/* A tree at hand: its nodes in the walk and in temporary memory. */
typedef struct Survey
{
	const ForestView *view;
	const ForestWalk *walk;
	const ForestWalkNode *walk_nodes;	/* of the tree */
	uint32_t	root;
	uint32_t	n_nodes;
	uint64_t	leaf;			/* stored leaves read */
	uint32_t	n_states;
	uint32_t	most_features;
	SurveyNode *nodes;
	uint32_t   *last;			/* per feature */
} Survey;

/* Nodes of a tree. */
static uint32_t
tree_size(const ForestView *view, uint32_t tree)
{
	return forest_get32(view->tree_nodes + 4 * (size_t) tree);
}

/* Nodes of the tree that has the most. */
static uint32_t
largest_tree(const ForestView *view)
{
	uint32_t	largest = 0;

	for (uint32_t i = 0; i < view->summary.n_trees; i++)
	{
		if (tree_size(view, i) > largest)
			largest = tree_size(view, i);
	}
	return largest;
}

/*
 * Bytes of temporary memory, 8-byte aligned, that forest_explain_plan and
 * forest_explain_build need.
 */
uint64_t
forest_explain_plan_size(const ForestView *view)
{
	return largest_tree(view) * (uint64_t) sizeof(SurveyNode) +
		forest_view_columns(view) * (uint64_t) sizeof(uint32_t);
}

/* Readies temporary memory for the first tree. */
static Survey
survey_begin(const ForestView *view, const ForestWalk *walk, void *temporary)
{
	Survey		s = {0};

	s.view = view;
	s.walk = walk;
	s.nodes = temporary;
	s.last = (uint32_t *) (s.nodes + largest_tree(view));
	memset(s.last, 0, forest_view_columns(view) * sizeof(uint32_t));
	return s;
}

/* Left child of a node; itself for a leaf. */
static inline uint32_t
child_of(const Survey *s, uint32_t i)
{
	return s->walk_nodes[i].child - s->root;
}

/* Whether node i of the tree is a leaf: it is its own child. */
static inline bool
is_leaf(const Survey *s, uint32_t i)
{
	return child_of(s, i) == i;
}

/* True for a split of which both children are leaves. */
static inline bool
is_fork(const Survey *s, uint32_t i)
{
	uint32_t	child = child_of(s, i);

	return child != i && is_leaf(s, child) && is_leaf(s, child + 1);
}

/* Column that a split tests, of features and projections. */
static inline uint32_t
feature_of(const Survey *s, uint32_t i)
{
	return forest_walk_feature(&s->walk_nodes[i]);
}

/*
 * Climbs from a leaf to the next node in preorder, taking back what the
 * splits that are done with have put into "last"; 0 when all are.
 */
static uint32_t
next_after_leaf(Survey *s, uint32_t i, uint32_t *n_features)
{
	while (i != 0)
	{
		uint32_t	parent = s->nodes[i].parent;
		uint32_t	f = feature_of(s, parent);

		if (i == child_of(s, parent))
		{
			s->last[f] = i + 1;
			return i + 1;
		}
		s->last[f] = s->nodes[parent].above;
		*n_features -= s->nodes[parent].above == 0;
		i = parent;
	}
	return 0;
}

/* Step 1: the tree in preorder. */
static void
survey_down(Survey *s)
{
	uint32_t	n_features = 0; /* different ones on the path */
	uint32_t	i = 0;

	s->nodes[0].parent = 0;
	do
	{
		uint32_t	child = child_of(s, i);
		uint32_t	f;

		forest_pause_at(i);
		if (child == i)
		{
			s->nodes[i].rows =
				forest_get32(s->view->leaves + 4 * (size_t) s->leaf++);
			i = next_after_leaf(s, i, &n_features);
			continue;
		}
		f = feature_of(s, i);
		s->nodes[i].above = s->last[f];
		n_features += s->last[f] == 0;
		if (n_features > s->most_features)
			s->most_features = n_features;
		s->nodes[child].parent = s->nodes[child + 1].parent = i;
		s->last[f] = child;
		i = child;
	} while (i != 0);
}

/* Step 2, upwards: rows and expected values. */
static void
survey_up(Survey *s)
{
	for (uint32_t i = s->n_nodes; i-- > 0;)
	{
		SurveyNode *node = &s->nodes[i];
		const SurveyNode *left = &s->nodes[child_of(s, i)];
		double		share;

		forest_pause_at(i);
		if (is_leaf(s, i))
		{
			node->mean = ldexp((double) s->walk->values[s->root + i],
							   -(int) s->walk->scale);
			continue;
		}
		node->rows = left[0].rows + left[1].rows;
		share = (double) left[1].rows / node->rows;
		node->mean = left[0].mean + share * (left[1].mean - left[0].mean);
	}
}

/*
 * Step 2, downwards: ratios, and states in the order of first use.  State 0
 * is that of a feature not followed, state 1 the root's: nothing above.
 */
static void
survey_ratios(Survey *s)
{
	s->nodes[0].ratio = 1.0;
	s->nodes[0].state = 1;
	s->n_states = 2;
	for (uint32_t i = 0; i < s->n_nodes; i++)
	{
		const SurveyNode *node = &s->nodes[i];
		SurveyNode *child = &s->nodes[child_of(s, i)];
		SurveyNode *above;

		forest_pause_at(i);
		if (is_leaf(s, i))
			continue;
		above = &s->nodes[node->above];
		if (above->state == 0)
			above->state = s->n_states++;
		for (int side = 0; side < 2; side++)
		{
			child[side].ratio = above->ratio *
				((double) child[side].rows / node->rows);
			child[side].state = 0;
		}
	}
}

/* Surveys a tree; trees must come in turn, for the leaves' sake. */
static void
survey_tree(Survey *s, uint32_t tree)
{
	s->root = s->walk->roots[tree];
	s->walk_nodes = s->walk->nodes + s->root;
	s->n_nodes = tree_size(s->view, tree);
	survey_down(s);
	survey_up(s);
	survey_ratios(s);
}

/* Counts a surveyed tree's records. */
static ForestExplainTree
count_tree(const Survey *s)
{
	ForestExplainTree tree = {.n_states = s->n_states};

	for (uint32_t i = 0; i < s->n_nodes; i++)
	{
		forest_pause_at(i);
		if (is_fork(s, i))
			tree.n_forks++;
		else if (!is_leaf(s, i))
			tree.n_splits++;
	}
	/* splits + forks + 1 leaves, less the forks' own, are tips or the root */
	if (s->n_nodes > 1)
		tree.n_tips = tree.n_splits + 1 - tree.n_forks;
	return tree;
}

/* Where each array of the form lies in its memory, once that is aligned. */
typedef struct ExplainLayout
{
	uint64_t	splits;
	uint64_t	forks;
	uint64_t	tips;
	uint64_t	trees;
	uint64_t	ratios;
	uint64_t	tests;
	uint64_t	total;
} ExplainLayout;

/*
 * Returns where the arrays lie, as bytes from the aligned start, and their
 * end, by the counts in the plan, of which "size" need not be known yet.
 */
static ExplainLayout
explain_layout(const ForestExplainPlan *plan, uint32_t n_trees)
{
	ExplainLayout at;

	at.splits = plan->n_blocks * (uint64_t) sizeof(ForestQuadrature);
	at.forks = at.splits + plan->n_splits * sizeof(ForestSplit);
	at.tips = at.forks + plan->n_forks * sizeof(ForestFork);
	at.trees = at.tips + plan->n_tips * sizeof(ForestTip);
	at.ratios = at.trees + n_trees * (uint64_t) sizeof(ForestExplainTree);
	at.tests = at.ratios + plan->n_states * sizeof(double);
	at.total = at.tests +
		(plan->n_splits + plan->n_forks) * sizeof(ForestWalkNode);
	return at;
}

/* The greater of two counts. */
static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/*
 * Finds out what the explanation form of an opened model and its walk
 * consists of.
 */
void
forest_explain_plan(const ForestView *view, const ForestWalk *walk,
					void *temporary, ForestExplainPlan *plan)
{
	Survey		s = survey_begin(view, walk, temporary);
	uint32_t	n_points;

	memset(plan, 0, sizeof(*plan));
	for (uint32_t i = 0; i < walk->n_trees; i++)
	{
		ForestExplainTree tree;

		forest_pause();
		survey_tree(&s, i);
		tree = count_tree(&s);
		plan->n_splits += tree.n_splits;
		plan->n_forks += tree.n_forks;
		plan->n_tips += tree.n_tips;
		plan->n_states += tree.n_states;
		plan->most_splits = larger(plan->most_splits, tree.n_splits);
		plan->most_forks = larger(plan->most_forks, tree.n_forks);
		plan->most_states = larger(plan->most_states, tree.n_states);
	}
	plan->most_features = s.most_features;

	/* n points are exact up to degree 2n - 1, and k features have k - 1 */
	n_points = larger((s.most_features + 1) / 2, 1);
	plan->n_blocks = (n_points + FOREST_LANES - 1) / FOREST_LANES;
	plan->size = explain_layout(plan, walk->n_trees).total +
		FOREST_EXPLAIN_ALIGNMENT - 8;
}

/* Writes a fork of the surveyed tree. */
static void
write_fork(const Survey *s, uint32_t i, ForestFork *fork)
{
	const SurveyNode *node = &s->nodes[i];
	const SurveyNode *child = &s->nodes[child_of(s, i)];
	double		difference = child[1].mean - child[0].mean;

	fork->feature = feature_of(s, i);
	fork->place = node->place;
	fork->above = s->nodes[node->above].place;
	fork->state = s->nodes[node->above].state;
	fork->value[0] = child[0].mean;
	fork->value[1] = child[1].mean;
	fork->loss[0] = (double) child[1].rows / node->rows * difference;
	fork->loss[1] = (double) child[0].rows / node->rows * -difference;
}

/* Writes a split that is no fork. */
static void
write_split(const Survey *s, uint32_t i, ForestSplit *split)
{
	const SurveyNode *node = &s->nodes[i];
	const SurveyNode *child = &s->nodes[child_of(s, i)];

	split->feature = feature_of(s, i);
	split->place = node->place;
	split->above = s->nodes[node->above].place;
	split->state = s->nodes[node->above].state;
	split->other[0] = (double) child[1].rows / node->rows;
	split->other[1] = (double) child[0].rows / node->rows;
}

/* The arrays of the form, to be written, and how far they are. */
typedef struct Writer
{
	ForestSplit *splits;
	ForestFork *forks;
	ForestTip  *tips;
	double	   *ratios;
	ForestWalkNode *tests;
	uint32_t	n_queued;		/* splits of the tree */
	uint32_t	n_forks;		/* forks of the tree */
} Writer;

/* Gives a node its place, and the record of its kind or a turn in the queue. */
static void
write_node(Survey *s, Writer *w, uint32_t i, uint32_t place, uint32_t n_splits)
{
	s->nodes[i].place = place;
	if (is_fork(s, i))
	{
		write_fork(s, i, w->forks++);
		w->tests[n_splits + w->n_forks++] = s->walk_nodes[i];
	}
	else if (!is_leaf(s, i))
		s->nodes[w->n_queued++].queue = i;
	else if (i != 0)
	{
		w->tips->place = place;
		w->tips++->value = s->nodes[i].mean;
	}
}

/* Writes a surveyed tree's records, in level order, behind those before. */
static void
write_tree(Survey *s, const ForestExplainTree *tree, Writer *w)
{
	w->n_queued = w->n_forks = 0;
	write_node(s, w, 0, 0, tree->n_splits);
	for (uint32_t j = 0; j < w->n_queued; j++)
	{
		uint32_t	i = s->nodes[j].queue;
		uint32_t	child = child_of(s, i);

		forest_pause_at(j);
		write_split(s, i, w->splits++);
		w->tests[j] = s->walk_nodes[i];
		write_node(s, w, child, 2 * j + 1, tree->n_splits);
		write_node(s, w, child + 1, 2 * j + 2, tree->n_splits);
	}
	w->tests += tree->n_splits + tree->n_forks;

	w->ratios[0] = 0.0;			/* state 0 has none */
	for (uint32_t i = 0; i < s->n_nodes; i++)
	{
		forest_pause_at(i);
		if (s->nodes[i].state > 0)
			w->ratios[s->nodes[i].state] = s->nodes[i].ratio;
	}
	w->ratios += tree->n_states;
}

/*
 * cos(x) for 0 <= x <= pi/2 to some 1e-9, as a start for Newton's method:
 * libm's last bit differs between machines.
 */
static double
cosine(double x)
{
	double		sum = 1.0;

	for (int k = 14; k >= 2; k -= 2)
		sum = 1.0 - x * x / (k * (k - 1)) * sum;
	return sum;
}

/* The Legendre polynomial of degree n at x, and its derivative. */
static double
legendre(uint32_t n, double x, double *derivative)
{
	double		previous = 1.0;
	double		p = x;

	for (uint32_t k = 2; k <= n; k++)
	{
		double		next = ((2.0 * k - 1.0) * x * p - (k - 1.0) * previous) / k;

		previous = p;
		p = next;
	}
	*derivative = n * (previous - x * p) / (1.0 - x * x);
	return p;
}

/* Sets one of the lanes of all blocks. */
static void
set_point(ForestQuadrature *points, uint32_t i, double t, double weight)
{
	ForestQuadrature *block = &points[i / FOREST_LANES];
	size_t		at = i % FOREST_LANES * sizeof(double);

	memcpy((uint8_t *) &block->t + at, &t, sizeof(double));
	memcpy((uint8_t *) &block->weight + at, &weight, sizeof(double));
}

/*
 * The Gauss-Legendre quadrature on [0, 1] with n points, n even: exact for
 * polynomials up to degree 2n - 1.
 */
static void
write_points(uint32_t n, ForestQuadrature *points)
{
	for (uint32_t i = 0; i < n / 2; i++)
	{
		double		x = cosine(3.14159265358979323846 * (i + 0.75) / (n + 0.5));
		double		derivative;
		double		weight;

		forest_pause();
		/* five digits to begin with, twice as many after each step */
		for (int step = 0; step < 5; step++)
			x -= legendre(n, x, &derivative) / derivative;
		(void) legendre(n, x, &derivative);
		weight = 1.0 / ((1.0 - x * x) * derivative * derivative);
		set_point(points, i, 0.5 - 0.5 * x, weight);
		set_point(points, n - 1 - i, 0.5 + 0.5 * x, weight);
	}
}

/* Points the form to its arrays; returns them for writing. */
static Writer
lay_out(ForestExplain *explain, const ForestExplainPlan *plan,
		const ForestWalk *walk, void *memory, ForestExplainTree **trees)
{
	ExplainLayout at = explain_layout(plan, walk->n_trees);
	uint8_t    *base = forest_explain_align(memory);
	Writer		w = {
		.splits = (ForestSplit *) (base + at.splits),
		.forks = (ForestFork *) (base + at.forks),
		.tips = (ForestTip *) (base + at.tips),
		.ratios = (double *) (base + at.ratios),
		.tests = (ForestWalkNode *) (base + at.tests)
	};

	*trees = (ForestExplainTree *) (base + at.trees);
	explain->plan = *plan;
	explain->n_columns = walk->n_columns;
	explain->n_trees = walk->n_trees;
	explain->points = (ForestQuadrature *) base;
	explain->trees = *trees;
	explain->splits = w.splits;
	explain->forks = w.forks;
	explain->tips = w.tips;
	explain->ratios = w.ratios;
	explain->tests = w.tests;
	return w;
}

/*
 * Builds the explanation form of an opened model and its walk in "memory"
 * (plan->size bytes, 8-byte aligned, not to be moved).  The form does not
 * refer to the model's bytes, nor to the walk but when a row is explained.
 */
void
forest_explain_build(const ForestView *view, const ForestWalk *walk,
					 const ForestExplainPlan *plan, void *memory,
					 void *temporary, ForestExplain *explain)
{
	Survey		s = survey_begin(view, walk, temporary);
	ForestExplainTree *trees;
	Writer		w = lay_out(explain, plan, walk, memory, &trees);
	double		sum = 0.0;

	write_points(plan->n_blocks * FOREST_LANES,
				 (ForestQuadrature *) explain->points);
	for (uint32_t i = 0; i < walk->n_trees; i++)
	{
		forest_pause();
		survey_tree(&s, i);
		trees[i] = count_tree(&s);
		trees[i].first_split = (uint64_t) (w.splits - explain->splits);
		trees[i].first_fork = (uint64_t) (w.forks - explain->forks);
		trees[i].first_tip = (uint64_t) (w.tips - explain->tips);
		trees[i].first_state = (uint64_t) (w.ratios - explain->ratios);
		write_tree(&s, &trees[i], &w);
		sum += s.nodes[0].mean;
	}
	explain->expected = sum / walk->n_trees;
}
