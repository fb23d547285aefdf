-- iforest at work, in plain words: "make demo" runs this file on a private
-- server. It can also be run by hand in any database that has the extension:
--
--   psql -X -q -f test/cmd/demo.sql
--
-- Everything happens in one transaction that is rolled back at the end. What
-- stays is a picture, iforest_demo.svg or -v picture=FILE.

\set ON_ERROR_STOP on
\if :{?picture}
\else
  \set picture iforest_demo.svg
\endif
\pset pager off
\pset footer off
\pset null -

BEGIN;
CREATE SCHEMA iforest_demo;
SELECT set_config('search_path', 'iforest_demo,' || current_setting('search_path'), true) \g /dev/null
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT setseed(0.25) \g /dev/null

\echo
\echo '1. A known answer: two clusters of points'
\echo '========================================='
\echo
\echo 'A forest is trained on 2000 points: half of them around (0, 0), half around (3, 3), both with'
\echo 'a standard deviation of 0.2. Then it ranks every place of the square around them among these'
\echo 'points. The percent rank is the share of the training points that are less unusual:'
\echo

-- Box and Muller's way to normally distributed numbers.
CREATE TABLE points AS
SELECT CASE WHEN i <= 2000 THEN 'training' ELSE 'new, from the clusters' END AS kind,
       3 * (i % 2) + 0.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS x,
       3 * (i % 2) + 0.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS y
FROM generate_series(1, 2400) AS i;

INSERT INTO points
SELECT 'new, scattered', 6 * random() - 1, 6 * random() - 1
FROM generate_series(1, 50);

CREATE TABLE forest AS
SELECT iforest_train(iforest_options(seed => 1), x, y) AS model
FROM points
WHERE kind = 'training';

\pset format unaligned
\pset tuples_only on
WITH place AS (
    SELECT i, j, -1 + 6 * i / 78.0::float8 AS x, 5 - j / 4.0::float8 AS y
    FROM generate_series(0, 78) AS i, generate_series(0, 24) AS j
), scored AS (
    SELECT i, j, iforest_percent_rank((SELECT model FROM forest), x, y) AS rank
    FROM place
)
SELECT CASE WHEN j % 4 = 0 THEN to_char(5 - j / 4, '99') ELSE '   ' END || ' |' ||
       string_agg(CASE WHEN rank < 0.5 THEN '#' WHEN rank < 0.95 THEN '+'
                       WHEN rank < 1 THEN '.' ELSE ' ' END, '' ORDER BY i) || '|'
FROM scored
GROUP BY j
ORDER BY j;
\echo '     -1           0            1            2            3            4            5'
\echo
\echo '    # below 50 %    + 50 to 95 %    . above 95 %    blank: more unusual than all of them'
\echo
\echo 'The clusters are where they should be. The pale bands beside them are a mark of the method: it'
\echo 'cuts along one column at a time.'
\echo
\pset format aligned
\pset tuples_only off
\echo 'Now for points that it never saw: 400 more from the two clusters, and 50 scattered over the'
\echo 'square. iforest_is_outlier calls a point unusual if it scores above the threshold that comes with the'
\echo 'model: the score that 5 % of the training points exceed.'
\echo

WITH called AS (
    SELECT kind, iforest_is_outlier((SELECT model FROM forest), x, y) AS unusual
    FROM points
    WHERE kind <> 'training'
)
SELECT kind AS "points",
       count(*) AS "number",
       count(*) FILTER (WHERE NOT unusual) AS "called regular",
       count(*) FILTER (WHERE unusual) AS "called unusual",
       round(100.0 * count(*) FILTER (WHERE unusual = (kind = 'new, scattered')) / count(*), 1)
           || ' %' AS "right"
FROM called
GROUP BY kind
ORDER BY kind;

\echo 'A threshold at 5 % calls about 5 % of the regular points unusual. A scattered point that falls into a'
\echo 'cluster cannot be told from a regular one. (Means over 20 seeds: 95.3 % and 95.5 %.)'
\echo
\echo
\echo '2. Real rows: the functions of this server'
\echo '=========================================='
\echo
SELECT count(*) AS functions FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace \gset
\echo 'The catalog pg_proc describes the' :functions 'functions of this server. Which of them are odd?'
\echo 'The forest looks at five numbers (one of them mostly NULL), four categories and five booleans'
\echo 'at once; nobody says what to look for. The ten most unusual functions:'
\echo

