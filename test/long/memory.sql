-- A session's memory does not grow: scoring, training and meeting new models,
-- again and again. Every step prints a name, how often, and by how much the
-- memory contexts and the process (RSS, in kB) have grown since its first tenth.
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
\set QUIET on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE TEMP TABLE t AS
SELECT i AS id, sin(i) AS a, cos(i * 3) AS b, CASE WHEN i % 9 > 0 THEN 'c' || i % 30 END AS c
FROM generate_series(1, 1000) i;
CREATE TEMP TABLE m AS SELECT iforest_train(iforest_options(seed => 1), a, b, c) AS model FROM t;

-- Needs a superuser: what the kernel says of this process.
CREATE FUNCTION pg_temp.rss() RETURNS bigint LANGUAGE sql AS
$$SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmRSS:\s*(\d+)'))[1]::bigint$$;
CREATE FUNCTION pg_temp.contexts() RETURNS bigint LANGUAGE sql AS
$$SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts$$;

CREATE PROCEDURE pg_temp.repeat(what text, statement text, times int) LANGUAGE plpgsql AS $$
DECLARE
	contexts bigint;
	rss bigint;
BEGIN
	FOR i IN 0 .. times - 1 LOOP
		IF i = times / 10 THEN
			contexts := pg_temp.contexts();
			rss := pg_temp.rss();
		END IF;
		EXECUTE statement USING i;
	END LOOP;
	RAISE WARNING 'grown % % % %', replace(what, ' ', '_'), times, pg_temp.contexts() - contexts, pg_temp.rss() - rss;
END $$;

-- 10^6 calls in 10^3 statements, and 10^5 statements of one call.
CALL pg_temp.repeat('scoring rows', 'SELECT sum(iforest_score(model, a, b, c)) FROM t, m WHERE $1 >= 0', 1000);
CALL pg_temp.repeat('scoring one row', 'SELECT iforest_score((SELECT model FROM m), sin($1), 0.5::float8, $$c$$ || $1 % 50)', 100000);
CALL pg_temp.repeat('explaining', 'SELECT count(*) FROM t, m, iforest_explain(model, a, b, c) WHERE id % 100 = $1 % 100', 2000);
CALL pg_temp.repeat('training', 'SELECT iforest_train(iforest_options(n_trees => 10, seed => $1), a, b, c) FROM t WHERE id < 100', 10000);
CALL pg_temp.repeat('training groups', 'SELECT count(m) FROM (SELECT iforest_train(iforest_options(n_trees => 2, seed => $1), a, b, c) AS m FROM t GROUP BY id % 50) g', 200);
-- Models of which no two are alike, through a cache that holds few of them.
SET iforest.model_cache_size = '4MB';
CALL pg_temp.repeat('different models', 'SELECT iforest_score((SELECT iforest_train(iforest_options(n_trees => 20, seed => $1), a, b, c) FROM t WHERE id < 200), 0.1::float8, 0.2::float8, $$c1$$)', 10000);
SELECT 'cache ' || s::text FROM iforest_cache_stats() s;
CALL pg_temp.repeat('merging', 'SELECT iforest_merge(model) FROM (SELECT model FROM m UNION ALL SELECT model FROM m) u WHERE $1 >= 0', 300);
CALL pg_temp.repeat('documents', 'SELECT iforest_from_json(iforest_to_json(model)) FROM m WHERE $1 >= 0', 100);

-- Errors in the middle of everything, caught each time. No cache: one that is
-- full holds a little more or less as models of another size come in.
SET iforest.model_cache_size = 0;
CREATE FUNCTION pg_temp.refused(i int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM CASE i % 4
		WHEN 0 THEN iforest_score(set_byte(model, 200 + i % 5000, i % 256), 0.1::float8, 0.2::float8, 'c1')
		WHEN 1 THEN iforest_score(model, 'x')
		WHEN 2 THEN length((SELECT iforest_train(iforest_options(n_trees => 3), a, CASE WHEN id < 500 THEN b ELSE 1 / (id - id) END) FROM t))
		ELSE length(iforest_from_json(jsonb_set(iforest_to_json(model), '{trees,99,left,3}', '-7'))) END FROM m;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
CALL pg_temp.repeat('errors', 'SELECT pg_temp.refused($1)', 2000);
