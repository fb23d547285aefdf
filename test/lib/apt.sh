# shellcheck shell=sh
# Functions to install packages with (Debian and its relatives); to be sourced.
# What apt has to say goes to the file "log", and is of interest only when it
# fails.

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
		apt-get -y -q -o DPkg::Lock::Timeout=600 "$@" >"$log" 2>&1 || {
		cat "$log" >&2
		return 1
	}
}

# Where nothing could be fetched, "apt-get update" says so and succeeds, but
# for an option that old ones do not know. Older lists may do: go on with them,
# but tell, and remember, as they may be the reason for what fails later. Lines
# "Err:" alone are no failure: apt 3 has them for translations that a mirror
# need not have.
apt_lists=
apt_update() {
	as_root env LC_ALL=C.UTF-8 apt-get -q -o APT::Update::Error-Mode=any \
		-o DPkg::Lock::Timeout=600 update >"$log" 2>&1 &&
		! grep -q '^[EW]: Failed to fetch' "$log" && return
	echo "iforest: cannot fetch all package lists; going on with those that are here:" >&2
	grep '^[EW]:' "$log" >&2 || cat "$log" >&2
	apt_lists=" The package mirror cannot be reached, see above."
}
