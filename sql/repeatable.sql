-- One seed, one result: what is drawn from a model depends on its bytes, the
-- seed and the number of the row alone. Here it is drawn again and again, to
-- the byte: later in a session, in other orders, after other models, without
-- a cache, in a worker and in other sessions.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET max_parallel_workers_per_gather = 0;

CREATE TYPE repeat_size AS ENUM ('small', 'medium', 'large');
CREATE TABLE repeat_t AS
SELECT i AS id, (i * 104729 % 977)::float8 / 7 AS x,
	   CASE WHEN i % 29 = 0 THEN 'infinity' WHEN i % 31 > 0 THEN (i * 37 % 50)::float4 END AS y, i % 7 AS n,
	   'k' || i * 7919 % 11 AS k, CASE WHEN i % 6 > 0 THEN 's' || i * i % 5 END AS s,
	   CASE WHEN i % 4 > 0 THEN i % 5 = 0 END AS flag, (enum_range(NULL::repeat_size))[1 + i % 3] AS size,
	   CASE WHEN i % 37 = 0 THEN '-infinity' ELSE date '2024-01-01' + i * 13 % 60 END AS day,
	   timestamptz '2024-01-01 12:00+00' + i * 41 % 90 * interval '1 minute' AS at
FROM generate_series(1, 400) i;
CREATE TABLE repeat_m AS
SELECT 'mixed' AS name, iforest_train(iforest_options(seed => 1, n_trees => 40), r) AS model
FROM (SELECT x, y, n, k, s, flag, size, day, at FROM repeat_t ORDER BY id) r
UNION ALL
SELECT 'categories', iforest_train(iforest_options(seed => 2, n_trees => 30), r)
FROM (SELECT k, s, flag, size FROM repeat_t ORDER BY id) r
UNION ALL
SELECT 'numbers', iforest_train(iforest_options(seed => 3, n_trees => 30), r)
FROM (SELECT x, y, n, day, at FROM repeat_t ORDER BY id) r;

-- All that draws, from one model; bases in the order of "by".
CREATE FUNCTION repeat_draw(model bytea, direction int) RETURNS TABLE (what text, id int, number bigint, drawn text)
LANGUAGE sql AS $$
	WITH base AS MATERIALIZED (SELECT t FROM repeat_t t WHERE t.id <= 15 ORDER BY direction * t.id)
	SELECT 'new rows', NULL::int, number, made::text
	FROM iforest_sample(model, 50, NULL::repeat_t, 5) WITH ORDINALITY made(id, x, y, n, k, s, flag, size, day, at, number)
	UNION ALL
	SELECT 'rows given a part', (t).id, number, made::text
	FROM base, LATERAL iforest_sample(model, 2, ROW((t).id, NULL, NULL, (t).n, (t).k, NULL, NULL, NULL, NULL, NULL)::repeat_t, 6)
		 WITH ORDINALITY made(id, x, y, n, k, s, flag, size, day, at, number)
	UNION ALL
	SELECT 'rows near, by ' || method, (t).id, number, novel::text || score
	FROM base, (VALUES ('forest'), ('noise')) v(method),
		 LATERAL iforest_augment(model, 2, t, 0.4, method, (t).id) WITH ORDINALITY a(score, novel, number)
	UNION ALL
	SELECT 'imputed', (t).id, holes,
		   iforest_impute(model, ROW((t).id, CASE WHEN holes = 1 THEN (t).x END, NULL, (t).n, (t).k, NULL, NULL,
									 CASE WHEN holes = 1 THEN (t).size END, NULL, (t).at)::repeat_t)::text
	FROM base, generate_series(1, 2) holes
	UNION ALL
	SELECT 'grid', NULL, number, g::text
	FROM iforest_features(model) a, iforest_features(model) b,
		 LATERAL iforest_grid(model, a.name, b.name, 5) WITH ORDINALITY g(x, y, score, x_text, y_text, number)
	WHERE a.position = 1 AND b.position = 2
	UNION ALL
	SELECT 'picture', NULL, 1, iforest_plot(model, iforest_plot_options(max_points => 30), t ORDER BY direction * t.id) FROM repeat_t t
	WHERE direction > 0
	UNION ALL
	SELECT 'picture of classes', NULL, 1, iforest_plot_classes(model, iforest_plot_options(max_points => 10), 'c' || t.id % 3, t ORDER BY t.id)
	FROM repeat_t t
	UNION ALL
	SELECT 'picture of scores', NULL, 1, iforest_plot_scores(model)
$$;
-- What is drawn for the first time, and how much of it any later time lacks.
CREATE TABLE repeat_first AS
SELECT name, r.* FROM repeat_m, repeat_draw(model, 1) r ORDER BY name;
CREATE VIEW repeat_lacking AS
SELECT name, r.* FROM repeat_m, repeat_draw(model, 1) r EXCEPT TABLE repeat_first;
SELECT what, count(*), count(DISTINCT (name, drawn)) > 1 AS differ FROM repeat_first GROUP BY what ORDER BY what;

