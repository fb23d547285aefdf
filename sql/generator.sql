-- A generator as part of a model: iforest_options(generator => ..), iforest_info,
-- iforest_to_json, iforest_merge.
\set VERBOSITY default
\set SHOW_CONTEXT never

-- a column of each kind; "total" follows "amount", "day" and "state" go together
CREATE TYPE generator_state AS ENUM ('open', 'late', 'paid');
CREATE TABLE generator_t AS
SELECT i AS id, i * i % 101 / 8.0 AS amount, i * i % 101 / 4.0 + i % 3 AS total,
	   (i % 5)::int2 AS items, CASE WHEN i % 4 > 0 THEN i % 3 = 0 END AS paid,
	   date '2024-01-01' + i % 30 AS day,
	   (ARRAY['open', 'late', 'paid'])[1 + i % 30 / 10]::generator_state AS state,
	   CASE WHEN i % 10 = 0 THEN 'infinity' ELSE (i % 7)::float8 END AS ratio
FROM generate_series(1, 400) i;
CREATE VIEW generator_rows AS
SELECT amount, total, items, paid, day, state, ratio FROM generator_t ORDER BY id;

CREATE TABLE generator_m AS
SELECT 'none' AS kind, iforest_train(iforest_options(seed => 1), t) AS model FROM generator_rows t
UNION ALL
SELECT 'vae', iforest_train(iforest_options(seed => 1, generator => 'vae', generator_steps => 300), t)
FROM generator_rows t
UNION ALL
SELECT 'gan', iforest_train(iforest_options(seed => 1, generator => 'gan', generator_steps => 200, generator_label => 'state'), t)
FROM generator_rows t;

-- What it is
SELECT kind, jsonb_pretty(iforest_info(model)->'generator') FROM generator_m;
-- beside it, the model is the one without
SELECT m.kind, bool_and(iforest_score(m.model, t) = iforest_score(n.model, t)) AS same_scores,
	   iforest_to_json(m.model) - 'generator' = iforest_to_json(n.model) AS same_otherwise
FROM generator_m m, generator_m n, generator_rows t
WHERE n.kind = 'none' GROUP BY m.kind, m.model, n.model ORDER BY 1;

-- One seed, one generator, on every machine; another seed, another
SELECT kind, md5(iforest_to_json(model)->>'generator') FROM generator_m WHERE kind <> 'none';
SELECT kind, iforest_train(iforest_options(seed => 1, generator => kind, generator_steps => 20), t) =
	   iforest_train(iforest_options(seed => 1, generator => kind, generator_steps => 20), t) AS same,
	   iforest_train(iforest_options(seed => 1, generator => kind, generator_steps => 20), t) =
	   iforest_train(iforest_options(seed => 2, generator => kind, generator_steps => 20), t) AS other
FROM generator_rows t, (VALUES ('vae'), ('gan')) k(kind) GROUP BY kind ORDER BY 1 DESC;
-- of every way to hand the rows over, with workers too
SELECT iforest_train(o, amount, total) = iforest_train(o, s) AS same
FROM (SELECT amount, total FROM generator_rows) s,
	 iforest_options(seed => 1, feature_names => '{a,b}', generator => 'vae', generator_steps => 20) o;
CREATE TABLE generator_many AS
SELECT i % 97 AS a, (i % 89)::float8 AS b, (ARRAY['x', 'y'])[1 + i % 2] AS c
FROM generate_series(1, 20000) i;
ALTER TABLE generator_many SET (parallel_workers = 2);
ANALYZE generator_many;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 0;
SET parallel_tuple_cost = 0.0001;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF)
SELECT iforest_train(iforest_options(generator => 'gan', generator_steps => 20, generator_label => 'c'), t)
FROM generator_many t;
SELECT iforest_info(iforest_train(iforest_options(generator => 'gan', generator_steps => 20, generator_label => 'c'), t))
	   ->'generator' AS generator
