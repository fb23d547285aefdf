#!/bin/sh
# What takes too long for "make test"; started by make in a private copy.
#
#   test/long/run.sh cancel   every function that can take long is stopped
#   test/long/run.sh memory   no growth over 10^6 scores, 10^4 trainings, ..;
#                             10^5 sketches are united in that of a few
#   test/long/run.sh generators   bars of bench/generators.sh -q, on the tables in
#                             IFOREST_DATA
#   test/long/run.sh big      BIG_ROWS (10^7) rows, 1600 columns, 10 000 trees, ..
#
# The output is TAP.
set -u
. test/lib/server.sh
what=${1:-memory}
data=${IFOREST_DATA:-../shared/data}
if [ "$what" = generators ] && [ ! -r "$data/thyroid.csv.gz" ]; then
	echo "1..0 # SKIP no tables in $data, see IFOREST_DATA"
	exit 0
fi
iforest_build && server_start main "shared_buffers = '128MB'" || exit 1

# A step that grows by more than these is said to leak.
most_contexts=200000			# bytes
most_rss=8192					# kB
# What a union of 10^5 sketches, 114 MB, may take beyond one of 10^3, in kB:
# 40 bytes a stream, in a room that doubles, took 9264 at most.
most_union=16384

status=0
case $what in
	cancel)
		psql -X -q -d postgres -c 'CREATE EXTENSION iforest' &&
			. test/long/cancel.sh | tee "$IFOREST_TMP/out"
		sed -n 's/.*went on for at most \([0-9]*\) ms.*/\1/p' "$IFOREST_TMP/out" | sort -n | tail -n 1 |
			sed 's/.*/# no statement went on for more than & ms/'
		! grep -q '^not ok' "$IFOREST_TMP/out" || status=1
		;;
	memory)
		psql -X -q -d postgres -c 'CREATE EXTENSION iforest' &&
			psql -X -f test/long/memory.sql >"$IFOREST_TMP/out" 2>&1
		status=$?
		sed 's/^/# /' "$IFOREST_TMP/out" | grep -v '^# CONTEXT'
		echo 1..3
		[ $status -eq 0 ] && [ "$(grep -c 'grown' "$IFOREST_TMP/out")" -ge 9 ] && echo 'ok 1 - all was done' || { echo 'not ok 1 - all was done'; status=1; }
		awk -v c=$most_contexts -v r=$most_rss '/grown/ && ($(NF - 1) > c || $NF > r) { bad = 1; print "# grows: " $0 } END { exit bad }' "$IFOREST_TMP/out" &&
			echo 'ok 2 - memory does not grow' || { echo 'not ok 2 - memory does not grow'; status=1; }
		psql -X -f test/long/sketches.sql >"$IFOREST_TMP/out" 2>&1
		sed 's/^/# /' "$IFOREST_TMP/out"
		[ "$(awk -v most=$most_union '$2 == 100000 && /^(united|weighted) / && $3 <= most' "$IFOREST_TMP/out" | wc -l)" -eq 2 ] &&
			echo 'ok 3 - sketches stream through a union' || { echo 'not ok 3 - sketches stream through a union'; status=1; }
		;;
	generators)
		psql -X -q -d postgres -c 'CREATE EXTENSION iforest' &&
			sh bench/generators.sh "$data" -q >"$IFOREST_TMP/out" 2>&1
		status=$?
		sed 's/^/# /' "$IFOREST_TMP/out"
		echo 1..1
		[ $status -eq 0 ] && echo 'ok 1 - the bars of the quick form are met' || echo 'not ok 1 - the bars of the quick form are met'
		;;
	big)
		psql -X -q -d postgres -c 'CREATE EXTENSION iforest' &&
			psql -X -v rows="${BIG_ROWS:-10000000}" -f test/long/big.sql >"$IFOREST_TMP/out" 2>&1
		status=$?
		sed 's/^/# /' "$IFOREST_TMP/out"
		echo 1..2
		# every error is a limit told with what to do, none an accident
		errors=$(grep -c 'ERROR:' "$IFOREST_TMP/out")
		limits=$(grep -cE 'ERROR:.*(does not fit in 1 GB|at most 100000 are supported)' "$IFOREST_TMP/out")
		[ "$errors" -ge 3 ] && [ "$errors" -eq "$limits" ] && echo 'ok 1 - limits are told' || { echo "not ok 1 - limits are told ($errors, $limits)"; status=1; }
		grep -q '^at the end' "$IFOREST_TMP/out" && echo 'ok 2 - the session lives' || { echo 'not ok 2 - the session lives'; status=1; }
		;;
esac
if grep -E 'terminated by signal|TRAP:|PANIC:' "$IFOREST_TMP/main/log"; then status=1; fi
server_stop main
exit $status
