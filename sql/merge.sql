-- iforest_merge: the trees of several models as one model.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TEMP TABLE merge_t AS
SELECT i AS id, (i * 37 % 101) AS a, 'c' || i % 5 AS c, i % 2 AS part FROM generate_series(1, 400) i;
CREATE TEMP TABLE merge_models AS
SELECT s AS g, iforest_train(iforest_options(seed => s, n_trees => 50), a, c ORDER BY id) AS model
FROM merge_t, generate_series(1, 4) s GROUP BY s;

-- A model alone stays what it is.
SELECT g, (SELECT iforest_merge(model) FROM merge_models m WHERE m.g = n.g) = model AS same_bytes
FROM merge_models n ORDER BY g;

-- Two models of as many trees: the path lengths' mean, which makes the score
-- the geometric mean of theirs.
CREATE TEMP VIEW merge_two AS
SELECT (SELECT model FROM merge_models WHERE g = 1) AS m1, (SELECT model FROM merge_models WHERE g = 2) AS m2,
       (SELECT iforest_merge(model ORDER BY g) FROM merge_models WHERE g <= 2) AS m12;
SELECT count(*) AS rows,
       max(abs(iforest_score(m12, a, c) - sqrt(iforest_score(m1, a, c) * iforest_score(m2, a, c)))) < 1e-12 AS geometric_mean,
       bool_or(iforest_score(m1, a, c) <> iforest_score(m2, a, c)) AS models_differ
FROM merge_t, merge_two;
SELECT iforest_info(m12) - '{size,n_nodes,n_leaves,threshold,features,options}'::text[] AS info,
       iforest_info(m12) -> 'options' = iforest_options(seed => 1) || '{"max_depth": null}' AS same_options
FROM merge_two;
-- Order makes other bytes, but the same scores; groups of merges, too.
SELECT iforest_merge(model ORDER BY g) <> iforest_merge(model ORDER BY g DESC) AS other_bytes FROM merge_models;
SELECT count(DISTINCT score) AS scores
FROM (SELECT iforest_score(iforest_merge(model ORDER BY g), 7, 'c1') FROM merge_models
      UNION ALL SELECT iforest_score(iforest_merge(model ORDER BY g DESC), 7, 'c1') FROM merge_models
      UNION ALL SELECT iforest_score(iforest_merge(model), 7, 'c1')
                FROM (SELECT iforest_merge(model) FROM merge_models GROUP BY g % 2) s(model)) s(score);

-- Trees count, whatever forest they come from; samples of other sizes are
-- normalised by their own.
CREATE TEMP TABLE merge_unequal AS
SELECT iforest_train(iforest_options(seed => 1, n_trees => 10, sample_size => 32), a, c ORDER BY id) AS m1,
       iforest_train(iforest_options(seed => 2, n_trees => 30, max_depth => 0), a, c ORDER BY id) AS m2
FROM merge_t;
SELECT max(abs(iforest_score(m12, a, c)
               - power(iforest_score(m1, a, c), 0.25) * power(iforest_score(m2, a, c), 0.75))) < 1e-12 AS weighted_mean
FROM merge_t, merge_unequal,
     (SELECT iforest_merge(m) AS m12 FROM merge_unequal, unnest(ARRAY[m1, m2]) m OFFSET 0) s;
SELECT iforest_info(iforest_merge(m)) -> 'groups' AS groups,
       iforest_info(iforest_merge(m)) -> 'n_trees' AS trees,
       iforest_info(iforest_merge(m)) -> 'rows_seen' AS rows_seen
FROM merge_unequal, unnest(ARRAY[m1, m2, m2]) m;

-- Different categories are united: here odd and even ones.
CREATE TEMP TABLE merge_categories AS
SELECT part, iforest_train(iforest_options(seed => part), a, CASE WHEN id % 9 > 0 THEN 'k' || id % 10 END ORDER BY id) AS model
FROM merge_t GROUP BY part;
SELECT part, iforest_info(model) #> '{features,1}' AS feature FROM merge_categories ORDER BY part;
SELECT iforest_info(iforest_merge(model)) #> '{features,1}' AS feature FROM merge_categories;
SELECT count(*) AS categories,
       max(abs(iforest_score(both_parts, 50, k) - sqrt(iforest_score(even, 50, k) * iforest_score(odd, 50, k)))) < 1e-12 AS geometric_mean
FROM unnest('{k0,k1,k2,k3,k4,k5,k6,k7,k8,k9,new}'::text[]) k,
     (SELECT iforest_merge(model ORDER BY part) AS both_parts, (array_agg(model ORDER BY part))[1] AS even,
             (array_agg(model ORDER BY part))[2] AS odd FROM merge_categories OFFSET 0) m;
-- One model may know no category at all.
SELECT iforest_info(iforest_merge(model)) #> '{features,1}' AS feature
FROM (SELECT iforest_train(o, a, NULL::text) FROM merge_t, iforest_options(feature_names => '{a,c}') o
      UNION ALL SELECT iforest_train(s) FROM (SELECT a, c FROM merge_t) s) s(model);

-- A model for each day, merged into a model for the week; ranges are united.
SELECT iforest_info(iforest_merge(model)) #> '{features,0}' AS feature
FROM (SELECT iforest_train(day * 10 + i % 10) AS model
      FROM generate_series(1, 7) day, generate_series(1, 100) i GROUP BY day) s;

