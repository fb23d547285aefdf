-- What a model shows of itself: its features, its trees, and a drawing.
\set VERBOSITY default
\set SHOW_CONTEXT never

CREATE TEMP TABLE inspect_t AS
SELECT i AS id, i % 10 AS n, CASE WHEN i % 5 > 0 THEN i / 4.0 END AS x, i % 3 = 0 AS b,
       (ARRAY['north', 'south', 'ea''st'])[1 + i % 3] AS "Site",
       date '2020-01-01' + i AS d, time '06:00' + i * interval '1 minute 1.5 seconds' AS tm,
       timestamp '2020-01-01 12:00' + i * interval '1 hour' AS ts,
       timestamptz '2020-01-01 12:00 UTC' - i * interval '1 hour' AS tz,
       (i - 20) * interval '5 hours' AS iv, (i / 10.0)::float4 AS f4, i * 1000000000000::int8 AS i8
FROM generate_series(1, 40) i;
CREATE TEMP TABLE inspect_models AS
SELECT 'types' AS kind, iforest_train(iforest_options(seed => 1), n, x, b, "Site", d, tm, ts, tz, iv, f4, i8) AS model
FROM inspect_t;
INSERT INTO inspect_models
SELECT 'tiny', iforest_from_json('{"features": [{"name": "Site", "type": "text", "categories": ["", "ea''st", "north"]}, {"name": "b", "type": "bool"},
                                                {"name": "born", "type": "date"}, "x"], "sample_size": 8,
    "trees": [{"left": [1, -1, 3, -1, -1], "right": [2, -1, 4, -1, -1], "feature": [0, -2, 3, -2, -2], "rows": [8, 6, 2, 1, 1],
               "cut": [null, null, 0.1, null, null], "missing_left": [false, null, true, null, null],
               "sets": [{"left": [1, 2]}, null, null, null, null]},
              {"left": [1, 3, -1, 5, -1, -1, -1], "right": [2, 4, -1, 6, -1, -1, -1], "feature": [2, 1, -2, 0, -2, -2, -2], "rows": [8, 7, 1, 4, 3, 3, 1],
               "cut": [7305.5, 0.5, null, null, null, null, null], "sets": [null, null, null, {"right": [2]}, null, null, null]}]}');

-- Features: values look like those of their columns ..
\x on
SELECT * FROM iforest_features((SELECT model FROM inspect_models WHERE kind = 'types'));
\x off
-- .. whatever the settings of the session: the function is immutable.
CREATE TEMP TABLE inspect_features AS
SELECT * FROM iforest_features((SELECT model FROM inspect_models WHERE kind = 'types'));
CREATE TEMP TABLE inspect_tests AS
SELECT tree, node, test FROM iforest_nodes((SELECT model FROM inspect_models WHERE kind = 'types'));
BEGIN;
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL intervalstyle = 'iso_8601';
SET LOCAL timezone = 'Asia/Tokyo';
SET LOCAL extra_float_digits = -10;
SET LOCAL quote_all_identifiers = on;
SELECT count(*) FILTER (WHERE f IS DISTINCT FROM i) AS different
FROM iforest_features((SELECT model FROM inspect_models WHERE kind = 'types')) f FULL JOIN inspect_features i USING (position);
SELECT count(*) FILTER (WHERE n.test IS DISTINCT FROM t.test) AS different
FROM iforest_nodes((SELECT model FROM inspect_models WHERE kind = 'types')) n FULL JOIN inspect_tests t USING (tree, node);
COMMIT;
-- They are the values that SQL has.
SELECT f.minimum::date = min(d) AS min_date, f.maximum::date = max(d) AS max_date
FROM inspect_t, inspect_features f WHERE f.name = 'd' GROUP BY f.minimum, f.maximum;
SELECT f.minimum::time = min(tm) AS min_time, f.maximum::time = max(tm) AS max_time
FROM inspect_t, inspect_features f WHERE f.name = 'tm' GROUP BY f.minimum, f.maximum;
SELECT f.minimum::timestamp = min(ts) AS min_ts, f.maximum::timestamp = max(ts) AS max_ts
FROM inspect_t, inspect_features f WHERE f.name = 'ts' GROUP BY f.minimum, f.maximum;
SELECT f.minimum::timestamptz = min(tz) AS min_tz, f.maximum::timestamptz = max(tz) AS max_tz
FROM inspect_t, inspect_features f WHERE f.name = 'tz' GROUP BY f.minimum, f.maximum;
SELECT f.minimum::interval = min(iv) AS min_iv, f.maximum::interval = max(iv) AS max_iv
FROM inspect_t, inspect_features f WHERE f.name = 'iv' GROUP BY f.minimum, f.maximum;
SELECT f.minimum::float4 = min(f4) AS min_f4, f.q05::float4 BETWEEN min(f4) AND max(f4) AS q05
FROM inspect_t, inspect_features f WHERE f.name = 'f4' GROUP BY f.minimum, f.q05;
-- Extreme values.
SELECT name, minimum, maximum
FROM iforest_features((SELECT iforest_train(d, ts, tz, tm, f, i)
                       FROM (VALUES (date '4713-01-01 BC', timestamp '4714-11-24 00:00 BC', timestamptz '-infinity', time '00:00',
                                     '-Infinity'::float8, (-9223372036854775808)::int8),
                                    ('5874897-12-31', '294276-12-31 23:59', 'infinity', '24:00', '1e300', 9223372036854775807))
                            v(d, ts, tz, tm, f, i)));
