/*-------------------------------------------------------------------------
 *
 * base_row.c
 *	  Rows, arrays and documents of a caller's type: read as scoring
 *	  functions read them, and made from features.
 *
 * A made row has the base's own values in the columns that the model does not
 * know or that are to be kept.  All others but plain float8 go through their
 * type's input function, so that a type's modifiers, an enum's labels and a
 * domain's constraints count.
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
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "base/json_put.h"
#include "core/format/forest_view.h"
#include "generate/base_row.h"
#include "generate/document_row.h"
#include "model/category_texts.h"
#include "model/model.h"
#include "model/model_bytes.h"
#include "model/model_text.h"
#include "row/arguments.h"
#include "row/document.h"
#include "row/feature_text.h"
#include "row/row_type.h"
#include "row/types.h"
#include "score/score_call.h"

/* An expression of a type, of which each row may have another value. */
static Node *
any_value(Oid type)
{
	Param	   *value = makeNode(Param);

	value->paramkind = PARAM_EXTERN;
	value->paramtype = type;
	value->paramtypmod = -1;
	value->location = -1;
	return (Node *) value;
}

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
	List	   *arguments = list_make2(any_value(BYTEAOID), any_value(type));

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

/* Sets what holds the columns: a value of a type. */
static void
set_holder(BaseRow *base, Oid type)
{
	base->holder = getBaseType(type);
	base->shape = base->holder == JSONBOID ? ARGUMENTS_DOCUMENT :
		type_holds_row(base->holder) ? ARGUMENTS_ARRAY : ARGUMENTS_ROW;
}

/* Learns the columns of a row type, or which attribute holds them all. */
static void
describe_row(BaseRow *base, Oid type, int32 typmod)
{
	MemoryContext old;
	TupleDesc	desc;
	int			n = 0;

	row_type_learn(&base->row, type, typmod, base->context);
	desc = base->row.desc;
	base->only = row_type_holder(desc);
	set_holder(base, base->only < 0 ? type :
			   TupleDescAttr(desc, base->only)->atttypid);
	if (base->only >= 0)
		return;
	old = MemoryContextSwitchTo(base->context);
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
	MemoryContextSwitchTo(old);
}

/*
 * What to do about an argument that is no row.  Where a number of rows stands
 * before it, it may be meant to be the seed.
 */
