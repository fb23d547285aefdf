# What scripts of checks report with, in TAP; to be sourced:
#
#   check 'a rule' command ..
#   check_done
#
# shellcheck shell=sh
count=0
failures=0

# Passes if the command finds nothing to complain about.
check() { # DESCRIPTION COMMAND..
	count=$((count + 1))
	description=$1
	shift
	complaints=$("$@" 2>&1)
	if [ -z "$complaints" ]; then
		echo "ok $count - $description"
	else
		failures=$((failures + 1))
		echo "not ok $count - $description"
		echo "$complaints" | head -n 50 | sed 's/^/#   /'
	fi
}

check_skipped() { # REASON
	count=$((count + 1))
	echo "ok $count # SKIP $1"
}

# The plan; fails if a check has.
check_done() {
	echo "1..$count"
	[ "$failures" -eq 0 ]
}
