-- iforest_roc_auc, iforest_average_precision: scores judged by labels.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET jit = off;
-- Four normal rows and two outliers: of the eight pairs, the outliers win
-- six and tie in one; 1/1 and 2/4 of the rows down to them are outliers.
CREATE TABLE judged (score float8, is_outlier bool);
INSERT INTO judged VALUES (0.9, true), (0.7, false), (0.5, true), (0.5, false), (0.3, false), (0.1, false);
SELECT iforest_roc_auc(score, is_outlier), iforest_average_precision(score, is_outlier) FROM judged;
SELECT iforest_roc_auc(-score, NOT is_outlier), iforest_roc_auc(score, NOT is_outlier) FROM judged;

-- Perfect, useless, perverse.
SELECT what, iforest_roc_auc(score, i > 8), iforest_average_precision(score, i > 8)
FROM generate_series(1, 10) i, LATERAL (VALUES ('perfect', i / 10.0), ('useless', 0.5), ('perverse', -i)) v(what, score) GROUP BY what ORDER BY 1;

-- Rows without a score or a label are passed over; one kind alone tells nothing.
SELECT iforest_roc_auc(score, is_outlier) = 0.8125 AS auc, iforest_average_precision(score, is_outlier) = 0.75 AS ap
FROM (TABLE judged UNION ALL VALUES (NULL, true), (0.2, NULL), ('NaN', true), ('NaN', false), (NULL, NULL)) v;
SELECT iforest_roc_auc(score, is_outlier) AS auc, iforest_average_precision(score, is_outlier) AS ap FROM judged WHERE is_outlier;
SELECT iforest_roc_auc(score, is_outlier) AS auc, iforest_average_precision(score, is_outlier) AS ap FROM judged WHERE NOT is_outlier;
SELECT iforest_roc_auc(score, is_outlier) AS auc, iforest_average_precision(score, is_outlier) AS ap FROM judged WHERE false;
-- Any number will do as a score.
SELECT iforest_roc_auc(x, o), iforest_average_precision(x, o)
FROM (VALUES ('Infinity'::float8, true), ('-Infinity', false), (0.0, true), (-0.0, false), (5e-324, false), (1.7e308, true)) v(x, o);
SELECT iforest_roc_auc(i, i > 5) AS of_integers, iforest_roc_auc(i::numeric, i > 5) AS of_numerics FROM generate_series(1, 10) i;

-- Against all pairs, one by one, with many ties and with none.
CREATE TABLE many AS
SELECT g, i, floor((i * 7919 % 1009)::float8 / g) AS score, i * 104729 % 31 < 5 AS is_outlier
FROM (VALUES (1), (10), (200), (2000)) v(g), generate_series(1, 700) i;
WITH pairs AS (
	SELECT g, sum(CASE WHEN o.score > n.score THEN 1 WHEN o.score = n.score THEN 0.5 ELSE 0 END) / count(*) AS auc
	FROM many o JOIN many n USING (g) WHERE o.is_outlier AND NOT n.is_outlier GROUP BY g
), means AS (
	SELECT g, avg(precision) AS ap
	FROM (SELECT o.g, o.i, avg(r.is_outlier::int) AS precision FROM many o JOIN many r ON r.g = o.g AND r.score >= o.score WHERE o.is_outlier GROUP BY 1, 2) p
	GROUP BY g
)
SELECT g, abs(iforest_roc_auc(score, is_outlier) - auc::float8) < 1e-14 AS auc, abs(iforest_average_precision(score, is_outlier) - ap::float8) < 1e-14 AS ap
FROM many JOIN pairs USING (g) JOIN means USING (g) GROUP BY g, auc, ap ORDER BY g;
-- The order of the rows does not matter, nor a plan by hash; windows grow.
SELECT count(DISTINCT a) AS results
FROM (SELECT iforest_average_precision(score, is_outlier ORDER BY i) FROM many WHERE g = 10
      UNION ALL SELECT iforest_average_precision(score, is_outlier ORDER BY score, i DESC) FROM many WHERE g = 10
      UNION ALL SELECT iforest_average_precision(score, is_outlier) FILTER (WHERE g = 10) FROM many) v(a);
SELECT count(*) AS windows, count(*) FILTER (WHERE w = (SELECT iforest_roc_auc(score, is_outlier) FROM many m WHERE m.g = 10 AND m.i <= v.i)) AS as_alone
FROM (SELECT i, iforest_roc_auc(score, is_outlier) OVER (ORDER BY i) AS w FROM many WHERE g = 10) v WHERE i BETWEEN 40 AND 60;

-- Precision and recall at a model's threshold are queries.
CREATE TABLE evaluate_t AS
SELECT i AS id, CASE WHEN i % 50 = 0 THEN 100 + i ELSE i * 7919 % 101 END AS x, i % 50 = 0 AS is_outlier FROM generate_series(1, 1000) i;
CREATE TABLE evaluate_m AS SELECT iforest_train(iforest_options(seed => 1, contamination => 0.02), x ORDER BY id) AS model FROM evaluate_t;
SELECT iforest_roc_auc(iforest_score(model, x), is_outlier) > 0.99 AS auc, iforest_average_precision(iforest_score(model, x), is_outlier) > 0.9 AS ap,
       round(avg(is_outlier::int) FILTER (WHERE iforest_is_outlier(model, x)), 1) AS precision, round(avg(iforest_is_outlier(model, x)::int) FILTER (WHERE is_outlier), 1) AS recall
FROM evaluate_t, evaluate_m;

-- Bad input.
\set VERBOSITY terse
SELECT iforest_roc_auc(score, 1) FROM judged;
SELECT iforest_roc_auc('high'::text, is_outlier) FROM judged;
\set VERBOSITY default
DROP TABLE judged, many, evaluate_t, evaluate_m;
