#!/bin/sh
# The worked example of the README, as a statement about chance: two clusters
# of points, around (0, 0) and (3, 3), each coordinate with standard deviation
# 0.2. A forest of 100 trees of 100 rows, trained on 2000 points, is to keep new
# points of the clusters and to flag scattered ones. Means over 20 seeds.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
database=example_$$
createdb "$database" || exit 1
trap 'dropdb --force "$database"' EXIT
sql() { psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d "$database" "$@"; }

echo 1..5
echo '# seeds 1 to 20, of random() and of the forests'

# Box and Muller's way to normally distributed numbers.
figures=$(sql <<-'SQL'
	SET max_parallel_workers_per_gather = 0;
	CREATE EXTENSION iforest;
	CREATE TABLE figures (seed int, kept float8, flagged float8, above float8, auroc float8);
	DO $$
	BEGIN
		FOR s IN 1 .. 20 LOOP
			PERFORM setseed(s / 100.0);
			CREATE TEMP TABLE points AS
			SELECT CASE WHEN i <= 2000 THEN 'training' ELSE 'regular' END AS kind,
				   3 * (i % 2) + 0.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS x,
				   3 * (i % 2) + 0.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS y
			FROM generate_series(1, 2400) i;
			INSERT INTO points SELECT 'scattered', 6 * random() - 1, 6 * random() - 1 FROM generate_series(1, 50);
			INSERT INTO figures
			WITH model AS MATERIALIZED (
				SELECT iforest_train(iforest_options(sample_size => 100, seed => s), x, y) AS model
				FROM points WHERE kind = 'training'
			), scored AS MATERIALIZED (
				SELECT kind, iforest_score(model, x, y) AS score, iforest_is_outlier(model, x, y) AS outlier
				FROM points, model
			)
			SELECT s, avg((NOT outlier)::int) FILTER (WHERE kind = 'regular'),
				   avg(outlier::int) FILTER (WHERE kind = 'scattered'),
				   avg(outlier::int) FILTER (WHERE kind = 'training'),
				   (SELECT avg((o.score > r.score)::int + (o.score = r.score)::int * 0.5)
					FROM scored o, scored r WHERE o.kind = 'scattered' AND r.kind = 'regular')
			FROM scored;
			DROP TABLE points;
		END LOOP;
	END $$;
	SELECT round(avg(kept)::numeric, 4), round(avg(flagged)::numeric, 4), round(max(above)::numeric, 4),
		   round(avg(auroc)::numeric, 4), round(min(kept)::numeric, 4)
	FROM figures;
	SQL
) || exit 1
# shellcheck disable=SC2086 # five numbers
set -- $figures

n=0
at_least() { # VALUE LIMIT DESCRIPTION
	n=$((n + 1))
	if awk "BEGIN { exit !($1 >= $2) }"; then echo "ok $n - $3"; else echo "not ok $n - $3"; fi
	echo "# $1, limit $2"
}

at_least "$1" 0.95 'regular points are kept'
at_least "$2" 0.90 'scattered points are flagged'
at_least "$(awk "BEGIN { print 1 - $3 }")" 0.95 'no more of the training points are above the threshold than contamination says'
at_least "$4" 0.975 'scattered points score above regular ones (AUROC)'
at_least "$5" 0.90 'regular points are kept, at the worst of the seeds'
