/*-------------------------------------------------------------------------
 *
 * score_call.c
 *	  What a call site of a scoring function keeps between rows: the models
 *	  it met, and how its arguments map to the features of each.
 *
 * A query may join rows with many models, so a call site knows many; the one
 * of the previous row is tried first.  No row detoasts a known model,
 * allocates, or looks anything up in a catalog.  A model in line is compared
 * with the known one, unless it is a constant of the query.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "base/json_value.h"
#include "core/base/forest_digest.h"
#include "core/format/forest_model.h"
#include "model/model.h"
#include "model/model_cache.h"
#include "model/model_features.h"
#include "row/argument_names.h"
#include "row/arguments.h"
#include "row/categories.h"
#include "row/document.h"
#include "row/types.h"
#include "score/score_call.h"

/* Models a call site remembers before it starts over. */
#define MAX_CALL_MODELS 4096

/* Bytes of a literal that a message shows. */
#define MAX_SHOWN_LITERAL 40

/* One model as a call site knows it. */
typedef struct CallModel
{
	ModelKey	key;			/* hash key; must be first */
	Model	   *model;
	uint64		generation;		/* of the cache when model was valid */
	uint64		version;		/* of the arguments that "source" is for */
	uint32	   *source;			/* column of each feature */
	uint32		n_source;
	ForestType	number;			/* of all those columns; 0 if they differ */
} CallModel;

/*
 * What a call site keeps, in fn_extra: its arguments' shape and the models
 * that it met.  "last" is the one of the previous row; "first", which needs no
 * hash table, the only one in most queries.
 */
typedef struct ScoreCall
{
	MemoryContext context;
	Arguments  *arguments;
	bool		is_constant;	/* the model, in the query's text */
	MemoryContext models_context;	/* of models and their entries */
	HTAB	   *models;			/* NULL as long as there was only one */
	CallModel  *last;
	CallModel	first;
} ScoreCall;

/*
 * The expression of an argument; NULL if that is unknown.  Argument 0 of an
 * aggregate's transition function is the state, which has none.
 */
static const Node *
argument_expression(FunctionCallInfo fcinfo, int argument)
{
	const FuncExpr *call = (const FuncExpr *) fcinfo->flinfo->fn_expr;
	const Aggref *aggregate = AggGetAggref(fcinfo);

	if (aggregate != NULL)
		return argument < 1 || argument > list_length(aggregate->args) ? NULL :
			(const Node *) list_nth_node(TargetEntry, aggregate->args,
										 argument - 1)->expr;
	if (call == NULL || !IsA(call, FuncExpr) ||
		argument >= list_length(call->args))
		return NULL;
	return list_nth(call->args, argument);
}

/*
 * Whether an argument is a model that the query itself spells out: then its
 * value need not be compared again for each row.
 */
static bool
is_constant_model(FunctionCallInfo fcinfo, int argument)
{
	const Node *value = argument_expression(fcinfo, argument);

	/* a name may be given in place of the model */
	return value != NULL && IsA(value, Const) &&
		((const Const *) value)->consttype == BYTEAOID;
}

/*
 * Returns what the call site keeps, making it at its first row; it lives as
 * long as the query's expression.
 */
static ScoreCall *
score_call(FunctionCallInfo fcinfo, int model_argument, int first_feature)
{
	ScoreCall  *call = fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		MemoryContext context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
													  "iforest call",
													  ALLOCSET_SMALL_SIZES);

		call = MemoryContextAllocZero(context, sizeof(*call));
		call->context = context;
		if (PG_NARGS() > first_feature)
			call->arguments = arguments_open(fcinfo, first_feature, context);
		call->is_constant = is_constant_model(fcinfo, model_argument);
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/*
 * Finds or makes the call site's entry for a key.  A site that has met
 * MAX_CALL_MODELS starts over, so that memory is bounded.
 */
