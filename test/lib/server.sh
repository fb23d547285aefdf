# shellcheck shell=sh
# Functions to build iforest and to run private servers with it; to be sourced
# by scripts that test/lib/sandbox.sh runs, and by tests in test/t:
#
#   . "$IFOREST_SRC/test/lib/server.sh"
#   server_start standby "work_mem = '64kB'"    a second server, now in PG*
#   psql ..
#   server_stop standby
#
# They rely on IFOREST_TMP, IFOREST_SRC and PG_CONFIG. Servers still running at
# the end are stopped by the sandbox.

IFOREST_STAGE=$IFOREST_TMP/stage
export IFOREST_STAGE

# On Debian, psql and others in /usr/bin are wrappers that choose a version.
PATH=$("$PG_CONFIG" --bindir):$PATH
export PATH

# make with the variables that a user may set; some of them, when merely in the
# environment, lose against the server's own makefiles.
iforest_make() {
	make --no-print-directory -s PG_CONFIG="$PG_CONFIG" \
		${CC:+"CC=$CC"} ${with_llvm:+"with_llvm=$with_llvm"} "$@"
}

# Compiles and installs into a directory of our own. The output is of interest
# only when something goes wrong.
iforest_build() {
	printf '# building for %s: ' "$("$PG_CONFIG" --version)"
	if iforest_make -j "$(nproc 2>/dev/null || echo 2)" all \
		>"$IFOREST_TMP/build.log" 2>&1 &&
		iforest_make install DESTDIR="$IFOREST_STAGE" \
			>>"$IFOREST_TMP/build.log" 2>&1; then
		echo ok
		grep -i 'warning:' "$IFOREST_TMP/build.log" || true
	else
		echo FAILED
		cat "$IFOREST_TMP/build.log"
		return 1
	fi
}

# The settings that let a server load the extension from our directory instead
# of its own: PostgreSQL 18's, or before that those of Debian's packages.
server_staging() { # DATADIR
	if postgres -C extension_control_path -D "$1" >/dev/null 2>&1; then
		echo "extension_control_path =" \
			"'$IFOREST_STAGE$("$PG_CONFIG" --sharedir):\$system'"
	elif postgres -C extension_destdir -D "$1" >/dev/null 2>&1; then
		echo "extension_destdir = '$IFOREST_STAGE'"
	else
		echo "iforest: this PostgreSQL can only load extensions from its own" \
			"directories." >&2
		echo "Use: make && sudo make install && make installcheck" >&2
		return 1
	fi
	echo "dynamic_library_path =" \
		"'$IFOREST_STAGE$("$PG_CONFIG" --pkglibdir):\$libdir'"
}

# Starts the server NAME, made on first use with the given lines added to its
# configuration, and makes it the one that PG* point to.
server_start() { # NAME [LINE..]
	server_dir=$IFOREST_TMP/$1
	if [ ! -d "$server_dir" ]; then
		mkdir -m 700 "$server_dir" "$server_dir/socket"
		initdb -D "$server_dir/data" -U postgres -A trust -N \
			--no-locale -E UTF8 >"$server_dir/initdb.log" 2>&1 || {
			cat "$server_dir/initdb.log"
			return 1
		}
		{
			echo "listen_addresses = ''"
			echo "unix_socket_directories = '$server_dir/socket'"
			echo "port = $((20000 + $$ % 40000))"
			echo "fsync = off"
			echo "timezone = 'UTC'"
		} >>"$server_dir/data/postgresql.conf"
		server_staging "$server_dir/data" >"$server_dir/staging" || return 1
		shift
		{
			cat "$server_dir/staging"
			if [ $# -gt 0 ]; then printf '%s\n' "$@"; fi
		} >>"$server_dir/data/postgresql.conf"
	fi
	pg_ctl -D "$server_dir/data" -l "$server_dir/log" -w -s start || {
		tail -n 20 "$server_dir/log"
		return 1
	}
	server_use "${server_dir##*/}"
}

server_use() { # NAME
	PGHOST=$IFOREST_TMP/$1/socket
	PGPORT=$(sed -n 's/^port = //p' "$IFOREST_TMP/$1/data/postgresql.conf")
	PGUSER=postgres
	PGDATABASE=postgres
	export PGHOST PGPORT PGUSER PGDATABASE
}

# MODE as for pg_ctl: fast, or immediate to crash it.
server_stop() { # NAME [MODE]
	pg_ctl -D "$IFOREST_TMP/$1/data" -m "${2:-fast}" -w -s stop
}
