#!/bin/sh
# Models with any bit of them changed, and a digest made to fit: whatever
# passes the checks of loading has finite scores, whatever does not is refused
# with an error of its own, and the server lives on. (sql/model_format.sql
# shows the errors; test/unit does the same to the core alone.)
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
perl -MMIME::Base64 -e 'exit(length(pack("Q", 1)) != 8)' 2>/dev/null ||
	{ echo '1..0 # SKIP no perl with integers of 64 bits'; exit 0; }
database=forged_$$
createdb "$database" || exit 1
trap 'dropdb --force "$database"' EXIT
. "$IFOREST_SRC/test/lib/assert.sh"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

# Small models with everything in them: numbers, categories, NULLs, infinities,
# several groups of trees, sections that readers may skip.
sql <<-'SQL' || exit 1
	CREATE EXTENSION iforest;
	CREATE TABLE t AS
	SELECT i AS a, CASE i % 9 WHEN 0 THEN 'Infinity'::float8 WHEN 1 THEN NULL ELSE i * 7 % 11 END AS b,
		   CASE WHEN i % 4 > 0 THEN 'c' || i % 3 END AS c
	FROM generate_series(1, 12) i;
	CREATE TABLE models (kind text, model bytea);
	INSERT INTO models SELECT 'trained', iforest_train(iforest_options(seed => 1, n_trees => 2), t) FROM t;
	INSERT INTO models
	SELECT 'merged', iforest_calibrate(model, t) FROM t, (
		SELECT iforest_merge(model) AS model
		FROM (SELECT iforest_train(iforest_options(seed => 1, n_trees => 1), t) AS model FROM t
			  UNION ALL SELECT iforest_train(iforest_options(seed => 1, n_trees => 1, sample_size => 5), t) FROM t WHERE a < 9) m) m;
	INSERT INTO models
	SELECT 'learned', iforest_calibrate(model, t) FROM t, (
		SELECT iforest_learn(model, a < 3, t) AS model FROM models, t WHERE kind = 'trained' AND a % 2 = 0) m;
	CREATE TABLE forged (kind text, how text, model bytea);
	CREATE FUNCTION digest() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		NEW.model := overlay(NEW.model PLACING sha256(substr(NEW.model, 41)) FROM 9);
		RETURN NEW;
	END $$;
	CREATE TRIGGER digest BEFORE INSERT ON forged FOR EACH ROW EXECUTE FUNCTION digest();
	SQL

# From "kind hex" lines to COPY rows of changed models.
forge() {
	perl -e '
		use strict;
		srand(42);
		sub put { my ($kind, $how, $model) = @_; print "$kind\t$how\t\\\\x", unpack("H*", $model), "\n" }
		while (<STDIN>) {
			my ($kind, $hex) = split;
			my $model = pack("H*", $hex);
			my $length = length($model);
			put($kind, "unchanged", $model);
			for my $at (40 .. $length - 1) {
				for my $bit (0 .. 7) {
					my $changed = $model;
					substr($changed, $at, 1) ^= chr(1 << $bit);
					put($kind, "bit", $changed);
				}
			}
			for (my $at = 40; $at + 4 <= $length; $at += 4) {
				for my $word ("\0" x 4, "\xff" x 4, "\xff\xff\xff\x7f", "\0\0\xf0\x7f", "\xff\xff\xef\x7f", "\0\0\0\x80") {
					my $changed = $model;
					substr($changed, $at, 4) = $word;
					put($kind, "word", $changed);
				}
			}
			# cut, with the length in the header as it is then
			for (my $at = 64; $at < $length; $at += 8) {
				my $changed = substr($model, 0, $at);
				substr($changed, 48, 8) = pack("q<", $at);
				put($kind, "cut", $changed);
			}
			for (1 .. 2000) {
				my $changed = $model;
				substr($changed, 40 + int(rand($length - 40)), 1) = chr(int(rand(256))) for 1 .. 1 + int(rand(4));
				put($kind, "several bytes", $changed);
			}
		}'
}
sql -F ' ' -c "SELECT kind, encode(model, 'hex') FROM models" | forge | sql -c 'COPY forged FROM STDIN' || exit 1

