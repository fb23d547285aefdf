-- Who may see, use and change named models; and that nothing a role writes is
-- run as anybody else.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE ROLE regress_alice;
CREATE ROLE regress_bob;
CREATE ROLE regress_team;
CREATE ROLE regress_dash;
CREATE ROLE regress_super SUPERUSER;
GRANT regress_team TO regress_alice;
CREATE TABLE s AS SELECT i AS id, (i * i % 101)::float8 AS amount FROM generate_series(1, 500) i;
GRANT SELECT ON s TO regress_alice;

-- A role owns what it makes; others see nothing of it and may not use it.
SET ROLE regress_alice;
SELECT iforest_fit('fraud', 'SELECT amount FROM s');
SET ROLE regress_bob;
SELECT count(*) FROM iforest_models;
SELECT iforest_score('fraud', 1.0);
SELECT iforest_info(iforest_model('fraud'));
SELECT iforest_activate('fraud', 1);
SELECT * FROM iforest_refit('fraud');
SELECT iforest_drop('fraud');
SELECT iforest_share('fraud', 'regress_bob');
SELECT iforest_unshare('fraud', 'public');
SELECT iforest_rollback('fraud');
SELECT iforest_set_owner('fraud', 'regress_bob');
SELECT iforest_model('fraud');
SELECT iforest_model('fraud', 1);
-- Nor may they take the name.
SELECT iforest_fit('fraud', 'SELECT 1');
SELECT iforest_store('fraud', iforest_train(i)) FROM generate_series(1, 10) i;
-- The tables are nobody's: not to be read, written, filled, locked, emptied,
-- referred to, indexed, changed; the view is to be read alone.
RESET ROLE;
CREATE SCHEMA regress_bobs AUTHORIZATION regress_bob;
SET ROLE regress_bob;
\set VERBOSITY terse
SELECT count(*) FROM iforest_registry;
SELECT model FROM iforest_versions;
SELECT ctid, tableoid FROM iforest_versions;
COPY iforest_versions TO STDOUT;
INSERT INTO iforest_registry (name, id, owner) VALUES ('fraud', 1, 'regress_bob');
INSERT INTO iforest_versions (id, version, model, runs_as) VALUES (1, 99, '', 'regress_alice');
UPDATE iforest_registry SET owner = 'regress_bob';
DELETE FROM iforest_versions;
TRUNCATE iforest_registry, iforest_versions;
DO $$
DECLARE
	mode text;
	relation text;
BEGIN
	FOREACH relation IN ARRAY ARRAY['iforest_registry', 'iforest_versions', 'iforest_models'] LOOP
		FOREACH mode IN ARRAY ARRAY['ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE'] LOOP
			BEGIN
				EXECUTE format('LOCK TABLE %I IN %s MODE NOWAIT', relation, mode);
				RAISE NOTICE '% can be locked in % mode', relation, mode;
			EXCEPTION WHEN insufficient_privilege THEN
				NULL;
			END;
		END LOOP;
	END LOOP;
END $$;
SELECT pg_advisory_lock(objid::bigint) FROM pg_locks WHERE classid = 'iforest_registry'::regclass;
CREATE TABLE regress_bobs.refers (name text REFERENCES public.iforest_registry);
CREATE TABLE regress_bobs.inherits () INHERITS (public.iforest_versions);
CREATE INDEX ON iforest_versions (version);
CREATE STATISTICS st ON name, version FROM iforest_versions;
CREATE RULE r AS ON INSERT TO iforest_registry DO ALSO SELECT 1;
CREATE TRIGGER t BEFORE INSERT ON iforest_registry FOR EACH ROW EXECUTE FUNCTION _iforest_registry_guard();
ALTER TABLE iforest_registry DISABLE TRIGGER ALL;
ALTER TABLE iforest_versions OWNER TO regress_bob;
DROP VIEW iforest_models;
CREATE OR REPLACE FUNCTION _iforest_can_read(owner iforest_role, readers iforest_role[]) RETURNS bool LANGUAGE sql AS 'SELECT true';
INSERT INTO iforest_models (name, version) VALUES ('fraud', 2);
UPDATE iforest_models SET owner = 'regress_bob';
SELECT most_common_vals FROM pg_stats WHERE tablename IN ('iforest_registry', 'iforest_versions');
-- A function in a condition sees no row that its caller may not see.
CREATE FUNCTION pg_temp.leak(what text) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE NOTICE 'saw %', what; RETURN true; END $$;
SELECT name FROM iforest_models WHERE pg_temp.leak(name);
SELECT name FROM iforest_models WHERE pg_temp.leak(query);
SELECT name FROM iforest_models WHERE 1 / (version - 1) > 0;
SELECT name FROM iforest_models WHERE version::text::date IS NULL;
DROP FUNCTION pg_temp.leak(text);
-- What people must not call does nothing for them.
SELECT _iforest_registry_guard();
SELECT _iforest_can_manage('regress_alice'), _iforest_can_read('regress_alice', '{regress_dash}'), _iforest_can_read('regress_alice', '{public}'),
       _iforest_can_manage(''), _iforest_can_manage('public'), _iforest_can_read('', '{}'), _iforest_can_manage(NULL), _iforest_can_read('', '{NULL,""}');
