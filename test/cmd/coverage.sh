#!/bin/sh
# Which lines of src/ the unit tests and the regression tests run, folder by
# folder; in TAP, with a floor under the whole. Started by "make coverage" in a
# private copy.
#
# COVERAGE_LIST names a file to list the lines in that are never run;
# COVERAGE_FLOOR is another floor, in percent. The tests in test/t, which take
# long, do not count: what only they run shows as never run. Nor do kernels,
# since which of them run is up to the processor.
set -u
. test/lib/server.sh

floor=${COVERAGE_FLOOR:-96}
jobs=$(nproc 2>/dev/null || echo 2)
work=$IFOREST_TMP/lines
mkdir "$work"

bail() { # FILE REASON
	tail -n 60 "$1" | sed 's/^/#   /'
	echo "Bail out! $2"
	exit 1
}

failed=0

# Begins a line of TAP: with "not " and what went wrong, if something did.
outcome() { # STATUS LOG
	[ "$1" -eq 0 ] && return
	failed=1
	grep -E '^not ok|FAILED' "$2" | sed 's/^/# /'
	printf 'not '
}

echo 1..3

# gcov reads what gcc of the same version writes. A build of the extension has
# its counts beside its objects, each process of the server adds to them as it
# ends.
CC=gcc
export CC
{ iforest_make -j "$jobs" UNIT_KINDS=coverage unit-programs &&
	iforest_make -j "$jobs" with_llvm=no PG_CFLAGS='-O0 -g --coverage -Wno-cpp' \
		SHLIB_LINK='--coverage -lm' all &&
	iforest_make with_llvm=no PG_CFLAGS='-O0 -g --coverage -Wno-cpp' \
		SHLIB_LINK='--coverage -lm' install DESTDIR="$IFOREST_STAGE"; } >"$work/build" 2>&1 ||
	bail "$work/build" 'the build failed'

# shellcheck disable=SC2046 # programs
TAP_COUNTS=$work/counts sh test/lib/tap.sh $(find build/coverage -maxdepth 1 -type f -perm -u+x | sort) >"$work/unit" 2>&1
status=$?
outcome $status "$work/unit"
echo "ok 1 - unit tests: $(tail -n 1 "$work/counts" 2>/dev/null || echo none counted)"

server_start coverage >"$work/start" 2>&1 || bail "$work/start" 'no server'
iforest_make installcheck ${REGRESS:+"REGRESS=$REGRESS"} >"$work/regress" 2>&1
status=$?
server_stop coverage || bail "$work/regress" 'the server did not stop'
outcome $status "$work/regress"
echo "ok 2 - regression tests: $(grep -cE '^ok|\.\.\. ok' "$work/regress")"

# A line counts as run if one of the builds that compile it has run it.
find src build/coverage/src -name '*.gcno' | sort | while read -r notes; do
	gcov -t "$notes" 2>/dev/null
done | awk -F: -v list="${COVERAGE_LIST:-/dev/null}" '
	$2 + 0 == 0 && $3 == "Source" {
		file = $4
		sub(/^\.\//, "", file)
		next
	}
	file !~ /^src\// { next }
	{
		count = $1
		gsub(/[ *]/, "", count)
		line = file ":" $2 + 0
		if (count == "-" || count == "")
			next
		if (!(line in run))
			run[line] = 0
		if (count !~ /^[#=]/)
			run[line] = 1
	}
	function percent(part, whole) { return whole ? 100 * part / whole : 100 }
	END {
		for (line in run)
		{
			if (line ~ /_(avx2|avx512|neon)\.c:/)
			{
				kernels++
				continue
			}
			room = line
			sub(/\/[^\/]*$/, "", room)
			lines[room]++
			good[room] += run[line]
			lines["all"]++
			good["all"] += run[line]
			if (!run[line])
				print line | "sort -t : -k 1,1 -k 2n >" list
		}
		for (room in lines)
			if (room != "all")
				printf "# %5.1f %% of %5d lines  %s\n", percent(good[room], lines[room]), lines[room], room | "sort -k 7"
		close("sort -k 7")
		printf "# %d lines of kernels for processors left out\n", kernels
		printf "%.1f %d\n", percent(good["all"], lines["all"]), lines["all"]
	}' >"$work/table"
sed '$d' "$work/table"
# shellcheck disable=SC2046 # two numbers
set -- $(tail -n 1 "$work/table")
awk -v share="$1" -v lines="$2" -v floor="$floor" 'BEGIN { exit !(lines > 1000 && share >= floor) }' || {
	failed=1
	printf 'not '
}
echo "ok 3 - $1 % of $2 lines of src/ are run, at least $floor %"
[ $failed -eq 0 ]
