#!/bin/sh
# One binary serves all minor releases of a major one: what was built here runs
# on an older one, which comes from Debian's archive where that has it, or from
# IFOREST_OLD_SERVER, a directory with its usr/lib/postgresql.
set -u

skip() { echo "1..0 # SKIP $1"; exit 0; }
[ -n "${PGHOST:-}" ] || skip 'no server'
here=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9.]*\).*/\1/')
major=${here%%.*}
bindir=$("$PG_CONFIG" --bindir)
[ "$bindir" = "/usr/lib/postgresql/$major/bin" ] || skip 'the server is not a package of Debian'
# The server refuses to run as another than who owns its files, and sockets
# have short names.
work=$(mktemp -d /tmp/minor.XXXXXX) || exit 1
old=${IFOREST_OLD_SERVER:-$work/root}
bin=$old$bindir
trap '[ ! -e "$work/data/postmaster.pid" ] || "$bin/pg_ctl" -D "$work/data" -m immediate -w -s stop; rm -rf "$work"' EXIT
. "$IFOREST_SRC/test/lib/assert.sh"

# Fetches the oldest minor release there is, if it is older.
fetch_older() {
	found=$(apt-cache madison "postgresql-$major" 2>/dev/null | awk -F' *[|] *' '{ print $2 }' | sort -V | head -n 1)
	case $found in "$major".*) ;; *) return 1 ;; esac
	case $found in "$here"-*) return 1 ;; esac
	(cd "$work" && apt-get -qq download "postgresql-$major=$found" && dpkg -x "postgresql-${major}_$found"_*.deb root) >"$work/log" 2>&1
}
[ -n "${IFOREST_OLD_SERVER:-}" ] || fetch_older || skip "no older minor release than $here at hand"

# The extension into it, and the server on.
share=$("$PG_CONFIG" --sharedir)
lib=$("$PG_CONFIG" --pkglibdir)
mkdir -p "$work/root$share/extension"
cp "$IFOREST_STAGE$share/extension/"iforest* "$old$share/extension/" && cp "$IFOREST_STAGE$lib/iforest.so" "$old$lib/" || exit 1
"$bin/initdb" -D "$work/data" -U postgres -A trust -N --no-locale -E UTF8 >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
{
	echo "listen_addresses = ''"
	echo "unix_socket_directories = '$work'"
	echo 'fsync = off'
	echo "timezone = 'UTC'"
} >>"$work/data/postgresql.conf"
PGHOST=$work PGUSER=postgres PGDATABASE=postgres
export PGHOST PGUSER PGDATABASE
"$bin/pg_ctl" -D "$work/data" -l "$work/server.log" -w -s start || { cat "$work/server.log"; exit 1; }
echo "# built for $here, running on $(sql -c 'SHOW server_version')"

sql -c 'CREATE EXTENSION iforest' >"$work/log" 2>&1
ok $? 'an older minor release loads it'
sed 's/^/#   /' "$work/log"
regress=$(dirname "$("$PG_CONFIG" --pgxs)")/../test/regress/pg_regress
set -- score train types row_types many_arguments plot registry_names
mkdir "$work/out"
"$regress" --inputdir="$IFOREST_SRC" --outputdir="$work/out" --bindir="$bindir" --dbname=minor --load-extension=iforest \
	--encoding=UTF8 --no-locale "$@" >"$work/log" 2>&1
ok $? "the regression tests $* pass there"
if [ -s "$work/out/regression.diffs" ]; then head -n 60 "$work/out/regression.diffs" | sed 's/^/#   /'; fi
grep -E 'terminated by signal|PANIC:' "$work/server.log" | sed 's/^/#   /'
! grep -qE 'terminated by signal|PANIC:' "$work/server.log"
ok $? 'no session crashed'
echo "1..$n"
