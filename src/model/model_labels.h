/*-------------------------------------------------------------------------
 *
 * model_labels.h
 *	  A model with other labels, or without any.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_LABELS_H
#define IFOREST_MODEL_LABELS_H

#include "iforest.h"

#include "core/format/forest_view.h"

extern bytea *model_relabel(const bytea *bytes, const ForestView *view,
							const ForestLabels *labels);
extern struct varlena *model_without_labels(struct varlena *model);

#endif							/* IFOREST_MODEL_LABELS_H */
