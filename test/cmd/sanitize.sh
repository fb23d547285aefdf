#!/bin/sh
# The regression tests (REGRESS for some) against a server that loads the
# extension built in another way; started by make in a private copy.
#
#   ubsan      every undefined operation is an error
#   asserts    with the server's assertions in our code
#   valgrind   each backend under memcheck; an error in which a frame of ours
#              takes part is a failure
#   asan       the server with AddressSanitizer, too (made by
#              test/cmd/asan/build.sh); then models with bits changed, and
#              random SQL for ASAN_SECONDS (60)
#
# The last line counts tests, as "make test" does.
set -u
. test/lib/server.sh

kind=$1
log=$IFOREST_TMP/regress.log
failed=0
pattern='^ok|^not ok|\.\.\. (ok|FAILED)'

fail() { failed=$((failed + 1)); echo "FAILED: $*"; }

# Flags reach the compiler as a user's would.
case $kind in
	ubsan)
		PG_CFLAGS="-fsanitize=undefined -fno-sanitize-recover=all -g"
		link=-lubsan
		;;
	asserts)
		PG_CFLAGS="-DUSE_ASSERT_CHECKING=1 -g"
		link=
		;;
	valgrind)
		PG_CFLAGS="-O1 -g -fno-inline-functions"
		link=
		;;
	asan)
		# The rest are flags of the server, whose compiler is gcc. Reports of
		# AddressSanitizer are files, those of the other go to the log.
		unset CC
		PG_CFLAGS="-fsanitize=float-cast-overflow"
		link=
		reports=$IFOREST_TMP/reports
		mkdir "$reports"
		ASAN_OPTIONS=log_path=$reports/asan
		export ASAN_OPTIONS
		;;
	*) echo "no way to build is called $kind"; exit 2 ;;
esac

if ! { iforest_make -j "$(nproc 2>/dev/null || echo 2)" with_llvm=no PG_CFLAGS="$PG_CFLAGS" PG_LDFLAGS= SHLIB_LINK="$link -lm" all &&
	iforest_make with_llvm=no PG_CFLAGS="$PG_CFLAGS" SHLIB_LINK="$link -lm" install DESTDIR="$IFOREST_STAGE"; } >"$log" 2>&1; then
	cat "$log"
	echo "0 passed, 1 failed"
	exit 1
fi

# That the flags took effect shows in what the library calls.
case $kind in
	ubsan) nm -D --undefined-only iforest.so | grep -q __ubsan_ || fail "built without sanitizer" ;;
	asserts) nm -D --undefined-only iforest.so | grep -q ExceptionalCondition || fail "built without assertions" ;;
	asan) nm -D --undefined-only iforest.so | grep -q __asan_report || fail "built without sanitizer" ;;
esac

# valgrind follows the postmaster into its children, one log each.
if [ "$kind" = valgrind ]; then
	mkdir "$IFOREST_TMP/valgrind"
	real=$(command -v postgres)
	mkdir "$IFOREST_TMP/bin"
	cat >"$IFOREST_TMP/bin/postgres" <<-SH
		#!/bin/sh
		case "\$*" in
			*--version* | *-V* | *" -C "* | "-C "*) exec "$real" "\$@" ;;
		esac
		exec valgrind --quiet --vgdb=no --trace-children=yes --error-markers=VALGRINDERROR-BEGIN,VALGRINDERROR-END \\
			--leak-check=no --gen-suppressions=all --num-callers=30 --read-var-info=no \\
			--suppressions="$IFOREST_SRC/test/cmd/valgrind.supp" \\
			--log-file="$IFOREST_TMP/valgrind/%p" "$real" "\$@"
	SH
	chmod 755 "$IFOREST_TMP/bin/postgres"
	# pg_ctl runs the postgres beside itself.
	for program in "$(dirname "$real")"/*; do
		name=${program##*/}
		[ "$name" = postgres ] || ln -s "$program" "$IFOREST_TMP/bin/$name"
	done
	cp "$(dirname "$real")/pg_ctl" "$IFOREST_TMP/bin/pg_ctl.real" && rm "$IFOREST_TMP/bin/pg_ctl" &&
		mv "$IFOREST_TMP/bin/pg_ctl.real" "$IFOREST_TMP/bin/pg_ctl"
	PGCTLTIMEOUT=300
	export PGCTLTIMEOUT
	server_start main "autovacuum = off" >/dev/null || exit 1
	pg_ctl -D "$IFOREST_TMP/main/data" -m fast -w -s stop
	"$IFOREST_TMP/bin/pg_ctl" -D "$IFOREST_TMP/main/data" -l "$IFOREST_TMP/main/log" -w -s \
		-p "$IFOREST_TMP/bin/postgres" start || { tail "$IFOREST_TMP/main/log"; exit 1; }
