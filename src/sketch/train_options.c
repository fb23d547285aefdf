/*-------------------------------------------------------------------------
 *
 * train_options.c
 *	  Options of a training: the table, and the function that builds them.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "base/options.h"
#include "base/options_build.h"
#include "core/format/forest_projection.h"
#include "sketch/train_options.h"

#define FIELD(field, type)	OPTION_FIELD(TrainOptions, field, type)

/* Of GENERATOR_VAE, GENERATOR_GAN. */
static const char *const generator_words[] = {"vae", "gan", NULL};

/* Of PRESET_GUIDED. */
static const char *const preset_words[] = {"guided", NULL};

/*
 * In the order of iforest_options()'s arguments; new ones come last.  The
 * defaults are those of its arguments as well.
 */
static const OptionSpec train_specs[] = {
	{
		"n_trees", OPTION_INTEGER, FIELD(n_trees, int64),
		.min = 1, .max = FOREST_MAX_TREES, .default_value = 100,
		.help = "the number of trees"
	},
	{
		"sample_size", OPTION_INTEGER, FIELD(sample_size, int64),
		.min = 1, .max = FOREST_MAX_SAMPLE, .default_value = 256,
		.help = "the number of rows that each tree grows from"
	},
	{
		"max_depth", OPTION_INTEGER, FIELD(max_depth, int64),
		.min = 0, .max = FOREST_MAX_SAMPLE, .default_value = -1,
		.help = "the most splits above a leaf; 0 is no limit, and null is what suits the sample size"
	},
	{
		"max_features", OPTION_REAL, FIELD(max_features, double),
		.min = 0, .open = true, .max = 1, .default_value = 1.0,
		.help = "the share of the columns that each tree may use"
	},
	{
		"bootstrap", OPTION_BOOL, FIELD(bootstrap, bool),
		.default_value = false,
		.help = "whether the rows of a tree are drawn with replacement"
	},
	{
		"contamination", OPTION_REAL, FIELD(contamination, double),
		.min = 0, .max = 0.5, .default_value = FOREST_DEFAULT_CONTAMINATION,
		.help = "the share of rows taken to be outliers"
	},
	{
		"seed", OPTION_INTEGER, FIELD(seed, int64),
		.min = PG_INT64_MIN, .max = (double) PG_INT64_MAX,
		.given = FIELD(seed_given, bool),
		.help = "the start of the random numbers; null draws one"
	},
	{
		"feature_names", OPTION_NAMES, FIELD(feature_names, OptionNames),
		.help = "an array of the features' names, one for each column"
	},
	{
		"max_categories", OPTION_INTEGER, FIELD(max_categories, int64),
		.min = 1, .max = FOREST_MAX_CATEGORIES, .default_value = 1000,
		.help = "the most different values that a column of categories may have"
	},
	{
		"generator", OPTION_ENUM, FIELD(generator, int),
		.words = generator_words, .default_value = GENERATOR_NONE,
		.help = "what the model learns to make new rows with; null is nothing"
	},
	{
		"generator_steps", OPTION_INTEGER, FIELD(generator_steps, int64),
		.min = 1, .max = FOREST_MAX_TRAINING_STEPS, .default_value = 0,
		.help = "the most steps that the generator is trained; null is as many as the rows suggest"
	},
	{
		"generator_label", OPTION_STRING, FIELD(generator_label, char *),
		.help = "the column whose values a generator 'gan' learns in equal shares, and can be given"
	},
	{
		"exclude", OPTION_NAMES, FIELD(exclude, OptionNames),
		.help = "an array of names of columns of a row that the model does without"
	},
	{
		"guided", OPTION_REAL, FIELD(guided, double),
		.min = 0, .max = 1, .default_value = NAN,
		.help = "the chance that a split of numbers is the best one and not a random one; null is what the preset says, and without a preset 0"
	},
	{
		"preset", OPTION_ENUM, FIELD(preset, int),
		.words = preset_words, .default_value = PRESET_NONE,
		.help = "a name for values of options that are not given themselves; null is none"
	},
	{
		"weight", OPTION_STRING, FIELD(weight, char *),
		.help = "the column that says how often each row counts, and is no feature"
	},
	{
		"columns_per_split", OPTION_INTEGER, FIELD(columns_per_split, int64),
		.min = 1, .max = FOREST_MAX_SPLIT_COLUMNS, .default_value = 0,
		.help = "the number of columns of numbers that a split looks at; null is what the preset says, and without a preset 1"
	},
};

