# shellcheck shell=sh
# Roots of Debian releases, to build and test in; to be sourced by scripts that
# run as root, with test/lib/debian.sh. They have a directory "work" and the
# URL "mirror".
#
# shellcheck disable=SC2154 # theirs

# What is mounted, the last first.
mounted=

# shellcheck disable=SC2317 # called by a trap
roots_cleanup() {
	for place in $mounted; do umount "$place" 2>/dev/null || umount -l "$place"; done
	rm -rf "$work"
}

# Whatever ends the script, nothing stays mounted, and "work" goes.
roots_leave_nothing() {
	trap roots_cleanup EXIT
	trap 'exit 143' INT TERM HUP
}

# Whether this machine lets us.
may_mount() {
	mkdir -p "$work/probe" && mount -t tmpfs tmpfs "$work/probe" 2>/dev/null && umount "$work/probe"
}

# The sources without what was built.
copy_sources() { # DIRECTORY
	tar --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.bc' --exclude='*.so' -cf - . |
		tar --no-same-owner -xf - -C "$1"
}

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

umount_in() { # ROOT
	umount "$1/dev/shm" "$1/proc"
	mounted=
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

# Makes the root of a release with everything that building and testing takes,
# and $root_packages.
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
			make gcc libc6-dev clang perl binutils $packages ${root_packages:-} &&
		{ [ -z "${4:-}" ] || add_older "$1.new" "$4"; }
	status=$?
	umount_in "$1.new"
	[ $status -eq 0 ] && mv "$1.new" "$1"
}
