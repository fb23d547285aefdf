-- A jsonb object is a row by name.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'Asia/Tokyo';

CREATE TABLE json_t AS
SELECT i, (i * 7 % 101)::float8 / 8 AS amount, i % 13 AS hour, (i % 17) / 10.0 AS share, (ARRAY['SE', 'NO', 'DK'])[1 + i % 3] AS country,
	rpad('k' || i % 2, 4)::char(4) AS kind, i % 2 = 0 AS new, date '2026-01-01' + i % 30 AS day, time '08:00' + i % 11 * interval '1 minute 0.5 seconds' AS at,
	timestamp '2026-01-01' + i * interval '1 hour' AS local, timestamptz '2026-01-01 00:00+00' + i * interval '1 hour' AS world,
	i % 9 * interval '1 day 2 hours' - interval '3 hours' AS wait
FROM generate_series(1, 300) AS i;
INSERT INTO json_t SELECT 301, 'NaN', NULL, 'NaN', 'a "quoted" é', NULL, NULL, 'infinity', '24:00', '-infinity', 'infinity', '-1 day +02:03:04.000005';
INSERT INTO json_t SELECT 302, '1e300', -5, 1e300, '', 'x', NULL, '0044-03-15 BC', '00:00:00.000001', '0044-03-15 10:00:00.25 BC', '20000-01-01 12:00:00.123456+00', '3 mons -1 day';
CREATE TABLE json_m AS SELECT iforest_train(iforest_options(seed => 1), t ORDER BY i) AS model FROM (SELECT * FROM json_t) AS t;
SELECT iforest_fit('json', 'SELECT * FROM json_t ORDER BY i', iforest_options(seed => 1));

-- What to_jsonb() makes of a row says the same as the row, to every function of rows, whatever the settings.
CREATE FUNCTION differing(VARIADIC settings text[] = '{}', OUT rows_differing bigint) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. cardinality(settings) / 2 LOOP
		PERFORM set_config(settings[2 * i - 1], settings[2 * i], true);
	END LOOP;
	SELECT count(*) INTO rows_differing FROM json_m, json_t AS t, LATERAL (SELECT to_jsonb(t) AS j OFFSET 0) AS d
	WHERE iforest_score(model, t) IS DISTINCT FROM iforest_score(model, j)
		OR iforest_score(model, t) IS DISTINCT FROM iforest_score('json', j)
		OR iforest_is_outlier(model, t) IS DISTINCT FROM iforest_is_outlier('json', j)
		OR iforest_percent_rank(model, t) IS DISTINCT FROM iforest_percent_rank(model, j)
		OR iforest_p_value(model, t) IS DISTINCT FROM iforest_p_value(model, j)
		OR iforest_reason(model, t) IS DISTINCT FROM iforest_reason(model, j);
END $$;
SELECT differing();
SELECT differing('DateStyle', 'German, DMY', 'TimeZone', 'America/St_Johns', 'IntervalStyle', 'iso_8601');
SELECT differing('extra_float_digits', '0', 'TimeZone', 'Asia/Kolkata', 'IntervalStyle', 'postgres_verbose');
SELECT count(*) AS explained_otherwise FROM json_m, json_t AS t, iforest_explain(model, t) AS a, iforest_explain('json', to_jsonb(t)) AS b
WHERE a.feature = b.feature AND a IS DISTINCT FROM b;
SELECT iforest_drift(model, t) = iforest_drift(model, to_jsonb(t)) AS drift, iforest_calibrate(model, t) = iforest_calibrate(model, to_jsonb(t)) AS calibrate,
	iforest_plot(model, t) = iforest_plot(model, to_jsonb(t)) AS plot
FROM json_m, json_t AS t GROUP BY model;

-- A key that is absent, or null, is missing; one that the model does not know does not matter, whatever it is.
CREATE VIEW json_small AS SELECT iforest_train(iforest_options(seed => 1), t ORDER BY i) AS model FROM (SELECT i, amount, country, new FROM json_t) AS t;
SELECT j, iforest_score(model, j) = iforest_score(model, t) AS alike
FROM json_small, jsonb_array_elements('[{"amount": 3, "country": "SE"}, {"amount": 3, "country": "SE", "new": null, "i": null}, {"amount": 3, "country": "SE", "user": {"a": [1]}, "Amount": "x"}]') AS j,
	(SELECT NULL::int AS i, 3.0 AS amount, 'SE' AS country, NULL::boolean AS new) AS t;
SELECT j, iforest_score(model, j) FROM json_small, (VALUES ('{}'::jsonb), ('{"zz": 1}'), ('null'), (NULL)) AS v (j);
SELECT iforest_score(model, '{"amount": 1, "amount": 3}'::jsonb) = iforest_score(model, '{"amount": 3}'::jsonb) AS the_last_counts FROM json_small;

