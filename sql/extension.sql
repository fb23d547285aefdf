-- The extension as an object: who may create it, where it may live, and that
-- everything in it is described and declared as meant.
\set VERBOSITY default
\set SHOW_CONTEXT never

-- Every object has a comment (the row type of a table is the table's).
SELECT count(*) > 0 AS some_objects,
       count(*) FILTER (WHERE obj_description(objid, classid::regclass::name) IS NULL) AS without_comment
FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND classid <> 'pg_type'::regclass
     AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'iforest');
SELECT obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'iforest';

-- Parts of aggregates, types and tables have names that begin with an underscore,
-- so that \df iforest_* shows what is for people. Every argument has a name.
SELECT bool_or(proname ~ '^_') AS some_parts,
       count(*) FILTER (WHERE proname !~ '^_' AND ('{internal,cstring,trigger,iforest_role}'::regtype[] && (prorettype || proargtypes::oid[])::regtype[])) AS parts_in_sight,
       count(*) FILTER (WHERE pronargs > coalesce(cardinality(proargnames), 0) OR '' = ANY (proargnames)) AS without_argument_names
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
     JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE extname = 'iforest';

-- What a user calls: volatility (i, s, v), parallel safety (s, r, u), strict.
-- (The arguments of iforest_options are in the test of options.)
SELECT CASE proname WHEN 'iforest_options' THEN 'iforest_options(..)' ELSE p.oid::regprocedure::text END AS function, prokind AS kind, provolatile AS vol, proparallel AS par, proisstrict AS strict, procost AS cost
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
     JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE extname = 'iforest' AND proname !~ '^_'
ORDER BY p.oid::regprocedure::text COLLATE "C";
-- The aggregates' support functions take internal, so that SQL cannot call them.
SELECT count(*) > 0 AS some, bool_and('internal'::regtype = ANY (proargtypes)) AS take_internal
FROM pg_proc WHERE proname ~ '^_iforest_.*_(accum|combine|serialize|deserialize|final)$';
SELECT aggfnoid::regprocedure AS aggregate, aggfinalmodify AS modify,
       aggcombinefn <> 0 AND aggserialfn <> 0 AND aggdeserialfn <> 0 AS merges
FROM pg_aggregate WHERE aggfnoid::regprocedure::text ~ '^iforest_'
ORDER BY aggfnoid::regprocedure::text COLLATE "C";

-- Its settings.
SELECT iforest_is_valid('') AS loads_the_library;
SELECT name, setting, unit, context, vartype, short_desc, extra_desc
FROM pg_settings WHERE name LIKE 'iforest.%' ORDER BY name;

-- It is trusted: who may create in a database may create the extension there.
-- It is relocatable: objects follow it into another schema.
SELECT extrelocatable AS relocatable FROM pg_extension WHERE extname = 'iforest';
BEGIN;
DROP EXTENSION iforest;
CREATE ROLE regress_iforest_owner;
DO $$
BEGIN
	EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_iforest_owner', current_database());
END $$;
SET ROLE regress_iforest_owner;
CREATE SCHEMA iforest_one;
CREATE SCHEMA iforest_two;
CREATE EXTENSION iforest SCHEMA iforest_one;
SELECT extowner::regrole AS owner, extnamespace::regnamespace AS schema FROM pg_extension WHERE extname = 'iforest';
SET search_path = iforest_one;
CREATE TABLE t AS SELECT i AS a FROM generate_series(1, 100) i;
SELECT iforest_score(iforest_train(a), 1000) > iforest_score(iforest_train(a), 50) AS works FROM t;
-- (Moving it is for superusers, who own what a trusted extension creates.)
RESET ROLE;
ALTER EXTENSION iforest SET SCHEMA iforest_two;
SET ROLE regress_iforest_owner;
SELECT iforest_two.iforest_score(iforest_two.iforest_train(iforest_two.iforest_options(seed => 1), a), 1000) > 0.5 AS works FROM t;
SAVEPOINT moved;
\set VERBOSITY terse
SELECT iforest_train(a) FROM t;
\set VERBOSITY default
ROLLBACK TO moved;
-- No search_path is needed to train, merge or score.
SET search_path = '';
SELECT iforest_two.iforest_score(iforest_two.iforest_merge(model), 1000, 'x') > 0.5 AS works
FROM (SELECT iforest_two.iforest_train(a, 'x'::text) AS model FROM iforest_one.t) m;
ROLLBACK;

-- Without that right it may not be created, but anybody may use it.
BEGIN;
CREATE ROLE regress_iforest_user;
SET ROLE regress_iforest_user;
SELECT iforest_score(iforest_train(i), 1000) > 0.5 AS works FROM generate_series(1, 100) i;
SET iforest.model_cache_size = '1MB';
RESET ROLE;
DROP EXTENSION iforest;
SET ROLE regress_iforest_user;
\set VERBOSITY terse
CREATE EXTENSION iforest;
ROLLBACK;
-- It can be dropped and created again in a session that has used it.
BEGIN;
DROP EXTENSION iforest;
CREATE EXTENSION iforest;
SELECT iforest_score(iforest_train(i), 1000) > 0.5 AS works FROM generate_series(1, 100) i;
ROLLBACK;
