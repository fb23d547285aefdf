-- A model's bytes may come from anywhere: what is no model, or no longer one,
-- is refused, and nothing worse happens.
\set VERBOSITY default
\set SHOW_CONTEXT never

-- Small models, of numbers and of categories with NULLs.
CREATE TEMP TABLE format_t AS
SELECT i AS a, (i * 7 % 11)::float8 AS b, CASE WHEN i % 4 > 0 THEN 'c' || i % 3 END AS c
FROM generate_series(1, 12) i;
CREATE TEMP TABLE format_models AS
SELECT 'numbers' AS kind, iforest_train(iforest_options(seed => 1, n_trees => 2), a, b) AS model FROM format_t
UNION ALL
SELECT 'mixed', iforest_train(iforest_options(seed => 1, n_trees => 2), a, c) FROM format_t
UNION ALL
SELECT 'merged', iforest_merge(model)
FROM (SELECT iforest_train(iforest_options(seed => 1, n_trees => 1), a, c) FROM format_t
      UNION ALL SELECT iforest_train(iforest_options(seed => 2, n_trees => 1, sample_size => 5), a, c) FROM format_t) m(model);
SELECT kind, iforest_is_valid(model) AS valid, length(model) BETWEEN 600 AND 3000 AS small
FROM format_models ORDER BY kind;

-- iforest_is_valid never errs.
SELECT iforest_is_valid(NULL) IS NULL AS of_null, iforest_is_valid('') AS empty,
       iforest_is_valid('\x69') AS i, iforest_is_valid('iforest') AS name, iforest_is_valid('iforest\000') AS magic,
       iforest_is_valid(decode(repeat('00', 10000), 'hex')) AS zeros,
       iforest_is_valid('iforest\000' || decode(repeat('ff', 10000), 'hex')) AS ones;
-- It serves in a CHECK.
CREATE TEMP TABLE format_checked (model bytea CHECK (iforest_is_valid(model)));
INSERT INTO format_checked SELECT model FROM format_models;
INSERT INTO format_checked VALUES (NULL);
\set VERBOSITY terse
INSERT INTO format_checked VALUES ('\x00');
INSERT INTO format_checked SELECT substr(model, 1, 100) FROM format_models;
\set VERBOSITY default

-- Cut short at every length, and with bytes added.
SELECT kind, count(*) FILTER (WHERE iforest_is_valid(substr(model, 1, n))) AS valid,
       count(*) = length(model) AS at_every_length
FROM format_models, generate_series(0, length(model) - 1) n GROUP BY kind, model ORDER BY kind;
SELECT kind, iforest_is_valid(model || '\x00') AS one_more, iforest_is_valid(model || model) AS twice
FROM format_models ORDER BY kind;
-- Every bit of every byte changed.
SELECT kind, count(*) FILTER (WHERE iforest_is_valid(set_byte(model, n, get_byte(model, n) # (1 << bit)))) AS valid,
       count(*) = length(model) * 8 AS every_bit
FROM format_models, generate_series(0, length(model) - 1) n, generate_series(0, 7) bit
GROUP BY kind, model ORDER BY kind;

-- Who changes a model can change its digest, too: every other rule has to hold
-- by itself.
CREATE FUNCTION pg_temp.digested(model bytea) RETURNS bytea LANGUAGE sql AS
	'SELECT overlay(model PLACING sha256(substr(model, 41)) FROM 9)';
SELECT kind, pg_temp.digested(model) = model AS same FROM format_models ORDER BY kind;

-- A bit here and there behind the digest, in a model with everything in it
-- (test/t/forged.t goes through all of them).  What passes is a model all the
-- same: its scores are finite, and every function that reads a model takes it.
CREATE TEMP TABLE format_forged AS
SELECT n, pg_temp.digested(set_byte(model, n, get_byte(model, n) # (1 << n / 13 % 8))) AS model
FROM format_models, generate_series(40, length(model) - 1, 13) n WHERE kind = 'merged';
CREATE FUNCTION pg_temp.outcome(model bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	score float8;
BEGIN
	FOR i IN -1 .. 13 LOOP
		score := iforest_score(model, i, 'c' || i % 5);
		IF (score >= 0 AND score <= 1) IS NOT TRUE THEN
			RETURN 'score ' || score;
		END IF;
	END LOOP;
	RETURN 'scores';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT pg_temp.outcome(model) COLLATE "C" AS outcome, bool_and(iforest_is_valid(model)) AS valid
FROM format_forged GROUP BY 1 ORDER BY 1;
SELECT count(*) FILTER (WHERE iforest_info(model) IS NULL) AS without_info,
       count(*) FILTER (WHERE iforest_merge IS NULL) AS without_merge
FROM format_forged, LATERAL (SELECT iforest_merge(m) FROM (VALUES (model)) v(m)) s
WHERE iforest_is_valid(model);

-- Random bytes behind a good header, and no header at all.
SELECT count(*) FILTER (WHERE iforest_is_valid(noise)) AS valid,
       count(*) FILTER (WHERE iforest_is_valid('iforest\000' || noise)) AS valid_with_magic
FROM (SELECT decode(string_agg(md5(i || ' ' || j), ''), 'hex') AS noise
      FROM generate_series(1, 500) i, generate_series(1, 20) j GROUP BY i) s;

-- What a person is told.
SELECT iforest_score('\x00'::bytea, 1);
SELECT iforest_score(''::bytea, 1);
SELECT iforest_score('a text that is no model'::bytea, 1);
SELECT iforest_info('\x00'::bytea);
SELECT iforest_merge('\x00');
SELECT iforest_info(substr(model, 1, 50)) FROM format_models WHERE kind = 'numbers';
SELECT iforest_info(substr(model, 1, 500)) FROM format_models WHERE kind = 'numbers';
SELECT iforest_info(model || '\x00') FROM format_models WHERE kind = 'numbers';
SELECT iforest_info(set_byte(model, 500, get_byte(model, 500) # 1)) FROM format_models WHERE kind = 'numbers';
SELECT iforest_info(set_byte(model, 40, 2)) FROM format_models WHERE kind = 'numbers';
SELECT iforest_info(pg_temp.digested(set_byte(model, 40, 0))) FROM format_models WHERE kind = 'numbers';
SELECT iforest_info(pg_temp.digested(set_byte(model, 56, 1))) FROM format_models WHERE kind = 'numbers';
-- The same from scoring.
SELECT iforest_score(substr(model, 1, 50), 1, 2::float8) FROM format_models WHERE kind = 'numbers';
SELECT iforest_score(set_byte(model, 40, 2), 1, 2::float8) FROM format_models WHERE kind = 'numbers';
\c -
CREATE TEMP TABLE format_t AS SELECT i AS a FROM generate_series(1, 12) i;
SELECT iforest_train(iforest_options(seed => 1), a) AS model FROM format_t \gset
SELECT iforest_score(substr(:'model'::bytea, 1, 500), 1);
SELECT iforest_score(set_byte(:'model', 500, get_byte(:'model', 500) # 1), 1);
-- .. also when the whole model is in the cache.
SELECT iforest_score(:'model'::bytea, 1) > 0 AS scored;
SELECT iforest_score(substr(:'model'::bytea, 1, 500), 1);
SELECT iforest_score(:'model'::bytea || '\x00', 1);
