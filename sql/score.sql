-- Scoring wherever SQL calls a function: the same scores, and the model is
-- decoded once in a session, not once a row or a statement.
\set VERBOSITY default
\set SHOW_CONTEXT never

-- Serial plans, since workers have caches of their own.
DO $$
BEGIN
	EXECUTE format('ALTER DATABASE %I SET max_parallel_workers_per_gather = 0', current_database());
END $$;
\c -

CREATE TABLE score_t AS
SELECT i AS id, i % 10 + (i * 7919 % 1000) / 1000.0 AS a, 'c' || i % 3 AS b, NULL::float8 AS expected
FROM generate_series(1, 300) i;
INSERT INTO score_t VALUES (301, 1000, 'c0'), (302, 5, 'new');
CREATE TABLE score_models (name text, model bytea);
ALTER TABLE score_models ALTER model SET STORAGE EXTERNAL;
INSERT INTO score_models SELECT 'm', iforest_train(iforest_options(seed => 1), a, b ORDER BY id) FROM score_t;
SELECT length(model) > 10000 AS out_of_line FROM score_models;

-- A scalar subquery brings in the model; the most unusual rows:
UPDATE score_t SET expected = iforest_score((SELECT model FROM score_models WHERE name = 'm'), a, b);
SELECT id, a, b, round(expected::numeric, 1) AS score FROM score_t ORDER BY expected DESC LIMIT 2;
SELECT min(expected) > 0 AND max(expected) < 1 AS in_range FROM score_t;

-- Each test below has a session of its own, so that the counter starts at 0.
\c -
SELECT count(*) AS rows, count(*) FILTER (WHERE expected = iforest_score(model, a, b)) AS right
FROM score_t, score_models;
SELECT models, loads FROM iforest_cache_stats();

-- WHERE, ORDER BY, an aggregate, a CASE.
\c -
SELECT count(*) = (SELECT count(*) FROM score_t WHERE expected > 0.5) AS right
FROM score_t WHERE iforest_score((SELECT model FROM score_models), a, b) > 0.5;
SELECT array_agg(id) AS ids
FROM (SELECT id FROM score_t ORDER BY iforest_score((SELECT model FROM score_models), a, b) DESC, id LIMIT 2) s;
SELECT max(iforest_score(model, a, b)) = max(expected) AS right
FROM score_t, score_models;
SELECT count(*) FILTER (WHERE CASE WHEN id > 300 THEN iforest_score(model, a, b) END = expected) AS right
FROM score_t, score_models;
SELECT models, loads FROM iforest_cache_stats();

-- A view.
\c -
CREATE VIEW score_view AS
SELECT *, iforest_score((SELECT model FROM score_models WHERE name = 'm'), a, b) AS score FROM score_t;
SELECT count(*) AS rows, count(*) FILTER (WHERE expected = score) AS right FROM score_view;
SELECT id FROM score_view WHERE score > 0.65 ORDER BY id;
SELECT models, loads FROM iforest_cache_stats();

-- A function in plain SQL, which melts into the query.
\c -
CREATE FUNCTION score_inlined(model bytea, a numeric, b text) RETURNS float8
LANGUAGE sql IMMUTABLE AS 'SELECT iforest_score(model, a, b)';
SELECT count(*) FILTER (WHERE expected = score_inlined(model, a, b)) AS right FROM score_t, score_models;
SELECT models, loads FROM iforest_cache_stats();

-- A function that does not melt: it starts anew at every row, and finds the
-- model in the session's cache.
\c -
CREATE FUNCTION score_by_name(wanted text, a numeric, b text) RETURNS float8 LANGUAGE sql STABLE AS
	'SELECT iforest_score((SELECT model FROM score_models WHERE name = wanted), a, b)';
SELECT count(*) FILTER (WHERE expected = score_by_name('m', a, b)) AS right FROM score_t;
SELECT models, loads, hits >= 301 AS hits FROM iforest_cache_stats();

-- PL/pgSQL: an expression, a variable, and a query of its own at each call.
\c -
CREATE FUNCTION score_expression(model bytea, a numeric, b text) RETURNS float8
LANGUAGE plpgsql AS 'BEGIN RETURN iforest_score(model, a, b); END';
CREATE FUNCTION score_variable() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	m bytea := (SELECT model FROM score_models);
	r score_t;
	n bigint := 0;
BEGIN
	FOR r IN SELECT * FROM score_t LOOP
		IF iforest_score(m, r.a, r.b) = r.expected AND iforest_score(m, r) = r.expected THEN
			n := n + 1;
		END IF;
	END LOOP;
	RETURN n;
END $$;
CREATE FUNCTION score_query(a numeric, b text) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	RETURN iforest_score((SELECT model FROM score_models), a, b);
END $$;
SELECT count(*) FILTER (WHERE expected = score_expression(model, a, b)) AS right FROM score_t, score_models;
SELECT score_variable() AS right;
SELECT count(*) FILTER (WHERE expected = score_query(a, b)) AS right FROM score_t;
SELECT models, loads FROM iforest_cache_stats();

