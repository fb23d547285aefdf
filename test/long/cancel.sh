# shellcheck shell=sh
# Every function that can take long, on models that make it so, stopped at
# several points of its time; test/t/faults.t has some of them for "make test".
# Sourced by test/long/run.sh, whose server is running. Parallel plans would add
# numbers up in another order each time.
work=$IFOREST_TMP
PGOPTIONS='-c max_parallel_workers_per_gather=0 -c jit=off'
export PGOPTIONS
. test/assert.sh
. test/interrupt.sh

make_models || exit 1
sql <<-'SQL' || exit 1
	SET client_min_messages = warning;
	CREATE TABLE words AS SELECT md5(i::text) AS w, md5((i * 7)::text) AS v FROM generate_series(1, 20000) i;
	INSERT INTO models
	SELECT 'many', iforest_train(iforest_options(n_trees => 5000, seed => 1), a, b) FROM (SELECT * FROM big LIMIT 3000) s;
	INSERT INTO models SELECT 'wide', iforest_train(iforest_options(n_trees => 200, max_depth => 0, seed => 1), x) FROM wide;
	INSERT INTO models
	SELECT 'words', iforest_train(iforest_options(n_trees => 20, sample_size => 20000, max_depth => 0, seed => 1, max_categories => 32000), w, v) FROM words;
	CREATE TABLE documents AS SELECT name, iforest_to_json(model) AS document FROM models WHERE name IN ('tree', 'many');
	SELECT iforest_fit('named', 'SELECT a, b FROM big', iforest_options(n_trees => 2000, seed => 1)) \g /dev/null
	VACUUM ANALYZE;
	SQL

echo 1..33
options='n_trees => 20, sample_size => 20000, max_depth => 0, seed => 1, max_categories => 32000'
stops 'training on many categories' "SELECT md5(iforest_train(iforest_options($options), w, v)) FROM (SELECT * FROM words LIMIT 4000) s"
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
stops 'thresholds' "SELECT sum(iforest_threshold($(model many), 0.01 + 0 * a)) FROM big"
stops 'explaining by many trees' "SELECT count(*) FROM (SELECT * FROM big LIMIT 50) r, iforest_explain($(model many), r.a, r.b)"
stops 'explaining by many categories' "SELECT count(*) FROM (SELECT * FROM words LIMIT 20) r, iforest_explain($(model words), r.w, r.v)"
stops 'reasons' "SELECT count(iforest_reason($(model wide), x)) FROM wide"
stops 'features' "SELECT iforest_features(model) FROM models, generate_series(1, 5) WHERE name = 'words'"
stops 'nodes of many categories' "SELECT count(*) FROM iforest_nodes($(model words))"
stops 'drawing a tree' "SELECT iforest_tree_dot($(model tree), 1) IS NULL"
stops 'writing SQL' "SELECT iforest_to_sql($(model forest)) IS NULL FROM generate_series(1, 5)"
stops 'writing many trees' "SELECT iforest_to_json($(model many)) IS NULL"
stops 'reading many trees' "SELECT md5(iforest_from_json(document)) FROM documents WHERE name = 'many'"
stops 'reading a large tree' "SELECT md5(iforest_from_json(document)) FROM documents WHERE name = 'tree'"
stops 'checking many trees' "SELECT iforest_is_valid(model) FROM models, generate_series(1, 50) WHERE name = 'many'"
stops 'a plot of many rows' "SELECT iforest_plot($(model forest), a, b) FROM big"
stops 'a plot by many trees' "SELECT iforest_plot($(model many), a, b) FROM (SELECT * FROM big LIMIT 100) s"
# The cache keeps one model, which the other one drives out.
stops 'a plot of an explanation' "SELECT iforest_plot_explanation($(model words), 'a'::text, 'b'::text), iforest_score($(model many), 0.5, 2)"
stops 'the score map' "SELECT count(*) FROM iforest_grid($(model many), 'a', 'b', 200)"
stops 'sampling' "SELECT count(*) FROM iforest_sample($(model forest), 200, 1)"
stops 'sampling many columns' "SELECT count(*) FROM iforest_sample($(model wide), 5, 1)"
stops 'rows such as one' "SELECT count(*) FROM iforest_augment($(model forest), 100000, '{0.1,0.3}'::float8[], seed => 1)"
stops 'filling in' "SELECT iforest_impute($(model tree), ROW(0.1, 0.3, NULL)::big) IS NULL, iforest_score($(model forest), 0.5, 2)"
stops 'a refit' "SELECT status FROM iforest_refit('named', gate => '{\"min_agreement\": -1}')"
