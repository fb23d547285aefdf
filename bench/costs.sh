#!/bin/sh
# What calls cost in units of the planner, beside what is declared.
#
# usage: costs.sh [ROWS]
#
# A unit is cpu_operator_cost: here an addition of two columns of float8, whose
# time is taken in the same run. Runs in a database of its own on the server
# that the PG* variables name, where the extension must be installed: ten
# columns, 100 trees of 256 rows, ROWS (default 20000) calls of what scores, a
# hundredth of what explains. Prints, for each function, nanoseconds a call,
# units, and the COST in the catalog; medians of five. A minute on an idle
# machine. What takes a row is declared so, rounded to one digit; what shows or
# writes a whole model for less, since tables of models are seldom analyzed, and
# a thousand times the truth would start the JIT compiler.
set -eu
rows=${1:-20000}
database=bench_costs_$$
createdb "$database"
log=$(mktemp)
trap 'rm -f "$log"; dropdb --force "$database"' EXIT
export PGDATABASE=$database
export PGOPTIONS='-c client_min_messages=warning -c jit=off -c max_parallel_workers_per_gather=0'
sql() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }

columns=a0,a1,a2,a3,a4,a5,a6,a7,a8,a9
sql >/dev/null <<-SQL
	CREATE EXTENSION iforest;
	SELECT setseed(0.5);
	CREATE TABLE t AS
	SELECT id, $(echo $columns | sed 's/a[0-9]/random() AS &/g')
	FROM generate_series(1, $rows) id;
	VACUUM ANALYZE t;
	SELECT iforest_fit('m', 'SELECT $columns FROM t', iforest_options(seed => 1));
	CREATE TABLE models AS SELECT iforest_model('m') AS model;
	SQL

# Nanoseconds a row of a statement: processor time, median of five in a session
# that has decoded the model before.
time_of() { # STATEMENT ROWS
	for _ in 1 2 3 4 5; do
		sql -c "SELECT iforest_score('m', $columns) FROM t LIMIT 1" \
			-c 'SET client_min_messages = log' -c 'SET log_statement_stats = on' \
			-c "$1" -c 'SET log_statement_stats = off' >"$log" 2>&1
		awk -v rows="$2" '/s user,.*s elapsed/ && !n++ { printf "%.0f\n", 1e9 * ($2 + $5) / rows }' "$log"
	done | sort -n | sed -n 3p
}

scan=$(time_of 'SELECT count(a0) FROM t' "$rows")
sums=$(time_of "SELECT count($(echo $columns,$columns | tr , +)) FROM t" "$rows")
unit=$(((sums - scan) / 19))
echo "a unit is $unit ns, a row of the scan $scan ns"
printf '%-24s %10s %10s %10s\n' function 'ns a call' units declared
cost() { # FUNCTION ARGUMENTS [ROWS]
	calls=${3:-$rows}
	took=$(time_of "SELECT count(x) FROM (SELECT $1($2) AS x FROM (SELECT * FROM t LIMIT $calls) t OFFSET 0) s" "$calls")
	declared=$(sql -c "SELECT string_agg(DISTINCT procost::text, '/') FROM pg_proc WHERE proname = '$1'")
	awk -v name="$1" -v took=$((took - scan)) -v unit="$unit" -v declared="$declared" 'BEGIN {
		printf "%-24s %10d %10.0f %10s\n", name, took, took / unit, declared }'
}

model='(SELECT model FROM models)'
for function in score is_outlier percent_rank p_value; do
	cost "iforest_$function" "$model, $columns"
done
for function in explain reason; do
	cost "iforest_$function" "$model, $columns" $((rows / 100))
done
cost iforest_threshold "$model, 0.01"
for function in info features nodes to_json to_sql; do
	cost "iforest_$function" "$model" 10
done
cost iforest_tree_dot "$model, 1" 10
cost iforest_is_valid "$model" 10
cost iforest_impute "$model, t" $((rows / 100))

# Training in parts, each with a full sample, beside the same rows in one: what
# the plan is to reckon for each process that takes part.
sql >/dev/null <<-SQL
	CREATE TABLE parts (LIKE t) PARTITION BY RANGE (id);
	CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (1) TO (40001);
	CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (40001) TO (80001);
	CREATE TABLE part_3 PARTITION OF parts FOR VALUES FROM (80001) TO (120001);
	INSERT INTO parts
	SELECT id, $(echo $columns | sed 's/a[0-9]/random()/g')
	FROM generate_series(1, 120000) id;
	CREATE TABLE whole AS SELECT * FROM parts;
	VACUUM ANALYZE parts, whole;
	SQL
train="SELECT length(iforest_train(iforest_options(seed => 1), $columns)) FROM"
whole=$(time_of "$train whole" 1)
declared=$(sql -c "SELECT sum(procost) FROM pg_proc WHERE proname ~ '^_iforest_train_(combine|(de)?serialize)'")
# else the plan would not have parts
for function in combine serialize deserialize; do
	sql -c "ALTER FUNCTION _iforest_train_$function COST 1"
done
export PGOPTIONS="$PGOPTIONS -c enable_partitionwise_aggregate=on"
parts=$(time_of "$train parts" 1)
awk -v parts="$parts" -v whole="$whole" -v unit="$unit" -v declared="$declared" 'BEGIN {
	printf "%-24s %10d %10.0f %10s\n", "a part of a training", (parts - whole) / 3, (parts - whole) / 3 / unit, declared }'
