-- Cuts and ranks: thresholds at any contamination, ties, few rows, and
-- iforest_calibrate, which replaces the rows that a model compares with.
\set VERBOSITY default
\set SHOW_CONTEXT never
-- Tables without statistics make the planner expect a lot of work.
SET jit = off;

-- How many of the rows given score above a cut.
CREATE FUNCTION pg_temp.above(model bytea, contamination float8, x float8[]) RETURNS bigint LANGUAGE sql AS
	'SELECT count(*) FROM unnest(x) v WHERE iforest_score(model, v) > iforest_threshold(model, contamination)';
CREATE FUNCTION pg_temp.train(x float8[], contamination float8 DEFAULT 0.05) RETURNS bytea LANGUAGE sql AS
	'SELECT iforest_train(iforest_options(seed => 1, contamination => $2), v) FROM unnest(x) v';

-- Ties: rows of one score are flagged together or not at all, and never more
-- rows than asked. Of 1000 rows 900 are 0, 60 are 1, 30 are 2 and 10 are 9.
CREATE TEMP TABLE calibrate_ties AS
SELECT array_agg(CASE WHEN i <= 900 THEN 0 WHEN i <= 960 THEN 1 WHEN i <= 990 THEN 2 ELSE 9 END::float8) AS x
FROM generate_series(1, 1000) i;
SELECT c AS contamination, 1000 * c AS at_most, pg_temp.above(model, c, x) AS above,
       string_agg(v::text, ' ' ORDER BY v) FILTER (WHERE iforest_score(model, v) > iforest_threshold(model, c)) AS flagged
FROM calibrate_ties, pg_temp.train(x) model, unnest('{0,0.009,0.01,0.02,0.04,0.05,0.099,0.1,0.2,0.5}'::float8[]) c,
     unnest('{0,1,2,9}'::float8[]) v
GROUP BY c, model, x ORDER BY c;
-- The same with random ties of all sizes: 20 tables, 51 cuts each.
SELECT count(*) AS cuts, count(*) FILTER (WHERE pg_temp.above(model, c / 100.0, x) > c * 2) AS too_many
FROM (SELECT s, array_agg((i * 7919 * s % 10007 % (3 * s))::float8) AS x FROM generate_series(1, 20) s, generate_series(1, 200) i GROUP BY s) t,
     pg_temp.train(x) model, generate_series(0, 50) c;
-- Rows that are all alike are never flagged, nor is anything else: no split
-- tells a new row from them.
SELECT c AS contamination, bool_or(iforest_is_outlier(model, v)) AS flagged, min(iforest_percent_rank(model, v)) AS rank,
       min(iforest_p_value(model, v)) AS p, max(iforest_threshold(model, c)) AS threshold
FROM unnest('{0,0.05,0.5}'::float8[]) c, pg_temp.train(array_fill(7::float8, '{50}'), c) model, unnest('{-1,7,1e9}'::float8[]) v
GROUP BY c ORDER BY c;

-- 1, 2 and 10 rows. All scores of the first two are 0.5.
SELECT n, c AS contamination, pg_temp.above(model, c, x) AS above, iforest_threshold(model, c) = 0.5 AS half,
       round(min(iforest_percent_rank(model, v))::numeric, 3) AS min_rank, round(max(iforest_percent_rank(model, v))::numeric, 3) AS max_rank,
       round(min(iforest_p_value(model, v))::numeric, 3) AS min_p, max(iforest_p_value(model, v)) AS max_p
FROM (SELECT n, array_agg((i * i)::float8) AS x FROM (VALUES (1), (2), (10)) r(n), generate_series(1, n) i GROUP BY n) t,
     pg_temp.train(x) model, unnest('{0,0.05,0.1,0.5}'::float8[]) c, unnest(x) v
GROUP BY n, c, model, x ORDER BY n, c;

