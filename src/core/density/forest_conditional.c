/*-------------------------------------------------------------------------
 *
 * forest_conditional.c
 *	  The distribution of one feature given all others.
 *
 * With all others fixed, a row goes down each tree to one place but where a
 * split asks for the feature itself: there its cells part.  Parts of many
 * trees go down side by side, each until it is at such a split or at a leaf,
 * so that the processor waits for the memory of all of them at once.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/density/forest_box.h"
#include "core/density/forest_codes.h"
#include "core/density/forest_conditional.h"
#include "core/density/forest_density.h"
#include "core/score/forest_walk.h"

/* Parts that go down side by side: more wait longer for the last of them. */
#define CONDITIONAL_LANES	4

#if defined(__GNUC__)
#define CONDITIONAL_INLINE static inline __attribute__((always_inline))
#else
#define CONDITIONAL_INLINE static inline
#endif

/* A distribution in the making. */
typedef struct Conditional
{
	ForestBox  *box;
	uint32_t	feature;
	uint32_t	mask;			/* of a slot: the feature is asked for .. */
	uint32_t	key;			/* .. if this is left */
	uint32_t	n_parts;		/* that wait, in box->parts */
	uint32_t	next_tree;
} Conditional;

/*
 * Most parts that wait at a time.  Those that go on are the last ones; what
 * becomes of them has parted once more than they, so none that waits has
 * parted more often than one behind it.  When the first come that have parted
 * so often, all that had before are among those that go on: of each there are
 * no more than these become.
 */
uint64_t
forest_conditional_parts(uint32_t max_depth)
{
	return 2 * CONDITIONAL_LANES * (max_depth + UINT64_C(1));
}

/*
 * The node that a part goes on to from node i: i itself where the feature is
 * asked for, and at a leaf.
 */
CONDITIONAL_INLINE uint32_t
next_node(const Conditional *c, const ForestWalkNode *nodes, uint32_t i,
		  bool some_sets)
{
	const ForestWalk *walk = c->box->density->walk;
	const ForestWalkNode *node = &nodes[i];
	/* a leaf has the least slot, and no cut that anything is above */
	uint32_t	next = node->child +
		(some_sets ? forest_walk_goes_right(walk, node, c->box->slots) :
		 c->box->slots[node->slot] > node->u.cut);

	return (node->slot & c->mask) == c->key ? i : next;
}

/* Takes four parts down to where they stop, two steps at a time. */
CONDITIONAL_INLINE void
go_down(const Conditional *c, ForestPart *parts, bool some_sets)
{
	const ForestWalkNode *nodes = c->box->density->walk->nodes;
	uint32_t	at0 = parts[0].node;
	uint32_t	at1 = parts[1].node;
	uint32_t	at2 = parts[2].node;
	uint32_t	at3 = parts[3].node;
	uint32_t	moved;
	uint32_t	depth = 0;

	do
	{
		uint32_t	next0 = next_node(c, nodes, at0, some_sets);
		uint32_t	next1 = next_node(c, nodes, at1, some_sets);
		uint32_t	next2 = next_node(c, nodes, at2, some_sets);
		uint32_t	next3 = next_node(c, nodes, at3, some_sets);

		forest_pause_at(depth++);
		at0 = next_node(c, nodes, next0, some_sets);
		at1 = next_node(c, nodes, next1, some_sets);
		at2 = next_node(c, nodes, next2, some_sets);
		at3 = next_node(c, nodes, next3, some_sets);
		moved = (at0 ^ next0) | (at1 ^ next1) | (at2 ^ next2) |
			(at3 ^ next3);
	} while (moved != 0);
	parts[0].node = at0;
	parts[1].node = at1;
	parts[2].node = at2;
	parts[3].node = at3;
}

/*
 * Takes the parts that go on next, and returns how many there are: the last
 * ones that wait and, if these are few, new trees.  Parts of two trees would
 * order a category's codes in two ways, so there it is one tree after another.
 */
static uint32_t
take_parts(Conditional *c, ForestPart *parts)
{
	const ForestWalk *walk = c->box->density->walk;
	const ForestCells *cells = &c->box->density->features[c->feature];
	uint32_t	most = !cells->is_category ? CONDITIONAL_LANES :
		c->n_parts == 0 ? 1 : 0;
	uint32_t	n = 0;
	uint32_t	n_last;

	/* trees first: these have not parted yet */
	while (n + c->n_parts < most && c->next_tree < walk->n_trees)
		parts[n++] = (ForestPart) {
			walk->roots[c->next_tree++], 0, cells->n_values, true
		};
	n_last = CONDITIONAL_LANES - n < c->n_parts ? CONDITIONAL_LANES - n :
		c->n_parts;
	c->n_parts -= n_last;
	for (uint32_t k = 0; k < n_last; k++)
		parts[n + k] = c->box->parts[c->n_parts + k];
	return n + n_last;
}

