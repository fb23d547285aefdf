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
#include "row/feature_text.h"
#include "svg/svg.h"
#include "svg/svg_text.h"

/* Bands that an axis has at most; the last then holds all other values. */
#define MAX_BANDS		24

/* Share of a scale that is left free at either end. */
#define MARGIN			0.04

/* Digits of the value that a tail ends at. */
#define TAIL_DIGITS		3
/* Pixels between two ticks of a vertical axis, at least about. */
#define TICK_UP			48

/* Bands narrower than this have their labels turned. */
#define BAND_ACROSS		48

/* Room that labels take across an axis: a share of the sheet, within limits. */
#define ROOM_SHARE		6
#define LEAST_ROOM		36
#define LEAST_TIME_ROOM	68
#define MOST_ROOM		120

/*
 * The part of the way to the next whole number that points at one are spread
 * over, its most pixels, and the least pixels of that way.
 */
#define SPREAD			0.7
#define MOST_SPREAD		16.0
#define LEAST_SPREAD	3.0

const SvgFont plot_label_font = {PLOT_SMALL_SIZE, PLOT_INK, false};

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
	axis->whole = extent->whole;
	axis->below = extent->below;
	axis->above = extent->above;
	axis->room = MOST_ROOM;
	if (forest_type_is_category(axis->type))
		make_category_bands(axis, view, feature, extent->unseen);
	else if (axis->type == FOREST_BOOL)
		make_bool_bands(axis);
	else
		make_scale(axis, view, feature, extent);
	return axis;
}

/* Pixels of a strip, with their sign. */
int
plot_axis_strip(const PlotAxis *axis)
{
	return axis->vertical ? -PLOT_STRIP_UP : PLOT_STRIP_ACROSS;
}

/* The pixel where the strip of the tail below begins. */
int
plot_axis_below(const PlotAxis *axis)
{
	return axis->from + (axis->has_strip ? plot_axis_strip(axis) : 0);
}

/* The pixel where the scale or the bands begin. */
int
plot_axis_start(const PlotAxis *axis)
{
	return plot_axis_below(axis) +
		(axis->below.n > 0 ? plot_axis_strip(axis) : 0);
}

/* The pixel where they end. */
int
plot_axis_end(const PlotAxis *axis)
{
	return axis->to - (axis->above.n > 0 ? plot_axis_strip(axis) : 0);
}

/* The pixel at a share of the scale, or of the bands. */
double
plot_axis_pixel(const PlotAxis *axis, double share)
{
	int			start = plot_axis_start(axis);

	return start + (plot_axis_end(axis) - start) * share;
}

/*
 * Fits labels to the sheet, which has "size" pixels across the axis: a sixth
 * of it at most is theirs.
 */
void
plot_axis_fit(PlotAxis *axis, int size)
{
	int			least = forest_type_is_time(axis->type) ? LEAST_TIME_ROOM :
		LEAST_ROOM;

	axis->room = Min(Max(size / ROOM_SHARE, least), MOST_ROOM);
}

/* Whether labels of ticks along so many pixels would run into each other. */
static bool
is_crowded(const PlotTicks *ticks, int length)
{
	double		width = 0;

	for (int i = 0; i < ticks->n; i++)
		width += PLOT_LABEL_GAP +
			svg_text_width(ticks->ticks[i].label, plot_label_font);
	return ticks->n > 1 && width > length;
}

/*
 * Gives an axis its place, from pixel "from" to pixel "to", and a scale as
 * many ticks as have room there.
 */
void
plot_axis_set(PlotAxis *axis, int from, int to)
{
	int			apart = axis->vertical ? TICK_UP :
		forest_type_is_time(axis->type) ? PLOT_TIME_ACROSS : PLOT_TICK_ACROSS;
	int			length;
	int			wanted;

	axis->from = from;
	axis->to = to;
	if (axis->n_bands > 0)
		return;
	length = abs(plot_axis_end(axis) - plot_axis_start(axis));
	wanted = Max(length / apart, 1);
	do
		plot_ticks(axis->type, axis->first, axis->last, wanted, &axis->ticks);
	while (!axis->vertical && --wanted > 0 &&
		   is_crowded(&axis->ticks, length));
}

/* The share of a scale at which a number lies, 0 .. 1; overflows nowhere. */
double
plot_axis_share(const PlotAxis *axis, double value)
{
	double		share = (value / 2 - axis->lo / 2) /
		(axis->hi / 2 - axis->lo / 2);

	return Min(Max(share, 0.0), 1.0);
}

/*
 * Whether labels of a horizontal axis's bands are turned upwards: all are,
 * where one is wider than its band.
 */
bool
plot_axis_tilted(const PlotAxis *axis)
{
	double		room = axis->n_bands == 0 ? 0 :
		abs(plot_axis_end(axis) - plot_axis_start(axis)) / axis->n_bands;

	if (axis->vertical || room >= BAND_ACROSS)
		return false;
	for (int i = 0; i < axis->n_bands; i++)
		if (svg_text_width(axis->bands[i].label, plot_label_font) > room)
			return true;
	return false;
}