\set VERBOSITY default
-- Training reads what its owner may read.
SELECT iforest_fit('s', 'SELECT amount FROM s');
RESET ROLE;

-- Sharing is for reading.
SET ROLE regress_alice;
SELECT iforest_share('fraud', 'regress_dash');
SELECT iforest_share('fraud', 'regress_dash');
SELECT iforest_share('fraud', 'regress_nobody');
SELECT version, owner, shared_with FROM iforest_models;
SET ROLE regress_dash;
SELECT iforest_score('fraud', 50.0) BETWEEN 0 AND 1 AS may_score;
SELECT length(iforest_model('fraud')) = size AS may_read FROM iforest_models;
SELECT name, version, owner, shared_with, query, search_path, options, runs_as FROM iforest_models;
SELECT iforest_fit('fraud', 'SELECT 1');
SELECT * FROM iforest_refit('fraud');
SELECT iforest_drop('fraud');
SELECT iforest_share('fraud', 'regress_bob');
SELECT iforest_set_owner('fraud', 'regress_dash');
SELECT iforest_store('fraud', iforest_model('fraud'));
-- Nor is what a failed refit says, which may hold values of rows.
SET ROLE regress_alice;
SELECT iforest_fit('secrets', 'SELECT amount FROM s', iforest_options(seed => 1), note => 'a note');
SELECT iforest_share('secrets', 'regress_dash');
RESET ROLE;
UPDATE iforest_versions SET query = 'SELECT (''card 4111-'' || amount::text)::numeric AS a FROM s' WHERE id = (SELECT id FROM iforest_registry WHERE name = 'secrets');
SET ROLE regress_alice;
SELECT status FROM iforest_refit('secrets');
SELECT last_refit, last_refit_detail, note FROM iforest_models WHERE name = 'secrets';
SET ROLE regress_dash;
SELECT last_refit, last_refit_at IS NOT NULL AS "when", last_refit_detail, note FROM iforest_models WHERE name = 'secrets';
-- Nor what the gate meets.
RESET ROLE;
CREATE FUNCTION only_once(amount float8) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	IF current_query() LIKE '%secrets%' AND (SELECT count(*) > 1 FROM iforest_models WHERE name = 'secrets') THEN
		RAISE 'card 4111-%', amount;
	END IF;
	RETURN amount;
END $$;
UPDATE iforest_versions SET query = 'SELECT only_once(amount) AS amount FROM s' WHERE id = (SELECT id FROM iforest_registry WHERE name = 'secrets');
SET ROLE regress_alice;
SELECT status, detail FROM iforest_refit('secrets');
SET ROLE regress_dash;
SELECT version, active, last_refit, last_refit_detail, note FROM iforest_models WHERE name = 'secrets' ORDER BY version;
SET ROLE regress_alice;
SELECT iforest_drop('secrets');
-- New versions are for the same readers; public is everybody.
SET ROLE regress_alice;
SELECT status FROM iforest_refit('fraud', gate => '{"min_agreement": -1}');
SELECT iforest_fit('fraud', 'SELECT amount FROM s');
SELECT iforest_share('fraud', 'public');
SELECT DISTINCT shared_with FROM iforest_models;
SET ROLE regress_bob;
SELECT iforest_score('fraud', 50.0) BETWEEN 0 AND 1 AS may_score;
SET ROLE regress_alice;
SELECT iforest_unshare('fraud', 'public'), iforest_unshare('fraud', 'regress_dash');
SELECT DISTINCT shared_with FROM iforest_models;
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
SELECT categories FROM iforest_features(iforest_model('teams')) f WHERE f.name = 'a';
-- They may give them to each other, but to nobody whom they cannot be.
SELECT iforest_set_owner('teams', 'regress_bob');
SELECT iforest_set_owner('teams', 'regress_super');
SELECT iforest_set_owner('teams', 'public');
SELECT iforest_set_owner('teams', 'regress_nobody');
SELECT iforest_set_owner('teams', current_user);
SELECT DISTINCT owner, runs_as FROM iforest_models WHERE name = 'teams';
SET ROLE regress_team;
SELECT count(*) FROM iforest_models WHERE name = 'teams';
SELECT iforest_set_owner('teams', 'regress_team');
SET ROLE regress_alice;
SELECT iforest_drop('teams');
RESET ROLE;

