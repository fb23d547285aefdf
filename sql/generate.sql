-- New rows: iforest_sample, iforest_augment, iforest_impute; iforest_grid.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = ISO;
SET timezone = 'UTC';
SET intervalstyle = postgres;

CREATE TYPE generate_size AS ENUM ('small', 'medium', 'large');
CREATE DOMAIN generate_hour AS int CHECK (VALUE BETWEEN 0 AND 23);
-- a column of each kind; "n" goes with "k"
CREATE TABLE generate_t (
	id int, dropped text, k text, n int2, amount numeric(8,2), hour generate_hour, day date,
	at timestamptz, wait interval, flag bool, size generate_size, real float4);
ALTER TABLE generate_t DROP COLUMN dropped;
INSERT INTO generate_t
SELECT i, (ARRAY['a', 'b', 'c'])[1 + i % 3], 10 * (i % 3) + i % 7, 5 + i % 400 / 100.0, 8 + i % 9,
	   date '2024-01-01' + i % 50, timestamptz '2024-01-01 12:00+00' + i % 60 * interval '1 minute',
	   i % 7 * interval '1 hour', CASE WHEN i % 4 > 0 THEN i % 5 = 0 END,
	   (ARRAY['small', 'small', 'medium', 'large'])[1 + i % 4]::generate_size, i % 10 / 10.0
FROM generate_series(1, 1200) i;
CREATE TABLE generate_m AS
SELECT iforest_train(iforest_options(seed => 1), s) AS model
FROM (SELECT k, n, amount, hour, day, at, wait, flag, size, real FROM generate_t ORDER BY id) s;
CREATE TABLE generate_xy AS
SELECT iforest_train(iforest_options(seed => 1), s) AS model
FROM (SELECT i % 100 / 100.0::float8 AS x, (i % 100 + i % 7) / 100.0::float8 AS y
	  FROM generate_series(1, 1000) i) s;

-- Sample: rows of the table's type, of its types' values, inside what was seen
CREATE TABLE generate_s AS
SELECT s.* FROM generate_m, iforest_sample(model, 600, NULL::generate_t, 1) s;
SELECT count(*), count(id) AS ids, count(DISTINCT s) > 550 AS differ FROM generate_s s;
SELECT bool_and(n BETWEEN 0 AND 26) AS n, bool_and(amount BETWEEN 5 AND 8.99) AS amount,
	   bool_and(hour BETWEEN 8 AND 16) AS hour,
	   bool_and(day BETWEEN '2024-01-01' AND '2024-02-19') AS day,
	   bool_and(at BETWEEN '2024-01-01 12:00+00' AND '2024-01-01 12:59+00' AND extract(second FROM at) = 0) AS at,
	   bool_and(extract(epoch FROM wait) IN (0, 3600, 7200, 10800, 14400, 18000, 21600)) AS wait,
	   bool_and(real::numeric = round(real::numeric, 1)) AS real
FROM generate_s;
-- shares: of NULLs (1 / 4), true (1 / 5 of values), categories
SELECT abs(avg((flag IS NULL)::int) - 0.25) < 0.06 AS nulls, abs(avg(flag::int) - 0.2) < 0.06 AS flags,
	   abs(avg((size = 'small')::int) - 0.5) < 0.06 AS small, abs(avg((k = 'a')::int) - 0.3333) < 0.06 AS a,
	   count(k) + count(n) + count(real) AS values
FROM generate_s;
-- columns still go together (apart from each other, a third would)
SELECT avg((n / 10 = ascii(k) - 97)::int) > 0.45 AS together FROM generate_s;
SELECT avg(abs(a[1] - a[2])) < 0.1 AS together, min(array_length(a, 1)), max(array_length(a, 1))
FROM generate_xy, iforest_sample(model, 300, seed => 1) a;

-- what is given stays, and the rest goes with it
SELECT DISTINCT s.id, s.k, s.size
FROM generate_m, iforest_sample(model, 200, ROW(7, 'b', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'large', NULL)::generate_t, 1) s;
SELECT avg((s.n / 10 = 1)::int) > 0.4 AS together
FROM generate_m, iforest_sample(model, 200, ROW(7, 'b', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'large', NULL)::generate_t, 1) s;
SELECT DISTINCT a[2] FROM generate_xy, iforest_sample(model, 50, '{NULL,0.5}'::float8[], 1) a;
-- a NULL record takes its columns from the query
SELECT s.* FROM generate_xy, iforest_sample(model, 1, NULL::record, 1) AS s(y numeric(4,1), other text, x float8);

