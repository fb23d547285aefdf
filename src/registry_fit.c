/*-------------------------------------------------------------------------
 *
 * registry_fit.c
 *	  New versions of named models: iforest_fit and iforest_refit.
 *
 *-------------------------------------------------------------------------
 */
#include "registry.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* What a refit does, and what has come of it. */
typedef struct Refit
{
	const ModelVersion *active;
	const List *conditions;
	MemoryContext context;
	StringInfoData detail;
	bool		wanted;			/* whether the conditions hold */
	Trained		trained;
} Refit;

/* Adds a text parameter, NULL for NULL. */
static void
add_text(SqlParameters *parameters, const char *text)
{
	if (text == NULL)
		sql_add_null(parameters, TEXTOID);
	else
		sql_add(parameters, TEXTOID, CStringGetTextDatum(text));
}

/* The number of a model's next version, under the model's lock. */
static int32
next_version(const Registry *registry, const char *name)
{
	SqlParameters parameters = {0};
	int32		last;

	add_text(&parameters, name);
	(void) registry_execute(registry, "SELECT max(version) FROM %s"
							" WHERE name = $1", &parameters);
	last = registry_integer(1, 0);
	if (last == PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("model \"%s\" has a version %d, and no number is greater",
						name, last),
				 errhint("Give that version a smaller number, or delete it with iforest_drop(name, version).")));
	return last + 1;
}

/*
 * Stores a version, not active, and returns its number.  It is for the same
 * readers as the version before.
 */
static int32
store_version(const Registry *registry, const ModelVersion *version,
			  const Trained *trained, const char *note)
{
	SqlParameters parameters = {0};

	add_text(&parameters, version->name);
	sql_add(&parameters, BYTEAOID, PointerGetDatum(trained->model));
	add_text(&parameters, version->query);
	add_text(&parameters, version->search_path);
	if (version->options == NULL)
		sql_add_null(&parameters, JSONBOID);
	else
		sql_add(&parameters, JSONBOID, JsonbPGetDatum(version->options));
	sql_add(&parameters, REGROLEOID, ObjectIdGetDatum(version->owner));
	sql_add(&parameters, INT4OID, Int32GetDatum(version->keep));
	sql_add(&parameters, TIMESTAMPTZOID, TimestampTzGetDatum(trained->started));
	sql_add(&parameters, FLOAT8OID, Float8GetDatum(trained->seconds));
	sql_add(&parameters, INT8OID, Int64GetDatum(trained->rows_seen));
	add_text(&parameters, note);
	sql_add(&parameters, INT4OID,
			Int32GetDatum(next_version(registry, version->name)));
	sql_add(&parameters, INT4OID, Int32GetDatum(version->version));
	if (registry_execute(registry,
						 "INSERT INTO %1$s (name, model, query, search_path,"
						 " options, owner, keep, trained_at, train_seconds,"
						 " rows_seen, note, version, readers)"
						 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
						 " $12, coalesce((SELECT readers FROM %1$s"
						 " WHERE name = $1 AND version = $13), '{}'))"
						 " RETURNING version", &parameters) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_DATA_CHANGE_VIOLATION),
				 errmsg("the new version of model \"%s\" was not stored",
						version->name),
				 errhint("A trigger of table iforest_models may have skipped the row.")));
	return registry_integer(1, 0);
}

/*
 * Records with a version why a refit from it failed, and forgets what was
 * recorded before; NULL if it did not fail.
 */
static void
record_error(const Registry *registry, const ModelVersion *version,
			 const char *message)
{
	SqlParameters parameters = {0};

	add_text(&parameters, version->name);
	sql_add(&parameters, INT4OID, Int32GetDatum(version->version));
	add_text(&parameters, message);
	(void) registry_execute(registry, "UPDATE %s SET"
							" last_error = CASE WHEN version = $2 THEN $3 END,"
							" last_error_at = CASE WHEN version = $2 AND $3 IS NOT NULL"
							" THEN clock_timestamp() END"
							" WHERE name = $1 AND (last_error IS NOT NULL"
							" OR version = $2 AND $3 IS NOT NULL)",
							&parameters);
}

/* A jsonb argument; NULL for NULL. */
static Jsonb *
argument_jsonb(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : PG_GETARG_JSONB_P(argument);
}

/* Whether a boolean argument is true; NULL is not. */
static bool
argument_true(FunctionCallInfo fcinfo, int argument)
{
	return !PG_ARGISNULL(argument) && PG_GETARG_BOOL(argument);
}

