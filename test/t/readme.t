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
count=0
failures=0

ok() { # STATUS DESCRIPTION [FILE]
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		failures=$((failures + 1))
		echo "not ok $count - $2"
		if [ -n "${3:-}" ]; then sed 's/^/#   /' "$3"; fi
	fi
}

# Into the directory: script.sql, and for each block N of SQL its place in
# N.name and, if the document shows it, its output in N.expected.
extract() { # DOCUMENT DIRECTORY
	awk -v dir="$2" -v document="$1" '
		/^```sql$/ {
			file = dir "/script.sql"
			n++
			print "\\echo @@" n >file
			print document ":" NR >(dir "/" n ".name")
			kind = "sql"
			next
		}
		/^```text$/ && after_sql { file = dir "/" n ".expected"; kind = "text"; next }
		/^```/ && kind != "" { after_sql = (kind == "sql"); kind = ""; next }
		/^```/ { kind = "other"; file = "/dev/null"; next }
		kind != "" { print >file; next }
		/[^[:blank:]]/ { after_sql = 0 }' "$1"
}

# No blanks at the ends of lines, no empty lines at the start or end.
trim() { sed 's/[[:blank:]]*$//' "$@" | awk 'NF { print gap $0; gap = ""; some = 1; next } some { gap = gap "\n" }'; }

run_document() { # DOCUMENT DATABASE
	dir=$work/$2
	mkdir "$dir"
	extract "$1" "$dir"
	createdb "$2"
	psql -X -q -d "$2" -P pager=off <"$dir/script.sql" 2>&1 |
		awk -v dir="$dir" '/^@@[0-9]+$/ { file = dir "/" substr($0, 3) ".actual"; printf "" >file; next }
			{ print >file }'
	n=0
	while n=$((n + 1)) && [ -f "$dir/$n.name" ]; do
		[ -f "$dir/$n.actual" ] || { ok 1 "$(cat "$dir/$n.name"), not reached"; continue; }
		trim "$dir/$n.actual" >"$dir/actual"
		if [ -f "$dir/$n.expected" ]; then
			trim "$dir/$n.expected" >"$dir/expected"
			diff -u "$dir/expected" "$dir/actual" >"$dir/complaint"
		else
			! grep -E '^(ERROR|FATAL|WARNING|invalid command|.*error):' "$dir/actual" >"$dir/complaint"
		fi
		ok $? "$(cat "$dir/$n.name")" "$dir/complaint"
	done
	[ "$n" -gt 1 ]
	ok $? "$1 has SQL"
}

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