SELECT name, minimum, maximum
FROM iforest_features((SELECT iforest_train(d, ts, iv)
                       FROM (VALUES (date '-infinity', timestamp 'infinity', interval '-178000000 years'),
                                    ('infinity', '2020-01-01', '178000000 years 1 microsecond')) v(d, ts, iv)));
-- Without values, without rows of a category, without names.
SELECT position, name, type, kind, missing, minimum, median, maximum, categories, category_rows
FROM iforest_features((SELECT iforest_train(NULL::int, NULL::text, 1.5) FROM generate_series(1, 3)));
-- The most frequent category comes first.
SELECT categories, category_rows
FROM iforest_features((SELECT iforest_train(x) FROM unnest('{b,a,c,c,c,a,NULL}'::text[]) x));

-- Nodes of small trees, as they are.
SELECT tree, node, parent, depth, feature, test, rows, is_leaf, left_node, right_node, missing_left
FROM iforest_nodes((SELECT model FROM inspect_models WHERE kind = 'tiny'));
SELECT tree, node, feature_position, categories, categories_left, cut IS NOT NULL AS has_cut,
       round(path_length::numeric, 6) AS path_length
FROM iforest_nodes((SELECT model FROM inspect_models WHERE kind = 'tiny'));
-- What holds of all nodes of any model.
CREATE TEMP TABLE inspect_nodes AS SELECT m.kind, n.* FROM inspect_models m, iforest_nodes(m.model) n;
ANALYZE inspect_nodes;
SELECT n.kind, count(*) = (iforest_info(model) ->> 'n_nodes')::int AS all_nodes,
       count(*) FILTER (WHERE n.is_leaf) = (iforest_info(model) ->> 'n_leaves')::int AS all_leaves,
       bool_and(n.is_leaf = (l.node IS NULL) AND n.is_leaf = (r.node IS NULL)) AS children,
       bool_and(n.is_leaf OR (l.parent = n.node AND r.parent = n.node AND l.node = n.node + 1 AND r.node > l.node)) AS parents,
       bool_and(n.is_leaf OR (l.depth = n.depth + 1 AND r.depth = n.depth + 1)) AS depths,
       bool_and(n.is_leaf OR n.rows = l.rows + r.rows) AS rows,
       bool_and((n.parent IS NULL) = (n.node = 1) AND (n.depth = 0) = (n.node = 1)) AS roots,
       bool_and(n.is_leaf = (n.path_length IS NOT NULL) AND n.is_leaf = (n.test IS NULL)) AS leaves,
       bool_and(n.is_leaf OR (n.cut IS NULL) <> (n.categories IS NULL)) AS splits
FROM inspect_nodes n JOIN inspect_models m USING (kind) LEFT JOIN inspect_nodes l ON l.kind = n.kind AND l.tree = n.tree AND l.node = n.left_node
     LEFT JOIN inspect_nodes r ON r.kind = n.kind AND r.tree = n.tree AND r.node = n.right_node
GROUP BY n.kind, model ORDER BY n.kind;