static CallModel *
remember_model(ScoreCall *call, const ModelKey *key)
{
	CallModel  *entry;
	bool		found;

	if (call->last == NULL)
	{
		call->first.key = *key;
		return &call->first;
	}
	if (call->models != NULL &&
		hash_get_num_entries(call->models) >= MAX_CALL_MODELS)
	{
		MemoryContextDelete(call->models_context);
		call->models = NULL;
		call->last = &call->first;
	}
	if (call->models == NULL)
	{
		HASHCTL		control = {0};

		control.keysize = sizeof(ModelKey);
		control.entrysize = sizeof(CallModel);
		call->models_context = AllocSetContextCreate(call->context,
													 "iforest call models",
													 ALLOCSET_SMALL_SIZES);
		control.hcxt = call->models_context;
		call->models = hash_create("iforest call models", 32, &control,
								   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	entry = hash_search(call->models, key, HASH_ENTER, &found);
	if (!found)
	{
		entry->model = NULL;
		entry->source = NULL;
		entry->n_source = 0;
		entry->number = 0;
		entry->version = 0;
	}
	return entry;
}

/* Whether an entry's model is still in the cache. */
static bool
is_valid(const CallModel *entry)
{
	return entry->model != NULL &&
		entry->generation == model_cache_generation();
}

/* Returns the call site's entry of a model, with the model valid. */
static CallModel *
call_model(ScoreCall *call, Datum datum)
{
	CallModel  *entry = call->last;
	ModelKey	key;

	if (entry != NULL && is_valid(entry) &&
		(call->is_constant || model_came_as(entry->model, datum)))
		return entry;
	model_key(datum, &key);
	if (entry == NULL || memcmp(&entry->key, &key, sizeof(key)) != 0)
	{
		entry = memcmp(&call->first.key, &key, sizeof(key)) == 0 &&
			call->last != NULL ? &call->first : remember_model(call, &key);
	}
	if (!is_valid(entry))
	{
		/* until the load has succeeded, nothing may pass for a model */
		entry->model = NULL;
		entry->model = model_cache_get(datum, &key);
		entry->generation = model_cache_generation();
		entry->version = 0;
	}
	else if (key.length > 0)
		(void) model_cache_get(datum, &key);	/* compares the bytes */
	call->last = entry;
	return entry;
}

/* Whether the only argument is a document in quotes, which has no type. */
static bool
is_untyped_document(const Arguments *arguments)
{
	return arguments->n_columns == 1 &&
		arguments->columns[0].typid == UNKNOWNOID && !arguments->nulls[0] &&
		DatumGetCString(arguments->values[0])[0] == '{';
}

/* Reports arguments that are not as many as the model's features. */
static void
report_wrong_count(const Model *model, const Arguments *arguments)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("model has %u %s, but %d %s given",
					model->summary.n_features,
					model->summary.n_features == 1 ? "feature" : "features",
					arguments->n_columns,
					arguments->n_columns == 1 ? "was" : "were"),
			 is_untyped_document(arguments) ?
			 errhint("If it is a document, give it its type: '{..}'::jsonb.") :
			 errhint("Pass the columns that the model was trained on, in that order: %s.", list_features(model))));
}

/* What to do about a row that lacks a feature's column. */
static int
hint_missing_column(const Model *model, const char *name)
{
	if (name[0] == 'f' && strspn(name + 1, "0123456789") == strlen(name + 1))
		return errhint("The model may have been trained without names: pass the columns, or train on the row or with feature_names.");
	return errhint("Rename a column of the row, or pass the columns in the model's order: %s.", list_features(model));
}

/*
 * Finds the column of a row that has the name of feature "f"; that none or two
 * have it is an error.
 */
static uint32
find_column(const Arguments *arguments, const Model *model, uint32 f)
{
	const char *name = model->features[f].name;
	int			found = -1;

	for (int i = 0; i < arguments->n_columns; i++)
	{
		if (strcmp(arguments->columns[i].name, name) != 0)
			continue;
		if (found >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_AMBIGUOUS_COLUMN),
					 errmsg("row has two columns named \"%s\"", name),
					 errhint("Rename one of them in a subquery.")));
		found = i;
	}
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("row has no column \"%s\", which the model was trained on",
						name),
				 hint_missing_column(model, name)));
	return (uint32) found;
}

/*
 * Checks that a column has a type that features can have.  An untyped literal
 * passes, a C string: it may be a category, or NULL.
 */
static void
check_usable(const Arguments *arguments, uint32 column)
{
	const ArgumentColumn *offered = &arguments->columns[column];

	if (offered->type == 0 && offered->typid != UNKNOWNOID)
		report_unsupported_type(arguments_label(arguments, (int) column),
								offered->typid, false);
}

/* Checks that a column can stand for a feature. */
static void
check_column(const Arguments *arguments, uint32 column,
			 const ModelFeature *feature)
{
	const ArgumentColumn *offered = &arguments->columns[column];

	check_usable(arguments, column);
	if (offered->typid == UNKNOWNOID)
		return;
	if (!forest_types_agree(offered->type, feature->type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("%s has type %s, but the model's feature \"%s\" was trained on type %s",
						arguments_label(arguments, (int) column),
						forest_type_name(offered->type), feature->name,
						forest_type_name(feature->type)),
				 errhint("Cast the column to the model's type.")));
}

/*
 * Reports a column that stands for one feature and is called as another: most
 * likely the columns are in another order than the model's.
 */
