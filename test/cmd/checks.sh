#!/bin/sh
# Rules of the sources that no compiler checks, reported in TAP.
#
#   test/cmd/checks.sh             all of them
#   test/cmd/checks.sh version     only: one version everywhere
set -u
cd "$(dirname "$0")/../.." || exit 1
. test/lib/check.sh

# "file:line: code" without comments, which may speak of what code may not do.
code_of() { # FILE..
	[ $# -gt 0 ] || return 0
	awk 'FNR == 1 { inside = 0 }
	{
		rest = $0
		code = ""
		while (rest != "")
		{
			at = index(rest, inside ? "*/" : "/*")
			if (!inside)
				code = code (at ? substr(rest, 1, at - 1) : rest)
			rest = at ? substr(rest, at + 2) : ""
			if (at)
				inside = !inside
		}
		print FILENAME ":" FNR ": " code
	}' "$@"
}

existing() { # PATTERN.. (expanded by the caller)
	for file; do [ ! -e "$file" ] || echo "$file"; done
}

# All C sources of the extension; "core" for those of the core alone.
sources() { # [core]
	find "src${1:+/$1}" -name '*.[ch]' -o -name '*.inc' | sort
}

# Rooms and their layers (doc/ARCHITECTURE.md): a file includes headers of its
# own room and of lower layers, and what lies in src/ or src/core/ itself.
includes_point_down() {
	# shellcheck disable=SC2046
	awk '
	BEGIN {
		n = split("core/base 0 core/format 1 core/grow 2 core/score 2 " \
			"core/stats 3 core/explain 3 core/density 3 core/net 3 " \
			"core/generator 4 base 4 svg 4 row 5 model 6 sketch 7 " \
			"score 8 train 9 inspect 9 explain 9 generate 9 drift 9 " \
			"plot 10 registry 11 plan 12", words, " ")
		for (i = 1; i < n; i += 2)
			layer[words[i]] = words[i + 1]
	}
	function room(path) {
		sub(/^src\//, "", path)
		if (!sub(/\/[^\/]*$/, "", path))
			return "."
		return path
	}
	FNR == 1 {
		from = room(FILENAME)
		if (from != "." && from != "core" && !(from in layer))
			print FILENAME ": a room that has no layer"
	}
	/^#[ \t]*include[ \t]*"/ {
		split($0, quoted, "\"")
		to = room("src/" quoted[2])
		if (to == from || !(to in layer) && to != ".")
			next
		if (from == "core" || from ~ /^core\// && to == "." || \
			to in layer && from in layer && layer[to] >= layer[from])
			print FILENAME ":" FNR ": includes " quoted[2]
	}' $(sources)
}

# A function, or a variable, that others use is declared in the header of its
# file's name; one that nobody else uses, the unit tests neither, is static.
exported_names() {
	[ -n "$(find src -name '*.o' | head -n 1)" ] || return 0
	find src -name '*.o' | sort | xargs nm -A | awk '
	{ file = $1; sub(/:.*/, "", file); kind = $(NF - 1); name = $NF }
	kind ~ /^[TDBR]$/ { home[name] = file }
	kind == "U" { used[name] = 1 }
	END {
		for (name in home)
			if (name !~ /^(iforest_|pg_finfo_|Pg_magic_func$|_PG_)/)
				print home[name], name, (name in used)
	}' | sort | while read -r object name used; do
		file=${object%.o}
		if [ "$used" = 0 ] && ! grep -rqw "$name" test/unit; then
			echo "$file.c: $name is used by no other file"
			continue
		fi
		case $file in
			# the forms of one thing for several processors
			*_portable | *_avx2 | *_avx512 | *_neon) header=$(dirname "$file")/*.h ;;
			*) header=$file.h ;;
		esac
		# shellcheck disable=SC2086 # a pattern
		[ "$name" = forest_pause ] || [ "$name" = forest_digest ] || grep -qsw "$name" $header ||
			echo "$file.c: $name is not declared in $header"
	done
}

long_headers() {
	find src -name '*.h' | sort | while read -r file; do
		lines=$(wc -l <"$file")
		[ "$lines" -le 150 ] || echo "$file has $lines lines"
	done
}

full_rooms() {
	find src -type d | sort | while read -r room; do
		files=$(find "$room" -maxdepth 1 -name '*.c' | wc -l)
		[ "$files" -le 16 ] || echo "$room has $files C files"
	done
}

# The core allocates nothing, reports nothing and knows no server.
core_is_pure() {
	# shellcheck disable=SC2046
	code_of $(sources core) | grep -E \
		-e '#[[:blank:]]*include[[:blank:]]*[<"]([^">]*/)?(postgres|fmgr|c|elog|palloc|iforest)\.h' \
		-e '#[[:blank:]]*include[[:blank:]]*<(stdio|stdlib|setjmp|signal|time|unistd)\.h' \
		-e '(^|[^[:alnum:]_])(palloc0?|pfree|malloc|calloc|realloc|free|alloca|v?[fs]?n?printf|puts|ereport|elog|abort|exit|setjmp|longjmp|rand|random|time)[[:blank:]]*\('
}

