-- iforest_refit: training anew on a schedule, under conditions, through a gate.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE TABLE r AS SELECT i AS id, (i * i % 101)::float8 AS amount, i % 24 AS hour FROM generate_series(1, 1000) i;
CREATE VIEW versions AS
SELECT version, active, previous, rows, options ->> 'seed' AS seed, note, last_refit, last_refit_detail AS detail FROM iforest_models;
SELECT iforest_fit('m', 'SELECT amount, hour FROM r', iforest_options(seed => 1, n_trees => 50), note => 'first', keep => 4);

-- The query, options and limits of the active version serve again.
INSERT INTO r SELECT i, (i * i % 101)::float8, i % 24 FROM generate_series(1001, 1100) i;
SELECT * FROM iforest_refit('m');
SELECT * FROM versions ORDER BY version;
SELECT count(DISTINCT query), count(DISTINCT options), count(DISTINCT search_path), min(keep) FROM iforest_models;

-- only_if: all of an object's conditions, or one of an array's objects.
SELECT * FROM iforest_refit('m', '{"age": "1 day"}');
SELECT * FROM iforest_refit('m', '{"new_rows": 100}');
SELECT * FROM iforest_refit('m', '[{"age": "1 day"}, {"new_rows": 100}]');
INSERT INTO r SELECT i, (i * i % 101)::float8, i % 24 FROM generate_series(1101, 1250) i;
SELECT * FROM iforest_refit('m', '{"age": "1 day", "new_rows": 100}');
SELECT * FROM iforest_refit('m', '{"age": "0 s", "new_rows": 151}');
SELECT status FROM iforest_refit('m', '{"age": "0 s", "new_rows": 150}');
\set SHOW_CONTEXT errors
SELECT status FROM iforest_refit('m', '{"age": "soon"}');
\set SHOW_CONTEXT never
UPDATE iforest_versions v SET trained_at = now() - interval '25 hours' FROM iforest_registry r WHERE v.id = r.id AND v.version = r.active;
SELECT status FROM iforest_refit('m', '[{"age": "1 day"}, {"new_rows": 100}]');
SELECT status FROM iforest_refit('m', '[{"age": "1 day"}, {"new_rows": 100}]');
SELECT status FROM iforest_refit('m', '{}');
SELECT status FROM iforest_refit('m', '{"age": null}');
SELECT version, active, previous FROM versions ORDER BY version;
-- What is asked for must make sense.
SELECT * FROM iforest_refit('m', '{"old": "1 day"}');
SELECT * FROM iforest_refit('m', '{"age": 1}');
SELECT * FROM iforest_refit('m', '{"age": "soon"}');
SELECT * FROM iforest_refit('m', '{"new_rows": "1"}');
SELECT * FROM iforest_refit('m', '{"new_rows": 0}');
SELECT * FROM iforest_refit('m', '{"drift": -1}');
SELECT * FROM iforest_refit('m', '"1 day"');
SELECT * FROM iforest_refit('m', '[1]');
SELECT * FROM iforest_refit('m', '[[]]');
SELECT * FROM iforest_refit('m', gate => '[]');
SELECT * FROM iforest_refit('m', gate => '{"min_agreement": 2}');
SELECT * FROM iforest_refit('m', gate => '{"agreement": 1}');
SELECT * FROM iforest_refit('nix');
SELECT * FROM iforest_refit(NULL);

-- The gate: enough rows. By default half of what the active version had.
DELETE FROM r WHERE id > 500;
SELECT * FROM iforest_refit('m');
SELECT iforest_fit('m', 'SELECT amount, hour FROM r', iforest_options(seed => 1, n_trees => 50));
SELECT * FROM iforest_refit('m', gate => '{"min_rows": 501}');
SELECT active, note FROM iforest_models ORDER BY version DESC LIMIT 2;
SELECT status FROM iforest_refit('m', gate => '{"min_rows": 500}');
-- And scores that rank the rows as before. Here what was usual becomes odd.
UPDATE r SET amount = CASE WHEN id > 20 THEN 5000 + id ELSE amount END, hour = CASE WHEN id > 20 THEN 100 + id % 24 ELSE hour END;
SELECT status, version IS NOT NULL AS trained, regexp_replace(detail, '(agreement) \S+,', '\1 ..,') AS detail
FROM iforest_refit('m', gate => '{"min_agreement": 0.9}');
SELECT active, note IS NOT NULL AS noted FROM iforest_models ORDER BY version DESC LIMIT 2;
-- It can be opened, or the version activated by hand.
SELECT status, detail FROM iforest_refit('m', gate => '{"min_agreement": -1}');
SELECT status FROM iforest_refit('m', gate => '{"min_agreement": 0.9}');
-- Agreement is that of Spearman's rank correlation.
CREATE FUNCTION agreement() RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	-- no two forests agree as well as this, so that the detail tells how well
	d text := (SELECT detail FROM iforest_refit('m', gate => '{"min_agreement": 1, "sample_rows": 100000}'));