-- NULLs are passed over; of nothing comes nothing.
SELECT (SELECT iforest_merge(model) FROM (SELECT model FROM merge_models WHERE g = 1 UNION ALL SELECT NULL) s)
       = (SELECT model FROM merge_models WHERE g = 1) AS null_passed_over;
SELECT iforest_merge(model) IS NULL AS no_rows FROM merge_models WHERE g > 100;
SELECT iforest_merge(NULL) IS NULL AS only_null FROM merge_models;
SELECT iforest_merge(model) FILTER (WHERE g > 100) IS NULL AS filter FROM merge_models;
-- GROUP BY, and as a window aggregate.
SELECT g % 2 AS odd, iforest_info(iforest_merge(model)) -> 'n_trees' AS trees FROM merge_models GROUP BY 1 ORDER BY 1;
SELECT g, iforest_info(iforest_merge(model) OVER (ORDER BY g)) -> 'n_trees' AS trees FROM merge_models ORDER BY g;

-- Models of one seed err alike: merging them warns, whatever rows they are of.
SELECT length(iforest_merge(iforest_train)) > 0 AS merged
FROM (SELECT iforest_train(iforest_options(n_trees => 10, seed => 42), a) FROM merge_t GROUP BY part) s;
SELECT length(iforest_merge(model ORDER BY seed)) > 0 AS merged
FROM (SELECT seed, iforest_train(iforest_options(n_trees => 10, seed => seed % 3), a) AS model
      FROM merge_t, generate_series(1, 8) seed WHERE id % 8 = seed - 1 GROUP BY seed) s;
-- So does a model, or a part of one, that is there twice.
SELECT length(iforest_merge(model)) > 0 AS merged FROM merge_models, generate_series(1, 2) WHERE g = 1;
SELECT length(iforest_merge(model)) > 0 AS merged
FROM (SELECT iforest_merge(model ORDER BY g DESC) FROM merge_models WHERE g <= 2
      UNION ALL SELECT model FROM merge_models WHERE g = 1) s(model);
-- Of categories alone as well, though small trees of them may be alike by chance.
SELECT length(iforest_merge(model)) > 0 AS merged
FROM (SELECT iforest_train(iforest_options(n_trees => 5, seed => s), c) FROM merge_t, generate_series(1, 3) s GROUP BY s) m(model);
SELECT length(iforest_merge(model)) > 0 AS merged
FROM (SELECT iforest_train(iforest_options(n_trees => 5, seed => 1), c) FROM merge_t) m(model), generate_series(1, 2);
-- Nothing is known of documents that tell no seed.
SELECT length(iforest_merge(iforest_from_json(iforest_to_json(model) - 'seed'))) > 0 AS merged FROM merge_models;

-- Models of unlike rows: each tree knows one kind, and takes the others for
-- outliers.  Numbers, categories and missing values tell; chance does not.
SELECT what, count(*) AS parts, length(iforest_merge(model ORDER BY part)) > 0 AS merged
FROM (SELECT what, i % 4 AS part,
             iforest_train(CASE what WHEN 'missing' THEN CASE WHEN i % 4 < 3 THEN x END WHEN 'range' THEN x + i % 4 / 3 * 500 ELSE x END,
                           CASE what WHEN 'category' THEN 'c' || i % 4 / 2 ELSE 'c' || x % 3 END) AS model
      FROM generate_series(1, 2000) i, LATERAL (SELECT i * 7919 % 1009 AS x) r, unnest('{alike,range,category,missing}'::text[]) what GROUP BY 1, 2) s
GROUP BY what ORDER BY what;
-- Parts of 30 rows differ by chance alone, in rare categories as well.
SELECT length(iforest_merge(model)) > 0 AS merged
FROM (SELECT iforest_train(i * 7919 % 1009, 'c' || i * 104729 % 997) AS model FROM generate_series(1, 1500) i GROUP BY i % 50) s;

-- Models of different shapes do not merge.
CREATE FUNCTION pg_temp.merge_both(a bytea, b bytea) RETURNS int LANGUAGE sql AS
	'SELECT length(iforest_merge(m)) FROM unnest(ARRAY[a, b]) m';
SELECT pg_temp.merge_both(iforest_train(a), iforest_train(a, c)) FROM merge_t;
SELECT pg_temp.merge_both(iforest_train(a), iforest_train(id)) FROM merge_t;
SELECT pg_temp.merge_both(iforest_train(a), iforest_train(a::text)) FROM merge_t;
SELECT pg_temp.merge_both(iforest_train(a, c), iforest_train(c, a)) FROM merge_t;
SELECT pg_temp.merge_both(iforest_train(a), '\x00') FROM merge_t;
SELECT pg_temp.merge_both(iforest_train(a), substr(iforest_train(a), 1, 1000)) FROM merge_t;
-- Types of a kind do.
SELECT pg_temp.merge_both(iforest_train(a), iforest_train(a::numeric)) > 0 AS numbers,
       pg_temp.merge_both(iforest_train(c), iforest_train(c::varchar)) > 0 AS texts
FROM merge_t;
-- Limits hold for the result as well.
SELECT pg_temp.merge_both(model, model)
FROM (SELECT iforest_train(iforest_options(n_trees => 60000), 1) AS model) m;
SELECT iforest_merge(model)
FROM (SELECT i % 2, iforest_train(iforest_options(n_trees => 1, sample_size => 20000, max_categories => 32000), 'k' || i) AS model
      FROM generate_series(1, 36000) i GROUP BY 1) m;
