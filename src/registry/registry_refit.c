/*-------------------------------------------------------------------------
 *
 * registry_refit.c
 *	  Named models trained anew on their own queries: iforest_refit.
 *
 * A scheduler calls it for many models of many owners, maybe in one statement.
 * So whatever is wrong with a model is what its call returns and records, and
 * no error that would end the work on the others.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/snapmgr.h"

#include "registry/registry_find.h"
#include "registry/registry_gate.h"
#include "registry/registry_labels.h"
#include "registry/registry_owner.h"
#include "registry/registry_role.h"
#include "registry/registry_store.h"
#include "registry/registry_table.h"
#include "registry/registry_train.h"
#include "registry/registry_versions.h"
#include "registry/registry_when.h"
#include "registry/registry_write.h"

/* What iforest_refit is asked for. */
typedef struct RefitRequest
{
	const char *name;
	List	   *conditions;
	Gate		gate;
	bool		progress;
	const char *labels;			/* a query in place of the version's, or NULL */
	bool		raise;			/* what fails or is held back is an error */
} RefitRequest;

/* What a refit does as the model's owner, and what has come of it. */
typedef struct Refit
{
	const ModelVersion *active;
	const List *conditions;
	MemoryContext context;
	StringInfoData detail;
	bool		wanted;			/* whether the conditions hold */
	Trained		trained;
} Refit;

/* What iforest_refit returns. */
typedef struct RefitResult
{
	const char *status;
	int32		version;		/* 0 if none was trained */
	const char *detail;			/* or NULL */
} RefitResult;

/*
 * Looks at the conditions, and trains if they hold, as the owner.  What is to
 * stay is in work->context.
 */
static void
refit(const TrainingQuery *training, void *argument)
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

/*
 * Records with a name what has come of a refit, and for which version:
 * the new one, or else the one that stays.
 */
static void
record_refit(const Registry *registry, const ModelVersion *active,
			 const RefitResult *result)
{
	RowChange	row = {0};

	row_set_text(&row, NAME_REFIT, result->status);
	row_set_positive(&row, NAME_REFIT_VERSION, result->version != 0 ?
					 result->version : active->version);
	row_set(&row, NAME_REFIT_AT, TimestampTzGetDatum(GetCurrentTimestamp()));
	row_set_text(&row, NAME_REFIT_DETAIL, result->detail);
	registry_update_name(registry, active->name, &row);
}

/*
 * Records a failure, and warns of it: the transaction goes on, and so does the
 * work on other models.  Or raises it, if that is asked for.  Where the error
 * is in a query, it shows the place.
 */
static RefitResult
report_failure(const Registry *registry, const ModelVersion *active,
			   const RefitRequest *request, const ErrorData *error)
{
	RefitResult result = {"failed", 0, error->message};

	if (!request->raise)
		record_refit(registry, active, &result);
	ereport(request->raise ? ERROR : WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("refit of model \"%s\" failed: %s", active->name,
					error->message),
			 errdetail("Version %d stays %s.", active->version,
					   active->active ? "active" : "as it is"),
			 error->hint != NULL ? errhint("%s", error->hint) : 0,
			 internalerrposition(error->internalpos),
			 error->internalquery != NULL ?
			 internalerrquery(error->internalquery) : 0));
	return result;
}

/* Raises that the gate has kept a version, which goes with the statement. */
static void
raise_refusal(const ModelVersion *active, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("refit of model \"%s\" was held back: %s", active->name,
					detail),
			 errdetail("Version %d stays active, and the new one is not stored.",
					   active->version),
			 errhint("Without on_failure => 'error' the new version is stored, to be looked at and activated.")));
}

/* Notes with a version why it was not activated. */
static void
record_refusal(const Registry *registry, ModelVersion *version,
			   const char *reason)
{
	RowChange	row = {0};

	row_set_text(&row, VERSION_NOTE, psprintf("not activated: %s", reason));
	row_update(registry, registry->versions, &version->tid, &row);
}

/*
 * Stores what a refit has trained, and activates it if it passes the gate.
 */
static RefitResult
finish_refit(const Registry *registry, const TrainingQuery *training,
			 const Refit *work, const RefitRequest *request)
{
	const ModelVersion *active = work->active;
	const char *name = active->name;
	RefitResult result = {"activated", 0, NULL};
	Refusal		refusal = {NULL, NULL};
	ModelName	row;
	ModelVersion fresh;

	result.version = store_version(registry, active, &work->trained, NULL);
	(void) registry_find_latest(registry, name, result.version, &row, &fresh);
	if (active->active)
		gate_decide(training, &request->gate, active, &fresh, &refusal);
	if (refusal.reason == NULL)
		registry_activate(registry, name, result.version,
						  active->active ? active->version : 0, false);
	else
	{
		record_refusal(registry, &fresh, refusal.reason);
		result.status = "inactive";
		result.detail = refusal.error == NULL ? refusal.reason :
			psprintf("%s: %s", refusal.reason, refusal.error);
		if (request->raise)
			raise_refusal(active, result.detail);
	}
	record_refit(registry, active, &result);
	registry_prune(registry, name, result.version);
	return result;
}

/*
 * Refits a model that is found and locked, and whose query may run.  An error
 * of the query, or of training on it, is a result.
 */
