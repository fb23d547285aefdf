/*-------------------------------------------------------------------------
 *
 * errors.c
 *	  From the core's statuses to errors for the reader of psql.
 *
 * The core raises nothing: it returns a status and, for bytes that break a
 * rule of the format, which rule that is (ForestFault). Only this file knows
 * what a status is in SQL: an SQLSTATE that programs can tell apart, a message
 * for people, and a hint that says what to do.
 *
 * Bytes of another kind, as a sketch where a model is meant, are the mistake
 * that is made most, and have messages of their own.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "base/errors.h"

/* Reports bytes of something else than what is meant, and what to do. */
static void
report_other_thing(ForestStatus status)
{
	switch (status)
	{
		case FOREST_NOT_A_MODEL:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("not an iforest model"),
					 errhint("Pass a value that iforest_train returned.")));
			break;
		case FOREST_A_SKETCH:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("this is a sketch, not an iforest model"),
					 errhint("Train a model on it first: iforest_train(sketch).")));
			break;
		case FOREST_NOT_A_SKETCH:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("not an iforest sketch"),
					 errhint("Pass a value that iforest_sketch returned.")));
			break;
		case FOREST_A_MODEL:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("this is an iforest model, not a sketch"),
					 errhint("Pass a value that iforest_sketch returned; the trees of models are joined by iforest_merge.")));
			break;
		default:
			break;
	}
}

/* Reports why the bytes of "what", a model or a sketch, were refused. */
static void
report_fault(const char *what, const char *making, ForestStatus status,
			 const ForestFault *fault)
{
	report_other_thing(status);
	switch (status)
	{
		case FOREST_NEWER_FORMAT:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("iforest %s has a newer format than this version reads",
							what),
					 errhint("Update the extension's library, or %s with this version.",
							 making)));
			break;
		case FOREST_TRUNCATED:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("iforest %s is cut short or has bytes added",
							what),
					 errdetail("Its length is not the one it was written with.")));
			break;
		case FOREST_CORRUPT:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("iforest %s is damaged", what),
					 errdetail("Its digest does not match its bytes.")));
			break;
		case FOREST_INVALID:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid iforest %s", what),
					 errdetail("Rule broken: %s (%llu).", fault->rule,
							   (unsigned long long) fault->position)));
			break;
		default:
			break;
	}
	elog(ERROR, "unexpected forest status %d", (int) status);
}

/*
 * Reports why forest_open or forest_peek refused the bytes of a model.
 * "fault" matters for FOREST_INVALID only and may be NULL otherwise.
 */
void
report_model_fault(ForestStatus status, const ForestFault *fault)
{
	report_fault("model", "train the model", status, fault);
	pg_unreachable();
}

/* The same of forest_sketch_open, forest_sketch_block, and a sketch. */
void
report_sketch_fault(ForestStatus status, const ForestFault *fault)
{
	report_fault("sketch", "make the sketch", status, fault);
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
