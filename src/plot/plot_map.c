/*-------------------------------------------------------------------------
 *
 * plot_map.c
 *	  The score map: the scores of a grid of places, drawn as bands.
 *
 * A band is drawn as the outline of all places that are in it or above it,
 * over the bands below: a filled contour plot, as marching squares make one,
 * but along the edges of places.  Scores of a forest are steps, not slopes, so
 * that a line between two places would show what is not there.  So the map
 * takes as much text as its lines are long, whatever the number of places, and
 * leaves no gaps.
 *
 * An outline is found by its edges: each place of the band has four, those
 * shared with another of the band do not count, and the rest, all clockwise,
 * form closed loops.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "model/model.h"
#include "model/model_score.h"
#include "plot/plot_axis.h"
#include "plot/plot_map.h"
#include "plot/plot_scale.h"
#include "svg/svg.h"

#define THRESHOLD_LINE		"#8a4a1c"

/* Directions of an outline, clockwise on the sheet, as bits. */
#define RIGHT			1
#define DOWN			2
#define LEFT			4
#define UP				8

/* Outlines in the making: from each corner of the grid, where they go on. */
typedef struct Outline
{
	int			nx;				/* cells */
	int			ny;
	uint8	   *ways;			/* (ny + 1) rows of (nx + 1) */
} Outline;

/* The values of an axis' cells, palloc'd, as those of a feature. */
static ForestAxis
axis_of_cells(uint32 feature, const PlotCell *cells, int n)
{
	double	   *values = palloc(n * sizeof(double));

	for (int i = 0; i < n; i++)
		values[i] = cells[i].value;
	return (ForestAxis) {feature, (uint32) n, values};
}

/*
 * Scores the middle of each cell, into map->scores, palloc'd; fx and fy are
 * the map's features, "slice" has the values of all others.
 */
void
plot_map_score(PlotMap *map, const Model *model, const double *slice,
			   uint32 fx, uint32 fy)
{
	ForestAxis	x = axis_of_cells(fx, map->x, map->nx);
	ForestAxis	y = axis_of_cells(fy, map->y, map->ny);

	map->scores = palloc((Size) map->nx * map->ny * sizeof(double));
	model_slice_scores(model, slice, &x, &y, map->scores);
}

/* Whether a cell is in a band or above it; there is none beyond the grid. */
static bool
is_above(const PlotMap *map, const uint8 *bands, int i, int j, int band)
{
	return i >= 0 && i < map->nx && j >= 0 && j < map->ny &&
		bands[j * map->nx + i] >= band;
}

/*
 * Finds the edges of the cells of a band and above, as ways that lead away
 * from a corner, and returns whether there are any.  A corner has up to two
 * ways: where two cells of the band touch in it alone.
 */
static bool
find_edges(const PlotMap *map, const uint8 *bands, int band, Outline *outline)
{
	int			row = map->nx + 1;
	bool		some = false;

	memset(outline->ways, 0, (Size) row * (map->ny + 1));
	for (int j = 0; j < map->ny; j++)
	{
		for (int i = 0; i < map->nx; i++)
		{
			uint8	   *corner = &outline->ways[j * row + i];

			if (!is_above(map, bands, i, j, band))
				continue;
			some = true;
			if (!is_above(map, bands, i, j - 1, band))
				corner[0] |= RIGHT;
			if (!is_above(map, bands, i + 1, j, band))
				corner[1] |= DOWN;
			if (!is_above(map, bands, i, j + 1, band))
				corner[row + 1] |= LEFT;
			if (!is_above(map, bands, i - 1, j, band))
				corner[row] |= UP;
		}
	}
	return some;
}

/* The pixel of a corner along an axis. */
static int
corner_pixel(const PlotCell *cells, int n, int corner)
{
	return corner < n ? cells[corner].from : cells[n - 1].to;
}

/*
 * Follows one outline from a corner back to it, taking away its edges, as path
 * data with relative steps.
 */
static void
append_outline(StringInfo svg, const PlotMap *map, Outline *outline,
			   int start_i, int start_j)
{
	int			row = map->nx + 1;
	int			i = start_i;
	int			j = start_j;
	int			x = corner_pixel(map->x, map->nx, i);
	int			y = corner_pixel(map->y, map->ny, j);

	appendStringInfo(svg, "M%d %d", x, y);
	while (outline->ways[j * row + i] != 0)
	{
		int			ways = outline->ways[j * row + i];
		/* the lowest bit: any way will do, as long as each is taken once */
		int			way = ways & -ways;
		int			next;

		/* straight on as far as the outline goes */
		do
		{
			outline->ways[j * row + i] &= ~way;
			i += (way == RIGHT) - (way == LEFT);
			j += (way == DOWN) - (way == UP);
		} while (outline->ways[j * row + i] == way);

		if (way == RIGHT || way == LEFT)
		{
			next = corner_pixel(map->x, map->nx, i);
			appendStringInfo(svg, "h%d", next - x);
			x = next;
		}
		else
		{
			next = corner_pixel(map->y, map->ny, j);
			appendStringInfo(svg, "v%d", next - y);
			y = next;
		}
	}
	appendStringInfoChar(svg, 'z');
}

/* Appends the outlines that find_edges found, as path data. */
static void
append_outlines(StringInfo svg, const PlotMap *map, Outline *outline)
{
	for (int j = 0; j <= map->ny; j++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i <= map->nx; i++)
		{
			/* two outlines may meet in a corner */
			while (outline->ways[j * (map->nx + 1) + i] != 0)
				append_outline(svg, map, outline, i, j);
		}
	}
}

/* Draws one band and all above it. */
static void
draw_band(StringInfo svg, const PlotMap *map, const uint8 *bands, int band,
		  const char *style, Outline *outline)
{
	CHECK_FOR_INTERRUPTS();
	if (!find_edges(map, bands, band, outline))
		return;
	appendStringInfo(svg, "<path %s d=\"", style);
	append_outlines(svg, map, outline);
	appendStringInfoString(svg, "\"/>\n");
}

/* Draws the map, with a line where the model's threshold is. */
void
plot_map_draw(StringInfo svg, const PlotMap *map, const PlotScale *scale)
{
	uint8	   *bands = palloc((Size) map->nx * map->ny);
	Outline		outline;

	for (int i = 0; i < map->nx * map->ny; i++)
		bands[i] = (uint8) plot_scale_band(scale, map->scores[i]);
	outline.ways = palloc((Size) (map->nx + 1) * (map->ny + 1));
	appendStringInfoString(svg, "<g class=\"map\">\n");
	for (int band = 0; band <= scale->n_edges; band++)
	{
		char		color[SVG_COLOR_LEN];

		plot_scale_tint(scale, band, color);
		draw_band(svg, map, bands, band, psprintf("fill=\"%s\"", color),
				  &outline);
	}
	if (scale->has_threshold)
		draw_band(svg, map, bands, scale->threshold_edge + 1,
				  "class=\"threshold\" fill=\"none\" stroke=\"" THRESHOLD_LINE "\"",
				  &outline);
	appendStringInfoString(svg, "</g>\n");
	pfree(outline.ways);
	pfree(bands);
}
