-- A table of daily sketches: models of windows, and of days that fade, without
-- a scan of the rows.
CREATE TABLE visits AS SELECT d AS day, sin(i) + d AS x, i AS n FROM generate_series(1, 40) d, generate_series(1, 100) i;
CREATE TABLE days AS
SELECT day, iforest_sketch(iforest_options(seed => day), r) AS sketch
FROM visits v, LATERAL (SELECT v.x, v.n) r GROUP BY day;

-- The model of the last ten days is of their rows, and of no others.
SELECT iforest_fit('recent', 'SELECT sketch FROM days WHERE day > (SELECT max(day) FROM days) - 10', iforest_options(seed => 1));
SELECT iforest_info(iforest_model('recent')) -> 'rows_seen' AS seen, minimum::float8 >= 30 AND maximum::float8 <= 41 AS of_the_window
FROM iforest_features(iforest_model('recent')) WHERE name = 'x';
DROP TABLE visits;	-- nobody reads it
-- A new day comes, and the window has moved; a day that is sketched again
-- takes the place of what was there.
INSERT INTO days SELECT 41, iforest_sketch(iforest_options(seed => 41), r) FROM (SELECT sin(i) + 41 AS x, i AS n FROM generate_series(1, 50) i) r;
UPDATE days SET sketch = (SELECT iforest_sketch(iforest_options(seed => 41), r) FROM (SELECT sin(i) + 41 AS x, i AS n FROM generate_series(1, 100) i) r) WHERE day = 41;
SELECT status, version FROM iforest_refit('recent');
SELECT iforest_info(iforest_model('recent')) -> 'rows_seen' AS seen, minimum::float8 >= 31 AND maximum::float8 <= 42 AS of_the_window
FROM iforest_features(iforest_model('recent')) WHERE name = 'x';

-- Days that fade by half every five: the mean age is that of the weights.
SELECT iforest_fit('fading', 'SELECT iforest_sketch_union(sketch, iforest_decay((41 - day) * interval ''1 day'', ''5 days'')) FROM days', iforest_options(seed => 1));
SELECT i -> 'rows_seen' AS seen, i -> 'weighted' AS weighted FROM iforest_info(iforest_model('fading')) i;
SELECT round(median::numeric) BETWEEN 36 AND 38 AS as_old_as_the_weights FROM iforest_features(iforest_model('fading')) WHERE name = 'x';
SELECT status FROM iforest_refit('fading', only_if => '{"new_rows": 1}');

SELECT iforest_drop('recent') AS recent, iforest_drop('fading') AS fading;
DROP TABLE days;
