#!/bin/sh
# The style of the C sources, in TAP: the rules of style.awk and the list of
# types. pgindent is no judge of it (test/cmd/indent.sh says why).
set -u
cd "$(dirname "$0")/../.." || exit 1
. test/lib/check.sh

# Copies of others' files stay as they are.
sources() {
	find src test bench \( -name '*.[ch]' -o -name '*.inc' \) ! -path '*/asan/valgrind/*' | sort
}

rules() {
	# shellcheck disable=SC2046 # files
	LC_ALL=C awk -v types=typedefs.list -f test/cmd/style.awk $(sources)
}

# Types that the sources define are listed, and those listed are used.
types() {
	LC_ALL=C sort -u -c typedefs.list 2>&1
	# shellcheck disable=SC2046 # files
	sed -n -e 's/^}[[:blank:]]*\([A-Za-z_0-9][A-Za-z_0-9]*\);$/\1/p' \
		-e 's/^typedef .*[[:blank:]*]\([A-Za-z_0-9]*\);$/\1/p' \
		-e 's/^typedef .*(\*\([A-Za-z_0-9]*\)).*/\1/p' $(find src -name '*.[ch]') | sort -u |
		while read -r type; do
			grep -qxF "$type" typedefs.list || echo "$type is defined, but not in typedefs.list"
		done
	# shellcheck disable=SC2046 # files
	cat $(sources) | tr -c 'A-Za-z0-9_' '\n' | sort -u >"$work/words"
	LC_ALL=C sort "$work/words" | LC_ALL=C comm -13 - typedefs.list |
		sed 's/$/ is in typedefs.list, but not in the sources/'
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

check 'the rules of style that need no parser are kept' rules
check "typedefs.list has the sources' types and no others" types
check_done
