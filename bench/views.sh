#!/bin/sh
# What the recipes of doc/views.md cost.
#
# usage: views.sh [ROWS]
#
# Runs the SQL of doc/views.md in a database of its own on the server that the
# PG* variables name, where the extension must be installed, grows the table
# to ROWS (default 50000), and prints for each statement, in nanoseconds a row,
# the processor's time of a serial plan, the time that passes with two workers,
# and the ratio of the first to that of a scan. Needs a superuser. Less than a minute on an idle machine.
set -eu
cd "$(dirname "$0")/.."
rows=${1:-50000}
database=bench_views_$$
createdb "$database"
log=$(mktemp)
trap 'rm -f "$log"; dropdb --force "$database"' EXIT
export PGDATABASE=$database
export PGOPTIONS='-c client_min_messages=warning -c jit=off'
sql() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }

awk '/^```sql$/ { inside = 1; next } /^```/ { inside = 0 } inside' doc/views.md |
	sql >/dev/null
sql >/dev/null <<-SQL
	ALTER TABLE payments DISABLE TRIGGER USER;
	INSERT INTO payments
	SELECT 10000 + id, round((10 + 20 * (random() + random() + random() + random()))::numeric, 2),
	       (5 + 4 * (random() + random() + random() + random()))::int, (ARRAY['AT', 'AT', 'DE', 'DE', 'FR'])[ceil(5 * random())]
	FROM generate_series(1, $rows) AS id;
	ALTER TABLE payments SET (parallel_workers = 2);
	VACUUM ANALYZE payments;
	CREATE TABLE plain_payments (LIKE payments);
	SQL

warm='SELECT count(iforest_score(m.model, 1, 1, country)), count(iforest_score(g.model, 1, 1))
	FROM models m, country_models g'

# Milliseconds, best of five in a session that has decoded the models before;
# what a statement writes is rolled back. Serial statements are measured by the
# processor's time, which a busy machine changes less, parallel ones by the clock.
time_of() { # STATEMENT [WORKERS]
	for _ in 1 2 3 4 5; do
		sql -c "SET max_parallel_workers_per_gather = ${2:-0}" -c "$warm" -c BEGIN \
			-c 'SET client_min_messages = log' -c 'SET log_statement_stats = on' \
			-c "$1" -c 'SET log_statement_stats = off' -c ROLLBACK >"$log" 2>&1
		awk -v workers="${2:-0}" '/s user,.*s elapsed/ { n++; user = $2; system_ = $5; elapsed = $8
			if (n == 1) print 1000 * (workers ? elapsed : user + system_) }' "$log"
	done | sort -n | head -n 1
}

scan=$(time_of 'SELECT max(amount) FROM payments')
measure() { # NAME STATEMENT [ROWS]
	serial=$(time_of "$2")
	workers=$(time_of "$2" 2)
	awk -v name="$1" -v serial="$serial" -v workers="$workers" -v scan="$scan" -v rows="${3:-$rows}" 'BEGIN {
		printf "%-44s %9.0f %9.0f %8.1f\n", name, serial * 1e6 / rows, workers * 1e6 / rows, serial / scan }'
}

printf '%-44s %9s %9s %8s\n' "$rows rows" 'cpu ns' '2 workers' 'x scan'
model="(SELECT model FROM models WHERE name = 'payments')"
measure 'scan' 'SELECT max(amount) FROM payments'
measure 'plain view: all scores' 'SELECT max(score) FROM scored_payments'
measure 'plain view: rows above 0.7' 'SELECT count(s) FROM (SELECT id, score FROM scored_payments WHERE score > 0.7) s'
measure 'plain view: outliers' 'SELECT count(*) FROM scored_payments WHERE outlier'
measure 'plain view: two mentions' 'SELECT avg(score), max(score) FROM scored_payments'
measure 'scored once: two mentions' 'SELECT avg(score), max(score) FROM (SELECT score FROM scored_payments OFFSET 0) s'
measure 'LATERAL: two mentions' "SELECT avg(s.score), max(s.score) FROM payments p, LATERAL (SELECT iforest_score($model, amount, hour, country) AS score OFFSET 0) s"
measure 'top 3 with reasons' 'SELECT id, score, reason FROM scored_payments ORDER BY score DESC LIMIT 3'
measure 'materialized view: refresh' 'REFRESH MATERIALIZED VIEW payment_scores'
measure 'materialized view: top 3' 'SELECT id, score FROM payment_scores ORDER BY score DESC LIMIT 3'
measure 'drift' "SELECT iforest_drift($model, amount, hour, country) FROM payments"
measure 'groups: join' 'SELECT max(score) FROM scored_by_country'
few='FROM payments p JOIN m USING (country) WHERE id <= 500 ORDER BY amount LIMIT 500'
measure 'groups: 500 rows, sorted' "SELECT iforest_score(m.model, amount, hour) ${few% m *} country_models m ${few#* m }" 500
measure '.. with models made in the query' "WITH m AS MATERIALIZED (SELECT country, model || ''::bytea AS model FROM country_models) SELECT iforest_score(m.model, amount, hour) $few" 500
measure 'groups: correlated subquery' 'SELECT max(iforest_score((SELECT model FROM country_models m WHERE m.country = p.country), amount, hour)) FROM payments p'
values="SELECT 1000000 + id, 50, 12, 'AT' FROM generate_series(1, 20000) id"
measure 'insert 20000 rows, no trigger' "INSERT INTO plain_payments $values" 20000
measure 'insert 20000 rows, keeping the score' "ALTER TABLE payments ENABLE TRIGGER keep_score; INSERT INTO payments $values" 20000
