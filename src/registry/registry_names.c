/*-------------------------------------------------------------------------
 *
 * registry_names.c
 *	  Functions of a model, called with its name.
 *
 * A name is looked up in the registry once a statement: what a call site has
 * found stays true as long as the snapshot sees the same transactions, for the
 * same role.  What is found is the model's TOAST pointer, so that the model
 * itself comes from the session's cache.
 *
 * Functions of a name are functions of a model with another first argument:
 * each is made by a macro, and calls the other with the same arguments, the
 * name's replaced.  So they cannot come to differ.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "registry/registry_find.h"
#include "registry/registry_table.h"

/* Names a call site remembers before it starts over. */
#define MAX_CALL_NAMES	4096

/*
 * What decides which rows a statement can see.  Two snapshots of the same
 * transactions see the same; which of the own transaction's changes they see
 * depends on the command and, after a rollback, on the subtransaction.
 */
typedef struct Sight
{
	Oid			user;
	SubTransactionId subtransaction;
	CommandId	command;
	TransactionId xmin;
	TransactionId xmax;
	uint32		n_running;		/* transactions that it does not see */
	TransactionId *running;
	uint32		max_running;
} Sight;

/* What a call asks for: a name and a version of it, 0 for the active one. */
typedef struct NameKey
{
	int32		version;
	int32		length;			/* of the name */
	char		name[MODEL_NAME_MAX + 1];	/* all zero after the name */
} NameKey;

/* A name that was found. */
typedef struct NamedModel
{
	NameKey		key;			/* must be first */
	struct varlena *model;		/* a copy of the column's value */
} NamedModel;

/*
 * What a call site keeps between rows, in fn_extra.  "first", which needs no
 * hash table, is the only name in most statements.
 */
typedef struct NameCall
{
	MemoryContext context;
	MemoryContext names_context;	/* of names and models */
	bool		started;		/* the sight has been taken down */
	NamedModel	first;			/* its model is NULL if there is none */
	HTAB	   *names;			/* of others, NULL if there are none */
	NamedModel *last;			/* NULL if none is known */
	Sight		sight;			/* for which the names hold */
	FmgrInfo	flinfo;			/* of the function that takes the model */
} NameCall;

/* The transactions that a snapshot does not see, and how many. */
static const TransactionId *
snapshot_running(Snapshot snapshot, uint32 *n)
{
	/* a standby keeps all of them where others have subtransactions */
	*n = snapshot->takenDuringRecovery ?
		(uint32) Max(snapshot->subxcnt, 0) : snapshot->xcnt;
	return snapshot->takenDuringRecovery ? snapshot->subxip : snapshot->xip;
}

/* Whether the current statement sees what was seen then. */
static bool
same_sight(const Sight *sight)
{
	Snapshot	snapshot = GetActiveSnapshot();
	uint32		n;
	const TransactionId *running = snapshot_running(snapshot, &n);

	return sight->user == GetUserId() &&
		sight->subtransaction == GetCurrentSubTransactionId() &&
		sight->command == snapshot->curcid &&
		sight->xmin == snapshot->xmin && sight->xmax == snapshot->xmax &&
		sight->n_running == n &&
		(n == 0 ||
		 memcmp(sight->running, running, n * sizeof(TransactionId)) == 0);
}

/* Takes down what the current statement sees. */
static void
take_sight(NameCall *call)
{
	Sight	   *sight = &call->sight;
	Snapshot	snapshot = GetActiveSnapshot();
	const TransactionId *running = snapshot_running(snapshot,
													&sight->n_running);

	sight->user = GetUserId();
	sight->subtransaction = GetCurrentSubTransactionId();
	sight->command = snapshot->curcid;
	sight->xmin = snapshot->xmin;
	sight->xmax = snapshot->xmax;
	if (sight->n_running > sight->max_running)
	{
		if (sight->running != NULL)
			pfree(sight->running);
		sight->running = MemoryContextAlloc(call->context,
											sight->n_running * sizeof(TransactionId));
		sight->max_running = sight->n_running;
	}
	if (sight->n_running > 0)
		memcpy(sight->running, running,
			   sight->n_running * sizeof(TransactionId));
}

/* Forgets all names, and takes down what is seen now: they hold for that. */
static void
start_over(NameCall *call)
{
	call->started = false;
	call->last = NULL;
	call->first.model = NULL;
	call->names = NULL;
	MemoryContextReset(call->names_context);
	take_sight(call);
	call->started = true;
}

