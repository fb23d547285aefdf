#!/bin/sh
# Sees to it that commands are there, installing what is missing (Debian and
# its relatives): test/lib/need.sh COMMAND:PACKAGE ..
#
# Some names are no commands: "clang_rt" stands for clang's run-time libraries,
# "c_headers" for C's, "sklearn", "psycopg" and "pandas" for modules of Python.
set -eu
. "$(dirname "$0")/apt.sh"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

present() { # COMMAND
	case $1 in
		clang_rt) [ -e "$(clang -print-runtime-dir)/libclang_rt.fuzzer_no_main-$(uname -m).a" ] ;;
		c_headers) echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1 ;;
		sklearn | psycopg | pandas) "${PYTHON:-/usr/bin/python3}" -c "import $1" 2>/dev/null ;;
		*) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
	esac
}

# clang's run time is packaged by version.
package() { # PACKAGE
	case $1 in
		libclang-rt-dev) clang -dumpversion | sed 's/\..*//; s/.*/libclang-rt-&-dev/' ;;
		*) echo "$1" ;;
	esac
}

updated=
for need; do
	command=${need%%:*}
	if present "$command"; then continue; fi
	name=$(package "${need#*:}")
	echo "iforest: installing $name .." >&2
	command -v apt-get >/dev/null || {
		echo "iforest: $name is missing and there is no apt-get to install it" >&2
		exit 1
	}
	[ -n "$updated" ] || apt_update
	updated=yes
	apt_get install --no-install-recommends "$name" || {
		echo "iforest: installing $name failed.$apt_lists" >&2
		exit 1
	}
	present "$command" || {
		echo "iforest: $name does not provide $command" >&2
		exit 1
	}
done
