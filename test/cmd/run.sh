#!/bin/sh
# Builds iforest and runs all tests; started by test/lib/sandbox.sh.
#
# TESTS chooses layers, in this order:
#   unit      test/unit: the core alone, plain and sanitized
#   checks    test/cmd/checks.sh: rules of the sources
#   regress   sql/*.sql against expected/*.out (REGRESS="score" for a few)
#   t         test/t/*.t: what needs more than psql (t/score for one)
#
# The last line counts TAP assertions of unit, checks and t, one per regression
# test, and one failure more for anything else that went wrong.
set -u
. test/lib/server.sh

layers=${TESTS:-${REGRESS:+regress}}
layers=${layers:-unit checks regress t}
passed=0 failed=0 skipped=0

TAP_COUNTS=$IFOREST_TMP/counts
export TAP_COUNTS

heading() { echo; echo "== $*"; }

fail() { failed=$((failed + 1)); echo "FAILED: $*"; }

tap() { # PROGRAM..
	[ $# -gt 0 ] || { echo "(none)"; return; }
	rm -f "$TAP_COUNTS"
	sh test/lib/tap.sh "$@"
	# shellcheck disable=SC2046 # "N passed, N failed[, N skipped]"
	set -- $(cat "$TAP_COUNTS") || { fail "no counts from tap.sh"; return; }
	passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + ${5:-0}))
}

built=
build() {
	if [ -z "$built" ]; then
		built=yes
		iforest_build || { built=no; fail "the build"; }
	fi
	[ $built = yes ]
}

started=
start() {
	if [ -z "$started" ]; then
		started=yes
		{ build && server_start main; } || { started=no; fail "no server"; }
	fi
	[ $started = yes ]
}

run_unit() {
	heading "unit tests of the core"
	log=$IFOREST_TMP/unit.log
	if iforest_make -j "$(nproc 2>/dev/null || echo 2)" unit-programs >"$log" 2>&1
	then
		set --
		for program in build/plain/test_* build/sanitized/test_*; do
			if [ -f "$program" ]; then set -- "$@" "$program"; fi
		done
		tap "$@"
	else
		cat "$log"
		fail "the build of the unit tests"
	fi
}

run_checks() {
	heading "checks of the sources"
	build && tap test/cmd/checks.sh
}

# Whoever installs the extension runs them as a superuser of his own name.
run_regress() {
	heading "regression tests"
	start || return
	log=$IFOREST_TMP/regress.log
	createuser --superuser regress_installer || { fail "no role"; return; }
	PGUSER=regress_installer iforest_make installcheck ${REGRESS:+"REGRESS=$REGRESS"} >"$log" 2>&1
	status=$?
	# "test score ... ok 12 ms" before PostgreSQL 16, then "ok 1 - score 12 ms".
	results=$(sed -n \
		-e 's/^\(test\)\{0,1\} \{1,\}\([^ ]*\) *\.\.\. \(ok\|FAILED\).*/\3 \2/p' \
		-e 's/^\(not \)\{0,1\}ok [0-9]* *[-+] \([^ ]*\) .*/\1ok \2/p' "$log")
	good=$(echo "$results" | grep -c '^ok ')
	bad=$(echo "$results" | grep -c -E '^(not ok|failed|FAILED) ')
	[ -z "$results" ] || echo "$results"
	passed=$((passed + good)) failed=$((failed + bad))
	if [ $status -ne 0 ]; then
		if [ "$bad" -eq 0 ]; then cat "$log"; fail "pg_regress"; fi
		if [ -s regression.diffs ]; then head -n 2000 regression.diffs; fi
	fi
}

run_t() { # [FILE]
	heading "tests in test/t"
	start || return
	if [ $# -eq 0 ]; then
		for file in test/t/*.t; do
			if [ -x "$file" ]; then set -- "$@" "$file"; fi
		done
	fi
	tap "$@"
}

for layer in $layers; do
	case $layer in
		unit | checks | regress | t) "run_$layer" ;;
		t/*) run_t "test/${layer%.t}.t" ;;
		*) fail "TESTS: no layer is called $layer" ;;
	esac
done

# A crashed backend takes its client's test down, but a background worker's
# crash may go unnoticed. (Tests crash servers of their own only.)
if [ "$started" = yes ]; then
	log=$IFOREST_TMP/main/log
	if grep -qE 'terminated by signal|TRAP:|PANIC:' "$log"; then
		fail "the server crashed"
		tail -n 60 "$log"
	fi
	server_stop main || fail "the server did not stop"
fi

[ $((passed + failed)) -gt 0 ] || fail "nothing was tested"
echo
line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" -eq 0 ]