CREATE VIEW functions AS
SELECT p.proname AS function,
       p.oid,
       p.pronargs AS arguments,
       p.pronargdefaults AS defaults,
       p.procost AS cost,
       nullif(p.prorows, 0) AS rows,
       length(p.prosrc) AS source_length,
       l.lanname AS language,
       p.prokind AS kind,
       p.provolatile AS volatility,
       p.proparallel AS parallel,
       p.proisstrict AS strict,
       p.proretset AS returns_set,
       p.prosecdef AS security_definer,
       p.proleakproof AS leakproof,
       p.provariadic <> 0 AS is_variadic
FROM pg_proc AS p
JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace = 'pg_catalog'::regnamespace;

CREATE TABLE function_forest AS
SELECT iforest_train(iforest_options(seed => 1), f) AS model
FROM (SELECT arguments, defaults, cost, rows, source_length, language, kind, volatility, parallel,
             strict, returns_set, security_definer, leakproof, is_variadic
      FROM functions
      ORDER BY oid) AS f;

CREATE VIEW scored_functions AS
SELECT round(iforest_score((SELECT model FROM function_forest), f)::numeric, 3) AS score,
       function, cost, rows, language,
       CASE volatility WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
       CASE parallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel
FROM functions AS f;

SELECT * FROM scored_functions ORDER BY score DESC, function LIMIT 10;

\echo 'And the three most ordinary ones:'
\echo
SELECT * FROM scored_functions ORDER BY score, function LIMIT 3;

SELECT count(*) > 0 AS has_statements FROM pg_extension WHERE extname = 'pg_stat_statements' \gset
\if :has_statements
\echo
\echo 'The same of the statements that have run here so far, as pg_stat_statements counts them: time,'
\echo 'rows, blocks and log of a call, in logarithms. The three most unusual, and why:'
\echo
CREATE VIEW statements AS
SELECT left(regexp_replace(query, '\s+', ' ', 'g'), 60) AS query,
       ln(total_exec_time / calls + 0.001) AS milliseconds,
       ln(rows::float8 / calls + 1) AS rows,
       ln((shared_blks_hit + shared_blks_read)::float8 / calls + 1) AS blocks,
       ln(wal_bytes::float8 / calls + 1) AS log
FROM pg_stat_statements;
SELECT iforest_fit('statements', 'SELECT milliseconds, rows, blocks, log FROM statements', '{"seed": 1}') AS ignored \gset
SELECT query, iforest_reason('statements', s) AS reason
FROM statements AS s ORDER BY iforest_score('statements', s) DESC NULLS LAST LIMIT 3;
\endif

\echo
\echo '3. The SQL to copy'
\echo '=================='
\echo
\echo 'Given a table payments (id, amount, hour, country), this trains a forest, keeps it in a table'
\echo 'and scores rows with it. The statements are run as they are shown:'
\echo

CREATE TABLE payments AS
SELECT id,
       round((10 + 20 * (random() + random() + random() + random()))::numeric, 2) AS amount,
       (5 + 4 * (random() + random() + random() + random()))::int AS hour,
       (ARRAY['AT', 'AT', 'DE', 'DE', 'FR'])[ceil(5 * random())] AS country
FROM generate_series(1, 5000) AS id;

INSERT INTO payments VALUES
    (5001, 480.00,  3, 'DE'),
    (5002,   2.50, 23, 'FR'),
    (5003, 395.00,  2, NULL);

\set ECHO queries
CREATE TABLE models (name text PRIMARY KEY, model bytea);
ALTER TABLE models ALTER COLUMN model SET STORAGE EXTERNAL;
\echo
INSERT INTO models
SELECT 'payments', iforest_train(iforest_options(seed => 1), amount, hour, country)
FROM payments;
\echo
CREATE VIEW scored_payments AS
SELECT *, iforest_score((SELECT model FROM models WHERE name = 'payments'),
                        amount, hour, country) AS score
FROM payments;
\echo
SELECT id, amount, hour, country, round(score::numeric, 3) AS score
FROM scored_payments
ORDER BY score DESC
LIMIT 5;
\set ECHO none
\echo 'Rows 5001 to 5003 are the odd ones among 5003; nobody said what to look for. README.md goes on'
\echo 'from here.'
\echo
\echo
\echo '4. Models by name'
\echo '================='
\echo
\echo 'A model that is to last gets a name. The extension keeps it, with the query that it was trained'
\echo 'on, and every function takes the name in place of the model:'
\echo
\set ECHO queries
SELECT iforest_fit('payments', 'SELECT amount, hour, country FROM payments',
                   iforest_options(seed => 1)) AS version;
