-- Every function of a model takes a model's name in its place.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE TABLE p AS
SELECT i AS id, (i * i % 101)::float8 AS amount, i % 24 AS hour, (ARRAY['AT', 'DE', 'FR'])[1 + i % 3] AS country
FROM generate_series(1, 2000) i;
SELECT iforest_fit('fraud', 'SELECT amount, hour, country FROM p', iforest_options(seed => 1, n_trees => 10));
CREATE VIEW active AS SELECT name, iforest_model(name) AS model FROM iforest_models WHERE active;

-- The same results, whatever the form of the row; an untyped literal is a name.
SELECT bool_and(iforest_score('fraud', amount, hour, country) = iforest_score(model, amount, hour, country)) AS columns,
       bool_and(iforest_score('fraud', p) = iforest_score(model, p)) AS row,
       bool_and(iforest_is_outlier('fraud', p) = iforest_is_outlier(model, p)) AS is_outlier,
       bool_and(iforest_percent_rank('fraud', p) = iforest_percent_rank(model, p)) AS percent_rank,
       bool_and(iforest_p_value('fraud', p) = iforest_p_value(model, p)) AS p_value,
       bool_and(iforest_threshold('fraud', 0.1) = iforest_threshold(model, 0.1)) AS threshold,
       bool_and(iforest_reason('fraud', p) = iforest_reason(model, p)) AS reason
FROM p, active WHERE id <= 100;
SELECT count(*) AS differences FROM (
	(SELECT id, e.* FROM p, iforest_explain('fraud', p) e WHERE id <= 100)
	EXCEPT ALL (SELECT id, e.* FROM p, active, iforest_explain(model, p) e WHERE id <= 100)) d;
SELECT iforest_info('fraud') = iforest_info(model) AS info,
       (SELECT array_agg(f) FROM iforest_features('fraud') f) = (SELECT array_agg(f) FROM iforest_features(model) f) AS features,
       (SELECT array_agg(n) FROM iforest_nodes('fraud') n) = (SELECT array_agg(n) FROM iforest_nodes(model) n) AS nodes,
       iforest_tree_dot('fraud', 2) = iforest_tree_dot(model, 2) AS dot,
       iforest_to_json('fraud') = iforest_to_json(model) AS json,
       iforest_to_sql('fraud', 'a', 'b', 'c') = iforest_to_sql(model, 'a', 'b', 'c') AS sql,
       iforest_to_sql('fraud') = iforest_to_sql(model) AS sql_by_name
FROM active;
SELECT (SELECT iforest_calibrate('fraud', p) FROM p WHERE id <= 50) =
       (SELECT iforest_calibrate(model, p) FROM p WHERE id <= 50) AS calibrate FROM active;
-- New rows.
SELECT (SELECT array_agg(r) FROM iforest_sample('fraud', 5, NULL::p, 1) r) = (SELECT array_agg(r) FROM iforest_sample(model, 5, NULL::p, 1) r) AS sample,
       (SELECT array_agg(r) FROM p, iforest_augment('fraud', 3, p, seed => 1) r WHERE p.id <= 5) =
       (SELECT array_agg(r) FROM p, iforest_augment(model, 3, p, seed => 1) r WHERE p.id <= 5) AS augment,
       (SELECT array_agg(iforest_impute('fraud', row(a, b, NULL::text))) FROM (VALUES (1.0, 2), (50.0, NULL)) v(a, b)) =
       (SELECT array_agg(iforest_impute(model, row(a, b, NULL::text))) FROM (VALUES (1.0, 2), (50.0, NULL)) v(a, b)) AS impute,
       (SELECT array_agg(g) FROM iforest_grid('fraud', 'amount', 'hour', 4) g) = (SELECT array_agg(g) FROM iforest_grid(model, 'amount', 'hour', 4) g) AS grid,
       (SELECT array_agg(g) FROM iforest_grid(name => 'fraud', x => 'country', y => 'hour', base => (SELECT p FROM p WHERE p.id = 3)) g) =
       (SELECT array_agg(g) FROM iforest_grid(model, 'country', 'hour', base => (SELECT p FROM p WHERE p.id = 3)) g) AS grid_of_base
