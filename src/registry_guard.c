/*-------------------------------------------------------------------------
 *
 * registry_guard.c
 *	  Who may see and change which rows of the table of models.
 *
 * Row security asks iforest_can_read and iforest_can_manage.  It cannot keep
 * two roles from using one name, as neither sees the other's rows; a trigger
 * does, which looks at all of them.
 *
 *-------------------------------------------------------------------------
 */
#include "registry.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_collation.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* "public" among the readers of a model; "-" as text. */
#define PUBLIC_ROLE	InvalidOid

PG_FUNCTION_INFO_V1(iforest_can_manage);
/*
 * iforest_can_manage(owner regrole) -> bool
 *
 * Whether the current user has the privileges of a model's owner.
 */
Datum
iforest_can_manage(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(has_privs_of_role(GetUserId(), PG_GETARG_OID(0)));
}

PG_FUNCTION_INFO_V1(iforest_can_read);
/*
 * iforest_can_read(owner regrole, readers regrole[]) -> bool
 *
 * Whether the current user has the privileges of a model's owner, or of a
 * role that it is shared with.
 */
Datum
iforest_can_read(PG_FUNCTION_ARGS)
{
	Oid			user = GetUserId();
	ArrayType  *readers;
	const Oid  *roles;
	int			n;

	if (!PG_ARGISNULL(0) && has_privs_of_role(user, PG_GETARG_OID(0)))
		PG_RETURN_BOOL(true);
	if (PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	readers = PG_GETARG_ARRAYTYPE_P(1);
	if (ARR_HASNULL(readers))
		PG_RETURN_BOOL(false);
	roles = (const Oid *) ARR_DATA_PTR(readers);
	n = ArrayGetNItems(ARR_NDIM(readers), ARR_DIMS(readers));
	for (int i = 0; i < n; i++)
	{
		if (roles[i] == PUBLIC_ROLE || has_privs_of_role(user, roles[i]))
			PG_RETURN_BOOL(true);
	}
	PG_RETURN_BOOL(false);
}

/*
 * Whether there is a model of this name that another role owns, whoever may
 * see it, and committed or not.
 */
bool
registry_taken(Oid table, const char *name, Oid owner)
{
	Relation	relation = table_open(table, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(relation);
	AttrNumber	owner_column = get_attnum(table, "owner");
	SnapshotData everything;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		taken = false;

	InitDirtySnapshot(everything);
	ScanKeyInit(&key, get_attnum(table, "name"), BTEqualStrategyNumber,
				F_TEXTEQ, CStringGetTextDatum(name));
	scan = systable_beginscan(relation,
							  get_relname_relid("iforest_models_pkey",
												RelationGetNamespace(relation)),
							  true, &everything, 1, &key);
	while (!taken && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull;

		/* heap_getattr is inline, and of each minor release in its own way */
		taken = DatumGetObjectId(SPI_getbinval(tuple, desc, owner_column,
											   &isnull)) != owner;
	}
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return taken;
}

PG_FUNCTION_INFO_V1(iforest_models_guard);
/*
 * iforest_models_guard() -> trigger
 *
 * Refuses a row of iforest_models whose name another role uses.  As the row
 * is there already when this runs, of two transactions that use a name at
 * the same time at least one sees the other.
 */
Datum
iforest_models_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple	tuple;
	TupleDesc	desc;
	char	   *name;
	Oid			owner;
	bool		isnull;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_AFTER(trigger->tg_event))
		elog(ERROR, "iforest_models_guard called other than as a row's AFTER trigger");
	/* anybody can make it the trigger of a table with other columns */
	if (RelationGetRelid(trigger->tg_relation) !=
		registry_table(get_func_namespace(fcinfo->flinfo->fn_oid)))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("iforest_models_guard() is a trigger of table iforest_models, not of table \"%s\"",
						RelationGetRelationName(trigger->tg_relation)),
				 errhint("Drop trigger \"%s\".",
						 trigger->tg_trigger->tgname)));
	tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		trigger->tg_newtuple : trigger->tg_trigtuple;
	desc = RelationGetDescr(trigger->tg_relation);
	name = SPI_getvalue(tuple, desc, SPI_fnumber(desc, "name"));
	owner = DatumGetObjectId(SPI_getbinval(tuple, desc,
										   SPI_fnumber(desc, "owner"),
										   &isnull));
	if (registry_taken(RelationGetRelid(trigger->tg_relation), name, owner))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("the model name \"%s\" belongs to another role", name),
				 errhint("Choose another name.")));
	return PointerGetDatum(NULL);
}
