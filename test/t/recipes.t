#!/bin/sh
# The recipes of doc/recipes.md do what they say. Each section runs in a
# database of its own, after the first part, on a server that has what the
# sections need; those whose tool is not installed are skipped. A full run takes
# Debian's postgresql-NN-pgvector, postgresql-NN-postgis-3 and
# postgresql-NN-timescaledb, pgbouncer, python3-psycopg, python3-pandas and
# node-pg.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
cd "$IFOREST_SRC" || exit 1
. test/lib/server.sh
work=$(mktemp -d) || exit 1
bouncer=
trap '[ -z "$bouncer" ] || kill "$bouncer"; server_stop recipes immediate 2>/dev/null; server_stop application immediate 2>/dev/null; rm -rf "$work"' EXIT
. test/lib/document.sh

skipped() { # SECTION REASON
	count=$((count + 1))
	echo "ok $count # SKIP $1: $2"
}
has_extension() { [ -e "$("$PG_CONFIG" --sharedir)/extension/$1.control" ]; }
q() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# The document as "first.md" and, for each section, a file of its name's first
# word. What dashboards put into SQL is put in.
sed -e "s/\$__timeGroup(at, '1h')/date_trunc('hour', at)/" \
	-e "s/\$__timeFilter(at)/at BETWEEN '2026-02-01' AND '2026-03-01'/" \
	-e "s/\[\[\(.*\){{country}}\]\]/\1'DE'/" doc/recipes.md |
	awk -v dir="$work" 'BEGIN { file = dir "/first.md" }
		/^## / { name = tolower($2); gsub(/[^a-z]/, "", name); file = dir "/" name ".md"; seen[name]++ }
		{ print >file }'

# The first block of a kind in a section that begins with a line, or the Nth.
block() { # SECTION KIND [N]
	awk -v kind="$2" -v want="${3:-1}" '/^```/ && on { exit } on
		$0 == "```" kind && ++n == want { on = 1 }' "$work/$1.md"
}

# A section of SQL, with the first part before it, by the server that PG* name.
section() { # SECTION
	cat "$work/first.md" "$work/$1.md" >"recipe_$1"
	run_document "recipe_$1" "recipe_$1"
}

# A section's program, in a database with the first part.
program() { # SECTION KIND COMMAND..
	name=$1 kind=$2
	shift 2
	createdb "recipe_$name" && block first sql | q -d "recipe_$name" >/dev/null &&
		block "$name" "$kind" >"$work/$name.$kind" &&
		block "$name" text >"$work/$name.expected" &&
		PGDATABASE=recipe_$name "$@" "$work/$name.$kind" >"$work/$name.actual" 2>&1
	[ -s "$work/$name.expected" ] && diff -u "$work/$name.expected" "$work/$name.actual" >"$work/complaint"
	ok $? "doc/recipes.md, $name" "$work/complaint"
}

preload=pg_stat_statements
if has_extension timescaledb; then preload="$preload, timescaledb"; fi
server_start recipes "wal_level = logical" "shared_preload_libraries = '$preload'" \
	"timescaledb.telemetry_level = off" >"$work/log" 2>&1 || {
	sed 's/^/# /' "$work/log"
	echo 'Bail out! no server'
	exit 1
}

