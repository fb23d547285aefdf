-- New rows and filled ones where values are at the edge: infinite, near the
-- greatest doubles, rare and far away, or few. Statements about chance are of
-- fixed seeds, with thresholds.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = ISO;
SET timezone = 'UTC';

CREATE TYPE edges_pair AS (a float8, x float8);
CREATE TYPE edges_open AS (a float8, valid_to timestamp);

-- Infinities. A validity that is open in 1 % of the rows is imputed as it is in the other 99 %; and so where it is open either way.
CREATE TABLE edges_open_m AS
SELECT kind, iforest_train(iforest_options(seed => 1), r) AS model
FROM generate_series(1, 2) kind,
	 LATERAL (SELECT (i % 50)::float8 AS a,
					 CASE WHEN kind = 1 AND i % 100 = 0 OR kind = 2 AND i % 1000 = 0 THEN 'infinity'
						  WHEN kind = 2 AND i % 1000 = 500 THEN '-infinity' ELSE timestamp '2024-01-01' + i % 50 * interval '1 day' END AS valid_to
			  FROM generate_series(1, 2000) i) r
GROUP BY kind;
SELECT kind, count(*), count((filled).valid_to) AS filled, bool_and(isfinite((filled).valid_to)) AS finite,
	   max(abs(extract(epoch FROM (filled).valid_to - timestamp '2024-01-01') / 86400 - (filled).a)) < 12 AS goes_with_a
FROM (SELECT kind, iforest_impute(model, ROW(a, NULL)::edges_open) AS filled FROM edges_open_m, generate_series(0, 49) a OFFSET 0) s
GROUP BY kind ORDER BY kind;
-- Where infinity is likelier than all that is finite, it is what is missing.
CREATE TABLE edges_share AS
SELECT share, iforest_train(iforest_options(seed => 1), r) AS model
FROM unnest('{0.3, 0.45, 0.55, 0.7, 1}'::float8[]) share,
	 LATERAL (SELECT i * 7919 % 100 AS a, CASE WHEN i % 100 < 100 * share THEN '-infinity'::float8 ELSE i / 100 END AS x FROM generate_series(0, 3999) i) r
GROUP BY share;
SELECT share, count(*) FILTER (WHERE x = '-infinity') AS infinite, count(*) FILTER (WHERE x > '-infinity' AND x < 'infinity') AS finite
FROM (SELECT share, (iforest_impute(model, ROW(NULL, NULL)::edges_pair)).x FROM edges_share OFFSET 0) s GROUP BY share ORDER BY share;
-- Samples have the share of infinities that there was, and nothing else is made of them.
SELECT share, abs(avg((x = '-infinity')::int) - share) < 0.05 AS as_many, bool_and(x = '-infinity' OR x BETWEEN 0 AND 39) AS values
FROM edges_share, iforest_sample(model, 1000, NULL::edges_pair, 1) GROUP BY share ORDER BY share;
-- Rows near a finite value stay finite.
SELECT method, bool_and((novel).x BETWEEN 0 AND 39) AS finite, count(DISTINCT novel) > 50 AS differ
FROM edges_share, unnest('{forest,noise}'::text[]) method, iforest_augment(model, 100, ROW(50, 20)::edges_pair, 1, method, 1)
WHERE share = 0.3 GROUP BY method ORDER BY method;

-- Near the greatest doubles: sums, differences and means of finite values do not become infinite.
CREATE TABLE edges_huge AS
SELECT kind, iforest_train(iforest_options(seed => 1), r) AS model
FROM generate_series(1, 3) kind,
	 LATERAL (SELECT i % 50 AS a,
					 CASE kind WHEN 1 THEN CASE WHEN i % 2 = 0 THEN 1.5e308 ELSE 1.2e308 END * (1 - i % 50 / 1000.0)
						  WHEN 2 THEN (i % 101 - 50) * 3.5e306 ELSE CASE WHEN i % 2 = 0 THEN 1.7e308 ELSE -1.7e308 END END::float8 AS x
			  FROM generate_series(1, 2000) i) r
