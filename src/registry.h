/*-------------------------------------------------------------------------
 *
 * registry.h
 *	  Named models: the tables iforest_registry and iforest_versions, and the
 *	  functions around them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_H
#define IFOREST_REGISTRY_H

#include "iforest.h"

#include "access/genam.h"
#include "executor/spi.h"
#include "storage/itemptr.h"
#include "utils/jsonb.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

/* Bytes of a model's name, as the table's constraint has it. */
#define MODEL_NAME_MAX	255

/* Versions kept for each name, unless the name's owner says otherwise. */
#define DEFAULT_KEEP	5
#define MIN_KEEP		2
#define MAX_KEEP		10000

/* ---- registry_role.c: roles ---- */

/* An owner who is nobody, and a reader who is everybody; no role's OIDs. */
#define NO_ROLE			InvalidOid
#define PUBLIC_ROLE		((Oid) 1)

extern char *registry_role_name(Oid role);
extern bool registry_role_exists(Oid role);
extern Oid *registry_readers(Datum readers, int *n);
extern Datum registry_roles(Oid names_table, const Oid *roles, int n);

/* ---- registry_table.c: the two tables, found and read ---- */

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
	NAME_COLUMNS
} NameColumn;

/* .. and of iforest_versions, a row a version. */
typedef enum VersionColumn
{
	VERSION_ID,
	VERSION_NUMBER,
	VERSION_MODEL,
	VERSION_QUERY,
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

/* ---- registry_write.c: the two tables, changed ---- */

/* Values for columns of a row; those not set stay as they are. */
typedef struct RowChange
{
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];
	bool		set[MAX_COLUMNS];
} RowChange;

extern void row_set(RowChange *row, int column, Datum value);
extern void row_set_null(RowChange *row, int column);
extern void row_set_text(RowChange *row, int column, const char *text);
extern void row_set_positive(RowChange *row, int column, int32 number);
extern void row_insert(const Registry *registry, Oid table,
					   const RowChange *row);
extern void row_update(const Registry *registry, Oid table, ItemPointer tid,
					   const RowChange *row);
extern void row_delete(const Registry *registry, Oid table, ItemPointer tid);

/* ---- registry_find.c: names and versions, and who may do what ---- */

/* A row of iforest_registry. */
typedef struct ModelName
{
	const char *name;
	int64		id;				/* of its versions */
	Oid			owner;
	Datum		readers;		/* of type iforest_role[] */
	int32		keep;
	int32		active;			/* 0 if there is none */
	ItemPointerData tid;
} ModelName;

/* A version of a model, with what is its name's. */
typedef struct ModelVersion
{
	const char *name;
	int64		id;
	Oid			owner;
	int32		keep;
	int32		version;		/* 0 if the name has no version yet */
	bool		active;
	struct varlena *model;		/* a copy of the column's value */
	const char *query;			/* NULL if there is none */
	const char *search_path;	/* NULL if there is none */
	Jsonb	   *options;		/* NULL if there are none */
	Oid			runs_as;		/* whom the query may run as */
	TimestampTz trained_at;
	int64		rows_seen;		/* -1 if unknown */
	int32		previous;		/* 0 if there is none */
	ItemPointerData tid;
} ModelVersion;

extern Snapshot registry_snapshot(void);
extern bool registry_find_name(const Registry *registry, Snapshot snapshot,
							   const char *name, bool keep_lock,
							   ModelName *found);
extern bool registry_find_id(const Registry *registry, int64 id,
							 ModelName *found);
extern bool registry_find(const Registry *registry, Snapshot snapshot,
						  const ModelName *name, int32 version,
						  bool keep_lock, ModelVersion *found);
extern bool registry_find_latest(const Registry *registry, const char *name,
								 int32 version, ModelName *row,
								 ModelVersion *found);
extern bool registry_may_manage(Oid owner);
extern bool registry_may_read(Oid owner, Datum readers);
extern void registry_check_manager(const ModelName *name);
extern struct varlena *registry_read_model(Oid function, const char *name,
										   int32 version);
extern void registry_claim(Registry *registry, const char *name,
						   ModelVersion *found);
