/*-------------------------------------------------------------------------
 *
 * registry_find.c
 *	  Named models found, and who may do what with them.
 *
 * Whoever has the privileges of a model's owner manages it, and those whom it
 * is shared with read it.  For all others there is no such model: an error
 * says the same of a name that nobody has and of one that they may not know
 * of.
 *
 * What scores sees what its statement sees.  What changes a model sees the
 * latest there is, whatever the isolation level, as commands that change the
 * catalogs do; it locks the name first.  After waiting for a lock everything
 * is looked up again, since what was found before may be gone.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "registry/registry_find.h"
#include "registry/registry_role.h"
#include "registry/registry_table.h"
#include "registry/registry_write.h"

/* What tells our advisory locks from those that SQL can take. */
#define LOCK_KIND	3

/* A snapshot of all that is committed now; to be unregistered. */
Snapshot
registry_snapshot(void)
{
	return RegisterSnapshot(GetLatestSnapshot());
}

/* Whether the current user may change the models of an owner. */
bool
registry_may_manage(Oid owner)
{
	return has_privs_of_role(GetUserId(), owner);
}

/* Whether the current user may use a model: its manager, or a reader. */
bool
registry_may_read(Oid owner, Datum readers)
{
	Oid		   *roles;
	int			n;

	if (registry_may_manage(owner))
		return true;
	roles = registry_readers(readers, &n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (roles[i] == PUBLIC_ROLE ||
			has_privs_of_role(GetUserId(), roles[i]))
			return true;
	}
	return false;
}

/* Takes a name from the current row; what it points to is palloc'd. */
static void
read_name(const RowScan *rows, ModelName *found)
{
	found->name = TextDatumGetCString(rows->values[NAME_NAME]);
	found->id = DatumGetInt64(rows->values[NAME_ID]);
	found->owner = DatumGetObjectId(rows->values[NAME_OWNER]);
	found->readers =
		PointerGetDatum(DatumGetArrayTypePCopy(rows->values[NAME_READERS]));
	found->keep = DatumGetInt32(rows->values[NAME_KEEP]);
	found->active = rows->nulls[NAME_ACTIVE] ? 0 :
		DatumGetInt32(rows->values[NAME_ACTIVE]);
	found->held = DatumGetBool(rows->values[NAME_HELD]);
	found->tid = rows->tuple->t_self;
}

/* Finds the name that has an id; false if there is none. */
bool
registry_find_id(const Registry *registry, int64 id, ModelName *found)
{
	Snapshot	snapshot = registry_snapshot();
	RowScan		rows;
	bool		known;

	scan_id(&rows, registry, snapshot, id);
	known = row_scan_next(&rows);
	if (known)
		read_name(&rows, found);
	row_scan_end(&rows, false);
	UnregisterSnapshot(snapshot);
	return known;
}

/*
 * Finds a name, whoever may see it; false if there is none.  The table's lock
 * is kept to the end of the transaction if "keep_lock", as who reads a model
 * by its TOAST pointer later needs.
 */
bool
registry_find_name(const Registry *registry, Snapshot snapshot,
				   const char *name, bool keep_lock, ModelName *found)
{
	RowScan		rows;
	bool		known;

	scan_name(&rows, registry, snapshot, name);
	known = row_scan_next(&rows);
	if (known)
		read_name(&rows, found);
	row_scan_end(&rows, keep_lock);
	return known;
}

/* A column of type text; NULL for NULL. */
static char *
text_column(const RowScan *rows, int column)
{
	return rows->nulls[column] ? NULL :
		TextDatumGetCString(rows->values[column]);
}

/*
 * A copy of the model in a row, palloc'd: a TOAST pointer where it is stored
 * as one, so that no model is read that nobody needs.
 */
static struct varlena *
copy_model(const RowScan *rows)
{
	struct varlena *model =
		(struct varlena *) DatumGetPointer(rows->values[VERSION_MODEL]);
	struct varlena *copy = palloc(VARSIZE_ANY(model));

	return memcpy(copy, model, VARSIZE_ANY(model));
}

/* Takes a version from the current row. */
static void
read_version(const RowScan *rows, const ModelName *name, ModelVersion *found)
{
	found->version = DatumGetInt32(rows->values[VERSION_NUMBER]);
	found->active = found->version == name->active;
	found->model = copy_model(rows);
	found->query = text_column(rows, VERSION_QUERY);
	found->labels = text_column(rows, VERSION_LABELS);
	found->search_path = text_column(rows, VERSION_SEARCH_PATH);
	found->options = rows->nulls[VERSION_OPTIONS] ? NULL :
		DatumGetJsonbPCopy(rows->values[VERSION_OPTIONS]);
	found->runs_as = DatumGetObjectId(rows->values[VERSION_RUNS_AS]);
	found->trained_at = DatumGetTimestampTz(rows->values[VERSION_TRAINED_AT]);
	found->rows_seen = rows->nulls[VERSION_ROWS_SEEN] ? -1 :
		DatumGetInt64(rows->values[VERSION_ROWS_SEEN]);
	found->previous = rows->nulls[VERSION_PREVIOUS] ? 0 :
		DatumGetInt32(rows->values[VERSION_PREVIOUS]);
	found->tid = rows->tuple->t_self;
}