static int
hint_no_row(int argument, Oid type)
{
	if (argument > 1 &&
		(type == INT4OID || type == INT8OID || type == INT2OID))
		return errhint("A seed is given by its name: seed => 42.");
	return errhint("Pass a row of a table, or say which type is meant: NULL::some_table, NULL::float8[], '{}'::jsonb.");
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
	base->row_context = context;
	base->declared = type;
	base->type = OidIsValid(type) ? getBaseType(type) : InvalidOid;
	base->is_row = OidIsValid(type) && type_is_rowtype(base->type);
	if (!base->is_row && !(OidIsValid(type) && type_holds_row(base->type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("argument %d has type %s, but must be a row, an array or jsonb",
						argument + 1, OidIsValid(type) ?
						format_type_be(type) : "unknown"),
				 hint_no_row(argument, base->type)));
	base->only = -1;
	set_holder(base, base->type);
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

/* Makes an array of the base's element type. */
static Datum
make_array(const BaseRow *base, Datum *values, bool *nulls)
{
	Oid			type = get_element_type(base->holder);
	int			dims[1] = {base->n};
	int			lbs[1] = {1};
	int16		len;
	bool		byval;
	char		align;

	get_typlenbyvalalign(type, &len, &byval, &align);
	return PointerGetDatum(construct_md_array(values, nulls, 1, dims, lbs,
											  type, len, byval, align));
}

/*
 * A value of the argument's type made of what holds its columns: itself, or
 * the row that holds it.
 */
static Datum
make_holder(BaseRow *base, Datum value)
{
	int			natts;
	Datum	   *values;
	bool	   *nulls;

	if (base->only < 0)
		return value;
	row_type_check(&base->row);
	natts = base->row.desc->natts;
	values = palloc0(natts * sizeof(Datum));
	nulls = palloc(natts * sizeof(bool));
	memset(nulls, true, natts);
	values[base->only] = value;
	nulls[base->only] = false;
	return HeapTupleGetDatum(heap_form_tuple(base->row.desc, values, nulls));
}

/* Learns the type of an array's elements. */
static void
describe_array(BaseRow *base)
{
	if (base->inputs != NULL)
		return;
	base->inputs = MemoryContextAllocZero(base->context, sizeof(FmgrInfo));
	base->io_params = MemoryContextAllocZero(base->context, sizeof(Oid));
	base->types = MemoryContextAllocZero(base->context, sizeof(ForestType));
	find_input(base, 0, get_element_type(base->holder));
}

/* Copies an array and reads its elements; returns the copy. */
static Datum
read_array(BaseRow *base, Datum datum)
{
	ArrayType  *array = DatumGetArrayTypePCopy(datum);
	Oid			type = get_element_type(base->holder);
	int16		len;
	bool		byval;
	char		align;

	describe_array(base);
	get_typlenbyvalalign(type, &len, &byval, &align);
	deconstruct_array(array, type, len, byval, align, &base->values,
					  &base->nulls, &base->n);
	return PointerGetDatum(array);
}

/* Takes an array of n elements, all NULL, for the base's. */
static Datum
null_array(BaseRow *base, uint32 n)
{
	describe_array(base);
	set_n(base, (int) n);
	memset(base->nulls, true, n);
	return make_array(base, base->values, base->nulls);
}

/* Takes an object without any member for the base's. */
static Datum
null_document(BaseRow *base)
{
	JsonWriter	json = {0};

	json_begin_object(&json);
	json_end_object(&json);
	base->document = json_written(&json);
	return JsonbPGetDatum(base->document);
}

/*
 * Copies and reads what holds the columns, an array or a document; false of
 * JSON's null.  Anything else that a document may be is an error.
 */
static bool
read_holder(BaseRow *base, Datum datum)
{
	bool		some = true;

	if (base->shape == ARGUMENTS_ARRAY)
		datum = read_array(base, datum);
	else
	{
		base->document = DatumGetJsonbPCopy(datum);
		datum = JsonbPGetDatum(base->document);
		some = document_open(datum) != NULL;
	}
	if (!base->is_row)
		base->base = datum;
	return some;
}

/* Reads a row; false if it holds an array or a document that is NULL. */
static bool
read_row(BaseRow *base, HeapTupleHeader header)
{
	Datum	   *values;
	bool	   *nulls;

	if (!row_type_is_of(&base->row, header))
		describe_row(base, HeapTupleHeaderGetTypeId(header),
					 HeapTupleHeaderGetTypMod(header));
	base->base = HeapTupleHeaderGetDatum(header);
	if (base->only < 0)
	{
		row_type_deform(&base->row, header, base->values, base->nulls);
		return true;
	}
	values = palloc(base->row.desc->natts * sizeof(Datum));
	nulls = palloc(base->row.desc->natts * sizeof(bool));
	row_type_deform(&base->row, header, values, nulls);
	return !nulls[base->only] && read_holder(base, values[base->only]);
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
static void
take_null(BaseRow *base, FunctionCallInfo fcinfo)
{
	ForestView	view;

	if (base->is_row && !OidIsValid(base->row.type_id))
		describe_null_row(base, fcinfo);
	if (base->shape == ARGUMENTS_ARRAY)
	{
		(void) model_open(PG_GETARG_DATUM(0), &view);
		check_numbers(&view);
		base->base = make_holder(base, null_array(base,
												  view.summary.n_features));
	}
	else if (base->shape == ARGUMENTS_DOCUMENT)
		base->base = make_holder(base, null_document(base));
	else
	{
		memset(base->nulls, true, base->n);
		base->base = HeapTupleGetDatum(heap_form_tuple(base->row.desc,
													   base->values,
													   base->nulls));
	}
}

/*
 * Whether a base that was read before can read what an argument, not NULL, has
 * now: what is known of types holds, and no other is to be learnt.
 */
bool
base_row_fits(const BaseRow *base, FunctionCallInfo fcinfo, int argument)
{
	return !base->is_row ||
		row_type_is_of(&base->row, row_header(PG_GETARG_DATUM(argument)));
}

/*
 * Takes the row that an argument has for the base; false if it is NULL, holds
 * nothing but an array or a document that is NULL, or is JSON's null.  Then
 * the base is a row of NULLs.
 */
bool
base_row_read(BaseRow *base, FunctionCallInfo fcinfo, int argument)
{
	MemoryContext old = MemoryContextSwitchTo(base->row_context);
	bool		some = !PG_ARGISNULL(argument);

	if (some && base->is_row)
		some = read_row(base, row_header_copy(PG_GETARG_DATUM(argument)));
	else if (some)
		some = read_holder(base, PG_GETARG_DATUM(argument));
	if (!some)
		take_null(base, fcinfo);
	MemoryContextSwitchTo(old);
	return some;
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

/*
 * The text of a feature's value for a column of a type; NULL if missing.
 * "categories" is NULL if no feature of the model has any.
 */
static char *
value_text(const Model *model, const CategoryTexts *categories, uint32 f,
		   double value, ForestType type)
{
	const ModelFeature *feature = &model->features[f];
	const char *category;

	if (isnan(value))
		return NULL;
	if (categories != NULL && forest_type_is_category(feature->type))
	{
		if (value >= feature->n_categories)
			return NULL;
		category = category_text(categories, f, (uint32) value);
		return type == FOREST_CHAR ? char_from_category(category) :
			pstrdup(category);
	}
	if (forest_type_is(type, FOREST_TRAIT_WHOLE))
		value = rint(value);
	return feature_literal(type, value);
}

/* The column of a row, or the element of an array, that a feature is. */
static inline int
feature_place(const BaseRow *base, uint32 f)
{
	uint32		column = base->scored.source[f];

	return base->shape == ARGUMENTS_ARRAY ? (int) column :
		base->attributes[column];
}

/* The place of what is known of the type of a place. */
static inline int
type_place(const BaseRow *base, int place)
{
	return base->shape == ARGUMENTS_ARRAY ? 0 : place;
}

/*
 * Fills in the features that are float8 and not kept; returns the texts of the
 * others, NULL for those missing, and which are filled in or kept.
 */
static char **
feature_texts(const BaseRow *base, const double *row, const bool *kept,
			  Datum *values, bool *nulls, bool *done)
{
	Model	   *model = base->scored.model;
	const CategoryTexts *categories = model->categories == NULL ? NULL :
		model_category_texts(model, base->call->args[0].value);
	char	  **texts = palloc0(model->summary.n_features * sizeof(char *));

	for (uint32 f = 0; f < model->summary.n_features; f++)
	{
		int			i = feature_place(base, f);
		int			type = type_place(base, i);

		done[f] = kept != NULL && kept[f];
		if (done[f])
			continue;
		if (base->inputs[type].fn_oid != F_FLOAT8IN ||
			forest_type_is_category(model->features[f].type))
		{
			texts[f] = value_text(model, categories, f, row[f],
								  base->types[type]);
			continue;
		}
		values[i] = Float8GetDatum(row[f]);
		nulls[i] = isnan(row[f]);
		done[f] = true;
	}
	return texts;
}

/*
 * Makes the columns of a row, or the elements of an array, of features; those
 * that are kept are the base's.
 */
static Datum
form_columns(BaseRow *base, const double *row, const bool *kept)
{
	bool		is_array = base->shape == ARGUMENTS_ARRAY;
	uint32		d = base->scored.model->summary.n_features;
	Datum	   *values = palloc(Max(base->n, 1) * sizeof(Datum));
	bool	   *nulls = palloc(Max(base->n, 1) * sizeof(bool));
	bool	   *done = palloc(Max(d, 1) * sizeof(bool));
	char	  **texts;

	memcpy(values, base->values, base->n * sizeof(Datum));
	memcpy(nulls, base->nulls, base->n * sizeof(bool));
	texts = feature_texts(base, row, kept, values, nulls, done);
	for (uint32 f = 0; f < d; f++)
	{
		int			i = feature_place(base, f);
		int			type = type_place(base, i);

		if (done[f])
			continue;
		nulls[i] = texts[f] == NULL;
		values[i] = InputFunctionCall(&base->inputs[type], texts[f],
									  base->io_params[type], is_array ? -1 :
									  TupleDescAttr(base->row.desc, i)->atttypmod);
	}
	if (is_array)
		return make_array(base, values, nulls);
	row_type_check(&base->row);
	return HeapTupleGetDatum(heap_form_tuple(base->row.desc, values, nulls));
}

/* Checks what holds the columns of a row, if its attribute has a domain. */
static void
check_domain(const BaseRow *base, Datum value)
{
	Oid			type = base->only < 0 ? InvalidOid :
		TupleDescAttr(base->row.desc, base->only)->atttypid;

	if (OidIsValid(type) && type != base->holder)
		domain_check(value, false, type, NULL, NULL);
}

/*
 * Makes a row of the features of base->scored's model, in the current
 * context.  Features that are "kept" (NULL: none is) have the base's values.
 * A domain's constraints run code of anybody's, which may drive the model out
 * of the cache: afterwards base_row_score has to find it again.  It may change
 * the row's type as well, which is an error.
 */
Datum
base_row_form(BaseRow *base, const double *row, const bool *kept)
{
	Datum		made = base->shape != ARGUMENTS_DOCUMENT ?
		form_columns(base, row, kept) :
		JsonbPGetDatum(document_row(base->document, base->scored.model,
									base->call->args[0].value, row, kept));

	check_domain(base, made);
	made = make_holder(base, made);
	if (base->declared != base->type)
		domain_check(made, false, base->declared, &base->checks,
					 base->context);
	return made;
}
