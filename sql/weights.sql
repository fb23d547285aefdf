-- Weights: how often rows count, in training, in sketches and in unions.
\set o 'n_trees => 10, sample_size => 64, seed => 1'
SET max_parallel_workers_per_gather = 0;
CREATE TABLE weighed AS
SELECT i AS id, sin(i) AS x, cos(3 * i) AS y, 'c' || i % 3 AS c, i % 4 AS w FROM generate_series(1, 300) i;

-- A row of weight 2 counts as two rows: whole weights make the model of rows
-- that are there so often. The column of weights is no feature.
SELECT a - 'rows_seen' - 'weighted' - 'rows_effective' = b - 'rows_seen' AS as_if_repeated, a ->> 'rows_seen' AS seen, a ->> 'rows_kept' AS kept, a ->> 'weighted' AS weighted
FROM (SELECT iforest_to_json(iforest_train(iforest_options(:o, weight => 'w'), r)) AS a FROM (SELECT x, y, c, w FROM weighed ORDER BY id) r) p,
     (SELECT iforest_to_json(iforest_train(iforest_options(:o), r)) AS b FROM (SELECT x, y, c FROM weighed, generate_series(1, w) ORDER BY id) r) q;
-- In every form of a row that has names.
SELECT iforest_train(iforest_options(:o, weight => 'w'), x, w, y, c) AS model FROM weighed \gset
SELECT iforest_train(iforest_options(:o, weight => 'w', exclude => '{id}'), r) = :'model' AS rows FROM weighed r;
SELECT i ->> 'rows_kept' AS kept, i #>> '{features,0,name}' AS feature, jsonb_array_length(i -> 'features') AS features
FROM (SELECT iforest_info(iforest_train(iforest_options(:o, weight => 'w'), jsonb_build_object('x', x, 'w', w))) AS i FROM weighed) s;
-- More rows are kept than were seen, also by way of a document.
SELECT iforest_info(:'model') ->> 'rows_seen' AS seen, iforest_info(:'model') ->> 'rows_kept' AS kept,
       iforest_from_json(iforest_to_json(:'model')) = :'model' AS same;
-- Weights count against each other: their unit does not matter. NULL is zero.
SELECT max(t) - min(t) < 0.03 AS alike
FROM (SELECT iforest_threshold(iforest_train(iforest_options(:o, weight => 'w'), r), 0.1) AS t
      FROM (VALUES (1e-9), (1.0), (1e9)) v(f), LATERAL (SELECT x, y, f * w AS w FROM weighed) r GROUP BY f) s;
SELECT iforest_train(iforest_options(:o, weight => 'w'), r) = :'model' AS null_is_zero
FROM (SELECT x, y, c, nullif(w, 0) AS w FROM weighed) r;
SELECT iforest_train(iforest_options(:o, weight => 'w'), x, w) IS NULL AS nothing FROM weighed WHERE w = 0;
-- Of more rows than are kept, heavy ones are kept more often, and those kept
-- stand for about as many rows each.
CREATE TABLE many AS SELECT i % 2 = 0 AS heavy, random() AS x, CASE WHEN i % 2 = 0 THEN 3.0 ELSE 1.0 END AS w FROM generate_series(1, 20000) i;
SELECT iforest_sketch(iforest_options(n_trees => 10, seed => 1, weight => 'w'), heavy, x, w) AS sketch FROM many \gset
SELECT abs(avg((heavy)::int) - 0.75) < 0.03 AS three_of_four FROM iforest_sketch_rows(:'sketch', NULL::many);
SELECT abs(sum(rows) FILTER (WHERE category = 'true')::numeric / sum(rows) - 0.75) < 0.03 AS in_the_model
FROM (SELECT iforest_train(iforest_options(seed => 1, n_trees => 10, weight => 'w'), r) AS m FROM (SELECT heavy::text, x, w FROM many) r) s,
     iforest_features(m) f, unnest(f.categories, f.category_rows) AS u(category, rows) WHERE f.name = 'heavy';

