/*-------------------------------------------------------------------------
 *
 * registry_when.c
 *	  Conditions under which iforest_refit trains at all.
 *
 * An object holds if all of its conditions do, an array of objects if one of
 * them does.  Conditions are looked at in the order of what they cost.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/options.h"
#include "drift/drift_report.h"
#include "registry/registry_find.h"
#include "registry/registry_owner.h"
#include "registry/registry_train.h"
#include "registry/registry_when.h"

/* Conditions that must hold together. */
typedef struct Conditions
{
	char	   *age_text;		/* NULL if there is no such condition */
	Interval   *age;			/* the same */
	double		new_rows;		/* NaN if .. */
	double		drift;
} Conditions;

static const OptionSpec condition_specs[] = {
	{
		"age", OPTION_STRING, OPTION_FIELD(Conditions, age_text, char *),
		.help = "an interval, as \"7 days\", that has passed since the last training"
	},
	{
		"new_rows", OPTION_REAL, OPTION_FIELD(Conditions, new_rows, double),
		.min = 1, .max = 1e18, .default_value = NAN,
		.help = "the number of rows that the query must have more than at the last training"
	},
	{
		"drift", OPTION_REAL, OPTION_FIELD(Conditions, drift, double),
		.min = 0, .max = 1e6, .default_value = NAN,
		.help = "the population stability index that the rows' drift must be above"
	},
};

static const OptionTable condition_table = {
	condition_specs, lengthof(condition_specs), sizeof(Conditions),
	"only_if", " of only_if", "'{\"age\": \"7 days\"}'", NULL
};

/* Tells where the text is that is no interval. */
static void
age_context(void *text)
{
	errcontext("option \"age\" of only_if, \"%s\"", (const char *) text);
}

/* Reads an age. */
static Interval *
parse_age(char *text)
{
	ErrorContextCallback context = {error_context_stack, age_context, text};
	Interval   *age;

	error_context_stack = &context;
	age = DatumGetIntervalP(DirectFunctionCall3(interval_in,
												CStringGetDatum(text),
												ObjectIdGetDatum(InvalidOid),
												Int32GetDatum(-1)));
	error_context_stack = context.previous;
	return age;
}

/* Reads one object. */
static Conditions *
parse_object(JsonbContainer *object)
{
	Conditions *conditions = palloc(sizeof(*conditions));

	options_default(&condition_table, conditions);
	options_read(&condition_table, object, conditions);
	if (conditions->age_text != NULL)
		conditions->age = parse_age(conditions->age_text);
	return conditions;
}

/* Checks and reads only_if: a list of which one must hold; NIL for NULL. */
List *
conditions_parse(Jsonb *only_if)
{
	List	   *list = NIL;

	if (only_if == NULL)
		return NIL;
	if (!JB_ROOT_IS_ARRAY(only_if) || JB_ROOT_IS_SCALAR(only_if))
		return list_make1(parse_object(&only_if->root));
	for (uint32 i = 0; i < JB_ROOT_COUNT(only_if); i++)
	{
		JsonbValue *value = getIthJsonbValueFromContainer(&only_if->root, i);

		if (value->type != jbvBinary)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %u of only_if must be a JSON object",
							i + 1)));
		list = lappend(list, parse_object(value->val.binary.data));
	}
	return list;
}

/* Whether the active version is as old as asked for. */
static bool
old_enough(const Conditions *conditions, const ModelVersion *active,
		   StringInfo detail)
{
	Datum		due = DirectFunctionCall2(timestamptz_pl_interval,
										  TimestampTzGetDatum(active->trained_at),
										  IntervalPGetDatum(conditions->age));

	if (DatumGetTimestampTz(due) <= GetCurrentTimestamp())
		return true;
	appendStringInfo(detail, "younger than %s", conditions->age_text);
	return false;
}

/* Whether the query has as many more rows as asked for. */
static bool
enough_new_rows(const TrainingQuery *training, const Conditions *conditions,
				const ModelVersion *active, StringInfo detail)
{
	int64		new_rows = training_count(training) - Max(active->rows_seen, 0);

	if ((double) new_rows >= conditions->new_rows)
		return true;
	appendStringInfo(detail, INT64_FORMAT " new rows, fewer than %.0f",
					 Max(new_rows, 0), conditions->new_rows);
	return false;
}

/*
 * The greatest PSI in what iforest_drift says of the query's rows by a model;
 * for one who is already the model's owner.
 */
double
training_psi(const TrainingQuery *training, struct varlena *model)
{
	bool		isnull;
	Datum		report;

	training_aggregate(training, "iforest_drift", BYTEAOID, "$1",
					   &model, 1);
	report = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
						   &isnull);
	return isnull ? 0 : drift_report_psi(DatumGetJsonbP(report));
}

/* Whether the rows have drifted as far as asked for. */
static bool
drifted(const TrainingQuery *training, const Conditions *conditions,
		const ModelVersion *active, StringInfo detail)
{
	double		psi = training_psi(training, active->model);

	if (psi > conditions->drift)
		return true;
	appendStringInfo(detail, "drift of %.3g, not above %g", psi,
					 conditions->drift);
	return false;
}

/*
 * Whether one of a list of conditions holds, or there are none; for one who
 * is already the model's owner.  Says in "detail" what does not hold.
 */
bool
conditions_hold(const TrainingQuery *training, const List *conditions,
				const ModelVersion *active, StringInfo detail)
{
	ListCell   *cell;

	foreach(cell, conditions)
	{
		const Conditions *all = lfirst(cell);

		if (detail->len > 0)
			appendStringInfoString(detail, "; ");
		if ((all->age == NULL || old_enough(all, active, detail)) &&
			(isnan(all->new_rows) ||
			 enough_new_rows(training, all, active, detail)) &&
			(isnan(all->drift) || drifted(training, all, active, detail)))
			return true;
	}
	return conditions == NIL;
}
