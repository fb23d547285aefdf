/*-------------------------------------------------------------------------
 *
 * document_sample.c
 *	  A sample of JSON objects, whose features are the keys of those kept.
 *
 * Which keys there are is known when the last document has been seen.  A key
 * that is met takes a free feature; all kept documents lack it until then.
 * When the last document that had it is dropped from the sample, its feature
 * is free again.  So what the features are follows from the kept documents
 * alone, whatever the plan and the order in which they came.  While the
 * sample grows, features lie in no order, with free ones between them;
 * document_sample_settle() puts them into theirs.
 *
 * Where option feature_names lists the keys, there are these and no others.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/json_value.h"
#include "base/state_bytes.h"
#include "row/categories.h"
#include "row/document.h"
#include "row/types.h"
#include "sketch/document_sample.h"
#include "sketch/row_sample.h"

/* Features that there is room for at first. */
#define FIRST_FEATURES	8

/* Whether the keys to train on are listed. */
static bool
keys_are_listed(const RowSample *state)
{
	return state->options.feature_names.n > 0;
}

/* Whether no kept document has a feature. */
static bool
is_free(const SampleFeature *feature)
{
	return feature->n_values == 0;
}

/* Reports that there would be too many features, or values. */
pg_noreturn static void
report_too_many_keys(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("documents to train on have too many different keys"),
			 errdetail("The sample has room for %d keys, and for 1 GB of values.",
					   FOREST_MAX_FEATURES),
			 errhint("List the keys to train on with iforest_options(feature_names => ..).")));
	pg_unreachable();
}

/* Gives each kept document room for n values; new ones are missing. */
static void
widen_rows(RowSample *state, uint32 n)
{
	uint32		before = state->n_features;
	double	   *rows;

	if (state->sample.allocated == 0)
		return;
	rows = MemoryContextAlloc(state->context, (Size) state->sample.allocated *
							  n * sizeof(double));
	for (uint32 i = 0; i < state->sample.n; i++)
	{
		double	   *row = rows + (size_t) i * n;

		CHECK_FOR_INTERRUPTS();
		memcpy(row, state->rows + (size_t) i * before,
			   before * sizeof(double));
		for (uint32 f = before; f < n; f++)
			row[f] = NAN;
	}
	pfree(state->rows);
	state->rows = rows;
}

/* Gives a state n features, more than before, of which new ones are free. */
static void
widen(RowSample *state, uint32 n)
{
	uint32		before = state->n_features;
	SampleFeature *features = MemoryContextAllocZero(state->context,
													 n * sizeof(SampleFeature));
	double	   *row = MemoryContextAlloc(state->context, n * sizeof(double));

	widen_rows(state, n);
	if (before > 0)
	{
		memcpy(features, state->features, before * sizeof(SampleFeature));
		memcpy(row, state->row, before * sizeof(double));
		pfree(state->features);
		pfree(state->row);
	}
	for (uint32 f = before; f < n; f++)
		row[f] = NAN;
	if (state->categories != NULL)
		categories_extend(state->categories, before, n);
	state->features = features;
	state->row = row;
	state->n_features = n;
}

/* Makes some features more. */
static void
add_features(RowSample *state)
{
	uint64		room = MaxAllocSize /
		(sizeof(double) * Max(state->sample.allocated, 1));
	uint64		n = Max((uint64) state->n_features * 2, FIRST_FEATURES);

	n = Min(Min(n, room), FOREST_MAX_FEATURES);
	if (n <= state->n_features)
		report_too_many_keys();
	widen(state, (uint32) n);
}

/* Gives a feature, free until now, to a key. */
static void
name_feature(RowSample *state, uint32 f, ForestString key)
{
	SampleFeature *feature = &state->features[f];
	ForestString name;

	if (feature->name != NULL)
	{
		name.bytes = feature->name;
		name.len = (uint32) strlen(feature->name);
		categories_remove(state->keys, 0, name);
		pfree(feature->name);
	}
	feature->name = MemoryContextAlloc(state->context, key.len + 1);
	memcpy(feature->name, key.bytes, key.len);
	feature->name[key.len] = '\0';
	name.bytes = feature->name;
	name.len = key.len;
	categories_add(state->keys, 0, name, f);
}

