#!/bin/sh
# SQL scripts that were released are what they were, in TAP: whoever has
# installed one upgrades from it as it is in the database. Tags "v.." are the
# releases.
#
#   test/cmd/released.sh [CHECKOUT]
set -u
cd "${1:-$(dirname "$0")/../..}" || exit 1

git rev-parse --git-dir >/dev/null 2>&1 || { echo '1..0 # SKIP no git checkout'; exit 0; }
if [ "$(git rev-parse --is-shallow-repository)" = true ] && [ -z "$(git tag --list 'v*')" ]; then
	echo '1..0 # SKIP a shallow clone without tags (git fetch --tags)'
	exit 0
fi

n=0
failed=0
for tag in $(git tag --list 'v*' | sort -V); do
	for script in $(git ls-tree --name-only "$tag" sql/ | grep '^sql/iforest--'); do
		n=$((n + 1))
		if [ -e "$script" ] && git show "$tag:$script" | cmp -s - "$script"; then
			echo "ok $n - $script is that of $tag"
		else
			failed=1
			echo "not ok $n - $script is that of $tag"
			echo "#   released in $tag: leave it, and write a script for the way from there"
		fi
	done
done
[ $n -gt 0 ] || echo '# no release is tagged yet, nothing to compare'
echo "1..$n"
[ $failed -eq 0 ]
