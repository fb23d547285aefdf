#!/bin/sh
# Forests find the labelled outliers of public tables as well as scikit-learn's
# do, and better by a few labels, through SQL: bench/detection.sh over the tables of up to 4000 rows, 20
# seeds each. IFOREST_DATA is the directory of the tables.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
data=${IFOREST_DATA:-$IFOREST_SRC/../shared/data}
[ -r "$data/README.md" ] || { echo "1..0 # SKIP no tables in $data"; exit 0; }
work=$(mktemp -d) || exit 1
database=detection_$$
createdb "$database" || exit 1
trap 'rm -rf "$work"; dropdb --force "$database"' EXIT
PGDATABASE=$database
export PGDATABASE
psql -X -q -c 'CREATE EXTENSION iforest' || exit 1

cp "$data/README.md" "$work"
for table in breastw cardio fault glass ionosphere musk pima thyroid vowels waveform wbc; do
	[ ! -r "$data/$table.csv.gz" ] || ln -s "$data/$table.csv.gz" "$work"
done
# The script has a limit for all tables together; those here are for these.
sh "$IFOREST_SRC/bench/detection.sh" "$work" 20 >"$work/out" 2>"$work/err"

echo 1..4
echo '# seeds 1 to 20; AUROC / average precision'
sed 's/^/# /' "$work/out" "$work/err"
awk '
	function ok(good, what) { print (good ? "ok " : "not ok ") ++n " - " what }
	$1 == "mean" { ours = $2; reference = $5; d = $2 - $5; learned = $(NF - 2); next }
	NR > 1 && $3 == "/" { tables++; if ($2 < $5 - 0.04) worse = worse " " $1 }
	END {
		ok(tables >= 10, "tables were measured (" tables + 0 ")")
		ok(ours > 0 && d >= -0.005, "mean AUROC is within 0.005 of scikit-learn or above (" ours ", " reference ")")
		ok(tables && worse == "", "no table is more than 0.04 below" worse)
		ok(learned > ours + 0.06, "10 + 10 labels are worth 0.06 (" ours ", " learned ")")
	}' "$work/out"
