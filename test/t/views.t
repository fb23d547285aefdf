#!/bin/sh
# What doc/views.md says of its recipes: how often the score is computed, which
# plans are parallel, what a retrained model changes.
#
# The SQL of the page is run as it stands (test/t/readme.t compares its
# output), then the table grows and each claim is put to the test. Calls are
# those that the server counts with track_functions.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
cd "$IFOREST_SRC" || exit 1
. test/lib/server.sh
database=views_$$
work=$(mktemp -d) || exit 1
createdb "$database" || exit 1
cleanup() {
	rm -rf "$work"
	if [ -n "${cron:-}" ]; then server_stop views_cron immediate; server_use main; fi
	dropdb --force "$database"
}
trap cleanup EXIT
PGDATABASE=$database
PGOPTIONS='-c client_min_messages=warning -c jit=off'
export PGDATABASE PGOPTIONS
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

count=0
failures=0
is() { # DESCRIPTION EXPECTED ACTUAL
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		failures=$((failures + 1))
		echo "not ok $count - $1"
		printf '%s\n' "expected: $2" "actual: $3" | sed 's/^/#   /'
	fi
}

# The calls of a function that a statement makes, in all its processes. A session
# tells of them when it ends, unless it is asked to: that would be too late.
calls() { # FUNCTION STATEMENT
	sql -c 'SELECT pg_stat_reset()' >/dev/null
	sql -c "SET track_functions = 'all'" -c "$2" -c 'SELECT pg_stat_force_next_flush()' >/dev/null || return
	sql -c "SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = '$1'"
}

# The parts that occur in a statement's plan, of those given.
plan() { # STATEMENT PART..
	sql -c "EXPLAIN (COSTS OFF) $1" >"$work/plan"
	shift
	for part; do
		if grep -qF -- "$part" "$work/plan"; then printf '%s;' "$part"; fi
	done
}

value() { sql -c "SELECT $1"; }

awk '/^```sql$/ { inside = 1; next } /^```/ { inside = 0 } inside' doc/views.md >"$work/page.sql"
sql -f "$work/page.sql" >"$work/page" 2>&1 || {
	sed 's/^/# /' "$work/page"
	echo 'Bail out! doc/views.md'
	exit 1
}
sql <<-'SQL' >/dev/null
	ALTER TABLE payments DISABLE TRIGGER USER;
	INSERT INTO payments
	SELECT id, 10 + id * 7919 % 8000 / 100.0, 5 + id * 31 % 17, (ARRAY['AT', 'DE', 'FR'])[1 + id % 3]
	FROM generate_series(10001, 60000) AS id;
	ALTER TABLE payments ENABLE TRIGGER USER;
	ALTER TABLE payments SET (parallel_workers = 2);
	REFRESH MATERIALIZED VIEW payment_scores;
	ANALYZE;
	SQL
rows=$(value 'count(*) FROM payments')
echo "# $rows rows"

# A plain view.
is 'plain view: one call a row' "$rows" "$(calls iforest_score 'SELECT score FROM scored_payments')"
is 'plain view: parallel, the model read once' 'InitPlan;Gather;Parallel Seq Scan;' \
	"$(plan 'SELECT id, score FROM scored_payments' InitPlan Gather 'Parallel Seq Scan')"
above=$(value 'count(*) FROM scored_payments WHERE score > 0.65')
is "plain view: a condition adds a call for each row that is left, here $above" "$((rows + above))" \
	"$(calls iforest_score 'SELECT id, score FROM scored_payments WHERE score > 0.65')"
outliers=$(value 'count(*) FROM scored_payments WHERE outlier')
is 'plain view: "outlier" as condition, one call of it a row' "$rows" \
	"$(calls iforest_is_outlier 'SELECT id, score FROM scored_payments WHERE outlier')"
is "plain view: .. and the scores of those that are, here $outliers" "$outliers" \
	"$(calls iforest_score 'SELECT id, score FROM scored_payments WHERE outlier')"
is 'plain view: other conditions come first, by index' '1 Index Scan using payments_pkey;' \
	"$(calls iforest_score 'SELECT * FROM scored_payments WHERE id = 7') $(plan 'SELECT * FROM scored_payments WHERE id = 7' 'Index Scan using payments_pkey' Gather)"
