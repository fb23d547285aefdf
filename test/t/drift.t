#!/bin/sh
# What iforest_drift makes of random rows: no drift where there is none, and
# the right name where there is.
#
# Each claim prints its seeds, what was measured, and its threshold.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
database=drift_$$
work=$(mktemp -d) || exit 1
createdb "$database" || exit 1
trap 'rm -rf "$work"; dropdb --force "$database"' EXIT
PGDATABASE=$database
PGOPTIONS='-c client_min_messages=warning -c jit=off -c max_parallel_workers_per_gather=0'
export PGDATABASE PGOPTIONS
sql() { psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 "$@"; }

# Rows of columns of all kinds: a normal, a skewed, one with some missing
# values, one of whole numbers, a flag, few categories and many.
sql >"$work/setup" 2>&1 <<-'SQL' || { sed 's/^/# /' "$work/setup"; echo 'Bail out! setup'; exit 1; }
	CREATE EXTENSION iforest;
	CREATE FUNCTION normal() RETURNS float8 LANGUAGE sql VOLATILE AS
		'SELECT sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())';
	CREATE TYPE draw AS (bell float8, skewed float8, holes float8, whole int, flag bool, kind text, code text);
	CREATE FUNCTION draws(n int) RETURNS SETOF draw LANGUAGE sql VOLATILE AS $$
		SELECT normal(), exp(normal()), CASE WHEN random() < 0.9 THEN normal() END, (10 * random() ^ 2)::int, random() < 0.03,
		       (ARRAY['AT', 'AT', 'DE', 'FR'])[ceil(4 * random())], 'c' || (100 * random() ^ 3)::int
		FROM generate_series(1, n)
	$$;
	CREATE TABLE reports (seed int, what text, wanted text, report jsonb);
	CREATE FUNCTION compare(seed int, n_train int, n_fresh int) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		model bytea;
	BEGIN
		PERFORM setseed(seed / 1000.0);
		CREATE TEMP TABLE train AS SELECT * FROM draws(n_train);
		CREATE TEMP TABLE fresh AS SELECT * FROM draws(n_fresh);
		SELECT iforest_train(iforest_options(seed => seed), t) INTO model FROM train t;
		INSERT INTO reports
		SELECT seed, what, wanted, iforest_drift(model, bell + CASE wanted WHEN 'bell' THEN 1 ELSE 0 END,
			skewed + CASE wanted WHEN 'skewed' THEN 2.16 ELSE 0 END,	-- its standard deviation
			CASE WHEN what <> 'missing' OR random() < 0.7 THEN holes END,
			whole + CASE wanted WHEN 'whole' THEN 3 ELSE 0 END,
			flag OR what = 'share of a flag' AND random() < 0.15,
			CASE WHEN what = 'new category' AND random() < 0.05 THEN 'CH' WHEN what = 'share of a category' AND random() < 0.4 THEN 'AT' ELSE kind END,
			code)
		FROM (VALUES ('none', NULL), ('one standard deviation', 'bell'), ('one standard deviation', 'skewed'),
		             ('one standard deviation', 'whole'), ('missing', 'holes'), ('share of a flag', 'flag'),
		             ('new category', 'kind'), ('share of a category', 'kind')) v (what, wanted), fresh
		GROUP BY what, wanted;
		DROP TABLE train, fresh;
	END $$;
	SELECT compare(s, 2000, 1000) FROM generate_series(1, 100) s;
	CREATE VIEW found AS
	SELECT seed, what, wanted, report, greatest((report #>> '{score,psi}')::float8, (report #>> '{features,0,psi}')::float8) AS psi,
	       greatest((report #>> '{score,psi}')::float8 + (report #>> '{score,psi_by_chance}')::float8, whole) AS whole
	FROM reports, LATERAL (SELECT max((f ->> 'psi')::float8 + (f ->> 'psi_by_chance')::float8) AS whole
	                       FROM jsonb_array_elements(report -> 'features') f) w;
	SQL

count=0
failures=0

# The query's rows are printed; the first column of each says whether it will do.
claim() { # DESCRIPTION QUERY
	sql -c "$2" >"$work/rows" 2>&1
	status=$?
	sed 's/^t /# /; s/^f /# TOO FAR: /; /^#/!s/^/# /' "$work/rows"
	count=$((count + 1))
	if ! grep -qv '^t ' "$work/rows" && [ -s "$work/rows" ] && [ $status -eq 0 ]; then
		echo "ok $count - $1"
	else
		failures=$((failures + 1))
		echo "not ok $count - $1"
	fi
}

claim 'fresh rows of the same distribution stay under 0.1, every feature and the score' "
	SELECT count(*) FILTER (WHERE psi < 0.1) >= 95,
	       format('seeds 1 to 100, 2000 and 1000 rows: %s of %s below 0.1 (at least 95), highest %s; with what chance gives, %s',
	              count(*) FILTER (WHERE psi < 0.1), count(*), max(psi), max(whole))
	FROM found WHERE what = 'none'"

claim 'no such report speaks of drift' "
	SELECT count(*) FILTER (WHERE report ->> 'verdict' = 'stable' AND report -> 'drifted' = '[]') >= 99,
	       format('seeds 1 to 100: %s of %s stable (at least 99)', count(*) FILTER (WHERE report ->> 'verdict' = 'stable'), count(*))
	FROM found WHERE what = 'none'"

claim 'the column that changed is named first, and no other' "
	SELECT count(*) FILTER (WHERE report -> 'drifted' = jsonb_build_array(wanted)) >= 99,
	       format('%s, %s, seeds 1 to 100: %s of %s named (at least 99); lowest psi %s', what, wanted,
	              count(*) FILTER (WHERE report -> 'drifted' = jsonb_build_array(wanted)), count(*),
	              min((report #>> '{features,0,psi}')::float8))
	FROM found WHERE what IN ('one standard deviation', 'missing') OR wanted IN ('flag', 'kind')
	GROUP BY what, wanted ORDER BY what, wanted"

claim 'the report tells how it changed' "
	SELECT count(*) FILTER (WHERE
	           CASE what WHEN 'one standard deviation' THEN (f ->> 'ks')::float8 > 0.2 AND f ->> 'direction' = 'higher'
	                     WHEN 'missing' THEN (f ->> 'missing_now')::float8 BETWEEN 0.31 AND 0.43 AND (f ->> 'missing_then')::float8 BETWEEN 0.07 AND 0.13
	                     WHEN 'new category' THEN (f ->> 'unseen_now')::float8 BETWEEN 0.025 AND 0.075 AND (f ->> 'unseen_expected')::float8 = 0
	                     WHEN 'share of a category' THEN f #>> '{changes,0,category}' = 'AT' AND (f #>> '{changes,0,now}')::float8 > 0.6
	                     ELSE f ->> 'direction' = 'higher' END) >= 99,
	       format('%s, %s, seeds 1 to 100: %s of %s (at least 99)', what, wanted, count(*) FILTER (WHERE
	           CASE what WHEN 'one standard deviation' THEN (f ->> 'ks')::float8 > 0.2 AND f ->> 'direction' = 'higher'
	                     WHEN 'missing' THEN (f ->> 'missing_now')::float8 BETWEEN 0.31 AND 0.43 AND (f ->> 'missing_then')::float8 BETWEEN 0.07 AND 0.13
	                     WHEN 'new category' THEN (f ->> 'unseen_now')::float8 BETWEEN 0.025 AND 0.075 AND (f ->> 'unseen_expected')::float8 = 0
	                     WHEN 'share of a category' THEN f #>> '{changes,0,category}' = 'AT' AND (f #>> '{changes,0,now}')::float8 > 0.6
	                     ELSE f ->> 'direction' = 'higher' END), count(*))
	FROM found, LATERAL (SELECT report #> '{features,0}' AS f) first WHERE wanted IS NOT NULL
	GROUP BY what, wanted ORDER BY what, wanted"

sql -c 'TRUNCATE reports' -c 'SELECT compare(s, 2000, 40) FROM generate_series(101, 140) s' >/dev/null
claim 'of 40 rows nothing is said without need' "
	SELECT count(*) FILTER (WHERE report ->> 'verdict' = 'too few rows' AND report -> 'drifted' = '[]') >= 38,
	       format('seeds 101 to 140: %s of %s too few rows (at least 38)', count(*) FILTER (WHERE report ->> 'verdict' = 'too few rows'), count(*))
	FROM found WHERE what = 'none'"

# Chance exceeds the limit once in 1000 for a feature: of 40 reports on 7
# features and the score, 0.3 are expected to have one that does.
claim 'of 40 rows a shift of one standard deviation is mostly beyond doubt' "
	SELECT count(*) FILTER (WHERE report -> 'drifted' ? wanted) >= 30,
	       format('bell, seeds 101 to 140: %s of %s named (at least 30)', count(*) FILTER (WHERE report -> 'drifted' ? wanted), count(*))
	FROM found WHERE wanted = 'bell'"

echo "1..$count"
[ "$failures" -eq 0 ]
