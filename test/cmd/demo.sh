#!/bin/sh
# Builds iforest and shows it at work; started by test/lib/sandbox.sh.
set -eu
. test/lib/server.sh

[ -f test/cmd/demo.sql ] || { echo "test/cmd/demo.sql is missing" >&2; exit 1; }

# Bitcode would only help the JIT compiler, and costs half of the build.
export with_llvm=no
iforest_build
# Of the server's own extensions, which a package of the server may lack.
statements=
[ ! -e "$("$PG_CONFIG" --sharedir)/extension/pg_stat_statements.control" ] || statements=pg_stat_statements
server_start demo "shared_preload_libraries = '$statements'"
for extension in iforest $statements; do
	psql -X -q -v ON_ERROR_STOP=1 -c "CREATE EXTENSION $extension"
done
# The picture outlives the sandbox.
picture=$(mktemp -d /tmp/iforest-demo.XXXXXX)/worked_example.svg
chmod 755 "${picture%/*}"
psql -X -q -v ON_ERROR_STOP=1 -P pager=off -v picture="$picture" -f test/cmd/demo.sql
server_stop demo
