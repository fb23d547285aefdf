-- Rows that a model's generator makes: iforest_sample, iforest_augment and
-- iforest_impute (.., method => ..).
\set VERBOSITY default
\set SHOW_CONTEXT never
SET datestyle = ISO;

-- "total" follows "amount", "state" follows "day", "kind" is rare
CREATE TYPE made_state AS ENUM ('open', 'late', 'paid');
CREATE TABLE made_t (
	id int, dropped text, amount numeric(6,2), total float8, items int2, paid bool, day date,
	state made_state, kind text, ratio float8, one int, never text);
ALTER TABLE made_t DROP COLUMN dropped;
INSERT INTO made_t
SELECT i, i * i % 1009 / 8.0, i * i % 1009 / 4.0 + i % 3, i % 5, CASE WHEN i % 4 > 0 THEN i % 3 = 0 END,
	   date '2024-01-01' + i % 30, (ARRAY['open', 'late', 'paid'])[1 + i % 30 / 10]::made_state,
	   CASE WHEN i % 20 = 0 THEN 'rare' ELSE 'usual' END, CASE WHEN i % 10 = 0 THEN 'infinity' ELSE (i % 7)::float8 END,
	   7, NULL
FROM generate_series(1, 1500) i;
CREATE VIEW made_rows AS
SELECT amount, total, items, paid, day, state, kind, ratio, one, never FROM made_t ORDER BY id;
CREATE TABLE made_m AS
SELECT 'forest' AS method, iforest_train(iforest_options(seed => 1), t) AS model FROM made_rows t
UNION ALL
SELECT 'vae', iforest_train(iforest_options(seed => 1, generator => 'vae', generator_steps => 800), t)
FROM made_rows t
UNION ALL
SELECT 'gan', iforest_train(iforest_options(seed => 1, generator => 'gan', generator_steps => 400, generator_label => 'kind'), t)
FROM made_rows t;

-- Sample: values of the columns' types, as the table has them
CREATE TABLE made_s AS
SELECT method, s.* FROM made_m, iforest_sample(model, 1000, NULL::made_t, 1) s WHERE method <> 'forest';
SELECT method, count(*), count(id) AS ids, count(DISTINCT s) > 990 AS differ, count(never) AS never, min(one) AS one
FROM made_s s GROUP BY method ORDER BY 1 DESC;
SELECT method, bool_and(amount BETWEEN 0 AND 126) AS amount, bool_and(total BETWEEN 0 AND 254) AS total,
	   bool_and(items BETWEEN 0 AND 4) AS items, bool_and(day BETWEEN '2024-01-01' AND '2024-01-30') AS day,
	   bool_and(ratio IN (0, 1, 2, 3, 4, 5, 6, 'infinity')) AS ratio
FROM made_s GROUP BY method ORDER BY 1 DESC;
-- shares: of NULLs (1 / 4), infinities (1 / 10), categories; columns go together
-- (apart from each other, a third of the states would fit)
SELECT method, abs(avg((paid IS NULL)::int) - 0.25) < 0.12 AS nulls,
	   abs(avg((ratio = 'infinity')::int) - 0.1) < 0.06 AS infinite,
	   abs(avg((state = 'late')::int) - 0.3333) < 0.12 AS late,
	   avg(((day - date '2024-01-01') / 10 = CASE state WHEN 'open' THEN 0 WHEN 'late' THEN 1 ELSE 2 END)::int) > 0.5 AS state,
	   corr(amount, total) > 0.9 AS total
FROM made_s GROUP BY method ORDER BY 1 DESC;
-- values of single rows are not copied
SELECT method, avg((m.amount IN (SELECT amount FROM made_t))::int) < 0.9 AS novel
FROM made_s m GROUP BY method ORDER BY 1 DESC;

-- The method: the model's generator, unless another one is asked for
SELECT m.method, (SELECT array_agg(s::text) FROM iforest_sample(model, 5, NULL::made_t, 3) s) =
	   (SELECT array_agg(s::text) FROM iforest_sample(model, 5, NULL::made_t, 3, m.method) s) AS own,
	   (SELECT array_agg(s::text) FROM iforest_sample(model, 5, NULL::made_t, 3, 'forest') s) =
	   (SELECT array_agg(s::text) FROM made_m f, iforest_sample(f.model, 5, NULL::made_t, 3) s
		WHERE f.method = 'forest') AS forest
