-- Rows of the registry that do not come from its functions: who owns the database
-- may insert some, and does when he restores a dump. He can make nothing run as a
-- role that he cannot be, and take nothing from anybody.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE ROLE regress_keeper;
CREATE ROLE regress_friend;
CREATE ROLE regress_alice;
GRANT regress_friend TO regress_keeper;
DROP EXTENSION iforest;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_keeper', current_database()); END $$;
CREATE SCHEMA regress_kept AUTHORIZATION regress_keeper;
GRANT USAGE ON SCHEMA regress_kept TO public;
SET ROLE regress_keeper;
CREATE EXTENSION iforest SCHEMA regress_kept;
RESET ROLE;
SET search_path = regress_kept, public;

-- Who may do what: the database's owner what a dump and a restore need; everybody,
-- reading the view. Who has created the extension, nothing by that.
SELECT relname, relkind, grantee::regrole::text, string_agg(privilege_type, ', ' ORDER BY privilege_type) AS privileges
FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'regress_kept'::regnamespace AND grantee <> relowner
GROUP BY 1, 2, 3 ORDER BY 1, 3;

SET ROLE regress_alice;
SELECT iforest_fit('alices', 'SELECT current_user::text AS a, i AS b FROM generate_series(1, 20) i', iforest_options(seed => 1, n_trees => 5));
SELECT iforest_share('alices', 'public');
SET ROLE regress_keeper;
SELECT name FROM iforest_registry;
SELECT name, query FROM iforest_models;
INSERT INTO iforest_registry (name, id, owner) VALUES ('his', 0, 'regress_keeper');
RESET ROLE;
-- The rest is tried by one who has both, as owner of the database.
GRANT SELECT, INSERT ON iforest_registry, iforest_versions TO regress_keeper;
SET ROLE regress_keeper;
-- He sees all, as a dump has to; and may lock no stronger than an INSERT does.
SELECT name, owner, readers FROM iforest_registry;
SELECT version, runs_as FROM iforest_versions;
BEGIN;
LOCK TABLE iforest_registry, iforest_versions IN ROW EXCLUSIVE MODE;
ROLLBACK;
BEGIN;
LOCK TABLE iforest_registry IN SHARE MODE;
ROLLBACK;
-- A name goes to an owner whom he can be, and else to him.
INSERT INTO iforest_registry (name, id, owner, readers, active) VALUES
	('own', 1, 'regress_keeper', '{}', 1),
	('friends', 2, 'regress_friend', '{regress_alice,public}', 1),
	('forged', 3, 'regress_alice', '{regress_none,123,"",NULL,regress_alice}', 1),
	('nobodys', 4, '', '{}', 1),
	('publics', 5, 'public', '{}', 1),
	('numbers', 6, '10', '{10}', 1);
SELECT name, owner, readers FROM iforest_registry ORDER BY name;
-- What is taken is taken.
INSERT INTO iforest_registry (name, id, owner) VALUES ('alices', 7, 'regress_keeper');
INSERT INTO iforest_registry (name, id, owner) VALUES ('alices', 7, 'regress_keeper') ON CONFLICT (name) DO UPDATE SET owner = 'regress_keeper';
-- A version goes under a name that he may write. Its query is for a role that
-- he can be, or for none.
INSERT INTO iforest_versions (id, version, model, runs_as, query)
SELECT id, 1, iforest_model('alices'), r::iforest_role, 'SELECT current_user::text AS a, i AS b FROM generate_series(1, 20) i'
FROM (VALUES (1, 'regress_keeper'), (2, 'regress_friend'), (3, 'regress_alice'), (4, ''), (5, 'public'), (6, '10')) v(id, r);
SELECT name, version, runs_as FROM iforest_registry JOIN iforest_versions USING (id) ORDER BY name;
INSERT INTO iforest_versions (id, version, model, runs_as) SELECT id, 2, '', 'regress_alice' FROM iforest_registry WHERE name = 'alices';
\set VERBOSITY terse
INSERT INTO iforest_registry (name, id, owner) SELECT 'twin', id, 'regress_keeper' FROM iforest_registry WHERE name = 'alices';
\set VERBOSITY default
-- Versions may come before their name, in a restore with several jobs; but not for
-- a name that somebody is about to take, as its id is nobody's to know.
INSERT INTO iforest_versions (id, version, model, runs_as) VALUES (8, 1, iforest_model('alices'), 'regress_alice');
INSERT INTO iforest_registry (name, id, owner, active) VALUES ('later', 8, 'regress_keeper', 1);
SELECT runs_as, iforest_score(name, 'x', 1) > 0 AS scores FROM iforest_models WHERE name = 'later';
-- The same comes in by COPY.
COPY iforest_registry (name, id, owner, readers, keep) FROM STDIN;
copied	9	regress_alice	{public}	5
\.
COPY iforest_versions (id, version, model, runs_as) FROM STDIN;
9	1	\\x	regress_alice
\.
SELECT name, version, owner, runs_as FROM iforest_models WHERE name = 'copied';
-- Rows are for inserting only, whatever other rights one has.
UPDATE iforest_registry SET owner = 'regress_keeper';
DELETE FROM iforest_versions;
RESET ROLE;
GRANT pg_write_all_data TO regress_keeper;
SET ROLE regress_keeper;
UPDATE iforest_registry SET owner = 'regress_keeper' WHERE name = 'alices';
UPDATE iforest_versions SET query = 'SELECT 1 AS a' WHERE id = 1;
DELETE FROM iforest_registry WHERE name = 'alices';
DELETE FROM iforest_versions WHERE version = 1;
RESET ROLE;
REVOKE pg_write_all_data FROM regress_keeper;
-- Triggers that are off do not include this one.
SET session_replication_role = replica;
SET ROLE regress_keeper;
INSERT INTO iforest_registry (name, id, owner) VALUES ('replica', 10, 'regress_alice');
SELECT owner FROM iforest_registry WHERE name = 'replica';
-- Nor can who has created the extension turn it off, or get behind it.
ALTER TABLE iforest_registry DISABLE TRIGGER iforest_registry_guard;
DROP TRIGGER iforest_registry_guard ON iforest_versions;
ALTER TABLE iforest_registry OWNER TO regress_keeper;
ALTER TABLE iforest_registry ADD COLUMN x int;
ALTER EXTENSION iforest DROP TABLE iforest_registry;
ALTER FUNCTION _iforest_registry_guard() OWNER TO regress_keeper;
CREATE OR REPLACE FUNCTION _iforest_registry_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
DROP FUNCTION _iforest_registry_guard();
DROP TABLE iforest_versions;
GRANT UPDATE ON iforest_registry TO regress_keeper;
CREATE TABLE child () INHERITS (iforest_registry);
RESET ROLE;
RESET session_replication_role;

