#!/bin/sh
# Distributed tables of Citus, where it is installed: which calls run on the
# workers, and that they return what they return here.
#
# A coordinator and two workers; "rows" is distributed by id, "tenants" by
# tenant, "local" is a copy of all rows on the coordinator.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/server.sh"
. "$IFOREST_SRC/test/lib/assert.sh"
# Loaded so late it refuses, if it is there.
case $(psql -X -c "LOAD 'citus'" 2>&1) in
	*'could not access file'*) echo '1..0 # SKIP Citus is not installed'; exit 0 ;;
esac
name=citus_$$
work=$(mktemp -d) || exit 1
trap 'for s in $name ${name}_1 ${name}_2; do [ ! -e "$IFOREST_TMP/$s/data/postmaster.pid" ] || server_stop $s immediate; done; rm -rf "$work"' EXIT
PGOPTIONS='-c client_min_messages=warning -c jit=off'
export PGOPTIONS

# Nodes are found by the directories of their sockets.
for s in "${name}_1" "${name}_2" "$name"; do
	server_start "$s" "shared_preload_libraries = 'citus'" "citus.node_conninfo = 'sslmode=disable'" \
		"citus.enable_statistics_collection = off" "max_prepared_transactions = 20" "jit = off" \
		>"$work/start" 2>&1 || {
		sed 's/^/# /' "$work/start"
		sed 's/^/# /' "$IFOREST_TMP/$s/log"
		exit 1
	}
	sql -c 'CREATE EXTENSION citus' || exit 1
done
sql -v one="$IFOREST_TMP/${name}_1/socket" -v two="$IFOREST_TMP/${name}_2/socket" -v here="$PGHOST" -v port="$PGPORT" <<-'SQL' >"$work/out" 2>&1 || { sed 's/^/# /' "$work/out"; exit 1; }
	SELECT citus_set_coordinator_host(:'here', :port);
	SELECT citus_add_node(:'one', :port);
	SELECT citus_add_node(:'two', :port);
	CREATE EXTENSION iforest;
	SET citus.shard_count = 8;
	CREATE TABLE rows (id int, x float8, y float8, c text);
	SELECT create_distributed_table('rows', 'id');
	CREATE TABLE tenants (tenant int, id int, x float8, y float8);
	SELECT create_distributed_table('tenants', 'tenant');
	CREATE TABLE local AS
	SELECT i AS id, i * 7919 % 10007 / 100.0::float8 AS x, sqrt(i * 104729::bigint % 10007) AS y, 'c' || i % 7 AS c
	FROM generate_series(1, 10000) i;
	INSERT INTO rows SELECT * FROM local;
	INSERT INTO tenants SELECT CASE WHEN id % 100 < 70 THEN 0 WHEN id % 100 < 90 THEN 1 WHEN id % 100 < 98 THEN 2 ELSE 3 END, id, x, y FROM local;
	CREATE TABLE models (name text PRIMARY KEY, model bytea);
	SELECT create_reference_table('models');
	INSERT INTO models SELECT 'all', iforest_train(iforest_options(seed => 1), x, y, c ORDER BY id) FROM local;
	CREATE FUNCTION names(model bytea) RETURNS text LANGUAGE sql AS
		'SELECT string_agg(name, '','' ORDER BY position) FROM iforest_features(model)';
	SQL
sql -c "SELECT '# citus ' || extversion FROM pg_extension WHERE extname = 'citus'"

echo 1..25

returns() { # WANTED DESCRIPTION STATEMENT..
	wanted=$1 what=$2
	shift 2
	for s; do set -- "$@" -c "$s"; shift; done
	sql "$@" >"$work/out" 2>&1
	[ "$(tail -n 1 "$work/out")" = "$wanted" ]
	status=$?
	[ "$status" -eq 0 ] || head -n 5 "$work/out" | cut -c 1-300 | sed 's/^/#   /'
	ok "$status" "$what"
}

# ---- what doc/scale.md says ----