-- A value is read as its text, ->>, is cast to the feature's type.
CREATE DOMAIN body AS jsonb CHECK (jsonb_typeof(value) = 'object');
SELECT v, iforest_score(model, v) = iforest_score(model, w) AS alike
FROM json_m, (VALUES
	('{"amount": "12.50"}'::body, '{"amount": 12.5}'::jsonb),
	('{"amount": " -1e2 "}', '{"amount": -100}'),
	('{"amount": "-Infinity"}', '{"amount": -1e400}'),
	('{"amount": "NaN", "hour": 1}', '{"amount": null, "hour": 1}'),
	('{"hour": "7"}', '{"hour": 7.00}'),
	('{"new": "yes"}', '{"new": true}'),
	('{"new": 0}', '{"new": false}'),
	('{"country": 5.0}', '{"country": "5.0"}'),
	('{"country": true}', '{"country": "true"}'),
	('{"kind": "k1"}', '{"kind": "k1      "}'),
	('{"day": "2026-01-05T23:59:59Z"}', '{"day": "2026-01-05"}'),
	('{"at": "08:03"}', '{"at": "08:03:00.0000"}'),
	('{"local": "2026-01-05"}', '{"local": "2026-01-05 00:00:00Z"}'),
	('{"world": "2026-01-05T12:00:00.1234567890123456789012345678901234567890Z"}', '{"world": "2026-01-05T17:30:00.123457+05:30"}'),
	('{"world": "2026-01-05T12:00:00-0330"}', '{"world": "2026-01-05T15:30:00+00"}'),
	('{"wait": "P1DT2H"}', '{"wait": "1 day 2 hours"}')) AS v (v, w);

-- What has no such value is an error that names the key.
CREATE FUNCTION refusal(body jsonb, OUT state text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iforest_score(model, body) FROM json_m;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
END $$;
SELECT state, message, hint FROM (VALUES
	('{"amount": "12,5"}'::jsonb), ('{"amount": ""}'), ('{"amount": "."}'), ('{"amount": "1e"}'), ('{"amount": "0x10"}'), ('{"amount": true}'), ('{"amount": [1]}'), ('{"amount": {"value": 1}}'),
	('{"country": {"code": "SE"}}'), ('{"country": []}'),
	('{"new": "perhaps"}'), ('{"new": 2}'),
	('{"day": "31.01.2026"}'), ('{"day": "2026-02-29"}'), ('{"day": "today"}'), ('{"day": 20260131}'), ('{"day": "0000-01-01"}'), ('{"day": "9999999-01-01"}'),
	('{"at": "24:00:01"}'), ('{"at": "8:00"}'), ('{"at": "08:60"}'), ('{"at": "infinity"}'),
	('{"local": "2026-01-31T"}'), ('{"local": "300000-01-01"}'), ('{"local": "now"}'),
	('{"world": "2026-01-31T18:30:00"}'), ('{"world": "2026-01-31T18:30:00 Europe/Berlin"}'), ('{"world": "2026-01-31T18:30:00+99"}'),
	('{"wait": "soon"}'), ('{"wait": "P"}')) AS v (j), refusal(j);

-- So is a document that is no object, and one that is text.
SELECT iforest_score(model, '[1, 2]'::jsonb) FROM json_m;
SELECT iforest_score(model, '"SE"'::jsonb) FROM json_m;
SELECT iforest_score(model, '12'::jsonb) FROM json_m;
SELECT iforest_score(model, '{"amount": 1}') FROM json_m;
SELECT iforest_score(model, '{"amount": 1}'::json) FROM json_m;
SELECT iforest_score(model, ARRAY['{"amount": 1}'::jsonb]) FROM json_m;
SELECT iforest_score(model, '{"amount": 1}'::jsonb, '{"amount": 2}'::jsonb) FROM json_m;
-- A feature of type jsonb is one.
SELECT iforest_score(model, i, amount, to_jsonb(country), new) FROM json_t AS t, json_small;
SELECT iforest_score(model, t) FROM (SELECT i, amount, to_jsonb(country) AS country, new FROM json_t) AS t, json_small;

-- A parameter that a driver leaves untyped takes a cast.
PREPARE by_body AS SELECT round(iforest_score('json', $1::jsonb)::numeric, 3);
EXECUTE by_body ('{"amount": 3, "country": "SE"}');

-- A row that holds one document is the document.
SELECT count(*) FILTER (WHERE iforest_score(model, s) = iforest_score(model, s.body)) AS alike, count(iforest_score(model, s)) AS scored, count(*)
FROM json_m, (SELECT to_jsonb(t) AS body FROM json_t AS t WHERE i <= 5 UNION ALL VALUES (NULL::jsonb), ('null')) AS s;

-- Many models, one call site; keys beyond ASCII; the name of a key that another begins with.
SELECT count(DISTINCT iforest_score(m, '{"amount": 5, "hour": 5, "größe": 5, "größer": 7}'::jsonb)) AS scores
FROM (SELECT iforest_train(iforest_options(seed => 1), t) FROM (SELECT amount FROM json_t) AS t
	UNION ALL SELECT iforest_train(iforest_options(seed => 1), t) FROM (SELECT hour FROM json_t) AS t
	UNION ALL SELECT iforest_train(iforest_options(seed => 1), t) FROM (SELECT hour AS "größe" FROM json_t) AS t) AS s (m);

-- A float4 is known by the few digits that it is written in: 0.1::float4 is above a cut at 0.1, and so is the document's.
SELECT v.x, iforest_score(model, v.x) = iforest_score(model, jsonb_build_object('f1', v.x)) AS number,
	iforest_score(model, v.x) = iforest_score(model, jsonb_build_object('f1', v.x::text)) AS text, iforest_score(model, v.x) = iforest_score(model, 0.05::float4) AS below
FROM (SELECT iforest_from_json(jsonb_set(iforest_to_json(iforest_train('{"n_trees": 1, "seed": 1, "feature_names": ["f1"]}'::jsonb, x)), '{trees,0,cut,0}', '0.1')) AS model
	  FROM (VALUES (0.05::float4), (0.2), (0.3)) AS v (x)) AS m, (VALUES (0.05::float4), (0.1), (0.2)) AS v (x);

SELECT iforest_drop('json');
DROP VIEW json_small;
DROP TABLE json_t, json_m;
DROP DOMAIN body;
DROP FUNCTION differing, refusal;