# Sections of constants that hold addresses (.data.rel.ro) are fine.
core_variables() {
	for file in $(find src/core -name '*.o'); do
		nm -f sysv "$file" | awk -F'|' -v file="$file" \
			'$7 ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)$/ && $4 !~ /SECTION/ {
				print file ": " $1
			}'
	done
}

# Who draws random numbers says what for: forest_rng.h knows the streams.
streams_by_purpose() {
	# shellcheck disable=SC2046
	code_of $(sources | grep -v '^src/core/base/forest_\(rng\|purpose\)\.h$') |
		grep -E '(^|[^[:alnum:]_])(forest_rng_init|forest_stream_start|forest_first_stream)[[:blank:]]*\('
}

# Who opens a model without looking at its generator would trust that.
opened_whole() {
	# shellcheck disable=SC2046
	code_of $(sources | grep -v '^src/core/') | grep -E '(^|[^[:alnum:]_])forest_open[[:blank:]]*\('
}

versions_in_compat() {
	# shellcheck disable=SC2046
	code_of $(sources | grep -v '^src/compat\.h$') |
		grep PG_VERSION_NUM
}

# A sort takes as long as its caller's data wants: it has to be one that looks
# for interrupts, qsort_interruptible or forest_sort.
sorts_stop() {
	# shellcheck disable=SC2046
	code_of $(sources) | grep -E \
		'(^|[^[:alnum:]_])(qsort|qsort_r|pg_qsort|qsort_arg|list_sort|heapsort|mergesort)[[:blank:]]*\('
	# shellcheck disable=SC2046
	for file in $(grep -l 'lib/sort_template\.h' $(sources)); do
		grep -q 'define ST_CHECK_FOR_INTERRUPTS' "$file" ||
			echo "$file: the sort that it makes looks for no interrupts"
	done
}

regress_pairs() {
	for file in $(existing sql/*.sql expected/*.out); do
		case $file in
			sql/iforest--*) continue ;;
			sql/*) other=expected/$(basename "$file" .sql).out ;;
			*) other=sql/$(basename "$file" .out).sql ;;
		esac
		[ -e "$other" ] || echo "$file has no $other"
	done
}

# What people call, by the newest script, and by the reference: a line of its
# table, and a heading.
functions_documented() {
	work=$(mktemp -d) || exit 1
	sed -nE 's/^CREATE (FUNCTION|AGGREGATE) (iforest_[a-z_]*)\(.*/\2/p' \
		"$(existing sql/iforest--*.sql | grep -v -- '--.*--' | sort -V | tail -n 1)" | sort -u >"$work/made"
	sed -nE 's/^\| \[`(iforest_[a-z_]*)\(.*/\1/p' doc/iforest.md | sort >"$work/listed"
	sed -n '/^### iforest_/p' doc/iforest.md | grep -oE 'iforest_[a-z_]+' | sort -u >"$work/headed"
	[ -s "$work/made" ] || echo "no functions found in sql"
	comm -23 "$work/made" "$work/listed" | sed 's/$/: not in the table of doc\/iforest.md/'
	comm -13 "$work/made" "$work/listed" | sed 's/$/: in the table of doc\/iforest.md, but not in the script, or twice/'
	comm -23 "$work/made" "$work/headed" | sed 's/$/: has no section in doc\/iforest.md/'
	rm -rf "$work"
}

# Nothing in the SQL script may be somebody else's function or operator.
script_is_qualified() {
	for file in $(existing sql/iforest--*.sql); do
		awk -f test/cmd/qualified.awk "$file"
	done
}

# What exports.txt is for.
exported_symbols() {
	nm -D --defined-only iforest.so | awk '{ print $NF }' |
		grep -vE '^(iforest_|pg_finfo_iforest_|Pg_magic_func$|_PG_init$)'
}

# One binary is to serve every minor release; test/t/minor.t tries one.
symbols_of_minors() {
	nm -D --undefined-only iforest.so | awk '{ print $NF }' |
		grep -Fx -f test/minor_symbols.txt
}

long_files() {
	for file in $(sources) $(existing test/unit/*/*.[ch]); do
		lines=$(wc -l <"$file")
		[ "$lines" -le 600 ] || echo "$file has $lines lines"
	done
}

# A function's contract is the comment right before it. Macros that make
# functions go on by a backslash, and do not begin with a brace alone.
functions_commented() {
	# shellcheck disable=SC2046
	awk '
	FNR == 1 { delete line }
	{ line[FNR] = $0 }
	/^\{$/ {
		name = ""
		for (i = FNR - 1; i > 0 && line[i] !~ /^$|^\}|^[^#].*;$|^\/\*| \*\/$/; i--)
			if (line[i] ~ /^[A-Za-z_][A-Za-z_0-9]*\(/ && line[i] !~ /^__attribute__/)
				name = line[i]
		if (name == "")
			next
		sub(/\(.*/, "", name)
		n++
		if (line[i] !~ /^\/\*.*[^-]\*\/$|^ \*\/$/)
			print FILENAME ":" FNR ": " name " has no comment right before it"
	}
	END { if (n == 0) print "no functions found in src" }' $(sources)
}

