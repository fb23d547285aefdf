/*-------------------------------------------------------------------------
 *
 * registry_table.c
 *	  The table of named models, read and changed by SQL.
 *
 * Every statement runs as the current user, so that privileges and row
 * security hold; the table is found in the schema of the function that was
 * called, and nothing else is looked up outside of pg_catalog.
 *
 *-------------------------------------------------------------------------
 */
#include "registry.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

/* What tells our advisory locks from those that SQL can take. */
#define LOCK_KIND	3

/*
 * The table of models in a schema; errors if it is not there, or the schema
 * itself, as when the extension was dropped in the meantime.
 */
Oid
registry_table(Oid namespace_id)
{
	Oid			table = get_relname_relid("iforest_models", namespace_id);

	if (!OidIsValid(table) || get_namespace_name(namespace_id) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table iforest_models does not exist"),
				 errhint("It is a part of the extension: DROP EXTENSION iforest and CREATE EXTENSION iforest make it anew.")));
	return table;
}

/*
 * Connects to the table of the extension that the called function belongs
 * to.  Errors leave it to the transaction to disconnect.
 */
void
registry_open(Registry *registry, FunctionCallInfo fcinfo)
{
	registry->caller = CurrentMemoryContext;
	registry->table_id =
		registry_table(get_func_namespace(fcinfo->flinfo->fn_oid));
	registry->guc_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	SPI_connect();
}

/* Disconnects; what is in registry->caller remains. */
void
registry_close(Registry *registry)
{
	SPI_finish();
	AtEOXact_GUC(false, registry->guc_level);
}

/*
 * The schema that the table is in now: while a model is trained, others may
 * rename it, give its name to one of theirs, or move the extension.
 */
Oid
registry_namespace(const Registry *registry)
{
	Oid			namespace_id;

	AcceptInvalidationMessages();
	namespace_id = get_rel_namespace(registry->table_id);
	(void) registry_table(namespace_id);
	return namespace_id;
}

/* The table's name, qualified and quoted, as long as it has it. */
char *
registry_table_name(const Registry *registry)
{
	return quote_qualified_identifier(get_namespace_name(registry_namespace(registry)),
									  "iforest_models");
}

/*
 * Errors if the table no longer has the name, "found", that a statement was
 * written with: a schema can be renamed at any moment, and another one get its
 * name before the statement is parsed.
 */
void
registry_check_name(const char *found, const char *now)
{
	if (strcmp(found, now) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("%s became %s while it was used", found, now),
				 errhint("Try again.")));
}

/*
 * Runs a statement in which %1$s stands for the table, or %s does, once.
 * Returns how many rows it has found or changed; those found are in
 * SPI_tuptable.
 */
uint64
registry_execute(const Registry *registry, const char *sql,
				 const SqlParameters *parameters)
{
	char	   *table = registry_table_name(registry);
	char	   *statement = psprintf(sql, table);
	int			result = SPI_execute_with_args(statement, parameters->n,
											   (Oid *) parameters->types,
											   (Datum *) parameters->values,
											   parameters->nulls, false, 0);

	if (result < 0)
		elog(ERROR, "could not execute \"%s\": %s", statement,
			 SPI_result_code_string(result));
	registry_check_name(table, registry_table_name(registry));
	pfree(statement);
	pfree(table);
	return SPI_processed;
}

/* An integer column of the first row found; "otherwise" for NULL. */
int32
registry_integer(int column, int32 otherwise)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0],
									  SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? otherwise : DatumGetInt32(value);
}

/* A text column of the first row found, in a memory context; or NULL. */
static char *
text_column(int column, MemoryContext context)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0],
									  SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? NULL :
		MemoryContextStrdup(context, TextDatumGetCString(value));
}

/* Reads the first row found by registry_find. */
static void
read_version(const Registry *registry, ModelVersion *found)
{
	HeapTuple	tuple = SPI_tuptable->vals[0];
	TupleDesc	desc = SPI_tuptable->tupdesc;
	bool		isnull;
	Datum		value;

	found->version = registry_integer(1, 0);
	found->active = DatumGetBool(SPI_getbinval(tuple, desc, 2, &isnull));
	found->query = text_column(3, registry->caller);
	found->search_path = text_column(4, registry->caller);
	value = SPI_getbinval(tuple, desc, 5, &isnull);
	found->options = NULL;
	if (!isnull)
	{
		MemoryContext old = MemoryContextSwitchTo(registry->caller);

		found->options = DatumGetJsonbPCopy(value);
		MemoryContextSwitchTo(old);
	}
	found->owner = DatumGetObjectId(SPI_getbinval(tuple, desc, 6, &isnull));
	found->keep = registry_integer(7, DEFAULT_KEEP);
	found->trained_at = DatumGetTimestampTz(SPI_getbinval(tuple, desc, 8,
														  &isnull));
	value = SPI_getbinval(tuple, desc, 9, &isnull);
	found->rows_seen = isnull ? -1 : DatumGetInt64(value);
	found->previous = registry_integer(10, 0);
}

/*
 * Finds a version of a model among those that the current user may see;
 * version 0 is the active one or, without one, the newest.  Returns false if
 * there is none.
 */
