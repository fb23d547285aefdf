#!/bin/sh
# Fuzzes for FUZZ_SECONDS (60) each the FUZZ_TARGETS, all by default; started
# by "make fuzz" in a private copy of the sources. The output is TAP.
#
#   model         any bytes as a model, and every form of it
#   grow          forests grown on any values
#   calibration   the calibration of any lengths, and the sample of rows
#   model-server  any bytes as a model, in a server: merged, calibrated, as JSON
#   json          any text to iforest_from_json, in a server
#   state         any bytes as a training state, in a server
#   drift         any bytes as a drift state, in a server
#   sketch        any bytes as a sketch, in a server: united, trained on
#
# A finding is left in FUZZ_KEEP, if set: a directory that everybody may write
# to. FUZZ_CORPUS names one that keeps what the targets learn.
set -u
. test/lib/server.sh

seconds=${FUZZ_SECONDS:-60}
targets=${FUZZ_TARGETS:-model grow calibration model-server json state drift sketch}
work=$IFOREST_TMP/fuzz
found=${FUZZ_KEEP:-$work}
n=0

# Runs a command that fuzzes; tells how it went. An ending without libFuzzer's
# last line, or with a finding, is a failure, and no execution is one, too.
report() { # TARGET COMMAND..
	n=$((n + 1))
	target=$1
	shift
	log=$work/$target.log
	"$@" >"$log" 2>&1
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
	cover=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
	if [ "$status" -eq 0 ] && [ "${runs:-0}" -gt 100 ]; then
		echo "ok $n - $target: $runs executions, ${cover:-cov: ?} edges"
	else
		echo "not ok $n - $target: exit status $status, ${runs:-?} executions"
		tail -n 60 "$log" | sed 's/^/#   /'
	fi
}

# What every target is told. A model of a few kB has all there is to have.
options() { # TARGET
	echo "-max_total_time=$seconds -max_len=4096 -timeout=25 -rss_limit_mb=4096" \
		"-print_final_stats=1 -seed=${FUZZ_SEED:-0} -artifact_prefix=$found/$1-" \
		"${FUZZ_RUNS:+-runs=$FUZZ_RUNS}"
}

# Where a target keeps what it learns.
use_corpus() { # TARGET
	corpus=${FUZZ_CORPUS:-$work/corpus}/$1
	mkdir -p "$corpus"
}

fuzz_core() { # TARGET SEEDS
	use_corpus "$1"
	# shellcheck disable=SC2046 # words
	report "$1" "build/fuzz/$1" $(options "$1") "$corpus" "$work/$2"
}

# One backend without a postmaster; the fuzzer ends it.
in_server() { # SQL
	printf '%s\n' \
		"CREATE FUNCTION pg_temp.iforest_fuzz(text, text) RETURNS void LANGUAGE c AS '$IFOREST_SRC/build/fuzz/server.so';" \
		"CREATE FUNCTION pg_temp.iforest_fuzz_seeds(text) RETURNS void LANGUAGE c AS '$IFOREST_SRC/build/fuzz/server.so';" \
		"$1" | postgres --single -D "$work/data" -c log_min_messages=panic postgres
}

# The words of documents, with the options that models keep.
make_dictionary() {
	cat test/fuzz/json.dict
	sed -n 's/.*{FOREST_KEPT(\([a-z_]*\)).*/"\\"\1\\": "/p' src/core/format/forest_summary.h
}

fuzz_server() { # TARGET
	use_corpus "$1"
	words=$(options "$1")
	if [ "$1" = json ]; then
		make_dictionary >"$work/json.dict"
		words="$words -dict=$work/json.dict"
	fi
	report "$1" in_server \
		"SELECT pg_temp.iforest_fuzz('$1', '$words $corpus $work/$1')"
}

make_server() {
	[ ! -d "$work/data" ] || return 0
	initdb -D "$work/data" -U postgres -A trust -N --no-locale -E UTF8 \
		>"$work/initdb.log" 2>&1 &&
		in_server "SELECT pg_temp.iforest_fuzz_seeds('$work')" >"$work/seeds.log" 2>&1 &&
		[ -f "$work/json/001" ] || { cat "$work"/*.log; return 1; }
}

mkdir -p "$work/model" "$work/other" "$work/model-server" "$work/json" "$work/state" "$work/drift" "$work/sketch"
wanted=build/fuzz/seeds
for target in $targets; do
	case $target in
		model-server | json | state | drift | sketch) wanted="$wanted build/fuzz/server.so" ;;
		*) wanted="$wanted build/fuzz/$target" ;;
	esac
done
# shellcheck disable=SC2046,SC2086 # words
iforest_make CC=clang -j "$(nproc 2>/dev/null || echo 2)" \
	$(echo $wanted | tr ' ' '\n' | sort -u) >"$work/build.log" 2>&1 &&
	build/fuzz/seeds "$work" || {
	cat "$work/build.log"
	echo "Bail out! the build of the fuzz targets"
	exit 1
}

# shellcheck disable=SC2086 # words
set -- $targets
echo "1..$#"
for target in $targets; do
	case $target in
		model) fuzz_core model model ;;
		grow | calibration) fuzz_core "$target" other ;;
		model-server | json | state | drift | sketch)
			make_server || { echo "Bail out! no server"; exit 1; }
			fuzz_server "$target"
			;;
		*) echo "Bail out! no fuzz target is called $target"; exit 1 ;;
	esac
done | tee "$work/tap"
! grep -q '^not ok\|^Bail' "$work/tap"
