/*-------------------------------------------------------------------------
 *
 * train_columns.c
 *	  Which columns of a row become features.
 *
 * All but those that the option "exclude" names.  Columns whose types no
 * feature can have are all told at once, with what to make of each.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "base/json_value.h"
#include "row/arguments.h"
#include "row/document.h"
#include "row/type_forms.h"
#include "row/types.h"
#include "sketch/row_sample.h"
#include "sketch/row_weights.h"
#include "train/train_columns.h"

/* The columns of a call that are to be features. */
typedef struct ChosenColumns
{
	const Arguments *arguments;
	uint32		n;
	uint32	   *columns;		/* their numbers */
	int			weight;			/* that of option "weight", or -1 */
} ChosenColumns;

/* Reports that the option "exclude" is given for something that is no row. */
void
train_refuse_exclude(ArgumentShape shape)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"exclude\" leaves columns out of a row, but there is %s",
					shape == ARGUMENTS_ARRAY ? "an array" :
					shape == ARGUMENTS_DOCUMENT ? "a document" :
					"a list of columns"),
			 shape == ARGUMENTS_ARRAY ? 0 :
			 shape == ARGUMENTS_DOCUMENT ?
			 errhint("Take keys out of it, body - 'key', or list those to train on in the option \"feature_names\".") :
			 errhint("Leave them out of the list, or pass the whole row.")));
}

/* Reports that the option "weight" is given for arrays. */
static void
report_array_weight(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"weight\" names a column, but there is an array"),
			 errhint("Pass the elements and the weight as columns of a row.")));
}

/* The names of a row's columns as a list, for a hint. */
static char *
list_columns(const Arguments *arguments)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; i < arguments->n_columns; i++)
		appendStringInfo(&s, "%s%s", i == 0 ? "" : ", ",
						 arguments->columns[i].name == NULL ? "(no name)" :
						 arguments->columns[i].name);
	return s.data;
}

/*
 * Notes in out[] that the columns of a name are left out, as an option has it;
 * returns the number of the last of them.
 */
static uint32
leave_out(const Arguments *arguments, const char *option, const char *name,
		  bool *out)
{
	int			found = -1;

	for (int i = 0; i < arguments->n_columns; i++)
	{
		const char *column = arguments->columns[i].name;

		if (column == NULL || strcmp(column, name) != 0)
			continue;
		out[i] = true;
		found = i;
	}
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("option \"%s\" names \"%s\", which is no column of the row",
						option, name),
				 arguments->shape == ARGUMENTS_ROW ?
				 errhint("Columns are: %s.", list_columns(arguments)) :
				 errhint("Columns are: %s. Those of a row always have names: iforest_train(options, r) FROM (SELECT ..) AS r.",
						 list_columns(arguments))));
	return (uint32) found;
}

/* Finds the columns that are to be features. */
static void
choose_columns(const TrainOptions *options, ChosenColumns *chosen)
{
	const OptionNames *exclude = &options->exclude;
	const Arguments *arguments = chosen->arguments;
	int			n = arguments->n_columns;
	bool	   *out = palloc0(Max(n, 1) * sizeof(bool));

	if (exclude->n > 0 && arguments->shape != ARGUMENTS_ROW)
		train_refuse_exclude(arguments->shape);
	for (int i = 0; i < exclude->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		(void) leave_out(arguments, "exclude", exclude->names[i], out);
	}
	if (options->weight != NULL && arguments->shape == ARGUMENTS_ARRAY)
		report_array_weight();
	if (options->weight != NULL)
		chosen->weight = (int) leave_out(arguments, "weight", options->weight,
										 out);
	chosen->columns = palloc(Max(n, 1) * sizeof(uint32));
	for (int i = 0; i < n; i++)
	{
		if (!out[i])
			chosen->columns[chosen->n++] = (uint32) i;
	}
	pfree(out);
	if (chosen->n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 n == 0 ?
				 errmsg("rows to train on have no columns") :
				 options->weight == NULL ?
				 errmsg("option \"exclude\" leaves no column to train on") :
				 errmsg("there is no column to train on but that of option \"weight\"")));
}

/* What is said of unusable columns. */
typedef struct Unusable
{
	int			n;
	int			first;			/* of them */
	StringInfoData detail;		/* what to make of each */
	StringInfoData list;		/* a SELECT list that works, or empty */
	ArrayBuildState *names;
} Unusable;

/* Adds expressions to the list. */
static void
list_expressions(Unusable *unusable, const char *expressions)
{
	appendStringInfo(&unusable->list, "%s%s",
					 unusable->list.len == 0 ? "" : ", ", expressions);
}

