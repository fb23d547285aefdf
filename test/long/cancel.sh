# shellcheck shell=sh
# Every function that can take long, on models that make it so, stopped at
# several points of its time; test/t/faults.t has some of them for "make test".
# Sourced by test/long/run.sh, whose server is running. Parallel plans and scans
# that begin in the middle of a table would add numbers up in another order each
# time.
work=$IFOREST_TMP
PGOPTIONS='-c max_parallel_workers_per_gather=0 -c jit=off -c synchronize_seqscans=off'
export PGOPTIONS
. test/lib/assert.sh
. test/lib/interrupt.sh
# SECURITY.md promises 100.
most_late=150

make_models || exit 1
sql <<-'SQL' || exit 1
	SET client_min_messages = warning;
	CREATE TABLE words AS SELECT md5(i::text) AS w, md5((i * 7)::text) AS v FROM generate_series(1, 20000) i;
	INSERT INTO models
	SELECT 'many', iforest_train(iforest_options(n_trees => 5000, seed => 1), a, b) FROM (SELECT * FROM big LIMIT 3000) s;
	INSERT INTO models SELECT 'wide', iforest_train(iforest_options(n_trees => 200, max_depth => 0, seed => 1), x) FROM wide;
	INSERT INTO models
	SELECT 'words', iforest_train(iforest_options(n_trees => 20, sample_size => 20000, max_depth => 0, seed => 1, max_categories => 32000), w, v) FROM words;
	INSERT INTO models
	SELECT 'alike', iforest_train(iforest_options(n_trees => 160, seed => 1, max_categories => 32000), c)
	FROM (SELECT 'category number ' || lpad(i::text, 8, '0') FROM generate_series(1, 32000) i) s(c);
	INSERT INTO models
	SELECT 'small trees', iforest_train(iforest_options(n_trees => 100000, sample_size => 64, seed => 1), a, b) FROM (SELECT * FROM big LIMIT 300) s;
	CREATE TABLE names AS SELECT array_agg(repeat('n', 1000) || i ORDER BY i) AS names FROM generate_series(1, 16000) i;
	CREATE TABLE widest AS SELECT ARRAY(SELECT sin(i * 31 + f) FROM generate_series(1, 16000) f) AS x FROM generate_series(1, 3) i;
	INSERT INTO models SELECT 'widest', iforest_train(iforest_options(n_trees => 10, seed => 1), x) FROM widest;
	CREATE TABLE places AS SELECT jsonb_object_agg('f' || f, 0) AS at FROM generate_series(1, 16000) f;
	CREATE TABLE long AS SELECT i::float8 AS x FROM generate_series(1, 2000000) i;
	CREATE TABLE wide_rows AS SELECT x[1:40]::float8[] AS x FROM wide;
	INSERT INTO models
	SELECT 'made', iforest_train(iforest_options(n_trees => 10, seed => 1, generator => 'vae', generator_steps => 50), s)
	FROM (SELECT * FROM big LIMIT 3000) s;
	CREATE TABLE wide_reals AS SELECT x[1:400]::real[] AS x FROM wide;
	INSERT INTO models SELECT 'wide reals', iforest_train(iforest_options(n_trees => 1000, seed => 1), x) FROM wide_reals;
	INSERT INTO models
	SELECT 'projected', iforest_train(iforest_options(n_trees => 3000, columns_per_split => 3, seed => 1), r) FROM (SELECT a, b, a * b AS ab, a + b AS sum FROM big LIMIT 3000) r;
	CREATE TABLE sketches AS
	SELECT iforest_sketch(iforest_options(seed => i, sample_size => 2000), a, b) AS sketch FROM (SELECT * FROM big LIMIT 50000) s, generate_series(1, 20) i GROUP BY i;
	ALTER TABLE sketches ALTER sketch SET STORAGE EXTERNAL;
	CREATE TABLE large_sketches AS
	SELECT iforest_sketch(iforest_options(seed => 1, n_trees => 1, sample_size => 8000000), i::float8) AS sketch FROM generate_series(1, 8000000) i;
	ALTER TABLE large_sketches ALTER sketch SET STORAGE EXTERNAL;
	CREATE TABLE wide_documents AS SELECT (SELECT jsonb_object_agg('key' || f, f) FROM generate_series(1, 1500) f) AS document FROM generate_series(1, 3000) i;
	CREATE TABLE documents (name text, document jsonb);
	-- decompressing is the server's work
	ALTER TABLE documents ALTER document SET STORAGE EXTERNAL;
	INSERT INTO documents SELECT name, iforest_to_json(model) FROM models WHERE name IN ('tree', 'many');
	-- 4000 features of 1000 categories each, and no split
	INSERT INTO documents
	SELECT 'categories', jsonb_build_object('sample_size', 1, 'trees',
	       '[{"left": [-1], "right": [-1], "feature": [-2], "cut": [null], "rows": [1]}]'::jsonb, 'features',
	       (SELECT jsonb_agg(jsonb_build_object('name', 'f' || f, 'type', 'text', 'categories', c)) FROM generate_series(1, 4000) f))
	FROM (SELECT jsonb_agg(lpad(i::text, 4, '0')) AS c FROM generate_series(1, 1000) i) s;
	INSERT INTO models SELECT name, iforest_from_json(document) FROM documents WHERE name = 'categories';
	-- a path of 8000 splits, whose cuts have 16000 digits
	INSERT INTO documents
	SELECT 'digits', jsonb_build_object('sample_size', 2, 'features', '["x"]'::jsonb, 'trees', jsonb_build_array(jsonb_build_object(
	       'left', jsonb_agg(CASE WHEN i % 2 = 0 AND i < 16000 THEN i + 1 ELSE -1 END ORDER BY i),
	       'right', jsonb_agg(CASE WHEN i % 2 = 0 AND i < 16000 THEN i + 2 ELSE -1 END ORDER BY i),
	       'feature', jsonb_agg(0), 'rows', jsonb_agg(1),
	       'cut', jsonb_agg(CASE WHEN i % 2 = 0 THEN (i || '.' || repeat('3', 16000))::numeric ELSE 0 END ORDER BY i))))
	FROM generate_series(0, 16000) i;
	SELECT iforest_fit('named', 'SELECT a, b FROM big', iforest_options(n_trees => 2000, seed => 1)) \g /dev/null
	SELECT iforest_fit('gated', 'SELECT x FROM long', iforest_options(n_trees => 5, seed => 1)) \g /dev/null
	SELECT iforest_fit('versions', 'SELECT a FROM big LIMIT 9', iforest_options(n_trees => 1, seed => 1)) \g /dev/null
	INSERT INTO iforest_versions (id, version, model, runs_as)
	SELECT v.id, i, v.model, v.runs_as FROM iforest_versions v JOIN iforest_registry r USING (id), generate_series(2, 40000) i WHERE r.name = 'versions';
	SELECT iforest_fit('readers', 'SELECT a FROM big LIMIT 9', iforest_options(n_trees => 1, seed => 1)) \g /dev/null
	CREATE ROLE stranger;
	UPDATE iforest_registry SET readers = array_fill('postgres'::iforest_role, '{20000000}') WHERE name = 'readers';
	CREATE FUNCTION seen_by_stranger() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM iforest_models';
	ALTER FUNCTION seen_by_stranger OWNER TO stranger;
	CREATE FUNCTION undone(statement text) RETURNS bool LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE statement;
		RAISE 'to be undone';
	EXCEPTION WHEN raise_exception THEN
		RETURN true;
	END $$;
	VACUUM ANALYZE;
	SQL

