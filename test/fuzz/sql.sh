#!/bin/sh
# Random SQL for FUZZ_SECONDS (60) against a server of its own; started by
# "make fuzz-sql" in a private copy. FUZZ_SEED repeats a run.
set -u
. test/lib/server.sh
iforest_build && server_start main || exit 1
python3 test/fuzz/sql.py | tee "$IFOREST_TMP/tap"
status=0
if grep -E 'terminated by signal|TRAP:|PANIC:' "$IFOREST_TMP/main/log"; then
	echo "not ok 4 - the server crashed"
	status=1
fi
[ "$(grep -c '^ok' "$IFOREST_TMP/tap")" -eq 3 ] || status=1
server_stop main
exit $status
