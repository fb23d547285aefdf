-- Types that change while a query runs: a function in it runs ALTER TYPE, and
-- the next row is another one under the same name.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE TYPE reading AS (kind text, a float8, b float8);
CREATE TABLE readings AS SELECT 'k' || i % 3 AS kind, (i * 7 % 11)::float8 AS a, (i % 13)::float8 AS b FROM generate_series(1, 200) i;
CREATE TABLE models AS
SELECT iforest_train(iforest_options(seed => 1), r) AS model, iforest_train(iforest_options(seed => 1), a, b) AS numbers
FROM readings r;

-- Row 1 of each query is a reading as it was made first; before row 2 comes a change.
CREATE FUNCTION reading(i int, change text, kind text, later text) RETURNS reading LANGUAGE plpgsql VOLATILE AS $$
DECLARE r record;
BEGIN
	IF i = 2 THEN EXECUTE change; END IF;
	EXECUTE CASE WHEN i = 1 THEN 'SELECT ' || kind ELSE 'SELECT ' || later END INTO r;
	RETURN r;
END $$;

-- The columns that a row has now count, whatever the rows before it had.
BEGIN;
SELECT i, iforest_score(model, reading(i, 'ALTER TYPE reading ALTER ATTRIBUTE a TYPE int', $$'k1'::text, 7.0::float8, 2.0::float8$$, $$'k1'::text, 7, 2.0::float8$$))
	= iforest_score(model, 'k1', 7, 2) AS right
FROM models, generate_series(1, 3) i;
ROLLBACK;
BEGIN;
SELECT i, iforest_score(model, reading(i, 'ALTER TYPE reading DROP ATTRIBUTE kind, ADD ATTRIBUTE kind text', $$'k1'::text, 7.0::float8, 2.0::float8$$, $$7.0::float8, 2.0::float8, 'k1'::text$$))
	= iforest_score(model, 'k1', 7, 2) AS right
FROM models, generate_series(1, 3) i;
ROLLBACK;
BEGIN;
SELECT i, iforest_score(model, reading(i, 'ALTER TYPE reading ADD ATTRIBUTE c text', $$'k1'::text, 7.0::float8, 2.0::float8$$, $$'k1'::text, 7.0::float8, 2.0::float8, 'more'::text$$))
	= iforest_score(model, 'k1', 7, 2) AS right
FROM models, generate_series(1, 3) i;
ROLLBACK;

-- One that no longer fits the model is refused: text is not read as a number, and no number as text.
BEGIN;
SELECT i, iforest_score(model, reading(i, 'ALTER TYPE reading ALTER ATTRIBUTE kind TYPE float8', $$'k1'::text, 7.0::float8, 2.0::float8$$, $$1.5::float8, 7.0::float8, 2.0::float8$$))
FROM models, generate_series(1, 3) i;
ROLLBACK;
BEGIN;
SELECT i, iforest_score(model, reading(i, 'ALTER TYPE reading ALTER ATTRIBUTE a TYPE text', $$'k1'::text, 7.0::float8, 2.0::float8$$, $$'k1'::text, 'seven'::text, 2.0::float8$$))
FROM models, generate_series(1, 3) i;
ROLLBACK;
BEGIN;
SELECT i, iforest_score(model, reading(i, 'ALTER TYPE reading RENAME ATTRIBUTE a TO z', $$'k1'::text, 7.0::float8, 2.0::float8$$, $$'k1'::text, 7.0::float8, 2.0::float8$$))
FROM models, generate_series(1, 3) i;
ROLLBACK;

-- So does every function that takes rows.
CREATE TABLE calls (call text);
INSERT INTO calls VALUES
	('SELECT count(*) FROM (SELECT iforest_is_outlier(model, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_percent_rank(model, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_p_value(model, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_explain(model, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_reason(model, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_plot_explanation(model, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_impute(model, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_sample(model, 2, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_augment(model, 2, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT count(*) FROM (SELECT iforest_grid(model, ''a'', ''b'', 2, %1$s) FROM models, generate_series(1, 3) i) s'),
	('SELECT iforest_drift(model, %1$s) IS NOT NULL FROM models, generate_series(1, 3) i'),
	('SELECT iforest_calibrate(model, %1$s) IS NOT NULL FROM models, generate_series(1, 3) i'),
	('SELECT iforest_plot(model, %1$s) IS NOT NULL FROM models, generate_series(1, 3) i'),
	('SELECT iforest_plot_classes(model, i::text, %1$s) IS NOT NULL FROM models, generate_series(1, 3) i'),
	('SELECT iforest_train(iforest_options(n_trees => 2), %1$s) IS NOT NULL FROM generate_series(1, 3) i');