/* What stands at a tail's strip: its farthest value or day, palloc'd. */
char *
plot_axis_tail_label(const PlotAxis *axis, const PlotTail *tail)
{
	char	   *label = feature_short_text(axis->type, tail->far, TAIL_DIGITS);

	if (forest_type_is(axis->type, FOREST_TRAIT_CALENDAR))
		label[strcspn(label, " ")] = '\0';
	return label;
}

/* The width of the labels of an axis's tails; 0 if it has none. */
static double
tail_width(const PlotAxis *axis)
{
	double		width = 0;

	if (axis->below.n > 0)
		width = svg_text_width(plot_axis_tail_label(axis, &axis->below),
							   plot_label_font);
	if (axis->above.n > 0)
		width = Max(width, svg_text_width(plot_axis_tail_label(axis,
															   &axis->above),
										  plot_label_font));
	return width;
}

/*
 * The pixels that labels take across the axis: of a vertical one their
 * width, of a horizontal one their height.
 */
double
plot_axis_label_room(const PlotAxis *axis)
{
	bool		tilted = plot_axis_tilted(axis);
	double		room = axis->has_strip ?
		svg_text_width(PLOT_MISSING_LABEL, plot_label_font) : 0;

	if (!axis->vertical && !tilted)
		return PLOT_SMALL_SIZE;
	for (int i = 0; i < axis->n_bands; i++)
		room = Max(room, svg_text_width(axis->bands[i].label, plot_label_font));
	for (int i = 0; i < axis->ticks.n; i++)
		room = Max(room, svg_text_width(axis->ticks.ticks[i].label,
										plot_label_font));
	return Min(Max(room, tail_width(axis)), axis->room);
}

/* Cells that plot_axis_cells makes at most. */
int
plot_axis_max_cells(const PlotAxis *axis, int steps)
{
	return Max(steps, axis->n_bands) + 3;
}

/* A cell from a pixel to another, scored at a value. */
static PlotCell
make_cell(int from, int to, double value)
{
	PlotCell	cell = {from, to, value};

	return cell;
}

/* The pixels of the scale, or of the bands. */
double
plot_axis_length(const PlotAxis *axis)
{
	return fabs((double) plot_axis_end(axis) - plot_axis_start(axis));
}

/*
 * Divides the axis into cells, in its direction, and returns how many: the
 * strips, and each band or "steps" parts of the scale.  Cells end at whole
 * pixels; those of none are left out.
 */
int
plot_axis_cells(const PlotAxis *axis, int steps, PlotCell *cells)
{
	int			parts = axis->n_bands > 0 ? axis->n_bands : steps;
	int			at = plot_axis_start(axis);
	int			n = 0;

	if (axis->has_strip)
		cells[n++] = make_cell(axis->from, plot_axis_below(axis), NAN);
	if (axis->below.n > 0)
		cells[n++] = make_cell(plot_axis_below(axis), at, axis->below.middle);
	for (int i = 0; i < parts; i++)
	{
		double		end = plot_axis_pixel(axis, (i + 1.0) / parts);
		int			next = (int) lrint(end);
		double		share = (i + 0.5) / parts;

		if (next == at)
			continue;
		cells[n++] = make_cell(at, next,
							   axis->n_bands > 0 ? axis->bands[i].value :
							   axis->lo * (1 - share) + axis->hi * share);
		at = next;
	}
	if (axis->above.n > 0)
		cells[n++] = make_cell(at, axis->to, axis->above.middle);
	return n;
}

/*
 * Pixels from one whole number to the next, if points at them are to be
 * spread; 0 if not, as where they lie closer than marks are wide.
 */
static double
whole_pixels(const PlotAxis *axis)
{
	double		pixels = plot_axis_length(axis) / (axis->hi - axis->lo);

	return axis->whole && pixels >= LEAST_SPREAD ? pixels : 0;
}

/*
 * The place of a value, in tenths of a pixel.  "jitter" (0 .. 1) spreads
 * values that share a band, a strip or a whole number; infinities lie at the
 * ends.
 */
int
plot_axis_place(const PlotAxis *axis, double value, double jitter)
{
	double		spread = 0.15 + 0.7 * jitter;
	double		pixel;

	if (isnan(value))
		pixel = axis->from + plot_axis_strip(axis) * spread;
	else if (axis->n_bands > 0)
		pixel = plot_axis_pixel(axis, (axis->band_of[(int) value] + spread) /
						 axis->n_bands);
	else if (axis->below.n > 0 && value < axis->lo)
		pixel = plot_axis_below(axis) + plot_axis_strip(axis) * spread;
	else if (axis->above.n > 0 && value > axis->hi)
		pixel = plot_axis_end(axis) + plot_axis_strip(axis) * spread;
	else
		pixel = plot_axis_pixel(axis, plot_axis_share(axis, value)) +
			(jitter - 0.5) * Min(SPREAD * whole_pixels(axis), MOST_SPREAD);
	return (int) lrint(pixel * 10);
}