/* Returns a new entry for a name that the call site does not know. */
static NamedModel *
add_name(NameCall *call, const NameKey *key)
{
	HASHCTL		control = {0};

	if (call->first.model == NULL)
	{
		call->first.key = *key;
		return &call->first;
	}
	if (call->names == NULL)
	{
		control.keysize = sizeof(NameKey);
		control.entrysize = sizeof(NamedModel);
		control.hcxt = call->names_context;
		call->names = hash_create("iforest model names", 16, &control,
								  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	return hash_search(call->names, key, HASH_ENTER, NULL);
}

/* Returns the entry of a name; NULL if the call site does not know it. */
static NamedModel *
known_name(NameCall *call, const NameKey *key)
{
	if (call->first.model != NULL &&
		memcmp(&call->first.key, key, sizeof(*key)) == 0)
		return &call->first;
	return call->names == NULL ? NULL :
		hash_search(call->names, key, HASH_FIND, NULL);
}

/* Returns what the call site keeps, making it at its first row. */
static NameCall *
name_call(FunctionCallInfo fcinfo)
{
	NameCall   *call = fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		MemoryContext context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
													  "iforest named call",
													  ALLOCSET_SMALL_SIZES);

		call = MemoryContextAllocZero(context, sizeof(*call));
		call->context = context;
		call->names_context = AllocSetContextCreate(context,
													"iforest model names",
													ALLOCSET_SMALL_SIZES);
		call->flinfo = *fcinfo->flinfo;
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/*
 * Finds a model in the registry and remembers it; an error leaves what is
 * remembered as it was.
 */
static NamedModel *
find_model(NameCall *call, Oid function, const NameKey *key)
{
	struct varlena *model = registry_read_model(function, key->name,
												key->version);
	struct varlena *copy;
	NamedModel *found;

	if (call->names != NULL &&
		hash_get_num_entries(call->names) >= MAX_CALL_NAMES)
		start_over(call);
	copy = MemoryContextAlloc(call->names_context, VARSIZE_ANY(model));
	memcpy(copy, model, VARSIZE_ANY(model));
	pfree(model);
	found = add_name(call, key);
	found->model = copy;
	return found;
}

/*
 * The model that a name stands for, or a version of it if "version" is not 0,
 * as the current statement sees it.
 */
static struct varlena *
named_model(NameCall *call, Oid function, text *name, int32 version)
{
	const char *bytes = VARDATA_ANY(name);
	int			length = (int) VARSIZE_ANY_EXHDR(name);
	NameKey		key;
	NamedModel *found;

	if (!ActiveSnapshotSet())
		elog(ERROR, "a model cannot be looked up by name without a snapshot");
	if (!call->started || !same_sight(&call->sight))
		start_over(call);
	found = call->last;
	if (found != NULL && found->key.length == length &&
		found->key.version == version &&
		memcmp(found->key.name, bytes, length) == 0)
		return found->model;
	if (length > MODEL_NAME_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("no model has a name of %d bytes", length),
				 errhint("A model written as a literal needs its type: '..'::bytea.")));
	memset(&key, 0, sizeof(key));
	key.version = version;
	key.length = length;
	memcpy(key.name, bytes, length);
	found = known_name(call, &key);
	if (found == NULL)
		found = find_model(call, function, &key);
	call->last = found;
	return found->model;
}

PG_FUNCTION_INFO_V1(iforest_model);
/*
 * iforest_model(name text, version int) -> bytea
 *
 * The model that a name stands for, or a version of it: what is stored, which
 * is cheap to hand to a function.
 */
Datum
iforest_model(PG_FUNCTION_ARGS)
{
	NameCall   *call = name_call(fcinfo);
	int32		version = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	struct varlena *model;
	struct varlena *copy;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1) && version < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("version must be a number from 1 on, or NULL for the active one")));
	model = named_model(call, fcinfo->flinfo->fn_oid, PG_GETARG_TEXT_PP(0),
						version);
	/* the call site's copy may go before the result does */
	copy = palloc(VARSIZE_ANY(model));
	PG_RETURN_POINTER(memcpy(copy, model, VARSIZE_ANY(model)));
}

/*
 * Calls a function whose argument of a given number is a model for a function
 * that has a name in its place, with the same arguments otherwise.  A NULL
 * name becomes a NULL model.  Before release 15.19 an aggregate could have as
 * many arguments as a function, and its transition function one more: the
 * state.
 */
static Datum
call_by_name(FunctionCallInfo fcinfo, int argument, PGFunction function)
{
	LOCAL_FCINFO(inner, FUNC_MAX_ARGS + 1);
	NameCall   *call = name_call(fcinfo);
	Datum		result;

	if (fcinfo->nargs > FUNC_MAX_ARGS + 1)
		elog(ERROR, "a function is called with %d arguments", fcinfo->nargs);
	memcpy(inner, fcinfo, SizeForFunctionCallInfo(fcinfo->nargs));
	inner->flinfo = &call->flinfo;
	if (!PG_ARGISNULL(argument))
		inner->args[argument].value =
			PointerGetDatum(named_model(call, fcinfo->flinfo->fn_oid,
										PG_GETARG_TEXT_PP(argument), 0));
	result = function(inner);
	fcinfo->isnull = inner->isnull;
	return result;
}

/*
 * The form of a function that has the model's name in place of the model:
 * function_named.
 */
#define NAMED(function, argument) \
	extern Datum function(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(function##_named); \
	Datum \
	function##_named(PG_FUNCTION_ARGS) \
	{ \
		return call_by_name(fcinfo, argument, function); \
	} \
	extern Datum function(PG_FUNCTION_ARGS)

NAMED(iforest_score, 0);
NAMED(iforest_is_outlier, 0);
NAMED(iforest_percent_rank, 0);
NAMED(iforest_p_value, 0);
NAMED(iforest_threshold, 0);
NAMED(iforest_explain, 0);
NAMED(iforest_explain_brief, 0);
NAMED(iforest_reason, 0);
NAMED(iforest_plot_accum, 1);
NAMED(iforest_plot_classes_accum, 1);
NAMED(iforest_plot_scores, 0);
NAMED(iforest_plot_explanation, 0);
NAMED(iforest_plot_explanation_options, 0);
