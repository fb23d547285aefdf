-- Labels of a named model: a query whose rows it learns from at each training.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET jit = off;
-- 600 usual rows; from id 601 on, six outliers and six that look as unusual
-- and are not.
CREATE TABLE rl AS
SELECT i AS id, 40 + i * 7919 % 1009 / 50.0 AS amount, 10 + i % 7 AS hour FROM generate_series(1, 600) i
UNION ALL SELECT 600 + i, 200 + i, 3 FROM generate_series(1, 6) i
UNION ALL SELECT 606 + i, 200 + i, 22 FROM generate_series(1, 6) i;
CREATE TABLE reviewed (id int PRIMARY KEY, is_outlier bool);
CREATE VIEW rl_labels AS SELECT id, is_outlier, amount, hour FROM reviewed JOIN rl USING (id);
CREATE TABLE rl_options AS SELECT iforest_options(seed => 1, n_trees => 20, contamination => 0.01) AS options;
CREATE VIEW rl_seen AS
SELECT version, active, iforest_info(iforest_model('m', version)) -> 'labels' AS learned, last_refit, last_refit_detail AS detail
FROM iforest_models WHERE name = 'm' ORDER BY version;

-- As long as nothing is labelled, the model is the one without labels.
SELECT iforest_fit('plain', 'SELECT amount, hour FROM rl ORDER BY id', options) FROM rl_options;
SELECT iforest_fit('m', 'SELECT amount, hour FROM rl ORDER BY id', options, labels => 'SELECT * FROM rl_labels;', keep => 20) FROM rl_options;
SELECT iforest_model('m') = iforest_model('plain') AS no_rows FROM rl_options;
INSERT INTO reviewed VALUES (601, NULL), (607, NULL);
SELECT * FROM iforest_refit('m');
SELECT iforest_model('m') = iforest_model('plain') AS no_labels;

-- A refit learns from the labels that there are, and calibrates by the
-- training query's rows. Columns go by name: id and the order do not matter.
UPDATE reviewed SET is_outlier = id = 601;
SELECT * FROM iforest_refit('m');
SELECT * FROM rl_seen;
SELECT iforest_model('m') = (
	SELECT iforest_calibrate(learned, amount, hour ORDER BY id)
	FROM rl, (SELECT iforest_learn(iforest_model('plain'), is_outlier, amount, hour) AS learned FROM rl_labels) l) AS as_by_hand;
SELECT iforest_is_outlier('m', 204, 3) AS outlier, iforest_is_outlier('m', 204, 22) AS false_alarm, iforest_is_outlier('plain', 204, 22) AS before;
SELECT version, labels FROM iforest_models WHERE name = 'm' AND active;
-- It never learns twice from one label; those that are gone are forgotten.
SELECT status FROM iforest_refit('m');
DELETE FROM reviewed WHERE id = 607;
SELECT status FROM iforest_refit('m');
SELECT * FROM rl_seen;
-- A scheduled refit whose conditions do not hold leaves it all.
SELECT status, detail FROM iforest_refit('m', '{"age": "1 day"}', labels => 'SELECT true AS is_outlier, 1.0 AS amount, 1 AS hour');
SELECT labels FROM iforest_models WHERE name = 'm' AND active;

-- Another query takes its place, for good; a fit says all anew.
SELECT status FROM iforest_refit('m', labels => 'SELECT true AS is_outlier, hour, amount FROM rl WHERE id > 606');
SELECT status FROM iforest_refit('m');
SELECT version, labels FROM iforest_models WHERE name = 'm' ORDER BY version DESC LIMIT 2;
SELECT * FROM rl_seen ORDER BY version DESC LIMIT 2;
SELECT iforest_fit('m', 'SELECT amount, hour FROM rl ORDER BY id', options) > 0 AS fitted FROM rl_options;
SELECT labels FROM iforest_models WHERE name = 'm' AND active;
SELECT iforest_model('m') = iforest_model('plain') AS plain;
-- A model that is stored has none, whatever the name had before.
SELECT status FROM iforest_refit('m', labels => 'SELECT * FROM rl_labels');
SELECT iforest_store('m', iforest_model('m')) > 0 AS stored;
SELECT labels FROM iforest_models WHERE name = 'm' AND active;
SELECT status, detail FROM iforest_refit('m', labels => 'SELECT * FROM rl_labels');

-- Labels of one kind.
SELECT iforest_fit('m', 'SELECT amount, hour FROM rl ORDER BY id', options, labels => 'SELECT false AS is_outlier, amount, hour FROM rl WHERE id > 606') > 0 AS fitted FROM rl_options;
SELECT * FROM rl_seen ORDER BY version DESC LIMIT 1;
SELECT iforest_score('m', 204, 22) < iforest_score('plain', 204, 22) AS lowered;

