-- The session's cache of decoded models: its size, what it drops, and models
-- in every way of storage.
\set VERBOSITY default
\set SHOW_CONTEXT never

-- Serial plans, since workers have caches of their own.
DO $$
BEGIN
	EXECUTE format('ALTER DATABASE %I SET max_parallel_workers_per_gather = 0', current_database());
END $$;

CREATE TABLE cache_t AS SELECT i AS id, (i * 37 % 101) AS a, (i * 11 % 97)::float8 AS b
FROM generate_series(1, 100) i;
CREATE TABLE cache_models AS
SELECT g, iforest_train(iforest_options(seed => g, n_trees => 20), a, b ORDER BY id) AS model
FROM cache_t, generate_series(1, 8) g GROUP BY g;
CREATE TABLE cache_expected AS
SELECT g, id, iforest_score(model, a, b) AS score FROM cache_models, cache_t;
CREATE VIEW cache_check AS
SELECT count(*) AS scores, count(*) FILTER (WHERE e.score = iforest_score(model, a, b)) AS right
FROM cache_t t, cache_models m, cache_expected e WHERE t.id = e.id AND m.g = e.g;

-- Each model is decoded once; later statements find it.
\c -
SELECT * FROM iforest_cache_stats();
SELECT * FROM cache_check;
SELECT * FROM cache_check;
SELECT models, loads, evictions, bytes BETWEEN 100000 AND 10000000 AS plausible_size
FROM iforest_cache_stats();
-- Other functions that read a model leave the cache alone.
SELECT count(iforest_info(model)), bool_and(iforest_is_valid(model)) AS valid FROM cache_models;
SELECT length(iforest_merge(model)) > 0 AS merged FROM cache_models;
SELECT models, loads FROM iforest_cache_stats();

-- Rows by id, models in turn, in a cache too small for all of them: each use
-- is another load, and the scores are the same.
\c -
SET iforest.model_cache_size = '300kB';
SET enable_hashjoin = off;
SELECT count(*) AS scores, count(*) FILTER (WHERE score = iforest_score(model, a, b)) AS right
FROM (SELECT model, a, b, score FROM cache_t JOIN cache_expected USING (id) JOIN cache_models USING (g)
      ORDER BY id, g OFFSET 0) s;
SELECT models < 8 AS fewer_models, bytes <= 300 * 1024 AS within_size, loads = 800 AS each_use_loads,
       loads - evictions = models AS consistent
FROM iforest_cache_stats();
-- Ordered by model, one at a time is needed: eight loads.
SELECT loads FROM iforest_cache_stats() \gset before_
SELECT count(*) AS scores, count(*) FILTER (WHERE score = iforest_score(model, a, b)) AS right
FROM (SELECT model, a, b, score FROM cache_t JOIN cache_expected USING (id) JOIN cache_models USING (g)
      ORDER BY g DESC, id OFFSET 0) s;
SELECT loads - :before_loads <= 8 AS at_most_8_loads FROM iforest_cache_stats();

-- Size 0 keeps the model in use, whatever its size, and no other.
\c -
SET iforest.model_cache_size = 0;
SELECT * FROM cache_check;
SELECT models, loads - evictions AS held FROM iforest_cache_stats();
-- .. also when it had more before: the next load drops them.
RESET iforest.model_cache_size;
SELECT * FROM cache_check;
SELECT models FROM iforest_cache_stats();
SET iforest.model_cache_size = 0;
SELECT iforest_score(iforest_train(a), 1) > 0 AS another FROM cache_t;
SELECT models FROM iforest_cache_stats();

-- The models used last stay.
\c -
SELECT iforest_score(model, 1, 2::float8) > 0 AS scored FROM cache_models WHERE g = 1;
SELECT bytes / 1024 AS kb FROM iforest_cache_stats() \gset one_
SELECT set_config('iforest.model_cache_size', (:one_kb * 3.5)::int || 'kB', false) IS NOT NULL AS room_for_three;
CREATE FUNCTION cache_use(wanted int) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT iforest_score(model, 1, 2::float8) > 0 FROM cache_models WHERE g = wanted);
END $$;
SELECT g, cache_use(g) FROM (VALUES (1), (2), (3), (1), (4)) v(g);
SELECT models, loads, evictions FROM iforest_cache_stats();
SELECT g, cache_use(g) FROM (VALUES (1), (3), (4)) v(g);
SELECT models, loads, evictions FROM iforest_cache_stats();

