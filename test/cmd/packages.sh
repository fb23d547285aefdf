#!/bin/sh
# Are the packages in order? Each is made in a clean root of a Debian release,
# from what "make dist" packs, and installs what "make install" does. In TAP.
#
#   debian   on the release of each major, debian/ builds packages for all majors
#            that the root has, lintian has nothing to say, the release's own one
#            installs, and its tests pass
#   rpm      packaging/iforest.spec, by Debian's rpmbuild
#   docker   the steps of packaging/Dockerfile, in roots in place of images
#   pgxn     the archive, installed by rpm elfutils pgxnclient
#
#   make packages                     all of them
#   PACKAGES="docker pgxn" make packages
#   PACKAGES_MAJORS="18 19"           majors of debian, if not all
#   PACKAGES_REGRESS="score train"    regression tests of debian, if not all
#
# Roots are of the releases that "make matrix" has, with what packagers use, too:
# trixie, which all but debian take, and for debian bookworm, forky and sid
# with packages of experimental. A major whose root cannot be had is skipped.
#
# Needs root (or sudo), chroot and mount, overlays too; where these are not to
# be had it says SKIP, which is no pass. MATRIX_CACHE as for "make matrix".
set -u
cd "$(dirname "$0")/../.." || exit 1
. test/lib/debian.sh
. test/lib/root.sh
. test/lib/check.sh

if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "SKIP packages: neither root nor sudo"; exit 0; }
	exec sudo env PACKAGES="${PACKAGES:-}" PACKAGES_MAJORS="${PACKAGES_MAJORS:-}" \
		PACKAGES_REGRESS="${PACKAGES_REGRESS:-}" \
		MATRIX_CACHE="${MATRIX_CACHE:-}" MATRIX_MIRROR="${MATRIX_MIRROR:-}" sh "$0"
fi

packages=${PACKAGES:-debian rpm docker pgxn}
majors=${PACKAGES_MAJORS:-15 17 18 19}
major=17
older=15
cache=${MATRIX_CACHE:-/var/cache/iforest}
mirror=${MATRIX_MIRROR:-$(mirror_of debian)}
work=$(mktemp -d) || exit 1
roots_leave_nothing

skip() { echo "SKIP packages: $*"; exit 0; }

mkdir -p "$cache" "$work/lists" || exit 1
may_mount || skip "this machine does not allow mount"
sh test/lib/need.sh debootstrap:debootstrap git:git || exit 1

# The root of a major's release, made once; that of ours has the older, too.
base_of() { echo "$cache/packages-$(release_of "$1")"; } # MAJOR
make_base() { # MAJOR
	[ ! -d "$(base_of "$1")" ] || return 0
	echo "# making a root of Debian $(release_of "$1")"
	also=
	[ "$1" != $major ] || also=$older
	# shellcheck disable=SC2086 # nothing or a word
	root_packages='build-essential debhelper dpkg-dev fakeroot lintian postgresql-server-dev-all pgxnclient unzip' \
		make_root "$(base_of "$1")" "$(release_of "$1")" "$1" $also >"$work/log" 2>&1 ||
		{ tail -n 40 "$work/log"; return 1; }
}

# All of them before anything is mounted that has to stay.
make_base $major || skip "the root could not be made"
rootless=
for v in $majors; do
	make_base "$v" || rootless="$rootless $v "
done

# One over a major's that starts clean: what is written there is seen in
# $work/NAME/upper.
fresh_root() { # NAME [MAJOR]; sets "root"
	root=$work/$1/root
	mkdir -p "$root" "$work/$1/upper" "$work/$1/work"
	mount -t overlay overlay -o "lowerdir=$(base_of "${2:-$major}"),upperdir=$work/$1/upper,workdir=$work/$1/work" "$root" ||
		skip "this machine does not allow overlays"
	mounted="$root $mounted"
	copy_settings "$root"
	mount_in "$root" && in_root "$root" useradd -m builder
}

# Lists of files need no fast code; Debian's flags fortify, which takes some.
quick="MAKEFLAGS=with_llvm=no OPTFLAGS=-O0 PG_CPPFLAGS=-U_FORTIFY_SOURCE"

# As an ordinary user of the root, in a folder.
as_builder() { # FOLDER COMMAND
	in_root "$root" chown -R builder /home/builder
	in_root "$root" su builder -c "cd '$1' && $2"
}

