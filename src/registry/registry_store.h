/*-------------------------------------------------------------------------
 *
 * registry_store.h
 *	  New versions of named models that are made already, or in one go:
 *	  iforest_store and iforest_fit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_STORE_H
#define IFOREST_REGISTRY_STORE_H

#include "iforest.h"

#include "registry/registry_find.h"
#include "registry/registry_table.h"
#include "registry/registry_train.h"

extern int32 store_version(const Registry *registry,
						   const ModelVersion *version,
						   const Trained *trained, const char *note);

#endif							/* IFOREST_REGISTRY_STORE_H */
