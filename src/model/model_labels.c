/*-------------------------------------------------------------------------
 *
 * model_labels.c
 *	  A model with other labels, or without any.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "core/format/forest_write.h"
#include "model/model_bytes.h"
#include "model/model_labels.h"

/*
 * An opened model with labels, one for each of its leaves, in place of those
 * that it had, or with none for NULL; palloc'd.  It has no calibration.
 */
bytea *
model_relabel(const bytea *bytes, const ForestView *view,
			  const ForestLabels *labels)
{
	const uint8 *model = (const uint8 *) VARDATA_ANY(bytes);
	uint64		size = forest_learned_size(model, view->n_leaves,
										   labels != NULL);
	bytea	   *result;

	result = model_allocate(size, view->summary.n_trees);
	forest_learned_write(model, labels, view->n_leaves,
						 (uint8 *) VARDATA(result));
	return result;
}

/*
 * A model as it was before it learned from labels, but for its calibration:
 * the same value if it has learned none, else a palloc'd one.
 */
struct varlena *
model_without_labels(struct varlena *model)
{
	ForestView	view;
	bytea	   *bytes = model_open(PointerGetDatum(model), &view);

	return view.labels == NULL ? model : model_relabel(bytes, &view, NULL);
}