awk '/^```sql citus$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$IFOREST_SRC/doc/scale.md" >"$work/page.sql"
[ -s "$work/page.sql" ] && sql -f "$work/page.sql" >"$work/out" 2>&1
status=$?
[ "$status" -eq 0 ] || grep -v '^.x' "$work/out" | tail -n 5 | cut -c 1-300 | sed 's/^/#   /'
ok "$status" 'the commands of the page run'

# ---- training ----

returns 4 'CREATE EXTENSION reaches the workers, and sketches come from every shard' \
	"SELECT iforest_info(iforest_train(sketch)) ->> 'rows_seen' = '10000' FROM (SELECT iforest_sketch(tenant, x, y) AS sketch FROM tenants GROUP BY tenant) s" \
	"SELECT count(*) FROM (SELECT tenant, iforest_sketch(x, y) FROM tenants GROUP BY tenant) s"
returns 10000 'a forest of the whole table by sketches on the shards' \
	"SELECT iforest_info(iforest_train(nullif(result, '')::bytea)) ->> 'rows_seen' FROM run_command_on_shards('rows', 'SELECT iforest_sketch(x, y, c) FROM %s') WHERE success"
returns x,y,c 'with the names of the columns' \
	"SELECT names(iforest_train(nullif(result, '')::bytea)) FROM run_command_on_shards('rows', 'SELECT iforest_sketch(x, y, c) FROM %s') WHERE success"
# Where partial aggregates are pushed down, those of arguments of any type are refused.
pushing=citus.allow_aggregate_worker_combine_on_internal_types
gather='SELECT 1'
if [ "$(sql -c "SELECT current_setting('$pushing', true)")" = on ]; then
	gather="SET $pushing = off"
	sql -c 'SELECT iforest_train(x, y, c) FROM rows' 2>&1 | grep -q 'worker_partial_agg_sfunc could not confirm type correctness'
	ok $? 'without a fence a table is refused, as the page says'
else
	returns 10000 'without a fence a table has its rows fetched, as the page says' \
		"SELECT iforest_info(iforest_train(x, y, c)) ->> 'rows_seen' FROM rows"
fi
returns 10000 'iforest_train_array takes a table anywhere' \
	"SELECT iforest_info(iforest_train_array(ARRAY[x, y])) ->> 'rows_seen' FROM rows"
returns 'f1,f2,f3' 'rows fetched to be trained on have no names, rather than wrong ones' \
	"$gather" "SET citus.coordinator_aggregation_strategy = 'row-gather'" "SELECT names(iforest_train(x, y, c)) FROM rows"
returns x,y,c 'a fence gives them names' \
	'SELECT names(iforest_train(r)) FROM (SELECT x, y, c FROM rows OFFSET 0) r'
returns 'f1,f2,f3' 'without a fence a subquery row has none' \
	"$gather" 'SELECT names(iforest_train(r)) FROM (SELECT x, y, c FROM rows) r'
returns 4 'a model for each tenant, on its worker' \
	"SELECT count(*) FROM (SELECT tenant, iforest_train(x, y) AS model FROM tenants GROUP BY tenant) m WHERE iforest_is_valid(model)"
returns f 'merged models of alike shards' \
	"SELECT iforest_merge(nullif(result, '')::bytea) IS NULL FROM run_command_on_shards('rows', 'SELECT iforest_train(iforest_options(n_trees => 13), x, y, c) FROM %s') WHERE success"

# ---- fit, refit, drift, gate: no fence of the user's ----

returns x,y,c 'iforest_fit on a distributed table keeps the names' \
	"SELECT iforest_fit('named', 'SELECT x, y, c FROM rows')" "SELECT names(iforest_model('named'))"
returns t 'and sees all rows; iforest_refit as well' \
	"SELECT iforest_refit('named')" "SELECT bool_and(rows = 10000) FROM iforest_models WHERE name = 'named'"
returns t 'a refit on the condition of drift' \
	"SELECT status = 'skipped' FROM iforest_refit('named', only_if => '{\"drift\": 0.2}')"
returns t 'and with a gate' \
	"SELECT status <> 'error' AND version > 0 FROM iforest_refit('named', gate => '{\"min_agreement\": 0.1}')"
