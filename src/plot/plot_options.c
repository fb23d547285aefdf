/*-------------------------------------------------------------------------
 *
 * plot_options.c
 *	  Options of pictures: from jsonb to checked values.
 *
 * iforest_plot_options() builds the jsonb for all pictures; options that a
 * picture has no use for do nothing there.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/jsonb.h"

#include "base/options.h"
#include "plot/plot_options.h"

static const OptionSpec plot_specs[] = {
	{"x", OPTION_TEXT, 0, 0, false, offsetof(PlotOptions, x)},
	{"y", OPTION_TEXT, 0, 0, false, offsetof(PlotOptions, y)},
	{"title", OPTION_TEXT, 0, 0, false, offsetof(PlotOptions, title)},
	{"width", OPTION_INTEGER, 240, 4000, false, offsetof(PlotOptions, width)},
	{"height", OPTION_INTEGER, 200, 4000, false, offsetof(PlotOptions, height)},
	{"max_points", OPTION_INTEGER, 10, 100000, false,
	offsetof(PlotOptions, max_points)},
	{"steps", OPTION_INTEGER, 2, 500, false, offsetof(PlotOptions, steps)},
	{"color", OPTION_COLOR, 0, 0, false, offsetof(PlotOptions, color)},
	{"classes", OPTION_NAMES, 0, 0, false, offsetof(PlotOptions, classes)},
	{"at", OPTION_OBJECT, 0, 0, false, offsetof(PlotOptions, at)},
};

/* Sets every option to its default. */
void
plot_options_default(PlotOptions *options)
{
	memset(options, 0, sizeof(*options));
	options->width = 720;
	options->height = 540;
	options->max_points = 5000;
	options->steps = 160;
}

/* What the points are coloured by, from its name. */
static PlotColor
read_color(const OptionSpec *spec, const JsonbValue *value)
{
	static const char *const names[] = {"verdict", "score"};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (value->type == jbvString &&
			(size_t) value->val.string.len == strlen(names[i]) &&
			memcmp(value->val.string.val, names[i], strlen(names[i])) == 0)
			return (PlotColor) i;
	}
	report_option_type(spec, value, "\"verdict\" or \"score\"");
	return PLOT_COLOR_VERDICT;
}

/* A string or a number as text. */
static char *
read_text(const OptionSpec *spec, const JsonbValue *value)
{
	if (value->type == jbvString)
	{
		option_text_length(spec, (size_t) value->val.string.len);
		return pnstrdup(value->val.string.val, value->val.string.len);
	}
	if (value->type != jbvNumeric)
		report_option_type(spec, value, "text");
	return json_value_text(value);
}

/* Sets one option from its JSON value. */
static void
set_option(const OptionSpec *spec, JsonbValue *value, void *target)
{
	PlotOptions *options = target;
	char	   *field = (char *) options + spec->offset;

	switch (spec->kind)
	{
		case OPTION_INTEGER:
			*(int64 *) field = option_integer(spec, value);
			break;
		case OPTION_TEXT:
			*(char **) field = read_text(spec, value);
			break;
		case OPTION_COLOR:
			options->color = read_color(spec, value);
			break;
		case OPTION_NAMES:
			option_names(spec, value, &options->n_classes, &options->classes);
			break;
		case OPTION_OBJECT:
			if (value->type != jbvBinary ||
				!JsonContainerIsObject(value->val.binary.data))
				report_option_type(spec, value,
								   "an object of column names and values");
			options->at = JsonbValueToJsonb(value);
			break;
		default:
			elog(ERROR, "option \"%s\" is not one of pictures", spec->name);
	}
}

static const OptionTable plot_table = {
	plot_specs, lengthof(plot_specs),
	"iforest_plot_options(title => 'Payments')", set_option
};

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
		options_read(PG_GETARG_DATUM(argument), &plot_table, options);
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
	PlotOptions options;
	Datum		result = options_build(fcinfo, &plot_table);

	plot_options_default(&options);
	options_read(result, &plot_table, &options);
	PG_RETURN_DATUM(result);
}
