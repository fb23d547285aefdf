/*-------------------------------------------------------------------------
 *
 * plot_marks.c
 *	  Points on the sheet: all of one class as one path, so that thousands
 *	  take little text.
 *
 * Each class has a colour and a shape of its own, so that it is known without
 * colours too.
 *
 * Where points lie thick, the last drawn would hide the others.  Many are
 * drawn in a few layers that shine through each other, each a path of every
 * n-th point: as good as an opacity for each point, for a hundredth of the
 * text.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "plot/plot_axis.h"
#include "plot/plot_marks.h"
#include "svg/svg.h"

/* More points than this are drawn in layers that shine through each other. */
#define LAYER_POINTS	500
#define LAYERS			4
#define LAYER_OPACITY	".7"

/*
 * A shape as path data relative to its point; numbers are tenths of its
 * radius, letters and signs stand for themselves.
 */
typedef struct Shape
{
	int			start_x;		/* where the pen comes down */
	int			start_y;
	const char *path;
	int			end_x;			/* where it is after the path */
	int			end_y;
	bool		stroked;		/* drawn by its line, not filled */
} Shape;

static const Shape shapes[] = {
	{0, 0, "h0", 0, 0, true},	/* a disc, by its round end */
	{0, -12, "l12 22h-24z", 0, -12, false}, /* triangle */
	{0, -14, "l14 14 -14 14 -14 -14z", 0, -14, false},	/* diamond */
	{-10, -10, "h20v20h-20z", -10, -10, false}, /* square */
	{-12, 0, "h24m-12 -12v24", 0, 12, true},	/* plus */
	{0, 12, "l-12 -22h24z", 0, 12, false},	/* triangle, upside down */
	{-10, -10, "l20 20m0 -20l-20 20", -10, 10, true},	/* cross */
	{-6, -14, "h12v28h-12z", -6, -14, false},	/* upright bar */
};

static const char *const class_colors[
									  lengthof(shapes)] =
{
	"#2b6ca8", "#00755a", "#d04a02", "#7a3b9a", "#111111", "#a5780a", "#c2185b",
		"#4d4d4d"
};

/*
 * The colour of a class, for SVG; there are as many as shapes, then they come
 * round again.
 */
const char *
plot_class_color(int class)
{
	return class_colors[class % lengthof(class_colors)];
}

/*
 * Appends a shape's path for a radius in pixels: its numbers are scaled, all
 * else stands for itself.
 */
static void
append_shape(StringInfo svg, const Shape *shape, double radius)
{
	const char *p = shape->path;

	while (*p != '\0')
	{
		if (*p == '-' || (*p >= '0' && *p <= '9'))
		{
			char	   *end;
			long		number = strtol(p, &end, 10);

			svg_tenths(svg, (int) lrint(number * radius));
			p = end;
		}
		else
			appendStringInfoChar(svg, *p++);
	}
}

/*
 * Orders points by their places, then by score; NaN last, as a missing value
 * is no place of a scale.
 */
static int
compare_points(const void *a, const void *b, void *arg)
{
	const PlotPoint *p = a;
	const PlotPoint *q = b;
	const double left[] = {p->x, p->y, p->score};
	const double right[] = {q->x, q->y, q->score};

	for (int i = 0; i < 3; i++)
	{
		if (isnan(left[i]) != isnan(right[i]))
			return isnan(left[i]) ? 1 : -1;
		if (left[i] != right[i] && !isnan(left[i]))
			return left[i] < right[i] ? -1 : 1;
	}
	return 0;
}

/*
 * Starts the path of a class, up to where its data begin; "border" makes it
 * the white one below.
 */
static void
begin_path(StringInfo svg, const Shape *shape, double radius,
		   const char *color, bool border)
{
	if (!shape->stroked)
		appendStringInfo(svg, "<path fill=\"%s\"%s d=\"",
						 border ? "#fff" : color,
						 border ? " stroke=\"#fff\" stroke-width=\"1.6\"" : "");
	else
	{
		bool		disc = shape->end_y == 0;

		appendStringInfo(svg, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"",
						 border ? "#fff" : color);
		svg_number(svg,
				   (disc ? 2 * radius : 0.6 * radius) + (border ? 1.6 : 0));
		appendStringInfo(svg, "\" stroke-linecap=\"%s\" d=\"",
						 disc ? "round" : "square");
	}
}

