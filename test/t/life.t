#!/bin/sh
# Models live as other data does: on a standby, over logical replication, in
# several databases, whichever schema the extension is in, whoever is asking,
# and into a newer server by pg_upgrade and by a dump.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/server.sh"
name=life_$$
. "$IFOREST_SRC/test/lib/assert.sh"
work=$(mktemp -d) || exit 1
trap 'for s in $name ${name}_b ${name}_c; do [ ! -e "$IFOREST_TMP/$s/data/postmaster.pid" ] || server_stop $s immediate; done; rm -rf "$work"' EXIT

server_start "$name" "wal_level = logical" "max_wal_senders = 4" "jit = off" || exit 1
sql <<-'SQL' || exit 1
	CREATE EXTENSION iforest;
	CREATE TABLE t AS SELECT i AS id, sin(i) AS a, i % 7 AS b, 'c' || i % 3 AS c FROM generate_series(1, 2000) i;
	CREATE TABLE models (name text PRIMARY KEY, model bytea NOT NULL CHECK (iforest_is_valid(model)));
	INSERT INTO models SELECT 'first', iforest_train(iforest_options(seed => 1), a, b, c) FROM t;
	CREATE VIEW scored AS SELECT name, id, iforest_score(model, a, b, c)::text AS score FROM t, models;
	CREATE VIEW summary AS SELECT name, count(*) AS n, count(DISTINCT score) AS n_scores, md5(string_agg(score, ',' ORDER BY id)) FROM scored GROUP BY name;
	SQL
scores() { sql "$@" -c 'SELECT * FROM summary ORDER BY 1'; }
# Waits until a command's output is what a file holds.
becomes() { # FILE COMMAND..
	file=$1
	shift
	for _ in $(seq 150); do
		if "$@" 2>/dev/null | cmp -s "$file" -; then return 0; fi
		sleep 0.2
	done
	return 1
}

echo 1..20

# ---- a standby ----
scores >"$work/scores"
ok "$([ "$(cut -d'|' -f3 "$work/scores")" -gt 100 ]; echo $?)" 'models score on the primary'
mkdir -m 700 "$IFOREST_TMP/${name}_b" "$IFOREST_TMP/${name}_b/socket"
pg_basebackup -D "$IFOREST_TMP/${name}_b/data" -R -X stream -c fast 2>"$work/log" &&
	sed -i "s|^unix_socket_directories.*|unix_socket_directories = '$IFOREST_TMP/${name}_b/socket'|" "$IFOREST_TMP/${name}_b/data/postgresql.conf" &&
	server_start "${name}_b"
ok $? 'a standby starts from a copy of the primary'
becomes "$work/scores" scores
ok $? 'scores are the same on the standby'
server_use "$name"
sql -c "INSERT INTO models SELECT 'second', iforest_train(iforest_options(seed => 2), a, b, c) FROM t"
scores >"$work/scores"
server_use "${name}_b"
becomes "$work/scores" scores
ok $? 'a model made later arrives'
[ "$(sql -c 'SELECT pg_is_in_recovery(), iforest_is_valid(iforest_train(a, b, c)), (SELECT iforest_is_valid(iforest_merge(model)) FROM models) FROM t')" = 't|t|t' ]
ok $? 'training and merging work where nothing can be written'
[ "$(sql <<-'SQL'
	SELECT iforest_train(iforest_options(seed => 1), sketch) = trained, bool_and(iforest_is_valid(learned)), count(made)
	FROM (SELECT iforest_sketch(iforest_options(seed => 1), a, b, c) AS sketch, iforest_train(iforest_options(seed => 1), a, b, c) AS trained,
				 iforest_learn(model, a > 0.99, a, b, c) AS learned,
				 iforest_train(iforest_options(n_trees => 5, seed => 1, feature_names => '{a,b,c}', generator => 'vae', generator_steps => 5), a, b, c) AS generator
		  FROM t, models WHERE name = 'first') s, iforest_sample(generator, 9, NULL::t, seed => 1, method => 'vae') made
	GROUP BY trained;
	SQL
)" = 't|t|9' ]
ok $? 'and so do sketches, labels and generators'
# Named models are read there, and changed by nobody.
server_use "$name"
sql -c "SELECT iforest_fit('standby', 'SELECT a FROM t')" -c "SELECT iforest_score('standby', 0.5)" | tail -n 1 >"$work/standby"
server_use "${name}_b"
becomes "$work/standby" sql -c "SELECT iforest_score('standby', 0.5)"
arrived=$? refused=0
for call in "iforest_fit('x', 'SELECT 1')" "iforest_refit('standby')" "iforest_store('x', iforest_model('standby'))" "iforest_activate('standby', 1)" \
	"iforest_rollback('standby')" "iforest_drop('standby')" "iforest_share('standby', 'public')" "iforest_unshare('standby', 'public')" "iforest_set_owner('standby', current_user)"; do
	if sql -c "SELECT $call" 2>&1 | grep -q "ERROR:  cannot execute ${call%%(*}() in a read-only transaction"; then refused=$((refused + 1)); else echo "# $call"; fi
