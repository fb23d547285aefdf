-- Columns in another order than the model's, where the query tells their names.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE TABLE order_t AS SELECT i, i * 7 % 101 AS amount, i % 13 AS items, 'c' || i % 3 AS country FROM generate_series(1, 200) AS i;
CREATE TABLE order_m AS SELECT iforest_train(iforest_options(seed => 1), amount, items) AS model, iforest_train(iforest_options(seed => 1), amount, items, country) AS three FROM order_t;
SELECT iforest_fit('orders', 'SELECT amount, items FROM order_t', iforest_options(seed => 1));

SELECT count(iforest_score(model, amount, items)) FROM order_t, order_m;
SELECT iforest_score(model, items, amount) FROM order_t, order_m;
SELECT iforest_score('orders', o.items, o.amount) FROM order_t AS o;
SELECT i FROM order_t WHERE iforest_is_outlier((SELECT model FROM order_m), items, amount);
SELECT iforest_score(three, items::numeric, amount::numeric, country) FROM order_t, order_m;
SELECT iforest_drift(model, items, amount) FROM order_t, order_m;
-- One that is no feature by name does not hide another.
SELECT iforest_score(model, items, i) FROM order_t, order_m;
-- Types that do not fit come first.
SELECT iforest_score(three, country, items, amount) FROM order_t, order_m;

-- A name says nothing where it is an expression's, a second one, one that a subquery, a view or an alias has made, or no feature's.
SELECT count(iforest_score(model, items + 0, amount + 0)) AS expressions FROM order_t, order_m;
SELECT count(iforest_score(model, i, items)) AS others FROM order_t, order_m;
SELECT count(iforest_score(model, amount, amount)) AS twice FROM order_t, order_m;
SELECT count(iforest_score(model, a.amount, b.amount)) AS two_tables FROM order_t AS a JOIN order_t AS b USING (i), order_m;
SELECT count(iforest_score(model, items, amount)) AS renamed FROM (SELECT amount AS items, items AS amount FROM order_t) AS s, order_m;
SELECT count(iforest_score(model, amount, items)) AS aliases FROM order_t AS s (i, items, amount), order_m;
CREATE VIEW order_v AS SELECT amount AS items, items AS amount FROM order_t;
SELECT count(iforest_score(model, items, amount)) AS view FROM order_v, order_m;
SELECT count(iforest_score(model, o)) AS row FROM (SELECT items, amount FROM order_t) AS o, order_m;
SELECT count(iforest_score(iforest_train, items, amount)) AS unnamed FROM (SELECT iforest_train(i + 0, i * 2) FROM order_t) AS m, order_t;

-- Checks of a table have a range table of their own, whatever the query that changes its rows calls its columns.
CREATE TABLE order_c (items int, amount int, CHECK (iforest_score('orders', amount, items) < 2));
INSERT INTO order_c SELECT o.items, o.amount FROM (SELECT amount AS items, items AS amount FROM order_t) AS o;
UPDATE order_c SET items = o.items FROM order_t AS o (i, items, amount) WHERE o.i = order_c.amount;
WITH new AS (INSERT INTO order_c SELECT items, amount FROM order_t RETURNING *) SELECT count(iforest_score('orders', amount, items)) FROM new;

SELECT iforest_drop('orders');
DROP VIEW order_v;
DROP TABLE order_t, order_m, order_c;
