/*-------------------------------------------------------------------------
 *
 * plot_axis.c
 *	  Axes: from the values of a feature to places on the sheet.
 *
 * Numbers and times have a scale; categories and booleans have a band for each
 * value, most frequent first.  Where rows to draw have no value, a strip at
 * the axis's start takes them, so that no row is left out for a NULL.
 *
 * An axis is made in three steps: from the points (plot_axis_create), fitted
 * to the sheet (plot_axis_fit), and put into its place (plot_axis_set), since
 * how much room its labels take decides where the other one begins.  Vertical
 * axes run from the bottom upwards, so their "from" is the larger pixel;
 * everything here works for both by signed lengths.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include <float.h>

#include "lib/stringinfo.h"

#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model_text.h"
#include "plot/plot_axis.h"
#include "plot/plot_style.h"
#include "plot/plot_ticks.h"
#include "plot/svg.h"
#include "plot/svg_text.h"

/* Bands that an axis has at most; the last then holds all other values. */
#define MAX_BANDS		24

/* Pixels of the strip for missing values. */
#define STRIP_ACROSS	36
#define STRIP_UP		20

/* Share of a scale that is left free at either end. */
#define MARGIN			0.04

/* Pixels between two ticks, at least about. */
#define TICK_ACROSS		64
#define TIME_ACROSS		90
#define TICK_UP			48

/* Bands narrower than this have their labels turned. */
#define BAND_ACROSS		48

/* Room that labels take across an axis: a share of the sheet, within limits. */
#define ROOM_SHARE		6
#define LEAST_ROOM		36
#define MOST_ROOM		120

#define MISSING_LABEL	"NULL"

/* Of what stands at bands and ticks. */
static const SvgFont label_font = {PLOT_SMALL_SIZE, PLOT_INK, false};

/* A category and how many rows of the training had it. */
typedef struct BandSource
{
	uint32		code;
	uint32		rows;
} BandSource;

/* Orders categories by rows, most first, then by code. */
static int
compare_sources(const void *a, const void *b, void *arg)
{
	const BandSource *x = a;
	const BandSource *y = b;

	if (x->rows != y->rows)
		return x->rows > y->rows ? -1 : 1;
	return (x->code > y->code) - (x->code < y->code);
}

/*
 * Adds a band, for which there is room, and returns its number; the label
 * stays the caller's.
 */
static int
add_band(PlotAxis *axis, double value, char *label)
{
	axis->bands[axis->n_bands].value = value;
	axis->bands[axis->n_bands].label = label;
	return axis->n_bands++;
}

/* Gives false and true a band each. */
static void
make_bool_bands(PlotAxis *axis)
{
	axis->bands = palloc(2 * sizeof(PlotBand));
	axis->band_of = palloc(2 * sizeof(int));
	axis->band_of[0] = add_band(axis, 0, pstrdup("false"));
	axis->band_of[1] = add_band(axis, 1, pstrdup("true"));
}

/*
 * Gives the categories of a feature a band each, the rarest of many a common
 * one, and one to those that the model never saw.  The common band is scored
 * as the most frequent of its categories.
 */
static void
make_category_bands(PlotAxis *axis, const ForestView *view, uint32 feature,
					bool unseen)
{
	uint32		n = forest_view_feature(view, feature).n_categories;
	uint32		first = forest_view_first_category(view, feature);
	uint32		own = n <= MAX_BANDS ? n : MAX_BANDS - 1;
	BandSource *sources = palloc(Max(n, 1) * sizeof(BandSource));

	for (uint32 i = 0; i < n; i++)
	{
		sources[i].code = i;
		sources[i].rows = view->category_rows == NULL ? 0 :
			forest_view_category_rows(view, first + i);
	}
	qsort_interruptible(sources, n, sizeof(BandSource), compare_sources, NULL);
	axis->bands = palloc((MAX_BANDS + 1) * sizeof(PlotBand));
	axis->band_of = palloc((n + 1) * sizeof(int));
	for (uint32 i = 0; i < n; i++)
	{
		uint32		code = sources[i].code;

		if (i < own)
			axis->band_of[code] =
				add_band(axis, code,
						 model_string_text(forest_view_string(view, first + code)));
		else if (i == own)
			axis->band_of[code] = add_band(axis, code,
										   psprintf("(%u others)", n - own));
		else
			axis->band_of[code] = axis->n_bands - 1;
	}
	axis->band_of[n] = unseen || axis->n_bands == 0 ?
		add_band(axis, n, pstrdup("(never seen)")) : 0;
	pfree(sources);
}

