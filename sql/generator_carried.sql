-- A model's generator wherever the model goes: sketches, names and versions,
-- documents, parallel plans.  Dumps: test/t/dump.t.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET max_parallel_workers_per_gather = 0;
CREATE TABLE carried_t AS
SELECT i AS id, i % 3 AS day, sin(i) AS x, (i % 11)::float8 AS n, 'c' || i % 5 AS c FROM generate_series(1, 1000) i;
CREATE VIEW carried_rows AS SELECT x, n, c FROM carried_t;

-- Of a sketch comes what comes of its rows, byte for byte, the generator too
CREATE TABLE carried_k (kind text, label text);
INSERT INTO carried_k VALUES ('vae', NULL), ('gan', NULL), ('gan', 'c');
SELECT kind, label, iforest_info(of_sketch)->'generator'->>'method' AS method, of_sketch = of_rows AS same
FROM (SELECT kind, label, (SELECT iforest_train(o, s.sketch)
						   FROM (SELECT iforest_sketch(iforest_options(n_trees => 10, seed => 1), r) AS sketch
								 FROM carried_rows r) s) AS of_sketch,
			 (SELECT iforest_train(o, r) FROM carried_rows r) AS of_rows
	  FROM carried_k, iforest_options(n_trees => 10, seed => 1, generator => kind, generator_steps => 20, generator_label => label) o
	  OFFSET 0) s
ORDER BY 1 DESC, 2 NULLS FIRST;
-- of sketches that were united
SELECT iforest_info(iforest_train(iforest_options(n_trees => 10, seed => 1, generator => 'vae', generator_steps => 20), sketch))
	   #> '{generator,rows}' AS rows
FROM (SELECT iforest_sketch_union(sketch) AS sketch
	  FROM (SELECT iforest_sketch(iforest_options(n_trees => 10), x, n, c) AS sketch FROM carried_t GROUP BY day) d) u;

-- A parallel plan's model, and that of none, are of as many rows
CREATE TABLE carried_many AS SELECT i % 97 AS a, (i % 89)::float8 AS b FROM generate_series(1, 20000) i;
ALTER TABLE carried_many SET (parallel_workers = 2);
ANALYZE carried_many;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 0;
SET parallel_tuple_cost = 0.0001;
SET min_parallel_table_scan_size = 0;
SELECT iforest_info(iforest_train(iforest_options(seed => 1, generator => 'vae', generator_steps => 5), a, b))
	   #> '{generator,rows}' AS rows
FROM carried_many;
-- rows are made the same in workers as in the leader
CREATE TABLE carried_m AS
SELECT iforest_train(iforest_options(n_trees => 10, seed => 1, generator => 'vae', generator_steps => 50), a, b) AS model
FROM (SELECT a, b FROM carried_many LIMIT 1000) s;
CREATE TABLE carried_holes AS SELECT NULL::int AS a, b FROM carried_many LIMIT 300;
ALTER TABLE carried_holes SET (parallel_workers = 2);
ANALYZE carried_holes;
SELECT model FROM carried_m \gset
EXPLAIN (COSTS OFF)
SELECT sum((iforest_impute(:'model'::bytea, ROW(a, b)::carried_holes, 'vae')).a) FROM carried_holes;
CREATE TABLE carried_sum AS
SELECT sum((iforest_impute(:'model'::bytea, ROW(a, b)::carried_holes, 'vae')).a) AS parallel FROM carried_holes;
RESET parallel_setup_cost;
RESET cpu_operator_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;
SELECT sum((iforest_impute(:'model'::bytea, ROW(a, b)::carried_holes, 'vae')).a) = (SELECT parallel FROM carried_sum) AS same
FROM carried_holes;

-- By name: fit, refit, versions and the way back
SELECT iforest_fit('carried', 'SELECT x, n, c FROM carried_t',
				   iforest_options(n_trees => 10, seed => 1, generator => 'vae', generator_steps => 20)) AS version;
SELECT count(s) AS made FROM iforest_sample(iforest_model('carried'), 20, NULL::carried_t, 1) s;
INSERT INTO carried_t SELECT i, i % 3, sin(i), i % 11, 'c' || i % 5 FROM generate_series(1001, 1200) i;
SELECT status, version FROM iforest_refit('carried');
SELECT version, iforest_info(iforest_model('carried', version))->'generator'->>'method' AS method,
	   iforest_info(iforest_model('carried', version))->'generator'->'rows' AS rows
FROM generate_series(1, 2) version;
SELECT iforest_activate('carried', 2);
SELECT iforest_rollback('carried') AS version;
SELECT iforest_info(iforest_model('carried'))->'generator'->'rows' AS rows;
SELECT iforest_fit('gone', 'SELECT x, n FROM carried_t', iforest_options(generator => 'gan', generator_label => 'c'));
SELECT count(*) AS gone FROM iforest_models WHERE name = 'gone';

-- As a document and back: the rows that come of it are the same
SELECT kind, count(*) AS rows, bool_and(a = b) AS same
FROM (SELECT kind, iforest_sample(model, 20, NULL::carried_rows, 3) AS a,
			 iforest_sample(iforest_from_json(iforest_to_json(model)), 20, NULL::carried_rows, 3) AS b
	  FROM (SELECT kind, iforest_train(o, r) AS model
			FROM carried_rows r, (VALUES ('vae'), ('gan')) k(kind),
				 iforest_options(n_trees => 10, seed => 1, generator => kind, generator_steps => 20) o
			GROUP BY kind) m) s
GROUP BY kind ORDER BY 1 DESC;

-- Merged models have none, and whoever merges is told
SELECT iforest_info(iforest_merge(model))->'generator' AS generator
FROM (SELECT iforest_train(iforest_options(n_trees => 10, seed => seed, generator => 'vae', generator_steps => 5), r) AS model
	  FROM carried_rows r, generate_series(1, 2) seed GROUP BY seed) m;

SELECT iforest_drop('carried');
DROP VIEW carried_rows;
DROP TABLE carried_t, carried_k, carried_many, carried_m, carried_holes, carried_sum;
