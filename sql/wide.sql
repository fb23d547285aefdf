-- Many columns: as arguments, as a row, as an array.
\set VERBOSITY default
\set SHOW_CONTEXT never

-- Runs a query of one value; $ in it stands for so many columns.
CREATE FUNCTION pg_temp.run(query text, n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE replace(query, '$', (SELECT string_agg('x * ' || i, ', ' ORDER BY i)
								 FROM generate_series(1, n) i)) INTO result;
	RETURN result;
END $$;
CREATE FUNCTION pg_temp.n_features(model bytea) RETURNS int LANGUAGE sql AS $$
	SELECT jsonb_array_length(iforest_info(model) -> 'features')
$$;

-- A function has 100 arguments at most.  The aggregate's state takes one, and
-- options another, which leaves 98 columns, or 99 without options.
SELECT pg_temp.run('SELECT pg_temp.n_features(iforest_train(iforest_options(), $))
                    FROM generate_series(1, 300) x', 98) AS with_options,
       pg_temp.run('SELECT pg_temp.n_features(iforest_train($))
                    FROM generate_series(1, 300) x', 99) AS without;
-- Scoring: 99 columns behind the model.
SELECT pg_temp.run('SELECT count(DISTINCT iforest_score(model, $)) > 1
                    FROM (SELECT iforest_train($) AS model FROM generate_series(1, 100) x) m,
                         generate_series(1, 100) x', 99) AS score;

-- A row of 1600 columns, the most that a table has.
SELECT format('CREATE TEMP TABLE wide_t (%s)', string_agg(format('c%s float4', i), ', ')) AS create_t,
       format('INSERT INTO wide_t SELECT %s FROM generate_series(1, 100) x',
              string_agg(format('x * %s %% 1009', i), ', ' ORDER BY i)) AS insert_t
FROM generate_series(1, 1600) i \gset
\set ECHO none
:create_t;
:insert_t;
\set ECHO all
CREATE TEMP TABLE wide_model AS
SELECT iforest_train(iforest_options(seed => 1), t) AS model FROM wide_t t;
SELECT pg_temp.n_features(model), iforest_info(model) #> '{features,1599,name}' AS last
FROM wide_model;
SELECT count(*) AS rows, count(DISTINCT iforest_score(model, t)) > 1 AS works
FROM wide_t t, wide_model;
-- 1664 is the most that a query makes.
SELECT pg_temp.run('SELECT pg_temp.n_features(iforest_train(ROW($)))
                    FROM generate_series(1, 10) x', 1664) AS row;

-- An array of 5000 elements, and of 16000, the most that a model has.
CREATE TEMP TABLE wide_array AS
SELECT x, ARRAY(SELECT (x * i % 1009)::float8 FROM generate_series(1, 5000) i) AS v
FROM generate_series(1, 100) x;
SELECT pg_temp.n_features(iforest_train(v)) AS train,
       pg_temp.n_features(iforest_train_array(v)) AS train_array
FROM wide_array;
SELECT count(*) AS rows, count(DISTINCT iforest_score(model, v)) > 1 AS works
FROM wide_array, (SELECT iforest_train(v) AS model FROM wide_array) m;
SELECT pg_temp.n_features(iforest_train(iforest_options(n_trees => 10), v || v || v || v[1:1000])) AS train
FROM wide_array WHERE x <= 30;
SELECT iforest_train(v || v || v || v[1:1001]) FROM wide_array;
-- The last feature counts as much as the first.
SELECT round(iforest_score(model, v || 5::float8)::numeric, 1) AS usual,
       round(iforest_score(model, v || 1e6::float8)::numeric, 1) AS unusual
FROM (SELECT array_fill(0::float8, ARRAY[4999]) AS v) z,
     (SELECT iforest_train(iforest_options(seed => 1), array_fill(0::float8, ARRAY[4999]) || sqrt(i)::float8) AS model
      FROM generate_series(1, 100) i) m;

-- Rows that are too many and too wide for the memory that a sample may take:
-- it grows by doubling, so the error comes at half of what does not fit.
SELECT iforest_train(iforest_options(n_trees => 1000), array_fill(x, ARRAY[8200]))
FROM generate_series(1, 10000) x;
