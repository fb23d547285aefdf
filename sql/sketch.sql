-- Sketches: samples of rows as values, which unite to samples of all rows.
\set o iforest_options(n_trees => 10, sample_size => 16, seed => 1)
SET max_parallel_workers_per_gather = 0;
CREATE TABLE sketch_t AS
SELECT i AS id, i % 3 AS day, sin(i) AS x, nullif(i % 11, 0) AS n, nullif('c' || i % 5, 'c0') AS c
FROM generate_series(1, 1000) i;

-- From a sketch comes the model that comes from its rows, byte for byte: with
-- all rows kept or a sample, fewer trees than the sketch has room for, in
-- every form of a row.
SELECT iforest_train(:o, sketch) = (SELECT iforest_train(:o, x, n, c) FROM sketch_t) AS sample
FROM (SELECT iforest_sketch(:o, x, n, c) AS sketch FROM sketch_t) s;
SELECT iforest_train(:o, sketch) = (SELECT iforest_train(:o, x, n, c) FROM sketch_t WHERE id <= 100) AS all_rows
FROM (SELECT iforest_sketch(:o, x, n, c) AS sketch FROM sketch_t WHERE id <= 100) s;
SELECT iforest_train(:o, sketch) = (SELECT iforest_train(:o, x, n, c) FROM sketch_t) AS more_room
FROM (SELECT iforest_sketch(iforest_options(seed => 1), x, n, c) AS sketch FROM sketch_t) s;
SELECT iforest_train(:o, sketch) = (SELECT iforest_train(:o, sketch_t) FROM sketch_t) AS whole_row
FROM (SELECT iforest_sketch(:o, sketch_t) AS sketch FROM sketch_t) s;
SELECT iforest_train(:o, sketch) = (SELECT iforest_train(:o, ARRAY[x, n]) FROM sketch_t) AS an_array
FROM (SELECT iforest_sketch(:o, ARRAY[x, n]) AS sketch FROM sketch_t) s;
SELECT iforest_train(:o, sketch) = (SELECT iforest_train(:o, jsonb_build_object('x', x, 'n', n)) FROM sketch_t) AS documents
FROM (SELECT iforest_sketch(:o, jsonb_build_object('x', x, 'n', n)) AS sketch FROM sketch_t) s;
SELECT iforest_train(:o, sketch) = (SELECT iforest_train(iforest_options(n_trees => 10, sample_size => 16, seed => 1, feature_names => '{a,b}'), x, n) FROM sketch_t) AS named
FROM (SELECT iforest_sketch(iforest_options(n_trees => 10, sample_size => 16, seed => 1, feature_names => '{a,b}'), x, n) AS sketch FROM sketch_t) s;

-- Neither seed nor options have to be given.
SELECT iforest_info(iforest_train(sketch)) ->> 'rows_seen' AS seen
FROM (SELECT iforest_sketch(x, n, c) AS sketch FROM sketch_t) s;

-- Union: in any order, in any steps, of what is in it already.
CREATE TABLE sketch_days AS
SELECT day, iforest_sketch(iforest_options(n_trees => 10, sample_size => 16), x, n, c) AS sketch
FROM sketch_t GROUP BY day;
SELECT iforest_sketch_union(sketch ORDER BY day) = iforest_sketch_union(sketch ORDER BY day DESC) AS commutative
FROM sketch_days;
SELECT (SELECT iforest_sketch_union(u) FROM (
            SELECT iforest_sketch_union(sketch) AS u FROM sketch_days WHERE day < 2
            UNION ALL SELECT sketch FROM sketch_days WHERE day = 2) s) =
       iforest_sketch_union(sketch) AS associative
FROM sketch_days;
SELECT (SELECT iforest_sketch_union(u) FROM (
            SELECT iforest_sketch_union(sketch) AS u FROM sketch_days
            UNION ALL SELECT sketch FROM sketch_days
            UNION ALL SELECT sketch FROM sketch_days WHERE day = 1) s) =
       iforest_sketch_union(sketch) AS idempotent
FROM sketch_days;
SELECT iforest_sketch_union(sketch) = (SELECT sketch FROM sketch_days WHERE day = 1) AS of_one FROM sketch_days WHERE day = 1;
-- Training unites sketches, too.
SELECT iforest_train(:o, sketch) = (SELECT iforest_train(:o, u) FROM (SELECT iforest_sketch_union(sketch) AS u FROM sketch_days) s) AS trained
FROM sketch_days;
SELECT i ->> 'rows_seen' AS seen, i ->> 'rows_kept' AS kept
FROM (SELECT iforest_info(iforest_train(:o, sketch)) AS i FROM sketch_days) s;
-- .. and of so many rows that they are known by many tables of a few.
CREATE TABLE sketch_large AS
SELECT k, iforest_sketch(iforest_options(seed => k, n_trees => 1, sample_size => 50000), i::float8) AS sketch
FROM generate_series(1, 40000) i, generate_series(1, 3) k GROUP BY k;
SELECT iforest_sketch_info(u) ->> 'rows_kept' AS kept, iforest_sketch_info(u) ->> 'rows_seen' AS seen,
	u = (SELECT iforest_sketch_union(sketch ORDER BY k DESC) FROM sketch_large) AS commutative,
	u = (SELECT iforest_sketch_union(s) FROM (SELECT sketch FROM sketch_large UNION ALL SELECT u UNION ALL SELECT sketch FROM sketch_large) v (s)) AS idempotent