CREATE VIEW unusual_payments AS
SELECT id, amount, hour, country, iforest_score('payments', p) AS score,
       iforest_reason('payments', p) AS reason
FROM payments AS p
WHERE iforest_is_outlier('payments', p);
\echo
SELECT id, round(score::numeric, 3) AS score, reason
FROM unusual_payments
ORDER BY score DESC
LIMIT 3;
\set ECHO none
\echo 'Some thousand payments later it is trained anew, by a scheduler for instance. Here only if there'
\echo 'are 1000 new rows; and the new version becomes active only if its scores rank the rows much as'
\echo 'those of the old one do:'
\echo
INSERT INTO payments
SELECT id,
       round((12 + 22 * (random() + random() + random() + random()))::numeric, 2),
       (5 + 4 * (random() + random() + random() + random()))::int,
       (ARRAY['AT', 'AT', 'DE', 'DE', 'FR'])[ceil(5 * random())]
FROM generate_series(5004, 8000) AS id;
\set ECHO queries
SELECT * FROM iforest_refit('payments', only_if => '{"new_rows": 1000}');
SELECT * FROM iforest_refit('payments', only_if => '{"new_rows": 1000}');
\echo
SELECT version, active, rows FROM iforest_models WHERE name = 'payments' ORDER BY version;
\set ECHO none
\echo 'The view shows the scores of whatever version is active; and there is a way back:'
\echo
\set ECHO queries
SELECT round(score::numeric, 3) AS new_score FROM unusual_payments WHERE id = 5001;
SELECT iforest_rollback('payments') AS version;
SELECT round(score::numeric, 3) AS old_score FROM unusual_payments WHERE id = 5001;
\set ECHO none

\echo
\echo '5. Novel outliers, and a picture'
\echo '================================'
\echo
\echo 'Back to the points of the first part. To train something else on outliers takes more of them'
\echo 'than there are. iforest_augment makes new rows around a given one: here five around each'
\echo 'scattered point that was called unusual: inside the boxes of the forest; by normally distributed'
\echo 'noise, of a size that takes them about as far; and by an autoencoder, a small network that the'
\echo 'model learns besides its trees. It moves a point as the training points differ, within the'
\echo 'clusters little, and far where there are none:'
\echo

\set ECHO queries
CREATE TABLE forest_and_vae AS
SELECT iforest_train(iforest_options(seed => 1, generator => 'vae'), x, y) AS model
FROM points
WHERE kind = 'training';
\echo
CREATE TABLE flagged AS
SELECT row_number() OVER (ORDER BY x, y) AS seed, p.*
FROM points AS p, forest
WHERE kind = 'new, scattered' AND iforest_is_outlier(model, p);
\echo
CREATE TABLE novel AS
SELECT method, p.x AS from_x, p.y AS from_y, (a.novel).x, (a.novel).y
FROM flagged AS p, forest_and_vae, (VALUES ('forest', 0.1), ('vae', 0.15), ('noise', 0.25)) AS m (method, noise),
     iforest_augment(model, 5, p, noise => noise, method => method, seed => seed) AS a;
\set ECHO none
SELECT method,
       count(*) AS "novel points",
       round(avg(sqrt((x - from_x) ^ 2 + (y - from_y) ^ 2))::numeric, 2) AS "mean distance",
       count(*) FILTER (WHERE iforest_is_outlier(model, x, y)) AS "still outliers"
FROM novel, forest
GROUP BY method
ORDER BY method;
\echo 'Drawn inside the boxes, or by the autoencoder, novel outliers are outliers, all of them: a point that'
\echo 'gets below the threshold is brought back towards the one it came from. Noise does not know where the'
\echo 'clusters are.'
\echo
-- Rows of further kinds join "points" here; their names go to the end of "classes".
INSERT INTO points
SELECT CASE method WHEN 'forest' THEN 'novel, by the forest' ELSE 'novel, by the autoencoder' END, x, y
FROM novel WHERE method <> 'noise';
\echo 'All of the points, over the scores of all places between them. The line is the threshold:'
\echo
\pset format unaligned
\pset tuples_only on
\set ECHO queries
SELECT iforest_plot_classes(
           model, iforest_plot_options(title => 'Two clusters of points, and what is unusual beside them',
                                       classes => '{training,"new, from the clusters","new, scattered",
                                                    "novel, by the forest","novel, by the autoencoder"}'),
           kind, x, y)
FROM points, forest \g :picture
\set ECHO none
\pset format aligned
\pset tuples_only off
\echo
\echo 'It is in the file' :picture
\echo

ROLLBACK;