-- What a call returns, or its error, with what it does taken back.
CREATE FUNCTION outcome(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	BEGIN
		EXECUTE call INTO result;
		RAISE SQLSTATE 'UNDOI';
	EXCEPTION
		WHEN SQLSTATE 'UNDOI' THEN RETURN result;
		WHEN OTHERS THEN RETURN SQLSTATE || ': ' || SQLERRM;
	END;
END $$;
SELECT substring(call FROM 'iforest_\w+') AS function, outcome(format(call,
	$$reading(i, 'ALTER TYPE reading ALTER ATTRIBUTE a TYPE int', '''k1''::text, 7.0::float8, 2.0::float8', '''k1''::text, 7, 2.0::float8')$$)) AS with_an_int
FROM calls;
SELECT substring(call FROM 'iforest_\w+') AS function, outcome(format(call,
	$$reading(i, 'ALTER TYPE reading ALTER ATTRIBUTE kind TYPE float8', '''k1''::text, 7.0::float8, 2.0::float8', '1.5::float8, 7.0::float8, 2.0::float8')$$)) AS with_a_number
FROM calls;

-- Rows that are still being made of a type that changes are not made at all:
-- whoever gets them would read them as the type is now.
CREATE FUNCTION change() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	EXECUTE 'ALTER TYPE reading ALTER ATTRIBUTE kind TYPE float8';
	RETURN 'changed';
END $$;
BEGIN;
SELECT iforest_sample(model, 3, NULL::reading, 1) IS NULL AS made, change() FROM models;
ROLLBACK;
BEGIN;
SELECT iforest_augment(model, 3, ROW('k1', 7, 2)::reading, seed => 1) IS NULL AS made, change() FROM models;
ROLLBACK;
-- A domain's check runs as a row is put together, between its columns.
CREATE FUNCTION changes(x float8) RETURNS bool LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	IF x IS NOT NULL AND current_setting('my.change', true) = 'on' THEN
		PERFORM set_config('my.change', 'off', false);
		EXECUTE 'ALTER TYPE watched ALTER ATTRIBUTE kind TYPE float8';
	END IF;
	RETURN true;
END $$;
CREATE DOMAIN watched_number AS float8 CHECK (changes(VALUE));
CREATE TYPE watched AS (kind text, a float8, b watched_number);
SELECT iforest_impute(model, ROW('k1', 7, NULL)::watched) IS NULL AS nothing FROM models;
SET my.change = on;
SELECT iforest_impute(model, ROW('k1', 7, NULL)::watched) FROM models;
RESET my.change;

-- What leaves the columns as they are, such as new statistics of a table, makes no difference.
CREATE TABLE counted (kind text NOT NULL, a float8 DEFAULT 1, b float8);
CREATE FUNCTION count_anew(float8) RETURNS bool LANGUAGE plpgsql STRICT AS $$
BEGIN
	INSERT INTO counted VALUES ('k1', $1);
	ANALYZE counted;
	RETURN true;
END $$;
CREATE DOMAIN counting AS float8 CHECK (count_anew(VALUE));
ALTER TABLE counted ALTER COLUMN b TYPE counting;
SELECT count(*) FROM models, iforest_sample(model, 3, NULL::counted, 1);
SELECT count(*) > 0 AS analyzed, (SELECT reltuples > 0 FROM pg_class WHERE relname = 'counted') AS counted FROM counted;
DROP TABLE counted;
DROP DOMAIN counting;
DROP FUNCTION count_anew(float8);

-- A row that is older than a column has what the column was added with: a trigger gets it as it is stored.
CREATE TABLE grown (a float8, b float8);
INSERT INTO grown SELECT i, i % 7 FROM generate_series(1, 200) i;
ALTER TABLE grown ADD COLUMN c float8 DEFAULT 5, ADD COLUMN d text DEFAULT 'new';
CREATE TABLE grown_model AS SELECT iforest_train(iforest_options(seed => 1, n_trees => 20), g) AS model
FROM (TABLE grown UNION ALL SELECT i, i % 7, 4 + i % 3, 'k' || i % 5 FROM generate_series(1, 200) i) g;
CREATE TABLE grown_seen (by_row float8, by_column float8, imputed text);
CREATE FUNCTION grown_see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO grown_seen
	SELECT iforest_score(model, OLD), iforest_score(model, OLD.a, OLD.b, OLD.c, OLD.d), iforest_impute(model, OLD)::text
	FROM grown_model;
	RETURN NEW;
END $$;
CREATE TRIGGER grown_see BEFORE UPDATE ON grown FOR EACH ROW EXECUTE FUNCTION grown_see();
UPDATE grown SET b = 0 WHERE a = 17;
SELECT by_row = by_column AS same, imputed FROM grown_seen;
DROP TABLE grown, grown_model, grown_seen;
DROP FUNCTION grown_see();

-- Records without a type of their own may differ from row to row; arrays in their number.
SELECT i, iforest_score(numbers, CASE i WHEN 1 THEN ROW(7.0::float8, 2.0::float8) WHEN 2 THEN ROW(7, 2.0::numeric) ELSE ROW(7::int2, 2::int8) END)
	= iforest_score(numbers, 7, 2) AS right
FROM models, generate_series(1, 3) i;
SELECT i, iforest_score(numbers, CASE i WHEN 1 THEN ROW(7.0::float8, 2.0::float8) ELSE ROW(7.0::float8, 'two'::text) END)
FROM models, generate_series(1, 2) i;
SELECT i, iforest_score(numbers, CASE i WHEN 1 THEN '{7,2}' ELSE '{7,2,1}' END::float8[]) FROM models, generate_series(1, 2) i;

-- An enum's labels are looked up for each row: what a value is called now counts.
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE moods AS SELECT iforest_train(iforest_options(seed => 1), (ARRAY['good', 'bad'])[1 + (i % 10 = 0)::int]::mood) AS model FROM generate_series(1, 100) i;
CREATE FUNCTION mood_of(i int) RETURNS mood LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	IF i = 2 THEN ALTER TYPE mood RENAME VALUE 'good' TO 'fine'; ALTER TYPE mood RENAME VALUE 'bad' TO 'good'; END IF;
	RETURN CASE WHEN i = 1 THEN enum_first(NULL::mood) ELSE enum_last(NULL::mood) END;
END $$;
SELECT i, iforest_score(model, mood_of(i)) = iforest_score(model, 'good'::text) AS as_good FROM moods, generate_series(1, 3) i;

DROP TABLE readings, models, calls, moods;
DROP FUNCTION reading(int, text, text, text), outcome(text), change(), mood_of(int);
DROP TYPE reading, watched, mood;
DROP DOMAIN watched_number;
DROP FUNCTION changes(float8);
