-- Options of a training: defaults, ranges, and what a wrong one is told.
\set VERBOSITY default
\set SHOW_CONTEXT never

-- What there is, each NULL or a default ..
SELECT argument FROM unnest(string_to_array(pg_get_function_arguments('iforest_options'::regproc), ', ')) argument;
-- .. that iforest_options() shows; what is NULL by default is left out.
SELECT key, value FROM jsonb_each(iforest_options()) ORDER BY key;

-- Only what is given is changed; NULL leaves an option out.
SELECT iforest_options() - 'n_trees' =
       iforest_options(n_trees => 7) - 'n_trees' AS same_rest,
       iforest_options(n_trees => 7) -> 'n_trees' AS n_trees,
       iforest_options(n_trees => NULL) ? 'n_trees' AS has_n_trees;
SELECT iforest_options(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

-- Positions work as well as names, in the order of the reference.
SELECT iforest_options(10, 20, 3, 0.5, true, 0.1, 42, '{a,b}', 50) =
       iforest_options(n_trees => 10, sample_size => 20, max_depth => 3,
                       max_features => 0.5, bootstrap => true,
                       contamination => 0.1, seed => 42,
                       feature_names => '{a,b}', max_categories => 50) AS same;

-- The model records the options that it was trained with.
SELECT iforest_info(iforest_train(
           iforest_options(10, 20, 3, 0.5, true, 0.1, -42, '{a,b}', 50),
           i, i % 7)) -> 'options' AS options
FROM generate_series(1, 100) i;
SELECT (iforest_info(iforest_train(i)) -> 'options') - 'seed' =
       iforest_options(max_depth => NULL) || '{"max_depth": null}' AS defaults
FROM generate_series(1, 100) i;

-- NULL options are default options.
SELECT (iforest_info(iforest_train(NULL::jsonb, i)) -> 'options') - 'seed' =
       iforest_options() || '{"max_depth": null}' AS defaults
FROM generate_series(1, 100) i;

-- Options may be written by hand; what is missing or null is the default.
SELECT (iforest_info(iforest_train('{"n_trees": 5, "sample_size": null}'::jsonb, i))
        -> 'options') - 'seed' AS options
FROM generate_series(1, 100) i;
SELECT (iforest_info(iforest_train('{}'::jsonb, i)) -> 'options') - 'seed' =
       iforest_options() || '{"max_depth": null}' AS defaults
FROM generate_series(1, 100) i;
-- .. also 1e1, which is an integer, and a key given twice: the last counts.
SELECT iforest_info(iforest_train('{"n_trees": 3, "n_trees": 1e1}'::jsonb, i))
       #> '{options,n_trees}' AS n_trees
FROM generate_series(1, 100) i;

-- Every group may have options of its own: those of its first row.
SELECT n, iforest_info(iforest_train(iforest_options(n_trees => n), i))
          #> '{options,n_trees}' AS n_trees
FROM generate_series(1, 3) n, generate_series(1, 10) i
GROUP BY n ORDER BY n;

-- The ends of each range are part of it, except max_features 0.
SELECT iforest_options(n_trees => 1, sample_size => 1, max_depth => 0,
                       max_features => 1e-9, contamination => 0,
                       seed => -9223372036854775808, max_categories => 1);
SELECT iforest_options(n_trees => 100000, sample_size => 100000000,
                       max_depth => 100000000, max_features => 1,
                       contamination => 0.5, seed => 9223372036854775807,
                       max_categories => 32000);

-- Beyond them an error names the option, the value and the range.
SELECT iforest_options(n_trees => 0);
SELECT iforest_options(n_trees => 100001);
SELECT iforest_options(sample_size => 0);
SELECT iforest_options(sample_size => 100000001);
SELECT iforest_options(max_depth => -1);
SELECT iforest_options(max_depth => 100000001);
SELECT iforest_options(max_features => 0);
SELECT iforest_options(max_features => 1.01);
SELECT iforest_options(max_features => 'NaN');
SELECT iforest_options(contamination => -0.01);
SELECT iforest_options(contamination => 0.51);
SELECT iforest_options(contamination => 'Infinity');
SELECT iforest_options(max_categories => 0);
SELECT iforest_options(max_categories => 32001);
SELECT iforest_options(feature_names => '{a,""}');
SELECT iforest_options(feature_names => '{a,NULL}');
SELECT iforest_options(feature_names => '{a,b,a}');
SELECT length(iforest_options(feature_names => ARRAY['a', repeat('b', 1024)]) -> 'feature_names' ->> 1) AS of_1024_bytes;
SELECT iforest_options(feature_names => ARRAY['a', repeat('b', 1025)]);
-- All names are compared, at the pace of a sort: 16000 that begin alike.
SELECT iforest_options(feature_names => array_agg(repeat('n', 900) || i % 15999 ORDER BY i)) FROM generate_series(1, 16000) i;
SELECT iforest_options(feature_names => array_agg('c' || i))
FROM generate_series(1, 16001) i;

-- Options written by hand are checked where they are used.
CREATE TEMP TABLE options_t AS SELECT i AS a, i % 7 AS b FROM generate_series(1, 50) i;
SELECT iforest_train('{"n_trees": 1000000}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"n_trees": 10.5}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"n_trees": "ten"}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"n_trees": [10]}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"n_trees": true}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"max_features": "half"}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"bootstrap": 1}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"seed": "42"}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"seed": 42.5}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"seed": 9223372036854775808}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"seed": -9223372036854775809}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"feature_names": "a"}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"feature_names": {"a": 1}}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"feature_names": ["a", 7]}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"feature_names": ["a", {}]}'::jsonb, a, b) FROM options_t;
SELECT iforest_train(jsonb_build_object('feature_names', ARRAY['a', repeat('b', 1025)]), a, b) FROM options_t;
-- One name for each column, or none at all.
SELECT iforest_train(iforest_options(feature_names => '{a}'), a, b) FROM options_t;
SELECT iforest_info(iforest_train(iforest_options(feature_names => '{}'), a, b))
       #> '{features,0,name}' AS name
FROM options_t;

-- A misspelt name is told the nearest one, if one is near.
SELECT iforest_train('{"n_tree": 10}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"contaminaton": 0.1}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"ab": 1}'::jsonb, a, b) FROM options_t;
SELECT iforest_train(jsonb_build_object(repeat('seed', 100), 1), a, b) FROM options_t;
-- Names known from other tools are answered with ours, however they are written.
SELECT iforest_train('{"n_estimators": 10}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"ntrees": 10}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"numTrees": 10}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"max_samples": 256}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"sampling_size": 0.632}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"random.state": 10}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"col_sample_by_tree": 1.0}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"outlier_fraction": 0.1}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"ignored_columns": ["a"]}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"contamination": "auto"}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"ntreess": 10}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"\u00e4trees": 10}'::jsonb, a, b) FROM options_t;
-- Other lists of options have no names elsewhere.
SELECT iforest_plot_scores(NULL::bytea, '{"n_estimators": 10}');
SELECT iforest_train('{"": 10}'::jsonb, a, b) FROM options_t;
SELECT iforest_train('{"N_trees": 10}'::jsonb, a, b) FROM options_t;
-- Options are an object.
SELECT iforest_train('[{"n_trees": 10}]'::jsonb, a, b) FROM options_t;
SELECT iforest_train('10'::jsonb, a, b) FROM options_t;
SELECT iforest_train('null'::jsonb, a, b) FROM options_t;

-- A literal without a cast could be options or a column.  Depending on the
-- other columns, the server finds the call ambiguous, or iforest does.
\set VERBOSITY terse
SELECT iforest_train('{"n_trees": 10}', a, b::float8) FROM options_t;
SELECT iforest_train(NULL, a, b::float8) FROM options_t;
\set VERBOSITY default
SELECT iforest_train('{"n_trees": 10}', a, b) FROM options_t;
SELECT iforest_train('{"n_trees": 10}', a) FROM options_t;
SELECT iforest_train('{"n_trees": 10}', o) FROM options_t o;
\set VERBOSITY terse
SELECT iforest_train('{"n_trees": 10}') FROM options_t;
\set VERBOSITY default
SELECT iforest_train(NULL, a, b) FROM options_t;
SELECT iforest_train(a, b, 'x') FROM options_t;
SELECT iforest_train(a, NULL) FROM options_t;
-- Options of another type, in another place, or without columns.
SELECT iforest_train('{"n_trees": 10}'::json, a, b) FROM options_t;
SELECT iforest_train(a, b, iforest_options()) FROM options_t;
SELECT iforest_train(iforest_options()) FROM options_t;
-- Aggregates take no named arguments; iforest_options does.
\set VERBOSITY terse
SELECT iforest_train(a, n_trees => 10) FROM options_t;
SELECT iforest_options(n_estimators => 10);
-- The array form has one type for each argument, so a literal does.
SELECT iforest_info(iforest_train_array('{"n_trees": 10}', ARRAY[a, b]))
       -> 'n_trees' AS trees
FROM options_t;
SELECT iforest_train_array('{"trees": 10}', ARRAY[a, b]) FROM options_t;
