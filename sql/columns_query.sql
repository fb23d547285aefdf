-- What the columns of a query are good for, before it is trained on, and what
-- a fit says of columns and rows that a forest learns nothing from.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TABLE columns_t AS
SELECT i AS id,
       md5(i::text)::uuid AS key,
       'customer ' || i % 40 AS customer,
       i * 7919 % 1000 * 0.5 AS amount,
       CASE WHEN i % 4 > 0 THEN (i % 7)::real END AS items,
       CASE WHEN i % 2 > 0 THEN float8 'NaN' ELSE i % 3 END AS half,
       'mail' || i || '@example.org' AS email,
       timestamp '2026-01-01' + i * interval '1 minute' AS placed,
       date '2026-01-01' + i / 2 AS "Paid on",
       i * 1.5 AS odometer,
       timestamp '2026-01-01' + i * 7919 % 1000 * interval '1 minute' AS due,
       'Berlin'::varchar(20) AS city,
       NULL::int AS nothing,
       repeat('x', i) AS note,
       'part ' || i % 1500 AS part,
       (i % 13)::text::money AS price,
       '{"a": 1}'::jsonb AS body
FROM generate_series(1, 3000) AS i;
-- Of a table, by its name, and of the same as a query.
SELECT * FROM iforest_columns('columns_t');
SELECT count(*) AS alike FROM (SELECT * FROM iforest_columns('public."columns_t"') INTERSECT SELECT * FROM iforest_columns('SELECT * FROM columns_t;')) AS both_ways;
-- The expressions are a SELECT list to train on.
SELECT string_agg(expression, ', ') AS list FROM iforest_columns('columns_t') \gset
SELECT iforest_fit('columns', 'SELECT ' || :'list' || ' FROM columns_t');
SELECT string_agg(name, ', ' ORDER BY position) AS features FROM iforest_features(iforest_model('columns'));
-- Few rows say little, an order that falls says that nothing grows; a count of up
-- to 4096 is exact, one above it nearly so.
SELECT name, different, remark FROM iforest_columns('SELECT id, email, placed FROM columns_t WHERE id < 20');
SELECT name, remark FROM iforest_columns('SELECT placed, odometer, id FROM columns_t ORDER BY id % 1000, id');
SELECT name, different BETWEEN 4096 AND 4096 AS exact FROM iforest_columns('SELECT i % 4096 AS i FROM generate_series(1, 20000) AS i');
SELECT name, abs(different - 20000) < 1000 AS near FROM iforest_columns('SELECT i % 20000 AS i, ''t'' || i % 20000 AS t FROM generate_series(1, 40000) AS i');
-- No rows, no columns, two columns of one name.
SELECT * FROM iforest_columns('SELECT id, price FROM columns_t WHERE false');
SELECT * FROM iforest_columns('SELECT FROM columns_t');
SELECT * FROM iforest_columns('SELECT 1 AS a, ''x'' AS a');
SELECT * FROM iforest_columns(NULL);
-- It is one SELECT, that changes nothing; errors point into it.
SELECT * FROM iforest_columns('DELETE FROM columns_t');
SELECT * FROM iforest_columns('WITH gone AS (DELETE FROM columns_t RETURNING *) SELECT * FROM gone');
CREATE SEQUENCE columns_seq;
SELECT * FROM iforest_columns('SELECT setval(''columns_seq'', 7)');
SELECT * FROM iforest_columns('SELECT amount, nte FROM columns_t');
SELECT * FROM iforest_columns('nosuch');
SELECT * FROM iforest_columns('two words');
SELECT * FROM iforest_columns('');
-- It runs with the rights of whoever asks, and by his search path.
CREATE ROLE regress_columns;
SET ROLE regress_columns;
SELECT * FROM iforest_columns('columns_t');
RESET ROLE;
CREATE SCHEMA columns_s;
CREATE TABLE columns_s.other AS SELECT 1 AS here;
SET search_path = columns_s, public;
SELECT name FROM iforest_columns('other');
RESET search_path;
BEGIN READ ONLY;
SELECT name FROM iforest_columns('columns_s.other');
COMMIT;

-- A fit tells of identifiers, also in small tables, ..
SELECT iforest_fit('columns', 'SELECT id, amount, email, customer FROM columns_t WHERE id <= 200');
-- .. however the rows are sampled, and wherever the numbers begin; and of no
-- others: numbers with repeats, with large gaps, of fewer than 20 rows.
SELECT iforest_fit('columns', 'SELECT 5000 - id AS id FROM columns_t', iforest_options(n_trees => 10, sample_size => 64, seed => 1));
SELECT iforest_fit('columns', 'SELECT id / 2 AS pairs, id * id AS squares, amount, 3 * id AS threes, placed FROM columns_t');
SELECT iforest_fit('columns', 'SELECT id, email FROM columns_t WHERE id < 20');
-- It tells of rows that are all alike, and of too few.
SELECT iforest_fit('columns', 'SELECT 7 AS a, ''x'' AS b, NULL::int AS c FROM columns_t');
SELECT iforest_fit('columns', 'SELECT amount FROM columns_t WHERE id <= 2');
SELECT iforest_fit('columns', 'SELECT count(*) FROM columns_t');
SELECT iforest_fit('columns', 'SELECT 7 AS a, nullif(id, 1) > 0 AS b FROM columns_t WHERE id < 40');

SELECT iforest_drop('columns') > 0 AS dropped;
DROP TABLE columns_t;
DROP SEQUENCE columns_seq;
DROP SCHEMA columns_s CASCADE;
DROP ROLE regress_columns;
