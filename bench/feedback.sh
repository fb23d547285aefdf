#!/bin/sh
# What an analyst's answers are worth: outliers found, and scores of new rows.
#
# usage: feedback.sh DATA_DIR [SEEDS [SHOWN]]
#
# For each NAME.csv.gz of DATA_DIR (numbers x1..xd, is_outlier; others are
# passed over), and for each of SEEDS (default 5) seeds, two random halves of
# the rows, of 6000 at most: the pool, which a forest is trained on without labels, and fresh rows, which
# it never sees. The analyst, whose answers are the table's labels, is SHOWN
# (default 50) times the row of the pool that scores highest and has no answer
# yet; iforest_learn takes in each answer. Beside it the outliers among the
# first SHOWN rows of the forest that learns nothing. Then: AUROC and average
# precision of the fresh rows, before and with 10 outliers and 10 normal rows of
# the pool, drawn at random, as labels; and the share of the fresh rows above
# the threshold of a contamination of 0.05 once the learned model has been
# calibrated by the pool.
#
# Fails unless the mean over the tables finds 33.5 in 50, gains 0.09 AUROC and
# 0.22 average precision, flags 0.04 to 0.06, and at most one table loses more
# than 0.05 AUROC. The server is the one that the PG* variables name; the
# extension must exist there.
set -eu
export PGOPTIONS='-c client_min_messages=warning'

data=$1
seeds=${2:-5}
shown=${3:-50}
sql() { psql -XqAt -F ' ' -v ON_ERROR_STOP=1 "$@"; }

sql <<-'SQL'
	SET check_function_bodies = off;
	DROP SCHEMA IF EXISTS feedback CASCADE;
	CREATE SCHEMA feedback;
	-- AUROC, equal scores counting half, and average precision, of the fresh rows.
	CREATE FUNCTION feedback.judge(model bytea, OUT auroc float8, OUT ap float8) LANGUAGE sql AS $$
		WITH ranked AS (
			SELECT is_outlier,
				   rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score) - 1) / 2.0 AS midrank,
				   count(*) OVER down AS above, count(*) FILTER (WHERE is_outlier) OVER down AS hits
			FROM (SELECT is_outlier, iforest_score(model, x) AS score FROM part WHERE NOT in_pool) s
			WINDOW down AS (ORDER BY score DESC)
		)
		SELECT (sum(midrank) FILTER (WHERE is_outlier) - n * (n + 1) / 2) / (n * (count(*) - n)),
			   avg(hits::float8 / above) FILTER (WHERE is_outlier)
		FROM ranked, (SELECT count(*)::float8 AS n FROM part WHERE NOT in_pool AND is_outlier) p GROUP BY n
	$$;
	-- Outliers among the rows shown, one at a time.
	CREATE FUNCTION feedback.found(model bytea, shown int) RETURNS int LANGUAGE plpgsql AS $$
	DECLARE
		row_id int;
	BEGIN
		CREATE TEMP TABLE answered (id int PRIMARY KEY, is_outlier bool, x float8[]);
		-- a stored model is known by where it is, one in a variable is compared
		CREATE TEMP TABLE current (model bytea);
		INSERT INTO current VALUES (model);
		FOR i IN 1..shown LOOP
			SELECT id INTO row_id FROM part p
			WHERE in_pool AND NOT EXISTS (SELECT FROM answered a WHERE a.id = p.id)
			ORDER BY iforest_score((SELECT c.model FROM current c), x) DESC, id LIMIT 1;
			INSERT INTO answered SELECT id, is_outlier, x FROM part WHERE id = row_id;
			TRUNCATE current;
			INSERT INTO current SELECT iforest_learn(found.model, is_outlier, x) FROM answered;
		END LOOP;
		row_id := (SELECT count(*) FROM answered WHERE is_outlier);
		DROP TABLE answered, current;
		RETURN row_id;
	END $$;
SQL

