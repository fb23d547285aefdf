/*-------------------------------------------------------------------------
 *
 * registry_when.h
 *	  Conditions under which iforest_refit trains at all.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_WHEN_H
#define IFOREST_REGISTRY_WHEN_H

#include "iforest.h"

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "registry/registry_find.h"
#include "registry/registry_owner.h"

extern List *conditions_parse(Jsonb *only_if);
extern bool conditions_hold(const TrainingQuery *training,
							const List *conditions,
							const ModelVersion *active, StringInfo detail);
extern double training_psi(const TrainingQuery *training,
						   struct varlena *model);

#endif							/* IFOREST_REGISTRY_WHEN_H */
