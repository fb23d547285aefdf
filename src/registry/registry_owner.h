/*-------------------------------------------------------------------------
 *
 * registry_owner.h
 *	  Queries that a model's owner wrote, run as nobody else.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_OWNER_H
#define IFOREST_REGISTRY_OWNER_H

#include "iforest.h"

#include "registry/registry_find.h"
#include "registry/registry_table.h"

/* A training query and what it runs as. */
typedef struct TrainingQuery
{
	const char *name;			/* of the model */
	const char *query;
	const char *labels;			/* the query of labels, or NULL */
	const char *search_path;	/* NULL: pg_catalog alone */
	Oid			owner;
	const char *schema;			/* of the extension, quoted */
	Oid			namespace_id;
	bool		progress;
} TrainingQuery;

/* A function of the extension that a statement over a query calls. */
typedef struct TrainingCall
{
	const char *function;
	int			n_types;
	Oid			types[3];		/* of its arguments */
} TrainingCall;

extern void run_as_owner(const TrainingQuery *training,
						 void (*work) (const TrainingQuery *, void *),
						 void *argument);
extern ErrorData *try_as_owner(const TrainingQuery *training,
							   void (*work) (const TrainingQuery *, void *),
							   void *argument);
extern void training_define(TrainingQuery *training, const Registry *registry,
							const ModelVersion *version);
extern char *query_check(const char *query, const char *what,
						 const char *hint);
extern bool query_is_name(const char *text);
extern char *training_check_query(const char *query);
extern char *query_rows(const char *query);
extern char *training_rows(const TrainingQuery *training);
extern char *training_function(const TrainingQuery *training, const char *name);
extern bool training_is_of_sketches(const char *sql, int n_models);
extern void training_execute(const TrainingQuery *training, const char *sql,
							 const TrainingCall *call,
							 struct varlena *const *models, int n_models);

#endif							/* IFOREST_REGISTRY_OWNER_H */