# Of the lines of the side of the server one in five at least is comment.
comments_abound() {
	sh test/cmd/figures.sh | awk '
	/^SQL side / {
		for (i = 2; i <= NF && $i != "comment"; i++)
			;
		share = $(i - 2)
	}
	END { if (share + 0 < 20) print "src without src/core: " share " % of the lines are comment" }'
}

# A unit test lies in the room of the core that it is about; elsewhere it would
# not be built.
unit_tests_in_rooms() {
	find test/unit -name '*.[ch]' | sort | while read -r file; do
		room=$(dirname "${file#test/unit/}")
		case $file in
			test/unit/support/*.h) ;;
			test/unit/*/test_*.c)
				[ -d "src/core/$room" ] || echo "$file: src/core/$room is not there"
				;;
			*) echo "$file: neither a support header nor a test of a room" ;;
		esac
	done
}

# What the sources raise, as "SQLSTATE condition_name"; internal errors are
# elog's as well. errcodes.txt is the server's.
raised_errors() {
	# shellcheck disable=SC2046
	{ echo 'errcode(ERRCODE_INTERNAL_ERROR)'; code_of $(sources) | sed 's/^[^:]*:[^:]*: //'; } |
		tr '\n' ' ' | grep -oE 'errcode\([^()]*(\([^()]*\)[^()]*)*\)|sqlerrcode = ERRCODE_[A-Z0-9_]+' |
		grep -oE 'ERRCODE_[A-Z0-9_]+' | sort -u |
		awk 'NR == FNR { if ($3 ~ /^ERRCODE_/ && $4 != "") name[$3] = $1 " " $4; next }
			{ print ($1 in name ? name[$1] : $1 " is not in errcodes.txt") }' \
			"$errcodes" - | sort -u
}

# The reference's table of them: "| SQLSTATE | condition_name | when |".
documented_errors() {
	sed -n 's/^| \([0-9A-Z]\{5\}\) | \([a-z_]*\) |.*/\1 \2/p' doc/iforest.md | sort
}

errors_documented() {
	work=$(mktemp -d) || exit 1
	raised_errors >"$work/raised"
	documented_errors >"$work/documented"
	[ -s "$work/raised" ] || echo "no error codes found in src"
	comm -23 "$work/raised" "$work/documented" | sed 's/$/: raised, but not in the table of doc\/iforest.md/'
	comm -13 "$work/raised" "$work/documented" | sed 's/$/: in the table of doc\/iforest.md, but not raised/'
	rm -rf "$work"
}

# psql pads its output, and data is as it is.
trailing_blanks() {
	grep -rnIE '[[:blank:]]+$' . --exclude-dir=.git --exclude-dir=build \
		--exclude-dir=results --exclude='*.out' --exclude='*.csv' \
		--exclude='*.diffs'
}

# Expected outputs quote nothing that is the server's or the machine's own: its
# hints and the names of subqueries in plans are others in other versions, and
# times in other machines.
outputs_are_ours() {
	grep -nE 'You might need to add explicit|InitPlan|SubPlan|[0-9] rows in [0-9.]+ s$' expected/*.out
}

# Settings that make plans parallel end with the statements they are for: in a
# plan that nobody thought of, rows come in any order, as workers have them.
plans_are_meant() {
	# shellcheck disable=SC2046
	awk '
	function name(word) { sub(/ *[=;].*/, "", word); return word }
	function look(    setting)
	{
		for (setting in open)
			print file ": " setting " stays set"
		split("", open)
	}
	FNR == 1 { look(); file = FILENAME }
	/^SET (cpu|min_parallel|parallel)_/ { open[name($2)] }
	/^RESET / { delete open[name($2)] }
	/^RESET ALL;/ { split("", open) }
	END { look() }' $(existing sql/*.sql)
}

