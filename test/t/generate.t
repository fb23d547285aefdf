#!/bin/sh
# What new rows are worth, as statements about chance: on the worked example
# (two clusters of points, see example.t) and on public tables of up to 4000
# rows, IFOREST_DATA being their directory. Each table is tried with seeds 1 to
# 3, of the forests and of what they make.
#
# (a) rows that iforest_augment makes around the ten most unusual rows of the
#     table, and how many of them are still above the threshold;
# (b) AUROC of the labelled outliers, of a forest trained on half of the rows,
#     and of one trained on these and as many rows of iforest_sample;
# (c) how well a forest trained on half of the rows tells the other half from
#     as many sampled rows: AUROC, of two the one above 0.5;
# (d) error of iforest_impute where 10 % of the values are knocked out, by the
#     error of the columns' means (root mean square, in standard deviations).
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
data=${IFOREST_DATA:-$IFOREST_SRC/../shared/data}
database=generate_$$
createdb "$database" || exit 1
trap 'dropdb --force "$database"' EXIT
sql() { psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d "$database" "$@"; }

# Box and Muller's way to normally distributed numbers.
load_example() {
	sql <<-'SQL'
		SELECT setseed(0.01) \g /dev/null
		INSERT INTO rows
		SELECT i, ARRAY[3 * (i % 2) + 0.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()),
						3 * (i % 2) + 0.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())], false
		FROM generate_series(1, 2000) i;
		INSERT INTO rows SELECT 2000 + i, ARRAY[6 * random() - 1, 6 * random() - 1], true
		FROM generate_series(1, 50) i;
	SQL
}

load_table() { # NAME
	header=$(gunzip -c "$data/$1.csv.gz" | head -n 1)
	gunzip -c "$data/$1.csv.gz" |
		sql -c "CREATE TEMP TABLE raw ($(echo "$header" | sed 's/,/ float8, /g; s/$/ float8/'))" \
			-c '\copy raw FROM STDIN CSV HEADER' \
			-c "INSERT INTO rows SELECT row_number() OVER (), ARRAY[${header%,is_outlier}], is_outlier = 1 FROM raw"
}

# "table sampled noise forest before after told imputed"
measure() { # NAME
	sql <<-'SQL'
		SELECT count(generate_figures(s)) FROM generate_series(1, 3) s \g /dev/null
		SELECT round(avg(noise)::numeric, 3), round(avg(forest)::numeric, 4), round(avg(before)::numeric, 3),
			   round(avg(after)::numeric, 3), round(avg(told)::numeric, 3), round(avg(imputed)::numeric, 3)
		FROM figures;
		TRUNCATE rows, figures;
	SQL
}

sql <<'SQL' || exit 1
CREATE EXTENSION iforest;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE rows (id int, x float8[], outlier bool);
CREATE TABLE figures (noise float8, forest float8, before float8, after float8, told float8, imputed float8);

CREATE FUNCTION auroc(scores float8[], positive bool[]) RETURNS float8 LANGUAGE SQL AS $$
	WITH ranked AS (
		SELECT p, rank() OVER (ORDER BY s) + (count(*) OVER (PARTITION BY s) - 1) / 2.0 AS midrank
		FROM unnest(scores, positive) AS u(s, p)
	)
	SELECT (sum(midrank) FILTER (WHERE p) - count(*) FILTER (WHERE p) * (count(*) FILTER (WHERE p) + 1) / 2.0)
		   / (count(*) FILTER (WHERE p) * count(*) FILTER (WHERE NOT p)) FROM ranked
$$;