/* Makes a state without rows one of documents. */
static void
begin_documents(RowSample *state)
{
	const OptionNames *names = &state->options.feature_names;

	state->by_key = true;
	state->keys = categories_create(state->context, 1);
	if (!keys_are_listed(state))
		return;
	widen(state, (uint32) names->n);
	for (int i = 0; i < names->n; i++)
	{
		ForestString name = {names->names[i],
		(uint32) strlen(names->names[i])};

		CHECK_FOR_INTERRUPTS();
		name_feature(state, (uint32) i, name);
	}
}

/* Reports documents beside other rows. */
void
document_sample_report_mixed(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("some rows to train on are documents, and some are not")));
	pg_unreachable();
}

/* Begins with documents, unless the state has begun; errors if with others. */
static void
ensure_documents(RowSample *state)
{
	if (!state->by_key && state->n_features > 0)
		document_sample_report_mixed();
	if (!state->by_key)
		begin_documents(state);
}

/* Refuses a key that no feature can be called. */
static void
check_key(ForestString key)
{
	if (key.len == 0 || key.len > FOREST_MAX_STRING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a document to train on has a key of %u bytes", key.len),
				 errdetail("The name of a feature has 1 to %d.",
						   FOREST_MAX_STRING),
				 errhint("List the keys to train on with iforest_options(feature_names => ..).")));
}

/* A free feature that the current document does not have. */
static uint32
free_feature(RowSample *state)
{
	uint32		f = 0;

	while (f < state->n_features &&
		   !(is_free(&state->features[f]) &&
			 state->features[f].document != state->n_documents))
		f++;
	if (f == state->n_features)
		add_features(state);
	return f;
}

/* Gives a free feature its type. */
static void
set_type(RowSample *state, SampleFeature *feature, ForestType type)
{
	if (feature->codes != NULL && !forest_type_is_category(type))
	{
		pfree(feature->codes);
		feature->codes = NULL;
		feature->n_codes = feature->max_codes = feature->first_free = 0;
	}
	if (state->categories == NULL && forest_type_is_category(type))
		state->categories = categories_create(state->context,
											  state->n_features);
	feature->type = type;
}

/*
 * The number of the feature of a key that the current document has, with a
 * value of a type; -1 if it is none of those listed.
 */
static int32
feature_of_key(RowSample *state, ForestString key, ForestType type)
{
	int32		f = categories_find(state->keys, 0, key);
	SampleFeature *feature;

	if (f < 0 && keys_are_listed(state))
		return -1;
	if (f < 0)
	{
		check_key(key);
		f = (int32) free_feature(state);
		name_feature(state, (uint32) f, key);
	}
	feature = &state->features[f];
	if (is_free(feature))
		set_type(state, feature, type);
	else if (feature->type != type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("key \"%s\" has type %s in some documents and %s in others",
						feature->name,
						forest_type_name(Min(feature->type, type)),
						forest_type_name(Max(feature->type, type))),
				 errhint("Leave it out, document - %s, or make its values alike in a subquery.",
						 quote_literal_cstr(feature->name))));
	feature->document = state->n_documents;
	return f;
}

/* The type of the feature that a value is of; 0 of an object or array. */
static ForestType
type_of_value(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNumeric:
			return FOREST_NUMERIC;
		case jbvBool:
			return FOREST_BOOL;
		case jbvString:
			return FOREST_TEXT;
		default:
			return 0;
	}
}

