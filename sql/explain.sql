-- Explaining: which features make a row unusual, and how.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE TEMP TABLE explain_t AS
SELECT i AS id, 20 + i * 37 % 600 AS amount, i * 11 % 24 AS hour,
       CASE WHEN i % 50 = 0 THEN 'NZ' ELSE (ARRAY['DE', 'FR', 'US'])[1 + i % 3] END AS country,
       CASE WHEN i % 20 > 0 THEN date '2024-01-01' + i % 300 END AS since,
       i % 3 = 0 AS member
FROM generate_series(1, 2000) i;
CREATE TEMP TABLE explain_m AS
SELECT iforest_train(iforest_options(seed => 1), amount, hour, country, since, member ORDER BY id) AS model
FROM explain_t;

-- A row a feature, most blamed first.
SELECT feature, value, round(contribution::numeric, 2) AS contribution, direction, usual_low, usual_high
FROM explain_m, iforest_explain(model, 9800, 3, 'XK', NULL, true);
SELECT feature, value, direction, usual_low, usual_high
FROM explain_m, iforest_explain(model, -5, 12, 'NZ', date '2024-05-05', false);
-- The same from a row, by name, and from ROW().
SELECT bool_and(a = b) AS row_same
FROM explain_m, LATERAL (SELECT * FROM explain_t WHERE id = 50) t,
     LATERAL (SELECT array_agg(e::text) AS a FROM iforest_explain(model, t) e) x,
     LATERAL (SELECT array_agg(e::text) AS b
              FROM iforest_explain(model, amount, hour, country, since, member) e) y;

-- The contributions add up to the score less one number: the model's expected
-- score. A feature that no tree asks for has none.
SELECT max(rest) - min(rest) < 1e-12 AS one_number, round(avg(rest)::numeric, 2) AS expected
FROM (SELECT iforest_score(model, amount, hour, country, since, member)
             - (SELECT sum(contribution)
                FROM iforest_explain(model, amount, hour, country, since, member)) AS rest
      FROM explain_m, explain_t WHERE id <= 300) s;
SELECT feature, contribution
FROM (SELECT iforest_train(iforest_options(seed => 1), x, 1) AS model FROM generate_series(1, 100) x) m,
     iforest_explain(model, 1000, 7)
WHERE feature = 'f2';

-- In words.
SELECT iforest_reason(model, 9800, 3, 'XK', NULL, true) FROM explain_m;
SELECT iforest_reason(model, 300, 12, 'NZ', NULL, false) FROM explain_m;
SELECT iforest_reason(model, -5, 40, 'DE', date '2031-01-01', false) FROM explain_m;
SELECT iforest_reason(model, t) FROM explain_m, explain_t t WHERE id = 700;

-- The column of an outlier that was pushed out of range is the one blamed, in
-- the right direction: for at least 99 of 100 rows. Seed 0.1.
SELECT setseed(0.1) IS NULL AS seeded;
CREATE TEMP TABLE explain_pushed AS
SELECT id, 1 + id % 5 AS pushed, CASE WHEN id % 2 = 0 THEN 'high' ELSE 'low' END AS direction,
       ARRAY(SELECT CASE WHEN id <= 100 AND k = 1 + id % 5
                         THEN (CASE WHEN id % 2 = 0 THEN 10 ELSE -10 END) * (1 + random() / 2)
                         ELSE sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) END
             FROM generate_series(1, 5) k ORDER BY k) AS x
FROM generate_series(1, 5000) id;
SELECT count(*) AS rows,
       count(*) FILTER (WHERE first.feature = 'f' || pushed AND first.direction = p.direction) >= 99 AS blamed
FROM explain_pushed p,
     LATERAL (SELECT *
              FROM iforest_explain((SELECT iforest_train(iforest_options(seed => 1), x ORDER BY id)
                                    FROM explain_pushed), x)
              LIMIT 1) first
WHERE id <= 100;

-- Overall importance: the mean of |contribution| over rows. A column that
-- holds outliers matters more than its neighbours of mere noise.
SELECT feature
FROM (SELECT id, CASE WHEN pushed = 2 OR id > 100 THEN x ELSE array_fill(0.5::float8, ARRAY[5]) END AS x
      FROM explain_pushed) t,
     LATERAL iforest_explain((SELECT iforest_train(iforest_options(seed => 1), x ORDER BY id)
                              FROM explain_pushed WHERE pushed = 2 OR id > 100), x)
WHERE id <= 100
GROUP BY feature ORDER BY avg(abs(contribution)) DESC LIMIT 1;

-- Nothing to explain: no rows, no words.
SELECT count(*) FROM iforest_explain(NULL, 1, 2);
SELECT count(*) FROM explain_m, iforest_explain(model, NULL::int, NULL::int, NULL, NULL, NULL);
SELECT iforest_reason(NULL, 1) IS NULL AS no_model,
       iforest_reason(model, NULL::int, NULL::int, NULL, NULL, NULL) IS NULL AS no_value
FROM explain_m;
SELECT iforest_reason(iforest_train(x), 1) FROM generate_series(1, 1) x;

-- Errors are those of scoring.
SELECT * FROM explain_m, iforest_explain(model, 1, 2);
SELECT iforest_reason(model, 1, 2, 3, 4, 5) FROM explain_m;
SELECT iforest_reason('\x01'::bytea, 1);

-- The form for explaining stays with the model: one load, whoever asks.
SELECT loads FROM iforest_cache_stats() \gset before_
SELECT count(iforest_reason((SELECT model FROM explain_m), t)) FROM explain_t t WHERE id <= 100;
SELECT loads - :before_loads AS loads FROM iforest_cache_stats();
