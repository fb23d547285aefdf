-- Training on jsonb objects: the keys of the kept ones are the features.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE FUNCTION features(model bytea) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(name || ' ' || type || ' ' || missing, ', ' ORDER BY position) FROM iforest_features(model)
$$;
CREATE TABLE events AS SELECT i, jsonb_build_object('amount', i * 7 % 101, 'country', (ARRAY['SE', 'NO', 'DK'])[1 + i % 3], 'new', i % 2 = 0) AS body FROM generate_series(1, 300) AS i;

-- Numbers, booleans and strings are features; they are in the order of their names.
SELECT features(iforest_train(body)) FROM events;
-- They are what the same columns would be.
SELECT (SELECT iforest_train(iforest_options(seed => 1), body ORDER BY i) FROM events) =
	(SELECT iforest_train(iforest_options(seed => 1), t) FROM (SELECT (body ->> 'amount')::numeric AS amount, body ->> 'country' AS country, (body ->> 'new')::boolean AS new FROM events ORDER BY i) AS t) AS alike;
SELECT iforest_fit('events', 'SELECT body FROM events ORDER BY i', iforest_options(seed => 1)) AS version;
SELECT (SELECT iforest_train(iforest_options(seed => 1), body ORDER BY i) FROM events) = iforest_model('events') AS fit;
SELECT (iforest_refit('events')).status;
SELECT round(iforest_score('events', '{"amount": 50, "country": "SE", "new": true}'::jsonb)::numeric, 3) AS usual, round(iforest_score('events', '{"amount": 500, "country": "XX"}'::jsonb)::numeric, 3) AS unusual;

-- A key may come late, be rare, or go again: wherever it is absent it is missing.  The order of the rows does not matter.
CREATE TABLE late AS
SELECT i, (body || CASE WHEN i > 250 THEN jsonb_build_object('late', i) ELSE '{}' END || CASE WHEN i = 100 THEN '{"once": "x", "": null, "none": null}' ELSE '{}'::jsonb END) - CASE WHEN i > 200 THEN 'new' ELSE '' END AS body FROM events;
INSERT INTO late VALUES (301, '{}'), (302, NULL), (303, 'null'), (304, '{"other": null}');
SELECT features(iforest_train(body ORDER BY i)) FROM late;
SELECT DISTINCT features(a) = features(b) AS alike FROM (SELECT iforest_train(body ORDER BY i) AS a, iforest_train(body ORDER BY i DESC) AS b FROM late) AS s;
SELECT (iforest_info(iforest_train(body)) ->> 'rows_kept')::int AS rows_kept FROM late;
SELECT iforest_train(body) FROM late WHERE i > 300;

-- Of more rows than the sample keeps, the keys are those of the kept: that follows from the seed, and takes no more room than they need.
SELECT count(*) AS features, min(missing) AS fewest_missing, max(missing) AS most_missing
FROM (SELECT iforest_train(iforest_options(n_trees => 4, sample_size => 16, seed => 1), jsonb_build_object('k' || i, i) ORDER BY i) AS model FROM generate_series(1, 20000) AS i) AS s, iforest_features(model);

-- A key whose feature was given up may come back with another type.
SELECT features(iforest_train(iforest_options(n_trees => 1, sample_size => 4, seed => 2), body ORDER BY i))
FROM (SELECT i, jsonb_build_object(CASE WHEN i <= 4 OR i > 1000 THEN 'a' ELSE 'b' END, CASE WHEN i <= 1000 THEN to_jsonb(i) ELSE to_jsonb(i::text) END) AS body FROM generate_series(1, 2000) AS i) AS s;

-- Groups have features of their own.
SELECT g, features(iforest_train(body)) FROM (VALUES ('a', '{"x": 1}'::jsonb), ('a', '{"y": 2}'), ('b', '{"x": "s"}')) AS v (g, body) GROUP BY g ORDER BY g;
SELECT i, features(iforest_train(body) OVER (ORDER BY i)) FROM (VALUES (1, '{"x": 1}'::jsonb), (2, '{"b": true, "x": 3}'), (3, '{"a": "s", "x": 2}')) AS v (i, body);