CREATE FUNCTION generate_figures(s int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	whole bytea; half bytea; more bytea; holed bytea;
	noise float8; forest float8; before float8; after float8; told float8; imputed float8;
BEGIN
	PERFORM setseed(s / 100.0);
	CREATE TEMP TABLE part AS
	SELECT id, x, outlier, row_number() OVER (ORDER BY random()) % 2 = 0 AS train FROM rows;
	SELECT iforest_train(iforest_options(seed => s), x ORDER BY id) INTO whole FROM rows;
	SELECT iforest_train(iforest_options(seed => s), x ORDER BY id) INTO half FROM part WHERE train;
	CREATE TEMP TABLE made AS
	SELECT a FROM iforest_sample(half, (SELECT count(*)::int FROM part WHERE train), seed => s) a;

	SELECT avg(iforest_is_outlier(whole, n.novel)::int), avg(iforest_is_outlier(whole, f.novel)::int)
	INTO noise, forest
	FROM (SELECT x FROM rows WHERE iforest_is_outlier(whole, x) ORDER BY iforest_score(whole, x) DESC, id LIMIT 10) o,
		 generate_series(1, 100) i,
		 iforest_augment(whole, 1, x, 0.5, 'noise', s * 1000 + i) n,
		 iforest_augment(whole, 1, x, 0.5, 'forest', s * 1000 + i) f;

	SELECT iforest_train(iforest_options(seed => s), v) INTO more
	FROM (SELECT x AS v FROM part WHERE train UNION ALL SELECT a FROM made) u;
	SELECT auroc(array_agg(iforest_score(half, x)), array_agg(outlier)),
		   auroc(array_agg(iforest_score(more, x)), array_agg(outlier))
	INTO before, after FROM part WHERE NOT train;

	SELECT auroc(array_agg(iforest_score(half, v)), array_agg(new)) INTO told
	FROM (SELECT x AS v, false AS new FROM part WHERE NOT train UNION ALL SELECT a, true FROM made) u;
	told := greatest(told, 1 - told);

	CREATE TEMP TABLE hole AS
	SELECT id, x, ARRAY(SELECT CASE WHEN random() >= 0.1 THEN v END FROM unnest(x) WITH ORDINALITY u(v, i) ORDER BY i) AS h
	FROM rows WHERE id % greatest((SELECT count(*) FROM rows) / 500, 1) = 0;
	SELECT iforest_train(iforest_options(seed => s), h ORDER BY id) INTO holed FROM hole;
	WITH filled AS MATERIALIZED (
		SELECT x, h, iforest_impute(holed, h) AS f FROM hole
	), cell AS (
		SELECT i, v, known, guess, avg(known) OVER (PARTITION BY i) AS mean, stddev(v) OVER (PARTITION BY i) AS unit
		FROM filled, LATERAL unnest(x, h, f) WITH ORDINALITY u(v, known, guess, i)
	)
	SELECT sqrt(sum(((guess - v) / unit) ^ 2) / sum(((mean - v) / unit) ^ 2)) INTO imputed
	FROM cell WHERE known IS NULL AND unit > 0;

	INSERT INTO figures VALUES (noise, forest, before, after, told, imputed);
	DROP TABLE part, made, hole;
END $$;
SQL

n=0
ok() { # DESCRIPTION COMMAND..
	n=$((n + 1))
	description=$1
	shift
	if "$@"; then echo "ok $n - $description"; else echo "not ok $n - $description"; fi
}
holds() { awk "BEGIN { exit !($1) }"; }

echo '# seeds 1 to 3'
echo '# table        above threshold    AUROC            sampled  imputed'
echo '#              noise  forest      before  and new  told     error'
tables=0 better=0 change=0
for table in example breastw cardio glass pima thyroid vowels wbc; do
	if [ "$table" = example ]; then
		load_example
	elif [ -r "$data/$table.csv.gz" ]; then
		load_table "$table"
	else
		continue
	fi || exit 1
	figures=$(measure "$table") || exit 1
	# shellcheck disable=SC2086 # six numbers
	set -- $figures
	printf '# %-12s %-6s %-11s %-7s %-8s %-8s %s\n' "$table" "$1" "$2" "$3" "$4" "$5" "$6"
	tables=$((tables + 1))
	change=$(awk "BEGIN { print $change + $4 - $3 }")
	ok "$table: rows by the forest stay above the threshold" holds "$2 >= 0.99"
	ok "$table: rows by noise stay above it less often, or as often" holds "$1 <= $2"
	ok "$table: sampled rows among the training rows do no harm" holds "$4 >= $3 - 0.02"
	ok "$table: a forest does not tell sampled rows" holds "$5 < 0.75"
	[ "$table" = example ] || ! holds "$6 < 1" || better=$((better + 1))
done
ok 'mean change of AUROC by sampled rows' holds "$change / $tables >= -0.01"
echo "# $change / $tables"
if [ "$tables" -gt 1 ]; then
	ok "imputing beats the columns' means on most tables" holds "$better > ($tables - 1) / 2"
	echo "# on $better of $((tables - 1))"
else
	n=$((n + 1))
	echo "ok $n - tables # SKIP no tables in $data"
fi
echo "1..$n"
