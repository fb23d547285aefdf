#!/bin/sh
# Formats the C sources in src/ with pgindent, which PostgreSQL 17 and later install
# beside pg_config (PG_CONFIG chooses one); run by "make indent". It must know
# which names are types, so it needs a build with debug information.
set -eu
cd "$(dirname "$0")/../.."

bindir=$("${PG_CONFIG:-pg_config}" --bindir)
if [ ! -x "$bindir/pgindent" ]; then
	echo "iforest: no pgindent in $bindir, PostgreSQL 17 or later has it" >&2
	exit 1
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

{
	objdump -W iforest.so 2>/dev/null | awk '
		/DW_TAG_/ { typedef = /DW_TAG_typedef/ }
		typedef && /DW_AT_name/ { print $NF }'
	sed -n 's/^}[[:blank:]]*\([A-Za-z]*\);$/\1/p' $(find src -name '*.[ch]' | sort)
} | sort -u >"$dir/typedefs"

for file in $(find src -name '*.[ch]' | sort); do
	# pgindent takes hexadecimal floating-point numbers apart (0x1.8p-1), so
	# it sees names of the same length instead.
	sed -E 's/\b0x([0-9a-f]+)\.([0-9a-f]*)p-/zx\1D\2pM/g
		s/\b0x([0-9a-f]+)\.([0-9a-f]*)p\+/zx\1D\2pP/g' "$file" >"$dir/in.c"
	# It leaves backups behind where it fails.
	(cd "$dir" && "$bindir/pgindent" --indent="$bindir/pg_bsd_indent" \
		--typedefs=typedefs in.c) || { echo "$file: not formatted"; continue; }
	sed -E 's/\bzx([0-9a-f]+)D([0-9a-f]*)pM/0x\1.\2p-/g
		s/\bzx([0-9a-f]+)D([0-9a-f]*)pP/0x\1.\2p+/g' "$dir/in.c" >"$dir/out.c"
	if ! cmp -s "$dir/out.c" "$file"; then
		echo "$file"
		cat "$dir/out.c" >"$file"
	fi
done