# one table: found without and with answers, AUROC and AP before and after, flagged
measure() {
	name=$1
	header=$(gunzip -c "$data/$name.csv.gz" | head -n 1)
	features=${header%,is_outlier}
	columns=$(echo "$header" | sed 's/,/ float8, /g; s/$/ float8/')
	gunzip -c "$data/$name.csv.gz" |
		sql -c 'DROP TABLE IF EXISTS feedback.data' \
			-c "CREATE UNLOGGED TABLE feedback.data ($columns)" \
			-c '\copy feedback.data FROM STDIN CSV HEADER'
	sql -v shown="$shown" <<-SQL
		SET max_parallel_workers_per_gather = 0;
		SET synchronize_seqscans = off;
		SET jit = off;
		CREATE TEMP TABLE result (plain int, found int, auroc float8, ap float8, auroc_after float8, ap_after float8, flagged float8);
		DO \$\$
		DECLARE
			model bytea;
			learned bytea;
		BEGIN
			FOR seed IN 1..$seeds LOOP
				PERFORM setseed(seed / 100.0);
				CREATE TEMP TABLE part AS
				SELECT row_number() OVER ()::int AS id, n % 2 = 0 AS in_pool, y = 1 AS is_outlier, x
				FROM (SELECT row_number() OVER (ORDER BY random()) AS n, is_outlier AS y, ARRAY[$features] AS x FROM feedback.data) s
				WHERE n <= 12000;
				SELECT iforest_train(iforest_options(seed => seed), x ORDER BY id) INTO model FROM part WHERE in_pool;
				SELECT iforest_learn(model, is_outlier, x) INTO learned
				FROM (SELECT is_outlier, x, row_number() OVER (PARTITION BY is_outlier ORDER BY random()) AS n FROM part WHERE in_pool) l
				WHERE n <= 10;
				INSERT INTO result
				SELECT (SELECT count(*) FILTER (WHERE is_outlier) FROM (SELECT is_outlier FROM part WHERE in_pool
						ORDER BY iforest_score(model, x) DESC, id LIMIT $shown) t),
					   feedback.found(model, $shown), b.auroc, b.ap, a.auroc, a.ap,
					   (SELECT avg(iforest_is_outlier(c.model, x)::int) FROM part,
						(SELECT iforest_calibrate(learned, x) AS model FROM part WHERE in_pool) c WHERE NOT in_pool)
				FROM feedback.judge(model) b, feedback.judge(learned) a;
				DROP TABLE part;
			END LOOP;
		END \$\$;
		SELECT avg(plain), avg(found), avg(auroc), avg(ap), avg(auroc_after), avg(ap_after), avg(flagged) FROM result;
	SQL
}

printf '%-12s %17s %15s %15s %8s\n' table "found in $shown" 'AUROC / AP' '10 + 10 labels' flagged
for file in "$data"/*.csv.gz; do
	name=$(basename "$file" .csv.gz)
	case $(gunzip -c "$file" | head -n 1) in
	x1,*) ;;
	*) continue ;; # not of numbers alone
	esac
	echo "$name $(measure "$name")"
done | awk -v shown="$shown" '
	NF != 8 { failed = 1; next }
	{
		printf "%-12s %7.1f -> %6.1f %7.3f / %.3f %7.3f / %.3f %8.3f\n", $1, $2, $3, $4, $5, $6, $7, $8
		for (i = 2; i <= 8; i++) sum[i] += $i
		fflush()
		n++
		if ($6 < $4 - 0.05) { worse = worse " " $1; n_worse++ }
	}
	END {
		if (n == 0) exit 1
		for (i = 2; i <= 8; i++) sum[i] /= n
		printf "%-12s %7.1f -> %6.1f %7.3f / %.3f %7.3f / %.3f %8.3f\n", "mean", sum[2], sum[3], sum[4], sum[5], sum[6], sum[7], sum[8]
		printf "gain of AUROC %+.3f, of average precision %+.3f\n", sum[6] - sum[4], sum[7] - sum[5]
		if (worse != "") print "loses more than 0.05 AUROC:" worse
		exit !(!failed && (shown != 50 || sum[3] >= 33.5) && sum[6] - sum[4] >= 0.09 && sum[7] - sum[5] >= 0.22 &&
			   sum[8] >= 0.04 && sum[8] <= 0.06 && n_worse <= 1)
	}'
sql -c 'DROP SCHEMA feedback CASCADE'
