-- Drift: how far fresh rows are from those a model was trained on. (What it
-- makes of random rows is in test/t/drift.t, the arithmetic in test/unit.)
\set VERBOSITY default
\set SHOW_CONTEXT never
SET jit = off;

-- 600 rows to train on, and the parts of a report that are of interest.
CREATE TABLE drift_t AS
SELECT i AS id, (i * 7 % 601)::float8 AS a, CASE WHEN i % 20 > 0 THEN i % 3 = 0 END AS flag, (ARRAY['x', 'x', 'y', 'z'])[1 + i % 4] AS c
FROM generate_series(1, 600) i;
CREATE TABLE drift_m AS
SELECT 'named' AS kind, iforest_train(iforest_options(seed => 1), t) AS model FROM (SELECT a, flag, c FROM drift_t ORDER BY id) t;
CREATE FUNCTION pg_temp.brief(report jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', report ->> 'verdict', report ->> 'rows', report ->> 'drifted', string_agg(concat_ws(' ', f ->> 'name', f ->> 'verdict', f ->> 'direction'), ', ' ORDER BY n))
	FROM jsonb_array_elements(report -> 'features') WITH ORDINALITY e(f, n)
$$;

-- The training rows themselves. Shares are exact where they can be.
SELECT jsonb_pretty(jsonb_set(iforest_drift(model, t), '{score}', '"see below"')) AS report FROM drift_t t, drift_m;
-- The scores: no more outliers than the model's share of 0.05.
SELECT score ->> 'verdict' AS verdict, (score -> 'psi')::float8 < 0.05 AS psi_small, (score -> 'ks')::float8 < 0.1 AS ks_small,
       (score -> 'outliers_then')::float8 <= 0.05 AS then_at_most, (score -> 'outliers_now')::float8 <= 0.05 AS now_at_most
FROM (SELECT iforest_drift(model, t) -> 'score' AS score FROM drift_t t, drift_m) s;
SELECT round((report #> '{score,outliers_now}')::numeric * 600) = outliers AS outliers_counted
FROM (SELECT iforest_drift(model, t) AS report, count(*) FILTER (WHERE iforest_is_outlier(model, t)) AS outliers FROM drift_t t, drift_m) s;

-- What changed is named, most drifted first.
SELECT pg_temp.brief(iforest_drift(model, a + 300, flag, c)) AS higher FROM drift_t, drift_m;
SELECT pg_temp.brief(iforest_drift(model, a - 300, flag, c)) AS lower FROM drift_t, drift_m;
SELECT pg_temp.brief(iforest_drift(model, a, flag OR flag IS NULL, CASE WHEN id % 3 = 0 THEN 'x' ELSE c END)) AS both FROM drift_t, drift_m;
SELECT iforest_drift(model, a, flag, CASE WHEN id % 9 = 0 THEN 'new' ELSE c END) #> '{features,0}' AS new_category FROM drift_t, drift_m;
SELECT iforest_drift(model, a, CASE WHEN id % 3 > 0 THEN flag END, c) #> '{features,0}' AS more_missing FROM drift_t, drift_m;
-- Infinities lie outside like any number that is too high or too low.
SELECT (f ->> 'name') AS name, f -> 'verdict' AS verdict, f -> 'ks' AS ks, f -> 'direction' AS direction, f -> 'outside_now' AS outside_now
FROM (SELECT iforest_drift(model, CASE WHEN id % 5 = 0 THEN infinity ELSE a END, flag, c) #> '{features,0}' AS f
      FROM drift_t, drift_m, unnest('{-Infinity,Infinity}'::float8[]) infinity GROUP BY infinity) s ORDER BY direction;

-- No row, no model: NULL. Few rows, and rows without values, say so.
SELECT iforest_drift(model, t) IS NULL AS no_rows FROM drift_t t, drift_m WHERE id < 0;
SELECT iforest_drift(NULL::bytea, t) IS NULL AS no_model FROM drift_t t;
SELECT iforest_drift(model, t) FILTER (WHERE id < 0) IS NULL AS filtered FROM drift_t t, drift_m;
SELECT pg_temp.brief(iforest_drift(model, t)) AS one_row FROM drift_t t, drift_m WHERE id = 1;
SELECT jsonb_path_query_array(report, '$.features[*].small_sample') AS features, report #> '{score,small_sample}' AS score
FROM (SELECT iforest_drift(model, t) AS report FROM drift_t t, drift_m WHERE id <= 20) s;
SELECT report ->> 'rows' AS rows, report ->> 'rows_without_values' AS without, report ->> 'verdict' AS verdict, report #> '{score,psi}' AS psi,
       report #> '{features,0,psi}' AS a_psi, report #> '{features,0,missing_now}' AS a_missing
FROM (SELECT iforest_drift(model, NULL::float8, NULL::bool, NULL::text) AS report FROM drift_t, drift_m) s;
SELECT report ->> 'rows' AS rows, report ->> 'rows_without_values' AS without
FROM (SELECT iforest_drift(model, CASE WHEN id > 2 THEN r END) AS report FROM (SELECT id, t AS r FROM drift_t t) t, drift_m) s;
-- A feature missing in all fresh rows.
SELECT f -> 'name' AS name, f -> 'verdict' AS verdict, f -> 'ks' AS ks, f -> 'missing_then' AS "then", f -> 'missing_now' AS now
FROM (SELECT iforest_drift(model, NULL::float8, flag, c) #> '{features,0}' AS f FROM drift_t, drift_m) s;

-- Columns, rows by name, rows by position, arrays: one report.
SELECT count(DISTINCT report) AS reports
FROM (SELECT iforest_drift(model, a, flag, c) AS report FROM drift_t, drift_m
      UNION ALL SELECT iforest_drift(model, t) FROM drift_t t, drift_m
      UNION ALL SELECT iforest_drift(model, r) FROM (SELECT c, id, flag, a FROM drift_t) r, drift_m
      UNION ALL SELECT iforest_drift(model, ROW(a, flag, c)) FROM drift_t, drift_m) s;
SELECT iforest_drift(model, ARRAY[a, b]) = iforest_drift(model, a, b) AS array_form, iforest_drift(model, VARIADIC ARRAY[a, b]) = iforest_drift(model, a, b) AS variadic_form
FROM (SELECT i::float8 AS a, (i % 7)::float8 AS b FROM generate_series(1, 100) i) t, (SELECT iforest_train(i, i % 7) AS model FROM generate_series(1, 100) i OFFSET 0) m;

-- A constant feature, and one that no training row had a value of.
CREATE TEMP TABLE drift_odd AS
SELECT iforest_train(iforest_options(seed => 1, feature_names => '{constant,nothing}'), 7, NULL::int) AS model FROM generate_series(1, 600);
SELECT x, y, pg_temp.brief(iforest_drift(model, x, y)) AS report
FROM drift_odd, (VALUES (7, NULL), (6, NULL), (8, NULL), (7, 1)) v(x, y), generate_series(1, 600) GROUP BY x, y ORDER BY y NULLS FIRST, x;

-- A model whose trees saw most of its rows cannot tell how new rows score: the
-- score has no verdict then, unless calibrated by other rows.
SELECT report ->> 'verdict' AS verdict, report #> '{score,verdict}' AS score, report #> '{score,psi}' AS psi,
       calibrated #>> '{score,verdict}' AS calibrated
FROM (SELECT iforest_drift(small, t) AS report, iforest_drift((SELECT iforest_calibrate(small, t) FROM drift_t t), t) AS calibrated
      FROM drift_t t, (SELECT iforest_train(iforest_options(seed => 1), t) AS small FROM (SELECT a, flag, c FROM drift_t WHERE id <= 300 ORDER BY id) t OFFSET 0) m
      GROUP BY small) s;

-- Groups, also of a model each; window functions; a shared state.
SELECT g, pg_temp.brief(iforest_drift(model, a + 200 * g, flag, c)) AS report FROM drift_t, drift_m, generate_series(0, 1) g GROUP BY g ORDER BY g;
SELECT count(*) AS groups, count(DISTINCT report) AS reports
FROM (SELECT id % 300 AS g, iforest_drift(model, 1.0, true, 'x') AS report FROM drift_t, drift_m GROUP BY g) s;
SELECT c, pg_temp.brief(iforest_drift(model, a, flag)) AS report
FROM drift_t JOIN (SELECT c, iforest_train(iforest_options(seed => 1, feature_names => '{a,flag}'), a, flag ORDER BY id) AS model FROM drift_t GROUP BY c) m USING (c)
GROUP BY c ORDER BY c;
SELECT id, report ->> 'rows' AS rows, report = last_value(report) OVER () AS as_last
FROM (SELECT id, iforest_drift(model, t) OVER (ORDER BY id ROWS 299 PRECEDING) AS report FROM drift_t t, drift_m) s
WHERE id IN (1, 2, 300, 599, 600);

-- In parallel: the report of a serial plan.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE drift_t SET (parallel_workers = 2);
CREATE FUNCTION pg_temp.plan_has(query text, part text) RETURNS bool LANGUAGE plpgsql AS $$
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
SELECT part, pg_temp.plan_has('SELECT iforest_drift((SELECT model FROM drift_m), t) FROM drift_t t', part) AS there
FROM unnest('{Finalize Aggregate,Gather,Partial Aggregate,Parallel Seq Scan on drift_t}'::text[]) part;
CREATE TEMP TABLE drift_parallel AS
SELECT 0 AS g, iforest_drift((SELECT model FROM drift_m), t) AS report FROM drift_t t
UNION ALL SELECT id % 3, iforest_drift((SELECT model FROM drift_m), t) FROM drift_t t GROUP BY 1;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE drift_serial AS
SELECT 0 AS g, iforest_drift((SELECT model FROM drift_m), t) AS report FROM drift_t t
UNION ALL SELECT id % 3, iforest_drift((SELECT model FROM drift_m), t) FROM drift_t t GROUP BY 1;
SELECT count(*) AS reports, (SELECT count(*) FROM (TABLE drift_serial EXCEPT TABLE drift_parallel) d) AS differ FROM drift_parallel;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- A merged model has the profile of its parts.
SELECT pg_temp.brief(iforest_drift(merged, t)) AS merged
FROM drift_t t, (SELECT iforest_merge(model) AS merged FROM (SELECT iforest_train(iforest_options(seed => s), t) AS model
                 FROM (SELECT a, flag, c FROM drift_t ORDER BY id) t, generate_series(1, 2) s GROUP BY s OFFSET 0) m OFFSET 0) m;

-- Models that have nothing to compare with, no model, several models.
SELECT iforest_drift(iforest_from_json(iforest_to_json(model) - 'profile'), a, flag, c) FROM drift_t, drift_m;
SELECT iforest_drift(iforest_from_json(iforest_to_json(model) - 'calibration'), a, flag, c) FROM drift_t, drift_m;
SELECT iforest_drift('\x00'::bytea, a) FROM drift_t;
SELECT iforest_drift(CASE WHEN id < 3 THEN model ELSE (SELECT iforest_train(a, flag, c) FROM drift_t) END, a, flag, c) FROM drift_t, drift_m;
SELECT iforest_drift(model, a, flag) FROM drift_t, drift_m;
SELECT iforest_drift(model, r) FROM (SELECT a, c FROM drift_t) r, drift_m;

-- A state on its way between processes is believed no more than any bytes. (For
-- aggregates that show and read states it takes a superuser.)
DO $$
DECLARE
	library text := (SELECT quote_literal(probin) FROM pg_proc WHERE proname = '_iforest_drift_final');
BEGIN
	EXECUTE 'CREATE FUNCTION pg_temp.state_bytes(internal) RETURNS bytea LANGUAGE C AS ' || library || ', ''iforest_drift_serialize''';
	EXECUTE 'CREATE FUNCTION pg_temp.state_read(bytea) RETURNS bigint LANGUAGE C AS ' || library || ', ''iforest_drift_deserialize''';
END $$;
CREATE FUNCTION pg_temp.last(bytea, bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $2';
CREATE AGGREGATE pg_temp.drift_state(bytea, VARIADIC "any") (SFUNC = _iforest_drift_accum, STYPE = internal, FINALFUNC = pg_temp.state_bytes);
CREATE AGGREGATE pg_temp.read_state(bytea) (SFUNC = pg_temp.last, STYPE = bytea, FINALFUNC = pg_temp.state_read);
CREATE FUNCTION pg_temp.reads(state bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.read_state(s) FROM (VALUES (state)) v(s);
	RETURN 'read';
EXCEPTION WHEN invalid_binary_representation OR protocol_violation THEN
	RETURN 'refused';
END $$;
CREATE TEMP TABLE drift_bytes AS SELECT pg_temp.drift_state(model, t) AS state FROM drift_t t, drift_m;
SELECT pg_temp.reads(state) AS whole, pg_temp.reads(state || '\x00'::bytea) AS longer, pg_temp.reads('') AS empty FROM drift_bytes;
SELECT pg_temp.reads(substr(state, 1, n)) AS cut_short, count(*) > 1000 AS many FROM drift_bytes, generate_series(0, octet_length(state) - 1) n GROUP BY 1;
-- Of states with a byte changed, those are read that a model and its rows might
-- have had: the digest, texts, quantiles still in order.
SELECT changed, count(*) > 100 AS many
FROM (SELECT pg_temp.reads(set_byte(state, n, get_byte(state, n) # flip)) AS changed
      FROM drift_bytes, generate_series(0, octet_length(state) - 1) n, unnest('{1,128,255}'::int[]) flip) s GROUP BY 1 ORDER BY 1;

DROP TABLE drift_t, drift_m;