-- A superuser who refits runs the query as its owner, and nothing as himself.
CREATE TABLE secret AS SELECT 1 AS a;
SET ROLE regress_bob;
SELECT iforest_fit('trap', 'SELECT 1 AS a');
RESET ROLE;
CREATE FUNCTION set_query(name text, query text) RETURNS void LANGUAGE sql AS
'UPDATE iforest_versions v SET query = $2 FROM iforest_registry r WHERE v.id = r.id AND r.name = $1';
SELECT set_query('trap', 'SELECT a FROM secret');
SELECT * FROM iforest_refit('trap');
SELECT set_query('trap', 'SELECT set_config(''role'', ''none'', false) AS a');
SELECT * FROM iforest_refit('trap');
SELECT set_query('trap', 'SELECT set_config(''session_authorization'', ''default'', false) AS a');
SELECT status FROM iforest_refit('trap');
SELECT set_query('trap', 'SELECT current_user::text AS a, current_setting(''is_superuser'') AS b');
SELECT status FROM iforest_refit('trap', gate => '{"min_agreement": -1}');
SELECT f.name, categories = ARRAY['regress_bob'] AS bob FROM iforest_features(iforest_model('trap')) f WHERE f.name = 'a';
SELECT current_user = session_user AS still_myself;
-- The conditions and the gate are run likewise.
SELECT set_query('trap', 'SELECT 1 / (current_user = ''regress_bob'')::int AS a FROM generate_series(1, 20)');
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
SELECT public.iforest_fit('path', 'SELECT * FROM numbers', '{"seed": 1}');
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
SELECT set_query('cast', 'SELECT row(i)::regress_evil.amount AS a FROM generate_series(1, 20) i');
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
RESET ROLE;
SELECT set_query('trap', 'SELECT regress_evil.leave(i)::text AS a, ''off'' AS b FROM generate_series(1, 20) i');
BEGIN;
SELECT status FROM iforest_refit('trap', gate => '{"min_agreement": -0.5}');
SELECT count(*) FROM pg_cursors;
COMMIT;