static void
check_order(const Arguments *arguments, FunctionCallInfo fcinfo,
			const Model *model)
{
	const char **names = arguments_column_names(arguments, fcinfo);

	for (int i = 0; i < arguments->n_columns; i++)
	{
		const char *feature = model->features[i].name;

		if (names[i] == NULL || strcmp(names[i], feature) == 0 ||
			find_feature(model, names[i], strlen(names[i])) ==
			model->summary.n_features)
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
				 errmsg("column \"%s\" is given for the model's feature \"%s\", but is the name of another",
						names[i], feature),
				 errhint("Pass the columns in the model's order, %s, or a row, which is matched by name. If this is meant, rename the column in a subquery.", list_features(model))));
	}
	pfree(names);
}

/*
 * The type of the columns of all features, if all are numbers of one type;
 * else 0.
 */
static ForestType
common_number(const Arguments *arguments, const CallModel *entry)
{
	ForestType	type = arguments->columns[entry->source[0]].type;

	for (uint32 f = 0; f < entry->model->summary.n_features; f++)
	{
		if (arguments->columns[entry->source[f]].type != type)
			return 0;
	}
	return forest_type_is_category(type) ? 0 : type;
}

/*
 * Works out which column each feature comes from: a row's by name, others by
 * position, a document's not at all.  Done once for each shape of arguments,
 * not for each row; what cannot be matched is an error.
 */
static void
map_features(ScoreCall *call, CallModel *entry, FunctionCallInfo fcinfo)
{
	const Arguments *arguments = call->arguments;
	const Model *model = entry->model;
	uint32		d = model->summary.n_features;
	bool		by_name = arguments->shape == ARGUMENTS_ROW &&
		arguments->n_columns > 0 && arguments->columns[0].name != NULL;

	if (arguments->shape == ARGUMENTS_DOCUMENT)
	{
		/* each row says where its values are */
		entry->number = 0;
		entry->version = arguments->version;
		return;
	}

	/* one document of all values is not one column too few */
	if (!by_name && arguments->n_columns == 1)
		check_usable(arguments, 0);
	if (!by_name && (uint32) arguments->n_columns != d)
		report_wrong_count(model, arguments);
	if (entry->n_source < d)
	{
		entry->source = MemoryContextAlloc(entry == &call->first ?
										   call->context : call->models_context,
										   d * sizeof(uint32));
		entry->n_source = d;
	}
	for (uint32 f = 0; f < d; f++)
	{
		entry->source[f] = by_name ?
			find_column(arguments, model, f) : f;
		check_column(arguments, entry->source[f], &model->features[f]);
	}
	if (arguments->shape == ARGUMENTS_COLUMNS)
		check_order(arguments, fcinfo, model);
	entry->number = common_number(arguments, entry);
	entry->version = arguments->version;
}

/* The code of a value of a categorical feature; n_categories if unseen. */
double
score_code(const Model *model, uint32 f, ForestString bytes)
{
	int32		code = -1;

	if (model->categories != NULL)
		code = categories_find(model->categories, f, bytes);
	return code >= 0 ? (double) code : (double) model->features[f].n_categories;
}

/* The bytes of a category that a column, which is not NULL, holds. */
static ForestString
read_category(const Arguments *arguments, uint32 column)
{
	const char *literal;
	ForestString bytes;

	if (arguments->columns[column].typid != UNKNOWNOID)
		return category_from_datum(arguments->columns[column].type,
								   arguments->values[column]);
	literal = DatumGetCString(arguments->values[column]);
	bytes.bytes = literal;
	bytes.len = (uint32) strlen(literal);
	return bytes;
}

/* Whether a literal can be written as a number. */
static bool
looks_numeric(const char *literal)
{
	size_t		length = strlen(literal);

	return length > 0 && length <= MAX_SHOWN_LITERAL &&
		strspn(literal, "0123456789") > 0 &&
		strspn(literal, "0123456789.") == length;
}

/*
 * Reports an untyped literal for a feature that is no category.  The type
 * decides what it means, so one has to be written.
 */
static void
report_untyped_literal(const Arguments *arguments, uint32 column,
					   const ModelFeature *feature)
{
	const char *literal = DatumGetCString(arguments->values[column]);
	const char *type = forest_type_name(feature->type);
	int			shown = pg_mbcliplen(literal, (int) strlen(literal),
									 MAX_SHOWN_LITERAL);
	char	   *quoted = quote_literal_cstr(pnstrdup(literal, shown));

	ereport(ERROR,
			(errcode(ERRCODE_INDETERMINATE_DATATYPE),
			 errmsg("%s is the untyped literal %s%s, but the model's feature \"%s\" was trained on type %s",
					arguments_label(arguments, (int) column), quoted,
					literal[shown] != '\0' ? ".." : "", feature->name, type),
			 looks_numeric(literal) &&
			 forest_type_is(feature->type, FOREST_TRAIT_NUMBER) ?
			 errhint("Write %s, or %s::%s.", literal, quoted, type) :
			 errhint("Cast it: %s::%s.",
					 literal[shown] != '\0' ? "'..'" : quoted, type)));
}

