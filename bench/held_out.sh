#!/bin/sh
# Whether a cut keeps its promise on rows it has not seen.
#
# usage: held_out.sh DATA_DIR [HALVINGS]
#
# For each NAME.csv.gz of DATA_DIR: HALVINGS times (default 20) a forest is
# trained at default options on a random half of the rows, and the other half
# is scored. Prints the mean share of it that lies above the cut at a
# contamination of 0.05 and 0.1 (halves of 2000 rows or more) and 0.01 (20000
# or more), and the share of the training half, and fails if the mean on the
# held-out half is not within 20 % of what was asked. The server is the one
# that the PG* variables name; the extension must exist there.
set -eu
export PGOPTIONS='-c client_min_messages=warning'

data=$1
halvings=${2:-20}
sql() { psql -XqAt -F ' ' -v ON_ERROR_STOP=1 "$@"; }

measure() {
	name=$1
	header=$(gunzip -c "$data/$name.csv.gz" | head -n 1)
	features=${header%,is_outlier}
	columns=$(echo "$header" | sed 's/,/ float8, /g; s/$/ float8/')
	gunzip -c "$data/$name.csv.gz" |
		sql -c 'DROP TABLE IF EXISTS held_out_data' \
			-c "CREATE UNLOGGED TABLE held_out_data ($columns)" \
			-c '\copy held_out_data FROM STDIN CSV HEADER'
	sql <<-SQL
		SET max_parallel_workers_per_gather = 0;
		SET synchronize_seqscans = off;
		SELECT setseed(0.5);
		CREATE TEMP TABLE result (asked float8, held_out float8, trained float8);
		DO \$\$
		DECLARE
			model bytea;
		BEGIN
			FOR i IN 1..$halvings LOOP
				CREATE TEMP TABLE half AS
					SELECT ARRAY[$features] AS x, random() < 0.5 AS train
					FROM held_out_data;
				SELECT iforest_train(iforest_options(seed => i), x)
				FROM half WHERE train INTO model;
				CREATE TEMP TABLE scored AS
					SELECT train, iforest_score(model, x) AS score FROM half;
				INSERT INTO result
				SELECT q, avg((score > iforest_threshold(model, q))::int) FILTER (WHERE NOT train),
					   avg((score > iforest_threshold(model, q))::int) FILTER (WHERE train)
				FROM scored, (VALUES (0.05), (0.1), (0.01)) v(q)
				GROUP BY q
				HAVING count(*) >= CASE WHEN q = 0.01 THEN 40000 ELSE 4000 END;
				DROP TABLE half, scored;
			END LOOP;
		END \$\$;
		SELECT asked, avg(held_out), avg(trained), max(trained)
		FROM result GROUP BY asked ORDER BY asked;
		DROP TABLE held_out_data;
	SQL
}

printf '%-12s %6s %9s %7s %9s %9s\n' table asked held-out ratio trained 'at most'
for file in "$data"/*.csv.gz; do
	name=$(basename "$file" .csv.gz)
	measure "$name" | sed -n "s/^\(0\.[0-9]* \)/$name \1/p"
done | awk '
	NF == 5 {
		ratio = $3 / $2
		off = (ratio < 0.8 || ratio > 1.2)
		bad += off
		printf "%-12s %6.2f %9.4f %7.2f %9.4f %9.4f%s\n", $1, $2, $3, ratio, $4, $5,
			off ? "  OUT OF RANGE" : ""
		n++
	}
	END { printf "%d of %d within 20 %%\n", n - bad, n; exit !(n > 0 && bad == 0) }'
