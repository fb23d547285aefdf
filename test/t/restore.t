#!/bin/sh
# Named models survive dumps and restores of everybody who may make them, each
# with the roles that he may give them to; and no dump makes a query run as a
# role that whoever restores cannot be.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
. "$IFOREST_SRC/test/lib/assert.sh"
db=restore_$$
work=$(mktemp -d) || exit 1
# Of the server's roles: who owns the database dumped, who owns the one restored
# to, who creates the extension in another's database; and who has models.
owner=restore_owner_$$ other=restore_other_$$ keeper=restore_keeper_$$
alice=restore_alice_$$ bob=restore_bob_$$ gone=restore_gone_$$ ghost=restore_ghost_$$ late=restore_late_$$
roles="$owner $other $keeper $alice $bob $gone $ghost $late"
cleanup() {
	for d in $(psql -XAtc "SELECT datname FROM pg_database WHERE datname ~ '^${db}'"); do dropdb --force "$d"; done
	for r in $roles; do psql -Xqc "DROP ROLE IF EXISTS $r"; done
	rm -rf "$work"
}
trap 'cleanup 2>/dev/null' EXIT
for r in $roles; do sql -c "CREATE ROLE $r LOGIN" || exit 1; done

# What a test got and wanted, if that differs.
is() { # ACTUAL EXPECTED
	[ "$1" = "$2" ] && return
	echo "$1" | sed 's/^/#   got:    /'
	echo "$2" | sed 's/^/#   wanted: /'
	return 1
}
shows() { # STATUS FILE: of a failure, what was said
	[ "$1" -eq 0 ] || sed 's/^/#   /' "$2" | tail -n 20
	return "$1"
}
fresh() { # OWNER: a database to restore into, called $new
	n_new=$((${n_new:-0} + 1))
	new=${db}_new_$n_new
	createdb -O "$1" "$new"
}
names() { sql -d "$1" -c "SELECT name, version, active, coalesce(owner, '(nobody)'), array_to_string(shared_with, '+'), coalesce(runs_as, '(nobody)'), rows, note FROM iforest_models ORDER BY name, version" | sed "s/_$$//g; s/restore_//g"; }
bytes() { sql -d "$1" -c "SELECT name, version, md5(iforest_model(name, version)), query, labels, search_path, options, trained_at, train_seconds, previous, keep, size FROM iforest_models ORDER BY name, version"; }
scores() { sql -d "$1" -c "SELECT name, md5(string_agg(iforest_score(name, amount)::text, ',' ORDER BY amount)) FROM (SELECT DISTINCT name FROM iforest_models) m, generate_series(0, 100, 5.0) amount GROUP BY name ORDER BY name"; }
# What a table has of sketches, generators and labels, and that they are of use.
uses() { sql -d "$1" -c "SELECT md5(kept::text), iforest_train(iforest_options(seed => 6), sketch) = iforest_train(iforest_options(seed => 6), amount) FROM kept, t GROUP BY kept" \
	-c "SELECT md5(string_agg(iforest_score(learned, amount)::text, ',' ORDER BY amount)) FROM kept, t" \
	-c "SELECT count(*), md5(string_agg(x::text, ',')) FROM kept, iforest_sample(made, 50, seed => 1, method => 'gan') x" \
	-c "SELECT count(*), md5(string_agg(x::text, ',')) FROM iforest_sample(iforest_model('alices'), 50, NULL::t, seed => 1, method => 'vae') x"; }
same_models() { # DATABASE: the bytes and scores of the one that was dumped
	bytes "$1" >"$work/bytes.now" && scores "$1" >"$work/scores.now" && uses "$1" >"$work/uses.now" && cmp "$work/uses" "$work/uses.now" &&
		[ -s "$work/bytes.now" ] && diff "$work/bytes" "$work/bytes.now" | sed 's/^/#   /' &&
		cmp -s "$work/bytes" "$work/bytes.now" && cmp -s "$work/scores" "$work/scores.now"
}

# ---- an owner of a database, who is no superuser, dumps it ----

