-- Large and odd: each works, or tells its limit. Prints what it did, and the
-- session's peak memory (VmHWM, in kB) up to then.
\set ON_ERROR_STOP 0
\pset format unaligned
\pset tuples_only on
\set QUIET on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
CREATE FUNCTION pg_temp.peak() RETURNS bigint LANGUAGE sql AS
$$SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s*(\d+)'))[1]::bigint$$;
\if :{?rows}
\else
\set rows 10000000
\endif

SELECT 'before: peak ' || pg_temp.peak();
SELECT :'rows' || ' rows of a function: ' || (iforest_info(iforest_train(iforest_options(seed => 1), sin(i), cos(i), i % 10))->>'rows_seen') || ' seen, peak ' || pg_temp.peak()
FROM generate_series(1, :rows::bigint) i;

-- As many columns as a table can have.
SELECT 'CREATE TEMP TABLE wide (' || string_agg('x' || i || ' float4', ', ') || ')' FROM generate_series(1, 1600) i \gexec
SELECT 'INSERT INTO wide SELECT ' || string_agg('sin(r * ' || i || ')', ', ') || ' FROM generate_series(1, 2000) r' FROM generate_series(1, 1600) i \gexec
CREATE TEMP TABLE wide_model AS SELECT iforest_train(iforest_options(seed => 1), wide) AS model FROM wide;
SELECT '1600 columns: ' || length(model) || ' bytes, ' || count(DISTINCT iforest_score(model, wide)) || ' scores, peak ' || pg_temp.peak() FROM wide, wide_model GROUP BY model;

CREATE TEMP TABLE t AS SELECT i AS id, sin(i) AS a, cos(i * 7) AS b FROM generate_series(1, 1000000) i;
CREATE TEMP TABLE many AS SELECT iforest_train(iforest_options(n_trees => 10000, seed => 1), a, b) AS model FROM t WHERE id <= 20000;
-- The calibration takes rows x trees.
SET iforest.model_cache_size = 0;
SELECT '10000 trees on 20000 rows: ' || length(model) || ' bytes, score ' || round(iforest_score(model, 0.5::float8, 0.5::float8)::numeric, 4) || ', peak ' || pg_temp.peak() FROM many;
CREATE TEMP TABLE deep AS SELECT iforest_train(iforest_options(n_trees => 10, sample_size => 1000000, seed => 1), a, b) AS model FROM t;
SELECT 'sample_size 1000000, 10 trees: ' || length(model) || ' bytes, score ' || round(iforest_score(model, 0.5::float8, 0.5::float8)::numeric, 4) || ', peak ' || pg_temp.peak() FROM deep;
SELECT 'decoded: ' || bytes || ' bytes' FROM iforest_cache_stats();
\echo sample_size 1000000, 100 trees:
SELECT length(iforest_train(iforest_options(n_trees => 100, sample_size => 1000000, max_depth => 0, seed => 1), a, b)) FROM t;
\echo a sample beyond 1 GB:
SELECT length(iforest_train(iforest_options(n_trees => 1000, sample_size => 1000000, seed => 1), a, b, a, b, a, b, a, b)) FROM t, generate_series(1, 30);
\echo merged beyond 1 GB:
SELECT length(iforest_merge(model)) FROM (SELECT iforest_train(iforest_options(n_trees => 10, sample_size => 1000000, max_depth => 0, seed => 1), a, b) AS model FROM t) m, generate_series(1, 8);
\echo 100001 trees merged:
SELECT length(iforest_merge(model)) FROM many, generate_series(1, 11);
SELECT 'at the end: peak ' || pg_temp.peak();