/* Sets the ends of a scale: what the points take, and some room. */
static void
make_scale(PlotAxis *axis, const ForestView *view, uint32 feature,
		   const PlotExtent *extent)
{
	ForestFeature trained = forest_view_feature(view, feature);
	double		lo = extent->lo;
	double		hi = extent->hi;
	double		room;
	bool		beyond;			/* whether ticks may lie beyond the data */

	if (lo > hi)
	{
		lo = isfinite(trained.minimum) ? trained.minimum : 0;
		hi = isfinite(trained.maximum) ? trained.maximum : lo;
	}
	/* the difference of two finite doubles may be infinite, these are not */
	room = hi > lo ? MARGIN * hi - MARGIN * lo : Max(fabs(lo) * 0.05, 0.5);
	axis->lo = Max(lo - room, -DBL_MAX);
	axis->hi = Min(hi + room, DBL_MAX);
	/* round numbers may lie beyond the data, but not all times exist */
	beyond = hi > lo && !forest_type_is_time(axis->type);
	axis->first = beyond ? axis->lo : lo;
	axis->last = beyond ? axis->hi : hi;
}

/*
 * Makes the axis of a feature for points of some extent, palloc'd with all its
 * labels.  It has no place on the sheet yet.
 */
PlotAxis *
plot_axis_create(const ForestView *view, uint32 feature,
				 const PlotExtent *extent, bool vertical)
{
	PlotAxis   *axis = palloc0(sizeof(*axis));

	axis->name = model_string_text(forest_view_string(view, feature));
	axis->type = (ForestType) forest_view_feature(view, feature).type;
	if (axis->type == FOREST_TIMESTAMPTZ)
		axis->name = psprintf("%s (UTC)", axis->name);
	axis->vertical = vertical;
	axis->has_strip = extent->missing;
	axis->room = MOST_ROOM;
	if (forest_type_is_category(axis->type))
		make_category_bands(axis, view, feature, extent->unseen);
	else if (axis->type == FOREST_BOOL)
		make_bool_bands(axis);
	else
		make_scale(axis, view, feature, extent);
	return axis;
}

/* Pixels of the strip for missing values, with their sign. */
static int
strip_size(const PlotAxis *axis)
{
	if (!axis->has_strip)
		return 0;
	return axis->vertical ? -STRIP_UP : STRIP_ACROSS;
}

/* The pixel at a share of the axis behind its strip. */
static double
pixel_at(const PlotAxis *axis, double share)
{
	int			start = axis->from + strip_size(axis);

	return start + (axis->to - start) * share;
}

/*
 * Fits labels to the sheet, which has "size" pixels across the axis: a sixth
 * of it at most is theirs.
 */
void
plot_axis_fit(PlotAxis *axis, int size)
{
	axis->room = Min(Max(size / ROOM_SHARE, LEAST_ROOM), MOST_ROOM);
}

/*
 * Gives an axis its place, from pixel "from" to pixel "to", and a scale as
 * many ticks as have room there.
 */
void
plot_axis_set(PlotAxis *axis, int from, int to)
{
	int			across = forest_type_is_time(axis->type) ? TIME_ACROSS :
		TICK_ACROSS;
	int			length;

	axis->from = from;
	axis->to = to;
	length = abs(to - from - strip_size(axis));
	if (axis->n_bands == 0)
		plot_ticks(axis->type, axis->first, axis->last,
				   Max(length / (axis->vertical ? TICK_UP : across), 1),
				   &axis->ticks);
}

/* The share of a scale at which a number lies, 0 .. 1; overflows nowhere. */
static double
share_of(const PlotAxis *axis, double value)
{
	double		share = (value / 2 - axis->lo / 2) /
		(axis->hi / 2 - axis->lo / 2);

	return Min(Max(share, 0.0), 1.0);
}

/*
 * Whether labels of a horizontal axis's bands are turned upwards: all are,
 * where one is wider than its band.
 */
static bool
is_tilted(const PlotAxis *axis)
{
	double		room = axis->n_bands == 0 ? 0 :
		abs(axis->to - axis->from - strip_size(axis)) / axis->n_bands;

	if (axis->vertical || room >= BAND_ACROSS)
		return false;
	for (int i = 0; i < axis->n_bands; i++)
		if (svg_text_width(axis->bands[i].label, label_font) > room)
			return true;
	return false;
}

/*
 * The pixels that labels take across the axis: of a vertical one their
 * width, of a horizontal one their height.
 */
double
plot_axis_label_room(const PlotAxis *axis)
{
	bool		tilted = is_tilted(axis);
	double		room = axis->has_strip ?
		svg_text_width(MISSING_LABEL, label_font) : 0;

	if (!axis->vertical && !tilted)
		return PLOT_SMALL_SIZE;
	for (int i = 0; i < axis->n_bands; i++)
		room = Max(room, svg_text_width(axis->bands[i].label, label_font));
	for (int i = 0; i < axis->ticks.n; i++)
		room = Max(room, svg_text_width(axis->ticks.ticks[i].label,
										label_font));
	return Min(room, axis->room);
}

