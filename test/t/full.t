#!/bin/sh
# A disk that is full when a model is refitted: a clear error, the version that
# was active stays so and scores as before, and the server goes on.
#
# A small file system of its own takes namespaces of the user, which machines
# may forbid; a limit on the size of files is had everywhere.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/server.sh"
work=$(mktemp -d) || exit 1
full=full_$$
limited=limited_$$
trap 'for s in $full $limited; do [ ! -e "$IFOREST_TMP/$s/data/postmaster.pid" ] || server_stop $s immediate; done; rm -rf "$work"' EXIT

. "$IFOREST_SRC/test/lib/assert.sh"
skip() { # REASON DESCRIPTION..
	reason=$1
	shift
	for description; do
		n=$((n + 1))
		echo "ok $n - $description # SKIP $reason"
	done
}

# A model of some megabytes, on few rows.
make_model() {
	sql >/dev/null <<-'SQL'
		CREATE EXTENSION iforest;
		CREATE TABLE t AS SELECT i AS id, sin(i) + i % 5 AS a, cos(i * 7) * (i % 3) AS b FROM generate_series(1, 10000) i;
		SELECT iforest_fit('m', 'SELECT a, b FROM t', iforest_options(n_trees => 100, sample_size => 1024, max_depth => 0), keep => 1000);
	SQL
}
state() {
	sql -c "SELECT version, active, md5(iforest_model(name, version)), note, last_refit_detail FROM iforest_models WHERE name = 'm' ORDER BY version" \
		-c "SELECT md5(string_agg(iforest_score('m', a, b)::text, ',' ORDER BY id)) FROM t WHERE id <= 500"
}
refit() { psql -X -q -A -t -v VERBOSITY=verbose -c "SELECT status, version FROM iforest_refit('m')"; }
# The error with which refits end, three of them in one session.
refused() { # PATTERN
	for _ in 1 2 3; do echo "SELECT status FROM iforest_refit('m');"; done |
		psql -X -q -A -t -v VERBOSITY=verbose >"$work/refused" 2>&1
	[ "$(grep -cE "$1" "$work/refused")" -eq 3 ] && ! grep -q 'activated' "$work/refused"
	status=$?
	sed 's/^/# /' "$work/refused" | grep -E 'ERROR|HINT|WARNING' | sort -u
	return $status
}
unharmed() { # SERVER
	! grep -E 'TRAP:|PANIC:|terminated by signal' "$IFOREST_TMP/$1/log" | sed 's/^/# /' | grep .
}

echo 1..10

# ---- a file system that is full ----

# Runs a command as an ordinary user where a directory is a file system of 24
# MB. That takes to be root for a moment, among the user's own processes.
small_disk() { # DIRECTORY COMMAND..
	# shellcheck disable=SC2016 # for the inner shell
	unshare --user --mount --map-root-user sh -c '
		mount -t tmpfs -o size=24m,mode=0777 tmpfs "$1" && shift &&
			exec unshare --user --map-user=1000 --map-group=1000 "$@"' - "$@"
}

# The server is started in there, and so sees the tablespace's directory as
# nobody else does.
start_on_small_disk() {
	mkdir "$work/small" &&
		server_start "$full" "jit = off" "autovacuum = off" "max_parallel_workers_per_gather = 0" && server_stop "$full" &&
		small_disk "$work/small" pg_ctl -D "$IFOREST_TMP/$full/data" -l "$IFOREST_TMP/$full/log" -w -s start &&
		sql -c "CREATE TABLESPACE small LOCATION '$work/small'" -c "CREATE DATABASE small TABLESPACE small"
}

if small_disk "$work" true 2>/dev/null; then
	start_on_small_disk && PGDATABASE=small && export PGDATABASE && make_model && state >"$work/before"
	ok $? 'a database is on a small file system'
	# all there is, by an error
	sql -c "COPY (SELECT repeat('x', 100000) FROM generate_series(1, 1000)) TO '$work/small/filler'" 2>&1 |
		grep -q 'No space left on device'
	ok $? 'the file system is full'
	refused '(ERROR: +53100|WARNING: .*): could not (extend|write).*No space left on device'
	ok $? 'a refit tells that there is no space'
	state | cmp -s "$work/before" -
	ok $? 'the model is what it was, and scores as it did'
	sql -c "COPY (SELECT) TO '$work/small/filler'" && sql -c CHECKPOINT && refit | grep -qx 'activated|2' && unharmed "$full"
	ok $? 'with space, the next refit works'
	server_stop "$full"
else
	skip 'no namespaces for users here' 'a database is on a small file system' 'the file system is full' \
		'a refit tells that there is no space' 'the model is what it was, and scores as it did' \
		'with space, the next refit works'
fi

# ---- files that may not grow ----
(
	# in blocks of 512 bytes: what a segment of the log takes, and little more
	ulimit -f 34000 && server_start "$limited" "jit = off" "max_parallel_workers_per_gather = 0"
) && server_use "$limited" && make_model
ok $? 'files are limited in size'

# until the versions fill what a table's file may have
refits=0
state >"$work/before"
while refit >"$work/refit" 2>&1 && grep -q activated "$work/refit" && [ $refits -lt 30 ]; do
	refits=$((refits + 1))
	state >"$work/before"
done
[ $refits -lt 30 ] && refused 'could not (extend|write).*File too large'
ok $? "a refit tells that a file may not grow"
state | cmp -s "$work/before" -
ok $? 'the model is what it was, and scores as it did'
versions=$(sql -c "SELECT max(version) FROM iforest_models")
server_stop "$limited" && server_start "$limited" && state | cmp -s "$work/before" -
ok $? 'also after a restart'
refit | grep -qx "activated|$((versions + 1))" && unharmed "$limited"
ok $? 'without the limit, the next refit works'
server_stop "$limited"