-- Listed keys are the features, in that order; others are ignored, whatever they hold.
SELECT features(iforest_train(iforest_options(feature_names => '{new,amount}'), body || '{"user": {"id": 7}}')) FROM events;
SELECT features(iforest_train(iforest_options(feature_names => '{late,once,amount}'), body)) FROM late;
SELECT iforest_train(iforest_options(feature_names => '{amount,amuont}'), body) FROM events;

-- What cannot be a feature is an error that names the key.
SELECT iforest_train(body) FROM (VALUES ('{"a": 1}'::jsonb), ('{"a": 2, "user": {"id": 7}}')) AS v (body);
SELECT iforest_train(body) FROM (VALUES ('{"a": 1}'::jsonb), ('{"tags": ["x"], "a": 2}')) AS v (body);
SELECT iforest_train(body) FROM (VALUES ('{"a": 1}'::jsonb), ('{"a": "1"}')) AS v (body);
SELECT iforest_train(body) FROM (VALUES ('{"a": "1"}'::jsonb), ('{"a": 1}')) AS v (body);
SELECT iforest_train(body) FROM (VALUES ('{"": 1}'::jsonb)) AS v (body);
SELECT iforest_train(jsonb_build_object(repeat('k', 1025), 1));
SELECT iforest_train('[1, 2]'::jsonb);
SELECT iforest_train(body) FROM (SELECT jsonb_build_object('id', i::text) AS body FROM generate_series(1, 1001) AS i) AS s;
SELECT iforest_train('{"a": 1}'::json);
\set VERBOSITY terse
SELECT iforest_train('{"a": 1}');
\set VERBOSITY default
SELECT iforest_train(i, body) FROM events;
SELECT iforest_train(s) FROM (SELECT i, body FROM events) AS s;
SELECT iforest_train(r) FROM (VALUES (ROW('{"a": 1}'::jsonb)), (ROW(2))) AS v (r);
SELECT iforest_train(r) FROM (VALUES (ROW(2)), (ROW('{"a": 1}'::jsonb))) AS v (r);
SELECT iforest_train(r) FROM (VALUES (ROW('{}'::jsonb)), (ROW(2))) AS v (r);
SELECT iforest_train(iforest_options(n_trees => 10)) FROM events;
SELECT features(iforest_train('{"seed": 5, "amount": 1}'::jsonb)), features(iforest_train('{}'::jsonb, '{"seed": 5}'::jsonb));
SELECT iforest_train((SELECT jsonb_object_agg('k' || i, i) FROM generate_series(1, 16001) AS i));

-- In a parallel plan the keys of all parts come together.
CREATE TABLE parts (body jsonb) PARTITION BY HASH (body);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO parts SELECT body FROM late;
ANALYZE parts;
SET enable_partitionwise_aggregate = on;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 0;
SET parallel_tuple_cost = 0.0001;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 3;
SET parallel_leader_participation = off;
SELECT features(iforest_train(body)) FROM parts;
SELECT features(iforest_train(iforest_options(feature_names => '{once,amount}'), body)) FROM parts;
SELECT iforest_train(iforest_options(feature_names => '{twice,amount}'), body) FROM parts;
SET max_parallel_workers_per_gather = 0;
SELECT features(iforest_train(body)) FROM parts;
CREATE TABLE mixed (p int, body jsonb) PARTITION BY LIST (p);
CREATE TABLE mixed_0 PARTITION OF mixed FOR VALUES IN (0);
CREATE TABLE mixed_1 PARTITION OF mixed FOR VALUES IN (1);
INSERT INTO mixed VALUES (0, '{"a": 1}'), (1, '{"b": 2, "a": "1"}');
SELECT iforest_train(body) FROM mixed;
SELECT iforest_train(CASE p WHEN 0 THEN ROW('{"a": 1}'::jsonb) ELSE ROW(1) END) FROM mixed;
SELECT iforest_train(CASE p WHEN 1 THEN ROW('{"a": 1}'::jsonb) ELSE ROW(1) END) FROM mixed;
-- The options of one part count; keys that these do not list are ignored in the others.
SELECT string_agg(name, ',') IN ('a', 'b') AS one_part FROM iforest_features((SELECT iforest_train(iforest_options(feature_names => CASE p WHEN 0 THEN '{a}' ELSE '{b}' END::text[]), body) FROM mixed));
RESET parallel_setup_cost;
RESET cpu_operator_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
SELECT iforest_drop('events');
DROP TABLE events, late, parts, mixed;
DROP FUNCTION features;
