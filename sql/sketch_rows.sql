-- What is in a sketch: its rows, as documents or rows of a table, and facts.
SET timezone = 'UTC';
SET intervalstyle = 'postgres';
CREATE TABLE kinds (
    b bool, i int, big bigint, f float8, r real, num numeric, d date, t time,
    at timestamp, tz timestamptz, iv interval, word text, tag char(3), id uuid);
INSERT INTO kinds VALUES
    (true, 1, 9007199254740992, 0.1, 1.5, 1.25, '2026-01-31', '10:11:12.5', '2026-01-31 18:30:00.25',
     '2026-01-31 18:30:00.25+05', '1 day 02:30:00', 'a "quoted"', 'ab', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
    (false, -2, -1, 'infinity', 0, -3, 'infinity', '00:00', '-infinity', 'infinity', '-1 day', '', 'abc', NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'alone', NULL, NULL);
CREATE TABLE kept AS SELECT iforest_sketch(iforest_options(seed => 1), k) AS sketch FROM kinds k;

-- Rows come back as they were: as documents, and by name as rows of a table.
SELECT jsonb_pretty(r) FROM kept, iforest_sketch_rows(sketch) r ORDER BY r ->> 'i' DESC NULLS LAST LIMIT 1;
SELECT r - '{b,i,big,r,num,t,tag,id}'::text[] AS infinities FROM kept, iforest_sketch_rows(sketch) r WHERE r ->> 'i' = '-2';
SELECT r.* FROM kept, iforest_sketch_rows(sketch, NULL::kinds) r EXCEPT SELECT * FROM kinds;
SELECT count(*) FROM kept, iforest_sketch_rows(sketch, NULL::kinds) r;
-- Of every type of feature a document's values are those of to_jsonb().
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE typed (i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, b bool, d date, t time, at timestamp, tz timestamptz,
    iv interval, txt text, v varchar, tag char(3), nm name, c "char", id uuid, m mood);
INSERT INTO typed VALUES
    (1, -7, 9007199254740991, 0.1, 0.1, 1.25, true, '2026-01-31', '10:11:12.5', '2026-01-31 18:30:00.25',
     '2026-01-31 18:30:00.25+05', '1 day 02:30:00', 'a "quoted"', 'b', 'abc', 'n', 'x', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ok'),
    (2, 0, -1, 3.4e38, -1e-300, -1e20, false, '0044-03-15 BC', '24:00', '0044-03-15 12:00 BC',
     '12026-01-31 00:00+00', '-1 day -00:00:00.000001', '', 'cd', 'def', '', ' ', NULL, 'sad'),
    (3, NULL, NULL, '-infinity', 'infinity', '-infinity', NULL, 'infinity', NULL, '-infinity', 'infinity', NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 2147483647, 1000000000000000, -0.0, -0.0, 1e-7, true, '-infinity', '00:00', 'epoch', 'epoch', '0', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW written AS
SELECT e.key, e.value, to_jsonb(k) -> e.key AS to_jsonb
FROM (SELECT iforest_sketch(iforest_options(seed => 1), k) FROM typed k) s(sketch), iforest_sketch_rows(sketch) r, jsonb_each(r) e, typed k
WHERE k.i2 = (r ->> 'i2')::int2;
SELECT count(*) AS compared, count(DISTINCT key) AS types FROM written;
SELECT * FROM written WHERE value IS DISTINCT FROM to_jsonb ORDER BY key COLLATE "C", value;
-- Columns that the sketch does not have are as in the row given.
CREATE TYPE other AS (word text, seen int);
SELECT r.* FROM kept, iforest_sketch_rows(sketch, NULL::other) r ORDER BY word COLLATE "C";
SELECT r.* FROM kept, iforest_sketch_rows(sketch, ROW('x', 7)::other) r ORDER BY word COLLATE "C";

-- They are scored, sketched and trained on like any; the first are a sample.
CREATE TABLE points AS SELECT sin(i) AS x, cos(3 * i) AS y FROM generate_series(1, 1000) i;
CREATE TABLE sketched AS SELECT iforest_sketch(iforest_options(seed => 1, n_trees => 5), x, y) AS sketch FROM points;
CREATE TABLE model AS SELECT iforest_train(iforest_options(seed => 1), p) AS model FROM points p;
SELECT count(*) AS not_scored_alike FROM (
    SELECT iforest_score(model, r) FROM model, sketched, iforest_sketch_rows(sketch) r
    EXCEPT ALL SELECT iforest_score(model, p) FROM model, points p) s;
SELECT count(*) AS rows, count(*) FILTER (WHERE EXISTS (SELECT FROM points p WHERE p = r)) AS of_the_table
FROM (SELECT r FROM sketched, iforest_sketch_rows(sketch, NULL::points) r LIMIT 100) s;
SELECT iforest_info(iforest_learn(model, true, r)) -> 'labels' AS labels
FROM model, sketched, iforest_sketch_rows(sketch, NULL::points) r WHERE x > 0.999;
-- They are plotted and exported like any: a sketch of few rows has them all.
CREATE TABLE exported AS SELECT r.* FROM sketched, iforest_sketch_rows(sketch, NULL::points) r;
SELECT (SELECT iforest_plot(model, r ORDER BY r.x, r.y) FROM model, sketched, iforest_sketch_rows(sketch, NULL::points) r) =
       (SELECT iforest_plot(model, p ORDER BY p.x, p.y) FROM model, points p) AS same_plot,
       (SELECT iforest_plot_classes(model, r.x > 0, r ORDER BY r.x, r.y) FROM model, sketched, iforest_sketch_rows(sketch, NULL::points) r) =
       (SELECT iforest_plot_classes(model, p.x > 0, p ORDER BY p.x, p.y) FROM model, points p) AS same_classes,
       (SELECT string_agg(e::text, ' ' ORDER BY x, y) FROM exported e) = (SELECT string_agg(p::text, ' ' ORDER BY x, y) FROM points p) AS same_rows;
DROP TABLE exported;

-- Facts.
SELECT jsonb_pretty(iforest_sketch_info(sketch)) FROM sketched;
SELECT iforest_sketch_info(iforest_sketch_union(s)) - 'features' - 'size' AS united
FROM (SELECT iforest_sketch(iforest_options(n_trees => 2), x, y) FROM points GROUP BY x > 0) u(s);
SELECT f FROM kept, jsonb_array_elements(iforest_sketch_info(sketch) -> 'features') f WHERE f ->> 'name' IN ('tz', 'tag');

-- What is no sketch, and what is no row.
SELECT count(*) FROM iforest_sketch_rows(NULL);
SELECT iforest_sketch_info(NULL) IS NULL AS none;
SELECT count(*) FROM iforest_sketch_rows('sketch'::bytea);
SELECT count(*) FROM model, iforest_sketch_rows(model);
SELECT iforest_sketch_info(model) FROM model;
SELECT iforest_info(sketch) FROM sketched;
SELECT iforest_sketch_info(substr(sketch, 1, 100)) FROM sketched;
SELECT count(*) FROM sketched, iforest_sketch_rows(set_byte(sketch, length(sketch) - 1, get_byte(sketch, length(sketch) - 1) # 1));
SELECT iforest_sketch_rows(sketch, 1) FROM sketched;
CREATE TYPE narrow AS (x int);
SELECT count(*) FROM sketched, iforest_sketch_rows(sketch, NULL::narrow);

DROP VIEW written;
DROP TABLE typed;
DROP TYPE other, narrow, mood;
DROP TABLE kinds, kept, points, sketched, model;

-- A type with none of the sketch's columns would have rows of nothing but NULL.
CREATE TYPE sketch_rows_other AS (a float8, b int);
SELECT iforest_sketch_rows(sketch, NULL::sketch_rows_other) FROM (SELECT iforest_sketch(i + 0.5, i) AS sketch FROM generate_series(1, 3) AS i) AS s;
SELECT count(*) FROM (SELECT iforest_sketch(iforest_options(feature_names => '{c,b}'), i + 0.5, i) AS sketch FROM generate_series(1, 3) AS i) AS s, iforest_sketch_rows(sketch, NULL::sketch_rows_other);
DROP TYPE sketch_rows_other;
