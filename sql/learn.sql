-- iforest_learn: a model with what people said of rows.
\set VERBOSITY default
\set SHOW_CONTEXT never
-- Tables without statistics make the planner expect a lot of work.
SET jit = off;

-- 1000 rows around (50, 50), five at (90, 90), which are outliers, and five
-- at (10, 90), which look as unusual and are not.
CREATE TABLE learn_t AS
SELECT i AS id, 40 + i * 7919 % 1009 / 50.0 AS x, 40 + i * 104729 % 1013 / 50.0 AS y, NULL::bool AS is_outlier
FROM generate_series(1, 1000) i
UNION ALL SELECT 1000 + i, 90 + i / 7.0, 90 - i / 7.0, true FROM generate_series(1, 5) i
UNION ALL SELECT 1005 + i, 10 - i / 7.0, 90 + i / 7.0, false FROM generate_series(1, 5) i;
CREATE TABLE learn_m AS SELECT iforest_train(iforest_options(seed => 1), x, y ORDER BY id) AS model FROM learn_t;

-- Two labels of each kind are enough to tell the two apart.
CREATE VIEW learn_two AS SELECT * FROM learn_t WHERE id IN (1001, 1002, 1006, 1007);
CREATE TABLE learn_l AS SELECT iforest_learn(model, is_outlier, x, y) AS model FROM learn_two, learn_m;
SELECT CASE WHEN id <= 1000 THEN 'usual' WHEN is_outlier THEN 'outlier' ELSE 'false alarm' END AS rows,
       round(avg(iforest_score(m.model, x, y))::numeric, 2) AS before, round(avg(iforest_score(l.model, x, y))::numeric, 2) AS after
FROM learn_t, learn_m m, learn_l l GROUP BY 1 ORDER BY 3;
SELECT iforest_info(model) -> 'labels' AS labels, iforest_is_valid(model) FROM learn_l
UNION ALL SELECT iforest_info(model) -> 'labels', iforest_is_valid(model) FROM learn_m ORDER BY 1;

-- A leaf's length is the weighted mean of its own and of the labels': the
-- reference's formula, worked out from what the model says of its leaves.
WITH leaf AS (
	SELECT tree.number AS tree, node.number AS node, tree.columns -> 'rows' -> (node.number - 1)::int AS rows,
	       (tree.columns -> 'outliers' ->> (node.number - 1)::int)::float8 AS a, (tree.columns -> 'normal' ->> (node.number - 1)::int)::float8 AS b
	FROM learn_l, jsonb_array_elements(iforest_to_json(model) -> 'trees') WITH ORDINALITY AS tree(columns, number),
	     jsonb_array_elements(tree.columns -> 'left') WITH ORDINALITY AS node(child, number) WHERE node.child = '-1'
)
SELECT count(*) > 3000 AS leaves, sum(a) AS outliers, sum(b) AS normal, count(*) FILTER (WHERE a + b > 0) > 50 AS labelled,
       max(abs(new.path_length - CASE WHEN a + b = 0 THEN old.path_length
           ELSE greatest(1, floor(0.5 + 64 * (0.2 * sqrt(old.rows) * old.path_length + b * greatest(old.path_length, 1.2)) / (0.2 * sqrt(old.rows) + 2 * a + b))) / 64 END)) < 1e-12 AS exact
FROM leaf JOIN (SELECT n.* FROM learn_m, iforest_nodes(model) n) old USING (tree, node)
JOIN (SELECT n.* FROM learn_l, iforest_nodes(model) n) new USING (tree, node);

-- Without labels all stays as it is, to the byte.
SELECT iforest_learn(model, NULL, x, y) = model AS null_labels FROM learn_t, learn_m GROUP BY model;
SELECT iforest_learn(model, true, NULL::numeric, NULL) = model AS no_values FROM learn_m GROUP BY model;
SELECT iforest_learn(model, is_outlier, x, y) IS NULL AS no_rows FROM learn_t, learn_m WHERE false;
SELECT iforest_learn(NULL, is_outlier, x, y) IS NULL AS no_model FROM learn_t;
SELECT iforest_learn(CASE WHEN id = 1001 THEN model END, is_outlier, x, y) = (SELECT iforest_learn(model, true, x, y) FROM learn_t, learn_m WHERE id = 1001) AS null_model
FROM learn_two, learn_m;

-- Rows that share no leaf with a label keep their scores to the bit, others
-- move to where the label points; all stay between 0 and 1.
CREATE TABLE learn_one AS SELECT iforest_learn(model, is_outlier, x, y) AS model FROM learn_t, learn_m WHERE id = 1001;
SELECT count(*) FILTER (WHERE after = before) > 500 AS kept, count(*) FILTER (WHERE after > before) > 4 AS raised,
       count(*) FILTER (WHERE after < before) AS lowered
