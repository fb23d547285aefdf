#!/bin/sh
# The SQL of the documents does what they say.
#
# Every ```sql block of a document is run, in order, in one psql session with
# a database of its own. A ```text block that follows is what psql -q prints
# then, to the letter but for blanks at the ends of lines; without one there
# must be no error. What the README shows of "make demo" is looked for in the
# demo's output.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
cd "$IFOREST_SRC" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
. test/lib/document.sh

# Whether the lines of the first file occur in the second, in that order.
lines_occur() { # FILE FILE
	awk 'NR == FNR { if (NF) line[++n] = $0; next }
		$0 == line[found + 1] { found++ }
		END { if (found < n) { print "not printed: " line[found + 1]; exit 1 } }' "$1" "$2"
}

run_document README.md doc_readme
run_document doc/analyst.md doc_analyst
run_document doc/dba.md doc_dba
run_document doc/JSON.md doc_json
run_document doc/scale.md doc_scale
run_document doc/views.md doc_views
run_document doc/review.md doc_review
run_document doc/alarms.md doc_alarms
run_document doc/time.md doc_time
run_document doc/iforest.md doc_reference

awk '/^```console$/ { inside = 1; next } /^```/ { inside = shown = 0 } shown && $0 != ".."
	inside && /^\$ make demo$/ { shown = 1 }' README.md | trim >"$work/shown"
psql -X -q -d doc_readme -f test/cmd/demo.sql 2>&1 | trim >"$work/demo"
lines_occur "$work/shown" "$work/demo" >"$work/complaint" && [ -s "$work/shown" ]
ok $? 'what README.md shows of the demo' "$work/complaint"

echo "1..$count"
[ "$failures" -eq 0 ]