done
[ "$arrived $refused" = '0 9' ]
ok $? 'named models are read on the standby, and cannot be changed'
server_use "$name"
server_stop "$name" immediate
server_use "${name}_b"
sql -c 'SELECT pg_promote()' >/dev/null
scores | cmp -s "$work/scores" -
ok $? 'and scores are the same on the standby that took over'
server_stop "${name}_b" immediate
server_start "$name" || exit 1

# ---- logical replication, to another database of the server ----
createdb other && sql -d other <<-'SQL'
	CREATE SCHEMA forests;
	CREATE EXTENSION iforest SCHEMA forests;
	CREATE TABLE models (name text PRIMARY KEY, model bytea NOT NULL CHECK (forests.iforest_is_valid(model)));
	SQL
sql -c 'CREATE PUBLICATION forests FOR TABLE models' -c "SELECT pg_create_logical_replication_slot('forests', 'pgoutput')" >/dev/null
sql -d other -c "CREATE SUBSCRIPTION forests CONNECTION 'host=$PGHOST port=$PGPORT user=postgres dbname=postgres' PUBLICATION forests WITH (create_slot = false, slot_name = 'forests')"
sql -c "UPDATE models SET model = (SELECT iforest_train(iforest_options(seed => 3), a, b, c) FROM t) WHERE name = 'second'" \
	-c "INSERT INTO models SELECT 'third', iforest_merge(model) FROM models"
sql -c 'SELECT name, md5(model) FROM models ORDER BY 1' >"$work/md5"
becomes "$work/md5" sql -d other -c 'SELECT name, md5(model) FROM models ORDER BY 1'
ok $? 'logical replication copies and changes models, byte for byte'
sql -d other -c 'DROP SUBSCRIPTION forests' 2>/dev/null
# Named models likewise: by the two tables that they are in.
named() { sql "$@" -c "SELECT name, version, active, owner, shared_with, runs_as, size, query FROM iforest_models ORDER BY 1, 2" -c "SELECT iforest_score('named', 0.5, 3, 'c1')"; }
sql -c 'CREATE ROLE reader LOGIN' -c "SELECT iforest_fit('named', 'SELECT a, b, c FROM t')" -c "SELECT iforest_share('named', 'reader')" >/dev/null
sql -c 'CREATE PUBLICATION named FOR TABLE iforest_registry, iforest_versions' -c "SELECT pg_create_logical_replication_slot('named', 'pgoutput')" >/dev/null
createdb named && sql -d named -c 'CREATE EXTENSION iforest' \
	-c "CREATE SUBSCRIPTION named CONNECTION 'host=$PGHOST port=$PGPORT user=postgres dbname=postgres' PUBLICATION named WITH (create_slot = false, slot_name = 'named', binary = true)" 2>/dev/null
