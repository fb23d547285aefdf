#!/bin/sh
# Builds and tests iforest on several releases of PostgreSQL, each in a root
# directory of the Debian release that has it, made by debootstrap:
#
#   15 bookworm    17 trixie    18 forky    19 sid with packages of experimental
#
# and compares what they make: one seed must give the same bytes everywhere,
# and a model made on one must score the same on the others. 15-17 stands for
# pg_upgrade from the one to the other, in a root that has both. Prints a table.
#
#   make matrix                       all of them, both compilers
#   MATRIX="15 18" MATRIX_TESTS="unit regress" MATRIX_CC=gcc make matrix
#   MATRIX=15-17 make matrix
#
# Needs root (or sudo), chroot and mount. Where a container forbids these it
# says so, in a line that begins with SKIP, and exits with status 0 without
# having tested anything: that is no pass. Nor is a release whose packages
# cannot be had; it is skipped in the same way. MATRIX_CACHE (/var/cache/iforest)
# keeps the roots; without them a release takes some minutes and 1 GB more.
set -u
cd "$(dirname "$0")/../.." || exit 1
. test/lib/debian.sh

if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "SKIP matrix: neither root nor sudo"; exit 0; }
	exec sudo env MATRIX="${MATRIX:-}" MATRIX_TESTS="${MATRIX_TESTS:-}" MATRIX_CC="${MATRIX_CC:-}" \
		MATRIX_CACHE="${MATRIX_CACHE:-}" MATRIX_MIRROR="${MATRIX_MIRROR:-}" sh "$0"
fi

# Files in test/t whose outcome may vary with the server; test/README.md says of
# the others why theirs does not.
varying() {
	for file in test/t/*.t; do
		name=${file##*/}
		case ${name%.t} in
			setup | release | plot | sklearn) ;;
			calibration | detection | drift | example | explain | generate) ;;
			*) echo "t/${name%.t}" ;;
		esac
	done
}

versions=${MATRIX:-15 17 18 19 15-17}
tests=${MATRIX_TESTS:-unit checks regress $(varying)}
compilers=${MATRIX_CC:-gcc clang}
cache=${MATRIX_CACHE:-/var/cache/iforest}
mirror=${MATRIX_MIRROR:-$(mirror_of debian)}
work=$(mktemp -d) || exit 1
mounted=