FROM made_m m;
SELECT iforest_sample(model, 1, NULL::made_t, 1, 'vae') FROM made_m WHERE method = 'forest';
SELECT iforest_sample(model, 1, NULL::made_t, 1, 'gan') FROM made_m WHERE method = 'vae';
SELECT iforest_sample(model, 1, NULL::made_t, 1, 'noise') FROM made_m WHERE method = 'vae';
SELECT iforest_sample(model, 1, NULL::made_t, 1, 'Vae') FROM made_m WHERE method = 'vae';

-- One seed, one result: whatever was made before, however many are asked for
SELECT method, md5(string_agg(s::text, '|')) FROM made_m, iforest_sample(model, 100, NULL::made_t, 7) s
WHERE method <> 'forest' GROUP BY method;
SELECT method, bool_and(few = many) AS same
FROM (SELECT method, (SELECT array_agg(s) FROM iforest_sample(model, 100, NULL::made_t, 7) s)[1:70] AS many,
			 (SELECT array_agg(s) FROM iforest_sample(model, 70, NULL::made_t, 7) s) AS few
	  FROM made_m WHERE method <> 'forest' ORDER BY method) s
GROUP BY method ORDER BY 1 DESC;
-- two sets at once, row by row
SELECT bool_and(a = alone[n]) AND bool_and(b = other[n]) AS same
FROM (SELECT iforest_sample(v.model, 100, NULL::made_t, 1) AS a, iforest_sample(g.model, 100, NULL::made_t, 2) AS b,
			 generate_series(1, 100) AS n
	  FROM made_m v, made_m g WHERE v.method = 'vae' AND g.method = 'gan') s,
	 (SELECT (SELECT array_agg(s) FROM iforest_sample(v.model, 100, NULL::made_t, 1) s) AS alone,
			 (SELECT array_agg(s) FROM iforest_sample(g.model, 100, NULL::made_t, 2) s) AS other
	  FROM made_m v, made_m g WHERE v.method = 'vae' AND g.method = 'gan') t;
SELECT count(DISTINCT s) > 10 AS other_seeds
FROM made_m, generate_series(1, 2) seed, iforest_sample(model, 10, NULL::made_t, seed) s WHERE method = 'vae';

-- What is given stays, and the rest goes with it
SELECT DISTINCT s.id, s.kind, s.state
FROM made_m, iforest_sample(model, 200, ROW(9, NULL, NULL, NULL, NULL, NULL, 'late', 'rare', NULL, NULL, NULL)::made_t, 1) s
WHERE method = 'vae';
SELECT avg((day BETWEEN '2024-01-11' AND '2024-01-20')::int) > 0.45 AS together
FROM made_m, iforest_sample(model, 200, ROW(9, NULL, NULL, NULL, NULL, NULL, 'late', NULL, NULL, NULL, NULL)::made_t, 1) s
WHERE method = 'vae';
SELECT abs(avg(total) - 200) < 10 AS together, count(DISTINCT s) > 190 AS differ
FROM made_m, iforest_sample(model, 200, ROW(NULL, 100, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::made_t, 1) s
WHERE method = 'vae';
-- a category that training never saw says nothing
SELECT count(DISTINCT kind) AS kinds, count(DISTINCT s) > 190 AS differ
FROM made_m, iforest_sample(model, 200, ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'odd', NULL, NULL, NULL)::made_t, 1) s
WHERE method = 'vae';
-- an adversarial network is given its label, and nothing else
SELECT kind, count(*) FROM made_m, iforest_sample(model, 200, ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'rare', NULL, NULL, NULL)::made_t, 1) s
WHERE method = 'gan' GROUP BY kind;
SELECT count(*) FROM made_m, iforest_sample(model, 1, ROW(NULL, 100, NULL, NULL, NULL, NULL, NULL, 'rare', NULL, NULL, NULL)::made_t, 1) s
WHERE method = 'gan';
SELECT iforest_sample(iforest_train(iforest_options(generator => 'gan', generator_steps => 5), t), 1, ROW(100, NULL), 1)
FROM (SELECT amount AS f1, total AS f2 FROM made_rows) t;

