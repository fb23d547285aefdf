-- Memory: what training and scoring hold on to is bounded.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET max_parallel_workers_per_gather = 0;

-- 20000 small groups in less memory than they would take: the states are
-- accounted for, and hash aggregation spills.
CREATE TEMP TABLE memory_t AS SELECT i % 20000 AS g, i AS x, 'c' || i % 13 AS c FROM generate_series(1, 100000) i;
ANALYZE memory_t;
SET work_mem = '2MB';
SET hash_mem_multiplier = 1;
SET enable_sort = off;
CREATE FUNCTION pg_temp.hash_aggregate(query text, OUT batches int, OUT memory_kb int) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	node json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) ' || query INTO plan;
	node := plan #> '{0,Plan}';
	WHILE node ->> 'Node Type' <> 'Aggregate' OR node ->> 'Strategy' <> 'Hashed' LOOP
		node := node #> '{Plans,0}';
	END LOOP;
	batches := node ->> 'HashAgg Batches';
	memory_kb := node ->> 'Peak Memory Usage';
END $$;
SELECT batches > 1 AS spilled, memory_kb < 1.5 * 2048 AS within_work_mem
FROM pg_temp.hash_aggregate('SELECT g, iforest_train(iforest_options(n_trees => 10, sample_size => 4), x, c) FROM memory_t GROUP BY g');
SELECT count(*) AS models, bool_and(iforest_is_valid(model)) AS valid,
       sum((iforest_info(model) -> 'rows_seen')::int) AS rows
FROM (SELECT g, iforest_train(iforest_options(n_trees => 10, sample_size => 4), x, c) AS model FROM memory_t GROUP BY g) m;
-- A sample that might become large takes no more for a small group.
SELECT memory_kb < 1.5 * 2048 AS within_work_mem
FROM pg_temp.hash_aggregate('SELECT g, iforest_train(iforest_options(n_trees => 2, sample_size => 10000000), x, c) FROM memory_t WHERE g < 2000 GROUP BY g');
RESET work_mem;
RESET hash_mem_multiplier;
RESET enable_sort;

-- Memory in use, looked at every 20000 rows of a query.  From the second look
-- on it may not grow by more than a few blocks.
CREATE FUNCTION pg_temp.memory_used() RETURNS bigint LANGUAGE sql VOLATILE AS
	'SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts';
CREATE TEMP VIEW memory_rows AS
SELECT i, CASE WHEN i % 20000 = 10000 THEN pg_temp.memory_used() END AS used FROM generate_series(1, 100000) i;
CREATE FUNCTION pg_temp.growth(used bigint[], allowed bigint DEFAULT 100000) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN max(u) - used[1] < allowed THEN 'none' ELSE pg_size_pretty(max(u) - used[1]) END FROM unnest(used) u
$$;
-- Training: rows and categories come and go in the sample.
SELECT pg_temp.growth(array_agg(used) FILTER (WHERE used > 0), 1000000) AS growth,
       length(iforest_train(iforest_options(n_trees => 10, sample_size => 500, max_categories => 32000),
                            i, 'id ' || i, lpad(i::text, 500, 'x'))) > 0 AS trained
FROM memory_rows;
SELECT pg_temp.growth(array_agg(used) FILTER (WHERE used > 0)) AS growth,
       length(iforest_train(iforest_options(n_trees => 10, sample_size => 50), ARRAY[i, i % 7])) > 0 AS trained
FROM memory_rows;
-- .. also from rows of types that change.
SELECT pg_temp.growth(array_agg(used) FILTER (WHERE used > 0)) AS growth,
       length(iforest_train(iforest_options(n_trees => 10, sample_size => 200), CASE i % 2 WHEN 0 THEN r ELSE s END)) > 0 AS trained
FROM memory_rows, LATERAL (SELECT i AS a, i % 7 AS b) r, LATERAL (SELECT i % 7 AS b, i AS a) s;
-- The sample itself: at most n_trees x sample_size rows, here of 10 columns.
SELECT max(used) - min(used) < 2 * 5000 * 10 * 8 + 100000 AS within_bound,
       length(iforest_train(iforest_options(n_trees => 50, sample_size => 100), i, i, i, i, i, i, i, i, i, i)) > 0 AS trained
FROM memory_rows;
-- Scoring: columns, texts, arrays, rows, and rows of types that change.
CREATE TEMP TABLE memory_model AS
SELECT iforest_train(iforest_options(n_trees => 5), s) AS model
FROM (SELECT i AS a, i % 7 AS b, 'c' || i % 3 AS c FROM generate_series(1, 300) i OFFSET 0) s;
SELECT pg_temp.growth(array_agg(used) FILTER (WHERE used > 0)) AS growth,
       count(iforest_score(model, i::numeric, i % 7, 'c' || i % 5)) AS scored
FROM memory_rows, memory_model;
SELECT pg_temp.growth(array_agg(used) FILTER (WHERE used > 0)) AS growth,
       count(iforest_score(array_model, ARRAY[i, i % 7])) AS scored
FROM memory_rows, (SELECT iforest_train(iforest_options(n_trees => 5), ARRAY[i, i % 7]) AS array_model
                   FROM generate_series(1, 300) i OFFSET 0) m;
SELECT pg_temp.growth(array_agg(used) FILTER (WHERE used > 0)) AS growth,
       count(iforest_score(model, CASE i % 2 WHEN 0 THEN r ELSE s END)) AS scored
FROM memory_rows, memory_model, LATERAL (SELECT i AS a, i % 7 AS b, 'c1'::text AS c) r,
     LATERAL (SELECT 'c2'::text AS c, i % 7 AS b, i AS a) s;
-- Many models through one call, in a small cache: it remembers 4096 of them.
CREATE TEMP TABLE memory_many AS
SELECT g, iforest_train(iforest_options(seed => g, n_trees => 1, sample_size => 2), x) AS model
FROM memory_t WHERE g < 5000 GROUP BY g;
CREATE UNIQUE INDEX ON memory_many (g);
SET iforest.model_cache_size = '100kB';
SELECT pg_temp.growth(array_agg(used) FILTER (WHERE used > 0), 1000000) AS growth,
       count(iforest_score((SELECT model FROM memory_many WHERE g = i % 5000), i)) AS scored
FROM memory_rows;
RESET iforest.model_cache_size;
-- Other functions that read models.
SELECT pg_temp.growth(array_agg(used) FILTER (WHERE used > 0)) AS growth,
       count(CASE i % 200 WHEN 0 THEN iforest_info(model) END) AS infos,
       count(CASE i % 20 WHEN 0 THEN iforest_is_valid(set_byte(model, 100, i % 256)) END) AS checked
FROM memory_rows, memory_model;