-- Parallel plans take weights too.
ALTER TABLE many SET (parallel_workers = 2);
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 0;
SET parallel_tuple_cost = 0.0001;
SET min_parallel_table_scan_size = 0;
SELECT abs(avg((heavy)::int) - 0.75) < 0.05 AS three_of_four
FROM (SELECT iforest_sketch(iforest_options(n_trees => 10, weight => 'w'), r) AS s FROM (SELECT heavy, x, w FROM many) r) k, iforest_sketch_rows(s, NULL::many);
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET cpu_operator_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- Sketches keep the weights: the same model from them.
SELECT iforest_sketch(iforest_options(:o, weight => 'w'), x, y, c, w) AS sketch FROM weighed \gset
SELECT iforest_train(iforest_options(:o), :'sketch'::bytea) = :'model' AS same;
SELECT iforest_sketch_info(s) -> 'weighted' AS weighted, iforest_sketch_info(s) -> 'rows_kept' AS kept
FROM (SELECT iforest_sketch(iforest_options(n_trees => 2, sample_size => 64, weight => 'w'), r) AS s FROM weighed r) k;
-- Where all weights are 1 a sketch is what it is without them.
SELECT iforest_sketch(iforest_options(:o, weight => 'one'), r) = (SELECT iforest_sketch(iforest_options(:o), r) FROM (SELECT x, y FROM weighed) r) AS ones
FROM (SELECT x, y, 1 AS one FROM weighed) r;

-- A weight of a sketch is one of all its rows. Unions stay unions.
CREATE TABLE parts AS SELECT id % 3 AS part, iforest_sketch(iforest_options(n_trees => 1, sample_size => 50, seed => id % 3), r) AS sketch
FROM (SELECT id, x, y, c FROM weighed) r GROUP BY id % 3;
SELECT iforest_sketch_union(sketch, 1) = iforest_sketch_union(sketch) AS ones FROM parts;
SELECT iforest_sketch_union(sketch, part + 1 ORDER BY part) = iforest_sketch_union(sketch, part + 1 ORDER BY part DESC) AS commutative FROM parts;
SELECT (SELECT iforest_sketch_union(s, w) FROM (
            SELECT iforest_sketch_union(sketch, 4), 0.5 FROM parts WHERE part < 2
            UNION ALL SELECT sketch, 2 FROM parts WHERE part = 2) u(s, w)) = iforest_sketch_union(sketch, 2) AS associative FROM parts;
SELECT iforest_sketch_union(sketch, 2) = iforest_sketch_union(sketch, 2) FILTER (WHERE i = 1) AS idempotent FROM parts, generate_series(1, 3) i;
-- Of a row that comes with several weights the greatest counts.
SELECT iforest_sketch_union(sketch, i) = iforest_sketch_union(sketch, 3) FILTER (WHERE i = 1) AS greatest FROM parts, generate_series(1, 3) i;
SELECT iforest_sketch_union(sketch, 4 - i) = iforest_sketch_union(sketch, 3) FILTER (WHERE i = 1) AS greatest FROM parts, generate_series(1, 3) i;
SELECT iforest_sketch_union(sketch, nullif(part, 2)) = (SELECT sketch FROM parts WHERE part = 1) AS left_out FROM parts;
-- Calibration and drift count rows as often as they are worth.
SELECT iforest_drift(:'model', :'sketch'::bytea) ->> 'rows' AS rows, iforest_calibrate(:'model', :'sketch'::bytea) = iforest_calibrate(:'model', x, y, c) AS calibrated
FROM weighed, generate_series(1, w);

