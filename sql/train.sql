-- Training: the forms that rows come in, and every way to aggregate them.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TEMP TABLE train_t (a int, b float8, c text);
INSERT INTO train_t
SELECT i, i * 0.5, 'c' || i % 3 FROM generate_series(1, 20) i;

-- The features of a model in short.
CREATE FUNCTION pg_temp.features(model bytea) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(f ->> 'name' || ' ' || (f ->> 'type'), ', ' ORDER BY i)
	FROM jsonb_array_elements(iforest_info(model) -> 'features')
		 WITH ORDINALITY AS e(f, i)
$$;

-- The same rows in any form make the same model: as columns, as a table's
-- row, as a subquery's, and as ROW(); names apart, which names.sql is about.
CREATE TEMP VIEW train_forms AS
SELECT 'columns' AS form,
       iforest_train(iforest_options(seed => 1, feature_names => '{a,b,c}'),
                     a, b, c) AS model FROM train_t
UNION ALL SELECT 'table row',
       iforest_train(iforest_options(seed => 1), t) FROM train_t t
UNION ALL SELECT 'table row, dot star',
       iforest_train(iforest_options(seed => 1), t.*) FROM train_t t
UNION ALL SELECT 'subquery alias',
       iforest_train(iforest_options(seed => 1), s)
       FROM (SELECT a, b, c FROM train_t) s
UNION ALL SELECT 'ROW()',
       iforest_train(iforest_options(seed => 1, feature_names => '{a,b,c}'),
                     ROW(a, b, c)) FROM train_t;
SELECT form, pg_temp.features(model),
       model = first_value(model) OVER (ORDER BY form) AS same
FROM train_forms ORDER BY form;

-- So do arrays of any number type, as VARIADIC too, and iforest_train_array.
SELECT pg_temp.features(iforest_train(ARRAY[a, b])) AS float8,
       pg_temp.features(iforest_train(ARRAY[a, a])) AS int4,
       pg_temp.features(iforest_train(ARRAY[a::numeric, b::numeric])) AS numeric,
       pg_temp.features(iforest_train(ARRAY[c])) AS text
FROM train_t;
SELECT iforest_train(o, ARRAY[a, b]) = iforest_train(o, VARIADIC ARRAY[a, b]) AS variadic,
       iforest_train(o, ARRAY[a, b]) = iforest_train_array(o, ARRAY[a, b]) AS train_array,
       iforest_train(o, ARRAY[a, b]) = iforest_train(o, a + 0.0::float8, b + 0) AS columns
FROM train_t, iforest_options(seed => 1) o;
SELECT pg_temp.features(iforest_train(VARIADIC ARRAY[a, b])) AS variadic,
       pg_temp.features(iforest_train_array(ARRAY[a, b])) AS train_array,
       pg_temp.features(iforest_train_array(ARRAY[a, a])) AS train_array_int
FROM train_t;
-- An array may begin at any subscript.
SELECT iforest_train(iforest_options(seed => 1), x) =
       iforest_train(iforest_options(seed => 1), y) AS same
FROM (VALUES ('[5:6]={1,2}'::int[], '{1,2}'::int[]), ('{3,4}', '[0:1]={3,4}')) v(x, y);

-- A composite type of its own, and domains, are what they are based on.
CREATE TYPE pg_temp.train_pair AS (x float8, y text);
CREATE DOMAIN pg_temp.train_amount AS numeric CHECK (value > 0);
CREATE DOMAIN pg_temp.train_vector AS float8[];
CREATE DOMAIN pg_temp.train_pair_domain AS pg_temp.train_pair;
SELECT pg_temp.features(iforest_train(a::pg_temp.train_amount)) AS number,
       pg_temp.features(iforest_train(ARRAY[a, b]::pg_temp.train_vector)) AS array,
       pg_temp.features(iforest_train(ROW(b, c)::pg_temp.train_pair)) AS composite,
       pg_temp.features(iforest_train(ROW(b, c)::pg_temp.train_pair_domain)) AS domain
FROM train_t;