BEGIN
	RETURN coalesce(substring(d FROM 'agreement (\S+),')::float8, 1);
END $$;
SELECT iforest_fit('m', 'SELECT amount, hour FROM r');
SELECT agreement() AS told \gset
WITH s AS (
	SELECT id, iforest_score('m', r) AS old, iforest_score(iforest_model('m', b.version), r) AS new
	FROM r, (SELECT * FROM iforest_models WHERE NOT active ORDER BY version DESC LIMIT 1) b
), ranked AS (
	SELECT rank() OVER (ORDER BY old) + (count(*) OVER (PARTITION BY old) - 1) / 2.0 AS old,
	       rank() OVER (ORDER BY new) + (count(*) OVER (PARTITION BY new) - 1) / 2.0 AS new FROM s
)
SELECT abs(corr(old, new) - :told) <= 0.005001 AS same FROM ranked;
-- Rows that the active version cannot score, and rows too few to tell.
ALTER TABLE r RENAME hour TO hours;
SELECT iforest_fit('n', 'SELECT * FROM r', iforest_options(seed => 1));
ALTER TABLE r RENAME hours TO hour;
SELECT * FROM iforest_refit('n');
SELECT iforest_fit('n', 'SELECT amount FROM r LIMIT 9', iforest_options(seed => 1));
SELECT * FROM iforest_refit('n');
SELECT status FROM iforest_refit('n', gate => '{"min_agreement": -1}');
-- Where nothing ranks, nothing disagrees.
SELECT iforest_fit('n', 'SELECT 1 AS a FROM r');
SELECT status FROM iforest_refit('n', gate => '{"min_agreement": 1}');

-- A query that fails leaves the active version, and the error with it.
SELECT iforest_fit('f', 'SELECT amount, hour FROM r', iforest_options(seed => 1));
ALTER TABLE r RENAME amount TO amounts;
SELECT * FROM iforest_refit('f');
SELECT version, active, last_refit, last_refit_detail, now() - last_refit_at BETWEEN '-1 minute' AND '1 minute' AS just_now FROM iforest_models WHERE name = 'f';
SELECT iforest_score('f', 50.0, 12) BETWEEN 0 AND 1 AS still_there;
SELECT * FROM iforest_refit('f', '{"new_rows": 1}');
SELECT * FROM iforest_refit('f', '{"age": "1 day"}');
SELECT last_refit, last_refit_detail FROM iforest_models WHERE name = 'f';
ALTER TABLE r RENAME amounts TO amount;
SELECT status, version FROM iforest_refit('f');
SELECT version, active, last_refit, last_refit_detail FROM iforest_models WHERE name = 'f' ORDER BY version;
-- Errors at run time, of the options, of no rows at all.
CREATE FUNCTION set_query(text, text) RETURNS void LANGUAGE sql AS
'UPDATE iforest_versions v SET query = $2 FROM iforest_registry r WHERE v.id = r.id AND v.version = r.active AND r.name = $1';
SELECT set_query('f', 'SELECT 1 / (hour - hour) AS a FROM r');
SELECT * FROM iforest_refit('f');
SELECT set_query('f', 'SELECT 1 AS a; SELECT 2');
SELECT * FROM iforest_refit('f');
SELECT set_query('f', 'SELECT 1 AS a WHERE false');
SELECT * FROM iforest_refit('f');
SELECT set_query('f', 'SELECT 1 AS a');
UPDATE iforest_versions SET options = '{"n_tree": 1}' WHERE id = (SELECT id FROM iforest_registry WHERE name = 'f');
SELECT * FROM iforest_refit('f');
UPDATE iforest_versions SET options = NULL, search_path = '"broken' WHERE id = (SELECT id FROM iforest_registry WHERE name = 'f');
SELECT * FROM iforest_refit('f');
UPDATE iforest_versions SET search_path = NULL WHERE id = (SELECT id FROM iforest_registry WHERE name = 'f');
SELECT status FROM iforest_refit('f', gate => '{"min_agreement": -1, "min_rows": 0}');
-- only_if with drift: rows like those of the training are left alone.
CREATE TABLE d AS SELECT i AS id, (i * 7919 % 1009)::float8 AS amount, i % 24 AS hour FROM generate_series(1, 2000) i;
SELECT iforest_fit('d', 'SELECT amount, hour FROM d', iforest_options(seed => 1));
SELECT status, regexp_replace(detail, 'of \S+,', 'of ..,') AS detail FROM iforest_refit('d', '{"drift": 0.1}');
UPDATE d SET amount = amount + 500;
SELECT status FROM iforest_refit('d', '{"drift": 0.1}', '{"min_agreement": -1}');
SELECT status FROM iforest_refit('d', '{"drift": 0.1}');
SELECT iforest_drop('d');
DROP TABLE d;
-- A query that is cancelled is no failure: the statement ends, nothing is left.
SELECT iforest_fit('slow', 'SELECT amount FROM r');
SELECT set_query('slow', 'SELECT pg_sleep(60)::text AS a');
BEGIN;
SET LOCAL statement_timeout = '100ms';
SELECT * FROM iforest_refit('slow');
ROLLBACK;
BEGIN;
SET LOCAL statement_timeout = '100ms';
SELECT iforest_fit('slow', 'SELECT pg_sleep(60)::text AS a');
ROLLBACK;
SELECT version, last_refit FROM iforest_models WHERE name = 'slow';
-- A name all of whose versions are inactive gets an active one.
SELECT iforest_fit('new', 'SELECT amount FROM r', activate => false);
SELECT * FROM iforest_refit('new');

