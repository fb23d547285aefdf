/*-------------------------------------------------------------------------
 *
 * plot_overlap.c
 *	  Unusual rows among regular ones in their true proportion.
 *
 * Of a large table one in hundred regular rows may be drawn, and all unusual
 * ones.  Alone on their part of the sheet all of these are worth a mark; but
 * where they lie among more regular ones, a place would seem to be full of
 * outliers where one row in a hundred is one.  There, they are thinned as the
 * regular rows are.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "plot/plot_axis.h"
#include "plot/plot_classes.h"
#include "plot/plot_overlap.h"
#include "plot/plot_state.h"

/* Places of the sheet along each axis, and pixels of one for the while. */
#define PLACES			64
#define PLACE_PIXELS	16

/* The place of the sheet that a point lies in. */
static int
find_place(const PlotAxis *x, const PlotAxis *y, const PlotPoint *point)
{
	int			i = plot_axis_place(x, point->x, 0.5) / (10 * PLACE_PIXELS);
	int			j = plot_axis_place(y, point->y, 0.5) / (10 * PLACE_PIXELS);

	return Min(Max(j, 0), PLACES - 1) * PLACES + Min(Max(i, 0), PLACES - 1);
}

/* The class of a name; NULL if there is none. */
static DrawnClass *
find_drawn(DrawnClass *classes, int n_classes, const char *name)
{
	for (int i = 0; i < n_classes; i++)
	{
		if (strcmp(classes[i].name, name) == 0)
			return &classes[i];
	}
	return NULL;
}

/* Counts the points of a class in each place, into "counts", all 0. */
static void
count_points(const DrawnClass *class, const PlotAxis *x, const PlotAxis *y,
			 uint32 *counts)
{
	for (uint32 i = 0; i < class->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		counts[find_place(x, y, &class->points[i])]++;
	}
}

/* The rows that the points counted in a place and around it stand for. */
static double
rows_around(const DrawnClass *class, const uint32 *counts, int place)
{
	int			i = place % PLACES;
	int			j = place / PLACES;
	double		points = 0;

	for (int v = Max(j - 1, 0); v <= Min(j + 1, PLACES - 1); v++)
	{
		for (int u = Max(i - 1, 0); u <= Min(i + 1, PLACES - 1); u++)
			points += counts[v * PLACES + u];
	}
	return points * class->rows / class->n;
}

/*
 * Of the model's two classes, leaves so many unusual rows that they are drawn
 * as often as the regular ones of the same place; where fewer are regular than
 * unusual, all stay.  The axes are to be placed anew afterwards.
 */
void
plot_thin_overlaps(DrawnClass *classes, int n_classes, PlotAxis *x,
				   PlotAxis *y)
{
	DrawnClass *regular = find_drawn(classes, n_classes, CLASS_REGULAR);
	DrawnClass *unusual = find_drawn(classes, n_classes, CLASS_UNUSUAL);
	uint32	   *counts = palloc0(2 * PLACES * PLACES * sizeof(uint32));
	uint32	   *others = counts + PLACES * PLACES;
	DrawnClass	before;
	double		share;

	if (regular == NULL || unusual == NULL || unusual->n == 0)
		return;
	share = (double) regular->n / regular->rows *
		((double) unusual->rows / unusual->n);
	if (share >= 1)
		return;
	plot_axis_set(x, 0, PLACES * PLACE_PIXELS);
	plot_axis_set(y, PLACES * PLACE_PIXELS, 0);
	count_points(regular, x, y, counts);
	count_points(unusual, x, y, others);
	before = *unusual;
	unusual->n = 0;
	for (uint32 i = 0; i < before.n; i++)
	{
		int			place = find_place(x, y, &before.points[i]);

		CHECK_FOR_INTERRUPTS();
		if (murmurhash32(i) < share * 4294967296.0 ||
			rows_around(regular, counts, place) <
			rows_around(&before, others, place))
			unusual->points[unusual->n++] = before.points[i];
	}
	plot_label_class(unusual);
	pfree(counts);
}