-- Dropped columns are gone, first, last and in the middle; added ones count.
CREATE TEMP TABLE train_dropped (w json, x int, y point, z text, v xml);
ALTER TABLE train_dropped DROP w, DROP y, DROP v;
ALTER TABLE train_dropped ADD b bool DEFAULT true;
INSERT INTO train_dropped VALUES (1, 'p', true), (2, 'q', false), (NULL, 'p', NULL);
SELECT pg_temp.features(iforest_train(t)) AS features,
       iforest_info(iforest_train(t)) #> '{features,0,missing}' AS x_missing,
       iforest_info(iforest_train(t)) #> '{features,1,n_categories}' AS z_categories
FROM train_dropped t;
SELECT iforest_train(o, t) = iforest_train(o, x, z, b) AS same
FROM train_dropped t, iforest_options(seed => 1) o;

-- A row, and a text column, stored out of line.
CREATE TEMP TABLE train_toast (a int, doc text, note text);
ALTER TABLE train_toast ALTER doc SET STORAGE EXTERNAL, ALTER note SET STORAGE EXTERNAL;
INSERT INTO train_toast SELECT i, repeat(chr(96 + i), 1024), repeat(chr(96 + i), 1023) FROM generate_series(1, 5) i;
SELECT pg_relation_size(reltoastrelid) > 5000 AS out_of_line
FROM pg_class WHERE oid = 'train_toast'::regclass;
SELECT pg_temp.features(iforest_train(t)) AS features,
       iforest_info(iforest_train(t)) #> '{features,1,n_categories}' AS doc_categories
FROM train_toast t;
SELECT iforest_train(o, t) = iforest_train(o, a, doc, note) AS same
FROM train_toast t, iforest_options(seed => 1) o;
-- A category has 1024 bytes at most, in any encoding; a longer text is none.
SELECT iforest_info(iforest_train(doc)) #> '{features,0,n_categories}' AS of_1024_bytes
FROM (VALUES (repeat('x', 1024)), (repeat('y', 1024))) v(doc);
SELECT iforest_train(a, doc) FROM (VALUES (1, 'short'), (2, repeat('x', 1025))) v(a, doc);
SELECT iforest_train(v) FROM (VALUES (1, repeat('long text ', 100000))) v(a, doc);
-- To a model it is what it never saw.
SELECT iforest_score(model, repeat('x', 100000)) = iforest_score(model, 'unseen') AS as_unseen
FROM (SELECT iforest_train(iforest_options(seed => 1), doc) FROM (VALUES ('a'), ('b'), ('b')) v(doc)) m(model);

-- A row type's columns may change from row to row only as far as the names.
SELECT iforest_train(CASE WHEN a < 5 THEN ROW(a, b) ELSE ROW(a, b, c) END) FROM train_t;
SELECT iforest_train(CASE WHEN a < 5 THEN ROW(a, b) ELSE ROW(a, c) END) FROM train_t;
SELECT iforest_train(x) FROM (VALUES ('{1,2}'::int[]), ('{3}')) v(x);

-- Ordinary aggregates: FILTER, DISTINCT, ORDER BY, GROUP BY, HAVING.
SELECT iforest_train(o, a, b) FILTER (WHERE a <= 10) =
       (SELECT iforest_train(o, a, b) FROM train_t WHERE a <= 10) AS filter
FROM train_t, iforest_options(seed => 1) o GROUP BY o;
SELECT iforest_info(iforest_train(a % 4)) -> 'rows_seen' AS rows,
       iforest_info(iforest_train(DISTINCT a % 4)) -> 'rows_seen' AS distinct_rows
FROM train_t;
SELECT iforest_train(o, a, b ORDER BY a DESC) =
       (SELECT iforest_train(o, s)
        FROM (SELECT a, b FROM train_t ORDER BY a DESC) s) AS ordered,
       iforest_train(o, a, b ORDER BY a DESC) <>
       iforest_train(o, a, b ORDER BY a) AS unlike_ascending
