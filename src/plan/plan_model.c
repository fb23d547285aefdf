/*-------------------------------------------------------------------------
 *
 * plan_model.c
 *	  The model of a call that the planner asks about.
 *
 * A model that the query spells out, or names, is known before the query
 * runs.  One that a subquery or a join brings is not: then the planner gets no
 * answer and goes by what is declared.  What is no model, and a name that the
 * user may not read, is no error here: it is said when the function is called,
 * if it is.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "model/model_bytes.h"
#include "model/model_cache.h"
#include "plan/plan_model.h"
#include "registry/registry_find.h"

/* The first argument of a call, which is the model; NULL if there is none. */
static Node *
model_argument(Node *call)
{
	if (call == NULL || !IsA(call, FuncExpr) ||
		((FuncExpr *) call)->args == NIL)
		return NULL;
	return linitial(((FuncExpr *) call)->args);
}

/*
 * The decoded model that a value stands for; NULL if it is none that can be
 * used.
 */
static Model *
model_of_value(Datum value)
{
	ModelKey	key;

	if (!model_has_header(value))
		return NULL;
	model_key(value, &key);
	if (!model_cache_has(value, &key) && !model_is_valid(value))
		return NULL;
	return model_cache_get(value, &key);
}

/*
 * The model of a call that is spelled out in it, without evaluating or looking
 * up anything; NULL if it is not.  "call" may be NULL.
 */
Model *
plan_written_model(Node *call)
{
	const Const *value = (const Const *) model_argument(call);

	if (value == NULL || !IsA(value, Const) || value->constisnull ||
		value->consttype != BYTEAOID)
		return NULL;
	return model_of_value(value->constvalue);
}

/*
 * The model of a name, if it is one that the current user may read; NULL
 * without an error if not, or where there is no snapshot to look by.
 */
static Model *
named_model(Oid function, const text *name)
{
	struct varlena *model;

	if (!ActiveSnapshotSet() || VARSIZE_ANY_EXHDR(name) > MODEL_NAME_MAX)
		return NULL;
	model = registry_peek_model(function, text_to_cstring(name));
	return model == NULL ? NULL : model_of_value(PointerGetDatum(model));
}

/*
 * The model that the first argument of "function" stands for, as far as it is
 * known before the query runs: what is constant is evaluated, and a name is
 * looked up.  NULL if it is not known, or is no model that can be used.
 */
Model *
plan_known_model(PlannerInfo *root, Oid function, Node *argument)
{
	const Const *value;

	argument = estimate_expression_value(root, argument);
	if (!IsA(argument, Const))
		return NULL;
	value = (const Const *) argument;
	if (value->constisnull)
		return NULL;
	if (value->consttype == BYTEAOID)
		return model_of_value(value->constvalue);
	if (value->consttype == TEXTOID)
		return named_model(function, DatumGetTextPP(value->constvalue));
	return NULL;
}

/*
 * How many rows the planner expects of the table that a call's model is a
 * column of, where that is a guess: the table was never analyzed.  Otherwise,
 * and where the model comes from elsewhere, 1.  An unknown table is taken for
 * ten pages of rows as narrow as a TOAST pointer, over a thousand models,
 * where most who join one have a handful.
 */
double
plan_models_expected(PlannerInfo *root, Node *call)
{
	const Var  *column = (const Var *) model_argument(call);
	const RangeTblEntry *table;
	const RelOptInfo *rel;
	HeapTuple	tuple;
	bool		known = true;

	if (root == NULL || column == NULL || !IsA(column, Var) ||
		column->varlevelsup != 0 || IS_SPECIAL_VARNO(column->varno) ||
		root->simple_rel_array == NULL ||
		column->varno >= root->simple_rel_array_size)
		return 1.0;
	table = planner_rt_fetch(column->varno, root);
	rel = root->simple_rel_array[column->varno];
	if (rel == NULL || table->rtekind != RTE_RELATION)
		return 1.0;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table->relid));
	if (HeapTupleIsValid(tuple))
	{
		known = ((Form_pg_class) GETSTRUCT(tuple))->reltuples >= 0;
		ReleaseSysCache(tuple);
	}
	return known ? 1.0 : Max(rel->rows, 1.0);
}