# shellcheck disable=SC2317 # called by a trap
cleanup() {
	for place in $mounted; do umount "$place" 2>/dev/null || umount -l "$place"; done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 143' INT TERM HUP

# Runs a command in a root, with nothing of our environment.
in_root() { # ROOT COMMAND..
	in=$1
	shift
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive TERM=dumb \
		chroot "$in" "$@"
}

mount_in() { # ROOT
	mount -t proc proc "$1/proc" && mounted="$1/proc $mounted" &&
		mkdir -p "$1/dev/shm" &&
		mount -t tmpfs -o size=1g,mode=1777 tmpfs "$1/dev/shm" &&
		mounted="$1/dev/shm $mounted"
}

# What this machine's apt needs to reach the mirror, its roots need too.
copy_settings() { # ROOT
	for file in /etc/resolv.conf /etc/hosts; do
		if [ -e "$file" ]; then cp -L "$file" "$1$file"; fi
	done
	for file in /etc/apt/apt.conf.d/*; do
		if [ -e "$file" ] && grep -qiE 'proxy|Verify|Acquire::http' "$file"; then
			cp "$file" "$1/etc/apt/apt.conf.d/"
		fi
	done
}

# Installs the server of an older release beside a root's own.
add_older() { # ROOT VERSION
	echo "deb $mirror $(release_of "$2") main" >"$1/etc/apt/sources.list.d/older.list" &&
		in_root "$1" apt-get -o Acquire::Check-Valid-Until=false update -q &&
		in_root "$1" apt-get install -y -q --no-install-recommends \
			"postgresql-$2" "postgresql-server-dev-$2"
}

# Makes the root of a release with everything that building and testing takes.
# Experimental is no release of its own: packages to be added to sid, each by
# name, or apt leaves them alone.
make_root() { # ROOT RELEASE VERSION [OLDER-VERSION]
	rm -rf "$1.new"
	release=$2
	packages="postgresql-$3 postgresql-server-dev-$3"
	if [ "$2" = experimental ]; then
		release=sid
		packages="postgresql-$3/$2 postgresql-server-dev-$3/$2 libpq-dev/$2 libpq5/$2"
	fi
	script=
	if [ ! -e "/usr/share/debootstrap/scripts/$release" ]; then
		script=/usr/share/debootstrap/scripts/sid
	fi
	# shellcheck disable=SC2086 # nothing or a word
	PATH=$PATH:/usr/sbin:/sbin debootstrap --variant=minbase "$release" "$1.new" "$mirror" $script || return 1
	if [ "$2" != "$release" ]; then
		echo "deb $mirror $2 main" >"$1.new/etc/apt/sources.list.d/$2.list"
	fi
	copy_settings "$1.new"
	# Services stay down, and no cluster is made.
	printf '#!/bin/sh\nexit 101\n' >"$1.new/usr/sbin/policy-rc.d"
	chmod 755 "$1.new/usr/sbin/policy-rc.d"
	mkdir -p "$1.new/etc/postgresql-common/createcluster.d"
	echo 'create_main_cluster = false' >"$1.new/etc/postgresql-common/createcluster.d/zz.conf"
	mount_in "$1.new" || return 1
	# shellcheck disable=SC2086 # words
	in_root "$1.new" apt-get -o Acquire::Check-Valid-Until=false update -q &&
		in_root "$1.new" apt-get install -y -q --no-install-recommends \
			make gcc libc6-dev clang perl binutils $packages &&
		{ [ -z "${4:-}" ] || add_older "$1.new" "$4"; }
	status=$?
	umount "$1.new/dev/shm" "$1.new/proc"
	[ $status -eq 0 ] && mv "$1.new" "$1"
}

# SQL whose output must not depend on the server: md5 of models made from one
# seed, and scores of the models that other servers made.
compare_sql() {
	cat <<-'SQL'
		CREATE EXTENSION iforest;
		CREATE TABLE t AS
		SELECT i, (i * 7919::bigint % 10007)::float8 / 100 AS a, CASE WHEN i % 13 > 0 THEN (i * i % 1009)::int END AS b,
			   CASE WHEN i % 17 > 0 THEN 'c' || i * 31 % 23 END AS c, timestamp '2024-01-01' + i * interval '1 hour' AS d,
			   i % 3 = 0 AS e, (i % 977)::numeric / 7 AS f, CASE WHEN i % 101 = 0 THEN 'Infinity' ELSE sqrt(i) END::float8 AS g
		FROM generate_series(1, 20000) i;
		CREATE TABLE made (name text, model bytea);
		INSERT INTO made SELECT 'plain', iforest_train(iforest_options(seed => 42), a, b, c, d, e, f, g ORDER BY i) FROM t;
		INSERT INTO made SELECT 'deep', iforest_train(iforest_options(seed => 7, n_trees => 30, max_depth => 0, bootstrap => true), a, c, g ORDER BY i) FROM t;
		INSERT INTO made SELECT 'merged', iforest_merge(m ORDER BY k)
		FROM (SELECT i % 4 AS k, iforest_train(iforest_options(seed => 1), a, b, c ORDER BY i) AS m FROM t GROUP BY 1) s;
		INSERT INTO made SELECT 'calibrated', iforest_calibrate(model, a, c, g ORDER BY i) FROM t, made WHERE name = 'deep' AND i % 2 = 0;
	SQL
}

score_sql() { # TABLE
	cat <<-SQL
		SELECT name, md5(model), md5(iforest_to_json(model)::text), iforest_info(model)->>'n_nodes' FROM $1 ORDER BY name;
		SELECT 'plain', i, iforest_score(model, a, b, c, d, e, f, g)::text, iforest_p_value(model, a, b, c, d, e, f, g)::text
		FROM t, $1 WHERE name = 'plain' AND i % 37 = 0 ORDER BY i;
		SELECT name, i, iforest_score(model, a, c, g)::text, iforest_percent_rank(model, a, c, g)::text
		FROM t, $1 WHERE name IN ('deep', 'calibrated') AND i % 37 = 0 ORDER BY name, i;
		SELECT 'merged', i, iforest_score(model, a, b, c)::text, iforest_is_outlier(model, a, b, c)
		FROM t, $1 WHERE name = 'merged' AND i % 37 = 0 ORDER BY i;
		SELECT i, feature, round(contribution::numeric, 9), direction
		FROM (SELECT * FROM t WHERE i % 997 = 0) t, $1, iforest_explain(model, a, b, c, d, e, f, g) WHERE name = 'plain' ORDER BY i, feature;
	SQL
}

# Makes models on a release, or scores those that another made: a server of its
# own in the private copy that test/lib/sandbox.sh prepares.
write_compare() { # DIRECTORY
	compare_sql >"$1/make.sql"
	score_sql made >"$1/score.sql"
	{
		echo "CREATE TABLE foreign_made (name text, model bytea);"
		printf '%s\n' "\\copy foreign_made FROM '/iforest/compare/models'"
		score_sql foreign_made
	} >"$1/foreign.sql"
	cat >"$1/run.sh" <<-'SH'
		set -eu
		. test/lib/server.sh
		iforest_build >&2
		server_start compare "max_parallel_workers_per_gather = 0" >&2
		q() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
		q -f /iforest/compare/make.sql
		q -f /iforest/compare/score.sql >"$IFOREST_TMP/own"
		q -c "COPY made TO STDOUT" >"$IFOREST_TMP/models"
		if [ -e /iforest/compare/models ]; then
			q -f /iforest/compare/foreign.sql >"$IFOREST_TMP/foreign"
		fi
		for file in own models foreign; do
			if [ -e "$IFOREST_TMP/$file" ]; then
				echo "== $file"
				cat "$IFOREST_TMP/$file"
			fi
		done
	SH
}

part() { # NAME FILE: one of the parts that run.sh prints
	awk -v want="$1" '/^== / { on = ($2 == want); next } on' "$2"
}

skip() { echo "SKIP matrix: $*"; exit 0; }

mkdir -p "$cache" "$work/probe" || exit 1
mount -t tmpfs tmpfs "$work/probe" 2>/dev/null || skip "this machine does not allow mount"
umount "$work/probe"
sh test/lib/need.sh debootstrap:debootstrap || exit 1

failed=0
table=$work/table
row() { printf '%-5s %-9s %-14s %-7s %s\n' "$@" >>"$table"; }
row PG Debian server with result

# Makes a root ready for tests, and the root where it is missing; a row of the
# table tells where that fails.
enter_root() { # ROOT RELEASE VERSION [OLDER-VERSION]
	if [ ! -d "$1" ]; then
		echo "== making a root of Debian $2 for PostgreSQL $3${4:+ and $4}"
		if ! make_root "$@" >"$work/make.log" 2>&1; then
			tail -n 40 "$work/make.log"
			echo "SKIP PostgreSQL ${4:+$4-}$3: the root could not be made"
			row "${4:+$4-}$3" "$2" - - "SKIPPED: no root"
			return 1
		fi
	fi
	copy_settings "$1"
	mount_in "$1" || exit 1
	rm -rf "$1/iforest"
	mkdir -p "$1/iforest/src" "$1/iforest/compare"
	tar --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.bc' --exclude='*.so' -cf - . |
		tar -xf - -C "$1/iforest/src"
}

leave_root() { # ROOT
	rm -rf "$1/iforest"
	umount "$1/dev/shm" "$1/proc"
	mounted=
}

# Runs the tests in a root by a version's server; the result is in $result.
run_tests() { # ROOT VERSION CC TESTS
	in_root "$1" env WERROR=1 CC="$3" PG_CONFIG="/usr/lib/postgresql/$2/bin/pg_config" \
		TESTS="$4" sh -c 'cd /iforest/src && make --no-print-directory test' >"$work/log" 2>&1
	status=$?
	result=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/log" | tail -n 1)
	if [ $status -ne 0 ] || [ -z "$result" ]; then
		failed=1
		tail -n 120 "$work/log"
		result="FAILED: ${result:-nothing tested}"
	fi
}

server_version() { # ROOT VERSION
	in_root "$1" "/usr/lib/postgresql/$2/bin/postgres" --version | sed 's/.*) \([0-9.]*\).*/\1/'
}

# The life of models by the older server, at whose end it is upgraded.
upgrade() { # OLDER-VERSION VERSION
	release=$(release_of "$2") || exit 1
	root=$cache/$release-$1
	enter_root "$root" "$release" "$2" "$1" || return
	echo "== pg_upgrade of PostgreSQL $1 to $2 on $release"
	run_tests "$root" "$1" gcc t/life
	case $result in
		*skipped*)
			failed=1
			result="FAILED: no upgrade was tested"
			;;
	esac
	echo "$result"
	row "$1-$2" "$release" "$(server_version "$root" "$1")" upgrade "$result"
	leave_root "$root"
}

