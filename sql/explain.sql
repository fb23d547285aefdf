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

-- High and low is what lies outside of the usual range. What lies inside is at
-- one of its ends, in a gap, or unusual for what the other columns hold.
CREATE TEMP TABLE explain_inside AS
SELECT i AS id, 1 + i % 5 AS items, CASE WHEN i % 2 = 0 THEN i % 20 ELSE 80 + i % 20 END AS halves,
       i % 2 = 0 AS low_half, timestamp '2024-01-01' + i % 100 * interval '1 day' AS day
FROM generate_series(1, 1000) i;
CREATE TEMP TABLE explain_inside_m AS
SELECT iforest_train(iforest_options(seed => 1), items ORDER BY id) AS items,
       iforest_train(iforest_options(seed => 1), halves ORDER BY id) AS halves,
       iforest_train(iforest_options(seed => 1), day ORDER BY id) AS day,
       iforest_train(iforest_options(seed => 1, sample_size => 1000, max_depth => 0), halves, low_half ORDER BY id) AS pair
FROM explain_inside;
SELECT iforest_reason(items, 5) AS "5", iforest_reason(items, 6) AS "6", iforest_reason(items, 1) AS "1", iforest_reason(items, 0) AS "0" FROM explain_inside_m;
SELECT iforest_reason(day, timestamp '2024-01-07') AS early, iforest_reason(day, timestamp '2024-04-03') AS late FROM explain_inside_m;
SELECT iforest_reason(halves, 50) AS gap FROM explain_inside_m;
SELECT iforest_reason(pair, 90, true) AS not_together FROM explain_inside_m;
SELECT iforest_reason(iforest_train(iforest_options(seed => 1), (id < 5)::int), 1) AS one_usual_value FROM explain_inside;
-- The rule, over many rows: nobody is called high or low inside of the range.
SELECT count(*) > 200 AS told, count(*) FILTER (WHERE reason ~ ' is (high|low|late|early)') > 20 AS outside,
       count(*) FILTER (WHERE reason ~ ' is (high|low|late|early)' AND value::numeric BETWEEN usual_low::numeric AND usual_high::numeric) AS inside
FROM explain_m, explain_t t,
     LATERAL iforest_explain(model, (1.2 * amount)::int, 1 + hour, country, since, member) e,
     LATERAL regexp_split_to_table(iforest_reason(model, (1.2 * amount)::int, 1 + hour, country, since, member), '; ') reason
WHERE id <= 300 AND e.feature IN ('amount', 'hour') AND reason LIKE e.feature || ' %';

-- Sentences round numbers to four significant digits, but none before the point,
-- and never so far that two that differ read alike; explanations have all digits.
CREATE TEMP TABLE explain_digits AS
SELECT iforest_train(iforest_options(seed => 1), i / 7.0::float8 ORDER BY i) AS float8, iforest_train(iforest_options(seed => 1), 123456 + i / 7.0 ORDER BY i) AS large,
       iforest_train(iforest_options(seed => 1), 1000000 + i ORDER BY i) AS whole, iforest_train(iforest_options(seed => 1), (1 + i / 7.0e6)::real ORDER BY i) AS real,
       iforest_train(iforest_options(seed => 1), 1e17::float8 * i ORDER BY i) AS huge
FROM generate_series(1, 100) AS i;
SELECT iforest_reason(float8, 100 / 3.0::float8) AS float8, iforest_reason(float8, -1e-5 / 3) AS tiny, iforest_reason(large, 999999.987654) AS large, iforest_reason(whole, 7654321) AS whole FROM explain_digits;
SELECT iforest_reason(real, 1.00002::real) AS real, iforest_reason(huge, 1.23456789e30) AS huge, iforest_reason(float8, float8 'Infinity') AS infinite FROM explain_digits;
SELECT iforest_reason(float8, usual_high::float8) AS bound, iforest_reason(float8, usual_high::float8 * (1 + 1e-9)) AS above, value, usual_high
FROM explain_digits, iforest_explain(float8, 100 / 3.0::float8);

-- Rare is what has less than a twentieth of the rows, and less than half of
-- what it would have if all categories had the same.
CREATE TEMP TABLE explain_shops AS
SELECT i AS id, 'shop ' || i % 40 AS even, CASE WHEN i % 100 = 0 THEN 'few' ELSE 'shop ' || i % 3 END AS skew, (i % 50)::float8 AS x
FROM generate_series(1, 2000) i;
CREATE TEMP TABLE explain_shops_m AS
SELECT iforest_train(iforest_options(seed => 1, sample_size => 2000), even, skew, x ORDER BY id) AS model FROM explain_shops;
SELECT count(*) FILTER (WHERE contribution > 0) > 0 AS blamed, count(direction) AS rare
FROM explain_shops, explain_shops_m, iforest_explain(model, even, 'shop 1', 25)
WHERE id <= 40 AND feature = 'even';
SELECT iforest_reason(model, 'shop 3', 'shop 1', 25) AS shop_3, iforest_reason(model, 'shop 4', 'shop 1', 25) AS shop_4 FROM explain_shops_m;
SELECT iforest_reason(model, 'shop 1', 'few', 25) AS few, iforest_reason(model, 'none', 'shop 1', 25) AS never FROM explain_shops_m;
SELECT feature, direction FROM explain_shops_m, iforest_explain(model, 'shop 1', 'few', 25) WHERE feature = 'skew';

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
       iforest_reason(model, NULL::int, NULL::int, NULL, NULL, NULL) AS no_value
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
