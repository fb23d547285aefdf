/*-------------------------------------------------------------------------
 *
 * base_row.c
 *	  Rows and arrays of a caller's type: read as scoring functions read
 *	  them, and made from features.
 *
 * A made row has the base's own values in the columns that the model does not
 * know or that are to be kept.  All others go through their type's input
 * function, so that a type's modifiers, an enum's labels and a domain's
 * constraints count.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/makefuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "core/format/forest_view.h"
#include "generate/base_row.h"
#include "generate/category_texts.h"
#include "model/model.h"
#include "model/model_bytes.h"
#include "model/model_text.h"
#include "row/feature_text.h"
#include "row/row_type.h"
#include "row/types.h"
#include "score/score_call.h"

/*
 * A call of (bytea, type) that reads rows of the type as any scoring function
 * does: that is learnt from the types of the call's expression.
 */
static FunctionCallInfo
make_call(FunctionCallInfo fcinfo, Oid type, MemoryContext context)
{
	FmgrInfo   *flinfo = MemoryContextAllocZero(context, sizeof(*flinfo));
	FunctionCallInfo call = MemoryContextAllocZero(context,
												   SizeForFunctionCallInfo(2));
	MemoryContext old = MemoryContextSwitchTo(context);
	List	   *arguments = list_make2(makeNullConst(BYTEAOID, -1, InvalidOid),
									   makeNullConst(type, -1, InvalidOid));

	fmgr_info_copy(flinfo, fcinfo->flinfo, context);
	flinfo->fn_extra = NULL;
	fmgr_info_set_expr((Node *) makeFuncExpr(flinfo->fn_oid, FLOAT8OID,
											 arguments, InvalidOid, InvalidOid,
											 COERCE_EXPLICIT_CALL), flinfo);
	MemoryContextSwitchTo(old);
	InitFunctionCallInfoData(*call, flinfo, 2, InvalidOid, NULL, NULL);
	return call;
}

/* Makes room for n columns. */
static void
set_n(BaseRow *base, int n)
{
	base->n = n;
	base->values = palloc0(Max(n, 1) * sizeof(Datum));
	base->nulls = palloc0(Max(n, 1) * sizeof(bool));
}

/* Looks up the input function of a type. */
static void
find_input(BaseRow *base, int i, Oid type)
{
	Oid			input;

	getTypeInputInfo(type, &input, &base->io_params[i]);
	fmgr_info_cxt(input, &base->inputs[i], base->context);
	base->types[i] = forest_type_of(getBaseType(type));
}

/* Learns the columns of a row type. */
static void
describe_row(BaseRow *base, Oid type, int32 typmod)
{
	TupleDesc	desc;
	int			n = 0;

	row_type_learn(&base->row, type, typmod, base->context);
	desc = base->row.desc;
	set_n(base, desc->natts);
	base->attributes = palloc0(Max(base->n, 1) * sizeof(int));
	base->inputs = palloc0(Max(base->n, 1) * sizeof(FmgrInfo));
	base->io_params = palloc0(Max(base->n, 1) * sizeof(Oid));
	base->types = palloc0(Max(base->n, 1) * sizeof(ForestType));
	for (int i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		base->attributes[n++] = i;
		find_input(base, i, TupleDescAttr(desc, i)->atttypid);
	}
}

/*
 * Prepares for the rows that argument "argument" of a call has, of a type; all
 * lives in "context".
 */
