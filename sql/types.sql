-- Types: what each SQL type is to a forest.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET timezone = 'UTC';

-- The first feature of a model in short.
CREATE FUNCTION pg_temp.feature(model bytea) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', f ->> 'type', (f ->> 'min')::float8, (f ->> 'max')::float8, f ->> 'categories' || ' categories')
	FROM (SELECT iforest_info(model) #> '{features,0}') AS i(f)
$$;
CREATE TYPE pg_temp.mood AS ENUM ('sad', 'ok', 'happy');

-- Numbers; dates are days and times microseconds since 2000 or midnight.
SELECT pg_temp.feature(iforest_train(x)) AS bool FROM (VALUES (true), (false)) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS int2 FROM (VALUES ('-32768'::int2), ('32767')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS int4 FROM (VALUES (-2147483648), (2147483647)) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS int8 FROM (VALUES (-9007199254740992), (4611686018427387904)) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS float4 FROM (VALUES (0.5::float4), (-1e30)) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS float8 FROM (VALUES (0.1::float8), (-1e300)) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS numeric FROM (VALUES (0.1), (-1e300), (12345678901234567890.5)) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS date FROM (VALUES (date '2000-01-01'), ('2000-01-31')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS time FROM (VALUES (time '00:00'), ('23:59:59')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS timestamp FROM (VALUES (timestamp '2000-01-01'), ('2000-01-01 00:01')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS timestamptz FROM (VALUES (timestamptz '2000-01-01'), ('2000-01-01 00:00+01')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS interval FROM (VALUES (interval '1 second'), ('1 month 1 day')) v(x);

-- Categories; an enum counts by its label.
SELECT pg_temp.feature(iforest_train(x)) AS text FROM (VALUES ('a'::text), ('b'), ('')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS varchar FROM (VALUES ('a'::varchar), ('b')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS bpchar FROM (VALUES ('a'::char(5)), ('b')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS name FROM (VALUES ('a'::name), ('b')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS char FROM (VALUES ('a'::"char"), ('b'), (''), ('\377')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS uuid
FROM (VALUES ('00000000-0000-0000-0000-000000000001'::uuid), ('00000000-0000-0000-0000-000000000002')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS enum FROM (VALUES ('sad'::pg_temp.mood), ('happy')) v(x);

-- Text differs by bytes, whatever the collation: case, accents, blanks.
SELECT pg_temp.feature(iforest_train(x COLLATE "C")) AS c_collation, pg_temp.feature(iforest_train(x)) AS default_collation
FROM (VALUES ('a'), ('A'), ('á'), (U&'a\0301'), ('a '), (' a'), ('')) v(x);
-- Padding is no part of a char(n), nor of the values compared with it.
SELECT iforest_score(model, 'ab'::char(10)) = iforest_score(model, 'ab'::text) AS text,
       iforest_score(model, 'ab'::char(10)) = iforest_score(model, 'ab'::char(2)) AS char,
       iforest_score(model, 'ab'::char(10)) = iforest_score(model, 'ab   '::varchar(5)) AS blanks_count
FROM (SELECT iforest_train(iforest_options(seed => 1), x) AS model
      FROM (VALUES ('ab'::char(5)), ('ab'), ('ab'), ('c')) v(x)) m;

-- Infinity is a value, at the end of all others: it is unusual, and disturbs
-- nothing.
SELECT pg_temp.feature(model) AS feature, round(iforest_score(model, 50)::numeric, 1) AS usual,
       iforest_score(model, 'Infinity'::float8) > 0.7 AS high,
       iforest_score(model, '-Infinity'::float8) > 0.7 AS low,
       iforest_score(model, 'Infinity'::numeric) = iforest_score(model, 'Infinity'::float8) AS as_numeric,
       iforest_score(model, 'Infinity'::float4) = iforest_score(model, 'Infinity'::float8) AS as_float4,
       iforest_score(model, 1e300::float8) > 0.7 AS huge
FROM (SELECT iforest_train(iforest_options(seed => 1, sample_size => 102), x) AS model
      FROM (SELECT i::float8 FROM generate_series(1, 100) i
            UNION ALL VALUES ('Infinity'::float8), ('-Infinity')) s(x)) m;
SELECT pg_temp.feature(iforest_train(x)) AS only_infinities, count(*)
FROM (VALUES ('Infinity'::float8), ('-Infinity'), ('Infinity')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS numeric FROM (VALUES ('Infinity'::numeric), ('-Infinity'), (1)) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS date FROM (VALUES ('infinity'::date), ('-infinity'), ('2000-01-01')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS timestamp FROM (VALUES ('infinity'::timestamp), ('-infinity'), ('2000-01-01')) v(x);
SELECT pg_temp.feature(iforest_train(x)) AS timestamptz FROM (VALUES ('infinity'::timestamptz), ('-infinity'), ('2000-01-01')) v(x);
-- The widest range of all.
SELECT iforest_score(model, 0) BETWEEN 0.1 AND 1 AS score
FROM (SELECT iforest_train(x) AS model FROM (VALUES (1.7976931348623157e308), (-1.7976931348623157e308), (0)) v(x)) m;
-- A numeric beyond float8 is infinite.
SELECT pg_temp.feature(iforest_train(x)) AS numeric FROM (VALUES (1e400), (-1e400), (1)) v(x);
-- Two neighbours can be told apart, also zero from the least number above it.
SELECT a, iforest_info(model) -> 'n_nodes' AS nodes
FROM (SELECT a, iforest_train(iforest_options(n_trees => 10), x) AS model
      FROM (VALUES ('near 1', 1::float8), ('near 1', 1.0000000000000002), ('near 0', 0), ('near 0', 5e-324)) v(a, x)
      GROUP BY a) m ORDER BY a;

-- What a feature was trained on need not be what it is scored with: numbers
-- stand for numbers, and texts for texts.
CREATE TEMP TABLE types_models AS
SELECT iforest_train(o, i) AS number, iforest_train(o, 'm' || i % 3) AS category,
       iforest_train(o, date '2024-01-01' + i) AS date,
       iforest_train(o, timestamp '2024-01-01' + i * interval '1 hour') AS timestamp,
       iforest_train(o, timestamptz '2024-01-01 UTC' + i * interval '1 hour') AS timestamptz,
       iforest_train(o, time '00:00' + i * interval '1 minute') AS time,
       iforest_train(o, i * interval '1 hour') AS interval,
       iforest_train(o, i % 2 = 0) AS bool
FROM generate_series(1, 100) i, iforest_options(seed => 1) o;
SELECT count(DISTINCT s) AS scores, count(s) AS types
FROM types_models,
     unnest(ARRAY[iforest_score(number, 7::int2), iforest_score(number, 7::int4), iforest_score(number, 7::int8),
                  iforest_score(number, 7::float4), iforest_score(number, 7::float8), iforest_score(number, 7::numeric),
                  iforest_score(number, ARRAY[7]), iforest_score(number, ROW(7.0))]) s;
CREATE TYPE pg_temp.label AS ENUM ('m1', 'm0', 'new');
SELECT count(DISTINCT s) AS scores, count(s) AS types
FROM types_models,
     unnest(ARRAY[iforest_score(category, 'm1'::text), iforest_score(category, 'm1'::varchar), iforest_score(category, 'm1'::char(4)),
                  iforest_score(category, 'm1'::name), iforest_score(category, 'm1'::pg_temp.label),
                  iforest_score(category, 'm1'), iforest_score(category, ARRAY['m1']), iforest_score(category, ROW('m1'))]) s;
SELECT iforest_score(model, 'a'::text) = iforest_score(model, 'a'::"char") AS char_as_text,
       iforest_score(model, '00000000-0000-0000-0000-00000000000a'::uuid) =
       iforest_score(model, '00000000-0000-0000-0000-00000000000a'::text) AS uuid_as_text
FROM (SELECT iforest_train(x) AS model
      FROM (VALUES ('a'), ('b'), ('00000000-0000-0000-0000-00000000000a')) v(x)) m;
-- A model trained on an enum needs no enum to score with; a label renamed is
-- another category.
CREATE TEMP TABLE types_mood AS
SELECT (ARRAY['sad', 'ok', 'happy', 'ok'])[1 + i % 4]::pg_temp.mood AS m FROM generate_series(1, 100) i;
SELECT iforest_train(iforest_options(seed => 1), m) AS model FROM types_mood \gset mood_
SELECT count(*) FILTER (WHERE iforest_score(:'mood_model'::bytea, m) = iforest_score(:'mood_model'::bytea, m::text)) AS same
FROM types_mood;
SELECT iforest_score(:'mood_model'::bytea, 'ok'::pg_temp.mood) < iforest_score(:'mood_model'::bytea, 'sad'::pg_temp.mood) AS sad_is_rarer;
ALTER TYPE pg_temp.mood RENAME VALUE 'ok' TO 'fine';
SELECT iforest_score(:'mood_model'::bytea, 'ok') < iforest_score(:'mood_model'::bytea, 'fine'::pg_temp.mood) AS fine_is_unseen,
       iforest_score(:'mood_model'::bytea, 'never seen') = iforest_score(:'mood_model'::bytea, 'fine'::pg_temp.mood) AS as_any_other;

-- A literal without a type serves for a category, NULL for anything.
SELECT iforest_score(category, 'm1') IS NOT NULL AS literal, iforest_score(category, NULL) IS NULL AS only_null
FROM types_models;
SELECT iforest_score(iforest_train(i, 'm' || i % 3), NULL, 'm1') IS NOT NULL AS null_literal
FROM generate_series(1, 100) i;
SELECT iforest_score(number, '7') FROM types_models;

-- Different kinds of values are not comparable.
SELECT iforest_score(number, true) FROM types_models;
SELECT iforest_score(number, 'm1'::text) FROM types_models;
SELECT iforest_score(number, date '2024-01-01') FROM types_models;
SELECT iforest_score(category, 1) FROM types_models;
SELECT iforest_score(date, timestamp '2024-01-01') FROM types_models;
SELECT iforest_score(timestamp, timestamptz '2024-01-01 UTC') FROM types_models;
SELECT iforest_score(timestamptz, date '2024-01-01') FROM types_models;
SELECT iforest_score(time, interval '1 hour') FROM types_models;
SELECT iforest_score(interval, 3600) FROM types_models;
SELECT iforest_score(bool, 1) FROM types_models;

-- Types that are no features; what a cast makes of them may be.
SELECT iforest_train('[1]'::json);
SELECT iforest_train('\x00'::bytea, 1);
SELECT iforest_train('1.2.3.4'::inet);
SELECT iforest_train('12:00+01'::timetz);
SELECT iforest_train(1::money);
SELECT iforest_train(1::oid);
SELECT iforest_train(B'101');
SELECT iforest_train(int4range(1, 2));
SELECT iforest_train('pg_class'::regclass);
SELECT pg_temp.feature(iforest_train(1::oid::int8)) AS oid, pg_temp.feature(iforest_train('1.2.3.4'::inet::text)) AS inet;

-- A renamed label is another category. An index, or a column, that was made
-- with the old one stays behind until it is made anew.
CREATE TYPE renamed AS ENUM ('good', 'bad');
CREATE TABLE renamed_t AS SELECT i AS id, (CASE WHEN i % 10 = 0 THEN 'bad' ELSE 'good' END)::renamed AS e FROM generate_series(1, 400) i;
SELECT iforest_train(iforest_options(seed => 1), e) AS model FROM renamed_t \gset
CREATE FUNCTION renamed_score(renamed) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RETURN public.iforest_score(current_setting('my.model')::bytea, $1); END $$;
SELECT set_config('my.model', :'model', false) IS NOT NULL AS set;
CREATE INDEX renamed_i ON renamed_t (renamed_score(e));
ALTER TABLE renamed_t ADD COLUMN score float8 GENERATED ALWAYS AS (renamed_score(e)) STORED;
CREATE FUNCTION pg_temp.by_index(e renamed, use_index bool) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
	PERFORM set_config('enable_seqscan', (NOT use_index)::text, true), set_config('enable_indexscan', use_index::text, true), set_config('enable_bitmapscan', use_index::text, true);
	EXECUTE 'SELECT count(*) FROM renamed_t WHERE renamed_score(e) = renamed_score($1)' INTO n USING e;
	PERFORM set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true), set_config('enable_bitmapscan', 'on', true);
	RETURN n;
END $$;
SELECT pg_temp.by_index('good', true) AS by_index, pg_temp.by_index('good', false) AS by_table, (SELECT count(*) FROM renamed_t WHERE score = renamed_score('good')) AS by_column;
ALTER TYPE renamed RENAME VALUE 'good' TO 'fine';
SELECT iforest_score(:'model'::bytea, 'fine'::renamed) = iforest_score(:'model'::bytea, 'unseen'::text) AS unseen,
	pg_temp.by_index('fine', true) AS by_index, pg_temp.by_index('fine', false) AS by_table, (SELECT count(*) FROM renamed_t WHERE score = renamed_score('fine')) AS by_column;
REINDEX INDEX renamed_i;
UPDATE renamed_t SET e = e;
SELECT pg_temp.by_index('fine', true) AS by_index, pg_temp.by_index('fine', false) AS by_table, (SELECT count(*) FROM renamed_t WHERE score = renamed_score('fine')) AS by_column;
DROP TABLE renamed_t;
DROP FUNCTION renamed_score(renamed), pg_temp.by_index(renamed, bool);
DROP TYPE renamed;
RESET my.model;
