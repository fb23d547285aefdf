#!/bin/sh
# Named models beyond one session: they survive a dump, tell how a training
# gets on, and serve eight clients while another replaces them.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
db=registry_$$
role=regress_registry_$$
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"; for d in $db ${db}_1 ${db}_2 ${db}_3; do dropdb --if-exists --force $d; done 2>/dev/null
	psql -Xqc "DROP ROLE IF EXISTS $role" 2>/dev/null' EXIT
n=0
ok() { # STATUS DESCRIPTION [FILE]
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
		echo "not ok $n - $2"
		if [ -n "${3:-}" ]; then sed 's/^/#   /' "$3" | tail -n 30; fi
	fi
}
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$db" "$@"; }
is() { [ "$1" = "$2" ] || { echo "#   got: $1"; return 1; }; } # ACTUAL EXPECTED

wait_for() { # QUERY: until it is true, 20 seconds at most
	tries=0
	until [ "$(sql -c "$1")" = t ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || return 1
		sleep 0.1
	done
}

createdb "$db" || exit 1
sql -v role="$role" <<-'SQL' || exit 1
	CREATE EXTENSION iforest;
	CREATE ROLE :role LOGIN;
	GRANT CREATE ON SCHEMA public TO :role;
	SET ROLE :role;
	CREATE TABLE t AS SELECT i AS id, (i * i % 101)::float8 AS amount, i % 24 AS hour FROM generate_series(1, 2000) i;
	SELECT iforest_fit('load', 'SELECT amount, hour FROM t', note => 'the "first" one') \g /dev/null
	SELECT status FROM iforest_refit('load') \g /dev/null
	SELECT iforest_fit('second', 'SELECT amount FROM t', activate => false) \g /dev/null
	SELECT iforest_share('load', 'public') \g /dev/null
	CREATE VIEW scored AS SELECT id, iforest_score('load', t) AS score FROM t;
	SQL

# ---- dump and restore ----

everything='SELECT *, md5(iforest_model(name, version)) FROM iforest_models ORDER BY name, version'
sql -c "$everything" -c 'SELECT * FROM scored ORDER BY id' >"$work/before"
pg_dump -Fc -f "$work/dump" "$db" 2>"$work/log" && createdb "${db}_1" &&
	pg_restore --exit-on-error -d "${db}_1" "$work/dump" 2>>"$work/log"
ok $? 'pg_dump and pg_restore' "$work/log"
db=${db}_1 sql -c "$everything" -c 'SELECT * FROM scored ORDER BY id' >"$work/after" 2>&1
diff "$work/before" "$work/after" >"$work/log" && [ -s "$work/after" ]
ok $? 'models, versions, owners, readers and scores are as before' "$work/log"
is "$(db=${db}_1 sql -c "SELECT status FROM iforest_refit('load', gate => '{\"min_agreement\": -1}')" 2>&1)" activated
ok $? 'a restored model can be trained anew'
# ---- progress ----

sql -c "SELECT iforest_fit('slow', 'SELECT i FROM generate_series(1, 3000) i, LATERAL (SELECT pg_sleep(0.001 + 0 * i)) s', labels => 'SELECT i > 2990 AS is_outlier, i FROM generate_series(2981, 3000) i', progress => true)" >"$work/log" 2>&1
grep -Eq '^NOTICE:  model "slow": read [0-9]+ rows in [2-9]\.[0-9] s$' "$work/log"
ok $? 'a long training tells how many rows it has read' "$work/log"
grep -Eq '^NOTICE:  model "slow": trained on 3000 rows in [0-9]+\.[0-9] s$' "$work/log" &&
	grep -qx 'DETAIL:  It has learned from labels of 10 outliers and 10 normal rows\.' "$work/log"
ok $? '.. and what it took' "$work/log"
sql -c "SELECT iforest_drop('slow')" -c "SELECT octet_length(iforest_train(i)) > 0 FROM generate_series(1, 1000) i" >"$work/log" 2>&1 &&
	! grep -q NOTICE "$work/log"
ok $? '.. if asked to' "$work/log"
sql -c "SET statement_timeout = '5s'" \
	-c "SELECT iforest_fit('slow', 'SELECT amount, hour FROM t', iforest_options(generator => 'gan', generator_steps => 1000000), progress => true)" >"$work/log" 2>&1
grep -Eq '^NOTICE:  model "slow": generator took [0-9]+ of at most 1000000 steps in [2-4]\.[0-9] s$' "$work/log" &&
	grep -q 'canceling statement due to statement timeout' "$work/log"
ok $? 'a generator tells how many steps it took, and stops when it is told to' "$work/log"

# ---- one at a time ----

sql -c "BEGIN" -c "SELECT status FROM iforest_refit('load')" -c "SELECT pg_sleep(60)" >"$work/holder" 2>&1 &
holder=$!
locked="SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 'iforest_registry'::regclass AND granted)"
wait_for "$locked AND EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')"
is "$(sql -c "SELECT status, version FROM iforest_refit('load')")" 'already running|'
ok $? 'a second refit meanwhile says so, and does not wait'
is "$(sql -c "SELECT count(*) FROM scored WHERE score > 0")" 2000
ok $? 'readers do not wait'
sql -c "SELECT iforest_activate('load', 1)" >"$work/waiter" 2>&1 &
waiter=$!
wait_for "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 'iforest_registry'::regclass AND NOT granted)"
ok $? 'a switch waits for it'
# The holder's session is terminated: nothing of its version is left.
before=$(sql -c "SELECT count(*) FROM iforest_models")
sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
wait $holder
wait $waiter && is "$(sql -c "SELECT count(*) = $before, bool_or(active AND version = 1) FROM iforest_models WHERE name IN ('load', 'second')")" 't|t'
ok $? '.. and goes on when the refit is terminated, which leaves nothing behind' "$work/waiter"

# Two roles that use a new name at the same time: the second waits for the first,
# whichever way that ends.
sql -c "BEGIN" -c "SET ROLE $role" -c "SELECT iforest_fit('mine', 'SELECT sin(i) AS a FROM generate_series(1, 100) i')" -c "SELECT pg_sleep(60)" >"$work/holder" 2>&1 &
holder=$!
wait_for "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')"
sql -v VERBOSITY=verbose -c "SELECT iforest_fit('mine', 'SELECT sin(i) AS a FROM generate_series(1, 100) i')" >"$work/waiter" 2>&1 &
waiter=$!
wait_for "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'iforest_fit')"
ok $? 'of two roles that take a name, the second waits'
sql -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
wait $holder
wait $waiter && is "$(cat "$work/waiter")" 1 && is "$(sql -c "SELECT owner = current_user, iforest_drop('mine') FROM iforest_models WHERE name = 'mine'")" 't|1'
ok $? '.. gets it, if the first one does not' "$work/waiter"
sql -c "SET ROLE $role" -c "BEGIN" -c "SELECT iforest_fit('mine', 'SELECT sin(i) AS a FROM generate_series(1, 100) i')" -c "SELECT pg_sleep(2)" -c "COMMIT" >"$work/holder" 2>&1 &
holder=$!
wait_for "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')"
sql -v VERBOSITY=verbose -c "SELECT iforest_fit('mine', 'SELECT sin(i) AS a FROM generate_series(1, 100) i')" >"$work/log" 2>&1
wait $holder
grep -q 'ERROR:  42710: the model name "mine" belongs to another role' "$work/log"
ok $? '.. and else is told whose it is' "$work/log"

# While a model is trained, somebody else's table takes the name of the one that
# it was found in.
createdb "${db}_3" && db=${db}_3 sql <<-'SQL'
	CREATE SCHEMA ext;
	CREATE EXTENSION iforest SCHEMA ext;
	SELECT ext.iforest_fit('m', 'SELECT i FROM generate_series(1, 200) i', '{"seed": 1}') \g /dev/null
	UPDATE ext.iforest_versions SET query = 'SELECT i FROM generate_series(1, 200) i, LATERAL (SELECT pg_sleep(CASE i WHEN 1 THEN 3 ELSE 0 END)) s';
	SQL
db=${db}_3 sql -c "SELECT status, version FROM ext.iforest_refit('m')" >"$work/holder" 2>&1 &
holder=$!
wait_for "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')" && db=${db}_3 sql <<-'SQL'
	BEGIN;
	ALTER SCHEMA ext RENAME TO moved;
	CREATE SCHEMA ext;
	CREATE TABLE ext.iforest_registry (LIKE moved.iforest_registry INCLUDING ALL);
	CREATE TABLE ext.iforest_versions (LIKE moved.iforest_versions INCLUDING ALL);
	COMMIT;
	SQL
ok $? 'a schema is renamed in a refit, and another has its name' "$work/holder"
wait $holder
is "$(cat "$work/holder")" 'activated|2' &&
	is "$(db=${db}_3 sql -c "SELECT (SELECT max(version) FROM moved.iforest_models WHERE active), (SELECT count(*) FROM ext.iforest_registry)")" '2|0'
ok $? 'the version is put where the model is' "$work/holder"

# ---- eight clients, and one who replaces the model all the time ----

# An error, and with it a failed run, if one statement meets two versions: by
# name all over, by name against the row that its snapshot sees, or in a
# function that calls again and again.
sql <<-'SQL'
	CREATE FUNCTION score_load(a float8) RETURNS float8 STABLE LANGUAGE plpgsql AS $$
	BEGIN RETURN iforest_score('load', a, 12); END $$;
	SQL
cat >"$work/score.sql" <<-'SQL'
	SELECT 1 / (count(DISTINCT iforest_score('load', 50 + 0 * amount, 12)) = 1)::int FROM t;
	SELECT 1 / bool_and(iforest_score('load', t) = iforest_score((SELECT iforest_model('load', version) FROM iforest_models WHERE name = 'load' AND active), t))::int FROM t WHERE id <= 200;
	SELECT 1 / (count(DISTINCT score_load(50 + 0 * amount)) = 1)::int FROM t WHERE id <= 200;
	SELECT iforest_score('load', 50.0, 12);
	SQL
(
	while [ ! -e "$work/stop" ]; do
		sql -c "SELECT status FROM iforest_refit('load', gate => '{\"min_agreement\": -1}')" \
			-c "SELECT iforest_rollback('load')" \
			-c "SELECT iforest_activate('load', max(version)) FROM iforest_models WHERE name = 'load'" \
			-c "SELECT pg_sleep(0.1)" || break
	done
) >"$work/changes" 2>&1 &
changer=$!
# as long as it takes a busy machine to replace it some times
status=0
: >"$work/log"
for _ in 1 2 3 4 5 6; do
	pgbench -n -c 8 -j 2 -T 10 -M prepared -f "$work/score.sql" "$db" >>"$work/log" 2>&1 || status=$?
	[ $status -eq 0 ] && [ "$(grep -c '^activated' "$work/changes")" -lt 5 ] || break
done
ok $status '8 clients score by name while the model is replaced' "$work/log"
touch "$work/stop"
wait $changer
! grep -Eq 'ERROR|aborted|failed: [1-9]' "$work/log" "$work/changes"
ok $? 'no error, and no two versions in a statement' "$work/changes"
[ "$(grep -c '^activated' "$work/changes")" -ge 5 ]
ok $? "the model was replaced often enough ($(grep -c '^activated' "$work/changes") times)" "$work/changes"
is "$(sql -c "SELECT count(*) FILTER (WHERE active), count(*) <= max(keep) FROM iforest_models WHERE name = 'load'")" '1|t'
ok $? 'one version is active in the end'

echo "1..$n"
