-- Names of features: where they come from, and rows matched by them.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TABLE names_t (amount float8, hour int, country text);
INSERT INTO names_t SELECT i * 1.5, i % 24, 'c' || i % 3 FROM generate_series(1, 30) i;
CREATE VIEW names_view AS SELECT amount AS price, hour, country FROM names_t;
CREATE VIEW names_aggregated AS
SELECT country, sum(amount) AS total FROM names_t GROUP BY country;

CREATE FUNCTION pg_temp.names(model bytea) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(f ->> 'name', ', ' ORDER BY i)
	FROM jsonb_array_elements(iforest_info(model) -> 'features')
		 WITH ORDINALITY AS e(f, i)
$$;

-- A plain column has its name, and keeps it in a cast.
SELECT pg_temp.names(iforest_train(amount, hour, country)) FROM names_t;
SELECT pg_temp.names(iforest_train(iforest_options(), t.amount, country)) FROM names_t t;
SELECT pg_temp.names(iforest_train(amount::numeric, hour::text, country::varchar(2),
                                   country::name)) FROM names_t;
-- An expression has none: it is f and its position.
SELECT pg_temp.names(iforest_train(amount + 0, hour, upper(country), abs(hour),
                                   coalesce(country, ''))) FROM names_t;
SELECT pg_temp.names(iforest_train(substring(country FROM 1 FOR 1), trim(country), hour, position('c' IN country)))
FROM names_t;
DO $$
BEGIN
	IF current_setting('server_version_num')::int >= 160000 THEN
		EXECUTE 'SELECT iforest_train(SYSTEM_USER) FROM names_t';
	END IF;
END $$;
CREATE TEMP TABLE names_f AS SELECT hour AS f2, amount FROM names_t;
SELECT pg_temp.names(iforest_train(f2, amount + 1)) FROM names_f;
-- So has a column that comes a second time.
SELECT pg_temp.names(iforest_train(hour, amount, hour, hour::text)) FROM names_t;
SELECT pg_temp.names(iforest_train(a.hour, b.hour, b.amount))
FROM names_t a JOIN names_t b USING (country);

-- Aliases of a table's columns, CTEs, joins, functions.
SELECT pg_temp.names(iforest_train(x, y)) FROM names_t AS t(x, y);
WITH s AS MATERIALIZED (SELECT amount AS x, hour AS y FROM names_t)
SELECT pg_temp.names(iforest_train(x, y)) FROM s;
SELECT pg_temp.names(iforest_train(a.hour, a.amount, country))
FROM names_t a JOIN names_t b USING (country);
SELECT pg_temp.names(iforest_train(i)) FROM generate_series(1, 3) i;
-- Citus calls the rows that it fetches so, and each column by the result's name.
SELECT pg_temp.names(iforest_train(x)) FROM generate_series(1, 3) AS remote_scan(x);
-- A view or subquery may melt into the query, and its names with it.  So no
-- name is taken where there is one, unless its own result is meant.
SELECT pg_temp.names(iforest_train(price, hour)) FROM names_view;
SELECT pg_temp.names(iforest_train(x)) FROM (SELECT amount AS x FROM names_t) s;
SELECT pg_temp.names(iforest_train(x, y))
FROM (SELECT sum(amount) AS x, hour AS y FROM names_t GROUP BY hour) s;
SELECT pg_temp.names(iforest_train(total)) FROM names_aggregated;
SELECT pg_temp.names(iforest_train(hour, amount, total))
FROM names_t JOIN names_aggregated USING (country);
SELECT pg_temp.names(iforest_train(x, y)) FROM (VALUES (1, 2), (3, 4)) v(x, y);
SELECT pg_temp.names(model) FROM (SELECT iforest_train(amount, hour) AS model FROM names_t) s;
-- Not so where a model is stored.
CREATE TEMP TABLE names_stored AS SELECT 1 AS i, iforest_train(amount, hour) AS model FROM names_t;
INSERT INTO names_stored SELECT 2, iforest_train(amount, hour) FROM names_t;
INSERT INTO names_stored SELECT 3, iforest_train(amount, hour) FROM names_t GROUP BY country;
INSERT INTO names_stored VALUES (4, (SELECT iforest_train(amount, hour) FROM names_t));
INSERT INTO names_stored VALUES (5, NULL);
UPDATE names_stored SET model = (SELECT iforest_train(amount, hour) FROM names_t) WHERE i = 5;
DO $$
DECLARE
	m bytea;
BEGIN
	SELECT iforest_train(amount, hour) INTO m FROM names_t;
	INSERT INTO names_stored VALUES (6, m);
	m := (SELECT iforest_train(amount, hour) FROM names_t);
	INSERT INTO names_stored VALUES (7, m);
END $$;
SELECT i, pg_temp.names(model), count(*) FROM names_stored GROUP BY 1, 2 ORDER BY 1, 2;
-- As a row it keeps the names it gives.
SELECT pg_temp.names(iforest_train(v)) FROM names_view v;
SELECT pg_temp.names(iforest_train(s)) FROM (SELECT amount AS x FROM names_t) s;
WITH s AS (SELECT amount AS x, hour AS y FROM names_t)
SELECT pg_temp.names(iforest_train(s)) FROM s;
SELECT pg_temp.names(iforest_train(v)) FROM (VALUES (1, 2), (3, 4)) v(x, y);
SELECT pg_temp.names(iforest_train(j))
FROM (names_t JOIN names_aggregated USING (country)) AS j;
-- .. but aliases of a table's columns do not rename its row's.
SELECT pg_temp.names(iforest_train(t)) FROM names_t AS t(x, y);
-- ROW() and arrays have no names.
SELECT pg_temp.names(iforest_train(ROW(amount, hour))) AS row,
       pg_temp.names(iforest_train(ARRAY[amount, hour])) AS array
