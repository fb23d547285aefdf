#!/bin/sh
# Tables on another server, by postgres_fdw: which calls are sent there, and
# that they return what they return here.
#
# Four foreign tables of 70, 20, 8 and 2 % of the rows are the partitions of
# one table; "local" is a copy of all rows.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/server.sh"
. "$IFOREST_SRC/test/lib/assert.sh"
name=fdw_$$
work=$(mktemp -d) || exit 1
trap 'for s in $name ${name}_far; do [ ! -e "$IFOREST_TMP/$s/data/postmaster.pid" ] || server_stop $s immediate; done; rm -rf "$work"' EXIT
PGOPTIONS='-c client_min_messages=warning -c jit=off -c max_parallel_workers_per_gather=0'
export PGOPTIONS

server_start "${name}_far" || exit 1
far_host=$PGHOST far_port=$PGPORT
sql <<-'SQL' || exit 1
	CREATE EXTENSION iforest;
	CREATE TABLE t0 (id int, shard int, x float8, y float8, c text, flagged bool);
	CREATE TABLE t1 (LIKE t0);
	CREATE TABLE t2 (LIKE t0);
	CREATE TABLE t3 (id int, shard int, x_there float8, y_there float8, c text, flagged bool);
	CREATE TABLE arrived (name text, version int, model bytea);
	CREATE FUNCTION shard(i int) RETURNS int LANGUAGE sql IMMUTABLE AS
		'SELECT CASE WHEN i % 100 < 70 THEN 0 WHEN i % 100 < 90 THEN 1 WHEN i % 100 < 98 THEN 2 ELSE 3 END';
	CREATE TABLE every AS
	SELECT i AS id, shard(i * 7919 % 10007), i * 7919 % 10007 / 100.0 AS x, sqrt(i * 104729::bigint % 10007) AS y, 'c' || i % 7 AS c, false AS flagged
	FROM generate_series(1, 10000) i;
	INSERT INTO t0 SELECT * FROM every WHERE shard = 0 ORDER BY id;
	INSERT INTO t1 SELECT * FROM every WHERE shard = 1 ORDER BY id;
	INSERT INTO t2 SELECT * FROM every WHERE shard = 2 ORDER BY id;
	INSERT INTO t3 SELECT * FROM every WHERE shard = 3 ORDER BY id;
	SQL
server_start "$name" || exit 1
sql -v host="$far_host" -v port="$far_port" <<-'SQL' >/dev/null || exit 1
	CREATE EXTENSION iforest;
	CREATE EXTENSION postgres_fdw;
	CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw
		OPTIONS (host :'host', port :'port', dbname 'postgres', fetch_size '10000');
	CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user 'postgres');
	CREATE TABLE rows (id int, shard int, x float8, y float8, c text, flagged bool) PARTITION BY LIST (shard);
	CREATE FOREIGN TABLE t0 PARTITION OF rows FOR VALUES IN (0) SERVER far;
	CREATE FOREIGN TABLE t1 PARTITION OF rows FOR VALUES IN (1) SERVER far;
	CREATE FOREIGN TABLE t2 PARTITION OF rows FOR VALUES IN (2) SERVER far;
	CREATE FOREIGN TABLE t3 PARTITION OF rows FOR VALUES IN (3) SERVER far;
	ALTER FOREIGN TABLE t3 ALTER x OPTIONS (column_name 'x_there'), ALTER y OPTIONS (column_name 'y_there');
	CREATE FOREIGN TABLE arrived (name text, version int, model bytea) SERVER far;
	CREATE TABLE local AS SELECT * FROM rows ORDER BY id;
	ANALYZE;
	CREATE TABLE models (name text PRIMARY KEY, model bytea);
	INSERT INTO models SELECT 'all', iforest_train(iforest_options(seed => 1), x, y, c ORDER BY id) FROM local;
	ALTER DATABASE postgres SET enable_partitionwise_aggregate = on;
	CREATE FUNCTION names(model bytea) RETURNS text LANGUAGE sql AS
		'SELECT string_agg(name, '','' ORDER BY position) FROM iforest_features(model)';
	SELECT iforest_fit('named', 'SELECT x, y, c FROM local ORDER BY id', iforest_options(seed => 1));
	SQL

echo 1..27

