-- Functions that judge rows, and pictures, take a model's name in its place.
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
-- Without a share, the threshold is the model's own.
SELECT iforest_threshold('fraud') = iforest_threshold(model) AS same, iforest_threshold('fraud') = iforest_threshold('fraud', 0.05) AS of_its_share,
       bool_and(iforest_is_outlier('fraud', p) = (iforest_score('fraud', p) > iforest_threshold('fraud'))) AS tells_outliers
FROM p, active GROUP BY model;

-- All other functions take a model, and iforest_model() is one.
SELECT iforest_info(iforest_model('fraud')) = iforest_info(model) AS info, iforest_to_sql(iforest_model('fraud'), 'a', 'b', 'c') = iforest_to_sql(model, 'a', 'b', 'c') AS sql,
       (SELECT iforest_calibrate(iforest_model('fraud'), p) FROM p WHERE id <= 50) = (SELECT iforest_calibrate(model, p) FROM p WHERE id <= 50) AS calibrate,
       (SELECT iforest_drift(iforest_model('fraud'), p) FROM p) = (SELECT iforest_drift(model, p) FROM p) AS drift,
       (SELECT array_agg(r) FROM iforest_sample(iforest_model('fraud'), 5, NULL::p, 1) r) = (SELECT array_agg(r) FROM iforest_sample(model, 5, NULL::p, 1) r) AS sample
FROM active;
-- To them a name is bytes that are no model, and the error says what to write.
DO $$
DECLARE
	call text;
	message text;
	hint text;
BEGIN
	FOREACH call IN ARRAY '{"iforest_info(''fraud'')", "iforest_features(''fraud'')", "iforest_nodes(''fraud'')", "iforest_tree_dot(''fraud'', 1)",
		"iforest_to_json(''fraud'')", "iforest_to_sql(''fraud'')", "iforest_calibrate(''fraud'', amount, hour, country)", "iforest_drift(''fraud'', p)",
		"iforest_sample(''fraud'', 1)", "iforest_sample(''fraud'', 1, p)", "iforest_augment(''fraud'', 1, p)", "iforest_impute(''fraud'', p)",
		"iforest_grid(''fraud'', ''amount'', ''hour'')", "iforest_merge(''fraud'')", "iforest_info(''it''''s so'')", "iforest_info(''Füße'')",
		"iforest_info('''')", "iforest_info(''\\xff'')"}'::text[]
	LOOP
		BEGIN
			EXECUTE format('SELECT count(x) FROM (SELECT %s AS x FROM p) s', call);
			RAISE NOTICE '%: no error', call;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
			RAISE NOTICE '% % % / %', call, SQLSTATE, message, hint;
		END;
	END LOOP;
END $$;
SELECT iforest_info(E'two\nlines');
\set VERBOSITY terse
SELECT iforest_info(name) FROM active;
\set VERBOSITY default
-- Pictures, in every form. The first feature may be text.
SELECT iforest_fit('by country', 'SELECT country, hour, amount FROM p', iforest_options(seed => 1, n_trees => 10));
PREPARE drawn(jsonb) AS
SELECT iforest_plot('by country', country, hour, amount) = iforest_plot(model, country, hour, amount) AS plot,
       iforest_plot('by country', country::varchar, hour, amount) = iforest_plot(model, p) AS row,
       iforest_plot('by country', $1, country, hour, amount) = iforest_plot(model, $1, country, hour, amount) AS options,
       iforest_plot('by country', $1, p) = iforest_plot(model, $1, p) AS options_row,
       iforest_plot_classes('by country', country, country, hour, amount) = iforest_plot_classes(model, country, p) AS classes,
       iforest_plot_classes('by country', 'all'::text, country, hour, amount) = iforest_plot_classes(model, 'all', p) AS one_class,
       iforest_plot_classes('by country', $1, country, country, hour, amount) = iforest_plot_classes(model, $1, country, p) AS classes_options,
       iforest_plot_classes('by country', $1, 'all', p) = iforest_plot_classes(model, $1, 'all', p) AS one_class_options
FROM p, active WHERE name = 'by country';
EXECUTE drawn(iforest_plot_options(title => 'by name'));
DEALLOCATE drawn;
SELECT iforest_plot_scores('by country') = iforest_plot_scores(model) AS scores,
       iforest_plot_scores('by country', o) = iforest_plot_scores(model, o) AS scores_options,
       iforest_plot_explanation('by country', country, hour, amount) = iforest_plot_explanation(model, p) AS explanation,
       iforest_plot_explanation('by country', o, country, hour, amount) = iforest_plot_explanation(model, o, p) AS explanation_options
FROM p, active, iforest_plot_options(title => 'by name') o WHERE name = 'by country' AND id = 1;
-- With options, the name may be of any string type, too.
SELECT count(DISTINCT picture) FROM (
	SELECT iforest_plot('by country', o, p) FROM p, iforest_plot_options(title => 't') o UNION ALL
	SELECT iforest_plot('by country'::text, o, country, hour, amount) FROM p, iforest_plot_options(title => 't') o UNION ALL
	SELECT iforest_plot('by country'::varchar, o, p) FROM p, iforest_plot_options(title => 't') o UNION ALL
	SELECT iforest_plot('by country'::name, o, p) FROM p, iforest_plot_options(title => 't') o UNION ALL
	SELECT iforest_plot(m.name, '{"title": "t"}'::jsonb, p) FROM p, active m WHERE name = 'by country') d(picture);
