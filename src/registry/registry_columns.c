/*-------------------------------------------------------------------------
 *
 * registry_columns.c
 *	  What the columns of a query are good for, before it is trained on:
 *	  iforest_columns.
 *
 * The query runs as the training query of a named model does, read only and in
 * a subtransaction that is rolled back, but as whoever asks.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "base/srf.h"
#include "registry/registry_owner.h"
#include "row/column_facts.h"
#include "row/type_forms.h"
#include "row/types.h"
#include "sketch/train_options.h"

/* Rows that are fetched at a time. */
#define FETCH_ROWS		1000

/* So many values must be there for it to be odd that they differ, or grow. */
#define MIN_VALUES		20

/* Values nearly all of which differ: this share. */
#define NEARLY_ALL		0.9

/* The result's columns, in order. */
typedef enum ResultColumn
{
	RESULT_NAME,
	RESULT_TYPE,
	RESULT_USABLE,
	RESULT_DIFFERENT,
	RESULT_MISSING,
	RESULT_REMARK,
	RESULT_EXPRESSION
} ResultColumn;

/* One column of the query. */
typedef struct QueryColumn
{
	char	   *name;
	Oid			typid;			/* base type */
	char	   *type;			/* its declared type, as text */
	ColumnFacts facts;
} QueryColumn;

/* The query at work. */
typedef struct ColumnsWork
{
	MemoryContext context;		/* of what is found */
	int			n;
	QueryColumn *columns;
} ColumnsWork;

/* What is said of a column. */
typedef struct Verdict
{
	bool		usable;
	const char *remark;			/* or NULL */
	char	   *expression;		/* NULL: leave it out */
} Verdict;

/* Describes the columns of a result. */
static void
describe_columns(ColumnsWork *work, TupleDesc desc)
{
	work->columns = MemoryContextAllocZero(work->context, Max(desc->natts, 1) *
										   sizeof(QueryColumn));
	work->n = desc->natts;
	for (int i = 0; i < work->n; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		QueryColumn *column = &work->columns[i];

		column->name = MemoryContextStrdup(work->context,
										   NameStr(attribute->attname));
		column->typid = getBaseType(attribute->atttypid);
		column->type = MemoryContextStrdup(work->context,
										   format_type_with_typemod(attribute->atttypid,
																	attribute->atttypmod));
		column_facts_begin(&column->facts, forest_type_of(column->typid));
	}
}

/* Takes note of the values of a row. */
static void
read_row(ColumnsWork *work, HeapTuple tuple, TupleDesc desc, Datum *values,
		 bool *nulls)
{
	heap_deform_tuple(tuple, desc, values, nulls);
	for (int i = 0; i < work->n; i++)
		column_facts_add(&work->columns[i].facts, values[i], nulls[i],
						 work->context);
}

/* Reads all rows of a query. */
static void
read_rows(const TrainingQuery *training, void *argument)
{
	ColumnsWork *work = argument;
	SPIPlanPtr	plan = SPI_prepare(training->query, 0, NULL);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "iforest row",
													  ALLOCSET_DEFAULT_SIZES);
	Portal		portal;
	TupleDesc	desc;
	Datum	   *values;
	bool	   *nulls;

	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", training->query,
			 SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, false);
	desc = portal->tupDesc;
	describe_columns(work, desc);
	values = palloc(Max(work->n, 1) * sizeof(Datum));
	nulls = palloc(Max(work->n, 1) * sizeof(bool));
	do
	{
		MemoryContext old;

		SPI_cursor_fetch(portal, true, FETCH_ROWS);
		old = MemoryContextSwitchTo(row_context);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			CHECK_FOR_INTERRUPTS();
			read_row(work, SPI_tuptable->vals[i], desc, values, nulls);
			MemoryContextReset(row_context);
		}
		MemoryContextSwitchTo(old);
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	SPI_cursor_close(portal);
}

/* The expression of a column as it is. */
static char *
column_itself(const QueryColumn *column)
{
	return pstrdup(quote_identifier(column->name));
}

/* Parts of a date or a time that come again, in place of one that grows. */
static char *
calendar_expression(const QueryColumn *column)
{
	const char *name = quote_identifier(column->name);
	const char *weekday = psprintf("extract(isodow FROM %s) AS %s", name,
								   quote_identifier(psprintf("%s_weekday",
															 column->name)));

	if (column->facts.type == FOREST_DATE)
		return pstrdup(weekday);
	return psprintf("extract(hour FROM %s) AS %s, %s", name,
					quote_identifier(psprintf("%s_hour", column->name)),
					weekday);
}

/* Whether nearly all values of a column differ. */
static bool
is_identifier(const ColumnFacts *facts, int64 different)
{
	return facts->n_values >= MIN_VALUES &&
		(double) different >= NEARLY_ALL * (double) facts->n_values;
}

/* Whether values hardly ever fall from one row to the next. */
static bool
grows(const ColumnFacts *facts, int64 different)
{
	return facts->n_values >= MIN_VALUES &&
		(double) different >= (double) facts->n_values / 2 &&
		(double) facts->n_falls <= (1 - NEARLY_ALL) / 2 *
		(double) facts->n_values;
}

