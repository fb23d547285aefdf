-- Rows of numbers wait before they are placed in a full sample, some at a
-- time; rows with a category are placed as they come. The same ones are kept.
SET max_parallel_workers_per_gather = 0;
CREATE TABLE arriving AS SELECT i, i * 0.5::float8 AS x, 'same'::text AS c, 1 + i % 3 AS w FROM generate_series(1, 20000) i;
CREATE FUNCTION kept(sketch bytea) RETURNS text LANGUAGE sql BEGIN ATOMIC
    SELECT count(*) || ' ' || md5(string_agg(r ->> 'x', ' ' ORDER BY (r ->> 'x')::float8)) FROM iforest_sketch_rows(sketch) r;
END;
CREATE TYPE waiting_row AS (x float8);
CREATE TYPE placed_row AS (x float8, c text);
CREATE TABLE options AS SELECT iforest_options(seed => 1, n_trees => 16) AS plain,
    iforest_options(seed => 1, n_trees => 16, weight => 'w') AS by_weight;
SELECT n, split_part(kept(waiting), ' ', 1) AS kept, kept(waiting) = kept(placed) AS same_rows,
       kept(waiting_weighted) = kept(placed_weighted) AS same_by_weight
FROM (SELECT n,
             (SELECT iforest_sketch(plain, r) FROM (SELECT x FROM arriving WHERE i <= n) r) AS waiting,
             (SELECT iforest_sketch(plain, r) FROM (SELECT x, c FROM arriving WHERE i <= n) r) AS placed,
             (SELECT iforest_sketch(by_weight, r) FROM (SELECT x, w FROM arriving WHERE i <= n) r) AS waiting_weighted,
             (SELECT iforest_sketch(by_weight, r) FROM (SELECT x, c, w FROM arriving WHERE i <= n) r) AS placed_weighted
      FROM options, (VALUES (4096), (4097), (5000), (9999), (20000)) v(n)) s
ORDER BY n;
-- A result that is asked for while more rows are to come is that of the rows so far.
SELECT thousands * 1000 + 999 AS n, kept(so_far) = kept(placed) AS same_rows
FROM (SELECT DISTINCT i / 1000 AS thousands, iforest_sketch(plain, ROW(x)::waiting_row) OVER w AS so_far,
             iforest_sketch(plain, ROW(x, c)::placed_row) OVER w AS placed
      FROM options, arriving WHERE i < 8000 WINDOW w AS (ORDER BY i / 1000)) s
ORDER BY thousands;
-- What waits in a state that goes from one process to another is placed before
-- (a build with assertions looks); keys are drawn anew, so other rows are kept.
CREATE TABLE sent (i int, x float8) PARTITION BY RANGE (i);
CREATE TABLE sent_first PARTITION OF sent FOR VALUES FROM (0) TO (9001);
CREATE TABLE sent_then PARTITION OF sent FOR VALUES FROM (9001) TO (20001);
INSERT INTO sent SELECT i, x FROM arriving;
SET enable_partitionwise_aggregate = on;
SET cpu_operator_cost = 0;
EXPLAIN (COSTS OFF) SELECT iforest_sketch(iforest_options(seed => 1, n_trees => 16), ROW(x)::waiting_row) FROM sent;
SELECT count(DISTINCT r ->> 'x') AS kept, bool_and(EXISTS (SELECT FROM sent WHERE x = (r ->> 'x')::float8)) AS of_the_table
FROM (SELECT iforest_sketch(iforest_options(seed => 1, n_trees => 16), ROW(x)::waiting_row) AS sketch FROM sent) s, iforest_sketch_rows(sketch) AS r;
RESET cpu_operator_cost;
RESET enable_partitionwise_aggregate;
DROP TABLE sent;
DROP TABLE arriving, options;
DROP FUNCTION kept;
DROP TYPE waiting_row, placed_row;
