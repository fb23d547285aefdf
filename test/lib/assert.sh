# What tests in test/t report with, in TAP:
#
#   . "$IFOREST_SRC/test/lib/assert.sh"
#
# shellcheck shell=sh
n=0
ok() { # STATUS DESCRIPTION
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

# Runs SQL, from standard input or by options, and prints what it returns.
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