-- one seed, one result; none, another each time
SELECT array_agg(a) = (SELECT array_agg(a) FROM generate_xy, iforest_sample(model, 20, seed => 5) a) AS same
FROM generate_xy, iforest_sample(model, 20, NULL::float8[], 5) a;
SELECT array_agg(a) = (SELECT array_agg(a) FROM generate_xy, iforest_sample(model, 20) a) AS same
FROM generate_xy, iforest_sample(model, 20) a;
-- rows come as they are made
SELECT count(*) FROM (SELECT iforest_sample(model, 100000000, seed => 1) FROM generate_xy LIMIT 3) s;
SET statement_timeout = '200ms';
SELECT count(*) FROM generate_xy, iforest_sample(model, 100000000, seed => 1);
RESET statement_timeout;

-- Augment: around a row, and on its side of the threshold
CREATE TABLE generate_o AS
SELECT * FROM generate_t UNION ALL
SELECT 5000, 'c', 0, 8.99, 8, '2024-02-19', '2024-01-01 12:59+00', '6 hours', NULL, 'large', 0;
SELECT count(*), count(DISTINCT novel) > 150 AS differ, bool_and(iforest_is_outlier(model, novel)) AS outliers,
	   bool_and(score = iforest_score(model, novel)) AS scored,
	   bool_and((novel).id = 5000) AS id, bool_and((novel).flag IS NULL) AS flag,
	   bool_and((novel).amount BETWEEN 5 AND 8.99) AS amount
FROM generate_m, generate_o o, iforest_augment(model, 200, o, seed => 1)
WHERE id = 5000;
SELECT count(*), bool_or(iforest_is_outlier(model, novel)) AS outliers
FROM generate_m, generate_o o, iforest_augment(model, 50, o, noise => 1, seed => 1)
WHERE id IN (SELECT id FROM generate_t ORDER BY iforest_score((SELECT model FROM generate_m), generate_t) LIMIT 1);
SELECT count(*), bool_and(score = iforest_score(model, novel)) AS scored,
	   bool_and((novel).id = 5000) AS id, bool_and((novel).flag IS NULL) AS flag,
	   count(DISTINCT (novel).k) > 1 AS k, count(DISTINCT (novel).amount) > 20 AS amount
FROM generate_m, generate_o o, iforest_augment(model, 200, o, 0.2, 'noise', 1)
WHERE id = 5000;
SELECT array_agg(novel) = (SELECT array_agg(novel) FROM generate_xy, iforest_augment(model, 20, '{0.1,0.9}'::float8[], seed => 3)) AS same
FROM generate_xy, iforest_augment(model, 20, '{0.1,0.9}'::float8[], seed => 3);
-- outside of what was seen, infinite, unknown: near the row all the same
SELECT bool_and(novel[1] BETWEEN -7 AND 1 AND novel[2] = 'Infinity') AS near
FROM generate_xy, iforest_augment(model, 50, '{-7,Infinity}'::float8[], seed => 1);
SELECT DISTINCT (novel).k FROM generate_m, generate_o o, iforest_augment(model, 20, jsonb_populate_record(o, '{"k": "new"}'), seed => 1)
WHERE id = 5000 ORDER BY k;

-- Impute: what is missing, and nothing else
SELECT i.* FROM generate_m,
	iforest_impute(model, ROW(1, 'b', NULL, 6, 9, '2024-01-05', '2024-01-01 12:05+00', '1 hour', false, 'small', 0.5)::generate_t) i;
SELECT i.n FROM generate_m,
	iforest_impute(model, ROW(1, NULL, 20, 6, 9, '2024-01-05', '2024-01-01 12:05+00', '1 hour', false, 'small', 0.5)::generate_t) i;
