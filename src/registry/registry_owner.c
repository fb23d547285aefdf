/*-------------------------------------------------------------------------
 *
 * registry_owner.c
 *	  Queries that a model's owner wrote, run as nobody else.
 *
 * Whoever retrains a model, a superuser or a scheduler, runs what its owner
 * stored.  So that runs as REFRESH MATERIALIZED VIEW would: as the owner, in
 * a security-restricted operation, under the search_path that the model was
 * defined with; and read only.  It runs in a subtransaction, which is rolled
 * back however it ends: that restores all of this, and leaves no cursor behind
 * that whoever retrains could fetch from as himself.  Nor can it set a time
 * after which the session of whoever retrains is ended.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/resowner.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "registry/registry_find.h"
#include "registry/registry_owner.h"
#include "registry/registry_role.h"
#include "registry/registry_table.h"

/*
 * Becomes the owner, in a security-restricted operation, on top of what the
 * context is already; errors if there is no such role any more.
 */
static void
become_owner(const TrainingQuery *training)
{
	Oid			user;
	int			context;

	if (!registry_role_exists(training->owner))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("the role that owns model \"%s\" does not exist",
						training->name),
				 errhint("A superuser can look at its query in iforest_models and give it to a role: SELECT iforest_set_owner(%s, 'role').",
						 quote_literal_cstr(training->name))));
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(training->owner,
						   context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
}

/*
 * Does the work in the subtransaction that the caller has begun, whose end
 * also takes back, after an error, what this sets.
 */
static void
work_as_owner(const TrainingQuery *training,
			  void (*work) (const TrainingQuery *, void *), void *argument)
{
	Oid			user;
	int			context;
	int			guc_level = NewGUCNestLevel();

	GetUserIdAndSecContext(&user, &context);
	become_owner(training);
	(void) set_config_option("search_path",
							 training->search_path == NULL ?
							 "pg_catalog, pg_temp" : training->search_path,
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	XactReadOnly = true;		/* the subtransaction's end takes it back */
	SPI_connect();
	work(training, argument);
	SPI_finish();
	AtEOXact_GUC(false, guc_level);
	SetUserIdAndSecContext(user, context);
}

/*
 * Whether an error comes from an interrupt of the session, a cancelled query
 * say, here or in a parallel worker.  The SQLSTATE does not tell: any function
 * can raise one.
 */
static bool
is_interrupt(const ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_OPERATOR_INTERVENTION &&
		error->funcname != NULL &&
		strcmp(error->funcname, "ProcessInterrupts") == 0;
}

/*
 * Makes an error in a statement that has the training query in it point into
 * that query, which is all its reader wrote, where the fault is there.
 */
static void
point_into_query(ErrorData *error, const char *query)
{
	const char *start = error->internalquery == NULL ? NULL :
		strstr(error->internalquery, query);
	int			before;

	if (start == NULL)
		return;
	before = pg_mbstrlen_with_len(error->internalquery,
								  (int) (start - error->internalquery));
	if (error->internalpos <= before ||
		error->internalpos > before + pg_mbstrlen(query) + 1)
		return;
	error->internalpos -= before;
	error->internalquery = pstrdup(query);
}

/*
 * Sets whether the setting that ends a session after a time is one that a
 * security-restricted operation may not change: a flag, or 0.  Returns what it
 * was before.
 */
static int
guard_session(int flag)
{
	int		   *flags = SESSION_END_FLAGS();
	int			before;

	if (flags == NULL)
		return 0;
	before = *flags & GUC_NOT_WHILE_SEC_REST;
	*flags = (*flags & ~GUC_NOT_WHILE_SEC_REST) | flag;
	return before;
}

/*
 * Calls work(training, argument) as the model's owner, connected to SPI, and
 * returns an error that occurs, NULL if none does.  An interrupt that ends the
 * statement (it was cancelled, or took too long) goes on its way.
 *
 * What is to outlive the call, work() has to put into another memory context
 * than its current one.
 */
ErrorData *
try_as_owner(const TrainingQuery *training,
			 void (*work) (const TrainingQuery *, void *), void *argument)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;
	int			guard;

	BeginInternalSubTransaction(NULL);
	guard = guard_session(GUC_NOT_WHILE_SEC_REST);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		work_as_owner(training, work, argument);
		/* it has read only; what it may have left open goes as well */
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	(void) guard_session(guard);
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (error != NULL && training->query != NULL)
		point_into_query(error, training->query);
	if (error != NULL && training->labels != NULL)
		point_into_query(error, training->labels);
	if (error != NULL && is_interrupt(error))
		ReThrowError(error);
	return error;
}

