#!/bin/sh
# Models between databases of different encodings: text stays the same text,
# and one training makes one model.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
db=encoding_$$
work=$(mktemp -d) || exit 1
databases="utf8 latin1 euc_jp sql_ascii"
trap 'rm -rf "$work"; for d in $databases; do dropdb --if-exists --force ${db}_$d; done 2>/dev/null' EXIT
. "$IFOREST_SRC/test/lib/assert.sh"
PGCLIENTENCODING=UTF8
export PGCLIENTENCODING
in_db() { name=${db}_$1; shift; sql -d "$name" "$@"; }

for d in $databases; do
	createdb -T template0 -E "$d" --locale=C "${db}_$d" &&
		in_db "$d" -c 'CREATE EXTENSION iforest; CREATE TABLE models (name text, model bytea)' || exit 1
done

# Columns and values with accents, as UTF8 and LATIN1 both have them.
west="CREATE TYPE land AS ENUM ('fjärr', 'nära');
	CREATE TABLE west AS SELECT id, id * id % 101 AS \"größe\", 'l' || (ARRAY['é', 'ü', 'a', 'ß', 'ÿ'])[1 + id % 5] AS ort,
		(ARRAY['fjärr', 'nära'])[1 + (id % 9 = 0)::int]::land AS \"où\" FROM generate_series(1, 300) id;
	INSERT INTO models SELECT 'west', iforest_train(iforest_options(seed => 1), w) FROM (SELECT \"größe\", ort, \"où\" FROM west) w"
scores="SELECT id, iforest_score(model, w)::text FROM west w, models WHERE name = 'west' ORDER BY id"
for d in utf8 latin1; do
	in_db $d -c "$west" && in_db $d -c "$scores" >"$work/scores_$d" && in_db $d -c "SELECT md5(model), iforest_to_json(model) FROM models" >"$work/md5_$d"
done
cmp -s "$work/md5_utf8" "$work/md5_latin1"
ok $? 'the same training makes the same model, byte for byte, and the same document'
cmp -s "$work/scores_utf8" "$work/scores_latin1" && [ "$(cut -d'|' -f2 "$work/scores_utf8" | sort -u | wc -l)" -gt 100 ]
ok $? '.. and the same scores'
is() { [ "$1" = "$2" ] || { echo "#   got: $1"; return 1; }; }
is "$(in_db latin1 -c "SELECT string_agg(f.name || ' ' || array_to_string(categories, ','), '; ') FROM models, iforest_features(model) f WHERE type <> 'int4'")" \
	'ort la,lß,lé,lü,lÿ; où fjärr,nära'
ok $? '.. whose features are shown as they are called'
is "$(in_db latin1 -c "SELECT iforest_from_json(iforest_to_json(model)) = model FROM models")" t
ok $? '.. which goes out and back'
in_db latin1 -c "SET jit = off" -c "DO \$\$ DECLARE bad bigint; BEGIN
	EXECUTE (SELECT format('SELECT count(*) FROM west w, models WHERE abs(%s - iforest_score(model, w)) > 1e-12', iforest_to_sql(model)) FROM models) INTO bad;
	ASSERT bad = 0; END \$\$"
ok $? '.. and is the same as an SQL expression'
is "$(in_db latin1 -c "SELECT bool_and(r.ort ~ '^l[éüaßÿ]\$') AND count(DISTINCT ort) = 5 FROM models, iforest_sample(model, 200, NULL::west, 1) r")" t
ok $? '.. and makes rows that have its text'

# Bytes that would be that text in another encoding are not that text.
is "$(in_db latin1 -c "SELECT iforest_score(model, 7, 'lÃ©', 'nära') = iforest_score(model, 7, 'unseen', 'nära') FROM models")" t
ok $? 'what merely has the same bytes is a value never seen'

# What an encoding lacks is nothing that its text could be.
east="INSERT INTO models SELECT 'east', iforest_train(iforest_options(seed => 1), ort, i) FROM (SELECT (ARRAY['東京', '大阪', 'a'])[1 + i % 3] AS ort, i FROM generate_series(1, 200) i) s"
in_db utf8 -c "$east" && in_db euc_jp -c "$east"
for d in utf8 euc_jp; do in_db $d -c "SELECT md5(model) FROM models WHERE name = 'east'" >"$work/east_$d"; done
cmp -s "$work/east_utf8" "$work/east_euc_jp"
ok $? 'a model of Japanese text is the same in UTF8 and EUC_JP'
in_db utf8 -c "INSERT INTO models SELECT 'euro', iforest_train(iforest_options(seed => 1, feature_names => '{ort,i}'), ort, i) FROM (SELECT (ARRAY['é', '€', 'a'])[1 + i % 3] AS ort, i FROM generate_series(1, 200) i) s"
in_db utf8 -c "SELECT iforest_score(model, 'é', 5)::text, iforest_score(model, 'a', 5)::text, iforest_score(model, 'unseen', 5)::text FROM models WHERE name = 'euro'" >"$work/euro"
in_db utf8 -c "COPY (SELECT * FROM models WHERE name = 'euro') TO STDOUT (FORMAT binary)" | in_db latin1 -c 'COPY models FROM STDIN (FORMAT binary)'
in_db latin1 -c "SELECT iforest_score(model, 'é', 5)::text, iforest_score(model, 'a', 5)::text, iforest_score(model, 'â¬', 5)::text FROM models WHERE name = 'euro'" | cmp -s - "$work/euro"
ok $? 'of a model with a euro sign, LATIN1 finds all other categories'
is "$(in_db latin1 -c "SELECT categories FROM models, iforest_features(model) f WHERE models.name = 'euro' AND f.name = 'ort'")" '{a,"\\xe282ac",é}'
ok $? '.. and shows that one as bytes'
for call in 'iforest_to_json(model)' 'iforest_to_sql(model)' "(SELECT count(*) FROM iforest_sample(model, 100, NULL::record, 1) AS (ort text, i int))"; do
	in_db latin1 -c "SELECT $call FROM models WHERE name = 'euro'" >"$work/log" 2>&1
	grep -q "not text in this database's encoding, LATIN1" "$work/log"
	ok $? ".. and does without only where it can: $call"
done

# SQL_ASCII takes text for bytes.
in_db sql_ascii -c "$west" -c "SELECT md5(model) FROM models WHERE name = 'west'" | cut -d'|' -f1 >"$work/ascii"
cut -d'|' -f1 "$work/md5_utf8" | cmp -s - "$work/ascii"
ok $? 'UTF8 text in SQL_ASCII makes the model that it makes in UTF8'
PGCLIENTENCODING=SQL_ASCII in_db sql_ascii -c "INSERT INTO models SELECT 'bytes', iforest_train(iforest_options(seed => 1), ort, i) FROM (SELECT (ARRAY[E'\\xe9', 'a'])[1 + i % 2] AS ort, i FROM generate_series(1, 200) i) s"
PGCLIENTENCODING=SQL_ASCII in_db sql_ascii -c "COPY (SELECT * FROM models WHERE name = 'bytes') TO STDOUT (FORMAT binary)" >"$work/bytes"
for d in latin1 utf8; do in_db $d -c 'COPY models FROM STDIN (FORMAT binary)' <"$work/bytes"; done
is "$(in_db latin1 -c "SELECT iforest_score(model, 'é', 5) <> iforest_score(model, 'unseen', 5) FROM models WHERE name = 'bytes'")" t
ok $? 'LATIN1 text in SQL_ASCII is that text in LATIN1'
is "$(in_db utf8 -c "SELECT iforest_score(model, 'é', 5) = iforest_score(model, 'unseen', 5) FROM models WHERE name = 'bytes'")" t
ok $? '.. and none in UTF8'
is "$(PGCLIENTENCODING=SQL_ASCII in_db sql_ascii -c "SELECT iforest_plot(model, ort, i) LIKE '%>&#xfffd;</text>%' FROM models, (SELECT (ARRAY[E'\\xe9', 'a'])[1 + i % 2] AS ort, i FROM generate_series(1, 200) i) s WHERE name = 'bytes'")" t
ok $? '.. and a picture has a mark in its place'
echo "1..$n"
