-- Splits on several columns: trees that split sums of columns.

-- 60 rows near the diagonal y = 10 x, a category, a constant, some NULLs;
-- the last row is off the diagonal, though neither x nor y is far out.
CREATE TEMP TABLE projected_t AS
SELECT i, i * 0.5 AS x, i * 5 + i % 7 AS y, ('{a,b,c}'::text[])[i % 3 + 1] AS c, 1 AS one,
       CASE WHEN i % 5 > 0 THEN (i * 37 % 11)::float8 END AS z
FROM generate_series(1, 60) i UNION ALL SELECT 61, 25, 30, 'a', 1, 5;
CREATE TEMP TABLE projected_m AS
SELECT k, model FROM unnest('{1,2,3,8}'::int[]) k, LATERAL (
	SELECT iforest_train(iforest_options(seed => 1, columns_per_split => k), x, y, c, one, z) AS model FROM projected_t) m;

-- 1 is the default. More than the columns that vary is all of these.
SELECT k, model = (SELECT iforest_train(iforest_options(seed => 1), x, y, c, one, z) FROM projected_t) AS plain,
       iforest_info(model)->'options'->>'columns_per_split' AS asked,
       jsonb_array_length(iforest_to_json(model)->'projections') AS projections,
       jsonb_array_length(iforest_to_json(model)->'projections'->0->'features') AS columns
FROM projected_m ORDER BY k;

-- Neither the category nor the constant is in any.
SELECT DISTINCT f FROM projected_m, jsonb_array_elements(iforest_to_json(model)->'projections') p, jsonb_array_elements(p->'features') f
WHERE k = 2 ORDER BY f;

-- Centres are medians; coefficients are normal, but for the columns' scales.
SELECT f, count(DISTINCT centre) AS centres, min(centre) AS centre, max(abs(scaled)) < 6 AS usual, count(DISTINCT sign(scaled)) AS signs
FROM (SELECT f, (p->'centres'->>(n::int - 1))::float8 AS centre,
             (p->'coefficients'->>(n::int - 1))::float8 * CASE f::int WHEN 0 THEN 15 WHEN 1 THEN 150 ELSE 6 END AS scaled
      FROM projected_m, jsonb_array_elements(iforest_to_json(model)->'projections') p,
           jsonb_array_elements(p->'features') WITH ORDINALITY e(f, n)
      WHERE k = 2) s GROUP BY f ORDER BY f;

-- What plain splits do not see: the row off the diagonal comes first.
SELECT k, r AS place FROM (
	SELECT k, i, rank() OVER (PARTITION BY k ORDER BY iforest_score(model, x, y, c, one, 5) DESC) AS r
	FROM projected_m, projected_t) s WHERE i = 61 ORDER BY k;

-- The same bits by every kernel; a missing value counts as the median.
CREATE TEMP TABLE projected_rows AS
SELECT x::float8, y::float8, c, one::float8, z FROM projected_t UNION ALL
VALUES (NULL::float8, NULL::float8, 'a', 1::float8, NULL::float8), ('NaN', 5, NULL, NULL, 'NaN'), ('Infinity', '-Infinity', 'new', 1, 0),
       ('-Infinity', 'Infinity', 'b', 1, 'Infinity'), (1e308, -1e308, 'b', 1, 1e-308);
CREATE TEMP TABLE projected_s AS
SELECT k, row_number() OVER (PARTITION BY k) AS n, iforest_score(model, x, y, c, one, z) AS score FROM projected_m, projected_rows;
SET iforest.kernel = 'walk';
SELECT k, bool_and(iforest_score(model, x, y, c, one, z) = score) AS same
FROM (SELECT *, row_number() OVER (PARTITION BY k) AS n FROM projected_m, projected_rows) r JOIN projected_s USING (k, n) GROUP BY k ORDER BY k;
SET iforest.kernel = 'portable';
SELECT k, bool_and(iforest_score(model, x, y, c, one, z) = score) AS same
FROM (SELECT *, row_number() OVER (PARTITION BY k) AS n FROM projected_m, projected_rows) r JOIN projected_s USING (k, n) GROUP BY k ORDER BY k;
RESET iforest.kernel;

-- Documents, SQL, contributions.
SELECT k, iforest_from_json(iforest_to_json(model)) = model AS same FROM projected_m ORDER BY k;
CREATE FUNCTION pg_temp.by_sql(model bytea) RETURNS TABLE (x float8, y float8, by_sql float8, score float8) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT x, y, %s, iforest_score($1, x, y, c, one, z) FROM projected_rows',
	                            iforest_to_sql(model, 'x', 'y', 'c', 'one', 'z')) USING model;