FROM names_t;

-- ORDER BY and DISTINCT bring columns of their own, which are no features.
SELECT pg_temp.names(iforest_train(amount, hour ORDER BY country, amount)) AS ordered,
       pg_temp.names(iforest_train(DISTINCT hour, country)) AS distinct_rows
FROM names_t;
SELECT country, pg_temp.names(iforest_train(amount, hour)) FROM names_t
GROUP BY country ORDER BY country;

-- The option wins over all of these.
SELECT pg_temp.names(iforest_train(o, amount, hour)) AS columns,
       pg_temp.names(iforest_train(o, s)) AS row,
       pg_temp.names(iforest_train(o, ARRAY[amount, hour])) AS array,
       pg_temp.names(iforest_train_array(o, ARRAY[amount, hour])) AS train_array
FROM (SELECT amount, hour FROM names_t) s, iforest_options(feature_names => '{p,q}') o;
-- A name may be anything, and long.
SELECT pg_temp.names(iforest_train(iforest_options(feature_names => ARRAY['größe in €', 'a "b" \c']),
                                   amount, hour)),
       length(iforest_info(iforest_train(iforest_options(feature_names => ARRAY[repeat('n', 1000)]),
                                         amount)) #>> '{features,0,name}') AS long
FROM names_t;
-- Two features of one name could not be told apart.
SELECT iforest_train(j) FROM (SELECT amount AS x, hour AS x FROM names_t) j;

-- A row is matched by name: in any order, with other columns beside.
CREATE TABLE names_model AS
SELECT iforest_train(iforest_options(seed => 1), amount, hour, country) AS model FROM names_t;
SELECT count(*) AS rows,
       count(*) FILTER (WHERE by_position = iforest_score(model, t)) AS same_table_row,
       count(*) FILTER (WHERE by_position = iforest_score(model, r)) AS same_reordered
FROM names_model, names_t t,
     LATERAL (SELECT country, 'x'::text AS extra, t.amount, NULL::json AS other, hour) r,
     LATERAL iforest_score(model, t.amount, t.hour, t.country) AS by_position;
-- Columns go by position whatever they are called, and so does ROW().
SELECT count(*) FILTER (WHERE iforest_score(model, t) = iforest_score(model, x, y, z)) AS columns,
       count(*) FILTER (WHERE iforest_score(model, t) = iforest_score(model, ROW(x, y, z))) AS row
FROM names_model, names_t t, LATERAL (VALUES (amount, hour, country)) v(x, y, z);
-- A model trained on columns without names scores rows whose names it has.
SELECT count(*) FILTER (WHERE iforest_score(model, r) = iforest_score(model, amount + 0, hour)) AS same
FROM (SELECT iforest_train(iforest_options(seed => 1), amount + 0, hour) AS model FROM names_t) m,
     (SELECT hour, amount, amount AS f1 FROM names_t) r;
-- Rows of different types may come through one call.
SELECT count(*) FILTER (WHERE iforest_score(model, CASE t.hour % 3 WHEN 0 THEN r WHEN 1 THEN s
                                                   ELSE ROW(t.amount, t.hour, t.country) END)
                              = iforest_score(model, t)) AS same
FROM names_model, names_t t, LATERAL (SELECT t.*) r,
     LATERAL (SELECT t.country, t.hour, 1 AS extra, t.amount) s;

-- A missing, doubled or retyped column is named.
SELECT iforest_score(model, r) FROM names_model, (SELECT amount, hour FROM names_t) r;
SELECT iforest_score(model, r) FROM names_model, (SELECT amount, hour, country AS land FROM names_t) r;
SELECT iforest_score(model, r) FROM names_model, (SELECT amount, hour, country, 7 AS hour FROM names_t) r;
SELECT iforest_score(model, r) FROM names_model, (SELECT amount, hour::text, country FROM names_t) r;
SELECT iforest_score(model, r) FROM names_model, (SELECT amount, hour, point(1, 1) AS country FROM names_t) r;
SELECT iforest_score(model, amount, country, hour) FROM names_model, names_t;
SELECT iforest_score(model, v) FROM names_model, names_view v;
-- A wrong number of columns.
SELECT iforest_score(model, amount, hour) FROM names_model, names_t;
SELECT iforest_score(model, amount, hour, country, 1) FROM names_model, names_t;
SELECT iforest_score(model, ROW(amount, hour)) FROM names_model, names_t;
SELECT iforest_score(model, ARRAY[amount]) FROM names_model, names_t;
SELECT iforest_score(iforest_train(amount), 1, 2) FROM names_t;
-- Columns of a table may be added, moved or dropped as long as the model's stay.
ALTER TABLE names_t ADD note text DEFAULT 'n';
SELECT count(DISTINCT iforest_score(model, t)) > 1 AS works FROM names_model, names_t t;
ALTER TABLE names_t RENAME amount TO value;
SELECT iforest_score(model, t) FROM names_model, names_t t;

DROP VIEW names_view, names_aggregated;
DROP TABLE names_t, names_model;