-- A table, its model, and the model with these rows as its summary.
CREATE TEMP TABLE calibrate_t AS
SELECT i AS id, (i * 7919 % 1009)::float8 AS a, 'c' || i * i % 7 AS b, i % 3 AS part FROM generate_series(1, 500) i;
INSERT INTO calibrate_t VALUES (501, 5000, 'c0', 0), (502, NULL, 'c1', 1), (503, 10, 'new', 2);
CREATE TEMP TABLE calibrate_m AS
SELECT c AS contamination, trained, (SELECT iforest_calibrate(trained, a, b) FROM calibrate_t) AS model
FROM (SELECT c, iforest_train(iforest_options(seed => 1, contamination => c, feature_names => '{a,b}'), a, b ORDER BY id) AS trained
      FROM calibrate_t, unnest('{0,0.01,0.05,0.3,0.5}'::float8[]) c GROUP BY c OFFSET 0) s;

-- An outlier is what scores above the threshold of the model's contamination,
-- whatever the kernel; kernels that the processor lacks are passed over.
CREATE TEMP TABLE calibrate_seen (kernel text, contamination float8, outliers bigint, trained bigint, differ bigint);
DO $$
DECLARE
	k text;
BEGIN
	FOREACH k IN ARRAY '{auto,walk,portable,avx2,avx512}'::text[] LOOP
		BEGIN
			PERFORM set_config('iforest.kernel', k, false);
		EXCEPTION WHEN OTHERS THEN
			CONTINUE;
		END;
		INSERT INTO calibrate_seen
		SELECT k, contamination, count(*) FILTER (WHERE iforest_is_outlier(model, a, b)),
		       count(*) FILTER (WHERE iforest_is_outlier(trained, a, b)),
		       count(*) FILTER (WHERE iforest_is_outlier(model, a, b) <> (iforest_score(model, a, b) > iforest_threshold(model, contamination))
		                           OR iforest_is_outlier(trained, a, b) <> (iforest_score(trained, a, b) > iforest_threshold(trained, contamination)))
		FROM calibrate_m, calibrate_t GROUP BY contamination;
	END LOOP;
END $$;
RESET iforest.kernel;
SELECT contamination, floor(503 * contamination) AS at_most, min(outliers) AS outliers, max(outliers) - min(outliers) AS kernels_differ,
       max(trained) <= 503 * contamination AS trained_at_most, sum(differ) AS differ, count(*) >= 3 AS kernels
FROM calibrate_seen GROUP BY contamination ORDER BY contamination;

-- Ranks and p-values, counted by hand.
CREATE TEMP TABLE calibrate_scores AS
SELECT iforest_score(model, a, b) AS score, iforest_percent_rank(model, a, b) AS rank, iforest_p_value(model, a, b) AS p
FROM calibrate_t, calibrate_m WHERE contamination = 0.05;
SELECT count(*) AS rows,
       count(*) FILTER (WHERE abs(rank - (SELECT count(*) FROM calibrate_scores o WHERE o.score < s.score) / 503.0) < 1e-12) AS right_rank,
       count(*) FILTER (WHERE abs(p - (1 + (SELECT count(*) FROM calibrate_scores o WHERE o.score >= s.score)) / 504.0) < 1e-12) AS right_p
FROM calibrate_scores s;
-- percent_rank agrees with SQL's own, which divides by one row less.
SELECT max(abs(rank - percent * 502 / 503)) < 1e-12 AS agrees
FROM (SELECT rank, percent_rank() OVER (ORDER BY score) AS percent FROM calibrate_scores) s;
-- Of 50000 rows they are right to 1e-3, and exact where cuts lie.
CREATE TEMP TABLE calibrate_many AS
SELECT (i::bigint * 7919 % 100003)::float8 AS a, 'c' || i % 11 AS b FROM generate_series(1, 50000) i;
CREATE TEMP TABLE calibrate_many_m AS SELECT iforest_calibrate(model, a, b) AS model FROM calibrate_many, calibrate_m WHERE contamination = 0.05;
WITH s AS MATERIALIZED (
	SELECT iforest_score(model, a, b) AS score, iforest_percent_rank(model, a, b) AS rank, iforest_p_value(model, a, b) AS p
	FROM calibrate_many, calibrate_many_m
), r AS (
	SELECT *, (rank() OVER (ORDER BY score) - 1) / 50000.0 AS exact, (rank() OVER (ORDER BY score DESC)) AS place,
	       count(*) OVER (ORDER BY score DESC) AS at_least FROM s
)
SELECT max(abs(rank - exact)) <= 0.001 AS rank_right, max(abs(p - (1 + at_least) / 50001.0)) <= 0.001 AS p_right,
       max(abs(rank - exact)) FILTER (WHERE place <= 500) < 1e-12 AS rank_exact_above, max(abs(p - (1 + at_least) / 50001.0)) FILTER (WHERE place <= 500) < 1e-12 AS p_exact_above