-- Rows that are arrays, documents or composite values.
SELECT iforest_fit('array', 'SELECT ARRAY[amount, hour] AS a FROM rl ORDER BY id', options, labels => 'SELECT is_outlier, ARRAY[amount, hour] FROM rl_labels') FROM rl_options;
SELECT iforest_fit('document', 'SELECT to_jsonb(r) AS d FROM (SELECT amount, hour FROM rl ORDER BY id) r', options, labels => 'SELECT to_jsonb(l), is_outlier FROM rl_labels l') FROM rl_options;
SELECT iforest_fit('row', 'SELECT amount, hour FROM rl ORDER BY id', options, labels => 'SELECT l AS "the row", is_outlier FROM rl_labels l') FROM rl_options;
SELECT iforest_fit('one', 'SELECT amount FROM rl ORDER BY id', options, labels => 'SELECT amount, is_outlier FROM rl_labels') FROM rl_options;
SELECT name, iforest_info(iforest_model(name)) -> 'labels' AS learned FROM iforest_models WHERE name IN ('array', 'document', 'row', 'one') ORDER BY 1;
-- The training query may be of sketches: the same model comes of them.
SELECT iforest_fit('sketches', 'SELECT iforest_sketch(''{"seed": 1}''::jsonb, t) FROM (SELECT amount, hour FROM rl ORDER BY id) t', options, labels => 'SELECT * FROM rl_labels') FROM rl_options;
SELECT iforest_model('sketches') = iforest_model('row') AS same;
-- A domain over boolean is one; a column called l is a column.
CREATE DOMAIN verdict AS bool;
SELECT iforest_fit('l', 'SELECT amount AS l, hour FROM rl', labels => 'SELECT is_outlier::verdict, hour, amount AS l FROM rl_labels');

-- Queries that are none, or not of labels: nothing is trained.
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => '');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT 1; SELECT 2');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'DELETE FROM rl');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT is_outlier, amount, FROM rl_labels');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT is_outlier, amuont, hour FROM rl_labels');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT amount, hour FROM rl_labels');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT is_outlier::int, amount, hour FROM rl_labels');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT is_outlier, amount FROM rl_labels');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT is_outlier, amount, hour::text FROM rl_labels');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT is_outlier FROM rl_labels');
SELECT iforest_fit('w', 'SELECT amount, hour FROM rl', labels => 'SELECT is_outlier, is_outlier, amount, hour FROM rl_labels');
SELECT iforest_refit('plain', labels => 'SELECT is_outlier,');
SELECT count(*) FROM iforest_models WHERE name = 'w';

-- A refit whose query of labels fails keeps the version, and records why.
SELECT iforest_fit('f', 'SELECT amount, hour FROM rl', options, labels => 'SELECT * FROM rl_labels') FROM rl_options;
ALTER TABLE reviewed RENAME is_outlier TO verdict;
DROP VIEW rl_labels;
SELECT * FROM iforest_refit('f');
SELECT version, active, last_refit, last_refit_detail FROM iforest_models WHERE name = 'f';
SELECT * FROM iforest_refit('f', labels => 'SELECT verdict, amount, hour FROM reviewed JOIN rl USING (id)');
SELECT * FROM iforest_refit('f', labels => 'SELECT 1 / (amount - amount) > 0 AS is_outlier, amount, hour FROM rl');
SELECT * FROM iforest_refit('f', labels => 'SELECT verdict AS is_outlier, amount, hour FROM reviewed JOIN rl USING (id)');
-- The gate compares the forests, not what they have learned: labels that turn
-- the order of the rows upside down are no accident of the training rows.
SELECT status, detail FROM iforest_refit('f', gate => '{"min_agreement": 1}', labels => 'SELECT id <= 600 AS is_outlier, amount, hour FROM rl');
SELECT round(corr(before, after)::numeric) AS correlation
FROM (SELECT rank() OVER (ORDER BY iforest_score(iforest_model('f', 2), amount, hour)) AS before, rank() OVER (ORDER BY iforest_score('f', amount, hour)) AS after FROM rl) r;
SELECT status, detail FROM iforest_refit('f', gate => '{"min_agreement": 1}', labels => 'SELECT id > 606 AS is_outlier, amount, hour FROM rl');
DELETE FROM rl WHERE id > 601;
SELECT status, regexp_replace(detail, '(agreement) \S+,', '\1 ..,') AS detail FROM iforest_refit('f', gate => '{"min_agreement": 1}');

-- It runs as the owner, reads only, and is for the owner's eyes.
CREATE ROLE regress_reviewer;
CREATE ROLE regress_reader;
CREATE TABLE spied (who text);
GRANT SELECT ON rl TO regress_reviewer;
GRANT INSERT ON spied TO regress_reviewer;
CREATE FUNCTION spy() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN INSERT INTO spied VALUES (current_user); RETURN true; END $$;
SET ROLE regress_reviewer;
SELECT iforest_fit('his', 'SELECT amount, hour FROM rl', labels => 'SELECT current_user = ''regress_reviewer'' AS is_outlier, amount, hour FROM rl WHERE id = 601');
SELECT iforest_share('his', 'regress_reader');
RESET ROLE;
SELECT status FROM iforest_refit('his');
SELECT iforest_info(iforest_model('his')) -> 'labels' AS learned;
SELECT status, detail FROM iforest_refit('his', labels => 'SELECT spy() AS is_outlier, amount, hour FROM rl');
SELECT status, detail FROM iforest_refit('his', labels => 'SELECT verdict AS is_outlier, amount, hour FROM reviewed JOIN rl USING (id)');
SELECT count(*) FROM spied;
SET ROLE regress_reader;
SELECT name, version, labels IS NULL AS hidden FROM iforest_models ORDER BY version;
SELECT iforest_refit('his', labels => 'SELECT true AS is_outlier, 1.0 AS amount, 1 AS hour');
RESET ROLE;

SELECT sum(iforest_drop(name)) > 0 AS dropped FROM (SELECT DISTINCT name FROM iforest_models) n;
DROP VIEW rl_seen;
DROP TABLE rl, reviewed, rl_options, spied CASCADE;
DROP FUNCTION spy();
DROP DOMAIN verdict;
DROP ROLE regress_reviewer, regress_reader;