/* Finds one version of a name; false if there is none, as of version 0. */
static bool
find_version(const Registry *registry, Snapshot snapshot,
			 const ModelName *name, int32 version, bool keep_lock,
			 ModelVersion *found)
{
	RowScan		rows;
	bool		known;

	if (version == 0)
		return false;
	scan_versions(&rows, registry, snapshot, name->id, version);
	known = row_scan_next(&rows);
	if (known)
		read_version(&rows, name, found);
	row_scan_end(&rows, keep_lock);
	return known;
}

/* The greatest version of a name; 0 if it has none. */
static int32
newest_version(const Registry *registry, Snapshot snapshot, int64 id)
{
	RowScan		rows;
	int32		newest = 0;

	scan_versions(&rows, registry, snapshot, id, 0);
	while (row_scan_next(&rows))
		newest = Max(newest, DatumGetInt32(rows.values[VERSION_NUMBER]));
	row_scan_end(&rows, false);
	return newest;
}

/*
 * Finds a version of a name; version 0 is the active one or, without one, the
 * newest.  Returns false if there is none, with found->version 0 and what the
 * name itself says.
 */
static bool
registry_find(const Registry *registry, Snapshot snapshot,
			  const ModelName *name, int32 version, bool keep_lock,
			  ModelVersion *found)
{
	memset(found, 0, sizeof(*found));
	found->name = name->name;
	found->id = name->id;
	found->owner = name->owner;
	found->keep = name->keep;
	if (version != 0)
		return find_version(registry, snapshot, name, version, keep_lock,
							found);
	return find_version(registry, snapshot, name, name->active, keep_lock,
						found) ||
		find_version(registry, snapshot, name,
					 newest_version(registry, snapshot, name->id),
					 keep_lock, found);
}

/* Reports a name that the current user can see no model of (42704). */
void
report_no_model(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("model \"%s\" does not exist", name),
			 strncmp(name, "\\x", 2) == 0 ?
			 errhint("A model written as a literal needs its type: '..'::bytea.") :
			 errhint("The view iforest_models lists the models that you may use; a model's owner can share it with iforest_share().")));
}

/* Reports a version that a model does not have. */
static void
report_no_version(const char *name, int32 version)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("model \"%s\" has no version %d", name, version),
			 errhint("The view iforest_models lists the versions.")));
}

/* Errors unless the current user may change the models of a name. */
void
registry_check_manager(const ModelName *name)
{
	char	   *owner;

	if (registry_may_manage(name->owner))
		return;
	if (!registry_may_read(name->owner, name->readers))
		report_no_model(name->name);
	owner = registry_role_name(name->owner);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for model \"%s\"", name->name),
			 owner[0] == '\0' ?
			 errhint("It is shared with you for reading. The role that owned it does not exist; a superuser can give it to another with iforest_set_owner().") :
			 errhint("It is shared with you for reading; only members of the role %s may change it.",
					 owner)));
}

/* The model of a version in a snapshot, a copy; NULL if there is none. */
static struct varlena *
version_model(const Registry *registry, Snapshot snapshot, int64 id,
			  int32 version)
{
	struct varlena *model = NULL;
	RowScan		rows;

	scan_versions(&rows, registry, snapshot, id, version);
	if (row_scan_next(&rows))
		model = copy_model(&rows);
	row_scan_end(&rows, true);
	return model;
}

/*
 * The active model of a name, as the current statement and the current user
 * see it: a copy of what is stored, or NULL if there is none.
 */
struct varlena *
registry_peek_model(Oid function, const char *name)
{
	Snapshot	snapshot = GetActiveSnapshot();
	Registry	registry;
	ModelName	row;

	registry_open(&registry, function);
	if (!registry_find_name(&registry, snapshot, name, true, &row) ||
		!registry_may_read(row.owner, row.readers) || row.active == 0)
		return NULL;
	return version_model(&registry, snapshot, row.id, row.active);
}

/*
 * The model that a name stands for, or a version of it if "version" is not 0,
 * as the current statement and the current user see it: a copy of what is
 * stored.  Errors if there is none.
 */
