/*-------------------------------------------------------------------------
 *
 * model_attach.c
 *	  Parts of a decoded model that few functions need, made when one does.
 *
 * What explaining, drawing rows or drift take costs as much to make as the
 * rest of a model.  So it is made at the first call that asks for it, lives
 * and dies with the model in the cache, and counts for the cache's budget.
 *
 * A part is known by the address of its description (ModelPart), which belongs
 * to the room that has it: so the model knows none of its users, and a new
 * kind of part is a description more.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "core/format/forest_view.h"
#include "model/model.h"
#include "model/model_attach.h"
#include "model/model_bytes.h"
#include "model/model_cache.h"

/* A part that a model has. */
struct ModelAttached
{
	const ModelPart *part;
	void	   *value;
	struct ModelAttached *next;
};

/*
 * Makes a part.  Its memory becomes the model's only when it is whole: an
 * error on the way leaves it to the current context, and the model without the
 * part.
 */
static void *
build_part(Model *model, Datum datum, const ModelPart *part)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest part of a model",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	struct ModelAttached *attached = palloc(sizeof(*attached));
	ForestView	view;
	bytea	   *bytes;

	MemoryContextSetIdentifier(context, part->name);
	MemoryContextSwitchTo(old);
	bytes = model_open_again(datum, model, &view);
	MemoryContextSwitchTo(context);
	attached->part = part;
	attached->value = part->build(model, &view);
	MemoryContextSwitchTo(old);
	if ((Pointer) bytes != DatumGetPointer(datum))
		pfree(bytes);

	MemoryContextSetParent(context, model->context);
	attached->next = model->attached;
	model->attached = attached;
	model_cache_resize(model);
	return attached->value;
}

/*
 * A part of a model, which is made if it has none yet; "datum" is the model.
 * The part is the cache's: valid as long as the model is.
 */
void *
model_attached(Model *model, Datum datum, const ModelPart *part)
{
	for (struct ModelAttached *at = model->attached; at != NULL;
		 at = at->next)
	{
		if (at->part == part)
			return at->value;
	}
	return build_part(model, datum, part);
}