GROUP BY kind;
SELECT kind, bool_and(abs((iforest_impute(model, ROW(a, NULL)::edges_pair)).x) < 'infinity') AS one,
	   bool_and(abs((iforest_impute(model, ROW(NULL, NULL)::edges_pair)).x) < 'infinity') AS two
FROM edges_huge, generate_series(0, 49, 7) a GROUP BY kind ORDER BY kind;
SELECT kind, bool_and(abs(x) < 'infinity') AS finite, count(DISTINCT x) > 1 AS differ
FROM edges_huge, iforest_sample(model, 200, NULL::edges_pair, 1) GROUP BY kind ORDER BY kind;
SELECT kind, method, bool_and(abs((novel).x) < 'infinity') AS finite, count(DISTINCT (novel).x) > 1 AS differ
FROM edges_huge, unnest('{forest,noise}'::text[]) method, unnest('{-1.7e308, 0, 1.5e308}'::float8[]) x, iforest_augment(model, 50, ROW(20, x)::edges_pair, 1, method, 1)
GROUP BY kind, method ORDER BY kind, method;
SELECT kind, bool_and(abs(y) < 'infinity') AS finite, count(DISTINCT y) FROM edges_huge, iforest_grid(model, 'a', 'x', 7) GROUP BY kind ORDER BY kind;
SELECT kind, iforest_plot(model, a, x) ~ 'NaN|Infinity|inf' AS broken FROM edges_huge, (VALUES (20, 0::float8), (30, 1.5e308), (1, -1.7e308)) v(a, x) GROUP BY kind ORDER BY kind;

-- Rare and far away: samples have them as often, within a factor of two, and impute is not drawn away.
CREATE FUNCTION edges_rare(share float8, d int, seed int, far float8) RETURNS TABLE (times float8, usual float8, filled float8) LANGUAGE plpgsql AS $$
DECLARE
	m bytea;
BEGIN
	PERFORM setseed(seed / 100.0);
	SELECT iforest_train(iforest_options(seed => seed, n_trees => 50), x) INTO m
	FROM (SELECT ARRAY(SELECT CASE WHEN c = 1 AND i <= 10000 * share THEN far ELSE random() END FROM generate_series(1, d) c) AS x
		  FROM generate_series(1, 10000) i OFFSET 0) t;
	RETURN QUERY
	SELECT avg((abs(s[1]) > 2)::int) / share, avg(s[1]) FILTER (WHERE abs(s[1]) <= 2),
		   (SELECT max(abs((iforest_impute(m, NULL::float8 || array_fill(v, ARRAY[d - 1])))[1])) FROM unnest('{0.1, 0.5, 0.9}'::float8[]) v)
	FROM iforest_sample(m, 2500, seed => seed) s;
END $$;
SELECT share, d, far, round(times::numeric, 2) BETWEEN 0.5 AND 2 AS as_often, abs(usual - 0.5) < 0.05 AS usual, filled < 0.7 AS not_drawn
FROM (VALUES (0.002, 2, 1e6, 1), (0.005, 2, 1e6, 2), (0.005, 4, 1e6, 3), (0.005, 3, -1e9, 4), (0.005, 3, 'infinity', 5), (0.01, 2, 1e12, 6)) v(share, d, far, seed),
	 LATERAL edges_rare(share, d, seed, far) ORDER BY share, d, far;

