#!/bin/sh
# Runs programs that report in TAP ("ok 1 - ..", "not ok 2 - ..", "1..2"), one
# line each, with the seconds of those that took some, and the whole output of
# those that failed. The last line counts their assertions. What a program does
# beside the protocol counts as one more failed assertion: a bad exit status, a
# crash, a plan not kept. TAP_COUNTS names a file to write that last line to
# instead; TAP_RUN, what runs the programs: an emulator; TAP_TIMEOUT, the seconds
# that each may take (600, or 3600 under an emulator).
set -u

log=$(mktemp "${TMPDIR:-/tmp}/iforest-tap.XXXXXX")
trap 'rm -f "$log"' EXIT
# A program under timeout is in a process group of its own: pass signals on.
running=
trap '[ -z "$running" ] || kill "$running"; exit 143' INT TERM HUP
limit=${TAP_TIMEOUT:-600}
[ -z "${TAP_RUN:-}" ] || limit=${TAP_TIMEOUT:-3600}
passed=0 failed=0 skipped=0

for program; do
	case $program in */*) ;; *) program=./$program ;; esac
	start=$(date +%s)
	# shellcheck disable=SC2086 # nothing or a command
	timeout "$limit" ${TAP_RUN:-} "$program" </dev/null >"$log" 2>&1 &
	running=$!
	wait "$running"
	status=$?
	running=
	took=$(($(date +%s) - start))
	# shellcheck disable=SC2046 # three numbers and a reason
	set -- $(awk -v status=$status '
		/^ok/ && /# *[Ss][Kk][Ii][Pp]/ { skip++; next }
		/^not ok/ && /# *[Tt][Oo][Dd][Oo]/ { skip++; next }
		/^ok/ { pass++ }
		/^not ok/ { fail++ }
		/^Bail out!/ { fail++ }
		/^1\.\.0/ { skip++; plan = 1; want = 1; next }
		/^1\.\.[0-9]/ { plan = 1; want = substr($1, 4) + 0 }
		END {
			why = "-"
			if (!plan)
				why = "no plan"
			else if (want != pass + fail + skip)
				why = "planned " want ", ran " pass + fail + skip
			if (status == 124)
				why = "timed out"
			else if (status != 0 && !fail)
				why = "exit status " status
			print pass + 0, fail + (why != "-"), skip + 0, why
		}' "$log")
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
	line="$1 ok"
	[ "$2" -eq 0 ] || line="$line, $2 FAILED"
	[ "$3" -eq 0 ] || line="$line, $3 skipped"
	[ "$took" -lt 2 ] || line="$line ($took s)"
	echo "$program: $line"
	if [ "$2" -ne 0 ]; then
		shift 3
		sed 's/^/    /' "$log" | tail -n 200
		[ "$*" = - ] || echo "    ($*)"
	fi
done

line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
# Not to /dev/stdout: opening that anew empties it where it is a file.
if [ -n "${TAP_COUNTS:-}" ]; then echo "$line" >"$TAP_COUNTS"; else echo "$line"; fi
[ "$failed" -eq 0 ]
