# Runs what documents show, after a directory "work" is there; to be sourced:
#
#   . test/lib/document.sh
#   run_document doc/dba.md a_database
#
# The plan and the exit status are "count" and "failures".
#
# shellcheck shell=sh disable=SC2154
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
# N.name and, if the document shows it, its output in N.expected. A command
# for the shell that starts with "psql" is a block, too, N.sh: it is run at its
# place, beside a link to the folder of documents.
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
		/^```sh$/ { kind = "sh"; file = "/dev/null"; after_sql = 0; next }
		kind == "sh" && file == "/dev/null" && /^psql / {
			n++
			print "\\! cd " dir " && { sh " n ".sh || echo error: status $?; } >" n ".actual 2>&1" >(dir "/script.sql")
			print document ":" NR >(dir "/" n ".name")
			file = dir "/" n ".sh"
		}
		/^```text$/ && after_sql { file = dir "/" n ".expected"; kind = "text"; next }
		/^```/ && kind != "" { after_sql = (kind == "sql" || kind == "sh" && file != "/dev/null"); kind = ""; next }
		/^```/ { kind = "other"; file = "/dev/null"; next }
		kind != "" { print >file; next }
		/[^[:blank:]]/ { after_sql = 0 }' "$1"
}

# No blanks at the ends of lines, no empty lines at the start or end.
trim() { sed 's/[[:blank:]]*$//' "$@" | awk 'NF { print gap $0; gap = ""; some = 1; next } some { gap = gap "\n" }'; }

run_document() { # DOCUMENT DATABASE
	dir=$work/$2
	mkdir "$dir"
	ln -s "$PWD/doc" "$dir/doc"
	extract "$1" "$dir"
	createdb "$2"
	PGDATABASE=$2 psql -X -q -P pager=off <"$dir/script.sql" 2>&1 |
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
			! grep -E '^(psql:[^ ]* )?(ERROR|FATAL|WARNING|invalid command|.*error):' "$dir/actual" >"$dir/complaint"
		fi
		ok $? "$(cat "$dir/$n.name")" "$dir/complaint"
	done
	[ "$n" -gt 1 ]
	ok $? "$1 has SQL"
	for file in "$dir"/*.actual; do
		! grep -qE '\\x[0-9a-f]{200}' "$file" || cat "${file%.actual}.name"
	done >"$dir/complaint"
	[ ! -s "$dir/complaint" ]
	ok $? "$1 prints no model's bytes" "$dir/complaint"
}