# The four ways, each as he; the files are plain, custom, folder and public.
dump_all() { # USER DATABASE
	rm -rf "$work/folder"
	: >"$work/log"
	pg_dump -U "$1" --no-owner -f "$work/plain" "$2" 2>>"$work/log" &&
		pg_dump -U "$1" -Fc -f "$work/custom" "$2" 2>>"$work/log" &&
		pg_dump -U "$1" -Fd -j 2 -f "$work/folder" "$2" 2>>"$work/log" &&
		pg_dump -U "$1" -n public -f "$work/public" "$2" 2>>"$work/log"
	shows $? "$work/log"
}

createdb -O "$owner" "$db" && sql -U "$owner" -d "$db" -c 'CREATE EXTENSION iforest'
dump_all "$owner" "$db"
ok $? "an empty registry: pg_dump, -Fc, -Fd -j 2 and -n public by the database's owner, whose extension it is"
createdb -O "$owner" "${db}_super" && sql -d "${db}_super" -c 'CREATE EXTENSION iforest'
dump_all "$owner" "${db}_super"
ok $? '.. by one whose extension is a superuser'"'"'s'
createdb -O "$owner" "${db}_keeper" &&
	sql -d "${db}_keeper" -c "GRANT CREATE ON DATABASE ${db}_keeper TO $keeper" -c "CREATE SCHEMA kept AUTHORIZATION $keeper" -c "GRANT USAGE ON SCHEMA kept TO $owner" &&
	sql -U "$keeper" -d "${db}_keeper" -c 'CREATE EXTENSION iforest SCHEMA kept'
dump_all "$owner" "${db}_keeper"
ok $? '.. by one whose extension is another role'"'"'s'
pg_dump -U "$keeper" -n kept -f "$work/kept" "${db}_keeper" 2>"$work/log"
is "$? $(grep -c 'permission denied for table iforest_registry' "$work/log")" '1 1' &&
	pg_dump -U "$keeper" -n kept --exclude-table-data='kept.iforest_*' -f "$work/kept" "${db}_keeper"
ok $? 'who has created the extension and owns no database dumps without the models of others'
pg_dump -U "$bob" -f /dev/null "$db" 2>"$work/log"
is "$? $(grep -c 'permission denied' "$work/log")" '1 1'
ok $? 'others do not dump at all'
# The role of whoever made the extension may go, and leaves no number in a dump.
sql -d "${db}_keeper" -c "REASSIGN OWNED BY $keeper TO $owner" -c "DROP OWNED BY $keeper" -c "DROP ROLE $keeper"
dump_all "$owner" "${db}_keeper" && ! grep -nE '"[0-9]+"|[^0-9a-z_.][0-9]{5,}[^0-9:-]' "$work/plain" | grep -v '^.*SET \|restrict' | sed 's/^/#   /' | grep .
ok $? 'the creator'"'"'s role is dropped: the dump goes on, without a number of it'

# ---- a registry with models of everybody ----

sql -d "$db" >/dev/null <<-SQL || exit 1
	CREATE TABLE t AS SELECT i AS id, (i * i % 101)::float8 AS amount FROM generate_series(1, 500) i;
	ALTER TABLE t OWNER TO $owner;
	GRANT SELECT ON t TO PUBLIC;
	CREATE TABLE kept AS
	SELECT sketch, made, (SELECT iforest_learn(made, amount > 90, amount) FROM t) AS learned
	FROM (SELECT iforest_sketch(iforest_options(seed => 6), amount) AS sketch,
				 iforest_train(iforest_options(seed => 6, generator => 'gan', generator_steps => 20), amount) AS made FROM t) s;
	ALTER TABLE kept OWNER TO $owner;
	SET ROLE $owner;
	SELECT iforest_fit('owners', 'SELECT amount FROM t', iforest_options(seed => 1));
	SELECT iforest_fit('owners', 'SELECT amount FROM t', iforest_options(seed => 2), note => 'a "second" one	with\\\\ more', labels => 'SELECT id < 5 AS is_outlier, amount FROM t');
	SELECT iforest_share('owners', 'public');
	SET ROLE $alice;
	SELECT iforest_fit('alices', 'SELECT amount + 0 * length(current_user) AS amount FROM t',
					   iforest_options(seed => 3, generator => 'vae', generator_steps => 20));
	SELECT iforest_refit('alices');
	SELECT iforest_rollback('alices');
	SELECT iforest_share('alices', '$bob');
	SELECT iforest_share('alices', '$ghost');
	SET ROLE $gone;
	SELECT iforest_fit('orphan', 'SELECT amount FROM t', iforest_options(seed => 4));
	SELECT iforest_share('orphan', '$bob');
	RESET ROLE;
	SELECT iforest_store('stored', iforest_model('owners'), false);
	SELECT iforest_share('stored', '$ghost');
	DROP ROLE $gone;
	DROP ROLE $ghost;
