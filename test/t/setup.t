#!/bin/sh
# What test/lib/setup.sh, behind "make demo" and "make test", is asked for, and
# what it says where packages are missing and the mirror cannot be reached. apt
# is the real one, with a configuration of its own, whose mirror is a port where
# nobody listens; nothing is installed.
set -u

if ! command -v apt-get >/dev/null; then
	echo '1..0 # SKIP no apt'
	exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
. "$IFOREST_SRC/test/lib/assert.sh"

# No server here, root for apt alone, and an installation that is only noted.
mkdir -p "$work/bin" "$work/lib" "$work/repo" "$work/apt/lists/partial" "$work/apt/archives/partial" "$work/apt/etc/sources.list.d" "$work/apt/etc/apt.conf.d" "$work/apt/etc/preferences.d"
cp "$IFOREST_SRC/test/lib/apt.sh" "$work/lib/"
sed "s,/usr/lib/postgresql,$work/no_server,g" "$IFOREST_SRC/test/lib/setup.sh" >"$work/lib/setup.sh"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/pg_config"
printf '#!/bin/sh\ncase $1 in env) exec "$@" ;; esac\ncat >/dev/null\n' >"$work/bin/sudo"
cat >"$work/bin/apt-get" <<-SH
	#!/bin/sh
	case " \$* " in *" install "*) echo "\$*" >>"$work/installed"; exit 100 ;; esac
	exec "$(command -v apt-get)" "\$@"
	SH
chmod +x "$work/bin/"*
: >"$work/apt/status"
cat >"$work/apt.conf" <<-CONF
	Dir::Etc "$work/apt/etc";
	Dir::Etc::sourcelist "$work/apt/sources";
	Dir::State "$work/apt";
	Dir::State::lists "$work/apt/lists";
	Dir::State::status "$work/apt/status";
	Dir::Cache "$work/apt";
	Dir::Cache::archives "$work/apt/archives";
	Dir::Log "$work/apt";
	Acquire::Retries "0";
	Acquire::http::Proxy "DIRECT";
	APT::Sandbox::User "";
	CONF

setup() {
	(unset PG_CONFIG; PATH=$work/bin:$PATH APT_CONFIG=$work/apt.conf sh "$work/lib/setup.sh" </dev/null) >"$work/out" 2>&1
}
shown() { sed 's/^/# /' "$work/out"; }
says() { grep -q "$1" "$work/out" || { shown; return 1; }; } # PATTERN
lacks() { ! grep -q "$1" "$work/out" || { shown; return 1; }; } # PATTERN

echo 1..9

# Closed: no list was ever fetched.
echo 'deb [trusted=yes] http://127.0.0.1:9/debian bookworm main' >"$work/apt/sources"
setup
ok "$([ $? -eq 1 ]; echo $?)" 'without a mirror and without lists: an error'
says 'cannot fetch all package lists' && says '^[EW]: Failed to fetch .*127\.0\.0\.1'
ok $? "it shows apt's lines"
says 'no package of PostgreSQL .*The package mirror cannot be reached'
ok $? 'and gives the mirror as the cause'
[ ! -e "$work/installed" ]
ok $? 'nothing was installed'

# Lists are here, though not all of them can be fetched.
for package in 'postgresql\nDepends: postgresql-15' postgresql-15 postgresql-server-dev-15; do
	printf "Package: $package\nVersion: 15\nArchitecture: all\nMaintainer: nobody\nFilename: ./none.deb\nSize: 1\nSHA256: %064d\nDescription: none\n\n" 0
done >"$work/repo/Packages"
echo "deb [trusted=yes] file:$work/repo ./" >>"$work/apt/sources"
setup
says 'cannot fetch all package lists' && grep -q 'install.*postgresql-15 postgresql-server-dev-15' "$work/installed"
ok $? 'with lists that are here it goes on'
says 'installing failed\. The package mirror cannot be reached'
ok $? 'and where that fails, it says again what the cause may be'

# All lists are fetched, but for translations, which a mirror need not have.
echo "deb [trusted=yes] file:$work/repo ./" >"$work/apt/sources"
rm -f "$work/installed"
setup
lacks 'cannot fetch' && lacks 'cannot be reached' && grep -q 'postgresql-server-dev-15' "$work/installed"
ok $? 'with a mirror there is no such word'

# A scheduler is for its test, a browser for whoever asks for one.
mkdir -p "$work/copy/test/lib"
cp "$IFOREST_SRC/test/lib/sandbox.sh" "$work/copy/test/lib/"
echo "echo \"\$1,\${IFOREST_BROWSER:-}\" >>'$work/asked'; exit 1" >"$work/copy/test/lib/setup.sh"
asked() { # SCRIPT [TESTS [REGRESS [BROWSER]]]
	rm -f "$work/asked"
	TESTS=${2:-} REGRESS=${3:-} IFOREST_BROWSER=${4:-} sh "$work/copy/test/lib/sandbox.sh" "$1" >/dev/null 2>&1
	cat "$work/asked"
}
run=test/cmd/run.sh
[ "$(asked $run) $(asked $run 'unit t') $(asked $run t/cron) $(asked $run 't/dump t/cron.t')" = 'tests, tests, tests, tests,' ]
ok $? 'all tests, or that of a schedule, want a scheduler, and none a browser'
[ "$(asked $run unit) $(asked $run t/plot) $(asked $run '' score) $(asked test/cmd/demo.sh) $(asked $run t/plot '' yes)" = ', , , , ,yes' ]
ok $? 'other tests and the demo want neither, but for who asks for a browser'