echo 1..9
sql -c "SELECT '# ' || count(*) || ' forged models; random bytes with seed 42' FROM forged"
[ "$(sql -c "SELECT count(*) FROM forged JOIN models USING (kind) WHERE how = 'unchanged' AND forged.model = models.model")" = 3 ]
ok $? 'the digest made here is the one that models have'

# What happens to each, in every function that reads a model.
sql <<-'SQL'
	CREATE FUNCTION outcome(model bytea) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		row t;
		x float8;
		detail text;
	BEGIN
		FOR row IN SELECT * FROM t UNION ALL VALUES (0, NULL::float8, 'new'), (NULL, '-Infinity', NULL) LOOP
			x := iforest_score(model, row.a, row.b, row.c);
			IF (x >= 0 AND x <= 1) IS NOT TRUE THEN
				RETURN 'bad score ' || x;
			END IF;
		END LOOP;
		RETURN 'scores';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
		RETURN SQLSTATE || ' ' || SQLERRM || ': ' || regexp_replace(detail, ' \(\d+\)\.$', '');
	END $$;
	CREATE FUNCTION reads(model bytea) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM iforest_info(model), iforest_percent_rank(model, 1, 2::float8, 'c1'),
				iforest_p_value(model, 1, 2::float8, 'c1'), iforest_is_outlier(model, 1, 2::float8, 'c1'),
				iforest_threshold(model, 0.1), (SELECT iforest_merge(m) FROM unnest(ARRAY[model, model]) m),
				(SELECT iforest_calibrate(m, t) FROM (VALUES (model)) v(m), t);
		RETURN 'works';
	EXCEPTION WHEN OTHERS THEN
		RETURN SQLSTATE || ' ' || SQLERRM;
	END $$;
	-- Comes back from a document, and merges and is calibrated to a model. (What
	-- a later version may have in place of the twelfth section is not in documents,
	-- nor are strings that are no text.)
	CREATE FUNCTION survives(model bytea) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		IF NOT iforest_is_valid((SELECT iforest_merge(m) FROM unnest(ARRAY[model, model]) m)) OR
		   NOT iforest_is_valid((SELECT iforest_calibrate(m, t) FROM (VALUES (model)) v(m), t)) THEN
			RETURN 'makes what is no model';
		END IF;
		IF iforest_from_json(iforest_to_json(model)) <> model AND substr(model, 65 + 24 * 11, 4) = '\x0c000000' THEN
			RETURN 'comes back from its document as another model';
		END IF;
		RETURN 'survives';
	EXCEPTION
		WHEN untranslatable_character THEN RETURN 'no text';
		WHEN datatype_mismatch OR undefined_column OR ambiguous_column THEN RETURN 'other columns';
	END $$;
	CREATE TABLE outcomes AS
	SELECT kind, how, model, iforest_is_valid(model) AS valid, outcome(model) AS outcome FROM forged;
	SQL
ok $? 'the server lives'
[ "$(sql -c "SELECT count(*) FROM outcomes WHERE valid <> (outcome = 'scores')
			 AND outcome !~ '^42804 column . has type'")" = 0 ]