# Links from one document to another, and to headings, lead somewhere.
links_lead() {
	# shellcheck disable=SC2046
	awk -f test/cmd/links.awk $(find . -path ./.git -prune -o -name build -prune -o -name '*.md' -print | sed 's,^\./,,' | sort)
}

# Rows without a value have no score, and would come first: a statement of the
# documents that sorts by scores downwards says NULLS LAST, or asks for rows that
# have one.
unscored_rows_last() {
	awk '
	function look()
	{
		if (statement ~ /ORDER BY [^;]*[Ss]core[^;]* DESC/ && \
			statement !~ /DESC NULLS LAST|WHERE [^;]*(outlier|score (>|IS NOT NULL))/)
			print FILENAME ":" FNR ": " statement
		statement = ""
	}
	FNR == 1 { inside = 0; statement = "" }
	/^```/ { look(); inside = !inside; next }
	inside { statement = statement " " $0 }
	inside && /;/ { look() }' README.md doc/*.md
}

versions_agree() {
	control=$(sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" iforest.control)
	# All but the version of META.json's own format.
	meta=$(sed '/"meta-spec"/,/}/d' META.json |
		sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' | sort -u)
	changes=$(sed -n 's/^## *\([0-9][^ ]*\).*/\1/p' CHANGELOG.md | head -n 1)
	script=$(existing sql/iforest--*.sql | sed 's/.*--//; s/\.sql$//' |
		sort -V | tail -n 1)

	[ "$(echo "$meta" | wc -l)" -eq 1 ] ||
		echo "META.json has several versions: $meta"
	[ "$meta" = "$changes" ] ||
		echo "META.json has $meta, CHANGELOG.md starts with $changes"
	packaged=$(sed -n '1s/.*(\(.*\)-[^-]*).*/\1/p' debian/changelog)
	spec=$(sed -n 's/^Version: *//p' packaging/iforest.spec)
	[ "$meta" = "$packaged" ] ||
		echo "META.json has $meta, debian/changelog starts with $packaged"
	[ "$meta" = "$spec" ] ||
		echo "META.json has $meta, packaging/iforest.spec $spec"
	case $meta in
		"$control" | "$control".*) ;;
		*) echo "META.json has $meta, iforest.control $control" ;;
	esac
	[ "$script" = "$control" ] ||
		echo "the newest script in sql/ is for '$script', iforest.control has $control"
	[ -e "sql/iforest--$control.sql" ] ||
		echo "sql/iforest--$control.sql, for new installations, is missing"
}

errcodes=$(${PG_CONFIG:-pg_config} --sharedir 2>/dev/null)/errcodes.txt
version='META.json, CHANGELOG.md, iforest.control, sql/ and packages agree on the version'

if [ "${1:-}" = version ]; then
	check "$version" versions_agree
else
	check 'src/core is plain C: no server, no allocation, no output' core_is_pure
	check 'random numbers are drawn for a purpose that forest_rng.h lists' streams_by_purpose
	check 'the server opens models with all they have' opened_whole
	check 'rooms include their own headers and those of lower layers' includes_point_down
	check 'PG_VERSION_NUM is tested in src/compat.h only' versions_in_compat
	check 'sorts can be interrupted' sorts_stop
	check 'every regression test has one script and one output' regress_pairs
	check 'expected outputs are the same on all servers' outputs_are_ours
	check 'regression tests end the plans that they ask for' plans_are_meant
	check 'the SQL script leaves no name to the search path' script_is_qualified
	if [ -e iforest.so ]; then
		check 'src/core has no variables of its own' core_variables
		check 'exported symbols carry our prefixes' exported_symbols
		check 'no symbol of the server came in a minor release' symbols_of_minors
		check 'what several files use is declared where it is defined' exported_names
	fi
	if [ -e "$errcodes" ]; then
		check 'the reference lists the SQLSTATEs that are raised' errors_documented
	fi
	check 'the reference lists the functions that there are for people' functions_documented
	check "unit tests lie in folders as the core's" unit_tests_in_rooms
	check 'no C file is longer than 600 lines' long_files
	check 'no header is longer than 150 lines' long_headers
	check 'every function has a comment right before it' functions_commented
	check "a fifth of the lines of the server's side is comment" comments_abound
	check 'no room has more than 16 C files' full_rooms
	check 'links between documents lead somewhere' links_lead
	check 'rows without a score come last in documents' unscored_rows_last
	check 'no blanks at the ends of lines' trailing_blanks
	check "$version" versions_agree
fi
check_done
