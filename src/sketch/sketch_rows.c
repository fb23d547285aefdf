/*-------------------------------------------------------------------------
 *
 * sketch_rows.c
 *	  What is in a sketch, in SQL: its rows, as documents or as rows of a
 *	  caller's type, and facts about it.
 *
 * Rows come as they lie, which is a random order: the first n of them are a
 * random sample of all.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/json_put.h"
#include "core/format/forest_sketch.h"
#include "core/format/forest_sketch_layout.h"
#include "row/feature_json.h"
#include "row/types.h"
#include "sketch/sketch_reader.h"

/* A call that returns rows one by one. */
typedef struct SketchRows
{
	SketchReader *reader;
	char	  **names;			/* of the features */
	FunctionCallInfo populate;	/* of jsonb_populate_record, or NULL */
} SketchRows;

/* A string of a sketch with a zero behind it, palloc'd. */
static char *
text_of(ForestString string)
{
	return pnstrdup(string.bytes, string.len);
}

/* Puts a feature's value, null if it is missing. */
static void
put_value(JsonWriter *json, SketchReader *reader, uint32 f, double value)
{
	ForestType	type = (ForestType)
		forest_sketch_feature(&reader->head, f).type;

	if (!forest_type_is_category(type))
		feature_put_json(json, type, value);
	else if (isnan(value))
		json_put_null(json);
	else
		json_put_string(json, text_of(sketch_category(reader, f, value)));
}

/* The row at hand as a document, palloc'd. */
static Jsonb *
row_document(const SketchRows *call)
{
	SketchReader *reader = call->reader;
	JsonWriter	json = {0};

	json_begin_object(&json);
	for (uint32 f = 0; f < reader->head.n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		json_put_key(&json, call->names[f]);
		put_value(&json, reader, f, reader->values[f]);
	}
	json_end_object(&json);
	return json_written(&json);
}

/* Opens the call's sketch, in the current context. */
static SketchRows *
open_rows(Datum sketch)
{
	SketchRows *call = palloc0(sizeof(*call));

	call->reader = sketch_open(datumCopy(sketch, false, -1));
	call->names = palloc(call->reader->head.n_features * sizeof(char *));
	for (uint32 f = 0; f < call->reader->head.n_features; f++)
		call->names[f] = text_of(sketch_name(call->reader, f));
	return call;
}

/* Whether a row has a column of that name. */
static bool
has_column(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
	{
		if (!TupleDescAttr(desc, i)->attisdropped &&
			strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return true;
	}
	return false;
}

/*
 * Errors if a type of rows, other than "record", has none of the sketch's
 * columns: all rows would be empty, as where the sketch's names are made up.
 */
static void
check_shares_columns(const SketchRows *call, Oid type)
{
	uint32		n_features = call->reader->head.n_features;
	TupleDesc	desc;
	bool		shares = false;

	if (type == RECORDOID)
		return;
	desc = lookup_rowtype_tupdesc_domain(type, -1, false);
	for (uint32 f = 0; f < n_features && !shares; f++)
	{
		CHECK_FOR_INTERRUPTS();
		shares = has_column(desc, call->names[f]);
	}
	ReleaseTupleDesc(desc);
	if (!shares)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type %s has none of the columns of the sketch",
						format_type_be(type)),
				 errdetail("The first of %u in the sketch is \"%s\".",
						   n_features, call->names[0]),
				 errhint("Make sketches of rows, or with feature_names, to have the names of columns in them; iforest_sketch_info(sketch) tells those that it has.")));
}

/*
 * Prepares to make rows of the type of argument 1, in the current context.
 * The server's own function does it: it learns the type from its call.
 */
static FunctionCallInfo
prepare_populate(FunctionCallInfo fcinfo)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 1);
	FmgrInfo   *function = palloc0(sizeof(*function));
	FunctionCallInfo call = palloc0(SizeForFunctionCallInfo(2));
	List	   *args = list_make2(makeNullConst(type, -1, InvalidOid),
								  makeNullConst(JSONBOID, -1, InvalidOid));

	if (!type_is_rowtype(type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("rows of a sketch cannot be of type %s, which is no row",
						format_type_be(type)),
				 errhint("Give a NULL of a table's type: iforest_sketch_rows(sketch, NULL::my_table); or nothing, for rows of type jsonb.")));
	fmgr_info_cxt(F_JSONB_POPULATE_RECORD, function, CurrentMemoryContext);
	fmgr_info_set_expr((Node *) makeFuncExpr(F_JSONB_POPULATE_RECORD, type,
											 args, InvalidOid, InvalidOid,
											 COERCE_EXPLICIT_CALL), function);
	InitFunctionCallInfoData(*call, function, 2, InvalidOid, NULL, NULL);
	call->args[0].isnull = PG_ARGISNULL(1);
	if (!PG_ARGISNULL(1))
		call->args[0].value = datumCopy(PG_GETARG_DATUM(1), false, -1);
	return call;
}