/* Reports an object or array for a feature. */
static void
report_nested(ForestString key, const JsonbValue *value)
{
	char	   *name = pnstrdup(key.bytes, key.len);

	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("key \"%s\" is %s, which a forest cannot use",
					name, json_value_text(value)),
			 errhint("Leave it out, document - %s, or list the keys to train on with iforest_options(feature_names => ..).",
					 quote_literal_cstr(name))));
}

/* Whether a key is a feature, or may become one. */
static bool
is_wanted(const RowSample *state, ForestString key)
{
	const char *weight = state->options.weight;

	if (weight != NULL && strlen(weight) == key.len &&
		memcmp(weight, key.bytes, key.len) == 0)
		return false;
	return !keys_are_listed(state) ||
		categories_find(state->keys, 0, key) >= 0;
}

/* Puts the value of a key of the current document into state->row. */
static void
encode_member(RowSample *state, ForestString key, const JsonbValue *value)
{
	ForestType	type = type_of_value(value);
	int32		f;

	if (!is_wanted(state, key))
		return;
	if (type == 0)
		report_nested(key, value);
	f = feature_of_key(state, key, type);
	state->row[f] = type == FOREST_TEXT ?
		row_sample_code(state, (uint32) f,
						document_category(state->features[f].name, type,
										  value)) :
		document_number(state->features[f].name, type, value);
}

/* Makes the current document one without values. */
static void
clear_row(RowSample *state)
{
	for (uint32 f = 0; f < state->n_features; f++)
		state->row[f] = NAN;
	state->n_documents++;
}

/* Puts the current document into the sample, if it has a value. */
static void
place_row(RowSample *state, RowKey key)
{
	for (uint32 f = 0; f < state->n_features; f++)
	{
		if (!isnan(state->row[f]))
		{
			row_sample_place(state, key, state->row);
			return;
		}
	}
}

/* Takes in a document whose key the sample wants. */
void
document_sample_add(RowSample *state, RowKey key, JsonbContainer *document)
{
	JsonbIterator *it = JsonbIteratorInit(document);
	JsonbValue	name;
	JsonbValue	value;

	ensure_documents(state);
	clear_row(state);
	(void) JsonbIteratorNext(&it, &name, true); /* WJB_BEGIN_OBJECT */
	while (JsonbIteratorNext(&it, &name, true) == WJB_KEY)
	{
		ForestString string = {name.val.string.val,
		(uint32) name.val.string.len};

		CHECK_FOR_INTERRUPTS();
		(void) JsonbIteratorNext(&it, &value, true);
		if (value.type != jbvNull)
			encode_member(state, string, &value);
	}
	place_row(state, key);
}

/*
 * The feature of this state that each of another's in use has become; -1 for
 * keys that this one does not list, where options differ.
 */
static int32 *
map_keys(RowSample *state, const RowSample *other)
{
	int32	   *map = palloc0(other->n_features * sizeof(int32));

	state->n_documents++;		/* keeps what is mapped from being taken */
	for (uint32 f = 0; f < other->n_features; f++)
	{
		const SampleFeature *feature = &other->features[f];
		ForestString name = {feature->name, 0};

		CHECK_FOR_INTERRUPTS();
		if (is_free(feature))
			continue;
		name.len = (uint32) strlen(feature->name);
		map[f] = feature_of_key(state, name, feature->type);
	}
	return map;
}

/*
 * Merges another state into this one, but for the number of rows it has seen.
 * One of them is of documents, and so both have to be.  The other state is
 * left as it is.
 */
void
document_sample_merge(RowSample *state, const RowSample *other)
{
	int32	   *map;

	if (!other->by_key)
		document_sample_report_mixed();
	ensure_documents(state);
	map = map_keys(state, other);
	for (uint32 slot = 0; slot < other->sample.n; slot++)
	{
		RowKey		key = row_sample_key(other, slot);
		const double *row = other->rows + (size_t) slot * other->n_features;

		CHECK_FOR_INTERRUPTS();
		if (row_sample_rank(state, key) >= state->sample.limit)
			continue;
		clear_row(state);
		for (uint32 f = 0; f < other->n_features; f++)
		{
			const SampleFeature *feature = &other->features[f];

			if (isnan(row[f]) || map[f] < 0)
				continue;
			state->row[map[f]] = !forest_type_is_category(feature->type) ?
				row[f] :
				row_sample_code(state, (uint32) map[f],
								feature->codes[(uint32) row[f]].bytes);
		}
		place_row(state, key);
	}
	pfree(map);
}

