/*-------------------------------------------------------------------------
 *
 * registry_table.h
 *	  The tables of named models: which they are, and their rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_TABLE_H
#define IFOREST_REGISTRY_TABLE_H

#include "iforest.h"

#include "access/genam.h"
#include "access/htup_details.h"

#include "model/model_bytes.h"

/* Versions kept for each name, unless the name's owner says otherwise. */
#define DEFAULT_KEEP	5
#define MIN_KEEP		2
#define MAX_KEEP		10000

/* The columns of iforest_registry, a row a name .. */
typedef enum NameColumn
{
	NAME_NAME,
	NAME_ID,
	NAME_OWNER,
	NAME_READERS,
	NAME_KEEP,
	NAME_ACTIVE,
	NAME_REFIT,
	NAME_REFIT_VERSION,
	NAME_REFIT_AT,
	NAME_REFIT_DETAIL,
	NAME_HELD,
	NAME_COLUMNS
} NameColumn;

/* .. and of iforest_versions, a row a version. */
typedef enum VersionColumn
{
	VERSION_ID,
	VERSION_NUMBER,
	VERSION_MODEL,
	VERSION_QUERY,
	VERSION_LABELS,
	VERSION_SEARCH_PATH,
	VERSION_OPTIONS,
	VERSION_RUNS_AS,
	VERSION_TRAINED_AT,
	VERSION_TRAIN_SECONDS,
	VERSION_ROWS_SEEN,
	VERSION_PREVIOUS,
	VERSION_NOTE,
	VERSION_COLUMNS
} VersionColumn;

#define MAX_COLUMNS		VERSION_COLUMNS

/* The tables of the extension that a function belongs to. */
typedef struct Registry
{
	Oid			function;
	Oid			schema;			/* the function's, and so the extension's */
	Oid			names;			/* iforest_registry */
	Oid			versions;		/* iforest_versions */
	Oid			owner;			/* of both, and of the function */
} Registry;

/* Rows of one of the tables, one after the other. */
typedef struct RowScan
{
	Relation	table;
	SysScanDesc scan;
	int			n_columns;
	HeapTuple	tuple;			/* the current row */
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];
} RowScan;

extern void registry_open(Registry *registry, Oid function);
extern void scan_name(RowScan *rows, const Registry *registry,
					  Snapshot snapshot, const char *name);
extern void scan_id(RowScan *rows, const Registry *registry,
					Snapshot snapshot, int64 id);
extern void scan_versions(RowScan *rows, const Registry *registry,
						  Snapshot snapshot, int64 id, int32 version);
extern bool row_scan_next(RowScan *rows);
extern void row_scan_end(RowScan *rows, bool keep_lock);

#endif							/* IFOREST_REGISTRY_TABLE_H */