struct varlena *
registry_read_model(Oid function, const char *name, int32 version)
{
	Snapshot	snapshot = GetActiveSnapshot();
	Registry	registry;
	ModelName	row;
	struct varlena *model = NULL;

	registry_open(&registry, function);
	if (!registry_find_name(&registry, snapshot, name, true, &row) ||
		!registry_may_read(row.owner, row.readers))
		report_no_model(name);
	if (version != 0 || row.active != 0)
		model = version_model(&registry, snapshot, row.id,
							  version != 0 ? version : row.active);
	if (model != NULL)
		return model;
	if (version != 0)
		report_no_version(name, version);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("model \"%s\" has no active version", name),
			 errhint("Its versions are in iforest_models; iforest_activate(name, version) makes one active.")));
	return NULL;
}

/*
 * Locks a name against changes by others until the end of the transaction;
 * readers take no notice.  Returns false if another transaction has the lock
 * and "wait" is false.  Only who may change the name is let in here, so
 * nobody else can hold it.
 */
bool
registry_lock(const Registry *registry, const char *name, bool wait)
{
	uint64		key = hash_bytes_extended((const unsigned char *) name,
										  (int) strlen(name), 0);
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, registry->names, (uint32) key,
						 LOCK_KIND);
	return LockAcquire(&tag, ExclusiveLock, false, !wait) !=
		LOCKACQUIRE_NOT_AVAIL;
}

/*
 * Finds a name, whoever may see it, and a version of it in the latest there
 * is; false if there is no such name.
 */
bool
registry_find_latest(const Registry *registry, const char *name,
					 int32 version, ModelName *row, ModelVersion *found)
{
	Snapshot	snapshot = registry_snapshot();
	bool		known = registry_find_name(registry, snapshot, name, false,
										   row);

	if (known)
		(void) registry_find(registry, snapshot, row, version, false, found);
	UnregisterSnapshot(snapshot);
	return known;
}

/* Reports a name that somebody else has. */
pg_noreturn static void
report_taken(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("the model name \"%s\" belongs to another role", name),
			 errhint("Choose another name.")));
}

/*
 * A number that nobody can guess: rows of a dump belong together by it, and
 * none can be slipped into somebody else's.
 */
static int64
random_id(void)
{
	int64		id;

	if (!pg_strong_random(&id, sizeof(id)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random number")));
	return id;
}

/*
 * Gives a new name to the current user.  Waits for a transaction that is about
 * to take it as well; errors if that, or anybody, has taken it.
 */
static void
take_name(const Registry *registry, const char *name)
{
	MemoryContext context = CurrentMemoryContext;
	RowChange	row = {0};

	row_set_text(&row, NAME_NAME, name);
	row_set(&row, NAME_ID, Int64GetDatum(random_id()));
	row_set(&row, NAME_OWNER, ObjectIdGetDatum(GetUserId()));
	row_set(&row, NAME_READERS,
			registry_roles(registry->names, NULL, 0));
	row_set(&row, NAME_KEEP, Int32GetDatum(DEFAULT_KEEP));
	row_set(&row, NAME_HELD, BoolGetDatum(false));
	PG_TRY();
	{
		row_insert(registry, registry->names, &row);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		if (geterrcode() != ERRCODE_UNIQUE_VIOLATION)
			PG_RE_THROW();
		FlushErrorState();
		report_taken(name);
	}
	PG_END_TRY();
}

/*
 * Finds out whose a name is, or takes it if it is new, and locks it for the
 * current user.  "found" gets the active or newest version; its number is 0 if
 * there is none.
 */
void
registry_claim(Registry *registry, const char *name, ModelVersion *found)
{
	ModelName	row;

	if (!registry_find_latest(registry, name, 0, &row, found))
		take_name(registry, name);
	else if (!registry_may_read(row.owner, row.readers))
		report_taken(name);
	else
		registry_check_manager(&row);
	(void) registry_lock(registry, name, true);
	/* what was found may have changed while waiting */
	if (!registry_find_latest(registry, name, 0, &row, found))
		report_no_model(name);
	registry_check_manager(&row);
}

/*
 * Finds a version of a name, 0 for the active or newest one, for one who is
 * about to change the model, and locks the name.  Errors if it does not exist
 * for the current user, or is only shared with him.
 */
void
registry_manage(Registry *registry, const char *name, int32 version,
				ModelVersion *found)
{
	ModelName	row;

	if (!registry_find_latest(registry, name, version, &row, found))
		report_no_model(name);
	registry_check_manager(&row);
	(void) registry_lock(registry, name, true);
	/* what was found may have changed while waiting */
	if (!registry_find_latest(registry, name, version, &row, found))
		report_no_model(name);
	registry_check_manager(&row);
	if (version != 0 && found->version == 0)
		report_no_version(name, version);
}

/* A model's name from an argument; errors if it is NULL. */
char *
argument_name(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("model name must not be NULL")));
	return text_to_cstring(PG_GETARG_TEXT_PP(argument));
}