/* Checks the number of versions to keep. */
static void
check_keep(int32 keep)
{
	if (keep < MIN_KEEP || keep > MAX_KEEP)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("keep is %d, but must be at least %d and at most %d",
						keep, MIN_KEEP, MAX_KEEP)));
}

/* Checks a model's name. */
static void
check_name(const char *name)
{
	size_t		length = strlen(name);

	if (length < 1 || length > MODEL_NAME_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("a model's name must have 1 to %d bytes, but this one has %zu",
						MODEL_NAME_MAX, length)));
}

/*
 * Finds out whose the name is, and locks it: the owner of its versions, or
 * the current user if there is none.  "found" gets the active version, or a
 * new one with number 0.
 */
static void
claim_name(const Registry *registry, const char *name, ModelVersion *found)
{
	bool		known = registry_find(registry, name, 0, found);

	if (known)
		registry_find_owned(registry, name, 0, found);
	else
	{
		memset(found, 0, sizeof(*found));
		found->name = name;
		found->owner = GetUserId();
		found->keep = DEFAULT_KEEP;
		if (registry_taken(registry->table_id, name, found->owner))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("the model name \"%s\" belongs to another role",
							name),
					 errhint("Choose another name.")));
	}
	(void) registry_lock(registry, name, found->owner, true);
	/* what was found may have changed while waiting */
	if (registry_find(registry, name, 0, found))
		registry_find_owned(registry, name, 0, found);
	else if (known)
		report_no_model(name);
}

/* What iforest_fit trains. */
static void
fit(const Training *training, void *argument)
{
	Refit	   *work = argument;

	training_run(training, work->active->options, work->context,
				 &work->trained);
}

PG_FUNCTION_INFO_V1(iforest_fit);
/*
 * iforest_fit(name text, query text, options jsonb, progress bool,
 *			   activate bool, keep int, note text) -> int
 *
 * Trains a version of a model on a query, stores it and, unless told not to,
 * makes it the active one.  Returns its number.
 */
Datum
iforest_fit(PG_FUNCTION_ARGS)
{
	char	   *name = argument_name(fcinfo, 0);
	char	   *search_path = pstrdup(namespace_search_path);
	Registry	registry;
	ModelVersion version;
	Training	training;
	Refit		work = {0};
	int32		active;
	int32		number;

	PreventCommandIfReadOnly("iforest_fit()");
	check_name(name);
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the training query must not be NULL")));
	if (!PG_ARGISNULL(5))
		check_keep(PG_GETARG_INT32(5));
	work.context = CurrentMemoryContext;
	registry_open(&registry, fcinfo);
	claim_name(&registry, name, &version);
	active = version.active ? version.version : 0;
	version.query = training_check_query(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	version.search_path = search_path;
	version.options = argument_jsonb(fcinfo, 2);
	if (!PG_ARGISNULL(5))
		version.keep = PG_GETARG_INT32(5);
	work.active = &version;
	training_define(&training, &registry, &version);
	training.progress = argument_true(fcinfo, 3);
	run_as_owner(&training, fit, &work);
	number = store_version(&registry, &version, &work.trained,
						   PG_ARGISNULL(6) ? NULL :
						   text_to_cstring(PG_GETARG_TEXT_PP(6)));
	if (PG_ARGISNULL(4) || PG_GETARG_BOOL(4))
		registry_activate(&registry, name, number, active);
	record_error(&registry, &version, NULL);
	registry_prune(&registry, name, number, version.keep);
	registry_close(&registry);
	PG_RETURN_INT32(number);
}

/* What iforest_refit does as the owner: look at the conditions, and train. */
static void
refit(const Training *training, void *argument)
{
	Refit	   *work = argument;
	MemoryContext old = MemoryContextSwitchTo(work->context);

	initStringInfo(&work->detail);
	MemoryContextSwitchTo(old);
	work->wanted = conditions_hold(training, work->conditions, work->active,
								   &work->detail);
	if (work->wanted)
		training_run(training, work->active->options, work->context,
					 &work->trained);
}

/* Notes why a version was not activated. */
static void
record_refusal(const Registry *registry, const char *name, int32 version,
			   const char *reason)
{
	SqlParameters parameters = {0};

	add_text(&parameters, name);
	sql_add(&parameters, INT4OID, Int32GetDatum(version));
	add_text(&parameters, psprintf("not activated: %s", reason));
	(void) registry_execute(registry, "UPDATE %s SET note = $3"
							" WHERE name = $1 AND version = $2", &parameters);
}

/* What iforest_refit returns. */
typedef struct RefitResult
{
	const char *status;
	int32		version;		/* 0 if none was trained */
	char	   *detail;			/* or NULL */
} RefitResult;

/* Makes a result of a refit; the detail is copied. */
static RefitResult
refit_result(const Registry *registry, const char *status, int32 version,
			 const char *detail)
{
	RefitResult result = {status, version, NULL};

	if (detail != NULL)
		result.detail = MemoryContextStrdup(registry->caller, detail);
	return result;
}

/* The result as a row. */
static Datum
refit_row(FunctionCallInfo fcinfo, const RefitResult *result)
{
	TupleDesc	desc;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = CStringGetTextDatum(result->status);
	values[1] = Int32GetDatum(result->version);
	nulls[1] = result->version == 0;
	values[2] = CStringGetTextDatum(result->detail == NULL ? "" :
									result->detail);
	nulls[2] = result->detail == NULL;
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values,
											 nulls));
}