else
	server_start main || exit 1
fi

iforest_make installcheck ${REGRESS:+"REGRESS=$REGRESS"} >"$log" 2>&1
status=$?
grep -E "$pattern" "$log"
passed=$(grep -cE '^ok|\.\.\. ok' "$log")
bad=$(grep -cE '^not ok|\.\.\. FAILED' "$log")
failed=$((failed + bad))
if [ $status -ne 0 ]; then
	[ "$bad" -gt 0 ] || { cat "$log"; fail "pg_regress"; }
	if [ -s regression.diffs ]; then head -n 200 regression.diffs; fi
fi

# Runs programs that report in TAP and adds up what they count.
tap() { # PROGRAM..
	TAP_COUNTS=$IFOREST_TMP/counts TAP_TIMEOUT=1800 sh test/lib/tap.sh "$@"
	# shellcheck disable=SC2046 # "N passed, N failed"
	set -- $(cat "$IFOREST_TMP/counts")
	passed=$((passed + $1)) failed=$((failed + $3))
}

if [ "$kind" = asan ] && [ -z "${REGRESS:-}" ]; then
	FUZZ_SECONDS=${ASAN_SECONDS:-60}
	export FUZZ_SECONDS
	tap test/t/forged.t test/fuzz/sql.py
fi
if grep -E 'runtime error|TRAP:|terminated by signal|PANIC|detected write past|problem in alloc set' "$IFOREST_TMP/main/log"; then
	fail "the server's log"
fi
server_stop main || fail "the server did not stop"

# A fault made on purpose, in a backend without a postmaster, is reported; what
# is no fault is not.
canary() { # FAULT REPORTS
	rm -rf "$IFOREST_TMP/canary"
	mkdir "$IFOREST_TMP/canary"
	# A shell would say of the backend that it aborted.
	(printf '%s\n' \
		"CREATE FUNCTION pg_temp.canary(text) RETURNS int LANGUAGE c AS '$IFOREST_TMP/canary.so';" \
		"SELECT pg_temp.canary('$1')" |
		ASAN_OPTIONS=log_path=$IFOREST_TMP/canary/asan \
			postgres --single -D "$IFOREST_TMP/main/data" postgres >"$IFOREST_TMP/canary/log" 2>&1) 2>/dev/null
	if [ "$(cat "$IFOREST_TMP"/canary/* | grep -cE 'ERROR: AddressSanitizer|runtime error:')" -eq "$2" ]; then
		passed=$((passed + 1))
		echo "ok - canary: $1"
	else
		cat "$IFOREST_TMP"/canary/*
		fail "canary: $1"
	fi
}

if [ "$kind" = asan ]; then
	# Not with pg_config's flags: they name files of the checkout that the
	# server was built in.
	# shellcheck disable=SC2086 # words
	gcc -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all $PG_CFLAGS -I"$("$PG_CONFIG" --includedir-server)" \
		-fPIC -shared -o "$IFOREST_TMP/canary.so" test/cmd/asan/canary.c || fail "the canary was not built"
	canary none 0
	for fault in 'past a palloc' 'before a palloc' 'after pfree' 'after a reset' 'past an array on the stack' \
		'a shift too far' 'a double too large for int'; do
		canary "$fault" 1
	done
	if [ -n "$(ls "$reports")" ]; then
		head -n 60 "$reports"/*
		fail "$(find "$reports" -type f | wc -l) reports of AddressSanitizer"
	fi
fi
if [ "$kind" = valgrind ]; then
	echo "# $(find "$IFOREST_TMP/valgrind" -type f | wc -l) processes under valgrind"
	[ "$(find "$IFOREST_TMP/valgrind" -type f | wc -l)" -gt 5 ] || fail "nothing ran under valgrind"
	# Errors with a frame of the library, from the first line to the last.
	ours=$(cat "$IFOREST_TMP"/valgrind/* | awk '
		/VALGRINDERROR-BEGIN/ { block = ""; inside = 1 }
		inside { block = block $0 "\n" }
		/VALGRINDERROR-END/ { inside = 0; all++; if (block ~ /iforest\.so|\/src\/([a-z]+\/)*[a-z_0-9]*\.c|forest_/) print block }
		END { print "# " all + 0 " errors in all" > "/dev/stderr" }')
	if [ -n "$ours" ]; then
		echo "$ours" | head -n 200
		fail "errors in our frames"
	fi
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