END $$;
SELECT k, max(abs(by_sql - score)) < 1e-12 AS alike, count(by_sql) = count(score) AS as_many FROM unnest('{1,2,3,8}'::int[]) k, LATERAL (
	SELECT iforest_train(iforest_options(seed => 1, n_trees => 4, columns_per_split => k), x, y, c, one, z) AS model FROM projected_t) m,
	pg_temp.by_sql(model) GROUP BY k ORDER BY k;
SELECT k, max(score - sum) - min(score - sum) < 1e-9 AS one_number
FROM (SELECT k, iforest_score(model, x, y, c, one, z) AS score,
             (SELECT sum(contribution) FROM iforest_explain(model, x, y, c, one, z)) AS sum
      FROM projected_m, projected_rows WHERE x IS NOT NULL OR c IS NOT NULL) s GROUP BY k ORDER BY k;
SELECT feature, contribution > 0.01 AS blamed FROM projected_m, iforest_explain(model, 25, 30, 'a', 1, 5) WHERE k = 2 ORDER BY contribution DESC;
-- Such splits say nothing of each column's values: nothing is expected.
SELECT k, count(*) AS features, count(expected) AS expected FROM projected_m, iforest_explain(model, 25, 30, 'a', 1, 5) GROUP BY k ORDER BY k;

-- The SQL goes the score's way where a term is too small for a number, too:
-- there the score has 0, and the server's product would be an error.
CREATE TEMP TABLE projected_tiny AS
SELECT (sign || 'e' || x)::float8 AS x, y::float8 AS y FROM generate_series(-323, 9) x, unnest('{1,-1}'::int[]) sign,
	unnest('{NULL,0,1e-310,1.0000000000001e-310,-1e-310,3e-323,1,NaN,Infinity}'::text[]) y;
DO $$
DECLARE
	model bytea := iforest_from_json('{"features": ["x", "y"], "sample_size": 4,
		"projections": [{"features": [0, 1], "coefficients": [1e-150, -0.3], "centres": [0, 1e-310]}, {"features": [0], "coefficients": [0.7]}],
		"trees": [{"feature": [2, -2, 3, -2, -2], "cut": [0, null, 1e-322, null, null], "left": [1, -1, 3, -1, -1], "right": [2, -1, 4, -1, -1],
		           "rows": [6, 1, 5, 2, 3]}]}');
	rows int;
	ways int;
	other int;
BEGIN
	EXECUTE format('SELECT count(*), count(DISTINCT score), count(*) FILTER (WHERE (abs(score - by_sql) < 1e-12) IS NOT TRUE)
		FROM (SELECT iforest_score($1, x, y) AS score, %s AS by_sql FROM projected_tiny) s', iforest_to_sql(model)) INTO rows, ways, other USING model;
	RAISE NOTICE '% rows end in % leaves, % by another way', rows, ways, other;
END $$;

-- A document may name any projections: sums of a number and a date, and of a date.
CREATE TEMP TABLE projected_d AS SELECT '{"features": ["x", {"name": "y", "type": "date"}, {"name": "c", "type": "text", "categories": ["a"]}], "sample_size": 4,
 "projections": [{"features": [0, 1], "coefficients": [1, -0.5], "centres": [2, 0]}, {"features": [1], "coefficients": [3]}],
 "trees": [{"feature": [3, 4, -2, -2, -2], "cut": [0.5, 3, null, null, null], "left": [1, 2, -1, -1, -1], "right": [4, 3, -1, -1, -1], "rows": [3, 2, 1, 1, 1],
            "missing_left": [true, false, null, null, null]}]}'::jsonb AS d;
SELECT node, feature, test, feature_position, cut, missing_left, path_length FROM projected_d, iforest_nodes(iforest_from_json(d));
SELECT iforest_tree_dot(iforest_from_json(d), 1) FROM projected_d;
SELECT x, y, iforest_score(iforest_from_json(d), x, y, 'a')::numeric(5, 4) AS score
FROM projected_d, (VALUES (2, '2000-01-02'::date), (2, '2000-01-01'), (9, '2000-01-02'), (NULL, NULL), (NULL, '2000-01-01')) v(x, y);

