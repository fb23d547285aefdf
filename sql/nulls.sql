-- NULL and NaN: values that are missing.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TEMP TABLE nulls_t AS
SELECT i AS id, i % 10 AS a, CASE WHEN i % 4 > 0 THEN (i % 20)::float8 END AS b, 'c' || i % 3 AS c
FROM generate_series(1, 400) i;

-- NULL and NaN train the same model: both are missing, and counted.
SELECT iforest_train(o, b ORDER BY id) = iforest_train(o, coalesce(b, 'NaN') ORDER BY id) AS float8,
       iforest_train(o, b::numeric ORDER BY id) = iforest_train(o, coalesce(b::numeric, 'NaN') ORDER BY id) AS numeric,
       iforest_train(o, b::float4 ORDER BY id) = iforest_train(o, coalesce(b::float4, 'NaN') ORDER BY id) AS float4,
       iforest_info(iforest_train(o - 'feature_names', a, coalesce(b, 'NaN'))) #> '{features,1}' AS info
FROM nulls_t, iforest_options(seed => 1, feature_names => '{b}') o GROUP BY o;
-- They score the same.
SELECT iforest_score(model, 1, NULL::float8, 'c1'::text) = iforest_score(model, 1, 'NaN'::float8, 'c1'::text) AS float8,
       iforest_score(model, 1, NULL::float8, 'c1'::text) = iforest_score(model, 1, 'NaN'::numeric, 'c1'::text) AS numeric,
       iforest_score(model, 1, NULL::float8, 'c1'::text) = iforest_score(model, 1, NULL, 'c1') AS literal
FROM (SELECT iforest_train(iforest_options(seed => 1), a, b, c ORDER BY id) AS model FROM nulls_t) m;

-- Missing values that training saw are usual ..
SELECT abs(iforest_score(model, 5, 5::float8) - iforest_score(model, 5, NULL::float8)) < 0.1 AS missing_is_as_usual
FROM (SELECT iforest_train(iforest_options(seed => 1), a, b ORDER BY id) AS model FROM nulls_t) m;
-- .. and those that it did not see are not: they are above all values seen.
SELECT iforest_score(model, 5, NULL) > max(iforest_score(model, a, a)) AS missing_is_unusual
FROM nulls_t, (SELECT iforest_train(iforest_options(seed => 1), a, a ORDER BY id) AS model FROM nulls_t OFFSET 0) m
GROUP BY model;
-- A category that it did not see is as unusual, above all those seen unless
-- they are rare.
SELECT iforest_score(model, 5, 'new') > max(iforest_score(model, 5, c)) AS new_is_unusual,
       iforest_score(model, 5, NULL) > max(iforest_score(model, 5, c)) AS missing_is_unusual,
       iforest_score(model, 5, 'new') = iforest_score(model, 5, NULL) AS both_alike
FROM nulls_t, (SELECT iforest_train(iforest_options(seed => 1), a, c ORDER BY id) AS model FROM nulls_t OFFSET 0) m
GROUP BY model;
SELECT c, iforest_score(model, c) > 0.6 AS unusual
FROM (SELECT iforest_train(iforest_options(seed => 1), c ORDER BY id) AS model
      FROM (SELECT id, c FROM nulls_t UNION ALL VALUES (0, 'rare')) s OFFSET 0) m,
     unnest('{c0,c1,c2,new,rare}'::text[]) c
ORDER BY c;

-- One row in a hundred has no value: that makes it unusual.
SELECT count(*) FILTER (WHERE rank <= 4 AND b IS NULL) AS missing_in_the_top_4
FROM (SELECT b, rank() OVER (ORDER BY iforest_score(model, a, b) DESC) AS rank
      FROM (SELECT id, a, CASE WHEN id % 100 > 0 THEN (id % 20)::float8 END AS b FROM nulls_t) s,
           (SELECT iforest_train(iforest_options(seed => 1), a, CASE WHEN id % 100 > 0 THEN (id % 20)::float8 END
                                 ORDER BY id) AS model FROM nulls_t) m) r;

-- A column that is always NULL tells nothing: it changes no score.
SELECT count(DISTINCT iforest_score(model, 5, x, c)) AS scores
FROM (SELECT iforest_train(iforest_options(seed => 1), a, NULL::float8, NULL::text ORDER BY id) AS model
      FROM nulls_t OFFSET 0) m,
     (VALUES (NULL::float8), (1), (1e9), ('Infinity')) v(x), (VALUES (NULL), ('x')) w(c);
SELECT iforest_info(iforest_train(a, NULL::float8, NULL::text)) #> '{features}' AS features
FROM nulls_t;

-- A column of one value and some NULLs parts rows.
SELECT iforest_score(model, NULL, 0) > iforest_score(model, 1, 0) AS null_is_rarer
FROM (SELECT iforest_train(iforest_options(seed => 1), CASE WHEN id % 50 > 0 THEN 1 END, 0 ORDER BY id) AS model
      FROM nulls_t) m;
SELECT iforest_score(model, NULL, 0) > iforest_score(model, 'x', 0) AS null_is_rarer
FROM (SELECT iforest_train(iforest_options(seed => 1), CASE WHEN id % 50 > 0 THEN 'x' END, 0 ORDER BY id) AS model
      FROM nulls_t) m;
-- .. also where the one value is infinite.
SELECT v, iforest_score(model, NULL, 0) > iforest_score(model, v, 0) AS null_is_rarer
FROM (VALUES ('Infinity'::float8), ('-Infinity')) v(v),
     LATERAL (SELECT iforest_train(iforest_options(seed => 1), CASE WHEN id % 50 > 0 THEN v END, 0 ORDER BY id) AS model
              FROM nulls_t) m;

-- A row without any value has no score, in any form; nor has a NULL model.
SELECT iforest_score(model, NULL::int, NULL::float8) IS NULL AS columns,
       iforest_score(model, NULL, NULL) IS NULL AS literals,
       iforest_score(model, NULL::int, 'NaN'::float8) IS NULL AS nan,
       iforest_score(model, ROW(NULL::int, NULL::float8)) IS NULL AS row,
       iforest_score(model, NULL::record) IS NULL AS null_row,
       iforest_score(model, '{NULL,NULL}'::float8[]) IS NULL AS array,
       iforest_score(model, NULL::float8[]) IS NULL AS null_array,
       iforest_score(model, VARIADIC NULL::float8[]) IS NULL AS variadic
FROM (SELECT iforest_train(a, b) AS model FROM nulls_t) m;
SELECT iforest_score(NULL, 1, 2) IS NULL AS model, iforest_score(NULL::bytea, a, b) IS NULL AS no_check,
       iforest_info(NULL) IS NULL AS info, iforest_is_valid(NULL) IS NULL AS is_valid
FROM nulls_t LIMIT 1;
-- A table's row with all columns NULL, beside columns that the model ignores.
SELECT iforest_score(model, r) IS NULL AS no_score
FROM (SELECT iforest_train(s) AS model FROM (SELECT a, b FROM nulls_t) s) m,
     (SELECT NULL::int AS a, NULL::float8 AS b, 'x'::text AS c) r;
