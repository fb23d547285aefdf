/*-------------------------------------------------------------------------
 *
 * plot_state.c
 *	  The transition functions of iforest_plot and iforest_plot_classes:
 *	  from rows to points in bounded memory.
 *
 * Each class keeps a uniform sample of its rows, so that a rare class is
 * complete while a large one is thinned: stratified sampling, by the least of
 * random keys; see forest_sample.c.  Memory is bounded by option "max_points"
 * times the classes, of which there are PLOT_MAX_CLASSES.
 *
 * There is no combine function: a picture is of a few thousand points, and
 * what takes time is scoring rows, which a subquery below can do in parallel.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "base/aggregate.h"
#include "core/base/forest_purpose.h"
#include "core/grow/forest_sample.h"
#include "core/score/forest_walk.h"
#include "explain/telling.h"
#include "model/model.h"
#include "model/model_bytes.h"
#include "model/model_cache.h"
#include "model/model_features.h"
#include "model/model_score.h"
#include "plot/plot_marks.h"
#include "plot/plot_options.h"
#include "plot/plot_slice.h"
#include "plot/plot_state.h"
#include "score/score_call.h"

/* Points that a class has room for at first. */
#define FIRST_POINTS	64

/* The argument of transition functions that is the model. */
#define MODEL_ARGUMENT	1

/*
 * Finds out what the arguments behind the model are: options, if the next one
 * is of type jsonb and not all there is of the row; the row's class, for
 * iforest_plot_classes; then columns.
 */
static void
find_arguments(FunctionCallInfo fcinfo, PlotState *state, bool classes)
{
	int			next = MODEL_ARGUMENT + 1;

	if (get_fn_expr_argtype(fcinfo->flinfo, next) == JSONBOID &&
		PG_NARGS() > next + 1 + (classes ? 1 : 0))
		state->options_argument = next++;
	if (classes)
		state->class_argument = next++;
	state->first = next;
}

/* Finds out how to write the classes of rows as text. */
static void
find_class_output(FunctionCallInfo fcinfo, PlotState *state)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo,
										   state->class_argument);
	Oid			output;
	bool		is_varlena;

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of argument \"class\""),
				 errhint("Call the function from SQL, with typed arguments.")));
	getTypeOutputInfo(type, &output, &is_varlena);
	fmgr_info_cxt(output, &state->class_output, state->context);
}

/*
 * Starts a state, in "context", with the options and a copy of the model of
 * the first row.
 */
static PlotState *
begin_plot(FunctionCallInfo fcinfo, MemoryContext context, bool classes)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	PlotState  *state = palloc0(sizeof(*state));
	Datum		model = PG_GETARG_DATUM(MODEL_ARGUMENT);

	state->context = context;
	find_arguments(fcinfo, state, classes);
	if (state->options_argument > 0)
		plot_options_argument(fcinfo, state->options_argument,
							  &state->options);
	else
		plot_options_default(&state->options);
	if (classes)
		find_class_output(fcinfo, state);
	state->bytes = model_open(PointerGetDatum(PG_DETOAST_DATUM_COPY(model)),
							  &state->view);
	MemoryContextSwitchTo(old);
	return state;
}

/*
 * The feature that tells most, but for one; the model's first among equals.
 * "but" may be none: the number of features.
 */
static uint32
most_telling(const double *telling, uint32 n, uint32 but)
{
	uint32		most = but == 0 ? 1 : 0;

	for (uint32 f = 0; f < n; f++)
	{
		if (f != but && telling[f] > telling[most])
			most = f;
	}
	return most;
}

/*
 * Chooses the features that the options leave open: those that tell most, in
 * the model's order if both are open.
 */
static void
choose_features(PlotState *state, Model *model)
{
	uint32		d = model->summary.n_features;
	double	   *telling;
	bool		open_x = state->options.x == NULL;
	bool		open_y = state->options.y == NULL;

	if (!open_x && !open_y)
		return;
	telling = palloc(d * sizeof(double));
	model_telling(model, PointerGetDatum(state->bytes), telling);
	if (open_x)
		state->x = most_telling(telling, d, open_y ? d : state->y);
	if (open_y)
		state->y = most_telling(telling, d, state->x);
	if (open_x && open_y && state->x > state->y)
	{
		uint32		x = state->x;

		state->x = state->y;
		state->y = x;
	}
	pfree(telling);
}

/*
 * Finds out which two features the picture is of: those that the options name,
 * else those that tell most.
 */
static void
resolve_features(PlotState *state, Model *model)
{
	const PlotOptions *options = &state->options;

	if (model->summary.n_features < 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has 1 feature, but this picture is of two"),
				 errhint("iforest_plot_scores(model) draws what its training rows scored.")));
	plot_check_features(model, options);
	if (options->x != NULL)
		state->x = plot_feature(model, options->x, "x");
	if (options->y != NULL)
		state->y = plot_feature(model, options->y, "y");
	choose_features(state, model);
	if (state->x == state->y)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"x\" and \"y\" are both feature \"%s\"",
						model->features[state->x].name),
				 hint_features(model)));
	state->resolved = true;
}

/*
 * Finds the class of a name, or of rows without one, or makes it; the name is
 * copied.
 */
