#!/bin/sh
# The ways to build and install: each gives the complete extension or fails.
#
# In the source folder, which is how the tests' own build was made; outside of
# it, from sources that may not be written to; by Debian's pg_buildext, where
# that is installed. All install the same files, and the library shows the
# server what the SQL script calls, and nothing else.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/server.sh"
. "$IFOREST_SRC/test/lib/assert.sh"
work=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

# Bitcode is for the JIT compiler, and for speed the compiler does little.
build() { iforest_make -j "$(nproc 2>/dev/null || echo 2)" with_llvm=no OPTFLAGS=-O0 PG_CPPFLAGS=-U_FORTIFY_SOURCE "$@" >"$work/log" 2>&1; }

# The files below a folder, each with its checksum; a library is known by the
# symbols it shows, since it has the paths of its sources in it.
contents() { # FOLDER
	(cd "$1" && find . -type f ! -path '*/bitcode/*' | sort | while read -r file; do
		case $file in
			*.so) echo "$file $(symbols "$file" | cksum)" ;;
			*) echo "$file $(cksum <"$file")" ;;
		esac
	done)
}
symbols() { nm -D --defined-only "$1" | awk '{ print $NF }' | sort; } # LIBRARY

same() { # FOLDER FOLDER
	contents "$1" >"$work/one" && contents "$2" >"$work/two"
	diff "$work/one" "$work/two" | sed 's/^/# /'
	[ -s "$work/one" ] && cmp -s "$work/one" "$work/two"
}

# Says "# .." of a command that failed, and of one that should have.
works() { "$@" || { sed 's/^/#   /' "$work/log"; return 1; }; }
refused() { ! "$@" && grep -q '^Makefile\|Makefile:.*\*\*\* iforest:' "$work/log"; }

echo 1..17

# What the server is shown.
library=$IFOREST_STAGE$("$PG_CONFIG" --pkglibdir)/iforest.so
psql -X -q -c 'CREATE DATABASE build_test' &&
	sql -d build_test -c 'CREATE EXTENSION iforest' -c "SELECT DISTINCT prosrc FROM pg_proc WHERE probin LIKE '%iforest'" |
	sort >"$work/called"
psql -X -q -c 'DROP DATABASE build_test'
{ cat "$work/called"; sed 's/^/pg_finfo_/' "$work/called"; echo Pg_magic_func; echo _PG_init; } | sort >"$work/wanted"
symbols "$library" | diff "$work/wanted" - | sed 's/^/# /'
symbols "$library" | cmp -s "$work/wanted" - && [ "$(wc -l <"$work/called")" -gt 50 ]
ok $? 'the library shows the functions that the SQL script calls, and no others'

# The files.
share=$IFOREST_STAGE$("$PG_CONFIG" --sharedir)/extension
cmp -s "$IFOREST_SRC/iforest.control" "$share/iforest.control" &&
	(cd "$IFOREST_SRC/sql" && for file in iforest--*.sql; do cmp "$file" "$share/$file" || exit 1; done)
ok $? 'control file and SQL scripts are installed'

