-- A model is known by its bytes: what is scored is what was given, however it
-- came and whatever the session has seen before; and equal bytes are one model.
\set VERBOSITY terse
\set SHOW_CONTEXT never

CREATE TABLE identity_t AS SELECT i AS id, sin(i) AS a, cos(i * 3) AS b FROM generate_series(1, 100) i;
-- The same two models in line, compressed in line, and out of line.
CREATE TABLE identity_models (name text, plain bytea, packed bytea, far bytea);
ALTER TABLE identity_models ALTER plain SET STORAGE PLAIN, ALTER packed SET STORAGE MAIN, ALTER far SET STORAGE EXTERNAL;
INSERT INTO identity_models
SELECT name, model, model, model || ''
FROM (SELECT name, iforest_train(iforest_options(seed => seed, n_trees => 1, sample_size => 30, contamination => 0.3,
                                                feature_names => '{a,b}'), a, b) AS model
      FROM identity_t, (VALUES ('one', 1), ('two', 2)) v(name, seed) GROUP BY name) m;
SELECT name, plain = packed AND plain = far AS equal, pg_column_size(plain) > length(plain) AS plain,
       pg_column_size(packed) < length(plain) AS packed
FROM identity_models ORDER BY name;
SELECT pg_relation_size(reltoastrelid) > 0 AS far_is_far FROM pg_class WHERE relname = 'identity_models';