BaseRow *
base_row_open(FunctionCallInfo fcinfo, int argument, Oid type,
			  MemoryContext context)
{
	BaseRow    *base = MemoryContextAllocZero(context, sizeof(*base));

	base->context = context;
	base->type = OidIsValid(type) ? getBaseType(type) : InvalidOid;
	base->is_array = OidIsValid(base->type) &&
		OidIsValid(get_element_type(base->type));
	if (!base->is_array &&
		(!OidIsValid(base->type) || !type_is_rowtype(base->type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("argument %d has type %s, but must be a row or an array",
						argument + 1, OidIsValid(type) ?
						format_type_be(type) : "unknown"),
				 errhint("Pass a row of a table, or say which type is meant: NULL::some_table, NULL::float8[].")));
	base->call = make_call(fcinfo, base->type, context);
	return base;
}

/* Learns the columns of a NULL row: those of its type, or of the result. */
static void
describe_null_row(BaseRow *base, FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	TupleDesc	desc;

	if (base->type != RECORDOID)
	{
		describe_row(base, base->type, -1);
		return;
	}
	if (result == NULL || !IsA(result, ReturnSetInfo) ||
		result->expectedDesc == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("columns of the row are not known"),
				 errhint("Pass NULL::some_table, or call the function in FROM with a list of columns: .. AS (a int, b text).")));
	desc = BlessTupleDesc(CreateTupleDescCopy(result->expectedDesc));
	describe_row(base, desc->tdtypeid, desc->tdtypmod);
}

/* Reads a row. */
static void
read_row(BaseRow *base, HeapTupleHeader header)
{
	if (!row_type_is_of(&base->row, header))
		describe_row(base, HeapTupleHeaderGetTypeId(header),
					 HeapTupleHeaderGetTypMod(header));
	row_type_deform(&base->row, header, base->values, base->nulls);
	base->base = HeapTupleHeaderGetDatum(header);
}

/* Makes an array of the base's element type. */
static Datum
make_array(const BaseRow *base, Datum *values, bool *nulls)
{
	Oid			type = get_element_type(base->type);
	int			dims[1] = {base->n};
	int			lbs[1] = {1};
	int16		len;
	bool		byval;
	char		align;

	get_typlenbyvalalign(type, &len, &byval, &align);
	return PointerGetDatum(construct_md_array(values, nulls, 1, dims, lbs,
											  type, len, byval, align));
}

/* Reads an array; a NULL one has n_null elements, all NULL. */
static void
read_array(BaseRow *base, Datum datum, bool isnull, int n_null)
{
	Oid			type = get_element_type(base->type);

	if (base->inputs == NULL)
	{
		base->inputs = palloc0(sizeof(FmgrInfo));
		base->io_params = palloc0(sizeof(Oid));
		base->types = palloc0(sizeof(ForestType));
		find_input(base, 0, type);
	}
	if (!isnull)
	{
		ArrayType  *array = DatumGetArrayTypePCopy(datum);
		int16		len;
		bool		byval;
		char		align;

		get_typlenbyvalalign(type, &len, &byval, &align);
		deconstruct_array(array, type, len, byval, align, &base->values,
						  &base->nulls, &base->n);
		base->base = PointerGetDatum(array);
		return;
	}
	set_n(base, n_null);
	memset(base->nulls, true, n_null);
	base->base = make_array(base, base->values, base->nulls);
}

/* Reports a feature that an array of numbers cannot hold. */
static void
check_numbers(const ForestView *view)
{
	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		if (forest_type_is_category(forest_view_feature(view, f).type))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("feature \"%s\" is no number, so the model's rows are no arrays of numbers",
							model_string_text(forest_view_string(view, f))),
					 errhint("Say which type rows shall have: iforest_sample(model, 10, NULL::payments).")));
	}
}

/*
 * Takes a row of NULLs for the base: of its type, or, for an array, as many
 * as the model, which is argument 0 of the call, has features.
 */
void
base_row_null(BaseRow *base, FunctionCallInfo fcinfo)
{
	MemoryContext old = MemoryContextSwitchTo(base->context);

	if (base->is_array)
	{
		ForestView	view;

		(void) model_open(PG_GETARG_DATUM(0), &view);
		check_numbers(&view);
		read_array(base, (Datum) 0, true, (int) view.summary.n_features);
	}
	else
	{
		describe_null_row(base, fcinfo);
		memset(base->nulls, true, base->n);
		base->base = HeapTupleGetDatum(heap_form_tuple(base->row.desc,
													   base->values,
													   base->nulls));
	}
	MemoryContextSwitchTo(old);
}

