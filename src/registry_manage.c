/*-------------------------------------------------------------------------
 *
 * registry_manage.c
 *	  Switching, dropping and sharing named models.
 *
 *-------------------------------------------------------------------------
 */
#include "registry.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * Opens the registry, and locks the model that argument 0 names; "found" gets
 * a version of it, 0 for the active or newest one.
 */
static char *
open_model(FunctionCallInfo fcinfo, Registry *registry, int32 version,
		   ModelVersion *found)
{
	char	   *name = argument_name(fcinfo, 0);

	PreventCommandIfReadOnly(psprintf("%s()", get_func_name(fcinfo->flinfo->fn_oid)));
	registry_open(registry, fcinfo);
	registry_find_owned(registry, name, 0, found);
	(void) registry_lock(registry, name, found->owner, true);
	/* what was found may have changed while waiting */
	registry_find_owned(registry, name, version, found);
	return name;
}

/* The number of the active version; 0 if there is none. */
static int32
active_version(const Registry *registry, const char *name)
{
	ModelVersion newest;

	return registry_find(registry, name, 0, &newest) && newest.active ?
		newest.version : 0;
}

PG_FUNCTION_INFO_V1(iforest_activate);
/*
 * iforest_activate(name text, version int) -> int
 *
 * Makes a version the active one, and returns its number.
 */
Datum
iforest_activate(PG_FUNCTION_ARGS)
{
	Registry	registry;
	ModelVersion version;
	char	   *name;

	if (PG_ARGISNULL(1) || PG_GETARG_INT32(1) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("version must be a number from 1 on"),
				 errhint("The table iforest_models lists the versions.")));
	name = open_model(fcinfo, &registry, PG_GETARG_INT32(1), &version);
	if (!version.active)
		registry_activate(&registry, name, version.version,
						  active_version(&registry, name));
	registry_close(&registry);
	PG_RETURN_INT32(version.version);
}

PG_FUNCTION_INFO_V1(iforest_rollback);
/*
 * iforest_rollback(name text) -> int
 *
 * Makes the version active that the active one has replaced, and returns its
 * number.  Another rollback goes one version further back.
 */
Datum
iforest_rollback(PG_FUNCTION_ARGS)
{
	Registry	registry;
	ModelVersion active;
	ModelVersion previous;
	char	   *name = open_model(fcinfo, &registry, 0, &active);

	if (!active.active || active.previous == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 active.active ?
				 errmsg("no version of model \"%s\" was active before version %d",
						name, active.version) :
				 errmsg("model \"%s\" has no active version", name),
				 errhint("iforest_activate(name, version) makes any version active.")));
	registry_find_owned(&registry, name, active.previous, &previous);
	registry_activate(&registry, name, previous.version, previous.previous);
	registry_close(&registry);
	PG_RETURN_INT32(previous.version);
}

PG_FUNCTION_INFO_V1(iforest_drop);
/*
 * iforest_drop(name text, version int) -> int
 *
 * Drops all versions of a model, or one that is not active; returns how many.
 */
Datum
iforest_drop(PG_FUNCTION_ARGS)
{
	int32		number = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	Registry	registry;
	ModelVersion version;
	char	   *name;
	int32		dropped;

	if (!PG_ARGISNULL(1) && number < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("version must be a number from 1 on, or NULL for all")));
	name = open_model(fcinfo, &registry, number, &version);
	if (number != 0 && version.active)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("version %d of model \"%s\" is active", number, name),
				 errhint("Activate another version first, or drop the model: iforest_drop(name).")));
	dropped = registry_remove(&registry, name, number);
	registry_close(&registry);
	PG_RETURN_INT32(dropped);
}

/* Makes a role a reader of the model in argument 0, or no reader. */
static void
set_reader(FunctionCallInfo fcinfo, bool reader)
{
	char	   *role = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			role_id = strcmp(role, "public") == 0 ? InvalidOid :
		get_role_oid(role, false);
	Registry	registry;
	ModelVersion version;
	SqlParameters parameters = {0};
	char	   *name = open_model(fcinfo, &registry, 0, &version);

	sql_add(&parameters, TEXTOID, CStringGetTextDatum(name));
	sql_add(&parameters, REGROLEOID, ObjectIdGetDatum(role_id));
	sql_add(&parameters, BOOLOID, BoolGetDatum(reader));
	(void) registry_execute(&registry, "UPDATE %s SET readers ="
							" CASE WHEN $3 THEN array_append(array_remove(readers, $2), $2)"
							" ELSE array_remove(readers, $2) END"
							" WHERE name = $1", &parameters);
	registry_close(&registry);
}

PG_FUNCTION_INFO_V1(iforest_share);
/*
 * iforest_share(name text, role text) -> void
 *
 * Lets a role, or everybody ("public"), read and use a model.
 */
Datum
iforest_share(PG_FUNCTION_ARGS)
{
	set_reader(fcinfo, true);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(iforest_unshare);
/*
 * iforest_unshare(name text, role text) -> void
 *
 * Takes back what iforest_share gave.
 */
Datum
iforest_unshare(PG_FUNCTION_ARGS)
{
	set_reader(fcinfo, false);
	PG_RETURN_VOID();
}