-- Options written as a literal are jsonb only by a cast, where they could be a
-- column; a class needs its type where it could be options.
\set VERBOSITY terse
SELECT iforest_plot('by country', '{"title": "t"}', p) FROM p;
SELECT iforest_plot_classes('by country', '{"title": "t"}', country, p) FROM p;
SELECT iforest_plot_explanation('by country', '{"title": "t"}', p) FROM p WHERE id = 1;
SELECT iforest_plot_classes('by country', 'all', country, hour, amount) FROM p;
\set VERBOSITY default
SELECT iforest_plot_scores('by country', '{"title": "t"}') ~ '>t</text>' AS titled;
-- A view's text means the same when it is read again.
CREATE VIEW picture AS SELECT iforest_plot('by country', iforest_plot_options(title => 't'), country, hour, amount) AS svg FROM p;
DO $$
BEGIN
	EXECUTE 'CREATE VIEW picture_again AS ' || pg_get_viewdef('picture');
END $$;
SELECT a.svg = b.svg AS same FROM picture a, picture_again b;
DROP VIEW picture, picture_again;
SELECT iforest_drop('by country');
-- Drivers send parameters whose types they leave to the server: a name is one.
PREPARE named AS SELECT iforest_score($1, $2::float8, $3::int, $4::text) = iforest_score($1, amount, hour, country) AS columns,
       iforest_score($1, $5::jsonb) = iforest_score($1, p) AS document, iforest_threshold($1, $6) = iforest_threshold(iforest_model($1), 0.1) AS threshold,
       iforest_threshold($1) = iforest_threshold($1, 0.05) AS own_threshold, iforest_plot_explanation($1, $7::jsonb, p) ~ '>x<' AS explanation,
       iforest_plot_scores($1, $8) ~ '>x<' AS scores
FROM p WHERE id = 1;
EXECUTE named('fraud', 1, 1, 'DE', '{"amount": 1, "hour": 1, "country": "DE"}', 0.1, '{"title": "x"}', '{"title": "x"}');
PREPARE explained AS SELECT count(*) FROM iforest_explain($1, $2::float8, $3::int, $4::text);
EXECUTE explained('fraud', 1, 1, 'DE');
PREPARE drawn AS SELECT iforest_plot($1, p) = iforest_plot($1, amount, hour, country) AS plot, iforest_plot_classes($1, country, p) = iforest_plot_classes($1, $2::jsonb, country, p) AS classes FROM p;
EXECUTE drawn('fraud', '{}');
DEALLOCATE ALL;
SELECT * FROM p WHERE id = 1;
-- Arguments have names.
SELECT iforest_score(name => 'fraud', VARIADIC columns => ARRAY[1, 1]) AS wrong_number;
SELECT iforest_threshold(contamination => 0.1, name => 'fraud') = iforest_threshold(contamination => 0.1, model => iforest_model('fraud')) AS same;
-- Names come in as varchar, name or a domain as well, and from a column.
CREATE DOMAIN label AS text;
SELECT iforest_score('fraud'::varchar, p) = iforest_score('fraud'::name, p) AND iforest_score('fraud'::label, p) = iforest_score('fraud', p) AS same
FROM p WHERE id = 1;
-- NULL is NULL.
SELECT iforest_score(NULL::text, 1), iforest_is_outlier(NULL::text, 1), iforest_percent_rank(NULL::text, 1), iforest_p_value(NULL::text, 1),
       iforest_threshold(NULL::text, 0.1), iforest_threshold(NULL::text), iforest_reason(NULL::text, 1);
SELECT count(*) FROM iforest_explain(NULL::text, 1);
SELECT iforest_plot(NULL::text, amount), iforest_plot(NULL::text, '{}'::jsonb, amount), iforest_plot_classes(NULL::text, 'a', amount), iforest_plot_scores(NULL::text) FROM p;
SELECT iforest_plot_explanation(NULL::text, 1), iforest_plot_explanation(NULL::text, '{}'::jsonb, 1);

-- One clear error for a name that is none, or has nothing to offer.
SELECT iforest_score('nix', p) FROM p;
SELECT iforest_score('', p) FROM p;
SELECT iforest_score(repeat('x', 256), 1);
SELECT iforest_score('\x1234', 1);
SELECT * FROM iforest_explain('nix', 1);
SELECT iforest_info(iforest_model('Fraud'));
SELECT iforest_threshold('nix');
SELECT iforest_plot('nix', country, hour) FROM p;
SELECT iforest_plot_scores('nix');
SELECT iforest_fit('asleep', 'TABLE p', activate => false);
SELECT iforest_score('asleep', p) FROM p;
SELECT iforest_drop('asleep');
-- The errors of the functions themselves are as with a model.
SELECT iforest_score('fraud', 1);
SELECT iforest_threshold('fraud', 2);

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
CREATE TABLE at_once AS SELECT iforest_sample(iforest_model('AT'), 4, seed => 1) AS row;
BEGIN;
DECLARE c CURSOR FOR SELECT r IN (SELECT row FROM at_once) AS same FROM (SELECT iforest_sample(iforest_model('AT'), 4, seed => 1) AS r) s;
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
SELECT bool_and(s = ARRAY(SELECT r FROM iforest_sample(model, 3, seed => 1) r LIMIT 2)) AS same
FROM (SELECT name, ARRAY(SELECT iforest_sample(iforest_model(name), 3, seed => 1) LIMIT 2) AS s FROM active WHERE name IN ('AT', 'DE', 'FR')) s JOIN active USING (name);
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
SET LOCAL cpu_operator_cost = 0;
SET LOCAL parallel_tuple_cost = 0.0001;
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
\set VERBOSITY sqlstate
CREATE INDEX ON p (iforest_score('fraud', amount, hour, country));
\set VERBOSITY default
SELECT sum(iforest_drop(name)) FROM (SELECT DISTINCT name FROM iforest_models) m;
SELECT * FROM scored LIMIT 1;
DROP VIEW active, scored;
DROP FUNCTION switch, at_score;
DROP DOMAIN label;
DROP TABLE p;