/* Takes note of one column, number i of the call's. */
static void
note_column(const Arguments *arguments, int i, Unusable *unusable)
{
	const ArgumentColumn *column = &arguments->columns[i];
	const char *expressions = quote_identifier(column->name);

	if (column->type == 0)
	{
		if (unusable->n++ == 0)
			unusable->first = i;
		appendStringInfo(&unusable->detail, "%s\"%s\" (%s): %s.",
						 unusable->n == 1 ? "" : "\n", column->name,
						 format_type_be(column->typid),
						 type_form_advice(column->name, column->typid));
		unusable->names = accumArrayResult(unusable->names,
										   CStringGetTextDatum(column->name),
										   false, TEXTOID,
										   CurrentMemoryContext);
		expressions = type_form_expressions(column->name, column->typid);
	}
	if (expressions != NULL)
		list_expressions(unusable, expressions);
}

/* The option that leaves the unusable columns out. */
static char *
exclude_text(const Unusable *unusable)
{
	Datum		array = makeArrayResult(unusable->names, CurrentMemoryContext);

	return quote_literal_cstr(OidOutputFunctionCall(F_ARRAY_OUT, array));
}

/* Reports the unusable columns of a row with names, if it has any. */
static void
check_row(const ChosenColumns *chosen)
{
	const Arguments *arguments = chosen->arguments;
	Unusable	unusable = {0};
	const ArgumentColumn *first;

	initStringInfo(&unusable.detail);
	initStringInfo(&unusable.list);
	for (uint32 i = 0; i < chosen->n; i++)
		note_column(arguments, (int) chosen->columns[i], &unusable);
	if (unusable.n == 0)
		return;
	/* no feature, but the option needs it; alone it would be nothing */
	if (chosen->weight >= 0 && unusable.list.len > 0)
		list_expressions(&unusable,
						 quote_identifier(arguments->columns[chosen->weight].name));
	first = &arguments->columns[unusable.first];
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 unusable.n == 1 ?
			 errmsg("column \"%s\" has type %s, which a forest cannot use",
					first->name, format_type_be(first->typid)) :
			 errmsg("%d columns have types that a forest cannot use",
					unusable.n),
			 errdetail("%s", unusable.detail.data),
			 unusable.list.len == 0 ?
			 errhint("Train on other columns.") :
			 unusable.n == (int) chosen->n ?
			 errhint("Train on SELECT %s FROM ..", unusable.list.data) :
			 errhint("Train on SELECT %s FROM ..; or leave out what cannot be used: iforest_options(exclude => %s).",
					 unusable.list.data, exclude_text(&unusable))));
}

/* Reports a column whose type no feature can have. */
static void
check_types(const ChosenColumns *chosen)
{
	const Arguments *arguments = chosen->arguments;

	if (arguments->shape == ARGUMENTS_ROW &&
		arguments->columns[chosen->columns[0]].name != NULL)
		check_row(chosen);
	for (uint32 i = 0; i < chosen->n; i++)
	{
		int			column = (int) chosen->columns[i];

		if (arguments->columns[column].type == 0)
			report_unsupported_type(arguments_label(arguments, column),
									arguments->columns[column].typid, true);
	}
}

/* Fixes the features of a state that has none yet from the columns at hand. */
void
train_define_columns(RowSample *state, const Arguments *arguments)
{
	ChosenColumns chosen = {.arguments = arguments, .weight = -1};
	ArgumentColumn *columns;

	choose_columns(&state->options, &chosen);
	check_types(&chosen);
	columns = palloc(chosen.n * sizeof(ArgumentColumn));
	for (uint32 i = 0; i < chosen.n; i++)
		columns[i] = arguments->columns[chosen.columns[i]];
	row_sample_define(state, chosen.n, columns);
	pfree(columns);
	state->weight_column = (uint32) Max(chosen.weight, 0);
	if (state->options.exclude.n == 0 && state->options.weight == NULL)
		return;
	state->n_columns = (uint32) arguments->n_columns;
	state->columns = MemoryContextAlloc(state->context,
										chosen.n * sizeof(uint32));
	memcpy(state->columns, chosen.columns, chosen.n * sizeof(uint32));
}

/* How often the current row counts, 0 if it is to be left out. */
double
train_row_weight(const RowSample *state, const Arguments *arguments)
{
	const char *name = state->options.weight;
	uint32		column = state->weight_column;
	ForestType	type;
	JsonbValue	value;

	if (arguments->document != NULL)
	{
		if (!json_member(arguments->document, name, &value))
			return 0;
		if (value.type != jbvNumeric)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("key \"%s\", which option \"weight\" names, is %s, but must be a number",
							name, json_value_text(&value))));
		return check_weight(document_number(name, FOREST_FLOAT8, &value),
							name);
	}
	type = arguments->columns[column].type;
	if (!forest_type_is(type, FOREST_TRAIT_NUMBER))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\", which option \"weight\" names, has type %s, but must be a number",
						name, format_type_be(arguments->columns[column].typid))));
	if (arguments->nulls[column])
		return 0;
	return check_weight(number_from_datum(type, arguments->values[column]),
						name);
}