-- The form that scores many rows fast is made when some have come, and counts;
-- rows before and behind have the same scores.
\c -
SELECT iforest_score(model, 1, 2::float8) > 0 AS scored FROM cache_models WHERE g = 1;
SELECT bytes AS at_first FROM iforest_cache_stats() \gset
SELECT count(score) AS rows, count(DISTINCT (id, score)) AS scores
FROM (SELECT id, iforest_score(model, a, b) AS score
      FROM generate_series(1, 20), cache_t, cache_models WHERE g = 1) s;
SELECT models, loads, bytes > 1.2 * :at_first AS grown FROM iforest_cache_stats();

-- The setting has a range, and no neighbours: a misspelt one is refused.
RESET iforest.model_cache_size;
SHOW iforest.model_cache_size;
\set VERBOSITY sqlstate
SET iforest.model_cache_size = '-1';
\set VERBOSITY default
SET iforest.model_cache_sice = '1MB';

-- Every way of storage: out of line or not, compressed or not.
\c -
SET default_toast_compression = 'pglz';
CREATE TABLE cache_external (model bytea);
CREATE TABLE cache_extended (model bytea);
CREATE TABLE cache_main (model bytea);
CREATE TABLE cache_plain (model bytea);
ALTER TABLE cache_external ALTER model SET STORAGE EXTERNAL;
ALTER TABLE cache_main ALTER model SET STORAGE MAIN;
ALTER TABLE cache_plain ALTER model SET STORAGE PLAIN;
-- A large model, one that compresses to a part of a page, and a small one.
CREATE FUNCTION cache_train(rows int, trees int) RETURNS bytea LANGUAGE sql AS $$
	SELECT iforest_train(iforest_options(seed => 1, n_trees => trees), a, b ORDER BY id)
	FROM cache_t WHERE id <= rows
$$;
SELECT length(cache_train(100, 50)) > 20000 AS large, length(cache_train(4, 60)) BETWEEN 2500 AND 7000 AS medium,
       length(cache_train(20, 1)) < 2000 AS small;
INSERT INTO cache_external VALUES (cache_train(100, 50));
INSERT INTO cache_extended VALUES (cache_train(100, 50));
INSERT INTO cache_main VALUES (cache_train(4, 60));
INSERT INTO cache_plain VALUES (cache_train(20, 1));
CREATE VIEW cache_storage AS
SELECT 'external' AS storage, m.tableoid, model, iforest_score(model, a, b) AS score, id FROM cache_external m, cache_t
UNION ALL SELECT 'extended', m.tableoid, model, iforest_score(model, a, b), id FROM cache_extended m, cache_t
UNION ALL SELECT 'main', m.tableoid, model, iforest_score(model, a, b), id FROM cache_main m, cache_t
UNION ALL SELECT 'plain', m.tableoid, model, iforest_score(model, a, b), id FROM cache_plain m, cache_t;
SELECT storage, pg_relation_size(reltoastrelid) > 0 AS out_of_line,
       pg_column_compression(model) IS NOT NULL AS compressed
FROM cache_storage s JOIN pg_class c ON c.oid = s.tableoid WHERE id = 1 ORDER BY storage;
SELECT storage, count(DISTINCT score) > 1 AS different_scores FROM cache_storage GROUP BY storage ORDER BY storage;
SELECT models, loads FROM iforest_cache_stats();
-- The same scores as from memory.
SELECT storage, count(*) FILTER (WHERE score = iforest_score(again, a, b)) AS right
FROM cache_storage JOIN cache_t USING (id),
     (SELECT cache_train(100, 50) AS large, cache_train(4, 60) AS medium, cache_train(20, 1) AS small OFFSET 0) s,
     LATERAL (SELECT CASE storage WHEN 'main' THEN medium WHEN 'plain' THEN small ELSE large END AS again OFFSET 0) t
GROUP BY storage ORDER BY storage;
SELECT models, loads FROM iforest_cache_stats();

DROP VIEW cache_check, cache_storage;
DROP TABLE cache_t, cache_models, cache_expected, cache_external, cache_extended, cache_main, cache_plain;
DROP FUNCTION cache_train, cache_use;
DO $$
BEGIN
	EXECUTE format('ALTER DATABASE %I RESET max_parallel_workers_per_gather', current_database());
END $$;
