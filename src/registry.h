/*-------------------------------------------------------------------------
 *
 * registry.h
 *	  Named models: the table iforest_models and the functions around it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_H
#define IFOREST_REGISTRY_H

#include "iforest.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

/* Bytes of a model's name, as the table's constraint has it. */
#define MODEL_NAME_MAX	255

/* Versions kept for each name, unless the name's owner says otherwise. */
#define DEFAULT_KEEP	5
#define MIN_KEEP		2
#define MAX_KEEP		10000

/* ---- registry_table.c: the table, reached by SPI ---- */

/*
 * An SPI connection to the table, under a search_path of pg_catalog alone,
 * and as whoever is the current user.
 */
typedef struct Registry
{
	Oid			table_id;
	MemoryContext caller;		/* what outlives the connection goes here */
	int			guc_level;
} Registry;

/* The parameters of a statement: $1, $2, .. */
typedef struct SqlParameters
{
	int			n;
	Oid			types[16];
	Datum		values[16];
	char		nulls[16];
} SqlParameters;

/* Adds a parameter. */
static inline void
sql_add(SqlParameters *parameters, Oid type, Datum value)
{
	parameters->types[parameters->n] = type;
	parameters->values[parameters->n] = value;
	parameters->nulls[parameters->n++] = ' ';
}

/* Adds a parameter that is NULL. */
static inline void
sql_add_null(SqlParameters *parameters, Oid type)
{
	sql_add(parameters, type, (Datum) 0);
	parameters->nulls[parameters->n - 1] = 'n';
}

/* One version of a model, all but its bytes, in the caller's memory. */
typedef struct ModelVersion
{
	const char *name;
	int32		version;
	bool		active;
	const char *query;			/* NULL if there is none */
	const char *search_path;	/* NULL if there is none */
	Jsonb	   *options;		/* NULL if there are none */
	Oid			owner;
	int32		keep;
	TimestampTz trained_at;
	int64		rows_seen;		/* -1 if unknown */
	int32		previous;		/* 0 if there is none */
} ModelVersion;

extern Oid	registry_table(Oid namespace_id);
extern void registry_open(Registry *registry, FunctionCallInfo fcinfo);
extern void registry_close(Registry *registry);
extern Oid	registry_namespace(const Registry *registry);
extern char *registry_table_name(const Registry *registry);
extern void registry_check_name(const char *found, const char *now);
extern uint64 registry_execute(const Registry *registry, const char *sql,
							   const SqlParameters *parameters);
extern int32 registry_integer(int column, int32 otherwise);
extern bool registry_find(const Registry *registry, const char *name,
						  int32 version, ModelVersion *found);
extern void registry_find_owned(const Registry *registry, const char *name,
								int32 version, ModelVersion *found);
extern bool registry_lock(const Registry *registry, const char *name,
						  Oid owner, bool wait);
extern void registry_activate(const Registry *registry, const char *name,
							  int32 version, int32 previous);
extern void registry_prune(const Registry *registry, const char *name,
						   int32 newest, int32 keep);
extern int32 registry_remove(const Registry *registry, const char *name,
							 int32 version);
extern char *argument_name(FunctionCallInfo fcinfo, int argument);
pg_noreturn extern void report_no_model(const char *name);

/* ---- registry_guard.c ---- */

extern bool registry_taken(Oid table, const char *name, Oid owner);

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
	const char *table;			/* of models, qualified and quoted */
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
extern char *training_model(const Training *training, int32 version);
extern void training_execute(const Training *training, const char *sql,
							 const char *function, Oid first_type);

/* ---- registry_train.c ---- */

/* A model that was trained, and what it took. */
typedef struct Trained
{
	bytea	   *model;
	TimestampTz started;
	double		seconds;
	int64		rows_seen;
} Trained;

extern void training_run(const Training *training, const Jsonb *options,
						 MemoryContext context, Trained *trained);
extern int64 training_count(const Training *training);

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

extern void gate_parse(Jsonb *jsonb, Gate *gate);
extern char *gate_refusal(const Training *training, const Gate *gate,
						  const ModelVersion *active, int32 version,
						  int64 rows_seen);

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
