/*-------------------------------------------------------------------------
 *
 * model_bytes.c
 *	  Opening a model's bytes where a function needs them once.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/cryptohash.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* Bytes that are hashed between two looks for interrupts. */
#define HASH_PIECE	((Size) 4 << 20)

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

/* Computes what tells a model from all others, even from forged ones. */
void
model_identify(const bytea *bytes, ModelIdentity *identity)
{
	const uint8 *data = (const uint8 *) VARDATA_ANY(bytes);
	Size		len = VARSIZE_ANY_EXHDR(bytes);
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
	bool		failed = hash == NULL || pg_cryptohash_init(hash) < 0;

	for (Size at = 0; at < len && !failed; at += HASH_PIECE)
	{
		CHECK_FOR_INTERRUPTS();
		failed = pg_cryptohash_update(hash, data + at,
									  Min(len - at, HASH_PIECE)) < 0;
	}
	failed = failed || pg_cryptohash_final(hash, identity->sha256,
										   sizeof(identity->sha256)) < 0;
	if (hash != NULL)
		pg_cryptohash_free(hash);
	if (failed)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the hash of an iforest model")));
}

/*
 * Reports a model whose decoded form is another's.  The cache finds models by
 * their digests, which can be forged; who goes by both a model's bytes and
 * what the cache has of it must know that they belong together.
 */
void
model_check_identity(const Model *model, const ModelIdentity *identity)
{
	if (memcmp(&model->identity, identity, sizeof(*identity)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("iforest model has the digest of another one")));
}

/* As model_open, for bytes that a decoded model must have been made from. */
bytea *
model_open_again(Datum datum, const Model *model, ForestView *view)
{
	bytea	   *bytes = model_open(datum, view);
	ModelIdentity identity;

	model_identify(bytes, &identity);
	model_check_identity(model, &identity);
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
