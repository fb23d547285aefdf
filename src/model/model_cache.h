/*-------------------------------------------------------------------------
 *
 * model_cache.h
 *	  Decoded models, kept for the session.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_CACHE_H
#define IFOREST_MODEL_CACHE_H

#include "iforest.h"

#include "core/base/forest_digest.h"
#include "model/model.h"

/* What a model is known by without reading it. */
typedef struct ModelKey
{
	uint64		length;			/* of the model; 0 for a TOAST pointer */
	uint8		bytes[FOREST_DIGEST_SIZE];	/* its digest, or the pointer */
} ModelKey;

extern int	model_cache_size;	/* setting, in kB */
extern void model_cache_init(void);
extern void model_cache_assign(int size_kb, void *extra);
extern bool model_has_header(Datum datum);
extern void model_key(Datum datum, ModelKey *key);
extern bool model_cache_has(Datum datum, const ModelKey *key);
extern bool model_came_as(const Model *model, Datum datum);
extern Model *model_cache_get(Datum datum, const ModelKey *key);
extern uint64 model_cache_generation(void);
extern void model_cache_resize(const Model *model);

#endif							/* IFOREST_MODEL_CACHE_H */
