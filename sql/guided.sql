-- Guided splits: the options, what they do to cuts, and what they leave alone.

CREATE TEMP TABLE guided_t AS
SELECT i AS id, (CASE WHEN i <= 10 THEN i ELSE 90 + i END)::float8 AS x, (i * 7 % 20)::float8 AS y,
       chr(97 + i % 3) AS c
FROM generate_series(1, 20) i;

-- The root parts the two crowds in the middle between them, if all cuts are
-- guided; without, it may be anywhere.
SELECT guided, bool_and(n.cut = 55.5) AS all_between, count(DISTINCT n.cut) > 10 AS many
FROM unnest('{0,1}'::float8[]) guided,
     LATERAL (SELECT iforest_train(iforest_options(seed => 1, n_trees => 20, guided => guided), x) AS model FROM guided_t) m,
     LATERAL (SELECT cut FROM iforest_nodes(model) WHERE depth = 0) n
GROUP BY guided ORDER BY guided;

-- A chance in between guides some.
SELECT count(*) FILTER (WHERE n.cut = 55.5) BETWEEN 60 AND 140 AS about_half, count(*) AS trees
FROM (SELECT iforest_train(iforest_options(seed => 1, n_trees => 200, guided => 0.5), x) AS model FROM guided_t) m,
     LATERAL (SELECT cut FROM iforest_nodes(model) WHERE depth = 0) n;

-- A model remembers it; the preset is for what is not given; none is plain.
CREATE TEMP TABLE guided_m AS
SELECT o.name, iforest_train(o.options, x, y, c) AS model, iforest_info(iforest_train(o.options, x, y, c))->'options'->>'guided' AS guided
FROM guided_t, (VALUES ('plain', iforest_options(seed => 1)), ('zero', iforest_options(seed => 1, guided => 0)),
	('half', iforest_options(seed => 1, guided => 0.5)), ('preset', iforest_options(seed => 1, preset => 'guided')),
	('single', iforest_options(seed => 1, preset => 'guided', columns_per_split => 1)),
	('two', iforest_options(seed => 1, guided => 0.5, columns_per_split => 2)),
	('both', iforest_options(seed => 1, preset => 'guided', guided => 0, columns_per_split => 1)), ('all', iforest_options(seed => 1, guided => 1))) o(name, options)
GROUP BY o.name, o.options;
SELECT a.name, a.guided, string_agg(b.name, ', ' ORDER BY b.name) AS same_bytes
FROM guided_m a JOIN guided_m b USING (model) GROUP BY a.name, a.guided ORDER BY a.name;

-- Splits of categories stay random: a table of nothing else is unmoved.
SELECT iforest_score(plain, 'a') = iforest_score(guided, 'a') AS same_score,
       iforest_to_json(plain)->'trees' = iforest_to_json(guided)->'trees' AS same_trees
FROM (SELECT iforest_train(iforest_options(seed => 1), c) AS plain, iforest_train(iforest_options(seed => 1, guided => 1), c) AS guided
      FROM guided_t) s;

-- NULLs, infinities, constants and ties; all rows the same.
SELECT v, iforest_score(model, v) BETWEEN 0.3 AND 0.9 AS scored
FROM (SELECT iforest_train(iforest_options(seed => 1, guided => 1), v) AS model
      FROM unnest('{1,1,2,3,NULL,NULL,Infinity,-Infinity,NaN}'::float8[]) v) m,
     unnest('{1,2,100,NULL,Infinity,-Infinity}'::float8[]) v;
SELECT iforest_score(iforest_train(iforest_options(guided => 1), v), 5) AS constant FROM unnest('{5,5,5,5}'::float8[]) v;

-- Everything that reads a model reads these: documents both ways, SQL, merging.
SELECT name, iforest_from_json(iforest_to_json(model)) = model AS same FROM guided_m ORDER BY name;
DO $$
DECLARE
	differ float8;
BEGIN
	EXECUTE format('SELECT max(abs(%s - iforest_score(model, x, y, c))) FROM guided_t, guided_m WHERE name = %L',
	               (SELECT iforest_to_sql(model, 'x', 'y', 'c') FROM guided_m WHERE name = 'all'), 'all') INTO differ;
	RAISE NOTICE 'scores of the SQL differ by less than 1e-12: %', differ < 1e-12;
END $$;
SELECT name, max(rest) - min(rest) < 1e-9 AS contributions_add_up
FROM (SELECT name, id, iforest_score(model, x, y, c) - (SELECT sum(contribution) FROM iforest_explain(model, x, y, c)) AS rest
      FROM guided_m, guided_t) s
GROUP BY name ORDER BY name;
INSERT INTO guided_m SELECT 'other', iforest_train(iforest_options(seed => 2, feature_names => '{f1,f2,f3}'), x, y, c) FROM guided_t;
SELECT iforest_info(iforest_merge(model ORDER BY name))->'options'->>'guided' AS of_the_first
FROM guided_m WHERE name = 'all' OR name = 'other';

-- One seed, one model: also of a sketch, and of parallel workers.
SELECT iforest_train(iforest_options(seed => 1, guided => 0.5), s) = (SELECT model FROM guided_m WHERE name = 'half') AS same
FROM (SELECT iforest_sketch(iforest_options(seed => 1), x, y, c) AS s FROM guided_t) k;

-- What is not an option.
SELECT iforest_options(guided => 1.5);
SELECT iforest_options(guided => 'NaN');
SELECT iforest_options(preset => 'fast');
SELECT iforest_train('{"guided": "yes"}'::jsonb, x) FROM guided_t;
SELECT iforest_from_json(jsonb_set(iforest_to_json(model), '{guided}', '2')) FROM guided_m WHERE name = 'plain';
-- The name that it has elsewhere.
SELECT iforest_train('{"prob_pick_pooled_gain": 0.5}'::jsonb, x) FROM guided_t;
