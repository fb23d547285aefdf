/*-------------------------------------------------------------------------
 *
 * registry_manage.c
 *	  Switching, dropping, sharing and giving away named models.
 *
 * Each function locks the name, looks whether the current user may, and
 * changes rows; what a statement that runs beside it sees of that is the
 * server's rule for its snapshot, as of any other row.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "registry/registry_find.h"
#include "registry/registry_role.h"
#include "registry/registry_table.h"
#include "registry/registry_versions.h"
#include "registry/registry_write.h"

/*
 * Opens the registry, and locks the model that argument 0 names, whose name is
 * returned; "found" gets a version of it, 0 for the active or newest one.
 * Errors if the current user may not change the model.
 */
static char *
open_model(FunctionCallInfo fcinfo, Registry *registry, int32 version,
		   ModelVersion *found)
{
	char	   *name = argument_name(fcinfo, 0);

	PreventCommandIfReadOnly(psprintf("%s()", get_func_name(fcinfo->flinfo->fn_oid)));
	registry_open(registry, fcinfo->flinfo->fn_oid);
	registry_manage(registry, name, version, found);
	return name;
}

PG_FUNCTION_INFO_V1(iforest_activate);
/*
 * iforest_activate(name text, version int, hold bool) -> int
 *
 * Makes a version the active one, and returns its number; "hold" keeps
 * iforest_refit from replacing it.
 */
Datum
iforest_activate(PG_FUNCTION_ARGS)
{
	Registry	registry;
	ModelName	row;
	ModelVersion version;
	ModelVersion active;
	RowChange	change = {0};
	bool		hold = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	char	   *name;

	if (PG_ARGISNULL(1) || PG_GETARG_INT32(1) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("version must be a number from 1 on"),
				 errhint("The view iforest_models lists the versions.")));
	name = open_model(fcinfo, &registry, PG_GETARG_INT32(1), &version);
	(void) registry_find_latest(&registry, name, 0, &row, &active);
	if (!version.active)
		registry_activate(&registry, name, version.version,
						  active.active ? active.version : 0, hold);
	else if (row.held != hold)
	{
		row_set(&change, NAME_HELD, BoolGetDatum(hold));
		registry_update_name(&registry, name, &change);
	}
	PG_RETURN_INT32(version.version);
}

PG_FUNCTION_INFO_V1(iforest_rollback);
/*
 * iforest_rollback(name text, hold bool) -> int
 *
 * Makes the version active that the active one has replaced, and returns its
 * number.  Another rollback goes one version further back; "hold" is as for
 * iforest_activate.
 */
Datum
iforest_rollback(PG_FUNCTION_ARGS)
{
	Registry	registry;
	ModelName	row;
	ModelVersion active;
	ModelVersion previous = {0};
	char	   *name = open_model(fcinfo, &registry, 0, &active);

	if (active.active && active.previous != 0)
		(void) registry_find_latest(&registry, name, active.previous, &row,
									&previous);
	if (previous.version == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 active.active ?
				 errmsg("no version of model \"%s\" was active before version %d",
						name, active.version) :
				 errmsg("model \"%s\" has no active version", name),
				 errhint("iforest_activate(name, version) makes any version active.")));
	registry_activate(&registry, name, previous.version, previous.previous,
					  !PG_ARGISNULL(1) && PG_GETARG_BOOL(1));
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
	PG_RETURN_INT32(registry_remove(&registry, name, number));
}

/*
 * Makes a role a reader of the model in argument 0, or no reader.  It is there
 * once, however often it is made one.
 */
static void
set_reader(FunctionCallInfo fcinfo, bool reader)
{
	char	   *role = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			role_id = strcmp(role, "public") == 0 ? PUBLIC_ROLE :
		get_role_oid(role, false);
	Registry	registry;
	ModelName	found;
	ModelVersion version;
	RowChange	row = {0};
	char	   *name = open_model(fcinfo, &registry, 0, &version);
	Oid		   *roles;
	int			n;
	int			kept = 0;

	(void) registry_find_latest(&registry, name, 0, &found, &version);
	roles = registry_readers(found.readers, &n);
	roles = repalloc(roles, (n + 1) * sizeof(Oid));
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		/* those that do not exist any more go as well */
		if (roles[i] != role_id &&
			(roles[i] == PUBLIC_ROLE || registry_role_exists(roles[i])))
			roles[kept++] = roles[i];
	}
	if (reader)
		roles[kept++] = role_id;
	row_set(&row, NAME_READERS, registry_roles(registry.names, roles, kept));
	registry_update_name(&registry, name, &row);
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

PG_FUNCTION_INFO_V1(iforest_set_owner);
/*
 * iforest_set_owner(name text, role text) -> void
 *
 * Gives a model to a role that the current user may act as, a superuser to any
 * role; from then on its queries run as that role, whoever wrote them.
 */
Datum
iforest_set_owner(PG_FUNCTION_ARGS)
{
	char	   *role = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			role_id = get_role_oid(role, false);
	Registry	registry;
	ModelVersion version;
	RowChange	row = {0};
	char	   *name = open_model(fcinfo, &registry, 0, &version);

	if (!can_set_role(GetUserId(), role_id))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("model \"%s\" cannot be given to role \"%s\"", name,
						role),
				 errdetail("You must be able to SET ROLE to it.")));
	row_set(&row, NAME_OWNER, ObjectIdGetDatum(role_id));
	registry_update_name(&registry, name, &row);
	registry_set_runs_as(&registry, name, role_id);
	PG_RETURN_VOID();
}
