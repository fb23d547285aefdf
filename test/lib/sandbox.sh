#!/bin/sh
# Runs a script in a private, temporary copy of the sources:
#
#   test/lib/sandbox.sh test/cmd/run.sh [ARGUMENT..]
#
# The copy keeps the checkout free of build products, may be read by the user
# that runs the server (a checkout under root's home may not), and is removed
# at the end together with every server started in it. The server refuses to
# run as root, so root hands the copy and the script to an ordinary user.
set -eu

script=$1
shift
cd "$(dirname "$0")/../.."

# Neither the caller's make nor its database settings reach in.
unset MAKEFLAGS MFLAGS MAKELEVEL CDPATH || true
for name in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p'); do unset "$name"; done

# The test of a schedule wants a scheduler, if it is among those to run. Tests of
# pictures use a browser where there is one; who wants it installed says so:
# IFOREST_BROWSER=yes.
wanted=
case "$script ${TESTS:-${REGRESS:+regress}}" in
	test/cmd/run.sh\ | test/cmd/run.sh*\ t | test/cmd/run.sh*\ t\ * | test/cmd/run.sh*\ t/cron*)
		wanted=tests
		;;
esac
PG_CONFIG=$(sh test/lib/setup.sh "$wanted")
export PG_CONFIG

dir=
child=

# shellcheck disable=SC2317 # called by traps
cleanup() {
	trap '' INT TERM HUP
	# The script leads a process group of its own; servers left it.
	[ -z "$child" ] || kill -TERM "-$child" 2>/dev/null || true
	[ -n "$dir" ] || return 0
	find "$dir" -name postmaster.pid 2>/dev/null | while read -r file; do
		pid=$(head -n 1 "$file") || continue
		kill -INT "$pid" 2>/dev/null || continue
		tries=0
		while kill -0 "$pid" 2>/dev/null; do
			tries=$((tries + 1))
			[ "$tries" -ne 50 ] || kill -QUIT "$pid" 2>/dev/null || true
			[ "$tries" -lt 100 ] || break
			sleep 0.1
		done
	done
	if [ -n "${KEEP:-}" ]; then
		echo "kept: $dir" >&2
	else
		rm -rf "$dir"
	fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

user=
as_user=
if [ "$(id -u)" -eq 0 ]; then
	user=nobody
	if id postgres >/dev/null 2>&1; then user=postgres; fi
	as_user="setpriv --reuid=$user --regid=$(id -g $user) --init-groups --"
fi

# The user may be unable to reach $TMPDIR or to run programs from it, and
# libraries cannot be loaded from there either then.
for parent in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
	dir=$(mktemp -d "$parent/iforest.XXXXXX") || continue
	printf '#!/bin/sh\n' >"$dir/probe"
	chmod 755 "$dir/probe"
	[ -z "$user" ] || chown -R "$user" "$dir"
	# A socket's path has 107 bytes at most.
	if [ ${#dir} -le 70 ] && $as_user "$dir/probe" 2>/dev/null; then break; fi
	rm -rf "$dir"
	dir=
done
[ -n "$dir" ] || { echo "iforest: no usable temporary directory" >&2; exit 1; }

mkdir "$dir/src" "$dir/home"
tar --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.bc' \
	--exclude='*.so' --exclude=./exports.list -cf - . |
	tar --no-same-owner -xf - -C "$dir/src"
[ -z "$user" ] || chown -R "$user" "$dir"

# Labelled tables beside the checkout, which some tests can use.
export IFOREST_DATA="${IFOREST_DATA:-$PWD/../shared/data}"
export IFOREST_TMP="$dir" IFOREST_SRC="$dir/src"
export HOME="$dir/home" TMPDIR="$dir" LC_ALL=C TZ=UTC
cd "$dir/src"

# In the background, as a shell attends to signals only between commands but
# at once while it waits.
# shellcheck disable=SC2086 # empty or several words
setsid $as_user sh "$script" "$@" </dev/null &
child=$!
status=0
wait "$child" || status=$?
exit "$status"