FROM r;
-- Cuts flag no more rows than asked; and less than two thousandths fewer, but
-- for rows that tie with the threshold.
SELECT count(*) AS cuts, count(*) FILTER (WHERE above > c * 50000) AS too_many, count(*) FILTER (WHERE above + equal < c * 50000 - 98) AS too_few
FROM (SELECT c, count(*) FILTER (WHERE score > cut) AS above, count(*) FILTER (WHERE score = cut) AS equal
      FROM (SELECT iforest_score(model, a, b) AS score FROM calibrate_many, calibrate_many_m OFFSET 0) s,
           (SELECT c, iforest_threshold(model, c) AS cut FROM calibrate_many_m, (SELECT (k / 40.0) ^ 2 / 2 FROM generate_series(0, 40) k) k(c) OFFSET 0) cuts
      GROUP BY c) t;
-- Where scores rise, ranks do not fall and p-values do not rise; p is never 0.
SELECT count(*) FILTER (WHERE rank < previous_rank OR p > previous_p) AS out_of_order, min(p) > 0 AS positive, max(p) <= 1 AND min(rank) >= 0 AND max(rank) <= 1 AS in_range
FROM (SELECT rank, p, lag(rank) OVER w AS previous_rank, lag(p) OVER w AS previous_p
      FROM (SELECT iforest_score(model, x, y) AS score, iforest_percent_rank(model, x, y) AS rank, iforest_p_value(model, x, y) AS p
            FROM calibrate_many_m, generate_series(-100, 1200, 7) x, unnest('{c0,c5,other}'::text[]) y OFFSET 0) s
      WINDOW w AS (ORDER BY score)) s;
-- A row more unusual than all others: 1 of n + 1.
SELECT iforest_percent_rank(model, NULL, 'new') AS rank, 1 / iforest_p_value(model, NULL, 'new') AS rows_and_one FROM calibrate_many_m;

-- A cut at any contamination, in a WHERE, without a look at the rows before.
SELECT c AS contamination, (SELECT count(*) FROM calibrate_t
                            WHERE iforest_score(model, a, b) > iforest_threshold(model, c)) AS above
FROM calibrate_m, unnest('{0,0.002,0.01,0.05,0.1,0.5}'::float8[]) c WHERE contamination = 0.05 ORDER BY c;

-- Calibrating leaves the trees alone, and all that a model tells of itself.
SELECT contamination,
       (SELECT count(*) FROM calibrate_t WHERE iforest_score(model, a, b) = iforest_score(trained, a, b)) AS same_scores,
       iforest_info(model) - '{size,threshold}'::text[] = iforest_info(trained) - '{size,threshold}'::text[] AS same_info, iforest_is_valid(model) AS valid
FROM calibrate_m ORDER BY contamination;
-- The same rows in any order give the same bytes, and so does doing it twice.
SELECT contamination,
       (SELECT iforest_calibrate(trained, a, b ORDER BY id DESC) FROM calibrate_t) = model AS other_order,
       (SELECT iforest_calibrate(model, a, b) FROM calibrate_t) = model AS twice,
       (SELECT iforest_calibrate(trained, a, b ORDER BY a) FROM calibrate_many) = (SELECT iforest_calibrate(model, a, b) FROM calibrate_many) AS many_rows
FROM calibrate_m WHERE contamination = 0.05;
-- Rows in every form; NULL models and rows without values are passed over.
SELECT (SELECT iforest_calibrate(model, t) FROM calibrate_t t) = model AS by_name,
       (SELECT iforest_calibrate(model, ROW(a, b)) FROM calibrate_t t) = model AS row,
       (SELECT iforest_calibrate(model, a, b) FROM (SELECT a, b FROM calibrate_t UNION ALL SELECT NULL, NULL) t) = model AS no_value,
       (SELECT iforest_calibrate(CASE WHEN id > 0 THEN model END, a, b) FROM (SELECT * FROM calibrate_t UNION ALL SELECT 0, 1, 'c1', 1) t) = model AS no_model,
       (SELECT iforest_calibrate(model, a, b) FILTER (WHERE id <= 503) FROM (SELECT * FROM calibrate_t UNION ALL SELECT 999, 1, 'c1', 1) t) = model AS filter
