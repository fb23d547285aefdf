/*-------------------------------------------------------------------------
 *
 * plan_support.c
 *	  What the planner is told about calls with a model: how many rows a
 *	  condition passes, what a call costs, how many rows it returns.
 *
 * Costs are in units of cpu_operator_cost, as those in the SQL script are, and
 * measured as they are: bench/costs.sh prints both.  A forest of any size and
 * a row of any width would have one cost otherwise; and the server takes a
 * condition that it knows nothing of for one that a third of the rows passes,
 * where outliers are one in twenty or a hundred.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/syscache.h"

#include "core/base/forest_math.h"
#include "core/stats/forest_calibration.h"
#include "model/model.h"
#include "model/model_score.h"
#include "plan/plan_expected.h"
#include "plan/plan_model.h"

/* Units of cost. */
#define CALL_UNITS		5.0		/* finding the model */
#define COLUMN_UNITS	1.5		/* a value of the row */
#define PROJECTION_UNITS	1.2	/* a sum of some of them */
#define BLOCK_STEP_UNITS	0.1	/* a level of a tree, compared in blocks */
#define DEEP_STEP_UNITS	0.3		/* a level below the eighth */
#define WALK_STEP_UNITS	0.5		/* a level, node by node */
#define SHALLOW_STEPS	8.0
/* Explaining takes so many times as long as scoring. */
#define EXPLAIN_TIMES	125.0
/* .. and with what was expected of each feature. */
#define EXPECTED_TIMES	1000.0

/*
 * Levels that a row goes down in a tree, on the mean (forest_average_path), as
 * far as the model's depth allows.
 */
static double
tree_steps(const ForestSummary *summary)
{
	uint64		rows = Min(summary->sample_size, summary->rows_kept);
	double		steps = forest_average_path(Max(rows, 2));

	if (summary->max_depth == FOREST_DEPTH_DEFAULT)
		return Min(steps, ceil(log2((double) Max(rows, 2))));
	return summary->max_depth == FOREST_DEPTH_UNLIMITED ? steps :
		Min(steps, (double) summary->max_depth);
}

/* What scoring a row costs by a model's trees. */
static double
forest_units(const Model *model)
{
	double		steps = tree_steps(&model->summary);

	if (!model_has_blocks(model))
		return model->summary.n_trees * steps * WALK_STEP_UNITS;
	return model->summary.n_trees *
		(Min(steps, SHALLOW_STEPS) * BLOCK_STEP_UNITS +
		 Max(steps - SHALLOW_STEPS, 0.0) * DEEP_STEP_UNITS);
}

/* The cost that a function was declared with; 1 if it is gone. */
static double
declared_units(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	double		units = 1.0;

	if (HeapTupleIsValid(tuple))
	{
		units = ((Form_pg_proc) GETSTRUCT(tuple))->procost;
		ReleaseSysCache(tuple);
	}
	return units;
}

/*
 * Answers what a call costs, "times" a score in its trees, if its model is
 * known.  A name's is not looked up for that: the planner asks several times,
 * and a statement of one row should not wait for it.
 */
static bool
answer_cost(SupportRequestCost *request, double times)
{
	const Model *model = plan_written_model(request->node);
	double		units;

	if (model != NULL)
		units = CALL_UNITS + COLUMN_UNITS * model->summary.n_features +
			times * PROJECTION_UNITS * model->walk.projections.n +
			times * forest_units(model);
	else
	{
		double		models = plan_models_expected(request->root, request->node);

		if (models == 1.0)
			return false;
		units = Max(declared_units(request->funcid) / models, 1.0);
	}
	request->startup = 0;
	request->per_tuple = units * cpu_operator_cost;
	return true;
}

/* Answers which share of the rows iforest_is_outlier flags. */
static bool
answer_selectivity(SupportRequestSelectivity *request)
{
	const Model *model;

	if (request->args == NIL)
		return false;
	model = plan_known_model(request->root, request->funcid,
							 linitial(request->args));
	request->selectivity = model == NULL ? FOREST_DEFAULT_CONTAMINATION :
		forest_outlier_share(&model->calibration,
							 model->summary.contamination);
	return true;
}

PG_FUNCTION_INFO_V1(iforest_plan_score);
/*
 * iforest_plan_score(internal) -> internal
 *
 * Planner support of functions that score a row by the model in their first
 * argument.
 */
Datum
iforest_plan_score(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	bool		answered = false;

	if (IsA(request, SupportRequestCost))
		answered = answer_cost((SupportRequestCost *) request, 1.0);
	else if (IsA(request, SupportRequestSelectivity))
		answered = answer_selectivity((SupportRequestSelectivity *) request);
	PG_RETURN_POINTER(answered ? request : NULL);
}

/* Answers how many rows an explanation has, if its model is known. */
static bool
answer_rows(SupportRequestRows *request)
{
	const Model *model = plan_written_model(request->node);

	if (model != NULL)
		request->rows = model->summary.n_features;
	return model != NULL;
}

PG_FUNCTION_INFO_V1(iforest_plan_explain);
/*
 * iforest_plan_explain(internal) -> internal
 *
 * Planner support of functions that explain a row's score by the model in
 * their first argument; those that return a set return a row a feature.
 */
Datum
iforest_plan_explain(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	bool		answered = false;

	if (IsA(request, SupportRequestCost))
		answered = answer_cost((SupportRequestCost *) request, EXPLAIN_TIMES);
	else if (IsA(request, SupportRequestRows))
		answered = answer_rows((SupportRequestRows *) request);
	PG_RETURN_POINTER(answered ? request : NULL);
}

PG_FUNCTION_INFO_V1(iforest_plan_expected);
/*
 * iforest_plan_expected(internal) -> internal
 *
 * The same of a function that also returns what was expected of each feature:
 * where nobody looks at that, another is called, which does not work it out.
 */
Datum
iforest_plan_expected(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	bool		answered = false;

	if (IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(plan_brief_call((SupportRequestSimplify *) request));
	if (IsA(request, SupportRequestCost))
		answered = answer_cost((SupportRequestCost *) request, EXPECTED_TIMES);
	else if (IsA(request, SupportRequestRows))
		answered = answer_rows((SupportRequestRows *) request);
	PG_RETURN_POINTER(answered ? request : NULL);
}