ok $? 'what iforest_is_valid accepts has scores from 0 to 1, or features of other types'
[ "$(sql -c "SELECT count(*) FROM outcomes WHERE NOT valid AND outcome !~ '^(22P03 invalid iforest model: Rule broken: .|0A000 iforest model has a newer|XX001 iforest model is cut|22P03 not an iforest)'")" = 0 ]
ok $? 'what it does not accept is refused with an error of its own'
sql -c "SELECT '# ' || count(*) || ' ' || outcome FROM outcomes GROUP BY outcome ORDER BY outcome COLLATE \"C\""
[ "$(sql -c "SELECT count(DISTINCT outcome) FROM outcomes WHERE outcome ~ 'Rule broken'")" -ge 25 ]
ok $? 'at least 25 rules of the format are broken by these'
sql -c "SET client_min_messages = error" -c "CREATE TABLE readings AS SELECT model, reads(model) AS outcome FROM outcomes WHERE valid"
sql -c "SELECT '# ' || count(*) || ' ' || outcome FROM readings GROUP BY outcome ORDER BY outcome COLLATE \"C\""
[ "$(sql -c "SELECT count(*) FROM readings WHERE outcome ~ '^XX' OR outcome !~ '^(works|42804|42703|42702|55000)'")" = 0 ]
ok $? 'every function takes what iforest_is_valid accepts'
sql -c "SET client_min_messages = error" -c "CREATE TABLE survivals AS SELECT survives(model) AS outcome FROM outcomes WHERE valid"
sql -c "SELECT '# ' || count(*) || ' ' || outcome FROM survivals GROUP BY outcome ORDER BY outcome COLLATE \"C\""
[ "$(sql -c "SELECT count(*) FILTER (WHERE outcome = 'survives') > 5000 AND count(*) FILTER (WHERE outcome !~ '^(survives|no text|other columns)') = 0
			 FROM survivals")" = t ]
ok $? 'and it survives a document, byte for byte, a merge and a calibration'
[ "$(sql -c "SELECT count(convert_from(convert_to(outcome, 'SQL_ASCII'), 'UTF8')) > 0
			 FROM (SELECT outcome FROM outcomes UNION ALL SELECT outcome FROM readings) o")" = t ]
ok $? 'messages are text in the encoding of the database'

# Servers may be built without XML; then nothing says whether a picture is some.
if sql -c "SELECT xmlparse(DOCUMENT '<svg/>')" >/dev/null 2>&1; then
	is_document='xmlparse(DOCUMENT svg) IS DOCUMENT'
else
	echo '# a server without XML: pictures are drawn, but not parsed'
	is_document=true
fi
sql -c "CREATE FUNCTION is_document(svg text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN $is_document; END'" || exit 1

# Pictures of every fourth: with numbers, categories, NULLs and infinities, a row in each class, and all other features fixed.
sql <<-'SQL' || exit 1
	CREATE FUNCTION draws(model bytea) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		svg text;
	BEGIN
		FOREACH svg IN ARRAY ARRAY[
			(SELECT iforest_plot(m, iforest_plot_options(x => '2', y => '3', steps => 4), a, b, c) FROM (VALUES (model)) v (m), t),
			(SELECT iforest_plot_classes(m, iforest_plot_options(x => '1', y => '2', steps => 4, color => 'score'), c, a, b, 'new')
			 FROM (VALUES (model)) v (m), t),
			iforest_plot_explanation(model, 1, 2::float8, 'c1'), iforest_plot_scores(model)]
		LOOP
			IF NOT is_document(svg) OR svg ~* '="[^"]*(nan|inf)' THEN
				RETURN 'bad picture';
			END IF;
		END LOOP;
		RETURN 'works';
	EXCEPTION WHEN OTHERS THEN
		RETURN SQLSTATE || ' ' || SQLERRM;
	END $$;
	CREATE TABLE drawings AS
	SELECT model, draws(model) AS outcome
	FROM (SELECT model, row_number() OVER () AS n FROM outcomes WHERE valid) AS v
	WHERE n % 4 = 0;
	SQL
sql -c "SELECT '# ' || count(*) || ' ' || outcome FROM drawings GROUP BY outcome ORDER BY outcome COLLATE \"C\""
[ "$(sql -c "SELECT count(*) FROM drawings WHERE outcome !~ '^(works|42804|42703|42702|55000)'")" = 0 ] &&
	[ "$(sql -c "SELECT count(*) > 1000 FROM drawings WHERE outcome = 'works'")" = t ]
ok $? 'so do pictures'
