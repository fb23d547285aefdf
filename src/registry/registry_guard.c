/*-------------------------------------------------------------------------
 *
 * registry_guard.c
 *	  Rows of the registry's tables that do not come from its functions.
 *
 * Restoring a dump inserts rows, and so may do who owns the database or the
 * extension.  What such a row says of roles makes queries run as these, so a
 * trigger looks at it.  A superuser may say anything.  Anybody else gets what
 * he may not give to its owner himself, may not touch what others own, and
 * changes and deletes nothing.
 *
 * The view that people see asks here, too, who may read which row.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "registry/registry_find.h"
#include "registry/registry_role.h"
#include "registry/registry_table.h"

PG_FUNCTION_INFO_V1(iforest_can_manage);
/*
 * _iforest_can_manage(owner iforest_role) -> bool
 *
 * Whether the current user has the privileges of a model's owner.
 */
Datum
iforest_can_manage(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(registry_may_manage(PG_GETARG_OID(0)));
}

PG_FUNCTION_INFO_V1(iforest_can_read);
/*
 * _iforest_can_read(owner iforest_role, readers iforest_role[]) -> bool
 *
 * Whether the current user has the privileges of a model's owner, or of a
 * role that it is shared with.
 */
Datum
iforest_can_read(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(registry_may_read(PG_GETARG_OID(0), PG_GETARG_DATUM(1)));
}

/* Whether the current user may make things that are a role's. */
static bool
may_give_to(Oid role)
{
	return registry_role_exists(role) && can_set_role(GetUserId(), role);
}

/*
 * Tells who owns a restored model, if not whom its row said: by a warning, as
 * a dump's settings suppress what is less.
 */
static void
report_owner(const char *name, Oid wanted, Oid owner)
{
	char	   *now = registry_role_name(owner);
	char	   *role = registry_role_name(wanted);

	ereport(WARNING,
			(now[0] == '\0' ?
			 errmsg("model \"%s\" belongs to nobody", name) :
			 errmsg("model \"%s\" now belongs to role \"%s\"", name, now),
			 role[0] == '\0' || wanted == PUBLIC_ROLE ?
			 errdetail("The role that owned it does not exist here.") :
			 errdetail("You may not give it to role \"%s\".", role),
			 errhint("It scores as before. To train it anew by its query, look at the query in iforest_models first, then SELECT iforest_set_owner(%s, %s).",
					 quote_literal_cstr(name),
					 now[0] == '\0' ? "'role'" : quote_literal_cstr(now))));
}

/*
 * Looks at a row for iforest_registry and puts roles in that may be there: an
 * owner to whom the current user could give it, else himself, and readers that
 * exist.
 */
static void
guard_name(Oid table, bool trusted, Datum *values, const bool *nulls)
{
	Oid			wanted = DatumGetObjectId(values[NAME_OWNER]);
	Oid			owner = wanted;
	Oid		   *readers;
	int			n;

	if (nulls[NAME_NAME] || nulls[NAME_OWNER] || nulls[NAME_READERS])
		return;					/* the table refuses it */
	if (!trusted && !may_give_to(wanted))
		owner = GetUserId();
	else if (!registry_role_exists(wanted))
		owner = NO_ROLE;
	if (owner != wanted || owner == NO_ROLE)
		report_owner(TextDatumGetCString(values[NAME_NAME]), wanted, owner);
	values[NAME_OWNER] = ObjectIdGetDatum(owner);
	readers = registry_readers(values[NAME_READERS], &n);
	values[NAME_READERS] = registry_roles(table, readers, n);
}

/*
 * The same for a row for iforest_versions, of one who is not trusted.  Its name
 * may come later: from the same dump, as nobody knows the id of another.
 */
static void
guard_version(const Registry *registry, Datum *values, const bool *nulls)
{
	ModelName	name;

	if (nulls[VERSION_ID] || nulls[VERSION_RUNS_AS])
		return;					/* the table refuses it */
	if (registry_find_id(registry, DatumGetInt64(values[VERSION_ID]), &name) &&
		!registry_may_manage(name.owner) && !may_give_to(name.owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for model \"%s\"", name.name)));
	if (!may_give_to(DatumGetObjectId(values[VERSION_RUNS_AS])))
		values[VERSION_RUNS_AS] = ObjectIdGetDatum(NO_ROLE);
}

/* Checks that the function is called as the trigger that it is. */
static void
check_trigger(FunctionCallInfo fcinfo, const Registry *registry)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Oid			table = RelationGetRelid(trigger->tg_relation);

	/* anybody can make it the trigger of a table with other columns */
	if (table != registry->names && table != registry->versions)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("_iforest_registry_guard() is a trigger of the extension's tables, not of table \"%s\"",
						RelationGetRelationName(trigger->tg_relation)),
				 errhint("Drop trigger \"%s\".",
						 trigger->tg_trigger->tgname)));
}

/* The row that is to be stored: as given, with the roles put in. */
static HeapTuple
guarded_row(const Registry *registry, TriggerData *trigger, bool trusted,
			HeapTuple tuple)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	Oid			table = RelationGetRelid(trigger->tg_relation);
	Datum	   *values = palloc(desc->natts * sizeof(Datum));
	bool	   *nulls = palloc(desc->natts * sizeof(bool));

	heap_deform_tuple(tuple, desc, values, nulls);
	if (table == registry->names)
		guard_name(table, trusted, values, nulls);
	else
		guard_version(registry, values, nulls);
	return heap_form_tuple(desc, values, nulls);
}

PG_FUNCTION_INFO_V1(iforest_registry_guard);
/*
 * _iforest_registry_guard() -> trigger
 *
 * Before a row of iforest_registry or iforest_versions is inserted, changed or
 * deleted: see above.
 */
Datum
iforest_registry_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Registry	registry;
	bool		trusted;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event))
		elog(ERROR, "_iforest_registry_guard() called other than as a row's BEFORE trigger");
	registry_open(&registry, fcinfo->flinfo->fn_oid);
	check_trigger(fcinfo, &registry);
	trusted = superuser() || GetUserId() == registry.owner;
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) &&
		(!trusted || RelationGetRelid(trigger->tg_relation) == registry.names))
		return PointerGetDatum(guarded_row(&registry, trigger, trusted,
										   trigger->tg_trigtuple));
	if (!trusted)				/* an UPDATE or DELETE */
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for rows of table %s",
						RelationGetRelationName(trigger->tg_relation)),
				 errhint("Models are changed by iforest_fit(), iforest_activate(), iforest_drop() and others.")));
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
						   trigger->tg_newtuple : trigger->tg_trigtuple);
}