/* As try_as_owner, but passes on any error. */
void
run_as_owner(const TrainingQuery *training,
			 void (*work) (const TrainingQuery *, void *), void *argument)
{
	ErrorData  *error = try_as_owner(training, work, argument);

	if (error != NULL)
		ReThrowError(error);
}

/*
 * Fills what a version's training query runs as, and what the extension's
 * schema is called, now.
 */
void
training_define(TrainingQuery *training, const Registry *registry,
				const ModelVersion *version)
{
	const char *schema;

	memset(training, 0, sizeof(*training));
	training->name = version->name;
	training->query = version->query;
	training->labels = version->labels;
	training->search_path = version->search_path;
	training->owner = version->owner;
	AcceptInvalidationMessages();
	training->namespace_id = get_func_namespace(registry->function);
	schema = get_namespace_name(training->namespace_id);
	if (schema == NULL)
		elog(ERROR, "the extension's schema does not exist any more");
	training->schema = quote_identifier(schema);
}

/* Whether a text is a table's name, maybe with its schema's, and no query. */
bool
query_is_name(const char *text)
{
	List	   *names;

	return SplitIdentifierString(pstrdup(text), '.', &names) && names != NIL;
}

/*
 * Tells where in the query an error is.  Without this the position would be
 * taken for one in the statement that calls us.  Who gave a table's name in
 * place of a query is told how to make one of it.
 */
static void
query_context(void *query)
{
	int			position = geterrposition();

	if (position <= 0)
		return;
	errposition(0);
	internalerrposition(position);
	internalerrquery(query);
	if (query_is_name(query))
		errhint("Write TABLE %s, or SELECT some of its columns FROM %s.",
				(const char *) query, (const char *) query);
}

/*
 * Parses a query; what is wrong with it is shown in its text.  Nothing is
 * looked up and nothing runs: that is for the owner to do.
 */
static List *
parse_query(const char *query)
{
	ErrorContextCallback context = {error_context_stack, query_context,
	(void *) query};
	List	   *statements;

	error_context_stack = &context;
	statements = raw_parser(query, RAW_PARSE_DEFAULT);
	error_context_stack = context.previous;
	return statements;
}

/* What the statements of a text are, if not one query; NULL if they are. */
static const char *
not_one_query(const List *statements)
{
	const Node *statement;

	if (statements == NIL)
		return "empty";
	if (list_length(statements) > 1)
		return "several statements";
	statement = linitial_node(RawStmt, statements)->stmt;
	if (!IsA(statement, SelectStmt))
		return "another statement";
	if (((const SelectStmt *) statement)->intoClause != NULL)
		return "SELECT INTO";
	return NULL;
}

/*
 * Checks that a text is one query and returns it without a semicolon: fit to
 * be put between parentheses, on lines of its own.  If it is not, the error
 * says so of "what", and has the hint.
 */
char *
query_check(const char *query, const char *what, const char *hint)
{
	List	   *statements = parse_query(query);
	const char *fault = not_one_query(statements);
	const RawStmt *statement;

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the %s must be one SELECT, but is %s", what, fault),
				 errhint("%s", hint)));
	statement = linitial_node(RawStmt, statements);
	return statement->stmt_len == 0 ?
		pstrdup(query + statement->stmt_location) :
		pnstrdup(query + statement->stmt_location, statement->stmt_len);
}

/* Checks a training query; see query_check. */
char *
training_check_query(const char *query)
{
	return query_check(query, "training query",
					   "Its columns become the features: SELECT amount, hour FROM payments.");
}

/*
 * The rows of a checked query, for a FROM clause that gives them a name.
 *
 * Where Citus is installed the query stands by itself, behind a fence: Citus
 * would otherwise join it with the call around it, and send what the call
 * takes along with each row of a distributed table, be it a model; and columns
 * would come without their names.
 */
char *
query_rows(const char *query)
{
	return OidIsValid(get_extension_oid("citus", true)) ?
		psprintf("(SELECT * FROM (\n%s\n) AS q OFFSET 0)", query) :
		psprintf("(\n%s\n)", query);
}

