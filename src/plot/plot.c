/*-------------------------------------------------------------------------
 *
 * plot.c
 *	  The picture that iforest_plot returns: points over the score map.
 *
 * A scatter plot over a filled contour map: the rows' points lie on the score
 * of every place, drawn as bands of colour, with the line where outliers
 * begin.  The transition functions (plot_state.c) have kept points in bounded
 * memory; here the final function makes the parts in the order in which they
 * depend on each other: which points are drawn, the axes that hold them, notes
 * and title, the layout, which takes the widths of all labels, the map, whose
 * places are pixels of that layout, and then the text.
 *
 * What is drawn depends on the rows and their order alone, not on the machine:
 * points are sorted by their values, and what seems random is a hash.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "model/model.h"
#include "model/model_cache.h"
#include "model/model_score.h"
#include "plot/plot_axis.h"
#include "plot/plot_axis_draw.h"
#include "plot/plot_classes.h"
#include "plot/plot_extent.h"
#include "plot/plot_map.h"
#include "plot/plot_marks.h"
#include "plot/plot_options.h"
#include "plot/plot_overlap.h"
#include "plot/plot_scale.h"
#include "plot/plot_slice.h"
#include "plot/plot_state.h"
#include "plot/plot_style.h"
#include "svg/svg.h"
#include "svg/svg_text.h"

/* Pixels around the picture, between its parts, and of its lines of text. */
#define BORDER			14
#define SCALE_WIDTH		84
#define LEGEND_LINE		20
#define LEGEND_MARK		16
#define LEGEND_GAP		18
#define NOTE_LINE		15

/* Pixels of height below which notes have one line each. */
#define LOW_PICTURE		360

/* Lines of notes below the axes at most. */
#define MAX_NOTES		6

/* Points of a class that has so few get a white border to stand out. */
#define BORDER_POINTS	500

static const SvgFont note_font = {PLOT_SMALL_SIZE, PLOT_FAINT, false};

/* A picture in the making. */
typedef struct Picture
{
	const PlotState *state;
	Model	   *model;
	int			width;
	int			height;
	const char *title;
	int			n_classes;
	DrawnClass	classes[PLOT_MAX_CLASSES];
	PlotAxis   *x;
	PlotAxis   *y;
	PlotMap		map;
	PlotScale	scale;
	int			n_notes;
	char	   *notes[MAX_NOTES];
} Picture;

/*
 * The bytes at the start of a note that fit into a line of "room" pixels, up
 * to a blank; all up to the first blank where not even that fits.
 */
static size_t
line_length(const char *text, double room)
{
	size_t		len = strlen(text);

	for (const char *blank = strrchr(text, ' ');
		 blank != NULL &&
		 svg_text_width(pnstrdup(text, len), note_font) > room;)
	{
		len = (size_t) (blank - text);
		while (blank > text &&*--blank != ' ');
		if (blank == text)
			break;
	}
	return len;
}

/*
 * Adds a text to what stands below the axes, NULL for none.  In a low
 * picture it has one line and is cut off.
 */
static void
add_note(Picture *picture, const char *note)
{
	while (note != NULL && *note != '\0' && picture->n_notes < MAX_NOTES)
	{
		size_t		len = picture->height < LOW_PICTURE ? strlen(note) :
			line_length(note, picture->width - 2 * BORDER);

		picture->notes[picture->n_notes++] = pnstrdup(note, len);
		note += len + strspn(note + len, " ");
	}
}

/*
 * Makes the axes from the points that are drawn, so that rows which are left
 * out leave no empty space.
 */