extern void registry_manage(Registry *registry, const char *name,
							int32 version, ModelVersion *found);
extern bool registry_lock(const Registry *registry, const char *name,
						  bool wait);
extern char *argument_name(FunctionCallInfo fcinfo, int argument);
pg_noreturn extern void report_no_model(const char *name);

/* ---- registry_versions.c: a name's versions ---- */

extern int32 registry_next_version(const Registry *registry,
								   const char *name);
extern void registry_update_name(const Registry *registry, const char *name,
								 const RowChange *row);
extern void registry_activate(const Registry *registry, const char *name,
							  int32 version, int32 previous);
extern void registry_set_runs_as(const Registry *registry, const char *name,
								 Oid role);
extern void registry_prune(const Registry *registry, const char *name,
						   int32 newest);
extern int32 registry_remove(const Registry *registry, const char *name,
							 int32 version);

/* ---- registry_owner.c: work done as a model's owner ---- */

/* A training query and what it runs as. */
typedef struct Training
{
	const char *name;			/* of the model */
	const char *query;
	const char *search_path;	/* NULL: pg_catalog alone */
	Oid			owner;
	const char *schema;			/* of the extension, quoted */
	Oid			namespace_id;
	bool		progress;
} Training;

extern void run_as_owner(const Training *training,
						 void (*work) (const Training *, void *),
						 void *argument);
extern ErrorData *try_as_owner(const Training *training,
							   void (*work) (const Training *, void *),
							   void *argument);
extern void training_define(Training *training, const Registry *registry,
							const ModelVersion *version);
extern char *training_check_query(const char *query);
extern char *training_function(const Training *training, const char *name);
extern void training_execute(const Training *training, const char *sql,
							 const char *function, Oid first_type,
							 struct varlena *const *models, int n_models);

/* ---- registry_train.c ---- */

/* A model that was trained, and what it took. */
typedef struct Trained
{
	bytea	   *model;
	TimestampTz started;
	double		seconds;		/* NaN if unknown */
	int64		rows_seen;
} Trained;

extern void training_run(const Training *training, const Jsonb *options,
						 MemoryContext context, Trained *trained);
extern int64 training_count(const Training *training);

/* ---- registry_store.c: new versions ---- */

extern int32 store_version(const Registry *registry,
						   const ModelVersion *version,
						   const Trained *trained, const char *note);

/* ---- registry_when.c: only_if ---- */

extern List *conditions_parse(Jsonb *only_if);
extern bool conditions_hold(const Training *training, const List *conditions,
							const ModelVersion *active, StringInfo detail);

/* ---- registry_gate.c ---- */

/* What a new version must be like to be activated. */
typedef struct Gate
{
	double		min_rows;		/* NaN: half of the active version's */
	double		min_agreement;	/* Spearman's rank correlation */
	double		sample_rows;	/* rows that it is measured on */
} Gate;

/* Why a new version is not activated; all NULL if it is. */
typedef struct Refusal
{
	char	   *reason;			/* for all who may read the model */
	char	   *error;			/* of the query, for who may manage it */
} Refusal;

extern void gate_parse(Jsonb *jsonb, Gate *gate);
extern void gate_decide(const Training *training, const Gate *gate,
						const ModelVersion *active, const ModelVersion *fresh,
						Refusal *refusal);

/* ---- registry_json.c: the options of iforest_refit ---- */

/* An option of a JSON object and, once read, its value. */
typedef struct JsonOption
{
	const char *name;
	bool		is_text;
	double		min;			/* of a number */
	double		max;
	bool		given;
	double		number;
	char	   *text;
} JsonOption;

extern void json_options_read(JsonbContainer *object, const char *argument,
							  JsonOption *options, int n);

/* ---- train_watch.c ---- */

extern void train_watch_begin(const char *name);
extern void train_watch_end(void);

/* ---- registry_names.c: models by name, in every function ---- */

extern Datum call_by_name(FunctionCallInfo fcinfo, int argument,
						  PGFunction function);

#endif							/* IFOREST_REGISTRY_H */
