#!/bin/sh
# Builds PostgreSQL 15 with AddressSanitizer, UndefinedBehaviorSanitizer and
# its own assertions, from Debian's source package (whose patch lets it load
# extensions from anywhere), and prints the path of its pg_config.
#
# ASAN_CACHE keeps the server: /var/cache/iforest for root, ~/.cache/iforest for
# others. The first build takes about ten minutes on two cores, a later run
# only looks. The machine's apt configuration and packages stay as they are.
set -eu
cd "$(dirname "$0")"
here=$PWD
. ../../lib/debian.sh

version=15
if [ "$(id -u)" -eq 0 ]; then cache=/var/cache; else cache=${XDG_CACHE_HOME:-$HOME/.cache}; fi
cache=${ASAN_CACHE:-$cache/iforest}

# A server of another recipe is another server. Debian's makefile wants the
# word postgresql in a path, or has the server look in the system's directories.
recipe=$(cat build.sh aset.patch options.h valgrind/memcheck.h | sha256sum | cut -c 1-12)
mkdir -p "$cache"
prefix=$(cd "$cache" && pwd)/asan-$recipe/postgresql-$version
config=$prefix/bin/pg_config

if [ -x "$config" ]; then
	echo "$config"
	exit
fi

# The server's makefiles make what all else needs first only where no other make
# has called theirs.
unset MAKEFLAGS MFLAGS MAKELEVEL || true

# What configure tries out and the tools of the build leave memory behind.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
work=$(mktemp -d)
trap '[ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP

die() {
	tail -n 40 "$work/log" >&2
	echo "iforest: $*" >&2
	exit 1
}

# apt with lists and sources of its own.
apt() { # PROGRAM ARGUMENT..
	program=$1
	shift
	"$program" -q -o Dir::Etc::SourceList="$work/apt/sources" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" \
		-o APT::Sandbox::User= -o Acquire::Check-Valid-Until=false "$@"
}

# The newest source package that the mirrors really have.
fetch() {
	release=$(release_of "$version")
	mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
	{
		echo "deb-src $(mirror_of debian) $release main"
		echo "deb-src $(mirror_of debian-security) $release-security main"
	} >"$work/apt/sources"
	apt apt-get update || true
	for source in $(apt apt-cache showsrc --only-source "postgresql-$version" |
		sed -n 's/^Version: //p' | sort -rV -u); do
		if apt apt-get source --only-source "postgresql-$version=$source"; then
			mv postgresql-*/ source
			return
		fi
	done
	return 1
}

# CFLAGS are those of extensions, too; COPT is the server's alone.
compile() {
	cd source && patch -p1 <"$here/aset.patch" &&
		./configure --prefix="$prefix" --enable-debug --enable-cassert \
			--without-readline --without-zlib --without-icu \
			--with-extra-version=" ($source, sanitized)" CC=gcc \
			CFLAGS="-O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all" &&
		make -s -j "$(nproc 2>/dev/null || echo 2)" \
			COPT="-include $here/options.h -DUSE_VALGRIND -DRANDOMIZE_ALLOCATED_MEMORY -I$here" &&
		make -s install DESTDIR="$work/root" &&
		mkdir -p "${prefix%/*}" && mv "$work/root$prefix" "$prefix"
}

echo "iforest: building a server in ${prefix%/*}, once, this takes some minutes .." >&2
cd "$work"
fetch >log 2>&1 || die "no source package of postgresql-$version could be fetched"
compile >>log 2>&1 || die "building the server failed"
echo "$config"