bool
registry_find(const Registry *registry, const char *name, int32 version,
			  ModelVersion *found)
{
	SqlParameters parameters = {0};

	sql_add(&parameters, TEXTOID, CStringGetTextDatum(name));
	sql_add(&parameters, INT4OID, Int32GetDatum(version));
	if (registry_execute(registry,
						 "SELECT version, active, query, search_path, options, owner, keep,"
						 " trained_at, rows_seen, previous FROM %s"
						 " WHERE name = $1 AND $2 IN (0, version)"
						 " ORDER BY active DESC, version DESC LIMIT 1",
						 &parameters) == 0)
		return false;
	found->name = MemoryContextStrdup(registry->caller, name);
	read_version(registry, found);
	return true;
}

/* Reports a name that the current user can see no model of. */
void
report_no_model(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("model \"%s\" does not exist", name),
			 errhint("The table iforest_models lists the models that you may use; a model's owner can share it with iforest_share().")));
}

/*
 * As registry_find, for one who is about to change the model: errors if there
 * is none, or if it is only shared with the current user.
 */
void
registry_find_owned(const Registry *registry, const char *name, int32 version,
					ModelVersion *found)
{
	if (!registry_find(registry, name, 0, found))
		report_no_model(name);
	if (!has_privs_of_role(GetUserId(), found->owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for model \"%s\"", name),
				 errhint("It is shared with you for reading; only members of the role %s may change it.",
						 GetUserNameFromId(found->owner, true) ?
						 GetUserNameFromId(found->owner, true) : "that owns it")));
	if (version != 0 && !registry_find(registry, name, version, found))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("model \"%s\" has no version %d", name, version),
				 errhint("The table iforest_models lists the versions.")));
}

/*
 * Locks a model against changes by others until the end of the transaction;
 * readers take no notice.  Returns false if another transaction has the lock
 * and "wait" is false.  Roles that do not own a name cannot reach its lock.
 */
bool
registry_lock(const Registry *registry, const char *name, Oid owner, bool wait)
{
	uint64		key = hash_bytes_extended((const unsigned char *) name,
										  (int) strlen(name), owner);
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, registry->table_id, (uint32) key,
						 LOCK_KIND);
	return LockAcquire(&tag, ExclusiveLock, false, !wait) !=
		LOCKACQUIRE_NOT_AVAIL;
}

/*
 * Makes a version the active one; "previous" is the one that a rollback from
 * it leads to, 0 for none.
 */
void
registry_activate(const Registry *registry, const char *name, int32 version,
				  int32 previous)
{
	SqlParameters parameters = {0};

	sql_add(&parameters, TEXTOID, CStringGetTextDatum(name));
	(void) registry_execute(registry, "UPDATE %s SET active = false"
							" WHERE name = $1 AND active", &parameters);
	sql_add(&parameters, INT4OID, Int32GetDatum(version));
	sql_add(&parameters, INT4OID, Int32GetDatum(previous));
	if (registry_execute(registry, "UPDATE %s SET active = true,"
						 " previous = nullif($3, 0)"
						 " WHERE name = $1 AND version = $2",
						 &parameters) != 1)
		elog(ERROR, "version %d of model \"%s\" cannot be activated", version,
			 name);
}

/*
 * Deletes a version, or with version 0 all of them, and returns how many.
 * Where a rollback led to it, it leads to where one from it led to.
 */
int32
registry_remove(const Registry *registry, const char *name, int32 version)
{
	SqlParameters parameters = {0};
	int32		previous = 0;

	sql_add(&parameters, TEXTOID, CStringGetTextDatum(name));
	sql_add(&parameters, INT4OID, Int32GetDatum(version));
	if (registry_execute(registry, "DELETE FROM %s WHERE name = $1"
						 " AND $2 IN (0, version) RETURNING previous",
						 &parameters) == 0)
		return 0;
	if (version == 0)
		return (int32) SPI_processed;
	previous = registry_integer(1, 0);
	sql_add(&parameters, INT4OID, Int32GetDatum(previous));
	(void) registry_execute(registry, "UPDATE %s SET previous ="
							" nullif(nullif($3, version), 0)"
							" WHERE name = $1 AND previous = $2", &parameters);
	return 1;
}

/*
 * Deletes old versions until no more than "keep" are left: never the active
 * one, and last of all the one just made and the one to roll back to.
 */
void
registry_prune(const Registry *registry, const char *name, int32 newest,
			   int32 keep)
{
	SqlParameters parameters = {0};
	uint64		n;
	int32	   *versions;

	sql_add(&parameters, TEXTOID, CStringGetTextDatum(name));
	sql_add(&parameters, INT4OID, Int32GetDatum(newest));
	sql_add(&parameters, INT4OID, Int32GetDatum(keep));
	n = registry_execute(registry,
						 "WITH v AS (SELECT version, active, previous FROM %s WHERE name = $1)"
						 " SELECT version FROM v WHERE NOT active"
						 " ORDER BY version = $2 DESC,"
						 " version = (SELECT previous FROM v WHERE active) IS TRUE DESC,"
						 " version DESC"
						 " OFFSET $3 - (SELECT count(*) FROM v WHERE active)",
						 &parameters);
	versions = palloc(Max(n, 1) * sizeof(int32));
	for (uint64 i = 0; i < n; i++)
	{
		bool		isnull;

		versions[i] = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[i],
												  SPI_tuptable->tupdesc, 1,
												  &isnull));
	}
	for (uint64 i = 0; i < n; i++)
		(void) registry_remove(registry, name, versions[i]);
	pfree(versions);
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
