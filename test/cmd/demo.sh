#!/bin/sh
# Builds iforest and shows it at work; started by test/lib/sandbox.sh.
set -eu
. test/lib/server.sh

[ -f test/cmd/demo.sql ] || { echo "test/cmd/demo.sql is missing" >&2; exit 1; }

# Bitcode would only help the JIT compiler, and costs half of the build.
export with_llvm=no
iforest_build
server_start demo
psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION iforest'
# The picture outlives the sandbox.
picture=$(mktemp -d /tmp/iforest-demo.XXXXXX)/worked_example.svg
chmod 755 "${picture%/*}"
psql -X -q -v ON_ERROR_STOP=1 -P pager=off -v picture="$picture" -f test/cmd/demo.sql
server_stop demo
