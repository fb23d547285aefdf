/*-------------------------------------------------------------------------
 *
 * grid.c
 *	  The score map over two features: iforest_grid.
 *
 * A map of scores is a slice through the forest: two features vary over a grid
 * of marks, all others are held where "base" has them, or at what is usual
 * (the median, the commonest category). It shows where the model thinks rows
 * are unusual, also where there are none.  For a forest of few features it is
 * the score map of the extended isolation forest's paper (Hariri, Carrasco
 * Kind, Brunner: Extended Isolation Forest, 2019), on which the bands that
 * splits of one feature leave can be seen.
 *
 * iforest_grid gives the map as rows, for drawing tools outside; what
 * iforest_plot draws is plot_map.c's, of places that are pixels.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/score/forest_walk.h"
#include "generate/base_row.h"
#include "model/category_texts.h"
#include "model/model.h"
#include "model/model_cache.h"
#include "model/model_features.h"
#include "model/model_ranges.h"
#include "model/model_score.h"
#include "row/feature_text.h"

/* Arguments of iforest_grid. */
#define ARG_MODEL	0
#define ARG_X		1
#define ARG_Y		2
#define ARG_STEPS	3
#define ARG_BASE	4
#define ARG_X_MIN	5
#define ARG_X_MAX	6
#define ARG_Y_MIN	7
#define ARG_Y_MAX	8

/* The marks of one axis. */
typedef struct GridAxis
{
	uint32		feature;
	uint32		n;
	double	   *values;			/* ascending; codes of a category */
	Datum	   *texts;			/* the values as their type writes them */
} GridAxis;

/* A map of scores, all other features being as in "row". */
typedef struct ScoreGrid
{
	GridAxis	x;
	GridAxis	y;
	double	   *row;
} ScoreGrid;

/* Marks that an axis may have. */
#define GRID_MAX_STEPS	10000

/* Scores in memory at a time, of whole lines. */
#define GRID_SCORES		65536

/*
 * Finds a model's feature by name; "argument" says in errors which it is.
 * Unlike in pictures, a position is no name.
 */
static uint32
grid_feature(const Model *model, const char *name, const char *argument)
{
	uint32		f = find_feature(model, name, strlen(name));

	if (f == model->summary.n_features)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("%s is \"%s\", which is no feature of the model",
						argument, name),
				 hint_features(model)));
	return f;
}

/*
 * The range of a numeric feature's finite values in the training rows, of
 * which the model may not tell all: then that of its cuts as well.
 */
static ModelRange
grid_range(const Model *model, const ModelRange *ranges, uint32 f)
{
	const ForestWalk *walk = &model->walk;
	ModelRange	range = ranges[f];

	/* the training rows' own ends are enough; cuts lie between them */
	for (uint32 i = 0; i < walk->n_nodes && !range.is_whole; i++)
	{
		uint32		of;

		forest_pause_at(i);
		if (forest_walk_is_cut(walk, i, &of) && of == f)
			range_widen(&range, walk->nodes[i].u.cut);
	}
	return range;
}

/* Fills the axis of a category, whose marks are all of its categories. */
static void
category_axis(Model *model, Datum datum, uint32 f, GridAxis *axis)
{
	const CategoryTexts *categories = model_category_texts(model, datum);

	axis->n = model->features[f].n_categories;
	axis->values = palloc(Max(axis->n, 1) * sizeof(double));
	axis->texts = palloc(Max(axis->n, 1) * sizeof(Datum));
	for (uint32 i = 0; i < axis->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		axis->values[i] = i;
		axis->texts[i] = CStringGetTextDatum(category_text(categories, f, i));
	}
}

/*
 * Fills the axis of a number: "steps" marks from low to high, both finite, or
 * as many integers as there are if that is fewer.
 */
static void
number_axis(ForestType type, uint32 steps, double low, double high,
			GridAxis *axis)
{
	bool		whole = forest_type_is(type, FOREST_TRAIT_WHOLE);

	axis->n = 0;
	axis->values = palloc(steps * sizeof(double));
	axis->texts = palloc(steps * sizeof(Datum));
	for (uint32 i = 0; i < steps; i++)
	{
		double		part = steps > 1 ? (double) i / (steps - 1) : 0.0;
		/* not low + (high - low) * part, whose difference may overflow */
		double		value = low * (1.0 - part) + high * part;

		if (whole)
			value = rint(value);
		/* whole numbers that fall on one mark are one */
		if (axis->n > 0 && value <= axis->values[axis->n - 1])
			continue;
		axis->values[axis->n] = value;
		axis->texts[axis->n++] =
			CStringGetTextDatum(feature_value_text(type, value));
	}
}

/*
 * A bound that the call gives, or "usual" where it is NULL; "name" is what
 * errors call it.
 */
static double
read_bound(FunctionCallInfo fcinfo, int argument, const char *name,
		   double usual)
{
	double		bound;

	if (PG_ARGISNULL(argument))
		return usual;
	bound = PG_GETARG_FLOAT8(argument);
	if (!isfinite(bound))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is %g, but must be finite", name, bound)));
	return bound;
}

/*
 * Narrows or widens the range of a feature's axis to the bounds that the call
 * gives, the arguments from number min_argument on.
 */
static void
read_bounds(FunctionCallInfo fcinfo, int min_argument, const char *axis_name,
			const char *feature, ModelRange *range)
{
	range->low = read_bound(fcinfo, min_argument,
							psprintf("%s_min", axis_name), range->low);
	range->high = read_bound(fcinfo, min_argument + 1,
							 psprintf("%s_max", axis_name), range->high);
	if (isnan(range->low) || isnan(range->high))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("model does not tell the range of feature \"%s\"",
						feature),
				 errhint("Pass %s_min and %s_max.", axis_name, axis_name)));
	if (range->low > range->high)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s_min is %g, but must not be above %s_max, which is %g",
						axis_name, range->low, axis_name, range->high)));
}