-- A row that counts often is one row: what chance does is judged as without
-- weights, by as many rows as tell as much (Kish).
CREATE TABLE alike AS
SELECT set, round((1000 * abs(sin(i * i + 77 * set)))::numeric, 1)::float8 AS x, 'c' || (7 * abs(cos(i * i + 55 * set)))::int AS c, CASE WHEN i % 5 > 0 THEN i % 7 END AS m, 50 AS w
FROM generate_series(1, 3) AS set, generate_series(1, 60) AS i;
CREATE TABLE judged AS
SELECT set, iforest_train(iforest_options(n_trees => 50, sample_size => 64, seed => set, exclude => '{set,w}'), a) AS plain,
       iforest_train(iforest_options(n_trees => 50, sample_size => 64, seed => set, weight => 'w', exclude => '{set}'), a) AS heavy
FROM alike AS a GROUP BY set;
SELECT i -> 'rows_seen' AS seen, i -> 'rows_kept' AS kept, i -> 'rows_effective' AS effective, iforest_from_json(iforest_to_json(heavy)) = heavy AS same
FROM judged, iforest_info(heavy) AS i WHERE set = 1;
SELECT set, iforest_info(iforest_train(iforest_options(:o, weight => 'w'), x, w)) -> 'rows_effective' AS effective
FROM (SELECT 1 AS set, i AS x, CASE i WHEN 1 THEN 1000 ELSE 0.001 END AS w FROM generate_series(1, 200) AS i
      UNION ALL SELECT 2, i, 2 - i % 2 FROM generate_series(1, 200) AS i
      UNION ALL SELECT 3, i, exp(-i / 50.0) FROM generate_series(1, 20000) AS i) AS s (set, x, w) GROUP BY set ORDER BY set;
SELECT f ->> 'name' AS name, f ->> 'verdict' AS verdict, h ->> 'verdict' AS heavy, f = h AS all_same
FROM (SELECT iforest_drift(plain, a) AS p, iforest_drift(heavy, a) AS q FROM judged AS j, alike AS a, generate_series(1, 40) WHERE j.set = 1 AND a.set > 1) AS d,
     jsonb_array_elements(p -> 'features') AS f JOIN jsonb_array_elements(q -> 'features') AS h ON f ->> 'name' = h ->> 'name' ORDER BY 1;
SELECT iforest_drift(heavy, a) #>> '{score,verdict}' AS verdict FROM judged AS j, alike AS a, generate_series(1, 40) WHERE j.set = 1 AND a.set > 1;
-- p-values are of 60 rows: whole numbers of 61sts.
SELECT iforest_p_value(iforest_train(iforest_options(n_trees => 50, sample_size => 64, seed => 1, weight => 'w'), s), 1e7) * 61 AS of_61
FROM (SELECT x * x AS x, w FROM alike WHERE set = 1) AS s;
SELECT iforest_info(iforest_merge(heavy)) -> 'rows_effective' AS of_heavy, iforest_info(iforest_merge(plain)) -> 'rows_effective' AS of_plain,
       iforest_info(iforest_merge(CASE WHEN set = 1 THEN plain ELSE heavy END)) -> 'rows_effective' AS of_both
FROM judged;
-- What identifies rows is seen where they count often, too; and no other.
SELECT iforest_fit('weighed', format('SELECT %s AS x, sin(i) AS y, 2 AS w FROM generate_series(1, 160) AS i', x), iforest_options(:o, weight => 'w')) AS version
FROM (VALUES ('i'), ('md5(i::text)'), ('CASE WHEN i <= 100 THEN i % 5 ELSE 150 + i % 10 END')) AS v (x);
SELECT iforest_drop('weighed');
-- A document may tell how many rows there are in effect, of such with weights.
SELECT iforest_info(iforest_from_json(d - 'rows_effective')) -> 'rows_effective' AS not_told, iforest_info(iforest_from_json(d || '{"rows_effective": 7}')) -> 'rows_effective' AS told
FROM judged, iforest_to_json(heavy) AS d WHERE set = 1;
SELECT iforest_from_json(iforest_to_json(heavy) || '{"rows_effective": 3001}') FROM judged WHERE set = 1;
SELECT iforest_from_json(iforest_to_json(plain) || '{"rows_effective": 1}') FROM judged WHERE set = 1;