if has_extension pg_stat_statements; then section odd; else skipped 'odd statements' 'no pg_stat_statements'; fi
for extension in vector:pgvector:pgvector postgis:postgis:postgis-3 timescaledb:timescaledb:timescaledb; do
	package=${extension##*:}
	name=${extension#*:}
	name=${name%:*}
	if has_extension "${extension%%:*}"; then section "$name"; else skipped "$name" "not installed (Debian: postgresql-NN-$package)"; fi
done
for name in json grafana metabase; do section $name; done

# What a person would look for first.
[ "$(block metabase sql | q -d recipe_metabase | head -n 1 | cut -d'|' -f1)" = 5001 ]
ok $? 'doc/recipes.md, metabase: the oddest of one country comes first'

# dbt's templates, with what dbt puts in.
compiled() { block dbt jinja "$1" | sed "/config(/d; s/{{ ref('\([a-z_]*\)') }}/\1/"; }
{ block first sql; echo 'CREATE TABLE payments_scored AS'; compiled 1; echo '; ANALYZE payments_scored;'; } >"$work/dbt.sql"
createdb recipe_dbt && q -d recipe_dbt -f "$work/dbt.sql" >"$work/complaint" 2>&1 &&
	[ "$(q -d recipe_dbt -c 'SELECT count(*) FROM payments_scored WHERE odd')" -gt 100 ]
ok $? 'doc/recipes.md, dbt: a scored table' "$work/complaint"
compiled 2 | q -d recipe_dbt >"$work/complaint" 2>&1 && [ ! -s "$work/complaint" ]
ok $? 'doc/recipes.md, dbt: its test passes' "$work/complaint"
q -d recipe_dbt -c 'UPDATE payments_scored SET odd = true' && compiled 2 | q -d recipe_dbt | grep -qx '1.0*'
ok $? '.. and fails where all rows are odd'

# Debian's modules are those of its own python.
python=python3
$python -c 'import psycopg' 2>/dev/null || python=/usr/bin/python3
if $python -c 'import psycopg' 2>/dev/null; then program psycopg python $python; else skipped psycopg 'not installed (Debian: python3-psycopg)'; fi
if $python -c 'import psycopg, pandas' 2>/dev/null; then program pandas python $python; else skipped pandas 'not installed (Debian: python3-pandas python3-psycopg)'; fi
# Debian's modules are where node looks for the system's.
if NODE_PATH=${NODE_PATH:-/usr/share/nodejs} node -e 'require("pg")' 2>/dev/null; then
	NODE_PATH=${NODE_PATH:-/usr/share/nodejs}
	export NODE_PATH
	program nodepostgres js node
else
	skipped node-postgres 'not installed (Debian: node-pg)'
fi

# In transaction mode, by a pool of one connection.
if PATH=$PATH:/usr/sbin command -v pgbouncer >/dev/null; then
	mkdir "$work/pool"
	echo '"postgres" ""' >"$work/pool/users"
	cat >"$work/pool/ini" <<-INI
		[databases]
		* = host=$PGHOST port=$PGPORT
		[pgbouncer]
		unix_socket_dir = $work/pool
		listen_port = 6432
		auth_type = trust
		auth_file = $work/pool/users
		pool_mode = transaction
		default_pool_size = 1
		ignore_startup_parameters = extra_float_digits
	INI
	PATH=$PATH:/usr/sbin pgbouncer -q "$work/pool/ini" >"$work/log" 2>&1 &
	bouncer=$!
	tries=0
	until [ -S "$work/pool/.s.PGSQL.6432" ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
	(
		PGHOST=$work/pool PGPORT=6432
		export PGHOST PGPORT
		section pgbouncer
		echo "$count $failures" >"$work/counts"
	)
	read -r count failures <"$work/counts"
	kill "$bouncer"
	bouncer=
else
	skipped pgbouncer 'not installed (Debian: pgbouncer)'
fi

# From one server to another.
tagged() { awk -v tag="-- $1" '/^```/ { on = 0; start = ($0 == "```sql"); next } start { on = ($0 == tag) && ++n == want; start = 0; next } on' want="$2" "$work/logical.md"; } # TAG N
createdb recipe_logical && { block first sql; tagged warehouse 1; } | q -d recipe_logical >"$work/complaint" 2>&1
ok $? 'doc/recipes.md, logical replication: a model is published' "$work/complaint"
warehouse="host=$PGHOST port=$PGPORT user=postgres dbname=recipe_logical"
server_start application >"$work/log" 2>&1
tagged application 1 | q -v warehouse="$warehouse" >"$work/complaint" 2>&1
ok $? 'doc/recipes.md, logical replication: it is subscribed to' "$work/complaint"
tries=0
until [ "$(q -c 'SELECT count(*) FROM models')" = 1 ] || [ $((tries += 1)) -gt 300 ]; do sleep 0.1; done
[ "$(tagged application 2 | q 2>"$work/complaint")" = t ]
ok $? 'doc/recipes.md, logical replication: the application scores by it' "$work/complaint"

# No section has been forgotten.
sections=$(grep -c '^## ' doc/recipes.md)
[ "$sections" -eq 13 ]
ok $? 'all sections of doc/recipes.md are run'

echo "1..$count"
[ "$failures" -eq 0 ]
