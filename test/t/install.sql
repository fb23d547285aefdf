-- Fills a schema with better matches for whatever a script uses, as who is
-- connected: psql variables schema, script (its text) and kind (domain or enum,
-- of the types). What is used of it says so by recorder.hit(text).
SET client_min_messages = error;
SET check_function_bodies = off;

CREATE TEMP TABLE script AS
SELECT lower(regexp_replace(regexp_replace(:'script', '--[^\n]*', '', 'g'), '''[^'']*''', '''''', 'g')) AS code;
CREATE TEMP TABLE words AS
SELECT DISTINCT m[1] AS word FROM script, regexp_matches(code, '[a-z_][a-z0-9_]*', 'g') m;
-- Functions that it calls, rather than makes or speaks of.
CREATE TEMP TABLE called AS
SELECT DISTINCT m[1] AS name
FROM (SELECT regexp_replace(code, '(function|aggregate)\s+[a-z0-9_.]+\s*\(', '', 'g') AS code FROM script) s,
	regexp_matches(code, '([a-z_][a-z0-9_]*)\s*\(', 'g') m;
CREATE TEMP TABLE operators AS
SELECT DISTINCT m[1] AS name FROM script, regexp_matches(code, '[-+*/<>=~!@#%^&|`?]+', 'g') m WHERE m[1] NOT IN ('=>', '*')
UNION SELECT unnest('{=,<>,<,>,<=,>=,~~,!~~,||,+,-}'::text[]);
-- Types that it uses, and arrays of them.
CREATE TEMP TABLE types AS
SELECT DISTINCT t.oid::regtype AS type
FROM words JOIN pg_type e ON word IN (e.typname, format_type(e.oid, NULL))
	OR (word, e.typname) IN (('int', 'int4'), ('bigint', 'int8'), ('smallint', 'int2'), ('real', 'float4'))
JOIN pg_type t ON t.oid = e.oid OR t.oid = e.typarray
WHERE e.typnamespace = 'pg_catalog'::regnamespace AND e.typtype = 'b' AND e.typelem = 0 AND e.typname NOT IN ('unknown', 'cstring', 'name', 'char')
AND (t.oid = e.oid OR word || '[]' IN (SELECT m[1] FROM script, regexp_matches(code, '[a-z0-9_]+\[\]', 'g') m));

-- The argument lists to make each function with: none, one or two of any of
-- these types, and what pg_catalog's functions of that name have.
CREATE TEMP TABLE lists AS
SELECT name, '{}'::oid[] AS types FROM called
UNION SELECT name, ARRAY[a.type::oid] FROM called, types a
UNION SELECT name, ARRAY[a.type::oid, b.type::oid] FROM called, types a, types b
UNION SELECT name, proargtypes::oid[] FROM called JOIN pg_proc ON proname = name AND pronamespace = 'pg_catalog'::regnamespace
WHERE NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = ANY (proargtypes) AND typtype = 'p' AND typname !~ '^any.|record');

-- And, of calls with more arguments, those of the types that the arguments'
-- names are declared with somewhere, else text.
CREATE FUNCTION pg_temp.calls(code text) RETURNS TABLE (name text, arguments text[]) LANGUAGE plpgsql AS $$
DECLARE
	depth int; argument text; c text; n int := 1;
BEGIN
	LOOP
		name := regexp_substr(code, '([a-z_][a-z0-9_]*)\s*\(', n, 1, '', 1);
		n := regexp_instr(code, '[a-z_][a-z0-9_]*\s*\(', n, 1, 1);
		EXIT WHEN n = 0;
		depth := 1; argument := ''; arguments := '{}';
		FOREACH c IN ARRAY string_to_array(substr(code, n, 4000), NULL) LOOP
			depth := depth + CASE c WHEN '(' THEN 1 WHEN ')' THEN -1 ELSE 0 END;
			IF depth = 0 OR (c = ',' AND depth = 1) THEN
				arguments := arguments || btrim(argument, E' \t\n');
				argument := '';
			ELSE
				argument := argument || c;
			END IF;
			EXIT WHEN depth = 0;
		END LOOP;
		RETURN NEXT;
	END LOOP;
END $$;
CREATE TEMP TABLE declared AS
SELECT DISTINCT ON (m[1]) m[1] AS name, type FROM script,
	regexp_matches(code, '([a-z_][a-z0-9_]*)\s+([a-z0-9_]+(\[\])?)', 'g') m
