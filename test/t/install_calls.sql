-- Calls every function of the extension, as far as people call it. Nothing but
-- the extension's own functions is called by a name that the search path
-- resolves.
\o /dev/null
SELECT iforest_options(n_trees => 5, seed => 1) AS options, iforest_plot_options(title => 'x') AS plot_options \gset
SELECT iforest_train(a, b, k) AS other FROM recorder.t \gset
SELECT iforest_train(:'options'::pg_catalog.jsonb, a, b, k) AS model, iforest_train(:'options'::pg_catalog.jsonb, t) AS by_row FROM recorder.t AS t \gset
SELECT iforest_train_array(v) AS arrays, iforest_train_array(:'options'::pg_catalog.jsonb, v) AS numbers FROM recorder.arrays \gset
SELECT iforest_merge(m) FROM (VALUES (:'model'::pg_catalog.bytea), (:'model'::pg_catalog.bytea)) AS s (m);
SELECT iforest_score(:'model'::pg_catalog.bytea, a, b, k), iforest_is_outlier(:'by_row'::pg_catalog.bytea, t),
	iforest_percent_rank(:'numbers'::pg_catalog.bytea, a, b), iforest_p_value(:'model'::pg_catalog.bytea, a, b, k),
	iforest_threshold(:'model'::pg_catalog.bytea, 0.1), iforest_reason(:'model'::pg_catalog.bytea, a, b, k),
	iforest_plot_explanation(:'model'::pg_catalog.bytea, a, b, k), iforest_plot_explanation(:'model'::pg_catalog.bytea, :'plot_options'::pg_catalog.jsonb, a, b, k)
FROM recorder.t AS t;
SELECT iforest_calibrate(:'model'::pg_catalog.bytea, a, b, k), iforest_drift(:'model'::pg_catalog.bytea, a, b, k),
	iforest_learn(:'model'::pg_catalog.bytea, true, a, b, k),
	iforest_roc_auc(a, a OPERATOR(pg_catalog.=) a), iforest_average_precision(a, a OPERATOR(pg_catalog.=) a),
	iforest_plot(:'model'::pg_catalog.bytea, a, b, k), iforest_plot(:'model'::pg_catalog.bytea, :'plot_options'::pg_catalog.jsonb, a, b, k),
	iforest_plot_classes(:'model'::pg_catalog.bytea, k, a, b, k), iforest_plot_classes(:'model'::pg_catalog.bytea, :'plot_options'::pg_catalog.jsonb, k, a, b, k)
FROM recorder.t;
SELECT iforest_info(m), iforest_is_valid(m), iforest_tree_dot(m, 1), iforest_to_json(m) AS json, iforest_to_sql(m), iforest_plot_scores(m),
	iforest_plot_scores(m, :'plot_options'::pg_catalog.jsonb) FROM (VALUES (:'model'::pg_catalog.bytea)) AS s (m);
SELECT iforest_from_json(iforest_to_json(:'model'::pg_catalog.bytea));
SELECT * FROM iforest_cache_stats();
SELECT * FROM iforest_features(:'model'::pg_catalog.bytea);
SELECT * FROM iforest_nodes(:'model'::pg_catalog.bytea);
SELECT (iforest_explain(:'model'::pg_catalog.bytea, a, b, k)).* FROM recorder.t;
-- what the planner calls where nobody looks at what was expected: as iforest_explain, and by itself
SELECT e.feature FROM recorder.t, iforest_explain(:'model'::pg_catalog.bytea, a, b, k) AS e;
SELECT (_iforest_explain_brief(:'model'::pg_catalog.bytea, a, b, k)).* FROM recorder.t;
SELECT iforest_sample(:'numbers'::pg_catalog.bytea, 2, seed => 1);
SELECT iforest_sample(:'by_row'::pg_catalog.bytea, 2, NULL::recorder.t, 1);
SELECT (iforest_augment(:'by_row'::pg_catalog.bytea, 2, t)).* FROM recorder.t AS t;
SELECT iforest_impute(:'by_row'::pg_catalog.bytea, t) FROM recorder.t AS t;
SELECT iforest_grid(:'by_row'::pg_catalog.bytea, 'a', 'k', 3);

