#!/bin/sh
# Retraining on a schedule by pg_cron, on a server of its own: a job trains a
# new version, which a view over the name uses at once; a job whose query fails
# leaves the active version, and the error with it.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/server.sh"
if [ ! -e "$("$PG_CONFIG" --sharedir)/extension/pg_cron.control" ]; then
	echo "1..0 # SKIP pg_cron is not installed for this server (Debian: postgresql-NN-cron)"
	exit 0
fi
log=$IFOREST_TMP/cron.log
trap 'server_stop cron immediate 2>/dev/null' EXIT
n=0
ok() { # STATUS DESCRIPTION
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
		echo "not ok $n - $2"
		sql -c 'SELECT jobid, status, return_message FROM cron.job_run_details' | sed 's/^/#   /'
		tail -n 20 "$IFOREST_TMP/cron/log" | sed 's/^/#   /'
	fi
}
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
is() { [ "$1" = "$2" ] || { echo "#   got: $1"; return 1; }; } # ACTUAL EXPECTED

server_start cron "shared_preload_libraries = 'pg_cron'" "cron.database_name = 'postgres'" \
	"cron.use_background_workers = on" "max_worker_processes = 16" >"$log" 2>&1 || {
	sed 's/^/# /' "$log"
	echo 'Bail out! no server with pg_cron'
	exit 1
}
sql <<-'SQL' >"$log" 2>&1 || { sed 's/^/# /' "$log"; exit 1; }
	CREATE EXTENSION pg_cron;
	CREATE EXTENSION iforest;
	CREATE ROLE analyst LOGIN;
	GRANT USAGE ON SCHEMA cron TO analyst;
	GRANT CREATE ON SCHEMA public TO analyst;
	SET ROLE analyst;
	CREATE TABLE payments AS SELECT i AS id, (i * i % 101)::float8 AS amount, i % 24 AS hour FROM generate_series(1, 1000) i;
	SELECT iforest_fit('good', 'SELECT amount, hour FROM payments');
	SELECT iforest_fit('bad', 'SELECT amount, hour FROM payments');
	SELECT iforest_fit('young', 'SELECT amount, hour FROM payments');
	RESET ROLE;
	UPDATE iforest_versions SET query = 'SELECT 1 / (amount - amount)::int AS amount, hour FROM payments' WHERE id = (SELECT id FROM iforest_registry WHERE name = 'bad');
	SET ROLE analyst;
	CREATE VIEW scored AS SELECT id, iforest_score('good', amount, hour) AS good, iforest_score('bad', amount, hour) AS bad FROM payments;
	SQL
before=$(sql -c 'SELECT sum(good) FROM scored')
bad_before=$(sql -c 'SELECT sum(bad) FROM scored')

# Versions before 1.5 know no seconds.
every=$(sql -c "SELECT CASE WHEN (regexp_match(extversion, '^1\.(\d+)'))[1]::int >= 5 THEN '2 seconds' ELSE '* * * * *' END FROM pg_extension WHERE extname = 'pg_cron'")
echo "# scheduled: $every"
for name in good bad young; do
	condition=NULL
	[ $name != young ] || condition="'{\"age\": \"1 day\"}'"
	sql -c "SET ROLE analyst" -c "SELECT cron.schedule('refit $name', '$every', \$\$SELECT iforest_refit('$name', $condition)\$\$)" >"$log" 2>&1
	ok $? "a job for model $name"
done

tries=0
until [ "$(sql -c "SELECT count(*) FROM (SELECT jobid FROM cron.job_run_details WHERE status IN ('succeeded', 'failed') GROUP BY jobid) j")" = 3 ]; do
	tries=$((tries + 1))
	[ $tries -lt 800 ] || break
	sleep 0.1
done
[ $tries -lt 800 ]
ok $? 'all jobs have run'
sql -c "SELECT cron.unschedule(jobid) FROM cron.job" >/dev/null
sql -c 'SELECT count(*) FROM cron.job' | grep -qx 0
ok $? '.. and are unscheduled'

is "$(sql -c "SELECT bool_and(version > 1), bool_and(last_refit = 'activated'), bool_and(owner = 'analyst') FROM iforest_models WHERE name = 'good' AND active")" 't|t|t'
ok $? 'a new version is active'
[ "$(sql -c 'SELECT sum(good) FROM scored')" != "$before" ]
ok $? 'the view shows its scores'
is "$(sql -c "SELECT version, active, last_refit, last_refit_detail, last_refit_at > trained_at FROM iforest_models WHERE name = 'bad'")" '1|t|failed|division by zero|t'
ok $? 'the failing query has left its version active, and the error with it'
is "$(sql -c 'SELECT sum(bad) FROM scored')" "$bad_before"
ok $? 'the view shows the same scores'
is "$(sql -c "SELECT version, active, last_refit IS NULL FROM iforest_models WHERE name = 'young'")" '1|t|t'
ok $? 'a model that is not due is left alone'

echo "1..$n"
