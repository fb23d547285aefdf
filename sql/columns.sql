-- Rows as tables have them: columns that no forest can use, and columns to do
-- without.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TYPE columns_pair AS (a int, b int);
CREATE DOMAIN columns_price AS money;
CREATE TABLE columns_orders AS
SELECT i AS id,
       (i % 13)::text::money AS price,
       i % 7 AS items,
       'customer ' || i % 9 AS "Customer",
       ARRAY['a', 'b'] AS tags,
       '{"a": 1}'::jsonb AS attrs,
       '10.0.0.1'::inet + i AS ip,
       '08:00:2b:01:02:03'::macaddr AS mac,
       point(i, 2) AS loc,
       int4range(i, i + 3) AS "Stay",
       '\x01'::bytea AS raw,
       'nothing of note ' || i AS note
FROM generate_series(1, 200) AS i;

-- All columns that cannot be used are told at once, with what to make of each.
SELECT iforest_train(o) FROM columns_orders AS o;
\echo :SQLSTATE
-- The SELECT list of the hint works ..
SELECT iforest_info(iforest_train(s)) #>> '{features,1,name}' AS second
FROM (SELECT id, price::numeric AS price, items, "Customer", cardinality(tags) AS tags_length, CASE WHEN family(ip) = 4 THEN ip - '0.0.0.0' END AS ip, trunc(mac)::text AS mac, loc[0] AS loc_x, loc[1] AS loc_y, upper("Stay") - lower("Stay") AS "Stay_length", octet_length(raw) AS raw_length, note FROM columns_orders) AS s;
-- .. and so does its option, here with two columns more.
SELECT iforest_fit('columns', 'SELECT * FROM columns_orders', iforest_options(seed => 1, exclude => '{price,tags,attrs,ip,mac,loc,Stay,raw,id,note}'));
SELECT position, name, type FROM iforest_features(iforest_model('columns'));
-- One alone is told in the same way; a domain is what it is based on.
SELECT iforest_train(s) FROM (SELECT items, attrs FROM columns_orders) AS s;
SELECT iforest_train(s) FROM (SELECT attrs AS a, attrs AS b FROM columns_orders) AS s;
SELECT iforest_train(s) FROM (SELECT price::columns_price, items FROM columns_orders) AS s;
-- Every other type: what the hint says can be selected, and be trained on.
CREATE TABLE columns_types AS
SELECT 1 AS a, '12:00+02'::timetz AS timetz, B'101' AS bit, B'1'::varbit AS varbit, '10.0.0.0/8'::cidr AS cidr,
       '08:00:2b:01:02:03:04:05'::macaddr8 AS macaddr8, '0/16'::pg_lsn AS lsn, 'pg_class'::regclass AS class, '{}'::json AS plain,
       'x'::tsvector AS tsvector, 'x'::tsquery AS tsquery, '(1,1),(2,3)'::box AS box, '[(1,1),(2,3)]'::lseg AS lseg,
       '((1,1),(2,3))'::path AS path, '((1,1),(2,3))'::polygon AS polygon, '<(1,1),2>'::circle AS circle, '{1,2,5}'::line AS line,
       numrange(1, 2) AS numrange, daterange('2026-01-01', '2026-01-31') AS daterange, tstzrange('2026-01-01', '2026-01-31') AS tstzrange,
       nummultirange(numrange(1, 2)) AS multirange, ARRAY[1, 2] AS numbers, ROW(1, 2)::columns_pair AS pair, '1'::oid AS oid;
SELECT iforest_train(t) FROM columns_types AS t;
SELECT iforest_train(s) IS NOT NULL AS trained
FROM (SELECT a, timetz::time AS timetz, "bit"::text AS "bit", length(varbit) AS varbit_length, CASE WHEN family(cidr) = 4 THEN cidr - '0.0.0.0' END AS cidr, trunc(macaddr8)::text AS macaddr8, lsn - '0/0' AS lsn, class::text AS class, length(tsvector) AS tsvector_length, numnode(tsquery) AS tsquery_length, width(box) AS box_width, height(box) AS box_height, length(lseg) AS lseg_length, length(path) AS path_length, npoints(polygon) AS polygon_points, area(circle) AS circle_area, upper(numrange) - lower(numrange) AS numrange_length, upper(daterange) - lower(daterange) AS daterange_length, upper(tstzrange) - lower(tstzrange) AS tstzrange_length, upper(multirange) - lower(multirange) AS multirange_length, cardinality(numbers) AS numbers_length FROM columns_types) AS s;

