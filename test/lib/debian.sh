# shellcheck shell=sh
# What scripts that fetch from Debian's mirrors know of them; to be sourced.

# The Debian release that has a version of PostgreSQL.
release_of() { # VERSION
	case $1 in
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo forky ;;
		19) echo experimental ;;
		*) echo "iforest: no Debian release is known for PostgreSQL $1" >&2; return 1 ;;
	esac
}

# This machine's own mirror of an archive of Debian's, or the public one.
mirror_of() { # debian | debian-security
	found=$(sed -n "s/^URIs: *\([^ ]*\/$1\)\/* *\$/\1/p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\/$1\)\/* .*/\2/p" \
		/etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
	echo "${found:-http://deb.debian.org/$1}"
}
