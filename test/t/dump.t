#!/bin/sh
# Models in tables, with all that depends on them, survive pg_dump and restore,
# also into a database of another encoding.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
from=dump_from_$$ to=dump_to_$$
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"; for d in $from ${to}_1 ${to}_2 ${to}_3; do dropdb --if-exists --force $d; done 2>/dev/null' EXIT
. "$IFOREST_SRC/test/lib/assert.sh"

echo 1..11
createdb "$from" || exit 1
sql -d "$from" <<-'SQL' || exit 1
	CREATE EXTENSION iforest;
	CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
	CREATE TABLE t (id int PRIMARY KEY, amount float8, day date, m mood, land text);
	INSERT INTO t SELECT i, i * i % 101, date '2024-01-01' + i % 300, (enum_range(NULL::mood))[1 + i % 3],
						 CASE WHEN i % 7 > 0 THEN 'l' || U&'\00E9' || i % 5 END
	FROM generate_series(1, 500) i;
	CREATE TABLE models (name text PRIMARY KEY, model bytea NOT NULL CHECK (iforest_is_valid(model)));
	ALTER TABLE models ALTER model SET STORAGE EXTERNAL;
	INSERT INTO models SELECT 'columns', iforest_train(amount, day, m, land) FROM t;
	INSERT INTO models SELECT 'row', iforest_train(t) FROM t;
	INSERT INTO models SELECT 'merged', iforest_merge(model)
	FROM (SELECT iforest_train(amount, day, m, land) AS model FROM t GROUP BY id % 3) s;
	INSERT INTO models SELECT 'generator', iforest_train(iforest_options(generator => 'vae', generator_steps => 50), amount, day, m, land) FROM t;
	CREATE FUNCTION unusual(amount float8, day date, m mood, land text) RETURNS float8 LANGUAGE sql IMMUTABLE
	RETURN (SELECT iforest_score(model, amount, day, m, land) FROM models WHERE name = 'columns');
	DO $do$ BEGIN
		EXECUTE (SELECT format('CREATE FUNCTION indexed(amount float8, day date, m mood, land text) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS '
			'$$ BEGIN RETURN public.iforest_score(%L::bytea, amount, day, m, land); END $$', model) FROM models WHERE name = 'columns');
	END $do$;
	CREATE INDEX by_score ON t (indexed(amount, day, m, land));
	CREATE VIEW scored AS
	SELECT name, id, iforest_score(model, amount, day, m, land) AS score,
		   iforest_percent_rank(model, amount, day, m, land) AS rank
	FROM t, models WHERE name <> 'row'
	UNION ALL SELECT name, id, iforest_score(model, t), iforest_percent_rank(model, t) FROM t, models WHERE name = 'row';
	SQL
sql -d "$from" -c 'SELECT name, id, score::text, rank::text FROM scored ORDER BY 1, 2' >"$work/scores" || exit 1
made="SELECT s FROM models, iforest_sample(model, 100, NULL::t, 1) s WHERE name = 'generator'"
PGCLIENTENCODING=UTF8 sql -d "$from" -c "$made" >"$work/made" || exit 1
ok "$([ "$(sort -u -t'|' -k3,3 "$work/scores" | wc -l)" -gt 300 ]; echo $?)" 'models score the rows before'

pg_dump -Fc -f "$work/dump" "$from" && createdb "${to}_1" && pg_restore --exit-on-error -d "${to}_1" "$work/dump"
ok $? 'pg_dump and pg_restore'
sql -d "${to}_1" -c 'SELECT name, id, score::text, rank::text FROM scored ORDER BY 1, 2' | diff -q "$work/scores" - >&2
ok $? 'the same scores and ranks'
sql -d "${to}_1" -c 'SELECT name, md5(model) FROM models ORDER BY 1' >"$work/md5"
sql -d "$from" -c 'SELECT name, md5(model) FROM models ORDER BY 1' | diff -q "$work/md5" - >&2
ok $? 'the same bytes'
[ -s "$work/made" ] && PGCLIENTENCODING=UTF8 sql -d "${to}_1" -c "$made" | diff -q "$work/made" - >&2
ok $? 'a generator makes the same rows'

[ "$(sql -d "${to}_1" -c 'SET enable_seqscan = off; SET enable_sort = off' \
	-c "SELECT bool_and(i.id = s.id) FROM (SELECT id, row_number() OVER () AS n FROM (SELECT id FROM t ORDER BY indexed(amount, day, m, land), id) a) i
		JOIN (SELECT id, row_number() OVER () AS n FROM (SELECT id FROM t ORDER BY iforest_score((SELECT model FROM models WHERE name = 'columns'), amount, day, m, land), id) b) s USING (n)")" = t ]
ok $? 'an index on the score'

# Plain SQL, and another encoding.
pg_dump "$from" >"$work/dump.sql" && createdb -T template0 -E LATIN1 --locale=C "${to}_2" &&
	sql -d "${to}_2" -f "$work/dump.sql" >/dev/null
ok $? 'a dump in SQL, into a database in LATIN1'
sql -d "${to}_2" -c 'SELECT name, id, score::text, rank::text FROM scored ORDER BY 1, 2' | diff -q "$work/scores" - >&2
ok $? 'all rows score the same in LATIN1, with accents and without'
PGCLIENTENCODING=UTF8 sql -d "${to}_2" -c "$made" | diff -q "$work/made" - >&2
ok $? 'a generator makes the same rows in LATIN1'

# Binary COPY, as a client would move models.
createdb "${to}_3" && sql -d "${to}_3" -c 'CREATE EXTENSION iforest; CREATE TABLE models (name text, model bytea)' &&
	sql -d "$from" -c 'COPY models TO STDOUT (FORMAT binary)' | sql -d "${to}_3" -c 'COPY models FROM STDIN (FORMAT binary)' &&
	sql -d "${to}_3" -c 'SELECT name, md5(model) FROM models ORDER BY 1' | diff -q "$work/md5" - >&2
ok $? 'COPY in binary'

# What the extension's own dump is: CREATE EXTENSION, and no object of it.
grep -c 'iforest_score(model bytea\|CREATE AGGREGATE' "$work/dump.sql" | grep -qx 0 && grep -q 'CREATE EXTENSION IF NOT EXISTS iforest' "$work/dump.sql"
ok $? 'the dump creates the extension, not its objects'