/* Whether whole numbers count rows: in their order, or without large gaps. */
static bool
is_serial(const ColumnFacts *facts, int64 different)
{
	double		span = facts->maximum - facts->minimum + 1;

	return forest_type_is(facts->type, FOREST_TRAIT_NUMBER) &&
		forest_type_is(facts->type, FOREST_TRAIT_WHOLE) &&
		is_identifier(facts, different) &&
		(facts->n_falls == 0 || span <= 2 * (double) facts->n_values);
}

/* Judges a column of categories. */
static Verdict
judge_category(const QueryColumn *column, int64 different)
{
	const ColumnFacts *facts = &column->facts;
	TrainOptions defaults;

	options_default(&train_option_table, &defaults);
	if (facts->longest > FOREST_MAX_STRING)
		return (Verdict) {
			false,
			psprintf("texts of up to %u bytes, where a category has at most %d",
					 facts->longest, FOREST_MAX_STRING),
			psprintf("length(%s) AS %s", quote_identifier(column->name),
					 quote_identifier(psprintf("%s_length", column->name)))
		};
	if (is_identifier(facts, different))
		return (Verdict) {
			different <= defaults.max_categories,
			"identifier: nearly every row has another value", NULL
		};
	if (different > defaults.max_categories)
		return (Verdict) {
			false,
			psprintf("more than " INT64_FORMAT " different values: group them, or raise max_categories",
					 defaults.max_categories),
			NULL
		};
	return (Verdict) {true, NULL, column_itself(column)};
}

/* Judges a column of numbers, dates or times. */
static Verdict
judge_number(const QueryColumn *column, int64 different)
{
	const ColumnFacts *facts = &column->facts;

	if (is_serial(facts, different))
		return (Verdict) {true, "serial number: it counts the rows", NULL};
	if (!grows(facts, different))
		return (Verdict) {true, NULL, column_itself(column)};
	if (facts->type == FOREST_DATE || facts->type == FOREST_TIMESTAMP ||
		facts->type == FOREST_TIMESTAMPTZ)
		return (Verdict) {
			true,
			"grows from row to row: later rows lie beyond all that was seen",
			calendar_expression(column)
		};
	return (Verdict) {
		true,
		"grows from row to row: the difference from the row before may say more",
		column_itself(column)
	};
}

/* Judges a column of a type that no feature can have. */
static Verdict
judge_unusable(const QueryColumn *column)
{
	char	   *expression = type_form_expressions(column->name,
												   column->typid);

	return (Verdict) {
		false,
		expression != NULL ? "no forest can use this type" :
		psprintf("no forest can use this type: %s",
				 type_form_advice(column->name, column->typid)),
		expression
	};
}

/* Judges a column. */
static Verdict
judge(const QueryColumn *column, int64 different)
{
	const ColumnFacts *facts = &column->facts;

	if (facts->type == 0)
		return judge_unusable(column);
	if (facts->n_values == 0)
		return (Verdict) {true, "no value at all", NULL};
	if (different == 1 && facts->n_values == facts->n_rows)
		return (Verdict) {true, "constant", NULL};
	return forest_type_is_category(facts->type) ?
		judge_category(column, different) : judge_number(column, different);
}

/* Puts what is found of a column into a row. */
static void
result_row(QueryColumn *column, InspectRow *row)
{
	ColumnFacts *facts = &column->facts;
	int64		different = facts->type == 0 ? 0 :
		column_facts_different(facts);
	Verdict		verdict = judge(column, different);

	inspect_clear(row);
	inspect_set(row, RESULT_NAME, CStringGetTextDatum(column->name));
	inspect_set(row, RESULT_TYPE, CStringGetTextDatum(column->type));
	inspect_set(row, RESULT_USABLE, BoolGetDatum(verdict.usable));
	if (facts->type != 0)
		inspect_set(row, RESULT_DIFFERENT, Int64GetDatum(different));
	if (facts->n_rows > 0)
		inspect_set(row, RESULT_MISSING,
					Float8GetDatum(1 - (double) facts->n_values /
								   (double) facts->n_rows));
	if (verdict.remark != NULL)
		inspect_set(row, RESULT_REMARK, CStringGetTextDatum(verdict.remark));
	if (verdict.expression != NULL)
		inspect_set(row, RESULT_EXPRESSION,
					CStringGetTextDatum(verdict.expression));
}

/* The query that is asked for: a text that is one, or a table's name. */
static char *
query_or_table(const char *text)
{
	if (query_is_name(text))
		return psprintf("TABLE %s", text);
	return training_check_query(text);
}

PG_FUNCTION_INFO_V1(iforest_columns);
/*
 * iforest_columns(query text) ->
 *		TABLE(name, type, usable, different, missing, remark, expression)
 *
 * A row for each column of the query, or of the table that it names.
 */
Datum
iforest_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ColumnsWork work = {.context = CurrentMemoryContext};
	TrainingQuery training = {0};

	training.query =
		query_or_table(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	training.search_path = pstrdup(namespace_search_path);
	training.owner = GetUserId();
	run_as_owner(&training, read_rows, &work);
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < work.n; i++)
	{
		InspectRow	row;

		result_row(&work.columns[i], &row);
		tuplestore_putvalues(result->setResult, result->setDesc, row.values,
							 row.nulls);
	}
	return (Datum) 0;
}
