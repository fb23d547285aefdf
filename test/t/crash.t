#!/bin/sh
# Named models outlive a server that is killed: every version that was
# committed is there afterwards, whole, and one of them active, wherever in a
# refit the server was.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/server.sh"
name=crash_$$
server_start "$name" "jit = off" || exit 1
data=$IFOREST_TMP/$name/data
work=$(mktemp -d) || exit 1
trap '[ ! -e "$data/postmaster.pid" ] || server_stop "$name" immediate; rm -rf "$work"' EXIT

. "$IFOREST_SRC/test/lib/assert.sh"

echo 1..28

sql >/dev/null <<-'SQL' || exit 1
	CREATE EXTENSION iforest;
	CREATE TABLE t AS SELECT i AS id, sin(i) + i % 5 AS a, cos(i * 7) * (i % 3) AS b FROM generate_series(1, 20000) i;
	SELECT iforest_fit('m', 'SELECT a, b FROM t', iforest_options(n_trees => 60, sample_size => 2048, max_depth => 0), keep => 1000);
	SELECT iforest_fit('m', 'SELECT a, b FROM t', iforest_options(n_trees => 60, sample_size => 2048, max_depth => 0));
	SQL

# What was committed: the versions, byte for byte, and the active one's scores.
versions() { sql -c "SELECT version, md5(iforest_model(name, version)) FROM iforest_models WHERE name = 'm'" | sort; }
scores() { sql -c "SELECT md5(string_agg(iforest_score('m', a, b)::text, ',' ORDER BY id)) FROM t WHERE id <= 500"; }
active() { sql -c "SELECT version FROM iforest_models WHERE name = 'm' AND active"; }

# A process that is dead, but that nobody has asked for its status, counts as
# gone: it holds no file and no memory.
gone() { # PID
	! grep -qs '^State:[[:blank:]]*[RSDTtI]' "/proc/$1/status"
}

# Kills the server: the postmaster and all that it has started, at once.
kill_server() {
	postmaster=$(head -n 1 "$data/postmaster.pid")
	kill -STOP "$postmaster" # it starts nothing that the list would miss
	family="$postmaster $(grep -ls "^PPid:[[:blank:]]*$postmaster\$" /proc/[0-9]*/status | sed 's|^/proc/\([0-9]*\)/.*|\1|' | tr '\n' ' ')"
	# shellcheck disable=SC2086 # numbers
	kill -9 $family 2>/dev/null
	for pid in $family; do
		for _ in $(seq 100); do
			if gone "$pid"; then break; fi
			sleep 0.05
		done
	done
	# A postmaster without a parent to bury it would be taken for a live one.
	rm -f "$data/postmaster.pid" "$PGHOST"/.s.PGSQL.*.lock
	# shellcheck disable=SC2086
	[ "$(echo $family | wc -w)" -gt 4 ]
}

# Starts the server anew. The old version is the active one and scores as it
# did, or, where that is allowed, the next one is in its place.
recover() { # POINT old|new|any
	server_start "$name" >"$work/log" 2>&1
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' "$work/log"
	ok $status "killed $1, the server starts"

	now=$(active)
	case $2 in
		old) wanted="$before" ;;
		new) wanted="$((before + 1))" ;;
		any) wanted="$before|$((before + 1))" ;;
	esac
	versions >"$work/after"
	echo "$now" | grep -qxE "$wanted" &&
		comm -23 "$work/versions" "$work/after" | wc -l | grep -qx '0' &&
		[ "$(comm -13 "$work/versions" "$work/after" | wc -l)" -eq $((now - before)) ] &&
		[ "$(sql -c "SELECT bool_and(iforest_is_valid(iforest_model(name, version))), count(*) FILTER (WHERE active) FROM iforest_models")" = 't|1' ] &&
		{ [ "$now" -ne "$before" ] || [ "$(scores)" = "$(cat "$work/scores")" ]; }
	status=$?
	[ $status -eq 0 ] || { echo "# active: $now, before: $before"; diff "$work/versions" "$work/after" | sed 's/^/# /'; }
	ok $status "killed $1: versions are whole, $2 one active"

	# a number that a lost version had had is free again
	[ "$(sql -c "SELECT status, version FROM iforest_refit('m')")" = "activated|$((now + 1))" ] &&
		[ "$(active)" = "$((now + 1))" ] && [ "$(scores)" != "$(cat "$work/scores")" ]
	ok $? "killed $1: the next refit works"
}

remember() {
	before=$(active)
	versions >"$work/versions"
	scores >"$work/scores"
}

# Starts a session with the given statements; its process id is in $session.
session() { # STATEMENT
	psql -X -q -A -t -c "SET application_name = 'victim'" -c "$1" >"$work/session" 2>&1 &
	session=$!
}

# Waits until the session's statement is in a state that SQL tells.
wait_until() { # CONDITION
	for _ in $(seq 300); do
		if [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'victim' AND $1")" = 1 ]; then return 0; fi
		kill -0 "$session" 2>/dev/null || return 1
		sleep 0.02
	done
	return 1
}

# In training: at parts of what a refit takes.
took=$(
	sql <<-'SQL'
		SELECT clock_timestamp() AS t0 \gset
		SELECT status FROM iforest_refit('m') \gset
		SELECT (1000 * extract(epoch FROM clock_timestamp() - :'t0'))::int;
	SQL
)
echo "# a refit takes $took ms"
for percent in 5 30 60 90 100; do
	remember
	session "SELECT status FROM iforest_refit('m')"
	wait_until "state = 'active'"
	sleep "$(awk "BEGIN { print $took * $percent / 100000 }")"
	kill_server
	wait "$session"
	recover "at $percent % of a refit" any
done

# Trained and stored, and not yet active: another session keeps it from that.
remember
sql -c "BEGIN" -c "SELECT FROM iforest_registry FOR SHARE" -c "SELECT pg_sleep(60)" >/dev/null 2>&1 &
holder=$!
until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 1 ]; do
	kill -0 "$holder" 2>/dev/null || break
	sleep 0.02
done
session "SELECT status FROM iforest_refit('m')"
wait_until "wait_event_type = 'Lock' AND query ~ 'iforest_refit'"
ok $? 'a refit waits to activate what it has stored'
kill_server
wait "$session" "$holder"
recover 'before activation' old

# Active, and not committed.
remember
session "BEGIN; SELECT status FROM iforest_refit('m'); SELECT pg_sleep(60)"
wait_until "wait_event = 'PgSleep'"
ok $? 'a refit is done, and its transaction is not'
kill_server
wait "$session"
recover 'before the commit' old

# Committed, and nothing of it in the table's files.
remember
sql -c "SELECT status FROM iforest_refit('m')" | grep -qx activated && kill_server
ok $? 'a refit is committed'
recover 'after the commit' new
! grep -E 'TRAP:|PANIC:|invalid page|could not read block' "$IFOREST_TMP/$name/log" | sed 's/^/# /' | grep .
ok $? 'the log tells of no damage'
