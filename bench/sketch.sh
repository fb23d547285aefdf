#!/bin/sh
# What sketches cost: bytes moved between servers, sizes, uniting, sampling.
#
# usage: sketch.sh [ROWS [SKETCHES]]
#
# Works in two databases of its own, one of them behind postgres_fdw, on the
# server that the PG* variables name, where both extensions must be
# available. ROWS (default 400000) of ten numbers lie in four foreign tables; a
# proxy counts the bytes that pass. Where the server has loaded Citus, the rows
# lie in four shards as well, which the coordinator reaches by the proxy.
# SKETCHES (default 1024, 2.2 MB each) are
# united. Prints Markdown. Needs a superuser and python3.
#
# Seconds are the clock's where servers talk, else milliseconds of the
# processor, the least of three.
set -eu
cd "$(dirname "$0")/.."
rows=${1:-400000}
sketches=${2:-1024}
near=bench_near_$$
far=bench_far_$$
dist=bench_dist_$$
work=$(mktemp -d)
proxy=
createdb "$near"
createdb "$far"
cleanup() {
	if [ -n "$proxy" ]; then kill "$proxy"; fi
	rm -rf "$work"
	dropdb --force "$near"
	dropdb --force "$far"
	dropdb --force --if-exists "$dist"
}
trap cleanup EXIT
export PGDATABASE=$near PGPORT="${PGPORT:-5432}"
export PGOPTIONS='-c client_min_messages=warning -c jit=off -c max_parallel_workers_per_gather=0'
sql() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }

# ---- the proxy: what passes is counted in a file ----
cat >"$work/proxy.py" <<-'PY'
	import os, socket, struct, sys, threading
	target, place, counter = sys.argv[1:]
	count, lock = [0], threading.Lock()
	out = os.open(counter, os.O_CREAT | os.O_WRONLY)
	def pass_on(a, b):
	    data = a.recv(1 << 16)
	    with lock:
	        count[0] += len(data)
	        os.pwrite(out, b"%020d" % count[0], 0)
	    b.sendall(data)
	    return data
	def pump(a, b):
	    try:
	        while pass_on(a, b):
	            pass
	        b.shutdown(socket.SHUT_WR)
	    except OSError:  # either end may go without a word
	        pass
	listener = socket.socket(socket.AF_UNIX)
	listener.bind(place)
	listener.listen(8)
	while True:
	    client, _ = listener.accept()
	    server = socket.socket(socket.AF_UNIX)
	    server.connect(target)
	    threading.Thread(target=pump, args=(client, server), daemon=True).start()
	    threading.Thread(target=pump, args=(server, client), daemon=True).start()
PY
chmod 755 "$work"
python3 "$work/proxy.py" "${PGHOST:?a directory of sockets}/.s.PGSQL.$PGPORT" "$work/.s.PGSQL.$PGPORT" "$work/count" &
proxy=$!
while [ ! -S "$work/.s.PGSQL.$PGPORT" ]; do sleep 0.1; done
chmod 777 "$work/.s.PGSQL.$PGPORT"
passed() { cat "$work/count" 2>/dev/null || echo 0; }

columns=x1,x2,x3,x4,x5,x6,x7,x8,x9,x10
sql -d "$far" -v rows="$rows" >/dev/null <<-'SQL'
	CREATE EXTENSION iforest;
	SELECT setseed(0.5);
	CREATE TABLE t AS
	SELECT i % 4 AS shard, random() AS x1, random() AS x2, random() + random() AS x3, random() AS x4, random() AS x5, sqrt(random()) AS x6,
	       random() AS x7, random() AS x8, random() ^ 3 AS x9, random() AS x10
	FROM generate_series(1, :rows) i;
	CREATE TABLE t0 AS SELECT * FROM t WHERE shard = 0;
	CREATE TABLE t1 AS SELECT * FROM t WHERE shard = 1;
	CREATE TABLE t2 AS SELECT * FROM t WHERE shard = 2;
	CREATE TABLE t3 AS SELECT * FROM t WHERE shard = 3;
	VACUUM ANALYZE;
	SQL