-- Many models in one statement: what one owner's query does, even if it says
-- that it was cancelled, is no matter to the others.
TRUNCATE iforest_registry, iforest_versions;
CREATE FUNCTION boom(state text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'said by the query' USING ERRCODE = state; END $$;
SELECT iforest_fit(n, 'SELECT amount FROM r', iforest_options(seed => 1, n_trees => 5)) FROM unnest('{a,b,c,d,e,f,g,h}'::text[]) n;
SELECT set_query('b', 'SELECT boom(''57014'') AS a');
SELECT set_query('c', 'SELECT boom(''57P01'') AS a');
SELECT set_query('d', 'SELECT boom(''57P05'') AS a');
SELECT set_query('e', 'SELECT boom(''40001'') AS a');
SELECT iforest_store('f', iforest_model('a'));
-- .. and without a role to run as, or of another role's making.
UPDATE iforest_versions SET runs_as = '' WHERE id = (SELECT id FROM iforest_registry WHERE name = 'g');
UPDATE iforest_registry SET owner = '' WHERE name = 'h';
UPDATE iforest_versions SET runs_as = '' WHERE id = (SELECT id FROM iforest_registry WHERE name = 'h');
\set VERBOSITY terse
SELECT name, status, version, detail FROM (SELECT DISTINCT name FROM iforest_models ORDER BY name) m, iforest_refit(name);
SELECT name, version, last_refit, last_refit_detail FROM iforest_models WHERE last_refit = 'failed' ORDER BY name;
-- One that is dropped while the statement runs is skipped.
CREATE FUNCTION drop_others(name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iforest_drop(o.name) FROM (SELECT DISTINCT m.name FROM iforest_models m WHERE m.name > drop_others.name) o;
	RETURN name;
END $$;
SELECT name, status, detail FROM (SELECT DISTINCT name FROM iforest_models WHERE name IN ('a', 'b') ORDER BY name) m,
	LATERAL (SELECT * FROM iforest_refit(drop_others(name))) r;
\set VERBOSITY default
-- No query sets a time after which the session is ended (servers before 17
-- have no such setting, which is an error, too).
CREATE FUNCTION linger(give_up text) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config(give_up, '1', false);
	PERFORM pg_sleep(0.1);
	RETURN 1;
END $$;
SELECT set_query('a', 'SELECT linger(''transaction_timeout'') AS a');
SET client_min_messages = error;
SELECT status FROM iforest_refit('a');
RESET client_min_messages;
-- What it sets for itself holds until its end.
SELECT set_query('a', 'SELECT linger(''lock_timeout'') AS a');
SELECT status, current_setting('lock_timeout') FROM iforest_refit('a', gate => '{"min_rows": 0, "min_agreement": -1}');
DROP FUNCTION linger;
TRUNCATE iforest_registry, iforest_versions;
DROP VIEW versions;
DROP FUNCTION agreement, set_query, boom, drop_others;
DROP TABLE r;

-- What fails, or is held back, is an error where that is asked for, so that a
-- scheduler's job fails as well; nothing is stored or recorded then.
CREATE TABLE refit_raise AS SELECT i AS id, i % 7 AS a, i % 11 AS b FROM generate_series(1, 400) AS i;
SELECT iforest_fit('raise', 'SELECT a, b FROM refit_raise', iforest_options(seed => 1));
SELECT status FROM iforest_refit('raise', on_failure => 'error');
SELECT status FROM iforest_refit('raise', only_if => '{"age": "1 day"}', on_failure => 'error');
SELECT iforest_refit('raise', gate => '{"min_rows": 401}', on_failure => 'error');
\echo :SQLSTATE
ALTER TABLE refit_raise RENAME b TO c;
SELECT iforest_refit('raise', on_failure => 'error');
\echo :SQLSTATE
SELECT version, active, last_refit FROM iforest_models WHERE name = 'raise' ORDER BY version;
SELECT status FROM iforest_refit('raise', on_failure => 'warn');
SELECT iforest_refit('raise', on_failure => 'Error');
SELECT status FROM iforest_refit('raise', on_failure => NULL);
ALTER TABLE refit_raise RENAME c TO b;
INSERT INTO refit_raise SELECT i AS id, i % 7 AS a, i % 11 AS b FROM generate_series(401, 8000) AS i;

-- After a real drift the scores cannot agree with those of before; the gate lets
-- such a version pass if it is told to, and as it says, for a drift that large.
CREATE VIEW refit_window AS SELECT a, b FROM refit_raise WHERE id > 0;
SELECT iforest_fit('drifted', 'SELECT a, b FROM refit_window', iforest_options(seed => 1));
CREATE OR REPLACE VIEW refit_window AS SELECT 100 - a AS a, CASE WHEN b < 9 THEN 50 + b ELSE b END AS b FROM refit_raise WHERE a > 1 OR b > 8;
SELECT status, regexp_replace(detail, '[-0-9.]+, at', '.., at') AS detail FROM iforest_refit('drifted', gate => '{"min_agreement": 1}');
SELECT status, regexp_replace(regexp_replace(detail, '[-0-9.]+, at', '.., at'), 'drift of [0-9.]+', 'drift of ..') AS detail
FROM iforest_refit('drifted', gate => '{"min_agreement": 1, "unless_drift": 1000}');
SELECT status, detail FROM iforest_refit('drifted', gate => '{"min_agreement": 1, "unless_drift": 0.25}');
-- Rows that have not drifted are held to the agreement; their number is another matter.
CREATE OR REPLACE VIEW refit_window AS SELECT 100 - a AS a, CASE WHEN b < 9 THEN 50 + b ELSE b END AS b FROM refit_raise WHERE (a > 1 OR b > 8) AND id % 3 > 0;
SELECT status, detail ~ 'unless the drift of [0-9.e-]+ were above 0.25$' AS says_so FROM iforest_refit('drifted', gate => '{"min_agreement": 1, "unless_drift": 0.25}');
SELECT status, detail FROM iforest_refit('drifted', gate => '{"min_rows": 100000, "unless_drift": 0}');
SELECT iforest_refit('drifted', gate => '{"unless_drift": -1}');
SELECT iforest_drop('raise') > 0 AND iforest_drop('drifted') > 0 AS dropped;
DROP VIEW refit_window;
DROP TABLE refit_raise;

-- A name can be held at a version, after a rollback for instance, or at the one
-- that is active; until it is let go, no refit trains.
CREATE TABLE refit_held AS SELECT i % 7 AS a, i % 11 AS b FROM generate_series(1, 400) AS i;
SELECT iforest_fit('held', 'SELECT a, b FROM refit_held', iforest_options(seed => 1)), iforest_fit('held', 'SELECT a, b FROM refit_held', iforest_options(seed => 2));
SELECT iforest_rollback('held', hold => true);
SELECT * FROM iforest_refit('held');
SELECT status FROM iforest_refit('held', on_failure => 'error');
SELECT version, active, held FROM iforest_models WHERE name = 'held' ORDER BY version;
SELECT iforest_activate('held', 1);
SELECT status, version FROM iforest_refit('held');
SELECT iforest_activate('held', 3, hold => true);
SELECT * FROM iforest_refit('held');
-- Who trains or stores a version by hand, or rolls back, lets go as well; a version
-- that is not activated does not.
SELECT iforest_fit('held', 'SELECT a, b FROM refit_held', iforest_options(seed => 4), activate => false);
SELECT bool_or(held) AS held FROM iforest_models WHERE name = 'held';
SELECT iforest_store('held', iforest_model('held'));
SELECT bool_or(held) AS held FROM iforest_models WHERE name = 'held';
SELECT iforest_activate('held', 3, hold => true);
SELECT iforest_rollback('held');
SELECT status FROM iforest_refit('held');
SELECT iforest_drop('held') > 0 AS dropped;
DROP TABLE refit_held;
