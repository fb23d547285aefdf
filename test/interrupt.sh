# Tests that statements can be stopped at any time and leave nothing, after
# test/assert.sh, in a server of one's own; $work is a directory to write to:
#
#   . "$IFOREST_SRC/test/interrupt.sh"
#   stops 'a description' 'SELECT ..'
#
# shellcheck shell=sh disable=SC2154

# Milliseconds that a statement may go on behind its timeout.
: "${most_late:=500}"

# Runs a statement to its end, and then with timeouts at some points of its
# time; all in one session. Prints: milliseconds it took, the longest that an
# attempt went on behind its timeout, attempts that were stopped, whether the
# answer stayed the same, and how much the session's memory has grown. A timeout
# of a millisecond can strike the ROLLBACK as well, where the machine is busy.
interrupt() { # STATEMENT
	cat >"$work/script" <<-SQL
		SET client_min_messages = error;
		SET iforest.model_cache_size = 0;
		PREPARE answer AS SELECT md5(string_agg(r::text, ',')) FROM ($1) r;
		EXECUTE answer \\gset first_
		SELECT clock_timestamp() AS t0 \\gset
		EXECUTE answer \\gset whole_
		SELECT 1000 * extract(epoch FROM clock_timestamp() - :'t0')::float8 AS took \\gset
		SELECT sum(total_bytes) AS bytes FROM pg_backend_memory_contexts \\gset before_
		\\set late 0
		\\set stopped 0
	SQL
	for percent in 3 10 25 40 55 70 85; do
		cat >>"$work/script" <<-SQL
			SELECT greatest(1, (:took * $percent / 100)::int) AS timeout \\gset
			SELECT clock_timestamp() AS t0 \\gset
			BEGIN;
			SET LOCAL statement_timeout = :timeout;
			EXECUTE answer \\gset ignored_
			\\set state :LAST_ERROR_SQLSTATE
			\\set failed :ERROR
			ROLLBACK;
			ROLLBACK;
			ROLLBACK;
			SELECT greatest(:late, 1000 * extract(epoch FROM clock_timestamp() - :'t0')::float8 - :timeout) AS late,
				   :stopped + (:'failed' = 'true' AND :'state' = '57014')::int AS stopped \\gset
		SQL
	done
	cat >>"$work/script" <<-SQL
		EXECUTE answer \\gset last_
		SELECT sum(total_bytes) - :before_bytes AS grown FROM pg_backend_memory_contexts \\gset
		SELECT round(:took), round(:late::numeric), :stopped, :'whole_md5' = :'last_md5' AND :'first_md5' = :'last_md5', :grown;
	SQL
	psql -X -q -A -t -F ' ' -f "$work/script" 2>"$work/errors"
}

# What has gone wrong with a statement, or nothing. Late is what takes more than
# a third of its whole time, and more than may be.
misbehaves() { # TOOK LATE STOPPED SAME GROWN
	[ $# -eq 5 ] || { echo 'an error'; return; }
	[ "$2" -lt "$most_late" ] || [ $((3 * $2)) -lt "$1" ] || echo 'goes on'
	[ "$3" -ge 2 ] || echo 'is not stopped'
	[ "$4" = t ] || echo 'has another answer afterwards'
	[ "$5" -lt 1000000 ] || echo 'leaves memory'
}

# A machine with much else to do can be late for its own reasons: what goes on
# is tried once more.
stops() { # DESCRIPTION STATEMENT
	for _ in 1 2; do
		# shellcheck disable=SC2046 # five words
		set -- "$1" "$2" $(interrupt "$2")
		description=$1 statement=$2
		shift 2
		fault=$(misbehaves "$@")
		echo "# $description: ${1:-?} ms; went on for at most ${2:-?} ms, stopped ${3:-?} of 7, grew by ${5:-?} bytes${fault:+; $fault}"
		[ "$fault" = 'goes on' ] || break
		set -- "$description" "$statement"
	done
	[ -z "$fault" ] || grep -v 'statement timeout' "$work/errors" | head -n 5 | sed 's/^/# /'
	ok "$([ -z "$fault" ]; echo $?)" "$description stops in time and leaves nothing"
}

# Tables of many rows and of many columns, and a table of large models.
make_models() {
	sql <<-'SQL'
		CREATE TABLE big AS
		SELECT sin(i) AS a, (i * 7919::bigint % 1000003)::float8 AS b, CASE WHEN i % 11 > 0 THEN 'c' || i % 40 END AS c
		FROM generate_series(1, 250000) i;
		CREATE TABLE wide AS
		SELECT ARRAY(SELECT sin(i * 31 + f) FROM generate_series(1, 1500) f) AS x FROM generate_series(1, 300) i;
		CREATE TABLE models (name text PRIMARY KEY, model bytea);
		ALTER TABLE models ALTER model SET STORAGE EXTERNAL;
		INSERT INTO models
		SELECT 'tree', iforest_train(iforest_options(n_trees => 2, sample_size => 250000, max_depth => 0, seed => 1), a, b, c) FROM big;
		INSERT INTO models
		SELECT 'forest', iforest_train(iforest_options(n_trees => 150, sample_size => 1024, max_depth => 0, seed => 1), a, b) FROM big;
	SQL
}

# A model of the table of models.
model() { echo "(SELECT model FROM models WHERE name = '$1')"; }