sql -v far="$far" -v host="$work" -v port="$PGPORT" >/dev/null <<-'SQL'
	CREATE EXTENSION iforest;
	CREATE EXTENSION postgres_fdw;
	CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host :'host', port :'port', dbname :'far', extensions 'iforest', fetch_size '10000');
	CREATE USER MAPPING FOR CURRENT_USER SERVER far;
	CREATE TABLE t (shard int, x1 float8, x2 float8, x3 float8, x4 float8, x5 float8, x6 float8, x7 float8, x8 float8, x9 float8, x10 float8) PARTITION BY LIST (shard);
	CREATE FOREIGN TABLE t0 PARTITION OF t FOR VALUES IN (0) SERVER far;
	CREATE FOREIGN TABLE t1 PARTITION OF t FOR VALUES IN (1) SERVER far;
	CREATE FOREIGN TABLE t2 PARTITION OF t FOR VALUES IN (2) SERVER far;
	CREATE FOREIGN TABLE t3 PARTITION OF t FOR VALUES IN (3) SERVER far;
	ANALYZE;
	SQL

# ---- bytes and seconds ----
moved() { # NAME STATEMENT [SETTING]
	before=$(passed)
	started=$(date +%s.%N)
	sql -c "SET ${3:-enable_partitionwise_aggregate = on}" -c "SELECT length(m) FROM ($2) AS q(m)" >/dev/null 2>"$work/errors" || {
		echo "| $1 | refused: $(sed -n 's/^ERROR:  //p' "$work/errors" | head -n 1) | |"
		return
	}
	ended=$(date +%s.%N)
	echo "$1|$(passed)|$before|$started|$ended" |
		awk -F'|' '{ printf "| %s | %d | %.2f |\n", $1, $2 - $3, $5 - $4 }'
}
printf '### Bytes moved: %d rows of ten numbers on four foreign tables, 100 trees\n\n' "$rows"
echo '| how | bytes | seconds |'
echo '| --- | ---: | ---: |'
moved 'rows fetched, one aggregate' "SELECT iforest_train(iforest_options(seed => 1), $columns) FROM (SELECT * FROM t OFFSET 0) t"
moved 'rows fetched, a partial aggregate a partition' "SELECT iforest_train(iforest_options(seed => 1), $columns) FROM t"
moved 'sketches made there, one model of them' "SELECT iforest_train(iforest_options(seed => 1), s) FROM (SELECT shard, iforest_sketch($columns) FROM t GROUP BY shard) AS q(shard, s)"
moved 'sketches for 20 trees, one model' "SELECT iforest_train(iforest_options(seed => 1, n_trees => 20), s) FROM (SELECT shard, iforest_sketch(iforest_options(n_trees => 20), $columns) FROM t GROUP BY shard) AS q(shard, s)"
moved 'models of 25 trees made there, merged' "SELECT iforest_merge(m) FROM (SELECT shard, iforest_train(iforest_options(n_trees => 25), $columns) FROM t GROUP BY shard) AS q(shard, m)"
echo "$(sql -d "$far" -c "SELECT length(iforest_sketch($columns)) FROM t0")|$(sql -d "$far" -c "SELECT length(iforest_train(iforest_options(n_trees => 25), $columns)) FROM t0")|$(sql -d "$far" -c "SELECT avg(length(t::text)) FROM t0 t")" |
	awk -F'|' '{ printf "\nBy calculation, 10^9 rows on 64 shards: %.0f GB of rows as text, %.0f MB of sketches (twice that as text, by postgres_fdw), %.1f MB of models of 25 trees.\n", $3, 64 * $1 / 1e6, 64 * $2 / 1e6 }'

