/*-------------------------------------------------------------------------
 *
 * model_bytes.c
 *	  A model's bytes: room for them, and opening them where a function needs
 *	  them once.
 *
 * Model bytes may come from anybody, so opening them is checking them: all of
 * it, once, in linear time, by forest_open_whole(). Who scores rows goes by
 * the decoded model in the cache instead (model_cache.c); here are those who
 * need what decoding leaves out, as the trees in preorder or the profile.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/detoast.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "core/base/forest_digest.h"
#include "core/format/forest_view.h"
#include "core/generator/forest_generator_check.h"
#include "model/model.h"
#include "model/model_bytes.h"

/* Reports a model of so many trees beyond what a bytea can hold. */
void
report_model_too_large(uint32 n_trees)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("iforest model of %u trees does not fit in 1 GB",
					n_trees),
			 errhint("Lower n_trees, sample_size or max_depth.")));
}

/*
 * Room for a model of so many trees, whose bytes are to be written: a bytea of
 * "size" bytes, palloc'd.  Errors if that is more than a bytea can hold.
 */
bytea *
model_allocate(uint64 size, uint32 n_trees)
{
	bytea	   *bytes;

	if (size > MaxAllocSize - VARHDRSZ)
		report_model_too_large(n_trees);
	bytes = palloc(size + VARHDRSZ);
	SET_VARSIZE(bytes, size + VARHDRSZ);
	return bytes;
}

/*
 * Whether bytes could be the name of a model that was taken for a model: text
 * in one line, of no more bytes than names have.
 */
static bool
looks_like_name(const char *bytes, int length)
{
	if (length == 0 || length > MODEL_NAME_MAX ||
		!pg_verifymbstr(bytes, length, true))
		return false;
	for (int i = 0; i < length; i++)
	{
		if ((unsigned char) bytes[i] < ' ' || bytes[i] == 0x7f)
			return false;
	}
	return true;
}

/*
 * Reports why the bytes of a datum were refused, as report_model_fault does.
 * Where a function takes no name, a literal in quotes becomes bytes: then it
 * says how the model of that name is written.
 */
void
report_model_datum(Datum datum, ForestStatus status, const ForestFault *fault)
{
	bytea	   *bytes;

	if (status != FOREST_NOT_A_MODEL ||
		toast_raw_datum_size(datum) > VARHDRSZ + MODEL_NAME_MAX)
		report_model_fault(status, fault);
	bytes = DatumGetByteaPP(datum);
	if (!looks_like_name(VARDATA_ANY(bytes), (int) VARSIZE_ANY_EXHDR(bytes)))
		report_model_fault(status, fault);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("not an iforest model"),
			 errhint("Pass a value that iforest_train returned, or iforest_model(%s) for the model of that name.",
					 quote_literal_cstr(text_to_cstring((text *) bytes)))));
}

/* Whether a datum is a model that this version can use. */
bool
model_is_valid(Datum datum)
{
	bytea	   *bytes = DatumGetByteaPP(datum);
	ForestView	view;
	ForestFault fault;
	bool		valid = forest_open_whole((uint8 *) VARDATA_ANY(bytes),
										  VARSIZE_ANY_EXHDR(bytes), &view,
										  &fault) == FOREST_OK;

	if ((Pointer) bytes != DatumGetPointer(datum))
		pfree(bytes);
	return valid;
}

/*
 * Detoasts and opens a model; errors if it is none.  The view points into
 * the returned bytes, which may be the datum's own.
 */
bytea *
model_open(Datum datum, ForestView *view)
{
	bytea	   *bytes = DatumGetByteaPP(datum);
	ForestFault fault;
	ForestStatus status = forest_open_whole((uint8 *) VARDATA_ANY(bytes),
											VARSIZE_ANY_EXHDR(bytes), view,
											&fault);

	if (status != FOREST_OK)
		report_model_datum(datum, status, &fault);
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
