-- Parallel plans and partitions: training in parts that are merged, scoring
-- in workers.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE FUNCTION parallel_plan_has(query text, part text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF strpos(line, part) > 0 THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;

-- 2000 groups of 20 rows; each worker will see some rows of every group.
CREATE TABLE parallel_t AS
SELECT i AS id, i % 2000 AS g, i / 2000 AS x, least(i / 2000, 12) AS y, 'c' || i / 2000 % 7 AS c,
       CASE WHEN i % 5 > 0 THEN i % 11 END AS n, repeat(' ', 100) AS filler
FROM generate_series(0, 39999) i;
ALTER TABLE parallel_t SET (parallel_workers = 2);
ANALYZE parallel_t;
-- What uniting samples costs would keep tables as small as these in one process.
SET cpu_operator_cost = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0.01;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;

-- Training goes parallel by itself, with or without groups, where its costs allow.
SELECT query, parallel_plan_has(query, 'Gather') AS gather, parallel_plan_has(query, 'Partial') AS partial,
       parallel_plan_has(query, 'Finalize') AS finalize
FROM (VALUES ('SELECT iforest_train(x, c) FROM parallel_t'),
             ('SELECT iforest_train(iforest_options(), x, c) FROM parallel_t'),
             ('SELECT iforest_train(t) FROM parallel_t t'),
             ('SELECT iforest_train_array(ARRAY[x, y]) FROM parallel_t'),
             ('SELECT g, iforest_train(x, c) FROM parallel_t GROUP BY g')) v(query);
-- ORDER BY and DISTINCT need all rows in one place.
SELECT query, parallel_plan_has(query, 'Partial') AS partial
FROM (VALUES ('SELECT iforest_train(x, c ORDER BY id) FROM parallel_t'),
             ('SELECT iforest_train(DISTINCT x, c) FROM parallel_t')) v(query);

-- Nothing is lost on the way: counts, ranges, categories, names, NULLs.
CREATE TEMP TABLE parallel_model AS
SELECT iforest_train(iforest_options(n_trees => 1000), x, c, n) AS model FROM parallel_t;
SELECT iforest_info(model) - '{size,n_nodes,n_leaves,threshold,options,groups}'::text[] AS info FROM parallel_model;
SELECT iforest_info(model) -> 'rows_kept' AS rows_kept, iforest_info(model) -> 'rows_seen' AS rows_seen
FROM (SELECT iforest_train(iforest_options(n_trees => 10, sample_size => 100), x, c, n) AS model FROM parallel_t) m;
SELECT iforest_train(x) IS NULL AS no_rows FROM parallel_t WHERE g < 0;
SELECT iforest_train(NULL::int) IS NULL AS only_nulls FROM parallel_t;
-- Categories keep their frequencies: the rarer, the more unusual.
CREATE TABLE parallel_skewed AS
SELECT CASE WHEN i % 100 < 2 THEN 'rare' WHEN i % 100 < 10 THEN 'some' WHEN i % 100 < 40 THEN 'many' ELSE 'most' END AS c,
       repeat(' ', 100) AS filler
FROM generate_series(0, 19999) i;
ALTER TABLE parallel_skewed SET (parallel_workers = 2);
SELECT c, rank() OVER (ORDER BY iforest_score(model, c) DESC) AS rank
FROM unnest('{most,many,some,rare}'::text[]) c,
     (SELECT iforest_train(iforest_options(sample_size => 200), c) AS model FROM parallel_skewed OFFSET 0) m
ORDER BY rank;

-- The sample is uniform, whichever worker met a row.  A sample of one row shows
-- each row's chance, alone and among duplicates; the least and the greatest
-- value of four rows show that they are drawn together.
CREATE VIEW parallel_draws AS
SELECT g, one, duplicate, least(least, 12) AS least, least(19 - greatest, 12) AS greatest
FROM (SELECT g, (iforest_info(one) #>> '{features,0,minimum}')::int AS one,
             (iforest_info(duplicate) #>> '{features,1,minimum}')::int AS duplicate,
             (iforest_info(four) #>> '{features,0,minimum}')::int AS least,
             (iforest_info(four) #>> '{features,0,maximum}')::int AS greatest
      FROM (SELECT g, iforest_train(iforest_options(n_trees => 1, sample_size => 1, seed => g), x) AS one,
                   iforest_train(iforest_options(n_trees => 1, sample_size => 1, seed => g), c, y) AS duplicate,
                   iforest_train(iforest_options(n_trees => 2, sample_size => 2, seed => g), x, c) AS four
            FROM parallel_t GROUP BY g) m) i;
-- The share of the groups in which each draw is expected; 12 is 12 or more.
CREATE VIEW parallel_expected AS
SELECT 'one' AS draw, v, 1 / 20.0 AS share FROM generate_series(0, 19) v
UNION ALL SELECT 'duplicate', v, CASE WHEN v < 12 THEN 1 ELSE 8 END / 20.0 FROM generate_series(0, 12) v
UNION ALL SELECT draw, v, CASE WHEN v < 12 THEN (19 - v) * (18 - v) * (17 - v) / 6 ELSE 70 END / 4845.0
          FROM generate_series(0, 12) v, unnest('{least,greatest}'::text[]) draw;
-- Chance exceeds the limits once in 10^9 times.
CREATE VIEW parallel_uniform AS
SELECT draw, sum(n) AS draws, sum((coalesce(n, 0) - 2000 * share) ^ 2 / (2000 * share))
                              < CASE draw WHEN 'one' THEN 84 ELSE 70 END AS uniform
FROM parallel_expected
     LEFT JOIN (SELECT draw, v, count(*) AS n
                FROM parallel_draws, LATERAL (VALUES ('one', one), ('duplicate', duplicate), ('least', least),
                                                     ('greatest', greatest)) u(draw, v)
                GROUP BY draw, v) o USING (draw, v)
GROUP BY draw;
SELECT parallel_plan_has('SELECT * FROM parallel_draws', 'Partial') AS partial;
SELECT * FROM parallel_uniform ORDER BY draw;
-- The same without workers.
SET max_parallel_workers_per_gather = 0;
SELECT * FROM parallel_uniform ORDER BY draw;
SET max_parallel_workers_per_gather = 2;

-- ORDER BY pins a model whatever the plan: rows are sorted before they are
-- sampled.  A serial plan reads them in the order of the table.
SELECT iforest_train(iforest_options(seed => 1), x, c ORDER BY id) AS model FROM parallel_t \gset
SET max_parallel_workers_per_gather = 0;
SELECT iforest_train(iforest_options(seed => 1), x, c ORDER BY id) = :'model'::bytea AS same_as_serial FROM parallel_t;
SELECT iforest_train(iforest_options(seed => 1), x, c) = :'model'::bytea AS same_in_order_of_table FROM parallel_t;
SET max_parallel_workers_per_gather = 2;

-- Partitions.  By the partition key each model is trained at its partition;
-- otherwise parts of it are merged.  A seed fixes the first kind.
CREATE TABLE parallel_p (id int, g int, x int, c text) PARTITION BY LIST (g);
CREATE TABLE parallel_p0 PARTITION OF parallel_p FOR VALUES IN (0);
CREATE TABLE parallel_p1 PARTITION OF parallel_p FOR VALUES IN (1);
CREATE TABLE parallel_p2 (c text, x int, id int, g int);
ALTER TABLE parallel_p ATTACH PARTITION parallel_p2 FOR VALUES IN (2);
INSERT INTO parallel_p SELECT i, i % 3, i * 37 % 101, 'c' || i % 5 FROM generate_series(0, 2999) i;
ANALYZE parallel_p;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SELECT parallel_plan_has('SELECT g, iforest_train(x, c) FROM parallel_p GROUP BY g', 'Partial') AS key_is_partial,
       parallel_plan_has('SELECT iforest_train(x, c) FROM parallel_p', 'Partial') AS whole_is_partial;
SELECT g, iforest_info(model) -> 'rows_seen' AS rows,
       model = (SELECT iforest_train(iforest_options(seed => 1), x, c) FROM parallel_p p WHERE p.g = m.g) AS same
FROM (SELECT g, iforest_train(iforest_options(seed => 1), x, c) AS model FROM parallel_p GROUP BY g) m ORDER BY g;
SELECT iforest_info(model) - '{size,n_nodes,n_leaves,threshold,options}'::text[] AS info
FROM (SELECT iforest_train(p) AS model FROM parallel_p p) m;
SET max_parallel_workers_per_gather = 2;
SELECT parallel_plan_has('SELECT g, iforest_train(x, c) FROM parallel_p GROUP BY g', 'Gather') AS key_in_workers;
SELECT g, iforest_info(model) -> 'rows_seen' AS rows
FROM (SELECT g, iforest_train(x, c) AS model FROM parallel_p GROUP BY g) m ORDER BY g;
-- Many models, each trained wholly in one worker.
CREATE TABLE parallel_keys AS SELECT g, repeat(' ', 2000) AS filler FROM generate_series(0, 2) g;
ALTER TABLE parallel_keys SET (parallel_workers = 2);
SET parallel_tuple_cost = 0;
SELECT parallel_plan_has('SELECT g, (SELECT iforest_train(x, c) FROM parallel_p p WHERE p.g = k.g) FROM parallel_keys k', 'Gather') AS gather;
SELECT g, iforest_info(model) -> 'rows_seen' AS rows,
       model = (SELECT iforest_train(iforest_options(seed => 1), x, c) FROM parallel_p p WHERE p.g = m.g) AS same
FROM (SELECT g, (SELECT iforest_train(iforest_options(seed => 1), x, c) FROM parallel_p p WHERE p.g = k.g) AS model
      FROM parallel_keys k OFFSET 0) m ORDER BY g;

SET parallel_tuple_cost = 0.01;
-- Partitions with their columns in another order, and with one dropped, have
-- the names, types and rows of the parent, in every form and in every part.
CREATE TABLE parallel_q (id int, x float8, c text) PARTITION BY RANGE (id);
CREATE TABLE parallel_q1 PARTITION OF parallel_q FOR VALUES FROM (1) TO (301);
CREATE TABLE parallel_q2 (c text, gone text, x float8, id int);
ALTER TABLE parallel_q2 DROP COLUMN gone;
ALTER TABLE parallel_q ATTACH PARTITION parallel_q2 FOR VALUES FROM (301) TO (1001);
INSERT INTO parallel_q SELECT i, i * 37 % 101 / 2.0, 'c' || i % 5 FROM generate_series(1, 1000) i;
ANALYZE parallel_q;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE parallel_q_model AS SELECT iforest_train(iforest_options(seed => 1), x, c ORDER BY id) AS model FROM parallel_q;
SELECT query, parallel_plan_has(query, 'Partial') AS partial
FROM (VALUES ('SELECT iforest_train(x, c) FROM parallel_q'), ('SELECT iforest_train(q) FROM parallel_q q'),
             ('SELECT iforest_sketch(x, c) FROM parallel_q'),
             ('SELECT iforest_drift((SELECT model FROM parallel_q_model), q) FROM parallel_q q'),
             ('SELECT iforest_calibrate((SELECT model FROM parallel_q_model), q) FROM parallel_q q')) v(query);
CREATE TEMP TABLE parallel_q_models AS SELECT 'columns' AS what, iforest_train(x, c) AS model FROM parallel_q;
INSERT INTO parallel_q_models SELECT 'rows', iforest_train(q) FROM parallel_q q;
CREATE TEMP TABLE parallel_q_sketches AS SELECT iforest_sketch(x, c) AS of_columns FROM parallel_q;
INSERT INTO parallel_q_models SELECT 'sketch', iforest_train(of_columns) FROM parallel_q_sketches;
SELECT what, (SELECT string_agg(name || ' ' || type, ', ' ORDER BY position) FROM iforest_features(model)) AS features,
       iforest_info(model) -> 'rows_seen' AS rows FROM parallel_q_models ORDER BY what;
SELECT (SELECT iforest_drift(model, q) FROM parallel_q q) = (SELECT iforest_drift(model, x, c) FROM (SELECT * FROM parallel_q OFFSET 0) q) AS same_drift,
       (SELECT iforest_calibrate(model, q) FROM parallel_q q) = (SELECT iforest_calibrate(model, x, c) FROM (SELECT * FROM parallel_q OFFSET 0) q) AS same_calibration,
       (SELECT sum(iforest_score(model, q)) FROM parallel_q q)::numeric(12,6) = (SELECT sum(iforest_score(model, x, c)) FROM (SELECT * FROM parallel_q OFFSET 0) q)::numeric(12,6) AS same_scores
FROM parallel_q_model;
DROP TABLE parallel_q;

-- Parts that do not fit together.
SET max_parallel_workers_per_gather = 0;
SELECT iforest_train(CASE g WHEN 0 THEN ARRAY[x] ELSE ARRAY[x, x] END) FROM parallel_p;
SELECT iforest_train(CASE g WHEN 0 THEN ROW(x) ELSE ROW(c) END) FROM parallel_p;
SELECT iforest_train(CASE g WHEN 2 THEN ROW(x, c) ELSE ROW(c, x) END) FROM parallel_p;
-- A part that is empty, or has no value, or categories of its own.
SELECT iforest_info(model) -> 'rows_kept' AS kept, iforest_info(model) -> 'rows_seen' AS seen,
       iforest_info(model) #> '{features,1}' AS feature
FROM (SELECT iforest_train(o, CASE WHEN g < 2 THEN x END, CASE WHEN g < 2 THEN c || g END) AS model
      FROM parallel_p, iforest_options(n_trees => 1000, sample_size => 10) o GROUP BY o) m;
-- Together, they have too many categories.
SELECT iforest_train(iforest_options(max_categories => 5), c || g) FROM parallel_p;
RESET enable_partitionwise_aggregate;
SET max_parallel_workers_per_gather = 2;

RESET cpu_operator_cost;
SET parallel_tuple_cost = 0;
-- Scoring in workers: the same scores, here summed exactly, whether the model
-- comes from a scalar subquery, a join or a constant.
CREATE TABLE parallel_models AS SELECT 'm' AS name, :'model'::bytea AS model;
ALTER TABLE parallel_models ALTER model SET STORAGE EXTERNAL;
CREATE FUNCTION parallel_scores(query text) RETURNS TABLE (gather bool, total numeric) LANGUAGE plpgsql AS $$
BEGIN
	gather := parallel_plan_has(query, 'Gather');
	EXECUTE query INTO total;
	RETURN NEXT;
END $$;
CREATE VIEW parallel_queries AS
SELECT * FROM (VALUES
	('subquery', 'SELECT sum(iforest_score((SELECT model FROM parallel_models), x, c)::numeric) FROM parallel_t'),
	('where', 'SELECT count(*) FROM parallel_t WHERE iforest_score((SELECT model FROM parallel_models), x, c) > 0.55'),
	('constant', format('SELECT sum(iforest_score(%L::bytea, x, c)::numeric) FROM parallel_t', :'model')),
	('row', 'SELECT sum(iforest_score((SELECT model FROM parallel_models), t)::numeric) FROM parallel_t t'),
	('join', 'SELECT sum(iforest_score(model, x, c)::numeric) FROM parallel_t JOIN parallel_models ON name = ''m''')) q(kind, query);
CREATE TEMP TABLE parallel_totals AS SELECT kind, gather, total FROM parallel_queries, parallel_scores(query);
SELECT kind, gather, total > 1000 AS some FROM parallel_totals ORDER BY kind;
SET max_parallel_workers_per_gather = 0;
SELECT kind, s.gather, s.total = t.total AS same FROM parallel_totals t JOIN parallel_queries USING (kind), parallel_scores(query) s
ORDER BY kind;

RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
DROP VIEW parallel_uniform, parallel_expected, parallel_draws, parallel_queries;
DROP TABLE parallel_t, parallel_skewed, parallel_p, parallel_keys, parallel_models;
DROP FUNCTION parallel_plan_has, parallel_scores;