/* A point's place on the sheet, in tenths of a pixel. */
typedef struct Place
{
	int			x;
	int			y;
} Place;

/*
 * Draws every "stride"th place, from number "first" on, as one path.  Steps
 * are relative to where the pen is, which takes fewer digits than places do;
 * rounding does not add up, since the pen is where it was rounded to.
 */
static void
draw_path(StringInfo svg, const Place *places, uint32 n, uint32 first,
		  uint32 stride, const Shape *shape, double radius)
{
	int			x = 0;			/* the pen */
	int			y = 0;

	for (uint32 i = first; i < n; i += stride)
	{
		int			to_x = places[i].x + (int) lrint(shape->start_x * radius);
		int			to_y = places[i].y + (int) lrint(shape->start_y * radius);

		CHECK_FOR_INTERRUPTS();
		appendStringInfoChar(svg, i == first ? 'M' : 'm');
		svg_tenths(svg, to_x - x);
		if (to_y >= y)
			appendStringInfoChar(svg, ' ');
		svg_tenths(svg, to_y - y);
		append_shape(svg, shape, radius);
		x = places[i].x + (int) lrint(shape->end_x * radius);
		y = places[i].y + (int) lrint(shape->end_y * radius);
	}
	appendStringInfoString(svg, "\"/>\n");
}

/*
 * A number in [0, 1) that looks random, the same for the same n: so one model
 * and the same rows make the same picture.
 */
static double
scatter(uint32 n)
{
	return murmurhash32(n) / 4294967296.0;
}

/* The places of sorted points. */
static Place *
find_places(const PlotPoint *points, uint32 n, const PlotAxis *x,
			const PlotAxis *y)
{
	Place	   *places = palloc(Max(n, 1) * sizeof(Place));

	for (uint32 i = 0; i < n; i++)
	{
		places[i].x = plot_axis_place(x, points[i].x, scatter(2 * i));
		places[i].y = plot_axis_place(y, points[i].y, scatter(2 * i + 1));
	}
	return places;
}

/*
 * Draws points as marks of one shape and colour, in an order that depends on
 * their values alone; sorts them.  With a white border they stand out.
 */
void
plot_marks_draw(StringInfo svg, PlotPoint *points, uint32 n,
				const PlotAxis *x, const PlotAxis *y, int shape,
				double radius, const char *color, bool border)
{
	const Shape *drawn = &shapes[shape % lengthof(shapes)];
	uint32		layers = n > LAYER_POINTS ? LAYERS : 1;
	Place	   *places;

	qsort_interruptible(points, n, sizeof(PlotPoint), compare_points, NULL);
	places = find_places(points, n, x, y);
	if (border && n > 0)
	{
		begin_path(svg, drawn, radius, color, true);
		draw_path(svg, places, n, 0, 1, drawn, radius);
	}
	if (layers > 1)
		appendStringInfoString(svg, "<g opacity=\"" LAYER_OPACITY "\">\n");
	for (uint32 i = 0; i < layers && n > 0; i++)
	{
		begin_path(svg, drawn, radius, color, false);
		draw_path(svg, places, n, i, layers, drawn, radius);
	}
	if (layers > 1)
		appendStringInfoString(svg, "</g>\n");
	pfree(places);
}

/* Draws one mark at a pixel of the sheet, as in a legend. */
void
plot_mark_draw(StringInfo svg, double x, double y, int shape,
			   const char *color)
{
	const Shape *drawn = &shapes[shape % lengthof(shapes)];
	Place		place = {(int) lrint(x * 10), (int) lrint(y * 10)};

	begin_path(svg, drawn, 3.5, color, false);
	draw_path(svg, &place, 1, 0, 1, drawn, 3.5);
}