FROM active;
CREATE TABLE made AS SELECT * FROM p LIMIT 0;
INSERT INTO made SELECT * FROM iforest_sample('fraud', 3, NULL::p, 1);
INSERT INTO made SELECT (iforest_sample('fraud', 3, NULL::p, 1)).*;
SELECT count(*), count(DISTINCT (amount, hour, country)) FROM made;
DROP TABLE made;
-- Pictures, in every form. The first feature may be text.
SELECT iforest_fit('by country', 'SELECT country, hour, amount FROM p', iforest_options(seed => 1, n_trees => 10));
PREPARE drawn(jsonb) AS
SELECT iforest_plot('by country', country, hour, amount) = iforest_plot(model, country, hour, amount) AS plot,
       iforest_plot('by country', country::varchar, hour, amount) = iforest_plot(model, p) AS row,
       iforest_plot($1, 'by country', country, hour, amount) = iforest_plot($1, model, country, hour, amount) AS options,
       iforest_plot($1, 'by country', p) = iforest_plot($1, model, p) AS options_row,
       iforest_plot_classes(country, 'by country', country, hour, amount) = iforest_plot_classes(country, model, p) AS classes,
       iforest_plot_classes('all', 'by country', country, hour, amount) = iforest_plot_classes('all', model, p) AS one_class,
       iforest_plot_classes($1, country, 'by country', country, hour, amount) = iforest_plot_classes($1, country, model, p) AS classes_options,
       iforest_plot_classes($1, 'all', 'by country', p) = iforest_plot_classes($1, 'all', model, p) AS one_class_options
FROM p, active WHERE name = 'by country';
EXECUTE drawn(iforest_plot_options(title => 'by name'));
DEALLOCATE drawn;
SELECT iforest_plot_scores('by country') = iforest_plot_scores(model) AS scores,
       iforest_plot_scores(o, 'by country') = iforest_plot_scores(o, model) AS scores_options,
       iforest_plot_explanation('by country', country, hour, amount) = iforest_plot_explanation(model, p) AS explanation,
       iforest_plot_explanation(o, 'by country', country, hour, amount) = iforest_plot_explanation(o, model, p) AS explanation_options
FROM p, active, iforest_plot_options(title => 'by name') o WHERE name = 'by country' AND id = 1;
-- With options, the name may be of any string type, too.
SELECT count(DISTINCT picture) FROM (
	SELECT iforest_plot(o, 'by country', p) FROM p, iforest_plot_options(title => 't') o UNION ALL
	SELECT iforest_plot(o, 'by country'::text, country, hour, amount) FROM p, iforest_plot_options(title => 't') o UNION ALL
	SELECT iforest_plot(o, 'by country'::varchar, p) FROM p, iforest_plot_options(title => 't') o UNION ALL
	SELECT iforest_plot(o, 'by country'::name, p) FROM p, iforest_plot_options(title => 't') o UNION ALL
	SELECT iforest_plot('{"title": "t"}'::jsonb, m.name, p) FROM p, active m WHERE name = 'by country') d(picture);
-- Options written as a literal are jsonb only by a cast, where they could be a name.
SELECT iforest_plot('{"title": "t"}', 'by country', p) FROM p;
SELECT iforest_plot_classes('{"title": "t"}', country, 'by country', p) FROM p;
SELECT iforest_plot_explanation('{"title": "t"}', 'by country', p) FROM p WHERE id = 1;
SELECT iforest_plot_scores('{"title": "t"}', 'by country') ~ '>t</text>' AS titled;
-- A view's text means the same when it is read again.
CREATE VIEW picture AS SELECT iforest_plot(iforest_plot_options(title => 't'), 'by country', country, hour, amount) AS svg FROM p;
DO $$
BEGIN
	EXECUTE 'CREATE VIEW picture_again AS ' || pg_get_viewdef('picture');