/*
 * Fills the axis of a feature, in the current context, from the call's
 * arguments: its name, and the two bounds from number min_argument on.  Bounds
 * of a category are passed over: its marks are all categories.
 */
static void
read_axis(FunctionCallInfo fcinfo, Model *model, int name_argument,
		  int min_argument, uint32 steps, GridAxis *axis)
{
	Datum		datum = PG_GETARG_DATUM(ARG_MODEL);
	const char *axis_name = name_argument == ARG_X ? "x" : "y";
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(name_argument));
	uint32		f = grid_feature(model, name, axis_name);
	ModelRange	range;

	axis->feature = f;
	if (forest_type_is_category(model->features[f].type))
	{
		category_axis(model, datum, f, axis);
		return;
	}
	range = grid_range(model, model_ranges(model, datum), f);
	read_bounds(fcinfo, min_argument, axis_name, name, &range);
	number_axis(model->features[f].type, steps, range.low, range.high, axis);
}

/*
 * The features of the base, palloc'd, or what is usual if there is none.
 * Scoring the base may load the model anew, which then is in *model.
 */
static double *
read_base(FunctionCallInfo fcinfo, Model **model)
{
	uint32		d = (*model)->summary.n_features;
	double	   *row = palloc(d * sizeof(double));
	BaseRow    *base;

	if (PG_ARGISNULL(ARG_BASE))
	{
		const ModelRange *ranges = model_ranges(*model,
												PG_GETARG_DATUM(ARG_MODEL));

		for (uint32 f = 0; f < d; f++)
			row[f] = ranges[f].usual;
		return row;
	}
	base = base_row_open(fcinfo, ARG_BASE, RECORDOID, CurrentMemoryContext);
	(void) base_row_read(base, fcinfo, ARG_BASE);
	(void) base_row_score(base, PG_GETARG_DATUM(ARG_MODEL), base->base);
	*model = base->scored.model;
	memcpy(row, (*model)->row, d * sizeof(double));
	return row;
}

/* The number of marks of an axis that the call asks for. */
static uint32
read_steps(FunctionCallInfo fcinfo)
{
	int32		steps = PG_ARGISNULL(ARG_STEPS) ? 0 :
		PG_GETARG_INT32(ARG_STEPS);

	if (steps < 1 || steps > GRID_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("steps is %s, but must be at least 1 and at most %d",
						PG_ARGISNULL(ARG_STEPS) ? "NULL" :
						psprintf("%d", steps), GRID_MAX_STEPS)));
	return (uint32) steps;
}

/* Puts line number y of a grid into the result. */
static void
put_line(ReturnSetInfo *result, const ScoreGrid *grid, uint32 y,
		 const double *scores)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	values[1] = Float8GetDatum(grid->y.values[y]);
	values[4] = grid->y.texts[y];
	for (uint32 i = 0; i < grid->x.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[0] = Float8GetDatum(grid->x.values[i]);
		values[2] = Float8GetDatum(scores[i]);
		values[3] = grid->x.texts[i];
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/* Scores a grid and puts it into the result, some lines at a time. */
static void
put_grid(ReturnSetInfo *result, const ScoreGrid *grid, const Model *model)
{
	ForestAxis	x = {grid->x.feature, grid->x.n, grid->x.values};
	uint32		lines = x.n > 0 ? Max(GRID_SCORES / x.n, 1) : grid->y.n;
	double	   *scores = palloc(Max(lines, 1) * Max(x.n, 1) * sizeof(double));

	for (uint32 first = 0; x.n > 0 && first < grid->y.n; first += lines)
	{
		ForestAxis	y = {grid->y.feature, Min(lines, grid->y.n - first),
		grid->y.values + first};

		model_slice_scores(model, grid->row, &x, &y, scores);
		for (uint32 i = 0; i < y.n; i++)
			put_line(result, grid, first + i, scores + (Size) i * x.n);
	}
	pfree(scores);
}

PG_FUNCTION_INFO_V1(iforest_grid);
/*
 * iforest_grid(model bytea, x text, y text, steps int, base record,
 *				x_min float8, x_max float8, y_min float8, y_max float8)
 *		-> TABLE(x float8, y float8, score float8, x_text text, y_text text)
 *
 * The score at every pair of marks, x first.
 */
Datum
iforest_grid(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ScoreGrid	grid;
	Model	   *model;
	ModelKey	key;
	uint32		steps;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(ARG_MODEL) || PG_ARGISNULL(ARG_X) || PG_ARGISNULL(ARG_Y))
		return (Datum) 0;
	steps = read_steps(fcinfo);
	model_key(PG_GETARG_DATUM(ARG_MODEL), &key);
	model = model_cache_get(PG_GETARG_DATUM(ARG_MODEL), &key);
	grid.row = read_base(fcinfo, &model);
	read_axis(fcinfo, model, ARG_X, ARG_X_MIN, steps, &grid.x);
	read_axis(fcinfo, model, ARG_Y, ARG_Y_MIN, steps, &grid.y);
	if (grid.x.feature == grid.y.feature)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("x and y are both feature \"%s\"",
						model->features[grid.x.feature].name),
				 errhint("Name two different features.")));
	put_grid(result, &grid, model);
	return (Datum) 0;
}
