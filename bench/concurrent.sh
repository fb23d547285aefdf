#!/bin/sh
# Scoring by name while the model is replaced.
#
# usage: bench/concurrent.sh [SECONDS [CLIENTS]]
#
# For SECONDS (60) CLIENTS (8) score single rows and tables of 1000 rows by
# name under pgbench, while one more session trains a version, activates it,
# rolls back and activates again every second. Then the same without that
# session. Prints both throughputs; fails if there was an error, or if a
# statement has met two versions. Works on a throw-away server of its own.
set -eu

if [ -z "${IFOREST_TMP:-}" ]; then
	BENCH_SECONDS=${1:-60} BENCH_CLIENTS=${2:-8}
	export BENCH_SECONDS BENCH_CLIENTS
	cd "$(dirname "$0")/.."
	exec sh test/lib/sandbox.sh bench/concurrent.sh
fi

. test/lib/server.sh
iforest_build >&2
server_start concurrent "shared_buffers = 256MB" "max_connections = 200"
sql() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }
sql <<-'SQL' >&2
	CREATE EXTENSION iforest;
	CREATE TABLE t AS SELECT i AS id, random() AS a, random() AS b, random() AS c, random() AS d FROM generate_series(1, 20000) i;
	CREATE UNIQUE INDEX ON t (id);
	ANALYZE t;
	SELECT iforest_fit('load', 'SELECT a, b, c, d FROM t');
	SQL
# A division by zero, which ends the run, if a statement meets two versions.
cat >"$IFOREST_TMP/mixed.sql" <<-'SQL'
	SELECT 1 / (count(DISTINCT iforest_score('load', 0.5 + 0 * a, b * 0, c * 0, d * 0)) = 1)::int FROM t WHERE id <= 1000;
	SQL
cat >"$IFOREST_TMP/single.sql" <<-'SQL'
	\set i random(1, 20000)
	SELECT iforest_score('load', t) FROM t WHERE id = :i;
	SQL

measure() { # NAME
	pgbench -n -c "$BENCH_CLIENTS" -j 2 -T "$BENCH_SECONDS" -M prepared \
		-f "$IFOREST_TMP/single.sql@99" -f "$IFOREST_TMP/mixed.sql@1" \
		>"$IFOREST_TMP/$1.log" 2>&1 || { cat "$IFOREST_TMP/$1.log" >&2; return 1; }
	if grep -q 'ERROR\|aborted' "$IFOREST_TMP/$1.log"; then
		cat "$IFOREST_TMP/$1.log" >&2
		return 1
	fi
	awk '/^tps/ { print $3 }' "$IFOREST_TMP/$1.log"
}

(
	while [ ! -e "$IFOREST_TMP/stop" ]; do
		sql -c "SELECT status FROM iforest_refit('load', gate => '{\"min_agreement\": -1}')" \
			-c "SELECT iforest_rollback('load')" \
			-c "SELECT iforest_activate('load', max(version)) FROM iforest_models" || break
		sleep 1
	done
) >"$IFOREST_TMP/changes" 2>&1 &
changer=$!
replaced=$(measure replaced)
touch "$IFOREST_TMP/stop"
wait $changer
quiet=$(measure quiet)
if grep -q ERROR "$IFOREST_TMP/changes"; then
	cat "$IFOREST_TMP/changes" >&2
	exit 1
fi
echo "$BENCH_CLIENTS clients, $BENCH_SECONDS s each, of 100 statements 99 of one row and one of 1000:"
echo "  the model replaced $(grep -c '^activated' "$IFOREST_TMP/changes") times: $replaced statements a second"
echo "  the model left alone: $quiet statements a second"
server_stop concurrent >&2
