#!/bin/sh
# On every public table the contributions of a row's features add up to its
# score less one number, the model's expected score. IFOREST_DATA is the
# directory of the tables. Of a table with texts, the numbers are taken.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
data=${IFOREST_DATA:-$IFOREST_SRC/../shared/data}
[ -r "$data/README.md" ] || { echo "1..0 # SKIP no tables in $data"; exit 0; }
PGDATABASE=explain_$$
export PGDATABASE
createdb "$PGDATABASE" || exit 1
trap 'dropdb --force "$PGDATABASE"' EXIT
psql -X -q -c 'CREATE EXTENSION iforest' || exit 1
n=0

# "name type" of each column: text where some value is no number
columns() { # CSV.GZ
	gunzip -c "$1" | awk -F, '
		NR == 1 { n = split($0, name, ",") }
		NR > 1 { for (i = 1; i <= n; i++) if ($i !~ /^[-+0-9.eE]*$/) text[i] = 1 }
		END { for (i = 1; i <= n; i++) print name[i], (i in text ? "text" : "float8") }'
}

# the spread of "score - sum of contributions" over some rows of a table
spread() { # CSV.GZ
	columns=$(columns "$1")
	numbers=$(echo "$columns" | awk '$2 == "float8" && $1 != "is_outlier" { printf "%s%s", (n++ ? "," : ""), $1 }')
	# 20000 rows are enough to train on; ninety of them, and odd ones, to explain
	gunzip -c "$1" | head -n 20001 |
		psql -X -q -A -t -v ON_ERROR_STOP=1 \
			-c 'DROP TABLE IF EXISTS data' \
			-c "CREATE TABLE data ($(echo "$columns" | paste -s -d , -))" \
			-c '\copy data FROM STDIN CSV HEADER' 2>/dev/null
	psql -X -q -A -t -v ON_ERROR_STOP=1 <<-SQL
		CREATE TEMP TABLE rows AS
		SELECT row_number() OVER () AS i, ARRAY[$numbers] AS x FROM data;
		CREATE TEMP TABLE model AS
		SELECT iforest_train(iforest_options(seed => 1), x ORDER BY i) AS model FROM rows;
		SELECT coalesce(max(rest) - min(rest), 1) < 1e-9, max(rest) - min(rest), count(*)
		FROM (SELECT iforest_score(model, x) - (SELECT sum(contribution) FROM iforest_explain(model, x)) AS rest
			  FROM model, (SELECT x FROM rows WHERE i <= 90
						   UNION ALL SELECT ARRAY(SELECT CASE j % 3 WHEN 0 THEN NULL ELSE 1e6 * (j % 2) END
												  FROM generate_series(1, cardinality(x)) j) FROM rows WHERE i <= 10) r) s;
	SQL
}

set -- "$data"/*.csv.gz
echo "1..$#"
for file in "$@"; do
	n=$((n + 1))
	result=$(spread "$file")
	case $result in
		t\|*) echo "ok $n - $(basename "$file" .csv.gz): $result" ;;
		*) echo "not ok $n - $(basename "$file" .csv.gz): $result" ;;
	esac
done
