/*-------------------------------------------------------------------------
 *
 * plot_explanation.c
 *	  The picture of why a row scores as it does: iforest_explain as bars.
 *
 * A bar chart of a row's Shapley values (explain.c): to the right what makes
 * the row more unusual, to the left what makes it more usual, longest first.
 * It is called a force or waterfall plot elsewhere (Lundberg et al.:
 * Explainable machine-learning predictions for the prevention of hypoxaemia,
 * 2018); plain bars compare better, and their numbers add up beside them.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"

#include "explain/explain.h"
#include "model/model.h"
#include "model/model_score.h"
#include "plot/plot_options.h"
#include "plot/plot_slice.h"
#include "plot/plot_style.h"
#include "svg/svg.h"
#include "svg/svg_text.h"

/* Features with a bar of their own; the others share one. */
#define MAX_BARS		20

/* Pixels of a bar's line, of labels, and around the picture. */
#define LINE			24
#define BAR				16
#define BORDER			14
#define NUMBER_ROOM		56
#define MAX_LABELS		260

static const SvgFont label_font = {PLOT_TEXT_SIZE, PLOT_INK, false};

/* A bar and what stands beside it: a column's name, and " = " its value. */
typedef struct Bar
{
	const char *name;
	const char *value;
	double		contribution;
} Bar;

/* Makes the bar of a feature; its texts are palloc'd or the model's. */
static Bar
feature_bar(const Explanation *e, const Blame *blame)
{
	char	   *value = explained_value(e, blame->feature);
	Bar			bar = {e->row.model->features[blame->feature].name,
		value == NULL ? " is NULL" : psprintf(" = %s", value),
	blame->contribution};

	return bar;
}

/* Makes the bars of an explanation, MAX_BARS at most; returns how many. */
static int
make_bars(const Explanation *e, Bar *bars)
{
	uint32		own = e->n <= MAX_BARS ? e->n : MAX_BARS - 1;
	uint32		half = (own + 1) / 2;
	int			n = 0;
	double		rest = 0;

	/* of many, those that say most for either side */
	for (uint32 i = 0; i < e->n; i++)
	{
		if (i >= half && i < e->n - (own - half))
		{
			rest += e->blames[i].contribution;
			if (i + 1 < e->n - (own - half))
				continue;
			bars[n].name = psprintf("%u other columns", e->n - own);
			bars[n].value = "";
			bars[n++].contribution = rest;
			continue;
		}
		bars[n++] = feature_bar(e, &e->blames[i]);
	}
	return n;
}

/*
 * A row's score in words, palloc'd, beside the model's threshold if it has
 * one.
 */
static char *
verdict_text(const Model *model, double score)
{
	double		threshold;

	if (model->calibration.n_rows == 0)
		return psprintf("score %.3f", score);
	threshold = model_threshold(model, model->summary.contamination);
	return psprintf(score > threshold ? "Unusual: score %.3f > %.3f" :
					"Regular: score %.3f <= %.3f", score, threshold);
}

/*
 * Draws one bar, from the zero line at pixel "zero"; "scale" is pixels per
 * unit of score, and labels end label_room from the border.
 */
static void
draw_bar(StringInfo svg, const Bar *bar, double zero, double scale, double y,
		 double label_room)
{
	static const SvgFont number = {PLOT_SMALL_SIZE, PLOT_FAINT, false};
	bool		more = bar->contribution > 0;
	double		length = fabs(bar->contribution) * scale;

	svg_label_pair(svg, BORDER + label_room, y + 12, SVG_END, label_font,
				   label_room + 1, bar->name, bar->value);
	svg_rect(svg, more ? zero : zero - length, y, length, BAR,
			 more ? PLOT_UNUSUAL : PLOT_USUAL);
	svg_label(svg, more ? zero + length + 5 : zero - length - 5, y + 12,
			  more ? SVG_START : SVG_END, number, NUMBER_ROOM,
			  psprintf("%+.3f", bar->contribution));
}