/* The value of feature f that column "column" holds, as a double. */
static double
encode_value(const Model *model, uint32 f, const Arguments *arguments,
			 uint32 column)
{
	if (arguments->nulls[column])
		return NAN;
	if (forest_type_is_category(model->features[f].type))
		return score_code(model, f, read_category(arguments, column));
	if (arguments->columns[column].typid == UNKNOWNOID)
		report_untyped_literal(arguments, column, &model->features[f]);
	return number_from_datum(arguments->columns[column].type,
							 arguments->values[column]);
}

/* The value of feature f that a document holds, as a double. */
static double
encode_member(const Model *model, uint32 f, JsonbContainer *document)
{
	const ModelFeature *feature = &model->features[f];
	JsonbValue	value;

	if (!json_member(document, feature->name, &value))
		return NAN;
	if (forest_type_is_category(feature->type))
		return score_code(model, f,
						   document_category(feature->name, feature->type,
											 &value));
	return document_number(feature->name, feature->type, &value);
}

/*
 * Fills the model's row from columns, or a document, feature by feature.
 * Returns whether some is not missing.
 */
static bool
encode_row(const CallModel *entry, const Arguments *arguments)
{
	JsonbContainer *document = arguments->document;
	const Model *model = entry->model;
	bool		some = false;

	Assert(document != NULL || entry->source != NULL);
	Assert(arguments->reals == NULL);	/* of them entry->number is set */
	for (uint32 f = 0; f < model->summary.n_features; f++)
	{
		model->row[f] = document != NULL ?
			encode_member(model, f, document) :
			encode_value(model, f, arguments, entry->source[f]);
		some |= !isnan(model->row[f]);
	}
	return some;
}

/*
 * Gets the model of an argument, which is not NULL, and the current row of
 * the arguments from number "first" on, as row->model->row.  Returns false,
 * with the model alone, if all features of the row are missing.
 */
bool
score_row(FunctionCallInfo fcinfo, int model_argument, int first,
		  ScoredRow *row)
{
	ScoreCall  *call = score_call(fcinfo, model_argument, first);
	CallModel  *entry = call_model(call, PG_GETARG_DATUM(model_argument));
	const Arguments *arguments = call->arguments;
	Model	   *model = entry->model;

	row->model = model;
	if (!arguments_read(call->arguments, fcinfo))
		return false;
	if (entry->version != arguments->version)
		map_features(call, entry, fcinfo);
	row->arguments = arguments;
	row->source = entry->source;
	if (entry->number != 0)
		return arguments_numbers(arguments, entry->number, entry->source,
								 model->summary.n_features, model->row);
	return encode_row(entry, arguments);
}

/* The bytes of the row's category of a feature, which is not missing. */
ForestString
scored_category(const ScoredRow *row, uint32 feature)
{
	const ModelFeature *known = &row->model->features[feature];
	JsonbValue	value;

	if (row->arguments->document == NULL)
		return read_category(row->arguments, row->source[feature]);
	(void) json_member(row->arguments->document, known->name, &value);
	return document_category(known->name, known->type, &value);
}

/*
 * As score_row, for a model and the arguments behind it; returns the model,
 * NULL if all features are missing.
 */
Model *
score_arguments(FunctionCallInfo fcinfo, int model_argument)
{
	ScoredRow	row;

	return score_row(fcinfo, model_argument, model_argument + 1, &row) ?
		row.model : NULL;
}

/*
 * Gets the model of an argument, which is not NULL, for a function whose
 * other arguments are no features.
 */
Model *
score_model(FunctionCallInfo fcinfo, int model_argument)
{
	ScoreCall  *call = score_call(fcinfo, model_argument, PG_NARGS());

	return call_model(call, PG_GETARG_DATUM(model_argument))->model;
}

/*
 * As score_row, for an aggregate, whose model is argument 1, and whose state
 * is of the model with a digest: reports a row of another model.  A model that
 * is stored twice is one model.
 */
bool
score_row_of(FunctionCallInfo fcinfo, int first, const uint8 *digest,
			 ScoredRow *row)
{
	bool		some = score_row(fcinfo, 1, first, row);

	if (memcmp(row->model->digest, digest, FOREST_DIGEST_SIZE) != 0)
		report_changed_model();
	return some;
}