-- A score is two to the power of minus the mean path length of the leaves
-- where a row ends: recomputed from the nodes alone, by a recursive query.
-- Values are text, by position; numbers of times count microseconds.
CREATE FUNCTION pg_temp.recomputed(model bytea, row_values text[]) RETURNS float8 LANGUAGE sql AS $$
	WITH RECURSIVE nodes AS MATERIALIZED (
		SELECT * FROM iforest_nodes(model)
	), walk AS (
		SELECT * FROM nodes WHERE parent IS NULL
		UNION ALL
		SELECT next.*
		FROM walk w JOIN nodes next
			ON next.tree = w.tree AND next.node =
				CASE WHEN CASE WHEN row_values[w.feature_position] IS NULL THEN w.missing_left
						WHEN w.categories IS NULL THEN row_values[w.feature_position]::float8 <= w.cut
						ELSE (row_values[w.feature_position] = ANY (w.categories)) = w.categories_left END
					THEN w.left_node ELSE w.right_node END
	)
	SELECT power(2, -avg(path_length)) FROM walk WHERE is_leaf
$$;
CREATE TEMP TABLE inspect_scored AS
SELECT i AS id, CASE WHEN i % 4 > 0 THEN (i * 7 % 40)::float8 - 5 END AS x, CASE WHEN i % 3 > 0 THEN 'c' || i % 5 END AS c,
       i % 2 = 0 AS b
FROM generate_series(1, 60) i;
INSERT INTO inspect_scored VALUES (61, 'Infinity', 'unseen', NULL), (62, '-Infinity', '', true), (63, NULL, 'c1', NULL), (64, 1e300, NULL, NULL);
SELECT kind, count(score) AS rows, count(DISTINCT score) > 10 AS various, max(abs(score - recomputed)) < 1e-12 AS same
FROM (SELECT kind, iforest_score(model, x, c, b) AS score,
             pg_temp.recomputed(model, ARRAY[x::text, c, b::int::text]) AS recomputed
      FROM inspect_scored, (SELECT 'one' AS kind, iforest_train(iforest_options(seed => 1, n_trees => 10), x, c, b) AS model
                            FROM inspect_scored WHERE id <= 60
                            UNION ALL
                            SELECT 'unlimited', iforest_train(iforest_options(seed => 1, n_trees => 10, max_depth => 0), x, c, b)
                            FROM inspect_scored WHERE id <= 60
                            UNION ALL
                            SELECT 'merged', iforest_merge(model)
                            FROM (SELECT iforest_train(iforest_options(seed => size, n_trees => 5, sample_size => size), x, c, b) AS model
                                  FROM inspect_scored, unnest('{1,2,30}'::int[]) size WHERE id <= 60 AND size + id % 20 < 40
                                  GROUP BY size) s
                            OFFSET 0) m) s
GROUP BY kind ORDER BY kind;

-- A drawing of a tree.
\pset tuples_only on
\pset format unaligned
SELECT iforest_tree_dot(model, 2) FROM inspect_models WHERE kind = 'tiny';
-- Names and categories may hold anything.
SELECT iforest_tree_dot(iforest_from_json(jsonb_build_object('sample_size', 2,
	'features', jsonb_build_array(jsonb_build_object('name', E'a "quoted"\nname\\', 'type', 'text', 'categories', jsonb_build_array(E'x"\\"', E'y\nz'))),
	'trees', '[{"left": [1, -1, -1], "right": [2, -1, -1], "feature": [0, -2, -2], "rows": [2, 1, 1], "cut": [null, null, null],
	            "sets": [{"left": [0, 1]}, null, null]}]'::jsonb)), 1);
\pset format aligned
\pset tuples_only off
-- Long lists are cut short.
SELECT test ~ ', and \d+ more\)$' AS cut, length(test) < 200 AS short, cardinality(categories) > 30 AS complete
FROM iforest_nodes((SELECT iforest_train(iforest_options(seed => 1, n_trees => 1), 'category ' || i) FROM generate_series(1, 100) i))
WHERE node = 1;

-- What is no tree, and no model.
SELECT iforest_tree_dot(model, 0) FROM inspect_models WHERE kind = 'tiny';
SELECT iforest_tree_dot(model, 3) FROM inspect_models WHERE kind = 'tiny';
SELECT iforest_tree_dot(model, -2147483648) FROM inspect_models WHERE kind = 'tiny';
SELECT * FROM iforest_nodes('\x00'::bytea);
SELECT * FROM iforest_features(''::bytea);
SELECT iforest_tree_dot('no model'::bytea, 1);
SELECT iforest_tree_dot(NULL, 1) IS NULL AND iforest_tree_dot('\x00'::bytea, NULL) IS NULL AS null;
SELECT count(*) FROM iforest_nodes(NULL);
SELECT count(*) FROM iforest_features(NULL);