is 'plain view: columns that are not asked for are not computed' '0 0' \
	"$(calls iforest_score 'SELECT id, reason FROM scored_payments WHERE id < 100') $(calls iforest_reason 'SELECT id, score FROM scored_payments')"
# Before PostgreSQL 18 there is no Gather in it.
join="SELECT p.id, iforest_score(model, amount, hour, country) FROM payments p, models WHERE name = 'payments'"
is 'a join with the models: a nested loop, one call a row' "Nested Loop; $rows" "$(plan "$join" 'Nested Loop') $(calls iforest_score "$join")"

# Scored once.
two='SELECT country, avg(score), max(score) FROM'
is 'plain view: two aggregates, two calls a row' "$((2 * rows))" "$(calls iforest_score "$two scored_payments GROUP BY country")"
for fenced in '(SELECT country, score FROM scored_payments OFFSET 0) s' payments_scored_once; do
	is "scored once, $fenced: one call a row for two aggregates" "$rows" "$(calls iforest_score "$two $fenced GROUP BY country")"
	is "scored once, $fenced: parallel" 'Gather;' "$(plan "$two $fenced GROUP BY country" Gather)"
done
is 'scored once: one call a row for condition and output' "$rows" \
	"$(calls iforest_score 'SELECT id, score FROM payments_scored_once WHERE score > 0.5')"
is 'scored once: conditions inside come first' "$(value "count(*) FROM payments WHERE country = 'AT'")" \
	"$(calls iforest_score "SELECT count(*), avg(score) FROM (SELECT score FROM scored_payments WHERE country = 'AT' OFFSET 0) s WHERE score > 0.5")"
is 'scored once: conditions outside come last' "$rows" "$(calls iforest_score 'SELECT * FROM payments_scored_once WHERE id = 7')"
lateral="SELECT p.id, s.score FROM payments p, LATERAL (SELECT iforest_score((SELECT model FROM models WHERE name = 'payments'), amount, hour, country) AS score OFFSET 0) s WHERE s.score > 0.5"
is 'LATERAL: serial, and at most one call a row' 'Nested Loop; t' \
	"$(plan "$lateral" 'Nested Loop' Gather) $(value "$(calls iforest_score "$lateral") BETWEEN 1 AND $rows" | cut -c1)"

# The N most unusual.
top='SELECT id, score, reason FROM scored_payments ORDER BY score DESC NULLS LAST, id LIMIT 3'
is 'top N: workers sort' 'Gather Merge,Sort,Parallel Seq Scan,' \
	"$(plan "$top" >/dev/null; sed -n 's/^[ >-]*\(Gather Merge\|Sort$\|Parallel Seq Scan\).*/\1/p' "$work/plan" | tr '\n' ',')"
is 'top N: one call a row' "$rows" "$(calls iforest_score "$top")"
reasons=$(calls iforest_reason "$top")
is "top N: at most N reasons for each of three processes, here $reasons" t "$(value "$reasons BETWEEN 3 AND 9")"

# A materialized view.
top='SELECT id, score FROM payment_scores ORDER BY score DESC NULLS LAST LIMIT 3'
is 'materialized view: read by its index, without a call' '0 Index Scan;' \
	"$(calls iforest_score "$top") $(plan "$top" 'Index Scan' Sort)"
is 'materialized view: one call a row to refresh' "$rows" "$(calls iforest_score 'REFRESH MATERIALIZED VIEW CONCURRENTLY payment_scores')"
is 'materialized view: made in parallel' 'Gather;' \
	"$(plan 'CREATE MATERIALIZED VIEW again AS SELECT id, score FROM scored_payments' Gather)"

# A score kept by a trigger.
is 'trigger: one call for each row written' 10 \
	"$(calls iforest_score "INSERT INTO payments SELECT id, 50, 12, 'AT' FROM generate_series(70001, 70010) id")"
