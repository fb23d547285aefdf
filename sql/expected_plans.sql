-- Whatever a query does with "expected", it gets what it would get if the
-- column could not be left out: by a function around iforest_explain, of the
-- same name and in front of it in the search path, that asks for all columns.
SET client_min_messages = warning;
CREATE TABLE told AS
SELECT i AS id, i % 24 AS hour, CASE WHEN i % 24 < 8 THEN 'night' ELSE 'day' END AS part, 10 * (i % 24) + i * 7 % 5 AS load
FROM generate_series(1, 60) AS i;
SELECT iforest_fit('told', 'SELECT hour, part, load FROM told ORDER BY id', iforest_options(n_trees => 10, seed => 1)) AS version;
CREATE SCHEMA forced;
CREATE FUNCTION forced.iforest_explain(name text, r told, OUT feature text, OUT value text, OUT contribution float8, OUT direction text, OUT usual_low text, OUT usual_high text, OUT expected text)
RETURNS SETOF record LANGUAGE plpgsql STABLE ROWS 3 AS $$
BEGIN
	RETURN QUERY SELECT * FROM public.iforest_explain(name, r);
END $$;
-- Both ways, as many rows; the statement's rows, or what it leaves in "kept".
CREATE TABLE kept (id int, feature text, note text);
CREATE FUNCTION answer(query text, path text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM set_config('search_path', path, true);
	INSERT INTO public.kept SELECT id, f, (id % 24)::text FROM public.told, unnest('{hour,load,part}'::text[]) AS f WHERE id % 2 = 0;
	CREATE VIEW public.all_of_it AS SELECT id, e.* FROM told, iforest_explain('told', told) AS e;
	EXECUTE 'CREATE VIEW public.barrier WITH (security_barrier) AS SELECT id, e.* FROM told, iforest_explain(''told'', told) AS e WHERE expected IS NOT NULL';
	EXECUTE 'CREATE FUNCTION public.inlined(r told) RETURNS TABLE (feature text, expected text) LANGUAGE sql STABLE AS ''SELECT feature, expected FROM iforest_explain(''''told'''', r)''';
	EXECUTE 'CREATE FUNCTION public.looped(r told) RETURNS text LANGUAGE plpgsql STABLE AS '
		'''DECLARE e record; s text := ''''''''; BEGIN FOR e IN SELECT * FROM iforest_explain(''''told'''', r) LOOP s := s || coalesce(e.expected, ''''?''''); END LOOP; RETURN s; END''';
	IF query ~ '^(UPDATE|DELETE|INSERT|MERGE)' THEN
		EXECUTE query;
		query := 'SELECT * FROM kept';
	END IF;
	EXECUTE 'SELECT count(*) || '' rows '' || md5(string_agg(r::text, '','' ORDER BY r::text COLLATE "C")) FROM (' || query || ') r' INTO answer;
	RAISE EXCEPTION SQLSTATE 'UNDO0';
EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
	RETURN answer;
END $$;
CREATE TABLE queries (n int GENERATED ALWAYS AS IDENTITY, query text);
-- "@" stands for the rows of told, each with its explanation e.
INSERT INTO queries (query)
SELECT replace(q, '@', 'told AS t, iforest_explain(''told'', t) AS e') FROM (VALUES
	-- other names, and places
	('SELECT x, o FROM told AS t, iforest_explain(''told'', t) WITH ORDINALITY AS e (a, b, c, d, f, g, x, o)'),
	('SELECT o FROM told AS t, iforest_explain(''told'', t) WITH ORDINALITY AS e (a, b, c, d, f, g, x, o)'),
	('SELECT expected, o FROM told AS t, iforest_explain(''told'', t) WITH ORDINALITY AS e (expected, b, c, d, f, g, x, o)'),
	('SELECT y, o FROM told AS t, ROWS FROM (iforest_explain(''told'', t), generate_series(1, 4), iforest_explain(''told'', t)) WITH ORDINALITY AS e (a, b, c, d, f, g, x, n, a2, b2, c2, d2, f2, g2, y, o)'),
	('SELECT x, n FROM told AS t, ROWS FROM (iforest_explain(''told'', t), generate_series(1, 4), iforest_explain(''told'', t)) WITH ORDINALITY AS e (a, b, c, d, f, g, x, n, a2, b2, c2, d2, f2, g2, y, o)'),
	('SELECT id, (iforest_explain(''told'', told)).* FROM told'),
	-- rows as a whole
	('SELECT row_to_json(e) FROM @'),
	('SELECT id, e IS NULL AS a, e IS NOT NULL AS b FROM @'),
	('SELECT (e).expected FROM @'),
	('SELECT count(DISTINCT e) FROM @'),
	('SELECT j IS NULL AS a, j::text FROM (told AS t LEFT JOIN LATERAL iforest_explain(''told'', t) AS e ON contribution > 0) AS j'),
	-- joins by name
	('SELECT feature FROM iforest_explain(''told'', (SELECT t FROM told AS t WHERE id = 3)) AS a NATURAL FULL JOIN iforest_explain(''told'', (SELECT t FROM told AS t WHERE id = 27)) AS b'),
	('SELECT u FROM iforest_explain(''told'', (SELECT t FROM told AS t WHERE id = 3)) AS a FULL JOIN iforest_explain(''told'', (SELECT t FROM told AS t WHERE id = 4)) AS b USING (expected) AS u'),
	('SELECT (SELECT (SELECT j.expected)) AS x FROM ((told AS t LEFT JOIN LATERAL iforest_explain(''told'', t) AS e ON contribution > 0) CROSS JOIN (SELECT 1) AS one) AS j'),
	-- groups, order, windows
	('SELECT expected, count(*) FROM @ GROUP BY 1'),
	('SELECT count(*) FROM @ GROUP BY GROUPING SETS ((feature, expected), (expected), ())'),
	('SELECT feature FROM @ GROUP BY feature HAVING min(expected) < max(expected)'),
	('SELECT string_agg(feature, '','' ORDER BY id, expected, feature) AS s FROM @'),
	('SELECT DISTINCT ON (expected) id FROM @ ORDER BY expected, id'),
	('SELECT id, count(*) OVER (PARTITION BY expected ORDER BY id) AS c FROM @'),
	('SELECT id, count(*) OVER (ORDER BY length(expected) RANGE 1 PRECEDING) AS c FROM @'),
	-- queries in queries
	('SELECT feature, value FROM @ UNION SELECT feature, expected FROM @'),
	('(SELECT feature, value FROM @) EXCEPT ALL (SELECT feature, expected FROM @)'),
	('SELECT x FROM (SELECT y AS x FROM (SELECT expected AS y, value FROM @) AS s) AS s'),
	('SELECT value FROM (SELECT value, expected FROM @ ORDER BY id, feature LIMIT 9) AS s'),
	('SELECT v FROM @, LATERAL (VALUES (expected), (value)) AS s (v)'),
	('SELECT x FROM @, LATERAL (WITH c AS (SELECT e.expected AS x) SELECT x FROM c) AS s'),
	('SELECT x FROM @, LATERAL (SELECT 1 AS x WHERE e.expected = e.value) AS s'),
	('SELECT c FROM @, LATERAL (SELECT count(*) AS c FROM told TABLESAMPLE bernoulli (20 * length(coalesce(e.expected, ''''))) REPEATABLE (1)) AS s'),
	('SELECT id FROM told AS t WHERE EXISTS (SELECT FROM iforest_explain(''told'', t) WHERE expected = value)'),
	('SELECT id FROM told AS t WHERE part IN (SELECT expected FROM iforest_explain(''told'', t))'),
	('SELECT id FROM told AS t WHERE load::text NOT IN (SELECT value FROM iforest_explain(''told'', t) WHERE expected < value)'),
	('SELECT ARRAY(SELECT expected FROM iforest_explain(''told'', t)) AS a FROM told AS t'),
	('SELECT a.feature, (SELECT max(b.value) FROM iforest_explain(''told'', t) AS b WHERE b.value = a.expected OR b.expected = a.value) AS m FROM told AS t, iforest_explain(''told'', t) AS a'),
	('SELECT feature FROM iforest_explain(''told'', (SELECT t FROM told AS t WHERE part = (SELECT expected FROM iforest_explain(''told'', (SELECT t FROM told AS t WHERE id = 5)) WHERE feature = ''part'') ORDER BY id LIMIT 1))'),
	('SELECT feature FROM @ ORDER BY 1 LIMIT (SELECT length(expected) FROM iforest_explain(''told'', (SELECT t FROM told AS t WHERE id = 9)) WHERE feature = ''part'')'),
	('WITH c AS MATERIALIZED (SELECT id, e FROM @) SELECT id, (e).expected FROM c'),
	('WITH c AS NOT MATERIALIZED (SELECT id, e FROM @) SELECT id, (e).expected FROM c'),
	('WITH RECURSIVE r (i, x) AS (SELECT 1, NULL UNION ALL SELECT i + 1, e.expected FROM r, told AS t, iforest_explain(''told'', t) AS e WHERE t.id = i AND feature = ''load'' AND i < 9) SELECT * FROM r'),
	-- views and functions
	('TABLE all_of_it'), ('SELECT a FROM all_of_it AS a'), ('SELECT feature FROM all_of_it WHERE expected < value'),
	('SELECT value FROM barrier'), ('SELECT expected FROM barrier WHERE value < ''2'''),
	('SELECT i.expected FROM told, inlined(told) AS i'), ('SELECT i.feature FROM told, inlined(told) AS i'), ('SELECT looped(told) FROM told'),
	-- statements that write
	('INSERT INTO kept SELECT id, feature, expected FROM @'),
	('INSERT INTO kept SELECT id, feature, value FROM @'),
	('UPDATE kept AS k SET note = expected FROM @ WHERE t.id = k.id AND e.feature = k.feature'),
	('UPDATE kept AS k SET note = ''same'' FROM @ WHERE t.id = k.id AND e.feature = k.feature AND expected = value'),
	('UPDATE kept AS k SET (note, id) = (SELECT max(expected), 1 FROM @ WHERE t.id = k.id)'),
	('DELETE FROM kept AS k USING @ WHERE t.id = k.id AND e.feature = k.feature AND expected = value'),
	('MERGE INTO kept AS k USING (told AS t CROSS JOIN LATERAL iforest_explain(''told'', t) AS e) ON t.id = k.id AND e.feature = k.feature WHEN MATCHED THEN UPDATE SET note = e.expected WHEN NOT MATCHED THEN INSERT VALUES (t.id, e.feature, e.value)'),
	('MERGE INTO kept AS k USING (told AS t CROSS JOIN LATERAL iforest_explain(''told'', t) AS e) ON t.id = k.id AND e.feature = k.feature WHEN MATCHED AND e.expected = e.value THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (t.id, e.feature, e.expected)'),
	('MERGE INTO kept AS k USING (told AS t CROSS JOIN LATERAL iforest_explain(''told'', t) AS e) ON t.id = k.id AND e.expected = k.note WHEN MATCHED THEN DELETE')
) AS v (q);
SELECT count(*) AS queries, count(*) FILTER (WHERE as_it_is = forced) AS same, count(*) FILTER (WHERE as_it_is LIKE '0 rows%') AS empty
FROM (SELECT answer(query, 'public') AS as_it_is, answer(query, 'forced, public') AS forced FROM queries) AS a;
SELECT n, query, as_it_is, forced
FROM (SELECT *, answer(query, 'public') AS as_it_is, answer(query, 'forced, public') AS forced FROM queries) AS a
WHERE (as_it_is = forced) IS NOT TRUE OR as_it_is LIKE '0 rows%' ORDER BY n;

-- Statements that change what they explain and return it.
BEGIN;
UPDATE kept SET note = 'none';
INSERT INTO kept VALUES (1, 'part', 'mine');
UPDATE kept AS k SET note = 'told' FROM told AS t, iforest_explain('told', t) AS e
WHERE t.id = k.id AND e.feature = k.feature RETURNING k.note, e.value, e.expected, (e).expected = e.expected AS same;
ROLLBACK;

-- Plans that are kept see what becomes of the functions: somebody's altered
-- iforest_explain is the one that is called.
PREPARE features (int) AS SELECT feature FROM told AS t, iforest_explain('told', t) WHERE id = $1 ORDER BY feature COLLATE "C";
SET plan_cache_mode = force_generic_plan;
EXECUTE features (1);
CREATE FUNCTION called(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
	RETURN substring(plan::text FROM '"Function Name": "([a-z_]*)"');
END $$;
CREATE TABLE altered (n int GENERATED ALWAYS AS IDENTITY, alteration text);
INSERT INTO altered (alteration) VALUES
	('COST 90000'), ('SECURITY DEFINER'), ('SET search_path = pg_catalog'), ('VOLATILE'), ('PARALLEL UNSAFE'), ('STRICT'), ('OWNER TO regress_iforest_told');
CREATE ROLE regress_iforest_told;
CREATE FUNCTION called_when(alteration text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE 'ALTER FUNCTION iforest_explain(text, VARIADIC "any") ' || alteration;
	answer := called('EXECUTE features (1)');
	RAISE EXCEPTION SQLSTATE 'UNDO0';
EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
	RETURN answer;
END $$;
SELECT alteration, called_when(alteration) FROM altered ORDER BY n;
SELECT called('EXECUTE features (1)');

DEALLOCATE features;
DROP ROLE regress_iforest_told;
SELECT iforest_drop('told');
DROP SCHEMA forced CASCADE;
DROP TABLE told, kept, queries, altered;
DROP FUNCTION answer, called, called_when;
