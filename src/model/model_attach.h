/*-------------------------------------------------------------------------
 *
 * model_attach.h
 *	  Parts of a decoded model that few functions need, made when one does.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_ATTACH_H
#define IFOREST_MODEL_ATTACH_H

#include "iforest.h"

#include "core/format/forest_view.h"
#include "model/model.h"

/*
 * A kind of part.  "build" makes it in the current memory context, from the
 * opened model that "model" was decoded from, or errors; what it leaves there
 * stays with the part.
 */
typedef struct ModelPart
{
	const char *name;			/* of its memory context */
	void	   *(*build) (Model *model, const ForestView *view);
} ModelPart;

extern void *model_attached(Model *model, Datum datum, const ModelPart *part);

#endif							/* IFOREST_MODEL_ATTACH_H */