for version in $versions; do
	case $version in
		*-*)
			upgrade "${version%-*}" "${version#*-}"
			continue
			;;
	esac
	release=$(release_of "$version") || exit 1
	root=$cache/$release
	enter_root "$root" "$release" "$version" || continue
	write_compare "$root/iforest/compare"
	server=$(server_version "$root" "$version")

	for cc in $compilers; do
		# shellcheck disable=SC2086 # words
		echo "== PostgreSQL $server on $release, $cc:" $tests
		run_tests "$root" "$version" "$cc" "$tests"
		echo "$result"
		row "$version" "$release" "$server" "$cc" "$result"
	done

	echo "== models of PostgreSQL $server"
	if [ -e "$work/models" ]; then cp "$work/models" "$root/iforest/compare/models"; fi
	in_root "$root" env PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config" \
		sh -c 'cd /iforest/src && sh test/lib/sandbox.sh /iforest/compare/run.sh' >"$work/$version" 2>"$work/log"
	part own "$work/$version" >"$work/$version.own"
	part foreign "$work/$version" >"$work/$version.foreign"
	lines=$(wc -l <"$work/$version.own")
	if [ "$lines" -lt 2000 ]; then
		cat "$work/log"
		result="FAILED: models not made"
		failed=1
	elif [ ! -e "$work/first" ]; then
		cp "$work/$version.own" "$work/first"
		part models "$work/$version" >"$work/models"
		result="the first; $lines lines of models and scores"
	elif cmp -s "$work/first" "$work/$version.own" && cmp -s "$work/first" "$work/$version.foreign"; then
		result="equal bytes, equal scores of the first's models"
	else
		tail -n 5 "$work/log"
		diff "$work/first" "$work/$version.own" | head -n 20
		diff "$work/first" "$work/$version.foreign" | head -n 20
		result="FAILED: other models or scores"
		failed=1
	fi
	echo "$result"
	row "$version" "$release" "$server" models "$result"
	leave_root "$root"
done

echo
cat "$table"
[ "$failed" -eq 0 ]
