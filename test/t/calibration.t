#!/bin/sh
# What cuts, ranks and p-values promise of rows that the model has not seen.
#
# Each claim prints its seeds, what was measured, and its threshold. IFOREST_DATA
# is the directory of public tables (../shared/data beside the sources). With
# more patience, on all of them at 20 halvings each:
#
#   bench/held_out.sh ../shared/data 20
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
cd "$IFOREST_SRC" || exit 1
data=${IFOREST_DATA:-../shared/data}
database=calibration_$$
work=$(mktemp -d) || exit 1
createdb "$database" || exit 1
trap 'rm -rf "$work"; dropdb --force "$database"' EXIT
PGDATABASE=$database
export PGDATABASE
PGOPTIONS='-c client_min_messages=warning -c jit=off -c max_parallel_workers_per_gather=0'
export PGOPTIONS

psql -X -q -v ON_ERROR_STOP=1 -f test/t/calibration.sql >"$work/complaint" 2>&1 || {
	sed 's/^/# /' "$work/complaint"
	echo 'Bail out! calibration.sql'
	exit 1
}

count=0
failures=0
ok() { # STATUS DESCRIPTION
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		failures=$((failures + 1))
		echo "not ok $count - $2"
	fi
}

# The query's rows are printed; the first column of each says whether it will do.
claim() { # DESCRIPTION QUERY
	measure "$2"
	ok $? "$1"
}

measure() { # QUERY
	psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -c "$1" >"$work/rows" 2>&1
	status=$?
	sed 's/^\([tf]\) /\1: /; s/^t: /# /; s/^f: /# TOO FAR: /' "$work/rows" | sed '/^#/!s/^/# /'
	! grep -qv '^t ' "$work/rows" && [ -s "$work/rows" ] && [ $status -eq 0 ]
}

claim 'worked example: 95 % of regular points are kept, 90 % of scattered ones flagged' "
	SELECT avg(kept) >= 0.95 AND avg(flagged) >= 0.90,
	       format('seeds 1 to 20: kept %s (at least 0.95), flagged %s (at least 0.90)',
	              round(avg(kept)::numeric, 4), round(avg(flagged)::numeric, 4))
	FROM generate_series(1, 20) AS seed, worked_example(seed)"

claim 'p-values of 10000 new rows are uniform' "
	SELECT max(d) < 0.03,
	       format('%s, seeds 1 to 3: Kolmogorov-Smirnov distance %s (below 0.03)',
	              shape, string_agg(round(d::numeric, 4)::text, ' ' ORDER BY seed))
	FROM unnest('{clusters,bell,uniform,tails,steps}'::text[]) AS shape, generate_series(1, 3) AS seed,
	     p_value_distance(shape, 10000, seed) AS d
	GROUP BY shape ORDER BY shape"

# The shares asked, and by shape and number of models how much of it is above.
merged() { # ERROR ASKED ROWS VALUES
	echo "
	SELECT abs(avg(above) / asked - 1) <= $1,
	       format('%s, %s models, seeds 1 to 5: %s of the share %s (off by at most $1)',
	              shape, parts, round((avg(above) / asked)::numeric, 3), asked)
	FROM (VALUES $4) AS v (shape, parts), generate_series(1, 5) AS seed, merged_cuts(shape, parts, $3, seed)
	WHERE asked = ANY ('{$2}')
	GROUP BY shape, parts, asked ORDER BY shape, parts, asked"
}

claim 'cuts of merged models are within 20 % of what was asked' \
	"$(merged 0.2 0.05,0.1 10000 "('clusters', 2), ('clusters', 5), ('bell', 2), ('bell', 5), ('uniform', 2), ('uniform', 5), ('tails', 2), ('steps', 5)")"

# As for models that are not merged, it takes many rows to know a cut far out:
# only a hundred of ten thousand are beyond it.
claim 'so they are far out, of 20 000 rows' \
	"$(merged 0.2 0.01 20000 "('clusters', 5), ('bell', 2), ('bell', 5), ('tails', 5)")"
claim 'of 10 000 rows they are within 30 % there' \
	"$(merged 0.3 0.01 10000 "('bell', 5), ('uniform', 5)")"

claim 'the recipe for false discoveries keeps its promise' "
	SELECT avg(false_share) <= q + 2 * stddev(false_share) / sqrt(count(*)) AND avg(detected) >= 0.5,
	       format('%s, seeds 1 to 60: %s of the flagged rows are false, standard error %s (at most %s and 2 of these); %s of the scattered rows detected (at least 0.5)',
	              CASE WHEN calibrated THEN 'calibrated on other rows' ELSE 'as trained' END, round(avg(false_share)::numeric, 4),
	              round((stddev(false_share) / sqrt(count(*)))::numeric, 4), q, round(avg(detected)::numeric, 3))
	FROM unnest('{0.1,0.2}'::float8[]) AS q, unnest('{true,false}'::bool[]) AS calibrated,
	     generate_series(1, 60) AS seed, discoveries(q, calibrated, seed)
	GROUP BY q, calibrated ORDER BY q, calibrated"

# The tables by size, with as many halvings as a test has time for.
held_out() { # HALVINGS TABLE..
	halvings=$1
	shift
	mkdir "$work/tables"
	found=
	for table; do
		[ -r "$data/$table.csv.gz" ] || continue
		found=yes
		ln -s "$(cd "$data" && pwd)/$table.csv.gz" "$work/tables"
	done
	what="held-out halves of $* are within 20 % of what was asked"
	if [ -n "$found" ]; then
		sh bench/held_out.sh "$work/tables" "$halvings" >"$work/out" 2>&1
		status=$?
		echo "# $halvings halvings, seed 0.5 and forests of 1 to $halvings; ratio 0.8 to 1.2"
		sed 's/^/# /' "$work/out"
		ok $status "$what"
	else
		count=$((count + 1))
		echo "ok $count - $what # SKIP no tables in $data, see IFOREST_DATA"
	fi
	rm -r "$work/tables"
}

held_out 20 annthyroid landsat mammography optdigits satellite
held_out 6 shuttle smtp
held_out 2 cover http

echo "1..$count"
[ "$failures" -eq 0 ]
