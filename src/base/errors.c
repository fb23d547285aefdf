/*-------------------------------------------------------------------------
 *
 * errors.c
 *	  From the core's statuses to errors for the reader of psql.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "base/errors.h"

/*
 * Reports why forest_open or forest_peek refused the bytes of a model.
 * "fault" matters for FOREST_INVALID only and may be NULL otherwise.
 */
void
report_model_fault(ForestStatus status, const ForestFault *fault)
{
	switch (status)
	{
		case FOREST_NOT_A_MODEL:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("not an iforest model"),
					 errhint("Pass a value that iforest_train returned.")));
			break;
		case FOREST_NEWER_FORMAT:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("iforest model has a newer format than this version reads"),
					 errhint("Update the extension's library, or train the model with this version.")));
			break;
		case FOREST_TRUNCATED:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("iforest model is cut short or has bytes added"),
					 errdetail("Its length is not the one it was written with.")));
			break;
		case FOREST_CORRUPT:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("iforest model is damaged"),
					 errdetail("Its digest does not match its bytes.")));
			break;
		case FOREST_INVALID:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid iforest model"),
					 errdetail("Rule broken: %s (%llu).", fault->rule,
							   (unsigned long long) fault->position)));
			break;
		case FOREST_OK:
		case FOREST_NO_SPACE:
			break;
	}
	elog(ERROR, "unexpected forest status %d", (int) status);
	pg_unreachable();
}

/* Reports an aggregate over rows of several models. */
void
report_changed_model(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("model changes from one row to the next"),
			 errhint("Use one model at a time, or GROUP BY what tells them apart.")));
}