# The documents: each is there, and its links lead where they do in the sources.
docs=$IFOREST_STAGE$("$PG_CONFIG" --docdir)/extension/iforest
(cd "$IFOREST_SRC" && for file in *.md LICENSE doc/*; do cmp "$file" "$docs/$file" || exit 1; done)
ok $? 'all documents are installed'
# shellcheck disable=SC2046 # words
dangling=$(cd "$docs" && awk -f "$IFOREST_SRC/test/cmd/links.awk" $(find . -name '*.md' | sed 's,^\./,,'))
[ -z "$dangling" ] || printf '%s\n' "$dangling" | sed 's/^/# /'
[ -z "$dangling" ] && [ "$(find "$docs" -name '*.md' | wc -l)" -ge 15 ]
ok $? 'links between installed documents lead somewhere'

# Outside, from a folder that may not be written to and has been built in,
# for some other server.
cp -R "$IFOREST_SRC" "$work/sources" || exit 1
find "$work/sources" -name '*.o' -exec sh -c 'for file; do echo junk >"$file"; done' sh {} +
echo junk >"$work/sources/iforest.so"
chmod -R a-w "$work/sources"
mkdir "$work/outside"
works build -C "$work/outside" -f ../sources/Makefile VPATH=../sources
ok $? 'a build outside of a read-only source folder'
works build -C "$work/outside" -f ../sources/Makefile VPATH=../sources install DESTDIR="$work/outside_root"
ok $? 'its installation'
same "$IFOREST_STAGE" "$work/outside_root"
ok $? 'installs the same files'
(cd "$IFOREST_SRC" && find src -name '*.c') | sort >"$work/c_files"
(cd "$work/outside" && find src -name '*.o') | sed 's/o$/c/' | sort | cmp -s - "$work/c_files"
ok $? 'every C file was compiled there'
sql -c "LOAD '$work/outside_root$("$PG_CONFIG" --pkglibdir)/iforest.so'"
ok $? 'the server loads the library'
touch "$work/before"
works build -C "$work/outside" -f "$work/sources/Makefile" all && [ -z "$(find "$work/outside" -newer "$work/before" -type f)" ]
ok $? 'without VPATH, by another path: nothing is left to do'
works build -C "$work/outside" -f ../sources/Makefile uninstall DESTDIR="$work/outside_root" &&
	[ -z "$(find "$work/outside_root" -type f)" ]
ok $? 'uninstalling removes all of them'

# What cannot work says so.
refused build -C "$work/outside" -f ../sources/Makefile VPATH=/usr install DESTDIR="$work/none"
ok $? 'a VPATH without the sources is refused'
mkdir "$work/with blanks" && cp -R "$work/sources" "$work/with blanks/sources"
refused build -C "$work/outside" -f "$work/with blanks/sources/Makefile" install DESTDIR="$work/none"
ok $? 'sources below a folder with blanks are refused, from outside'

(cd "$IFOREST_SRC" && ! "${CC:-gcc}" -fsyntax-only -Isrc -U__SIZEOF_SIZE_T__ -D__SIZEOF_SIZE_T__=4 src/core/score/*.c) >"$work/log" 2>&1 &&
	grep -q 'error:.*iforest needs a 64-bit machine' "$work/log"
ok $? 'a compiler for 32 bits is refused'

# Installing what was built needs no right to write there.
cp -Rp "$IFOREST_SRC" "$work/built" && chmod -R a-w "$work/built"
works iforest_make -C "$work/built" install DESTDIR="$work/built_root" >"$work/log" 2>&1 &&
	same "$IFOREST_STAGE" "$work/built_root"
ok $? 'installation from a source folder that is read-only by now'

# Files may move to new folders: the list of folders is all there is to change.
cp -R "$IFOREST_SRC" "$work/moved" && mkdir "$work/moved/src/new" && mv "$work/moved/src/row/types.c" "$work/moved/src/new/" &&
	works build -C "$work/moved" FOLDERS='src src/new src/core' src/new/types.o && [ -s "$work/moved/src/new/types.o" ] &&
	iforest_make -C "$work/moved" -n with_llvm=no FOLDERS='src src/new src/core' | grep -q -- '-o iforest.so .*src/new/types\.o'
ok $? 'a C file in a new folder is compiled and linked'

# Debian's way.
version=$("$PG_CONFIG" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
if command -v pg_buildext >/dev/null && [ "$("$PG_CONFIG" --bindir)" = "/usr/lib/postgresql/$version/bin" ]; then
	mkdir "$work/debian" && touch "$work/debian/control"
	variables='with_llvm=no OPTFLAGS=-O0 PG_CPPFLAGS=-U_FORTIFY_SOURCE -s -j2'
	(cd "$work" && pg_buildext -m "$variables" "build-$version" "$work/sources" 'debian-%v' &&
		pg_buildext -m "$variables" "install-$version" "$work/sources" 'debian-%v' 'postgresql-%v-iforest') >"$work/log" 2>&1
	works [ $? -eq 0 ] && same "$IFOREST_STAGE" "$work/debian/postgresql-$version-iforest"
	ok $? "pg_buildext for PostgreSQL $version"
else
	n=$((n + 1))
	echo "ok $n # SKIP no pg_buildext for this server (Debian: postgresql-common)"
fi