# Says what a command prints only if it fails.
quietly() {
	"$@" >"$work/log" 2>&1
	status=$?
	[ $status -eq 0 ] || { tail -n 60 "$work/log"; echo "exit status $status"; }
}

version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' META.json | head -n 1)
name=iforest-$version

# What make dist packs, of what is here, committed or not.
tree=$(git stash create 2>/dev/null)
git archive --format=zip --prefix="$name/" --output="$work/$name.zip" "${tree:-HEAD}" &&
	git archive --format=tar.gz --prefix="$name/" --output="$work/iforest_$version.orig.tar.gz" "${tree:-HEAD}" || exit 1

# Files below a folder, sorted. Bitcode depends on the compiler at hand.
files() { (cd "$1" && find . -type f -o -type l) | sed 's,^\.,,' | grep -v /bitcode/ | sort; } # FOLDER

# Complains where a list of files is not make install's, that has documents in
# another folder.
as_installed() { # LIST FOLDER-OF-DOCUMENTS
	sed "s,^$2/,$docs/," "$1" | sort >"$1.moved"
	[ -s "$work/lists/make" ] && diff "$work/lists/make" "$1.moved"
}

make_install() {
	tar -xzf "$work/iforest_$version.orig.tar.gz" -C "$root/home/builder"
	quietly as_builder "/home/builder/$name" "export '$quick'; make -j2 && make install DESTDIR=/home/builder/made"
	files "$root/home/builder/made" >"$work/lists/make"
}

# To Debian, the sources are those without debian/.
debian_builds() { # MAJOR..
	tar -xzf "$work/iforest_$version.orig.tar.gz" -C "$root/home/builder"
	tar -czf "$root/home/builder/iforest_$version.orig.tar.gz" --exclude "$name/debian" -C "$root/home/builder" "$name"
	printf '%s\n' "$@" >"$root/etc/postgresql-common/supported_versions"
	quietly as_builder "/home/builder/$name" 'pg_buildext updatecontrol && dpkg-buildpackage -us -uc -j2'
}

# It is not Debian's own, and closes no bug there.
debian_lints() {
	as_builder /home/builder "lintian --suppress-tags initial-upload-closes-no-bugs iforest_${version}-1_*.changes"
}

# The license is a link to the copyright; changes are the changelog.
debian_files() { # MAJOR
	list=$work/lists/debian-$1
	in_root "$root" sh -c "dpkg-deb -c /home/builder/postgresql-$1-iforest_*.deb" | grep -v '^d' |
		awk '{ sub(/^\./, "", $6); print $6 }' | grep -v /bitcode/ |
		sed 's,/changelog\.gz$,/CHANGELOG.md,' | grep -v '/copyright$\|/changelog\.Debian\.gz$' >"$list"
	sed "s,/$major/,/$1/,; s,-doc-$major/,-doc-$1/," "$work/lists/make" >"$list.wanted"
	sed "s,/postgresql-$1-iforest/,/postgresql-doc-$1/extension/iforest/," "$list" | sort | diff "$list.wanted" -
}

# That of the release's own server: the older one may miss a fix that the
# package asks for.
debian_installs() { # MAJOR
	cp "$root/home/builder/postgresql-$1-iforest_"*.deb "$work"
	fresh_root "installed-$1" "$1"
	cp "$work/postgresql-$1-iforest_"*.deb "$root/home/builder"
	quietly in_root "$root" sh -c "apt-get install -y -q /home/builder/postgresql-$1-iforest_*.deb"
}

# As autopkgtest does: each test that debian/tests/control names.
debian_tests() { # MAJOR
	tar -xzf "$work/iforest_$version.orig.tar.gz" -C "$root/home/builder"
	for test in $(sed -n 's/^Tests: *//p' debian/tests/control | tr , ' '); do
		quietly as_builder "/home/builder/$name" "${PACKAGES_REGRESS:+REGRESS='$PACKAGES_REGRESS'} debian/tests/$test"
		grep -q "End $1 installcheck" "$work/log" && ! grep -q FAILED "$work/log" || tail -n 40 "$work/log"
	done
}

