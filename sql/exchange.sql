-- Models to JSON and back, forests from elsewhere, and models as SQL.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TEMP TABLE exchange_t AS
SELECT i AS id, CASE WHEN i % 4 > 0 THEN (i * 7 % 40)::float8 - 5 END AS x, CASE WHEN i % 3 > 0 THEN 'c' || i % 5 END AS c,
       i % 2 = 0 AS b, date '2020-01-01' + i * 7 % 30 AS d, timestamptz '2020-01-01 12:00 UTC' - i * interval '1 hour 1.5 seconds' AS tz,
       timestamp '2020-01-01' + (i * i) * interval '1.25 seconds' AS ts, time '06:00' + i * interval '1 minute' AS tm,
       (i - 20) * interval '5 hours' AS iv, i / 8.0 AS n
FROM generate_series(1, 60) i;
CREATE TEMP TABLE exchange_models (kind text, model bytea);
INSERT INTO exchange_models SELECT 'default', iforest_train(iforest_options(seed => 1), x, c, b) FROM exchange_t;
INSERT INTO exchange_models
SELECT 'options', iforest_train(iforest_options(n_trees => 3, sample_size => 50, max_depth => 0, max_features => 0.7, bootstrap => true,
                                                contamination => 0.2, seed => -9223372036854775808, max_categories => 7), s)
FROM (SELECT x, c, b FROM exchange_t) s;
INSERT INTO exchange_models SELECT 'drawn seed', iforest_train(iforest_options(n_trees => 2, max_depth => 3), c) FROM exchange_t;
INSERT INTO exchange_models
SELECT 'types', iforest_train(iforest_options(seed => 3, n_trees => 20), s)
FROM (SELECT x, c, b, d, tz, ts, tm, iv, n FROM exchange_t) s;
INSERT INTO exchange_models
SELECT 'infinite', iforest_train(iforest_options(seed => 3, n_trees => 20), v, -v, d)
FROM (VALUES ('-Infinity'::float8, date 'infinity'), ('Infinity', '-infinity'), (-0.0, '2020-01-01'), (5e-324, NULL),
             (1.7976931348623157e308, '2020-01-01'), (0.1, '2020-01-01'), (NULL, NULL)) s(v, d);
INSERT INTO exchange_models SELECT 'one row', iforest_train(iforest_options(seed => 3, n_trees => 1), 1);
INSERT INTO exchange_models SELECT 'constant', iforest_train(iforest_options(seed => 3), 1, 'x'::text, NULL::float8) FROM exchange_t;
INSERT INTO exchange_models
SELECT 'strings', iforest_train(iforest_options(seed => 3, n_trees => 2, feature_names => ARRAY[E'a "name"\n\\ \u00e9']), s)
FROM unnest(ARRAY['', ' ', '''', '"', E'\\', E'\x01\n\t', 'null', E'\u00e9\U0001F600', '{"a": 1}', '''); DROP TABLE x; --']) s,
     generate_series(1, 3);
INSERT INTO exchange_models
SELECT 'merged', iforest_merge(model)
FROM (SELECT iforest_train(iforest_options(seed => size, n_trees => 5, sample_size => size), x, c, b) AS model
      FROM exchange_t, unnest('{1,2,30}'::int[]) size GROUP BY size) s;
INSERT INTO exchange_models
SELECT 'calibrated', iforest_calibrate(model, x, c, b)
FROM exchange_t, (SELECT model FROM exchange_models WHERE kind = 'default') m WHERE id > 30;

-- What comes back is the same, byte for byte, also by way of text.
SELECT kind, iforest_from_json(iforest_to_json(model)) = model AS same,
       iforest_from_json(iforest_to_json(model)::text::jsonb) = model AS same_by_text
FROM exchange_models ORDER BY kind COLLATE "C";
-- A document with everything in it.
CREATE TEMP TABLE exchange_complete AS SELECT iforest_options(seed => -5, bootstrap => true, max_depth => 3, sample_size => 3, max_features => 0.5,
  contamination => 0.01, max_categories => 10, guided => 0.25, columns_per_split => 3) - 'n_trees' || '{
  "format": 1, "seed_drawn": true, "merged": true, "weighted": true, "rows_seen": 9223372036854775807, "rows_kept": 4, "rows_effective": 3,
  "groups": [{"n_trees": 1, "depth_limit": 2, "rows_per_tree": 3}, {"n_trees": 1, "depth_limit": 0, "rows_per_tree": 1}],
  "features": [{"name": "n", "type": "numeric", "minimum": "-Infinity", "maximum": 4, "missing": 0},
               {"name": "c", "type": "text", "minimum": null, "maximum": null, "missing": 1, "categories": ["a", "c"]}],
  "trees": [{"left": [1, -1, 3, -1, -1], "right": [2, -1, 4, -1, -1], "feature": [1, -2, 0, -2, -2], "rows": [3, 1, 2, 1, 1],
             "sets": [{"right": [0]}, null, null, null, null], "cut": [null, null, "-0", null, null],
             "missing_left": [false, null, true, null, null]},
            {"left": [-1], "right": [-1], "feature": [-2], "rows": [1], "sets": [null], "cut": [null], "missing_left": [null]}],
  "profile": {"category_rows": [[], [1, 2]], "curves": [[["-Infinity", 0, 1], [0, 1, 37], [1e-300, 37, 38], [4, 40, 41]], null]},
  "calibration": {"rows": 3, "spread": 0.25, "points": [[0.5, 0, 1], [1.25, 1, 3]]}}'::jsonb AS document;