FROM learn_t, learn_m m, learn_one o, iforest_score(m.model, x, y) before, iforest_score(o.model, x, y) after;
SELECT label, min(s) > 0 AS above_0, max(s) < 1 AS below_1
FROM (SELECT label, iforest_learn(model, label, x, y) AS model
      FROM learn_t, learn_m, (VALUES (true), (false)) v(label), generate_series(1, 100) GROUP BY label) l,
     learn_t t, iforest_score(l.model, t.x, t.y) s GROUP BY label ORDER BY 1;

-- Neither the order of labels nor the plan matters, nor how a row is passed.
SELECT count(DISTINCT learned) AS models
FROM (SELECT iforest_learn(model, is_outlier, x, y ORDER BY id DESC) FROM learn_two, learn_m
      UNION ALL SELECT model FROM learn_l
      UNION ALL SELECT iforest_learn(model, is_outlier, ROW(x, y)) FROM learn_two, learn_m
      UNION ALL SELECT iforest_learn(model, is_outlier, r) FROM learn_m, (SELECT x, y, is_outlier FROM learn_two) AS t, LATERAL (SELECT t.y, t.is_outlier AS more, t.x) r
      UNION ALL SELECT iforest_learn(model, is_outlier, ARRAY[x, y]) FROM learn_two, learn_m
      UNION ALL SELECT iforest_learn(model, is_outlier, VARIADIC ARRAY[x, y]) FROM learn_two, learn_m) v(learned);