/* Multiplies the weights of a part's cells by the gain of its leaf. */
static void
weigh_cells(const Conditional *c, const ForestPart *part)
{
	const ForestDensity *density = c->box->density;
	const ForestCells *cells = &density->features[c->feature];
	double		gain = density->gain[part->node];
	/* which of a tree's parts it is cannot be foreseen: no jump */
	const double of_missing[2] = {1.0, gain};
	double	   *weight = c->box->weight;

	weight[cells->n_values + 1] *= of_missing[part->missing];
	if (cells->is_category)
	{
		forest_codes_weigh(&c->box->order, part->lo, part->hi, gain);
		return;
	}
	/* that of a cell will be the product of all up to its own */
	weight[part->lo] *= gain;
	weight[part->hi] /= gain;
}

/* Parts a part where the feature is asked for; both sides wait. */
static void
part_cells(Conditional *c, const ForestPart *part)
{
	const ForestDensity *density = c->box->density;
	ForestPart *sides = &c->box->parts[c->n_parts];
	const ForestWalkNode *node = &density->walk->nodes[part->node];
	uint32_t	middle = density->features[c->feature].is_category ?
		forest_codes_part(&c->box->order, forest_walk_set(density->walk, node),
						  part->lo, part->hi) :
		forest_box_middle(c->box, part->node, part->lo, part->hi);
	bool		right = forest_walk_missing_right(node);

	sides[0] = (ForestPart) {
		node->child + 1, middle, part->hi, part->missing && right
	};
	sides[1] = (ForestPart) {
		node->child, part->lo, middle, part->missing && !right
	};
	c->n_parts += 2;
}

/* Multiplies the weights by what all trees say. */
static void
weigh_trees(Conditional *c)
{
	const ForestWalk *walk = c->box->density->walk;
	ForestPart	parts[CONDITIONAL_LANES];
	uint32_t	n;

	while ((n = take_parts(c, parts)) > 0)
	{
		forest_pause();
		/* lanes that nothing is left for do what the first one does */
		for (uint32_t k = n; k < CONDITIONAL_LANES; k++)
			parts[k] = parts[0];
		if (walk->some_category)
			go_down(c, parts, true);
		else
			go_down(c, parts, false);
		for (uint32_t k = 0; k < n; k++)
		{
			if (forest_walk_is_leaf(walk, parts[k].node))
				weigh_cells(c, &parts[k]);
			else
				part_cells(c, &parts[k]);
		}
	}
}

/* Gives all cells a weight of 1. */
static void
begin_weights(ForestBox *box, const ForestCells *cells)
{
	box->weight[cells->n_values + 1] = 1.0;
	if (cells->is_category)
	{
		forest_codes_reset(&box->order, cells->n_values);
		return;
	}
	for (uint32_t i = 0; i <= cells->n_values; i++)
	{
		forest_pause_at(i);
		box->weight[i] = 1.0;
	}
}

/*
 * Makes weights of the gains of a feature's values, as weigh_trees leaves
 * them; returns their sum.
 */
static double
finish_weights(ForestBox *box, const ForestCells *cells)
{
	const double *share = box->density->share + cells->first;
	const double *factor = box->density->factor + cells->first;
	double	   *weight = box->weight;
	double		gain = 1.0;
	double		total = 0.0;

	for (uint32_t i = 0; i < cells->n_values; i++)
	{
		forest_pause_at(i);
		gain = cells->is_category ? forest_codes_weight(&box->order, i) :
			gain * weight[i];
		weight[i] = share[i] * factor[i] * gain;
		total += weight[i];
	}
	return total;
}

/*
 * Fills box->weight with the weights of the cells of a feature, missing behind
 * the values, given all other features of the row, and box->values with the
 * sum of those of values; returns the sum of all.
 */
double
forest_conditional(ForestBox *box, uint32_t feature, const double *row)
{
	const ForestDensity *density = box->density;
	const ForestCells *cells = &density->features[feature];
	double	   *missing = &box->weight[cells->n_values];
	Conditional c = {
		.box = box,.feature = feature,
		.mask = cells->is_category ? ~FOREST_WALK_MISSING_RIGHT : ~1U,
		.key = cells->is_category ? feature | FOREST_WALK_SET : 2 * feature
	};

	begin_weights(box, cells);
	forest_walk_slots(density->walk, row, box->slots);
	weigh_trees(&c);
	box->values = finish_weights(box, cells);
	/* what trees say of it is behind it */
	*missing = box->values_only && box->values > 0.0 ? 0.0 :
		density->share[cells->first + cells->n_values] *
		density->factor[cells->first + cells->n_values] * missing[1];
	return box->values + *missing;
}
