-- Kernels: the processor's fastest way of scoring and the plain ones give the
-- same scores, bit by bit.
\set VERBOSITY default
\set SHOW_CONTEXT never

-- Forests of many kinds: numbers, categories, NULLs, infinities; one feature
-- and many; trees shallow and deep, few and many; merged ones.
CREATE TEMP TABLE kernels_t AS
SELECT i AS id, (i * 7919 % 1009) / 8.0::float8 AS a, i * i % 97 AS b, CASE WHEN i % 6 > 0 THEN 'c' || i % 17 END AS c,
       CASE i % 50 WHEN 0 THEN 'Infinity'::float8 WHEN 1 THEN '-Infinity' WHEN 2 THEN NULL ELSE i % 10 END AS d
FROM generate_series(1, 400) i;
CREATE TEMP TABLE kernels_models (kind text, model bytea);
INSERT INTO kernels_models
SELECT kind, iforest_train(o || '{"seed": 1}', t ORDER BY id)
FROM (SELECT id, a, b, c, d FROM kernels_t) t,
     (VALUES ('default', iforest_options()), ('one tree', iforest_options(n_trees => 1)),
             ('many trees', iforest_options(n_trees => 500, sample_size => 16)),
             ('deep', iforest_options(n_trees => 20, max_depth => 0, sample_size => 400)),
             ('shallow', iforest_options(max_depth => 1)), ('tiny sample', iforest_options(sample_size => 2)),
             ('few columns', iforest_options(max_features => 0.3))) v(kind, o)
GROUP BY kind;
INSERT INTO kernels_models SELECT 'merged', iforest_merge(model) FROM kernels_models WHERE kind IN ('one tree', 'deep', 'shallow');
CREATE TEMP TABLE kernels_rows AS
SELECT id, a, b, c, d FROM kernels_t WHERE id <= 200
UNION ALL VALUES (1001, 1e300, 0, 'c1', 0), (1002, -1e300, NULL, 'new', NULL), (1003, NULL, NULL, NULL, 1),
                 (1004, 'Infinity'::float8, 2147483647, NULL, '-Infinity'::float8), (1005, NULL, NULL, 'c3', NULL), (1006, 0, 0, '', 0);
CREATE TEMP TABLE kernels_scores (kernel text, kind text, id int, score float8);

-- Those that this processor does not have are left out.
DO $$
DECLARE
	kernel text;
BEGIN
	FOREACH kernel IN ARRAY (SELECT enumvals FROM pg_settings WHERE name = 'iforest.kernel') LOOP
		BEGIN
			PERFORM set_config('iforest.kernel', kernel, false);
		EXCEPTION WHEN invalid_parameter_value THEN
			CONTINUE;
		END;
		INSERT INTO kernels_scores SELECT kernel, kind, r.id, iforest_score(model, r) FROM kernels_models, kernels_rows r;
	END LOOP;
END $$;
RESET iforest.kernel;
SELECT count(DISTINCT kernel) >= 3 AS some_kernels,
       count(DISTINCT kernel) FILTER (WHERE kernel IN ('auto', 'walk', 'portable')) = 3 AS everywhere_these
FROM kernels_scores;
SELECT kind, count(DISTINCT id) AS rows, count(DISTINCT score) > 5 AS scores_differ,
       (SELECT count(*) FROM (SELECT FROM kernels_scores s WHERE s.kind = k.kind GROUP BY id
                              HAVING count(DISTINCT score) > 1 OR count(score) <> count(*)) d) AS rows_that_differ
FROM kernels_scores k GROUP BY kind ORDER BY kind;

-- Wide models: 3000 columns, of any number, of those that fit a real, some missing.
CREATE TEMP TABLE kernels_wide AS
SELECT i AS id, ARRAY(SELECT ((i * j) % 1009)::float8 FROM generate_series(1, 3000) j) AS v FROM generate_series(1, 50) i;
CREATE TEMP TABLE kernels_wide_model AS
SELECT iforest_train(iforest_options(seed => 1), v ORDER BY id) AS model FROM kernels_wide;
SET iforest.kernel = 'walk';
CREATE TEMP TABLE kernels_wide_rows AS
SELECT id, kind, w FROM kernels_wide, LATERAL (VALUES ('real', v), ('float8', ARRAY[0.1::float8] || v[2:]), ('missing', ARRAY[NULL::float8] || v[2:])) AS r (kind, w);
CREATE TEMP TABLE kernels_wide_scores AS SELECT id, kind, iforest_score(model, w) AS score FROM kernels_wide_rows, kernels_wide_model;
RESET iforest.kernel;
SELECT kind, count(*) AS rows, count(*) FILTER (WHERE score = iforest_score(model, w)) AS same,
       count(*) FILTER (WHERE iforest_score(model, w::real[]) = iforest_score(model, w::real[]::float8[])) AS same_as_real
FROM kernels_wide_rows JOIN kernels_wide_scores USING (id, kind), kernels_wide_model GROUP BY kind ORDER BY kind;

-- The setting; a kernel may change within a session, and a query goes on.
SHOW iforest.kernel;
SET iforest.kernel = 'fastest';
SELECT count(DISTINCT iforest_score(model, r)) AS scores
FROM (SELECT r, model, set_config('iforest.kernel', CASE i % 2 WHEN 0 THEN 'walk' ELSE 'portable' END, false)
      FROM kernels_models, kernels_rows r, generate_series(1, 10) i WHERE kind = 'default' AND id = 7 OFFSET 0) s;