SELECT i.id, num_nulls(i.k, i.n, i.amount, i.hour, i.day, i.at, i.wait, i.flag, i.size, i.real)
FROM generate_m, iforest_impute(model, ROW(1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::generate_t) i;
SELECT iforest_impute(model, '{0.25,0.75}'::float8[]),
	   abs((iforest_impute(model, '{0.25,NULL}'::float8[]))[2] - 0.28) < 0.05 AS near,
	   iforest_impute(model, '{0.25,NULL}'::float8[]) = iforest_impute(model, '{0.25,NULL}'::float8[]) AS same
FROM generate_xy;
SELECT iforest_impute(model, NULL::float8[]), iforest_impute(NULL, '{1}'::float8[]) FROM generate_xy;
SELECT pg_typeof(iforest_impute(model, s)), (iforest_impute(model, s)::text) ~ '^\(0.5,0.5' AS filled
FROM generate_xy, (SELECT 0.5::float8 AS x, NULL::numeric(6,3) AS y) s;

-- Grid
SELECT x, y, round(score::numeric, 3) AS score, x_text, y_text
FROM generate_xy, iforest_grid(model, 'x', 'y', 2) ORDER BY y, x;
SELECT count(*), min(x_text), max(x_text), min(y_text), max(y_text) FROM generate_m, iforest_grid(model, 'hour', 'size', 100);
SELECT count(*), min(x_text), max(x_text), min(y_text), max(y_text) FROM generate_m, iforest_grid(model, 'at', 'flag');
SELECT bool_and(g.score = iforest_score(model, jsonb_populate_record(t, jsonb_build_object('n', g.x, 'amount', g.y)))) AS as_scored
FROM generate_m, generate_t t, iforest_grid(model, 'n', 'amount', 4, t, 0, 30, 5, 8) g
WHERE id = 17;

-- Edge cases: NULLs, no rows, one row, constants, all NULL
SELECT count(*) FROM generate_xy, iforest_sample(model, 0, seed => 1);
SELECT count(*) FROM generate_xy, iforest_sample(model, NULL::int, seed => 1);
SELECT count(*) FROM iforest_sample(NULL, 5, seed => 1);
SELECT count(*) FROM generate_xy, iforest_augment(model, 0, '{1,1}'::float8[]);
SELECT count(*) FROM generate_xy, iforest_augment(model, 3, NULL::float8[]);
SELECT count(*) FROM generate_xy, iforest_augment(model, 3, '{NULL,NULL}'::float8[]);
SELECT count(*) FROM generate_xy, iforest_augment(NULL, 3, '{1,1}'::float8[]);
SELECT count(*) FROM generate_xy, iforest_grid(NULL, 'x', 'y');
CREATE TABLE generate_edges (kind text, model bytea);
INSERT INTO generate_edges
SELECT 'one row', iforest_train(iforest_options(seed => 1), v) FROM (VALUES (1.5::float8, 'a')) v(x, y);
INSERT INTO generate_edges
SELECT 'constant', iforest_train(iforest_options(seed => 1), v)
FROM (SELECT 2.5::float8 AS x, 'c' AS y FROM generate_series(1, 50)) v;
INSERT INTO generate_edges
SELECT 'all NULL', iforest_train(iforest_options(seed => 1), v)
FROM (SELECT i::float8 AS x, NULL::text AS y FROM generate_series(1, 50) i) v;
INSERT INTO generate_edges
SELECT 'infinite', iforest_train(iforest_options(seed => 1), v)
FROM (SELECT CASE i % 3 WHEN 0 THEN i::float8 WHEN 1 THEN '-Infinity' ELSE 'Infinity' END AS x, 'd' AS y
	  FROM generate_series(1, 50) i) v;
CREATE TYPE generate_edge AS (x float8, y text);
SELECT kind, count(*), min(s.x), max(s.x), min(s.y), max(s.y)
FROM generate_edges, iforest_sample(model, 20, NULL::generate_edge, 1) s GROUP BY kind ORDER BY kind;
SELECT kind, count(*), count(DISTINCT novel)
FROM generate_edges, iforest_augment(model, 5, ROW(3, 'z')::generate_edge, seed => 1) s GROUP BY kind ORDER BY kind;
SELECT kind, iforest_impute(model, ROW(NULL, NULL)::generate_edge) FROM generate_edges ORDER BY kind;
SELECT kind, count(*) FROM generate_edges, iforest_grid(model, 'x', 'y', 3) GROUP BY kind ORDER BY kind;

-- A number of rows and a seed are integers of any size, literals, or a driver's parameters without a type
CREATE TEMP TABLE generate_once AS SELECT iforest_sample(model, 1, seed => 42) AS made FROM generate_xy;
CREATE TEMP TABLE generate_same (made float8[]);
PREPARE untyped AS INSERT INTO generate_same SELECT iforest_sample(model, $1, seed => $2, method => $3) FROM generate_xy;
PREPARE untyped_base AS INSERT INTO generate_same SELECT iforest_sample(model, $1, NULL::float8[], $2) FROM generate_xy;
EXECUTE untyped(1, 42, 'forest');
EXECUTE untyped('1', '42', NULL);
EXECUTE untyped_base(1, 42);
INSERT INTO generate_same SELECT v.* FROM generate_xy, LATERAL (VALUES
	((SELECT iforest_sample(model, '1', seed => '42'))), ((SELECT iforest_sample(model, 1::bigint, seed => '42'))),
	((SELECT iforest_sample(model, 1::bigint, seed => 42))), ((SELECT iforest_sample(model, 1::smallint, seed => 42::bigint))),
	((SELECT iforest_sample(model, (SELECT count(*) FROM generate_xy), seed => 42::smallint))),
	((SELECT iforest_sample(model, 1, NULL::float8[], '42'))), ((SELECT iforest_sample(model, 1::bigint, NULL::float8[], 42, NULL)))) v;
SELECT bool_and(s.made = o.made) AS same, count(*) FROM generate_same s, generate_once o;
SELECT (SELECT iforest_sample(model, 1, seed => -42)) = (SELECT iforest_sample(model, 1::bigint, seed => -42::bigint)) AS same,
	   (SELECT count(*) FROM iforest_sample(model, 2::bigint)) AS rows, (SELECT count(*) FROM iforest_sample(model, 2, seed => NULL)) AS no_seed
FROM generate_xy;
SELECT count(*) AS forms FROM pg_proc WHERE proname = 'iforest_sample';

-- What is wrong is said
SELECT iforest_sample(model, -1, seed => 1) FROM generate_xy;
\echo :SQLSTATE
SELECT iforest_sample(model, 1, seed => 1) FROM generate_m;
SELECT iforest_sample(model, 1, 'text'::text) FROM generate_xy;
SELECT iforest_sample(model, 1, 42) FROM generate_xy;
SELECT iforest_sample(model, 1, NULL::generate_edge) FROM generate_xy;
SELECT iforest_sample(model, 1, NULL::record) FROM generate_xy;
SELECT iforest_sample('\x00'::bytea, 1, seed => 1);
SELECT iforest_augment(model, -1, '{1,1}'::float8[]) FROM generate_xy;
SELECT iforest_augment(model, 1, '{1,1}'::float8[], 0) FROM generate_xy;
SELECT iforest_augment(model, 1, '{1,1}'::float8[], NULL) FROM generate_xy;
SELECT iforest_augment(model, 1, '{1,1}'::float8[], 'NaN') FROM generate_xy;
SELECT iforest_augment(model, 1, '{1,1}'::float8[], 2, 'noise') FROM generate_xy;
SELECT iforest_augment(model, 1, '{1,1}'::float8[], 2, 'vae') FROM generate_xy;
SELECT iforest_augment(model, 1, '{1,1}'::float8[], method => 'smote') FROM generate_xy;
SELECT iforest_augment(model, 1, '{1}'::float8[]) FROM generate_xy;
SELECT iforest_impute(model, 1) FROM generate_xy;
SELECT iforest_grid(model, 'x', 'z') FROM generate_xy;
\echo :SQLSTATE
SELECT iforest_grid(model, 'x', 'x') FROM generate_xy;
SELECT iforest_grid(model, 'x', 'y', 0) FROM generate_xy;
SELECT iforest_grid(model, 'x', 'y', 5, x_min => 3) FROM generate_xy;
SELECT iforest_grid(model, 'x', 'y', 5, x_min => 'NaN') FROM generate_xy;

-- A model made elsewhere has no profile
CREATE TABLE generate_foreign AS
SELECT iforest_from_json(iforest_to_json(model) - 'profile' - 'calibration') AS model FROM generate_xy;
SELECT iforest_sample(model, 1, seed => 1) FROM generate_foreign;
\echo :SQLSTATE
SELECT iforest_augment(model, 1, '{1,1}'::float8[]) FROM generate_foreign;
SELECT iforest_impute(model, '{1,NULL}'::float8[]) FROM generate_foreign;
SELECT count(*) FROM generate_foreign, iforest_grid(model, 'x', 'y', 5);

-- A domain's constraint that drives the model out of the cache
CREATE FUNCTION generate_check(float8) RETURNS bool LANGUAGE plpgsql AS
	'BEGIN RETURN iforest_score((SELECT model FROM generate_edges WHERE kind = ''constant''), $1, ''c'') > 0; END';
CREATE DOMAIN generate_checked AS float8 CHECK (generate_check(VALUE));
CREATE TYPE generate_pair AS (x generate_checked, y generate_checked);
SET iforest.model_cache_size = 0;
SELECT count(s) FROM generate_xy, iforest_sample(model, 5, NULL::generate_pair, 1) s;
SELECT count(novel) FROM generate_xy, iforest_augment(model, 5, ROW(0.99, 0.01)::generate_pair, 1, seed => 1) s;
SELECT (iforest_impute(model, ROW(0.5, NULL)::generate_pair)).x FROM generate_xy;
RESET iforest.model_cache_size;