END $$;
SELECT a.svg = b.svg AS same FROM picture a, picture_again b;
DROP VIEW picture, picture_again;
SELECT iforest_drop('by country');
-- Names come in as varchar, name or a domain as well, and from a column.
CREATE DOMAIN label AS text;
SELECT iforest_score('fraud'::varchar, p) = iforest_score('fraud'::name, p) AND iforest_score('fraud'::label, p) = iforest_score('fraud', p) AS same
FROM p WHERE id = 1;
-- NULL is NULL.
SELECT iforest_score(NULL::text, 1), iforest_is_outlier(NULL::text, 1), iforest_percent_rank(NULL::text, 1), iforest_p_value(NULL::text, 1),
       iforest_threshold(NULL::text, 0.1), iforest_reason(NULL::text, 1), iforest_info(NULL::text), iforest_tree_dot(NULL::text, 1),
       iforest_to_json(NULL::text), iforest_to_sql(NULL::text);
SELECT count(*) FROM iforest_explain(NULL::text, 1);
SELECT count(*) FROM iforest_features(NULL::text);
SELECT count(*) FROM iforest_nodes(NULL::text);
SELECT iforest_calibrate(NULL::text, amount) FROM p;

SELECT iforest_plot(NULL::text, amount), iforest_plot('{}'::jsonb, NULL::text, amount), iforest_plot_classes('a', NULL::text, amount), iforest_plot_scores(NULL::text) FROM p;
SELECT iforest_plot_explanation(NULL::text, 1), iforest_plot_explanation('{}'::jsonb, NULL::text, 1), iforest_impute(NULL::text, 1.0);
SELECT count(*) FROM iforest_sample(NULL::text, 3);
SELECT count(*) FROM iforest_sample(NULL::text, 3, NULL::p);
SELECT count(*) FROM iforest_augment(NULL::text, 3, row(1));
SELECT count(*) FROM iforest_grid(NULL::text, 'a', 'b');

-- One clear error for a name that is none, or has nothing to offer.
SELECT iforest_score('nix', p) FROM p;
SELECT iforest_score('', p) FROM p;
SELECT iforest_score(repeat('x', 256), 1);
SELECT * FROM iforest_explain('nix', 1);
SELECT iforest_info('Fraud');
SELECT iforest_calibrate('nix', amount) FROM p;
SELECT * FROM iforest_sample('nix', 1);
SELECT * FROM iforest_sample('nix', 1, NULL::p);
SELECT iforest_augment('nix', 1, p) FROM p;
SELECT iforest_impute('nix', p) FROM p;
SELECT * FROM iforest_grid('nix', 'x', 'y');
SELECT iforest_plot('nix', country, hour) FROM p;
SELECT iforest_plot_scores('nix');
SELECT iforest_fit('asleep', 'TABLE p', activate => false);
SELECT iforest_score('asleep', p) FROM p;
SELECT iforest_drop('asleep');
-- The errors of the functions themselves are as with a model.
SELECT iforest_score('fraud', 1);
SELECT iforest_threshold('fraud', 2);
SELECT iforest_tree_dot('fraud', 0);

-- Many names in one statement.
SELECT iforest_fit(country, format('SELECT amount, hour FROM p WHERE country = %L', country), iforest_options(seed => 1, n_trees => 5))
FROM (SELECT DISTINCT country FROM p) c ORDER BY country;
SELECT bool_and(iforest_score(p.country, amount, hour) = iforest_score(model, amount, hour)) AS same, count(*)
FROM p JOIN active ON name = country;
SELECT bool_and(iforest_score(p.country, amount, hour) = iforest_score(model, amount, hour)) AS same
FROM (SELECT * FROM p WHERE id < 300 ORDER BY country) p JOIN active ON name = country;

-- A statement sees a new version; so does the next one of a function, and the
-- next call of an expression that outlives statements.
SELECT iforest_score('AT', 50.0, 12) AS before \gset
SELECT iforest_fit('AT', 'SELECT amount, hour FROM p', iforest_options(seed => 2, n_trees => 5));
SELECT iforest_score('AT', 50.0, 12) <> :before AS changed;
CREATE FUNCTION switch() RETURNS TABLE (step text, version int, as_before bool) LANGUAGE plpgsql AS $$
DECLARE
	scores float8[];
