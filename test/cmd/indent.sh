#!/bin/sh
# Formats the C sources in src/ with pgindent, which PostgreSQL 17 and later
# install beside pg_config (PG_CONFIG chooses one), and names those it changes;
# run by "make indent". Which names are types it knows from typedefs.list. Read
# what it makes: it mends the indentation of most code, but tears apart designated
# initialisers and compound literals, and stops at files that have them in macros.
set -eu
cd "$(dirname "$0")/../.."

bindir=$("${PG_CONFIG:-pg_config}" --bindir)
if [ ! -x "$bindir/pgindent" ]; then
	echo "iforest: no pgindent in $bindir, PostgreSQL 17 or later has it" >&2
	exit 1
fi

types=$PWD/typedefs.list
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for file in $(find src -name '*.[ch]' | sort); do
	# pgindent takes hexadecimal floating-point numbers apart (0x1.8p-1), so
	# it sees names of the same length instead.
	sed -E 's/\b0x([0-9a-f]+)\.([0-9a-f]*)p-/zx\1D\2pM/g
		s/\b0x([0-9a-f]+)\.([0-9a-f]*)p\+/zx\1D\2pP/g' "$file" >"$dir/in.c"
	# It leaves backups behind where it fails.
	(cd "$dir" && "$bindir/pgindent" --indent="$bindir/pg_bsd_indent" \
		--typedefs="$types" in.c) || { echo "$file: not formatted"; continue; }
	sed -E 's/\bzx([0-9a-f]+)D([0-9a-f]*)pM/0x\1.\2p-/g
		s/\bzx([0-9a-f]+)D([0-9a-f]*)pP/0x\1.\2p+/g' "$dir/in.c" >"$dir/out.c"
	if ! cmp -s "$dir/out.c" "$file"; then
		echo "$file"
		cat "$dir/out.c" >"$file"
	fi
done