FROM calibrate_m WHERE contamination = 0.05;
SELECT iforest_calibrate(model, ARRAY[v, 1]) = iforest_calibrate(model, v, 1) AS array, iforest_calibrate(model, VARIADIC ARRAY[v, 1]) = iforest_calibrate(model, v, 1) AS variadic
FROM (SELECT iforest_train(iforest_options(seed => 1), i, i % 7) AS model FROM generate_series(1, 50) i) m, unnest('{1,7,50}'::int[]) v;

-- A cut of its own for each part, on one forest; as a window aggregate, too.
SELECT part, count(*) AS rows, count(*) FILTER (WHERE iforest_is_outlier(own, a, b)) AS outliers,
       count(*) FILTER (WHERE iforest_is_outlier(model, a, b)) AS by_common_cut
FROM calibrate_t JOIN (SELECT part, model, iforest_calibrate(model, a, b) AS own FROM calibrate_t, calibrate_m WHERE contamination = 0.05 GROUP BY part, model) c USING (part)
GROUP BY part ORDER BY part;
SELECT count(*) FILTER (WHERE iforest_is_outlier(own, a, b)) AS outliers
FROM (SELECT a, b, iforest_calibrate(model, a, b) OVER (PARTITION BY part) AS own FROM calibrate_t, calibrate_m WHERE contamination = 0.05) s;
-- A hold-out set: the threshold is that of its rows, not of the training's.
SELECT count(*) AS rows, count(*) FILTER (WHERE iforest_is_outlier(model, x)) AS before, count(*) FILTER (WHERE iforest_is_outlier(calibrated, x)) AS after
FROM generate_series(900, 1099) x, (SELECT iforest_train(iforest_options(seed => 1), i) AS model FROM generate_series(1, 1000) i) m,
     LATERAL (SELECT iforest_calibrate(model, h) AS calibrated FROM generate_series(900, 1099) h) c;

-- Training in a parallel plan makes a summary as well.
CREATE TABLE calibrate_parallel AS SELECT i AS id, (i::bigint * 7919 % 10007)::float8 AS a, i % 13 AS b FROM generate_series(1, 10000) i;
ALTER TABLE calibrate_parallel SET (parallel_workers = 2);
ANALYZE calibrate_parallel;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 0;
SET parallel_tuple_cost = 0.0001;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT iforest_train(iforest_options(seed => 1), a, b) FROM calibrate_parallel;
CREATE TEMP TABLE calibrate_parallel_m AS
SELECT (SELECT iforest_train(iforest_options(seed => 1), a, b) FROM calibrate_parallel) AS model;
SET max_parallel_workers_per_gather = 0;
SELECT c AS contamination, above <= c * 10000 AS at_most, above >= 0.5 * c * 10000 - 5 AS some, max_rank <= 1 AS ranks
FROM (SELECT c, count(*) FILTER (WHERE score > iforest_threshold(model, c)) AS above, max(rank) AS max_rank
      FROM (SELECT model, iforest_score(model, a, b) AS score, iforest_percent_rank(model, a, b) AS rank FROM calibrate_parallel, calibrate_parallel_m OFFSET 0) s,
           unnest('{0,0.01,0.05,0.1,0.5}'::float8[]) c GROUP BY c) t ORDER BY c;
