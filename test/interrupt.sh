# Tests that statements can be stopped at any time and leave nothing, after
# test/assert.sh, in a server of one's own; $work is a directory to write to:
#
#   . "$IFOREST_SRC/test/interrupt.sh"
#   stops 'a description' 'SELECT ..'
#
# shellcheck shell=sh disable=SC2154

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

# Late is what takes more than a third of the statement's whole time, or half a
# second for a machine with much else to do.
stops() { # DESCRIPTION STATEMENT
	result=$(interrupt "$2")
	# shellcheck disable=SC2086 # five words
	set -- "$1" $result
	echo "# $1: ${2:-?} ms; went on for at most ${3:-?} ms, stopped ${4:-?} of 7, grew by ${6:-?} bytes"
	[ $# -eq 6 ] && [ "$4" -ge 2 ] && [ "$5" = t ] && [ "$6" -lt 1000000 ] &&
		{ [ "$3" -lt 500 ] || [ $((3 * $3)) -lt "$2" ]; }
	status=$?
	[ $status -eq 0 ] || grep -v 'statement timeout' "$work/errors" | head -n 5 | sed 's/^/# /'
	ok $status "$1 stops in time and leaves nothing"
}

# A model of the table of models.
model() { echo "(SELECT model FROM models WHERE name = '$1')"; }