static void
make_axes(Picture *picture)
{
	const PlotState *state = picture->state;
	const ModelFeature *features = picture->model->features;
	bool		tails = state->options.tails == PLOT_TAILS_ARROWS;
	PlotExtent	x;
	PlotExtent	y;
	uint32		far;

	plot_extent(&x, &features[state->x], picture->classes, picture->n_classes,
				false, tails);
	plot_extent(&y, &features[state->y], picture->classes, picture->n_classes,
				true, tails);
	picture->x = plot_axis_create(&state->view, state->x, &x, false);
	picture->y = plot_axis_create(&state->view, state->y, &y, true);
	if (state->class_argument == 0)
		plot_thin_overlaps(picture->classes, picture->n_classes, picture->x,
						   picture->y);
	far = x.below.n + x.above.n + y.below.n + y.above.n;
	if (x.infinite + y.infinite > 0)
		add_note(picture, psprintf("At the ends of the axes: %u infinite values.",
								   x.infinite + y.infinite));
	if (far > 0)
		add_note(picture, psprintf("Beyond the arrows, not to scale: %u value%s far off the others.",
								   far, far == 1 ? "" : "s"));
}

/* Says below the axes what the picture leaves out, of which class see there. */
static void
note_sample(Picture *picture)
{
	uint64		rows = 0;
	uint64		drawn = 0;

	for (int i = 0; i < picture->n_classes; i++)
	{
		rows += picture->classes[i].rows;
		drawn += picture->classes[i].n;
	}
	/* so does the legend, if there is little room */
	if (drawn < rows && picture->height >= LOW_PICTURE)
		add_note(picture, psprintf(UINT64_FORMAT " of " UINT64_FORMAT " rows are drawn, a random sample of each class.",
								   drawn, rows));
}

/* Widens a range of scores by those of the points. */
static void
extend_by_points(const Picture *picture, double *lo, double *hi)
{
	for (int i = 0; i < picture->n_classes; i++)
	{
		for (uint32 j = 0; j < picture->classes[i].n; j++)
		{
			*lo = Min(*lo, picture->classes[i].points[j].score);
			*hi = Max(*hi, picture->classes[i].points[j].score);
		}
	}
}

/* Scores the map, and widens a range of scores by it. */
static void
score_map(Picture *picture, double *lo, double *hi)
{
	const PlotState *state = picture->state;
	int			steps = (int) state->options.steps;
	PlotMap    *map = &picture->map;

	map->x = palloc(plot_axis_max_cells(picture->x, steps) * sizeof(PlotCell));
	map->y = palloc(plot_axis_max_cells(picture->y, steps) * sizeof(PlotCell));
	map->nx = plot_axis_cells(picture->x, steps, map->x);
	map->ny = plot_axis_cells(picture->y, steps, map->y);
	plot_map_score(map, picture->model,
				   plot_slice(&state->view, picture->model, &state->options),
				   state->x, state->y);
	for (int i = 0; i < map->nx * map->ny; i++)
	{
		*lo = Min(*lo, map->scores[i]);
		*hi = Max(*hi, map->scores[i]);
	}
}

/*
 * Scores the map, if there is one, and divides the scores of map and points
 * into bands: one scale, so that a point's colour can be compared with the
 * place under it.
 */
static void
make_map(Picture *picture)
{
	const Model *model = picture->model;
	double		lo = INFINITY;
	double		hi = -INFINITY;

	if (picture->state->options.map)
		score_map(picture, &lo, &hi);
	extend_by_points(picture, &lo, &hi);
	picture->scale.has_threshold = model->calibration.n_rows > 0;
	if (picture->scale.has_threshold)
		picture->scale.threshold =
			model_threshold(model, model->summary.contamination);
	plot_scale_set(&picture->scale, lo, hi);
}

/* Whether any colour of the picture tells a score, so that it has a scale. */
static bool
has_scale(const Picture *picture)
{
	return picture->state->options.map ||
		picture->state->options.color == PLOT_COLOR_SCORE;
}

/*
 * The lines that the legend takes from pixel "top" on; draws it if there is a
 * picture.  Layout and drawing are one function, so that they agree.
 */
