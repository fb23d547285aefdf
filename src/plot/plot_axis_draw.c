/*-------------------------------------------------------------------------
 *
 * plot_axis_draw.c
 *	  Drawing axes: ticks, labels, the borders of strips and bands, arrows.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"

#include "plot/plot_axis.h"
#include "plot/plot_axis_draw.h"
#include "plot/plot_style.h"
#include "svg/svg.h"
#include "svg/svg_text.h"

/*
 * Draws a tick's mark and label, which may be NULL, where the axis crosses
 * "base".
 */
static void
draw_tick(StringInfo svg, const PlotAxis *axis, double at, int base,
		  double room, bool mark, const char *label)
{
	if (axis->vertical)
	{
		if (mark)
			svg_line(svg, base - 4, at, base, at, PLOT_RULE, 1);
		if (label != NULL)
			svg_label(svg, base - 7, at + 4, SVG_END, plot_label_font, room,
					  label);
		return;
	}
	if (mark)
		svg_line(svg, at, base, at, base + 4, PLOT_RULE, 1);
	if (label == NULL)
		return;
	if (plot_axis_tilted(axis))
		svg_label_upwards(svg, at + 4, base + 7, SVG_END, plot_label_font, room,
						  label);
	else
		svg_label(svg, at, base + 16, SVG_MIDDLE, plot_label_font, room, label);
}

/*
 * Draws a line between two parts of an axis, across the sheet: white, but grey
 * where no map is below.
 */
static void
draw_border(StringInfo svg, const PlotAxis *axis, const PlotAxis *other,
			bool map, double at)
{
	const char *color = map ? "#fff" : PLOT_GRID;
	double		width = map ? 2 : 1;

	if (axis->vertical)
		svg_line(svg, other->from, at, other->to, at, color, width);
	else
		svg_line(svg, at, other->from, at, other->to, color, width);
}

/* The pixels that a tail's label has along a horizontal axis. */
static double
tail_room(const PlotAxis *axis)
{
	double		length = axis->to - plot_axis_below(axis);

	return axis->below.n > 0 && axis->above.n > 0 ?
		length / 2 - PLOT_LABEL_GAP : length;
}

/*
 * Draws a tail's label, and an arrow from pixel "start" of the axis to pixel
 * "end" of it: how far the tail goes on.
 */
static void
draw_tail(StringInfo svg, const PlotAxis *axis, const PlotTail *tail,
		  int start, int end, int base)
{
	int			way = end > start ? 1 : -1;
	char	   *label = plot_axis_tail_label(axis, tail);

	if (axis->vertical)
	{
		appendStringInfo(svg, "<path d=\"M%d %dV%dm-3 %dl3 %d 3 %d\" fill=\"none\" stroke=\"%s\"/>\n",
						 base - 4, start, end - 2 * way, -4 * way, 4 * way,
						 -4 * way, PLOT_INK);
		svg_label(svg, base - 9, (start + end) / 2.0 + 4, SVG_END,
				  plot_label_font, axis->room, label);
		return;
	}
	appendStringInfo(svg, "<path d=\"M%d %dH%dm%d -3l%d 3 %d 3\" fill=\"none\" stroke=\"%s\"/>\n",
					 start, base + 4, end - 2 * way, -4 * way, 4 * way,
					 -4 * way, PLOT_INK);
	svg_label(svg, end, base + 16, way > 0 ? SVG_END : SVG_START,
			  plot_label_font, tail_room(axis), label);
}

/* How wide a tail's label is. */
static double
label_width(const PlotAxis *axis, const PlotTail *tail)
{
	return svg_text_width(plot_axis_tail_label(axis, tail), plot_label_font);
}

/* Whether the label of a tick at a pixel would run into that of a tail. */
static bool
meets_tail(const PlotAxis *axis, double at, const char *label)
{
	double		half = PLOT_LABEL_GAP +
		svg_text_width(label, plot_label_font) / 2;

	if (axis->vertical)
		return (axis->below.n > 0 && plot_axis_start(axis) - at < 2) ||
			(axis->above.n > 0 && at - plot_axis_end(axis) < 2);
	return (axis->below.n > 0 &&
			at - half <
			plot_axis_below(axis) + label_width(axis, &axis->below)) ||
		(axis->above.n > 0 &&
		 at + half > axis->to - label_width(axis, &axis->above));
}

/* Draws the labels of a scale, and its ticks. */
static void
draw_scale(StringInfo svg, const PlotAxis *axis, int base)
{
	double		room = axis->vertical ? axis->room : PLOT_TIME_ACROSS * 2;

	for (int i = 0; i < axis->ticks.n; i++)
	{
		const PlotTick *tick = &axis->ticks.ticks[i];
		double		at = plot_axis_pixel(axis,
										 plot_axis_share(axis, tick->value));

		draw_tick(svg, axis, at, base, room, true,
				  meets_tail(axis, at, tick->label) ? NULL : tick->label);
	}
	if (axis->below.n > 0)
		draw_tail(svg, axis, &axis->below, plot_axis_start(axis),
				  plot_axis_below(axis), base);
	if (axis->above.n > 0)
		draw_tail(svg, axis, &axis->above, plot_axis_end(axis), axis->to, base);
}

/*
 * Draws an axis's ticks, labels and the borders of its strips and bands;
 * "other" is the axis that it crosses.
 */
static void
draw_axis(StringInfo svg, const PlotAxis *axis, const PlotAxis *other,
		  bool map)
{
	int			base = other->from;
	double		room = axis->vertical || plot_axis_tilted(axis) ? axis->room :
		plot_axis_length(axis) / Max(axis->n_bands, 1) - 4;

	for (int i = 1; i < axis->n_bands; i++)
		draw_border(svg, axis, other, map,
					plot_axis_pixel(axis, (double) i / axis->n_bands));
	if (axis->has_strip)
	{
		draw_border(svg, axis, other, map, plot_axis_below(axis));
		draw_tick(svg, axis, axis->from + plot_axis_strip(axis) / 2.0, base,
				  PLOT_STRIP_ACROSS, false, PLOT_MISSING_LABEL);
	}
	if (axis->below.n > 0)
		draw_border(svg, axis, other, map, plot_axis_start(axis));
	if (axis->above.n > 0)
		draw_border(svg, axis, other, map, plot_axis_end(axis));
	for (int i = 0; i < axis->n_bands; i++)
		draw_tick(svg, axis,
				  plot_axis_pixel(axis, (i + 0.5) / axis->n_bands), base, room,
				  false, axis->bands[i].label);
	draw_scale(svg, axis, base);
}

/*
 * Draws two axes, their names, and the frame between them, which may have a
 * map in it.
 */
void
plot_axis_draw(StringInfo svg, const PlotAxis *x, const PlotAxis *y, bool map)
{
	static const SvgFont font = {PLOT_TEXT_SIZE, PLOT_INK, false};

	draw_axis(svg, x, y, map);
	draw_axis(svg, y, x, map);
	appendStringInfo(svg,
					 "<path d=\"M%d %dH%dV%dH%dz\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>\n",
					 x->from, y->from, x->to, y->to, x->from, PLOT_RULE);
	svg_label(svg, (x->from + x->to) / 2.0,
			  y->from + plot_axis_label_room(x) + 24, SVG_MIDDLE, font,
			  x->to - x->from, x->name);
	svg_label_upwards(svg, x->from - plot_axis_label_room(y) - 16,
					  (y->from + y->to) / 2.0, SVG_MIDDLE, font,
					  y->from - y->to, y->name);
}
