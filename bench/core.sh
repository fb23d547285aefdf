#!/bin/sh
# Compiles bench/core_bench.c, or bench/explain_bench.c, with the core, as the
# Makefile compiles it for a server, and runs it. No server is needed.
#
# usage: core.sh [ARGUMENT..]             as core_bench.c describes them
#        core.sh -explain [ARGUMENT..]    as explain_bench.c describes them
#        core.sh [-explain] build         compile only
set -eu
cd "$(dirname "$0")/.."

build=build/bench
cc=${CC:-cc}
program=core_bench
if [ "${1:-}" = -explain ]; then
	program=explain_bench
	shift
fi
flags="-std=c11 -O2 -g -ffp-contract=off -fno-math-errno -Isrc"

# Kernels may use what the processor they are for has.
kernel_flags() { # FILE
	case $1 in
		*forest_kernel.c | *forest_wide.c | *_portable.c | *_avx2.c | *_avx512.c | *_neon.c) echo "-O3" ;;
	esac
	case $($cc -dumpmachine)/$1 in
		x86_64*_avx2.c) echo "-mavx2 -mbmi2" ;;
		x86_64*_avx512.c)
			echo "-mbmi2 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vbmi"
			;;
	esac
}

compile() {
	mkdir -p "$build"
	rm -f "$build"/*.o
	for file in src/core/*/*.c; do
		# shellcheck disable=SC2086,SC2046 # lists
		$cc $flags $(kernel_flags "$file") -c "$file" \
			-o "$build/$(basename "$file" .c).o"
	done
	# shellcheck disable=SC2086
	$cc $flags -D_POSIX_C_SOURCE=200809L -o "$build/$program" \
		"bench/$program.c" "$build"/*.o -lm
}

compile
[ "${1:-}" = build ] || exec "$build/$program" "$@"