/*
 * Stores what a refit has trained, and activates it if it passes the gate.
 * Returns why it did not, or NULL.
 */
static char *
finish_refit(const Registry *registry, const Training *training,
			 const Refit *work, const Gate *gate, int32 *number)
{
	const ModelVersion *active = work->active;
	char	   *refusal = NULL;

	*number = store_version(registry, active, &work->trained, NULL);
	if (active->active)
		refusal = gate_refusal(training, gate, active, *number,
							   work->trained.rows_seen);
	if (refusal == NULL)
		registry_activate(registry, active->name, *number,
						  active->active ? active->version : 0);
	else
		record_refusal(registry, active->name, *number, refusal);
	record_error(registry, active, NULL);
	registry_prune(registry, active->name, *number, active->keep);
	return refusal;
}

/* Refits a model that is found and locked. */
static RefitResult
refit_model(const Registry *registry, const ModelVersion *active,
			const List *conditions, const Gate *gate, bool progress)
{
	Refit		work = {0};
	Training	training;
	ErrorData  *error;
	char	   *refusal;
	int32		number;

	work.active = active;
	work.conditions = conditions;
	work.context = registry->caller;
	training_define(&training, registry, active);
	training.progress = progress;
	error = try_as_owner(&training, refit, &work);
	if (error != NULL)
	{
		record_error(registry, active, error->message);
		ereport(WARNING,
				(errcode(error->sqlerrcode),
				 errmsg("refit of model \"%s\" failed: %s", active->name,
						error->message),
				 errdetail("Version %d stays %s.", active->version,
						   active->active ? "active" : "as it is")));
		return refit_result(registry, "failed", 0, error->message);
	}
	if (!work.wanted)
		return refit_result(registry, "skipped", 0, work.detail.data);
	/* the schema may have got another name while the query ran */
	training_define(&training, registry, active);
	refusal = finish_refit(registry, &training, &work, gate, &number);
	return refit_result(registry, refusal == NULL ? "activated" : "inactive",
						number, refusal);
}

/* Finds and locks the model of a refit, unless another has the lock. */
static RefitResult
lock_and_refit(const Registry *registry, const char *name,
			   const List *conditions, const Gate *gate, bool progress)
{
	ModelVersion active;

	registry_find_owned(registry, name, 0, &active);
	if (!registry_lock(registry, name, active.owner, false))
		return refit_result(registry, "already running", 0,
							"another transaction is changing the model");
	registry_find_owned(registry, name, 0, &active);
	if (active.query == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("model \"%s\" has no training query", name),
				 errhint("Give it one with iforest_fit().")));
	return refit_model(registry, &active, conditions, gate, progress);
}

PG_FUNCTION_INFO_V1(iforest_refit);
/*
 * iforest_refit(name text, only_if jsonb, gate jsonb, progress bool) ->
 *		(status text, version int, detail text)
 *
 * Trains a model anew on its own query, as its owner.  An error of the query
 * is recorded and leaves the active version as it is.
 */
Datum
iforest_refit(PG_FUNCTION_ARGS)
{
	char	   *name = argument_name(fcinfo, 0);
	List	   *conditions = conditions_parse(argument_jsonb(fcinfo, 1));
	Gate		gate;
	Registry	registry;
	RefitResult result;

	PreventCommandIfReadOnly("iforest_refit()");
	gate_parse(argument_jsonb(fcinfo, 2), &gate);
	registry_open(&registry, fcinfo);
	result = lock_and_refit(&registry, name, conditions, &gate,
							argument_true(fcinfo, 3));
	registry_close(&registry);
	return refit_row(fcinfo, &result);
}