JOIN types ON m[2] IN (type::text, (SELECT typname::text FROM pg_type WHERE oid = type))
	OR (m[2], type::text) IN (('int', 'integer'), ('text[]', 'text[]'), ('float8[]', 'double precision[]'));
INSERT INTO lists
SELECT DISTINCT c.name, (SELECT array_agg(coalesce(d.type::oid, 'text'::regtype) ORDER BY i)
	FROM unnest(c.arguments) WITH ORDINALITY a (argument, i) LEFT JOIN declared d ON d.name = argument)
FROM script, pg_temp.calls(code) c WHERE cardinality(c.arguments) BETWEEN 3 AND 100 AND c.name IN (SELECT name FROM called);

CREATE FUNCTION pg_temp.try(statement text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 1;
EXCEPTION WHEN syntax_error OR duplicate_function OR duplicate_object OR invalid_function_definition OR feature_not_supported OR invalid_object_definition THEN
	RETURN 0;
END $$;

-- Functions of an aggregate's name are aggregates, if of one argument or none.
SELECT sum(pg_temp.try(format('CREATE FUNCTION %I.decoy_of(bool%s) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN RETURN recorder.hit(%L); END $f$', :'schema', ', ' || type, 'aggregate'))) AS states
FROM (SELECT type::text FROM types UNION ALL SELECT NULL) t \gset
SELECT sum(pg_temp.try(CASE
	WHEN cardinality(types) < 2 AND EXISTS (SELECT FROM pg_proc WHERE proname = name AND prokind = 'a' AND pronamespace = 'pg_catalog'::regnamespace)
	THEN format('CREATE AGGREGATE %I.%I(%s) (SFUNC = %1$I.decoy_of, STYPE = bool)', :'schema', name, coalesce(types[1]::regtype::text, '*'))
	ELSE format('CREATE FUNCTION %I.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM recorder.hit(%L); RETURN NULL; END $f$', :'schema', name,
		array_to_string(types::regtype[], ', '), CASE WHEN types::regtype[]::text[] && '{anyelement,anyarray,anycompatible,anycompatiblearray}' THEN 'anyelement' ELSE
			coalesce((SELECT min(prorettype::regtype::text) FROM pg_proc JOIN pg_type t ON t.oid = prorettype
				WHERE proname = name AND pronamespace = 'pg_catalog'::regnamespace AND typtype <> 'p'), 'bool') END, 'function ' || name) END)) AS functions
FROM lists WHERE (name, array_to_string(types::regtype[], ',')) NOT IN (SELECT name, types FROM recorder.own) \gset

SELECT sum(pg_temp.try(format('CREATE FUNCTION %I.decoy(%s, %s) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN RETURN recorder.hit(%L); END $f$', :'schema', a.type, b.type, 'operator'))) AS pairs
FROM types a, types b \gset
SELECT sum(pg_temp.try(format('CREATE OPERATOR %I.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = %1$I.decoy)', :'schema', name, a.type, b.type))) AS operators
FROM operators, types a, types b \gset

-- Types of every word, whether it is one or not, and casts between those of a
-- type's name and that type.
SELECT sum(pg_temp.try(format(CASE :'kind' WHEN 'domain' THEN 'CREATE DOMAIN %I.%I AS pg_catalog.text CHECK (recorder.hit(%L))' ELSE 'CREATE TYPE %I.%I AS ENUM (%L)' END,
	:'schema', word, 'type ' || word))) AS types
FROM (SELECT word FROM words UNION SELECT format_type(type::oid, NULL) FROM types UNION SELECT typname FROM types JOIN pg_type ON pg_type.oid = type) w
WHERE word NOT IN (SELECT name FROM recorder.own_types) \gset
SELECT coalesce(sum(pg_temp.try(format('CREATE FUNCTION %I.decoy_cast(%s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM recorder.hit(%L); END $f$', :'schema', source, target, 'cast'))
	+ pg_temp.try(format('CREATE CAST (%s AS %s) WITH FUNCTION %I.decoy_cast(%1$s) AS IMPLICIT', source, target, :'schema'))), 0) AS casts
FROM types JOIN pg_type t ON t.oid = type, LATERAL (VALUES (format('%I.%I', :'schema', typname), format('pg_catalog.%I', typname)), (format('pg_catalog.%I', typname), format('%I.%I', :'schema', typname))) v (source, target)
WHERE :'kind' = 'enum' AND typname !~ '^_' \gset

SELECT :functions, :operators, :types, :casts;