SELECT iforest_to_json(iforest_from_json(document)) = document AS same, round(iforest_threshold(iforest_from_json(document), 0.4)::numeric, 6) AS threshold
FROM exchange_complete;

-- Every option that is a number or true and that iforest_info tells of a
-- training is in documents as well, both ways.
WITH kept AS (
  SELECT name, value, iforest_to_json(iforest_from_json(document || jsonb_build_object(name, value))) -> name AS back
  FROM (SELECT name, CASE type::text WHEN 'boolean' THEN 'true' WHEN 'double precision' THEN '0.375' ELSE '3' END::jsonb AS value
        FROM pg_proc, unnest(proargnames, proargtypes::oid[]::regtype[]) a(name, type)
        WHERE proname = 'iforest_options' AND type IN ('bool'::regtype, 'int'::regtype, 'bigint'::regtype, 'float8'::regtype) AND name NOT IN ('n_trees', 'generator_steps')) o,
       LATERAL (SELECT iforest_info(iforest_train(jsonb_build_object(name, value), x)) -> 'options' AS told FROM exchange_t) t, exchange_complete
  WHERE told ? name)
SELECT count(*) >= 8 AS all_old_ones, count(*) FILTER (WHERE back IS DISTINCT FROM value) AS lost FROM kept;

-- A forest from elsewhere: one tree in scikit-learn's conventions, the root
-- first, other nodes in any order. Values up to the cut go left.
CREATE TEMP TABLE exchange_plain AS SELECT '{
  "features": ["width", {"name": "height", "type": "float4"}],
  "sample_size": 4,
  "trees": [{"feature":   [1,     -2,   0,    -2,   -2],
             "cut": [2.5,   -2,   10,   -2.0, null],
             "left":      [3,     -1,   4,    -1,   -1],
             "right":     [2,     -1,   1,    -1,   -1],
             "rows":      [4,     2,    3,    1,    1]}]}'::jsonb AS document;
SELECT tree, node, parent, depth, test, rows, missing_left, round(path_length::numeric, 4) AS path_length
FROM exchange_plain, iforest_nodes(iforest_from_json(document));
SELECT width, height, round(iforest_score(iforest_from_json(document), width, height)::numeric, 6) AS score
FROM exchange_plain, (VALUES (0::float8, 2.5::float4), (10, 2.6), (10.1, 3), (NULL, 3), (3, NULL)) v(width, height);
SELECT jsonb_pretty(iforest_info(iforest_from_json(document)) - 'size' - 'options') AS info FROM exchange_plain;
SELECT iforest_info(iforest_from_json(document)) -> 'options' =
       iforest_options(n_trees => 1, sample_size => 4, seed => 0) || '{"max_depth": null}' AS default_options
FROM exchange_plain;
-- Where missing values go can be told; else they go to the side with fewer rows.
SELECT iforest_score(iforest_from_json(jsonb_set(document, '{trees,0,missing_left}', '[false, null, true, null, null]')), 1, NULL)
       = iforest_score(iforest_from_json(document), 1, 3) AS right,
       iforest_score(iforest_from_json(jsonb_set(document, '{trees,0,missing_left}', '[1, 0, 0, 0, 0]')), 1, NULL)
       = iforest_score(iforest_from_json(document), 1, 2) AS left