# The model as a scalar subquery; all the columns.
m="(SELECT model FROM models WHERE name = 'all')"
same() { # STATUS DESCRIPTION: a query of "t" has returned true
	if [ "$(cat "$work/same")" != t ]; then sed 's/^/#   /' "$work/same" | head; set -- 1 "$2"; fi
	ok "$1" "$2"
}
# The remote statements of a plan.
remote() { sql -c "EXPLAIN (VERBOSE, COSTS OFF) $1" | sed -n 's/^ *Remote SQL: //p'; }
ships() { # FUNCTION STATEMENT
	remote "$2" >"$work/remote"
	if grep -q "iforest_$1(" "$work/remote"; then ok 0 "iforest_$1 is sent: $3"; return; fi
	sed 's/^/#   /' "$work/remote"
	ok 1 "iforest_$1 is sent: $3"
}

# ---- what doc/scale.md says ----

stays() { # STATEMENT: rows are asked for there, and no call
	remote "$1" >"$work/remote"
	[ -s "$work/remote" ] && ! grep -q iforest "$work/remote"
}
stays 'SELECT iforest_train(x, y, c) FROM t0'
ok $? 'nothing is sent without option extensions'
awk '/^```sql fdw$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$IFOREST_SRC/doc/scale.md" >"$work/page.sql"
grep -q "extensions 'iforest'" "$work/page.sql" && sql -f "$work/page.sql" >"$work/out" 2>&1
status=$?
[ "$status" -eq 0 ] || tail -n 5 "$work/out" | cut -c 1-300 | sed 's/^/#   /'
ok "$status" 'the commands of the page run'

# ---- what is sent, and returns the same ----

ships train 'SELECT iforest_train(iforest_options(seed => 1), x, y, c ORDER BY id) FROM t0' 'a foreign table, options and ORDER BY'
sql -c "SELECT (SELECT iforest_train(iforest_options(seed => 1), x, y, c ORDER BY id) FROM t0)
	= (SELECT iforest_train(iforest_options(seed => 1), x, y, c ORDER BY id) FROM local WHERE shard = 0)" >"$work/same"
same $? 'the model is that of the rows here, byte for byte'
ships train 'SELECT shard, iforest_train(x, y, c) FROM rows GROUP BY shard' 'partitions, by their key'
ships sketch 'SELECT shard, iforest_sketch(x, y, c) FROM rows GROUP BY shard' 'partitions, by their key'
sql -c "SELECT (SELECT iforest_sketch(iforest_options(seed => 5), x, y, c ORDER BY id) FROM t1)
	= (SELECT iforest_sketch(iforest_options(seed => 5), x, y, c ORDER BY id) FROM local WHERE shard = 1)" >"$work/same"
same $? 'the sketch is that of the rows here, byte for byte'
ships score "SELECT id FROM rows WHERE iforest_score($m, x, y, c) > 0.6" 'WHERE'
sql -c "SELECT (SELECT array_agg(id ORDER BY id) FROM rows WHERE iforest_score($m, x, y, c) > 0.6)
	= (SELECT array_agg(id ORDER BY id) FROM local WHERE iforest_score($m, x, y, c) > 0.6)" >"$work/same"
same $? 'the same rows, with columns of other names there too'
ships score "SELECT id FROM t0 ORDER BY iforest_score($m, x, y, c) DESC, id LIMIT 5" 'ORDER BY'
sql -c "SELECT (SELECT array_agg(id) FROM (SELECT id FROM rows ORDER BY iforest_score($m, x, y, c) DESC, id LIMIT 5) s)
	= (SELECT array_agg(id) FROM (SELECT id FROM local ORDER BY iforest_score($m, x, y, c) DESC, id LIMIT 5) s)" >"$work/same"
same $? 'the same rows, of all partitions'
ships drift "SELECT shard, iforest_drift($m, x, y, c) FROM rows GROUP BY shard" 'partitions, by their key'
ships calibrate "SELECT shard, iforest_calibrate($m, x, y, c) FROM rows GROUP BY shard" 'partitions, by their key'
sql -c "SELECT bool_and(f.drift = l.drift AND f.calibrated = l.calibrated) AND count(*) = 4
	FROM (SELECT shard, iforest_drift($m, x, y, c) AS drift, iforest_calibrate($m, x, y, c) AS calibrated FROM rows GROUP BY shard) f
	JOIN (SELECT shard, iforest_drift($m, x, y, c) AS drift, iforest_calibrate($m, x, y, c) AS calibrated FROM local GROUP BY shard) l USING (shard)" >"$work/same"
same $? 'the same reports and calibrations'
ships is_outlier "UPDATE t0 SET flagged = iforest_is_outlier($m, x, y, c)" 'UPDATE'
sql -c "UPDATE t0 SET flagged = iforest_is_outlier($m, x, y, c)" \
	-c "SELECT count(*) > 0 AND bool_and(iforest_is_outlier($m, x, y, c)) FROM t0 WHERE flagged" >"$work/same"
same $? 'the flags are those of the model'