sql -c "SELECT status FROM iforest_refit('named', gate => '{\"min_agreement\": -1}')" -c "SELECT iforest_share('named', 'public')" -c "SELECT iforest_fit('gone', 'SELECT a FROM t')" -c "SELECT iforest_drop('gone')" >/dev/null
named >"$work/named"
becomes "$work/named" named -d named
ok $? 'and named models, with versions, roles and changes'
sql -d named -c 'DROP SUBSCRIPTION named' 2>/dev/null
dropdb named
sql -c "SELECT iforest_drop('named')" >/dev/null

# ---- two databases, two schemas ----
sql -c 'COPY t TO STDOUT' >"$work/t"
sql -d other -c 'CREATE TABLE t (id int, a float8, b int, c text)' -c '\copy t FROM '"'$work/t'"
sql -c "SELECT id, iforest_score(model, a, b, c)::text FROM t, models WHERE name = 'second' ORDER BY 1" >"$work/scores"
sql -d other -c "SELECT id, forests.iforest_score(model, a, b, c)::text FROM t, models WHERE name = 'second' ORDER BY 1" | cmp -s "$work/scores" -
ok $? 'the same scores in a database that has the extension in another schema'

sql -d other -c 'CREATE VIEW scored AS SELECT id, forests.iforest_score(model, a, b, c)::text AS score FROM t, models WHERE name = $$second$$' \
	-c 'CREATE SCHEMA elsewhere' -c 'ALTER EXTENSION iforest SET SCHEMA elsewhere' &&
	sql -d other -c 'SELECT * FROM scored ORDER BY 1' | cmp -s "$work/scores" - &&
	[ "$(sql -d other -c 'SELECT elsewhere.iforest_is_valid(elsewhere.iforest_train(elsewhere.iforest_options(seed => 1), a)) FROM t')" = t ]
ok $? 'ALTER EXTENSION SET SCHEMA moves everything, and views follow'

# ---- one session, several roles: models are read as the asker may ----
sql <<-'SQL' || exit 1
	CREATE ROLE asker;
	CREATE ROLE owner;
	CREATE TABLE secret (model bytea);
	ALTER TABLE secret OWNER TO owner;
	INSERT INTO secret SELECT iforest_train(iforest_options(seed => 4), a, b) FROM t;
	GRANT SELECT ON t TO asker, owner;
	SQL
psql -X -q -A -t >"$work/roles" 2>&1 <<-'SQL'
	\set VERBOSITY sqlstate
	SET ROLE owner;
	SELECT count(iforest_score((SELECT model FROM secret), a, b)) FROM t;
	SELECT models FROM iforest_cache_stats();
	SET ROLE asker;
	SELECT iforest_score((SELECT model FROM secret), a, b) FROM t LIMIT 1;
	SELECT count(*) FROM iforest_nodes((SELECT model FROM secret));
	SET iforest.model_cache_size = 0;
	SET iforest.kernel = walk;
	RESET ROLE;
	DISCARD ALL;
	SELECT current_setting('iforest.model_cache_size'), current_setting('iforest.kernel');
	SQL
printf '%s\n' 2000 1 'ERROR:  42501' 'ERROR:  42501' '64MB|auto' | cmp -s - "$work/roles"
status=$?
[ $status -eq 0 ] || sed 's/^/# /' "$work/roles"
ok $status 'a model in the cache is of no use to who may not read it; DISCARD ALL resets settings'
psql -X -q -A -t >"$work/roles" 2>&1 <<-'SQL'
	\set VERBOSITY sqlstate
	SET ROLE asker;
	CREATE FUNCTION pg_temp.f() RETURNS internal LANGUAGE c AS '$libdir/iforest', 'iforest_train_combine';
	SELECT _iforest_train_deserialize('\x00', NULL);
	SELECT _iforest_train_final(NULL);
	SQL