RESET max_parallel_workers_per_gather;
-- Cuts in a parallel plan are the same ones.
EXPLAIN (COSTS OFF) SELECT count(*) FROM calibrate_parallel WHERE iforest_is_outlier('\x00'::bytea, a, b);
CREATE TABLE calibrate_stored AS SELECT model FROM calibrate_parallel_m;
SELECT count(*) FILTER (WHERE iforest_is_outlier(m, a, b)) = (SELECT count(*) FROM calibrate_parallel WHERE iforest_score((SELECT model FROM calibrate_stored), a, b) > iforest_threshold((SELECT model FROM calibrate_stored), 0.05)) AS same
FROM calibrate_parallel, (SELECT model AS m FROM calibrate_stored OFFSET 0) s;
DROP TABLE calibrate_parallel, calibrate_stored;
RESET parallel_setup_cost;
RESET cpu_operator_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- Merging mixes the summaries. Of a model with itself, it is the same one over
-- twice the rows; the order of models makes no difference.
SELECT count(*) AS cuts, count(*) FILTER (WHERE iforest_threshold(twice, c) = iforest_threshold(model, c)) AS same_cuts,
       count(*) FILTER (WHERE iforest_threshold(one, c) = iforest_threshold(other, c)) AS in_any_order
FROM (SELECT (SELECT iforest_merge(model) FROM unnest(ARRAY[m.model, m.model]) model) AS twice, m.model,
             (SELECT iforest_merge(model) FROM unnest(ARRAY[m.model, n.model]) model) AS one,
             (SELECT iforest_merge(model) FROM unnest(ARRAY[n.model, m.model]) model) AS other
      FROM (SELECT model FROM calibrate_m WHERE contamination = 0.05) m,
           (SELECT iforest_train(iforest_options(seed => 2, feature_names => '{a,b}'), a, b) AS model FROM calibrate_t) n OFFSET 0) s,
     (SELECT k / 200.0 FROM generate_series(0, 100) k) cuts(c);
-- A merged model stands for the rows of all its parts, here 100 and 300.
SELECT count(*) AS rows, bool_and(abs(401 * p - round(401 * p)) < 1e-9) AS p_of_400_rows
FROM (SELECT iforest_p_value(merged, i % 17, i % 5) AS p
      FROM generate_series(1, 300) i,
           (SELECT iforest_merge(model ORDER BY n) AS merged
            FROM (SELECT n, iforest_train(iforest_options(seed => n, feature_names => '{x,y}'), i % 17, i % 5) AS model
                  FROM (VALUES (100), (300)) r(n), generate_series(1, n) i GROUP BY n) s OFFSET 0) m) s;
-- The first model's contamination is the merged one's.
SELECT count(*) FILTER (WHERE iforest_is_outlier(merged, a, b) <> (iforest_score(merged, a, b) > iforest_threshold(merged, 0.3))) AS differ
FROM calibrate_t, (SELECT iforest_merge(model ORDER BY contamination) AS merged FROM calibrate_m WHERE contamination >= 0.3 OFFSET 0) s;

-- A model may come without a summary, here through JSON. Then it scores, and
-- does nothing that needs one; nor does a merge with it. Calibrating helps.
CREATE TEMP TABLE calibrate_bare AS
SELECT iforest_from_json(iforest_to_json(model) - 'calibration') AS model FROM calibrate_m WHERE contamination = 0.05;
SELECT count(*) AS same_scores FROM calibrate_t, calibrate_bare, calibrate_m m
WHERE contamination = 0.05 AND iforest_score(calibrate_bare.model, a, b) = iforest_score(m.model, a, b);
SELECT iforest_is_outlier(model, 1, 'c1') FROM calibrate_bare;
SELECT iforest_percent_rank(model, 1, 'c1') FROM calibrate_bare;
SELECT iforest_p_value(model, 1, 'c1') FROM calibrate_bare;
SELECT iforest_threshold(model, 0.1) FROM calibrate_bare;
SELECT iforest_is_outlier(model, NULL, NULL) IS NULL AS no_value FROM calibrate_bare;
SELECT iforest_threshold(iforest_merge(model), 0.1)
FROM (SELECT model FROM calibrate_bare UNION ALL SELECT model FROM calibrate_m WHERE contamination = 0.05) s;
SELECT iforest_calibrate(b.model, t.a, t.b) = m.model AS with_summary
FROM calibrate_t t, calibrate_bare b, calibrate_m m WHERE contamination = 0.05 GROUP BY m.model;

-- NULLs: no model, no row.
SELECT iforest_is_outlier(NULL, 1, 'x') IS NULL AS is_outlier, iforest_percent_rank(NULL, 1, 'x') IS NULL AS percent_rank,
       iforest_p_value(NULL, 1, 'x') IS NULL AS p_value, iforest_threshold(NULL, 0.1) IS NULL AS threshold,
       iforest_threshold(NULL, NULL) IS NULL AS both, iforest_calibrate(NULL, 1, 'x') IS NULL AS calibrate;
