#!/bin/sh
# Forests of scikit-learn score here as they do there, and forests trained here
# score in NumPy as here, by the Python functions of doc/JSON.md.
#
# IFOREST_DATA is the directory of the public tables; without it the rows are
# made up. PYTHON is a Python with scikit-learn (Debian: python3-sklearn).
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
python=
for candidate in ${PYTHON:-python3 /usr/bin/python3}; do
	if "$candidate" -c 'import sys, sklearn; assert sys.version_info >= (3, 8)' 2>/dev/null; then
		python=$candidate
		break
	fi
done
[ -n "$python" ] || { echo '1..0 # SKIP no Python with scikit-learn'; exit 0; }
work=$(mktemp -d) || exit 1
database=sklearn_$$
createdb "$database" || exit 1
trap 'rm -rf "$work"; dropdb --force "$database"' EXIT
PGDATABASE=$database
PGOPTIONS='-c client_min_messages=warning'
export PGDATABASE PGOPTIONS
count=0
failures=0

sql() { psql -X -A -t -q -v ON_ERROR_STOP=1 "$@"; }

# Passes if the command prints "t".
ok() { # DESCRIPTION COMMAND..
	count=$((count + 1))
	description=$1
	shift
	output=$("$@" 2>&1)
	if [ "${output%% *}" = t ]; then
		echo "ok $count - $description: ${output#t }"
	else
		failures=$((failures + 1))
		echo "not ok $count - $description"
		printf '%s\n' "$output" | sed 's/^/#   /'
	fi
}

sql -c 'CREATE EXTENSION iforest' -c 'CREATE TABLE document (forest int, document jsonb)' \
	-c 'CREATE TABLE score (forest int, id int, score float8)' || exit 1

# Rows of a table, real so that scikit-learn's float32 holds them exactly.
load() { # TABLE
	sql -c 'DROP TABLE IF EXISTS data, rows' -c 'TRUNCATE document, score'
	if [ -r "$data/$1.csv.gz" ]; then
		gunzip -c "$data/$1.csv.gz" >"$work/data.csv"
		columns=$(head -n 1 "$work/data.csv")
		sql -c "CREATE TABLE data (id int GENERATED ALWAYS AS IDENTITY, $(echo "$columns" | sed 's/,/ real, /g') real)" \
			-c "\\copy data ($columns) FROM '$work/data.csv' CSV HEADER" \
			-c 'ALTER TABLE data DROP is_outlier'
	else
		sql -c 'CREATE TABLE data AS SELECT i AS id, (hashint4(i) % 1000)::real AS x1, (hashint4(i * 7) / 1e6)::real AS x2,
			(i % 17)::real AS x3 FROM generate_series(1, 3000) i'
	fi
	sql -c "\\copy data TO '$work/rows.csv' CSV"
	# one array a row: the forest's features are all columns but the id
	sql -c 'CREATE TABLE rows AS SELECT id, ARRAY(SELECT value::float8 FROM jsonb_each_text(to_jsonb(d) - '"'id'"')
		ORDER BY substr(key, 2)::int) AS x FROM data d'
}

# Text as it is, one row a line.
as_lines="(FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')"

there_and_here() { # TABLE
	load "$1" && "$python" "$IFOREST_SRC/test/t/exchange.py" fit "$work" || return
	for file in "$work"/[0-9].json; do
		forest=$(basename "$file" .json)
		sql -c 'CREATE TEMP TABLE line (document jsonb)' -c "\\copy line FROM '$file' $as_lines" \
			-c "INSERT INTO document SELECT $forest, document FROM line" \
			-c 'CREATE TEMP TABLE one (id int, score float8)' -c "\\copy one FROM '$work/$forest.csv' CSV" \
			-c "INSERT INTO score SELECT $forest, id, score FROM one"
	done
	sql -F ' ' -c "SELECT count(DISTINCT forest) = 5 AND count(*) = 5 * max(n) AND max(difference) < 1e-9,
			max(n) || ' rows, at most ' || max(difference)
		FROM (SELECT forest, abs(score - iforest_score(model, x)) AS difference, count(*) OVER (PARTITION BY forest) AS n
			FROM (SELECT forest, iforest_from_json(document) AS model FROM document OFFSET 0) m JOIN score USING (forest) JOIN rows USING (id)) d"
}

# A forest over columns of every class, with missing values and, in the rows to
# score, categories that it did not see.
here_and_there() { # OPTIONS
	# two forests of one seed, on purpose
	sql -c 'SET client_min_messages = error; DROP TABLE IF EXISTS mixed, model, numpy' \
		-c "CREATE TABLE mixed AS SELECT i AS id, CASE WHEN i % 5 > 0 THEN sin(i) END AS a, i * 7919 % 101 AS b, i % 3 = 0 AS c,
			CASE WHEN i % 7 > 0 THEN (ARRAY['x', 'y\"', 'z\\', 'é'])[1 + i % 4] END AS d FROM generate_series(1, 2000) i" \
		-c "CREATE TABLE model AS SELECT iforest_merge(model) AS model FROM (SELECT iforest_train($1, a, b, c, d ORDER BY id) AS model
			FROM mixed GROUP BY id % 2) s" \
		-c "INSERT INTO mixed VALUES (2001, 'Infinity', -1, NULL, 'unseen'), (2002, '-Infinity', NULL, true, '')" \
		-c "\\copy (SELECT iforest_to_json(model) FROM model) TO '$work/document.json' $as_lines" \
		-c "\\copy (SELECT jsonb_build_array(id, a, b, c, d) FROM mixed) TO '$work/rows.json' $as_lines" &&
		"$python" "$IFOREST_SRC/test/t/exchange.py" score "$work" || return
	sql -F ' ' -c 'CREATE TABLE numpy (id int, score float8)' -c "\\copy numpy FROM '$work/scores.csv' CSV" \
		-c "SELECT count(*) = 2002 AND max(abs(score - iforest_score(model, a, b, c, d))) < 1e-12,
				count(*) || ' rows, at most ' || max(abs(score - iforest_score(model, a, b, c, d)))
			FROM model, mixed JOIN numpy USING (id)"
}

data=${IFOREST_DATA:-$IFOREST_SRC/../shared/data}
if [ -r "$data/README.md" ]; then
	for table in cardio satellite; do
		ok "scikit-learn's forests of $table score the same here" there_and_here $table
	done
else
	echo "# no tables in $data"
	ok "scikit-learn's forests score the same here" there_and_here none
fi
ok 'a forest trained here scores the same in NumPy' here_and_there 'iforest_options(seed => 1)'
ok 'so does one of deep trees' here_and_there 'iforest_options(seed => 2, n_trees => 20, sample_size => 1000, max_depth => 0)'
ok 'so does one of trees of one row' here_and_there 'iforest_options(seed => 2, n_trees => 2, sample_size => 1)'

echo "1..$count"
[ "$failures" -eq 0 ]
