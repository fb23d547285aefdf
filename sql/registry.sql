-- Named models: the view iforest_models, and the functions that make, switch
-- and drop versions.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE TABLE payments AS
SELECT i AS id, (i * i % 101)::float8 AS amount, i % 24 AS hour, (ARRAY['AT', 'DE', 'FR'])[1 + i % 3] AS country
FROM generate_series(1, 500) i;
CREATE VIEW versions AS
SELECT name, version, active, previous, rows, keep, note FROM iforest_models;

-- iforest_fit trains on any query; its columns are the features, by name.
SELECT iforest_fit('fraud', 'SELECT amount, hour, country FROM payments', iforest_options(seed => 1, n_trees => 20));
SELECT name, version, active, query, search_path, options ->> 'n_trees' AS n_trees, owner = current_user AS mine, runs_as = owner AS runs_as_owner,
       shared_with, keep, rows, now() - trained_at BETWEEN '0' AND '10 minutes' AS just_now, train_seconds BETWEEN 0 AND 60 AS took_time,
       previous, note, last_refit, last_refit_at, last_refit_detail
FROM iforest_models;
SELECT f.name, f.type FROM iforest_features(iforest_model('fraud')) f;
SELECT attstorage = 'e' AS not_compressed FROM pg_attribute WHERE attrelid = 'iforest_versions'::regclass AND attname = 'model';
-- It is the model that iforest_train makes; its bytes are nobody's to look at
-- in a list, but a function returns them.
SELECT m.size = length(iforest_model('fraud')) AS size, iforest_model('fraud') = (SELECT iforest_train(iforest_options(seed => 1, n_trees => 20), p)
                  FROM (SELECT amount, hour, country FROM payments) p) AS same FROM iforest_models m;
