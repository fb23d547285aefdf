-- Who may see, use and change named models; and that nothing a role writes is
-- run as anybody else.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE ROLE regress_alice;
CREATE ROLE regress_bob;
CREATE ROLE regress_team;
CREATE ROLE regress_dash;
GRANT regress_team TO regress_alice;
CREATE TABLE s AS SELECT i AS id, (i * i % 101)::float8 AS amount FROM generate_series(1, 500) i;
GRANT SELECT ON s TO regress_alice;

-- A role owns what it makes; others see nothing of it and may not use it.
SET ROLE regress_alice;
SELECT iforest_fit('fraud', 'SELECT amount FROM s');
SET ROLE regress_bob;
SELECT count(*) FROM iforest_models;
SELECT iforest_score('fraud', 1.0);
SELECT iforest_info('fraud');
SELECT iforest_activate('fraud', 1);
SELECT * FROM iforest_refit('fraud');
SELECT iforest_drop('fraud');
SELECT iforest_share('fraud', 'regress_bob');
UPDATE iforest_models SET note = 'mine';
DELETE FROM iforest_models;
-- Nor may they take the name, by whatever way.
SELECT iforest_fit('fraud', 'SELECT 1');
INSERT INTO iforest_models (name, version, model) VALUES ('fraud', 99, '');
INSERT INTO iforest_models (name, version, model) VALUES ('fraud', 1, '');
INSERT INTO iforest_models (name, version, model) VALUES ('bobs', 1, '');
UPDATE iforest_models SET name = 'fraud' WHERE name = 'bobs';
-- Nor pass for another.
INSERT INTO iforest_models (name, version, model, owner) VALUES ('forged', 1, '', 'regress_alice');
UPDATE iforest_models SET owner = 'regress_alice';
DELETE FROM iforest_models;
-- Training reads what its owner may read.
SELECT iforest_fit('s', 'SELECT amount FROM s');
RESET ROLE;

-- Sharing is for reading.
SET ROLE regress_alice;
SELECT iforest_share('fraud', 'regress_dash');
SELECT iforest_share('fraud', 'regress_dash');
SELECT iforest_share('fraud', 'regress_nobody');
SELECT version, owner, readers FROM iforest_models;
SET ROLE regress_dash;
SELECT iforest_score('fraud', 50.0) BETWEEN 0 AND 1 AS may_score;
SELECT name, version, owner FROM iforest_models;
SELECT iforest_fit('fraud', 'SELECT 1');
SELECT * FROM iforest_refit('fraud');
SELECT iforest_drop('fraud');
SELECT iforest_share('fraud', 'regress_bob');
UPDATE iforest_models SET note = 'mine';
DELETE FROM iforest_models;
-- New versions are for the same readers; public is everybody.
SET ROLE regress_alice;
SELECT status FROM iforest_refit('fraud', gate => '{"min_agreement": -1}');
SELECT iforest_fit('fraud', 'SELECT amount FROM s');
SELECT iforest_share('fraud', 'public');
SELECT DISTINCT readers FROM iforest_models;
SET ROLE regress_bob;
SELECT iforest_score('fraud', 50.0) BETWEEN 0 AND 1 AS may_score;
SET ROLE regress_alice;
SELECT iforest_unshare('fraud', 'public'), iforest_unshare('fraud', 'regress_dash');
SELECT DISTINCT readers FROM iforest_models;
SET ROLE regress_dash;
SELECT iforest_score('fraud', 50.0);
-- What a call site knows holds for one role.
RESET ROLE;
CREATE FUNCTION as_two(a name, b name) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	r name;
	score float8;
BEGIN
	FOREACH r IN ARRAY ARRAY[a, b, a] LOOP
		PERFORM set_config('role', r, true);
		BEGIN
			score := iforest_score('fraud', 50.0);
			RETURN NEXT r || ': ' || (score > 0);
		EXCEPTION WHEN undefined_object THEN
			RETURN NEXT r || ': ' || SQLERRM;
		END;
	END LOOP;
	PERFORM set_config('role', 'none', true);
END $$;
SELECT * FROM as_two('regress_alice', 'regress_bob');
-- A view is used with the rights of its reader, so the model is shared with him.
CREATE VIEW scored AS SELECT id, iforest_score('fraud', amount) AS score FROM s;
GRANT SELECT ON scored TO regress_dash;
SET ROLE regress_dash;
SELECT count(score) FROM scored;
RESET ROLE;
SELECT iforest_share('fraud', 'regress_dash');
SET ROLE regress_dash;
SELECT count(score) FROM scored;
RESET ROLE;

