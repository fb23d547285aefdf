/*-------------------------------------------------------------------------
 *
 * registry_find.h
 *	  Named models found, and who may do what with them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_FIND_H
#define IFOREST_REGISTRY_FIND_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "registry/registry_table.h"

/* A row of iforest_registry. */
typedef struct ModelName
{
	const char *name;
	int64		id;				/* of its versions */
	Oid			owner;
	Datum		readers;		/* of type iforest_role[] */
	int32		keep;
	int32		active;			/* 0 if there is none */
	bool		held;			/* at the active one, by a person */
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
	const char *labels;			/* a query; NULL if there is none */
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
extern bool registry_find_latest(const Registry *registry, const char *name,
								 int32 version, ModelName *row,
								 ModelVersion *found);
extern bool registry_may_manage(Oid owner);
extern bool registry_may_read(Oid owner, Datum readers);
extern void registry_check_manager(const ModelName *name);
extern struct varlena *registry_peek_model(Oid function, const char *name);
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

#endif							/* IFOREST_REGISTRY_FIND_H */