/*
 * Names of scikit-learn, isotree, H2O, Vertica, PyOD, Spark and of R's
 * packages, in small letters and without what stands between words.
 */
static const OptionAlias train_aliases[] = {
	{"nestimators", "n_trees", NULL},
	{"ntrees", "n_trees", NULL},
	{"ntree", "n_trees", NULL},
	{"numtrees", "n_trees", NULL},
	{"numberoftrees", "n_trees", NULL},
	{"trees", "n_trees", NULL},
	{"maxsamples", "sample_size", ", a number of rows"},
	{"samplesize", "sample_size", NULL},
	{"samplingsize", "sample_size", ", a number of rows"},
	{"samplerate", "sample_size", ", a number of rows"},
	{"subsamplesize", "sample_size", NULL},
	{"subsamplingsize", "sample_size", NULL},
	{"randomstate", "seed", NULL},
	{"randomseed", "seed", NULL},
	{"rngseed", "seed", NULL},
	{"maxtreedepth", "max_depth", NULL},
	{"depthlimit", "max_depth", NULL},
	{"heightlimit", "max_depth", NULL},
	{"colsamplebytree", "max_features", NULL},
	{"colsampleratepertree", "max_features", NULL},
	{"ncolspertree", "max_features", ", a share of the columns"},
	{"samplewithreplacement", "bootstrap", NULL},
	{"contaminationrate", "contamination", NULL},
	{"contaminationfraction", "contamination", NULL},
	{"outlierfraction", "contamination", NULL},
	{"outliersfraction", "contamination", NULL},
	{"outliersfrac", "contamination", NULL},
	{"columns", "feature_names", " if these are names to give; the option \"exclude\" leaves columns out"},
	{"columnnames", "feature_names", NULL},
	{"featurenamesin", "feature_names", NULL},
	{"probpickpooledgain", "guided", NULL},
	{"ndim", "columns_per_split", NULL},
	{"extensionlevel", "columns_per_split", ", which is 1 more"},
	{"excludecolumns", "exclude", NULL},
	{"ignoredcolumns", "exclude", NULL},
	{"sampleweight", "weight", ", the name of a column"},
	{"sampleweights", "weight", ", the name of a column"},
	{"weights", "weight", ", the name of a column"},
	{"weightscolumn", "weight", NULL},
	{NULL, NULL, NULL}
};

const OptionTable train_option_table = {
	train_specs, lengthof(train_specs), sizeof(TrainOptions),
	"options", "", "iforest_options(n_trees => 200)", train_aliases
};

/* The chance of a guided cut: as given, or as the preset says. */
double
train_guided(const TrainOptions *options)
{
	if (!isnan(options->guided))
		return options->guided;
	return options->preset == PRESET_GUIDED ? 0.5 : 0.0;
}

/* The columns of a split: as given, or as the preset says. */
uint32
train_columns_per_split(const TrainOptions *options)
{
	if (options->columns_per_split > 0)
		return (uint32) options->columns_per_split;
	return options->preset == PRESET_GUIDED ? 2 : 1;
}

PG_FUNCTION_INFO_V1(iforest_options);
/*
 * iforest_options(n_trees int, sample_size int, ...) -> jsonb
 *
 * The options that are not NULL, checked.
 */
Datum
iforest_options(PG_FUNCTION_ARGS)
{
	return options_build(fcinfo, &train_option_table);
}
