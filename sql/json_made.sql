-- Rows that are made for a document are documents.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET IntervalStyle = 'postgres';

CREATE TABLE jmade_t AS
SELECT i, (i * 7 % 101)::float8 / 8 AS amount, (i % 17) / 10.0 AS share, (i % 19 / 10.0)::float4 AS small, (ARRAY['SE', 'NO', 'DK'])[1 + i % 3] AS country,
	(ARRAY['a', 'b'])[1 + i % 2]::"char" AS letter, i % 2 = 0 AS new, date '2026-01-01' + i % 30 AS day, time '08:00' + i % 11 * interval '1 minute 0.5 seconds' AS at,
	timestamp '2026-01-01' + i * interval '1 hour' AS local, timestamptz '2026-01-01 00:00+00' + i * interval '1 hour' AS world,
	i % 9 * interval '1 day 2 hours' AS wait
FROM generate_series(1, 300) AS i;
CREATE TABLE jmade_m AS SELECT iforest_train(iforest_options(seed => 1), t ORDER BY i) AS model FROM jmade_t AS t;

-- They say what the rows say that are made for a row.
SELECT count(*) AS rows, count(*) FILTER (WHERE to_jsonb(iforest_impute(model, t)) IS DISTINCT FROM iforest_impute(model, j)) AS differing
FROM jmade_m, jmade_t AS s, unnest('{i,amount,share,small,country,letter,new,day,at,local,world,wait}'::text[]) AS k,
	LATERAL (SELECT to_jsonb(s) || jsonb_build_object(k, NULL) AS j OFFSET 0) AS d, LATERAL jsonb_populate_record(NULL::jmade_t, j) AS t
WHERE s.i <= 20;
SELECT count(*) AS rows, bool_and(to_jsonb(a.r) = b.r) AS same FROM jmade_m,
	LATERAL (SELECT r, row_number() OVER () AS n FROM iforest_sample(model, 50, NULL::jmade_t, 1) AS r) AS a,
	LATERAL (SELECT r, row_number() OVER () AS n FROM iforest_sample(model, 50, NULL::jsonb, 1) AS r) AS b
WHERE a.n = b.n;
SELECT count(*) AS rows, bool_and(a.score = b.score AND to_jsonb(a.novel) = b.novel) AS same FROM jmade_m, jmade_t AS t,
	LATERAL (SELECT score, novel, row_number() OVER () AS n FROM iforest_augment(model, 20, t, seed => 1)) AS a,
	LATERAL (SELECT score, novel, row_number() OVER () AS n FROM iforest_augment(model, 20, to_jsonb(t), seed => 1)) AS b
WHERE a.n = b.n AND t.i = 7;
SELECT bool_and(iforest_score(model, novel) = score) AS scores_again FROM jmade_m, jmade_t AS t, iforest_augment(model, 20, to_jsonb(t), seed => 1) WHERE t.i = 7;

-- What the document has is given, also beside the model's features; a key that is absent is missing.
CREATE TABLE jmade_small AS SELECT iforest_train(iforest_options(seed => 1), t) AS model FROM (SELECT amount, country FROM jmade_t) AS t;
SELECT iforest_impute(model, '{"country": "SE", "user": {"id": [1, null]}}'::jsonb) AS filled FROM jmade_small;
SELECT iforest_impute(model, '{"country": "SE", "amount": "7.50", "id": 1}'::jsonb) AS whole FROM jmade_small;
SELECT made ->> 'country' AS country, made - 'amount' - 'country' AS rest, jsonb_typeof(made -> 'amount') AS amount, count(*)
FROM jmade_small, iforest_sample(model, 20, '{"country": "NO", "id": 1}'::jsonb, 1) AS made GROUP BY 1, 2, 3;
SELECT novel ->> 'country' AS country, novel - 'amount' - 'country' AS rest, novel ? 'amount' AS has_amount, count(*)
FROM jmade_small, iforest_augment(model, 5, '{"country": "NO", "id": 1}'::jsonb, seed => 1) GROUP BY 1, 2, 3;
SELECT iforest_impute(model, 'null'::jsonb) AS null_row, iforest_impute(model, NULL::jsonb) AS no_row,
	(SELECT count(*) FROM iforest_augment(model, 5, '{}'::jsonb)) AS nothing_given, (SELECT count(*) FROM iforest_sample(model, 5, 'null'::jsonb)) AS samples
FROM jmade_small;
SELECT iforest_impute(model, '[1]'::jsonb) FROM jmade_small;
SELECT iforest_impute(model, '{"amount": "much"}'::jsonb) FROM jmade_small;
SELECT iforest_sample(model, 1, '{"amount": 1}'::json) FROM jmade_small;

-- The type is the argument's: a domain's constraint holds.
CREATE DOMAIN jmade_body AS jsonb CHECK ((VALUE ->> 'amount')::float8 < 5);
SELECT pg_typeof(b), b ->> 'country' AS country FROM jmade_small, iforest_impute(model, '{"amount": 1}'::jmade_body) AS b;
SELECT count(*) FROM jmade_small, iforest_sample(model, 50, NULL::jmade_body, 1);

-- A row that holds an array or a document and nothing else is what it holds, and is made as such.
CREATE TABLE jmade_numbers AS SELECT iforest_train(iforest_options(seed => 1), ARRAY[i, i * 2, i % 7]::float8[]) AS model FROM generate_series(1, 300) AS i;
CREATE TABLE jmade_array (gone int, a float8[], gone_too text);
CREATE TABLE jmade_document (d jmade_body);
ALTER TABLE jmade_array DROP gone, DROP gone_too;
SELECT (r).a = iforest_impute(model, ARRAY[5, NULL, 3]::float8[]) AS same FROM jmade_numbers, iforest_impute(model, ROW(ARRAY[5, NULL, 3])::jmade_array) AS r;
SELECT iforest_impute(model, ROW(NULL)::jmade_array) AS no_array, cardinality((iforest_sample(model, 1, NULL::jmade_array, 1)).a) AS made,
	(SELECT bool_and((novel).a[1] > 0) FROM iforest_augment(model, 3, ROW(ARRAY[5, 10, 5])::jmade_array)) AS around FROM jmade_numbers;
SELECT iforest_impute(model, s) AS filled FROM jmade_numbers, (SELECT ARRAY[5, 10, 3]::float8[] AS a OFFSET 0) AS s;
SELECT (r).d = iforest_impute(model, '{"amount": 1}'::jsonb) AS same FROM jmade_small, iforest_impute(model, ROW('{"amount": 1}')::jmade_document) AS r;
SELECT iforest_sample(model, 50, NULL::jmade_document, 1) FROM jmade_small;
SELECT count(*) AS places FROM jmade_small, iforest_grid(model, 'amount', 'country', 5, ROW('{"amount": 1}'::jsonb));

DROP TABLE jmade_t, jmade_m, jmade_small, jmade_numbers, jmade_array, jmade_document;
DROP DOMAIN jmade_body;