static PlotClass *
find_class(PlotState *state, const char *name, bool is_null)
{
	PlotClass  *class = state->classes;
	size_t		len = strlen(name);
	MemoryContext old;

	for (; class < state->classes + state->n_classes; class++)
	{
		if (class->is_null == is_null && strcmp(class->name, name) == 0)
			return class;
	}
	if (len > FOREST_MAX_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("class of a row has %zu bytes, but can have at most %d",
						len, FOREST_MAX_STRING)));
	if (state->n_classes == PLOT_MAX_CLASSES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("rows to draw are of more than %d classes",
						PLOT_MAX_CLASSES),
				 errhint("Put the rare ones together, as in CASE WHEN class IN ('a', 'b') THEN class ELSE 'other' END.")));
	old = MemoryContextSwitchTo(state->context);
	class->name = pstrdup(name);
	class->is_null = is_null;
	MemoryContextSwitchTo(old);
	forest_sample_init(&class->sample, (uint32) state->options.max_points,
					   state->view.summary.seed, FOREST_FOR_PLOT,
					   (uint64) state->n_classes);
	state->n_classes++;
	return class;
}

/* The class that the query gives the row, as text; NULL if it gives none. */
static const char *
given_class(FunctionCallInfo fcinfo, PlotState *state)
{
	int			argument = state->class_argument;

	return argument == 0 || PG_ARGISNULL(argument) ? NULL :
		OutputFunctionCall(&state->class_output, PG_GETARG_DATUM(argument));
}

/*
 * The class that the query gives the row, or else the model puts it into:
 * "sum" is the row's (model_sum).
 */
static PlotClass *
class_of_row(PlotState *state, const char *given, const Model *model,
			 int64 sum)
{
	const char *name = CLASS_ROWS;

	if (state->class_argument > 0)
		return find_class(state, given != NULL ? given : CLASS_NULL,
						  given == NULL);
	if (model->calibration.n_rows > 0)
		name = sum < model->outlier_limit ? CLASS_UNUSUAL : CLASS_REGULAR;
	return find_class(state, name, false);
}

/* Makes room for another point of a class that is not full. */
static void
reserve_point(PlotClass *class, MemoryContext context)
{
	ForestSample *sample = &class->sample;
	uint32		room = Min(Max(sample->allocated * 2, FIRST_POINTS),
						   sample->capacity);
	MemoryContext old;

	if (sample->n < sample->allocated || sample->n == sample->capacity)
		return;
	old = MemoryContextSwitchTo(context);
	if (sample->allocated == 0)
	{
		sample->keys = palloc(room * sizeof(uint64));
		sample->links = palloc(room * FOREST_LINK_BYTES);
		class->points = palloc(room * sizeof(PlotPoint));
	}
	else
	{
		sample->keys = repalloc(sample->keys, room * sizeof(uint64));
		sample->links = repalloc(sample->links, room * FOREST_LINK_BYTES);
		class->points = repalloc(class->points, room * sizeof(PlotPoint));
	}
	sample->allocated = room;
	MemoryContextSwitchTo(old);
}

/* Takes in the row of a call. */
static void
accept_row(FunctionCallInfo fcinfo, PlotState *state)
{
	/* a type's own code, which may use models, so before the row is read */
	const char *given = given_class(fcinfo, state);
	ScoredRow	row;
	Model	   *model;
	PlotClass  *class;
	PlotPoint  *point;
	int64		sum;
	uint64		key;

	if (!score_row_of(fcinfo, state->first, state->view.digest, &row))
		return;
	model = row.model;
	state->model = model;
	state->generation = model_cache_generation();
	if (!state->resolved)
		resolve_features(state, model);
	sum = model_sum(model);
	class = class_of_row(state, given, model, sum);
	/* counts the row; most rows of a large class are not wanted */
	if (!forest_sample_wants(&class->sample, &key))
		return;
	reserve_point(class, state->context);
	point = &class->points[forest_sample_place(&class->sample, key)];
	point->x = model->row[state->x];
	point->y = model->row[state->y];
	point->score = forest_score(sum, model->walk.scale, model->walk.n_trees);
}

/*
 * The transition of one row.  Rows with a NULL model or without any value
 * are passed over.
 */
static Datum
accumulate(FunctionCallInfo fcinfo, bool classes)
{
	PlotState  *state = PG_ARGISNULL(0) ? NULL :
		(PlotState *) PG_GETARG_POINTER(0);
	MemoryContext context = aggregate_context(fcinfo);

	if (!PG_ARGISNULL(MODEL_ARGUMENT))
	{
		if (state == NULL)
			state = begin_plot(fcinfo, context, classes);
		accept_row(fcinfo, state);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_plot_accum);
/*
 * _iforest_plot_accum(state internal, model bytea, VARIADIC "any") -> internal
 *
 * The transition of iforest_plot, of both forms: columns may begin behind
 * options, of which those of the first row count.
 */
Datum
iforest_plot_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false);
}

PG_FUNCTION_INFO_V1(iforest_plot_classes_accum);
/*
 * _iforest_plot_classes_accum(state internal, model bytea, class "any",
 *		VARIADIC "any") -> internal
 *
 * The transition of iforest_plot_classes, of both forms: the class may stand
 * behind options, of which those of the first row count.
 */
Datum
iforest_plot_classes_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true);
}