/* Makes a row of the caller's type of a document. */
static Datum
populate(FunctionCallInfo call, Jsonb *document)
{
	Datum		row;

	call->args[1].value = JsonbPGetDatum(document);
	call->args[1].isnull = false;
	call->isnull = false;
	row = FunctionCallInvoke(call);
	Assert(!call->isnull);
	return row;
}

/* Begins a call; there are no rows of a NULL sketch. */
static void
first_call(FunctionCallInfo fcinfo, bool typed)
{
	FuncCallContext *context = SRF_FIRSTCALL_INIT();
	MemoryContext old = MemoryContextSwitchTo(context->multi_call_memory_ctx);

	if (!PG_ARGISNULL(0))
	{
		SketchRows *call = open_rows(PG_GETARG_DATUM(0));

		if (typed)
		{
			call->populate = prepare_populate(fcinfo);
			check_shares_columns(call, get_fn_expr_argtype(fcinfo->flinfo, 1));
		}
		context->user_fctx = call;
	}
	MemoryContextSwitchTo(old);
}

/* Returns the next row of a call. */
static Datum
next_row(FunctionCallInfo fcinfo)
{
	FuncCallContext *context = SRF_PERCALL_SETUP();
	SketchRows *call = context->user_fctx;
	Jsonb	   *document;

	if (call == NULL || !sketch_next(call->reader))
		SRF_RETURN_DONE(context);
	document = row_document(call);
	if (call->populate == NULL)
		SRF_RETURN_NEXT(context, JsonbPGetDatum(document));
	SRF_RETURN_NEXT(context, populate(call->populate, document));
}

PG_FUNCTION_INFO_V1(iforest_sketch_rows_json);
/*
 * iforest_sketch_rows(sketch bytea) -> SETOF jsonb
 *
 * The rows that a sketch keeps, as documents.
 */
Datum
iforest_sketch_rows_json(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, false);
	return next_row(fcinfo);
}

PG_FUNCTION_INFO_V1(iforest_sketch_rows);
/*
 * iforest_sketch_rows(sketch bytea, base anyelement) -> SETOF anyelement
 *
 * The same as rows of the base's type, by name.  Columns that the sketch does
 * not have are as in the base.
 */
Datum
iforest_sketch_rows(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
		first_call(fcinfo, true);
	return next_row(fcinfo);
}

/* Puts what a sketch tells of a feature. */
static void
put_feature(JsonWriter *json, SketchReader *reader, uint32 f)
{
	ForestSketchFeature feature = forest_sketch_feature(&reader->head, f);

	json_begin_object(json);
	json_add_string(json, "name", text_of(sketch_name(reader, f)));
	json_add_string(json, "type", forest_type_name((ForestType) feature.type));
	if (forest_type_is_category(feature.type))
		json_add_integer(json, "n_categories", feature.n_categories);
	json_end_object(json);
}

PG_FUNCTION_INFO_V1(iforest_sketch_info);
/*
 * iforest_sketch_info(sketch bytea) -> jsonb
 *
 * Rows, streams and features of a sketch.  The rows themselves are not read.
 */
Datum
iforest_sketch_info(PG_FUNCTION_ARGS)
{
	SketchReader *reader = sketch_open(PG_GETARG_DATUM(0));
	const ForestSketch *head = &reader->head;
	JsonWriter	json = {0};

	json_begin_object(&json);
	json_add_integer(&json, "format", FOREST_SKETCH_FORMAT);
	json_add_integer(&json, "size", (int64) head->total);
	json_add_integer(&json, "rows_seen", (int64) head->rows_seen);
	json_add_integer(&json, "rows_kept", head->n_rows);
	json_add_integer(&json, "most_rows", head->capacity);
	json_add_bool(&json, "weighted", head->weighted);
	json_add_integer(&json, "streams", head->n_streams);
	json_put_key(&json, "seed");
	if (head->n_streams == 1)
		json_put_integer(&json, (int64) forest_sketch_stream(head, 0).id);
	else
		json_put_null(&json);
	json_add_array(&json, "features");
	for (uint32 f = 0; f < head->n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		put_feature(&json, reader, f);
	}
	json_end_array(&json);
	json_end_object(&json);
	PG_RETURN_JSONB_P(json_written(&json));
}
