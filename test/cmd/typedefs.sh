#!/bin/sh
# Prints the types that the sources name, for typedefs.list: pgindent and
# style.awk tell declarations from products by them. Those that a build with
# debug information knows, and that occur in the sources.
set -eu
cd "$(dirname "$0")/../.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

sources=$(find src -name '*.[ch]' -o -name '*.inc')
make -s -C "$dir" -f "$PWD/Makefile" PG_CONFIG="${PG_CONFIG:-pg_config}" DEBUG=1 iforest.so >&2
# shellcheck disable=SC2086 # files
cat $sources | tr -c 'A-Za-z0-9_' '\n' | LC_ALL=C sort -u >"$dir/words"
{
	objdump -W "$dir/iforest.so" 2>/dev/null | awk '
		/DW_TAG_/ { typedef = /DW_TAG_typedef/ }
		typedef && /DW_AT_name/ { print $NF }'
	# shellcheck disable=SC2086 # files
	sed -n 's/^}[[:blank:]]*\([A-Za-z]*\);$/\1/p' $sources
} | LC_ALL=C sort -u | LC_ALL=C comm -12 - "$dir/words"
