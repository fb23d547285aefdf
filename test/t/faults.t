#!/bin/sh
# Queries that take long can be stopped at any time and leave nothing; so can
# sessions and servers. Each statement runs once to its end and then again,
# stopped at several points of its time; it must end soon after, compared with
# what it would have taken, and the session go on as if nothing had been.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/server.sh"
# Not to meet other sessions' caches, and to crash what is our own.
server_start faults_$$ "max_parallel_workers_per_gather = 0" "jit = off" \
	"log_min_messages = warning" || exit 1
work=$(mktemp -d) || exit 1
trap 'server_stop faults_$$ immediate; rm -rf "$work"' EXIT

. "$IFOREST_SRC/test/lib/assert.sh"
. "$IFOREST_SRC/test/lib/interrupt.sh"

sql -c 'CREATE EXTENSION iforest' && make_models || exit 1
sql <<-'SQL' || exit 1
	INSERT INTO models SELECT 'wide', iforest_train(iforest_options(n_trees => 20, max_depth => 0, seed => 1), x) FROM wide;
	VACUUM ANALYZE;
	SQL

echo 1..20
stops 'training a large tree' \
	'SELECT md5(iforest_train(iforest_options(n_trees => 1, sample_size => 250000, max_depth => 0, seed => 2), a, b, c)) FROM big'
stops 'training many trees' \
	'SELECT md5(iforest_train(iforest_options(n_trees => 300, seed => 2), a, b)) FROM big'
stops 'training on many columns' \
	'SELECT md5(iforest_train(iforest_options(n_trees => 200, seed => 2), x)) FROM wide'
stops 'merging' \
	"SELECT md5(iforest_merge(model)) FROM (SELECT model FROM models WHERE name = 'tree' UNION ALL SELECT model FROM models WHERE name = 'tree') m"
stops 'calibrating' "SELECT md5(iforest_calibrate($(model forest), a, b)) FROM big WHERE a > 0.9"
# With a cache of no size each model drives the other one out.
stops 'loading large models' "SELECT iforest_score($(model tree), 0.5::float8, 2::float8, 'c3'::text) + iforest_score($(model forest), 1.0, 2.0)"
stops 'scoring many rows' "SELECT sum(iforest_score($(model forest), a, b)) FROM big WHERE a > 0.9"
stops 'explaining with a large model' \
	"SELECT count(*) FROM (SELECT a, b, c FROM big LIMIT 5) r, iforest_explain($(model tree), a, b, c)"
stops 'explaining many rows' \
	"SELECT count(*) FROM (SELECT a, b FROM big LIMIT 200) r, iforest_explain($(model forest), a, b)"
stops 'explaining many columns' \
	"SELECT count(*) FROM (SELECT x FROM wide) r, iforest_explain($(model wide), x)"
stops 'listing nodes' "SELECT count(*) FROM iforest_nodes($(model tree))"
stops 'writing a document' "SELECT iforest_to_json($(model forest)) IS NOT NULL"
sql -c "CREATE TABLE documents AS SELECT iforest_to_json(model) AS document FROM models WHERE name = 'forest'" || exit 1
stops 'reading a document' 'SELECT md5(iforest_from_json(document)) FROM documents'
stops 'checking a large model' "SELECT iforest_is_valid(model) FROM models, generate_series(1, 20) WHERE name = 'tree'"

# Models that drive each other out build their faster forms anew.
kernel=auto
stops 'building a faster form' \
	"SELECT sum(iforest_score($(model forest), a, b)), iforest_score($(model tree), 0.5::float8, 2::float8, 'c3'::text) FROM (SELECT * FROM big LIMIT 20000) r"

# A session canceled by another one, in the middle of growing a tree.
psql -X -q -A -t -c "SET application_name = 'victim'; SELECT iforest_train(iforest_options(n_trees => 40, sample_size => 250000, max_depth => 0), a, b, c) FROM big" \
	>"$work/victim" 2>&1 &
victim=$!
while [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'victim' AND state = 'active' AND now() - query_start > '0.5 s'")" = 0 ]; do
	kill -0 $victim 2>/dev/null || break
done
sql -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'" | grep -qx t
ok $? 'a session that trains can be canceled'
wait $victim
grep -q 'canceling statement due to user request' "$work/victim"
ok $? 'and reports that it was'

# A backend killed in training takes the others down, as the server will have
# it; what was committed is there afterwards.
sql -c 'SELECT name, md5(model) FROM models ORDER BY 1' >"$work/before"
{
	echo "SET application_name = 'victim';"
	echo "INSERT INTO models SELECT 'lost', iforest_train(iforest_options(n_trees => 40, sample_size => 250000, max_depth => 0), a, b, c) FROM big;"
} | psql -X -q >/dev/null 2>&1 &
victim=$!
while :; do
	pid=$(sql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND state = 'active' AND now() - query_start > '0.5 s'")
	[ -z "$pid" ] || break
	kill -0 $victim 2>/dev/null || break
done
[ -n "$pid" ] && kill -9 "$pid"
ok $? 'a backend that trains is killed'
wait $victim
# Until the server has seen that, it takes new sessions, and ends them then.
tries=0
until grep -q 'all server processes terminated' "$IFOREST_TMP/faults_$$/log" && sql -c 'SELECT 1' >/dev/null 2>&1 || [ $tries -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.2
done
sql -c 'SELECT name, md5(model) FROM models ORDER BY 1' | diff -q "$work/before" - >&2
ok $? 'the models that were committed are there, and no other'

# Little memory: an error, and the session goes on. The address space is that
# of a server with few buffers and some room.
(
	ulimit -v 700000 && server_start little_$$ "shared_buffers = '16MB'" "jit = off" "max_connections = 10"
) || exit 1
server_use little_$$
sql -c 'CREATE EXTENSION iforest' -c 'CREATE TABLE t AS SELECT sin(i) AS a, cos(i) AS b FROM generate_series(1, 100000) i'
psql -X -q -A -t 2>&1 >"$work/little" <<-'SQL'
	\set VERBOSITY sqlstate
	SELECT length(iforest_train(iforest_options(n_trees => 1000, sample_size => 100000, max_depth => 0), t.a, t.b, u.a)) FROM t, t u;
	\echo :LAST_ERROR_SQLSTATE
	SELECT length(iforest_train(iforest_options(n_trees => 20, sample_size => 100000, max_depth => 0), a, b)) FROM t;
	\echo :LAST_ERROR_SQLSTATE
	SELECT iforest_is_valid(iforest_train(iforest_options(seed => 1), a, b)) FROM t;
	SQL
grep -qx 53200 "$work/little" && tail -n 1 "$work/little" | grep -qx t &&
	! grep -qE 'terminated by signal|PANIC' "$IFOREST_TMP/little_$$/log"
status=$?
sed 's/^/# /' "$work/little"
ok $status 'without memory there is an error, and the session goes on'
server_stop little_$$ fast
server_use faults_$$
