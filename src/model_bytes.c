/*-------------------------------------------------------------------------
 *
 * model_bytes.c
 *	  Opening a model's bytes where a function needs them once.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/builtins.h"

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
 * Reports a model whose decoded form is another's: who goes by both a model's
 * bytes and what the cache has of it must know that they belong together.
 */
void
model_check_digest(const Model *model, const uint8 *digest)
{
	if (memcmp(model->digest, digest, FOREST_DIGEST_SIZE) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("iforest model has the digest of another one")));
}

/* As model_open, for bytes that a decoded model must have been made from. */
bytea *
model_open_again(Datum datum, const Model *model, ForestView *view)
{
	bytea	   *bytes = model_open(datum, view);

	model_check_digest(model, view->digest);
	return bytes;
}

PG_FUNCTION_INFO_V1(iforest_is_valid);
/*
 * iforest_is_valid(bytea) -> bool
 *
 * Whether the bytes are a model that this version can use.
 */
Datum
iforest_is_valid(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ForestView	view;
	ForestFault fault;

	PG_RETURN_BOOL(forest_open((uint8 *) VARDATA_ANY(bytes),
							   VARSIZE_ANY_EXHDR(bytes), &view,
							   &fault) == FOREST_OK);
}