/* Cells that plot_axis_cells makes at most. */
int
plot_axis_max_cells(const PlotAxis *axis, int steps)
{
	return Max(steps, axis->n_bands) + 1;
}

/*
 * Divides the axis into cells, in its direction, and returns how many: the
 * strip, and each band or "steps" parts of the scale.  Cells end at whole
 * pixels; those of none are left out.
 */
int
plot_axis_cells(const PlotAxis *axis, int steps, PlotCell *cells)
{
	int			parts = axis->n_bands > 0 ? axis->n_bands : steps;
	int			at = axis->from + strip_size(axis);
	int			n = 0;

	if (axis->has_strip)
	{
		PlotCell	strip = {axis->from, at, NAN};

		cells[n++] = strip;
	}
	for (int i = 0; i < parts; i++)
	{
		int			next = (int) lrint(pixel_at(axis, (i + 1.0) / parts));
		double		share = (i + 0.5) / parts;

		if (next == at)
			continue;
		cells[n].from = at;
		cells[n].to = at = next;
		cells[n++].value = axis->n_bands > 0 ? axis->bands[i].value :
			axis->lo * (1 - share) + axis->hi * share;
	}
	return n;
}

/*
 * The place of a value, in tenths of a pixel.  "jitter" (0 .. 1) spreads
 * values that share a band or the strip; infinities lie at the ends.
 */
int
plot_axis_place(const PlotAxis *axis, double value, double jitter)
{
	double		spread = 0.15 + 0.7 * jitter;
	double		pixel;

	if (isnan(value))
		pixel = axis->from + strip_size(axis) * spread;
	else if (axis->n_bands > 0)
		pixel = pixel_at(axis, (axis->band_of[(int) value] + spread) /
						 axis->n_bands);
	else
		pixel = pixel_at(axis, share_of(axis, value));
	return (int) lrint(pixel * 10);
}

/* Draws a tick's mark and label, where the axis crosses "base". */
static void
draw_tick(StringInfo svg, const PlotAxis *axis, double at, int base,
		  double room, bool mark, const char *label)
{
	if (axis->vertical)
	{
		if (mark)
			svg_line(svg, base - 4, at, base, at, PLOT_RULE, 1);
		svg_label(svg, base - 7, at + 4, SVG_END, label_font, room, label);
		return;
	}
	if (mark)
		svg_line(svg, at, base, at, base + 4, PLOT_RULE, 1);
	if (is_tilted(axis))
		svg_label_upwards(svg, at + 4, base + 7, SVG_END, label_font, room,
						  label);
	else
		svg_label(svg, at, base + 16, SVG_MIDDLE, label_font, room, label);
}

/*
 * Draws an axis's ticks, labels and the borders of its strip and bands;
 * "other" is the axis that it crosses.
 */
static void
draw_axis(StringInfo svg, const PlotAxis *axis, const PlotAxis *other)
{
	int			base = other->from;
	double		room = axis->room;
	double		across = axis->n_bands == 0 ? TICK_ACROSS :
		fabs(pixel_at(axis, 1) - pixel_at(axis, 0)) / axis->n_bands - 4;
	int			borders = Max(axis->n_bands, 1);

	if (!axis->vertical && !is_tilted(axis))
		room = across;
	for (int i = axis->has_strip ? 0 : 1; i < borders; i++)
	{
		double		at = pixel_at(axis, (double) i / borders);

		if (axis->vertical)
			svg_line(svg, other->from, at, other->to, at, "#fff", 2);
		else
			svg_line(svg, at, other->from, at, other->to, "#fff", 2);
	}
	if (axis->has_strip)
		draw_tick(svg, axis, axis->from + strip_size(axis) / 2.0, base,
				  STRIP_ACROSS, false, MISSING_LABEL);
	for (int i = 0; i < axis->n_bands; i++)
		draw_tick(svg, axis, pixel_at(axis, (i + 0.5) / axis->n_bands), base,
				  room, false, axis->bands[i].label);
	for (int i = 0; i < axis->ticks.n; i++)
		draw_tick(svg, axis,
				  pixel_at(axis, share_of(axis, axis->ticks.ticks[i].value)),
				  base, axis->vertical ? axis->room : TIME_ACROSS * 2, true,
				  axis->ticks.ticks[i].label);
}

/* Draws two axes, their names, and the frame between them. */
void
plot_axis_draw(StringInfo svg, const PlotAxis *x, const PlotAxis *y)
{
	static const SvgFont font = {PLOT_TEXT_SIZE, PLOT_INK, false};

	draw_axis(svg, x, y);
	draw_axis(svg, y, x);
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
