/*-------------------------------------------------------------------------
 *
 * plot_classes.c
 *	  Which rows of which class a picture draws, in which order, and as what.
 *
 * Large classes are drawn first, since they would hide small ones.  Small
 * classes are drawn whole; where all together have more than max_points, the
 * large ones share what is left.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "core/base/forest_sort.h"
#include "plot/plot_classes.h"
#include "plot/plot_marks.h"
#include "plot/plot_options.h"
#include "plot/plot_state.h"

/* Marks of the two classes that a model makes. */
#define REGULAR_MARK	0
#define UNUSUAL_MARK	2

/*
 * Copies the "n" points of a class with the least keys, palloc'd.  Keys are
 * random, so this is a uniform sample of the uniform sample that the class
 * has.
 */
static PlotPoint *
choose_points(const PlotClass *class, uint32 n)
{
	uint32		all = class->sample.n;
	PlotPoint  *points = palloc(Max(n, 1) * sizeof(PlotPoint));
	ForestPair *pairs = palloc(Max(all, 1) * sizeof(ForestPair));
	ForestPair *temporary = palloc(Max(all, 1) * sizeof(ForestPair));

	for (uint32 i = 0; i < all; i++)
	{
		pairs[i].key = class->sample.keys[i];
		pairs[i].value = i;
	}
	forest_sort(pairs, temporary, all);
	for (uint32 i = 0; i < n; i++)
		points[i] = class->points[pairs[i].value];
	pfree(pairs);
	pfree(temporary);
	return points;
}

/*
 * The place of a class in the order that the options give; n if it is not
 * there, as rows without a class never are.
 */
static int
wanted_place(const PlotOptions *options, const PlotClass *class)
{
	int			place = 0;

	while (place < options->classes.n &&
		   (class->is_null ||
			strcmp(options->classes.names[place], class->name) != 0))
		place++;
	return place;
}

/*
 * Whether class a is drawn before b: in the order of the options, then
 * large classes first, which would hide small ones.
 */
static bool
is_before(const PlotState *state, const PlotClass *a, const PlotClass *b)
{
	int			place_a = wanted_place(&state->options, a);
	int			place_b = wanted_place(&state->options, b);

	if (place_a != place_b)
		return place_a < place_b;
	if (state->class_argument == 0)
		return strcmp(a->name, b->name) < 0;
	if (forest_sample_seen(&a->sample) != forest_sample_seen(&b->sample))
		return forest_sample_seen(&a->sample) > forest_sample_seen(&b->sample);
	if (a->is_null != b->is_null)
		return b->is_null;
	return strcmp(a->name, b->name) < 0;
}

/*
 * Puts the classes into order, in "order", which has room for all: an
 * insertion sort, since there are PLOT_MAX_CLASSES at most.
 */
static void
order_classes(const PlotState *state, const PlotClass **order)
{
	for (int i = 0; i < state->n_classes; i++)
	{
		int			j = i;

		for (; j > 0 && is_before(state, &state->classes[i], order[j - 1]); j--)
			order[j] = order[j - 1];
		order[j] = &state->classes[i];
	}
}

/*
 * The most points that a class may have drawn, so that all together have no
 * more than max_points: small classes are complete, and what they leave is
 * shared evenly.
 */
static uint32
find_share(const PlotState *state)
{
	int64		left = state->options.max_points;
	bool		complete[PLOT_MAX_CLASSES] = {false};
	int			open = state->n_classes;
	bool		settled = false;

	/* each round takes out the classes that need less than an even share */
	while (!settled && open > 0)
	{
		int64		share = left / open;

		settled = true;
		for (int i = 0; i < state->n_classes; i++)
		{
			uint32		n = state->classes[i].sample.n;

			if (complete[i] || n > share)
				continue;
			complete[i] = true;
			left -= n;
			open--;
			settled = false;
		}
	}
	return (uint32) (open > 0 ? left / open : state->options.max_points);
}

/* Makes what the legend says of a class, palloc'd. */
void
plot_label_class(DrawnClass *drawn)
{
	if (drawn->n == drawn->rows)
		drawn->label = psprintf("%s (" UINT64_FORMAT ")", drawn->name,
								drawn->rows);
	else
		drawn->label = psprintf("%s (%u of " UINT64_FORMAT ")", drawn->name,
								drawn->n, drawn->rows);
}

/*
 * Chooses the points to draw, and how, into "classes", which has room for
 * PLOT_MAX_CLASSES; returns how many there are.  Marks go by the order of
 * option "classes", so that a class looks the same in several pictures, or
 * else by that of drawing.  What they point to is the state's or palloc'd.
 */
int
plot_choose_classes(const PlotState *state, DrawnClass *classes)
{
	const PlotClass *order[PLOT_MAX_CLASSES];
	uint32		share = find_share(state);

	order_classes(state, order);
	for (int i = 0; i < state->n_classes; i++)
	{
		DrawnClass *drawn = &classes[i];
		int			mark = i;

		if (state->class_argument == 0)
			mark = strcmp(order[i]->name, CLASS_UNUSUAL) == 0 ? UNUSUAL_MARK :
				REGULAR_MARK;
		else if (wanted_place(&state->options, order[i]) <
				 state->options.classes.n)
			mark = wanted_place(&state->options, order[i]);
		drawn->name = order[i]->name;
		drawn->rows = forest_sample_seen(&order[i]->sample);
		drawn->n = Min(order[i]->sample.n, share);
		drawn->points = choose_points(order[i], drawn->n);
		drawn->shape = mark;
		drawn->color = plot_class_color(mark);
		plot_label_class(drawn);
	}
	return state->n_classes;
}