static RefitResult
refit_model(const Registry *registry, const ModelVersion *active,
			const RefitRequest *request)
{
	RefitResult skipped = {"skipped", 0, NULL};
	Refit		work = {0};
	TrainingQuery training;
	ErrorData  *error;

	work.active = active;
	work.conditions = request->conditions;
	work.context = CurrentMemoryContext;
	training_define(&training, registry, active);
	training.progress = request->progress;
	error = try_as_owner(&training, refit, &work);
	if (error != NULL)
		return report_failure(registry, active, request, error);
	if (work.wanted)
	{
		/* the schema may have got another name while the query ran */
		training_define(&training, registry, active);
		return finish_refit(registry, &training, &work, request);
	}
	skipped.detail = work.detail.data;
	return skipped;
}

/*
 * Refuses to run a query that was not written for the role that it would run
 * as: in a restored model, its owner may be another than there was.  Others
 * could make a role do what they like, by a model that it restores.
 */
static RefitResult
refuse_query(const Registry *registry, const ModelVersion *active,
			 const RefitRequest *request)
{
	ErrorData	error = {
		.sqlerrcode = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		.message = "its query was written by another role than its owner",
	};

	error.hint = psprintf("Look at the query in iforest_models. Then SELECT iforest_set_owner(%s, %s) lets it run as that role; or train the model by another query with iforest_fit().",
						  quote_literal_cstr(active->name),
						  quote_literal_cstr(registry_role_name(active->owner)));
	return report_failure(registry, active, request, &error);
}

/* Refuses to train a version that no number is left for. */
static RefitResult
refuse_version(const Registry *registry, const ModelVersion *active,
			   const RefitRequest *request)
{
	ErrorData	error = {
		.sqlerrcode = ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		.message = "no version number is greater than that of its newest version",
		.hint = "Delete that version with iforest_drop(name, version).",
	};

	return report_failure(registry, active, request, &error);
}

/* Whether the current statement sees a name that is there no more. */
static bool
was_dropped(const Registry *registry, const char *name)
{
	ModelName	row;

	return ActiveSnapshotSet() &&
		registry_find_name(registry, GetActiveSnapshot(), name, false, &row) &&
		registry_may_manage(row.owner);
}

/*
 * Finds and locks the model of a refit, unless another has the lock: a
 * scheduler that is late shall not wait for one that is at work.
 */
static RefitResult
lock_and_refit(const Registry *registry, const RefitRequest *request)
{
	const char *name = request->name;
	RefitResult running = {
		"already running", 0, "another transaction is changing the model"
	};
	RefitResult dropped = {"skipped", 0, "the model was dropped meanwhile"};
	RefitResult no_query = {
		"skipped", 0, "there is no training query; iforest_fit() gives it one"
	};
	RefitResult held = {"skipped", 0, NULL};
	ModelName	row;
	ModelVersion active;

	if (!registry_find_latest(registry, name, 0, &row, &active))
	{
		if (was_dropped(registry, name))
			return dropped;
		report_no_model(name);
	}
	registry_check_manager(&row);
	if (!registry_lock(registry, name, false))
		return running;
	if (!registry_find_latest(registry, name, 0, &row, &active))
		return dropped;
	registry_check_manager(&row);
	if (active.query == NULL)
		return no_query;
	if (row.held)
	{
		held.detail = psprintf("held at version %d; iforest_activate(name, version) lets it go",
							   row.active);
		return held;
	}
	if (registry_next_version(registry, name) == 0)
		return refuse_version(registry, &active, request);
	if (active.runs_as != active.owner && registry_role_exists(active.owner))
		return refuse_query(registry, &active, request);
	if (request->labels != NULL)
		active.labels = request->labels;
	return refit_model(registry, &active, request);
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

/* A jsonb argument; NULL for NULL. */
static Jsonb *
argument_jsonb(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : PG_GETARG_JSONB_P(argument);
}

/* Whether a failure is to be raised, as an argument says: NULL is 'warn'. */
static bool
argument_on_failure(FunctionCallInfo fcinfo, int argument)
{
	const char *word = PG_ARGISNULL(argument) ? "warn" :
		text_to_cstring(PG_GETARG_TEXT_PP(argument));

	if (strcmp(word, "warn") != 0 && strcmp(word, "error") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("on_failure is \"%s\", but must be \"warn\" or \"error\"",
						word)));
	return strcmp(word, "error") == 0;
}

PG_FUNCTION_INFO_V1(iforest_refit);
/*
 * iforest_refit(name text, only_if jsonb, gate jsonb, progress bool,
 *				 labels text, on_failure text) ->
 *		(status text, version int, detail text)
 *
 * Trains a model anew on its own query, as its owner, and lets it learn from
 * its own query of labels or a new one.  An error of a query is recorded and
 * leaves the active version as it is; with on_failure 'error' it is raised, and
 * so is that the gate does not pass.
 */
Datum
iforest_refit(PG_FUNCTION_ARGS)
{
	RefitRequest request;
	Registry	registry;
	RefitResult result;

	request.name = argument_name(fcinfo, 0);
	request.conditions = conditions_parse(argument_jsonb(fcinfo, 1));
	gate_parse(argument_jsonb(fcinfo, 2), &request.gate);
	request.progress = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	request.labels = PG_ARGISNULL(4) ? NULL :
		labels_check_query(text_to_cstring(PG_GETARG_TEXT_PP(4)));
	request.raise = argument_on_failure(fcinfo, 5);
	PreventCommandIfReadOnly("iforest_refit()");
	registry_open(&registry, fcinfo->flinfo->fn_oid);
	result = lock_and_refit(&registry, &request);
	return refit_row(fcinfo, &result);
}
