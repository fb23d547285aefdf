#!/bin/sh
# Is what would be released in order? In TAP.
#
#   test/cmd/release.sh dist      the archive of HEAD holds what it should; in
#                                 it, unpacked, the extension builds, installs
#                                 and passes its regression tests, in the folder
#                                 and outside of it (REGRESS for some tests)
#   test/cmd/release.sh release   this, and that nothing is left to commit, that
#                                 the versions agree and have a date, that the
#                                 tag is HEAD's, or not made yet, and that no
#                                 released script has changed
set -u
cd "$(dirname "$0")/../.." || exit 1

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP
sh test/lib/need.sh git:git unzip:unzip python3:python3 || exit 1
. test/lib/check.sh

# Says what a command prints only if it fails.
quietly() {
	"$@" >"$work/log" 2>&1
	status=$?
	[ $status -eq 0 ] || { cat "$work/log"; echo "exit status $status"; }
}

version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' META.json | head -n 1)
zip=$work/iforest-$version.zip
root=$work/iforest-$version

nothing_to_commit() { git status --porcelain; }

changelog_dated() {
	head=$(grep -m 1 '^## ' CHANGELOG.md)
	echo "$head" | grep -qE "^## $version \([0-9]{4}-[0-9]{2}-[0-9]{2}\)\$" ||
		echo "CHANGELOG.md begins with \"$head\", not with \"## $version (YYYY-MM-DD)\""
}

tag_is_head() {
	git rev-parse -q --verify "refs/tags/v$version" >/dev/null || return 0
	[ "$(git rev-parse "v$version^{commit}")" = "$(git rev-parse HEAD)" ] ||
		echo "v$version is $(git rev-parse --short "v$version^{commit}"), HEAD $(git rev-parse --short HEAD)"
}

pack() {
	git archive --format=zip --prefix="iforest-$version/" --output="$zip" HEAD &&
		unzip -q "$zip" -d "$work" && [ -d "$root" ] || echo 'no archive'
	# Everything is below one folder, and tools of the repository stay there.
	unzip -Z1 "$zip" | grep -v "^iforest-$version/"
	unzip -Z1 "$zip" | grep -E '/\.(ci|git)'
}

# META.json is JSON, and the files that it names are there.
meta_is_true() {
	python3 - "$root" <<-'PY'
		import json, os, sys
		root = sys.argv[1]
		meta = json.load(open(os.path.join(root, "META.json"), encoding="utf-8"))
		for key in ("name", "version", "abstract", "maintainer", "license", "provides", "meta-spec"):
		    if not meta.get(key):
		        print("META.json has no", key)
		for name, given in meta["provides"].items():
		    if given.get("version") != meta["version"]:
		        print("META.json:", name, "has version", given.get("version"))
		    for key in ("file", "docfile"):
		        if not os.path.isfile(os.path.join(root, given.get(key, "?"))):
		            print("META.json:", name, "names a", key, "that is not there:", given.get(key))
	PY
}

passes() { # TEST..
	quietly make -C "$root" --no-print-directory test TESTS="$*" ${REGRESS:+"REGRESS=$REGRESS"}
	# What passes has been tested.
	tail -n 1 "$work/log" | grep -qE '^[1-9][0-9]* passed, 0 failed' || tail -n 1 "$work/log"
}

if [ "${1:-}" = release ]; then
	check 'nothing is left to commit' nothing_to_commit
	check 'META.json, CHANGELOG.md, iforest.control and sql/ agree on the version' quietly sh test/cmd/checks.sh version
	check "CHANGELOG.md has a date for $version" changelog_dated
	check "the tag v$version is HEAD's, or not made yet" tag_is_head
	check 'released SQL scripts are as they were released' quietly sh test/cmd/released.sh
fi
check "iforest-$version.zip has one folder, and no files of the repository's own" pack
check 'META.json names files that are there' meta_is_true
check 'unpacked, it builds, installs and passes its regression tests' passes regress
check 'and builds outside of its folder, with the same files installed' passes t/build
check_done
