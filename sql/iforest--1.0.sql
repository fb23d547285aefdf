/* iforest 1.0 */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION iforest" to load this file. \quit

-- Options

CREATE FUNCTION iforest_options(
	n_trees int DEFAULT 100,
	sample_size int DEFAULT 256,
	max_depth int DEFAULT NULL,
	max_features float8 DEFAULT 1.0,
	bootstrap bool DEFAULT false,
	contamination float8 DEFAULT 0.05,
	seed bigint DEFAULT NULL,
	feature_names text[] DEFAULT NULL,
	max_categories int DEFAULT 1000)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_options(int, int, int, float8, bool, float8, bigint, text[], int) IS
	'options for iforest_train, by name, checked';

-- Train

CREATE FUNCTION iforest_train_accum(internal, VARIADIC "any")
RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_train_accum(internal, VARIADIC "any") IS
	'transition function of iforest_train';

CREATE FUNCTION iforest_train_accum(internal, jsonb, VARIADIC "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_accum_options'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_train_accum(internal, jsonb, VARIADIC "any") IS
	'transition function of iforest_train';

CREATE FUNCTION iforest_train_array_accum(internal, float8[])
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_accum'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_train_array_accum(internal, float8[]) IS
	'transition function of iforest_train_array';

CREATE FUNCTION iforest_train_array_accum(internal, jsonb, float8[])
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_accum_options'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_train_array_accum(internal, jsonb, float8[]) IS
	'transition function of iforest_train_array';

CREATE FUNCTION iforest_train_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_train_combine(internal, internal) IS
	'combine function of iforest_train';

CREATE FUNCTION iforest_train_serialize(internal)
RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION iforest_train_serialize(internal) IS
	'serialization function of iforest_train';

CREATE FUNCTION iforest_train_deserialize(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION iforest_train_deserialize(bytea, internal) IS
	'deserialization function of iforest_train';

CREATE FUNCTION iforest_train_final(internal)
RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_train_final(internal) IS
	'final function of iforest_train';

CREATE AGGREGATE iforest_train(VARIADIC "any") (
	SFUNC = iforest_train_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = iforest_train_combine,
	SERIALFUNC = iforest_train_serialize,
	DESERIALFUNC = iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train(VARIADIC "any") IS
	'trains an isolation forest on columns, a row or an array';

CREATE AGGREGATE iforest_train(options jsonb, VARIADIC "any") (
	SFUNC = iforest_train_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = iforest_train_combine,
	SERIALFUNC = iforest_train_serialize,
	DESERIALFUNC = iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train(jsonb, VARIADIC "any") IS
	'trains an isolation forest, with options, on columns, a row or an array';

CREATE AGGREGATE iforest_train_array(float8[]) (
	SFUNC = iforest_train_array_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = iforest_train_combine,
	SERIALFUNC = iforest_train_serialize,
	DESERIALFUNC = iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train_array(float8[]) IS
	'trains an isolation forest on arrays';

CREATE AGGREGATE iforest_train_array(options jsonb, float8[]) (
	SFUNC = iforest_train_array_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = iforest_train_combine,
	SERIALFUNC = iforest_train_serialize,
	DESERIALFUNC = iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train_array(jsonb, float8[]) IS
	'trains an isolation forest, with options, on arrays';

-- Merge

CREATE FUNCTION iforest_merge_accum(internal, bytea)
RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_merge_accum(internal, bytea) IS
	'transition function of iforest_merge';

CREATE FUNCTION iforest_merge_final(internal)
RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_merge_final(internal) IS
	'final function of iforest_merge';

CREATE AGGREGATE iforest_merge(bytea) (
	SFUNC = iforest_merge_accum,
	STYPE = internal,
	SSPACE = 200000,
	FINALFUNC = iforest_merge_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_merge(bytea) IS
	'joins the trees of several models of the same features into one model';

-- Score

CREATE FUNCTION iforest_score(model bytea, VARIADIC "any")
RETURNS float8
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;

COMMENT ON FUNCTION iforest_score(bytea, VARIADIC "any") IS
	'how unusual a row is, between 0 and 1';

CREATE FUNCTION iforest_is_outlier(model bytea, VARIADIC "any")
RETURNS bool
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;

COMMENT ON FUNCTION iforest_is_outlier(bytea, VARIADIC "any") IS
	'whether a row scores above the model''s cut';

CREATE FUNCTION iforest_percent_rank(model bytea, VARIADIC "any")
RETURNS float8
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;

COMMENT ON FUNCTION iforest_percent_rank(bytea, VARIADIC "any") IS
	'share of the training rows that score lower, between 0 and 1';

CREATE FUNCTION iforest_p_value(model bytea, VARIADIC "any")
RETURNS float8
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;

COMMENT ON FUNCTION iforest_p_value(bytea, VARIADIC "any") IS
	'conformal p-value of a row against the training rows';

CREATE FUNCTION iforest_threshold(model bytea, contamination float8)
RETURNS float8
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;

COMMENT ON FUNCTION iforest_threshold(bytea, float8) IS
	'score that at most this share of the training rows exceeds';

-- Calibrate

CREATE FUNCTION iforest_calibrate_accum(internal, model bytea, VARIADIC "any")
RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE COST 500;

COMMENT ON FUNCTION iforest_calibrate_accum(internal, bytea, VARIADIC "any") IS
	'transition function of iforest_calibrate';

CREATE FUNCTION iforest_calibrate_final(internal)
RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_calibrate_final(internal) IS
	'final function of iforest_calibrate';

CREATE AGGREGATE iforest_calibrate(model bytea, VARIADIC "any") (
	SFUNC = iforest_calibrate_accum,
	STYPE = internal,
	SSPACE = 200000,
	FINALFUNC = iforest_calibrate_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_calibrate(bytea, VARIADIC "any") IS
	'the model with its score summary remade from these rows';

-- Inspect

CREATE FUNCTION iforest_info(model bytea)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION iforest_info(bytea) IS
	'options, sizes and features of a model';

CREATE FUNCTION iforest_is_valid(bytea)
RETURNS bool
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION iforest_is_valid(bytea) IS
	'whether the bytes are a model; never an error';

CREATE FUNCTION iforest_cache_stats(
	OUT models bigint,
	OUT bytes bigint,
	OUT hits bigint,
	OUT loads bigint,
	OUT evictions bigint)
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION iforest_cache_stats() IS
	'decoded models that this session holds, and how often it had to decode';

-- Explain

CREATE FUNCTION iforest_explain(
	model bytea,
	VARIADIC "any",
	OUT feature text,
	OUT value text,
	OUT contribution float8,
	OUT direction text,
	OUT usual_low text,
	OUT usual_high text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20000 ROWS 10;

COMMENT ON FUNCTION iforest_explain(bytea, VARIADIC "any") IS
	'what each feature adds to a row''s score, most blamed first';

CREATE FUNCTION iforest_reason(model bytea, VARIADIC "any")
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20000;

COMMENT ON FUNCTION iforest_reason(bytea, VARIADIC "any") IS
	'why a row is unusual, in words';

-- Inspect and exchange

CREATE FUNCTION iforest_features(model bytea)
RETURNS TABLE (
	"position" int,
	name text,
	type text,
	kind text,
	nulls bigint,
	minimum text,
	q05 text,
	median text,
	q95 text,
	maximum text,
	categories text[],
	category_rows bigint[])
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
COST 1000 ROWS 10;

COMMENT ON FUNCTION iforest_features(bytea) IS
	'the features of a model: types, ranges, categories';

CREATE FUNCTION iforest_nodes(model bytea)
RETURNS TABLE (
	tree int,
	node int,
	parent int,
	depth int,
	feature text,
	test text,
	rows bigint,
	is_leaf bool,
	path_length float8,
	left_node int,
	right_node int,
	feature_position int,
	threshold float8,
	categories text[],
	categories_left bool,
	nulls_left bool)
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
COST 10000 ROWS 25000;

COMMENT ON FUNCTION iforest_nodes(bytea) IS
	'the nodes of all trees of a model';

CREATE FUNCTION iforest_tree_dot(model bytea, tree int)
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION iforest_tree_dot(bytea, int) IS
	'one tree of a model as a drawing for Graphviz';

CREATE FUNCTION iforest_to_json(model bytea)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000;

COMMENT ON FUNCTION iforest_to_json(bytea) IS
	'a model as a JSON document, complete';

CREATE FUNCTION iforest_from_json(document jsonb)
RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000;

COMMENT ON FUNCTION iforest_from_json(jsonb) IS
	'the model that a JSON document describes';

CREATE FUNCTION iforest_to_sql(model bytea, VARIADIC columns text[] DEFAULT '{}')
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000;

COMMENT ON FUNCTION iforest_to_sql(bytea, text[]) IS
	'an SQL expression that scores as the model does, without the extension';
