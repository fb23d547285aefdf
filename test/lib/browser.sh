# What tests share that look at pages and pictures: a folder "work" and a
# database of their own, TAP with complaints, and a browser where there is one.
# To be sourced by tests in test/t, after their server is known to be there:
#
#   . "$IFOREST_SRC/test/lib/browser.sh"
#   browser_begin plot
#   has_browser && browser_dom "$work/page.html" --window-size=390,1000
#
# shellcheck shell=sh
n=0

# The database is dropped, and the folder removed, when the test ends.
browser_begin() { # NAME
	work=$(mktemp -d) || exit 1
	PGDATABASE=$1_$$
	export PGDATABASE
	createdb "$PGDATABASE" || exit 1
	trap 'dropdb --force "$PGDATABASE"; rm -rf "$work"' EXIT
}

ok() { # STATUS DESCRIPTION [FILE]
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		[ -z "${3:-}" ] || sed 's/^/#   /' "$3"
	fi
}

skip() { n=$((n + 1)); echo "ok $n # SKIP $1"; }

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

has_browser() { command -v chromium >/dev/null; }

# Prints what a page has become after its scripts have run.
browser_dom() { # FILE [OPTION..]
	page=$1
	shift
	timeout 300 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$work/profile" "$@" --dump-dom "file://$page" 2>"$work/browser.log"
}