returns t 'drift over rows behind a fence is that of the rows here' \
	"SELECT (SELECT iforest_drift((SELECT model FROM models), r) FROM (SELECT x, y, c FROM rows OFFSET 0) r) = (SELECT iforest_drift((SELECT model FROM models), x, y, c) FROM local)"
returns t 'and so is a calibration, to the byte' \
	"SELECT (SELECT iforest_calibrate((SELECT model FROM models), r) FROM (SELECT x, y, c FROM rows OFFSET 0) r) = (SELECT iforest_calibrate((SELECT model FROM models), x, y, c) FROM local)"

returns '{"normal": 50, "outliers": 49}' 'and with labels' \
	"SELECT iforest_fit('labelled', 'SELECT x, y, c FROM rows', labels => 'SELECT id % 2 = 0 AS is_outlier, x, y, c FROM rows WHERE id < 100')" \
	"SELECT iforest_info(iforest_model('labelled')) -> 'labels'"
returns 4 'drift and calibration by tenant, on the workers' \
	"SELECT count(*) FROM (SELECT tenant, iforest_drift(m.model, x, y) AS d, iforest_calibrate(m.model, x, y) AS c FROM tenants, (SELECT iforest_train(x, y) AS model FROM local OFFSET 0) m GROUP BY tenant) q WHERE c IS NOT NULL AND d ? 'features'"

# ---- scoring on the workers ----

scored="md5(string_agg(iforest_score(m.model, x, y, c)::text, ' ' ORDER BY id))"
returns t 'scores with a model of a reference table are those here' \
	"SELECT (SELECT md5(string_agg(score::text, ' ' ORDER BY id)) FROM (SELECT id, iforest_score(m.model, x, y, c) AS score FROM rows, models m) s) = (SELECT $scored FROM local, models m)"
sql -c 'EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM rows, models m WHERE iforest_score(m.model, x, y, c) > 0.6' >"$work/plan"
grep -q 'Citus Adaptive' "$work/plan" && grep -q 'Filter: (iforest_score' "$work/plan"
ok $? 'they are computed on the workers'
returns t 'with the model as a scalar subquery, too' \
	"SELECT (SELECT count(*) FROM rows WHERE iforest_score((SELECT model FROM models), x, y, c) > 0.6) = (SELECT count(*) FROM local WHERE iforest_score((SELECT model FROM models), x, y, c) > 0.6)"
returns t 'INSERT .. SELECT, UPDATE and LATERAL run there' \
	'CREATE TABLE scores (id int, score float8)' "SELECT create_distributed_table('scores', 'id', colocate_with => 'rows')" \
	'INSERT INTO scores SELECT id, iforest_score(m.model, x, y, c) FROM rows, models m' \
	'UPDATE rows SET x = x + 1000 WHERE iforest_score((SELECT model FROM models), x, y, c) > 0.6' \
	"SELECT count(*) > 0 FROM rows, models m, LATERAL iforest_explain(m.model, x, y, c) e WHERE x > 1000 AND feature = 'x'" \
	'UPDATE rows SET x = x - 1000 WHERE x > 1000' \
	"SELECT count(*) = 10000 AND bool_and(abs(s.score - iforest_score(m.model, x, y, c)) < 1e-9) FROM scores s JOIN local USING (id), models m"
sql -c "SELECT count(*) FROM rows WHERE iforest_score('named', x, y, c) > 0.6" >"$work/out" 2>&1
grep -q 'model "named" does not exist' "$work/out"
ok $? 'by name, workers need the model, and say so'
returns t 'iforest_store gives it to them; then they score by name' \
	"SELECT bool_and(success) FROM run_command_on_workers((SELECT format('SELECT iforest_store(%L, %L::bytea)', 'named', iforest_model('named'))))" \
	"SELECT (SELECT count(*) FROM rows WHERE iforest_score('named', x, y, c) > 0.6) = (SELECT count(*) FROM local WHERE iforest_score('named', x, y, c) > 0.6)"