SELECT count(*) AS second_time FROM repeat_lacking;
SELECT count(*) AS third_time FROM repeat_lacking;
-- bases, and models, in another order
SELECT count(*) AS other_order
FROM (SELECT name, r.* FROM (SELECT * FROM repeat_m ORDER BY name DESC) m, repeat_draw(model, -1) r
	  WHERE what !~ 'picture' EXCEPT TABLE repeat_first) r;
-- fewer rows, and with others drawn in between
SELECT count(*) AS fewer_rows
FROM (SELECT name, 'new rows', NULL::int, number, made::text
	  FROM repeat_m, generate_series(1, 50, 7) n,
		   iforest_sample(model, n, NULL::repeat_t, 5) WITH ORDINALITY made(id, x, y, n, k, s, flag, size, day, at, number),
		   LATERAL (SELECT count(*) FROM iforest_sample(model, 3, NULL::repeat_t, number)) other
	  EXCEPT TABLE repeat_first) r;
-- without room for a model, each is made anew
SET iforest.model_cache_size = 0;
SELECT count(*) AS without_cache FROM repeat_lacking;
SET iforest.model_cache_size = '1MB';
SELECT count(*) AS small_cache FROM repeat_lacking;
RESET iforest.model_cache_size;
SELECT count(*) AS after_that FROM repeat_lacking;
-- in a worker, which begins anew
SELECT count(set_config(name, 'on', false)) AS settings FROM pg_settings
WHERE name IN ('debug_parallel_query', 'force_parallel_mode');
SET max_parallel_workers_per_gather = 1;
CREATE FUNCTION repeat_gathers(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line LIKE '%Gather%' THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;
SELECT repeat_gathers('SELECT s FROM repeat_m, iforest_sample(model, 50, NULL::repeat_t, 5) s') AS new_rows,
	   repeat_gathers('SELECT a FROM repeat_m, repeat_t t, iforest_augment(model, 2, t) a') AS rows_near;
CREATE TABLE repeat_worker AS
SELECT 'mixed' AS name, number, made::text AS drawn
FROM (SELECT model FROM repeat_m WHERE name = 'mixed') m,
	 iforest_sample(model, 50, NULL::repeat_t, 5) WITH ORDINALITY made(id, x, y, n, k, s, flag, size, day, at, number);
CREATE TABLE repeat_worker_near AS
SELECT 'mixed' AS name, id, number, novel::text || score AS drawn
FROM (SELECT model FROM repeat_m WHERE name = 'mixed') m, repeat_t t,
	 iforest_augment(model, 2, t, 0.4, 'forest', id) WITH ORDINALITY a(score, novel, number) WHERE id <= 15;
SELECT count(*) AS in_a_worker
FROM (SELECT name, 'new rows', NULL::int, number, drawn FROM repeat_worker
	  UNION SELECT name, 'rows near, by forest', id, number, drawn FROM repeat_worker_near
	  EXCEPT TABLE repeat_first) r;
-- in other sessions: first of all, and after other models
\c -
SELECT count(*) AS other_session FROM repeat_lacking;
\c -
SELECT count(*) FROM repeat_m, iforest_sample(model, 17, NULL::repeat_t, 99) WHERE name <> 'mixed';
SELECT count(*) AS after_others FROM repeat_lacking;

-- Uses of one seed have nothing in common: rows near a base by either way, and
-- new rows, are not made of the same numbers. Were they, a column that all of
-- them draw first would have the same place in its range.
CREATE TABLE repeat_line AS SELECT iforest_train(iforest_options(seed => 1), x) AS model FROM repeat_t;
WITH new AS MATERIALIZED (
	SELECT number, made[1] AS x FROM repeat_line, iforest_sample(model, 400, seed => 1) WITH ORDINALITY a(made, number)
), near AS MATERIALIZED (
	SELECT number, novel[1] AS x FROM repeat_line, iforest_augment(model, 400, '{70}'::float8[], 1, 'forest', 1) WITH ORDINALITY a(score, novel, number)
), noise AS MATERIALIZED (
	SELECT number, novel[1] AS x FROM repeat_line, iforest_augment(model, 400, '{70}'::float8[], 1, 'noise', 1) WITH ORDINALITY a(score, novel, number)
)
SELECT count(*), abs(corr(new.x, near.x)) < 0.2 AS new_near, abs(corr(new.x, noise.x)) < 0.2 AS new_noise,
	   abs(corr(near.x, abs(noise.x - 70))) < 0.2 AS near_noise
FROM new JOIN near USING (number) JOIN noise USING (number);
