/*-------------------------------------------------------------------------
 *
 * registry_gate.h
 *	  Whether a new version may take the place of the active one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_GATE_H
#define IFOREST_REGISTRY_GATE_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "registry/registry_find.h"
#include "registry/registry_owner.h"

/* What a new version must be like to be activated. */
typedef struct Gate
{
	double		min_rows;		/* NaN: half of the active version's */
	double		min_agreement;	/* Spearman's rank correlation */
	double		sample_rows;	/* rows that it is measured on */
	double		unless_drift;	/* PSI above which they need not agree; NaN */
} Gate;

/* Why a new version is not activated; all NULL if it is. */
typedef struct Refusal
{
	char	   *reason;			/* for all who may read the model */
	char	   *error;			/* of the query, for who may manage it */
} Refusal;

extern void gate_parse(Jsonb *jsonb, Gate *gate);
extern void gate_decide(const TrainingQuery *training, const Gate *gate,
						const ModelVersion *active, const ModelVersion *fresh,
						Refusal *refusal);

#endif							/* IFOREST_REGISTRY_GATE_H */
