/*-------------------------------------------------------------------------
 *
 * argument_names.c
 *	  The names that a call's columns have in the query.
 *
 * The server hands values to a function, not names.  They are in the
 * expressions of the call, and in the range table of its query, as far as the
 * planner has left them there.
 *
 * A wrong name is worse than none: it would be stored in a model, and later
 * rows be matched by it.  So wherever a name may be another one's, as behind
 * views and subqueries that the planner has dissolved, there is none.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "executor/executor.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "tcop/pquery.h"
#include "utils/portal.h"

#include "row/argument_names.h"
#include "row/arguments.h"

/*
 * Looks through casts at the plain column below an expression; NULL if there
 * is another expression: amount::float8 still is amount, amount * 2 is not.
 */
static Var *
column_below(Node *node)
{
	for (;;)
	{
		if (node == NULL)
			return NULL;
		switch (nodeTag(node))
		{
			case T_Var:
				return (Var *) node;
			case T_RelabelType:
				node = (Node *) ((RelabelType *) node)->arg;
				break;
			case T_CoerceViaIO:
				node = (Node *) ((CoerceViaIO *) node)->arg;
				break;
			case T_FuncExpr:
				if (((FuncExpr *) node)->funcformat != COERCE_EXPLICIT_CAST &&
					((FuncExpr *) node)->funcformat != COERCE_IMPLICIT_CAST)
					return NULL;
				node = linitial(((FuncExpr *) node)->args);
				break;
			default:
				return NULL;
		}
	}
}

/*
 * Whether a view or subquery may stand between the query's text and a
 * range-table entry.  Where the planner pulled one up, its columns' own names
 * are lost: the name found below may be another one, or even another
 * column's.  The entry of what was pulled up stays behind and tells.
 */
static bool
names_may_differ(const RangeTblEntry *rte, List *range_table)
{
	ListCell   *cell;

	foreach(cell, range_table)
	{
		const RangeTblEntry *other = lfirst(cell);

		/* INSERT .. SELECT makes one of its own, above the aggregate */
		if (other != rte && other->rtekind == RTE_SUBQUERY && other->inFromCl)
			return true;
	}
	return false;
}

/*
 * Whether an entry stands for rows that Citus has fetched from its workers: it
 * plans a query of its own for these, whose columns all bear the name of the
 * result.
 */
static bool
is_fetched(const RangeTblEntry *rte)
{
	return (rte->rtekind == RTE_VALUES || rte->rtekind == RTE_FUNCTION) &&
		strcmp(rte->eref->aliasname, "remote_scan") == 0;
}

/* The name a column has in the query's text, or NULL if that is not sure. */
static char *
column_name(Node *node, List *range_table)
{
	Var		   *var = column_below(node);
	RangeTblEntry *rte;

	/* varnosyn: as the query's text has it, not as a join above numbers it */
	if (var == NULL || var->varnosyn == 0 || var->varattnosyn <= 0 ||
		var->varnosyn > (Index) list_length(range_table))
		return NULL;
	rte = rt_fetch(var->varnosyn, range_table);
	if (rte->eref == NULL || is_fetched(rte) ||
		names_may_differ(rte, range_table) ||
		var->varattnosyn > list_length(rte->eref->colnames))
		return NULL;
	return strVal(list_nth(rte->eref->colnames, var->varattnosyn - 1));
}

/*
 * The expressions of a call's arguments, and the range table that their
 * columns refer to; NIL if that cannot be told.  An aggregate's state knows
 * its query.  For a function, the query that the session runs is asked, if
 * the call was made for it: not in parallel workers, in queries of functions,
 * and where rows are changed, since checks and generated columns have range
 * tables of their own.
 */
static List *
argument_nodes(FunctionCallInfo fcinfo, List **range_table)
{
	const Node *call = fcinfo->flinfo->fn_expr;
	const QueryDesc *query = ActivePortal == NULL ? NULL :
		ActivePortal->queryDesc;
	List	   *nodes = NIL;

	if (fcinfo->context != NULL && IsA(fcinfo->context, AggState))
	{
		const Aggref *aggref = AggGetAggref(fcinfo);
		ListCell   *cell;

		*range_table =
			((AggState *) fcinfo->context)->ss.ps.state->es_range_table;
		nodes = list_make1(NULL);	/* the state */
		foreach(cell, aggref == NULL ? NIL : aggref->args)
		{
			const TargetEntry *entry = lfirst(cell);

			if (!entry->resjunk)
				nodes = lappend(nodes, entry->expr);
		}
		return nodes;
	}
	if (call == NULL || !IsA(call, FuncExpr) || query == NULL ||
		query->estate == NULL || query->operation != CMD_SELECT ||
		query->plannedstmt->hasModifyingCTE ||
		query->estate->es_query_cxt != fcinfo->flinfo->fn_mcxt)
		return NIL;
	*range_table = query->estate->es_range_table;
	return ((const FuncExpr *) call)->args;
}

/*
 * The names that the columns of a call have in the query, as far as they are
 * plain columns with names that differ; NULL for others.  The array is
 * palloc'd, the names belong to the query.
 */
const char **
arguments_column_names(const Arguments *arguments, FunctionCallInfo fcinfo)
{
	const char **names = palloc0(Max(arguments->n_columns, 1) *
								 sizeof(char *));
	List	   *range_table = NIL;
	List	   *nodes;

	if (arguments->shape != ARGUMENTS_COLUMNS)
		return names;
	nodes = argument_nodes(fcinfo, &range_table);
	for (int i = 0; i < arguments->n_columns &&
		 arguments->first + i < list_length(nodes); i++)
	{
		const char *name = column_name(list_nth(nodes, arguments->first + i),
									   range_table);

		for (int j = 0; name != NULL && j < i; j++)
		{
			if (names[j] != NULL && strcmp(names[j], name) == 0)
				name = NULL;
		}
		if (name != NULL && *name != '\0')
			names[i] = name;
	}
	return names;
}

/* Gives the columns of an aggregate call the names they have in the query. */
void
arguments_name_columns(Arguments *arguments, FunctionCallInfo fcinfo)
{
	const char **names = arguments_column_names(arguments, fcinfo);

	for (int i = 0; i < arguments->n_columns; i++)
	{
		if (names[i] != NULL)
			arguments->columns[i].name =
				MemoryContextStrdup(arguments->context, names[i]);
	}
	pfree(names);
}