SQL
bytes "$db" >"$work/bytes"
# "stored" has no active version
sql -d "$db" -c "SELECT iforest_activate('stored', 1)" >/dev/null
bytes "$db" >"$work/bytes" && scores "$db" >"$work/scores" && uses "$db" >"$work/uses" || exit 1
before='alices|1|t|alice|bob+|alice|500|
alices|2|f|alice|bob+|alice|500|
orphan|1|t|(nobody)|bob|(nobody)|500|
owners|1|f|owner|public|owner|500|
owners|2|t|owner|public|owner|500|a "second" one	with\\ more
stored|1|t|postgres||postgres|500|'
is "$(names "$db")" "$before"
ok $? 'a registry with models of its owner, of others and of roles that were dropped'
dump_all "$owner" "$db"
ok $? 'its dumps in four ways by the database'"'"'s owner'
sed -n '/^COPY public.iforest_registry/,/^\\\.$/p' "$work/plain" | sed -n 's/_'$$'//g; s/restore_//g; s/	-*[0-9]*	/	/; s/^\([a-z]*	[^	]*	[^	]*\).*/\1/p' | sort >"$work/registry"
is "$(cat "$work/registry")" "$(printf '%s\n' 'alices	alice	{bob,""}' 'orphan		{bob}' 'owners	owner	{public}' 'stored	postgres	{""}')"
ok $? '.. name the roles, and have nothing for those that are gone'

# ---- restored by a superuser ----

after='alices|1|t|alice|bob|alice|500|
alices|2|f|alice|bob|alice|500|
orphan|1|t|(nobody)|bob|(nobody)|500|
owners|1|f|owner|public|owner|500|
owners|2|t|owner|public|owner|500|a "second" one	with\\ more
stored|1|t|postgres||postgres|500|'
fresh "$owner" && sql -d "$new" -f "$work/plain" >"$work/log" 2>&1
shows $? "$work/log" && is "$(names "$new")" "$after" && same_models "$new"
ok $? 'a superuser restores the plain dump: owners, readers, bytes and scores are as they were'
is "$(grep -A1 'WARNING' "$work/log" | sed 's/.*WARNING:  //')" 'model "orphan" belongs to nobody
DETAIL:  The role that owned it does not exist here.'
ok $? '.. and is told of the one without an owner'
fresh "$owner" && pg_restore --exit-on-error -d "$new" "$work/custom" 2>"$work/log"
shows $? "$work/log" && is "$(names "$new")" "$after" && same_models "$new"
ok $? 'a superuser restores with pg_restore'
fresh "$owner" && pg_restore --exit-on-error -j 2 -d "$new" "$work/folder" 2>"$work/log"
shows $? "$work/log" && is "$(names "$new")" "$after" && same_models "$new"
ok $? '.. and with pg_restore -j 2'
# Several jobs restore the two tables in any order, and so does a list.
versions_first() { # RESTORE'S OPTIONS..
	pg_restore -l "$work/custom" >"$work/list" &&
		awk '/TABLE DATA public iforest_registry/ { held = $0; next } { print } /TABLE DATA public iforest_versions/ { print held }' "$work/list" >"$work/list.turned" &&
		! cmp -s "$work/list" "$work/list.turned" &&
		pg_restore --exit-on-error -L "$work/list.turned" "$@" "$work/custom" 2>"$work/log"
	shows $? "$work/log"
}
fresh "$owner" && versions_first -d "$new" && is "$(names "$new")" "$after" && same_models "$new"
ok $? '.. and with the versions before their names'
is "$(sql -d "$new" -c "SELECT name, status FROM (SELECT DISTINCT name FROM iforest_models ORDER BY 1) m, iforest_refit(name, gate => '{\"min_agreement\": -1}')" 2>"$work/log")" 'alices|activated
orphan|failed
owners|activated
stored|skipped' &&
	grep -q 'the role that owns model "orphan" does not exist' "$work/log"
