/*-------------------------------------------------------------------------
 *
 * registry_train.c
 *	  Training a named model by its query.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "core/format/forest_view.h"
#include "model/model_bytes.h"
#include "registry/registry_owner.h"
#include "registry/registry_train.h"
#include "train/train_progress.h"

/* What train() is to do, and its result. */
typedef struct TrainWork
{
	const Jsonb *options;
	MemoryContext context;
	Trained    *trained;
} TrainWork;

/* Keeps the model that the query in SPI_tuptable has made. */
static void
keep_model(const TrainingQuery *training, const TrainWork *work)
{
	ForestView	view;
	MemoryContext old;
	bool		isnull;
	Datum		model = SPI_getbinval(SPI_tuptable->vals[0],
									  SPI_tuptable->tupdesc, 1, &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("the training query of model \"%s\" returned no row with a value",
						training->name)));
	old = MemoryContextSwitchTo(work->context);
	work->trained->model = DatumGetByteaPCopy(model);
	MemoryContextSwitchTo(old);
	(void) model_open(PointerGetDatum(work->trained->model), &view);
	work->trained->rows_seen = (int64) view.summary.rows_seen;
}

/*
 * Trains on the rows of the model's query, for one who is already its owner
 * and connected.  The model is allocated in "context".
 */
void
training_run(const TrainingQuery *training, const Jsonb *options,
			 MemoryContext context, Trained *trained)
{
	TrainWork	work = {options, context, trained};
	char	   *query = training_check_query(training->query);
	char	   *json = options == NULL ? pstrdup("{}") :
		JsonbToCString(NULL, (JsonbContainer *) &options->root,
					   VARSIZE(options));
	char	   *sql = psprintf("SELECT %s(%s::pg_catalog.jsonb, t.*) FROM (\n%s\n) AS t",
							   training_function(training, "iforest_train"),
							   quote_literal_cstr(json), query);

	trained->started = GetCurrentTimestamp();
	if (training->progress)
		train_watch_begin(training->name);
	PG_TRY();
	{
		training_execute(training, sql, "iforest_train", JSONBOID, NULL, 0);
	}
	PG_FINALLY();
	{
		train_watch_end();
	}
	PG_END_TRY();
	keep_model(training, &work);
	trained->seconds = (double) (GetCurrentTimestamp() - trained->started) /
		USECS_PER_SEC;
	if (training->progress)
		ereport(NOTICE,
				(errmsg("model \"%s\": trained on " INT64_FORMAT " rows in %.1f s",
						training->name, trained->rows_seen,
						trained->seconds)));
}

/* How many rows the model's query has, for one who is already its owner. */
int64
training_count(const TrainingQuery *training)
{
	bool		isnull;

	training_execute(training,
					 psprintf("SELECT pg_catalog.count(*) FROM (\n%s\n) AS t",
							  training_check_query(training->query)),
					 NULL, InvalidOid, NULL, 0);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
									   SPI_tuptable->tupdesc, 1, &isnull));
}
