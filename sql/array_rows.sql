-- A row, or a query, whose only column is an array is that array.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE TABLE array_t AS SELECT i, ARRAY[i * 7 % 101, i % 13, i % 17]::real[] AS embedding FROM generate_series(1, 300) AS i;
CREATE TABLE array_m AS SELECT iforest_train(iforest_options(seed => 1), embedding ORDER BY i) AS model FROM array_t;

SELECT iforest_train(iforest_options(seed => 1), s) = (SELECT model FROM array_m) AS row, iforest_train(s) IS NOT NULL AS without_options
FROM (SELECT embedding FROM array_t ORDER BY i) AS s;
SELECT iforest_fit('arrays', 'SELECT embedding FROM array_t ORDER BY i', iforest_options(seed => 1));
SELECT iforest_model('arrays') = model AS fit FROM array_m;
SELECT iforest_refit('arrays');
SELECT iforest_model('arrays') = model AS refit FROM array_m;
SELECT jsonb_path_query_array(iforest_info(model), '$.features[*].name') AS features FROM array_m;

-- It scores as the array does, and others by it; a NULL array is a row without values.
SELECT count(*), count(*) FILTER (WHERE iforest_score(model, s) = iforest_score(model, embedding)) AS alike FROM array_m, (SELECT embedding FROM array_t) AS s;
SELECT iforest_score(model, ROW(embedding)) = iforest_score('arrays', embedding[1], embedding[2], embedding[3]) AS alike FROM array_m, array_t WHERE i = 1;
SELECT iforest_score(model, ROW(NULL::real[])) AS none, iforest_score(model, ROW('{1,NULL,3}'::real[])) IS NOT NULL AS some FROM array_m;
SELECT iforest_calibrate(model, s) = iforest_calibrate(model, s.embedding) AS calibrate, iforest_drift(model, s) = iforest_drift(model, s.embedding) AS drift
FROM array_m, (SELECT embedding FROM array_t) AS s;

-- Arrays of every kind of number are read alike, with NULLs or without.
SELECT a, iforest_score(model, a::int2[]) = s AS int2, iforest_score(model, a::int4[]) = s AS int4, iforest_score(model, a::int8[]) = s AS int8,
       iforest_score(model, a::real[]) = s AS real, iforest_score(model, a::float8[]) = s AS float8, iforest_score(model, a::numeric[]) = s AS numeric
FROM array_m, (VALUES ('{7,1,2}'::text), ('{NULL,1,2}'), ('{7,1,NULL}'), ('{NULL,NULL,2}')) AS v (a),
     LATERAL (SELECT iforest_score(model, (a::int[])[1], (a::int[])[2], (a::int[])[3]) AS s) AS c;

-- A dropped column is none; a domain is what it is based on; rows of several types may meet at one call.
CREATE DOMAIN weights AS real[];
CREATE TABLE array_d (gone int, w weights);
ALTER TABLE array_d DROP COLUMN gone;
INSERT INTO array_d SELECT embedding FROM array_t;
SELECT iforest_train(iforest_options(seed => 1), d) = (SELECT model FROM array_m) AS alike FROM array_d AS d;
SELECT iforest_score(model, r) = iforest_score(model, '{7,1,1}'::real[]) AS alike
FROM array_m, (SELECT unnest(ARRAY[ROW('{7,1,1}'::real[]), ROW(7, 1, 1), ROW('{7,1,1}'::int[])])) AS v (r);
SELECT iforest_train(r) FROM (VALUES (ROW('{7,1,1}'::real[])), (ROW('{7,1}'::real[]))) AS v (r);

-- Beside other columns it is none of a feature's types; nor are arrays of what is none, and rows in rows.
SELECT iforest_train(s) FROM (SELECT i, embedding FROM array_t) AS s;
SELECT iforest_fit('none', 'SELECT i, embedding FROM array_t');
SELECT iforest_train(s) FROM (SELECT ARRAY[point(1, 2)] AS p) AS s;
SELECT iforest_train(s) FROM (SELECT ARRAY[[1, 2], [3, 4]] AS p) AS s;
SELECT iforest_train(s) FROM (SELECT t FROM array_t AS t) AS s;

-- Of types that others make, some are known by their names: the hint says how to make an array of them.
CREATE TYPE halfvec AS RANGE (SUBTYPE = float8);
CREATE TYPE cube AS RANGE (SUBTYPE = float8);
SELECT iforest_train('[1,2]'::halfvec);
SELECT iforest_fit('none', $$SELECT '[1,2]'::halfvec AS embedding$$);
SELECT iforest_train('[1,2]'::cube, 1);
SELECT iforest_score(model, '[1,2]'::halfvec) FROM array_m;

SELECT iforest_drop('arrays');
DROP TYPE halfvec, cube;
DROP TABLE array_t, array_d, array_m;
DROP DOMAIN weights;