ok $? 'what is restored is trained anew as its owner, and what has none as nobody'
is "$(sql -d "$new" -U "$bob" -c "SELECT iforest_score('orphan', 50.0) > 0, iforest_score('alices', 50.0) > 0, iforest_score('owners', 50.0) > 0")" 't|t|t'
ok $? 'readers go on scoring'

# ---- restored by the owner of the database ----

his='alices|1|t|owner|bob|(nobody)|500|
alices|2|f|owner|bob|(nobody)|500|
orphan|1|t|owner|bob|(nobody)|500|
owners|1|f|owner|public|owner|500|
owners|2|t|owner|public|owner|500|a "second" one	with\\ more
stored|1|t|owner||(nobody)|500|'
fresh "$owner" && sql -U "$owner" -d "$new" -f "$work/plain" >"$work/log" 2>&1
shows $? "$work/log" && is "$(names "$new")" "$his" && same_models "$new"
ok $? 'its owner restores the plain dump: all models are there, those of others are his'
is "$(grep -A1 'WARNING' "$work/log" | grep -v '^--' | sed "s/.*WARNING:  //; s/_$$//g; s/restore_//g")" 'model "alices" now belongs to role "owner"
DETAIL:  You may not give it to role "alice".
model "orphan" now belongs to role "owner"
DETAIL:  The role that owned it does not exist here.
model "stored" now belongs to role "owner"
DETAIL:  You may not give it to role "postgres".'
ok $? '.. which he is told'
is "$(sql -U "$owner" -d "$new" -c "SELECT name, status FROM (SELECT DISTINCT name FROM iforest_models ORDER BY 1) m, iforest_refit(name, gate => '{\"min_agreement\": -1}')" 2>"$work/log")" 'alices|failed
orphan|failed
owners|activated
stored|skipped'
ok $? 'his queries run on; those of others do not run as he'
is "$(sql -U "$owner" -d "$new" -c "SELECT iforest_set_owner('alices', current_user)" -c "SELECT status FROM iforest_refit('alices', gate => '{\"min_agreement\": -1}')")" '
activated'
ok $? '.. until he says so'
fresh "$owner" && pg_restore --exit-on-error -U "$owner" --no-owner -d "$new" "$work/custom" 2>"$work/log"
shows $? "$work/log" && is "$(names "$new")" "$his" && same_models "$new"
ok $? 'the same by pg_restore --no-owner'
fresh "$owner" && pg_restore --exit-on-error -j 2 -U "$owner" --no-owner -d "$new" "$work/folder" 2>"$work/log"
shows $? "$work/log" && is "$(names "$new")" "$his" && same_models "$new"
ok $? '.. and with -j 2'
fresh "$owner" && versions_first -U "$owner" --no-owner -d "$new" && is "$(names "$new")" "$his" && same_models "$new"
ok $? '.. and with the versions before their names'
# One INSERT a row.
pg_dump -U "$owner" --no-owner --inserts -f "$work/inserts" "$db" && fresh "$owner" && sql -U "$owner" -d "$new" -f "$work/inserts" >"$work/log" 2>&1
shows $? "$work/log" && is "$(names "$new")" "$his" && same_models "$new"
ok $? '.. and of a dump with --inserts'
# Who is a member of the owner's role may give models to it.
sql -c "GRANT $alice TO $other"
fresh "$other" && pg_restore --exit-on-error -U "$other" --no-owner -d "$new" "$work/custom" 2>"$work/log"
shows $? "$work/log" && same_models "$new" && is "$(names "$new" | grep -v '|f|' | cut -d'|' -f 1-6)" 'alices|1|t|alice|bob|alice
orphan|1|t|other|bob|(nobody)
owners|2|t|other|public|(nobody)
stored|1|t|other||(nobody)'
ok $? 'the owner of another database restores: to those whom he can be, their models'
# A superuser's dump, as the nightly backup is, restored by an ordinary role.
pg_dump -Fc -f "$work/nightly" "$db" && fresh "$other" && pg_restore --exit-on-error -U "$other" --no-owner -d "$new" "$work/nightly" 2>"$work/log"
shows $? "$work/log" && same_models "$new"
ok $? 'a superuser'"'"'s dump, restored by an ordinary role'
# What he has restored, he dumps and restores again.
pg_dump -U "$other" -Fc -f "$work/again" "$new" && fresh "$other" && pg_restore --exit-on-error -U "$other" --no-owner -d "$new" "$work/again" 2>"$work/log"
shows $? "$work/log" && same_models "$new" && is "$(names "$new" | grep -c '(nobody)')" 4
ok $? '.. and dumped and restored by him again: no query has found itself a role on the way'
# A role that may read all data makes backups.
sql -c "GRANT pg_read_all_data TO $late" && pg_dump -U "$late" -Fc -f "$work/backup" "$db" && fresh "$owner" && pg_restore --exit-on-error -d "$new" "$work/backup" 2>"$work/log"
shows $? "$work/log" && is "$(names "$new")" "$after" && same_models "$new"
ok $? 'a member of pg_read_all_data dumps'

