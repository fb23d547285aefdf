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

/*
 * Notes where a function is and whose: the extension's schema and owner.
 * Neither, if there is no such function.
 */
static void
find_place(Registry *registry, Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));

	registry->function = function;
	registry->schema = InvalidOid;
	registry->owner = InvalidOid;
	if (!HeapTupleIsValid(tuple))
		return;
	registry->schema = ((Form_pg_proc) GETSTRUCT(tuple))->pronamespace;
	registry->owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
}

/*
 * Whether a relation is a table in the extension's schema with its owner.
 * Nobody else can put one there: who owns the schema can give a table of his
 * the name, but not that owner.
 */
static bool
is_in_place(const Registry *registry, const FormData_pg_class *relation)
{
	return relation->relkind == RELKIND_RELATION &&
		relation->relnamespace == registry->schema &&
		relation->relowner == registry->owner;
}

/* The table of a name that is a part of the extension. */
static Oid
find_table(const char *name, const Registry *registry)
{
	Oid			table = get_relname_relid(name, registry->schema);
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	bool		found;

	found = HeapTupleIsValid(tuple) &&
		is_in_place(registry, (Form_pg_class) GETSTRUCT(tuple));
	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	if (!found)
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
	find_place(registry, function);
	registry->names = find_table(NAMES_TABLE, registry);
	registry->versions = find_table(VERSIONS_TABLE, registry);
}

/* The index of a table's primary key. */
static Oid
primary_key(Relation table)
{
	list_free(RelationGetIndexList(table));
	return table->rd_pkindex;
}

/* Whether an open table is the extension's, which may have been moved. */
static bool
is_ours(const Registry *registry, Relation table)
{
	Registry	now;

	if (is_in_place(registry, table->rd_rel))
		return true;
	find_place(&now, registry->function);
	return is_in_place(&now, table->rd_rel);
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
	if (rows->table == NULL || !is_ours(registry, rows->table) ||
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