/* Makes what a state of documents keeps beside its features and rows. */
void
document_sample_restore(RowSample *state)
{
	state->by_key = true;
	state->keys = categories_create(state->context, 1);
	state->row = MemoryContextAlloc(state->context,
									state->n_features * sizeof(double));
	for (uint32 f = 0; f < state->n_features; f++)
	{
		ForestString name = {state->features[f].name,
		(uint32) strlen(state->features[f].name)};

		CHECK_FOR_INTERRUPTS();
		if (categories_find(state->keys, 0, name) < 0)
			categories_add(state->keys, 0, name, f);
	}
	for (uint32 i = 0; i < state->sample.n; i++)
	{
		const double *row = state->rows + (size_t) i * state->n_features;

		CHECK_FOR_INTERRUPTS();
		for (uint32 f = 0; f < state->n_features; f++)
			state->features[f].n_values += !isnan(row[f]);
	}
	for (uint32 f = 0; f < state->n_features; f++)
	{
		if (!is_free(&state->features[f]) &&
			!forest_type_is_valid(state->features[f].type))
			state_report_bad();
	}
}

/* Orders names by their bytes: the order of a model's features. */
static int
compare_names(const void *a, const void *b, void *arg)
{
	const SampleFeature *features = arg;

	return strcmp(features[*(const uint32 *) a].name,
				  features[*(const uint32 *) b].name);
}

/* The features of a state in the order of a model's, palloc'd. */
static uint32 *
ordered_features(const RowSample *state, bool for_training, uint32 *n)
{
	uint32	   *order = palloc(Max(state->n_features, 1) * sizeof(uint32));

	*n = 0;
	for (uint32 f = 0; f < state->n_features; f++)
	{
		const SampleFeature *feature = &state->features[f];

		if (!is_free(feature) || keys_are_listed(state))
			order[(*n)++] = f;
		if (is_free(feature) && keys_are_listed(state) && for_training)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("no document to train on has a value of key \"%s\"",
							feature->name),
					 errhint("Option feature_names lists the keys to train on.")));
	}
	if (!keys_are_listed(state))
		qsort_interruptible(order, *n, sizeof(uint32), compare_names,
							state->features);
	return order;
}

/*
 * Returns a state of documents with its features in order and no free ones,
 * and any other state as it is.  What has to be made is palloc'd, and shares
 * names and categories with the state, which is left as it is.  It is to be
 * read only.  An error if documents to train on lack a listed key.
 */
const RowSample *
document_sample_settle(const RowSample *state, bool for_training)
{
	RowSample  *settled;
	uint32	   *order;
	uint32		n;

	if (!state->by_key)
		return state;
	settled = palloc(sizeof(*settled));
	*settled = *state;
	order = ordered_features(state, for_training, &n);
	settled->n_features = n;
	settled->features = palloc(Max(n, 1) * sizeof(SampleFeature));
	for (uint32 f = 0; f < n; f++)
		settled->features[f] = state->features[order[f]];
	settled->rows = palloc((Size) Max(state->sample.n, 1) * Max(n, 1) *
						   sizeof(double));
	for (uint32 i = 0; i < state->sample.n; i++)
	{
		const double *row = state->rows + (size_t) i * state->n_features;

		CHECK_FOR_INTERRUPTS();
		for (uint32 f = 0; f < n; f++)
			settled->rows[(size_t) i * n + f] = row[order[f]];
	}
	pfree(order);
	return settled;
}