# ---- where roles are missing ----

sql -c "DROP OWNED BY $alice" -c "REVOKE $alice FROM $other" -c "DROP ROLE $alice"
fresh "$owner" && pg_restore --exit-on-error --no-owner --no-acl -d "$new" "$work/custom" 2>"$work/log"
shows $? "$work/log" && same_models "$new" && is "$(names "$new" | grep '|t|' | cut -d'|' -f 1-6)" 'alices|1|t|(nobody)|bob|(nobody)
orphan|1|t|(nobody)|bob|(nobody)
owners|2|t|owner|public|owner
stored|1|t|postgres||postgres'
ok $? 'a superuser restores where a role is missing: its models are nobody'"'"'s, and kept'
is "$(sql -d "$new" -U "$bob" -c "SELECT iforest_score('alices', 50.0) > 0")" t
ok $? '.. and score for their readers'
sql -d "$new" -c "SELECT iforest_set_owner('alices', '$owner')" -c "ALTER TABLE t OWNER TO $owner" >/dev/null &&
	is "$(sql -d "$new" -c "SELECT status FROM iforest_refit('alices', gate => '{\"min_agreement\": -1}')")" activated
ok $? '.. a superuser gives them to another'

# ---- dumps edited by hand ----

# The number of a role, and the name of one who never made a model.
number=$(sql -c "SELECT '$owner'::regrole::oid")
edit() { # OWNER
	sed "/^COPY public.iforest_registry/,/^\\\\\\.\$/ s/restore_alice_$$/$1/
		/^COPY public.iforest_versions/,/^\\\\\\.\$/ s/restore_alice_$$/$1/" "$work/plain" >"$work/edited"
	! cmp -s "$work/plain" "$work/edited"
}
edit "$number" && fresh "$owner" && sql -d "$new" -f "$work/edited" >"$work/log" 2>&1
shows $? "$work/log" && same_models "$new" && is "$(names "$new" | grep '^alices|1' | cut -d'|' -f 4,6)" '(nobody)|(nobody)'
ok $? 'the number of a role in place of a name is nobody'"'"'s name, for a superuser'
edit postgres && fresh "$owner" && sql -U "$owner" -d "$new" -f "$work/edited" >"$work/log" 2>&1
shows $? "$work/log" && is "$(names "$new" | grep '^alices|1' | cut -d'|' -f 4,6)" 'owner|(nobody)'
ok $? 'the name of a superuser does not make one of who restores it'
is "$(sql -d "$new" -c "SELECT status FROM iforest_refit('alices')" 2>/dev/null)" failed
ok $? '.. and the query does not run, not for a superuser either'
edit "$late" && fresh "$owner" && sql -U "$owner" -d "$new" -f "$work/edited" >"$work/log" 2>&1
shows $? "$work/log" && is "$(names "$new" | grep '^alices|1' | cut -d'|' -f 4,6)" 'owner|(nobody)'
ok $? 'nor does the name of anybody else'
# A version under a name that is somebody else's.
fresh "$owner" && sql -d "$new" -c 'CREATE EXTENSION iforest' -c "SET ROLE $late" -c "SELECT iforest_fit('lates', 'SELECT 1 AS amount')" >/dev/null &&
	printf '%s\n' 'COPY iforest_versions (id, version, model, runs_as) FROM stdin;' "$(sql -d "$new" -c 'SELECT id FROM iforest_registry')	2	\\\\x	$late" '\.' | sql -U "$owner" -d "$new" >"$work/log" 2>&1