SELECT iforest_train(u), iforest_train(:'options'::pg_catalog.jsonb, u)
FROM (SELECT iforest_sketch_union(s) AS u FROM (SELECT iforest_sketch(a, b, k) AS s FROM recorder.t) s) s;
SELECT iforest_sketch(:'options'::pg_catalog.jsonb, a, b, k) AS sketch FROM recorder.t \gset
SELECT iforest_calibrate(:'model'::pg_catalog.bytea, :'sketch'::pg_catalog.bytea), iforest_drift(:'model'::pg_catalog.bytea, :'sketch'::pg_catalog.bytea);
SELECT iforest_sketch_union(:'sketch'::pg_catalog.bytea, iforest_decay('1 day', '2 days'));
SELECT iforest_train(iforest_options(weight => 'a', n_trees => 2), t) FROM recorder.t AS t;
SELECT iforest_sketch_rows(:'sketch'::pg_catalog.bytea), iforest_sketch_info(:'sketch'::pg_catalog.bytea);
SELECT iforest_sketch_rows(:'sketch'::pg_catalog.bytea, NULL::recorder.t);
SELECT iforest_sample(m, 2, NULL::recorder.t, 1, method => 'vae'), iforest_sample(:'numbers'::pg_catalog.bytea, 2, seed => 1, method => 'forest')
FROM (SELECT iforest_train(iforest_options(generator => 'vae', generator_steps => 10, seed => 1), t) AS m FROM recorder.t AS t) m;

SELECT * FROM iforest_columns('SELECT a, b, k FROM recorder.t');
SELECT iforest_fit('fraud', 'SELECT a, b, k FROM recorder.t', :'options'::pg_catalog.jsonb, progress => true, note => 'x', labels => 'SELECT a OPERATOR(pg_catalog.=) a AS is_outlier, a, b, k FROM recorder.t');
SELECT iforest_fit('numbers', 'SELECT a, b FROM recorder.t');
SELECT iforest_fit('sketched', 'SELECT iforest_sketch(a, b) FROM recorder.t');
SELECT * FROM iforest_refit('sketched', only_if => '[{"new_rows": 1}, {"drift": 0}, {"age": "0 s"}]', gate => '{"min_rows": 1}');
SELECT iforest_drop('sketched');
SELECT * FROM iforest_refit('fraud', only_if => '[{"new_rows": 1}, {"drift": 0}, {"age": "0 s"}]', gate => '{"min_rows": 1, "min_agreement": -1}');
SELECT * FROM iforest_models;
SELECT iforest_share('fraud', 'public');
SELECT iforest_unshare('fraud', 'public');
SELECT iforest_activate('fraud', 1);
SELECT iforest_activate('fraud', 2);
SELECT iforest_rollback('fraud');
SELECT iforest_set_owner('fraud', CURRENT_USER::pg_catalog.text);
SELECT iforest_store('stored', iforest_model('fraud')), iforest_model('fraud', 1);
SELECT _iforest_role_out(_iforest_role_in('public'::pg_catalog.cstring)), _iforest_role_send(_iforest_role_in(''::pg_catalog.cstring));

SELECT iforest_score('fraud', a, b, k), iforest_is_outlier('fraud', t), iforest_percent_rank('numbers', a, b), iforest_p_value('fraud', a, b, k),
	iforest_threshold('fraud', 0.1), iforest_threshold('fraud'), iforest_plot_scores('fraud'), iforest_reason('fraud', a, b, k), iforest_plot_explanation('fraud', a, b, k) FROM recorder.t AS t;
SELECT iforest_plot('fraud', a, b, k),
	iforest_plot_classes('fraud', k, a, b, k) FROM recorder.t;

SELECT iforest_drop('stored'), iforest_drop('fraud', 2), iforest_drop('fraud'), iforest_drop('numbers');