-- Age as a weight.
SELECT iforest_decay('0 days', '30 days') AS new, iforest_decay('30 days', '30 days') AS half, iforest_decay('2 months', '30 days') AS quarter, iforest_decay('-1 hour', '1 hour') AS future;
SELECT round((part_2 / part_0)::numeric) AS times
FROM (SELECT count(*) FILTER (WHERE x > 0) AS part_0, count(*) FILTER (WHERE x < 0)::float8 AS part_2
      FROM (SELECT iforest_sketch_union(s, iforest_decay(age, '10 days')) AS u
            FROM (SELECT '20 days'::interval, iforest_sketch(iforest_options(n_trees => 100, sample_size => 100, seed => 1), r) FROM (SELECT i AS x FROM generate_series(1, 20000) i) r
                  UNION ALL SELECT '0 days', iforest_sketch(iforest_options(n_trees => 100, sample_size => 100, seed => 2), r) FROM (SELECT -i AS x FROM generate_series(1, 20000) i) r) d(age, s)) k,
           iforest_sketch_rows(u) r, LATERAL (SELECT (r ->> 'x')::int AS x) v) s;

-- Weights that are none.
SELECT iforest_train(iforest_options(weight => 'w'), x, w) FROM (SELECT x, -1 AS w FROM weighed OFFSET 0) r;
SELECT iforest_train(iforest_options(weight => 'w'), r) FROM (SELECT x, -1 AS w FROM weighed) r;
SELECT iforest_sketch(iforest_options(weight => 'w'), r) FROM (SELECT x, 'nan'::float8 AS w FROM weighed) r;
SELECT iforest_train(iforest_options(weight => 'w'), r) FROM (SELECT x, 'infinity'::float8 AS w FROM weighed) r;
SELECT iforest_train(iforest_options(weight => 'w'), jsonb_build_object('x', x, 'w', -w)) FROM weighed;
SELECT iforest_train(iforest_options(weight => 'w'), jsonb_build_object('x', x, 'w', c)) FROM weighed;
SELECT iforest_train(iforest_options(weight => 'c'), x, c) FROM weighed;
SELECT iforest_train(iforest_options(weight => 'weight'), x, w) FROM weighed;
SELECT iforest_train(iforest_options(weight => 'w'), w) FROM weighed;
-- What the hint for unusable columns selects has the column of weights.
SELECT iforest_train(iforest_options(weight => 'the weight'), r) FROM (SELECT x, w AS "the weight", point(x, y) AS place FROM weighed) r;
SELECT iforest_train(iforest_options(weight => 'the weight'), r) IS NOT NULL AS trained
FROM (SELECT x, place[0] AS place_x, place[1] AS place_y, "the weight" FROM (SELECT x, w AS "the weight", point(x, y) AS place FROM weighed) r) r;
SELECT iforest_sketch(iforest_options(weight => 'w'), r) FROM (SELECT w, '{}'::json AS doc FROM weighed) r;
SELECT iforest_train(iforest_options(weight => 'w'), ARRAY[x, w]) FROM weighed;
SELECT iforest_train_array(iforest_options(weight => 'w'), ARRAY[x, w]) FROM weighed;
SELECT iforest_train(iforest_options(weight => 'w'), sketch) FROM parts;
SELECT iforest_sketch_union(sketch, -1) FROM parts;
SELECT iforest_sketch_union(sketch, 'nan') FROM parts;
SELECT iforest_sketch_union(sketch, 'infinity') FROM parts;
SELECT iforest_sketch_union(u, 1e90) FROM (SELECT iforest_sketch_union(sketch, 1e90) AS u FROM parts) s;
SELECT iforest_train('{"sample_weight": "w"}'::jsonb, x, w) FROM weighed;
SELECT iforest_decay('1 day', '0 days');

DROP TABLE weighed, many, parts, alike, judged;