-- What such a forest cannot do, and what is wrong with a document.
SELECT iforest_to_sql(iforest_from_json(d)) FROM projected_d;
CREATE TEMP TABLE projected_n AS SELECT iforest_train(iforest_options(seed => 1, columns_per_split => 2), x::float8, y::float8) AS model FROM projected_t;
SELECT iforest_sample(model, 1) FROM projected_n;
SELECT iforest_augment(model, 1, ARRAY[1::float8, 2]) FROM projected_n;
SELECT iforest_augment(model, 1, ARRAY[1::float8, 2], method => 'noise') FROM projected_n;
SELECT iforest_impute(model, ARRAY[1::float8, NULL]) FROM projected_n;
CREATE FUNCTION pg_temp.complaint(d jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iforest_from_json(d);
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;
SELECT pg_temp.complaint(jsonb_set(d, path::text[], value::jsonb)) FROM projected_d, (VALUES
	('{projections}', '[]'), ('{projections}', '{}'), ('{projections,0}', '{}'), ('{projections,0,features}', '[]'),
	('{projections,0,features}', '[1, 0]'), ('{projections,0,features}', '[0, 2]'), ('{projections,0,features}', '[0, 3]'),
	('{projections,0,features}', '[0]'), ('{projections,0,coefficients}', '[1, 0]'), ('{projections,0,coefficients}', '[1, "Infinity"]'),
	('{projections,0,coefficients}', 'null'), ('{projections,0,centres}', '[1e151, 0]'), ('{projections,0,more}', '1'),
	('{trees,0,feature,0}', '5'), ('{columns_per_split}', '9'), ('{projections,0,centres}', 'null')) v(path, value);

-- Bytes that are not what training writes, behind a digest that fits, are
-- refused, or a model whose scores are scores.
SELECT count(*) FILTER (WHERE NOT iforest_is_valid(forged)) > 100 AS refused, count(*) FILTER (WHERE iforest_is_valid(forged)) > 100 AS models,
       bool_and(CASE WHEN iforest_is_valid(forged) THEN iforest_score(forged, 3::float8, 50::float8) BETWEEN 0 AND 1 ELSE true END) AS scores
FROM (SELECT overlay(bytes PLACING sha256(substr(bytes, 41)) FROM 9) AS forged
      FROM (SELECT set_byte(model, p, get_byte(model, p) # 129) AS bytes
            FROM (SELECT iforest_train(iforest_options(seed => 1, n_trees => 2, columns_per_split => 2), x::float8, y::float8) AS model FROM projected_t) m,
                 generate_series(40, length(model) - 1, 3) p) b) f;

-- Merged models keep the projections of each, under other numbers.
SELECT bool_and(abs(iforest_score(m.model, x, y, c, one, z) - exp_score) < 1e-12) AS mean_of_both,
       min(jsonb_array_length(iforest_to_json(m.model)->'projections')) AS projections
FROM (SELECT iforest_merge(model ORDER BY seed) AS model, (array_agg(model ORDER BY seed))[1] AS a, (array_agg(model ORDER BY seed))[2] AS b
      FROM (SELECT seed, iforest_train(iforest_options(seed => seed, columns_per_split => 2), x, y, c, one, z) AS model
            FROM projected_t, generate_series(1, 2) seed GROUP BY seed) s) m,
     projected_t t, LATERAL (SELECT sqrt(iforest_score(a, x, y, c, one, z) * iforest_score(b, x, y, c, one, z)) AS exp_score) e;

-- Learning, calibrating and sketches are as for other forests.
SELECT iforest_score(learned, 25, 30, 'a', 1, 5) > iforest_score(model, 25, 30, 'a', 1, 5) AS higher
FROM projected_m, LATERAL (SELECT iforest_learn(model, i = 61, x, y, c, one, z) AS learned FROM projected_t WHERE i > 50) l WHERE k = 2;
SELECT iforest_is_outlier((SELECT iforest_calibrate(model, x, y, c, one, z) FROM projected_t), 1000, -1000, 'a', 1, 5) AS is_outlier FROM projected_m WHERE k = 2;
SELECT iforest_train(iforest_options(seed => 1, columns_per_split => 2), s) = (SELECT model FROM projected_m WHERE k = 2) AS same
FROM (SELECT iforest_sketch(iforest_options(seed => 1), x, y, c, one, z) AS s FROM projected_t) k;

-- Fewer than two columns of numbers that vary: a plain forest.
SELECT iforest_to_json(iforest_train(iforest_options(seed => 1, columns_per_split => 2), x, c, one)) ? 'projections' AS projects,
       iforest_to_json(iforest_train(iforest_options(seed => 1, columns_per_split => 2), x, c, one))->'trees' =
       iforest_to_json(iforest_train(iforest_options(seed => 1), x, c, one))->'trees' AS same_trees FROM projected_t;

-- Bad input, and other libraries' names.
SELECT iforest_options(columns_per_split => 0);
SELECT iforest_options(columns_per_split => 9);
SELECT iforest_train('{"ndim": 2}'::jsonb, x) FROM projected_t;