BEGIN
	FOR i IN 1..6 LOOP
		-- the simple expression "scores[i] := .." is the same one each time
		scores[i] := iforest_score('AT', 50.0, 12);
		version := (SELECT m.version FROM iforest_models m WHERE name = 'AT' AND active);
		step := i;
		as_before := scores[i] = scores[1];
		RETURN NEXT;
		IF i = 1 THEN
			PERFORM iforest_rollback('AT');
		ELSIF i = 2 THEN
			BEGIN
				PERFORM iforest_activate('AT', 2);
				step := 'inside';
				version := 2;
				as_before := scores[1] = iforest_score('AT', 50.0, 12);
				RETURN NEXT;
				RAISE division_by_zero;
			EXCEPTION WHEN division_by_zero THEN
				NULL;
			END;
		ELSIF i = 4 THEN
			PERFORM iforest_activate('AT', 2);
		END IF;
	END LOOP;
END $$;
SELECT * FROM switch();
-- Savepoints.
BEGIN;
SELECT iforest_score('AT', 50.0, 12) = :before AS first;
SAVEPOINT s;
SELECT iforest_activate('AT', 1);
SELECT iforest_score('AT', 50.0, 12) = :before AS first;
ROLLBACK TO s;
SELECT iforest_score('AT', 50.0, 12) = :before AS first;
ROLLBACK;
-- A cursor goes on with the version that it began with.
BEGIN;
DECLARE c CURSOR FOR SELECT iforest_score('AT', 50.0, 12) = :before AS first FROM generate_series(1, 3);
FETCH c;
SELECT iforest_activate('AT', 1);
FETCH c;
SELECT iforest_score('AT', 50.0, 12) = :before AS first;
FETCH c;
COMMIT;
-- A set that is returned row by row is of one model, whatever happens in the
-- meantime: its rows are those that come at once.
CREATE TABLE at_once AS SELECT iforest_sample('AT', 4, 1) AS row;
BEGIN;
DECLARE c CURSOR FOR SELECT r IN (SELECT row FROM at_once) AS same FROM (SELECT iforest_sample('AT', 4, 1) AS r) s;
FETCH c;
SAVEPOINT s;
FETCH c;
SELECT iforest_activate('AT', 2);
FETCH c;
ROLLBACK TO s;
FETCH 2 FROM c;
ROLLBACK;
DROP TABLE at_once;
-- .. also when it is left early, and begun again for the next row.
SELECT bool_and(s = ARRAY(SELECT r FROM iforest_sample(model, 3, 1) r LIMIT 2)) AS same
FROM (SELECT name, ARRAY(SELECT iforest_sample(name, 3, 1) LIMIT 2) AS s FROM active WHERE name IN ('AT', 'DE', 'FR')) s JOIN active USING (name);
-- Prepared statements and SQL functions.
PREPARE score AS SELECT iforest_score('AT', 50.0, 12) = $1 AS first;
EXECUTE score(:before);
SELECT iforest_activate('AT', 2);
EXECUTE score(:before);
CREATE FUNCTION at_score(a float8, h int) RETURNS float8 STABLE PARALLEL SAFE RETURN iforest_score('AT', a, h);
SELECT at_score(50.0, 12) = :before AS first;

-- Parallel workers look names up themselves.
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT sum(iforest_score('fraud', p)) FROM p;
SELECT count(*), bool_and(s = iforest_score('fraud', id_amount, id_hour, id_country)) AS same
FROM (SELECT amount AS id_amount, hour AS id_hour, country AS id_country, iforest_score('fraud', p) AS s FROM p) s;
SELECT iforest_score('nix', p) FROM p WHERE iforest_score('fraud', p) > 0;
ROLLBACK;

-- Views, and where a function may stand.
CREATE VIEW scored AS SELECT p.*, iforest_score('fraud', p) AS score FROM p;
SELECT count(*) FROM scored WHERE score > 0.4 AND score = iforest_score('fraud', amount, hour, country);
SELECT bool_and(s = score) AS window_too FROM (SELECT score, max(iforest_score('fraud', amount, hour, country)) OVER (PARTITION BY id) AS s FROM scored) s;
-- A name is no constant: not in an index or a generated column.
CREATE INDEX ON p (iforest_score('fraud', amount, hour, country));
SELECT sum(iforest_drop(name)) FROM (SELECT DISTINCT name FROM iforest_models) m;
SELECT * FROM scored LIMIT 1;
DROP VIEW active, scored;
DROP FUNCTION switch, at_score;
DROP DOMAIN label;
DROP TABLE p;
