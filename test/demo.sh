#!/bin/sh
# Builds iforest and shows it at work; started by test/sandbox.sh.
set -eu
. test/server.sh

[ -f test/demo.sql ] || { echo "test/demo.sql is missing" >&2; exit 1; }

# Bitcode would only help the JIT compiler, and costs half of the build.
export with_llvm=no
iforest_build
server_start demo
psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION iforest'
psql -X -q -v ON_ERROR_STOP=1 -P pager=off -f test/demo.sql
server_stop demo