static int
lay_legend(StringInfo svg, const Picture *picture, int top)
{
	static const SvgFont font = {PLOT_TEXT_SIZE, PLOT_INK, false};
	double		room = picture->width - 2 * BORDER;
	double		x = 0;
	int			lines = 1;

	for (int i = 0; i < picture->n_classes; i++)
	{
		const DrawnClass *class = &picture->classes[i];
		double		width = Min(LEGEND_MARK +
								svg_text_width(class->label, font),
								room);

		if (x > 0 && x + width > room)
		{
			x = 0;
			lines++;
		}
		if (svg != NULL)
		{
			double		y = top + lines * LEGEND_LINE - 6;

			plot_mark_draw(svg, BORDER + x + 5, y - 4, class->shape,
						   class->color);
			svg_label(svg, BORDER + x + LEGEND_MARK, y, SVG_START, font,
					  width - LEGEND_MARK + 1, class->label);
		}
		x += width + LEGEND_GAP;
	}
	return lines;
}

/*
 * Gives title, legend, axes and notes their places; returns the legend's top.
 */
static int
lay_out(Picture *picture)
{
	int			legend = BORDER + (*picture->title != '\0' ? 24 : 0);
	int			top = legend + LEGEND_LINE * lay_legend(NULL, picture, 0) + 14;
	int			below = BORDER + 24 + NOTE_LINE * picture->n_notes;
	int			bottom = picture->height - below - PLOT_SMALL_SIZE;
	int			left = 0;

	plot_axis_fit(picture->x, picture->height);
	plot_axis_fit(picture->y, picture->width);
	/* how high the labels below are depends on the width left of them */
	for (int i = 0; i < 2; i++)
	{
		plot_axis_set(picture->y, Max(bottom, top + 20), top);
		left = BORDER + 30 + (int) plot_axis_label_room(picture->y);
		plot_axis_set(picture->x, left,
					  Max(picture->width - BORDER -
						  (has_scale(picture) ? SCALE_WIDTH : 0), left + 20));
		bottom = picture->height - below -
			(int) plot_axis_label_room(picture->x);
	}
	return legend;
}

/*
 * The size of a class's marks in pixels: large where there are few, and room,
 * for a sheet of any size.
 */
static double
mark_radius(const Picture *picture, const DrawnClass *class)
{
	double		area = (double) abs(picture->x->to - picture->x->from) *
		abs(picture->y->to - picture->y->from);
	double		radius = class->n <= 150 ? 3.4 : class->n <= 700 ? 2.6 :
		class->n <= 3000 ? 2.0 : 1.5;

	return radius * Min(Max(sqrt(area / (560.0 * 400.0)), 0.7), 2.0);
}

/*
 * Draws the points of a class in colours of their scores: band by band,
 * unusual rows last and so on top.
 */
static void
draw_by_score(StringInfo svg, const Picture *picture, const DrawnClass *class)
{
	PlotPoint  *band_points = palloc(Max(class->n, 1) * sizeof(PlotPoint));

	for (int band = 0; band <= picture->scale.n_edges; band++)
	{
		char		color[SVG_COLOR_LEN];
		uint32		n = 0;

		CHECK_FOR_INTERRUPTS();
		for (uint32 i = 0; i < class->n; i++)
		{
			if (plot_scale_band(&picture->scale, class->points[i].score) ==
				band)
				band_points[n++] = class->points[i];
		}
		plot_scale_shade(&picture->scale, band, color);
		plot_marks_draw(svg, band_points, n, picture->x, picture->y,
						class->shape, mark_radius(picture, class), color,
						class->n <= BORDER_POINTS);
	}
	pfree(band_points);
}

/* Draws the points of all classes, each in a group that says what it is. */
static void
draw_points(StringInfo svg, const Picture *picture)
{
	for (int i = 0; i < picture->n_classes; i++)
	{
		const DrawnClass *class = &picture->classes[i];

		appendStringInfo(svg, "<g class=\"points\" data-rows=\"%u\">\n<title>",
						 class->n);
		svg_escape(svg, class->label);
		appendStringInfoString(svg, "</title>\n");
		if (picture->state->options.color == PLOT_COLOR_SCORE)
			draw_by_score(svg, picture, class);
		else
			plot_marks_draw(svg, class->points, class->n, picture->x,
							picture->y, class->shape,
							mark_radius(picture, class), class->color,
							class->n <= BORDER_POINTS);
		appendStringInfoString(svg, "</g>\n");
	}
}