[ "$(grep -c '^ERROR' "$work/roles")" -eq 3 ] && [ "$(wc -l <"$work/roles")" -eq 3 ]
status=$?
[ $status -eq 0 ] || sed 's/^/# /' "$work/roles"
ok $status 'nobody calls the support functions with what they take on trust'

# What is in the way on the search path is not called by ours.
sql -v ON_ERROR_STOP=0 2>/dev/null >/dev/null <<-'SQL'
	CREATE SCHEMA trap AUTHORIZATION asker;
	SET ROLE asker;
	CREATE FUNCTION trap.fall() RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
	CREATE FUNCTION trap.numeric_out(numeric) RETURNS cstring LANGUAGE sql AS 'SELECT NULL::cstring FROM (SELECT trap.fall()) f';
	CREATE FUNCTION trap.jsonb_in(cstring) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb FROM (SELECT trap.fall()) f';
	CREATE FUNCTION trap.less(float8, float8) RETURNS bool LANGUAGE sql AS 'SELECT trap.fall() = 1';
	CREATE OPERATOR trap.< (LEFTARG = float8, RIGHTARG = float8, FUNCTION = trap.less);
	CREATE OPERATOR trap.= (LEFTARG = float8, RIGHTARG = float8, FUNCTION = trap.less);
	RESET ROLE;
	SQL
sql -c "SELECT id, iforest_score(model, a, b, c)::text, iforest_info(model) #>> '{options,seed}' FROM t, models WHERE name = 'second' AND id = 5" >"$work/plain"
sql -c 'SET search_path = trap, public, pg_catalog' \
	-c "SELECT id, iforest_score(model, a, b, c)::text, iforest_info(model) #>> '{options,seed}' FROM t, models WHERE name OPERATOR(pg_catalog.=) 'second' AND id OPERATOR(pg_catalog.=) 5" |
	cmp -s "$work/plain" -
ok $? 'functions and operators in front of the server'"'"'s are not called'

# ---- DROP EXTENSION ----
sql -c 'DROP EXTENSION iforest' 2>"$work/drop"
status=$?
grep -q 'DETAIL:.*scored' "$work/drop" && [ $status -ne 0 ]
ok $? 'DROP EXTENSION names what depends on it'
sql -c 'DROP EXTENSION iforest CASCADE' 2>/dev/null &&
	[ "$(sql -c "SELECT (SELECT count(*) FROM models), (SELECT count(*) FROM pg_proc WHERE proname ~ '^iforest')")" = '3|0' ] &&
	sql -c 'SELECT name, md5(model) FROM models ORDER BY 1' | cmp -s "$work/md5" -
ok $? 'DROP EXTENSION CASCADE takes functions and views, and leaves the models'
sql -c 'CREATE EXTENSION iforest' &&
	sql -c "SELECT id, iforest_score(model, a, b, c)::text FROM t, models WHERE name = 'second' ORDER BY 1" | cmp -s "$work/scores" -
ok $? 'and they score the same with the extension made again'