ALTER TABLE learn_t SET (parallel_workers = 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
DO $$
DECLARE
	line text;
BEGIN
	FOR line IN EXPLAIN (COSTS OFF) SELECT iforest_learn((SELECT model FROM learn_m), is_outlier, x, y) FROM learn_t LOOP
		IF line ~ 'Partial Aggregate' THEN
			RAISE NOTICE 'workers count labels';
		END IF;
	END LOOP;
END $$;
SELECT iforest_learn((SELECT model FROM learn_m), is_outlier, x, y) = parts.learned AS same
FROM learn_t, LATERAL (SELECT iforest_learn(model, is_outlier, x, y ORDER BY id) AS learned FROM learn_m, (SELECT * FROM learn_t OFFSET 0) s) parts
GROUP BY parts.learned;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- Learning again replaces what was learned; without labels it is forgotten.
SELECT iforest_learn(l.model, is_outlier, x, y) = o.model AS replaced FROM learn_t, learn_l l, learn_one o WHERE id = 1001 GROUP BY o.model;
SELECT count(*) AS forgotten FROM learn_t, learn_m m, (SELECT iforest_learn(model, NULL, x, y) AS model FROM learn_t, learn_l) f
WHERE iforest_score(f.model, x, y) = iforest_score(m.model, x, y);
SELECT iforest_info(iforest_learn(model, NULL, x, y)) ? 'labels' AS labels FROM learn_t, learn_l;

-- The threshold is to be renewed: iforest_calibrate does it.
SELECT iforest_is_outlier(model, 90, 90) FROM learn_l;
SELECT iforest_percent_rank(model, 90, 90) FROM learn_l;
SELECT iforest_p_value(model, 90, 90) FROM learn_l;
SELECT iforest_threshold(model, 0.01) FROM learn_l;
CREATE TABLE learn_c AS SELECT iforest_calibrate(l.model, x, y ORDER BY id) AS model FROM learn_t, learn_l l;
SELECT count(*) FILTER (WHERE iforest_is_outlier(model, x, y)) AS flagged, iforest_is_outlier(model, 10, 90) AS false_alarm,
       iforest_is_outlier(model, 90, 90) AS outlier, iforest_info(model) -> 'labels' AS labels
FROM learn_t, learn_c GROUP BY model;

-- Explanations add up to the learned score, and the same comes by SQL, by JSON
-- and by every kernel; kernels that the processor lacks are passed over.
SELECT max(rest) - min(rest) < 1e-9 AS adds_up
FROM (SELECT iforest_score(model, x, y) - (SELECT sum(contribution) FROM iforest_explain(model, x, y)) AS rest
      FROM learn_t, learn_l WHERE id % 50 = 1 OR id > 1000) v;
SELECT iforest_reason(m.model, 10, 90) AS before, iforest_reason(c.model, 10, 90) AS after FROM learn_m m, learn_c c;
SELECT iforest_from_json(iforest_to_json(model)) = model AS same FROM (SELECT model FROM learn_l UNION ALL SELECT model FROM learn_c) v;
CREATE TABLE learn_seen (kernel text, digest text);
DO $$
DECLARE
	k text;
	expression text;
	worst float8;
BEGIN
	FOREACH k IN ARRAY '{auto,walk,portable,avx2,avx512,neon}'::text[] LOOP
		BEGIN
			PERFORM set_config('iforest.kernel', k, true);
		EXCEPTION WHEN OTHERS THEN
			CONTINUE;
		END;
		INSERT INTO learn_seen SELECT k, md5(string_agg(iforest_score(model, x, y)::text, ' ' ORDER BY id)) FROM learn_t, learn_l;
	END LOOP;
	SELECT iforest_to_sql(model, 'x', 'y') INTO expression FROM learn_l;
	EXECUTE 'SELECT max(abs(iforest_score(model, x, y) - ' || expression || ')) FROM learn_t, learn_l' INTO worst;
	RAISE NOTICE 'by SQL the same to 1e-12: %', worst < 1e-12;
END $$;
SELECT count(*) >= 3 AS kernels, count(DISTINCT digest) AS results FROM learn_seen;

-- Merged models keep their labels, each tree its own; iforest_info tells those
-- of the tree with the most. Learning again gives all trees the same.
CREATE TABLE learn_g AS
SELECT iforest_merge(part ORDER BY position) AS model
FROM (SELECT 1, model FROM learn_c UNION ALL SELECT 2, iforest_train(iforest_options(seed => 2, n_trees => 50, sample_size => 64, feature_names => '{x,y}'), x, y ORDER BY id) FROM learn_t) v(position, part);
SELECT iforest_info(g.model) -> 'labels' AS labels, iforest_info(g.model) #> '{options,n_trees}' AS trees, iforest_from_json(iforest_to_json(g.model)) = g.model AS json,
       (SELECT count(*) FILTER (WHERE n.path_length <> o.path_length) FROM learn_g, learn_l l, iforest_nodes(learn_g.model) n, iforest_nodes(l.model) o WHERE (n.tree, n.node) = (o.tree, o.node)) AS changed
FROM learn_g g;
SELECT iforest_info(iforest_learn(model, is_outlier, x, y)) -> 'labels' AS labels FROM learn_t, learn_g GROUP BY model;
-- So do models of other libraries.
SELECT iforest_score(iforest_learn(model, true, 10, 2.5), 10, 2.5) > iforest_score(model, 10, 2.5) AS raised,
       iforest_score(iforest_learn(model, false, 10, 2.5), 10, 2.5) < iforest_score(model, 10, 2.5) AS lowered
FROM iforest_from_json('{"features": ["width", "height"], "sample_size": 4,
	"trees": [{"feature": [1, 0, -2, -2, -2], "cut": [2.5, 10, null, null, null], "left": [1, 2, -1, -1, -1],
	           "right": [4, 3, -1, -1, -1], "rows": [4, 3, 1, 2, 1]}]}') AS model GROUP BY model;

-- A leaf counts more labels than fit in 16 bits.
SELECT iforest_info(l) -> 'labels' AS labels, round(iforest_score(l, 90, 90)::numeric, 4) AS score
FROM (SELECT iforest_learn(model, true, 90, 90) AS l FROM learn_m, generate_series(1, 70000)) v;

-- Bad input.
\set VERBOSITY terse
SELECT iforest_learn(model, 1, x, y) FROM learn_t, learn_m;
\set VERBOSITY default
SELECT iforest_learn(model, is_outlier, x) FROM learn_two, learn_m;
SELECT iforest_learn(model, is_outlier, x, 'high'::text) FROM learn_two, learn_m;
\set VERBOSITY terse
SELECT iforest_learn(model, is_outlier) FROM learn_two, learn_m;
\set VERBOSITY default
SELECT iforest_learn('\x00'::bytea, is_outlier, x, y) FROM learn_two;
SELECT iforest_learn(CASE WHEN id = 1001 THEN m.model ELSE l.model END, is_outlier, x, y) FROM learn_two, learn_m m, learn_l l;
-- Documents whose labels cannot be.
CREATE FUNCTION pg_temp.labelled(key text, labels text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT iforest_info(iforest_from_json(jsonb_set('{"features": ["a"], "sample_size": 4, "trees": [{"feature": [0, -2, -2],
	"cut": [1, null, null], "left": [1, -1, -1], "right": [2, -1, -1], "rows": [4, 3, 1]}]}', ARRAY['trees', '0', key], labels::jsonb))) -> 'labels' $$;
SELECT pg_temp.labelled('outliers', '[null, 4294967295, 0]'), pg_temp.labelled('normal', '[0, 0, 1]'), pg_temp.labelled('normal', '[0, null, 0]');
SELECT pg_temp.labelled('outliers', '[0, 4294967296, 0]');
SELECT pg_temp.labelled('outliers', '[0, -1, 0]');
SELECT pg_temp.labelled('normal', '[0, 0.5, 0]');
SELECT pg_temp.labelled('normal', '[1, 0, 0]');
SELECT pg_temp.labelled('normal', '[0, 0]');
SELECT pg_temp.labelled('normal', '[0, true, 0]');
DROP VIEW learn_two;
DROP TABLE learn_t, learn_m, learn_l, learn_one, learn_c, learn_seen, learn_g;
