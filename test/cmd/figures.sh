#!/bin/sh
# Figures of the sources, a line a part: files, lines, the share of lines that
# are comment, functions and how long their bodies are, and how many are over
# 50 lines. Blank lines count for nothing.
#
#   test/cmd/figures.sh [FOLDER]    of another checkout
set -u
cd "${1:-$(dirname "$0")/../..}" || exit 1

# A body is what lies between braces in the first column.
figures() { # NAME, files
	name=$1
	shift
	awk -v name="$name" -v files=$# '
	FNR == 1 { inside = body = 0 }
	/^[ \t]*$/ { next }
	{
		lines++
		rest = $0
		code = ""
		comment = inside
		while (rest != "")
		{
			at = index(rest, inside ? "*/" : "/*")
			if (!inside)
				code = code (at ? substr(rest, 1, at - 1) : rest)
			comment = comment || at
			rest = at ? substr(rest, at + 2) : ""
			if (at)
				inside = !inside
		}
		if (comment && code ~ /^[ \t]*$/)
			comments++
	}
	/^\{/ && FILENAME ~ /\.(c|inc)$/ { body = FNR; next }
	/^\}/ && body {
		if ($0 == "}")
			length_of[++n] = FNR - body - 1
		body = 0
	}
	function sort(m, i, j, t) {
		for (i = 2; i <= m; i++)
		{
			t = length_of[i]
			for (j = i - 1; j > 0 && length_of[j] > t; j--)
				length_of[j + 1] = length_of[j]
			length_of[j + 1] = t
		}
	}
	END {
		sort(n)
		for (i = n; i > 0 && length_of[i] > 50; i--)
			over++
		printf "%-12s %4d files %6d lines %5.1f %% comment " \
			"%5d functions, median %d, p90 %d, longest %d, %d over 50\n", name, files, lines,
			100 * comments / lines, n, length_of[int((n + 1) / 2)],
			length_of[int(0.9 * n + 0.5)], length_of[n], over
	}' "$@"
}

sources() { # find's conditions
	find src "$@" \( -name '*.[ch]' -o -name '*.inc' \) | sort
}

# shellcheck disable=SC2046 # names without spaces
{
	figures "all" $(sources)
	figures "core" $(sources -path 'src/core/*')
	figures "SQL side" $(sources ! -path 'src/core/*')
	for room in $(find src -mindepth 1 -maxdepth 1 -type d ! -name core | sort); do
		figures "$room" $(sources -path "$room/*")
	done
}
