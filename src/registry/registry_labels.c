/*-------------------------------------------------------------------------
 *
 * registry_labels.c
 *	  What a named model learns from people: the rows of its query of labels.
 *
 * The query has a column is_outlier, which says what a row is; the other
 * columns are the row.  A model that has learned from it is calibrated anew
 * by the rows that it was trained on.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"

#include "core/format/forest_view.h"
#include "model/model_bytes.h"
#include "registry/registry_labels.h"
#include "registry/registry_owner.h"
#include "registry/registry_train.h"

/* The column of a query of labels that says what a row is. */
#define LABEL_COLUMN	"is_outlier"

#define LABELS_HINT		"Its column is_outlier says whether a row is one, the others are the row: SELECT is_outlier, amount, hour FROM reviewed."

/* Checks a query of labels; see query_check. */
char *
labels_check_query(const char *query)
{
	return query_check(query, "query of labels", LABELS_HINT);
}

/* The columns of a query, in the current memory context. */
static TupleDesc
query_columns(const char *sql)
{
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);
	CachedPlanSource *source;
	TupleDesc	desc;

	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql,
			 SPI_result_code_string(SPI_result));
	source = linitial(SPI_plan_get_plan_sources(plan));
	desc = CreateTupleDescCopy(source->resultDesc);
	SPI_freeplan(plan);
	return desc;
}

/* The number of the column of labels, from 0; an error unless there is one. */
static int
label_column(TupleDesc desc)
{
	int			found = -1;

	for (int i = 0; i < desc->natts; i++)
	{
		if (strcmp(NameStr(TupleDescAttr(desc, i)->attname),
				   LABEL_COLUMN) != 0)
			continue;
		if (found >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_COLUMN),
					 errmsg("the query of labels has more than one column %s",
							LABEL_COLUMN),
					 errhint("Name the columns that it returns.")));
		found = i;
	}
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the query of labels has no column %s", LABEL_COLUMN),
				 errhint(LABELS_HINT)));
	return found;
}

/* Errors unless the column of labels has such. */
static void
check_label_type(Oid type)
{
	if (getBaseType(type) != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column %s of the query of labels must be of type boolean, but is of type %s",
						LABEL_COLUMN, format_type_be(type)),
				 errhint("Write a comparison: SELECT verdict = 'fraud' AS %s, ..",
						 LABEL_COLUMN)));
}

/* Whether values of a type are whole rows: arrays, documents, composites. */
static bool
is_row(Oid type)
{
	Oid			base = getBaseType(type);

	return base == JSONBOID || OidIsValid(get_element_type(base)) ||
		type_is_rowtype(base);
}

/*
 * The column beside that of labels, quoted, if it is the only one and each of
 * its values is a row; else NULL.
 */
static const char *
row_column(TupleDesc desc, int label)
{
	const FormData_pg_attribute *column;

	if (desc->natts != 2)
		return NULL;
	column = TupleDescAttr(desc, 1 - label);
	return is_row(column->atttypid) ?
		quote_identifier(NameStr(column->attname)) : NULL;
}

/*
 * The statement by which a model, its parameter $1, learns from the query of
 * labels, palloc'd; an error if that query cannot be one.  For one who is
 * already the model's owner and connected.
 */
char *
labels_statement(const TrainingQuery *training)
{
	char	   *query = labels_check_query(training->labels);
	TupleDesc	desc = query_columns(psprintf("SELECT * FROM (\n%s\n) AS l",
											  query));
	int			label = label_column(desc);
	const char *row = row_column(desc, label);

	check_label_type(TupleDescAttr(desc, label)->atttypid);
	return psprintf("SELECT %s($1, l.%s, l.%s) FROM %s AS l",
					training_function(training, "iforest_learn"),
					LABEL_COLUMN, row == NULL ? "*" : row,
					query_rows(query));
}

/*
 * What a model has become by a statement of labels_statement: calibrated anew
 * by the training query's rows, or as it was if there is no label; NULL if
 * there are no such rows any more.
 */
bytea *
labels_learn(const TrainingQuery *training, const char *statement,
			 bytea *model)
{
	static const TrainingCall call = {
		"iforest_learn", 3, {BYTEAOID, BOOLOID, ANYOID}
	};
	bytea	   *learned;
	ForestView	view;

	training_execute(training, statement, &call, &model, 1);
	learned = training_model();
	if (learned == NULL)
		return model;
	(void) model_open(PointerGetDatum(learned), &view);
	if (view.labels == NULL)
		return model;
	training_aggregate(training, "iforest_calibrate", BYTEAOID, "$1", &learned,
					   1);
	return training_model();
}