/*
 * Draws all bars of a picture of such a width, from pixel "top" on, and what
 * the two directions mean.  A label takes half of the width at most.
 */
static void
draw_bars(StringInfo svg, const Bar *bars, int n, int width, int top)
{
	static const SvgFont font = {PLOT_SMALL_SIZE, PLOT_FAINT, false};
	double		label_room = 0;
	double		least = 0;
	double		most = 0;
	double		left;
	double		scale;
	double		zero;

	for (int i = 0; i < n; i++)
	{
		label_room = Max(label_room,
						 svg_text_width(bars[i].name, label_font) +
						 svg_text_width(bars[i].value, label_font));
		least = Min(least, bars[i].contribution);
		most = Max(most, bars[i].contribution);
	}
	label_room = Min(label_room, Min(MAX_LABELS, width * 0.5));
	left = BORDER + label_room + 8 + (least < 0 ? NUMBER_ROOM : 0);
	scale = most > least ?
		Max(width - BORDER - NUMBER_ROOM - left, 20) / (most - least) : 0;
	zero = left - least * scale;
	for (int i = 0; i < n; i++)
		draw_bar(svg, &bars[i], zero, scale, top + i * LINE, label_room);
	svg_line(svg, zero, top - 6, zero, top + n * LINE, PLOT_RULE, 1);
	if (least < 0)
		svg_label(svg, zero - 8, top + n * LINE + 12, SVG_END, font,
				  zero - BORDER, "more usual");
	svg_label(svg, zero + 8, top + n * LINE + 12, SVG_START, font,
			  width - zero - BORDER, "more unusual");
}

/* What the picture shows, in words. */
static char *
describe(const Bar *bars, int n)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfoString(&s, "What each column adds to the row's score: ");
	for (int i = 0; i < n; i++)
		appendStringInfo(&s, "%s%s%s: %+.3f", i > 0 ? "; " : "",
						 bars[i].name, bars[i].value, bars[i].contribution);
	return s.data;
}

/* Draws the explanation of the row whose columns begin at "first". */
static Datum
plot_explanation(FunctionCallInfo fcinfo, const PlotOptions *options,
				 int first)
{
	static const SvgFont title_font = {PLOT_TITLE_SIZE, PLOT_INK, true};
	Explanation e;
	Bar			bars[MAX_BARS];
	StringInfoData svg;
	char	   *title;
	int			width = (int) options->width;
	int			top;
	int			n;

	if (!explain_row(fcinfo, first, &e))
		PG_RETURN_NULL();
	plot_check_features(e.row.model, options);
	n = make_bars(&e, bars);
	title = options->title != NULL ? options->title :
		verdict_text(e.row.model, model_score(e.row.model));
	top = BORDER + (*title != '\0' ? 34 : 6);
	svg_begin(&svg, width, top + n * LINE + 24,
			  *title != '\0' ? title : "Explanation", describe(bars, n));
	if (*title != '\0')
		svg_label(&svg, BORDER, BORDER + 13, SVG_START, title_font,
				  width - 2 * BORDER, title);
	draw_bars(&svg, bars, n, width, top);
	PG_RETURN_TEXT_P(svg_end(&svg));
}

PG_FUNCTION_INFO_V1(iforest_plot_explanation);
/*
 * iforest_plot_explanation(model bytea, VARIADIC "any") -> text
 *
 * The row's explanation as SVG; NULL where the score is NULL.
 */
Datum
iforest_plot_explanation(PG_FUNCTION_ARGS)
{
	PlotOptions options;

	plot_options_default(&options);
	return plot_explanation(fcinfo, &options, 1);
}

PG_FUNCTION_INFO_V1(iforest_plot_explanation_options);
/*
 * iforest_plot_explanation(model bytea, options jsonb, VARIADIC "any")
 *		-> text
 *
 * The same with options.
 */
Datum
iforest_plot_explanation_options(PG_FUNCTION_ARGS)
{
	PlotOptions options;

	plot_options_argument(fcinfo, 1, &options);
	return plot_explanation(fcinfo, &options, 2);
}
