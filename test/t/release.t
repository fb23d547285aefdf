#!/bin/sh
# The check that released SQL scripts stay as they are sees each way to change
# one; it is put to the test on a repository made here.
set -u

command -v git >/dev/null || { echo '1..0 # SKIP no git'; exit 0; }
. "$IFOREST_SRC/test/lib/assert.sh"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
HOME=$work
export HOME
git config --global user.name nobody
git config --global user.email nobody@localhost

released() { sh "$IFOREST_SRC/test/cmd/released.sh" "$work/repository" >"$work/out"; }
commit() { git add -A && git commit -q -m "$1"; }

echo 1..7
mkdir -p "$work/repository/sql" && cd "$work/repository" && git init -q . || exit 1
echo 'SELECT 1;' >sql/iforest--1.0.sql
echo 'SELECT 1;' >sql/score.sql
commit first
released && grep -q '^# no release is tagged yet' "$work/out"
ok $? 'without a tag there is nothing to compare, which is said'

git tag v1.0.0
echo 'SELECT 2;' >sql/score.sql
echo 'SELECT 1;' >sql/iforest--1.1.sql
echo 'SELECT 0;' >sql/iforest--1.0--1.1.sql
commit second
released && grep -q '^ok 1 - sql/iforest--1.0.sql is that of v1.0.0$' "$work/out"
ok $? 'new scripts and other files may change'

echo 'SELECT 2;' >sql/iforest--1.0.sql
! released && grep -q '^not ok 1 - sql/iforest--1.0.sql' "$work/out"
ok $? 'an edit is seen before it is committed'
commit third
! released
ok $? 'and afterwards'
rm sql/iforest--1.0.sql
! released
ok $? 'a script that is gone is seen'
git checkout -q v1.0.0 -- sql/iforest--1.0.sql
released
ok $? 'a script put back is as it was'
git tag v1.1.0
echo '-- more' >>sql/iforest--1.0--1.1.sql
! released && grep -q '^not ok .*sql/iforest--1.0--1.1.sql is that of v1.1.0' "$work/out"
ok $? 'a way from one version to the next is kept as well'
