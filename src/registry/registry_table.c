/*-------------------------------------------------------------------------
 *
 * registry_table.c
 *	  The tables of named models: which they are, and their rows.
 *
 * iforest_registry has a row for each name, iforest_versions one for each
 * version.  Nobody but who has created the extension's objects has rights on
 * them that matter; these functions look at rows as the server looks at its
 * catalogs, by the tables' OIDs, and whoever calls decides what the current
 * user may see.  So no statement is parsed, no search_path matters, and a
 * schema that is renamed at any moment changes nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tupdesc.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "registry/registry_table.h"

#define NAMES_TABLE		"iforest_registry"
#define VERSIONS_TABLE	"iforest_versions"
#define ID_INDEX		"iforest_registry_id_key"

/* Reports that a table is not there, or not the extension's. */
pg_noreturn static void
report_no_table(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("table %s of the extension does not exist", name),
			 errhint("The extension may just have been moved or made anew: try again. If that does not help, DROP EXTENSION iforest and CREATE EXTENSION iforest make the table anew.")));
}

/* The owner of a function. */
static Oid
function_owner(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * Whether a relation is a table in a function's schema with the function's
 * owner.  Nobody else can put one there: who owns the schema can give a table
 * of his the name, but not that owner.
 */
static bool
belongs_to(Oid table, Oid function)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Form_pg_class form;
	bool		belongs;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_class) GETSTRUCT(tuple);
	belongs = form->relkind == RELKIND_RELATION &&
		form->relnamespace == get_func_namespace(function) &&
		form->relowner == function_owner(function);
	ReleaseSysCache(tuple);
	return belongs;
}

/* The table of a name that is a part of a function's extension. */
static Oid
find_table(const char *name, Oid function)
{
	Oid			table = get_relname_relid(name, get_func_namespace(function));

	if (!OidIsValid(table) || !belongs_to(table, function))
		report_no_table(name);
	return table;
}

/*
 * Finds the tables of the extension that a function belongs to: those in its
 * schema, of its owner.  Errors if they are not there.
 */
void
registry_open(Registry *registry, Oid function)
{
	registry->function = function;
	registry->names = find_table(NAMES_TABLE, function);
	registry->versions = find_table(VERSIONS_TABLE, function);
	registry->owner = function_owner(function);
}

/* The index of a table's primary key. */
static Oid
primary_key(Relation table)
{
	list_free(RelationGetIndexList(table));
	return table->rd_pkindex;
}

/*
 * Opens a table for reading, and makes sure that it still is what it was when
 * its OID was found.
 */
static void
open_table(RowScan *rows, const Registry *registry, Oid table)
{
	rows->n_columns = table == registry->names ? NAME_COLUMNS :
		VERSION_COLUMNS;
	rows->table = try_table_open(table, AccessShareLock);
	/* opening has taken in what others have done to it */
	if (rows->table == NULL || !belongs_to(table, registry->function) ||
		RelationGetDescr(rows->table)->natts < rows->n_columns)
		report_no_table(table == registry->names ? NAMES_TABLE :
						VERSIONS_TABLE);
}

/* Begins to read the row of a name. */
void
scan_name(RowScan *rows, const Registry *registry, Snapshot snapshot,
		  const char *name)
{
	ScanKeyData key;

	open_table(rows, registry, registry->names);
	ScanKeyInit(&key, NAME_NAME + 1, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(name));
	key.sk_collation = C_COLLATION_OID;
	rows->scan = systable_beginscan(rows->table, primary_key(rows->table),
									true, snapshot, 1, &key);
}

/* Begins to read the row of the name that has an id. */
void
scan_id(RowScan *rows, const Registry *registry, Snapshot snapshot, int64 id)
{
	ScanKeyData key;
	Oid			index;

	open_table(rows, registry, registry->names);
	index = get_relname_relid(ID_INDEX, RelationGetNamespace(rows->table));
	ScanKeyInit(&key, NAME_ID + 1, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(id));
	rows->scan = systable_beginscan(rows->table, index, OidIsValid(index),
									snapshot, 1, &key);
}

/*
 * Begins to read the versions of the name that has an id, or one version, if
 * "version" is not 0.
 */
void
scan_versions(RowScan *rows, const Registry *registry, Snapshot snapshot,
			  int64 id, int32 version)
{
	ScanKeyData keys[2];

	open_table(rows, registry, registry->versions);
	ScanKeyInit(&keys[0], VERSION_ID + 1, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(id));
	ScanKeyInit(&keys[1], VERSION_NUMBER + 1, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(version));
	rows->scan = systable_beginscan(rows->table, primary_key(rows->table),
									true, snapshot, version != 0 ? 2 : 1,
									keys);
}

/* Reads the next row into rows->values; false if there is no more. */
bool
row_scan_next(RowScan *rows)
{
	TupleDesc	desc = RelationGetDescr(rows->table);
	Datum	   *values = rows->values;
	bool	   *nulls = rows->nulls;

	CHECK_FOR_INTERRUPTS();
	rows->tuple = systable_getnext(rows->scan);
	if (!HeapTupleIsValid(rows->tuple))
		return false;
	/* somebody may have added columns of his */
	if (desc->natts > MAX_COLUMNS)
	{
		values = palloc(desc->natts * sizeof(Datum));
		nulls = palloc(desc->natts * sizeof(bool));
	}
	heap_deform_tuple(rows->tuple, desc, values, nulls);
	if (values != rows->values)
	{
		memcpy(rows->values, values, rows->n_columns * sizeof(Datum));
		memcpy(rows->nulls, nulls, rows->n_columns * sizeof(bool));
		pfree(values);
		pfree(nulls);
	}
	return true;
}

/*
 * Ends reading.  The lock on the table is kept until the end of the
 * transaction if what was read is used for longer.
 */
void
row_scan_end(RowScan *rows, bool keep_lock)
{
	systable_endscan(rows->scan);
	table_close(rows->table, keep_lock ? NoLock : AccessShareLock);
}