FROM exchange_plain;
-- It has no calibration until it gets one.
SELECT iforest_is_outlier(iforest_from_json(document), 1, 2) FROM exchange_plain;
SELECT iforest_is_outlier(iforest_calibrate(iforest_from_json(document), w, w), 100, 1)
FROM exchange_plain, generate_series(1, 100) w GROUP BY document;
-- Categories and sets.
SELECT c, round(iforest_score(model, c)::numeric, 4) AS score
FROM iforest_from_json('{"features": [{"name": "c", "type": "text", "categories": ["", "a", "b"]}], "sample_size": 256,
    "trees": [{"feature": [0,-1,0,-1,-1], "cut": [null,null,null,null,null], "left": [1,-1,3,-1,-1], "right": [2,-1,4,-1,-1],
               "rows": [6,1,5,2,3], "sets": [{"left": [0, 2]}, null, {"right": [1]}, null, null]}]}') model,
     unnest('{"",a,b,unseen,NULL}'::text[]) c;

-- What is wrong is named by its place.
CREATE FUNCTION pg_temp.complaint(document jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM iforest_from_json(document);
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', SQLSTATE, SQLERRM, detail);
END $$;
CREATE FUNCTION pg_temp.complaints(document jsonb, VARIADIC changes text[]) RETURNS TABLE (change text, complaint text) LANGUAGE sql AS $$
	SELECT change, pg_temp.complaint(jsonb_set(document, split_part(change, ' ', 1)::text[], substr(change, strpos(change, ' '))::jsonb))
	FROM unnest(changes) change
$$;
SELECT iforest_from_json('{"features": ["a"], "sample_size": 256, "trees": [{"left": [-1], "right": [-1], "feature": [0], "cut": [1], "rows": [0]}]}');
SELECT document, pg_temp.complaint(document)
FROM unnest(ARRAY['null', '1', '"x"', '[]', '{}', '{"sample_size": 1}', '{"sample_size": 1, "features": ["a"]}',
                  '{"features": ["a"], "trees": []}', '{"sample_size": 1, "features": ["a"], "trees": []}',
                  '{"sample_size": 1, "features": ["a"], "trees": {}}', '{"sample_size": 1, "features": ["a"], "trees": [[]]}',
                  '{"sample_size": 1, "features": ["a"], "trees": [{}]}', '{"sample_size": 1, "features": [], "trees": [{}]}',
                  '{"sample_size": 1, "features": "a", "trees": [{}]}', '{"samplesize": 1}']::jsonb[]) document;
SELECT c.* FROM exchange_plain, pg_temp.complaints(document,
	'{sample_size} 0', '{sample_size} 256.5', '{sample_size} 1e9', '{sample_size} 256.000', '{sample_size} "256"', '{sample_size} [256]',
	'{sample_size} 1e100000', '{sample_size} -9223372036854775809', '{format} 2', '{format} null', '{max_features} 0', '{max_features} 1e-400',
	'{contamination} 0.6', '{seed} 9223372036854775808', '{rows_kept} 1', '{rows_seen} -1', '{bootstrap} "yes"', '{bootstrap} 2',
	'{max_depth} -1', '{max_categories} 32001', '{extra} 1', '{feature_names} []') c;
SELECT c.* FROM exchange_plain, pg_temp.complaints(document,
	'{features,0} 1', '{features,0} null', '{features,0} ["a"]', '{features,0} {}', '{features,0} {"name": 1}', '{features,0} {"name": "a", "typ": "text"}',
	'{features,0} {"name": "a", "type": "json"}', '{features,0} {"name": "a", "type": 6}', '{features,0} {"name": "a", "type": "text"}',
	'{features,0} {"name": "a", "type": "int4", "categories": ["x"]}', '{features,0} {"name": "a", "type": "text", "categories": ["x", "x"]}',
	'{features,0} {"name": "a", "type": "text", "categories": ["b", "a"]}', '{features,0} {"name": "a", "type": "text", "categories": [1]}',
	'{features,0} {"name": "a", "minimum": 2, "maximum": 1}', '{features,0} {"name": "a", "minimum": 2}',
	'{features,0} {"name": "a", "type": "text", "minimum": 1, "maximum": 2}',
	'{features,0} {"name": "a", "minimum": "NaN"}', '{features,0} {"name": "a", "missing": 1}', '{features,0} ""', '{features,1} "width"') c;
SELECT c.* FROM exchange_plain, pg_temp.complaints(document,
	'{trees,0} 1', '{trees,0,left} 1', '{trees,0,left} []', '{trees,0,left} [-1]', '{trees,0,extra} []', '{trees,0,left,0} "x"',
	'{trees,0,left,0} 5', '{trees,0,left,0} -2', '{trees,0,left,0} 1.5', '{trees,0,left,0} null', '{trees,0,left,0} -1',
	'{trees,0,right,0} 0', '{trees,0,right,0} 3', '{trees,0,right,2} 2', '{trees,0,right,2} 0', '{trees,0,right,0} 1', '{trees,0,right,0} -1',
	'{trees,0,right,1} 2', '{trees,0,feature,0} 2', '{trees,0,feature,0} -1', '{trees,0,feature,0} "width"', '{trees,0,feature,1} 77',
	'{trees,0,feature,1} 3000000000', '{trees,0,cut,0} null', '{trees,0,cut,0} "Infinity"', '{trees,0,cut,0} "-Infinity"',
	'{trees,0,cut,0} "NaN"', '{trees,0,cut,0} 1e400', '{trees,0,cut,0} 1e-400', '{trees,0,cut,0} true',
	'{trees,0,rows,1} 0', '{trees,0,rows,1} 100000001', '{trees,0,rows,1} 99999999', '{trees,0,rows,0} 0', '{trees,0,rows,1} {"a": 1}',
	'{trees,0,missing_left} [true]', '{trees,0,missing_left} [2, 0, 0, 0, 0]', '{trees,0,missing_left} ["left", 0, 0, 0, 0]', '{trees,0,missing_left} null',
	'{trees,0,sets} [{"left": []}, null, null, null, null]', '{trees,0,sets} [null, null, null, null]', '{trees,0,sets} [null, null, null, null, {"left": []}]',
	'{trees,0,sets} [null, null, {"up": []}, null, null]', '{trees,0,sets} [null, null, {}, null, null]',
	'{trees,0,sets} [null, null, {"left": [], "right": []}, null, null]', '{trees,0,sets} [null, null, {"left": [1, 0]}, null, null]',
	'{trees,0,sets} [null, null, {"left": [-1]}, null, null]', '{trees,0,sets} [null, null, {"left": [40000]}, null, null]') c;
SELECT c.* FROM exchange_plain, pg_temp.complaints(jsonb_set(document, '{features,0}', '{"name": "c", "type": "text", "categories": ["a", "b"]}'),
	'{sample_size} 4', '{trees,0,sets} [null, null, null, null, null]', '{trees,0,sets} [null, null, {"left": [2]}, null, null]',
	'{trees,0,sets} [null, null, {"left": [0, 1]}, null, null]', '{trees,0,sets} [null, null, {"right": []}, null, null]') c;
SELECT c.* FROM exchange_plain, pg_temp.complaints(document,
	'{groups} []', '{groups} [{}]', '{groups} [{"n_trees": 1}]', '{groups} [{"n_trees": 2, "rows_per_tree": 1}]', '{groups} [1]',
	'{groups} [{"n_trees": 1, "rows_per_tree": 1}, {"n_trees": 1, "rows_per_tree": 1}]', '{groups} [{"n_trees": 1, "rows_per_tree": 1, "depth_limit": -1}]',
	'{groups} [{"n_trees": 1, "rows_per_tree": 100}]',
	'{profile} {}', '{profile} {"curves": [], "category_rows": []}', '{profile} {"curves": [null, [1]], "category_rows": [[], []]}',
	'{profile} {"curves": [null, null], "category_rows": [[], [1]]}', '{profile} {"curves": [null, null], "category_rows": [[], []]}',
	'{profile} {"quantiles": [null, null], "category_rows": [[], []]}',
	'{calibration} {}', '{calibration} {"rows": 1, "points": []}', '{calibration} {"rows": 1, "points": [1]}',
	'{calibration} {"rows": 2, "points": [[0.5, 0, 1]]}', '{calibration} {"points": [[0.5, 0, 1]]}',
	'{calibration} {"rows": 1, "points": [[0.5, 1, 1]]}', '{calibration} {"rows": 2, "points": [[0.5, 0, 1], [0.5, 1, 2]]}',
	'{calibration} {"rows": 2, "points": [[0.5, 0, 1], [0.6, 0, 2]]}', '{calibration} {"rows": 2, "points": [[0.5, 1, 2]]}',
	'{calibration} {"rows": 1, "points": [[-0.5, 0, 1]]}', '{calibration} {"rows": 1, "points": [[null, 0, 1]]}',
	'{calibration} {"rows": 1, "points": [[2147483649, 0, 1]]}', '{calibration} {"rows": 1, "spread": 1e308, "points": [[0.5, 0, 1]]}',
	'{calibration} {"rows": 1, "spread": -1, "points": [[0.5, 0, 1]]}', '{calibration} {"rows": 1, "points": [[0.5, 0, 1]]}') c;
SELECT c.* FROM exchange_models, pg_temp.complaints(iforest_to_json(model),
	'{profile,curves,0,3} null', '{profile,curves,0,3,0} 1e9', '{profile,curves,0,3,0} null', '{profile,curves,0,3,1} 0', '{profile,curves,0,3,2} 0',
	'{profile,curves,0,0,1} 1', '{profile,curves,0,3,1} 1.5', '{profile,curves,0,3} [1]', '{profile,curves,0} []', '{profile,curves,0} 1',
	'{profile,curves,1} [[0, 0, 1]]', '{profile,category_rows,1,0} -1',
	'{profile,category_rows,1} []', '{profile,category_rows,0} [1]', '{features,0,missing} 61', '{rows_kept} 1') c WHERE kind = 'default';
-- A zero has no sign where the format has none.
SELECT change, iforest_from_json(jsonb_set(document, '{calibration}', '{"rows": 1, "spread": 0, "points": [[0, 0, 1]]}') || zero) =
       iforest_from_json(jsonb_set(document, '{calibration}', '{"rows": 1, "spread": 0, "points": [[0, 0, 1]]}') || change) AS same
FROM exchange_plain, (VALUES ('{"contamination": "-0"}'::jsonb, '{"contamination": 0}'::jsonb),
	('{"calibration": {"rows": 1, "spread": "-0", "points": [["-0", 0, 1]]}}', '{}')) c (change, zero);
-- Every value of a document replaced by others: nothing but models and errors
-- of the kinds above.
WITH RECURSIVE document AS (
	SELECT iforest_to_json(model) AS d FROM exchange_models WHERE kind = 'options'
), places AS (
	SELECT ARRAY[]::text[] AS place, d AS value FROM document
	UNION ALL
	SELECT place || key, v
	FROM places, LATERAL (SELECT key, value FROM jsonb_each(CASE jsonb_typeof(value) WHEN 'object' THEN value ELSE '{}' END)
	                      UNION ALL
	                      SELECT (n - 1)::text, e
	                      FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE '[]' END) WITH ORDINALITY a(e, n)
	                      WHERE n <= 3) s(key, v)
)
SELECT substr(complaint, 1, 5) AS state, count(*) > 10 AS many, bool_and(complaint ~ '^accepted|^22023 (features|trees|groups|profile|calibration|document|[a-z_]+ (is|must))') AS named
FROM (SELECT pg_temp.complaint(jsonb_set(d, place, change)) AS complaint
      FROM document, places, unnest(ARRAY['null', '-1', '0', '1', '4294967296', '0.5', '1e300', '"x"', 'true', '[]', '{}']::jsonb[]) change WHERE place <> '{}'
      UNION ALL
      SELECT pg_temp.complaint(d #- place) FROM document, places WHERE place <> '{}') s
GROUP BY 1 ORDER BY 1;

-- What is no model, and NULL.
SELECT iforest_to_json('\x00'::bytea);
SELECT iforest_to_sql('\x00'::bytea);
SELECT iforest_to_json(NULL) IS NULL AND iforest_from_json(NULL) IS NULL AND iforest_to_sql(NULL) IS NULL AS null;

-- One SQL expression that needs no extension. Missing values, infinities,
-- categories that training did not see: all the same scores.
CREATE TEMP TABLE exchange_rows AS
SELECT id, x, c, b, d, tz, ts, tm, iv, n FROM exchange_t
UNION ALL
SELECT 100 + id, CASE WHEN id % 2 = 0 THEN x WHEN id % 3 = 0 THEN 'NaN' END, CASE WHEN id % 3 = 0 THEN c WHEN id % 2 = 0 THEN 'unseen' END,
       CASE WHEN id % 5 > 0 THEN b END, CASE WHEN id % 2 = 0 THEN d + 3 WHEN id % 3 = 0 THEN 'infinity' WHEN id % 5 = 0 THEN '-infinity' END,
       CASE WHEN id % 2 = 0 THEN tz WHEN id % 3 = 0 THEN 'infinity' WHEN id % 5 = 0 THEN '-infinity' END, CASE WHEN id % 4 = 0 THEN ts END,
       CASE WHEN id % 3 = 0 THEN tm WHEN id % 2 = 0 THEN '24:00' END, CASE WHEN id % 3 = 0 THEN iv WHEN id % 2 = 0 THEN '-3 mons' END,
       CASE WHEN id % 7 = 0 THEN 'NaN' WHEN id % 2 = 0 THEN n END
FROM exchange_t
UNION ALL
SELECT 201, 'Infinity', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL
UNION ALL
SELECT 202, '-Infinity', '''', NULL, NULL, NULL, NULL, NULL, NULL, 1e300
UNION ALL
SELECT 203, 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL;
-- Compares the scores of an expression with those of iforest_score.
CREATE FUNCTION pg_temp.compared(model bytea, arguments text, VARIADIC columns text[] DEFAULT '{}')
RETURNS TABLE (scores bigint, same bool, other_nulls bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT count(s), max(abs(s - e)) < 1e-12, count(*) FILTER (WHERE (s IS NULL) <> (e IS NULL))
		FROM (SELECT %s AS s, iforest_score($1, %s) AS e FROM exchange_rows r) q', iforest_to_sql(model, VARIADIC columns), arguments) USING model;
END $$;
SELECT kind, c.* FROM exchange_models, pg_temp.compared(model, 'x, c, b', 'x', 'c', 'b') c WHERE kind IN ('default', 'merged');
SELECT kind, c.* FROM exchange_models, pg_temp.compared(model, 'x, c, b') c WHERE kind = 'options';
SELECT kind, c.* FROM exchange_models, pg_temp.compared(model, 'x, c, b, d, tz, ts, tm, iv, n') c WHERE kind = 'types';
SELECT kind, c.* FROM exchange_models, pg_temp.compared(model, 'x, -x, d', 'x', '-x', 'd') c WHERE kind = 'infinite';
SELECT kind, c.* FROM exchange_models, pg_temp.compared(model, 'id::int', 'id') c WHERE kind = 'one row';
-- Its literals mean the same under all settings.
BEGIN;
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL intervalstyle = 'sql_standard';
SET LOCAL timezone = 'Asia/Tokyo';
SET LOCAL extra_float_digits = -10;
-- (version 19 has no other strings any more)
DO $$ BEGIN
	IF current_setting('server_version_num')::int < 190000 THEN
		SET LOCAL standard_conforming_strings = off;
		SET LOCAL escape_string_warning = off;
	END IF;
END $$;
SELECT c.* FROM exchange_models, pg_temp.compared(model, 'x, c, b, d, tz, ts, tm, iv, n') c WHERE kind = 'types';
COMMIT;
-- Other columns than those of the training, also expressions.
SELECT c.* FROM exchange_models, pg_temp.compared(model, 'r.n, upper(r.c), NOT r.b', 'r.n', 'upper(r.c)', 'NOT r.b') c WHERE kind = 'options';
-- Categories of any bytes.
CREATE TEMP TABLE exchange_strings AS
SELECT c FROM exchange_models m, iforest_features(model) f, unnest(f.categories) c WHERE m.kind = 'strings';
INSERT INTO exchange_rows (id, c) SELECT 300, c FROM exchange_strings;
SELECT count(*) FROM exchange_strings;
SELECT c.* FROM exchange_models, pg_temp.compared(model, 'c', 'c') c WHERE kind = 'strings';
-- A "char" of any byte: out and back, and no text before PostgreSQL 16.
CREATE TEMP TABLE exchange_bytes AS SELECT (i % 256 - 128)::"char" AS c FROM generate_series(1, 2560) i;
CREATE TEMP TABLE exchange_byte_model AS SELECT iforest_train(iforest_options(seed => 1, n_trees => 20), c) AS model FROM exchange_bytes;
SELECT iforest_from_json(iforest_to_json(model)) = model AS same, categories[1:3] AS first, cardinality(categories) AS n
FROM exchange_byte_model, iforest_features(model);
SELECT count(*) FILTER (WHERE c::int < 0) BETWEEN 100 AND 400 AS negative, count(*) FILTER (WHERE c::int >= 0) BETWEEN 100 AND 400 AS others,
	count(DISTINCT c) > 150 AS many
FROM exchange_byte_model, iforest_sample(model, 500, NULL::record, 1) AS (c "char");
DO $$
DECLARE n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM exchange_bytes, exchange_byte_model WHERE abs(%s - iforest_score(model, c)) > 1e-12', iforest_to_sql(model))
	FROM exchange_byte_model INTO n;
	IF n > 0 THEN RAISE EXCEPTION '% scores differ', n; END IF;
EXCEPTION WHEN feature_not_supported THEN
	IF current_setting('server_version_num')::int >= 160000 THEN RAISE; END IF;
END $$;
-- Beyond the range of float8 the score of a numeric is that of an infinity; the expression says so.
SELECT iforest_score(model, 1e400) = iforest_score(model, float8 'infinity') AS as_infinity FROM (SELECT iforest_train(i::numeric) AS model FROM generate_series(1, 100) i) m;
DO $$ BEGIN
	EXECUTE format('SELECT %s FROM (SELECT 1e400 AS i) r', iforest_to_sql(model, 'i')) FROM (SELECT iforest_train(i::numeric) AS model FROM generate_series(1, 100) i) m;
EXCEPTION WHEN numeric_value_out_of_range THEN RAISE NOTICE '%', SQLSTATE;
END $$;
-- A generated column can hold it.
DO $$ BEGIN
	EXECUTE format('CREATE TEMP TABLE exchange_generated (x float8, c text, b bool, score float8 GENERATED ALWAYS AS (%s) STORED)', iforest_to_sql(model))
	FROM exchange_models WHERE kind = 'options';
END $$;
INSERT INTO exchange_generated VALUES (1, 'c1', true), (NULL, NULL, NULL);
SELECT x, c, abs(score - iforest_score(model, x, c, b)) < 1e-12 AS same
FROM exchange_generated, exchange_models WHERE kind = 'options';
-- A small one.
\pset format unaligned
SELECT iforest_to_sql(iforest_from_json(document)) FROM exchange_plain;
SELECT iforest_to_sql(iforest_from_json(document), 'a', 'b + 1') FROM exchange_plain;
\pset format aligned
-- Wrong columns, and models that are too large.
SELECT iforest_to_sql(iforest_from_json(document), 'a') FROM exchange_plain;
SELECT iforest_to_sql(iforest_from_json(document), 'a', NULL) FROM exchange_plain;
SELECT iforest_to_sql(iforest_from_json(document), VARIADIC NULL) IS NULL AS null FROM exchange_plain;
SELECT iforest_to_sql(iforest_from_json(jsonb_build_object('sample_size', 2,
	'features', jsonb_build_array(jsonb_build_object('name', 'c', 'type', 'text', 'categories', jsonb_agg(lpad(i::text, 1000, '0') ORDER BY i))),
	'trees', jsonb_build_array('{"left": [1, -1, -1], "right": [2, -1, -1], "feature": [0, -2, -2], "rows": [2, 1, 1], "cut": [null, null, null]}'
		|| jsonb_build_object('sets', jsonb_build_array(jsonb_build_object('left', jsonb_agg(i ORDER BY i)), NULL, NULL))))))
FROM generate_series(0, 17999) i;
SELECT length(iforest_to_sql(iforest_from_json(jsonb_build_object('features', '["a"]'::jsonb, 'sample_size', 300, 'trees', jsonb_build_array(
	jsonb_build_object('feature', array_agg(0), 'cut', array_agg(n), 'left', array_agg(CASE WHEN n % 2 = 0 AND n < 600 THEN n + 1 ELSE -1 END ORDER BY n),
		'right', array_agg(CASE WHEN n % 2 = 0 AND n < 600 THEN n + 2 ELSE -1 END ORDER BY n), 'rows', array_agg(1)))))))
FROM generate_series(0, 600) n;
SELECT iforest_to_sql(iforest_from_json(jsonb_set(jsonb_set(document, '{features,0}', '{"name": "when", "type": "date"}'), '{trees,0,cut,2}', '1e12')))
FROM exchange_plain;
