#!/bin/sh
# How well forests detect the labelled outliers of public tables, through SQL.
#
# usage: detection.sh DATA_DIR [SEEDS]
#
# DATA_DIR holds NAME.csv.gz (columns x1..xd, is_outlier; others are passed
# over) and a README.md with a table whose columns are: table, rows, columns,
# outliers, and "AUROC / average precision" of scikit-learn, and of isotree by
# single columns at random, guided in one column, and guided in two. The server
# is the one that the PG* variables name; the extension must exist there. Prints
# AUROC and average precision, means over SEEDS (default 5) seeds:
#
#   plain    at default options, beside scikit-learn's
#   single   guided => 0.5, in one column
#   guided   with iforest_options(preset => 'guided'), beside isotree's in two
#            columns
#   learned  the plain forest once it has learned from 10 outliers (half of
#            them, if there are fewer than 20) and 10 normal rows, drawn at
#            random; of the rows but these
#
# Fails if the mean AUROC of the plain forest is below 0.824, of the guided one
# below 0.85 or its average precision below 0.487, of the single one below 0.845,
# or of the learned one less than 0.09 above the plain one's; or if a table's
# plain forest is more than 0.04 below scikit-learn.
set -eu
export PGOPTIONS='-c client_min_messages=warning'

data=$1
seeds=${2:-5}
sql() { psql -XqAt -F ' ' -v ON_ERROR_STOP=1 "$@"; }

# one table: load it, train forests for each seed, judge the scores of its rows:
# AUROC and average precision of the kinds of forests, in the order above
measure() {
	name=$1
	header=$(gunzip -c "$data/$name.csv.gz" | head -n 1)
	features=${header%,is_outlier}
	columns=$(echo "$header" | sed 's/,/ float8, /g; s/$/ float8/')
	gunzip -c "$data/$name.csv.gz" |
		sql -c 'DROP TABLE IF EXISTS detection_data' \
			-c "CREATE UNLOGGED TABLE detection_data ($columns)" \
			-c '\copy detection_data FROM STDIN CSV HEADER'
	sql <<-SQL
		SET max_parallel_workers_per_gather = 0;
		SET synchronize_seqscans = off;
		SET jit = off;
		CREATE TEMP TABLE judged AS
		SELECT row_number() OVER () AS id, is_outlier = 1 AS is_outlier, ARRAY[$features] AS x FROM detection_data;
		CREATE TEMP TABLE label AS
		SELECT seed, id FROM generate_series(1, $seeds) seed, LATERAL (
			SELECT id, row_number() OVER (PARTITION BY is_outlier ORDER BY hashint8extended(id, seed)) AS n,
				   count(*) OVER (PARTITION BY is_outlier) AS of FROM judged OFFSET 0) s
		WHERE n <= least(10, s.of / 2);
		CREATE TEMP TABLE forest (seed int, kind text, model bytea);
		ALTER TABLE forest ALTER model SET STORAGE EXTERNAL;
		INSERT INTO forest
		SELECT seed, kind, (SELECT iforest_train(iforest_options(seed => seed, preset => preset, columns_per_split => n), x) FROM judged)
		FROM generate_series(1, $seeds) seed,
			 (VALUES ('plain', NULL, NULL), ('single', 'guided', 1), ('guided', 'guided', NULL)) k(kind, preset, n);
		INSERT INTO forest
		SELECT seed, 'learned', iforest_learn(model, is_outlier, x) FROM forest JOIN label USING (seed) JOIN judged USING (id)
		WHERE kind = 'plain' GROUP BY seed;
		ANALYZE label, judged;
		SELECT avg(auroc) FILTER (WHERE kind = 'plain'), avg(ap) FILTER (WHERE kind = 'plain'),
			   avg(auroc) FILTER (WHERE kind = 'single'), avg(ap) FILTER (WHERE kind = 'single'),
			   avg(auroc) FILTER (WHERE kind = 'guided'), avg(ap) FILTER (WHERE kind = 'guided'),
			   avg(auroc) FILTER (WHERE kind = 'learned'), avg(ap) FILTER (WHERE kind = 'learned')
		FROM forest f, LATERAL (
			SELECT iforest_roc_auc(score, is_outlier) AS auroc, iforest_average_precision(score, is_outlier) AS ap
			FROM (SELECT is_outlier, iforest_score(f.model, x) AS score FROM judged
				  WHERE f.kind <> 'learned' OR id NOT IN (SELECT l.id FROM label l WHERE l.seed = f.seed)) s) e;
		DROP TABLE detection_data;
	SQL
}

# the reference row of a table: scikit-learn's and isotree's guided figures
reference() {
	awk -F'|' -v name="$1" '{ gsub(/ /, "", $2) } $2 == name {
		split($6, a, "/"); split($9, b, "/"); print a[1] + 0, a[2] + 0, b[1] + 0, b[2] + 0 }' "$data/README.md"
}

printf '%-12s %15s %15s %15s %15s %15s %15s\n' table plain scikit-learn single guided isotree learned
for file in "$data"/*.csv.gz; do
	name=$(basename "$file" .csv.gz)
	case $(gunzip -c "$file" | head -n 1) in
	x1,*) ;;
	*) continue ;; # not of numbers alone
	esac
	echo "$name $(measure "$name") $(reference "$name")"
done | awk '
	function figures(v, i, n) { return sprintf("%8.3f / %.3f", v[i] / n, v[i + 1] / n) }
	function show(name, v, n) {
		printf "%-12s%s%s%s%s%s%s\n", name, figures(v, 2, n), figures(v, 10, n), figures(v, 4, n), figures(v, 6, n),
			   figures(v, 12, n), figures(v, 8, n)
		fflush()
	}
	NF != 13 { failed = 1; next }
	{
		for (i = 2; i <= 13; i++) {
			row[i] = $i
			sum[i] += $i
		}
		show($1, row, 1)
		n++
		if ($2 < $10 - 0.04) worse = worse " " $1
	}
	END {
		if (n == 0) exit 1
		show("mean", sum, n)
		if (worse != "") print "more than 0.04 below scikit-learn:" worse
		exit !(!failed && sum[2] / n >= 0.824 && sum[4] / n >= 0.845 && sum[6] / n >= 0.85 && sum[7] / n >= 0.487 &&
			   (sum[8] - sum[2]) / n >= 0.09 && worse == "")
	}'
