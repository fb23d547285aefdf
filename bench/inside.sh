#!/bin/sh
# The part of bench/run that test/lib/sandbox.sh runs in a copy of the sources:
# builds, starts a server and measures. Results go to standard output,
# everything else to standard error.
set -eu
. test/lib/server.sh

# A server with room, that does not stop for its disk or for upkeep. What it
# does to plan and run queries stays at its defaults.
memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
buffers=$((memory / 4 < 4096 ? memory / 4 : 4096))

# One thread for the peers as well: libraries below them have their own.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

{
	iforest_build
	bench/core.sh build
	server_start bench \
		"shared_buffers = ${buffers}MB" \
		"autovacuum = off" \
		"synchronous_commit = off" \
		"wal_level = minimal" \
		"max_wal_senders = 0" \
		"max_wal_size = 16GB" \
		"checkpoint_timeout = 1h" \
		"synchronize_seqscans = off"
} >&2
psql -XqAt -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION iforest' >&2
"$BENCH_PYTHON" -B bench/suite
server_stop bench >&2
