-- The same seed, rows and order give the same model, byte for byte, on every
-- machine and server version.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TEMP TABLE repro_t AS
SELECT i AS id, (i * 37 % 101)::float8 / 8 AS x, i * i % 97 AS y,
       CASE WHEN i % 7 > 0 THEN 'c' || i * i % 11 END AS c,
       CASE WHEN i % 5 > 0 THEN i % 3 = 0 END AS b,
       CASE WHEN i % 13 > 0 THEN date '2024-02-29' + i END AS d,
       CASE WHEN i % 17 > 0 THEN (i % 4)::float4 / 3 ELSE 'Infinity' END AS f
FROM generate_series(1, 500) i;

-- Twice the same.
SELECT iforest_train(o, x, y ORDER BY id) = (SELECT iforest_train(o, x, y ORDER BY id) FROM repro_t) AS numbers,
       iforest_train(o, t ORDER BY id) = (SELECT iforest_train(o, t ORDER BY id) FROM repro_t t) AS everything
FROM repro_t t, iforest_options(seed => 42, sample_size => 64) o GROUP BY o;

-- What these models are is frozen here: a difference means that models of this
-- version are not those of another version or machine.
SELECT md5(iforest_train(iforest_options(seed => 1), x, y ORDER BY id)) AS numbers
FROM repro_t;
SELECT md5(iforest_train(iforest_options(seed => 1), c, b, d ORDER BY id)) AS categories_and_nulls
FROM repro_t;
SELECT md5(iforest_train(iforest_options(seed => 1), x, y, c, b, d, f ORDER BY id)) AS everything
FROM repro_t;
SELECT md5(iforest_train(iforest_options(seed => -1, n_trees => 10, sample_size => 30, max_depth => 0,
                                         max_features => 0.5, bootstrap => true),
                         x, y, c, b, d, f ORDER BY id)) AS other_options
FROM repro_t;
SELECT md5(iforest_merge(model ORDER BY g)) AS merged
FROM (SELECT g, iforest_train(iforest_options(seed => g, n_trees => 10), x, c ORDER BY id) AS model
      FROM repro_t, generate_series(1, 3) g GROUP BY g) m;
-- Scores use the machine's exp2, whose last bit may differ.
SELECT iforest_train(iforest_options(seed => 1), x, y, c, b, d, f ORDER BY id) AS model FROM repro_t \gset
SELECT id, round(iforest_score(:'model'::bytea, x, y, c, b, d, f)::numeric, 9) AS score
FROM repro_t WHERE id IN (1, 17, 91, 250, 500) ORDER BY id;

-- Another seed makes other trees; another order of rows does, too.
SELECT count(DISTINCT md5(model)) AS models
FROM (SELECT iforest_train(iforest_options(seed => s, n_trees => 1, sample_size => 16), x ORDER BY id) AS model
      FROM repro_t, generate_series(-50, 49) s GROUP BY s) m;
SELECT iforest_train(o, x, y ORDER BY id) = iforest_train(o, x, y ORDER BY id DESC) AS same
FROM repro_t, iforest_options(seed => 1) o GROUP BY o;
-- The ends of bigint are seeds as well.
SELECT count(DISTINCT md5(model)) AS models,
       string_agg(iforest_info(model) #>> '{options,seed}', ' ' ORDER BY s) AS seeds
FROM (SELECT s, iforest_train(iforest_options(seed => s), x ORDER BY id) AS model
      FROM repro_t, (VALUES (-9223372036854775808), (-1), (0), (1), (9223372036854775807)) v(s)
      GROUP BY s) m;

-- Without a seed one is drawn, another one each time ..
CREATE TEMP TABLE repro_drawn AS
SELECT g, iforest_train(x, y, c ORDER BY id) AS model
FROM repro_t, generate_series(1, 3) g GROUP BY g;
SELECT count(DISTINCT iforest_info(model) #> '{options,seed}') AS seeds,
       bool_and((iforest_info(model) -> 'seed_drawn')::bool) AS drawn
FROM repro_drawn;
-- .. and recorded, so that the model can be made again.
CREATE TEMP TABLE repro_again AS
SELECT g, (SELECT iforest_train(o, x, y, c ORDER BY id) FROM repro_t) AS again
FROM (SELECT g, iforest_options(seed => (iforest_info(model) #>> '{options,seed}')::bigint,
                                feature_names => '{x,y,c}') AS o FROM repro_drawn OFFSET 0) d;
SELECT g, iforest_info(model) - 'seed_drawn' = iforest_info(again) - 'seed_drawn' AS same_info,
       (SELECT bool_and(iforest_score(model, t) = iforest_score(again, t)) FROM repro_t t) AS same_scores
FROM repro_drawn JOIN repro_again USING (g) ORDER BY g;

-- The server's own generator has no say.
SELECT setseed(0.1) \gset ignored_
SELECT iforest_train(iforest_options(seed => 1), x ORDER BY id) AS model FROM repro_t \gset first_
SELECT setseed(0.2), random() >= 0 AS r \gset ignored_
SELECT iforest_train(iforest_options(seed => 1), x ORDER BY id) = :'first_model'::bytea AS same FROM repro_t;
-- Nor have settings.
SET extra_float_digits = -15;
SET datestyle = 'German';
SET timezone = 'Asia/Kathmandu';
SET intervalstyle = 'iso_8601';
SELECT md5(iforest_train(iforest_options(seed => 1), x, y, c, b, d, f ORDER BY id)) AS everything
FROM repro_t;