FROM train_t, iforest_options(seed => 1, sample_size => 5, feature_names => '{a,b}') o GROUP BY o;
SELECT c, iforest_info(model) -> 'rows_seen' AS rows, pg_temp.features(model),
       model = (SELECT iforest_train(iforest_options(seed => 1), a, b)
                FROM train_t t WHERE t.c = g.c) AS same_alone
FROM (SELECT c, iforest_train(iforest_options(seed => 1), a, b) AS model
      FROM train_t GROUP BY c HAVING count(*) > 6) g
ORDER BY c;

-- GROUPING SETS: the groups and the whole.
SELECT c, a > 10 AS late, iforest_info(model) -> 'rows_seen' AS rows,
       pg_temp.features(model)
FROM (SELECT c, a > 10 AS late, max(a) AS a, iforest_train(a, b) AS model
      FROM train_t GROUP BY GROUPING SETS ((c), (a > 10), ())) g
ORDER BY c, late, rows;

-- As a window aggregate: a model of the rows so far, and of the last three.
SELECT a, iforest_info(iforest_train(a, b) OVER (ORDER BY a)) -> 'rows_seen' AS so_far,
       iforest_info(iforest_train(a, b) OVER (ORDER BY a ROWS 2 PRECEDING)) -> 'rows_seen' AS last_three
FROM train_t ORDER BY a LIMIT 5;
-- .. the last of which is the model of all rows; names are not known here.
SELECT last.model = whole.model AS same, pg_temp.features(last.model)
FROM (SELECT a, iforest_train(iforest_options(seed => 1, feature_names => '{a,b}'), a, b)
                OVER (ORDER BY a) AS model FROM train_t
      ORDER BY a DESC LIMIT 1) last,
     (SELECT iforest_train(iforest_options(seed => 1, feature_names => '{a,b}'), a, b) AS model FROM train_t) whole;
SELECT DISTINCT pg_temp.features(iforest_train(a, b) OVER ()) FROM train_t;

-- Several trainings in one query, and one used twice.
SELECT pg_temp.features(iforest_train(a)) AS one, pg_temp.features(iforest_train(b, c)) AS two,
       length(iforest_train(a)) = length(iforest_train(a)) AS used_twice
FROM train_t;

-- The number of rows that trees are dealt from is n_trees x sample_size at most.
SELECT iforest_info(iforest_train(iforest_options(n_trees => 3, sample_size => 4), i))
       - '{size,n_nodes,n_leaves,threshold,options,features}'::text[] AS info
FROM generate_series(1, 1000) i;
SELECT iforest_info(iforest_train(iforest_options(n_trees => 3, sample_size => 400, max_depth => 0), i))
       - '{size,n_nodes,n_leaves,threshold,options,features}'::text[] AS info
FROM generate_series(1, 1000) i;
-- Without a limit of depth every row of a tree ends in a leaf of its own.
SELECT iforest_info(iforest_train(iforest_options(n_trees => 3, sample_size => 400, max_depth => 0), i))
       -> 'n_leaves' AS leaves
FROM generate_series(1, 1000) i;
-- Each tree sees its share of the columns, one at least.
SELECT bool_or(split) AS some_split, bool_or(NOT split) AS some_do_not
FROM (SELECT (iforest_info(iforest_train(iforest_options(n_trees => 1, max_features => 0.1, seed => s),
                                         a, a * 0, a - a)) ->> 'n_nodes')::int > 1 AS split
      FROM train_t, generate_series(1, 30) s GROUP BY s) m;

-- No rows, no model.
SELECT iforest_train(a, b) IS NULL AS plain, iforest_train(iforest_options(), a) IS NULL AS options,
       iforest_train(t) IS NULL AS row, iforest_train_array(ARRAY[a, b]) IS NULL AS array,
       iforest_train(a) FILTER (WHERE a > 100) IS NULL AS filter