SELECT count(*) AS columns_of_bytes FROM pg_attribute WHERE attrelid = 'iforest_models'::regclass AND atttypid = 'bytea'::regtype;
-- Each further call makes a version, which replaces the one before, or waits.
SELECT iforest_fit('fraud', 'TABLE payments', '{"n_trees": 10}', note => 'all columns');
SELECT iforest_fit('fraud', 'SELECT amount FROM payments', activate => false);
SELECT * FROM versions ORDER BY version;
-- All kinds of queries; comments and semicolons do no harm.
SELECT iforest_fit('q1', 'VALUES (1, 2), (3, 4);');
SELECT iforest_fit('q2', 'WITH w AS (SELECT 1 AS a) SELECT * FROM w -- not )');
SELECT iforest_fit('q3', E'  SELECT 1 AS t, 2 AS "T" UNION SELECT 3, 4 ORDER BY 1 /* ; */ ; -- the end');
SELECT iforest_fit('Name "with" ''all'' sorts; of $1 things', 'SELECT ''o''''clock'' AS t, 2 AS b');
SELECT m.name, (SELECT array_agg(f.name) FROM iforest_features(iforest_model(m.name)) f) AS features
FROM iforest_models m WHERE active AND name <> 'fraud' ORDER BY m.name;
SELECT sum(iforest_drop(name)) FROM (SELECT DISTINCT name FROM iforest_models WHERE name <> 'fraud') d;

-- Switching: activate, rollback, and back again.
SELECT iforest_activate('fraud', 3);
SELECT iforest_activate('fraud', 3);
SELECT version, active, previous FROM versions ORDER BY version;
SELECT iforest_rollback('fraud');
SELECT iforest_rollback('fraud');
SELECT iforest_rollback('fraud');
SELECT version, active, previous FROM versions ORDER BY version;
SELECT iforest_activate('fraud', 3);
SELECT iforest_activate('fraud', 99);
SELECT iforest_activate('fraud', 0);
SELECT iforest_activate('fraud', NULL);
SELECT iforest_activate('nix', 1);
SELECT iforest_rollback('nix');
-- An error undoes all of it.
BEGIN;
SELECT iforest_activate('fraud', 1);
SELECT 1 / 0;
ROLLBACK;
SELECT version FROM versions WHERE active;

-- Dropping: one version, but not the active one; all.
SELECT iforest_drop('fraud', 3);
SELECT iforest_fit('fraud', 'SELECT amount FROM payments');
SELECT version, active, previous FROM versions ORDER BY version;
-- A rollback steps over what has been dropped.
SELECT iforest_drop('fraud', 3);
SELECT iforest_rollback('fraud');
SELECT iforest_drop('fraud', 99);
SELECT iforest_drop('fraud', 0);
SELECT iforest_drop('nix');
SELECT iforest_drop('fraud');
SELECT count(*) FROM iforest_models;

-- Old versions are kept to a limit: 5, or what iforest_fit was told last.
SELECT iforest_fit('many', 'SELECT amount FROM payments', '{"n_trees": 1}') FROM generate_series(1, 7);
SELECT version, active, previous FROM versions ORDER BY version;
SELECT iforest_fit('many', 'SELECT amount FROM payments', '{"n_trees": 1}', keep => 2);
SELECT iforest_fit('many', 'SELECT amount FROM payments', '{"n_trees": 1}');
SELECT version, active, previous, keep FROM versions ORDER BY version;
-- The active one stays however old it gets, and so does the newest.
SELECT iforest_fit('many', 'SELECT amount FROM payments', '{"n_trees": 1}', activate => false) FROM generate_series(1, 3);
SELECT version, active, previous FROM versions ORDER BY version;
SELECT iforest_rollback('many');
SELECT iforest_fit('many', 'SELECT amount FROM payments', keep => 1);
SELECT iforest_drop('many');

-- A training query is one SELECT, without parameters, and only reads.
SELECT iforest_fit('bad', '');
SELECT iforest_fit('bad', ' -- nothing');
SELECT iforest_fit('bad', 'SELECT 1; SELECT 2');
SELECT iforest_fit('bad', 'DELETE FROM payments');
SELECT iforest_fit('bad', 'CREATE TABLE x (a int)');
SELECT iforest_fit('bad', 'SELECT 1 AS a INTO x');
SELECT iforest_fit('bad', 'SELECT 1) AS t, (SELECT 2');
SELECT iforest_fit('bad', 'SELECT $1');
SELECT iforest_fit('bad', 'WITH d AS (DELETE FROM payments RETURNING *) SELECT * FROM d');
SELECT iforest_fit('bad', 'SELECT * FROM payments FOR UPDATE');
CREATE FUNCTION sneaky() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM payments; RETURN 1; END $$;
SELECT iforest_fit('bad', 'SELECT sneaky()');
SELECT iforest_fit('bad', 'SELECT nothing FROM payments');
SELECT iforest_fit('bad', 'SELECT amount FROM payments WHERE false');
SELECT iforest_fit('bad', 'SELECT ''{1}''::int[] AS a, 1 AS b');
SELECT iforest_fit('bad', 'SELECT 1', '{"trees": 1}');
SELECT iforest_fit('bad', 'SELECT 1', '[]');
SELECT iforest_fit('bad', NULL);
SELECT iforest_fit(NULL, 'SELECT 1');
SELECT iforest_fit('', 'SELECT 1');
SELECT length(name), iforest_fit(name, 'SELECT 1') FROM repeat('x', 255) name;
SELECT iforest_fit(repeat('x', 256), 'SELECT 1');
SELECT iforest_drop(repeat('x', 255));
BEGIN READ ONLY;
SELECT iforest_fit('bad', 'SELECT 1');
ROLLBACK;
BEGIN READ ONLY;
SELECT iforest_drop('bad');
ROLLBACK;
SELECT count(*) FROM iforest_models;
SELECT count(*) FROM payments;
-- Nothing of a training remains set, in success or failure.
BEGIN;
SET LOCAL search_path = public, pg_temp;
SELECT iforest_fit('settings', 'SELECT 1');
SAVEPOINT s;
SELECT iforest_fit('settings', 'SELECT 1 / 0');
ROLLBACK TO s;
SELECT current_setting('search_path'), current_user = session_user AS same_user, current_setting('transaction_read_only');
CREATE TEMP TABLE writable ();
ROLLBACK;

-- A model from elsewhere gets a name by iforest_store.
SELECT iforest_store('stored', iforest_train(iforest_options(seed => 1), amount)) FROM payments;
SELECT round(iforest_score('stored', 50.0)::numeric, 1) AS score;
SELECT owner = current_user AS mine, query, keep, rows, train_seconds FROM iforest_models;
SELECT iforest_store('stored', iforest_merge(model), false, 3, 'merged')
FROM (SELECT iforest_train(amount) AS model FROM payments GROUP BY id % 2) m;
SELECT iforest_store('stored', iforest_model('stored', 1), note => 'the first again');
SELECT version, active, previous, rows, keep, note FROM versions ORDER BY version;
SELECT iforest_model('stored') = iforest_model('stored', 3) AS active, iforest_model('stored', 1) = iforest_model('stored', 3) AS again,
       iforest_model('stored', 1) = iforest_model('stored', 2) AS other, iforest_model(NULL) IS NULL AS no_name, iforest_model(NULL, 1) IS NULL AS neither;
SELECT iforest_model('stored', 4);
SELECT iforest_model('stored', 0);
SELECT iforest_model('nix');
SELECT iforest_model('nix', 1);
SELECT iforest_store('stored', 'rubbish');
SELECT iforest_store('stored', NULL);
SELECT iforest_store(NULL, iforest_model('stored'));
SELECT iforest_store('', iforest_model('stored'));
SELECT iforest_store('stored', iforest_model('stored'), keep => 1);
BEGIN READ ONLY;
SELECT iforest_store('stored', iforest_model('stored'));
ROLLBACK;
-- It has no query to be trained anew on, until iforest_fit gives it one.
SELECT * FROM iforest_refit('stored');
SELECT iforest_fit('stored', 'SELECT amount FROM payments', '{"n_trees": 1}');
SELECT status, version FROM iforest_refit('stored', gate => '{"min_agreement": -1}');
-- A number as great as any has no next one. (Superusers can write the tables.)
UPDATE iforest_versions SET version = 2147483647 WHERE version = 5;
UPDATE iforest_registry SET active = 2147483647;
SELECT iforest_fit('stored', 'SELECT amount FROM payments');
SELECT * FROM iforest_refit('stored');
UPDATE iforest_versions SET version = 2147483646 WHERE version = 2147483647;
SELECT iforest_fit('stored', 'SELECT amount FROM payments');
-- What the name stands for may be missing then; the newest version is next.
UPDATE iforest_registry SET active = 99;
SELECT iforest_score('stored', 50.0);
SELECT iforest_rollback('stored');
SELECT iforest_activate('stored', 2147483647);
SELECT iforest_rollback('stored');
SELECT iforest_drop('stored', 1);
-- The tables do not take what makes no sense.
\set VERBOSITY terse
INSERT INTO iforest_registry (name, id, owner) VALUES ('stored', 1, current_user::text::iforest_role);
SELECT id FROM iforest_registry \gset
INSERT INTO iforest_versions (id, version, runs_as, model) VALUES (:id, 2147483647, '', '');
INSERT INTO iforest_versions (id, version, runs_as, model) VALUES (:id, 0, '', '');
INSERT INTO iforest_registry (name, id, owner) VALUES ('k', :id, current_user::text::iforest_role);
INSERT INTO iforest_registry (name, id, owner) VALUES ('', 1, current_user::text::iforest_role);
INSERT INTO iforest_registry (name, id, owner, keep) VALUES ('k', 1, current_user::text::iforest_role, 1);
INSERT INTO iforest_registry (name, id, owner) VALUES ('k', 1, NULL);
INSERT INTO iforest_registry (name, id, owner, readers) VALUES ('k', 1, current_user::text::iforest_role, NULL);
UPDATE iforest_versions SET model = 'rubbish';
SELECT iforest_score('stored', 1);
-- The view is for reading.
INSERT INTO iforest_models (name, version) VALUES ('k', 1);
UPDATE iforest_models SET note = 'x';
DELETE FROM iforest_models;
SELECT iforest_drop('stored');
SELECT count(*) FROM iforest_versions;

-- The type iforest_role: a role by its name, whatever the name; nobody, who is
-- no error; and never a number.
CREATE ROLE "123";
CREATE ROLE "regress ""quoted"", {role}";
SELECT r, r::text::iforest_role AS role, ARRAY[r::text::iforest_role] AS roles
FROM (VALUES ('123'), ('regress "quoted", {role}'), ('public'), (''), ('10'), ('-'), ('regress_none'), (repeat('r', 64))) v(r);
SELECT _iforest_role_send('123'), _iforest_role_send('public'), _iforest_role_send('regress_none');
DROP ROLE "123";
DROP ROLE "regress ""quoted"", {role}";
DROP VIEW versions;
DROP TABLE payments;
DROP FUNCTION sneaky();
