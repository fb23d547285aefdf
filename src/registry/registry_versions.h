/*-------------------------------------------------------------------------
 *
 * registry_versions.h
 *	  The versions of a name that is locked: numbered, switched, dropped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_VERSIONS_H
#define IFOREST_REGISTRY_VERSIONS_H

#include "iforest.h"

#include "registry/registry_table.h"
#include "registry/registry_write.h"

extern int32 registry_next_version(const Registry *registry,
								   const char *name);
extern void registry_update_name(const Registry *registry, const char *name,
								 const RowChange *row);
extern void registry_activate(const Registry *registry, const char *name,
							  int32 version, int32 previous, bool hold);
extern void registry_set_runs_as(const Registry *registry, const char *name,
								 Oid role);
extern void registry_prune(const Registry *registry, const char *name,
						   int32 newest);
extern int32 registry_remove(const Registry *registry, const char *name,
							 int32 version);

#endif							/* IFOREST_REGISTRY_VERSIONS_H */
