/*-------------------------------------------------------------------------
 *
 * plan_expected.c
 *	  Calls whose costly last column nobody looks at.
 *
 * What was expected of each feature takes several times as long as all else
 * that iforest_explain returns.  A function in FROM is called for all of its
 * columns; but its query shows, before it is planned, which of them anything
 * refers to.  Where nothing refers to the last one, another function is
 * called in its place, "_NAME_brief", which leaves that NULL.
 *
 * Whatever is not understood counts as a reference: then the column is worked
 * out, and only time is lost.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "parser/parsetree.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "plan/plan_expected.h"

/* What a query is searched for. */
typedef struct Search
{
	const Query *query;			/* where the function is in FROM */
	Oid			function;
	Index		depth;			/* levels below that query */
} Search;

/* Whether an item of FROM is a call of the function. */
static bool
is_call(const Search *search, const Node *node)
{
	return IsA(node, FuncExpr) &&
		((const FuncExpr *) node)->funcid == search->function;
}

/*
 * Whether column "attribute" of functions in FROM, or their row if it is 0, has
 * the last column of a call in it.
 */
static bool
is_last_column(const Search *search, const RangeTblEntry *entry,
			   AttrNumber attribute)
{
	ListCell   *cell;
	int			last = 0;

	foreach(cell, entry->functions)
	{
		const RangeTblFunction *item = lfirst(cell);

		last += item->funccolcount;
		if (is_call(search, item->funcexpr) &&
			(attribute <= 0 || attribute == last))
			return true;
	}
	return false;
}

static bool refers(Node *node, void *context);

/* Whether a column of the query is, or is made of, the last one of a call. */
static bool
column_refers(Search *search, const Var *var)
{
	const RangeTblEntry *entry = rt_fetch(var->varno, search->query->rtable);
	Index		depth = search->depth;
	bool		found;

	if (entry->rtekind == RTE_FUNCTION)
		return is_last_column(search, entry, var->varattno);
	if (entry->rtekind != RTE_JOIN)
		return false;
	if (var->varattno <= 0)
		return true;
	search->depth = 0;
	found = refers(list_nth(entry->joinaliasvars, var->varattno - 1), search);
	search->depth = depth;
	return found;
}

/*
 * Whether anything below a node refers to the last column of a call in FROM,
 * or calls the function elsewhere.
 */
static bool
refers(Node *node, void *context)
{
	Search	   *search = context;
	bool		found;

	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		search->depth++;
		found = query_tree_walker((Query *) node, refers, search,
								  QTW_IGNORE_JOINALIASES);
		search->depth--;
		return found;
	}
	if (IsA(node, Var) && ((Var *) node)->varlevelsup == search->depth)
		return column_refers(search, (Var *) node);
	if (is_call(search, node))
		return true;
	if (IsA(node, RangeTblFunction) &&
		is_call(search, ((RangeTblFunction *) node)->funcexpr))
		node = ((RangeTblFunction *) node)->funcexpr;
	return expression_tree_walker(node, refers, search);
}

/* Whether the query has a call of the function in FROM. */
static bool
has_call(const Search *search)
{
	ListCell   *entry;
	ListCell   *item;

	foreach(entry, search->query->rtable)
	{
		foreach(item, ((RangeTblEntry *) lfirst(entry))->functions)
		{
			if (is_call(search, ((RangeTblFunction *) lfirst(item))->funcexpr))
				return true;
		}
	}
	return false;
}

/* Whether two functions may be called by the same roles. */
static bool
have_equal_rights(HeapTuple a, HeapTuple b)
{
	bool		a_default;
	bool		b_default;
	Datum		a_rights = SysCacheGetAttr(PROCOID, a, Anum_pg_proc_proacl,
										   &a_default);
	Datum		b_rights = SysCacheGetAttr(PROCOID, b, Anum_pg_proc_proacl,
										   &b_default);

	if (a_default || b_default)
		return a_default && b_default;
	return aclequal(DatumGetAclP(a_rights), DatumGetAclP(b_rights));
}

/*
 * Whether two functions are run alike: for the same roles, as the same role,
 * with no settings of their own; somebody may have altered one of them.
 */
static bool
are_run_alike(HeapTuple a, HeapTuple b)
{
	Form_pg_proc form_a = (Form_pg_proc) GETSTRUCT(a);
	Form_pg_proc form_b = (Form_pg_proc) GETSTRUCT(b);

	return form_a->proowner == form_b->proowner &&
		form_a->prosecdef == form_b->prosecdef &&
		form_a->proisstrict == form_b->proisstrict &&
		form_a->provolatile == form_b->provolatile &&
		form_a->proparallel == form_b->proparallel &&
		heap_attisnull(a, Anum_pg_proc_proconfig, NULL) &&
		heap_attisnull(b, Anum_pg_proc_proconfig, NULL) &&
		have_equal_rights(a, b);
}

/*
 * The brief form of a function, next to it and with the same arguments;
 * InvalidOid if it has none that is run as it is.
 */
static Oid
brief_function(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	HeapTuple	brief;
	Form_pg_proc form;
	Oid			result = InvalidOid;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	brief = SearchSysCache3(PROCNAMEARGSNSP,
							CStringGetDatum(psprintf("_%s_brief",
													 NameStr(form->proname))),
							PointerGetDatum(&form->proargtypes),
							ObjectIdGetDatum(form->pronamespace));
	if (HeapTupleIsValid(brief))
	{
		if (are_run_alike(tuple, brief))
			result = ((Form_pg_proc) GETSTRUCT(brief))->oid;
		ReleaseSysCache(brief);
	}
	ReleaseSysCache(tuple);
	return result;
}

/*
 * What to call in place of a function in FROM whose last column nothing in its
 * query refers to; NULL to leave the call as it is.
 */
Node *
plan_brief_call(const SupportRequestSimplify *request)
{
	Search		search = {0};
	FuncExpr   *call;
	Oid			brief;

	if (request->root == NULL || !request->fcall->funcretset)
		return NULL;
	search.query = request->root->parse;
	search.function = request->fcall->funcid;
	if (!has_call(&search) ||
		query_tree_walker(unconstify(Query *, search.query), refers, &search,
						  QTW_IGNORE_JOINALIASES))
		return NULL;
	brief = brief_function(search.function);
	if (!OidIsValid(brief))
		return NULL;
	call = copyObject(request->fcall);
	call->funcid = brief;
	return (Node *) call;
}
