#!/bin/sh
# The regression tests (REGRESS for some) against a server that loads the
# extension built in another way; started by make in a private copy.
#
#   test/sanitize.sh ubsan      every undefined operation is an error
#   test/sanitize.sh asserts    with the server's assertions in our code
#   test/sanitize.sh valgrind   each backend under memcheck; an error in which
#                               a frame of ours takes part is a failure
#
# The last line counts tests, as "make test" does.
set -u
. test/server.sh

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
			--suppressions="$IFOREST_SRC/test/valgrind.supp" \\
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
if grep -E 'runtime error|TRAP:|terminated by signal|PANIC' "$IFOREST_TMP/main/log"; then
	fail "the server's log"
fi
server_stop main || fail "the server did not stop"

if [ "$kind" = valgrind ]; then
	echo "# $(find "$IFOREST_TMP/valgrind" -type f | wc -l) processes under valgrind"
	[ "$(find "$IFOREST_TMP/valgrind" -type f | wc -l)" -gt 5 ] || fail "nothing ran under valgrind"
	# Errors with a frame of the library, from the first line to the last.
	ours=$(cat "$IFOREST_TMP"/valgrind/* | awk '
		/VALGRINDERROR-BEGIN/ { block = ""; inside = 1 }
		inside { block = block $0 "\n" }
		/VALGRINDERROR-END/ { inside = 0; all++; if (block ~ /iforest\.so|\/src\/(core\/)?[a-z_]*\.c|forest_/) print block }
		END { print "# " all + 0 " errors in all" > "/dev/stderr" }')
	if [ -n "$ours" ]; then
		echo "$ours" | head -n 200
		fail "errors in our frames"
	fi
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