-- Bytes that begin as a model does, digest and all, but have 64 rows more in
-- their first leaf, where the least values go; with their own digest they are a
-- model, and another one.
CREATE FUNCTION identity_posing(model bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS
	'SELECT set_byte(model, leaf, get_byte(model, leaf) # 64) FROM (SELECT get_byte(model, 264) + 256 * get_byte(model, 265)) v(leaf)';
CREATE FUNCTION identity_digested(model bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS
	'SELECT overlay(model PLACING sha256(substr(model, 41)) FROM 9)';
SELECT name, iforest_is_valid(posing) AS posing, iforest_is_valid(identity_digested(posing)) AS digested,
       substr(posing, 1, 64) = substr(plain, 1, 64) AS same_header
FROM identity_models, identity_posing(plain) AS posing ORDER BY name;

-- What some bytes score, or the error.
CREATE FUNCTION identity_score(model bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN round(iforest_score(model, -2::float8, -2::float8)::numeric, 4);
EXCEPTION WHEN data_corrupted THEN
	RETURN SQLERRM;
END $$;
-- In one session, by one call: sound, posing and of another model by turns.
SELECT n, identity_score(value) AS score
FROM identity_models o, identity_models t,
     LATERAL (VALUES (1, o.plain), (2, identity_posing(o.plain)), (3, o.packed), (4, identity_posing(o.plain)), (5, t.plain),
                     (6, o.far), (7, identity_posing(o.far)), (8, o.plain), (9, identity_digested(identity_posing(o.plain))),
                     (10, identity_posing(t.packed)), (11, t.far)) v(n, value)
WHERE o.name = 'one' AND t.name = 'two' ORDER BY n;
-- A constant, a parameter, a row's value, stored or computed, once a sound
-- model is known.
SELECT plain AS one, identity_posing(plain) AS posing FROM identity_models WHERE name = 'one' \gset
SELECT round(iforest_score(:'one'::bytea, -2::float8, -2::float8)::numeric, 4) AS sound;
SELECT iforest_score(:'posing'::bytea, -2::float8, -2::float8);
PREPARE identity_by(bytea) AS SELECT round(iforest_score($1, -2::float8, -2::float8)::numeric, 4) AS by_parameter;
SET plan_cache_mode = force_generic_plan;
EXECUTE identity_by(:'one');
EXECUTE identity_by(:'posing');
EXECUTE identity_by(:'one');
CREATE TABLE identity_posers (plain bytea, packed bytea, far bytea);
ALTER TABLE identity_posers ALTER plain SET STORAGE PLAIN, ALTER packed SET STORAGE MAIN, ALTER far SET STORAGE EXTERNAL;
INSERT INTO identity_posers SELECT posing, posing, posing FROM identity_models, identity_posing(plain) AS posing WHERE name = 'one';
SELECT iforest_score(plain, -2::float8, -2::float8) FROM identity_posers;
SELECT iforest_score(packed, -2::float8, -2::float8) FROM identity_posers;
SELECT iforest_score(far, -2::float8, -2::float8) FROM identity_posers;
-- the third row is the first that is no model; all come at one address
SELECT iforest_score(set_byte(plain, 1000, get_byte(plain, 1000) # (i / 3)), -2::float8, -2::float8)
FROM identity_models, generate_series(1, 4) i WHERE name = 'one';

-- Every function that takes a model, in a session that knows the sound one.
CREATE FUNCTION identity_outcome(call text, model bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	done bool;
BEGIN
	EXECUTE format('SELECT (%s) IS NOT NULL FROM (VALUES ($1)) v(m)', call) USING model INTO done;
	RETURN CASE WHEN done THEN 'works' END;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;
CREATE TABLE identity_calls (call text);
INSERT INTO identity_calls VALUES
('iforest_score(m, 1.0::float8, 2.0::float8)'), ('iforest_is_outlier(m, 1.0::float8, 2.0::float8)'),
('iforest_percent_rank(m, 1.0::float8, 2.0::float8)'), ('iforest_p_value(m, 1.0::float8, 2.0::float8)'),
('iforest_threshold(m, 0.1)'), ('iforest_info(m)'), ('iforest_to_json(m)'), ('iforest_to_sql(m)'),
('iforest_tree_dot(m, 1)'), ('iforest_reason(m, 1.0::float8, 2.0::float8)'),
('SELECT count(*) FROM iforest_explain(m, 1.0::float8, 2.0::float8)'), ('SELECT count(*) FROM iforest_features(m)'),
('SELECT count(*) FROM iforest_nodes(m)'), ('SELECT count(*) FROM iforest_grid(m, ''a'', ''b'', 3)'),
('SELECT count(*) FROM iforest_sample(m, 3, ARRAY[1.0, 2.0])'),
('SELECT count(*) FROM iforest_augment(m, 3, ARRAY[1.0, 2.0])'),
('iforest_impute(m, ARRAY[1.0, NULL])'), ('iforest_plot_scores(m)'),
('iforest_plot_explanation(m, 1.0::float8, 2.0::float8)'),
('SELECT iforest_merge(v) FROM (VALUES (m)) AS w(v)'), ('SELECT iforest_calibrate(m, a, b) FROM identity_t'),
('SELECT iforest_drift(m, a, b) FROM identity_t'), ('SELECT iforest_plot(m, a, b) FROM identity_t'),
('SELECT iforest_plot_classes(m, id::text, a, b) FROM identity_t WHERE id < 4');
SELECT identity_outcome(call, plain) AS sound, identity_outcome(call, identity_posing(plain)) AS posing,
       identity_outcome(call, identity_posing(packed)) AS posing_packed, count(*) AS functions
FROM identity_calls, identity_models WHERE name = 'one' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- A constraint with a model written out holds, whatever its session meets.
DO $$
BEGIN
	EXECUTE format('CREATE TABLE identity_checked (a float8, b float8, CHECK (NOT iforest_is_outlier(%L::bytea, a, b)))', plain)
	FROM identity_models WHERE name = 'two';
END $$;
\c -
SELECT identity_score(identity_posing(plain)) FROM identity_models WHERE name = 'two';
SELECT identity_score(identity_digested(identity_posing(plain))) FROM identity_models WHERE name = 'two';
INSERT INTO identity_checked VALUES (-2, -2);
INSERT INTO identity_checked VALUES (0.5, 0.5);

-- Aggregates over rows of one model, wherever each row has it from.
CREATE TABLE identity_copies AS SELECT 1 AS copy, plain, far FROM identity_models WHERE name = 'one';
ALTER TABLE identity_copies ALTER plain SET STORAGE PLAIN, ALTER far SET STORAGE EXTERNAL;
INSERT INTO identity_copies SELECT 2, plain, far || '' FROM identity_copies;
INSERT INTO identity_copies SELECT 3, plain, far || '' FROM identity_copies WHERE copy = 1;
CREATE VIEW identity_rows AS
SELECT id, a, b, CASE WHEN id % 2 = 0 THEN far ELSE plain END AS model FROM identity_t JOIN identity_copies ON copy = 1 + id % 3;
SELECT iforest_calibrate(r.model, r.a, r.b ORDER BY id) = (SELECT iforest_calibrate(plain, a, b ORDER BY id) FROM identity_t) AS calibrate,
       iforest_drift(r.model, r.a, r.b) = (SELECT iforest_drift(plain, a, b) FROM identity_t) AS drift,
       iforest_plot(r.model, r.a, r.b ORDER BY id) = (SELECT iforest_plot(plain, a, b ORDER BY id) FROM identity_t) AS plot,
       iforest_plot_classes(r.model, (id % 2)::text, r.a, r.b ORDER BY id) =
       (SELECT iforest_plot_classes(plain, (id % 2)::text, a, b ORDER BY id) FROM identity_t) AS plot_classes
FROM identity_rows r, identity_models WHERE name = 'one' GROUP BY plain;
-- .. also where a row has no values; and not of two models.
SELECT iforest_calibrate(model, a, b) FROM (SELECT plain AS model, a, b FROM identity_models, identity_t) s;
SELECT iforest_drift(model, a, b) FROM (SELECT far AS model, a, b FROM identity_models, identity_t) s;
SELECT iforest_plot(model, a, b) FROM (SELECT far AS model, a, b FROM identity_models, identity_t) s;
SELECT iforest_calibrate(model, a, b) FROM (SELECT far AS model, NULL::float8 AS a, NULL::float8 AS b FROM identity_models) s;

DROP VIEW identity_rows;
DROP TABLE identity_t, identity_models, identity_posers, identity_calls, identity_checked, identity_copies;
DROP FUNCTION identity_posing, identity_digested, identity_score, identity_outcome;