SELECT iforest_is_outlier(model, NULL, NULL) IS NULL AS is_outlier, iforest_percent_rank(model, NULL, NULL) IS NULL AS percent_rank,
       iforest_p_value(model, NULL, NULL) IS NULL AS p_value, iforest_calibrate(model, NULL, NULL) IS NULL AS calibrate
FROM calibrate_m WHERE contamination = 0.05 GROUP BY model;
SELECT iforest_calibrate(model, a, b) IS NULL AS no_rows FROM calibrate_t, calibrate_m WHERE id < 0;

-- Without a share, or a NULL one, the threshold is the model's own.
SELECT bool_and(iforest_threshold(model, NULL) = iforest_threshold(model, (iforest_info(model)->'options'->>'contamination')::float8)) AS own,
       bool_and(iforest_threshold(model) = iforest_threshold(model, NULL)) AS by_default,
       bool_and((iforest_info(model) ->> 'threshold')::float8 = iforest_threshold(model)) AS in_info FROM calibrate_m;
SELECT iforest_info(model) -> 'threshold' AS of_no_calibration FROM calibrate_bare;

-- What goes wrong.
SELECT iforest_threshold(model, -0.001) FROM calibrate_m;
SELECT iforest_threshold(model, 0.501) FROM calibrate_m;
SELECT iforest_threshold(model, 'NaN') FROM calibrate_m;
SELECT iforest_threshold(model, 'Infinity') FROM calibrate_m;
SELECT iforest_threshold('\x1234'::bytea, 0.1);
SELECT iforest_is_outlier(model, 1) FROM calibrate_m;
SELECT iforest_percent_rank(model, 'x'::text, 1) FROM calibrate_m;
SELECT iforest_p_value(model, r) FROM calibrate_m, (SELECT 1.0 AS a) r;
SELECT iforest_calibrate(model, a, b) FROM calibrate_m, calibrate_t;
SELECT iforest_calibrate(model, a) FROM calibrate_m, calibrate_t WHERE contamination = 0.05;
SELECT iforest_calibrate('\x1234'::bytea, a, b) FROM calibrate_t;

-- Rows of one score have one rank, also where their paths differ tree by tree.
CREATE TEMP TABLE calibrate_torn AS
SELECT a, b, iforest_score(model, a, b) AS score, iforest_p_value(model, a, b) AS p
FROM (SELECT (i::bigint * 7919 % 100003) / 99.0 AS a, i % 11 AS b FROM generate_series(1, 50000) i) t,
     (SELECT iforest_train(iforest_options(seed => 1), a, b) AS model
      FROM (SELECT (i::bigint * 7919 % 100003) / 99.0 AS a, i % 11 AS b FROM generate_series(1, 50000) i OFFSET 0) s
      OFFSET 0) m;
SELECT count(*) AS scores_with_two_ranks
FROM (SELECT score FROM calibrate_torn GROUP BY score HAVING count(DISTINCT p) > 1) s;

