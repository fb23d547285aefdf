/*-------------------------------------------------------------------------
 *
 * plot_scale.c
 *	  The scale of scores: bands of one colour each, and its legend.
 *
 * A diverging scale: below the model's threshold colours are blue, above it
 * orange, the stronger the farther from it, with the palest on both sides of
 * it.  Readers who see no colours differ in blue and orange but not in red and
 * green; in print the threshold's line tells the sides apart.  (Brewer: Color
 * Use Guidelines for Mapping and Visualization, 1994.)
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"

#include "plot/plot_scale.h"
#include "plot/plot_style.h"
#include "svg/svg.h"

/* Bands that scores are divided into, about. */
#define BANDS			18

/* Tints of the map, from the threshold to the end of each side. */
#define PALE_USUAL		0xF0F5FA
#define FULL_USUAL		0x9CC5E3
#define PALE_UNUSUAL	0xFFF6EC
#define FULL_UNUSUAL	0xFBCFA5

/* Shades of marks on it. */
#define LIGHT_USUAL		0x5A9BD0
#define DARK_USUAL		0x08306B
#define LIGHT_UNUSUAL	0xE8883F
#define DARK_UNUSUAL	0x7F2704

#define BAR_WIDTH		12

/* Pixels between two labels of the bar, one below the other. */
#define LABEL_LINE		12

/*
 * Adds an edge between bands, behind those that are there; what is beyond
 * PLOT_MAX_EDGES widens the last band.
 */
static void
add_edge(PlotScale *scale, double edge)
{
	if (scale->n_edges < PLOT_MAX_EDGES)
		scale->edges[scale->n_edges++] = edge;
}

/*
 * Divides the scores lo .. hi into bands at round numbers.  has_threshold and
 * threshold are set already; the threshold becomes an edge, and takes the
 * place of a round number close by.
 */
void
plot_scale_set(PlotScale *scale, double lo, double hi)
{
	static const double steps[] = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1};
	double		step = 0.1;

	if (scale->has_threshold)
	{
		lo = Min(lo, scale->threshold - 0.01);
		hi = Max(hi, scale->threshold + 0.01);
	}
	for (int i = (int) lengthof(steps); i-- > 0;)
		if (steps[i] * BANDS >= hi - lo)
			step = steps[i];
	scale->lo = lo;
	scale->hi = Max(hi, lo + step);
	scale->n_edges = 0;
	scale->threshold_edge = -1;
	for (double i = floor(lo / step) + 1; i * step < scale->hi; i++)
	{
		double		edge = i * step;

		if (scale->has_threshold && scale->threshold_edge < 0 &&
			edge > scale->threshold - 0.4 * step)
		{
			scale->threshold_edge = scale->n_edges;
			add_edge(scale, scale->threshold);
		}
		if (!scale->has_threshold ||
			fabs(edge - scale->threshold) > 0.4 * step)
			add_edge(scale, edge);
	}
	if (scale->has_threshold && scale->threshold_edge < 0)
	{
		scale->threshold_edge = scale->n_edges;
		add_edge(scale, scale->threshold);
	}
}

/* The band of a score, 0 .. n_edges: how many edges it is above. */
int
plot_scale_band(const PlotScale *scale, double score)
{
	int			band = 0;

	while (band < scale->n_edges && score > scale->edges[band])
		band++;
	return band;
}

/* How far a band is from the threshold, 0 .. 1, and on which side. */
static double
band_strength(const PlotScale *scale, int band, bool *unusual)
{
	int			below = scale->threshold_edge;

	*unusual = band > below;
	if (!*unusual)
		return below == 0 ? 0.5 : (double) (below - band) / below;
	return (double) (band - below) / (scale->n_edges - below);
}

/*
 * Writes the colour of a band in the map: pale, so that marks stand out on it.
 */
void
plot_scale_tint(const PlotScale *scale, int band, char *color)
{
	bool		unusual;
	double		strength = band_strength(scale, band, &unusual);

	svg_mix(unusual ? PALE_UNUSUAL : PALE_USUAL,
			unusual ? FULL_UNUSUAL : FULL_USUAL, strength, color);
}

/* Writes the colour of a band's marks: the map's hue, darker. */
void
plot_scale_shade(const PlotScale *scale, int band, char *color)
{
	bool		unusual;
	double		strength = band_strength(scale, band, &unusual);

	svg_mix(unusual ? LIGHT_UNUSUAL : LIGHT_USUAL,
			unusual ? DARK_UNUSUAL : DARK_USUAL, strength, color);
}

/*
 * The pixel of a score on the bar, whose ends are the pixels "top" and
 * "bottom"; a score beyond the scale is at an end.
 */
static double
bar_pixel(const PlotScale *scale, double score, int top, int bottom)
{
	double		share = (score - scale->lo) / (scale->hi - scale->lo);

	return bottom - (bottom - top) * Min(Max(share, 0.0), 1.0);
}

/*
 * Draws the model's threshold on the bar, at pixel "at", with its name at
 * pixel "word".
 */
static void
draw_threshold(StringInfo svg, const PlotScale *scale, int left, double at,
			   double word)
{
	static const SvgFont font = {PLOT_SMALL_SIZE, PLOT_INK, true};
	int			x = left + BAR_WIDTH + 5;

	svg_line(svg, left - 2, at, left + BAR_WIDTH + 3, at, PLOT_INK, 1.4);
	svg_label(svg, x, at + 4, SVG_START, font, 60,
			  psprintf("%.2f", scale->threshold));
	svg_label(svg, x, word + 4, SVG_START, font, 62, "threshold");
}

/*
 * Draws the scale as a bar, to be read from "bottom" to "top", with labels
 * beside the edges that have room.
 */
void
plot_scale_draw(StringInfo svg, const PlotScale *scale, int left, int top,
				int bottom)
{
	static const SvgFont plain = {PLOT_SMALL_SIZE, PLOT_FAINT, false};
	double		at = bar_pixel(scale, scale->threshold, top, bottom);
	double		word = at - top < 2 * LABEL_LINE ? at + LABEL_LINE :
		at - LABEL_LINE;
	double		below = bottom + 20;

	for (int band = 0; band <= scale->n_edges; band++)
	{
		double		lo = band == 0 ? scale->lo : scale->edges[band - 1];
		double		hi = band == scale->n_edges ? scale->hi :
			scale->edges[band];
		double		y = bar_pixel(scale, hi, top, bottom);
		char		color[SVG_COLOR_LEN];

		plot_scale_tint(scale, band, color);
		svg_rect(svg, left, y, BAR_WIDTH,
				 bar_pixel(scale, lo, top, bottom) - y, color);
	}
	for (int i = 0; i < scale->n_edges; i++)
	{
		double		y = bar_pixel(scale, scale->edges[i], top, bottom);

		if (i == scale->threshold_edge || y > below - LABEL_LINE ||
			(scale->has_threshold && (fabs(y - at) < LABEL_LINE ||
									  fabs(y - word) < LABEL_LINE)))
			continue;
		svg_label(svg, left + BAR_WIDTH + 5, y + 4, SVG_START, plain, 40,
				  psprintf("%.3g", scale->edges[i]));
		below = y;
	}
	if (scale->has_threshold)
		draw_threshold(svg, scale, left, at, word);
	svg_label(svg, left, top - 7, SVG_START, plain, 60, "score");
}