/*
 * What the picture shows, in words, palloc'd: what a screen reader reads out.
 */
static char *
describe(const Picture *picture)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfo(&s, "Rows by %s and %s, ", picture->x->name,
					 picture->y->name);
	if (picture->state->options.map)
		appendStringInfoString(&s, "over the scores ");
	else
		appendStringInfoString(&s, "by the verdict ");
	appendStringInfo(&s, "of an isolation forest of %u trees. Drawn are ",
					 picture->model->summary.n_trees);
	for (int i = 0; i < picture->n_classes; i++)
		appendStringInfo(&s, "%s%s", i > 0 ? ", " : "",
						 picture->classes[i].label);
	appendStringInfoString(&s, ".");
	return s.data;
}

static const SvgFont title_font = {PLOT_TITLE_SIZE, PLOT_INK, true};

/*
 * The title of a picture that was given none: what it shows, or, where that
 * does not fit, of which columns.
 */
static char *
usual_title(const Picture *picture)
{
	char	   *title = psprintf("Isolation forest: %s and %s",
								 picture->x->name, picture->y->name);

	if (svg_text_width(title, title_font) <= picture->width - 2 * BORDER)
		return title;
	return psprintf("%s and %s", picture->x->name, picture->y->name);
}

/* Writes the picture, all of whose parts have been made. */
static text *
draw(Picture *picture, int legend)
{
	double		room = picture->width - 2 * BORDER;
	StringInfoData svg;

	svg_begin(&svg, picture->width, picture->height,
			  *picture->title != '\0' ? picture->title : "Isolation forest",
			  describe(picture));
	if (*picture->title != '\0')
		svg_label(&svg, BORDER, BORDER + 13, SVG_START, title_font, room,
				  picture->title);
	lay_legend(&svg, picture, legend);
	if (picture->state->options.map)
		plot_map_draw(&svg, &picture->map, &picture->scale);
	plot_axis_draw(&svg, picture->x, picture->y,
				   picture->state->options.map);
	draw_points(&svg, picture);
	if (has_scale(picture))
		plot_scale_draw(&svg, &picture->scale, picture->x->to + 14,
						picture->y->to, picture->y->from);
	for (int i = 0; i < picture->n_notes; i++)
		svg_label(&svg, BORDER,
				  picture->height - 10 - NOTE_LINE * (picture->n_notes - 1 - i),
				  SVG_START, note_font, room, picture->notes[i]);
	return svg_end(&svg);
}

/*
 * The state's model: that of its last row, unless the cache gave it up.  A
 * final function may run long after, in a window or at a cursor's end.
 */
static Model *
find_model(const PlotState *state)
{
	ModelKey	key;

	if (state->generation == model_cache_generation())
		return state->model;
	model_key(PointerGetDatum(state->bytes), &key);
	return model_cache_get(PointerGetDatum(state->bytes), &key);
}

PG_FUNCTION_INFO_V1(iforest_plot_final);
/*
 * _iforest_plot_final(internal) -> text
 *
 * The picture as SVG; NULL if there was no row to draw.
 */
Datum
iforest_plot_final(PG_FUNCTION_ARGS)
{
	Picture		picture = {0};
	PlotState  *state;
	int			legend;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (PlotState *) PG_GETARG_POINTER(0);
	if (!state->resolved)
		PG_RETURN_NULL();
	picture.state = state;
	picture.model = find_model(state);
	picture.width = (int) state->options.width;
	picture.height = (int) state->options.height;
	picture.n_classes = plot_choose_classes(state, picture.classes);
	make_axes(&picture);
	if (state->options.map)
		add_note(&picture,
				 plot_slice_text(&state->view,
								 plot_slice(&state->view, picture.model,
											&state->options),
								 state->x, state->y));
	note_sample(&picture);
	picture.title = state->options.title != NULL ? state->options.title :
		usual_title(&picture);
	legend = lay_out(&picture);
	make_map(&picture);
	PG_RETURN_TEXT_P(draw(&picture, legend));
}