-- Of more than 262144 kept rows the summary is made of a sample.
CREATE TABLE calibrate_large AS SELECT (i * 7919::bigint % 300007) / 1000.0 AS a, sqrt(i * 104729::bigint % 300007)::float8 AS b FROM generate_series(1, 300000) i;
CREATE TABLE calibrate_large_m AS SELECT iforest_train(iforest_options(seed => 1, n_trees => 80, sample_size => 4000), a, b) AS model FROM calibrate_large;
SELECT iforest_info(model) ->> 'rows_kept' AS kept, iforest_to_json(model) #>> '{calibration,rows}' AS summary FROM calibrate_large_m;
SELECT c AS asked, round(avg((iforest_score((SELECT model FROM calibrate_large_m), a, b) > iforest_threshold((SELECT model FROM calibrate_large_m), c))::int), 3) BETWEEN 0.94 * c AND c AS flagged
FROM calibrate_large, unnest('{0.01,0.05,0.1}'::float8[]) AS c GROUP BY c ORDER BY c;
-- iforest_calibrate counts all rows, by their path lengths: in any order, and
-- in any parts of a plan, the result is the same to the byte.  So also where
-- there are more different lengths than it tells apart.
CREATE TABLE calibrate_parts (id int, a float8, b float8) PARTITION BY RANGE (id);
CREATE TABLE calibrate_parts_1 PARTITION OF calibrate_parts FOR VALUES FROM (1) TO (50000);
CREATE TABLE calibrate_parts_2 (b float8, a float8, id int);
ALTER TABLE calibrate_parts ATTACH PARTITION calibrate_parts_2 FOR VALUES FROM (50000) TO (300001);
INSERT INTO calibrate_parts SELECT row_number() OVER (), a, b FROM calibrate_large;
ANALYZE calibrate_parts;
CREATE TABLE calibrate_parts_m AS SELECT iforest_train(iforest_options(seed => 1, sample_size => 2000), a, b) AS model FROM calibrate_large;
SELECT count(DISTINCT iforest_score(model, a, b)) > 262144 AS many FROM calibrate_parts, calibrate_parts_m;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE calibrate_plans AS
SELECT 'one process' AS plan, iforest_calibrate((SELECT model FROM calibrate_parts_m), a, b) AS model FROM calibrate_parts;
INSERT INTO calibrate_plans SELECT 'backwards', iforest_calibrate((SELECT model FROM calibrate_parts_m), a, b) FROM (SELECT a, b FROM calibrate_parts ORDER BY id DESC) s;
INSERT INTO calibrate_plans SELECT 'twice', iforest_calibrate((SELECT model FROM calibrate_parts_m), a, b) FROM (SELECT a, b FROM calibrate_parts UNION ALL SELECT a, b FROM calibrate_parts) s;
SET enable_partitionwise_aggregate = on;
-- The nodes of a plan that aggregate, bring together or share out, of all servers alike.
CREATE FUNCTION pg_temp.nodes(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Aggregate|Append|Gather$|Workers' THEN
			RETURN NEXT line;
		END IF;
	END LOOP;
END $$;
SELECT pg_temp.nodes('SELECT iforest_calibrate((SELECT model FROM calibrate_parts_m), a, b) FROM calibrate_parts');
INSERT INTO calibrate_plans SELECT 'by partition', iforest_calibrate((SELECT model FROM calibrate_parts_m), a, b) FROM calibrate_parts;
RESET enable_partitionwise_aggregate;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 0;
SET parallel_tuple_cost = 0.0001;
SET min_parallel_table_scan_size = 0;
SELECT pg_temp.nodes('SELECT iforest_calibrate((SELECT model FROM calibrate_parts_m), a, b) FROM calibrate_parts');
INSERT INTO calibrate_plans SELECT 'in workers', iforest_calibrate((SELECT model FROM calibrate_parts_m), a, b) FROM calibrate_parts;
RESET max_parallel_workers_per_gather;
SELECT plan, model = first_value(model) OVER (ORDER BY plan <> 'one process') AS same,
       iforest_to_json(model) #>> '{calibration,rows}' AS rows FROM calibrate_plans ORDER BY plan;
-- Groups in workers, one without a row that has a value.
SELECT g, calibrated IS NULL AS none, calibrated = (SELECT iforest_calibrate((SELECT model FROM calibrate_parts_m), a, b) FROM calibrate_parts WHERE id % 3 = g AND id < 60000) AS same
FROM (SELECT id % 3 AS g, iforest_calibrate((SELECT model FROM calibrate_parts_m), a, CASE WHEN id % 3 < 2 THEN b END) AS calibrated FROM (SELECT id, CASE WHEN id % 3 < 2 THEN a END AS a, b FROM calibrate_parts WHERE id < 60000) p GROUP BY id % 3) c ORDER BY g;
-- Parts may not have different models.
SELECT iforest_calibrate(CASE WHEN id < 50000 THEN (SELECT model FROM calibrate_parts_m) ELSE (SELECT model FROM calibrate_plans WHERE plan = 'twice') END, a, b) FROM calibrate_parts;
RESET parallel_setup_cost;
RESET cpu_operator_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
DROP TABLE calibrate_parts, calibrate_parts_m, calibrate_plans;
DROP TABLE calibrate_large, calibrate_large_m;
