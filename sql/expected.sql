-- What was expected of each column, given the others of the row.
\set VERBOSITY terse
CREATE TEMP TABLE expected_t AS
SELECT i AS id, i % 24 AS hour, round((100 + 10 * (i % 24) + i * 7 % 5)::numeric, 1) AS load,
       CASE WHEN i % 24 < 8 THEN 'night' WHEN i % 24 < 20 THEN 'day' ELSE 'evening' END AS part,
       (i * 37 % 101)::float8 / 7 AS other, i % 24 BETWEEN 8 AND 19 AS open
FROM generate_series(1, 3000) AS i;
CREATE TEMP TABLE expected_m AS
SELECT 'forest' AS kind, iforest_train(iforest_options(seed => 1, exclude => '{id}'), t ORDER BY id) AS model FROM expected_t AS t
UNION ALL
SELECT 'vae', iforest_train(iforest_options(seed => 1, exclude => '{id}', generator => 'vae', generator_steps => 20), t ORDER BY id) FROM expected_t AS t;
INSERT INTO expected_m
SELECT 'learned', iforest_learn(model, id % 2 = 0, t) FROM expected_t AS t, expected_m WHERE kind = 'forest' AND id < 10 GROUP BY model;

-- A load at night that would be one by day: what it should have been, and what
-- the part of the day should have been for it.
SELECT feature, value, direction, round(expected::numeric) AS expected, expected::numeric BETWEEN 100 AND 150 AS as_early_at_night
FROM expected_m, iforest_explain(model, 2, 290, 'night', 5, false)
WHERE kind = 'forest' AND feature = 'load';
SELECT feature, value, expected
FROM expected_m, iforest_explain(model, 12, 222, 'night', 5, true) WHERE kind = 'forest' AND feature IN ('part', 'open') ORDER BY feature;
-- How well, over all rows: the mean error is far below the spread of the loads.
SELECT kind, avg(abs(load - expected::numeric)) < 0.15 * (SELECT stddev(load) FROM expected_t) AS close
FROM expected_m, expected_t AS t, iforest_explain(model, t)
WHERE feature = 'load' AND id <= 300 GROUP BY kind ORDER BY kind;

-- It is what iforest_impute puts where this column alone is missing: an oracle
-- that reads documents and fills them, for every column of 200 rows.
SELECT kind, count(*),
       count(*) FILTER (WHERE expected IS DISTINCT FROM
                        iforest_impute(model, to_jsonb(t) || jsonb_build_object(feature, NULL), 'forest') ->> feature) AS otherwise
FROM expected_m, expected_t AS t, iforest_explain(model, t)
WHERE id <= 200 GROUP BY kind ORDER BY kind;
-- The value itself does not matter, nor that it is missing.
SELECT count(DISTINCT expected) AS one
FROM expected_m, (VALUES (5), (290), (NULL), ('infinity'::float8)) AS v (load), iforest_explain(model, 2, load::numeric, 'night', 5, false)
WHERE kind = 'forest' AND feature = 'load';

-- The same by columns, by name, from a row and from a document.
SELECT iforest_fit('expected', 'SELECT hour, load, part, other, open FROM expected_t ORDER BY id', iforest_options(seed => 1)) AS version;
SELECT count(*) AS explained, count(*) FILTER (WHERE a.expected = b.expected AND b.expected = c.expected AND c.expected = d.expected) AS same
FROM expected_t AS t,
     iforest_explain('expected', t) AS a
     JOIN LATERAL iforest_explain('expected', hour, load, part, other, open) AS b USING (feature)
     JOIN LATERAL iforest_explain('expected', to_jsonb(t)) AS c USING (feature)
     JOIN LATERAL iforest_explain(iforest_model('expected'), t) AS d USING (feature)
WHERE id <= 50;

-- NULL where the model can't say: no value of the column was known in training;
-- the model does not tell what its rows were like.
SELECT feature, value, expected
FROM (SELECT iforest_train(iforest_options(seed => 1), i % 10, NULL::int ORDER BY i) AS model FROM generate_series(1, 100) AS i) AS m,
     iforest_explain(model, 3, 4) ORDER BY feature;
SELECT count(*), count(expected) FROM expected_m, iforest_explain(iforest_from_json(iforest_to_json(model) - 'profile'), 2, 290, 'night', 5, false) WHERE kind = 'forest';
-- Dates, whole numbers and infinities as their types write them.
SELECT feature, expected
FROM (SELECT iforest_train(iforest_options(seed => 1), date '2026-01-01' + i % 3, i % 2, CASE WHEN i % 2 = 0 THEN float8 'infinity' ELSE 1 END ORDER BY i) AS model
      FROM generate_series(1, 600) AS i) AS m,
     iforest_explain(model, date '2026-01-09', 0, 5) ORDER BY feature;

