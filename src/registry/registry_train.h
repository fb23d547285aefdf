/*-------------------------------------------------------------------------
 *
 * registry_train.h
 *	  Training a named model by its query.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_TRAIN_H
#define IFOREST_REGISTRY_TRAIN_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "registry/registry_owner.h"
#include "sketch/row_sample.h"

/* A model that was trained, and what it took. */
typedef struct Trained
{
	bytea	   *model;
	TimestampTz started;
	double		seconds;		/* NaN if unknown */
	int64		rows_seen;
} Trained;

extern void training_aggregate(const TrainingQuery *training,
							   const char *function, Oid type,
							   const char *before,
							   struct varlena *const *models, int n_models);
extern RowSample *training_sketch(const TrainingQuery *training,
								  bool *of_rows);
extern bytea *training_model(void);
extern void training_run(const TrainingQuery *training, const Jsonb *options,
						 MemoryContext context, Trained *trained);
extern int64 training_count(const TrainingQuery *training);

#endif							/* IFOREST_REGISTRY_TRAIN_H */
