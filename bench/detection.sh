#!/bin/sh
# How well forests detect the labelled outliers of public tables, through SQL.
#
# usage: detection.sh DATA_DIR [SEEDS [PRESET]]
#
# DATA_DIR holds NAME.csv.gz (columns x1..xd, is_outlier) and a README.md with
# a table whose first columns are: table, rows, columns, outliers, and
# scikit-learn's "AUROC / average precision". The server is the one that the
# PG* variables name; the extension must exist there. Prints AUROC and average
# precision, means over SEEDS (default 5) seeds at default options, beside
# scikit-learn's, and fails if the mean AUROC is below 0.824 or a table is
# more than 0.04 below scikit-learn. With a preset of iforest_options the
# options are those of the preset, and no table is compared; it fails if the
# mean AUROC is below 0.845.
set -eu
export PGOPTIONS='-c client_min_messages=warning'

data=$1
seeds=${2:-5}
preset=${3:-}
sql() { psql -XqAt -F ' ' -v ON_ERROR_STOP=1 "$@"; }

# one table: load it, train a forest a seed, rank the rows by score
measure() {
	name=$1
	header=$(gunzip -c "$data/$name.csv.gz" | head -n 1)
	features=${header%,is_outlier}
	columns=$(echo "$header" | sed 's/,/ float8, /g; s/$/ float8/')
	gunzip -c "$data/$name.csv.gz" |
		sql -c 'DROP TABLE IF EXISTS detection_data' \
			-c "CREATE UNLOGGED TABLE detection_data ($columns)" \
			-c '\copy detection_data FROM STDIN CSV HEADER' \
			-c 'ANALYZE detection_data'
	sql <<-SQL
		SET max_parallel_workers_per_gather = 0;
		SET synchronize_seqscans = off;
		WITH model AS MATERIALIZED (
			SELECT seed, (SELECT iforest_train(iforest_options(seed => seed, preset => nullif('$preset', '')), ARRAY[$features])
						  FROM detection_data) AS model
			FROM generate_series(1, $seeds) seed
		), scored AS (
			SELECT seed, is_outlier, iforest_score(model, ARRAY[$features]) AS score
			FROM model, detection_data
		), ranked AS (
			SELECT seed, is_outlier,
				   rank() OVER up + (count(*) OVER same - 1) / 2.0 AS midrank,
				   count(*) OVER down AS above,
				   sum(is_outlier) OVER down AS hits
			FROM scored
			WINDOW up AS (PARTITION BY seed ORDER BY score),
				   same AS (PARTITION BY seed, score),
				   down AS (PARTITION BY seed ORDER BY score DESC)
		), measured AS (
			SELECT seed,
				   (sum(midrank) FILTER (WHERE is_outlier = 1)
					- sum(is_outlier) * (sum(is_outlier) + 1) / 2)
				   / (sum(is_outlier) * (count(*) - sum(is_outlier))) AS auroc,
				   avg(hits / above) FILTER (WHERE is_outlier = 1) AS precision
			FROM ranked GROUP BY seed
		)
		SELECT round(avg(auroc)::numeric, 3), round(avg(precision)::numeric, 3)
		FROM measured;
		DROP TABLE detection_data;
	SQL
}

# the reference row of a table: "AUROC precision"
reference() {
	awk -F'|' -v name="$1" '{ gsub(/ /, "", $2) } $2 == name {
		split($6, a, "/"); print a[1] + 0, a[2] + 0 }' "$data/README.md"
}

printf '%-12s %15s %15s %8s\n' table 'AUROC / AP' scikit-learn difference
for file in "$data"/*.csv.gz; do
	name=$(basename "$file" .csv.gz)
	ours=$(measure "$name")
	echo "$name $ours $(reference "$name")"
done | awk -v preset="$preset" '
	{
		d = $2 - $4
		printf "%-12s %7.3f / %.3f %7.3f / %.3f %+8.3f\n", $1, $2, $3, $4, $5, d
		n++; a += $2; p += $3; ra += $4; rp += $5
		if (preset == "" && d < -0.04) { worse = worse " " $1 }
	}
	END {
		if (n == 0) exit 1
		printf "%-12s %7.3f / %.3f %7.3f / %.3f %+8.3f\n", "mean", a/n, p/n, ra/n, rp/n, (a-ra)/n
		if (worse != "") print "more than 0.04 below scikit-learn:" worse
		exit !(a / n >= (preset == "" ? 0.824 : 0.845) && worse == "")
	}'