-- Augment: around a row, and on its side of the cut
CREATE TABLE made_o AS
SELECT o.outlier, t AS base
FROM (SELECT iforest_is_outlier(model, t) AS outlier, (array_agg(t ORDER BY t.id))[1] AS t
	  FROM made_m, made_t t WHERE method = 'forest' GROUP BY 1) o(outlier, t);
SELECT outlier, count(*), bool_and(iforest_is_outlier(model, novel) = outlier) AS side,
	   bool_and(score = iforest_score(model, novel)) AS scored, count(DISTINCT novel) > 50 AS differ,
	   bool_and((novel).id = (base).id) AS id, bool_and((novel).never IS NULL) AS never
FROM made_m, made_o, iforest_augment(model, 200, base, 0.5, 'vae', 1) WHERE method = 'vae' GROUP BY outlier ORDER BY 1;
-- the radius is obeyed
SELECT outlier, avg(abs((novel).total - (base).total)) FILTER (WHERE noise = 0.1) <
	   avg(abs((novel).total - (base).total)) FILTER (WHERE noise = 0.5) AS farther
FROM made_m, made_o, (VALUES (0.1), (0.5)) n(noise), iforest_augment(model, 200, base, noise, 'vae', 1)
WHERE method = 'vae' GROUP BY outlier ORDER BY 1;
SELECT outlier, md5(string_agg(novel::text, '|'))
FROM made_m, made_o, iforest_augment(model, 70, base, 0.3, 'vae', 1) WHERE method = 'vae' GROUP BY outlier ORDER BY 1;
SELECT count(*) FROM made_m, made_o, iforest_augment(model, 1, base, 0.5, 'gan', 1) WHERE method = 'gan';
SELECT count(*) FROM made_m, made_o, iforest_augment(model, 1, base, 0.5, 'vae', 1) WHERE method = 'gan';

-- Impute: numbers by what is expected, categories by what is likeliest
SELECT (i).id, abs((i).total - 200) < 15 AS total, (i).state, (i).kind, (i).one, (i).never
FROM (SELECT iforest_impute(model, ROW(3, 100, NULL, 1, true, '2024-01-15', NULL, NULL, 2, NULL, NULL)::made_t, 'vae') AS i
	  FROM made_m WHERE method = 'vae' OFFSET 0) s;
-- always the same
SELECT count(DISTINCT iforest_impute(model, ROW(3, 100, NULL, 1, true, '2024-01-15', NULL, NULL, 2, NULL, NULL)::made_t, 'vae')) AS results
FROM made_m, generate_series(1, 3) WHERE method = 'vae';
SELECT iforest_impute(model, NULL::made_t, 'vae') FROM made_m WHERE method = 'vae';
SELECT iforest_impute(model, (SELECT t FROM made_t t WHERE id = 1), 'gan') FROM made_m WHERE method = 'gan';
SELECT iforest_impute(model, (SELECT t FROM made_t t WHERE id = 1), 'vae') FROM made_m WHERE method = 'forest';

-- Arrays, and many columns
CREATE TABLE made_wide AS
SELECT iforest_train(iforest_options(seed => 1, generator => 'vae', generator_steps => 3), a) AS model
FROM (SELECT array_agg((i * j % 97)::float8) AS a FROM generate_series(1, 300) i, generate_series(1, 400) j GROUP BY i) s;
SELECT array_length(a, 1), count(*) FROM made_wide, iforest_sample(model, 3, seed => 1) a GROUP BY 1;
SELECT array_length(a, 1), count(*) FROM made_wide, iforest_sample(model, 3, method => 'vae') a GROUP BY 1;
SELECT a[7] AS given FROM made_wide, iforest_sample(model, 1, array_fill(NULL::float8, '{6}') || 5::float8 || array_fill(NULL::float8, '{393}'), 1, 'vae') a;

-- Stops when it is told to
SET statement_timeout = '200ms';
SELECT count(*) FROM made_wide, iforest_sample(model, 100000000, seed => 1) a;
SELECT iforest_train(iforest_options(generator => 'gan'), t) FROM made_rows t;
RESET statement_timeout;