-- A handful of rows: the quantiles are percentile_disc's, and samples do not lean.
CREATE TABLE edges_few AS
SELECT n, array_agg(v ORDER BY v) AS v, iforest_train(iforest_options(seed => 1, n_trees => 50), v, -v ORDER BY v) AS model
FROM unnest('{2, 3, 4, 5, 6, 8, 10, 13, 16, 20}'::int[]) n, LATERAL (SELECT (i * i * 37 % 1009)::float8 / 8 AS v FROM generate_series(1, n) i) s GROUP BY n;
SELECT count(*), bool_and(minimum::float8 = q[1] AND q05::float8 = q[2] AND median::float8 = q[3] AND q95::float8 = q[4] AND maximum::float8 = q[5]) AS as_percentile_disc
FROM edges_few, iforest_features(model) f,
	 LATERAL (SELECT percentile_disc('{0, 0.05, 0.5, 0.95, 1}'::float8[]) WITHIN GROUP (ORDER BY CASE WHEN position = 1 THEN x ELSE -x END) AS q FROM unnest(v) x) p;
-- how far their means are off, in standard deviations: chance is 0.04 in 600 rows, and some 0.1 in what a model is balanced by
SELECT count(*), max(abs(lean)) < 0.2 AS none_far_off, abs(avg(lean)) < 0.05 AS no_lean
FROM (SELECT n, c, (avg(made[c]) - avg(mean)) / avg(deviation) AS lean
	  FROM edges_few, iforest_sample(model, 600, seed => n) made, generate_series(1, 2) c,
		   LATERAL (SELECT avg(CASE c WHEN 1 THEN x ELSE -x END) AS mean, stddev_pop(x) AS deviation FROM unnest(v) x) s
	  GROUP BY n, c) z;
-- two whole numbers, a row each
SELECT abs(avg(made[1]) - 1.5) < 0.05 AS mean, bool_and(made[1] IN (1, 2)) AS whole
FROM (SELECT iforest_train(iforest_options(seed => 1), i, -i) AS model FROM generate_series(1, 2) i) m, iforest_sample(model, 1500, seed => 1) made;

-- Merged models keep what each of them knows of the edges.
SELECT s.rows, s.q05, s.median, s.q95, s.maximum,
	   abs(r.share - 0.0052) < 0.0026 AS rare
FROM (SELECT iforest_merge(model ORDER BY part) AS model
	  FROM (SELECT part, iforest_train(iforest_options(seed => part, n_trees => 50), x, y ORDER BY i) AS model
			FROM generate_series(1, 2) part,
				 LATERAL (SELECT i, CASE WHEN i % 192 = 0 THEN 1e6 ELSE i * 7919 % 1000 END::float8 AS x, i * 104729 % 1000 AS y FROM generate_series(1, 5000) i) t
			GROUP BY part OFFSET 0) m) m,
	 LATERAL (SELECT iforest_info(model) ->> 'rows_seen' AS rows, f.* FROM iforest_features(model) f WHERE position = 1) s,
	 LATERAL (SELECT avg((made[1] > 2000)::int) AS share FROM iforest_sample(model, 2500, seed => 1) made) r;

-- The ends of bigint, whose doubles lie beyond the greatest, come back as such.
CREATE TABLE edge_bigints AS
SELECT CASE WHEN i % 2 = 0 THEN 9223372036854775807 ELSE -9223372036854775808 END AS a, i % 5 AS b FROM generate_series(0, 99) AS i;
CREATE TABLE edge_bigint_model AS SELECT iforest_train(iforest_options(seed => 1), t ORDER BY b) AS model FROM edge_bigints AS t;
SELECT a, count(*) FROM (SELECT iforest_sketch(t) AS sketch FROM edge_bigints AS t) AS s, iforest_sketch_rows(sketch, NULL::edge_bigints) GROUP BY a ORDER BY a;
SELECT bool_and(a IN (9223372036854775807, -9223372036854775808)) AS ends FROM edge_bigint_model, iforest_sample(model, 20, NULL::edge_bigints, 1);
SELECT (iforest_impute(model, ROW(NULL, 1)::edge_bigints)).a IS NOT NULL AS imputed FROM edge_bigint_model;
SELECT minimum, maximum FROM edge_bigint_model, iforest_features(model) WHERE name = 'a';
SELECT iforest_from_json(iforest_to_json(model)) = model AS same FROM edge_bigint_model;
DROP TABLE edge_bigints, edge_bigint_model;
