#!/bin/sh
# What rows that a generator makes are worth, what they cost, and what outliers
# made of few known ones bring a classifier.
#
# usage: generators.sh DATA_DIR [ARGUMENT..]   arguments as generators.py tells
#
# DATA_DIR holds NAME.csv.gz, columns x1..xd and a label. The server is the one
# that the PG* variables name; the extension must exist there. PYTHON is a
# Python with scikit-learn (Debian: python3-sklearn). Fails if a bar is missed.
set -eu
export PGOPTIONS='-c client_min_messages=warning -c max_parallel_workers_per_gather=0'

[ $# -ge 1 ] || { sed -n 's/^# *usage/usage/p' "$0" >&2; exit 2; }
for python in ${PYTHON:-python3 /usr/bin/python3}; do
	"$python" -c 'import sklearn' 2>/dev/null || continue
	exec "$python" "$(dirname "$0")/generators.py" "$@"
done
echo "no Python with scikit-learn: install python3-sklearn, or say which by PYTHON" >&2
exit 1