# ---- names ----

sql -c "SELECT names(iforest_train(x, y, c)) = 'x_there,y_there,c' FROM t3" >"$work/same"
same $? 'where training is sent, features are called as the columns there'
sql -c "SELECT names(iforest_train(iforest_options(feature_names => '{x,y,c}'), x, y, c)) = 'x,y,c' FROM t3" >"$work/same"
same $? 'feature_names calls them as here'
sql -c "SELECT iforest_train(sketch) FROM (SELECT iforest_sketch(x, y, c) AS sketch FROM rows GROUP BY shard) s" >"$work/out" 2>&1
grep -q 'column 1 is named' "$work/out" && grep -q 'HINT:.*feature_names' "$work/out"
ok $? 'sketches of other names are told, and feature_names named'
sql -c "SELECT names(iforest_train(r)) = 'x,y,c' FROM (SELECT x, y, c FROM rows) r" \
	-c "SELECT iforest_fit('fitted', 'SELECT x, y, c FROM rows') IS NULL" -c "SELECT names(iforest_model('fitted')) = 'x,y,c'" >"$work/out"
[ "$(grep -c '^t$' "$work/out")" = 2 ]
ok $? 'rows and iforest_fit have the names of their query'

# ---- by name, and by bytes ----

stays "SELECT id FROM rows WHERE iforest_score('named', x, y, c) > 0.6"
ok $? 'a score by name is computed here'
by_name="SELECT array_agg(id ORDER BY id) FROM rows WHERE iforest_score('named', x, y, c) > 0.6"
by_bytes="SELECT array_agg(id ORDER BY id) FROM rows WHERE iforest_score((SELECT iforest_model('named')), x, y, c) > 0.6"
sql -c "SELECT ($by_name) = ($by_bytes) AND ($by_name) IS NOT NULL" >"$work/same"
same $? 'and returns what the bytes return'
ships score "SELECT id FROM rows WHERE iforest_score((SELECT iforest_model('named')), x, y, c) > 0.6" 'the bytes of a named model'

# ---- sketches of unlike shards ----

# The rows' ids are in the sketches, so it shows which of them are kept: 200 of
# 10000, twenty times, by shard and in twenty ranges of ids.
seed=${SEED:-1128}
sql -v seed="$seed" <<-'SQL' >"$work/chi"
	SELECT 'seed', :seed;
	CREATE TEMP TABLE kept AS
	SELECT run, (r ->> 'id')::int AS id
	FROM generate_series(1, 20) run, LATERAL (
		SELECT iforest_sketch_union(sketch) AS all_of
		FROM (SELECT iforest_sketch(iforest_options(n_trees => 10, sample_size => 20, seed => :seed + 10 * run + shard, feature_names => '{id,x}'), id, x) AS sketch
		      FROM rows GROUP BY shard) s) u, iforest_sketch_rows(all_of) r;
	SELECT 'kept', count(*), count(DISTINCT run) FROM kept;
	SELECT 'shards', round(sum((coalesce(k, 0) - n * 0.4) ^ 2 / (n * 0.4))::numeric, 2)
	FROM (SELECT shard, count(*) AS n FROM local GROUP BY shard) l
	     LEFT JOIN (SELECT shard, count(*) AS k FROM kept JOIN local USING (id) GROUP BY shard) s USING (shard);
	SELECT 'ranges', round(sum((k - 200) ^ 2 / 200)::numeric, 2) FROM (SELECT (id - 1) / 500 AS range, count(*) AS k FROM kept GROUP BY 1) r;
	SELECT 'by shard', string_agg(k::text, ' ' ORDER BY shard) FROM (SELECT shard, count(*) AS k FROM kept JOIN local USING (id) GROUP BY shard) s;
	SQL
sed 's/^/# /' "$work/chi"
[ "$(grep '^kept' "$work/chi")" = 'kept|4000|20' ]
ok $? 'a union of sketches of shards keeps as many rows as one sketch'
# chance exceeds these once in a million times (3 and 19 degrees of freedom)
awk -F'|' '$1 == "shards" && $2 < 30.7 { ok = 1 } END { exit !ok }' "$work/chi"
ok $? 'by shard, the rows kept are as many as a uniform sample has: chi-square below 30.7'
awk -F'|' '$1 == "ranges" && $2 < 63.2 { ok = 1 } END { exit !ok }' "$work/chi"
ok $? 'and so in each twentieth of the rows: chi-square below 63.2'

# ---- a model carried to the other server ----

sql -c "SELECT model = iforest_model('named') FROM arrived" >"$work/same"
same $? 'a model goes through a foreign table and stays the same'