# ---- Citus ----
# A coordinator whose only node is itself, which it reaches as it reaches others:
# by a connection, through the proxy.
on_shards() { # WHAT
	echo "SELECT nullif(result, '')::bytea AS r FROM run_command_on_shards('t', 'SELECT $1 FROM %s')"
}
case ,$(sql -c 'SHOW shared_preload_libraries' | tr -d ' '), in *,citus,*)
	createdb "$dist"
	sql -d "$dist" -c 'CREATE EXTENSION citus' -c 'CREATE EXTENSION iforest'
	sql -d "$dist" -v host="$work" -v port="$PGPORT" -v rows="$rows" >/dev/null <<-'SQL'
		SELECT citus_set_coordinator_host(:'host', :port), citus_set_node_property(:'host', :port, 'shouldhaveshards', true);
		SELECT setseed(0.5);
		CREATE TABLE t (id int, x1 float8, x2 float8, x3 float8, x4 float8, x5 float8, x6 float8, x7 float8, x8 float8, x9 float8, x10 float8);
		SELECT create_distributed_table('t', 'id', shard_count => 4);
		INSERT INTO t SELECT i, random(), random(), random() + random(), random(), random(), sqrt(random()), random(), random(), random() ^ 3, random() FROM generate_series(1, :rows) i;
		SQL
	PGDATABASE=$dist PGOPTIONS="$PGOPTIONS -c citus.enable_local_execution=off -c citus.local_hostname=$work"
	printf '\n### Bytes moved: %d rows of ten numbers in four shards of Citus %s, 100 trees\n\n' "$rows" "$(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'citus'")"
	echo '| how | bytes | seconds |'
	echo '| --- | ---: | ---: |'
	moved 'rows fetched, behind OFFSET 0' "SELECT iforest_train(iforest_options(seed => 1), r) FROM (SELECT $columns FROM t OFFSET 0) AS r"
	moved 'no fence' "SELECT iforest_train($columns) FROM t"
	moved 'partial aggregates, iforest_train_array' "SELECT iforest_train_array(ARRAY[$columns]) FROM t"
	moved 'sketches made there, one model of them' "SELECT iforest_train(iforest_options(seed => 1), r) FROM ($(on_shards "iforest_sketch($columns)")) AS s"
	moved 'sketches for 20 trees, one model' "SELECT iforest_train(iforest_options(seed => 1, n_trees => 20), r) FROM ($(on_shards "iforest_sketch(iforest_options(n_trees => 20), $columns)")) AS s"
	moved 'models of 25 trees made there, merged' "SELECT iforest_merge(r) FROM ($(on_shards "iforest_train(iforest_options(n_trees => 25), $columns)")) AS s"
	PGDATABASE=$near PGOPTIONS=${PGOPTIONS% -c citus*}
	;;
esac

# ---- sizes ----
printf '\n### A sketch of 25600 rows, by columns\n\n| columns | kB | bytes a row |\n| ---: | ---: | ---: |\n'
for d in 1 3 10 30 100; do
	sql -c "SELECT '| $d | ' || round(length(s) / 1e3) || ' | ' || round(length(s) / 25600.0, 1) || ' |'
		FROM (SELECT iforest_sketch((SELECT array_agg(random()) FROM generate_series(1, $d) WHERE i > 0)) AS s FROM generate_series(1, 26000) i) q"
done