debian_checks() { # MAJOR
	case $rootless in
		*" $1 "*)
			check_skipped "debian: no root for PostgreSQL $1"
			return
			;;
	esac
	on=$(release_of "$1")
	built=$1
	[ "$1" != $major ] || built="$older $major"
	fresh_root "debian-$1" "$1"
	# shellcheck disable=SC2086 # words
	check "debian: on $on, packages for PostgreSQL $built are built" debian_builds $built
	check "debian: on $on, lintian has nothing to say" debian_lints
	for v in $built; do
		check "debian: on $on, the package for PostgreSQL $v has the files of make install" debian_files "$v"
	done
	debian_installs "$1" >"$work/complaints"
	check "debian: on $on, the package installs" cat "$work/complaints"
	check "debian: on $on, its tests pass" debian_tests "$1"
}

rpm_builds() {
	mkdir -p "$root/home/builder/rpmbuild/SOURCES"
	cp "$work/$name.zip" "$root/home/builder/rpmbuild/SOURCES"
	cp packaging/iforest.spec "$root/home/builder"
	# Debian's packages are not those that the file asks for.
	quietly as_builder /home/builder "export '$quick'; rpmbuild -bb --nodeps --define 'pgmajor $major' --define 'pgbindir /usr/lib/postgresql/$major/bin' iforest.spec"
	in_root "$root" sh -c "rpm -qlp /home/builder/rpmbuild/RPMS/*/iforest_$major-$version-*.rpm" 2>/dev/null |
		grep -v '/\.build-id' >"$work/lists/rpm.all"
	# Folders are listed as well.
	while read -r file; do
		grep -qF "$file/" "$work/lists/rpm.all" || echo "$file"
	done <"$work/lists/rpm.all" >"$work/lists/rpm"
}

# Follows FROM, ARG, COPY and RUN; an image is a fresh root.
docker_follows() {
	stage=0
	sed -e ':a' -e '/\\$/{N;s/\\\n//;ta' -e '}' -e '/^#/d' -e '/^$/d' packaging/Dockerfile >"$work/steps"
	while read -r word rest <&3; do
		case $word in
			ARG) ;;
			FROM)
				stage=$((stage + 1))
				fresh_root "stage$stage"
				;;
			RUN) quietly in_root "$root" env "$quick" "PG_MAJOR=$major" sh -c "$rest" ;;
			COPY)
				case $rest in
					'. '*)
						mkdir -p "$root${rest#. }"
						tar -xzf "$work/iforest_$version.orig.tar.gz" --strip-components=1 -C "$root${rest#. }"
						;;
					"--from=build "*" /") cp -a "$work/stage1/root$(echo "$rest" | cut -d' ' -f2)/." "$root/" ;;
					*) echo "COPY $rest: not understood" ;;
				esac
				;;
			*) echo "$word: not understood" ;;
		esac
	done 3<"$work/steps"
	[ "$stage" -eq 2 ] || echo "stages: $stage"
	files "$work/stage$stage/upper" | grep iforest >"$work/lists/docker"
}

pgxn_installs() {
	cp "$work/$name.zip" "$root/home/builder"
	quietly in_root "$root" env "$quick" pgxn install --nosudo \
		--pg_config "/usr/lib/postgresql/$major/bin/pg_config" "/home/builder/$name.zip"
	files "$work/pgxn/upper" | grep -v '^/home\|^/tmp' | grep iforest >"$work/lists/pgxn"
}

docs=/usr/share/doc/postgresql-doc-$major/extension/iforest
fresh_root make
check "make install in a clean root" make_install
for package in $packages; do
	case $package in
		debian)
			for m in $majors; do debian_checks "$m"; done
			;;
		rpm)
			fresh_root rpm
			check 'rpm: a package is built' rpm_builds
			check 'rpm: it has the files of make install' as_installed "$work/lists/rpm" "/usr/share/doc/iforest_$major"
			;;
		docker)
			docker_follows >"$work/complaints"
			check 'docker: each step succeeds' cat "$work/complaints"
			check 'docker: the image has the files of make install' as_installed "$work/lists/docker" "$docs"
			;;
		pgxn)
			fresh_root pgxn
			check 'pgxn: pgxnclient installs the archive' pgxn_installs
			check 'pgxn: the files are those of make install' as_installed "$work/lists/pgxn" "$docs"
			;;
		*) check "PACKAGES: $package is one of them" echo no ;;
	esac
done
check_done
