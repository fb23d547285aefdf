-- What the planner expects of calls with a model: rows that a condition
-- passes, rows of a set, and costs.

CREATE TABLE t AS
SELECT id, sin(id) AS a, cos(id * id) AS b, (id % 17)::float8 AS c
FROM generate_series(1, 2000) id;
ANALYZE t;
CREATE TABLE models (model bytea);
INSERT INTO models
SELECT iforest_train(iforest_options(contamination => 0.03, seed => 1), a, b, c)
FROM t;
SELECT iforest_fit('planned', 'SELECT a, b, c FROM t',
	iforest_options(contamination => 0.2, seed => 1));
CREATE FUNCTION plan(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	explained jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO explained;
	RETURN explained #> '{0,Plan}';
END $$;
CREATE FUNCTION expected(query text) RETURNS float8 LANGUAGE sql AS
	$$ SELECT (plan(query) ->> 'Plan Rows')::float8 $$;
CREATE FUNCTION cost(query text) RETURNS float8 LANGUAGE sql AS
	$$ SELECT (plan(query) ->> 'Total Cost')::float8 $$;
SELECT model FROM models \gset

-- Rows that are outliers: the share that the model was trained to flag, where
-- the model is known; else the default of contamination.
CREATE VIEW conditions AS
SELECT * FROM (VALUES
	('by name', $$iforest_is_outlier('planned', a, b, c)$$),
	('iforest_model', $$iforest_is_outlier(iforest_model('planned'), a, b, c)$$),
	('constant', format('iforest_is_outlier(%L::bytea, a, b, c)', :'model')),
	('subquery', 'iforest_is_outlier((SELECT model FROM models), a, b, c)'))
	AS v (form, condition);
CREATE FUNCTION found(condition text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE 'SELECT count(*) FROM t WHERE ' || condition INTO n;
	RETURN n;
END $$;
SELECT form, e AS expected, e / n BETWEEN 0.5 AND 2 AS right
FROM conditions, found(condition) n,
	expected('SELECT FROM t WHERE ' || condition) e
WHERE form <> 'subquery';
SELECT form, expected('SELECT FROM t WHERE NOT ' || condition) AS others
FROM conditions;

-- A parameter is known while a plan is made for its value.
PREPARE flagged (text) AS SELECT FROM t WHERE iforest_is_outlier($1, a, b, c);
SELECT expected('EXECUTE flagged(''planned'')');

-- What is no model is said when it is used, not before.
SELECT condition, expected('SELECT FROM t WHERE ' || condition)
FROM (VALUES
	($$iforest_is_outlier('nobody', a, b, c)$$),
	($$iforest_is_outlier(repeat('n', 1000), a, b, c)$$),
	($$iforest_is_outlier(NULL::text, a, b, c)$$),
	($$iforest_is_outlier('\x00'::bytea, a, b, c)$$),
	($$iforest_is_outlier(NULL::bytea, a, b, c)$$)) v (condition);
SELECT count(*) FROM t WHERE iforest_is_outlier('nobody', a, b, c);
-- So is what is a damaged model.
SELECT set_byte(model, 600, get_byte(model, 600) # 1) AS damaged FROM models \gset
SELECT expected(format('SELECT FROM t WHERE iforest_is_outlier(%L::bytea, a, b, c)', :'damaged')) AS expected,
	found(format('CASE WHEN a > 1 THEN iforest_is_outlier(%L::bytea, a, b, c) END', :'damaged')) AS found;
SELECT count(*) FROM t WHERE iforest_is_outlier(:'damaged'::bytea, a, b, c);

-- Who may not read a model learns nothing of it.
CREATE ROLE regress_iforest_planner;

GRANT SELECT ON t TO regress_iforest_planner;
SET ROLE regress_iforest_planner;
SELECT expected($$SELECT FROM t WHERE iforest_is_outlier('planned', a, b, c)$$);
RESET ROLE;
REVOKE SELECT ON t FROM regress_iforest_planner;
DROP ROLE regress_iforest_planner;

-- A set of a row a feature.
SELECT expected(format('SELECT FROM iforest_explain(%L::bytea, 1, 2, 3)',
	:'model'));

-- Costs grow with a model that the query spells out.
CREATE FUNCTION cost_of(n_trees int, max_depth int, columns int DEFAULT 1) RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
BEGIN
	SELECT iforest_train(iforest_options(n_trees => cost_of.n_trees,
		max_depth => cost_of.max_depth, seed => 1,
		columns_per_split => cost_of.columns), a, b, c)
	INTO model FROM t;
	RETURN cost(format('SELECT iforest_score(%L::bytea, a, b, c) FROM t', model))
		- cost('SELECT a FROM t');
END $$;
SELECT cost_of(200, 8) / cost_of(20, 8) BETWEEN 5 AND 10 AS by_trees,
	cost_of(20, 8) > cost_of(20, 4) AS by_depth,
	cost_of(100, 8, 2) / cost_of(100, 8) BETWEEN 1.5 AND 2 AS by_projections;

-- Flagged rows and their reasons, from a table larger than this: too cheap for
-- the JIT compiler to start at its default.
SELECT form, 15 * cost(format('SELECT iforest_reason(%s FROM t WHERE %s',
		substr(condition, length('iforest_is_outlier(') + 1), condition))
	< current_setting('jit_above_cost')::float8 AS cheap
FROM conditions WHERE form IN ('constant', 'subquery');

-- A table of models that was never analyzed is taken for a thousand models:
-- a join with it is not a thousand times as dear.
CREATE TABLE unknown_models (model bytea);
INSERT INTO unknown_models SELECT model FROM models;
SELECT cost('SELECT iforest_score(model, a, b, c) FROM t, unknown_models')
	< 2 * cost('SELECT a + b > c FROM t, unknown_models') AS cheap;

SELECT iforest_drop('planned');
DROP VIEW conditions;
DROP TABLE t, models, unknown_models;
DROP FUNCTION plan, expected, cost, found, cost_of;

-- Samples of workers are sent and united, which costs more than to read this
-- table, if its rows do not cost as much as a hundred times as many.
CREATE TABLE trained AS SELECT i::float8 AS a FROM generate_series(1, 20000) i;
ALTER TABLE trained SET (parallel_workers = 2);
ANALYZE trained;
SET parallel_setup_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT iforest_train(a) FROM trained;
SET cpu_tuple_cost = 1.5;
SET parallel_tuple_cost = 2;
EXPLAIN (COSTS OFF) SELECT iforest_train(a) FROM trained;
RESET cpu_tuple_cost;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
DROP TABLE trained;
