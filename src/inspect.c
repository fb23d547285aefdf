/*-------------------------------------------------------------------------
 *
 * inspect.c
 *	  What a model tells of itself.
 *
 *-------------------------------------------------------------------------
 */
#include "inspect.h"

#include "common/shortest_dec.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/json.h"

/* Appends a real number as JSON, infinities as strings. */
void
append_real(StringInfo json, double value)
{
	char		buffer[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (isnan(value))
	{
		appendStringInfoString(json, "null");
		return;
	}
	(void) double_to_shortest_decimal_buf(value, buffer);
	if (isinf(value))
		escape_json(json, buffer);
	else
		appendStringInfoString(json, buffer);
}

/*
 * A string of a model, palloc'd.  Models come from anywhere; what is no text
 * in this database's encoding is shown as hexadecimal bytes.
 */
char *
model_string_text(ForestString string)
{
	char	   *s;

	if (pg_verify_mbstr(GetDatabaseEncoding(), string.bytes,
						(int) string.len, true))
		return pnstrdup(string.bytes, string.len);
	s = palloc(2 * (Size) string.len + 3);
	strcpy(s, "\\x");
	s[2 + hex_encode(string.bytes, string.len, s + 2)] = '\0';
	return s;
}

/* A string of a model, palloc'd, or an error if it is no text here. */
char *
model_string_exact(ForestString string)
{
	if (!pg_verify_mbstr(GetDatabaseEncoding(), string.bytes,
						 (int) string.len, true))
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("iforest model has a name or category that is not text in this database's encoding, %s",
						GetDatabaseEncodingName()),
				 errhint("Export the model in a database of the encoding it was trained in.")));
	return pnstrdup(string.bytes, string.len);
}

/* Appends a string of a model as JSON. */
void
append_string(StringInfo json, ForestString string)
{
	char	   *s = model_string_text(string);

	escape_json(json, s);
	pfree(s);
}

/* Appends the options the model was trained with. */
static void
append_options(StringInfo json, const ForestSummary *sum)
{
	appendStringInfo(json,
					 "\"n_trees\":%u,\"sample_size\":%u,\"max_depth\":",
					 sum->n_trees, sum->sample_size);
	if (sum->max_depth == FOREST_DEPTH_DEFAULT)
		appendStringInfoString(json, "null");
	else
		appendStringInfo(json, "%u", sum->max_depth);
	appendStringInfoString(json, ",\"max_features\":");
	append_real(json, sum->max_features);
	appendStringInfo(json, ",\"bootstrap\":%s,\"contamination\":",
					 sum->flags & FOREST_FLAG_BOOTSTRAP ? "true" : "false");
	append_real(json, sum->contamination);
	appendStringInfo(json, ",\"seed\":" INT64_FORMAT ",\"max_categories\":%u",
					 (int64) sum->seed, sum->max_categories);
}

/* Appends one feature. */
static void
append_feature(StringInfo json, const ForestView *view, uint32 i)
{
	ForestFeature feature = forest_view_feature(view, i);
	bool		category = forest_type_is_category(feature.type);

	appendStringInfoString(json, "{\"name\":");
	append_string(json, forest_view_string(view, i));
	appendStringInfo(json, ",\"type\":\"%s\",\"missing\":" UINT64_FORMAT,
					 forest_type_name(feature.type), feature.n_missing);
	if (category)
		appendStringInfo(json, ",\"categories\":%u}", feature.n_categories);
	else
	{
		appendStringInfoString(json, ",\"min\":");
		append_real(json, feature.minimum);
		appendStringInfoString(json, ",\"max\":");
		append_real(json, feature.maximum);
		appendStringInfoChar(json, '}');
	}
}

/* Appends the groups of trees that share a sample size. */
static void
append_groups(StringInfo json, const ForestView *view)
{
	for (uint32 i = 0; i < view->summary.n_groups; i++)
	{
		ForestGroup group = forest_view_group(view, i);

		appendStringInfo(json,
						 "%s{\"trees\":%u,\"rows_per_tree\":%u,\"depth_limit\":",
						 i > 0 ? "," : "", group.n_trees, group.sample_size);
		if (group.depth_limit == FOREST_DEPTH_UNLIMITED)
			appendStringInfoString(json, "null}");
		else
			appendStringInfo(json, "%u}", group.depth_limit);
	}
}

PG_FUNCTION_INFO_V1(iforest_info);
/*
 * iforest_info(model bytea) -> jsonb
 *
 * Options, sizes, rows seen, seed, format and features of a model.
 */
Datum
iforest_info(PG_FUNCTION_ARGS)
{
	ForestView	view;
	bytea	   *bytes = model_open(PG_GETARG_DATUM(0), &view);
	const ForestSummary *sum = &view.summary;
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json,
					 "{\"format\":1,\"bytes\":%zu,\"trees\":%u,\"nodes\":%u,\"leaves\":%u,"
					 "\"rows_seen\":" UINT64_FORMAT ",\"rows_kept\":" UINT64_FORMAT
					 ",\"merged\":%s,\"seed_drawn\":%s,\"options\":{",
					 (size_t) VARSIZE_ANY_EXHDR(bytes), sum->n_trees,
					 view.n_nodes, view.n_leaves, sum->rows_seen,
					 sum->rows_kept,
					 sum->flags & FOREST_FLAG_MERGED ? "true" : "false",
					 sum->flags & FOREST_FLAG_SEED_DRAWN ? "true" : "false");
	append_options(&json, sum);
	appendStringInfoString(&json, "},\"groups\":[");
	append_groups(&json, &view);
	appendStringInfoString(&json, "],\"features\":[");
	for (uint32 i = 0; i < sum->n_features; i++)
	{
		if (i > 0)
			appendStringInfoChar(&json, ',');
		append_feature(&json, &view, i);
	}
	appendStringInfoString(&json, "]}");
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}