-- Members of an owning role manage its models.
SET ROLE regress_team;
SELECT iforest_fit('teams', 'SELECT current_user::text AS a, 1 AS b');
SET ROLE regress_alice;
SELECT iforest_fit('teams', 'SELECT current_user::text AS a, session_user <> current_user AS b');
SELECT version, owner FROM iforest_models WHERE name = 'teams' ORDER BY version;
-- .. and the query ran as that role.
SELECT categories FROM iforest_features('teams') f WHERE f.name = 'a';
SELECT iforest_drop('teams');
RESET ROLE;

-- A superuser who refits runs the query as its owner, and nothing as himself.
CREATE TABLE secret AS SELECT 1 AS a;
SET ROLE regress_bob;
SELECT iforest_fit('trap', 'SELECT 1 AS a');
UPDATE iforest_models SET query = 'SELECT a FROM secret' WHERE name = 'trap';
RESET ROLE;
SELECT * FROM iforest_refit('trap');
SET ROLE regress_bob;
UPDATE iforest_models SET query = 'SELECT set_config(''role'', ''none'', false) AS a' WHERE name = 'trap';
RESET ROLE;
SELECT * FROM iforest_refit('trap');
SET ROLE regress_bob;
UPDATE iforest_models SET query = 'SELECT set_config(''session_authorization'', ''default'', false) AS a' WHERE name = 'trap';
RESET ROLE;
SELECT status FROM iforest_refit('trap');
SET ROLE regress_bob;
UPDATE iforest_models SET query = 'SELECT current_user::text AS a, current_setting(''is_superuser'') AS b' WHERE name = 'trap';
RESET ROLE;
SELECT status FROM iforest_refit('trap', gate => '{"min_agreement": -1}');
SELECT f.name, categories = ARRAY['regress_bob'] AS bob FROM iforest_features('trap') f WHERE f.name = 'a';
SELECT current_user = session_user AS still_myself;
-- The conditions and the gate are run likewise.
SET ROLE regress_bob;
UPDATE iforest_models SET query = 'SELECT 1 / (current_user = ''regress_bob'')::int AS a FROM generate_series(1, 20)' WHERE name = 'trap';
RESET ROLE;
SELECT status, version FROM iforest_refit('trap', '{"new_rows": 19}', '{"min_agreement": -0.5}');