# ---- a newer server, where there is one here as well ----
here=$("$PG_CONFIG" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
for newer in $(seq $((here + 1)) $((here + 5))); do
	[ ! -x "/usr/lib/postgresql/$newer/bin/pg_upgrade" ] || break
done
if [ ! -x "/usr/lib/postgresql/$newer/bin/pg_upgrade" ] || [ ! -e "/usr/include/postgresql/$newer/server/postgres.h" ]; then
	for way in 'pg_upgrade' 'a dump'; do ok 0 "$way to a newer server # SKIP none here that extensions can be built for"; done
	exit 0
fi
sql -c "SELECT iforest_fit('named', 'SELECT a, b, c FROM t')" -c "SELECT iforest_share('named', 'asker')" >/dev/null
# What others may do with the registry's relations, and whether their owner may
# do all that there is to do on this server.
rights() {
	sql <<-'SQL'
		SELECT relname, others.rights, owners.rights = alls.rights
		FROM pg_class,
			LATERAL (SELECT string_agg(concat_ws(' ', grantee::regrole, privilege_type, is_grantable), ', ' ORDER BY grantee::regrole::text, privilege_type) AS rights
				FROM aclexplode(relacl) WHERE grantee <> relowner) others,
			LATERAL (SELECT array_agg(privilege_type ORDER BY privilege_type) AS rights FROM aclexplode(relacl) WHERE grantee = relowner) owners,
			LATERAL (SELECT array_agg(privilege_type ORDER BY privilege_type) AS rights FROM aclexplode(acldefault('r', relowner))) alls
		WHERE relname IN ('iforest_models', 'iforest_registry', 'iforest_versions') ORDER BY 1
		SQL
}
registry() {
	sql -c "SELECT m.*, md5(iforest_model(name, version)), (SELECT md5(string_agg(iforest_score('named', a, b, c)::text, ',' ORDER BY id)) FROM t) FROM iforest_models m ORDER BY name, version"
	rights
}
# Whether scores and the registry are what they were, and a refit goes on.
as_before() {
	sql -c "SELECT id, iforest_score(model, a, b, c)::text FROM t, models WHERE name = 'second' ORDER BY 1" | cmp "$work/scores" - &&
		registry | cmp "$work/registry" - &&
		[ "$(sql -c "SELECT status, version FROM iforest_refit('named')")" = 'activated|2' ]
}
registry >"$work/registry"
"/usr/lib/postgresql/$newer/bin/pg_dump" -Fc -f "$work/dump" postgres
server_stop "$name"
(
	old=$("$PG_CONFIG" --bindir)
	stage=$IFOREST_TMP/upgraded
	cp -r "$IFOREST_SRC" "$work/src" && cd "$work/src" && PG_CONFIG=/usr/lib/postgresql/$newer/bin/pg_config &&
		iforest_make clean && iforest_make all && iforest_make install DESTDIR="$stage" &&
		IFOREST_STAGE=$stage && PATH=/usr/lib/postgresql/$newer/bin:$PATH &&
		mkdir -m 700 "$IFOREST_TMP/${name}_c" "$IFOREST_TMP/${name}_c/socket" &&
		checksums=$(initdb --help | sed -n 's/^ *\(--no-data-checksums\).*/\1/p') &&
		initdb -D "$IFOREST_TMP/${name}_c/data" -U postgres -A trust -N --no-locale -E UTF8 $checksums &&
		{
			sed -n '/^listen_addresses = /,$p' "$IFOREST_TMP/$name/data/postgresql.conf" |
				grep -E '^(listen_addresses|port|fsync|timezone)'
			echo "unix_socket_directories = '$IFOREST_TMP/${name}_c/socket'"
			server_staging "$IFOREST_TMP/${name}_c/data"
		} >>"$IFOREST_TMP/${name}_c/data/postgresql.conf" &&
		cd "$work" && pg_upgrade -b "$old" -B "/usr/lib/postgresql/$newer/bin" -d "$IFOREST_TMP/$name/data" \
			-D "$IFOREST_TMP/${name}_c/data" -U postgres -s "$work" &&
		server_start "${name}_c" &&
		as_before
) >"$work/log" 2>&1
status=$?
[ $status -eq 0 ] || tail -n 30 "$work/log" | sed 's/^/# /'
ok $status "pg_upgrade to PostgreSQL $newer"
(
	PATH=/usr/lib/postgresql/$newer/bin:$PATH
	server_use "${name}_c"
	createdb restored && PGDATABASE=restored && pg_restore --exit-on-error -d restored "$work/dump" &&
		as_before
) >"$work/log" 2>&1
status=$?
[ $status -eq 0 ] || tail -n 30 "$work/log" | sed 's/^/# /'
ok $status "and a dump restored there"
