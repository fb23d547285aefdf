-- Random rows and measurements for calibration.t.

CREATE EXTENSION iforest;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

-- Box and Muller's way to normally distributed numbers.
CREATE FUNCTION normal() RETURNS float8 LANGUAGE sql VOLATILE AS
	'SELECT sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())';

-- n rows of a shape.
CREATE FUNCTION draw(shape text, n int) RETURNS TABLE (id int, x float8[]) LANGUAGE sql VOLATILE AS $$
	SELECT i, CASE shape
		WHEN 'clusters' THEN ARRAY[3 * (random() < 0.5)::int + 0.2 * normal(), 0.2 * normal()]
		WHEN 'bell' THEN ARRAY[normal(), normal(), normal(), normal(), normal(), normal(), normal(), normal(), normal(), normal()]
		WHEN 'uniform' THEN ARRAY[random(), random(), random()]
		WHEN 'tails' THEN ARRAY[normal() / normal(), exp(2 * normal()), normal()]
		WHEN 'steps' THEN ARRAY[floor(6 * random()), floor(-3 * ln(1 - random())), nullif(floor(20 * random()), 0)]
		END
	FROM generate_series(1, n) AS i $$;

-- The worked example at default options: the shares of new regular points that
-- are kept and of scattered ones that are flagged.
CREATE FUNCTION worked_example(seed int, OUT kept float8, OUT flagged float8) LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
BEGIN
	PERFORM setseed(seed / 100.0);
	CREATE TEMP TABLE points AS
	SELECT CASE WHEN i <= 2000 THEN 'training' ELSE 'regular' END AS kind,
	       3 * (i % 2) + 0.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS x,
	       3 * (i % 2) + 0.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS y
	FROM generate_series(1, 2400) AS i;
	INSERT INTO points SELECT 'scattered', 6 * random() - 1, 6 * random() - 1 FROM generate_series(1, 50);
	model := (SELECT iforest_train(iforest_options(seed => seed), x, y) FROM points WHERE kind = 'training');
	SELECT avg((NOT iforest_is_outlier(model, x, y))::int) FILTER (WHERE kind = 'regular'),
	       avg(iforest_is_outlier(model, x, y)::int) FILTER (WHERE kind = 'scattered')
	FROM points INTO kept, flagged;
	DROP TABLE points;
END $$;

-- How far the p-values of n new rows are from uniform: the greatest distance
-- between the share of them that are at most p, and p.
CREATE FUNCTION p_value_distance(shape text, n int, seed int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
	distance float8;
BEGIN
	PERFORM setseed(seed / 100.0);
	CREATE TEMP TABLE drawn AS SELECT * FROM draw(shape, 2 * n);
	model := (SELECT iforest_train(iforest_options(seed => seed), x) FROM drawn WHERE id <= n);
	WITH new AS (
		SELECT iforest_p_value(model, x) AS p FROM drawn WHERE id > n
	), places AS (
		SELECT p, rank() OVER (ORDER BY p) - 1 AS before, count(*) OVER (ORDER BY p) AS through FROM new
	)
	SELECT max(greatest(through / n::float8 - p, p - before / n::float8)) FROM places INTO distance;
	DROP TABLE drawn;
	RETURN distance;
END $$;

-- The share of n new rows that is above the thresholds of a model merged from
-- "parts" models, each trained on its part of n rows alike.
CREATE FUNCTION merged_cuts(shape text, parts int, n int, seed int) RETURNS TABLE (asked float8, above float8) LANGUAGE plpgsql AS $$
DECLARE
	merged bytea;
BEGIN
	PERFORM setseed(seed / 100.0);
	CREATE TEMP TABLE drawn AS SELECT * FROM draw(shape, 2 * n);
	merged := (SELECT iforest_merge(model ORDER BY part)
	           FROM (SELECT id % parts AS part, iforest_train(iforest_options(seed => 100 * seed + id % parts), x) AS model
	                 FROM drawn WHERE id <= n GROUP BY part) AS m);
	RETURN QUERY
	SELECT q, avg((iforest_score(merged, x) > iforest_threshold(merged, q))::int)::float8
	FROM drawn, unnest('{0.01,0.05,0.1}'::float8[]) AS q WHERE id > n GROUP BY q;
	DROP TABLE drawn;
END $$;

-- The analyst's recipe on 1000 new rows, 50 of them scattered: the share of the
-- flagged rows that is regular, and of the scattered rows that is flagged. The
-- model was trained on 4000 rows; what it compares with, either those or 4000
-- others, is clean.
CREATE FUNCTION discoveries(q float8, calibrated bool, seed int, OUT false_share float8, OUT detected float8) LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
BEGIN
	PERFORM setseed(seed / 100.0);
	CREATE TEMP TABLE fresh AS
	SELECT i AS id, i <= 950 AS regular,
	       CASE WHEN i <= 950 THEN 3 * (i % 2) + 0.2 * normal() ELSE 6 * random() - 1 END AS x,
	       CASE WHEN i <= 950 THEN 3 * (i % 2) + 0.2 * normal() ELSE 6 * random() - 1 END AS y
	FROM generate_series(1, 1000) AS i;
	CREATE TEMP TABLE clean AS
	SELECT i <= 4000 AS training, 3 * (i % 2) + 0.2 * normal() AS x, 3 * (i % 2) + 0.2 * normal() AS y
	FROM generate_series(1, 8000) AS i;
	model := (SELECT iforest_train(iforest_options(seed => seed), x, y) FROM clean WHERE training);
	IF calibrated THEN
		model := (SELECT iforest_calibrate(model, x, y) FROM clean WHERE NOT training);
	END IF;

	WITH tested AS (
		SELECT *, iforest_p_value(model, x, y) AS p FROM fresh
	), placed AS (
		SELECT *, count(*) OVER () AS n, count(*) OVER (ORDER BY p) AS place FROM tested
	), adjusted AS (
		SELECT *, min(p * n / place) OVER (ORDER BY p DESC) AS q_value FROM placed
	)
	SELECT count(*) FILTER (WHERE regular) / greatest(count(*), 1)::float8, count(*) FILTER (WHERE NOT regular) / 50.0
	FROM adjusted WHERE q_value <= q INTO false_share, detected;
	DROP TABLE fresh, clean;
END $$;
