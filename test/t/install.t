#!/bin/sh
# CREATE EXTENSION in a schema that others have filled with better matches for
# every name that the script uses, and calls of all functions there: nothing
# of theirs is used. By a superuser; by a role with CREATE on the database,
# for whom the script runs as superuser, in his own schema and in a shared
# one; and in a session full of temporary tables.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
here=$IFOREST_SRC/test/t
db=install_$$
hostile=regress_hostile_$$
owner=regress_installer_$$
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"; dropdb --if-exists --force $db 2>/dev/null
	psql -Xqc "DROP ROLE IF EXISTS $hostile, $owner" 2>/dev/null' EXIT
. "$IFOREST_SRC/test/lib/assert.sh"
PGDATABASE=$db
export PGDATABASE
version=$(sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" "$IFOREST_SRC/iforest.control")
script=${INSTALL_SCRIPT:-$IFOREST_SRC/sql/iforest--$version.sql}

createdb "$db" || exit 1
sql -v hostile="$hostile" -v owner="$owner" -v db="$db" <<-'SQL' || exit 1
	CREATE ROLE :hostile LOGIN;
	CREATE ROLE :owner LOGIN;
	GRANT CREATE ON DATABASE :db TO :owner, :hostile;
	CREATE SCHEMA recorder;
	GRANT USAGE ON SCHEMA recorder TO PUBLIC;
	CREATE SEQUENCE recorder.hits;
	GRANT ALL ON SEQUENCE recorder.hits TO PUBLIC;
	-- A sequence remembers what is rolled back, and a warning that is caught.
	CREATE FUNCTION recorder.hit(what text) RETURNS bool LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM pg_catalog.nextval('recorder.hits');
		RAISE WARNING 'hostile % used by %', what, CURRENT_USER;
		RAISE EXCEPTION 'hostile % used by %', what, CURRENT_USER;
	END $$;
	CREATE TABLE recorder.t AS
	SELECT (i * i % 101)::float8 AS a, (i % 24)::int AS b, 'k' || i % 3 AS k FROM generate_series(1, 30) i;
	CREATE TABLE recorder.arrays AS SELECT ARRAY[i % 7, i % 11]::float8[] AS v FROM generate_series(1, 30) i;
	GRANT SELECT ON recorder.t, recorder.arrays TO PUBLIC;
	-- What the extension consists of.
	CREATE SCHEMA clean;
	CREATE EXTENSION iforest SCHEMA clean;
	CREATE TABLE recorder.own AS
	SELECT proname AS name, array_to_string(proargtypes::oid[]::regtype[], ',') AS types FROM pg_proc WHERE pronamespace = 'clean'::regnamespace;
	CREATE TABLE recorder.own_types AS SELECT typname AS name FROM pg_type WHERE typnamespace = 'clean'::regnamespace;
	GRANT SELECT ON recorder.own, recorder.own_types TO PUBLIC;
	DROP EXTENSION iforest;
	SQL

hits() { sql -c 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM recorder.hits'; }

# Objects that parts of the extension depend on, and that are neither parts of
# it nor the server's own.
strangers() {
	sql -c "WITH RECURSIVE own (classid, objid) AS (
			SELECT classid, objid FROM pg_depend
			WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'iforest')
		UNION
			SELECT d.classid, d.objid FROM pg_depend d JOIN own ON d.refclassid = own.classid AND d.refobjid = own.objid WHERE d.deptype IN ('a', 'i'))
		SELECT DISTINCT pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
		FROM pg_depend d JOIN own USING (classid, objid)
		WHERE d.refclassid NOT IN ('pg_extension'::regclass, 'pg_namespace'::regclass, 'pg_language'::regclass)
		AND (d.refclassid, d.refobjid) NOT IN (SELECT classid, objid FROM own)"
}

# Installs as a role in a schema of another role, and calls everything there.
install() { # DESCRIPTION ROLE SCHEMA_OWNER KIND [SQL]
	description=$1 role=$2 schema_owner=$3 kind=$4 before=${5:-SELECT}
	sql -c 'DROP SCHEMA IF EXISTS target CASCADE' -c "CREATE SCHEMA target AUTHORIZATION $schema_owner" \
		-c "GRANT ALL ON SCHEMA target TO $hostile, $owner" -c 'ALTER SEQUENCE recorder.hits RESTART' 2>"$work/log" || { cat "$work/log"; exit 1; }
	filled=$(sql -U "$hostile" -v schema=target -v kind="$kind" -v script="$(cat "$script")" -f "$here/install.sql" 2>&1)
	echo "# functions|operators|types|casts: $filled"
	[ "$(echo "$filled" | awk -F'|' '$1 > 1000 && $2 > 1000 && $3 > 100 { print "full" }')" = full ]
	ok $? "$description: the schema is full of better matches"

	sql -U "$role" -c "$before" -c 'CREATE EXTENSION iforest SCHEMA target' >"$work/log" 2>&1
	ok $? '.. CREATE EXTENSION succeeds'
	[ -z "$(strangers 2>&1 | tee "$work/strangers")" ]
	ok $? '.. no part of it depends on anything else'
	sed 's/^/#   /' "$work/strangers" | head -n 5
	# f('x') is a cast, for who calls it in a schema with a type f.
	sql -c "DO \$\$ DECLARE name text; BEGIN
		FOR name IN SELECT typname FROM pg_type WHERE typnamespace = 'target'::regnamespace AND typname IN (SELECT o.name FROM recorder.own o)
		LOOP EXECUTE format('DROP TYPE target.%I', name); END LOOP; END \$\$" >>"$work/log" 2>&1
	for path in 'target, pg_temp' 'target, pg_catalog'; do
		sql -c "SET search_path = $path" -f "$here/install_calls.sql" >"$work/calls" 2>&1
		ok $? ".. all functions work under search_path = $path"
		cat "$work/calls" >>"$work/log"
	done
	[ "$(hits)" = 0 ]
	ok $? '.. nothing hostile was used'
	grep -iE 'hostile|ERROR' "$work/log" | head -n 5 | sed 's/^/#   /'
}

install 'by a superuser' postgres "$hostile" domain
install 'by a role, in a schema shared with another' "$owner" "$owner" enum
install 'by the hostile role itself' "$hostile" "$hostile" domain
install 'in a session full of temporary tables' postgres "$hostile" enum \
	"DO \$\$ DECLARE word text; BEGIN
		FOR word IN SELECT DISTINCT m[1] FROM regexp_matches(pg_read_file('$script'), '[a-z_][a-z0-9_]*', 'g') m
		LOOP EXECUTE format('CREATE TEMP TABLE %I (hostile int)', word); END LOOP; END \$\$"

# The calls leave out none that people can make.
sql -c "SELECT DISTINCT proname FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	WHERE d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'iforest') AND NOT 'internal'::regtype = ANY (proargtypes)
	AND prorettype <> 'trigger'::regtype AND proname !~ '^_iforest_can_'" |
	while read -r name; do grep -q "$name(" "$here/install_calls.sql" || echo "$name"; done >"$work/missing"
[ ! -s "$work/missing" ]
ok $? 'the calls are of every function'
sed 's/^/#   /' "$work/missing"
echo "1..$n"