is 'trigger: one call for a change of what is scored' 1 "$(calls iforest_score 'UPDATE payments SET amount = 51 WHERE id = 70001')"
is 'trigger: none for other changes, none to read' '0 0' \
	"$(calls iforest_score 'UPDATE payments SET id = 70011 WHERE id = 70010') $(calls iforest_score 'SELECT id, kept_score FROM payments WHERE kept_score > 0.7')"
is 'trigger: it kept what the view computes' 't|12' \
	"$(value 'bool_and(kept_score = score), count(*) FROM scored_payments JOIN payments USING (id) WHERE id IN (6001, 6002) OR id > 70000')"
rows=$((rows + 10))

# A model for each group.
groups='SELECT id, score FROM scored_by_country'
is 'groups: a hash join, parallel, with the sort' 'Gather Merge;Hash Left Join;Parallel Seq Scan;' \
	"$(plan "$groups ORDER BY score DESC LIMIT 3" 'Gather Merge' 'Hash Left Join' 'Parallel Seq Scan')"
is 'groups: one call a row' "$rows" "$(calls iforest_score "$groups")"
correlated='SELECT p.id, iforest_score((SELECT model FROM country_models m WHERE m.country = p.country), amount, hour) FROM payments p'
is 'groups: a correlated subquery is not parallel' 'SubPlan;' "$(plan "$correlated" SubPlan Gather)"
is 'groups: rows of groups without a model have no score' "$(value 'count(*) FROM payments WHERE country IS NULL')" \
	"$(value 'count(*) FROM scored_by_country WHERE score IS NULL')"

# Alerts.
sql -c 'LISTEN payment_outliers' -c "INSERT INTO payments VALUES (80001, 52, 13, 'DE'), (80002, 510, 2, 'AT')" >"$work/heard" 2>&1
is 'alert: of the outlier alone, with its reason' '1 1' \
	"$(grep -c 'Asynchronous notification' "$work/heard") $(grep -c '"id" : 80002, "score" : 0.7.*"reason" : "amount 510 is high' "$work/heard")"
is 'alert: no score call more, one reason' '2 1' "$(
	calls iforest_score "INSERT INTO payments VALUES (80003, 52, 13, 'DE'), (80004, 510, 2, 'AT')") $(
	calls iforest_reason "INSERT INTO payments VALUES (80005, 52, 13, 'DE'), (80006, 510, 2, 'AT')")"

# Drift.
is 'drift: parallel, in parts' 'Finalize Aggregate;Gather;Partial Aggregate;' \
	"$(plan 'SELECT * FROM payment_drift' 'Finalize Aggregate' Gather 'Partial Aggregate')"

# Models by name. So few rows are not worth a worker at the default cost of one.
sql -c 'ALTER TABLE orders SET (parallel_workers = 2)'
orders=$(value 'count(*) FROM orders')
is 'by name, view: parallel, with the sort; one call a row' "Gather Merge;Parallel Seq Scan; $orders" \
	"$(PGOPTIONS="$PGOPTIONS -c parallel_setup_cost=100" plan 'SELECT id, score FROM scored_orders ORDER BY score DESC LIMIT 3' 'Gather Merge' 'Parallel Seq Scan') $(
		calls iforest_score 'SELECT id, score FROM scored_orders')"
is 'by name, trigger: one call for each row written' 10 \
	"$(calls iforest_score "INSERT INTO orders SELECT 8000 + i, 50, 12, 'AT' FROM generate_series(1, 10) AS i")"
# The third row's expression goes back to the version before.
insert="INSERT INTO orders SELECT 9000 + i, 470, 1, 'FR', CASE WHEN i = 3 THEN iforest_rollback('orders') END FROM generate_series(1, 5) AS i"
scores="SELECT string_agg((kept_score <> score)::int::text, '' ORDER BY id) FROM scored_orders WHERE id > 9000"
is 'by name, trigger: a statement under way keeps its version; a volatile function does not' '11111 11000' "$(
	sql -c 'BEGIN' -c "$insert" -c "$scores" -c 'ROLLBACK') $(
	sql -c 'BEGIN' -c 'ALTER FUNCTION keep_order_score VOLATILE' -c "$insert" -c "$scores" -c 'ROLLBACK')"
