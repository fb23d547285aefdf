/*-------------------------------------------------------------------------
 *
 * evaluate.c
 *	  Aggregates that tell how well scores agree with labels:
 *	  iforest_roc_auc and iforest_average_precision.
 *
 * Both need the order of all scores, so the state keeps them, those of outliers
 * and of normal rows apart.  The final functions sort copies and leave the
 * state as it is: one state serves both aggregates, and windows.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "base/aggregate.h"
#include "core/base/forest_pause.h"
#include "core/stats/forest_evaluate.h"

/* Scores that a state has room for at first. */
#define FIRST_ROOM		16

/* Scores of rows of one kind, in the order in which they came. */
typedef struct ScoreList
{
	double	   *scores;
	Size		n;
	Size		room;
} ScoreList;

typedef struct EvaluateState
{
	ScoreList	outliers;
	ScoreList	normal;
} EvaluateState;

/* Appends a score. */
static void
append_score(ScoreList *list, MemoryContext context, double score)
{
	if (list->n == list->room)
	{
		Size		room = list->room == 0 ? FIRST_ROOM : list->room * 2;

		if (room > MaxAllocHugeSize / sizeof(double))
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many rows to evaluate")));
		list->scores = list->scores == NULL ?
			MemoryContextAllocHuge(context, room * sizeof(double)) :
			repalloc_huge(list->scores, room * sizeof(double));
		list->room = room;
	}
	list->scores[list->n++] = score;
}

PG_FUNCTION_INFO_V1(iforest_evaluate_accum);
/*
 * _iforest_evaluate_accum(internal, score float8, is_outlier bool) -> internal
 *
 * Takes in a row; those without a score (NULL, NaN) or a label are passed over.
 */
Datum
iforest_evaluate_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	EvaluateState *state = PG_ARGISNULL(0) ?
		MemoryContextAllocZero(context, sizeof(*state)) :
		(EvaluateState *) PG_GETARG_POINTER(0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !isnan(PG_GETARG_FLOAT8(1)))
		append_score(PG_GETARG_BOOL(2) ? &state->outliers : &state->normal,
					 context, PG_GETARG_FLOAT8(1));
	PG_RETURN_POINTER(state);
}

/* Orders scores; none is NaN. */
static int
compare_scores(const void *a, const void *b, void *unused)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

/* A list's scores in ascending order, palloc'd. */
static double *
sorted_scores(const ScoreList *list)
{
	Size		size = Max(list->n, 1) * sizeof(double);
	double	   *sorted = MemoryContextAllocHuge(CurrentMemoryContext, size);

	if (list->n > 0)
		forest_copy(sorted, list->scores, list->n * sizeof(double));
	qsort_interruptible(sorted, list->n, sizeof(double), compare_scores, NULL);
	return sorted;
}

/* What a figure is of the state in argument 0; NULL where it is none. */
static Datum
evaluate(FunctionCallInfo fcinfo, double (*figure) (const ForestJudged *))
{
	const EvaluateState *state;
	ForestJudged judged;
	double		result;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (const EvaluateState *) PG_GETARG_POINTER(0);
	judged.outliers = sorted_scores(&state->outliers);
	judged.n_outliers = state->outliers.n;
	judged.normal = sorted_scores(&state->normal);
	judged.n_normal = state->normal.n;
	result = figure(&judged);
	pfree(unconstify(double *, judged.outliers));
	pfree(unconstify(double *, judged.normal));
	if (isnan(result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

PG_FUNCTION_INFO_V1(iforest_roc_auc_final);
/*
 * _iforest_roc_auc_final(internal) -> float8
 *
 * NULL unless there were rows of both kinds.
 */
Datum
iforest_roc_auc_final(PG_FUNCTION_ARGS)
{
	return evaluate(fcinfo, forest_roc_auc);
}

PG_FUNCTION_INFO_V1(iforest_average_precision_final);
/*
 * _iforest_average_precision_final(internal) -> float8
 *
 * NULL if there were no outliers.
 */
Datum
iforest_average_precision_final(PG_FUNCTION_ARGS)
{
	return evaluate(fcinfo, forest_average_precision);
}
