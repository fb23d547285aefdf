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
. test/lib/root.sh

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
roots_leave_nothing

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

mkdir -p "$cache" || exit 1
may_mount || skip "this machine does not allow mount"
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
	copy_sources "$1/iforest/src"
}

leave_root() { # ROOT
	rm -rf "$1/iforest"
	umount_in "$1"
}

# Runs the tests in a root by a version's server; the result is in $result.
run_tests() { # ROOT VERSION CC TESTS
	in_root "$1" env WERROR=1 CC="$3" PG_CONFIG="/usr/lib/postgresql/$2/bin/pg_config" \
		TESTS="$4" sh -c 'cd /iforest/src && make --no-print-directory test' >"$work/log" 2>&1
	status=$?
	result=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/log" | tail -n 1)
	if [ $status -ne 0 ] || [ -z "$result" ]; then
		failed=1
		cat "$work/log"
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