/* Takes the row that an argument has for the base; false if it is NULL. */
bool
base_row_read(BaseRow *base, FunctionCallInfo fcinfo, int argument)
{
	MemoryContext old;

	if (PG_ARGISNULL(argument))
	{
		base_row_null(base, fcinfo);
		return false;
	}
	old = MemoryContextSwitchTo(base->context);
	if (base->is_array)
		read_array(base, PG_GETARG_DATUM(argument), false, 0);
	else
		read_row(base, row_header_copy(PG_GETARG_DATUM(argument)));
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * Makes a row, the base or one of base_row_form, the one that base->scored
 * and its model know; false if all features are missing.  Errors if the type
 * has changed since the base was read.
 */
bool
base_row_score(BaseRow *base, Datum model, Datum row)
{
	row_type_check(&base->row);
	base->call->args[0].value = model;
	base->call->args[0].isnull = false;
	base->call->args[1].value = row;
	base->call->args[1].isnull = false;
	return score_row(base->call, 0, 1, &base->scored);
}

/* A category as the input function of a column's type reads it. */
static char *
category_text(const CategoryTexts *categories, uint64 category,
			  ForestType type)
{
	const char *text = categories->texts[category];

	if (text == NULL)
		report_untranslatable("model");
	return type == FOREST_CHAR ? char_from_category(text) : pstrdup(text);
}

/*
 * The text of a feature's value for a column of a type; NULL if missing.
 * "categories" is NULL if no feature of the model has any.
 */
static char *
value_text(const Model *model, const CategoryTexts *categories, uint32 f,
		   double value, ForestType type)
{
	const ModelFeature *feature = &model->features[f];

	if (isnan(value))
		return NULL;
	if (categories != NULL && forest_type_is_category(feature->type))
		return value < feature->n_categories ?
			category_text(categories, categories->first[f] + (uint32) value,
						  type) : NULL;
	if (forest_type_is(type, FOREST_TRAIT_WHOLE))
		value = rint(value);
	return feature_literal(type, value);
}

/* The texts of the features that are not kept; NULL for those missing. */
static char **
feature_texts(const BaseRow *base, const double *row, const bool *kept)
{
	Model	   *model = base->scored.model;
	const CategoryTexts *categories = model->categories == NULL ? NULL :
		model_category_texts(model, base->call->args[0].value);
	char	  **texts = palloc0(model->summary.n_features * sizeof(char *));

	for (uint32 f = 0; f < model->summary.n_features; f++)
	{
		uint32		column = base->scored.source[f];

		if (kept == NULL || !kept[f])
			texts[f] = value_text(model, categories, f, row[f],
								  base->types[base->is_array ? 0 :
											  base->attributes[column]]);
	}
	return texts;
}

/*
 * Makes a row of the features of base->scored's model, in the current
 * context.  Features that are "kept" (NULL: none is) have the base's values.
 *
 * A domain's constraints run code of anybody's, which may drive the model out
 * of the cache: afterwards base_row_score has to find it again.  It may change
 * the row's type as well, which is an error.
 */
Datum
base_row_form(BaseRow *base, const double *row, const bool *kept)
{
	uint32		d = base->scored.model->summary.n_features;
	char	  **texts = feature_texts(base, row, kept);
	Datum	   *values = palloc(Max(base->n, 1) * sizeof(Datum));
	bool	   *nulls = palloc(Max(base->n, 1) * sizeof(bool));

	memcpy(values, base->values, base->n * sizeof(Datum));
	memcpy(nulls, base->nulls, base->n * sizeof(bool));
	for (uint32 f = 0; f < d; f++)
	{
		int			i = base->is_array ? (int) base->scored.source[f] :
			base->attributes[base->scored.source[f]];
		int			column = base->is_array ? 0 : i;

		if (kept != NULL && kept[f])
			continue;
		nulls[i] = texts[f] == NULL;
		values[i] = InputFunctionCall(&base->inputs[column], texts[f],
									  base->io_params[column],
									  base->is_array ? -1 :
									  TupleDescAttr(base->row.desc, i)->atttypmod);
	}
	if (base->is_array)
		return make_array(base, values, nulls);
	row_type_check(&base->row);
	return HeapTupleGetDatum(heap_form_tuple(base->row.desc, values, nulls));
}
