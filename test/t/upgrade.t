#!/bin/sh
# An extension that was upgraded is the one that is installed anew: the same
# functions, aggregates, tables, rights, comments and all else that upgrade.sql
# lists. Every version with a script in sql/ is installed and upgraded.
#
# That the comparison sees what there is to see is shown by versions made up
# here: ways to the present version that forget one thing each.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/assert.sh"
database=upgrade_$$
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"; dropdb --if-exists --force "$database" 2>/dev/null' EXIT
sharedir=$("$PG_CONFIG" --sharedir)

# Sessions that find extensions in a copy of the installation.
cp -R "$IFOREST_STAGE" "$work/stage" && chmod -R go+rX "$work" || exit 1
scripts=$work/stage$sharedir/extension
if [ -n "$(sql -c "SELECT 1 FROM pg_settings WHERE name = 'extension_control_path'")" ]; then
	PGOPTIONS="-c extension_control_path=$work/stage$sharedir:\$system"
else
	PGOPTIONS="-c extension_destdir=$work/stage"
fi
export PGOPTIONS
current=$(sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" "$scripts/iforest.control")

# Prints the catalog of the present version, installed, or come to from another.
catalog() { # [VERSION]
	dropdb --if-exists --force "$database" 2>/dev/null
	createdb "$database" &&
		sql -d "$database" -c "CREATE EXTENSION iforest${1:+ VERSION '$1'}" ${1:+-c "ALTER EXTENSION iforest UPDATE"} >"$work/log" 2>&1 &&
		psql -X -q -d "$database" -v ON_ERROR_STOP=1 -f "$IFOREST_SRC/test/t/upgrade.sql" 2>&1
}

# Whether an upgrade leads to what is installed anew.
same() { # VERSION
	catalog "$1" >"$work/upgraded" || { sed 's/^/# /' "$work/log"; return 1; }
	diff "$work/fresh" "$work/upgraded" >"$work/diff" && return
	sed 's/^/# /' "$work/diff" | cut -c 1-300 | head -n 20
	return 1
}

# A version 0.0 that is the present one with something done to it, and a way
# back that does, or does not do, something.
made_up() { # BEFORE WAY
	{ cat "$scripts/iforest--$current.sql"; echo "$1"; } >"$scripts/iforest--0.0.sql"
	echo "$2" >"$scripts/iforest--0.0--$current.sql"
	same 0.0
	status=$?
	rm "$scripts/iforest--0.0.sql" "$scripts/iforest--0.0--$current.sql"
	return $status
}
forgets() { # WHAT BEFORE
	made_up "$2" '' >/dev/null
	[ $? -eq 1 ] && [ -s "$work/diff" ]
	ok $? "$1 that a way forgets is seen"
	: >"$work/diff"
}

catalog >"$work/fresh"
[ "$(wc -l <"$work/fresh")" -gt 200 ] && ! grep '^UNKNOWN' "$work/fresh" | sed 's/^/# /' | grep . &&
	catalog >"$work/again" && cmp -s "$work/fresh" "$work/again"
ok $? "two fresh installations have one catalog, of $(wc -l <"$work/fresh") lines"

# One of each to do something to.
one() { sql -d "$database" -c "$1 ORDER BY 1 LIMIT 1"; }
member="JOIN pg_depend AS d ON d.objid = o.oid AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass"
any=$(one "SELECT o.oid::regprocedure::text FROM pg_proc AS o $member WHERE o.prokind = 'f' AND o.provolatile = 'i'")
aggregate=$(one "SELECT o.oid::regprocedure::text FROM pg_proc AS o $member WHERE o.prokind = 'a'")
table=$(one "SELECT o.oid::regclass::text FROM pg_class AS o $member WHERE o.relkind = 'r'")
column=$(one "SELECT attname FROM pg_attribute WHERE attrelid = '$table'::regclass AND attnum = 1 AND atttypid = 'text'::regtype")

made_up 'CREATE FUNCTION iforest_old() RETURNS int LANGUAGE sql RETURN 1;' 'DROP FUNCTION iforest_old();'
ok $? 'a way that forgets nothing leads to the present version'
forgets 'a function' 'CREATE FUNCTION iforest_old() RETURNS int LANGUAGE sql RETURN 1;'
forgets "a function's volatility" "ALTER FUNCTION $any VOLATILE;"
forgets "a function's cost" "ALTER FUNCTION $any COST 77;"
forgets 'a comment' "COMMENT ON FUNCTION $any IS 'old';"
forgets "an aggregate's comment" "COMMENT ON AGGREGATE $aggregate IS 'old';"
forgets 'a privilege' "REVOKE EXECUTE ON FUNCTION $any FROM PUBLIC;"
forgets 'a column' "ALTER TABLE $table ADD old int;"
forgets "a column's default" "ALTER TABLE $table ALTER $column SET DEFAULT 'old';"
forgets "a column's storage" "ALTER TABLE $table ALTER $column SET STORAGE EXTERNAL;"
forgets "a column's comment" "COMMENT ON COLUMN $table.$column IS 'old';"
forgets 'a constraint' "ALTER TABLE $table ADD CHECK (true);"
forgets 'an index' "CREATE INDEX iforest_old ON $table ($column);"
forgets 'a trigger' "CREATE TRIGGER iforest_old BEFORE TRUNCATE ON $table EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger();"
forgets 'a policy' "CREATE POLICY iforest_old ON $table;"
forgets 'row security' "ALTER TABLE $table ENABLE ROW LEVEL SECURITY;"
forgets "a table's privilege" "GRANT TRUNCATE ON $table TO PUBLIC;"
forgets 'a view' "CREATE VIEW iforest_old AS SELECT 1 AS one;"
forgets 'what is dumped' "SELECT pg_catalog.pg_extension_config_dump('$table', 'WHERE true');"
forgets 'a type' "CREATE DOMAIN iforest_old AS int CHECK (value > 0);"

# The versions that there are.
older=$(cd "$scripts" && ls iforest--*.sql | sed 's/^iforest--//; s/\.sql$//' | grep -v -e '--' | grep -vxF "$current")
for version in $older; do
	same "$version"
	ok $? "an upgrade from $version is $current"
done
[ -n "$older" ] || echo "# no version before $current has a script, so there is no way to follow yet"
# shellcheck disable=SC2154 # of assert.sh
echo "1..$n"
