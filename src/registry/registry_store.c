/*-------------------------------------------------------------------------
 *
 * registry_store.c
 *	  New versions of named models that are made already, or in one go:
 *	  iforest_store and iforest_fit.
 *
 * Both claim the name first, so that of two who train for one name at the same
 * time the second waits, or learns that it is not his.  A version is stored
 * before it is made active: at no moment is the active one half there.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "core/format/forest_view.h"
#include "inspect/remarks.h"
#include "model/model_bytes.h"
#include "registry/registry_find.h"
#include "registry/registry_labels.h"
#include "registry/registry_owner.h"
#include "registry/registry_store.h"
#include "registry/registry_table.h"
#include "registry/registry_train.h"
#include "registry/registry_versions.h"
#include "registry/registry_write.h"

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
 * Stores a version, not active, and returns its number.  The version says
 * what the model was trained by; "trained" is the model and what it took.
 */
int32
store_version(const Registry *registry, const ModelVersion *version,
			  const Trained *trained, const char *note)
{
	int32		number = registry_next_version(registry, version->name);
	RowChange	row = {0};

	if (number == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("model \"%s\" has a version %d, and no number is greater",
						version->name, PG_INT32_MAX),
				 errhint("Delete that version with iforest_drop(name, version).")));
	row_set(&row, VERSION_ID, Int64GetDatum(version->id));
	row_set(&row, VERSION_NUMBER, Int32GetDatum(number));
	row_set(&row, VERSION_MODEL, PointerGetDatum(trained->model));
	row_set_text(&row, VERSION_QUERY, version->query);
	row_set_text(&row, VERSION_LABELS, version->labels);
	row_set_text(&row, VERSION_SEARCH_PATH, version->search_path);
	if (version->options != NULL)
		row_set(&row, VERSION_OPTIONS, JsonbPGetDatum(version->options));
	else
		row_set_null(&row, VERSION_OPTIONS);
	row_set(&row, VERSION_RUNS_AS, ObjectIdGetDatum(version->runs_as));
	row_set(&row, VERSION_TRAINED_AT, TimestampTzGetDatum(trained->started));
	if (isnan(trained->seconds))
		row_set_null(&row, VERSION_TRAIN_SECONDS);
	else
		row_set(&row, VERSION_TRAIN_SECONDS, Float8GetDatum(trained->seconds));
	row_set(&row, VERSION_ROWS_SEEN, Int64GetDatum(trained->rows_seen));
	row_set_null(&row, VERSION_PREVIOUS);
	row_set_text(&row, VERSION_NOTE, note);
	row_insert(registry, registry->versions, &row);
	return number;
}

/* What the arguments of the two functions say of the version to come. */
typedef struct Storing
{
	Registry	registry;
	ModelVersion version;		/* the active one; then, the new one */
	int32		active;			/* 0 if there is none */
	bool		activate;
	const char *note;			/* or NULL */
} Storing;

/*
 * Reads the arguments activate, keep and note, which begin with number
 * "first", and takes the name in argument 0.
 */
static void
storing_begin(FunctionCallInfo fcinfo, int first, Storing *storing)
{
	char	   *name = argument_name(fcinfo, 0);
	bool		keep_given = !PG_ARGISNULL(first + 1);

	check_name(name);
	if (keep_given)
		check_keep(PG_GETARG_INT32(first + 1));
	storing->activate = PG_ARGISNULL(first) || PG_GETARG_BOOL(first);
	storing->note = PG_ARGISNULL(first + 2) ? NULL :
		text_to_cstring(PG_GETARG_TEXT_PP(first + 2));
	registry_open(&storing->registry, fcinfo->flinfo->fn_oid);
	registry_claim(&storing->registry, name, &storing->version);
	storing->active = storing->version.active ? storing->version.version : 0;
	storing->version.runs_as = storing->version.owner;
	if (keep_given)
		storing->version.keep = PG_GETARG_INT32(first + 1);
}

/*
 * Stores the version and, if wanted, makes it active; drops versions beyond
 * those to keep; returns its number.
 */
static int32
storing_end(Storing *storing, const Trained *trained)
{
	const Registry *registry = &storing->registry;
	const char *name = storing->version.name;
	int32		number = store_version(registry, &storing->version, trained,
									   storing->note);
	RowChange	row = {0};

	row_set(&row, NAME_KEEP, Int32GetDatum(storing->version.keep));
	/* what the last refit has met is of no interest any more */
	for (int i = NAME_REFIT; i <= NAME_REFIT_DETAIL; i++)
		row_set_null(&row, i);
	registry_update_name(registry, name, &row);
	if (storing->activate)
		registry_activate(registry, name, number, storing->active, false);
	registry_prune(registry, name, number);
	return number;
}

/* What iforest_fit trains, and the result. */
typedef struct Fit
{
	const Jsonb *options;
	MemoryContext context;
	Trained		trained;
} Fit;

/* Trains, as the owner. */
static void
fit(const TrainingQuery *training, void *argument)
{
	Fit		   *work = argument;

	training_run(training, work->options, work->context, &work->trained);
}

PG_FUNCTION_INFO_V1(iforest_fit);
/*
 * iforest_fit(name text, query text, options jsonb, progress bool,
 *			   activate bool, keep int, note text, labels text) -> int
 *
 * Trains a version of a model on a query, lets it learn from the rows of
 * another, stores it and, unless told not to, makes it the active one.
 * Returns its number.
 */
Datum
iforest_fit(PG_FUNCTION_ARGS)
{
	Storing		storing = {0};
	ModelVersion *version = &storing.version;
	TrainingQuery training;
	Fit			work = {0};

	PreventCommandIfReadOnly("iforest_fit()");
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the training query must not be NULL")));
	storing_begin(fcinfo, 4, &storing);
	version->query =
		training_check_query(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	version->labels = PG_ARGISNULL(7) ? NULL :
		labels_check_query(text_to_cstring(PG_GETARG_TEXT_PP(7)));
	version->search_path = pstrdup(namespace_search_path);
	version->options = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	work.options = version->options;
	work.context = CurrentMemoryContext;
	training_define(&training, &storing.registry, version);
	training.progress = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	run_as_owner(&training, fit, &work);
	remark_on_model(version->name, work.trained.model);
	PG_RETURN_INT32(storing_end(&storing, &work.trained));
}

PG_FUNCTION_INFO_V1(iforest_store);
/*
 * iforest_store(name text, model bytea, activate bool, keep int, note text)
 *		-> int
 *
 * Stores a model that was made elsewhere as a version of a name.  Returns its
 * number.
 */
Datum
iforest_store(PG_FUNCTION_ARGS)
{
	Storing		storing = {0};
	Trained		trained = {.seconds = NAN};
	ForestView	view;

	PreventCommandIfReadOnly("iforest_store()");
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the model must not be NULL")));
	trained.model = model_open(PG_GETARG_DATUM(1), &view);
	trained.started = GetCurrentTimestamp();
	trained.rows_seen = (int64) view.summary.rows_seen;
	storing_begin(fcinfo, 2, &storing);
	storing.version.query = NULL;
	storing.version.labels = NULL;
	storing.version.search_path = NULL;
	storing.version.options = NULL;
	PG_RETURN_INT32(storing_end(&storing, &trained));
}