/* The rows of a training query, as query_rows has them. */
char *
training_rows(const TrainingQuery *training)
{
	return query_rows(training_check_query(training->query));
}

/* The qualified name of a function of the extension. */
char *
training_function(const TrainingQuery *training, const char *name)
{
	return psprintf("%s.%s", training->schema, name);
}

/* The function that an expression of a target list calls. */
static Oid
called_function(const TargetEntry *entry)
{
	const Node *node = (const Node *) entry->expr;

	if (IsA(node, Aggref))
		return ((const Aggref *) node)->aggfnoid;
	if (IsA(node, FuncExpr))
		return ((const FuncExpr *) node)->funcid;
	return InvalidOid;
}

/* The extension's function of n arguments of these types. */
static Oid
find_function(const TrainingQuery *training, const TrainingCall *call)
{
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
						   CStringGetDatum(call->function),
						   PointerGetDatum(buildoidvector(call->types,
														  call->n_types)),
						   ObjectIdGetDatum(training->namespace_id));
}

/* Prepares a query whose parameters are n models; it may become parallel. */
static SPIPlanPtr
prepare(const char *sql, int n_models)
{
	Oid			types[2] = {BYTEAOID, BYTEAOID};
	SPIPlanPtr	plan = SPI_prepare_cursor(sql, n_models, types,
										  CURSOR_OPT_PARALLEL_OK);

	Assert(n_models <= (int) lengthof(types));
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql,
			 SPI_result_code_string(SPI_result));
	return plan;
}

/*
 * The statement that a plan is of, after parsing and rewriting: the functions
 * in it are the ones that will be called.
 */
static Query *
planned_query(SPIPlanPtr plan)
{
	CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(plan));

	return linitial_node(Query, source->query_list);
}

/*
 * Whether a statement with n models as parameters, over the training query
 * in its FROM, is over sketches: that query has one column, of type bytea.
 */
bool
training_is_of_sketches(const char *sql, int n_models)
{
	SPIPlanPtr	plan = prepare(sql, n_models);
	Query	   *query = planned_query(plan);
	RangeTblEntry *entry = linitial_node(RangeTblEntry, query->rtable);
	Oid			type = InvalidOid;
	int			n = 0;
	ListCell   *cell;

	Assert(entry->rtekind == RTE_SUBQUERY);
	foreach(cell, entry->subquery->targetList)
	{
		TargetEntry *column = lfirst_node(TargetEntry, cell);

		if (column->resjunk)
			continue;
		type = getBaseType(exprType((Node *) column->expr));
		n++;
	}
	SPI_freeplan(plan);
	return n == 1 && type == BYTEAOID;
}

/*
 * Checks that the columns of a prepared query are calls of a function of the
 * extension: someone who may create in its schema could have put a better
 * match there, or given the schema's name to another.
 */
static void
check_functions(const TrainingQuery *training, SPIPlanPtr plan,
				const char *function, Oid wanted)
{
	Query	   *query = planned_query(plan);
	ListCell   *cell;

	foreach(cell, query->targetList)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (!entry->resjunk && called_function(entry) != wanted)
			ereport(ERROR,
					(errcode(ERRCODE_AMBIGUOUS_FUNCTION),
					 errmsg("a function in schema %s hides the extension's %s",
							training->schema, function),
					 errhint("Drop it, or put the extension into a schema where nobody else creates functions.")));
	}
}

/*
 * Runs a query whose columns are all calls of a function of the extension, if
 * "call" is not NULL; models are its parameters $1, $2, ..  The result is in
 * SPI_tuptable.  May be parallel.
 *
 * Between the preparation and the execution nothing looks into a catalog, so
 * that what is executed is what was checked and not a new reading of it.
 */
void
training_execute(const TrainingQuery *training, const char *sql,
				 const TrainingCall *call,
				 struct varlena *const *models, int n_models)
{
	Oid			wanted = call == NULL ? InvalidOid :
		find_function(training, call);
	Datum		values[2];
	SPIPlanPtr	plan;
	int			result;

	Assert(n_models <= (int) lengthof(values));
	for (int i = 0; i < n_models; i++)
		values[i] = PointerGetDatum(models[i]);
	plan = prepare(sql, n_models);
	if (call != NULL)
		check_functions(training, plan, call->function, wanted);
	result = SPI_execute_plan(plan, values, NULL, false, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\": %s", sql,
			 SPI_result_code_string(result));
	SPI_freeplan(plan);
}
