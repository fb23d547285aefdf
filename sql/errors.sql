-- What can go wrong, on one page: every message with its code, in the words
-- that a person at psql reads.  The topics' own tests go through variants.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TABLE errors_t AS SELECT i AS a, i * 0.5 AS b, 'c' || i % 3 AS c FROM generate_series(1, 50) i;
CREATE TABLE errors_models AS
SELECT iforest_train(iforest_options(seed => 1), a, b, c) AS model, iforest_train(a) AS one FROM errors_t;

-- Options
SELECT iforest_options(n_trees => 0);
\echo :SQLSTATE
SELECT iforest_options(max_features => 0);
\echo :SQLSTATE
SELECT iforest_train('{"n_trees": "many"}'::jsonb, a) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train('{"n_tree": 100}'::jsonb, a) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train('[100]'::jsonb, a) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_options(feature_names => '{x,x}');
\echo :SQLSTATE
SELECT iforest_options(feature_names => '{x,NULL}');
\echo :SQLSTATE
SELECT iforest_options(feature_names => array_agg('x' || i)) FROM generate_series(1, 16001) i;
\echo :SQLSTATE
SELECT iforest_train(iforest_options(feature_names => '{x}'), a, b) FROM errors_t;
\echo :SQLSTATE

-- Columns to train on
SELECT iforest_train('{"n_trees": 100}', a) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train(a, point(a, a)) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train(a, ARRAY[b]) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train(t, a) FROM errors_t t;
\echo :SQLSTATE
SELECT iforest_train(s) FROM (SELECT a AS x, b AS x FROM errors_t) s;
\echo :SQLSTATE
SELECT iforest_train('{}'::int[]) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train('{{1,2},{3,4}}'::int[]) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train(array_fill(a, ARRAY[a])) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train(CASE WHEN a > 1 THEN ROW(a) ELSE ROW(a, a) END) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train(CASE WHEN a > 1 THEN ROW(a) ELSE ROW(c) END) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train(array_fill(a, ARRAY[16001])) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_train(i, 'customer ' || i) FROM generate_series(1, 2000) i;
\echo :SQLSTATE

-- Rows to score
SELECT iforest_score(model, a, b) FROM errors_t, errors_models;
\echo :SQLSTATE
SELECT iforest_score(one, a, b) FROM errors_t, errors_models;
\echo :SQLSTATE
SELECT iforest_score(model, a, c, b) FROM errors_t, errors_models;
\echo :SQLSTATE
SELECT iforest_score(model, t) FROM (SELECT a, b FROM errors_t) t, errors_models;
\echo :SQLSTATE
SELECT iforest_score(model, t) FROM (SELECT a, b, c, a AS c FROM errors_t) t, errors_models;
\echo :SQLSTATE
SELECT iforest_score(model, t) FROM (SELECT a, b::text, c FROM errors_t) t, errors_models;
\echo :SQLSTATE
SELECT iforest_score(model, a, '0.5', c) FROM errors_t, errors_models;
\echo :SQLSTATE
SELECT iforest_score(model, a, point(b, b), c) FROM errors_t, errors_models;
\echo :SQLSTATE
SELECT iforest_score(one, '{{1,2},{3,4}}'::int[]) FROM errors_models;
\echo :SQLSTATE
SELECT iforest_score(model) FROM errors_models;
\echo :SQLSTATE
SELECT iforest_score('fraud');
\echo :SQLSTATE
SELECT iforest_score(a, b, c) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_is_outlier(t, 'fraud') FROM errors_t AS t;
\echo :SQLSTATE
SELECT iforest_percent_rank(t) FROM errors_t AS t;
SELECT iforest_p_value(a) FROM errors_t;
SELECT iforest_reason(t, model) FROM errors_t AS t, errors_models;
SELECT e.* FROM errors_t AS t, iforest_explain(t) AS e;
SELECT iforest_score(VARIADIC ARRAY[1, 2]);

-- Models
SELECT iforest_score('any text'::bytea, a) FROM errors_t;
\echo :SQLSTATE
SELECT iforest_score(substr(one, 1, 999), 1) FROM errors_models;
\echo :SQLSTATE
SELECT iforest_info(set_byte(one, 999, 1 + get_byte(one, 999) % 255)) FROM errors_models;
\echo :SQLSTATE
SELECT iforest_info(set_byte(one, 40, 200)) FROM errors_models;
\echo :SQLSTATE
-- A broken rule behind a digest that fits is a matter of model_format.sql.

-- Models to merge
SELECT iforest_merge(m) FROM errors_models, unnest(ARRAY[one, model]) m;
\echo :SQLSTATE
SELECT iforest_merge(m) FROM errors_models, (SELECT iforest_train(b) AS other FROM errors_t) o, unnest(ARRAY[one, other]) m;
\echo :SQLSTATE
SELECT iforest_merge(m) FROM errors_models, (SELECT iforest_train(s) AS other FROM (SELECT c AS a FROM errors_t) s) o, unnest(ARRAY[one, other]) m;
\echo :SQLSTATE
SELECT iforest_merge(m) FROM (SELECT iforest_train(iforest_options(n_trees => 40000), 1)) s(m), generate_series(1, 3);
\echo :SQLSTATE

-- Settings
SET iforest.cache_size = '1MB';
\echo :SQLSTATE

-- A training that takes too long can be cancelled at any time.
SET statement_timeout = '200ms';
SELECT iforest_train(iforest_options(n_trees => 100000, sample_size => 1000), i) FROM generate_series(1, 100000) i;
\echo :SQLSTATE
RESET statement_timeout;
SELECT iforest_train(a) IS NOT NULL AS the_next_works FROM errors_t;

DROP TABLE errors_t, errors_models;