FROM generator_many t;
RESET parallel_setup_cost;
RESET cpu_operator_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- As a document, there and back
SELECT kind, iforest_from_json(iforest_to_json(model)) = model AS same,
	   length(iforest_to_json(model)->>'generator') AS digits
FROM generator_m;
SELECT iforest_from_json(jsonb_set(iforest_to_json(model), '{generator}', '7')) FROM generator_m WHERE kind = 'vae';
SELECT iforest_from_json(jsonb_set(iforest_to_json(model), '{generator}', '"0"')) FROM generator_m WHERE kind = 'vae';
SELECT iforest_from_json(jsonb_set(iforest_to_json(model), '{generator}', '"0x"')) FROM generator_m WHERE kind = 'vae';
SELECT iforest_from_json(jsonb_set(iforest_to_json(model), '{generator}', '"00"')) FROM generator_m WHERE kind = 'vae';
-- that of other columns is none of this model
SELECT iforest_from_json(jsonb_set(iforest_to_json(model), '{generator}',
	   (SELECT iforest_to_json(iforest_train(iforest_options(generator => 'vae', generator_steps => 1), amount))->'generator'
		FROM generator_rows)))
FROM generator_m WHERE kind = 'vae';

-- A calibrated model keeps it; a merged one has none, for networks cannot be put together
SELECT iforest_info(iforest_calibrate(m.model, t))->'generator' = iforest_info(m.model)->'generator' AS kept
FROM (SELECT model FROM generator_m WHERE kind = 'vae') m, generator_rows t GROUP BY m.model;
SELECT kind, iforest_merge(model) = min(model::text)::bytea AS same FROM generator_m GROUP BY kind ORDER BY 1;
SELECT iforest_info(iforest_merge(model))->'generator' AS generator
FROM (SELECT model FROM generator_m WHERE kind = 'vae'
	  UNION ALL SELECT iforest_train(iforest_options(seed => 2), t) FROM generator_rows t) m;

-- What goes wrong
SELECT iforest_options(generator => 'copula');
SELECT iforest_options(generator => 'vae', generator_steps => 0);
SELECT iforest_options(generator => 'gan', generator_steps => 200, generator_label => 'state');
SELECT iforest_train(iforest_options(generator_steps => 10), t) FROM generator_rows t;
SELECT iforest_train(iforest_options(generator_label => 'state'), t) FROM generator_rows t;
SELECT iforest_train(iforest_options(generator => 'vae', generator_label => 'state'), t) FROM generator_rows t;
SELECT iforest_train(iforest_options(generator => 'gan', generator_label => 'status'), t) FROM generator_rows t;
SELECT iforest_train(iforest_options(generator => 'gan', generator_label => 'items'), t) FROM generator_rows t;
-- few rows are learnt by heart
SELECT iforest_info(iforest_train(iforest_options(generator => 'vae', generator_steps => 10), t))->'generator'->'bits_per_row' AS bits
FROM (SELECT * FROM generator_rows LIMIT 59) t;
SELECT iforest_info(iforest_train(iforest_options(seed => 1, generator => 'vae', generator_steps => 10), t))->'generator'->'bits_per_row' > '0' AS bits
FROM (SELECT * FROM generator_rows LIMIT 299) t;
-- one row, no rows, nothing but NULLs
SELECT iforest_info(iforest_train(iforest_options(generator => 'vae', generator_steps => 10), t))->'generator'->'rows' AS rows
FROM (SELECT * FROM generator_rows LIMIT 1) t;
SELECT iforest_train(iforest_options(generator => 'vae'), t) IS NULL AS none FROM (SELECT * FROM generator_rows LIMIT 0) t;
SELECT iforest_train(iforest_options(generator => 'vae'), NULL::int) IS NULL AS none FROM generator_rows t;
-- too many categories
SELECT iforest_train(iforest_options(max_categories => 32000, generator => 'vae'), i::text)
FROM generate_series(1, 9000) i;
