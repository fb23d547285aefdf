/*-------------------------------------------------------------------------
 *
 * registry_labels.h
 *	  What a named model learns from people: the rows of its query of labels.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_LABELS_H
#define IFOREST_REGISTRY_LABELS_H

#include "iforest.h"

#include "registry/registry_owner.h"

extern char *labels_check_query(const char *query);
extern char *labels_statement(const TrainingQuery *training);
extern bytea *labels_learn(const TrainingQuery *training,
						   const char *statement, bytea *model);

#endif							/* IFOREST_REGISTRY_LABELS_H */