# ---- uniting ----
# Milliseconds of the processor, the least of three.
time_of() { # STATEMENT [DATABASE]
	for _ in 1 2 3; do
		sql -d "${2:-$near}" -c 'SET client_min_messages = log' -c 'SET log_statement_stats = on' -c "$1" >"$work/log" 2>&1
		awk '/s user,.*s elapsed/ && !n++ { print 1000 * ($2 + $5) }' "$work/log"
	done | sort -n | head -n 1
}
sql -v far="$far" -v n="$sketches" >/dev/null <<-'SQL'
	CREATE TABLE few AS SELECT random() AS x1, random() AS x2, random() AS x3, random() AS x4, random() AS x5, random() AS x6, random() AS x7, random() AS x8, random() AS x9, random() AS x10 FROM generate_series(1, 26000);
	CREATE TABLE s (i int, sketch bytea);
	ALTER TABLE s ALTER sketch SET STORAGE EXTERNAL;
	INSERT INTO s SELECT i, (SELECT iforest_sketch(iforest_options(seed => i), x1, x2, x3, x4, x5, x6, x7, x8, x9, x10) FROM few) FROM generate_series(1, :n) i;
	VACUUM ANALYZE s;
	SQL
printf '\n### Uniting sketches of 25600 rows of ten numbers\n\n| sketches | MB in all | united, ms | and a model of 100 trees, ms |\n| ---: | ---: | ---: | ---: |\n'
for n in 1 16 64 1024; do
	if [ "$n" -gt "$sketches" ]; then continue; fi
	printf '| %d | %s | %s | %s |\n' "$n" "$(sql -c "SELECT round(sum(length(sketch)) / 1e6) FROM s WHERE i <= $n")" \
		"$(time_of "SELECT length(iforest_sketch_union(sketch)) FROM s WHERE i <= $n")" \
		"$(time_of "SELECT length(iforest_train(iforest_options(seed => 1), sketch)) FROM s WHERE i <= $n")"
done

# ---- TABLESAMPLE SYSTEM ----
# Models of twenty samples each beside that of the whole table: how their scores
# of 2000 rows go with its, and what share of these they flag (5 % is asked for).
sql -d "$far" >/dev/null <<-'SQL'
	CREATE TABLE shuffled AS SELECT x1, x2, x3, x4, x5 FROM t ORDER BY random();
	CREATE TABLE sorted AS SELECT * FROM shuffled ORDER BY x1;
	CREATE TABLE fresh AS SELECT * FROM shuffled ORDER BY random() LIMIT 2000;
	VACUUM ANALYZE;
	CREATE TABLE whole AS SELECT iforest_train(iforest_options(seed => 1), x1, x2, x3, x4, x5) AS model FROM shuffled;
	SQL
printf '\n### TABLESAMPLE SYSTEM (p), %d rows of five numbers\n\n' "$rows"
echo '| p | pages read | training, ms | shuffled: agreement | shuffled: flagged | sorted by x1: agreement | sorted by x1: flagged |'
echo '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |'
quality() { # TABLE P
	sql -d "$far" -c "SELECT round(avg(r)::numeric, 2) || ' | ' || round((100 * min(f))::numeric, 1) || ' .. ' || round((100 * max(f))::numeric, 1) || ' %'
		FROM (SELECT k, corr(iforest_score(m, x1, x2, x3, x4, x5), iforest_score((SELECT model FROM whole), x1, x2, x3, x4, x5)) AS r, avg(iforest_is_outlier(m, x1, x2, x3, x4, x5)::int) AS f
		      FROM (SELECT k, (SELECT iforest_train(iforest_options(seed => k), x1, x2, x3, x4, x5) FROM $1 TABLESAMPLE SYSTEM ($2) REPEATABLE (k)) AS m FROM generate_series(1, 20) k OFFSET 0) s, fresh
		      GROUP BY k) q"
}
for p in 100 10 3 1; do
	printf '| %s | %s | %s | %s | %s |\n' "$p" "$(sql -d "$far" -c "SELECT count(DISTINCT (ctid::text::point)[0]) FROM sorted TABLESAMPLE SYSTEM ($p) REPEATABLE (1)")" \
		"$(time_of "SELECT length(iforest_train(iforest_options(seed => 1), x1, x2, x3, x4, x5)) FROM shuffled TABLESAMPLE SYSTEM ($p) REPEATABLE (1)" "$far")" \
		"$(quality shuffled "$p")" "$(quality sorted "$p")"
done
