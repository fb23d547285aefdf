#!/bin/sh
# Finds a PostgreSQL 15 or newer that extensions can be built and tested with,
# installs what is missing of it (Debian and its relatives), and prints the path
# of its pg_config. With everything in place it only looks.
#
# PG_CONFIG in the environment chooses the server, also one not installed yet:
# PG_CONFIG=/usr/lib/postgresql/17/bin/pg_config
#
# With "tests" as argument, also what single tests need and skip without.
set -eu
. "$(dirname "$0")/apt.sh"

oldest=15

say() { echo "$@" >&2; }
die() { say "iforest: $*"; exit 1; }

has_server() { # PG_CONFIG
	bin=$("$1" --bindir 2>/dev/null) && [ -x "$bin/initdb" ] &&
		[ -x "$bin/postgres" ] && [ -x "$bin/psql" ]
}

# pg_config and pgxs.mk can be there without the headers and Makefile.global.
has_headers() { # PG_CONFIG
	pgxs=$("$1" --pgxs 2>/dev/null) && [ -f "$pgxs" ] &&
		[ -f "${pgxs%/makefiles/*}/Makefile.global" ] &&
		[ -f "$("$1" --includedir-server)/postgres.h" ]
}

has_all() { has_server "$1" && has_headers "$1"; }

major() { # PG_CONFIG
	"$1" --version 2>/dev/null | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p'
}

recent() { [ "$(major "$1" || echo 0)" -ge "$oldest" ] 2>/dev/null; }

# The best pg_config here: complete before half there, newer before older.
find_pg_config() {
	on_path=$(command -v pg_config || true)
	for has in has_all has_headers has_server; do
		for config in $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config |
			sort -rV) $on_path; do
			if recent "$config" && $has "$config"; then
				echo "$config"
				return
			fi
		done
	done
}

# Debian's server packages create and start a cluster when they are installed.
# Nobody asked for one here, so tell them not to, for this one installation.
no_cluster=/etc/postgresql-common/createcluster.d/zz-iforest.conf

install_packages() { # PACKAGE..
	as_root mkdir -p "${no_cluster%/*}"
	echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
	apt_get install --no-install-recommends "$@"
}

cleanup() {
	rm -f "$log"
	[ ! -e "$no_cluster" ] || as_root rm -f "$no_cluster"
}

config=${PG_CONFIG:-$(find_pg_config)}
missing=

# A compiler alone does not compile: C headers are a package of their own.
if ! echo '#include <stdio.h>' | ${CC:-gcc} -E - >/dev/null 2>&1; then
	missing="gcc libc6-dev"
fi
# Only the tests written in perl need more of it than a minimal system has.
if grep -qs '^#!.*perl' test/t/*.t && ! perl -MTest::More -e 1 2>/dev/null; then
	missing="$missing perl"
fi

if [ -z "$config" ] || ! has_all "$config"; then
	case $config in
		'') version= ;;
		/usr/lib/postgresql/*)
			version=${config#/usr/lib/postgresql/}
			version=${version%%/*}
			;;
		*)
			# Debian's /usr/bin/pg_config speaks for a packaged server.
			version=$(major "$config")
			[ -d "/usr/lib/postgresql/${version:-none}" ] ||
				die "PG_CONFIG=$config: no server with headers there"
			config=/usr/lib/postgresql/$version/bin/pg_config
			;;
	esac
	missing="$missing postgresql-${version:-NN} postgresql-server-dev-${version:-NN}"
fi

if [ -n "$missing" ]; then
	hint="Missing packages:$(echo " $missing" | tr -s ' ')"
	case $hint in *-NN*) hint="$hint (NN: $oldest or newer)" ;; esac
	command -v apt-get >/dev/null ||
		die "cannot install without apt-get. $hint"
	[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
		die "neither root nor sudo to install with. $hint"

	log=$(mktemp)
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP

	say "$hint"
	say "Installing them, this can take a few minutes .."
	apt_update

	if [ -z "$config" ]; then
		# The distribution's own major is what its metapackage depends on.
		version=$(apt-cache depends postgresql |
			sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
		[ "${version:-0}" -ge "$oldest" ] ||
			die "no package of PostgreSQL $oldest or newer is known here.${apt_lists:- This system may have none.}"
		missing=$(echo "$missing" | sed "s/-NN/-$version/g")
		config=/usr/lib/postgresql/$version/bin/pg_config
	fi
	# shellcheck disable=SC2086 # a list
	install_packages $missing || die "installing failed.$apt_lists $hint"
	has_all "$config" || die "$config is still incomplete"
fi

# Debian's package of pg_cron for a server of Debian's, where there is one.
install_cron() {
	version=$(major "$config")
	[ "$config" = "/usr/lib/postgresql/$version/bin/pg_config" ] || return 0
	[ ! -e "$("$config" --sharedir)/extension/pg_cron.control" ] || return 0
	command -v apt-get >/dev/null || return 0
	[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || return 0
	log=$(mktemp)
	trap cleanup EXIT
	ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || apt_update
	if apt-cache show "postgresql-$version-cron" >/dev/null 2>&1; then
		say "Installing postgresql-$version-cron, for one of the tests .."
		install_packages "postgresql-$version-cron" ||
			say "installing it failed, the test will be skipped"
	fi
	cleanup
}

if [ "${1:-}" = tests ] && [ -e test/t/cron.t ]; then install_cron; fi
# A browser to look at pictures with. Large, and the tests do without: they say
# what they skip.
if [ -n "${IFOREST_BROWSER:-}" ] && ! command -v chromium >/dev/null &&
	command -v apt-get >/dev/null &&
	{ [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }; then
	say "Installing chromium for the tests of pictures .."
	: "${log:=$(mktemp)}"
	trap cleanup EXIT
	apt_get install --no-install-recommends chromium fonts-dejavu-core ||
		{ apt_update; apt_get install --no-install-recommends chromium fonts-dejavu-core; } ||
		say "No chromium, going on without"
fi

recent "$config" ||
	die "$config is PostgreSQL $(major "$config"), $oldest or newer is needed"
echo "$config"