-- A row's search_path holds for its query, and for nothing of ours.
CREATE SCHEMA regress_evil AUTHORIZATION regress_bob;
SET ROLE regress_bob;
CREATE FUNCTION regress_evil.evil(text, text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured "=" as %', current_user; END $$;
CREATE OPERATOR regress_evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = regress_evil.evil);
CREATE FUNCTION regress_evil.evil(int, int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured "=" as %', current_user; END $$;
CREATE OPERATOR regress_evil.= (LEFTARG = int, RIGHTARG = int, FUNCTION = regress_evil.evil);
CREATE FUNCTION regress_evil.iforest_train(jsonb, record) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured iforest_train as %', current_user; END $$;
CREATE FUNCTION regress_evil.iforest_score(bytea, record) RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured iforest_score as %', current_user; END $$;
CREATE FUNCTION regress_evil.random() RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured random as %', current_user; END $$;
CREATE FUNCTION regress_evil.count() RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured count as %', current_user; END $$;
CREATE FUNCTION regress_evil.nullif(int, int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured nullif as %', current_user; END $$;
CREATE FUNCTION regress_evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured clock_timestamp as %', current_user; END $$;
CREATE TYPE regress_evil.jsonb AS (a int);
CREATE TABLE regress_evil.iforest_models (name text, model bytea, active bool, version int);
CREATE TABLE regress_evil.numbers AS SELECT i % 7 AS a FROM generate_series(1, 100) i;
RESET ROLE;
SET search_path = regress_evil, pg_catalog, public;
SELECT public.iforest_fit('path', 'SELECT * FROM numbers');
SELECT status, version, detail FROM public.iforest_refit('path', '{"age": "0 s"}');
SELECT public.iforest_rollback('path');
SELECT public.iforest_activate('path', 2);
SELECT public.iforest_score('path', 3) BETWEEN 0 AND 1 AS scored;
SELECT public.iforest_score('nix', 3);
SELECT public.iforest_share('path', 'public'), public.iforest_unshare('path', 'public');
SELECT public.iforest_drop('path', 1);
RESET search_path;
SELECT search_path, query FROM iforest_models WHERE name = 'path';
-- Anybody's session finds the query's table by the path that it was defined under.
SELECT status FROM iforest_refit('path', gate => '{"min_agreement": -1}');
SELECT iforest_drop('path');
-- Where someone can put a better match beside our functions, it is not called.
CREATE FUNCTION public.iforest_train(jsonb, record) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN RAISE 'captured as %', current_user; END $$;
SELECT iforest_fit('hidden', 'SELECT 1 AS a');
DROP FUNCTION public.iforest_train(jsonb, record);
-- Nor is what a type of one's own can be cast to, compared with or checked by.
SET ROLE regress_bob;
CREATE TYPE regress_evil.amount AS (a float8);
CREATE FUNCTION regress_evil.captured(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF current_user <> 'regress_bob' THEN RAISE 'captured % as %', what, current_user; END IF;
	RETURN what;
END $$;
CREATE FUNCTION regress_evil.to_float8(regress_evil.amount) RETURNS float8 LANGUAGE sql AS $$ SELECT length(regress_evil.captured('a cast to float8')) $$;
CREATE FUNCTION regress_evil.to_text(regress_evil.amount) RETURNS text LANGUAGE sql AS $$ SELECT regress_evil.captured('a cast to text') $$;
CREATE FUNCTION regress_evil.to_jsonb(regress_evil.amount) RETURNS jsonb LANGUAGE sql AS $$ SELECT to_jsonb(regress_evil.captured('a cast to jsonb')) $$;
CREATE FUNCTION regress_evil.to_bytea(regress_evil.amount) RETURNS bytea LANGUAGE sql AS $$ SELECT regress_evil.captured('a cast to bytea')::bytea $$;
CREATE CAST (regress_evil.amount AS float8) WITH FUNCTION regress_evil.to_float8 AS IMPLICIT;
CREATE CAST (regress_evil.amount AS text) WITH FUNCTION regress_evil.to_text AS IMPLICIT;
CREATE CAST (regress_evil.amount AS jsonb) WITH FUNCTION regress_evil.to_jsonb AS IMPLICIT;
CREATE CAST (regress_evil.amount AS bytea) WITH FUNCTION regress_evil.to_bytea AS IMPLICIT;
CREATE DOMAIN regress_evil.checked AS float8 CHECK (regress_evil.captured('a check') <> '');
SELECT iforest_fit('cast', 'SELECT i::regress_evil.checked AS a FROM generate_series(1, 20) i');
RESET ROLE;
SELECT status FROM iforest_refit('cast', '{"age": "0 s"}', '{"min_agreement": -1}');
SELECT status FROM iforest_refit('cast', '{"drift": 0}', '{"min_agreement": -1}');
SELECT iforest_score('cast', 3::float8) = iforest_score('cast', row(3)::regress_evil.amount) AS a_row_by_its_columns;
SET ROLE regress_bob;
UPDATE iforest_models SET query = 'SELECT row(i)::regress_evil.amount AS a FROM generate_series(1, 20) i' WHERE name = 'cast';
RESET ROLE;
SELECT * FROM iforest_refit('cast');
SET ROLE regress_bob;
SELECT iforest_drop('cast');
DROP CAST (regress_evil.amount AS float8);
DROP CAST (regress_evil.amount AS text);
DROP CAST (regress_evil.amount AS jsonb);
DROP CAST (regress_evil.amount AS bytea);
RESET ROLE;

-- A query leaves nothing in the session that somebody else could run.
SET ROLE regress_bob;
CREATE FUNCTION regress_evil.leave(a int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('DECLARE left_behind_%s CURSOR FOR SELECT regress_evil.random()', a); RETURN a; END $$;
UPDATE iforest_models SET query = 'SELECT regress_evil.leave(i)::text AS a, ''off'' AS b FROM generate_series(1, 20) i' WHERE name = 'trap';
RESET ROLE;
BEGIN;
SELECT status FROM iforest_refit('trap', gate => '{"min_agreement": -0.5}');
SELECT count(*) FROM pg_cursors;
COMMIT;

-- An owner who is gone.
SELECT iforest_drop('trap');
DROP OWNED BY regress_bob;
CREATE ROLE regress_gone;
SET ROLE regress_gone;
SELECT iforest_fit('orphan', 'SELECT 1 AS a FROM generate_series(1, 20)');
RESET ROLE;
ALTER ROLE regress_gone RENAME TO regress_renamed;
SELECT owner, status FROM iforest_models, iforest_refit('orphan', gate => '{"min_agreement": -1}') WHERE name = 'orphan';
DROP ROLE regress_renamed;
SELECT * FROM iforest_refit('orphan');
UPDATE iforest_models SET owner = 'regress_alice' WHERE name = 'orphan';
SELECT status, version FROM iforest_refit('orphan', gate => '{"min_agreement": -1}');
SELECT iforest_drop('orphan');

-- Another schema, also for the session that has looked names up already; the
-- extension of a role that is no superuser.
SELECT iforest_score('fraud', 50.0) BETWEEN 0 AND 1 AS scored;
CREATE SCHEMA regress_elsewhere;
GRANT USAGE ON SCHEMA regress_elsewhere TO public;
ALTER EXTENSION iforest SET SCHEMA regress_elsewhere;
SELECT regress_elsewhere.iforest_score('fraud', 50.0) BETWEEN 0 AND 1 AS scored;
SELECT status FROM regress_elsewhere.iforest_refit('fraud', gate => '{"min_agreement": -1}');
ALTER SCHEMA regress_elsewhere RENAME TO "regress else'where";
SELECT "regress else'where".iforest_score('fraud', 50.0) BETWEEN 0 AND 1 AS scored;
SELECT status FROM "regress else'where".iforest_refit('fraud', gate => '{"min_agreement": -0.9}');
SELECT "regress else'where".iforest_drop('fraud');
ALTER EXTENSION iforest SET SCHEMA public;
BEGIN;
DROP VIEW scored;
DROP EXTENSION iforest;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_alice', current_database()); END $$;
CREATE SCHEMA regress_hers AUTHORIZATION regress_alice;
SET ROLE regress_alice;
CREATE EXTENSION iforest SCHEMA regress_hers;
SET search_path = regress_hers, public;
SELECT iforest_fit('hers', 'SELECT amount FROM s', iforest_options(seed => 1));
SELECT status FROM iforest_refit('hers');
SELECT iforest_rollback('hers');
SELECT iforest_score('hers', 50.0) BETWEEN 0 AND 1 AS scored;
GRANT USAGE ON SCHEMA regress_hers TO public;
SET ROLE regress_bob;
SELECT count(*) FROM iforest_models;
SELECT iforest_fit('his', 'SELECT 1 AS a');
-- The extension is hers; his models are not.
SET ROLE regress_alice;
SELECT name, version, active FROM iforest_models ORDER BY 1, 2;
SELECT iforest_drop('hers');
ROLLBACK;
-- The guard of the table serves no other.
CREATE TABLE unguarded (name int, owner text);
CREATE TABLE nameless (a int);
CREATE TRIGGER guard AFTER INSERT ON unguarded FOR EACH ROW EXECUTE FUNCTION iforest_models_guard();
CREATE TRIGGER guard AFTER INSERT ON nameless FOR EACH ROW EXECUTE FUNCTION iforest_models_guard();
INSERT INTO unguarded VALUES (1, 'me');
INSERT INTO nameless VALUES (1);
SELECT iforest_models_guard();
DROP TABLE unguarded, nameless;
-- Triggers that its owner adds to the table are in nobody's way without a word.
CREATE FUNCTION skip_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SELECT iforest_fit('skipped', 'SELECT i FROM generate_series(1, 20) i');
CREATE TRIGGER skip BEFORE INSERT ON iforest_models FOR EACH ROW EXECUTE FUNCTION skip_row();
SELECT iforest_fit('skipped', 'SELECT i FROM generate_series(1, 20) i');
SELECT iforest_refit('skipped');
DROP TRIGGER skip ON iforest_models;
CREATE TRIGGER skip BEFORE UPDATE ON iforest_models FOR EACH ROW EXECUTE FUNCTION skip_row();
SELECT iforest_fit('skipped', 'SELECT i FROM generate_series(1, 20) i');
DROP TRIGGER skip ON iforest_models;
-- The table is found by its name, which can change at any moment.
BEGIN;
CREATE FUNCTION rename_schema() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ALTER SCHEMA %I RENAME TO elsewhere', TG_TABLE_SCHEMA);
	RETURN NEW;
END $$;
CREATE TRIGGER rename BEFORE INSERT ON iforest_models FOR EACH ROW EXECUTE FUNCTION rename_schema();
SELECT iforest_fit('skipped', 'SELECT i FROM generate_series(1, 20) i');
ROLLBACK;
SELECT iforest_drop('skipped');
DROP FUNCTION skip_row;
DROP VIEW scored;
DROP FUNCTION as_two;
DROP TABLE s, secret;
DROP SCHEMA "regress else'where";
DROP ROLE regress_alice, regress_bob, regress_team, regress_dash;
