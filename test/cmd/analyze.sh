#!/bin/sh
# Static checkers over all C sources, reported in TAP; each finding is a
# failure unless a suppression below says why it is none.
#
#   gcc -fanalyzer, clang's analyzer with clang-tidy's bugprone checks, cppcheck
#
# Started by "make analyze" in a private copy.
set -u
. test/lib/server.sh

include=$("$PG_CONFIG" --includedir-server)
flags="-std=gnu11 -Isrc -isystem $include -D_GNU_SOURCE -DIFOREST_VERSION=\"1\" -DUSE_ASSERT_CHECKING -ffp-contract=off"
n=0
failed=0

check() { # DESCRIPTION FILE-OF-FINDINGS
	n=$((n + 1))
	if [ -s "$2" ]; then
		failed=1
		echo "not ok $n - $1"
		head -n 60 "$2" | sed 's/^/#   /'
	else
		echo "ok $n - $1"
	fi
}

# Files that need instructions of their own.
flags_of() { # FILE
	case $1 in
		*_avx2.c) echo -mavx2 ;;
		*_avx512.c) echo -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vbmi ;;
	esac
}

echo 1..3

# Passed over: the part of an array that a function filled as far as it says,
# which the analyzer of gcc 12 takes for uninitialised (valgrind would know), and
# shifts of vectors, whose number of lanes it takes for the width of one.
for file in $(find src -name '*.c' | sort); do
	# shellcheck disable=SC2046,SC2086 # words
	# shellcheck disable=SC2046,SC2086
	gcc $flags $(flags_of "$file") -O2 -fanalyzer -c -o "$IFOREST_TMP/o" "$file" 2>&1
done | grep -E 'warning:' | grep -vE '^src/core/(score/forest_kernel|net/forest_net)_steps\.inc:.*-Wanalyzer-use-of-uninitialized-value' |
	grep -vE '^src/core/net/forest_net_steps\.inc:.*-Wanalyzer-shift-count-overflow' |
	sort -u >"$IFOREST_TMP/gcc"
check 'gcc -fanalyzer finds nothing' "$IFOREST_TMP/gcc"

# What is asked for. Left out: advice on style that PostgreSQL's own differs
# from (swappable parameters, narrowing that is meant, reserved names), and
# memset and its kin, which the "deprecated" check would replace by functions
# that glibc does not have.
checks='-*,clang-analyzer-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-reserved-identifier,-clang-analyzer-security.insecureAPI.*,-bugprone-assignment-in-if-condition,-bugprone-macro-parentheses,-bugprone-implicit-widening-of-multiplication-result,-bugprone-branch-clone,-clang-analyzer-optin.performance.Padding'
for file in $(find src -name '*.c' | sort); do
	# shellcheck disable=SC2046,SC2086
	clang-tidy --quiet --checks="$checks" "$file" -- $flags $(flags_of "$file") 2>/dev/null
done | grep -E 'warning:|error:' | grep -E '(^|/)src/' | sort -u >"$IFOREST_TMP/tidy"
check 'clang-tidy finds nothing' "$IFOREST_TMP/tidy"

# Suppressed: macros of the server, which cppcheck does not know; casts from
# bytes to doubles, in memory that the contracts have aligned by 8 bytes and the
# layouts keep so; an index beyond the sections, which no caller has: all loop
# to FOREST_N_SECTIONS; structs filled field by field, which the check of calls
# across files takes for uninitialised, and arrays filled by loops whose count
# it does not know (valgrind would); a member that _Generic asks for its type,
# which nothing evaluates.
# shellcheck disable=SC2086
cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr -Isrc \
	--suppress=unknownMacro --suppress=missingInclude --suppress=missingIncludeSystem \
	--suppress=invalidPointerCast --suppress=ctuuninitvar \
	--suppress=uninitvar:src/core/explain/forest_explain_steps.inc --suppress=uninitvar:src/core/score/forest_walk.c \
	--suppress=uninitvar:src/core/generator/forest_mixture.c --suppress=arrayIndexOutOfBoundsCond:src/core/format/forest_write.c \
	--suppress=nullPointer:src/core/format/forest_summary.h \
	--suppress=unmatchedSuppression --template='{file}:{line}: {severity}: {id}: {message}' \
	-DPG_FUNCTION_INFO_V1\(x\)= -DPG_VERSION_NUM=150000 -D__GNUC__ -D__x86_64__ -D__SIZEOF_SIZE_T__=8 src 2>&1 | sort -u >"$IFOREST_TMP/cppcheck"
check 'cppcheck finds nothing' "$IFOREST_TMP/cppcheck"
[ $failed -eq 0 ]
