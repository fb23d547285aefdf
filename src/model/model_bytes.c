/*-------------------------------------------------------------------------
 *
 * model_bytes.c
 *	  Opening a model's bytes where a function needs them once.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/builtins.h"

#include "base/errors.h"
#include "core/base/forest_digest.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "model/model.h"
#include "model/model_bytes.h"

/*
 * Detoasts and opens a model; errors if it is none.  The view points into
 * the returned bytes, which may be the datum's own.
 */
bytea *
model_open(Datum datum, ForestView *view)
{
	bytea	   *bytes = DatumGetByteaPP(datum);
	ForestFault fault;
	ForestStatus status = forest_open((uint8 *) VARDATA_ANY(bytes),
									  VARSIZE_ANY_EXHDR(bytes), view, &fault);

	if (status != FOREST_OK)
		report_model_fault(status, &fault);
	return bytes;
}

/*
 * As model_open, for bytes that a decoded model must have been made from: who
 * goes by both must know that they belong together.
 */
bytea *
model_open_again(Datum datum, const Model *model, ForestView *view)
{
	bytea	   *bytes = model_open(datum, view);

	if (memcmp(model->digest, view->digest, FOREST_DIGEST_SIZE) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("iforest model has the digest of another one")));
	return bytes;
}
