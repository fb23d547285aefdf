/*-------------------------------------------------------------------------
 *
 * plot_scores.c
 *	  The picture of the training rows' scores, with the model's threshold.
 *
 * A histogram, drawn from the calibration that the model carries, so it takes
 * no look at any table.  A calibration knows some rows' path lengths, and of
 * others only between which two they lie; such rows are spread evenly over
 * their interval.  One bar ends at the threshold, so that every bar is on one
 * side of it.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"

#include "core/format/forest_model.h"
#include "core/score/forest_walk.h"
#include "model/model.h"
#include "model/model_score.h"
#include "plot/plot_axis.h"
#include "plot/plot_axis_draw.h"
#include "plot/plot_options.h"
#include "plot/plot_slice.h"
#include "plot/plot_style.h"
#include "score/score_call.h"
#include "svg/svg.h"

/* Bars, about. */
#define BARS			40
#define MAX_BARS		1024

#define BORDER			14

/* A histogram: bar i holds the scores in (start + i * step, + step]. */
typedef struct Histogram
{
	double		start;
	double		step;
	int			n;
	double		rows[MAX_BARS];
} Histogram;

/*
 * Adds rows at a score to its bar; what is beyond the ends goes to the last.
 */
static void
add_rows(Histogram *histogram, double score, double rows)
{
	/* what is at an edge belongs below it, as with the threshold */
	int			i = (int) ceil((score - histogram->start) / histogram->step -
							   1e-9) - 1;

	histogram->rows[Min(Max(i, 0), histogram->n - 1)] += rows;
}

/*
 * Adds rows whose scores lie anywhere between two others: in up to 16 equal
 * parts.
 */
static void
add_rows_between(Histogram *histogram, double lo, double hi, double rows)
{
	int			parts = (int) Min(Max(ceil(rows), 1), 16);

	for (int i = 0; i < parts; i++)
		add_rows(histogram, lo + (hi - lo) * (i + 0.5) / parts, rows / parts);
}

/*
 * Fills a histogram from a model's calibration: rows of known lengths, and rows
 * of which only the lengths around them are known.
 */
static void
fill_histogram(const Model *model, double threshold, Histogram *histogram)
{
	const ForestCalibration *known = &model->calibration;
	double		hi = forest_length_score(known->points[0].length);
	double		lo =
		forest_length_score(known->points[known->n_points - 1].length);
	double		steps[] = {0.002, 0.005, 0.01, 0.02};

	histogram->step = 0.02;
	for (int i = (int) lengthof(steps); i-- > 0;)
	{
		if (steps[i] * BARS >= hi - lo)
			histogram->step = steps[i];
	}
	histogram->start = threshold -
		(floor((threshold - lo) / histogram->step) + 1) * histogram->step;
	histogram->n = (int) Min(ceil((hi - histogram->start) / histogram->step),
							 MAX_BARS);
	histogram->n = Max(histogram->n, 1);
	memset(histogram->rows, 0, sizeof(histogram->rows));
	for (uint32 i = 0; i < known->n_points; i++)
	{
		const ForestPoint *point = &known->points[i];
		double		score = forest_length_score(point->length);

		add_rows(histogram, score, (double) point->through - point->below);
		if (i > 0 && point->below > point[-1].through)
			add_rows_between(histogram, score,
							 forest_length_score(point[-1].length),
							 (double) point->below - point[-1].through);
	}
}

/*
 * The axis of scores, or of shares of rows in percent, palloc'd: a plain scale
 * from lo to hi.
 */
static PlotAxis *
make_axis(const char *name, double lo, double hi, bool vertical, int size)
{
	PlotAxis   *axis = palloc0(sizeof(*axis));

	axis->name = pstrdup(name);
	axis->type = FOREST_FLOAT8;
	axis->vertical = vertical;
	plot_axis_fit(axis, size);
	axis->lo = axis->first = lo;
	axis->hi = axis->last = hi;
	return axis;
}