-- An owner who is gone.
SELECT iforest_drop('trap');
DROP OWNED BY regress_bob;
CREATE SCHEMA regress_bobs;
CREATE ROLE regress_gone;
SET ROLE regress_gone;
SELECT iforest_fit('orphan', 'SELECT 1 AS a FROM generate_series(1, 20)');
RESET ROLE;
ALTER ROLE regress_gone RENAME TO regress_renamed;
SELECT owner, runs_as, status FROM iforest_models, iforest_refit('orphan', gate => '{"min_agreement": -1}') WHERE name = 'orphan';
SELECT iforest_share('orphan', 'regress_dash');
DROP ROLE regress_renamed;
SELECT version, owner, shared_with, runs_as FROM iforest_models WHERE name = 'orphan' ORDER BY version;
SELECT * FROM iforest_refit('orphan');
-- Nobody but superusers manages it; its readers go on.
SET ROLE regress_dash;
SELECT iforest_score('orphan', 1) BETWEEN 0 AND 1 AS may_score;
SELECT iforest_drop('orphan');
SELECT iforest_set_owner('orphan', 'regress_dash');
RESET ROLE;
-- A superuser gives it to a role, which its query then runs as.
SELECT iforest_set_owner('orphan', 'regress_alice');
SELECT status, version FROM iforest_refit('orphan', gate => '{"min_agreement": -1}');
SELECT version, active, owner, runs_as FROM iforest_models WHERE name = 'orphan' ORDER BY version;
-- Hints with a name in them can be copied, whatever the name.
SELECT iforest_fit('x''; ALTER ROLE regress_bob SUPERUSER; --', 'SELECT 1 AS a');
SELECT iforest_set_owner('x''; ALTER ROLE regress_bob SUPERUSER; --', 'regress_alice');
UPDATE iforest_versions SET runs_as = 'regress_bob' WHERE id = (SELECT id FROM iforest_registry WHERE name LIKE 'x%');
SELECT status FROM iforest_refit('x''; ALTER ROLE regress_bob SUPERUSER; --');
UPDATE iforest_registry SET owner = '' WHERE name LIKE 'x%';
UPDATE iforest_versions SET runs_as = '' WHERE id = (SELECT id FROM iforest_registry WHERE name LIKE 'x%');
SELECT status FROM iforest_refit('x''; ALTER ROLE regress_bob SUPERUSER; --');
SELECT iforest_drop('x''; ALTER ROLE regress_bob SUPERUSER; --');
-- Readers who are gone are shown as an empty text, and go when there is a change.
CREATE ROLE regress_gone;
SELECT iforest_share('orphan', 'regress_gone');
DROP ROLE regress_gone;
SELECT DISTINCT shared_with FROM iforest_models WHERE name = 'orphan';
SELECT iforest_share('orphan', 'public');
SELECT DISTINCT shared_with FROM iforest_models WHERE name = 'orphan';
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
CREATE TRIGGER guard BEFORE INSERT ON unguarded FOR EACH ROW EXECUTE FUNCTION _iforest_registry_guard();
CREATE TRIGGER guard BEFORE INSERT ON nameless FOR EACH ROW EXECUTE FUNCTION _iforest_registry_guard();
INSERT INTO unguarded VALUES (1, 'me');
INSERT INTO nameless VALUES (1);
CREATE TRIGGER after AFTER INSERT ON unguarded FOR EACH ROW EXECUTE FUNCTION _iforest_registry_guard();
SELECT _iforest_registry_guard();
DROP TABLE unguarded, nameless;
-- Triggers that its owner adds to the table are in nobody's way without a word.
CREATE FUNCTION skip_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SELECT iforest_fit('skipped', 'SELECT i FROM generate_series(1, 20) i');
CREATE TRIGGER skip BEFORE INSERT ON iforest_versions FOR EACH ROW EXECUTE FUNCTION skip_row();
SELECT iforest_fit('skipped', 'SELECT i FROM generate_series(1, 20) i');
SELECT iforest_refit('skipped');
DROP TRIGGER skip ON iforest_versions;
CREATE TRIGGER skip BEFORE UPDATE ON iforest_registry FOR EACH ROW EXECUTE FUNCTION skip_row();
SELECT iforest_fit('skipped', 'SELECT i FROM generate_series(1, 20) i');
DROP TRIGGER skip ON iforest_registry;
-- .. and run as its owner, whoever changes a model.
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '% of % by %', TG_OP, TG_TABLE_NAME, current_user = 'regress_alice'; RETURN NULL; END $$;
CREATE TRIGGER tell AFTER INSERT ON iforest_versions FOR EACH ROW EXECUTE FUNCTION tell();
SET ROLE regress_alice;
SELECT iforest_fit('told', 'SELECT i FROM generate_series(1, 20) i');
SELECT current_user = 'regress_alice' AS still_herself, iforest_drop('told');
RESET ROLE;
DROP TRIGGER tell ON iforest_versions;
-- The tables are those of the function's owner; one that only has the name is
-- not used, whoever it belongs to.
BEGIN;
CREATE SCHEMA regress_fake AUTHORIZATION regress_bob;
CREATE FUNCTION regress_fake.score(text, VARIADIC "any") RETURNS float8 AS '$libdir/iforest', 'iforest_score_named' LANGUAGE C STABLE;
SET ROLE regress_bob;
CREATE TABLE regress_fake.iforest_registry (name text COLLATE "C" PRIMARY KEY, id bigint, owner oid, readers oid[], keep int, active int, a int, b int, c int, d int);
CREATE TABLE regress_fake.iforest_versions AS SELECT 1::bigint AS id, 1 AS version;
RESET ROLE;
SELECT regress_fake.score('fraud', 1);
ROLLBACK;
SELECT iforest_drop('skipped');
DROP FUNCTION skip_row, tell, set_query, only_once;
DROP VIEW scored;
DROP FUNCTION as_two;
DROP TABLE s, secret;
DROP SCHEMA "regress else'where";
DROP SCHEMA regress_bobs;
DROP ROLE regress_alice, regress_bob, regress_team, regress_dash, regress_super;
