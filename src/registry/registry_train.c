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
#include "registry/registry_labels.h"
#include "registry/registry_owner.h"
#include "registry/registry_train.h"
#include "sketch/row_sample.h"
#include "sketch/row_sample_merge.h"
#include "train/train_progress.h"

/*
 * A statement over a training query that calls a function with arguments,
 * "before", and then with a row of the query, or with its sketch; palloc'd.
 */
static char *
statement(const TrainingQuery *training, const char *function,
		  const char *before, bool of_sketches)
{
	return psprintf("SELECT %s(%s%s) FROM %s AS t%s",
					training_function(training, function), before,
					of_sketches ? "t.sketch" : "t.*",
					training_rows(training), of_sketches ? " (sketch)" : "");
}

/*
 * Runs an aggregate of an argument of a type, "before", and the rows of a
 * training query or the sketches that it has.
 */
void
training_aggregate(const TrainingQuery *training, const char *function,
				   Oid type, const char *before,
				   struct varlena *const *models, int n_models)
{
	TrainingCall call = {function, 2, {type, ANYOID}};
	char	   *argument = psprintf("%s, ", before);
	char	   *sql = statement(training, function, argument, false);

	if (training_is_of_sketches(sql, n_models))
	{
		call.types[1] = BYTEAOID;
		sql = statement(training, function, argument, true);
	}
	training_execute(training, sql, &call, models, n_models);
}

/* The model that a statement has made, NULL if it has found no row for one. */
bytea *
training_model(void)
{
	bool		isnull;
	Datum		model = SPI_getbinval(SPI_tuptable->vals[0],
									  SPI_tuptable->tupdesc, 1, &isnull);

	return isnull ? NULL : DatumGetByteaP(model);
}

/* Errors if the training query had nothing to make a model of. */
static void
check_made(const TrainingQuery *training, const bytea *model)
{
	if (model == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("the training query of model \"%s\" returned no row with a value",
						training->name)));
}

/* Trains on the rows of the training query, watched if that is wanted. */
static bytea *
train(const TrainingQuery *training, const char *options)
{
	bytea	   *model;

	if (training->progress)
		train_watch_begin(training->name);
	PG_TRY();
	{
		training_aggregate(training, "iforest_train", JSONBOID, options,
						   NULL, 0);
	}
	PG_FINALLY();
	{
		train_watch_end();
	}
	PG_END_TRY();
	model = training_model();
	check_made(training, model);
	return model;
}

/* Keeps a model, and tells what it is made of if that is wanted. */
static void
keep_model(const TrainingQuery *training, bytea *model, MemoryContext context,
		   Trained *trained)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	ForestLearned learned;
	ForestView	view;

	trained->model = DatumGetByteaPCopy(PointerGetDatum(model));
	MemoryContextSwitchTo(old);
	(void) model_open(PointerGetDatum(trained->model), &view);
	trained->rows_seen = (int64) view.summary.rows_seen;
	trained->seconds = (double) (GetCurrentTimestamp() - trained->started) /
		USECS_PER_SEC;
	if (!training->progress)
		return;
	learned = forest_view_learned(&view);
	ereport(NOTICE,
			(errmsg("model \"%s\": trained on " INT64_FORMAT " rows in %.1f s",
					training->name, trained->rows_seen, trained->seconds),
			 training->labels == NULL ? 0 :
			 errdetail("It has learned from labels of %llu outliers and %llu normal rows.",
					   (unsigned long long) learned.outliers,
					   (unsigned long long) learned.normal)));
}

/*
 * Trains on the rows of the model's query, and learns from its labels, for one
 * who is already its owner and connected.  The model is allocated in "context".
 */
void
training_run(const TrainingQuery *training, const Jsonb *options,
			 MemoryContext context, Trained *trained)
{
	char	   *labels = training->labels == NULL ? NULL :
		labels_statement(training);
	char	   *json = options == NULL ? pstrdup("{}") :
		JsonbToCString(NULL, (JsonbContainer *) &options->root,
					   VARSIZE(options));
	bytea	   *model;

	trained->started = GetCurrentTimestamp();
	model = train(training, psprintf("%s::pg_catalog.jsonb",
									 quote_literal_cstr(json)));
	if (labels != NULL)
		model = labels_learn(training, labels, model);
	check_made(training, model);
	keep_model(training, model, context, trained);
}

/*
 * Returns the union of the sketches that the model's query has, palloc'd, for
 * one who is already its owner and connected; without any row if there is no
 * sketch.  Sets "of_rows" if it has rows instead, and returns NULL.
 */
RowSample *
training_sketch(const TrainingQuery *training, bool *of_rows)
{
	TrainingCall call = {"iforest_sketch_union", 1, {BYTEAOID}};
	RowSample  *sample;
	bool		isnull;
	Datum		sketch;

	*of_rows = !training_is_of_sketches(psprintf("SELECT t.* FROM (\n%s\n) AS t",
												 training_check_query(training->query)),
										0);
	if (*of_rows)
		return NULL;
	training_execute(training,
					 statement(training, call.function, "", true), &call,
					 NULL, 0);
	sketch = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
						   &isnull);
	sample = row_sample_begin_union(CurrentMemoryContext);
	if (!isnull)
		row_sample_unite(sample, sketch, 1);
	return sample;
}

/*
 * How many rows the model's query has, or its sketches are of, for one who is
 * already its owner.
 */
int64
training_count(const TrainingQuery *training)
{
	bool		isnull;
	bool		of_rows;
	RowSample  *sketch = training_sketch(training, &of_rows);

	if (!of_rows)
		return (int64) forest_sample_seen(&sketch->sample);
	training_execute(training,
					 psprintf("SELECT pg_catalog.count(*) FROM (\n%s\n) AS t",
							  training_check_query(training->query)),
					 NULL, NULL, 0);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
									   SPI_tuptable->tupdesc, 1, &isnull));
}