is "$? $(grep -c 'permission denied for model "lates"' "$work/log")" '3 1'
ok $? 'versions for a name of another role are refused'

# ---- tables whose rows depend on a model by name ----

# A CHECK that asks for a model by name is asked while the models are not there
# yet. The same said by a trigger, or of the model's bytes, is not.
sql -d "$db" >/dev/null <<-SQL || exit 1
	CREATE TABLE aaa_by_trigger (amount float8);
	CREATE FUNCTION refuse_outliers() RETURNS trigger LANGUAGE plpgsql AS \$\$
	BEGIN
		IF iforest_score('owners', NEW.amount) >= 0.99 THEN RAISE check_violation; END IF;
		RETURN NEW;
	END \$\$;
	CREATE TRIGGER refuse_outliers BEFORE INSERT OR UPDATE ON aaa_by_trigger FOR EACH ROW EXECUTE FUNCTION refuse_outliers();
	INSERT INTO aaa_by_trigger SELECT amount FROM t;
	DO \$\$
	BEGIN
		EXECUTE format('CREATE TABLE aaa_by_bytes (amount float8 CHECK (iforest_score(%L::bytea, amount) < 0.99), score float8 GENERATED ALWAYS AS (iforest_score(%1\$L::bytea, amount)) STORED)',
					   iforest_model('owners'));
	END \$\$;
	INSERT INTO aaa_by_bytes SELECT amount FROM t;
	CREATE TABLE aaa_not_valid (amount float8);
	ALTER TABLE aaa_not_valid ADD CONSTRAINT usual CHECK (iforest_score('owners', amount) < 0.99) NOT VALID;
	INSERT INTO aaa_not_valid SELECT amount FROM t;
	CREATE TABLE aaa_by_name (amount float8 CHECK (iforest_score('owners', amount) < 0.99));
	INSERT INTO aaa_by_name SELECT amount FROM t;
SQL
counts() { sql -d "$new" -c 'SELECT (SELECT count(*) FROM aaa_by_trigger), (SELECT count(*) FROM aaa_by_bytes), (SELECT count(*) FROM aaa_not_valid), (SELECT count(*) FROM aaa_by_name)'; }
pg_dump -Fd -j 2 -f "$work/checks" "$db" && fresh "$owner" && pg_restore -d "$new" "$work/checks" 2>"$work/log"
is "$? $(counts)" '1 500|500|500|0' && is "$(grep -c 'COPY failed for table "aaa_by_name": ERROR:  model "owners" does not exist' "$work/log")" 1
ok $? 'rows under a trigger, a CHECK of bytes and one that is NOT VALID are restored; under a CHECK of a name not'
pg_restore --data-only -t aaa_by_name -d "$new" "$work/checks" 2>"$work/log"
shows $? "$work/log" && is "$(counts)" '500|500|500|500'
ok $? '.. but by a second pg_restore --data-only'
fresh "$owner" && pg_restore -j 2 -d "$new" "$work/checks" 2>"$work/log"
is "$(counts | cut -d'|' -f 1-3)" '500|500|500'
ok $? 'all but that also with -j 2'

echo "1..$n"