/* Draws the bars, those above the threshold in the colour of the unusual. */
static void
draw_bars(StringInfo svg, const Histogram *histogram, double threshold,
		  double n_rows, const PlotAxis *x, const PlotAxis *y)
{
	for (int i = 0; i < histogram->n; i++)
	{
		double		from = histogram->start + i * histogram->step;
		double		left = plot_axis_place(x, from, 0) / 10.0;
		double		right =
			plot_axis_place(x, from + histogram->step, 0) / 10.0;
		double		top = plot_axis_place(y, 100 * histogram->rows[i] / n_rows,
										  0) / 10.0;

		/* few rows are some */
		if (histogram->rows[i] > 0)
			svg_rect(svg, left + 0.5, Min(top, y->from - 1),
					 right - left - 1, Max(y->from - top, 1),
					 from + histogram->step / 2 > threshold ?
					 PLOT_UNUSUAL : PLOT_USUAL);
	}
}

/* Draws the line of the threshold and what it means. */
static void
draw_threshold(StringInfo svg, const Model *model, double threshold,
			   const PlotAxis *x, const PlotAxis *y)
{
	static const SvgFont font = {PLOT_TEXT_SIZE, PLOT_INK, false};
	double		at = plot_axis_place(x, threshold, 0) / 10.0;
	char	   *label = psprintf("threshold %.3f: %.3g %% above",
								 threshold,
								 100 * model->summary.contamination);
	bool		left = at - x->from > x->to - at;

	svg_line(svg, at, y->to, at, y->from, PLOT_INK, 1.4);
	svg_label(svg, left ? at + 4 : at - 4, y->to - 5,
			  left ? SVG_END : SVG_START, font,
			  (left ? at - x->from : x->to - at) + 4, label);
}

/* Draws a model's calibration. */
static text *
plot_scores(const Model *model, const PlotOptions *options)
{
	static const SvgFont title_font = {PLOT_TITLE_SIZE, PLOT_INK, true};
	double		threshold = model_threshold(model,
											model->summary.contamination);
	double		n_rows = model->calibration.n_rows;
	Histogram  *histogram = palloc(sizeof(*histogram));
	double		most = 0;
	StringInfoData svg;
	PlotAxis   *x;
	PlotAxis   *y;
	const char *title = options->title != NULL ? options->title :
		psprintf("Scores of %.0f rows", n_rows);
	int			top = *title != '\0' ? BORDER + 44 : BORDER + 18;

	fill_histogram(model, threshold, histogram);
	for (int i = 0; i < histogram->n; i++)
		most = Max(most, histogram->rows[i]);
	x = make_axis("score", histogram->start - histogram->step,
				  histogram->start + (histogram->n + 1) * histogram->step,
				  false,
				  (int) options->height);
	y = make_axis("% of rows", 0, 105 * most / n_rows, true, (int) options->width);
	plot_axis_set(y, (int) options->height - BORDER - 38, top);
	plot_axis_set(x, BORDER + 30 + (int) plot_axis_label_room(y),
				  (int) options->width - BORDER);
	svg_begin(&svg, (int) options->width, (int) options->height,
			  *title != '\0' ? title : "Scores",
			  psprintf("Histogram of the scores of %.0f rows. The threshold is %.3f: at most %.3g %% of them are above.",
					   n_rows, threshold, 100 * model->summary.contamination));
	if (*title != '\0')
		svg_label(&svg, BORDER, BORDER + 13, SVG_START, title_font,
				  options->width - 2 * BORDER, title);
	plot_axis_draw(&svg, x, y, false);
	draw_bars(&svg, histogram, threshold, n_rows, x, y);
	draw_threshold(&svg, model, threshold, x, y);
	return svg_end(&svg);
}

PG_FUNCTION_INFO_V1(iforest_plot_scores);
/*
 * iforest_plot_scores(model bytea, options jsonb) -> text
 *
 * A histogram of the scores that the model's thresholds are made from, as SVG;
 * NULL for a NULL model.
 */
Datum
iforest_plot_scores(PG_FUNCTION_ARGS)
{
	PlotOptions options;
	const Model *model;

	plot_options_argument(fcinfo, 1, &options);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	model = score_model(fcinfo, 0);
	check_calibrated(model);
	plot_check_features(model, &options);
	PG_RETURN_TEXT_P(plot_scores(model, &options));
}