-- exclude: the model does not have those features, so that rows with and
-- without them score alike, and it is the model of the other columns, byte for byte.
SELECT iforest_train(iforest_options(seed => 1, exclude => '{id,note,items}'), s ORDER BY id) =
       iforest_train(iforest_options(seed => 1), o ORDER BY id) AS same_model
FROM (SELECT id, ip - '10.0.0.0' AS ip, note, "Customer", items FROM columns_orders) AS s,
     LATERAL (SELECT s.ip, s."Customer") AS o;
SELECT count(*) FILTER (WHERE iforest_score('columns', o) = iforest_score('columns', s)) AS alike
FROM columns_orders AS o, LATERAL (SELECT o."Customer", o.items) AS s;
-- Every aggregate that takes options does so; groups have options of their own.
SELECT jsonb_path_query_array(iforest_info(iforest_train(sketch)), '$.features[*].name') AS features
FROM (SELECT iforest_sketch(iforest_options(exclude => '{id,note}'), s) AS sketch FROM (SELECT id, items, note FROM columns_orders) AS s) AS k;
SELECT name, jsonb_path_query_array(iforest_info(iforest_train(iforest_options(exclude => ARRAY[name]), s)), '$.features[*].name') AS features
FROM (SELECT id, items, note FROM columns_orders WHERE id < 50) AS s, unnest('{id,note}'::text[]) AS name GROUP BY name ORDER BY name;
-- Names count before the columns are left out or after.
SELECT jsonb_path_query_array(iforest_info(iforest_train(iforest_options(exclude => '{id}', feature_names => '{x,y}'), s)), '$.features[*].name') AS features
FROM (SELECT items, id, id % 5 AS five FROM columns_orders) AS s;
-- A column whose type changes matters only if it is not left out.
SELECT iforest_train(iforest_options(exclude => '{b}'), CASE WHEN id > 1 THEN s ELSE t END) IS NOT NULL AS trained
FROM columns_orders, LATERAL (SELECT id AS a, items AS b) AS s, LATERAL (SELECT id AS a, note AS b) AS t;
SELECT iforest_train(iforest_options(exclude => '{a}'), CASE WHEN id > 1 THEN s ELSE t END)
FROM columns_orders, LATERAL (SELECT id AS a, items AS b) AS s, LATERAL (SELECT id AS a, note AS b) AS t;
SELECT iforest_train(iforest_options(exclude => '{a}'), CASE WHEN id > 1 THEN s ELSE t END)
FROM columns_orders, LATERAL (SELECT id AS a, items AS b) AS s, LATERAL (SELECT id AS a, items AS b, note AS c) AS t;
-- A name that no column has is an error, and so is to leave out all.
SELECT iforest_train(iforest_options(exclude => '{id,nte}'), s) FROM (SELECT id, note FROM columns_orders) AS s;
\echo :SQLSTATE
SELECT iforest_train(iforest_options(exclude => '{id,note}'), s) FROM (SELECT id, note FROM columns_orders) AS s;
SELECT iforest_train(iforest_options(exclude => '{f1}'), ROW(id, items)) FROM columns_orders;
-- There must be a row to leave columns out of.
SELECT iforest_train(iforest_options(exclude => '{id}'), id, items) FROM columns_orders;
\echo :SQLSTATE
SELECT iforest_train(iforest_options(exclude => '{id}'), ARRAY[id, items]) FROM columns_orders;
SELECT iforest_train_array(iforest_options(exclude => '{id}'), ARRAY[id, items]) FROM columns_orders;
SELECT iforest_train(iforest_options(exclude => '{id}'), attrs) FROM columns_orders;
SELECT iforest_train(iforest_options(exclude => '{id}'), sketch) FROM (SELECT iforest_sketch(items) AS sketch FROM columns_orders) AS s;
-- A refit leaves out what the fit did, and fails if that is not there any more.
SELECT status FROM iforest_refit('columns');
ALTER TABLE columns_orders DROP COLUMN note;
SELECT status FROM iforest_refit('columns');
SELECT iforest_drop('columns');
DROP TABLE columns_orders, columns_types;
DROP DOMAIN columns_price;
DROP TYPE columns_pair;