is 'by name: a refit that the gate stops changes neither view nor trigger' 'inactive t' "$(
	sql <<-'SQL' | xargs
		BEGIN;
		CREATE TABLE scores AS SELECT id, score FROM scored_orders;
		SELECT status FROM iforest_refit('orders', gate => '{"min_rows": 1000000}');
		INSERT INTO orders VALUES (9001, 470, 1, 'FR');
		SELECT bool_and(s.score = o.score AND (o.id <> 9001 OR s.score = kept_score))
		FROM scored_orders o JOIN (TABLE scores UNION ALL SELECT 9001, score FROM scores WHERE id = 6002) s USING (id);
		ROLLBACK;
	SQL
	)"

# Retraining, in the middle of a statement: the cursor's rows are all of the
# old model, the next statement's of the new one.
sql <<-'SQL' >"$work/retrain" 2>&1
	REFRESH MATERIALIZED VIEW payment_scores;
	CREATE TABLE before AS SELECT id, score FROM scored_payments;
	ALTER TABLE before ADD PRIMARY KEY (id);
	CREATE FUNCTION read_on(c refcursor) RETURNS TABLE (id bigint, score float8) LANGUAGE plpgsql AS $$
	BEGIN
		LOOP
			FETCH c INTO id, score;
			EXIT WHEN NOT FOUND;
			RETURN NEXT;
		END LOOP;
	END $$;
	BEGIN;
	DECLARE c CURSOR FOR SELECT id, score FROM scored_payments WHERE id < 5000;
	MOVE 100 FROM c;
	\! psql -X -q -c "UPDATE models SET model = (SELECT iforest_train(iforest_options(seed => 2), amount, hour, country) FROM payments)"
	SELECT count(*), count(*) FILTER (WHERE now.score = before.score) FROM read_on('c') now JOIN before USING (id);
	SELECT count(*), count(*) FILTER (WHERE now.score <> before.score) > 4800 FROM scored_payments now JOIN before USING (id) WHERE id < 5000;
	COMMIT;
	SELECT count(*) FILTER (WHERE m.score <> before.score) FROM payment_scores m JOIN before USING (id);
	SELECT count(*) FILTER (WHERE p.kept_score <> before.score) FROM payments p JOIN before USING (id);
	REFRESH MATERIALIZED VIEW payment_scores;
	SELECT count(*) FILTER (WHERE m.score = now.score) = count(*) FROM payment_scores m JOIN scored_payments now USING (id);
	SQL
is 'retrained: a statement under way keeps its model; the next one takes the new; materialized and kept scores stay' \
	'4899|4899 4999|t 0 0 t' "$(tr '\n' ' ' <"$work/retrain" | sed 's/ $//')"

# pg_cron, where it is installed, needs a server of its own.
if [ -e "$("$PG_CONFIG" --pkglibdir)/pg_cron.so" ]; then
	pg_dump -Fc "$database" >"$work/dump"
	cron=yes
	server_start views_cron "shared_preload_libraries = 'pg_cron'" "cron.database_name = 'postgres'" \
		"cron.use_background_workers = on" "max_worker_processes = 16" >/dev/null
	pg_restore -d postgres "$work/dump"
	sed -n '/^```pgsql$/,/^```/p' doc/views.md | sed -n '/^SELECT cron/,/;$/p' | sed "s/\*\/10/*/" >"$work/schedule.sql"
	sql -c 'CREATE EXTENSION pg_cron' -c "UPDATE models SET model = (SELECT iforest_train(iforest_options(seed => 3), amount, hour, country) FROM payments)" \
		-f "$work/schedule.sql" >/dev/null
	for _ in $(seq 90); do
		state=$(sql -c 'SELECT status FROM cron.job_run_details')
		case $state in '' | starting | running) sleep 1 ;; *) break ;; esac
	done
	is 'pg_cron refreshes the materialized view' 'succeeded t' \
		"$state $(value 'count(*) = count(*) FILTER (WHERE m.score = now.score) FROM payment_scores m JOIN scored_payments now USING (id)')"
else
	count=$((count + 1))
	echo "ok $count - pg_cron refreshes the materialized view # SKIP no pg_cron"
fi

echo "1..$count"
[ "$failures" -eq 0 ]