-- Nobody pays for it but who looks at it: else another function is called.
CREATE FUNCTION pg_temp.calls(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
		line := substring(line FROM '_?iforest_explain[_a-z]*(?=\()');
		IF line IS NOT NULL THEN
			RETURN NEXT line;
		END IF;
	END LOOP;
END $$;
CREATE TEMP VIEW expected_all AS SELECT t.id, e.* FROM expected_t AS t, iforest_explain('expected', t) AS e;
CREATE TEMP VIEW expected_some AS SELECT t.id, e.feature, e.contribution FROM expected_t AS t, iforest_explain('expected', t) AS e;
CREATE TEMP TABLE expected_q (looks boolean, query text);
INSERT INTO expected_q VALUES
(false, $$SELECT feature, direction FROM iforest_explain('expected', 1, 2, 'day', 3, true)$$),
(false, $$SELECT count(*) FROM expected_t AS t, iforest_explain('expected', t) AS e WHERE e.direction = 'high'$$),
(false, $$SELECT id, (SELECT string_agg(feature, ',') FROM iforest_explain('expected', t)) FROM expected_t AS t$$),
(false, $$SELECT id FROM expected_t AS t WHERE EXISTS (SELECT FROM iforest_explain('expected', t) WHERE direction = 'low')$$),
(false, $$SELECT a.value FROM iforest_explain('expected', 1, 2, 'day', 3, true) AS a JOIN iforest_features(iforest_model('expected')) AS b ON a.feature = b.name$$),
(false, $$SELECT * FROM expected_some$$),
(false, $$SELECT value FROM (SELECT e.value FROM iforest_explain('expected', 1, 2, 'day', 3, true) AS e OFFSET 0) AS s$$),
(true, $$SELECT * FROM iforest_explain('expected', 1, 2, 'day', 3, true)$$),
(true, $$SELECT e FROM iforest_explain('expected', 1, 2, 'day', 3, true) AS e$$),
(true, $$SELECT expected FROM iforest_explain('expected', 1, 2, 'day', 3, true)$$),
(true, $$SELECT feature FROM iforest_explain('expected', 1, 2, 'day', 3, true) WHERE value > expected$$),
(true, $$SELECT feature FROM iforest_explain('expected', 1, 2, 'day', 3, true) ORDER BY expected$$),
(true, $$SELECT count(*) FROM iforest_explain('expected', 1, 2, 'day', 3, true) GROUP BY expected$$),
(true, $$SELECT row_number() OVER (ORDER BY expected) FROM iforest_explain('expected', 1, 2, 'day', 3, true)$$),
(true, $$SELECT x FROM iforest_explain('expected', 1, 2, 'day', 3, true) AS e, LATERAL (SELECT upper(e.expected) AS x) AS s$$),
(true, $$SELECT x FROM iforest_explain('expected', 1, 2, 'day', 3, true) AS e, LATERAL regexp_split_to_table(e.expected, ',') AS x$$),
(true, $$SELECT (SELECT max(e.expected) FROM expected_t) FROM iforest_explain('expected', 1, 2, 'day', 3, true) AS e$$),
(true, $$SELECT j.expected FROM (iforest_explain('expected', 1, 2, 'day', 3, true) AS a JOIN iforest_features(iforest_model('expected')) AS b ON a.feature = b.name) AS j$$),
(true, $$SELECT j FROM (iforest_explain('expected', 1, 2, 'day', 3, true) AS a JOIN iforest_features(iforest_model('expected')) AS b ON a.feature = b.name) AS j$$),
(true, $$SELECT (SELECT j.expected FROM expected_t WHERE id = 1) FROM (iforest_explain('expected', 1, 2, 'day', 3, true) AS a LEFT JOIN iforest_features(iforest_model('expected')) AS b ON a.feature = b.name) AS j$$),
(true, $$SELECT expected FROM ROWS FROM (generate_series(1, 2), iforest_explain('expected', 1, 2, 'day', 3, true)) WITH ORDINALITY AS r (n, a, b, c, d, e, f, expected, o)$$),
(true, $$SELECT (iforest_explain('expected', 1, 2, 'day', 3, true)).feature$$),
(true, $$SELECT id, value FROM expected_all WHERE expected > value$$);
SELECT looks, bool_and(call = CASE WHEN looks THEN 'iforest_explain' ELSE '_iforest_explain_brief' END) AS as_it_should, count(*)
FROM expected_q, pg_temp.calls(query) AS call GROUP BY looks ORDER BY looks;
SELECT query, call FROM expected_q, pg_temp.calls(query) AS call WHERE call <> CASE WHEN looks THEN 'iforest_explain' ELSE '_iforest_explain_brief' END;
-- Of a join that nobody looks through, too; and with the model in a column.
SELECT pg_temp.calls($$SELECT j.feature FROM (iforest_explain('expected', 1, 2, 'day', 3, true) AS a JOIN iforest_features(iforest_model('expected')) AS b ON a.feature = b.name) AS j$$);
SELECT pg_temp.calls($$SELECT feature FROM ROWS FROM (iforest_explain('expected', 1, 2, 'day', 3, true), generate_series(1, 2)) AS r (feature, b, c, d, e, f, expected, o) WHERE o = 1$$);
SELECT pg_temp.calls($$SELECT feature FROM expected_m, expected_t AS t, iforest_explain(model, t)$$);
-- All else is the same.
SELECT count(*) AS otherwise
FROM ((SELECT id, feature, value, contribution, direction, usual_low, usual_high FROM expected_t AS t, iforest_explain('expected', t) WHERE id <= 50)
      EXCEPT ALL (SELECT id, feature, value, contribution, direction, usual_low, usual_high FROM (SELECT * FROM expected_all WHERE id <= 50 OFFSET 0) AS a)) AS d;
-- A right to call it that was taken away is not found elsewhere.
BEGIN;
REVOKE EXECUTE ON FUNCTION iforest_explain(text, VARIADIC "any") FROM PUBLIC;
SELECT pg_temp.calls($$SELECT feature FROM iforest_explain('expected', 1, 2, 'day', 3, true)$$);
REVOKE EXECUTE ON FUNCTION _iforest_explain_brief(text, VARIADIC "any") FROM PUBLIC;
SELECT pg_temp.calls($$SELECT feature FROM iforest_explain('expected', 1, 2, 'day', 3, true)$$);
ROLLBACK;
SELECT iforest_drop('expected');