-- All of them score. A query runs if it was written for its model's owner.
SELECT name, owner, runs_as, iforest_score(iforest_model(name, version), 'x', 1) > 0 AS scores FROM iforest_models WHERE size > 0 ORDER BY name;
\set VERBOSITY terse
SELECT name, status FROM (SELECT DISTINCT name FROM iforest_models WHERE size > 0 ORDER BY name) m, iforest_refit(name, gate => '{"min_agreement": -1, "min_rows": 0}');
\set VERBOSITY default
SELECT n, categories FROM (VALUES ('alices'), ('friends'), ('own')) v(n), iforest_features(iforest_model(n)) f WHERE f.name = 'a' ORDER BY 1;
-- The new owner looks at it and takes it over, or trains the model by a query of
-- his own; a version from before still has to be taken over.
SET ROLE regress_keeper;
SELECT version, runs_as, query FROM iforest_models WHERE name = 'forged';
SELECT * FROM iforest_refit('forged');
SELECT iforest_fit('forged', 'SELECT current_user::text AS a, 2 AS b FROM generate_series(1, 20)');
SELECT status, version FROM iforest_refit('forged', gate => '{"min_agreement": -1}');
SELECT iforest_activate('forged', 1);
SELECT status, version FROM iforest_refit('forged', gate => '{"min_agreement": -1}');
SELECT iforest_set_owner('forged', current_user);
SELECT status, version FROM iforest_refit('forged', gate => '{"min_agreement": -1}');
SELECT version, active, runs_as, last_refit FROM iforest_models WHERE name = 'forged' ORDER BY version;
SELECT categories FROM iforest_features(iforest_model('forged')) f WHERE f.name = 'a';
-- Given away to one who made it no less, it runs as him.
SELECT iforest_set_owner('numbers', 'regress_friend');
SELECT status, version FROM iforest_refit('numbers', gate => '{"min_agreement": -1}');
SELECT categories FROM iforest_features(iforest_model('numbers')) f WHERE f.name = 'a';
RESET ROLE;

-- What belongs to roles otherwise is no matter here.
REASSIGN OWNED BY regress_alice TO regress_friend;
DROP OWNED BY regress_alice;
SELECT DISTINCT owner, runs_as FROM iforest_models WHERE name = 'alices';
-- Nor are the rights to the tables needed by who has models.
DROP ROLE regress_alice;
SELECT name, owner, readers FROM iforest_registry WHERE name IN ('alices', 'friends', 'forged') ORDER BY name;
COPY (SELECT name, owner, readers FROM iforest_registry ORDER BY name) TO STDOUT;

RESET search_path;
DROP EXTENSION iforest;
CREATE EXTENSION iforest;
DROP SCHEMA regress_kept;
DROP OWNED BY regress_keeper;
DROP ROLE regress_keeper, regress_friend;