-- A DO block that commits: there a variable is fetched, but not decompressed,
-- and the model is known by its digest.
\c -
DO $$
DECLARE
	m bytea := (SELECT model FROM score_models);
	r record;
	n int := 0;
BEGIN
	FOR r IN SELECT * FROM score_t LOOP
		n := n + (iforest_score(m, r.a, r.b) = r.expected)::int;
		IF r.id % 100 = 0 THEN
			COMMIT;
		END IF;
	END LOOP;
	RAISE NOTICE '% right', n;
END $$;
SELECT models, loads FROM iforest_cache_stats();
\c -
CREATE TABLE score_compressed AS SELECT * FROM score_models WITH NO DATA;
ALTER TABLE score_compressed ALTER model SET STORAGE EXTENDED;
INSERT INTO score_compressed SELECT name, model || '' FROM score_models;
SELECT pg_column_size(model) < length(model) AS compressed FROM score_compressed;
DO $$
DECLARE
	m bytea;
	r record;
	n int := 0;
BEGIN
	SELECT model INTO m FROM score_compressed;
	FOR r IN SELECT * FROM score_t LOOP
		COMMIT;
		n := n + (iforest_score(m, r.a, r.b) = r.expected)::int;
	END LOOP;
	RAISE NOTICE '% right', n;
END $$;
SELECT models, loads FROM iforest_cache_stats();

-- Errors caught in a block leave the call usable.
\c -
DO $$
DECLARE
	good bytea := (SELECT model FROM score_models);
	scored int := 0;
	refused int := 0;
BEGIN
	FOR i IN 1 .. 10 LOOP
		BEGIN
			scored := scored + (iforest_score(CASE WHEN i % 3 = 0 THEN good ELSE set_byte(good, 24, (get_byte(good, 24) + i) % 256) END,
											  1.5, 'c1') > 0)::int;
		EXCEPTION WHEN data_corrupted THEN
			refused := refused + 1;
		END;
	END LOOP;
	RAISE NOTICE '% scored, % refused', scored, refused;
END $$;
SELECT models, loads FROM iforest_cache_stats();

-- A trigger: statements of one row, and of many.
\c -
CREATE TABLE score_triggered (id int, a numeric, b text, expected float8, score float8, by_row float8);
CREATE FUNCTION score_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.score := iforest_score((SELECT model FROM score_models), NEW.a, NEW.b);
	NEW.by_row := iforest_score((SELECT model FROM score_models), NEW);
	RETURN NEW;
END $$;
CREATE TRIGGER score BEFORE INSERT OR UPDATE ON score_triggered
FOR EACH ROW EXECUTE FUNCTION score_trigger();
INSERT INTO score_triggered SELECT * FROM score_t WHERE id = 1;
INSERT INTO score_triggered SELECT * FROM score_t WHERE id = 2;
INSERT INTO score_triggered SELECT * FROM score_t WHERE id = 3;
INSERT INTO score_triggered SELECT * FROM score_t WHERE id > 3;
SELECT count(*) FILTER (WHERE score = expected) AS right, count(*) FILTER (WHERE by_row = expected) AS right_by_row
FROM score_triggered;
SELECT models, loads FROM iforest_cache_stats();

-- A STORED generated column, its model in the table's definition ..
\c -
SELECT model FROM score_models \gset
CREATE TABLE score_generated (id int, a numeric, b text, expected float8,
                              score float8 GENERATED ALWAYS AS (iforest_score(:'model'::bytea, a, b)) STORED);
INSERT INTO score_generated SELECT * FROM score_t WHERE id = 1;
INSERT INTO score_generated SELECT * FROM score_t WHERE id = 2;
INSERT INTO score_generated SELECT * FROM score_t WHERE id > 2;
SELECT count(*) FILTER (WHERE score = expected) AS right FROM score_generated;
SELECT models, loads FROM iforest_cache_stats();
-- .. or behind a function that pretends to be immutable.
\c -
CREATE FUNCTION score_pretended(a numeric, b text) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN (SELECT iforest_score(model, a, b) FROM score_models WHERE name = 'm');
CREATE TABLE score_pretending (id int, a numeric, b text, expected float8,
                               score float8 GENERATED ALWAYS AS (score_pretended(a, b)) STORED);
INSERT INTO score_pretending SELECT * FROM score_t WHERE id = 1;
INSERT INTO score_pretending SELECT * FROM score_t WHERE id > 1;
SELECT count(*) FILTER (WHERE score = expected) AS right FROM score_pretending;
SELECT models, loads FROM iforest_cache_stats();

