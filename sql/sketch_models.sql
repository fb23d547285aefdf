-- Sketches in the place of rows: calibration, drift, named models.
\set o iforest_options(seed => 1, n_trees => 20)
SET max_parallel_workers_per_gather = 0;
CREATE TABLE readings AS
SELECT i AS id, i % 3 AS day, sin(i) AS x, nullif(i % 11, 0) AS n, nullif('c' || i % 5, 'c0') AS c
FROM generate_series(1, 2000) i;
CREATE TABLE model AS SELECT iforest_train(:o, x, n, c) AS model FROM readings WHERE id <= 1000;
CREATE TABLE days AS SELECT day, iforest_sketch(iforest_options(seed => day), x, n, c) AS sketch FROM readings WHERE id > 1000 GROUP BY day;

-- Where a sketch keeps all rows, the results are those of the rows.
SELECT iforest_calibrate(model, sketch) = (SELECT iforest_calibrate(model, x, n, c) FROM model, readings WHERE id > 1000) AS calibrated
FROM model, days;
SELECT iforest_drift(model, sketch) = (SELECT iforest_drift(model, x, n, c) FROM model, readings WHERE id > 1000) AS drifted
FROM model, days;
-- A sketch that comes twice counts once.
SELECT iforest_drift(model, sketch) ->> 'rows' AS rows FROM model, days, generate_series(1, 2);
-- A sample stands for its rows.
SELECT round(abs(iforest_threshold(iforest_calibrate(model, s), 0.1) - iforest_threshold(iforest_calibrate(model, t), 0.1))::numeric, 1) AS difference
FROM (SELECT iforest_sketch(iforest_options(n_trees => 3, seed => 7), r) AS s FROM readings r) k, model, readings t;
-- Columns are matched by name, so others may be there, in any order; those
-- without a name of their own by position; a category that is new is unseen.
SELECT iforest_drift(model, s) = (SELECT iforest_drift(model, x, n, c) FROM model, readings) AS by_name
FROM model, (SELECT iforest_sketch(r) AS s FROM (SELECT c, id, n, x FROM readings) r) k;
SELECT iforest_drift(model, s) = (SELECT iforest_drift(model, x, n, c) FROM model, readings) AS by_position
FROM model, (SELECT iforest_sketch(x + 0, n + 0, c || '') AS s FROM readings) k;
SELECT iforest_drift(model, s) = (SELECT iforest_drift(model, x, n, 'c' || n) FROM model, readings) AS unseen
FROM model, (SELECT iforest_sketch(x + 0, n + 0, 'c' || n) AS s FROM readings) k;
-- NULL is passed over.
SELECT iforest_drift(model, NULL::bytea) IS NULL AS no_sketch, iforest_calibrate(model, NULL::bytea) IS NULL AS no_rows FROM model;
SELECT iforest_drift(NULL::bytea, sketch) IS NULL AS no_model FROM days;
SELECT iforest_drift(m, sketch) ->> 'rows' AS rows FROM days, (SELECT model FROM model UNION ALL SELECT NULL) k(m);
SELECT iforest_calibrate(model, sketch) IS NULL AS no_groups FROM model, days WHERE false;

-- What does not fit.
SELECT iforest_drift(model, s) FROM model, (SELECT iforest_sketch(r) FROM (SELECT x, n FROM readings) r) k(s);
SELECT iforest_drift(model, s) FROM model, (SELECT iforest_sketch(r) FROM (SELECT x, n, id AS c FROM readings) r) k(s);
SELECT iforest_drift(model, s) FROM model, (SELECT iforest_sketch(x + 0, n + 0) FROM readings) k(s);
SELECT iforest_calibrate(model, model) FROM model;
SELECT iforest_calibrate(sketch, sketch) FROM days;
SELECT iforest_drift(m, sketch) FROM days, (SELECT model FROM model UNION ALL SELECT iforest_train(x) FROM readings) k(m);

-- A training query over sketches: fit, conditions, gate. What a sketch is of
-- counts, not how many there are.
SELECT iforest_fit('by_day', 'SELECT sketch FROM days', :o);
SELECT iforest_model('by_day') = iforest_train(:o, sketch) AS same, (iforest_info(iforest_model('by_day')) ->> 'rows_seen')::int AS seen FROM days;
SELECT iforest_refit('by_day', only_if => '{"new_rows": 1}');
SELECT iforest_refit('by_day', only_if => '{"drift": 0.5}');
INSERT INTO days SELECT 3, iforest_sketch(iforest_options(feature_names => '{x,n,c}'), x + 5, n, c) FROM readings;
SELECT iforest_refit('by_day', only_if => '{"new_rows": 2001}');
SELECT left(iforest_refit::text, 50) AS refit FROM iforest_refit('by_day', only_if => '{"new_rows": 2000}', gate => '{"min_agreement": 0.999}');
SELECT iforest_refit('by_day', only_if => '{"drift": 0.5}', gate => '{"min_agreement": -1}');
-- Of one column of another type, and of several, rows are rows.
SELECT iforest_fit('rows', 'SELECT x FROM readings', :o) AS rows;
SELECT iforest_fit('both', 'SELECT day, sketch FROM days', :o);
SELECT iforest_fit('none', 'SELECT sketch FROM days WHERE false', :o);
SELECT iforest_fit('models', 'SELECT model FROM model', :o);

SELECT iforest_drop(name) FROM (SELECT DISTINCT name FROM iforest_models) m ORDER BY name;
DROP TABLE readings, model, days;
