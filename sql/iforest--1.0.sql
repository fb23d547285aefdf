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
	max_categories int DEFAULT 1000,
	generator text DEFAULT NULL,
	generator_steps int DEFAULT NULL,
	generator_label text DEFAULT NULL,
	exclude text[] DEFAULT NULL,
	guided float8 DEFAULT NULL,
	preset text DEFAULT NULL,
	weight text DEFAULT NULL,
	columns_per_split int DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_options(int, int, int, float8, bool, float8, bigint, text[], int, text, int, text, text[], float8, text, text, int) IS
	'options for iforest_train, by name, checked';

-- Train

CREATE FUNCTION _iforest_train_accum(state internal, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_accum' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_train_accum(internal, VARIADIC "any") IS
	'transition function of iforest_train';

CREATE FUNCTION _iforest_train_accum(state internal, options jsonb, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_accum_options'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_train_accum(internal, jsonb, VARIADIC "any") IS
	'transition function of iforest_train';

CREATE FUNCTION _iforest_train_array_accum(state internal, columns float8[])
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_accum'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_train_array_accum(internal, float8[]) IS
	'transition function of iforest_train_array';

CREATE FUNCTION _iforest_train_array_accum(state internal, options jsonb, columns float8[])
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_accum_options'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_train_array_accum(internal, jsonb, float8[]) IS
	'transition function of iforest_train_array';

-- The costs of sending and uniting a full sample of ten columns; these keep
-- tables in one process that workers would take longer for.
CREATE FUNCTION _iforest_train_combine(state internal, other internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_combine' LANGUAGE C VOLATILE PARALLEL SAFE
COST 800000;

COMMENT ON FUNCTION _iforest_train_combine(internal, internal) IS
	'combine function of iforest_train';

CREATE FUNCTION _iforest_train_serialize(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_train_serialize' LANGUAGE C VOLATILE STRICT PARALLEL SAFE
COST 100000;

COMMENT ON FUNCTION _iforest_train_serialize(internal) IS
	'serialization function of iforest_train';

CREATE FUNCTION _iforest_train_deserialize(bytes bytea, state internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_deserialize' LANGUAGE C VOLATILE STRICT PARALLEL SAFE
COST 100000;

COMMENT ON FUNCTION _iforest_train_deserialize(bytea, internal) IS
	'deserialization function of iforest_train';

CREATE FUNCTION _iforest_train_final(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_train_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_train_final(internal) IS
	'final function of iforest_train';

CREATE AGGREGATE iforest_train(VARIADIC columns "any") (
	SFUNC = _iforest_train_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train(VARIADIC "any") IS
	'trains an isolation forest on columns, a row, an array or a JSON object';

CREATE AGGREGATE iforest_train(options jsonb, VARIADIC columns "any") (
	SFUNC = _iforest_train_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train(jsonb, VARIADIC "any") IS
	'trains an isolation forest, with options, on columns, a row, an array or a JSON object';

CREATE AGGREGATE iforest_train_array(columns float8[]) (
	SFUNC = _iforest_train_array_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train_array(float8[]) IS
	'trains an isolation forest on arrays';

CREATE AGGREGATE iforest_train_array(options jsonb, columns float8[]) (
	SFUNC = _iforest_train_array_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train_array(jsonb, float8[]) IS
	'trains an isolation forest, with options, on arrays';

-- Sketch

CREATE FUNCTION _iforest_train_unite(state internal, sketch bytea)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_unite'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_train_unite(internal, bytea) IS
	'transition function of iforest_train over sketches';

CREATE FUNCTION _iforest_train_unite(state internal, options jsonb, sketch bytea)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_train_unite_options'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_train_unite(internal, jsonb, bytea) IS
	'transition function of iforest_train over sketches';

CREATE FUNCTION _iforest_sketch_unite(state internal, sketch bytea)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_sketch_unite'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_sketch_unite(internal, bytea) IS
	'transition function of iforest_sketch_union';

CREATE FUNCTION _iforest_sketch_final(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_sketch_final'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_sketch_final(internal) IS
	'final function of iforest_sketch and iforest_sketch_union';

CREATE AGGREGATE iforest_sketch(VARIADIC columns "any") (
	SFUNC = _iforest_train_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_sketch_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_sketch(VARIADIC "any") IS
	'a uniform sample of rows as a value, which sketches of other rows can be united with; holds rows as they were';

CREATE AGGREGATE iforest_sketch(options jsonb, VARIADIC columns "any") (
	SFUNC = _iforest_train_accum,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_sketch_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_sketch(jsonb, VARIADIC "any") IS
	'a uniform sample of rows as a value, with the options of a training; holds rows as they were';

CREATE AGGREGATE iforest_sketch_union(sketch bytea) (
	SFUNC = _iforest_sketch_unite,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_sketch_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_sketch_union(bytea) IS
	'the sketch of all rows that several sketches are of';

CREATE FUNCTION _iforest_sketch_unite(state internal, sketch bytea, weight float8)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_sketch_unite_weight'
LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_sketch_unite(internal, bytea, float8) IS
	'transition function of iforest_sketch_union with weights';

CREATE AGGREGATE iforest_sketch_union(sketch bytea, weight float8) (
	SFUNC = _iforest_sketch_unite,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_sketch_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_sketch_union(bytea, float8) IS
	'the sketch of all rows that several sketches are of, whose rows count as often as their weights say';

CREATE FUNCTION iforest_decay(age interval, half_life interval)
RETURNS float8
AS 'MODULE_PATHNAME'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION iforest_decay(interval, interval) IS
	'the weight of something of an age: half as much after each half-life';

CREATE AGGREGATE iforest_train(sketch bytea) (
	SFUNC = _iforest_train_unite,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train(bytea) IS
	'trains an isolation forest on the rows that sketches are of';

CREATE AGGREGATE iforest_train(options jsonb, sketch bytea) (
	SFUNC = _iforest_train_unite,
	STYPE = internal,
	SSPACE = 20000,
	FINALFUNC = _iforest_train_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_train_combine,
	SERIALFUNC = _iforest_train_serialize,
	DESERIALFUNC = _iforest_train_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_train(jsonb, bytea) IS
	'trains an isolation forest, with options, on the rows that sketches are of';

CREATE FUNCTION iforest_sketch_rows(sketch bytea)
RETURNS SETOF jsonb
AS 'MODULE_PATHNAME', 'iforest_sketch_rows_json'
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 25600;

COMMENT ON FUNCTION iforest_sketch_rows(bytea) IS
	'the rows that a sketch keeps, as documents';

CREATE FUNCTION iforest_sketch_rows(sketch bytea, base anyelement)
RETURNS SETOF anyelement
AS 'MODULE_PATHNAME'
LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 25600;

COMMENT ON FUNCTION iforest_sketch_rows(bytea, anyelement) IS
	'the rows that a sketch keeps, of the type of a row, by name';

CREATE FUNCTION iforest_sketch_info(sketch bytea)
RETURNS jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION iforest_sketch_info(bytea) IS
	'rows, streams and features of a sketch';

-- Merge

CREATE FUNCTION _iforest_merge_accum(state internal, model bytea)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_merge_accum' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_merge_accum(internal, bytea) IS
	'transition function of iforest_merge';

CREATE FUNCTION _iforest_merge_final(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_merge_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_merge_final(internal) IS
	'final function of iforest_merge';

CREATE AGGREGATE iforest_merge(model bytea) (
	SFUNC = _iforest_merge_accum,
	STYPE = internal,
	SSPACE = 200000,
	FINALFUNC = _iforest_merge_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_merge(bytea) IS
	'joins the trees of several models of the same features into one model';

-- Plan: what the planner is told of calls with a model.  Costs are in units of
-- cpu_operator_cost; bench/costs.sh measures them.

CREATE FUNCTION _iforest_plan_score(request internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plan_score' LANGUAGE C STRICT;

COMMENT ON FUNCTION _iforest_plan_score(internal) IS
	'planner support of functions that score a row';

CREATE FUNCTION _iforest_plan_explain(request internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plan_explain' LANGUAGE C STRICT;

COMMENT ON FUNCTION _iforest_plan_explain(internal) IS
	'planner support of functions that explain a score';

CREATE FUNCTION _iforest_plan_expected(request internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plan_expected' LANGUAGE C STRICT;

COMMENT ON FUNCTION _iforest_plan_expected(internal) IS
	'planner support of iforest_explain: as _iforest_plan_explain, and leaves out what nobody looks at';

-- Score

CREATE FUNCTION iforest_score(model bytea, VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
SUPPORT _iforest_plan_score;

COMMENT ON FUNCTION iforest_score(bytea, VARIADIC "any") IS
	'how unusual a row is, between 0 and 1';

CREATE FUNCTION iforest_score(name text, VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_score_named'
LANGUAGE C STABLE PARALLEL SAFE COST 100
SUPPORT _iforest_plan_score;

COMMENT ON FUNCTION iforest_score(text, VARIADIC "any") IS
	'how unusual a row is, between 0 and 1';

CREATE FUNCTION iforest_is_outlier(model bytea, VARIADIC columns "any")
RETURNS bool
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
SUPPORT _iforest_plan_score;

COMMENT ON FUNCTION iforest_is_outlier(bytea, VARIADIC "any") IS
	'whether a row scores above the model''s threshold';

CREATE FUNCTION iforest_is_outlier(name text, VARIADIC columns "any")
RETURNS bool
AS 'MODULE_PATHNAME', 'iforest_is_outlier_named'
LANGUAGE C STABLE PARALLEL SAFE COST 100
SUPPORT _iforest_plan_score;

COMMENT ON FUNCTION iforest_is_outlier(text, VARIADIC "any") IS
	'whether a row scores above the model''s threshold';

CREATE FUNCTION iforest_percent_rank(model bytea, VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
SUPPORT _iforest_plan_score;

COMMENT ON FUNCTION iforest_percent_rank(bytea, VARIADIC "any") IS
	'share of the training rows that score lower, between 0 and 1';

CREATE FUNCTION iforest_percent_rank(name text, VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_percent_rank_named'
LANGUAGE C STABLE PARALLEL SAFE COST 100
SUPPORT _iforest_plan_score;

COMMENT ON FUNCTION iforest_percent_rank(text, VARIADIC "any") IS
	'share of the training rows that score lower, between 0 and 1';

CREATE FUNCTION iforest_p_value(model bytea, VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
SUPPORT _iforest_plan_score;

COMMENT ON FUNCTION iforest_p_value(bytea, VARIADIC "any") IS
	'conformal p-value of a row against the training rows';

CREATE FUNCTION iforest_p_value(name text, VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_p_value_named'
LANGUAGE C STABLE PARALLEL SAFE COST 100
SUPPORT _iforest_plan_score;

COMMENT ON FUNCTION iforest_p_value(text, VARIADIC "any") IS
	'conformal p-value of a row against the training rows';

CREATE FUNCTION iforest_threshold(model bytea, contamination float8 DEFAULT NULL)
RETURNS float8
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;

COMMENT ON FUNCTION iforest_threshold(bytea, float8) IS
	'score that at most this share of the training rows exceeds';

CREATE FUNCTION iforest_threshold(name text, contamination float8 DEFAULT NULL)
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_threshold_named'
LANGUAGE C STABLE PARALLEL SAFE COST 10;

COMMENT ON FUNCTION iforest_threshold(text, float8) IS
	'score that at most this share of the training rows exceeds';

-- Calibrate

CREATE FUNCTION _iforest_calibrate_accum(state internal, model bytea, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_calibrate_accum' LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_calibrate_accum(internal, bytea, VARIADIC "any") IS
	'transition function of iforest_calibrate';

CREATE FUNCTION _iforest_calibrate_combine(state internal, other internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_calibrate_combine' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_calibrate_combine(internal, internal) IS
	'combine function of iforest_calibrate';

CREATE FUNCTION _iforest_calibrate_serialize(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_calibrate_serialize' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_calibrate_serialize(internal) IS
	'serialization function of iforest_calibrate';

CREATE FUNCTION _iforest_calibrate_deserialize(bytes bytea, state internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_calibrate_deserialize' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_calibrate_deserialize(bytea, internal) IS
	'deserialization function of iforest_calibrate';

CREATE FUNCTION _iforest_calibrate_final(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_calibrate_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_calibrate_final(internal) IS
	'final function of iforest_calibrate';

CREATE AGGREGATE iforest_calibrate(model bytea, VARIADIC columns "any") (
	SFUNC = _iforest_calibrate_accum,
	STYPE = internal,
	SSPACE = 200000,
	FINALFUNC = _iforest_calibrate_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_calibrate_combine,
	SERIALFUNC = _iforest_calibrate_serialize,
	DESERIALFUNC = _iforest_calibrate_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_calibrate(bytea, VARIADIC "any") IS
	'the model with its calibration remade from these rows';

CREATE FUNCTION _iforest_score_unite(state internal, model bytea, sketch bytea)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_score_unite' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_score_unite(internal, bytea, bytea) IS
	'transition function of iforest_calibrate and iforest_drift over sketches';

CREATE FUNCTION _iforest_calibrate_sketch_final(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_calibrate_sketch_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_calibrate_sketch_final(internal) IS
	'final function of iforest_calibrate over sketches';

CREATE AGGREGATE iforest_calibrate(model bytea, sketch bytea) (
	SFUNC = _iforest_score_unite,
	STYPE = internal,
	SSPACE = 200000,
	FINALFUNC = _iforest_calibrate_sketch_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_calibrate(bytea, bytea) IS
	'the model with its calibration remade from the rows of sketches';

-- Learn

CREATE FUNCTION _iforest_learn_accum(state internal, model bytea, is_outlier bool, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_learn_accum' LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_learn_accum(internal, bytea, bool, VARIADIC "any") IS
	'transition function of iforest_learn';

CREATE FUNCTION _iforest_learn_combine(state internal, other internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_learn_combine' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_learn_combine(internal, internal) IS
	'combine function of iforest_learn';

CREATE FUNCTION _iforest_learn_serialize(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_learn_serialize' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_learn_serialize(internal) IS
	'serialization function of iforest_learn';

CREATE FUNCTION _iforest_learn_deserialize(bytes bytea, state internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_learn_deserialize' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_learn_deserialize(bytea, internal) IS
	'deserialization function of iforest_learn';

CREATE FUNCTION _iforest_learn_final(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_learn_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_learn_final(internal) IS
	'final function of iforest_learn';

CREATE AGGREGATE iforest_learn(model bytea, is_outlier bool, VARIADIC columns "any") (
	SFUNC = _iforest_learn_accum,
	STYPE = internal,
	SSPACE = 200000,
	FINALFUNC = _iforest_learn_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_learn_combine,
	SERIALFUNC = _iforest_learn_serialize,
	DESERIALFUNC = _iforest_learn_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_learn(bytea, bool, VARIADIC "any") IS
	'the model with what labelled rows say: true for an outlier, false for a normal row';

-- Evaluation

CREATE FUNCTION _iforest_evaluate_accum(state internal, score float8, is_outlier bool)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_evaluate_accum' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_evaluate_accum(internal, float8, bool) IS
	'transition function of iforest_roc_auc and iforest_average_precision';

CREATE FUNCTION _iforest_roc_auc_final(state internal)
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_roc_auc_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_roc_auc_final(internal) IS
	'final function of iforest_roc_auc';

CREATE FUNCTION _iforest_average_precision_final(state internal)
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_average_precision_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_average_precision_final(internal) IS
	'final function of iforest_average_precision';

CREATE AGGREGATE iforest_roc_auc(score float8, is_outlier bool) (
	SFUNC = _iforest_evaluate_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = _iforest_roc_auc_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_roc_auc(float8, bool) IS
	'the chance that an outlier scores above a normal row, equal scores counting half';

CREATE AGGREGATE iforest_average_precision(score float8, is_outlier bool) (
	SFUNC = _iforest_evaluate_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = _iforest_average_precision_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_average_precision(float8, bool) IS
	'the mean, over the outliers, of the share of outliers among the rows that score no lower';

-- Drift

CREATE FUNCTION _iforest_drift_accum(state internal, model bytea, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_drift_accum' LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_drift_accum(internal, bytea, VARIADIC "any") IS
	'transition function of iforest_drift';

CREATE FUNCTION _iforest_drift_combine(state internal, other internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_drift_combine' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_drift_combine(internal, internal) IS
	'combine function of iforest_drift';

CREATE FUNCTION _iforest_drift_serialize(state internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_drift_serialize' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_drift_serialize(internal) IS
	'serialization function of iforest_drift';

CREATE FUNCTION _iforest_drift_deserialize(bytes bytea, state internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_drift_deserialize' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_drift_deserialize(bytea, internal) IS
	'deserialization function of iforest_drift';

CREATE FUNCTION _iforest_drift_final(state internal)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'iforest_drift_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_drift_final(internal) IS
	'final function of iforest_drift';

CREATE AGGREGATE iforest_drift(model bytea, VARIADIC columns "any") (
	SFUNC = _iforest_drift_accum,
	STYPE = internal,
	SSPACE = 15000,
	FINALFUNC = _iforest_drift_final,
	FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = _iforest_drift_combine,
	SERIALFUNC = _iforest_drift_serialize,
	DESERIALFUNC = _iforest_drift_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_drift(bytea, VARIADIC "any") IS
	'how far rows are from those the model was trained on';

CREATE FUNCTION _iforest_drift_sketch_final(state internal)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'iforest_drift_sketch_final' LANGUAGE C VOLATILE PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_drift_sketch_final(internal) IS
	'final function of iforest_drift over sketches';

CREATE AGGREGATE iforest_drift(model bytea, sketch bytea) (
	SFUNC = _iforest_score_unite,
	STYPE = internal,
	SSPACE = 200000,
	FINALFUNC = _iforest_drift_sketch_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_drift(bytea, bytea) IS
	'how far the rows of sketches are from those that a model was trained on';

-- Inspect

CREATE FUNCTION iforest_info(model bytea)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION iforest_info(bytea) IS
	'options, sizes and features of a model';

CREATE FUNCTION iforest_is_valid(model bytea)
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
	VARIADIC columns "any",
	OUT feature text,
	OUT value text,
	OUT contribution float8,
	OUT direction text,
	OUT usual_low text,
	OUT usual_high text,
	OUT expected text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 80000 ROWS 10
SUPPORT _iforest_plan_expected;

COMMENT ON FUNCTION iforest_explain(bytea, VARIADIC "any") IS
	'what each feature adds to a row''s score, most blamed first, and what was expected of it';

CREATE FUNCTION iforest_explain(
	name text,
	VARIADIC columns "any",
	OUT feature text,
	OUT value text,
	OUT contribution float8,
	OUT direction text,
	OUT usual_low text,
	OUT usual_high text,
	OUT expected text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'iforest_explain_named'
LANGUAGE C STABLE PARALLEL SAFE COST 80000 ROWS 10
SUPPORT _iforest_plan_expected;

COMMENT ON FUNCTION iforest_explain(text, VARIADIC "any") IS
	'what each feature adds to a row''s score, most blamed first, and what was expected of it';

CREATE FUNCTION _iforest_explain_brief(
	model bytea,
	VARIADIC columns "any",
	OUT feature text,
	OUT value text,
	OUT contribution float8,
	OUT direction text,
	OUT usual_low text,
	OUT usual_high text,
	OUT expected text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'iforest_explain_brief'
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10
SUPPORT _iforest_plan_explain;

COMMENT ON FUNCTION _iforest_explain_brief(bytea, VARIADIC "any") IS
	'iforest_explain where nobody looks at what was expected';

CREATE FUNCTION _iforest_explain_brief(
	name text,
	VARIADIC columns "any",
	OUT feature text,
	OUT value text,
	OUT contribution float8,
	OUT direction text,
	OUT usual_low text,
	OUT usual_high text,
	OUT expected text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'iforest_explain_brief_named'
LANGUAGE C STABLE PARALLEL SAFE COST 10000 ROWS 10
SUPPORT _iforest_plan_explain;

COMMENT ON FUNCTION _iforest_explain_brief(text, VARIADIC "any") IS
	'iforest_explain where nobody looks at what was expected';

CREATE FUNCTION iforest_reason(model bytea, VARIADIC columns "any")
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000
SUPPORT _iforest_plan_explain;

COMMENT ON FUNCTION iforest_reason(bytea, VARIADIC "any") IS
	'why a row is unusual, in words';

CREATE FUNCTION iforest_reason(name text, VARIADIC columns "any")
RETURNS text
AS 'MODULE_PATHNAME', 'iforest_reason_named'
LANGUAGE C STABLE PARALLEL SAFE COST 10000
SUPPORT _iforest_plan_explain;

COMMENT ON FUNCTION iforest_reason(text, VARIADIC "any") IS
	'why a row is unusual, in words';

-- Calls without a model, which would else be told to add casts

CREATE FUNCTION iforest_score(VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_no_model' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_score(VARIADIC "any") IS
	'a call without a model: an error that says so';

CREATE FUNCTION iforest_is_outlier(VARIADIC columns "any")
RETURNS bool
AS 'MODULE_PATHNAME', 'iforest_no_model' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_is_outlier(VARIADIC "any") IS
	'a call without a model: an error that says so';

CREATE FUNCTION iforest_percent_rank(VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_no_model' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_percent_rank(VARIADIC "any") IS
	'a call without a model: an error that says so';

CREATE FUNCTION iforest_p_value(VARIADIC columns "any")
RETURNS float8
AS 'MODULE_PATHNAME', 'iforest_no_model' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_p_value(VARIADIC "any") IS
	'a call without a model: an error that says so';

CREATE FUNCTION iforest_reason(VARIADIC columns "any")
RETURNS text
AS 'MODULE_PATHNAME', 'iforest_no_model' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_reason(VARIADIC "any") IS
	'a call without a model: an error that says so';

CREATE FUNCTION iforest_explain(
	VARIADIC columns "any",
	OUT feature text,
	OUT value text,
	OUT contribution float8,
	OUT direction text,
	OUT usual_low text,
	OUT usual_high text,
	OUT expected text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'iforest_no_model' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_explain(VARIADIC "any") IS
	'a call without a model: an error that says so';

-- Inspect and exchange

CREATE FUNCTION iforest_features(model bytea)
RETURNS TABLE (
	"position" int,
	name text,
	type text,
	kind text,
	missing bigint,
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
	cut float8,
	categories text[],
	categories_left bool,
	missing_left bool)
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

-- Named models

-- A role, whose text is its name and never a number.
CREATE TYPE iforest_role;

CREATE FUNCTION _iforest_role_in(name cstring)
RETURNS iforest_role
AS 'MODULE_PATHNAME', 'iforest_role_in' LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_role_in(cstring) IS
	'input function of iforest_role';

CREATE FUNCTION _iforest_role_out(role iforest_role)
RETURNS cstring
AS 'MODULE_PATHNAME', 'iforest_role_out' LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_role_out(iforest_role) IS
	'output function of iforest_role';

CREATE FUNCTION _iforest_role_recv(message internal)
RETURNS iforest_role
AS 'MODULE_PATHNAME', 'iforest_role_recv' LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_role_recv(internal) IS
	'binary input function of iforest_role';

CREATE FUNCTION _iforest_role_send(role iforest_role)
RETURNS bytea
AS 'MODULE_PATHNAME', 'iforest_role_send' LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_role_send(iforest_role) IS
	'binary output function of iforest_role';

CREATE TYPE iforest_role (
	INPUT = _iforest_role_in,
	OUTPUT = _iforest_role_out,
	RECEIVE = _iforest_role_recv,
	SEND = _iforest_role_send,
	INTERNALLENGTH = 4,
	PASSEDBYVALUE,
	ALIGNMENT = int4,
	STORAGE = plain
);

COMMENT ON TYPE iforest_role IS
	'part of the named models'' tables: a role, by name';

CREATE FUNCTION _iforest_can_manage(owner iforest_role)
RETURNS bool
AS 'MODULE_PATHNAME', 'iforest_can_manage' LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_can_manage(iforest_role) IS
	'part of the view iforest_models: who may see a model''s query';

CREATE FUNCTION _iforest_can_read(owner iforest_role, readers iforest_role[])
RETURNS bool
AS 'MODULE_PATHNAME', 'iforest_can_read' LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _iforest_can_read(iforest_role, iforest_role[]) IS
	'part of the view iforest_models: who may see a model';

CREATE FUNCTION _iforest_registry_guard()
RETURNS trigger
AS 'MODULE_PATHNAME', 'iforest_registry_guard' LANGUAGE C;

COMMENT ON FUNCTION _iforest_registry_guard() IS
	'trigger of the named models'' tables: what a restored row may say of roles';

-- The functions know the columns by their places.  A name finds its versions by
-- a number drawn at random, and there is no foreign key: a restore with several
-- jobs fills the tables in any order, and who puts rows in by hand cannot have
-- them ready for a name to come.
CREATE TABLE iforest_registry (
	name text COLLATE pg_catalog."C" NOT NULL,
	id bigint NOT NULL,
	owner iforest_role NOT NULL,
	readers iforest_role[] NOT NULL DEFAULT '{}',
	keep int NOT NULL DEFAULT 5,
	active int,
	refit text,
	refit_version int,
	refit_at timestamptz,
	refit_detail text,
	held bool NOT NULL DEFAULT false,
	CONSTRAINT iforest_registry_pkey PRIMARY KEY (name),
	CONSTRAINT iforest_registry_id_key UNIQUE (id),
	CONSTRAINT iforest_registry_name_check
		CHECK (pg_catalog.octet_length(name) OPERATOR(pg_catalog.>=) 1
			AND pg_catalog.octet_length(name) OPERATOR(pg_catalog.<=) 255),
	CONSTRAINT iforest_registry_keep_check
		CHECK (keep OPERATOR(pg_catalog.>=) 2
			AND keep OPERATOR(pg_catalog.<=) 10000)
) USING heap;

CREATE TABLE iforest_versions (
	id bigint NOT NULL,
	version int NOT NULL,
	model bytea NOT NULL,
	query text,
	labels text,
	search_path text,
	options jsonb,
	runs_as iforest_role NOT NULL,
	trained_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	train_seconds float8,
	rows_seen bigint,
	previous int,
	note text,
	CONSTRAINT iforest_versions_pkey PRIMARY KEY (id, version),
	CONSTRAINT iforest_versions_version_check
		CHECK (version OPERATOR(pg_catalog.>) 0)
) USING heap;

ALTER TABLE iforest_versions ALTER COLUMN model SET STORAGE EXTERNAL;

CREATE TRIGGER iforest_registry_guard
	BEFORE INSERT OR UPDATE OR DELETE ON iforest_registry
	FOR EACH ROW EXECUTE FUNCTION _iforest_registry_guard();
CREATE TRIGGER iforest_registry_guard
	BEFORE INSERT OR UPDATE OR DELETE ON iforest_versions
	FOR EACH ROW EXECUTE FUNCTION _iforest_registry_guard();

ALTER TABLE iforest_registry ENABLE ALWAYS TRIGGER iforest_registry_guard;
ALTER TABLE iforest_versions ENABLE ALWAYS TRIGGER iforest_registry_guard;

-- What a dump and its restore need, and nothing that locks more than they do:
-- for the owner of the database, whoever that is.  Not for who creates the
-- extension, which takes no more than CREATE on the database, and must not give
-- the models of others.
GRANT SELECT, INSERT ON iforest_registry, iforest_versions TO pg_database_owner;

SELECT pg_catalog.pg_extension_config_dump('iforest_registry', '');
SELECT pg_catalog.pg_extension_config_dump('iforest_versions', '');

COMMENT ON TABLE iforest_registry IS
	'named models, a row a name; seen as iforest_models, changed by functions';
COMMENT ON COLUMN iforest_registry.name IS 'what functions take in place of the model';
COMMENT ON COLUMN iforest_registry.id IS 'what its versions have as well';
COMMENT ON COLUMN iforest_registry.owner IS 'who manages the model; empty: nobody but superusers';
COMMENT ON COLUMN iforest_registry.readers IS 'roles the model is shared with';
COMMENT ON COLUMN iforest_registry.keep IS 'versions of the name to keep';
COMMENT ON COLUMN iforest_registry.active IS 'the version that the name stands for';
COMMENT ON COLUMN iforest_registry.refit IS 'what came of the last iforest_refit that trained';
COMMENT ON COLUMN iforest_registry.refit_version IS 'the version that it made, or that stayed';
COMMENT ON COLUMN iforest_registry.refit_at IS 'when it was over';
COMMENT ON COLUMN iforest_registry.refit_detail IS 'why it failed, or did not activate its version';
COMMENT ON COLUMN iforest_registry.held IS 'whether iforest_refit leaves the active version alone';

COMMENT ON TABLE iforest_versions IS
	'named models, a row a version; seen as iforest_models, changed by functions';
COMMENT ON COLUMN iforest_versions.id IS 'that of its name in iforest_registry';
COMMENT ON COLUMN iforest_versions.version IS 'counts the trainings of the name, from 1';
COMMENT ON COLUMN iforest_versions.model IS 'what iforest_model returns';
COMMENT ON COLUMN iforest_versions.query IS 'what the version was trained on';
COMMENT ON COLUMN iforest_versions.labels IS 'the query of labels that it has learned from';
COMMENT ON COLUMN iforest_versions.search_path IS 'under which the queries are understood';
COMMENT ON COLUMN iforest_versions.options IS 'for iforest_train';
COMMENT ON COLUMN iforest_versions.runs_as IS 'whom the queries may run as; iforest_refit wants it to be the owner';
COMMENT ON COLUMN iforest_versions.trained_at IS 'when training began, or the model was stored';
COMMENT ON COLUMN iforest_versions.train_seconds IS 'how long training took';
COMMENT ON COLUMN iforest_versions.rows_seen IS 'rows that the model was trained on';
COMMENT ON COLUMN iforest_versions.previous IS 'the version that a rollback from this one leads to';
COMMENT ON COLUMN iforest_versions.note IS 'anything; why iforest_refit did not activate the version';

-- Rights are those of who reads it, whatever view it stands in.
CREATE VIEW iforest_models WITH (security_barrier) AS
SELECT r.name,
	   v.version,
	   r.active IS NOT NULL AND v.version OPERATOR(pg_catalog.=) r.active AS active,
	   v.rows_seen AS rows,
	   pg_catalog.octet_length(v.model) AS size,
	   v.trained_at,
	   CASE WHEN r.owner::text OPERATOR(pg_catalog.<>) '' THEN r.owner::text END AS owner,
	   r.readers::text[] AS shared_with,
	   v.note,
	   v.train_seconds,
	   v.previous,
	   r.keep,
	   r.held,
	   CASE WHEN r.refit_version OPERATOR(pg_catalog.=) v.version THEN r.refit END AS last_refit,
	   CASE WHEN r.refit_version OPERATOR(pg_catalog.=) v.version THEN r.refit_at END AS last_refit_at,
	   CASE WHEN r.refit_version OPERATOR(pg_catalog.=) v.version AND _iforest_can_manage(r.owner)
			THEN r.refit_detail END AS last_refit_detail,
	   CASE WHEN _iforest_can_manage(r.owner) THEN v.query END AS query,
	   CASE WHEN _iforest_can_manage(r.owner) THEN v.labels END AS labels,
	   CASE WHEN _iforest_can_manage(r.owner) THEN v.search_path END AS search_path,
	   CASE WHEN _iforest_can_manage(r.owner) THEN v.options END AS options,
	   CASE WHEN _iforest_can_manage(r.owner) AND v.runs_as::text OPERATOR(pg_catalog.<>) ''
			THEN v.runs_as::text END AS runs_as
FROM iforest_registry AS r
JOIN iforest_versions AS v ON v.id OPERATOR(pg_catalog.=) r.id
WHERE _iforest_can_read(r.owner, r.readers);

GRANT SELECT ON iforest_models TO PUBLIC;

COMMENT ON VIEW iforest_models IS
	'models by name, with their versions: those that the current user owns or that are shared with him';
COMMENT ON COLUMN iforest_models.name IS 'what functions take in place of the model';
COMMENT ON COLUMN iforest_models.version IS 'counts the trainings of the name, from 1';
COMMENT ON COLUMN iforest_models.active IS 'whether the name stands for this version';
COMMENT ON COLUMN iforest_models.rows IS 'rows that the model was trained on';
COMMENT ON COLUMN iforest_models.size IS 'bytes of the model';
COMMENT ON COLUMN iforest_models.trained_at IS 'when training began, or the model was stored';
COMMENT ON COLUMN iforest_models.owner IS 'who may change the model, and whom its query runs as';
COMMENT ON COLUMN iforest_models.shared_with IS 'roles that may use the model; public is everybody';
COMMENT ON COLUMN iforest_models.note IS 'anything; why iforest_refit did not activate the version';
COMMENT ON COLUMN iforest_models.train_seconds IS 'how long training took';
COMMENT ON COLUMN iforest_models.previous IS 'the version that a rollback from this one leads to';
COMMENT ON COLUMN iforest_models.keep IS 'versions of the name to keep';
COMMENT ON COLUMN iforest_models.held IS 'whether iforest_refit leaves the active version alone';
COMMENT ON COLUMN iforest_models.last_refit IS 'what came of the last iforest_refit that trained: activated, inactive or failed';
COMMENT ON COLUMN iforest_models.last_refit_at IS 'when it was over';
COMMENT ON COLUMN iforest_models.last_refit_detail IS 'why it failed, or did not activate the version; for who manages the model';
COMMENT ON COLUMN iforest_models.query IS 'what the version was trained on; for who manages the model';
COMMENT ON COLUMN iforest_models.labels IS 'the query of labels that it has learned from; for who manages the model';
COMMENT ON COLUMN iforest_models.search_path IS 'under which the queries are understood; for who manages the model';
COMMENT ON COLUMN iforest_models.options IS 'for iforest_train; for who manages the model';
COMMENT ON COLUMN iforest_models.runs_as IS 'whom the queries may run as; for who manages the model';

CREATE FUNCTION iforest_model(name text, version int DEFAULT NULL)
RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;

COMMENT ON FUNCTION iforest_model(text, int) IS
	'the model that a name stands for, or one version of it';

CREATE FUNCTION iforest_store(
	name text,
	model bytea,
	activate bool DEFAULT true,
	keep int DEFAULT NULL,
	note text DEFAULT NULL)
RETURNS int
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE;

COMMENT ON FUNCTION iforest_store(text, bytea, bool, int, text) IS
	'stores a model as a version of a name; returns its number';

CREATE FUNCTION iforest_columns(query text)
RETURNS TABLE (
	name text,
	type text,
	usable bool,
	different bigint,
	missing float8,
	remark text,
	expression text)
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT COST 100000 ROWS 10;

COMMENT ON FUNCTION iforest_columns(text) IS
	'what the columns of a query, or of a table, are good for: which to train on, and what to make of the others';

CREATE FUNCTION iforest_fit(
	name text,
	query text,
	options jsonb DEFAULT NULL,
	progress bool DEFAULT false,
	activate bool DEFAULT true,
	keep int DEFAULT NULL,
	note text DEFAULT NULL,
	labels text DEFAULT NULL)
RETURNS int
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE;

COMMENT ON FUNCTION iforest_fit(text, text, jsonb, bool, bool, int, text, text) IS
	'trains a version of a named model on a query, and lets it learn from a query of labels; returns its number';

CREATE FUNCTION iforest_refit(
	name text,
	only_if jsonb DEFAULT NULL,
	gate jsonb DEFAULT NULL,
	progress bool DEFAULT false,
	labels text DEFAULT NULL,
	on_failure text DEFAULT 'warn',
	OUT status text,
	OUT version int,
	OUT detail text)
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE;

COMMENT ON FUNCTION iforest_refit(text, jsonb, jsonb, bool, text, text) IS
	'trains a named model anew on its own query, learns from its labels, and activates it if it passes';

CREATE FUNCTION iforest_activate(name text, version int, hold bool DEFAULT false)
RETURNS int
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE;

COMMENT ON FUNCTION iforest_activate(text, int, bool) IS
	'makes a version the one that the name stands for';

CREATE FUNCTION iforest_rollback(name text, hold bool DEFAULT false)
RETURNS int
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE;

COMMENT ON FUNCTION iforest_rollback(text, bool) IS
	'makes the version active that was so before; returns its number';

CREATE FUNCTION iforest_drop(name text, version int DEFAULT NULL)
RETURNS int
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE;

COMMENT ON FUNCTION iforest_drop(text, int) IS
	'drops a named model, or one version of it; returns how many versions';

CREATE FUNCTION iforest_share(name text, role text)
RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;

COMMENT ON FUNCTION iforest_share(text, text) IS
	'lets a role, or public, read and use a named model';

CREATE FUNCTION iforest_unshare(name text, role text)
RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;

COMMENT ON FUNCTION iforest_unshare(text, text) IS
	'takes back what iforest_share gave';

CREATE FUNCTION iforest_set_owner(name text, role text)
RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;

COMMENT ON FUNCTION iforest_set_owner(text, text) IS
	'gives a named model to a role, which its queries then run as';

-- Draw

CREATE FUNCTION iforest_plot_options(
	x text DEFAULT NULL,
	y text DEFAULT NULL,
	title text DEFAULT NULL,
	width int DEFAULT NULL,
	height int DEFAULT NULL,
	max_points int DEFAULT NULL,
	steps int DEFAULT NULL,
	color text DEFAULT NULL,
	classes text[] DEFAULT NULL,
	at jsonb DEFAULT NULL,
	map boolean DEFAULT NULL,
	tails text DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION iforest_plot_options(text, text, text, int, int, int, int, text, text[], jsonb, boolean, text) IS
	'options for pictures, by name, checked';

CREATE FUNCTION _iforest_plot_accum(state internal, model bytea, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plot_accum'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_plot_accum(internal, bytea, VARIADIC "any") IS
	'transition function of iforest_plot';

CREATE FUNCTION _iforest_plot_accum(state internal, model bytea, options jsonb, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plot_accum'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_plot_accum(internal, bytea, jsonb, VARIADIC "any") IS
	'transition function of iforest_plot';

CREATE FUNCTION _iforest_plot_accum(state internal, name text, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plot_accum_named'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_plot_accum(internal, text, VARIADIC "any") IS
	'transition function of iforest_plot';

CREATE FUNCTION _iforest_plot_accum(state internal, name text, options jsonb, VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plot_accum_named'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_plot_accum(internal, text, jsonb, VARIADIC "any") IS
	'transition function of iforest_plot';

CREATE FUNCTION _iforest_plot_classes_accum(state internal, model bytea, class "any", VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plot_classes_accum'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_plot_classes_accum(internal, bytea, "any", VARIADIC "any") IS
	'transition function of iforest_plot_classes';

CREATE FUNCTION _iforest_plot_classes_accum(
	state internal,
	model bytea,
	options jsonb,
	class "any",
	VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plot_classes_accum'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_plot_classes_accum(internal, bytea, jsonb, "any", VARIADIC "any") IS
	'transition function of iforest_plot_classes';

CREATE FUNCTION _iforest_plot_classes_accum(state internal, name text, class "any", VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plot_classes_accum_named'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_plot_classes_accum(internal, text, "any", VARIADIC "any") IS
	'transition function of iforest_plot_classes';

CREATE FUNCTION _iforest_plot_classes_accum(
	state internal,
	name text,
	options jsonb,
	class "any",
	VARIADIC columns "any")
RETURNS internal
AS 'MODULE_PATHNAME', 'iforest_plot_classes_accum_named'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _iforest_plot_classes_accum(internal, text, jsonb, "any", VARIADIC "any") IS
	'transition function of iforest_plot_classes';

CREATE FUNCTION _iforest_plot_final(state internal)
RETURNS text
AS 'MODULE_PATHNAME', 'iforest_plot_final'
LANGUAGE C VOLATILE PARALLEL SAFE COST 100000;

COMMENT ON FUNCTION _iforest_plot_final(internal) IS
	'final function of iforest_plot and iforest_plot_classes';

CREATE AGGREGATE iforest_plot(model bytea, VARIADIC columns "any") (
	SFUNC = _iforest_plot_accum,
	STYPE = internal,
	SSPACE = 300000,
	FINALFUNC = _iforest_plot_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_plot(bytea, VARIADIC "any") IS
	'a picture (SVG) of rows over the score map, as the model judges them';

CREATE AGGREGATE iforest_plot(model bytea, options jsonb, VARIADIC columns "any") (
	SFUNC = _iforest_plot_accum,
	STYPE = internal,
	SSPACE = 300000,
	FINALFUNC = _iforest_plot_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_plot(bytea, jsonb, VARIADIC "any") IS
	'a picture (SVG) of rows over the score map, as the model judges them, with options';

CREATE AGGREGATE iforest_plot(name text, VARIADIC columns "any") (
	SFUNC = _iforest_plot_accum,
	STYPE = internal,
	SSPACE = 300000,
	FINALFUNC = _iforest_plot_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_plot(text, VARIADIC "any") IS
	'a picture (SVG) of rows over the score map, as the model judges them';

CREATE AGGREGATE iforest_plot(name text, options jsonb, VARIADIC columns "any") (
	SFUNC = _iforest_plot_accum,
	STYPE = internal,
	SSPACE = 300000,
	FINALFUNC = _iforest_plot_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_plot(text, jsonb, VARIADIC "any") IS
	'a picture (SVG) of rows over the score map, as the model judges them, with options';

CREATE AGGREGATE iforest_plot_classes(model bytea, class "any", VARIADIC columns "any") (
	SFUNC = _iforest_plot_classes_accum,
	STYPE = internal,
	SSPACE = 300000,
	FINALFUNC = _iforest_plot_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_plot_classes(bytea, "any", VARIADIC "any") IS
	'a picture (SVG) of rows over the score map, in classes';

CREATE AGGREGATE iforest_plot_classes(model bytea, options jsonb, class "any", VARIADIC columns "any") (
	SFUNC = _iforest_plot_classes_accum,
	STYPE = internal,
	SSPACE = 300000,
	FINALFUNC = _iforest_plot_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_plot_classes(bytea, jsonb, "any", VARIADIC "any") IS
	'a picture (SVG) of rows over the score map, in classes, with options';

CREATE AGGREGATE iforest_plot_classes(name text, class "any", VARIADIC columns "any") (
	SFUNC = _iforest_plot_classes_accum,
	STYPE = internal,
	SSPACE = 300000,
	FINALFUNC = _iforest_plot_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_plot_classes(text, "any", VARIADIC "any") IS
	'a picture (SVG) of rows over the score map, in classes';

CREATE AGGREGATE iforest_plot_classes(name text, options jsonb, class "any", VARIADIC columns "any") (
	SFUNC = _iforest_plot_classes_accum,
	STYPE = internal,
	SSPACE = 300000,
	FINALFUNC = _iforest_plot_final,
	FINALFUNC_MODIFY = READ_ONLY,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE iforest_plot_classes(text, jsonb, "any", VARIADIC "any") IS
	'a picture (SVG) of rows over the score map, in classes, with options';

CREATE FUNCTION iforest_plot_scores(model bytea, options jsonb DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION iforest_plot_scores(bytea, jsonb) IS
	'a picture (SVG) of the training rows'' scores and the threshold';

CREATE FUNCTION iforest_plot_scores(name text, options jsonb DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'iforest_plot_scores_named'
LANGUAGE C STABLE PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION iforest_plot_scores(text, jsonb) IS
	'a picture (SVG) of the training rows'' scores and the threshold';

CREATE FUNCTION iforest_plot_explanation(model bytea, VARIADIC columns "any")
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20000;

COMMENT ON FUNCTION iforest_plot_explanation(bytea, VARIADIC "any") IS
	'a picture (SVG) of what each feature adds to a row''s score';

CREATE FUNCTION iforest_plot_explanation(model bytea, options jsonb, VARIADIC columns "any")
RETURNS text
AS 'MODULE_PATHNAME', 'iforest_plot_explanation_options'
LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20000;

COMMENT ON FUNCTION iforest_plot_explanation(bytea, jsonb, VARIADIC "any") IS
	'a picture (SVG) of what each feature adds to a row''s score, with options';

CREATE FUNCTION iforest_plot_explanation(name text, VARIADIC columns "any")
RETURNS text
AS 'MODULE_PATHNAME', 'iforest_plot_explanation_named'
LANGUAGE C STABLE PARALLEL SAFE COST 20000;

COMMENT ON FUNCTION iforest_plot_explanation(text, VARIADIC "any") IS
	'a picture (SVG) of what each feature adds to a row''s score';

CREATE FUNCTION iforest_plot_explanation(name text, options jsonb, VARIADIC columns "any")
RETURNS text
AS 'MODULE_PATHNAME', 'iforest_plot_explanation_options_named'
LANGUAGE C STABLE PARALLEL SAFE COST 20000;

COMMENT ON FUNCTION iforest_plot_explanation(text, jsonb, VARIADIC "any") IS
	'a picture (SVG) of what each feature adds to a row''s score, with options';

-- Generate

-- One form for all, so that no argument can be taken for another's: a seed is
-- given by its name, or behind a base.

CREATE FUNCTION iforest_sample(
	model bytea,
	n bigint,
	base anyelement DEFAULT NULL::float8[],
	seed bigint DEFAULT NULL,
	method text DEFAULT NULL)
RETURNS SETOF anyelement
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE COST 50000 ROWS 1000;

COMMENT ON FUNCTION iforest_sample(bytea, bigint, anyelement, bigint, text) IS
	'new rows that look like the training rows, of the type of a row, whose values are given; arrays without one';

CREATE FUNCTION iforest_augment(
	model bytea,
	n bigint,
	base anyelement,
	noise float8 DEFAULT 0.1,
	method text DEFAULT 'forest',
	seed bigint DEFAULT NULL,
	OUT score float8,
	OUT novel anyelement)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL SAFE COST 50000 ROWS 10;

COMMENT ON FUNCTION iforest_augment(bytea, bigint, anyelement, float8, text, bigint) IS
	'new rows around a given one, each with its score';

CREATE FUNCTION iforest_impute(model bytea, base anyelement, method text DEFAULT 'forest')
RETURNS anyelement
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 3000;

COMMENT ON FUNCTION iforest_impute(bytea, anyelement, text) IS
	'the row with its missing features filled by what the model expects';

CREATE FUNCTION iforest_grid(
	model bytea,
	x text,
	y text,
	steps int DEFAULT 50,
	base record DEFAULT NULL,
	x_min float8 DEFAULT NULL,
	x_max float8 DEFAULT NULL,
	y_min float8 DEFAULT NULL,
	y_max float8 DEFAULT NULL,
	OUT x float8,
	OUT y float8,
	OUT score float8,
	OUT x_text text,
	OUT y_text text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 100000 ROWS 2500;

COMMENT ON FUNCTION iforest_grid(bytea, text, text, int, record, float8, float8, float8, float8) IS
	'the score map over two features, as rows';
