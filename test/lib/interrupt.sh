# Tests that statements can be stopped at any time and leave nothing, after
# test/lib/assert.sh, in a server of one's own; $work is a directory to write to:
#
#   . "$IFOREST_SRC/test/lib/interrupt.sh"
#   stops 'a description' 'SELECT ..'
#
# shellcheck shell=sh disable=SC2154

# Milliseconds of processor time that a statement may go on when it is canceled.
: "${most_late:=300}"

# What statements score by.
kernel=portable

# Has the session of interrupt() do something; "done N" tells when it is.
ask() { # SQL
	asked=$((asked + 1))
	printf '%s\n\\echo done %s\n' "$1" "$asked" >&3
}

# Whether it has done all that it was asked for, or is gone.
answered() { grep -q "^done $asked\$" "$work/answers" || ! kill -0 "$client" 2>/dev/null; }

await() { until answered; do sleep 0.01; done; }

# Milliseconds that the session has had a processor.
used() { awk '{ print int($1 / 1000000) }' "/proc/$session/schedstat" 2>/dev/null || echo 0; }

# Cancels the statement when it has had so many milliseconds; sets "late" to how
# many more it took. Waiting for a processor is not the statement's fault, and
# does not count.
cancel_after() { # MILLISECONDS
	start=$(used)
	ask 'EXECUTE answer \gset ignored_
\if :ERROR
\echo state :LAST_ERROR_SQLSTATE
\endif'
	until answered || [ $(($(used) - start)) -ge "$1" ]; do sleep 0.01; done
	late=$(used)
	kill -INT "$session" 2>/dev/null
	await
	late=$(($(used) - late))
}

# Runs a statement to its end, and then cancels it at some points of its time;
# all in one session. Prints: milliseconds it took, the longest that an attempt
# went on when it was canceled, attempts that were stopped, whether the answer
# stayed the same, and how much the session's memory has grown. Milliseconds are
# those of a processor. Needs the rights of the server's own user.
#
# Has "kernel": one that is asked for by name has its form of the model from the
# first row on. That of "auto" comes when a session has scored some hundred rows,
# which looks as if something had been left behind where a model stays in the
# cache that has not scored as many yet; as it does not where a statement scores
# enough rows by one model, which the next one drives out.
interrupt() { # STATEMENT
	rm -f "$work/questions"
	mkfifo "$work/questions"
	# The client empties its file of answers when it is at it, which may be after
	# the first look for an answer: the last statement's must not be taken for it.
	: >"$work/answers"
	psql -X -q -A -t -F ' ' <"$work/questions" >"$work/answers" 2>"$work/errors" &
	client=$!
	exec 3>"$work/questions"
	asked=0
	ask "SELECT 'session', pg_backend_pid();"
	await
	session=$(sed -n 's/^session //p' "$work/answers")
	ask "SET client_min_messages = error;
SET iforest.model_cache_size = 0;
SET iforest.kernel = '$kernel';
PREPARE answer AS SELECT md5(string_agg(r::text, ',')) FROM ($1) r;
EXECUTE answer \\gset first_"
	await
	took=$(used)
	ask 'EXECUTE answer \gset whole_'
	await
	took=$(($(used) - took))
	ask 'SELECT sum(total_bytes) AS bytes FROM pg_backend_memory_contexts \gset before_'
	most=0
	for percent in 3 10 25 40 55 70 85; do
		cancel_after $((took * percent / 100))
		[ "$late" -le "$most" ] || most=$late
	done
	ask "EXECUTE answer \\gset last_
SELECT sum(total_bytes) - :before_bytes AS grown FROM pg_backend_memory_contexts \\gset
SELECT 'result', :'whole_md5' = :'last_md5' AND :'first_md5' = :'last_md5', :grown;"
	await
	exec 3>&-
	wait "$client"
	stopped=$(grep -c '^state 57014' "$work/answers")
	sed -n "s/^result /$took $most $stopped /p" "$work/answers"
}

# What has gone wrong with a statement, or nothing.
misbehaves() { # TOOK LATE STOPPED SAME GROWN
	[ $# -eq 5 ] || { echo 'an error'; return; }
	[ "$2" -lt "$most_late" ] || echo 'goes on'
	[ "$3" -ge 2 ] || echo 'is not stopped'
	[ "$4" = t ] || echo 'has another answer afterwards'
	[ "$5" -lt 1000000 ] || echo 'leaves memory'
}

# A machine with much else to do can be late for its own reasons: what goes on,
# or has ended before it was stopped, is tried once more.
stops() { # DESCRIPTION STATEMENT
	for _ in 1 2; do
		# shellcheck disable=SC2046 # five words
		set -- "$1" "$2" $(interrupt "$2")
		description=$1 statement=$2
		shift 2
		fault=$(misbehaves "$@")
		echo "# $description: ${1:-?} ms; went on for at most ${2:-?} ms, stopped ${3:-?} of 7, grew by ${5:-?} bytes${fault:+; $fault}"
		case $fault in
			'goes on' | 'is not stopped') ;;
			*) break ;;
		esac
		set -- "$description" "$statement"
	done
	[ -z "$fault" ] || grep -v 'user request' "$work/errors" | head -n 5 | sed 's/^/# /'
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
