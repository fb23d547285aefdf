/*-------------------------------------------------------------------------
 *
 * plot_options.c
 *	  Options of pictures: the table, and the function that builds them.
 *
 * All pictures have one table; options that a picture has no use for do
 * nothing there, but are checked.  So one object of options serves a page of
 * pictures.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/jsonb.h"

#include "base/options.h"
#include "base/options_build.h"
#include "plot/plot_options.h"

#define FIELD(field, type)	OPTION_FIELD(PlotOptions, field, type)

/* In the order of PlotColor. */
static const char *const color_words[] = {"verdict", "score", NULL};

/* In the order of PlotTails. */
static const char *const tails_words[] = {"arrows", "full", NULL};

/* In the order of iforest_plot_options()'s arguments; new ones come last. */
static const OptionSpec plot_specs[] = {
	{
		"x", OPTION_TEXT, FIELD(x, char *),
		.help = "the feature of the horizontal axis, by name or by position"
	},
	{
		"y", OPTION_TEXT, FIELD(y, char *),
		.help = "the feature of the vertical axis, by name or by position"
	},
	{
		"title", OPTION_TEXT, FIELD(title, char *),
		.help = "the text above the picture"
	},
	{
		"width", OPTION_INTEGER, FIELD(width, int64),
		.min = 240, .max = 4000, .default_value = 720,
		.help = "the width of the picture in pixels"
	},
	{
		"height", OPTION_INTEGER, FIELD(height, int64),
		.min = 200, .max = 4000, .default_value = 540,
		.help = "the height of the picture in pixels"
	},
	{
		"max_points", OPTION_INTEGER, FIELD(max_points, int64),
		.min = 10, .max = 100000, .default_value = 5000,
		.help = "the number of rows drawn at most"
	},
	{
		"steps", OPTION_INTEGER, FIELD(steps, int64),
		.min = 2, .max = 500, .default_value = 160,
		.help = "the number of places that are scored along each axis"
	},
	{
		"color", OPTION_ENUM, FIELD(color, int),
		.words = color_words, .default_value = PLOT_COLOR_VERDICT,
		.help = "what the colours of the marks tell"
	},
	{
		"classes", OPTION_NAMES, FIELD(classes, OptionNames),
		.help = "an array of classes, in the order in which they are drawn"
	},
	{
		"at", OPTION_OBJECT, FIELD(at, Jsonb *),
		.help = "an object of values by feature, at which the map is taken"
	},
	{
		"map", OPTION_BOOL, FIELD(map, bool),
		.default_value = true,
		.help = "whether the scores of all places are drawn behind the marks"
	},
	{
		"tails", OPTION_ENUM, FIELD(tails, int),
		.words = tails_words, .default_value = PLOT_TAILS_ARROWS,
		.help = "whether an axis reaches values far off the others, or has an arrow for them"
	},
};

static const OptionTable plot_option_table = {
	plot_specs, lengthof(plot_specs), sizeof(PlotOptions),
	"options", "", "iforest_plot_options(title => 'Payments')", NULL
};

/* Sets every option to its default. */
void
plot_options_default(PlotOptions *options)
{
	options_default(&plot_option_table, options);
}

/*
 * Reads the options of an argument into *options, over the defaults; NULL is
 * none.  What they point to is palloc'd in the current context.
 */
void
plot_options_argument(FunctionCallInfo fcinfo, int argument,
					  PlotOptions *options)
{
	plot_options_default(options);
	if (!PG_ARGISNULL(argument))
		options_read(&plot_option_table, &PG_GETARG_JSONB_P(argument)->root,
					 options);
}

PG_FUNCTION_INFO_V1(iforest_plot_options);
/*
 * iforest_plot_options(x text, y text, ...) -> jsonb
 *
 * The options that are not NULL, checked as far as that needs no model.
 */
Datum
iforest_plot_options(PG_FUNCTION_ARGS)
{
	return options_build(fcinfo, &plot_option_table);
}