echo 1..75
options='n_trees => 20, sample_size => 20000, max_depth => 0, seed => 1, max_categories => 32000'
stops 'training on many categories' "SELECT md5(iforest_train(iforest_options($options), w, v)) FROM (SELECT * FROM words LIMIT 4000) s"
stops 'training by guided cuts' "SELECT md5(iforest_train(iforest_options(n_trees => 3, sample_size => 2000000, max_depth => 0, guided => 1, seed => 1), x)) FROM long"
stops 'training with replacement' "SELECT md5(iforest_train(iforest_options(n_trees => 300, bootstrap => true, seed => 1), a, b)) FROM big"
stops 'training on arrays' 'SELECT md5(iforest_train_array(iforest_options(n_trees => 3000, max_depth => 0, seed => 2), x)) FROM wide'
stops 'merging many categories' "SELECT iforest_is_valid(iforest_merge(model)) FROM models, generate_series(1, 5) WHERE name = 'words'"
stops 'merging many trees' "SELECT iforest_is_valid(iforest_merge(model)) FROM models, generate_series(1, 10) WHERE name = 'many'"
stops 'calibrating by many categories' "SELECT md5(iforest_calibrate($(model words), w, v)) FROM words"
stops 'drift of many rows' "SELECT iforest_drift($(model forest), a, b) FROM big"
stops 'drift of many categories' "SELECT iforest_drift($(model words), w, v) FROM words"
stops 'loading many trees and many categories' "SELECT iforest_score($(model many), 0.5, 2) + iforest_score($(model words), 'a'::text, 'b'::text)"
stops 'ranks' "SELECT sum(iforest_percent_rank($(model many), a, b)) FROM big WHERE a > 0.9"
stops 'p-values' "SELECT sum(iforest_p_value($(model many), a, b)) FROM big WHERE a > 0.9"
stops 'outliers' "SELECT count(*) FROM (SELECT * FROM big LIMIT 30000) r WHERE iforest_is_outlier($(model many), a, b)"
stops 'thresholds' "SELECT sum(iforest_threshold($(model many), 0.01 + 0 * a)) FROM big, generate_series(1, 6)"
stops 'explaining by many trees' "SELECT count(*) FROM (SELECT * FROM big LIMIT 50) r, iforest_explain($(model many), r.a, r.b)"
stops 'explaining by many categories' "SELECT count(*) FROM (SELECT * FROM words LIMIT 20) r, iforest_explain($(model words), r.w, r.v)"
stops 'reasons' "SELECT count(iforest_reason($(model wide), x)) FROM wide"
stops 'features' "SELECT iforest_features(model) FROM models, generate_series(1, 5) WHERE name = 'words'"
stops 'nodes of many categories' "SELECT count(*) FROM iforest_nodes($(model words))"
stops 'drawing a tree' "SELECT iforest_tree_dot($(model tree), 1) IS NULL"
stops 'writing SQL' "SELECT iforest_to_sql($(model forest)) IS NULL FROM generate_series(1, 5)"
# The last step is the server's, half a second for three million nodes.
most_late=600
stops 'writing many trees' "SELECT iforest_to_json($(model many)) IS NULL"
most_late=150
stops 'reading many trees' "SELECT md5(iforest_from_json(document)) FROM documents WHERE name = 'many'"
stops 'reading a large tree' "SELECT md5(iforest_from_json(document)) FROM documents WHERE name = 'tree'"
stops 'checking many trees' "SELECT iforest_is_valid(model) FROM models, generate_series(1, 50) WHERE name = 'many'"
stops 'a plot of many rows' "SELECT iforest_plot($(model forest), a, b) FROM big"
stops 'a plot by many trees' "SELECT iforest_plot($(model many), a, b) FROM (SELECT * FROM big LIMIT 100) s"
# The cache keeps one model, which the other one drives out.
stops 'a plot of an explanation' "SELECT iforest_plot_explanation($(model words), 'a'::text, 'b'::text), iforest_score($(model many), 0.5, 2)"
stops 'the score map' "SELECT count(*) FROM iforest_grid($(model many), 'a', 'b', 200)"
stops 'sampling' "SELECT count(*) FROM iforest_sample($(model forest), 200, seed => 1)"
stops 'sampling many columns' "SELECT count(*) FROM iforest_sample($(model wide), 5, seed => 1)"
stops 'rows such as one' "SELECT count(*) FROM iforest_augment($(model forest), 100000, '{0.1,0.3}'::float8[], seed => 1)"
stops 'filling in' "SELECT iforest_impute($(model tree), ROW(0.1, 0.3, NULL)::big) IS NULL, iforest_score($(model forest), 0.5, 2)"
stops 'names that begin alike' "SELECT iforest_options(feature_names => names) IS NULL FROM names"
stops 'classes that begin alike' "SELECT iforest_plot($(model forest), iforest_plot_options(classes => names), a, b) IS NULL FROM names, (SELECT * FROM big LIMIT 1) r"
stops 'naming many columns' "SELECT md5(iforest_train_array(iforest_options(n_trees => 1, seed => i), x)) FROM widest, generate_series(1, 5) i GROUP BY i"
stops 'training one tree on many rows' 'SELECT md5(iforest_train(iforest_options(n_trees => 1, sample_size => 2000000, max_depth => 0, seed => 1), x)) FROM long'
stops 'merging many categories that begin alike' "SELECT iforest_is_valid(iforest_merge(model)) FROM models, generate_series(1, 40) WHERE name = 'alike'"
stops 'merging very many trees' "SELECT iforest_is_valid(iforest_merge(model)) FROM models, generate_series(1, 20) WHERE name = 'many'"
stops 'explaining by very many trees' "SELECT count(*) FROM iforest_explain($(model 'small trees'), 0.1, 2) e, iforest_explain($(model many), 0.1, 2) f"
stops 'a map at a place of many columns' "SELECT iforest_plot($(model widest), iforest_plot_options(x => 'f1', y => 'f2', at => at, steps => 2), x) IS NULL FROM places, widest"
stops 'reading many categories' "SELECT md5(iforest_from_json(document)) FROM documents WHERE name = 'categories'"
stops 'reading numbers of many digits' "SELECT md5(iforest_from_json(document)) FROM documents WHERE name = 'digits'"
stops 'loading many features of categories' "SELECT iforest_score($(model categories), array_fill('0001'::text, '{4000}')), iforest_score($(model forest), 0.5, 2)"
stops 'a refit' "SELECT status FROM iforest_refit('named', gate => '{\"min_agreement\": -1}')"
stops 'the gate of a refit' "SELECT status FROM iforest_refit('gated', gate => '{\"sample_rows\": 1000000}')"
stops 'giving away very many versions' "SELECT iforest_set_owner('versions', 'postgres')"
stops 'replacing very many versions' "SELECT undone('SELECT iforest_store(''versions'', iforest_model(''versions''), keep => 2)')"
stops 'dropping very many versions' "SELECT undone('SELECT iforest_drop(''versions'')')"
stops 'a list of very many readers' 'SELECT seen_by_stranger()'
stops 'training a generator' "SELECT md5(iforest_train_array(iforest_options(n_trees => 10, seed => 1, generator => 'vae', generator_steps => 1000), x)) FROM wide_rows"
stops 'rows by a generator' "SELECT count(*) FROM iforest_sample($(model made), 200000, NULL::big, 1, method => 'vae')"
stops 'filling in by a generator' "SELECT count(iforest_impute($(model made), ROW(0.1, NULL, NULL)::big, method => 'vae')) FROM generate_series(1, 200)"
stops 'uniting sketches' "SELECT md5(iforest_sketch_union(sketch)) FROM sketches, generate_series(1, 20)"
stops 'training on sketches' "SELECT md5(iforest_train(iforest_options(sample_size => 2000, seed => 1), sketch)) FROM sketches"
stops 'uniting sketches of very many rows' 'SELECT iforest_sketch_union(sketch) IS NULL FROM large_sketches'
stops 'sketching wide rows' 'SELECT iforest_sketch(iforest_options(seed => 1), x) IS NULL FROM wide, generate_series(1, 90)'
stops 'sketching wide documents' 'SELECT iforest_sketch(iforest_options(seed => 1), document) IS NULL FROM wide_documents, generate_series(1, 5)'
stops 'training a generator on wide rows of classes' "SELECT iforest_train(iforest_options(n_trees => 30, seed => 1, generator => 'gan', generator_steps => 1), (SELECT array_agg((i + f) % 2 = 0) FROM generate_series(1, 1500) f)) IS NULL FROM generate_series(1, 8000) i"
stops 'judging very many scores' "SELECT iforest_roc_auc(i * 0.618 % 1, i % 7 = 0) FROM generate_series(1, 20000000) i"
stops 'learning from many rows' "SELECT md5(iforest_learn($(model many), a > 0.9, a, b)) FROM (SELECT * FROM big LIMIT 500) s"
stops 'telling what was expected by many trees' "SELECT count(expected) FROM (SELECT * FROM big LIMIT 20) r, iforest_explain($(model many), r.a, r.b)"
stops 'telling what was expected of many categories' "SELECT count(expected) FROM (SELECT * FROM words LIMIT 10) r, iforest_explain($(model words), r.w, r.v), (SELECT iforest_score($(model forest), 0.5, 2)) s"
stops 'telling what was expected of many columns' "SELECT count(expected) FROM (SELECT * FROM wide LIMIT 20) r, iforest_explain($(model wide), r.x)"
stops 'the score map over many columns' "SELECT sum(score) FROM iforest_grid($(model wide), 'f1', 'f2', 1000)"
stops 'the score map over many columns of short numbers' "SELECT sum(score) FROM iforest_grid($(model 'wide reals'), 'f1', 'f2', 1000)"
stops 'the score map over a sum of columns' "SELECT sum(score) FROM iforest_grid($(model projected), 'a', 'b', 100)"
stops 'a plot that chooses among many columns' "SELECT iforest_plot($(model wide), x) IS NULL FROM wide, generate_series(1, 3)"
stops 'training on sums of columns' "SELECT md5(iforest_train_array(iforest_options(n_trees => 300, columns_per_split => 8, max_depth => 0, seed => 1), x)) FROM wide"
stops 'training one tree on sums of columns' "SELECT md5(iforest_train(iforest_options(n_trees => 3, sample_size => 250000, max_depth => 0, columns_per_split => 2, seed => 1), a, b)) FROM big"
stops 'explaining by sums of columns' "SELECT count(*) FROM (SELECT a, b, a * b AS ab, a + b AS sum FROM big LIMIT 50) r, iforest_explain($(model projected), r)"
stops 'merging sums of columns' "SELECT iforest_is_valid(iforest_merge(model)) FROM models, generate_series(1, 30) WHERE name = 'projected'"
# Each model drives the other one out, and its faster form is built anew.
kernel=auto
stops 'building a faster form' "SELECT sum(iforest_score($(model many), a, b)), iforest_score($(model tree), 0.5::float8, 2::float8, 'c3'::text) FROM (SELECT * FROM big LIMIT 3000) r"
stops 'building the form of many columns' "SELECT sum(iforest_score($(model 'wide reals'), x)), iforest_score($(model tree), 0.5::float8, 2::float8, 'c3'::text) FROM wide_reals, generate_series(1, 8)"
stops 'building the form of sums of columns' "SELECT sum(iforest_score($(model projected), r)), iforest_score($(model tree), 0.5::float8, 2::float8, 'c3'::text) FROM (SELECT a, b, a * b AS ab, a + b AS sum FROM big LIMIT 4000) r"