FROM (SELECT iforest_sketch_union(sketch ORDER BY k) AS u FROM sketch_large) s;
DROP TABLE sketch_large;

-- A table that has grown is sketched again with its seed: no row counts twice.
SELECT (SELECT iforest_sketch_union(u) FROM (
            SELECT iforest_sketch(:o, x, n, c ORDER BY id) AS u FROM sketch_t WHERE id <= 700
            UNION ALL SELECT iforest_sketch(:o, x, n, c ORDER BY id) FROM sketch_t) s) =
       iforest_sketch(:o, x, n, c ORDER BY id) AS grown
FROM sketch_t;
-- The union keeps as many rows as the smallest one may, but no fewer.
SELECT (SELECT iforest_sketch_union(u) FROM (
            SELECT iforest_sketch(:o, x, n, c) AS u FROM sketch_t
            UNION ALL SELECT iforest_sketch(iforest_options(n_trees => 20, sample_size => 16, seed => 1), x, n, c) FROM sketch_t) s) =
       iforest_sketch(:o, x, n, c) AS smallest
FROM sketch_t;
-- NULL is no sketch, and no rows have none.
SELECT iforest_sketch_union(sketch) = (SELECT sketch FROM sketch_days WHERE day = 0) AS skipped
FROM (SELECT sketch FROM sketch_days WHERE day = 0 UNION ALL SELECT NULL) s;
SELECT iforest_sketch(x) IS NULL AS no_rows FROM sketch_t WHERE false;
SELECT iforest_sketch(NULL::int) IS NULL AS no_values FROM sketch_t;
SELECT iforest_sketch_union(sketch) IS NULL AS no_union, iforest_train(sketch) IS NULL AS no_model FROM sketch_days WHERE false;
-- A sketch and its model have the aggregates' usual clauses.
SELECT count(*) FILTER (WHERE m IS NOT NULL) AS models
FROM (SELECT iforest_train(:o, sketch) FILTER (WHERE day < 2) OVER (PARTITION BY day) AS m FROM sketch_days) s;

-- Parallel plans: states of workers unite; equal sketches in two of them are one.
CREATE TABLE sketch_many AS SELECT i, sketch FROM sketch_days, generate_series(1, 300) i;
ALTER TABLE sketch_many SET (parallel_workers = 2);
SELECT iforest_sketch_union(sketch) AS one FROM sketch_days \gset
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 0;
SET parallel_tuple_cost = 0.0001;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS off) SELECT iforest_sketch_union(sketch) FROM sketch_many;
SELECT iforest_sketch_union(sketch) = :'one' AS parallel FROM sketch_many;
SELECT iforest_info(iforest_train(:o, iforest_sketch)) ->> 'rows_seen' AS seen
FROM (SELECT iforest_sketch(x, n, c) FROM sketch_t) s;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET cpu_operator_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- What does not fit together.
SELECT iforest_sketch_union(s) FROM (SELECT sketch FROM sketch_days UNION ALL SELECT iforest_sketch(x) FROM sketch_t) u(s);
SELECT iforest_sketch_union(s) FROM (SELECT sketch FROM sketch_days UNION ALL SELECT iforest_sketch(x, n::float8, c) FROM sketch_t) u(s);
SELECT iforest_sketch_union(s) FROM (SELECT sketch FROM sketch_days UNION ALL
    SELECT iforest_sketch(iforest_options(feature_names => '{x,m,c}'), x, n, c) FROM sketch_t) u(s);
SELECT iforest_info(iforest_train(iforest_options(feature_names => '{x,k,c}'), s)) #>> '{features,1,name}' AS named_anew FROM (SELECT sketch FROM sketch_days UNION ALL
    SELECT iforest_sketch(iforest_options(feature_names => '{x,m,c}'), x, n, c) FROM sketch_t) u(s);
-- Parts of different rows with one seed.
SELECT iforest_sketch_union(s) FROM (SELECT iforest_sketch(:o, x, n, c) AS s FROM sketch_t GROUP BY day) u;
-- Models, rows and sketches are told from each other.
SELECT iforest_sketch_union(m) FROM (SELECT iforest_train(x, n) AS m FROM sketch_t) s;
SELECT iforest_train(m) FROM (SELECT iforest_train(x, n) AS m FROM sketch_t) s;
SELECT iforest_score(sketch, 1, 2, 'a') FROM sketch_days;
SELECT iforest_merge(sketch) FROM sketch_days;
SELECT iforest_train(day, sketch) FROM sketch_days;
SELECT iforest_train(sketch_days) FROM sketch_days;
SELECT iforest_sketch(sketch) FROM sketch_days;
SELECT iforest_train('\x'::bytea);
SELECT iforest_train('sketch'::bytea);
-- More categories than the training wants.
SELECT iforest_train(iforest_options(max_categories => 2), sketch) FROM sketch_days;

-- Bytes of anybody's.
SELECT iforest_train(substr(sketch, 1, 20)) FROM sketch_days;
SELECT iforest_train(substr(sketch, 1, length(sketch) - 1)) FROM sketch_days;
SELECT iforest_train(sketch || '\x00') FROM sketch_days;
SELECT iforest_train(set_byte(sketch, 100, get_byte(sketch, 100) # 1)) FROM sketch_days;
SELECT iforest_train(set_byte(sketch, length(sketch) - 1, get_byte(sketch, length(sketch) - 1) # 1)) FROM sketch_days;
SELECT iforest_train(set_byte(sketch, 40, 2)) FROM sketch_days;

DROP TABLE sketch_t, sketch_days, sketch_many;
