-- A training query that cannot be run: the error is shown where it is, in the
-- query, and not in the statement that brought it.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TABLE registry_query_t AS SELECT i AS amount, i * i % 17 AS items FROM generate_series(1, 100) i;

-- Syntax
SELECT iforest_fit('wrong', 'registry_query_t');
SELECT iforest_fit('wrong', 'public."registry_query_t"');
SELECT iforest_fit('wrong', 'SELECT amount frm registry_query_t, x');
SELECT iforest_fit('wrong', E'SELECT amount,\n       items,\n  FROM registry_query_t');
SELECT iforest_fit('wrong', 'SELECT ''amount FROM registry_query_t');
SELECT iforest_fit('wrong', 'SELECT größe, FROM registry_query_t');
-- In a function the query is shown as well, and the function in the context.
DO $$ BEGIN PERFORM iforest_fit('wrong', 'SELECT amount FROM registry_query_t WHERE'); END $$;
-- Names
SELECT iforest_fit('wrong', 'SELECT amout FROM registry_query_t');
-- No query at all: there is nothing to point at.
SELECT iforest_fit('wrong', 'SELECT 1; SELECT 2');
SELECT iforest_fit('wrong', ' -- none');
SELECT iforest_fit('wrong', 'SELECT 1 INTO x');

-- A refit that fails points there, too.
SELECT iforest_fit('right', 'SELECT amount, items FROM registry_query_t');
ALTER TABLE registry_query_t RENAME COLUMN items TO pieces;
SELECT status, detail FROM iforest_refit('right');

SELECT iforest_drop('right');
DROP TABLE registry_query_t;
