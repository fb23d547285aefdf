-- Calls with as many arguments as the server allows, with one fewer and with
-- one more: of every function and aggregate that takes a list of columns.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- Models of nearly as many columns, as values and by name.
CREATE TABLE wide AS
SELECT n, iforest_train(iforest_options(n_trees => 2, sample_size => 8, seed => 1), a) AS model
FROM generate_series(current_setting('max_function_args')::int - 5, current_setting('max_function_args')::int) n,
	LATERAL (SELECT array_agg((i * j % 7)::float8 ORDER BY j) AS a FROM generate_series(1, 20) i, generate_series(1, n) j GROUP BY i) s
GROUP BY n;
SELECT bool_and(iforest_fit('wide ' || n,
	'SELECT ' || (SELECT string_agg(format('(i * %s %% 7)::float8 AS f%s', j, j), ', ') FROM generate_series(1, n) j) || ' FROM generate_series(1, 20) i',
	iforest_options(n_trees => 2, sample_size => 8, seed => 1)) = 1) AS fitted FROM wide;

-- What stands before the columns, for n of them.
CREATE FUNCTION argument(type regtype, name text, n int) RETURNS text LANGUAGE sql AS $$
SELECT CASE
	WHEN type = 'bytea'::regtype THEN format('(SELECT model FROM wide WHERE n = %s)', n)
	WHEN type = 'jsonb'::regtype THEN 'NULL::jsonb'
	WHEN type = 'boolean'::regtype THEN 'true'
	WHEN name = 'class' THEN $q$'c'::text$q$
	ELSE format('%L::%s', 'wide ' || n, type) END
$$;
-- A call with so many arguments in all.
CREATE FUNCTION call(function regprocedure, arguments int) RETURNS text LANGUAGE sql AS $$
SELECT format('%s(%s)', proname, string_agg(coalesce(argument, column_), ', ' ORDER BY i))
FROM pg_proc, LATERAL (
	SELECT i, CASE WHEN i < pronargs THEN argument(proargtypes[i - 1], proargnames[i], arguments - pronargs + 1) END AS argument,
		CASE provariadic WHEN 'text'::regtype THEN format('%L', 'c' || i) ELSE i || '::float8' END AS column_
	FROM generate_series(1, arguments) i) a
WHERE pg_proc.oid = function
GROUP BY proname
$$;
CREATE FUNCTION outcome(function regprocedure, arguments int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
	EXECUTE format('SELECT count(x) FROM (SELECT %s AS x FROM generate_series(1, 3) OFFSET 0) s', call(function, arguments)) INTO n;
	RETURN CASE WHEN n > 0 THEN 'works' ELSE 'returns nothing' END;
EXCEPTION WHEN too_many_arguments THEN
	RETURN 'too many';
END $$;

-- An aggregate may have one argument less than a function, and had as many
-- before the minor releases of August 2026.
SELECT oid::regprocedure AS function, outcome(oid, max - 1) AS one_fewer,
	CASE WHEN prokind = 'a' THEN outcome(oid, max) IN ('works', 'too many') ELSE outcome(oid, max) = 'works' END AS as_many,
	outcome(oid, max + 1) AS one_more
FROM (SELECT p.oid, p.prokind, current_setting('max_function_args')::int AS max
	FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
	WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'iforest')
	AND d.classid = 'pg_proc'::regclass AND p.provariadic <> 0 AND p.prosrc <> 'iforest_no_model' AND NOT 'internal'::regtype = ANY (p.proargtypes)) s
ORDER BY oid::regprocedure::text COLLATE "C";

-- Rows and arrays have as many columns as tables can have.
SELECT iforest_score(iforest_train(iforest_options(n_trees => 2, seed => 1), a), (SELECT array_agg(1.0) FROM generate_series(1, 1600))) > 0 AS works
FROM (SELECT array_agg((i * j % 7)::float8 ORDER BY j) AS a FROM generate_series(1, 20) i, generate_series(1, 1600) j GROUP BY i) s;

SELECT count(iforest_drop('wide ' || n)) > 0 AS dropped FROM wide;
DROP FUNCTION argument(regtype, text, int), call(regprocedure, int), outcome(regprocedure, int);
DROP TABLE wide;