FROM train_t t WHERE a > 100;
-- Rows without any value say nothing: no model either.
SELECT iforest_train(NULL::int, NULL::text) IS NULL AS columns,
       iforest_train(NULL::train_t) IS NULL AS null_row,
       iforest_train(ROW(NULL::int, NULL::text)) IS NULL AS row_of_nulls,
       iforest_train(NULL::int[]) IS NULL AS null_array,
       iforest_train('{NULL,NULL}'::int[]) IS NULL AS array_of_nulls,
       iforest_train(VARIADIC NULL::int[]) IS NULL AS variadic,
       iforest_train('NaN'::float8) IS NULL AS nan
FROM train_t;
-- They are passed over among others, but seen.
SELECT iforest_info(iforest_train(x, y)) - '{size,n_nodes,n_leaves,threshold,options,features}'::text[] AS info
FROM (VALUES (1, 'a'), (NULL, NULL), (2, NULL), (NULL, 'b')) v(x, y);

-- One row: any row scores 1/2.
SELECT iforest_info(model) -> 'n_nodes' AS nodes, iforest_score(model, 1) AS same,
       iforest_score(model, 1000) AS far
FROM (SELECT iforest_train(1) AS model) m;
-- All rows equal: so does any row, since nothing parts them.
SELECT iforest_info(model) -> 'n_nodes' AS nodes,
       round(iforest_score(model, 1, 'a'::text)::numeric, 12) AS same,
       round(iforest_score(model, 1000, 'b'::text)::numeric, 12) AS far
FROM (SELECT iforest_train(1, 'a'::text) AS model FROM generate_series(1, 1000)) m;

-- A text column that identifies rows is of no use.
SELECT iforest_info(iforest_train(i, 'id ' || i % 1000)) #> '{features,1}' AS feature
FROM generate_series(1, 5000) i;
SELECT iforest_train(i, 'id ' || i) FROM generate_series(1, 5000) i;
SELECT iforest_train(s) FROM (SELECT i, 'id ' || i AS label FROM generate_series(1, 5000) i) s;
SELECT iforest_train(iforest_options(max_categories => 2), c) FROM train_t;
SELECT iforest_info(iforest_train(iforest_options(max_categories => 3), c))
       #> '{features,0,n_categories}' AS categories FROM train_t;
-- It is the rows kept that count: a sample of a few of them may do.
SELECT (iforest_info(iforest_train(iforest_options(n_trees => 10, sample_size => 50), i, 'id ' || i))
        #> '{features,1,n_categories}')::int AS categories
FROM generate_series(1, 5000) i;

-- Columns that a forest cannot use are named, with what to do.
SELECT iforest_train(a, b, ARRAY[a]) FROM train_t;
SELECT iforest_train(t, a) FROM train_t t;
SELECT iforest_train(s) FROM (SELECT a, point(a, b) AS place FROM train_t) s;
SELECT iforest_train(s.place) FROM (SELECT point(a, b) AS place FROM train_t) s;
SELECT iforest_train(ARRAY[point(a, b)]) FROM train_t;
SELECT iforest_train('{}'::int[]) FROM train_t;
SELECT iforest_train(ROW()) FROM train_t;
SELECT iforest_train('{{1,2},{3,4}}'::int[]) FROM train_t;
SELECT iforest_train(s) FROM (SELECT a AS x, b AS x FROM train_t) s;
-- Of more rows than a profile keeps whole, infinities count once, on either side.
SELECT v ->> 0 AS value, abs((v ->> 2)::int - (v ->> 1)::int - 800) < 100 AS a_tenth,
       bool_and((v ->> 1)::int >= before) OVER () AS ascend, max((v ->> 2)::int) OVER () AS all_rows
FROM (SELECT v, n, lag((v ->> 2)::int, 1, 0) OVER (ORDER BY n) AS before
      FROM (SELECT iforest_to_json(iforest_train(iforest_options(seed => 1), CASE i % 10 WHEN 0 THEN float8 'infinity' WHEN 1 THEN float8 '-infinity' ELSE i END ORDER BY i)) AS json
            FROM generate_series(1, 8000) i) s, jsonb_array_elements(json::jsonb #> '{profile,curves,0}') WITH ORDINALITY AS k (v, n)) t
ORDER BY n = 1 DESC, n DESC LIMIT 2;