-- An expression index finds the most unusual rows without scoring any.  It has
-- no room for a model of its own, so the function is needed here.
\c -
CREATE INDEX score_index ON score_t (score_pretended(a, b));
SELECT models, loads FROM iforest_cache_stats();
INSERT INTO score_t SELECT id + 1000, a, b, expected FROM score_t WHERE id = 301;
CREATE FUNCTION score_plan_has(query text, part text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF strpos(line, part) > 0 THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;
SET enable_seqscan = off;
SET enable_sort = off;
SELECT score_plan_has('SELECT id FROM score_t ORDER BY score_pretended(a, b) DESC LIMIT 3', 'score_index') AS index_is_used;
SELECT array_agg(id ORDER BY id) AS ids
FROM (SELECT id FROM score_t ORDER BY score_pretended(a, b) DESC LIMIT 3) s;
SELECT models, loads FROM iforest_cache_stats();
DROP INDEX score_index;
DELETE FROM score_t WHERE id > 1000;

-- A prepared statement, with custom plans first and then a generic one.
\c -
PREPARE score_one(numeric, text) AS
SELECT round(iforest_score(model, $1, $2)::numeric, 1) AS score FROM score_models;
EXECUTE score_one(5, 'c1');
EXECUTE score_one(5, 'c1');
EXECUTE score_one(5, 'c1');
EXECUTE score_one(5, 'c1');
EXECUTE score_one(5, 'c1');
EXECUTE score_one(5, 'c1');
EXECUTE score_one(1000, 'c1');
EXECUTE score_one(NULL, NULL);
SELECT generic_plans > 0 AS generic FROM pg_prepared_statements WHERE name = 'score_one';
SELECT models, loads FROM iforest_cache_stats();
-- .. the model as a parameter.
PREPARE score_with(bytea, numeric, text) AS SELECT iforest_score($1, $2, $3) > 0.6 AS outlier;
EXECUTE score_with(:'model', 5, 'c1');
EXECUTE score_with(:'model', 1000, 'c1');
EXECUTE score_with(NULL, 5, 'c1');
SELECT models, loads FROM iforest_cache_stats();

-- A model trained in the query, used once for each row.
\c -
WITH m AS MATERIALIZED (SELECT iforest_train(iforest_options(seed => 1), a, b ORDER BY id) AS model
                        FROM score_t WHERE id <= 302)
SELECT count(*) FILTER (WHERE expected = iforest_score(model, a, b)) AS right FROM score_t, m;
SELECT models, loads FROM iforest_cache_stats();

-- Many models in turn: one for each group, joined to its rows in random order.
\c -
CREATE TABLE score_groups AS
SELECT id % 20 AS g, iforest_train(iforest_options(seed => 1), a, b ORDER BY id) AS model
FROM score_t GROUP BY id % 20;
SELECT count(*) AS rows, count(DISTINCT md5(model)) AS models,
       count(DISTINCT iforest_score(model, a, b)) > 150 AS scores
FROM (SELECT * FROM score_t, score_groups WHERE g = id % 20 ORDER BY md5(id::text) OFFSET 0) s;
SELECT models, loads FROM iforest_cache_stats();
-- .. every model for every row.
SELECT count(*) AS scores, count(*) FILTER (WHERE g.g = id % 20 AND s.score = t.score) AS right
FROM (SELECT id, iforest_score(model, a, b) AS score FROM score_t, score_groups WHERE g = id % 20) t
     JOIN score_t USING (id), score_groups g, LATERAL iforest_score(model, a, b) AS s(score);
SELECT models, loads FROM iforest_cache_stats();
-- .. more of them than one call remembers.
\c -
CREATE TABLE score_many AS
SELECT g, iforest_train(iforest_options(seed => g, n_trees => 1, sample_size => 2), i) AS model
FROM generate_series(1, 5000) g, generate_series(1, 2) i GROUP BY g;
SELECT count(*) AS scores, count(iforest_score(model, x)) AS not_null
FROM score_many, generate_series(1, 2) x;
SELECT models, loads FROM iforest_cache_stats();

-- A model replaced under the same name is used from the next statement on.
\c -
SELECT round(score_by_name('m', 1000, 'c1')::numeric, 1) AS before;
BEGIN;
UPDATE score_models SET model = (SELECT iforest_train(iforest_options(seed => 1), a + 995, b ORDER BY id) FROM score_t);
SELECT round(score_by_name('m', 1000, 'c1')::numeric, 1) AS inside;
ROLLBACK;
SELECT round(score_by_name('m', 1000, 'c1')::numeric, 1) AS rolled_back;
UPDATE score_models SET name = 'renamed';
SELECT round(score_by_name('renamed', 1000, 'c1')::numeric, 1) AS renamed;
SELECT models, loads FROM iforest_cache_stats();

DROP VIEW score_view;
DROP TABLE score_pretending;
DROP FUNCTION score_pretended;
DROP TABLE score_t, score_models, score_compressed, score_triggered, score_generated, score_groups, score_many;
DROP FUNCTION score_inlined, score_by_name, score_expression, score_variable, score_query, score_trigger,
              score_plan_has;
DO $$
BEGIN
	EXECUTE format('ALTER DATABASE %I RESET max_parallel_workers_per_gather', current_database());
END $$;
