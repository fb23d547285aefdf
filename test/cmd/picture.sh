#!/bin/sh
# Builds iforest and prints the picture that the demo draws; started by
# test/lib/sandbox.sh.
set -eu
. test/lib/server.sh

export with_llvm=no
iforest_build >&2
server_start picture >&2
psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION iforest'
psql -X -q -v ON_ERROR_STOP=1 -v picture="$IFOREST_TMP/picture.svg" \
	-f test/cmd/demo.sql >/dev/null
cat "$IFOREST_TMP/picture.svg"
server_stop picture
